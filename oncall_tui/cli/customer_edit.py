"""Correcting from the command line what is on file of an organisation, and reading its history."""

from __future__ import annotations

import sys
from argparse import ArgumentTypeError
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from oncall_tui.cli.parser import Commands, Parser, add_command

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Callable

    from oncall_tui.cli.context import Context
    from oncall_tui.domain.audit import AuditEntry
    from oncall_tui.domain.customers import Customer
    from oncall_tui.domain.editing import Edit, Part

LIMIT = 50
"""Entries of a history if nobody says."""

_MOST = 10_000

_PERSON = {
    "name": "what they are called",
    "email": "the e-mail address; empty for none",
    "phone": "the telephone number, in any notation; empty for none",
}


def add_parsers(acts: Commands[Parser]) -> None:
    """Declare what `customer` can correct."""
    contacts = _group(acts, "contact", "add, change or remove a contact")
    add = _act(contacts, "contact", "add", "add a contact", '--name "Anne Rochat" --phone "022 555 01 40"')
    change = _act(contacts, "contact", "change", "change a contact", '"Anne Rochat" --phone "022 555 01 41"')
    change.add_argument("who", metavar="CONTACT", help="the name, e-mail address or number of the contact")
    for parser in (add, change):
        _person(parser)
        parser.add_argument("--role", metavar="ROLE", help="what they do; empty for nothing")
    _removal(contacts, "contact", "the name, e-mail address or number of the contact", '"Anne Rochat"')

    services = _group(acts, "service", "add, rename or remove a service")
    for verb, help_, example in (
        ("add", "add a service", '"Public cloud"'),
        ("change", "call a service otherwise", '"Public cloud" --name "Private cloud"'),
    ):
        parser = _act(services, "service", verb, help_, example)
        parser.add_argument("who", metavar="SERVICE", help="the name of the service")
        if verb == "change":
            parser.add_argument("--name", metavar="NAME", required=True, help="what it is called from now on")
    _removal(services, "service", "the name of the service", '"Public cloud"')

    managers = _group(acts, "manager", "add, change or remove an account manager (R22)")
    add = _act(managers, "manager", "add", "add an account manager", '--name "Nora Keller" --technical')
    change = _act(managers, "manager", "change", "change an account manager", '"Nora Keller" --technical')
    change.add_argument("who", metavar="MANAGER", help="the name, e-mail address or number of the manager")
    for parser in (add, change):
        _person(parser)
        kind = parser.add_mutually_exclusive_group()
        kind.add_argument("--technical", action="store_true", default=None, help="the technical one")
        kind.add_argument("--not-technical", action="store_false", dest="technical", help="not that one")
    _removal(managers, "manager", "the name, e-mail address or number of the manager", '"Nora Keller"')

    for part, metavar, help_, example in (
        ("name", "NAME", "correct the name of an organisation", 'leman "Banque du Léman SA"'),
        ("language", "LANGUAGE", "set the language that they speak", "leman fr"),
    ):
        parser = add_command(
            acts, part, run_single, help=help_, example=f"oncall-tui customer {part} {example}", acts=True
        )
        parser.add_argument("customer", metavar="CUSTOMER", help="the customer's id")
        what = "in two letters or by name; empty for not known" if part == "language" else "the new name"
        parser.add_argument("value", metavar=metavar, help=what)

    history = add_command(
        acts,
        "history",
        run_history,
        help="list who changed what of an organisation, the newest first",
        example="oncall-tui customer history leman --limit 10",
    )
    history.add_argument("customer", metavar="CUSTOMER", help="the customer's id")
    history.add_argument(
        "--limit", type=_limit, default=LIMIT, metavar="N", help=f"the newest N only (default {LIMIT})"
    )


def _group(acts: Commands[Parser], name: str, help_: str) -> Commands[Parser]:
    group = acts.add_parser(name, help=help_, description=f"{help_[0].upper()}{help_[1:]}.")
    group.set_defaults(parser=group)
    found: Commands[Parser] = group.add_subparsers(metavar="VERB", title="verbs", dest="verb", required=True)
    return found


def _act(group: Commands[Parser], part: str, verb: str, help_: str, example: str) -> Parser:
    parser = add_command(
        group,
        verb,
        run_edit,
        help=help_,
        example=f"oncall-tui customer {part} {verb} leman {example}",
        acts=True,
    )
    parser.add_argument("customer", metavar="CUSTOMER", help="the customer's id")
    return parser


def _removal(group: Commands[Parser], part: str, who: str, example: str) -> None:
    parser = _act(group, part, "remove", f"take a {part} off the file", example)
    parser.add_argument("who", metavar=part.upper(), help=who)


def _person(parser: Parser) -> None:
    for name, help_ in _PERSON.items():
        parser.add_argument(f"--{name}", metavar=name.upper(), help=help_)


