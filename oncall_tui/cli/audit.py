"""`oncall-tui audit`: what was done and by whom, and whether the audit stands as it was written (R20)."""

from __future__ import annotations

import sys
from argparse import ArgumentTypeError
from typing import TYPE_CHECKING

from oncall_tui.cli.parser import Commands, Parser, add_command

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Iterator, Sequence
    from zoneinfo import ZoneInfo

    from oncall_tui.cli.context import Context
    from oncall_tui.domain.audit import AuditEntry, ChainReport, Wrong

_MOST = 2**31 - 1


def add_parser(commands: Commands[Parser]) -> None:
    """Declare the command and its acts."""
    group = commands.add_parser(
        "audit",
        help="read the audit, and verify that it is whole",
        description="Read the audit, and verify that it is whole.",
        epilog="example: oncall-tui audit verify",
    )
    group.set_defaults(parser=group)
    acts: Commands[Parser] = group.add_subparsers(metavar="ACT", title="acts", dest="verb", required=True)
    shown = add_command(
        acts,
        "list",
        list_entries,
        help="list what was done, the newest last",
        example="oncall-tui audit list --since 2026-03-27T00:00 --by Léa",
    )
    shown.add_argument("--since", metavar="T", help="from this instant on")
    shown.add_argument("--until", metavar="T", help="before this instant")
    shown.add_argument("--by", metavar="NAME", help="by this engineer only")
    shown.add_argument("--customer", metavar="ID", help="about this organisation only")
    shown.add_argument("--act", metavar="ACT", help="this act only, such as take or close")
    shown.add_argument("--outcome", metavar="O", help="with this outcome only, such as done")
    shown.add_argument("--limit", type=_limit, metavar="N", help="the newest N only")
    verify_ = add_command(
        acts,
        "verify",
        verify,
        help="find every entry that was changed, removed, inserted or moved",
        example="oncall-tui audit verify",
        acts=True,
    )
    verify_.add_argument(
        "--head",
        metavar="ID:SEAL",
        help="the last entry as an earlier audit verify printed it: it must still be there",
    )

    verify_.add_argument(
        "--allow-keyless", action="store_true", help="let entries that were written without the key pass"
    )


def list_entries(args: Namespace, context: Context) -> int:
    """Print the entries that are asked for, as of `--now` where it is given."""
    from oncall_tui.cli.output import print_json, terminal_width
    from oncall_tui.domain.audit import AuditFilter

    wanted = AuditFilter(
        since=None if args.since is None else context.instant(args.since),
        until=None if args.until is None else context.instant(args.until),
        operator=args.by,
        customer=args.customer,
        act=args.act,
        outcome=args.outcome,
    )
    as_of = context.as_of
    with context.desk(read_only=True) as desk:
        found = list(desk.audit.entries(wanted, limit=args.limit, as_of=as_of))
    if args.json:
        print_json([_as_json(entry, context.zone) for entry in found])
    elif not found:
        print("no entries", file=sys.stderr)
    else:
        print(*lines(found, context.zone, terminal_width()), sep="\n")
    return 0


def verify(args: Namespace, context: Context) -> int:
    """Verify the audit and say what is wrong with it, a line each; 1 if anything is.

    Entries without the key are wrong where there is one, unless they are allowed: they could stand in the
    place of others.
    """
    from oncall_tui.cli.output import print_json
    from oncall_tui.cli.progress import bar
    from oncall_tui.domain.audit import KeptHead

    kept = None if args.head is None else KeptHead.parse(args.head)
    with context.desk(read_only=True) as desk, bar("entries") as progress:
        report = desk.audit.verify(kept, progress)
    holds = report.holds and (args.allow_keyless or not (report.unsealed_after or report.never_sealed))
    if args.json:
        print_json(
            {
                "ok": holds,
                "entries": report.entries,
                "wrong": [{"from": one.first, "to": one.last, "what": one.what} for one in report.wrong],
                "more": report.more,
                "without_key_before": report.unsealed_before,
                "without_key_since": report.unsealed_after,
                "head": None if report.head is None else str(report.head),
            }
        )
    else:
        print(*_told(report), sep="\n")
    return 0 if holds else 1


def lines(entries: Sequence[AuditEntry], zone: ZoneInfo, width: int | None) -> list[str]:
    """Return `entries` as a table of at most `width` columns (None: as wide as it wants to be)."""
    from oncall_tui.cli.output import Column, table

    columns = (
        Column("ID", right=True),
        Column("AT"),
        Column("BY", least=8),
        Column("FROM", least=6, drop=3),
        Column("ACT"),
        Column("OF", least=10),
        Column("CUSTOMER", least=8, drop=1),
        Column("OUTCOME", drop=2),
        Column("DETAIL", least=10, drop=4),
    )
    rows = [
        (
            str(entry.id),
            f"{entry.at.astimezone(zone):%Y-%m-%d %H:%M:%S}",
            entry.operator,
            entry.workstation,
            entry.act,
            entry.subject,
            entry.customer or "–",
            entry.outcome or "–",
            _facts(entry),
        )
        for entry in entries
    ]
    return table(columns, [[_clean(cell) for cell in row] for row in rows], width)


def _clean(text: str) -> str:
    from oncall_tui.domain.text import clean

    # Clean when it was stored; but an audit is read where somebody may have written in it by hand.
    return clean(str(text), limit=1_000)


def _facts(entry: AuditEntry) -> str:
    return ", ".join(f"{name} {value}" for name, value in entry.detail.items())


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


def _told(report: ChainReport) -> Iterator[str]:
    for one in report.wrong:
        yield _clean(f"{_which(one)}{one.what}")
    if report.more:
        yield f"and {report.more} more"
    if report.holds:
        yield f"{_entries(report.entries)}: nothing changed, removed, inserted or moved"
    else:
        yield f"{_entries(report.entries)}: the audit is not proven to be as it was written"
    if report.never_sealed:
        yield "no entry is sealed with the key, although there is one: they could all be forged"
    if report.unsealed_before:
        yield f"{_entries(report.unsealed_before)} from before the first key: chained, but not sealed"
    if report.unsealed_span is not None:
        first, last = report.unsealed_span
        yield (
            f"{_entries(report.unsealed_after)} written without the key, between {first} and {last}: "
            "who can write the database could have made them, or put them in the place of others"
        )
    if report.head is not None:
        yield f"head {report.head}"


def _which(one: Wrong) -> str:
    if one.first is None:
        return ""
    return f"entry {one.first}: " if one.first == one.last else f"entries {one.first} to {one.last}: "


def _entries(count: int) -> str:
    return "1 entry" if count == 1 else f"{count} entries"


def _limit(text: str) -> int:
    if not text.isascii() or not text.isdecimal() or not 1 <= int(text) <= _MOST:
        raise ArgumentTypeError(f"{text[:20]!r} is no whole number from 1")
    return int(text)
