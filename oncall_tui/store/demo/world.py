"""Who and what there is in the sample world, read from `world.toml`."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from importlib.resources import files
from typing import Any, NamedTuple, Self
from zoneinfo import ZoneInfo

from oncall_tui.domain.clock import to_local
from oncall_tui.domain.customers import Access, Contact, Customer, Manager
from oncall_tui.domain.plans import Plan
from oncall_tui.domain.tickets import Channel, Means


@dataclass(frozen=True, slots=True)
class Colleague:
    """Somebody at the desk."""

    name: str
    workstation: str


MAILBOX = Colleague("mailbox", "intake")
"""Who files what comes in by mail."""


@dataclass(frozen=True, slots=True)
class Phrases:
    """What is written around and beside the texts of one language."""

    mail: str
    update: str


@dataclass(frozen=True, slots=True)
class Request:
    """Something that customers ask, with what the team says to it.

    `note` is for the team, often empty. `only` names the organisations that it fits, empty for all.
    A `question` can wait.
    """

    language: str
    channel: Channel
    service: str
    subject: str
    body: str
    answer: str
    done: str
    note: str = ""
    only: tuple[str, ...] = ()
    question: bool = False

    @property
    def means(self) -> Means:
        """Return how the customer is answered: as they asked."""
        return Means.EMAIL if self.channel is Channel.EMAIL else Means.PHONE


@dataclass(frozen=True, slots=True)
class Organisation:
    """A customer of the sample world; dates are counted back from the present.

    `vip_code_before` was revoked; `support_codes` go by the names of contacts.
    """

    id: str
    name: str
    plan: Plan
    language: str
    domain: str
    contacts: tuple[Contact, ...]
    services: tuple[str, ...]
    managers: tuple[Manager, ...]
    partner: bool
    subscribed_days_ago: int | None
    access: tuple[tuple[str, int, int], ...]
    vip_code: str
    vip_code_before: str
    support_codes: tuple[tuple[str, str], ...]

    @classmethod
    def read(cls, table: Mapping[str, Any], managers: Mapping[str, Manager]) -> Self:
        """Return the organisation that a table of the file describes."""
        domain = table["domain"]
        return cls(
            id=table["id"],
            name=table["name"],
            plan=Plan(table["plan"]),
            language=table["language"],
            domain=domain,
            contacts=tuple(
                Contact(one["name"], f"{one['mail']}@{domain}", one["phone"], one["role"])
                for one in table["contacts"]
            ),
            services=tuple(table["services"]),
            managers=tuple(managers[name] for name in table.get("managers", ())),
            partner=table.get("partner", False),
            subscribed_days_ago=table.get("subscribed_days_ago"),
            access=tuple(
                (one["service"], one["granted_hours_ago"], one["hours"]) for one in table.get("access", ())
            ),
            vip_code=table.get("vip_code", ""),
            vip_code_before=table.get("vip_code_before", ""),
            support_codes=tuple(
                (one["name"], one["support_code"]) for one in table["contacts"] if "support_code" in one
            ),
        )

    def customer(self, now: datetime, zone: ZoneInfo) -> Customer:
        """Return the customer as of `now`, dates by the provider's `zone`."""
        days = self.subscribed_days_ago
        grants = ((service, now - timedelta(hours=ago), hours) for service, ago, hours in self.access)
        return Customer(
            id=self.id,
            name=self.name,
            plan=self.plan,
            subscribed_on=None if days is None else to_local(now, zone).date() - timedelta(days=days),
            partner=self.partner,
            language=self.language,
            contacts=self.contacts,
            services=self.services,
            managers=self.managers,
            access=tuple(
                Access(service, granted, granted + timedelta(hours=hours))
                for service, granted, hours in grants
            ),
        )

    def asks(self, request: Request) -> bool:
        """Say whether `request` could be theirs: their service, in a language that they speak there.

        The emergency line knows French and English only (R15), so German speakers call in English.
        """
        speaks = self.language
        if request.channel is Channel.EMERGENCY and speaks not in ("fr", "en"):
            speaks = "en"
        fits = not request.only or self.id in request.only
        return fits and request.language == speaks and request.service in self.services


class Asked(NamedTuple):
    """A request in the mouth of one contact of one organisation."""

    organisation: Organisation
    contact: Contact
    request: Request

    @property
    def reach(self) -> str:
        """Return the contact as a ticket names it: who, and where an answer goes."""
        where = self.contact.email if self.request.channel is Channel.EMAIL else self.contact.phone
        return f"{self.contact.name}, {where}"


@dataclass(frozen=True, slots=True)
class World:
    """All there is."""

    team: tuple[Colleague, ...]
    phrases: Mapping[str, Phrases]
    organisations: tuple[Organisation, ...]
    requests: tuple[Request, ...]
    sent_twice: str

    def colleagues(self, operator: str) -> tuple[Colleague, ...]:
        """Return the team without `operator`, who may have the name of one of them."""
        return tuple(one for one in self.team if one.name != operator)

    def askable(self, plan: Plan, channel: Channel) -> list[tuple[Organisation, Request]]:
        """Return who of `plan` can ask what by `channel`, always in the same order."""
        return [
            (organisation, request)
            for request in self.requests
            if request.channel is channel
            for organisation in self.organisations
            if organisation.plan is plan and organisation.asks(request)
        ]

    def asked(self, organisation: str, subject: str, reach: str) -> Asked | None:
        """Return what a ticket with these facts asks, None if it isn't of this world."""
        for one in self.organisations:
            if one.id == organisation:
                asked = (
                    Asked(one, contact, request) for request in self.requests for contact in one.contacts
                )
                return next((it for it in asked if it.request.subject == subject and it.reach == reach), None)
        return None

    def body(self, asked: Asked) -> str:
        """Return the text of a request as it came in: a mail with its forms, or notes of a call."""
        return self._written(asked, asked.request.body, asked.contact.name)

    def answer(self, asked: Asked, text: str, author: str) -> str:
        """Return `text` as `author` writes it to the contact, or notes it after a call."""
        return self._written(asked, text, author)

    def note(self, asked: Asked) -> str:
        """Return the note of the team to a request."""
        return asked.request.note.format(contact=asked.contact.name, domain=asked.organisation.domain)

    def _written(self, asked: Asked, text: str, name: str) -> str:
        text = text.format(contact=asked.contact.name, domain=asked.organisation.domain)
        if asked.request.channel is not Channel.EMAIL:
            return text
        return self.phrases[asked.request.language].mail.format(text=text, name=name)


@cache
def load_world() -> World:
    """Read the sample world from the file that comes with the program."""
    text = files(__package__).joinpath("world.toml").read_text(encoding="utf-8")
    table = tomllib.loads(text)
    managers = {one["name"]: Manager(**one) for one in table["managers"]}
    return World(
        team=tuple(Colleague(**one) for one in table["team"]),
        phrases={language: Phrases(**one) for language, one in table["phrases"].items()},
        organisations=tuple(Organisation.read(one, managers) for one in table["customers"]),
        requests=tuple(
            Request(**{**one, "channel": Channel(one["channel"]), "only": tuple(one.get("only", ()))})
            for one in table["requests"]
        ),
        sent_twice=table["sent_twice"],
    )
