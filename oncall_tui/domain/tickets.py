"""A customer's request, its state, its running clock, and what each act makes of it.

The acts are pure: a ticket and the facts in, the changed ticket out, or `Refused` with the rule.
Who may see the result, and when it is stored, is for `desk/` and `store/`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from oncall_tui.domain.errors import BadInput, Refused
from oncall_tui.domain.hours import OpeningHours
from oncall_tui.domain.outgoing import OutgoingState
from oncall_tui.domain.plans import Plan, PlanTerms
from oncall_tui.domain.sla import (
    ClockKind,
    RunningClock,
    Thresholds,
    Urgency,
    promise_clock,
    response_clock,
    upgrade_due,
    urgency,
)

REAL_TIME_CALENDAR = 0
"""Stands for a calendar's id where a clock runs on real time, as a promise does (R7)."""

UNKNOWN_CUSTOMER = "unknown"
"""The id of the organisation that stands for senders who belong to none: they have standard support."""

UNDO_WITHIN = timedelta(seconds=10)
"""How long an act can be undone by the desk that did it."""


class Channel(StrEnum):
    """How a request came in; web forms and chat count as e-mail (R1)."""

    EMAIL = "email"
    PHONE = "phone"
    EMERGENCY = "emergency"

    @property
    def short(self) -> str:
        """Return the label of five columns at most that lists show."""
        return _SHORT_CHANNEL[self]

    @classmethod
    def parse(cls, text: str) -> Channel:
        """Return the channel that goes by `text`, in any case; `BadInput` names the three."""
        try:
            return cls(text.strip().lower())
        except ValueError:
            allowed = ", ".join(channel.value for channel in cls)
            raise BadInput(f"unknown channel {text[:40]!r}", hint=f"allowed: {allowed}") from None


_SHORT_CHANNEL = {Channel.EMAIL: "mail", Channel.PHONE: "phone", Channel.EMERGENCY: "call"}


class State(StrEnum):
    """Where a ticket stands. It follows from owner, answer and closing, and is never set by hand."""

    NEW = "new"
    ASSIGNED = "assigned"
    IN_PROGRESS = "in_progress"
    CLOSED = "closed"

    @property
    def label(self) -> str:
        """Return the state in words."""
        return self.value.replace("_", " ")


class Means(StrEnum):
    """How the customer was told that work has begun (R6)."""

    EMAIL = "email"
    PHONE = "phone"
    CHAT = "chat"


class Act(StrEnum):
    """What an engineer can do to a ticket; the words of the audit."""

    NEW = "new"
    TAKE = "take"
    ANSWER = "answer"
    SEND = "send"
    PROMISE = "promise"
    NOTE = "note"
    HAND_OVER = "hand over"
    CLOSE = "close"
    REOPEN = "reopen"
    ASSIGN = "assign"
    LANGUAGE = "language"
    UNDO = "undo"


@dataclass(frozen=True, slots=True)
class ClockTimes:
    """The instants of one clock (UTC). `due_open` is the due instant as running open microseconds
    of its calendar: within one calendar that order never changes.
    """

    due_at: datetime
    warning_at: datetime
    critical_at: datetime
    due_open: int

    @classmethod
    def of(cls, clock: RunningClock) -> ClockTimes:
        """Return the instants of `clock`."""
        return cls(clock.due_at, clock.warning_at, clock.critical_at, clock.calendar.coordinate(clock.due_at))


@dataclass(frozen=True, slots=True)
class Promise:
    """A next update that an engineer promised the customer (R7), on real time."""

    made_at: datetime
    made_by: str
    times: ClockTimes


