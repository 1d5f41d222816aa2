"""The card of an organisation in lines: who they are, what they may do now, their people and tickets.

Pure functions, without Textual: the screen draws the lines and the command line prints them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import NamedTuple
from zoneinfo import ZoneInfo

from rich.cells import cell_len
from rich.style import Style
from rich.text import Text

from oncall_tui.domain.codes import CodeKind, Proof, Verification
from oncall_tui.domain.customers import CodeState, Contact, CustomerCard, Manager
from oncall_tui.domain.durations import WIDTH, format_duration
from oncall_tui.domain.entitlements import (
    AccessState,
    Answering,
    Entitlements,
    Line,
    Opening,
    Standing,
    entitlements,
)
from oncall_tui.domain.offer import Offer
from oncall_tui.domain.tickets import Channel, Ticket
from oncall_tui.widgets.columns import (
    COLUMNS,
    DUE_WIDTH,
    URGENCY_INK,
    Cell,
    View,
    due_text,
    fit,
)

Ink = Callable[[str], Style]
"""Returns the style of an ink by its name."""

PEOPLE_SHOWN = 4
"""Contacts that stand above the tickets; the others follow at the end."""

OTHERS_SHOWN = 100
"""Contacts that stand on a card at all."""

SERVICE_LINES = 3
"""Lines of services."""

EXPIRED_SHOWN = 2
"""Grants of access that have run out and are still shown."""

CODES_SHOWN = 3
"""Codes of which it is said since when."""

_LABEL = 10
_LABEL_NARROW = 9
_NARROW = 52
"""Columns below which labels stand closer and roles give way to numbers."""

_LANGUAGES = {"fr": "French", "en": "English", "de": "German", "it": "Italian"}
_HOURS = {Channel.PHONE: "phone", Channel.EMAIL: "mail", Channel.EMERGENCY: "line"}
_LINE = {
    Line.OPEN: "open to them, 24/7: French or English, our infrastructure",
    Line.NOT_IN_PLAN: "not in their plan",
    Line.NO_VIP_RIGHT: "needs their VIP code: a support code opens no VIP right",
    Line.UNVERIFIED: "only once they are verified: code, call-back or approval",
}


class _Page(NamedTuple):
    """What lines depend on besides the card. `width` is in terminal columns."""

    width: int
    now: datetime
    zone: ZoneInfo
    ink: Ink
    ticking: bool

    @property
    def label_width(self) -> int:
        return _LABEL_NARROW if self.width < _NARROW else _LABEL

    @property
    def room(self) -> int:
        """Return the columns beside the labels."""
        return max(self.width - self.label_width, 1)


def card_lines(
    card: CustomerCard,
    verification: Verification | None,
    offer: Offer,
    now: datetime,
    width: int,
    ink: Ink,
    *,
    ticking: bool = True,
) -> list[Text]:
    """Return the card as it stands at `now` (UTC), in lines of at most `width` terminal columns.

    Clock times are those of the provider's zone. Without `ticking` no seconds are shown.
    """
    page = _Page(max(width, 1), now, offer.zone, ink, ticking)
    rights = entitlements(offer, card.customer, verification, now)
    people, others = _people(page, card, rights)
    groups = [
        [*_head(page, card, verification, rights), *_rights(page, rights)],
        [
            *people,
            *_section(page, "Access", _access(page, rights)),
            *_section(page, "Services", _services(page, card.customer.services)),
            *_section(page, "Codes", _codes(page, card.codes)),
        ],
        [
            *_section(page, "Open", _tickets(page, card)),
            *_section(page, "Calls", _calls(page, card.calls)),
        ],
    ]
    if others:
        groups.append(others)
    lines = [line for group in groups for line in (*group, Text())][:-1]
    for line in lines:
        line.truncate(page.width, overflow="ellipsis")
    return lines


def _section(page: _Page, label: str, lines: Iterable[Text]) -> list[Text]:
    found = []
    for line in lines:
        found.append(Text.assemble((fit(label, page.label_width), page.ink("dim")), line))
        label = ""
    return found


def _head(
    page: _Page, card: CustomerCard, verification: Verification | None, rights: Entitlements
) -> list[Text]:
    customer = card.customer
    what = customer.plan.value.capitalize() + (", partner" if customer.partner else "")
    name = Text.assemble((customer.name, page.ink("strong")), f"  {what}")
    speaks = _LANGUAGES.get(customer.language.lower(), customer.language)
    longer = Text.assemble(name, (f"  speaks {speaks}", page.ink("dim")) if speaks else "")
    proof = _proof(page, verification, rights.standing)
    for left in (longer, name):
        room = page.width - left.cell_len - proof.cell_len
        if room >= 2:
            return [Text.assemble(left, " " * room, proof)]
    plan = Text(f"  {what}")
    shown = Text(customer.name, page.ink("strong"))
    shown.truncate(max(page.width - plan.cell_len, 1), overflow="ellipsis")
    return [Text.assemble(shown, plan), proof]


def _proof(page: _Page, verification: Verification | None, standing: Standing) -> Text:
    """Return how the caller is known to speak for them (R14, R16, R17)."""
    if verification is None or standing is Standing.UNVERIFIED:
        return Text("! NOT VERIFIED", page.ink("critical"))
    at = _at(page, verification.at)
    match verification.proof, verification.kind:
        case Proof.CALL_BACK, _:
            return Text(f"called back {at} on {verification.by}", page.ink("accent"))
        case Proof.APPROVAL, _:
            return Text(f"approved {at} by {verification.by}", page.ink("accent"))
        case _, CodeKind.SUPPORT:
            of = f" of {verification.contact}" if verification.contact else ""
            return Text(f"~ support code{of}, {at}: no VIP right", page.ink("warning"))
        case _:
            return Text(f"VIP code, confirmed {at}", page.ink("accent"))


def _rights(page: _Page, rights: Entitlements) -> list[Text]:
    ink = {Line.OPEN: "", Line.NOT_IN_PLAN: "dim"}.get(rights.line, "warning")
    return [
        *_section(page, "Line", _flow(page, [(word, ink) for word in _LINE[rights.line].split()], " ")),
        *_section(page, "Answer", _answering(page, rights.answering)),
    ]


def _answering(page: _Page, answering: Sequence[Answering]) -> list[Text]:
    budget = answering[0].budget
    within = "no time guaranteed" if budget is None else f"within {format_duration(budget)} of opening time"
    hours = [(f"{_HOURS[one.channel]} {_hours(page, one.opening)}", "") for one in answering]
    return _flow(page, [(within, "dim" if budget is None else ""), *hours])


def _hours(page: _Page, opening: Opening) -> str:
    if opening.changes_at is None:
        return "always" if opening.is_open else "never"
    at = _at(page, opening.changes_at)
    return f"open until {at}" if opening.is_open else f"opens {at}"


def _at(page: _Page, instant: datetime) -> str:
    """Return an instant on the provider's clock, with its day where that isn't today."""
    return due_text(instant, page.now, page.zone)


def _flow(page: _Page, parts: Sequence[tuple[str, str]], between: str = ", ") -> list[Text]:
    """Return `parts`, each with its ink, one after the other in lines that fit beside the labels."""
    lines: list[Text] = []
    for at, (words, ink) in enumerate(parts):
        last = at == len(parts) - 1
        shown = words if last else words + between.rstrip()
        gap = " " if lines and lines[-1].plain else ""
        if not lines or lines[-1].cell_len + len(gap) + cell_len(shown) > page.room:
            lines.append(Text())
            gap = ""
        lines[-1].append(gap).append(shown, page.ink(ink))
    return lines


class _Person(NamedTuple):
    """Somebody in a row; `note` stands at its end."""

    name: str
    role: str
    phone: str
    email: str
    note: str = ""


class _Widths(NamedTuple):
    """The columns of all rows of people; one of 0 isn't shown."""

    name: int
    role: int
    phone: int
    last: int


