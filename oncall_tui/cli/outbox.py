"""`oncall-tui outbox`: what is on its way to other systems, and deciding about what isn't."""

from __future__ import annotations

import sys
from argparse import ArgumentTypeError
from functools import partial
from typing import TYPE_CHECKING, Any

from oncall_tui.cli.parser import Commands, Parser, add_command
from oncall_tui.domain.errors import BadInput

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Callable, Sequence
    from datetime import datetime
    from zoneinfo import ZoneInfo

    from oncall_tui.cli.context import Context
    from oncall_tui.desk import Desk
    from oncall_tui.domain.correspondence import Outgoing
    from oncall_tui.domain.tickets import Ticket

    Deciding = Callable[[Desk, int], Outgoing]

_MOST = 2**31 - 1


def add_parser(commands: Commands[Parser]) -> None:
    """Declare the command and its acts."""
    group = commands.add_parser(
        "outbox",
        help="list what goes out to other systems, decide about what isn't sent",
        description="List what goes out to other systems, decide about what isn't sent.",
        epilog="example: oncall-tui outbox list",
    )
    group.set_defaults(parser=group)
    acts: Commands[Parser] = group.add_subparsers(metavar="ACT", title="acts", dest="act", required=True)

    shown = add_command(
        acts,
        "list",
        run_list,
        help="list what is on its way or needs a person, the oldest first",
        example="oncall-tui outbox list --json",
        acts=True,
    )
    shown.add_argument("--ticket", metavar="REF", help="all that ever was to go out of this ticket")

    decisions: tuple[tuple[str, Deciding, str], ...] = (
        (
            "again",
            lambda desk, each: desk.outbox.again(each),
            "hand it over once more, now; what is unsure may arrive twice",
        ),
        (
            "sent",
            lambda desk, each: desk.outbox.was_sent(each),
            "note that an answer which is unsure has arrived; the clock stops at the instant of the try",
        ),
        (
            "drop",
            lambda desk, each: desk.outbox.drop(each),
            "don't send it; in a conflict what was done there counts",
        ),
        (
            "force",
            lambda desk, each: desk.outbox.force(each),
            "in a conflict do it all the same, whatever was done there",
        ),
    )
    for name, decide, what in decisions:
        parser = add_command(
            acts,
            name,
            partial(_run, decide),
            help=what,
            example=f"oncall-tui outbox {name} 42",
            acts=True,
        )
        parser.add_argument("id", type=_id, metavar="ID", help="its number in outbox list")


def _id(text: str) -> int:
    if not text.isascii() or not text.isdecimal() or not 1 <= int(text[:20]) <= _MOST:
        raise ArgumentTypeError(f"{text[:20]!r} is no number of something that goes out")
    return int(text)


def run_list(args: Namespace, context: Context) -> int:
    """Print what is unfinished, or all that belongs to one ticket."""
    from oncall_tui.cli.output import print_json, terminal_width

    with context.desk(read_only=True) as desk:
        if args.ticket is None:
            found = desk.outbox.open()
        else:
            found = desk.outbox.of_ticket(desk.tickets.find(args.ticket).id)
    if args.json:
        print_json([as_json(each, context.zone) for each in found])
    elif not found:
        print("nothing is on its way", file=sys.stderr)
    else:
        print(*lines(found, context.zone, context.now(), terminal_width()), sep="\n")
    return 0


def _run(decide: Deciding, args: Namespace, context: Context) -> int:
    """Do what was decided and print how it stands then."""
    from oncall_tui.cli.output import print_json

    with context.desk() as desk:
        outgoing = decide(desk, args.id)
    if args.json:
        print_json(as_json(outgoing, context.zone))
    else:
        print(f"{outgoing.id}, {in_words(outgoing)}: {state_in_words(outgoing, context.zone, context.now())}")
    return 0


def run_send(args: Namespace, context: Context, text: str) -> int:
    """Put an answer on its way, of `text` or of a template, and print how the ticket stands then."""
    from oncall_tui.cli.describe import facts_as_json
    from oncall_tui.cli.output import print_json

    with context.desk() as desk:
        ticket = desk.tickets.find(args.ref)
        if args.template is None and args.language is not None:
            raise BadInput("--language is that of a --template", title="Usage")
        if args.template is not None:
            text = _filled(args, context, desk, ticket)
        ticket = desk.outbox.answer(ticket.id, text)
        queued = desk.outbox.of_ticket(ticket.id)
        answer = next(each for each in reversed(queued) if each.text)
        if args.json:
            facts = facts_as_json(desk, ticket, context.now())
            print_json(facts | {"queued": as_json(answer, context.zone)})
            return 0
    print(f"{answer.id}, {in_words(answer)}: on its way; the response clock runs until it is handed over")
    return 0


