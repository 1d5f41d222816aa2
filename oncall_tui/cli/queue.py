"""`oncall-tui queue`: the open tickets in board order."""

from __future__ import annotations

import sys
from argparse import ArgumentTypeError
from typing import TYPE_CHECKING

from oncall_tui.cli.parser import Commands, Parser, add_command

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Sequence
    from datetime import datetime
    from zoneinfo import ZoneInfo

    from oncall_tui.cli.context import Context
    from oncall_tui.domain.tickets import Ticket

ORDERS = ("due", "opening", "oldest", "newest", "plan", "changed")
"""The values of `Order`, known without importing it."""

_EVERYTHING = 2**31 - 1


def add_parser(commands: Commands[Parser]) -> None:
    """Declare the command."""
    parser = add_command(
        commands,
        "queue",
        run,
        help="list the open tickets in board order",
        example="oncall-tui queue --queue overdue --json",
        json=False,
    )
    parser.add_argument(
        "--queue",
        default="all",
        metavar="NAME",
        help="all, emergency, enterprise, pro, plus, standard, unassigned, mine, overdue, "
        "or one that your settings add",
    )
    parser.add_argument(
        "--filter",
        default="",
        metavar="TEXT",
        help='only what fits all of it: words, "two words", !word, plan:pro, state:new, owner:me, '
        "customer:NAME, via:mail",
    )
    parser.add_argument(
        "--order",
        choices=ORDERS,
        default="due",
        help="by due time (default), opening time left, receipt, plan and due time, or last change",
    )
    parser.add_argument("--limit", type=_limit, default=_EVERYTHING, metavar="N", help="the first N only")
    form = parser.add_mutually_exclusive_group()
    form.add_argument("--plain", action="store_true", help="a ticket a line, in words")
    form.add_argument("--json", action="store_true", help="print one JSON document")


def run(args: Namespace, context: Context) -> int:
    """Print the queue, as of `--now` where it is given."""
    from oncall_tui.cli.describe import as_json, in_words
    from oncall_tui.cli.output import print_json, terminal_width
    from oncall_tui.domain.filters import Filter
    from oncall_tui.domain.queue import Order, queue_named

    wanted = Filter.parse(args.filter)
    queue = queue_named(args.queue, context.settings.queues).narrowed(wanted)
    as_of = context.as_of
    with context.desk(read_only=True) as desk:
        tickets = desk.queue.page(queue, limit=args.limit, order=Order(args.order), as_of=as_of)
        now = context.now()
        if args.json:
            print_json([as_json(desk, ticket, now) for ticket in tickets])
            return 0
    if not tickets:
        fitting = f", {wanted.text}" if wanted else ""
        print(f"no open tickets ({queue.label}{fitting})", file=sys.stderr)
    elif args.plain:
        print(*(in_words(ticket, now, context.zone) for ticket in tickets), sep="\n")
    else:
        print(*lines(tickets, now, context.zone, terminal_width()), sep="\n")
    return 0


def lines(tickets: Sequence[Ticket], now: datetime, zone: ZoneInfo, width: int | None) -> list[str]:
    """Return `tickets` as a table of at most `width` columns (None: as wide as it wants to be)."""
    from oncall_tui.cli.output import Column, table
    from oncall_tui.domain.durations import format_left

    columns = (
        Column(""),
        Column("LEFT", right=True),
        Column("DUE", drop=2),
        Column("PLAN"),
        Column("VIA", drop=1),
        Column("REF"),
        Column("CUSTOMER", least=10),
        Column("SUBJECT", least=12),
        Column("OWNER", least=8, drop=3),
    )
    rows = [
        (
            ticket.urgency(now).sign.strip(),
            format_left(ticket.due_at - now).strip() if ticket.due_at else "–",
            _due(ticket, now, zone),
            ticket.plan.short,
            ticket.channel.short,
            ticket.ref,
            ticket.customer_name,
            ticket.subject,
            ticket.owner or "–",
        )
        for ticket in tickets
    ]
    return table(columns, rows, width)


def _due(ticket: Ticket, now: datetime, zone: ZoneInfo) -> str:
    """Return the due time, with the day where it isn't that of `now`, and a promise labelled as one (R7)."""
    if ticket.due_at is None:
        return "–"
    due, today = ticket.due_at.astimezone(zone), now.astimezone(zone)
    text = f"{due:%H:%M}" if due.date() == today.date() else f"{due:%a} {due.day} {due:%b %H:%M}"
    return f"{text} promise" if ticket.clock == "promise" else text


def _limit(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= _EVERYTHING:
        raise ArgumentTypeError(f"{text[:20]!r} is no whole number from 1")
    return int(text)