_GAP = 2
_ROLE_LEAST = 6


def _widths(page: _Page, people: Sequence[_Person]) -> _Widths:
    """Share the room out: names and numbers first, then what a row ends with, then roles."""

    def longest(texts: Iterable[str], most: int) -> int:
        return min(max(map(cell_len, texts), default=0), most)

    phone = longest((one.phone for one in people), 24)
    name = longest((one.name for one in people), max(min(28, page.room - phone - _GAP), 8))
    left = page.room - name - (phone + _GAP if phone else 0)
    last = longest((one.note for one in people), page.room)
    if last + _GAP > left:
        last = 0
    left -= last + _GAP if last else 0
    role = longest((one.role for one in people), max(left - _GAP, 0))
    if role < _ROLE_LEAST:
        role = 0
    left -= role + _GAP if role else 0
    # An address that is cut is none: all of them are shown, or none.
    email = longest((one.email for one in people if one.phone and not one.note), page.room)
    if email > last and email - last + (0 if last else _GAP) <= left:
        last = email
    return _Widths(name, role, phone, last)


def _row(page: _Page, person: _Person, widths: _Widths) -> Text:
    dim = page.ink("dim")
    line = Text(fit(person.name, widths.name))
    if widths.role:
        line.append(" " * _GAP).append(fit(person.role, widths.role), dim)
    if not person.phone and person.email and not person.note:
        return line.append(" " * _GAP).append(person.email)
    if widths.phone:
        line.append(" " * _GAP).append(fit(person.phone, widths.phone))
    last = person.note or person.email
    if widths.last and last:
        ink = "" if person.note else "dim"
        line.append(" " * _GAP).append(fit(last, widths.last), page.ink(ink))
    line.rstrip()
    return line