@dataclass(frozen=True, slots=True)
class Ticket:
    """A request as it stands in the store. All instants are UTC.

    `plan`, `budget`, `calendar_id` and `response` are copied at receipt (R9); `received_at` starts the
    clock and `recorded_at` says when the ticket was typed or imported (R5). `upgraded_at` is when an
    upgrade started the response clock anew (R8). `language` has two letters, none where it isn't known;
    `outgoing` says how what goes out of it stands, None where nothing does. An `internal` one was asked by
    one of us of another: no guarantee covers it, whatever the plan. `version` counts the acts on it,
    `revision` is the store's counter at its last change.
    """

    id: int
    ref: str
    customer_id: int
    customer: str
    customer_name: str
    plan: Plan
    channel: Channel
    subject: str
    contact: str
    received_at: datetime
    recorded_at: datetime
    calendar_id: int
    budget: timedelta | None = None
    response: ClockTimes | None = None
    upgraded_at: datetime | None = None
    owner: str | None = None
    owner_since: datetime | None = None
    answered_at: datetime | None = None
    answered_by: str | None = None
    answered_means: Means | None = None
    promise: Promise | None = None
    closed_at: datetime | None = None
    close_reason: str = ""
    language: str = ""
    outgoing: OutgoingState | None = None
    internal: bool = False
    version: int = 1
    revision: int = 0

    @property
    def state(self) -> State:
        """Return where the ticket stands."""
        if self.closed_at is not None:
            return State.CLOSED
        if self.answered_at is not None:
            return State.IN_PROGRESS
        return State.NEW if self.owner is None else State.ASSIGNED

    @property
    def clock(self) -> ClockKind | None:
        """Return which clock runs: the one that is due first (R6, R7), None if none does."""
        if self.closed_at is not None:
            return None
        response = self.response if self.answered_at is None else None
        if self.promise is not None and (response is None or self.promise.times.due_at < response.due_at):
            return ClockKind.PROMISE
        return ClockKind.RESPONSE if response is not None else None

    @property
    def times(self) -> ClockTimes | None:
        """Return the instants of the running clock."""
        match self.clock:
            case ClockKind.RESPONSE:
                return self.response
            case ClockKind.PROMISE:
                return self.promise.times if self.promise else None
            case _:
                return None

    @property
    def clock_calendar_id(self) -> int | None:
        """Return the calendar on which the running clock counts, `REAL_TIME_CALENDAR` for a promise."""
        match self.clock:
            case ClockKind.RESPONSE:
                return self.calendar_id
            case ClockKind.PROMISE:
                return REAL_TIME_CALENDAR
            case _:
                return None

    @property
    def due_at(self) -> datetime | None:
        """Return when the running clock runs out."""
        times = self.times
        return None if times is None else times.due_at

    @property
    def clock_started_at(self) -> datetime:
        """Return from when the response clock counts its budget."""
        return self.upgraded_at or self.received_at

    @property
    def met(self) -> bool | None:
        """Say whether the first response came in time (R3); None while open or without a guarantee."""
        if self.response is None or self.answered_at is None:
            return None
        return self.answered_at <= self.response.due_at

    def urgency(self, now: datetime) -> Urgency:
        """Return how close the running clock is to its end at `now`."""
        times = self.times
        if times is None:
            return Urgency.NONE
        return urgency(times.due_at, times.warning_at, times.critical_at, now)

    def as_of(self, instant: datetime) -> Ticket:
        """Return the ticket with what had happened by `instant` and nothing later.

        Owner and promise are the current ones or none: earlier ones are the store's to restore. What was on
        its way out then isn't known.
        """

        def later(moment: datetime | None) -> bool:
            return moment is not None and moment > instant

        ticket = self
        if later(ticket.closed_at):
            ticket = replace(ticket, closed_at=None, close_reason="")
        if later(ticket.answered_at):
            ticket = replace(ticket, answered_at=None, answered_by=None, answered_means=None)
        if later(ticket.owner_since):
            ticket = replace(ticket, owner=None, owner_since=None)
        if ticket.promise is not None and later(ticket.promise.made_at):
            ticket = replace(ticket, promise=None)
        return replace(ticket, outgoing=None) if ticket.outgoing is not None else ticket


class MessageKind(StrEnum):
    """What a line of the conversation is. Notes stay inside the team."""

    REQUEST = "request"
    ANSWER = "answer"
    NOTE = "note"
    AUTOMATIC = "automatic"
    """What a machine wrote: it restarts nothing."""


@dataclass(frozen=True, slots=True)
class Message:
    """One part of a ticket's conversation; instants are UTC, `text` may have several lines."""

    at: datetime
    author: str
    kind: MessageKind
    text: str
    withdrawn_at: datetime | None = None
    """When what was written by mistake was taken back."""
    outgoing: OutgoingState | None = None
    """How an answer that goes out stands, None for one that doesn't."""
    detail: str = ""
    """Why it stands so, in one line."""


