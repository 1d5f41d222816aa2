"""`oncall-tui call list|show|correct|export`: the log of calls."""

from __future__ import annotations

import sys
from argparse import ArgumentTypeError
from typing import TYPE_CHECKING

from oncall_tui.cli.parser import Commands, Parser, add_command
from oncall_tui.domain.errors import BadInput

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Iterator, Sequence
    from datetime import datetime
    from zoneinfo import ZoneInfo

    from oncall_tui.cli.context import Context
    from oncall_tui.desk import Desk
    from oncall_tui.desk.call_log import CallLogDesk
    from oncall_tui.domain.call_filters import CallFilter
    from oncall_tui.domain.call_log import CallDetail, Field, LogLine

_FILTER = "what fits only, like: language:fr decision:refused engineer:me day:today acme"
_MOST = 2**31 - 1


def add_list(acts: Commands[Parser]) -> None:
    """Declare `call list`."""
    shown = add_command(
        acts,
        "list",
        list_calls,
        help="list the calls, open ones first, then the newest first",
        example='oncall-tui call list --since 2026-03-27T00:00 --filter "decision:refused language:fr"',
    )
    _add_range(shown)
    shown.add_argument("--limit", type=_limit, metavar="N", help="the newest N only")


def add_show(acts: Commands[Parser]) -> None:
    """Declare `call show`."""
    shown = add_command(
        acts,
        "show",
        show,
        help="print a call, every step of it, and its record with all corrections",
        example="oncall-tui call show C-000042",
    )
    shown.add_argument("ref", metavar="REF", help="the call's reference")


def add_correct(acts: Commands[Parser]) -> None:
    """Declare `call correct`."""
    correct_ = add_command(
        acts,
        "correct",
        correct,
        help="correct the record of a call; what was recorded before stays",
        example='oncall-tui call correct C-000042 --language it --why "misheard"',
        acts=True,
    )
    correct_.add_argument("ref", metavar="REF", help="the call's reference")
    correct_.add_argument("--language", metavar="CODE", help="fr, en or another one; that it came in")
    correct_.add_argument("--reason", metavar="R", help="why it was refused, such as not_infrastructure")
    correct_.add_argument("--person", metavar="NAME", help="who called")
    correct_.add_argument("--service", metavar="NAME", help="the service that it was about")
    correct_.add_argument("--summary", metavar="TEXT", help="what happened")
    correct_.add_argument("--why", required=True, metavar="TEXT", help="why it is corrected")


def add_export(acts: Commands[Parser]) -> None:
    """Declare `call export`."""
    export_ = add_command(
        acts,
        "export",
        export,
        help="write the log into a new file, for its owner's eyes only",
        example="oncall-tui call export calls.csv --since 2026-03-01T00:00",
    )
    export_.add_argument("file", metavar="FILE", help=".csv or .jsonl; - prints JSONL")
    _add_range(export_)


def _add_range(parser: Parser) -> None:
    parser.add_argument("--since", metavar="T", help="those that rang from this instant on")
    parser.add_argument("--until", metavar="T", help="those that rang before this instant")
    parser.add_argument("--filter", default="", metavar="TEXT", help=_FILTER)


def list_calls(args: Namespace, context: Context) -> int:
    """Print the calls that are asked for, as of `--now` where it is given."""
    from oncall_tui.cli.output import print_json, terminal_width
    from oncall_tui.domain.call_export import FIELDS, as_facts

    wanted = _filter(args)
    with context.desk(read_only=True) as desk:
        found = list(_found(_log(desk, context), args, context, wanted))
    if args.json:
        facts = [as_facts(line, context.zone) for line in found]
        print_json([{name: each[name] for name in FIELDS} for each in facts])
    elif not found:
        print("no calls", file=sys.stderr)
    else:
        print(*lines(found, context.zone, terminal_width()), sep="\n")
    return 0


def _found(log: CallLogDesk, args: Namespace, context: Context, wanted: CallFilter) -> Iterator[LogLine]:
    since = None if args.since is None else context.instant(args.since)
    until = None if args.until is None else context.instant(args.until)
    if args.limit is None:
        found: list[LogLine] = []
        yield from log.page(wanted, limit=1, since=since, until=until).open
        log.export(wanted, found.extend, since=since, until=until)
        yield from found
    else:
        page = log.page(wanted, limit=args.limit, since=since, until=until)
        yield from (*page.open, *page.lines)[: args.limit]


def show(args: Namespace, context: Context) -> int:
    """Print one call, as of `--now` where it is given."""
    from oncall_tui.cli.output import print_json

    with context.desk(read_only=True) as desk:
        detail = _log(desk, context).detail(args.ref)
    if args.json:
        print_json(_detail_as_json(detail, context.zone))
    else:
        print(*_detail_lines(detail, context.zone), sep="\n")
    return 0


