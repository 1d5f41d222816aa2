"""What the list knows of a queue: the index of ids, the rows near the screen, and the cursor.

The cursor is a ticket id. It stays on its ticket wherever that goes; when the ticket leaves the queue
the cursor falls to the one that takes its place, and the view remembers that nobody put it there.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import NamedTuple

from oncall_tui.domain.queue import Queue, QueueIndex, QueueKey, queue_named
from oncall_tui.domain.tickets import Ticket

ROWS_KEPT = 2_000
"""Rows kept in memory; what lies far from the screen is fetched again when it is scrolled to."""


class Fall(NamedTuple):
    """The ticket that the cursor stood on when it left, and its row as last known."""

    ticket_id: int
    row: Ticket | None


class QueueView:
    """A queue in the order of R10, with a cursor. Not shared between threads."""

    def __init__(self, queue: Queue, operator: str) -> None:
        self.queue = queue
        self.operator = operator
        self.index = QueueIndex()
        self.rows: dict[int, Ticket] = {}
        self.cursor_id: int | None = None
        self.fall: Fall | None = None
        """Where the cursor fell from, until somebody moves it or is told."""
        self.complete = False
        self._own: dict[int, int] = {}
        self._cursor_position = 0
        self._size = 0
        # Answers of the store may overtake one another; revisions say which one is newer.
        self._newest: dict[int, int] = {}
        # A ticket becomes overdue without anybody writing it, so this queue is the first part of
        # the one that holds them all.
        self.source = queue_named("all") if queue.overdue else queue

    def __len__(self) -> int:
        return self._size

    def load(self, index: QueueIndex, rows: Iterable[Ticket], now: datetime, *, complete: bool) -> None:
        """Take `index` in place of what was; `complete` is false for a first page."""
        self.index = index
        self.complete = complete
        self._newest.clear()
        self.rows.update((ticket.id, ticket) for ticket in rows)
        self.settle(now)

    def put_rows(self, rows: Mapping[int, Ticket], near: Iterable[int]) -> None:
        """Keep `rows`; where that makes too many, forget those that aren't `near`."""
        self.rows.update((ticket_id, row) for ticket_id, row in rows.items() if self.is_news(row))
        if len(self.rows) > ROWS_KEPT:
            self.keep_rows({*near, *rows, *([] if self.cursor_id is None else [self.cursor_id])})

    def keep_rows(self, ids: Iterable[int]) -> None:
        """Forget all rows but those of `ids`."""
        self.rows = {ticket_id: self.rows[ticket_id] for ticket_id in ids if ticket_id in self.rows}

    def drop(self, ids: Iterable[int], now: datetime) -> None:
        """Take tickets out that aren't in the store any more."""
        gone = list(ids)
        for ticket_id in gone:
            self.index.discard(ticket_id)
        self._settle_without(gone, now)

    def apply(self, tickets: Iterable[Ticket], now: datetime) -> None:
        """Put changed tickets where they belong now, or out of the queue."""
        gone = set()
        for ticket in tickets:
            if not self.is_news(ticket):
                continue
            self._newest[ticket.id] = ticket.revision
            self.rows[ticket.id] = ticket
            if self.source.holds(ticket, self.operator, now):
                self.index.put(QueueKey.of(ticket))
                gone.discard(ticket.id)
            else:
                self.index.discard(ticket.id)
                gone.add(ticket.id)
        self._settle_without(gone, now)

    def _settle_without(self, gone: Iterable[int], now: datetime) -> None:
        # A fall is told with the last row, so rows go after the cursor.
        self.settle(now)
        for ticket_id in gone:
            self.rows.pop(ticket_id, None)

    def expect(self, ticket: Ticket) -> None:
        """Take it that the engineer made `ticket` what it is: if it leaves for that, it is no surprise."""
        self._own[ticket.id] = ticket.revision
        if self.fall is not None:
            self.fall = self._surprise(self.fall)

    def _surprise(self, fall: Fall) -> Fall | None:
        own = fall.row is not None and fall.row.revision == self._own.get(fall.ticket_id)
        return None if own else fall

    def is_news(self, ticket: Ticket) -> bool:
        """Say whether `ticket` isn't older than what is known of it."""
        known = self.rows.get(ticket.id)
        newest = max(self._newest.get(ticket.id, 0), 0 if known is None else known.revision)
        return ticket.revision >= newest

    def settle(self, now: datetime) -> bool:
        """Bring size and cursor in line with the index at `now`; say whether the size changed."""
        before, stood_on = self._size, self.cursor_id
        self._size = self.index.overdue(now) if self.queue.overdue else len(self.index)
        position = None if self.cursor_id is None else self.index.position(self.cursor_id)
        self.move_to(self._cursor_position if position is None else position)
        # Of several falls the first one counts: it left what was looked at.
        if stood_on is not None and stood_on != self.cursor_id and self.fall is None:
            self.fall = self._surprise(Fall(stood_on, self.rows.get(stood_on)))
        return self._size != before

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

    def move_to(self, position: int) -> None:
        """Put the cursor on the ticket at `position`, or the nearest there is."""
        self._cursor_position = max(0, min(position, self._size - 1))
        self.cursor_id = self.id_at(self._cursor_position)
