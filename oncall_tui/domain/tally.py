"""How many open tickets stand in each queue and at each urgency, kept by change and not by counting.

What was read once is brought up to date ticket by ticket, so that the numbers on the board cost what
changed and not what is open. Instants are microseconds since 1970 (`clock.to_micros`).
"""

from __future__ import annotations

from array import array
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from itertools import islice
from typing import NamedTuple

from oncall_tui.domain.clock import to_micros
from oncall_tui.domain.id_map import IdMap
from oncall_tui.domain.plans import Plan
from oncall_tui.domain.queue import NO_CLOCK, Counts, Queue
from oncall_tui.domain.sla import Urgency
from oncall_tui.domain.tickets import Channel, Ticket


class Standing(NamedTuple):
    """What of an open ticket is counted; without a running clock its instants are `NO_CLOCK`."""

    id: int
    plan: str
    channel: str
    owner: str | None
    due: int
    warning: int
    critical: int

    @classmethod
    def of(cls, ticket: Ticket) -> Standing:
        """Return what of `ticket` is counted."""
        times = ticket.times
        due, warning, critical = (
            (NO_CLOCK,) * 3
            if times is None
            else map(to_micros, (times.due_at, times.warning_at, times.critical_at))
        )
        return cls(ticket.id, ticket.plan, ticket.channel, ticket.owner, due, warning, critical)


_CHUNK = 4_000

_Group = tuple[str, str, str | None]


class Tally:
    """The open tickets as numbers. Not shared between threads.

    `queues` are those that are counted. The ones with a filter can't be told from plan, channel and
    owner: for them ids are kept, those of `holding` to begin with.
    """

    def __init__(
        self,
        queues: Sequence[Queue],
        operator: str,
        standings: Iterable[Standing] = (),
        holding: Mapping[str, Iterable[int]] | None = None,
    ) -> None:
        self._operator = operator
        self._plain = [queue for queue in queues if not queue.filter]
        self._filtered = [queue for queue in queues if queue.filter]
        given = holding or {}
        self._holding = {queue.name: set(given.get(queue.name, ())) for queue in self._filtered}
        self._groups: list[_Group] = []
        self._numbers: dict[_Group, int] = {}
        self._sizes: Counter[int] = Counter()
        # By slot, in columns: an object a ticket would cost a hundred bytes and more.
        self._slots = IdMap()
        self._free: list[int] = []
        self._group = array("l")
        self._due, self._warning, self._critical = (array("q") for _ in range(3))
        rest = iter(standings)
        while chunk := list(islice(rest, _CHUNK)):
            slots = [self._put(standing) for standing in chunk]
            self._slots.extend([standing.id for standing in chunk], slots)
        # The instants again, in order, to count those that are past.
        self._in_order = [array("q", sorted(column)) for column in (self._due, self._warning, self._critical)]

    def __len__(self) -> int:
        return len(self._due) - len(self._free)

    def take(self, tickets: Iterable[Ticket], now: datetime) -> None:
        """Count `tickets` as they are now, and no more as they were."""
        for ticket in tickets:
            self._forget(ticket.id)
            if ticket.closed_at is None:
                standing = Standing.of(ticket)
                self._slots.update([(ticket.id, self._put(standing))])
                for column, value in zip(self._in_order, standing[4:], strict=True):
                    column.insert(bisect_right(column, value), value)
            for queue in self._filtered:
                ids = self._holding[queue.name]
                if queue.holds(ticket, self._operator, now):
                    ids.add(ticket.id)
                else:
                    ids.discard(ticket.id)

    def counts(self, now: datetime) -> Counts:
        """Return how many stand where at `now` (UTC)."""
        at = to_micros(now)
        overdue = bisect_left(self._in_order[0], at)
        # An instant of warning is never after the critical one, nor that after the due one.
        warned, pressed = (bisect_right(column, at) for column in self._in_order[1:])
        clocked = bisect_left(self._in_order[0], NO_CLOCK)
        queues = {
            queue.name: overdue
            if queue.overdue
            else sum(
                size for number, size in self._sizes.items() if self._selects(queue, self._groups[number])
            )
            for queue in self._plain
        }
        queues |= {name: len(ids) for name, ids in self._holding.items()}
        return Counts(
            queues,
            {
                Urgency.OVERDUE: overdue,
                Urgency.CRITICAL: pressed - overdue,
                Urgency.WARNING: warned - pressed,
                Urgency.OK: clocked - warned,
                Urgency.NONE: len(self) - clocked,
            },
        )

    def _selects(self, queue: Queue, group: _Group) -> bool:
        plan, channel, owner = group
        return (
            (queue.plan is None or queue.plan is Plan(plan))
            and (queue.channel is None or queue.channel is Channel(channel))
            and (not queue.mine or owner == self._operator)
            and (not queue.unassigned or owner is None)
        )

    def _put(self, standing: Standing) -> int:
        """Write down an open ticket and return its slot."""
        group = standing[1:4]
        number = self._numbers.get(group)
        if number is None:
            number = self._numbers[group] = len(self._groups)
            self._groups.append(group)
        self._sizes[number] += 1
        columns = (self._group, self._due, self._warning, self._critical)
        values = (number, standing.due, standing.warning, standing.critical)
        if self._free:
            slot = self._free.pop()
            for column, value in zip(columns, values, strict=True):
                column[slot] = value
        else:
            slot = len(self._due)
            for column, value in zip(columns, values, strict=True):
                column.append(value)
        return slot

    def _forget(self, ticket_id: int) -> None:
        slot = self._slots.pop(ticket_id)
        if slot is None:
            return
        self._free.append(slot)
        self._sizes[self._group[slot]] -= 1
        for column, kept in zip((self._due, self._warning, self._critical), self._in_order, strict=True):
            del kept[bisect_left(kept, column[slot])]
