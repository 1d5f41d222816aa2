"""`oncall-tui ticket`: one act on one ticket, or a look at it."""

from __future__ import annotations

import sys
from argparse import Namespace
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from oncall_tui.cli.attachments import add_act as add_attachments
from oncall_tui.cli.parser import Commands, Parser, add_command
from oncall_tui.domain.errors import BadInput

if TYPE_CHECKING:
    from oncall_tui.cli.context import Context
    from oncall_tui.desk import Desk
    from oncall_tui.domain.tickets import Ticket

    Doing = Callable[[Namespace, Context, Desk], Ticket]


def add_parser(commands: Commands[Parser]) -> None:
    """Declare the command and its acts."""
    group = commands.add_parser(
        "ticket",
        help="act on one ticket, or look at it",
        description="Act on one ticket, or look at it. What an act changes is written down in its history.",
        epilog="example: oncall-tui ticket take T-000042",
    )
    group.set_defaults(parser=group)
    acts: Commands[Parser] = group.add_subparsers(metavar="ACT", title="acts", dest="act", required=True)

    new = _act(
        acts,
        "new",
        _new,
        "file a request",
        'oncall-tui ticket new --customer acme --channel phone --subject "Mail is down"',
        ref="optional",
    )
    new.add_argument("--customer", required=True, metavar="ID", help="the customer's id")
    new.add_argument("--channel", required=True, metavar="C", help="email, phone or emergency")
    new.add_argument("--subject", required=True, metavar="TEXT", help="what it is about")
    new.add_argument("--text", default="", metavar="TEXT", help="the request itself; - reads stdin")
    new.add_argument("--contact", default="", metavar="NAME", help="who asked")
    new.add_argument(
        "--received", metavar="T", help="when it came in, if that wasn't now; its clock starts then"
    )

    _act(acts, "take", _take, "make a ticket yours", "oncall-tui ticket take T-000042")

    answer = add_command(
        acts,
        "answer",
        _run_answer,
        help="send the customer an answer, or record that they were told that work has begun",
        example="oncall-tui ticket answer T-000042 --by phone --at 2026-03-27T03:25",
        acts=True,
    )
    answer.add_argument("ref", metavar="REF", help="the ticket's reference")
    how = answer.add_mutually_exclusive_group(required=True)
    how.add_argument("--by", metavar="MEANS", help="they were told already: email, phone or chat")
    how.add_argument("--send", action="store_true", help="send it to where the ticket came from")
    answer.add_argument("--at", metavar="T", help="when they were told, if that wasn't now")
    what = answer.add_mutually_exclusive_group()
    what.add_argument("--text", default="", metavar="TEXT", help="what is or was said; - reads stdin")
    what.add_argument("--template", metavar="NAME", help="send this template of the settings, filled in")
    answer.add_argument(
        "--language", metavar="CODE", help="of the template, fr or en; the ticket's if none is given"
    )

    promise = _act(
        acts,
        "promise",
        _promise,
        "promise the customer an update",
        "oncall-tui ticket promise T-000042 --in 30min",
    )
    when = promise.add_mutually_exclusive_group(required=True)
    when.add_argument("--in", dest="within", metavar="LENGTH", help='from now on, like "30min" or "2h"')
    when.add_argument("--at", metavar="T", help="the instant it is promised for")

    note = _act(
        acts,
        "note",
        _note,
        "write a note for the team",
        'oncall-tui ticket note T-000042 --text "Waiting for the registrar"',
    )
    note.add_argument("--text", required=True, metavar="TEXT", help="the note; - reads stdin")

    hand_over = _act(
        acts,
        "hand-over",
        _hand_over,
        "give a ticket to somebody else",
        "oncall-tui ticket hand-over T-000042 --to Marc",
    )
    hand_over.add_argument("--to", required=True, metavar="NAME", help="who has it from now on")

    close = _act(acts, "close", _close, "close a ticket", "oncall-tui ticket close T-000042")
    close.add_argument("--reason", default="", metavar="TEXT", help="needed for one that nobody answered")

    _act(acts, "reopen", _reopen, "open a closed ticket again", "oncall-tui ticket reopen T-000042")

    assign = _act(
        acts,
        "assign",
        _assign,
        "correct whose request it is; what it is due is counted anew from receipt",
        "oncall-tui ticket assign M-42 --customer acme --remember",
    )
    assign.add_argument("--customer", required=True, metavar="ID", help="the customer's id")
    assign.add_argument(
        "--remember", action="store_true", help="what the sender writes from now on is that customer's too"
    )

    language = _act(
        acts,
        "language",
        _language,
        "correct the language that it was written in",
        "oncall-tui ticket language M-42 fr",
    )
    language.add_argument("language", metavar="LANGUAGE", help='two letters, or "" if it isn\'t known')

    add_attachments(acts)

    show = add_command(
        acts,
        "show",
        run_show,
        help="print a ticket, its conversation, its history and why it is due when it is",
        example="oncall-tui --now 2026-03-27T04:00 ticket show T-000042",
    )
    show.add_argument("ref", metavar="REF", help="the ticket's reference")