@dataclass(frozen=True, slots=True)
class HistoryEntry:
    """One act as the audit has it. `detail` holds its facts by name, instants in ISO 8601."""

    at: datetime
    operator: str
    workstation: str
    act: str
    detail: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Enclosure:
    """A file that came with a part of the conversation: `sender` sent it, the server had it at `at` (UTC).

    It stays with its source until somebody saves it; `size` is bytes.
    """

    id: int
    name: str
    media_type: str
    size: int
    sender: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a ticket came from, and whom an answer goes to. `thread` is its id there, empty for mail."""

    source: str
    thread: str
    name: str
    address: str


@dataclass(frozen=True, slots=True)
class TicketDetail:
    """A ticket with all that belongs to it. `hours` is the calendar as it was at receipt (R9); `origin` is
    None where it came from no other system.
    """

    ticket: Ticket
    body: str
    messages: tuple[Message, ...]
    history: tuple[HistoryEntry, ...]
    hours: OpeningHours
    enclosures: tuple[Enclosure, ...] = ()
    origin: Origin | None = None


def _refuse_closed(ticket: Ticket) -> None:
    if ticket.closed_at is not None:
        raise Refused(f"{ticket.ref} is closed", hint="reopen it first")


def take(ticket: Ticket, by: str, now: datetime) -> Ticket:
    """Make `by` the owner of a ticket nobody owns. The response clock goes on (R6)."""
    _refuse_closed(ticket)
    if ticket.owner == by:
        raise Refused(f"{ticket.ref} is yours already")
    if ticket.owner is not None:
        raise Refused(f"{ticket.owner} has {ticket.ref}", hint="hand it over if it should be yours")
    return replace(ticket, owner=by, owner_since=now)


def hand_over(ticket: Ticket, to: str, now: datetime) -> Ticket:
    """Make `to` the owner, whoever owned it. The response clock goes on (R6)."""
    _refuse_closed(ticket)
    if ticket.owner == to:
        raise Refused(f"{to} has {ticket.ref} already")
    return replace(ticket, owner=to, owner_since=now)


def answer(ticket: Ticket, by: str, means: Means, at: datetime, now: datetime) -> Ticket:
    """Record that a person told the customer at `at` that work has begun.

    An unowned ticket becomes `by`'s. `at` may lie in the past, never before receipt or after `now`.
    """
    _refuse_closed(ticket)
    if at > now:
        raise Refused("an answer can't lie in the future", rule="R6")
    if at < ticket.received_at:
        raise Refused(f"an answer can't lie before the receipt of {ticket.ref}", rule="R6")
    answered = told(ticket, by, means, at)
    if ticket.owner is None:
        answered = replace(answered, owner=by, owner_since=now)
    return answered


def send(ticket: Ticket, by: str, now: datetime) -> Ticket:
    """Let an answer that `by` wrote be on its way. An unowned ticket becomes `by`'s.

    The response clock runs on until the answer was handed over (R6), which `told` is for.
    """
    _refuse_closed(ticket)
    return ticket if ticket.owner is not None else replace(ticket, owner=by, owner_since=now)


def told(ticket: Ticket, by: str | None, means: Means | None, at: datetime) -> Ticket:
    """Return the ticket with what a person told the customer at `at`, whenever it became known.

    The earliest answer stops the response clock, for good (R6); each one keeps the promise that was
    made before it (R7).
    """
    if ticket.promise is not None and ticket.promise.made_at <= at:
        ticket = replace(ticket, promise=None)
    if ticket.answered_at is not None and ticket.answered_at <= at:
        return ticket
    return replace(ticket, answered_at=at, answered_by=by, answered_means=means)


def promise(ticket: Ticket, by: str, due_at: datetime, now: datetime, thresholds: Thresholds) -> Ticket:
    """Promise the customer an update by `due_at`; it takes the place of an earlier promise (R7)."""
    _refuse_closed(ticket)
    if due_at <= now:
        raise Refused("a promise must lie in the future", rule="R7")
    clock = promise_clock(now, due_at - now, thresholds)
    return replace(ticket, promise=Promise(now, by, ClockTimes.of(clock)))


def close(ticket: Ticket, reason: str, now: datetime) -> Ticket:
    """Close the ticket. One that nobody answered needs a reason: closing is no response (R6). For an internal
    one no customer waits.

    An open promise stays with it, and runs on if the ticket is opened again.
    """
    _refuse_closed(ticket)
    if ticket.answered_at is None and not ticket.internal and not reason.strip():
        hint = "answer it first, or say why none is needed (--reason)"
        if ticket.outgoing is not None:
            hint = (
                "an answer counts once it is handed over; wait for it, or say why none is needed (--reason)"
            )
        raise Refused(
            f"nobody has answered {ticket.ref}: closing it is no response",
            hint=hint,
            rule="R6",
        )
    return replace(ticket, closed_at=now, close_reason=reason)


def upgrade(
    ticket: Ticket, terms: PlanTerms, at: datetime, hours: OpeningHours, limits: Thresholds
) -> Ticket:
    """Put an open, unanswered ticket under a higher plan from `at` on (R8).

    The new budget starts at the upgrade, in the `hours` copied at receipt; an earlier deadline stays
    with the budget it was counted from, so that no breach comes into being in the past. An internal one has
    no deadline under any plan.
    """
    moved = replace(ticket, plan=terms.plan)
    if terms.response is None or ticket.internal:
        return moved
    old = ticket.response
    due = upgrade_due(old.due_at if old else None, at, hours, terms.response)
    if old is not None and due == old.due_at:
        return moved
    times = ClockTimes.of(response_clock(hours, at, terms.response, limits))
    return replace(moved, budget=terms.response, response=times, upgraded_at=at)


def reopen(ticket: Ticket) -> Ticket:
    """Open a closed ticket again. Its clocks never restarted and never paused (R6, R7)."""
    if ticket.closed_at is None:
        raise Refused(f"{ticket.ref} is open")
    return replace(ticket, closed_at=None, close_reason="")