def _contacts(contacts: Sequence[Contact]) -> list[_Person]:
    return [_Person(one.name, one.role, one.phone, one.email) for one in contacts]


def _managers(page: _Page, managers: Sequence[Manager], rights: Entitlements) -> list[_Person]:
    if rights.managers is None:
        return []
    duty = _duty(page, rights.managers)
    return [
        _Person(one.name, "technical" if one.technical else "", one.phone, one.email, duty)
        for one in managers
    ]


def _duty(page: _Page, opening: Opening) -> str:
    if opening.changes_at is None:
        return "on duty" if opening.is_open else "never on duty"
    at = _at(page, opening.changes_at)
    return f"on duty until {at}" if opening.is_open else f"back {at}"


def _people(page: _Page, card: CustomerCard, rights: Entitlements) -> tuple[list[Text], list[Text]]:
    """Return the sections of contacts and managers, and that of the contacts whom there is no room for."""
    dim = page.ink("dim")
    contacts, managers = _contacts(card.customer.contacts), _managers(page, card.customer.managers, rights)
    shown, others = contacts[:PEOPLE_SHOWN], contacts[PEOPLE_SHOWN:OTHERS_SHOWN]
    widths = _widths(page, [*shown, *managers])
    lines = [_row(page, one, widths) for one in shown]
    if others:
        lines.append(Text(f"and {len(contacts) - len(shown)} more, at the end", dim))
    if not lines:
        lines = [Text("no contact on file: nobody to call back", dim)]
    ours = [_row(page, one, widths) for one in managers]
    if managers and not widths.last:
        ours.insert(0, Text(managers[0].note))
    if not managers:
        why = "none: the plan has no account manager" if rights.managers is None else "none named on file"
        ours = [Text(why, dim)]
    widths = _widths(page, others)
    rest = [_row(page, one, widths) for one in others]
    if len(contacts) > OTHERS_SHOWN:
        rest.append(Text(f"and {len(contacts) - OTHERS_SHOWN} more", dim))
    above = [*_section(page, "People", lines), *_section(page, "Managers", ours)]
    return above, _section(page, "Others", rest)


def _access(page: _Page, rights: Entitlements) -> list[Text]:
    parts = []
    expired = 0
    for access, state in rights.access:
        match state:
            case AccessState.ACTIVE:
                parts.append((f"{access.service} until {_at(page, access.until)}", ""))
            case AccessState.NOT_YET:
                parts.append((f"{access.service} not before {_at(page, access.granted_at)}", "dim"))
            case AccessState.EXPIRED:
                expired += 1
                if expired <= EXPIRED_SHOWN:
                    parts.append((f"{access.service} expired {_at(page, access.until)}", "dim"))
    if expired > EXPIRED_SHOWN:
        parts.append((f"{expired - EXPIRED_SHOWN} more expired", "dim"))
    return _flow(page, parts or [("none granted", "dim")])


