"""`oncall-tui customer`: list, find, correct organisations, and see what an engineer sees of one."""

from __future__ import annotations

import sys
from argparse import ArgumentTypeError
from typing import TYPE_CHECKING, Any

from oncall_tui.cli import customer_edit
from oncall_tui.cli.parser import Commands, Parser, add_command

if TYPE_CHECKING:
    from argparse import Namespace
    from datetime import datetime
    from zoneinfo import ZoneInfo

    from oncall_tui.cli.context import Context
    from oncall_tui.desk import Desk
    from oncall_tui.domain.customers import CustomerCard
    from oncall_tui.domain.entitlements import Entitlements, Opening

LIMIT = 20
"""Organisations that are listed if nobody says."""

_MOST = 1_000


def add_parser(commands: Commands[Parser]) -> None:
    """Declare the command and what it can be asked for."""
    group = commands.add_parser(
        "customer",
        help="list and find organisations, show the card of one, or correct what is on file",
        description="List and find organisations, show the card of one (plan, people, services, tickets), or "
        "correct what is on file.",
        epilog='example: oncall-tui customer find "022 555 01 40"',
    )
    group.set_defaults(parser=group)
    acts: Commands[Parser] = group.add_subparsers(metavar="ACT", title="acts", dest="act", required=True)

    find = add_command(
        acts,
        "find",
        run_find,
        help="list the organisations that a text fits",
        example="oncall-tui customer find valmont.example --json",
    )
    find.add_argument(
        "text",
        metavar="TEXT",
        nargs="+",
        help="an id, a telephone number in any notation, or words of name, contact, e-mail, domain, service",
    )
    find.add_argument(
        "--limit", type=_limit, default=LIMIT, metavar="N", help=f"the first N only (default {LIMIT})"
    )

    list_ = add_command(
        acts,
        "list",
        run_list,
        help="list the organisations by name",
        example="oncall-tui customer list --after leman --limit 100 --json",
    )
    list_.add_argument("--after", metavar="ID", help="begin after the organisation with this id")
    list_.add_argument(
        "--limit", type=_limit, default=LIMIT, metavar="N", help=f"the first N only (default {LIMIT})"
    )

    show = add_command(
        acts,
        "show",
        run_show,
        help="print the card of an organisation",
        example="oncall-tui customer show leman --json",
    )
    show.add_argument("id", metavar="ID", help="the customer's id")
    customer_edit.add_parsers(acts)

    ask = add_command(
        acts,
        "ask-manager",
        run_ask_manager,
        help="ask an account manager: files a ticket for them, without a deadline",
        example='oncall-tui customer ask-manager leman --manager Aline "May they move to the new cluster?"',
        acts=True,
    )
    ask.add_argument("customer", metavar="CUSTOMER", help="the customer's id, or what finds it alone")
    ask.add_argument("text", metavar="TEXT", help="the question")
    ask.add_argument("--manager", metavar="NAME", help="whom; needed where there are several")
    ask.add_argument("--ticket", metavar="REF", help="the ticket that it is about, which gets a note")


def run_find(args: Namespace, context: Context) -> int:
    """Print who is found; the exit code is that of `NotFound` where nobody is."""
    from oncall_tui.cli.output import Column, print_json, table, terminal_width
    from oncall_tui.domain.errors import NotFound

    text = " ".join(args.text)
    with context.desk(read_only=True) as desk:
        found = desk.customers.find(text, limit=args.limit)
    if args.json:
        print_json(
            [
                {"customer": one.customer, "customer_name": one.name, "plan": one.plan, "why": one.why}
                for one in found
            ]
        )
    elif found:
        columns = (Column("CUSTOMER"), Column("PLAN"), Column("NAME", least=12), Column("FOUND BY", least=12))
        rows = [(one.customer, one.plan.short, one.name, one.why) for one in found]
        print(*table(columns, rows, terminal_width()), sep="\n")
    else:
        print("no customer fits that", file=sys.stderr)
    return 0 if found else NotFound.exit_code


def run_list(args: Namespace, context: Context) -> int:
    """Print a part of the list, by name; the id of its last line is where the next one begins."""
    from oncall_tui.cli.output import Column, print_json, table, terminal_width

    with context.desk(read_only=True) as desk:
        found = desk.customers.page(after=args.after, limit=args.limit)
    if args.json:
        print_json(
            [
                {
                    "customer": one.customer,
                    "customer_name": one.name,
                    "plan": one.plan,
                    "language": one.language,
                }
                for one in found
            ]
        )
    elif found:
        columns = (Column("CUSTOMER"), Column("PLAN"), Column("NAME", least=12), Column("LANGUAGE"))
        rows = [(one.customer, one.plan.short, one.name, one.language) for one in found]
        print(*table(columns, rows, terminal_width()), sep="\n")
    elif args.after is None:
        print("no customer is on file; they come in by: oncall-tui import customers FILE", file=sys.stderr)
    return 0


