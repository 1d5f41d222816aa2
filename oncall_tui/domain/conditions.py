"""What a filter can ask for, and how it is written.

Apart from `filters.py`, and imported when there is a filter to read: most boards start without one.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple, TypeVar

from oncall_tui.domain.errors import BadInput
from oncall_tui.domain.folding import fold, searchable, searchable_customer
from oncall_tui.domain.plans import Plan
from oncall_tui.domain.tickets import Channel, State, Ticket

Named = TypeVar("Named", bound=StrEnum)

_PLANS = {plan: (plan.value, plan.short.lower()) for plan in Plan}
_CHANNELS = {channel: (channel.value, channel.short) for channel in Channel}
# A board holds what is open.
_STATES: dict[State, tuple[str, ...]] = {
    state: (state.value,) for state in State if state is not State.CLOSED
}

# A quotation mark opens a phrase only where a word could begin: 5"disk is a word.
_VALUE = r'(?:"[^"]*"?|[^ ,]*)'
_TERM = re.compile(
    r"(?P<no>!?+)(?:"
    rf"(?P<key>plan|state|owner|customer|channel|via):(?P<values>{_VALUE}(?:,{_VALUE})*)"
    r'|"(?P<phrase>[^"]*)"?'
    r"|(?P<word>[^ ]+))",
    re.IGNORECASE | re.ASCII,
)
_VALUES = re.compile(r'"(?P<phrase>[^"]*)"?|(?P<word>[^,]+)')


@dataclass(frozen=True, slots=True)
class Word:
    """A folded text that stands somewhere in the ticket or in its customer's id or name."""

    text: str

    def fits(self, ticket: Ticket, operator: str) -> bool:
        """Say whether `ticket` has the word."""
        return self.text in searchable(ticket) or self.text in searchable_customer(
            ticket.customer, ticket.customer_name
        )


@dataclass(frozen=True, slots=True)
class PlanIn:
    """One of several plans."""

    plans: tuple[Plan, ...]

    def fits(self, ticket: Ticket, operator: str) -> bool:
        """Say whether `ticket` is under one of the plans."""
        return ticket.plan in self.plans


@dataclass(frozen=True, slots=True)
class ChannelIn:
    """One of several channels."""

    channels: tuple[Channel, ...]

    def fits(self, ticket: Ticket, operator: str) -> bool:
        """Say whether `ticket` came in by one of the channels."""
        return ticket.channel in self.channels


@dataclass(frozen=True, slots=True)
class StateIn:
    """One of several states."""

    states: tuple[State, ...]

    def fits(self, ticket: Ticket, operator: str) -> bool:
        """Say whether `ticket` is in one of the states."""
        return ticket.state in self.states


@dataclass(frozen=True, slots=True)
class OwnedBy:
    """The operator (`me`), nobody (`none`), or anybody with one of `parts`, folded, in the name."""

    me: bool
    none: bool
    parts: tuple[str, ...]

    def fits(self, ticket: Ticket, operator: str) -> bool:
        """Say whether `ticket` is one of theirs."""
        if ticket.owner is None:
            return self.none
        name = fold(ticket.owner)
        return (self.me and ticket.owner == operator) or any(part in name for part in self.parts)


@dataclass(frozen=True, slots=True)
class OfCustomer:
    """An organisation with one of `texts`, folded, as its whole id or as part of its name."""

    texts: tuple[str, ...]

    def fits(self, ticket: Ticket, operator: str) -> bool:
        """Say whether `ticket` is one of theirs."""
        name = fold(ticket.customer_name)
        return fold(ticket.customer) in self.texts or any(text in name for text in self.texts)


Condition = Word | PlanIn | ChannelIn | StateIn | OwnedBy | OfCustomer


class Term(NamedTuple):
    """A condition, and whether it must fit or must not."""

    condition: Condition
    wanted: bool


def terms_of(text: str) -> Iterator[Term]:
    """Yield the terms of a filter; `BadInput` names a value its key doesn't know, and what is allowed."""
    for found in _TERM.finditer(text):
        condition = _condition(found)
        if condition is not None:
            yield Term(condition, wanted=not found["no"])


class _Value(NamedTuple):
    text: str
    quoted: bool

    @property
    def folded(self) -> str:
        return fold(self.text)


def _condition(found: re.Match[str]) -> Condition | None:
    """Return what the term asks for, None while it asks for nothing yet."""
    if found["key"] is None:
        text = fold(found["word"] if found["phrase"] is None else found["phrase"])
        return Word(text) if text.strip() else None
    values = [value for value in _values(found["values"]) if value.folded.strip()]
    if not values:
        return None
    match found["key"].lower():
        case "plan" as key:
            return PlanIn(_meant(key, values, _PLANS))
        case "channel" | "via" as key:
            return ChannelIn(_meant(key, values, _CHANNELS))
        case "state" as key:
            return StateIn(_meant(key, values, _STATES))
        case "owner":
            return _owner(values)
        case _:
            return OfCustomer(tuple(value.folded for value in values))


def _values(text: str) -> Iterator[_Value]:
    for found in _VALUES.finditer(text):
        quoted = found["phrase"] is not None
        yield _Value(found["phrase"] if quoted else found["word"], quoted)


def _meant(key: str, values: Collection[_Value], known: Mapping[Named, tuple[str, ...]]) -> tuple[Named, ...]:
    """Return those of `known` of which a name begins with one of `values`."""
    meant: dict[Named, None] = {}
    for value in values:
        beginning = value.folded.strip().replace("-", "_").replace(" ", "_")
        fitting = [each for each, names in known.items() if any(n.startswith(beginning) for n in names)]
        if not fitting:
            raise BadInput(
                f"{key}:{value.text[:40]} fits no {_KINDS[key]}", hint=f"allowed: {', '.join(known)}"
            )
        meant |= dict.fromkeys(fitting)
    return tuple(meant)


_KINDS = {"plan": "plan", "channel": "channel", "via": "channel", "state": "state of an open ticket"}


def _owner(values: Collection[_Value]) -> OwnedBy:
    # In quotation marks it is somebody's name.
    words = {value.folded for value in values if not value.quoted} & {"me", "none"}
    names = (value.folded for value in values if value.quoted or value.folded not in words)
    return OwnedBy("me" in words, "none" in words, tuple(names))
