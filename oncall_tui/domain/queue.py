"""The queues of the board, the order of R10, and the index that keeps tickets in it.

The index holds four numbers a ticket and no row, so that a hundred thousand open tickets cost three
megabytes and a change moves one place. Instants are microseconds since 1970 (`clock.to_micros`).
"""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

from oncall_tui.domain.clock import to_micros
from oncall_tui.domain.errors import BadInput
from oncall_tui.domain.filters import Filter
from oncall_tui.domain.plans import Plan
from oncall_tui.domain.sla import Urgency
from oncall_tui.domain.tickets import Channel, Ticket

NO_CLOCK = 2**63 - 1
"""Stands for the due instant of a ticket without a running clock: after every real one."""


class QueueKey(NamedTuple):
    """The place of a ticket in the order of R10."""

    due: int
    plan_rank: int
    received: int
    id: int

    @classmethod
    def of(cls, ticket: Ticket) -> QueueKey:
        """Return the place of `ticket`: due instant, plan, receipt, id; without a clock oldest first."""
        received, times = to_micros(ticket.received_at), ticket.times
        if times is None:
            return cls(NO_CLOCK, 0, received, ticket.id)
        return cls(to_micros(times.due_at), ticket.plan.rank, received, ticket.id)


@dataclass(frozen=True, slots=True)
class Queue:
    """A named selection of the open tickets. What is None, or an empty filter, selects nothing away."""

    name: str
    label: str
    plan: Plan | None = None
    channel: Channel | None = None
    mine: bool = False
    unassigned: bool = False
    overdue: bool = False
    filter: Filter = Filter()  # noqa: RUF009 - frozen, like all that a queue is made of

    def holds(self, ticket: Ticket, operator: str, now: datetime) -> bool:
        """Say whether `ticket` stands in this queue for `operator` at `now`."""
        if ticket.closed_at is not None:
            return False
        if self.plan is not None and ticket.plan is not self.plan:
            return False
        if self.channel is not None and ticket.channel is not self.channel:
            return False
        if self.mine and ticket.owner != operator:
            return False
        if self.unassigned and ticket.owner is not None:
            return False
        if self.overdue and (ticket.due_at is None or ticket.due_at >= now):
            return False
        return not self.filter or self.filter.matches(ticket, operator)

    def narrowed(self, further: Filter) -> Queue:
        """Return this queue with only those of its tickets that `further` matches too."""
        return replace(self, filter=self.filter.plus(further)) if further else self


QUEUES: tuple[Queue, ...] = (
    Queue("all", "All"),
    Queue("emergency", "Emergency", channel=Channel.EMERGENCY),
    Queue("enterprise", "Enterprise", plan=Plan.ENTERPRISE),
    Queue("pro", "Pro", plan=Plan.PRO),
    Queue("plus", "Plus", plan=Plan.PLUS),
    Queue("standard", "Standard", plan=Plan.STANDARD),
    Queue("mine", "Mine", mine=True),
    Queue("unassigned", "Unassigned", unassigned=True),
    Queue("overdue", "Overdue", overdue=True),
)


class Order(StrEnum):
    """The two orders of R10, `DUE` and `OPENING`, and others that help to find a ticket."""

    DUE = "due"
    OPENING = "opening"
    OLDEST = "oldest"
    NEWEST = "newest"
    PLAN = "plan"
    CHANGED = "changed"

    @property
    def label(self) -> str:
        """Return the order in a few words."""
        return _ORDER_LABELS[self]


_ORDER_LABELS = {
    Order.DUE: "by due time",
    Order.OPENING: "by opening time left",
    Order.OLDEST: "oldest first",
    Order.NEWEST: "newest first",
    Order.PLAN: "by plan, then due time",
    Order.CHANGED: "last changed first",
}

SortKey = tuple[int, int, int, int]
"""The place of a ticket in an order: the smallest comes first, the last of the four is the ticket's id."""