def correct(args: Namespace, context: Context) -> int:
    """Correct the record of a call and print the call as it stands then."""
    from oncall_tui.domain.call_log import Field

    given = {field: getattr(args, field.value) for field in Field}
    changes: dict[Field, str] = {field: text for field, text in given.items() if text is not None}
    if not changes:
        options = ", ".join(f"--{field.value}" for field in Field)
        raise BadInput("nothing is corrected", hint=f"give one of {options}", title="Usage")
    with context.desk() as desk:
        desk.call_log.correct(args.ref, changes, args.why)
        detail = desk.call_log.detail(args.ref)
    from oncall_tui.cli.output import print_json

    if args.json:
        print_json(_detail_as_json(detail, context.zone))
    else:
        print(f"{detail.line.call.ref} is corrected; the record before stays")
    return 0


def export(args: Namespace, context: Context) -> int:
    """Write the calls that are asked for into a new file, or print them as JSONL."""
    from pathlib import Path

    from oncall_tui.cli.output import print_json
    from oncall_tui.cli.progress import bar

    wanted = _filter(args)
    since = None if args.since is None else context.instant(args.since)
    until = None if args.until is None else context.instant(args.until)
    with context.desk(read_only=True) as desk:
        log = _log(desk, context)
        if args.file == "-":
            _print_jsonl(log, wanted, context, since=since, until=until)
            return 0
        from oncall_tui.desk.call_files import export_file

        with bar("calls") as progress:
            done = export_file(log, Path(args.file), wanted, since=since, until=until, progress=progress)
    if args.json:
        print_json({"file": args.file, "calls": done})
    else:
        print(f"{done} {'call' if done == 1 else 'calls'} in {args.file}")
    return 0


def _print_jsonl(
    log: CallLogDesk,
    wanted: CallFilter,
    context: Context,
    *,
    since: datetime | None,
    until: datetime | None,
) -> None:
    from oncall_tui.domain.call_export import jsonl

    def put(found: Sequence[LogLine]) -> None:
        # JSON is UTF-8 by its definition, whatever the terminal speaks.
        sys.stdout.flush()
        sys.stdout.buffer.write(jsonl(found, context.zone).encode())

    log.export(wanted, put, since=since, until=until)


def lines(found: Sequence[LogLine], zone: ZoneInfo, width: int | None) -> list[str]:
    """Return the calls as a table of at most `width` columns (None: as wide as it wants to be)."""
    from oncall_tui.cli.output import Column, table
    from oncall_tui.domain.call_words import outcome

    columns = (
        Column("CALL", drop=2),
        Column("RANG"),
        Column("WHO", least=12),
        Column("CALLER", least=8, drop=5),
        Column("LANG", drop=1),
        Column("OUTCOME", least=10),
        Column("ENGINEER", least=6, drop=3),
        Column("TICKET", drop=4),
    )
    rows = [
        (
            line.call.ref,
            f"{line.call.rang_at.astimezone(zone):%Y-%m-%d %H:%M:%S}",
            line.known.customer_name or line.call.number or "–",
            line.known.person or "–",
            line.known.language or "–",
            ", ".join(filter(None, (outcome(line), line.reason.label if line.reason else ""))),
            line.operator or "–",
            (line.record.ticket if line.record else "") or "–",
        )
        for line in found
    ]
    return table(columns, rows, width)


def _detail_as_json(detail: CallDetail, zone: ZoneInfo) -> dict[str, object]:
    from oncall_tui.cli.output import stamp
    from oncall_tui.domain.call_export import FIELDS, as_facts
    from oncall_tui.domain.call_log import Field, value_of

    facts = as_facts(detail.line, zone)
    return {
        **{name: facts[name] for name in FIELDS},
        "steps": [
            {
                "at": stamp(step.at, zone),
                "operator": step.operator,
                "step": step.step.value,
                "value": dict(step.value),
            }
            for step in detail.steps
        ],
        "corrections": [
            {
                "at": stamp(record.at, zone),
                "operator": record.corrected_by or None,
                "why": record.why,
                **{field.value: value_of(record, field) or None for field in Field},
            }
            for record in detail.records[1:]
        ],
    }


def _detail_lines(detail: CallDetail, zone: ZoneInfo) -> Iterator[str]:
    from oncall_tui.cli.output import moment
    from oncall_tui.domain.call_export import FIELDS, as_facts
    from oncall_tui.domain.call_words import STEPS, parts_of

    facts = as_facts(detail.line, zone)
    for name in FIELDS:
        value = facts[name]
        if isinstance(value, dict):
            yield from (f"{f'{name} {language}':<16}{text}" for language, text in value.items())
        elif value is not None and value != "":
            told = {True: "yes", False: "no"}[value] if isinstance(value, bool) else value
            yield f"{name:<16}{told}"
    yield ""
    for step in detail.steps:
        said = ", ".join(part.text for part in parts_of(step))
        yield f"{moment(step.at, zone)}  {step.operator:<10}  {STEPS[step.step]}{': ' if said else ''}{said}"


def _filter(args: Namespace) -> CallFilter:
    from oncall_tui.domain.call_filters import CallFilter

    return CallFilter.parse(args.filter)


def _log(desk: Desk, context: Context) -> CallLogDesk:
    from dataclasses import replace

    return replace(desk.call_log, as_of=context.as_of)


def _limit(text: str) -> int:
    if not text.isascii() or not text.isdecimal() or not 1 <= int(text) <= _MOST:
        raise ArgumentTypeError(f"{text[:20]!r} is no whole number from 1")
    return int(text)