def run_edit(args: Namespace, context: Context) -> int:
    """Add, change or remove a contact, a service or a manager."""
    from oncall_tui.domain.editing import Edit, Part, meant

    part = Part(args.act)

    def make(customer: Customer) -> Edit:
        before = None if args.verb == "add" else meant(customer, part, args.who)
        after = None if args.verb == "remove" else _AFTER[part](args, before)
        return Edit(part, before, after)

    return _edit(args, context, make)


def run_single(args: Namespace, context: Context) -> int:
    """Correct the name or the language."""
    from oncall_tui.domain.editing import Edit, Part

    part = Part(args.act)
    return _edit(args, context, lambda customer: Edit(part, getattr(customer, part.value), args.value))


def _edit(args: Namespace, context: Context, make: Callable[[Customer], Edit]) -> int:
    from oncall_tui.cli.output import print_json
    from oncall_tui.domain.editing import cleaned, facts

    with context.desk() as desk:
        before = desk.organisations.get(args.customer)
        edit = cleaned(make(before))
        done = desk.organisations.edit(before.id, edit, before.version)
    also = [message.text.format(**message.values) for message in done.also]
    changed = done.customer.version != before.version
    if args.json:
        print_json({"customer": before.id, "changed": changed, **_as_json(edit), "also": also})
        return 0
    print(_said(facts(edit), before.id) if changed else f"{before.id}: it says so already")
    for line in also:
        print(f"  {line}", file=sys.stderr)
    return 0


def _said(told: dict[str, str], customer: str) -> str:
    from oncall_tui.domain import file_history

    return f"{customer}: " + "; ".join(
        message.text.format(**message.values) for message in file_history.of_edit(told)
    )


def _as_json(edit: Edit) -> dict[str, Any]:
    return {
        "part": edit.part,
        "before": _value(edit.part, edit.before),
        "after": _value(edit.part, edit.after),
    }


def _value(part: Part, value: Any) -> Any:
    from oncall_tui.domain.customers import Manager
    from oncall_tui.domain.editing import fields

    if value is None or isinstance(value, str):
        return value
    found: dict[str, Any] = dict(fields(part, value))
    if isinstance(value, Manager):
        found["technical"] = value.technical
    return found


def _contact(args: Namespace, before: Any) -> Any:
    from oncall_tui.domain.editing import contact

    if before is None:
        return contact(args.name or "", args.email or "", args.phone or "", args.role or "")
    return replace(before, **_given(args, "name", "email", "phone", "role"))


def _manager(args: Namespace, before: Any) -> Any:
    from oncall_tui.domain.editing import manager

    if before is None:
        return manager(args.name or "", args.email or "", args.phone or "", technical=bool(args.technical))
    return replace(before, **_given(args, "name", "email", "phone", "technical"))


def _given(args: Namespace, *names: str) -> dict[str, Any]:
    from oncall_tui.domain.errors import BadInput

    given = {name: value for name in names if (value := getattr(args, name)) is not None}
    if not given:
        options = ", ".join(f"--{name}" for name in names)
        raise BadInput("nothing is to change", hint=f"give one or more of {options}", title="Usage")
    return given


_AFTER: dict[str, Callable[[Namespace, Any], Any]] = {
    "contact": _contact,
    "manager": _manager,
    "service": lambda args, before: args.who if before is None else args.name,
}


def run_history(args: Namespace, context: Context) -> int:
    """List who changed what, the newest first."""
    from oncall_tui.cli.output import Column, moment, print_json, stamp, table, terminal_width

    with context.desk(read_only=True) as desk:
        found = desk.organisations.history(args.customer, args.limit, as_of=context.as_of)
    zone = context.zone
    if args.json:
        print_json(
            [
                {
                    "at": stamp(entry.at, zone),
                    "by": entry.operator,
                    "workstation": entry.workstation,
                    "act": entry.act,
                    "changes": _told(entry),
                    "detail": dict(entry.detail),
                }
                for entry in found
            ]
        )
        return 0
    if not found:
        print(f"nothing was done to {args.customer} so far")
        return 0
    rows = [(moment(entry.at, zone), entry.operator, "; ".join(_told(entry))) for entry in found]
    columns = (Column("WHEN"), Column("WHO", least=6), Column("WHAT", least=20))
    print(*table(columns, rows, terminal_width()), sep="\n")
    return 0


def _told(entry: AuditEntry) -> list[str]:
    from oncall_tui.domain import file_history

    return [message.text.format(**message.values) for message in file_history.told(entry)]


def _limit(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= _MOST:
        raise ArgumentTypeError(f"{text[:20]!r} is no whole number from 1 to {_MOST}")
    return int(text)