def _services(page: _Page, services: Sequence[str]) -> list[Text]:
    lines = _flow(page, [(name, "") for name in services] or [("none on file", "dim")])
    return lines[:SERVICE_LINES]


def _codes(page: _Page, codes: Sequence[CodeState]) -> list[Text]:
    """Return which codes there are and since when, those in force first (R19: never a digit)."""
    in_force = sorted(codes, key=lambda one: (one.revoked_at is not None, one.kind is not CodeKind.VIP))
    parts = []
    for one in in_force[:CODES_SHOWN]:
        of = f" of {one.contact}" if one.contact else ""
        kind = "VIP code" if one.kind is CodeKind.VIP else "support code"
        if one.revoked_at is None:
            parts.append((f"{kind}{of} since {_at(page, one.issued_at)}", ""))
        else:
            parts.append((f"{kind}{of} revoked {_at(page, one.revoked_at)}", "dim"))
    if len(codes) > CODES_SHOWN:
        parts.append((f"{len(codes) - CODES_SHOWN} more", "dim"))
    return _flow(page, parts or [("none issued", "dim")])


_CELLS = {column.title: column.cell for column in COLUMNS}
_VIA_WIDTH, _OWNER_WIDTH, _STATE_WIDTH = 5, 8, 11
_OWNER_FROM, _VIA_FROM, _DUE_FROM = 52, 44, 80
"""The room from which tickets show their owner, channel and due time."""


def _tickets(page: _Page, card: CustomerCard) -> list[Text]:
    if not card.tickets:
        return [Text("no open ticket", page.ink("dim"))]
    view = View(page.now, page.zone, "", ticking=page.ticking)
    lines = []
    for number, ticket in enumerate(card.tickets, 1):
        urgency = ticket.urgency(page.now)
        line = Text.assemble((f"{number} ", page.ink("accent")))
        line.append(f"{urgency.sign:<2}{view.left(ticket)}", page.ink(URGENCY_INK[urgency]))
        lines.append(_request(page, line, ticket, _CELLS["OWNER"](ticket, view), _OWNER_WIDTH, view))
    more = card.open_count - len(card.tickets)
    if more > 0:
        lines.append(Text(f"and {more} more", page.ink("dim")))
    return lines


def _calls(page: _Page, calls: Sequence[Ticket]) -> list[Text]:
    if not calls:
        return [Text("none on record", page.ink("dim"))]
    view = View(page.now, page.zone, "", ticking=page.ticking)
    lines = []
    for ticket in calls:
        line = Text(" " * 4 + fit(_at(page, ticket.received_at), WIDTH, right=True))
        state = Cell(ticket.state.label, "dim")
        lines.append(_request(page, line, ticket, state, _STATE_WIDTH, view))
    return lines


def _request(page: _Page, line: Text, ticket: Ticket, last: Cell, last_width: int, view: View) -> Text:
    """Return `line` with channel, subject and, where there is room, what it ends with."""
    room = page.room
    if room >= _DUE_FROM:
        line.append("  ").append(fit(_CELLS["DUE"](ticket, view).text, DUE_WIDTH), page.ink("dim"))
    line.append("  ")
    if room >= _VIA_FROM:
        line.append(fit(ticket.channel.short, _VIA_WIDTH) + " ")
    width = room - line.cell_len - (last_width + _GAP if room >= _OWNER_FROM else 0)
    cell = _CELLS["SUBJECT"](ticket, view)
    line.append(cell.label, page.ink("dim"))
    line.append(fit(cell.text, max(width - len(cell.label), 0)))
    if room >= _OWNER_FROM:
        line.append(" " * _GAP).append(fit(last.text, last_width), page.ink(last.ink))
    line.rstrip()
    return line
