"""The organisations that buy support, and the people and services that belong to them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import TYPE_CHECKING

from oncall_tui.domain.codes import CodeState
from oncall_tui.domain.plans import Plan
from oncall_tui.domain.tickets import Ticket

if TYPE_CHECKING:
    from oncall_tui.domain.grants import Grant
    from oncall_tui.domain.technical_document import IssuedDocument

TICKETS_SHOWN = 9
"""Open tickets that a card holds: as many as there are digits to choose one by."""

CALLS_SHOWN = 3
"""Calls that a card holds, the last ones."""


@dataclass(frozen=True, slots=True)
class Contact:
    """A person who speaks for an organisation. `phone` is as the customer wrote it."""

    name: str
    email: str = ""
    phone: str = ""
    role: str = ""


def user_names(contacts: Iterable[Contact]) -> tuple[str, ...]:
    """Return the names by which the support codes of `contacts` go, in their order (R16).

    That of two people of one name is followed by what tells them apart.
    """
    people = list(contacts)
    often = Counter(person.name for person in people)
    return tuple(
        person.name if often[person.name] == 1 else f"{person.name} ({person.email or person.phone})"
        for person in people
    )


def renamed(before: Iterable[Contact], now: Iterable[Contact]) -> dict[str, str]:
    """Return the names of `user_names` that have changed for somebody who is there still, old to new (R16).

    The same person is who is reached under the same address or number, or is called the same.
    """
    old, new = list(before), list(now)
    names = dict(zip(user_names(new), new, strict=True))
    found = {}
    for name, person in zip(user_names(old), old, strict=True):
        if name in names:
            continue
        same = [each for each, other in names.items() if _same_person(person, other)]
        # An address that several have tells nobody from the others.
        if len(same) == 1 and sum(_same_person(person, other) for other in old) == 1:
            found[name] = same[0]
    return found


def _same_person(one: Contact, other: Contact) -> bool:
    reached = one.email or one.phone
    return (one.email, one.phone) == (other.email, other.phone) and bool(reached or one.name == other.name)


@dataclass(frozen=True, slots=True)
class Manager:
    """An account manager of the provider's (R22); `technical` for the technical one."""

    name: str
    email: str = ""
    phone: str = ""
    technical: bool = False


@dataclass(frozen=True, slots=True)
class Access:
    """Temporary access to one service, granted by the customer until `until`, an instant (R23)."""

    service: str
    granted_at: datetime
    until: datetime


@dataclass(frozen=True, slots=True)
class Customer:
    """An organisation: `id` is its identifier in the customers file and in scripts.

    `version` counts what was changed of it in the store; it says nothing of what the organisation is.
    """

    id: str
    name: str
    plan: Plan
    subscribed_on: date | None = None
    partner: bool = False
    language: str = ""
    contacts: tuple[Contact, ...] = ()
    services: tuple[str, ...] = ()
    managers: tuple[Manager, ...] = ()
    access: tuple[Access, ...] = ()
    version: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Found:
    """An organisation that somebody looked for or lists: `customer` is its id. `why` says what of it fits, a
    contact say; empty where it is the id or the name.
    """

    customer: str
    name: str
    plan: Plan
    why: str = ""
    language: str = ""


@dataclass(frozen=True, slots=True)
class CustomerCard:
    """An organisation with what an engineer who has it on the telephone wants to see.

    `tickets` are the first `TICKETS_SHOWN` of its `open_count` open ones, in board order (R10); `calls`
    are the last `CALLS_SHOWN` received by telephone or on the emergency line, the newest first. `grants` say
    more of the customer's access: who uses it. `document` is the last technical document that was issued.
    """

    customer: Customer
    tickets: tuple[Ticket, ...] = ()
    open_count: int = 0
    calls: tuple[Ticket, ...] = ()
    codes: tuple[CodeState, ...] = ()
    grants: tuple[Grant, ...] = ()
    document: IssuedDocument | None = None
