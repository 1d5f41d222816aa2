"""The organisations that buy support, and the people and services that belong to them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from oncall_tui.domain.plans import Plan


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
    """An organisation: `id` is its identifier in the customers file and in scripts."""

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
