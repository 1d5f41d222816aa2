"""What the list knows of a queue: the index of ids, the rows near the screen, the cursor and the marks.

The cursor is a ticket id. It stays on its ticket wherever that goes; when the ticket leaves the queue
the cursor falls to the one that takes its place, and the view remembers that nobody put it there.
Marks are ticket ids too, and one that leaves the queue loses its mark.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import NamedTuple

from oncall_tui.domain.clock import to_micros
from oncall_tui.domain.hours import OpeningHours
from oncall_tui.domain.queue import Order, Queue, queue_named
from oncall_tui.domain.queue_index import Place, QueueIndex
from oncall_tui.domain.tickets import Ticket

ROWS_KEPT = 2_000
"""Rows kept in memory; what lies far from the screen is fetched again when it is scrolled to."""


class Fall(NamedTuple):
    """A ticket that left while the cursor or a mark was on it, and its row as last known."""

    ticket_id: int
    row: Ticket | None


class QueueView:
    """A queue in one of its orders, with a cursor and marks. Not shared between threads."""

    def __init__(
        self,
        queue: Queue,
        operator: str,
        order: Order = Order.DUE,
        hours: Mapping[int, OpeningHours] | None = None,
    ) -> None:
        """`hours` are the calendars by id, for the order by opening time left."""
        self.queue = queue
        self.operator = operator
        self.order = order
        self.hours = hours or {}
        self.index = QueueIndex()
        self.rows: dict[int, Ticket] = {}
        self.cursor_id: int | None = None
        self.wanted_id: int | None = None
        """The ticket that the cursor goes to as soon as it is known where that stands."""
        self.fall: Fall | None = None
        """Where the cursor fell from, until somebody moves it or is told."""
        self.marks: dict[int, None] = {}
        """The marked tickets, in the order in which they were marked."""
        self.lost_marks: list[Fall] = []
        """What was marked and left, until somebody is told."""
        self.complete = False
        self._own: dict[int, int] = {}
        self._cursor_position = 0
        self._size = 0
        # Answers of the store may overtake one another; revisions say which one is newer.
        self._newest: dict[int, int] = {}
        # A ticket becomes overdue without anybody writing it, so this queue is the first part of
        # the one that holds them all.
        self.source = queue_named("all").narrowed(queue.filter) if queue.overdue else queue

    def __len__(self) -> int:
        return self._size

    def succeed(self, earlier: QueueView) -> None:
        """Take over what holds of another look at the tickets: rows, and the cursor if its ticket is here."""
        self.rows = earlier.rows
        self.marks = earlier.marks
        self.wanted_id = earlier.wanted_id or earlier.cursor_id
        self._own = earlier._own
        self._newest = earlier._newest

    def load(self, index: QueueIndex, rows: Iterable[Ticket], now: datetime, *, complete: bool) -> None:
        """Take `index` in place of what was; `complete` is false for a first page."""
        if complete and not self.complete:
            # Who looks at other tickets has put the marks of these away: nothing has left by itself.
            self.marks = {each: None for each in self.marks if each in index}
        self.index = index
        self.complete = complete
        self._newest.clear()
        self.rows.update((ticket.id, ticket) for ticket in rows)
        self.settle(now)

    def put_rows(self, rows: Mapping[int, Ticket], near: Iterable[int]) -> None:
        """Keep `rows`; where that makes too many, forget those that aren't `near`."""
        self.rows.update((ticket_id, row) for ticket_id, row in rows.items() if self.is_news(row))
        if len(self.rows) > ROWS_KEPT:
            self.keep_rows({*near, *rows})

    def keep_rows(self, ids: Iterable[int]) -> None:
        """Forget all rows but those of `ids`, of the cursor and of the marks."""
        kept = {*ids, *self.marks, *([] if self.cursor_id is None else [self.cursor_id])}
        self.rows = {ticket_id: self.rows[ticket_id] for ticket_id in kept if ticket_id in self.rows}

    def drop(self, ids: Iterable[int], now: datetime) -> None:
        """Take tickets out that aren't in the store any more."""
        gone = list(ids)
        self.index.apply((), gone)
        self._settle_without(gone, now)

    def apply(self, tickets: Iterable[Ticket], now: datetime) -> None:
        """Put changed tickets where they belong now, or out of the queue."""
        puts, gone = dict[int, Place](), set[int]()
        for ticket in tickets:
            if not self.is_news(ticket):
                continue
            self._newest[ticket.id] = ticket.revision
            self.rows[ticket.id] = ticket
            if self.source.holds(ticket, self.operator, now):
                puts[ticket.id] = Place.of(ticket, self.order)
                gone.discard(ticket.id)
            else:
                puts.pop(ticket.id, None)
                gone.add(ticket.id)
        self.index.apply(puts.values(), gone)
        self._settle_without(gone, now)
        if len(self.rows) > 2 * ROWS_KEPT:
            # Changes far from the screen come in as whole rows too.
            position = self._cursor_position
            self.keep_rows(self.index.slice(position - ROWS_KEPT // 4, position + ROWS_KEPT // 4))

    def _settle_without(self, gone: Iterable[int], now: datetime) -> None:
        # A fall is told with the last row, so rows go after the cursor.
        self.settle(now)
        for ticket_id in gone:
            self.rows.pop(ticket_id, None)

    def expect(self, ticket: Ticket) -> None:
        """Take it that the engineer made `ticket` what it is: if it leaves for that, it is no surprise."""
        self._own[ticket.id] = ticket.revision
        if self.fall is not None and self._is_own(self.fall):
            self.fall = None
        self.lost_marks = [lost for lost in self.lost_marks if not self._is_own(lost)]

    def _is_own(self, fall: Fall) -> bool:
        return fall.row is not None and fall.row.revision == self._own.get(fall.ticket_id)

    def is_news(self, ticket: Ticket) -> bool:
        """Say whether `ticket` isn't older than what is known of it."""
        known = self.rows.get(ticket.id)
        newest = max(self._newest.get(ticket.id, 0), 0 if known is None else known.revision)
        return ticket.revision >= newest

    def settle(self, now: datetime) -> bool:
        """Bring order, size, cursor and marks in line at `now`; say whether the size changed."""
        before, stood_on = self._size, self.cursor_id
        if self.order is Order.OPENING:
            self.index.advance({each: hours.coordinate(now) for each, hours in self.hours.items()})
        self._size = self.index.overdue(to_micros(now)) if self.queue.overdue else len(self.index)
        position = self._place_of(self.cursor_id)
        wanted = self._place_of(self.wanted_id)
        if wanted is not None:
            position, stood_on = wanted, self.wanted_id
        if self.complete or wanted is not None:
            self.wanted_id = None
        self._put_cursor(self._cursor_position if position is None else position)
        # Of several falls the first one counts: it left what was looked at.
        if stood_on is not None and stood_on != self.cursor_id and self.fall is None:
            fall = Fall(stood_on, self.rows.get(stood_on))
            self.fall = None if self._is_own(fall) else fall
        if self.complete:
            self._settle_marks()
        return self._size != before

    def _settle_marks(self) -> None:
        for ticket_id in [each for each in self.marks if self._place_of(each) is None]:
            del self.marks[ticket_id]
            lost = Fall(ticket_id, self.rows.get(ticket_id))
            if not self._is_own(lost):
                self.lost_marks.append(lost)

    def _place_of(self, ticket_id: int | None) -> int | None:
        position = None if ticket_id is None else self.index.position(ticket_id)
        return None if position is None or position >= self._size else position

    def rank(self, ticket: Ticket) -> int | None:
        """Return the place, from 1, that `ticket` as it is given would have here; None if unknown."""
        if not self.complete:
            return None
        at, stands = self.index.rank(Place.of(ticket, self.order)), self.index.position(ticket.id)
        return at + 1 - (stands is not None and stands < at)

    def id_at(self, position: int) -> int | None:
        """Return the ticket id at `position`, None outside the queue."""
        return self.index.id_at(position) if 0 <= position < self._size else None

    def row_at(self, position: int) -> Ticket | None:
        """Return the ticket at `position`, None outside or while it isn't loaded."""
        ticket_id = self.id_at(position)
        return None if ticket_id is None else self.rows.get(ticket_id)

    def missing(self, start: int, stop: int) -> list[int]:
        """Return the ids from `start` up to, not including, `stop` whose rows aren't loaded."""
        ids = self.index.slice(start, min(stop, self._size))
        return [ticket_id for ticket_id in ids if ticket_id not in self.rows]

    @property
    def cursor_position(self) -> int:
        """Return the line of the cursor; 0 in an empty queue."""
        return self._cursor_position

    @property
    def current(self) -> Ticket | None:
        """Return the ticket under the cursor, None while there is none or it isn't loaded."""
        return None if self.cursor_id is None else self.rows.get(self.cursor_id)

    @property
    def marked(self) -> list[Ticket]:
        """Return the marked tickets, as far as their rows are loaded, in the order of their marking."""
        return [self.rows[ticket_id] for ticket_id in self.marks if ticket_id in self.rows]

    def toggle_mark(self) -> None:
        """Mark the ticket under the cursor, or take its mark away."""
        ticket_id = self.cursor_id
        if ticket_id is None:
            return
        if ticket_id in self.marks:
            del self.marks[ticket_id]
        else:
            self.marks[ticket_id] = None

    def move_to(self, position: int) -> None:
        """Put the cursor on the ticket at `position`, or the nearest there is."""
        self.wanted_id = None
        self._put_cursor(position)

    def _put_cursor(self, position: int) -> None:
        self._cursor_position = max(0, min(position, self._size - 1))
        self.cursor_id = self.id_at(self._cursor_position)
