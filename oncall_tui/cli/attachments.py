"""`oncall-tui ticket attachments`: which files came with a ticket, and saving one of them."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from oncall_tui.cli.parser import Commands, Parser, add_command
from oncall_tui.domain.errors import BadInput, NotFound

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Sequence
    from zoneinfo import ZoneInfo

    from oncall_tui.cli.context import Context
    from oncall_tui.domain.tickets import Enclosure


def add_act(acts: Commands[Parser]) -> None:
    """Declare it among the acts of `ticket`."""
    parser = add_command(
        acts,
        "attachments",
        run,
        help="list the files that came with a ticket, or save one",
        example="oncall-tui ticket attachments M-42 --save 1 --out screen.png",
    )
    parser.add_argument("ref", metavar="REF", help="the ticket's reference")
    parser.add_argument("--save", type=int, metavar="N", help="load this file of the list from its source")
    parser.add_argument("--out", metavar="FILE", help="write it to this new file")


def run(args: Namespace, context: Context) -> int:
    """Print the files, or save one of them."""
    if (args.save is None) is not (args.out is None):
        raise BadInput("--save N and --out FILE go together", title="Usage")
    with context.desk(read_only=True) as desk:
        ticket = desk.tickets.find(args.ref)
        found = desk.tickets.detail(ticket.id, context.as_of).enclosures
        if args.save is None:
            _print(args, found, context.zone)
            return 0
        if not 1 <= args.save <= len(found):
            have = f"1 to {len(found)}" if found else "none"
            raise NotFound(f"{ticket.ref} has no file {args.save}", hint=f"it has {have}")
        from oncall_tui.polling import fetch

        one, target = found[args.save - 1], Path(args.out)
        fetch(desk, context.settings.sources, one.id, target)
    if args.json:
        from oncall_tui.cli.output import print_json

        print_json({"number": args.save, "name": one.name, "file": args.out, "bytes": target.stat().st_size})
    else:
        print(f"{one.name} is in {args.out}")
    return 0


def _print(args: Namespace, found: Sequence[Enclosure], zone: ZoneInfo) -> None:
    from oncall_tui.cli.output import Column, moment, print_json, stamp, table, terminal_width
    from oncall_tui.widgets.outgoing_words import human_size

    if args.json:
        print_json(
            [
                {
                    "number": number,
                    "name": each.name,
                    "type": each.media_type,
                    "bytes": each.size,
                    "sender": each.sender,
                    "received_at": stamp(each.at, zone),
                }
                for number, each in enumerate(found, 1)
            ]
        )
    elif not found:
        print("no file came with it", file=sys.stderr)
    else:
        columns = (
            Column("N", right=True),
            Column("NAME", least=20),
            Column("SIZE", right=True),
            Column("FROM", least=10, drop=1),
            Column("RECEIVED", drop=2),
        )
        rows = [
            (str(number), each.name, human_size(each.size), each.sender, moment(each.at, zone))
            for number, each in enumerate(found, 1)
        ]
        print(*table(columns, rows, terminal_width()), sep="\n")
