"""The queues of the board and the orders that they can stand in (R10).

Instants in keys are microseconds since 1970 (`clock.to_micros`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
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
