"""The organisations that buy support, and the people and services that belong to them."""

from __future__ import annotations

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
