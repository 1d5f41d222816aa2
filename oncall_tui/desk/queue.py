"""Reading the board: pages, the index, counts, and what changed."""

from __future__ import annotations

import sys
import threading
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from oncall_tui.desk.context import Context
from oncall_tui.domain.hours import OpeningHours
from oncall_tui.domain.queue import QUEUES, Changes, Counts, Order, Queue
from oncall_tui.domain.queue_index import Board, Place, QueueIndex, sort_key
from oncall_tui.domain.sla import REAL_TIME, Urgency
from oncall_tui.domain.tickets import REAL_TIME_CALENDAR, Ticket
from oncall_tui.store import calendars, queues, spans
from oncall_tui.store.changes import ChangeSignal, signal

if TYPE_CHECKING:
    from oncall_tui.domain.tally import Tally


@dataclass(slots=True)
class _Counted:
    """The tally of a desk, where it stands, and who may bring it up to date: one thread at a time."""

    lock: threading.Lock = field(default_factory=threading.Lock)
    tally: Tally | None = None
    revision: int = 0
    generation: int = 0


@dataclass(frozen=True, slots=True)
class QueueDesk:
    """The open tickets, in the orders of R10 and others."""

    context: Context
    queues: Sequence[Queue] = QUEUES
    """The queues that are counted."""
    # Copies of calendars never change, so what was read once holds.
    _hours: dict[int, OpeningHours] = field(default_factory=lambda: {REAL_TIME_CALENDAR: REAL_TIME})
    _counted: _Counted = field(default_factory=_Counted)

    def page(
        self, queue: Queue, *, limit: int, order: Order = Order.DUE, as_of: datetime | None = None
    ) -> list[Ticket]:
        """Return the first `limit` tickets of `queue`, as they stand or as they stood at `as_of`."""
        as_of = as_of or self.context.as_of
        now = as_of or self.context.clock()
        operator = self.context.operator

        def coordinate(calendar_id: int) -> int:
            return self._hours[calendar_id].coordinate(now)

        with self.context.store.connect() as connection:
            if order is Order.OPENING:
                self._learn(calendars.all_of(connection))
            if as_of is not None:
                found = queues.as_of(
                    connection, queue, operator, now, lambda ticket: sort_key(ticket, order, coordinate)
                )
                return found[:limit]
            if order is not Order.OPENING:
                return queues.page(connection, queue, operator, now, limit, order)
            coordinates = {each: coordinate(each) for each in calendars.in_use(connection)}
            return queues.page_by_opening(connection, queue, operator, now, limit, coordinates)

    def index(self, queue: Queue, order: Order = Order.DUE) -> Board:
        """Return the whole of `queue` as an index, with the revision it stands at."""
        from oncall_tui.store import overview  # after the first rows, which don't need it

        context = self.context
        if context.replay:
            return Board(QueueIndex(Place.of(ticket, order) for ticket in self._all(queue)), revision=0)
        with context.store.connect() as connection:
            self._learn(calendars.all_of(connection))
            return overview.board(connection, queue, context.operator, context.clock(), order)

    def hours(self) -> Mapping[int, OpeningHours]:
        """Return the calendars that clocks of tickets run on, by id, as far as they were read by now."""
        return self._hours

    def rows(self, ids: Sequence[int]) -> dict[int, Ticket]:
        """Return the tickets with these ids that are in the store, by id."""
        with self.context.store.connect() as connection:
            found = queues.rows(connection, ids)
            if self.context.as_of is None:
                return found
            past = spans.restored(connection, list(found.values()), self.context.clock())
            return {ticket.id: ticket for ticket in past}

    def counts(self) -> Counts:
        """Count the open tickets in each queue and at each urgency."""
        return self.look(None)[1]

    def changed_since(self, revision: int) -> Changes:
        """Return the tickets that changed after `revision`, closed ones too.

        In a replay time alone changes what there is, and the whole queue is to be read anew.
        """
        if self.context.replay:
            return Changes(revision, (), complete=False)
        with self.context.store.connect() as connection:
            return queues.changed_since(connection, revision)

    def look(self, revision: int | None) -> tuple[Changes | None, Counts]:
        """Return what changed after `revision`, None if there is none to look from, and the counts.

        The counts are kept by change: what it costs grows with what changed, not with what is open.
        """
        if self.context.replay:
            return None if revision is None else self.changed_since(revision), self._counts_then()
        counted, now = self._counted, self.context.clock()
        with counted.lock, self.context.store.connect() as connection:
            generation = self.context.store.generation
            replaced = counted.tally is not None and generation != counted.generation
            changes = None
            if revision is not None:
                changes = queues.changed_since(connection, revision)
                if replaced:
                    changes = Changes(changes.revision, (), complete=False)
            since = changes
            if counted.tally is not None and not replaced and counted.revision != revision:
                since = queues.changed_since(connection, counted.revision)
            if counted.tally is None or replaced or since is None or not since.complete:
                from oncall_tui.store import overview

                counted.tally, counted.revision = overview.tally(
                    connection, self.queues, self.context.operator, now
                )
                counted.generation = generation
            else:
                counted.tally.take(since.tickets, now)
                counted.revision = since.revision
            return changes, counted.tally.counts(now)

    def signal(self) -> ChangeSignal:
        """Return what tells that somebody, here or elsewhere, committed something."""
        return signal(self.context.store)

    def opening_left(self, ticket: Ticket, now: datetime) -> timedelta | None:
        """Return the opening time until the running clock's end, negative past it, None without one.

        A promise runs on real time (R7).
        """
        calendar_id = ticket.clock_calendar_id
        if ticket.times is None or calendar_id is None:
            return None
        if calendar_id not in self._hours:
            with self.context.store.connect() as connection:
                self._learn(calendars.all_of(connection))
        return timedelta(microseconds=ticket.times.due_open - self._hours[calendar_id].coordinate(now))

    def _counts_then(self) -> Counts:
        now, operator = self.context.clock(), self.context.operator
        found = self._all(QUEUES[0])
        urgencies = Counter(ticket.urgency(now) for ticket in found)
        return Counts(
            {queue.name: sum(queue.holds(each, operator, now) for each in found) for queue in self.queues},
            {urgency: urgencies[urgency] for urgency in Urgency},
        )

    def _all(self, queue: Queue) -> list[Ticket]:
        return self.page(queue, limit=sys.maxsize)

    def _learn(self, found: dict[int, OpeningHours]) -> None:
        for calendar_id, hours in found.items():
            # The copy kept first has its tables built already.
            self._hours.setdefault(calendar_id, hours)