def _filled(args: Namespace, context: Context, desk: Desk, ticket: Ticket) -> str:
    """Return the text of the template that is asked for: in the customer's language, else in that of the
    organisation, as on the board.
    """
    from oncall_tui.domain.languages import language_named

    templates = context.settings.templates
    template = templates.get(args.template)
    if template is None:
        allowed = ", ".join(sorted(templates)) or "none is set"
        raise BadInput(f"unknown template {args.template[:40]!r}", hint=f"allowed: {allowed}")
    if args.language is not None:
        language = language_named(args.language)
    else:
        language = ticket.language or desk.customers.card(ticket.customer).customer.language
    return template.answer(ticket, context.settings.operator, language)


def as_json(outgoing: Outgoing, zone: ZoneInfo) -> dict[str, Any]:
    """Return something that goes out for scripts."""
    from oncall_tui.cli.output import stamp

    return {
        "outgoing": outgoing.id,
        "act": outgoing.act.value,
        "state": outgoing.state.value,
        "ticket": outgoing.ticket,
        "source": outgoing.source,
        "thread": outgoing.thread or None,
        "to": outgoing.to.address or None,
        "to_name": outgoing.to.name or None,
        "subject": outgoing.subject or None,
        "text": outgoing.text or None,
        "owner": outgoing.owner,
        "author": outgoing.author,
        "created_at": stamp(outgoing.created_at, zone),
        "tries": outgoing.tries,
        "next_at": stamp(outgoing.next_at, zone),
        "ended_at": stamp(outgoing.ended_at, zone),
        "detail": outgoing.detail or None,
        "message_id": outgoing.message_id or None,
    }


def in_words(outgoing: Outgoing) -> str:
    """Return what it is that goes out, and of which ticket."""
    from oncall_tui.domain.outgoing import OutgoingAct

    match outgoing.act:
        case OutgoingAct.ANSWER:
            to = outgoing.to.address or outgoing.to.name
            return f"answer to {outgoing.ticket}" + (f" for {to}" if to else "")
        case OutgoingAct.OWNER:
            return f"{outgoing.ticket} goes to {outgoing.owner or 'nobody'} in {outgoing.source}"
        case OutgoingAct.CLOSE:
            return f"{outgoing.ticket} is closed in {outgoing.source}"
        case OutgoingAct.REOPEN:
            return f"{outgoing.ticket} is opened again in {outgoing.source}"


def state_in_words(outgoing: Outgoing, zone: ZoneInfo, now: datetime) -> str:
    """Return how it stands, since or until when, and why."""
    from oncall_tui.domain.outgoing import OutgoingState
    from oncall_tui.notices import moment

    said = outgoing.state.value
    if outgoing.state is OutgoingState.WAITING and outgoing.next_at is not None and outgoing.next_at > now:
        said += f", tried again {moment(outgoing.next_at, zone, now)}"
    elif outgoing.ended_at is not None:
        said += f" {moment(outgoing.ended_at, zone, now)}"
    return f"{said} ({outgoing.detail})" if outgoing.detail else said


def lines(found: Sequence[Outgoing], zone: ZoneInfo, now: datetime, width: int | None) -> list[str]:
    """Return a table of at most `width` columns (None: as wide as it wants to be)."""
    from oncall_tui.cli.output import Column, table

    columns = (
        Column("ID", right=True),
        Column("SINCE", drop=2),
        Column("WHAT", least=16),
        Column("BY", least=4, drop=3),
        Column("TRIES", right=True, drop=1),
        Column("STATE", least=12),
    )
    rows = [
        (
            str(each.id),
            f"{each.created_at.astimezone(zone):%Y-%m-%d %H:%M:%S}",
            in_words(each),
            each.author,
            str(each.tries),
            state_in_words(each, zone, now),
        )
        for each in found
    ]
    return table(columns, rows, width)