def run_show(args: Namespace, context: Context) -> int:
    """Print the card, as of `--now` where it is given."""
    from oncall_tui.cli.output import print_json, terminal_width
    from oncall_tui.domain.entitlements import entitlements

    with context.desk(read_only=True) as desk:
        card = desk.customers.card(args.id, as_of=context.as_of)
        now = context.now()
        if args.json:
            rights = entitlements(desk.offer, card.customer, None, now)
            print_json(card_as_json(desk, card, rights, now))
            return 0
    from rich.style import Style

    from oncall_tui.widgets.card_text import card_lines

    width = terminal_width() or 100
    lines = card_lines(card, None, context.settings.offer, now, width, lambda _name: Style.null())
    print(*(line.plain for line in lines), sep="\n")
    return 0


def run_ask_manager(args: Namespace, context: Context) -> int:
    """Ask, and print the ticket and when the manager is on duty."""
    from oncall_tui.cli.describe import facts_as_json
    from oncall_tui.cli.output import moment, print_json
    from oncall_tui.domain.errors import BadInput

    with context.desk() as desk:
        customer = desk.customers.meant(args.customer)
        managers = desk.managers.of(customer)
        if args.manager is None and len(managers) > 1:
            names = ", ".join(each.name for each in managers)
            raise BadInput("there are several account managers", hint=f"name one with --manager: {names}")
        about = None if args.ticket is None else desk.tickets.find(args.ticket).id
        asked = desk.managers.ask(customer, args.manager or managers[0].name, args.text, about)
        ticket, duty = asked.ticket, asked.duty
        if args.json:
            print_json(
                facts_as_json(desk, ticket, context.now())
                | {
                    "manager": asked.manager.name,
                    "about": asked.about.ref if asked.about else None,
                    **{f"duty_{name}": value for name, value in _opening(duty, context.zone).items()},
                }
            )
            return 0
    when = "" if duty.changes_at is None else f" {moment(duty.changes_at, context.zone)}"
    on_duty = f"on duty until{when}" if duty.is_open else f"back{when}"
    print(f"{ticket.ref}: {ticket.subject}; {asked.manager.name} is {on_duty}")
    return 0


def card_as_json(desk: Desk, card: CustomerCard, rights: Entitlements, now: datetime) -> dict[str, Any]:
    """Return the card for scripts. `emergency_line` says whether the plan has it, not who calls."""
    from oncall_tui.cli.describe import as_json
    from oncall_tui.cli.output import seconds, stamp
    from oncall_tui.domain.commitment import Contract
    from oncall_tui.domain.entitlements import Line

    customer, zone = card.customer, desk.offer.zone
    contract = Contract.of(customer, desk.offer.commitment_months, now.astimezone(zone).date())
    on_duty = rights.managers is not None and rights.managers.is_open
    return {
        "customer": customer.id,
        "customer_name": customer.name,
        "plan": customer.plan,
        "partner": customer.partner,
        "language": customer.language,
        "subscribed_on": customer.subscribed_on.isoformat() if customer.subscribed_on else None,
        "committed_until": contract.until.isoformat() if contract.until else None,
        "advice": None if rights.advice is None else _opening(rights.advice, zone),
        "emergency_line": rights.line is not Line.NOT_IN_PLAN,
        "answering": [
            {
                "channel": one.channel,
                "budget_seconds": None if one.budget is None else seconds(one.budget),
                **_opening(one.opening, zone),
            }
            for one in rights.answering
        ],
        "contacts": [
            {"name": one.name, "email": one.email, "phone": one.phone, "role": one.role}
            for one in customer.contacts
        ],
        "managers": [
            {
                "name": one.name,
                "email": one.email,
                "phone": one.phone,
                "technical": one.technical,
                "on_duty": on_duty,
            }
            for one in customer.managers
        ],
        "access": [
            {
                "service": access.service,
                "granted_at": stamp(access.granted_at, zone),
                "until": stamp(access.until, zone),
                "state": state,
            }
            for access, state in rights.access
        ],
        "services": list(customer.services),
        "open_count": card.open_count,
        "tickets": [as_json(desk, ticket, now) for ticket in card.tickets],
        "calls": [as_json(desk, ticket, now) for ticket in card.calls],
        "codes": [
            {
                "kind": code.kind,
                "contact": code.contact,
                "issued_at": stamp(code.issued_at, zone),
                "revoked_at": stamp(code.revoked_at, zone),
            }
            for code in card.codes
        ],
    }


def _opening(opening: Opening, zone: ZoneInfo) -> dict[str, Any]:
    from oncall_tui.cli.output import stamp

    changes = stamp(opening.changes_at, zone)
    return {
        "open": opening.is_open,
        "open_until": changes if opening.is_open else None,
        "opens_at": None if opening.is_open else changes,
    }


def _limit(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= _MOST:
        raise ArgumentTypeError(f"{text[:20]!r} is no whole number from 1 to {_MOST}")
    return int(text)