def sort_key(ticket: Ticket, order: Order, coordinate: Callable[[int], int]) -> SortKey:
    """Return the place of `ticket` in `order`.

    Only the order by opening time left asks `coordinate`: where now stands in the running open
    microseconds of the calendar with an id, `REAL_TIME_CALENDAR` among them. Tickets without a running
    clock come after those with one, oldest first.
    """
    match order:
        case Order.OLDEST:
            return (to_micros(ticket.received_at), 0, 0, ticket.id)
        case Order.NEWEST:
            return (-to_micros(ticket.received_at), -ticket.id, 0, ticket.id)
        case Order.CHANGED:
            return (-ticket.revision, -ticket.id, 0, ticket.id)
    key = QueueKey.of(ticket)
    if order is Order.PLAN:
        return (ticket.plan.rank, key.due, key.received, key.id)
    calendar_id = ticket.clock_calendar_id
    if order is Order.DUE or calendar_id is None or ticket.times is None:
        return key
    return (ticket.times.due_open - coordinate(calendar_id), key.plan_rank, key.received, key.id)


@dataclass(frozen=True, slots=True)
class Board:
    """A queue as the store has it at `revision`."""

    index: QueueIndex
    revision: int


@dataclass(frozen=True, slots=True)
class Changes:
    """What changed after a revision, up to `revision`. Where `complete` is false the changes were
    too many to list: read the queue anew.
    """

    revision: int
    tickets: tuple[Ticket, ...]
    complete: bool = True


@dataclass(frozen=True, slots=True)
class Counts:
    """How many open tickets stand in each queue (by name) and at each urgency."""

    queues: Mapping[str, int]
    urgencies: Mapping[Urgency, int]


def queue_named(name: str, queues: Sequence[Queue] = QUEUES) -> Queue:
    """Return that one of `queues` that goes by `name`; `BadInput` lists them all."""
    for queue in queues:
        if queue.name == name:
            return queue
    allowed = ", ".join(queue.name for queue in queues)
    raise BadInput(f"unknown queue {name[:40]!r}", hint=f"allowed: {allowed}")


class QueueIndex:
    """Ticket ids in queue order. Not shared between threads."""

    def __init__(self, keys: Iterable[tuple[int, int, int, int]] = ()) -> None:
        """Take `keys` as `QueueKey` fields, in any order; sorted input costs one pass."""
        ordered = sorted(keys)
        columns = zip(*ordered, strict=True) if ordered else ((), (), (), ())
        self._due, self._rank, self._received, self._ids = (array("q", column) for column in columns)

    def __len__(self) -> int:
        return len(self._ids)

    def id_at(self, position: int) -> int:
        """Return the ticket id at `position` from the top; IndexError outside."""
        return int(self._ids[position])

    def slice(self, start: int, stop: int) -> list[int]:
        """Return the ids from `start` up to, not including, `stop`."""
        return self._ids[max(start, 0) : max(stop, 0)].tolist()

    def position(self, ticket_id: int) -> int | None:
        """Return where `ticket_id` stands, None if it isn't here."""
        try:
            return self._ids.index(ticket_id)
        except ValueError:
            return None

    def overdue(self, now: datetime) -> int:
        """Return how many were due before `now`; they are the first ones."""
        return bisect_left(self._due, to_micros(now))

    def put(self, key: QueueKey) -> None:
        """Put the ticket in its place, taking it from an earlier one."""
        old = self.position(key.id)
        if old is not None:
            if self._key_at(old) == key:
                return
            self._delete(old)
        at = bisect_left(range(len(self._ids)), tuple(key), key=self._key_at)
        self._due.insert(at, key.due)
        self._rank.insert(at, key.plan_rank)
        self._received.insert(at, key.received)
        self._ids.insert(at, key.id)

    def discard(self, ticket_id: int) -> bool:
        """Take the ticket out; say whether it was here."""
        at = self.position(ticket_id)
        if at is None:
            return False
        self._delete(at)
        return True

    def _key_at(self, position: int) -> tuple[int, int, int, int]:
        return (self._due[position], self._rank[position], self._received[position], self._ids[position])

    def _delete(self, position: int) -> None:
        for column in (self._due, self._rank, self._received, self._ids):
            del column[position]
