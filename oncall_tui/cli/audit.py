"""`oncall-tui audit`: what was done, by whom, and whether somebody has meddled with the record of it."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from oncall_tui.cli.parser import Commands, Parser, add_command
from oncall_tui.domain.errors import BadInput

if TYPE_CHECKING:
    from argparse import Namespace
    from zoneinfo import ZoneInfo

    from oncall_tui.cli.context import Context
    from oncall_tui.desk import Desk
    from oncall_tui.domain.audit import AuditEntry, AuditFilter, AuditReport

USUAL = 50
"""Entries that are listed unless another number is asked for."""

_HEAD = re.compile(r"(\d{1,18}):([0-9a-f]{8,64})", re.ASCII)


def add_parser(commands: Commands[Parser]) -> None:
    """Declare the command and its two parts."""
    group = commands.add_parser(
        "audit",
        help="list what was done, and verify that the record is whole",
        description="List what was done, and verify that no entry was changed, removed, put in or moved.",
        epilog="example: oncall-tui audit list --since 2026-03-27T00:00 --outcome no_match",
    )
    group.set_defaults(parser=group)
    parts: Commands[Parser] = group.add_subparsers(metavar="PART", title="parts", dest="part", required=True)
    listing = add_command(
        parts,
        "list",
        run_list,
        help="list entries, the newest last",
        example="oncall-tui audit list --by Léa --customer leman",
    )
    listing.add_argument("--since", metavar="T", help="from this instant on")
    listing.add_argument("--until", metavar="T", help="before this instant")
    listing.add_argument("--by", metavar="NAME", help="what this engineer did")
    listing.add_argument("--customer", metavar="ID", help="what concerns this organisation")
    listing.add_argument("--act", metavar="ACT", help='acts of this kind, like "take" or "look up code"')
    listing.add_argument(
        "--outcome", metavar="O", help="what came out so: done, verified, match, no_match, revoked, wait …"
    )
    listing.add_argument(
        "--limit", type=int, default=USUAL, metavar="N", help=f"the last N; {USUAL} if not given"
    )
    verify = add_command(
        parts,
        "verify",
        run_verify,
        help="verify every entry, and say which are wrong and how",
        example="oncall-tui audit verify --head 1234:9f2c01ab77d0e1c3",
    )
    verify.add_argument(
        "--head", metavar="ID:SEAL", help="what an earlier run printed: finds a database that was put back"
    )
    verify.add_argument(
        "--allow-keyless",
        action="store_true",
        help="let entries that were written without the key pass",
    )


def run_list(args: Namespace, context: Context) -> int:
    """Print entries."""
    from oncall_tui.cli.output import Column, print_json, table, terminal_width

    if args.limit < 1:
        raise BadInput(f"--limit {args.limit} is not allowed", hint="allowed: 1 and more", title="Usage")
    wanted = _wanted(args, context)
    with context.desk(read_only=True) as desk:
        found = desk.audit.entries(wanted, args.limit)
    if args.json:
        print_json([_as_json(entry, context.zone) for entry in found])
        return 0
    if not found:
        print("there are no such entries")
        return 0
    columns = (
        Column("NO", right=True, drop=1),
        Column("WHEN"),
        Column("WHO", least=6),
        Column("WHERE", least=6, drop=3),
        Column("ACT"),
        Column("WHAT", least=8),
        Column("CUSTOMER", least=6, drop=2),
        Column("OUTCOME"),
        Column("DETAIL", least=10, drop=4),
    )
    rows = [_row(entry, context.zone) for entry in found]
    print(*table(columns, rows, terminal_width()), sep="\n")
    return 0


def run_verify(args: Namespace, context: Context) -> int:
    """Verify the audit. 0 where it is whole, 1 where it isn't or where nothing proves who wrote a part."""
    from oncall_tui.cli.output import print_json

    noted = _noted(args.head)
    with context.desk(read_only=True) as desk, _bar(desk) as progress:
        report = desk.audit.verify(noted, progress)
    proven = report.unbroken and (args.allow_keyless or not report.keyless)
    if args.json:
        print_json(
            {
                "ok": proven,
                "entries": report.entries,
                "findings": [{"id": found.id or None, "what": found.what} for found in report.findings],
                "more_findings": report.more,
                "head": report.head or None,
                "before_key": report.before_key,
                "keyless": report.keyless,
            }
        )
    else:
        print(*_report_lines(report, proven=proven), sep="\n")
    return 0 if proven else 1


def _wanted(args: Namespace, context: Context) -> AuditFilter:
    from oncall_tui.domain.audit import AuditFilter

    return AuditFilter(
        since=None if args.since is None else context.instant(args.since),
        until=context.as_of if args.until is None else context.instant(args.until),
        operator=args.by,
        customer=args.customer,
        act=args.act,
        outcome=args.outcome,
    )


def _as_json(entry: AuditEntry, zone: ZoneInfo) -> dict[str, object]:
    from oncall_tui.cli.output import stamp

    return {
        "id": entry.id,
        "at": stamp(entry.at, zone),
        "operator": entry.operator,
        "workstation": entry.workstation,
        "act": entry.act,
        "subject": entry.subject,
        "customer": entry.customer or None,
        "outcome": entry.outcome or None,
        "detail": dict(entry.detail),
    }


def _row(entry: AuditEntry, zone: ZoneInfo) -> tuple[str, ...]:
    local = entry.at.astimezone(zone)
    detail = ", ".join(f"{name} {value}" for name, value in entry.detail.items())
    return (
        str(entry.id),
        f"{local:%d %b %Y %H:%M:%S}",
        entry.operator,
        entry.workstation,
        entry.act,
        entry.subject,
        entry.customer or "–",
        entry.outcome or "–",
        detail,
    )


def _noted(text: str | None) -> tuple[int, str] | None:
    if text is None:
        return None
    match = _HEAD.fullmatch(text.strip().lower())
    if match is None:
        raise BadInput(
            f"--head {text[:40]!r} is no head of the audit",
            hint="allowed: what audit verify printed, like 1234:9f2c01ab77d0e1c3",
            title="Usage",
        )
    return int(match[1]), match[2]


def _report_lines(report: AuditReport, *, proven: bool) -> list[str]:
    lines = [finding.what for finding in report.findings]
    if report.more:
        lines.append(f"and {report.more} more")
    if report.keyless:
        those = (
            f"entry {report.first_keyless} was"
            if report.keyless == 1
            else f"{report.keyless} entries from {report.first_keyless} to {report.last_keyless} were"
        )
        lines.append(f"{those} written without the key: nothing proves by whom")
    if report.before_key:
        lines.append(f"{report.before_key} entries are from before there was a key")
    if report.unbroken:
        lines.append(f"{report.entries} entries, none changed, removed, put in or moved")
    else:
        lines.append(f"{report.entries} entries: the audit is not as it was written")
    if report.head and proven:
        lines.append(f"head {report.head}   keep it elsewhere, for --head")
    return lines


@contextmanager
def _bar(desk: Desk) -> Iterator[Callable[[int], None]]:
    """Show on a terminal how far the verification is."""
    if sys.stderr is None or not sys.stderr.isatty():
        yield lambda _done: None
        return
    from rich.console import Console
    from rich.progress import Progress

    with Progress(console=Console(stderr=True), transient=True) as shown:
        task = shown.add_task("verifying", total=max(desk.audit.count(), 1))
        yield lambda done: shown.update(task, completed=done)
