"""Rows on their way in: what a file says of a customer, a ticket or a guide, read and cleaned but not yet
stored, and what is said of a row that can't be taken.

None in a record stands for a field that the row leaves out or empty: it never erases what is stored.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import asdict
from datetime import date, datetime
from hashlib import blake2b
from typing import Any, Generic, NamedTuple, Self, TypeVar

from oncall_tui.domain.clock import to_micros
from oncall_tui.domain.codes import Code
from oncall_tui.domain.customers import Access, Contact, Customer, Manager
from oncall_tui.domain.errors import OncallError
from oncall_tui.domain.guides import Guide, GuideKind
from oncall_tui.domain.plans import Plan
from oncall_tui.domain.tickets import Channel

CONCEALED = "***"
"""Stands where a code was (R19)."""

_DEEPEST = 6

R = TypeVar("R", bound="TicketRecord | CustomerRecord | GuideRecord")


class TicketRecord(NamedTuple):
    """A request as a file has it; clean text, instants in UTC."""

    ref: str
    customer: str
    channel: Channel
    subject: str
    received_at: datetime
    body: str | None = None
    contact: str | None = None
    owner: str | None = None
    answered_at: datetime | None = None
    closed_at: datetime | None = None
    language: str | None = None

    @property
    def key(self) -> str:
        """Return what the row goes by in its file."""
        return self.ref

    def digest(self) -> str:
        """Return what tells this row from another one of the same reference."""
        ref, customer, channel, subject, received, body, contact, owner, answered, closed, _ = self
        # Clean text holds no control character, so the separator can't be forged.
        parts = (
            ref,
            customer,
            channel,
            subject,
            str(to_micros(received)),
            body or "",
            contact or "",
            owner or "",
            str(to_micros(answered)) if answered else "",
            str(to_micros(closed)) if closed else "",
        )
        return blake2b("\x1f".join(parts).encode(), digest_size=16).hexdigest()


class SupportCode(NamedTuple):
    """The support code of a user, by the name that `user_names` gives; as it was written."""

    contact: str
    code: Code


class CustomerRecord(NamedTuple):
    """An organisation as a file has it; clean text, instants in UTC, codes as they were written.

    It isn't `whole` where a row of it may have been rejected: who is missing may be a contact still.
    """

    id: str
    name: str
    plan: Plan
    subscribed_on: date | None = None
    partner: bool | None = None
    language: str | None = None
    contacts: tuple[Contact, ...] | None = None
    services: tuple[str, ...] | None = None
    managers: tuple[Manager, ...] | None = None
    access: tuple[Access, ...] | None = None
    vip_code: Code | None = None
    support_codes: tuple[SupportCode, ...] = ()
    whole: bool = True

    @property
    def key(self) -> str:
        """Return what the row goes by in its file."""
        return self.id

    def digest(self) -> str:
        """Return what tells this row from another one of the same organisation, its codes left out.

        With them it would say, to whoever tries all codes, which one it was (R19).
        """
        text = json.dumps(self[:_FACTS] if self.whole else (*self[:_FACTS], "in part"), default=_for_digest)
        return blake2b(text.encode(), digest_size=16).hexdigest()

    def alone(self) -> Customer:
        """Return the organisation as this row says it, where nothing of it is stored yet."""
        names = self._fields[:_FACTS]
        return Customer(**{name: value for name in names if (value := getattr(self, name)) is not None})


_FACTS = len(CustomerRecord._fields) - len(("vip_code", "support_codes", "whole"))


def _for_digest(value: object) -> object:
    if isinstance(value, date):
        return value.isoformat()
    return asdict(value)  # type: ignore[call-overload]


class GuideRecord(NamedTuple):
    """A guide or a partner as a file has it; clean text, languages in two letters."""

    kind: GuideKind
    url: str
    title: str
    languages: tuple[str, ...] | None = None
    tags: tuple[str, ...] | None = None
    text: str | None = None

    @property
    def key(self) -> str:
        """Return what the row goes by in its file."""
        return self.url

    def digest(self) -> str:
        """Return what tells this row from another one with the same link."""
        return blake2b(json.dumps(self).encode(), digest_size=16).hexdigest()

    def onto(self, stored: Guide | None) -> Guide:
        """Return the guide with what this row says, over what is `stored` of it."""
        before = stored or Guide(self.kind, self.url, self.title)
        return Guide(
            self.kind,
            self.url,
            self.title,
            before.languages if self.languages is None else self.languages,
            before.tags if self.tags is None else self.tags,
            before.text if self.text is None else self.text,
        )


class Row(NamedTuple, Generic[R]):
    """A record with where it stood: `line` of its file, `size` in bytes, `fields` as they were read."""

    line: int
    size: int
    fields: Mapping[str, object]
    record: R

    def rejected(self, error: OncallError) -> Rejection:
        """Return why this row is not taken."""
        return Rejection.of(self.line, error, self.fields)


class Rejection(NamedTuple):
    """A row that is not taken: the line it begins on, why, and what it says.

    `record` is None where the row couldn't be read. Codes are concealed in it (R19).
    """

    line: int
    reason: str
    record: Mapping[str, Any] | None = None

    @classmethod
    def of(cls, line: int, error: OncallError, fields: Mapping[str, object] | None) -> Self:
        """Return the rejection of the row with these `fields`, codes concealed; None for an unread row."""
        record = None if fields is None else {name: _concealed(name, fields[name]) for name in fields}
        return cls(line, reason_of(error), record)


RejectionSink = Callable[[Rejection], None]


def reason_of(error: OncallError) -> str:
    """Return `error` on one line: what is wrong, what would be right, the rule behind it."""
    reason = f"{error.message}; {error.hint}" if error.hint else error.message
    return f"{reason} ({error.rule})" if error.rule else reason


def _concealed(name: str, value: object, depth: int = 1) -> object:
    # By a word in the name and not by the two names of the contract: a misspelt column holds a code too.
    if any(word in name.casefold() for word in ("code", "vip")):
        return None if value is None else CONCEALED
    if depth > _DEEPEST and isinstance(value, dict | list):
        return "…"
    if isinstance(value, dict):
        return {key: _concealed(key, inner, depth + 1) for key, inner in value.items()}
    if isinstance(value, list):
        return [_concealed("", inner, depth + 1) for inner in value]
    return value
