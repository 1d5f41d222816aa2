"""Reading the queue that the board shows: its first page, its index, its rows, and what changed.

No answer of the store to an earlier question is taken for one to a later question.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from oncall_tui import background
from oncall_tui.domain.hours import OpeningHours
from oncall_tui.domain.queue import Changes, Counts, Order, Queue
from oncall_tui.domain.queue_index import Place, QueueIndex
from oncall_tui.domain.tickets import Ticket
from oncall_tui.widgets.ticket_list import TicketList

if TYPE_CHECKING:
    from oncall_tui.desk import Desk
    from oncall_tui.domain.alerts import AlertNews
    from oncall_tui.domain.calls import CallNews
    from oncall_tui.screens.board import BoardScreen
    from oncall_tui.screens.source_watch import SourceNews

_MANY_CHANGES = 1_000
"""Changes at once above which reading the queue anew is the lesser work."""

_SPARE_ROWS = 20


class Refreshed(NamedTuple):
    """What the store answered about queue number `load` at `revision`, about calls, alerts and sources."""

    load: int
    revision: int | None
    changes: Changes | None
    counts: Counts
    news: CallNews | None
    alerts: AlertNews | None
    sources: SourceNews | None


@dataclass(frozen=True, slots=True)
class FirstPage:
    """The first rows of a queue, the index of just these, and the calendars that are known by now."""

    tickets: list[Ticket]
    index: QueueIndex
    hours: Mapping[int, OpeningHours]


class QueueReader:
    """Asks the store for what the board shows. Every method but `first_page` is called on the event loop."""

    def __init__(self, board: BoardScreen) -> None:
        self._board = board
        self.loads = 0
        """How often a queue was read as a whole; answers about an earlier one are dropped."""
        self._revision: int | None = None
        self._loading = False

    @property
    def _tickets(self) -> TicketList:
        return self._board.tickets

    def first_page(self, desk: Desk) -> FirstPage:
        """Read the first page of the queue; blocks, and doesn't touch the screen."""
        return _page(desk, self._board.shown, self._board.order, self._page_limit)

    def show_first_page(self, page: FirstPage) -> None:
        """Show the first page of the store that is open now; `read_on` reads the rest."""
        self._loading = True
        self._show_page(page)

    def read_on(self) -> None:
        """Read the whole queue, of which the first page stands."""
        self._read(first_page=False)

    def read_anew(self) -> None:
        """Read another queue, filter or order: its first page, then its index."""
        self._read(first_page=True)

    @property
    def _page_limit(self) -> int:
        return max(self._board.size.height, 1) + _SPARE_ROWS

    def question(self) -> Callable[[], Refreshed] | None:
        """Return what to ask the store for, to be run in a thread; None while it isn't open."""
        desk = self._board.session.desk
        if desk is None:
            return None
        load, revision = self.loads, self._revision
        board = self._board
        ask_calls, ask_alerts = board.calls.question(desk), board.alerts.question(desk)
        ask_sources = board.sources.question(desk)

        def ask() -> Refreshed:
            changes, counts = desk.queue.look(revision)
            news = ask_calls(changes), ask_alerts(changes), ask_sources(changes)
            return Refreshed(load, revision, changes, counts, *news)

        return ask

    def refreshed(self, answer: Refreshed) -> None:
        """Take the answer of the store, unless a newer one came first."""
        if answer.load == self.loads and answer.revision == self._revision:
            self._take(answer.changes)

    def _take(self, changes: Changes | None) -> None:
        if changes is None:
            if self._revision is None and not self._loading:
                self._read(first_page=False)
        elif not changes.complete or len(changes.tickets) > _MANY_CHANGES:
            self._read(first_page=False)
        else:
            self._revision = changes.revision
            if changes.tickets:
                self._board.show_changes(changes.tickets)

    def _read(self, *, first_page: bool) -> None:
        desk = self._board.session.desk
        if desk is None:
            return
        self.loads += 1
        self._revision = None
        self._loading = True
        reading = partial(self._reading, desk, self.loads, first_page=first_page)
        self._board.in_background(reading, "queue", only=True)

    async def _reading(self, desk: Desk, load: int, *, first_page: bool) -> None:
        board = self._board
        queue, order, limit = board.shown, board.order, self._page_limit
        try:
            if first_page:
                page = await background.read(lambda: _page(desk, queue, order, limit))
                if load != self.loads:
                    return
                board.store_answered()
                self._show_page(page)
                board.show_state(board.session.now())
            source = self._tickets.view.source
            found = await background.read(lambda: desk.queue.index(source, order))
        except Exception as error:  # noqa: BLE001 - the refresh job tries again and reads what is missing
            if load == self.loads:
                self._loading = False
                board.queue_unread(error)
            return
        if load == self.loads:
            self._loading = False
            self._revision = found.revision
            board.store_answered()
            self._tickets.show_index(found.index, board.session.now())
            board.queue_read()
            board.session.refresh()

    def _show_page(self, page: FirstPage) -> None:
        board = self._board
        self._tickets.show_page(
            board.shown, board.order, page.tickets, page.index, page.hours, board.session.now()
        )

    def fetch_rows(self, asked: TicketList.RowsNeeded) -> None:
        """Fetch the rows that the list asks for."""
        desk = self._board.session.desk
        if desk is not None:
            self._board.in_background(partial(self._fetching, desk, asked), "rows")

    async def _fetching(self, desk: Desk, asked: TicketList.RowsNeeded) -> None:
        try:
            rows = await background.read(lambda: desk.queue.rows(asked.ids))
        except Exception as error:  # noqa: BLE001 - the lines stay empty until the store answers
            self._tickets.rows_failed(asked)
            self._board.store_failed(error)
            return
        self._tickets.put_rows(asked, rows)


def _page(desk: Desk, queue: Queue, order: Order, limit: int) -> FirstPage:
    tickets: Sequence[Ticket] = desk.queue.page(queue, limit=limit, order=order)
    index = QueueIndex(Place.of(ticket, order) for ticket in tickets)
    index.advance({each: hours.coordinate(desk.clock()) for each, hours in desk.queue.hours().items()})
    return FirstPage(list(tickets), index, desk.queue.hours())
