"""The people of a card: contacts with their numbers, account managers and whether they are on duty (R22)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import NamedTuple

from rich.cells import cell_len
from rich.text import Text

from oncall_tui.domain.customers import Contact, CustomerCard, Manager
from oncall_tui.domain.entitlements import Entitlements, Opening
from oncall_tui.translation import _
from oncall_tui.widgets.card_page import GAP, Page
from oncall_tui.widgets.columns import fit

PEOPLE_SHOWN = 4
"""Contacts that stand above the tickets; the others follow at the end."""

OTHERS_SHOWN = 100
"""Contacts that stand on a card at all."""


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


_ROLE_LEAST = 6


def _widths(page: Page, people: Sequence[_Person]) -> _Widths:
    """Share the room out: names and numbers first, then what a row ends with, then roles."""

    def longest(texts: Iterable[str], most: int) -> int:
        return min(max(map(cell_len, texts), default=0), most)

    phone = longest((one.phone for one in people), 24)
    name = longest((one.name for one in people), max(min(28, page.room - phone - GAP), 8))
    left = page.room - name - (phone + GAP if phone else 0)
    last = longest((one.note for one in people), page.room)
    if last + GAP > left:
        last = 0
    left -= last + GAP if last else 0
    role = longest((one.role for one in people), max(left - GAP, 0))
    if role < _ROLE_LEAST:
        role = 0
    left -= role + GAP if role else 0
    email = longest((one.email for one in people if one.phone and not one.note), page.room)
    if email > last and email - last + (0 if last else GAP) <= left:
        last = email
    return _Widths(name, role, phone, last)


def _row(page: Page, person: _Person, widths: _Widths) -> Text:
    dim = page.ink("dim")
    line = Text(fit(person.name, widths.name))
    if widths.role:
        line.append(" " * GAP).append(fit(person.role, widths.role), dim)
    if not person.phone and person.email and not person.note:
        return line.append(" " * GAP).append(person.email)
    if widths.phone:
        line.append(" " * GAP).append(fit(person.phone, widths.phone))
    last = person.note or person.email
    # An address that is cut is none.
    if last and cell_len(last) <= widths.last:
        ink = "" if person.note else "dim"
        line.append(" " * GAP).append(fit(last, widths.last), page.ink(ink))
    line.rstrip()
    return line


def _contacts(contacts: Sequence[Contact]) -> list[_Person]:
    return [_Person(one.name, one.role, one.phone, one.email) for one in contacts]


def _managers(page: Page, managers: Sequence[Manager], rights: Entitlements) -> list[_Person]:
    if rights.managers is None:
        return []
    duty = _duty(page, rights.managers)
    return [
        _Person(one.name, _("technical") if one.technical else "", one.phone, one.email, duty)
        for one in managers
    ]


def _duty(page: Page, opening: Opening) -> str:
    return duty_words(opening, page.at)


def duty_words(opening: Opening, at: Callable[[datetime], str]) -> str:
    """Return whether account managers are on duty, until or from when; `at` writes an instant (R22)."""
    if opening.changes_at is None:
        return _("on duty") if opening.is_open else _("never on duty")
    words = _("on duty until {time}") if opening.is_open else _("back {time}")
    return words.format(time=at(opening.changes_at))


def people_lines(
    page: Page, card: CustomerCard, rights: Entitlements, hours: str
) -> tuple[list[Text], list[Text]]:
    """Return the sections of contacts and managers, and that of the contacts whom there is no room for.

    `hours` are those of account managers in words (R22).
    """
    dim = page.ink("dim")
    contacts, managers = _contacts(card.customer.contacts), _managers(page, card.customer.managers, rights)
    shown, others = contacts[:PEOPLE_SHOWN], contacts[PEOPLE_SHOWN:OTHERS_SHOWN]
    widths = _widths(page, [*shown, *managers])
    lines = [_row(page, one, widths) for one in shown]
    if others:
        lines.append(Text(_("and {count} more, at the end").format(count=len(contacts) - len(shown)), dim))
    if not lines:
        lines = [Text(_("no contact on file: nobody to call back"), dim)]
    ours = [_row(page, one, widths) for one in managers]
    if managers and not widths.last:
        ours.insert(0, Text(managers[0].note))
    if managers:
        ours.append(Text(hours, dim))
    if not managers:
        without = _("none: the plan has no account manager")
        ours = [Text(without if rights.managers is None else _("none named on file"), dim)]
    widths = _widths(page, others)
    rest = [_row(page, one, widths) for one in others]
    if len(contacts) > OTHERS_SHOWN:
        rest.append(Text(_("and {count} more").format(count=len(contacts) - OTHERS_SHOWN), dim))
    above = [*page.section(_("People"), lines), *page.section(_("Managers"), ours)]
    return above, page.section(_("Others"), rest)