def _act(
    acts: Commands[Parser],
    name: str,
    do: Doing,
    what: str,
    example: str,
    *,
    ref: str = "required",
) -> Parser:
    parser = add_command(acts, name, partial(_run, do), help=what, example=example, acts=True)
    if ref == "required":
        parser.add_argument("ref", metavar="REF", help="the ticket's reference")
    else:
        parser.add_argument("ref", metavar="REF", nargs="?", help="its reference; numbered if none is given")
    return parser


def _run(do: Doing, args: Namespace, context: Context) -> int:
    """Do the act and print the ticket as it stands then."""
    with context.desk() as desk:
        ticket = do(args, context, desk)
        from oncall_tui.cli.describe import facts_as_json, in_words
        from oncall_tui.cli.output import print_json

        if args.json:
            print_json(facts_as_json(desk, ticket, context.now()))
        else:
            print(in_words(ticket, context.now(), context.zone))
    return 0


def _run_answer(args: Namespace, context: Context) -> int:
    """Send an answer, or record one."""
    if not args.send:
        if args.template is not None or args.language is not None:
            raise BadInput("a template is for --send; --text says what was said", title="Usage")
        return _run(_answer, args, context)
    from oncall_tui.cli.outbox import run_send

    if args.at is not None:
        raise BadInput("--send is now; --at is for what was said already (--by)", title="Usage")
    return run_send(args, context, "" if args.template is not None else _text(args.text))


def run_show(args: Namespace, context: Context) -> int:
    """Print one ticket, as of `--now` where it is given."""
    from oncall_tui.cli.describe import detail_as_json, detail_lines
    from oncall_tui.cli.output import print_json, terminal_width
    from oncall_tui.domain.errors import NotFound

    as_of = context.as_of
    with context.desk(read_only=True) as desk:
        found = desk.tickets.find(args.ref)
        if as_of is not None and found.received_at > as_of:
            raise NotFound(f"{found.ref} had not been received by then")
        detail = desk.tickets.detail(found.id, as_of)
        if args.json:
            print_json(detail_as_json(desk, detail, context.now()))
            return 0
    print(*detail_lines(detail, context.now(), context.zone, terminal_width() or 100), sep="\n")
    return 0


def _new(args: Namespace, context: Context, desk: Desk) -> Ticket:
    from oncall_tui.domain.tickets import Channel

    return desk.tickets.new(
        customer=args.customer,
        channel=Channel.parse(args.channel),
        subject=args.subject,
        body=_text(args.text),
        contact=args.contact,
        received_at=None if args.received is None else context.instant(args.received),
        ref=args.ref,
    )


def _take(args: Namespace, _context: Context, desk: Desk) -> Ticket:
    return desk.tickets.take(desk.tickets.find(args.ref).id)


def _answer(args: Namespace, context: Context, desk: Desk) -> Ticket:
    from oncall_tui.domain.tickets import Means

    try:
        means = Means(args.by.strip().lower())
    except ValueError:
        allowed = ", ".join(means.value for means in Means)
        raise BadInput(f"unknown means {args.by[:40]!r}", hint=f"allowed: {allowed}") from None
    at = None if args.at is None else context.instant(args.at)
    text = _text(args.text)
    return desk.tickets.answer(desk.tickets.find(args.ref).id, means, text=text, at=at)


def _promise(args: Namespace, context: Context, desk: Desk) -> Ticket:
    from oncall_tui.domain.durations import parse_duration

    due = context.instant(args.at) if args.within is None else context.clock() + parse_duration(args.within)
    return desk.tickets.promise(desk.tickets.find(args.ref).id, due)


def _note(args: Namespace, _context: Context, desk: Desk) -> Ticket:
    text = _text(args.text)
    return desk.tickets.note(desk.tickets.find(args.ref).id, text)


def _hand_over(args: Namespace, _context: Context, desk: Desk) -> Ticket:
    return desk.tickets.hand_over(desk.tickets.find(args.ref).id, args.to)


def _close(args: Namespace, _context: Context, desk: Desk) -> Ticket:
    return desk.tickets.close(desk.tickets.find(args.ref).id, reason=args.reason)


def _reopen(args: Namespace, _context: Context, desk: Desk) -> Ticket:
    return desk.tickets.reopen(desk.tickets.find(args.ref).id)


def _assign(args: Namespace, _context: Context, desk: Desk) -> Ticket:
    ticket = desk.tickets.assign(desk.tickets.find(args.ref).id, args.customer, remember=args.remember)
    if others := desk.tickets.also_unknown(ticket.id):
        what = "another open ticket" if others == 1 else f"{others} other open tickets"
        print(f"{what} of the same sender: still of nobody known", file=sys.stderr)
    return ticket


def _language(args: Namespace, _context: Context, desk: Desk) -> Ticket:
    return desk.tickets.set_language(desk.tickets.find(args.ref).id, args.language)


def _text(argument: str) -> str:
    """Return the text that an option gives, stdin for `-`. Bytes that are no UTF-8 become a sign."""
    if argument != "-":
        return argument
    if sys.stdin is None or sys.stdin.isatty():
        print("the text, then ctrl+d:", file=sys.stderr)
    return "" if sys.stdin is None else sys.stdin.buffer.read().decode("utf-8-sig", "replace")
