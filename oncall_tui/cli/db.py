"""`oncall-tui db`: bring the database up to date, copy it, and let old tickets go."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from oncall_tui.cli.parser import Commands, Parser, add_command
from oncall_tui.domain.errors import Refused

if TYPE_CHECKING:
    from argparse import Namespace
    from datetime import datetime

    from oncall_tui.cli.context import Context


def add_parser(commands: Commands[Parser]) -> None:
    """Declare the command and its acts."""
    group = commands.add_parser(
        "db",
        help="look after the database",
        description="Look after the database.",
        epilog="example: oncall-tui db backup monday.db",
    )
    group.set_defaults(parser=group)
    acts: Commands[Parser] = group.add_subparsers(metavar="ACT", title="acts", dest="act", required=True)
    add_command(
        acts,
        "upgrade",
        upgrade,
        help="bring the tables up to date (the dashboard does so by itself)",
        example="oncall-tui db upgrade",
        acts=True,
    )
    copy = add_command(
        acts,
        "backup",
        backup,
        help="copy the whole database to a new file while work goes on",
        example="oncall-tui db backup monday.db",
        acts=True,
    )
    copy.add_argument("file", metavar="FILE", help="a new file; nothing is overwritten")
    old = add_command(
        acts,
        "purge",
        purge,
        help="delete the tickets that were closed before a date; the audit stays",
        example="oncall-tui db purge --before 2025-01-01 --dry-run",
        acts=True,
    )
    old.add_argument("--before", required=True, metavar="DATE", help="a date (its beginning), or an instant")
    old.add_argument("--dry-run", action="store_true", help="only say how many it would be")


def upgrade(args: Namespace, context: Context) -> int:
    """Bring the schema up to date and say from where to where."""
    from oncall_tui.cli.output import print_json
    from oncall_tui.store.engine import Store
    from oncall_tui.store.maintenance import health

    database = context.settings.database
    store = Store.attach(database)
    try:
        before = health(store).schema
    finally:
        store.close()
    store = Store.open(database)
    try:
        after, place = health(store).schema, store.place
    finally:
        store.close()
    if args.json:
        print_json({"place": place, "from": before, "to": after})
    elif before == after:
        print(f"{place} is up to date (schema {after})")
    else:
        print(f"{place}: from {before or 'an empty database'} to schema {after}")
    return 0


def backup(args: Namespace, context: Context) -> int:
    """Copy the database to a new file."""
    from oncall_tui.cli.output import print_json
    from oncall_tui.store import maintenance

    target = Path(args.file)
    with context.desk(read_only=True) as desk:
        maintenance.backup(desk.store, target, _progress)
    size = target.stat().st_size
    if args.json:
        print_json({"file": str(target), "bytes": size})
    else:
        print(f"{target}: {size / 1e6:.1f} MB")
    return 0


def purge(args: Namespace, context: Context) -> int:
    """Delete tickets that were closed before a date, batch by batch."""
    from oncall_tui.cli.output import moment, print_json, stamp

    before = _beginning(args.before, context)
    if before > context.clock():
        # A slip in the year would otherwise take every closed ticket there is.
        raise Refused(f"{args.before} is in the future", hint="name a date that has been")
    with context.desk(read_only=args.dry_run) as desk:
        if args.dry_run:
            count = desk.maintenance.count_closed_before(before)
        else:
            count = desk.maintenance.purge_closed_before(before, _count)
    if args.json:
        print_json({"before": stamp(before, context.zone), "tickets": count, "dry_run": args.dry_run})
    else:
        tickets, are = ("ticket", "is") if count == 1 else ("tickets", "are")
        verb = "would go" if args.dry_run else f"{are} gone"
        print(f"{count} {tickets} closed before {moment(before, context.zone)} {verb}")
    return 0


def _beginning(text: str, context: Context) -> datetime:
    """Return the instant that `text` names: a date is its first instant in the provider's zone."""
    return context.instant(f"{text}T00:00" if len(text) == 10 else text)


def _progress(done: int, total: int) -> None:
    if sys.stderr is not None and sys.stderr.isatty():
        print(f"\r{done * 100 // max(total, 1)} %", end="\n" if done >= total else "", file=sys.stderr)


def _count(total: int) -> None:
    if sys.stderr is not None and sys.stderr.isatty():
        print(f"\r{total} gone", end="", file=sys.stderr)
