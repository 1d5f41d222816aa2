"""`oncall-tui import`: take in customers, tickets, guides and partners from a file, as often as you like."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from oncall_tui.cli.parser import Commands, Parser, add_command

if TYPE_CHECKING:
    from argparse import Namespace
    from zoneinfo import ZoneInfo

    from oncall_tui.cli.context import Context
    from oncall_tui.desk.imports import ImportDesk, ImportResult
    from oncall_tui.domain.records import Rejection
    from oncall_tui.sources.files import Columns, RecordFile

SHOWN = 5
"""Rejected rows that are told on stderr; the file beside the import has them all."""

_REASON = 300


def add_parser(commands: Commands[Parser]) -> None:
    """Declare the command and what it imports."""
    group = commands.add_parser(
        "import",
        help="take in customers, tickets, guides or partners from a file",
        description="Take in customers, tickets, guides or partners. What is known already is completed, "
        "never set back.",
        epilog="example: oncall-tui import tickets night.jsonl",
    )
    group.set_defaults(parser=group)
    kinds: Commands[Parser] = group.add_subparsers(metavar="KIND", title="kinds", dest="kind", required=True)
    for kind, help_ in (
        ("customers", "take in organisations with their plan, contacts and services, each by its id"),
        ("tickets", "take in requests, each by its ref; their customers come first"),
        ("guides", "take in guides, each by its url: title, language, text, tags"),
        (
            "partners",
            "take in partners for what is out of scope, each by its url: name, languages, text, tags",
        ),
    ):
        parser = add_command(
            kinds, kind, run, help=help_, example=f"oncall-tui import {kind} {kind}.csv", acts=True
        )
        parser.add_argument("file", metavar="FILE", help=".csv or .jsonl in UTF-8; - reads JSONL from stdin")
        parser.add_argument("--dry-run", action="store_true", help="only say what would become of the rows")


def run(args: Namespace, context: Context) -> int:
    """Import the file; 1 if a row was rejected, and where to find it."""
    from oncall_tui.cli.output import print_json
    from oncall_tui.sources.files import open_records
    from oncall_tui.sources.rejected import RejectedFile

    columns, take = _KINDS[args.kind]()
    with (
        open_records(args.file, columns) as file,
        context.desk(read_only=args.dry_run) as desk,
        RejectedFile(args.file) as rejected,
    ):
        first: list[Rejection] = []

        def reject(rejection: Rejection) -> None:
            rejected.add(rejection)
            if len(first) < SHOWN:
                first.append(rejection._replace(record=None))

        with _bar(args.file, file) as progress:
            options = {"source": args.file, "dry_run": args.dry_run, "rejected": reject, "progress": progress}
            result = take(desk.imports, file, context.zone, options)
    path = None if rejected.path is None else str(rejected.path)
    _tell_rejected(result.rejected, first, path)
    if args.json:
        print_json(asdict(result) | {"rejected_file": path})
    else:
        print(_summary(args.file, result, dry_run=args.dry_run))
    return 1 if result.rejected else 0


Options = dict[str, Any]
Take = Callable[["ImportDesk", "RecordFile", "ZoneInfo", Options], "ImportResult"]
"""Takes in the rows of a file."""


def _customers() -> tuple[Columns, Take]:
    from oncall_tui.sources.records import CUSTOMERS, read_customers

    return CUSTOMERS, lambda desk, file, zone, how: desk.customers(read_customers(file, zone), **how)


def _tickets() -> tuple[Columns, Take]:
    from oncall_tui.sources.records import TICKETS, read_tickets

    return TICKETS, lambda desk, file, zone, how: desk.tickets(read_tickets(file, zone), **how)


def _guides() -> tuple[Columns, Take]:
    from oncall_tui.domain.guides import GuideKind
    from oncall_tui.sources.records import GUIDES, read_guides

    kind = GuideKind.GUIDE
    return GUIDES, lambda desk, file, zone, how: desk.guides(read_guides(file, zone, kind), kind=kind, **how)


def _partners() -> tuple[Columns, Take]:
    from oncall_tui.domain.guides import GuideKind
    from oncall_tui.sources.records import PARTNERS, read_guides

    kind = GuideKind.PARTNER
    return PARTNERS, lambda desk, file, zone, how: desk.guides(
        read_guides(file, zone, kind), kind=kind, **how
    )


_KINDS: Mapping[str, Callable[[], tuple[Columns, Take]]] = {
    "customers": _customers,
    "tickets": _tickets,
    "guides": _guides,
    "partners": _partners,
}
"""What can be taken in, each with its columns and what takes it."""


@contextmanager
def _bar(name: str, file: RecordFile) -> Iterator[Callable[[ImportResult], None]]:
    """Show on a terminal how far the import is; yields what is to be told of each batch."""
    if sys.stderr is None or not sys.stderr.isatty():
        yield lambda _result: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

    rows = TextColumn("{task.fields[rows]} rows", markup=False)
    columns = (rows, BarColumn(), TaskProgressColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as shown:
        task = shown.add_task(name, total=file.size, rows=0)

        def told(result: ImportResult) -> None:
            shown.update(task, completed=file.bytes_read, rows=f"{result.read:,}")

        yield told


def _tell_rejected(count: int, first: list[Rejection], path: str | None) -> None:
    from oncall_tui.domain.text import clean

    if sys.stderr is None or not count:
        return
    for rejection in first:
        print(f"line {rejection.line}: {clean(rejection.reason, limit=_REASON)}", file=sys.stderr)
    if count > len(first):
        print(f"and {count - len(first)} more", file=sys.stderr)
    print(f"the rejected rows are in {clean(path or '', limit=_REASON)}", file=sys.stderr)


def _summary(name: str, result: ImportResult, *, dry_run: bool) -> str:
    from oncall_tui.domain.text import clean

    shown = "stdin" if name == "-" else clean(name, limit=_REASON)
    return (
        f"{shown}{', nothing stored yet (--dry-run)' if dry_run else ''}: {result.read} read, "
        f"{result.created} created, {result.updated} updated, {result.unchanged} unchanged, "
        f"{result.rejected} rejected"
    )
