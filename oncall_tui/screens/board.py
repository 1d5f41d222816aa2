"""The board: the queues, and the open tickets of one of them, what runs out next first."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from functools import partial
from time import monotonic
from typing import TYPE_CHECKING, NamedTuple

from textual.app import ComposeResult
from textual.message import Message

from oncall_tui import background
from oncall_tui.actions import Scope
from oncall_tui.domain.queue import QUEUES, Changes, Counts, Queue, QueueIndex, QueueKey
from oncall_tui.domain.tickets import Ticket
from oncall_tui.screens.acts import TicketPage
from oncall_tui.screens.session import Session
from oncall_tui.widgets.queue_tabs import QueueTabs
from oncall_tui.widgets.rule import Rule
from oncall_tui.widgets.ticket_list import TicketList

if TYPE_CHECKING:
    from oncall_tui.desk import Desk
    from oncall_tui.screens.palette import Offer

COUNTS_EVERY = 10.0
"""Seconds after which counts are read again though nothing changed: urgency grows by itself."""

_MANY_CHANGES = 300
"""Changes at once above which reading the queue anew is the lesser work."""

_SPARE_ROWS = 20


class Refreshed(NamedTuple):
    """What the store answered about the queue number `load` at `revision`."""

    load: int
    revision: int | None
    changes: Changes | None
    counts: Counts | None


FirstPage = tuple[list[Ticket], QueueIndex]
"""The first rows of a queue, and the index of just these."""


class BoardScreen(TicketPage):
    """The board. It holds an index of ids, and the rows on screen and a page either way."""

    SCOPE = Scope.BOARD

    class Painted(Message):
        """The first frame is painted: there is time for what it didn't need."""

    def __init__(self, session: Session, queue: Queue = QUEUES[0]) -> None:
        super().__init__(session)
        self.queue = queue
        self.tabs = QueueTabs(QUEUES, QUEUES.index(queue))
        self.tickets = TicketList(queue, session.operator, session.zone, session.now(), session.hold_seconds)
        self.tickets.show_notice("Opening the store …")
        self._counts: Counts | None = None
        self._counted_at = 0.0
        self.loads = 0
        """How often a queue was read as a whole; answers about an earlier one are dropped."""
        self._revision: int | None = None
        self._loading = False
        self._painted = False

    def compose_body(self) -> ComposeResult:
        yield self.tabs
        yield Rule(id="rule")
        yield self.tickets

    # The store, from open to answers

    def on_screen_resume(self) -> None:
        if not self._painted:
            self._painted = True
            # Once this message has been dealt with, which is when Textual paints.
            self.call_next(self.post_message, self.Painted())

    def first_page(self, desk: Desk) -> FirstPage:
        """Read the first page of the queue; blocks, and doesn't touch the screen."""
        return _page(desk, self.queue, self._page_limit)

    def attach(self, desk: Desk, page: FirstPage) -> None:
        """Show `page` from the store, which is open now; `read_on` reads the rest."""
        self.session.desk = desk
        self.session.health.answered()
        self._loading = True
        self.tickets.show_page(*page, self.session.now())
        self.show_state(self.session.now())

    def read_on(self) -> None:
        """Read the whole queue, of which the first page stands."""
        self._read_queue(emptied=False)

    @property
    def _page_limit(self) -> int:
        return max(self.size.height, 1) + _SPARE_ROWS

    def store_failed(self, error: Exception) -> None:
        """Keep the last good data and say that it gets old, and why."""
        if self.session.health.failed(error) and self.session.desk is not None:
            self.say(self.session.health.why)
        self.show_state(self.session.now())

    def question(self) -> Callable[[], Refreshed] | None:
        """Return what to ask the store for, to be run in a thread; None while it isn't open."""
        desk = self.session.desk
        if desk is None:
            return None
        load, revision = self.loads, self._revision
        # While nothing was read the counts show that the store answers again.
        count_anyway = (
            revision is None or self._counts is None or monotonic() - self._counted_at > COUNTS_EVERY
        )

        def ask() -> Refreshed:
            changes = None if revision is None else desk.queue.changed_since(revision)
            changed = changes is not None and bool(changes.tickets or not changes.complete)
            counts = desk.queue.counts() if changed or count_anyway else None
            return Refreshed(load, revision, changes, counts)

        return ask

    def refreshed(self, answer: Refreshed) -> None:
        """Take the answer of the store, unless a newer one came first."""
        if answer.counts is not None:
            self._counts, self._counted_at = answer.counts, monotonic()
            self.session.urgencies = answer.counts.urgencies
        self.session.health.answered()
        if answer.load == self.loads and answer.revision == self._revision:
            self._take(answer.changes)
        self.show_state(self.session.now())

    def _take(self, changes: Changes | None) -> None:
        if changes is None:
            if self._revision is None and not self._loading:
                self._read_queue(emptied=False)
        elif not changes.complete or len(changes.tickets) > _MANY_CHANGES:
            self._read_queue(emptied=False)
        else:
            self._revision = changes.revision
            if changes.tickets:
                self._show_changes(changes.tickets)

    def _show_changes(self, tickets: Sequence[Ticket], *, own: bool = False) -> None:
        self.tickets.apply(tickets, self.session.now(), own=own)
        for page in self._pages_above():
            page.tickets_changed(tickets)

    def _pages_above(self) -> list[TicketPage]:
        stack = self.app.screen_stack
        return [screen for screen in stack if screen is not self and isinstance(screen, TicketPage)]

    def tickets_changed(self, tickets: Sequence[Ticket]) -> None:
        self.tickets.apply(tickets, self.session.now())

    def ticket_changed(self, ticket: Ticket) -> None:
        self._show_changes([ticket], own=True)

    def queue_reread(self) -> None:
        """Nothing: the board is who reads the queue."""

    def _read_queue(self, *, emptied: bool = True) -> None:
        """Read the queue anew: its first page if it is `emptied`, then its index."""
        desk = self.session.desk
        if desk is None:
            return
        self.loads += 1
        self._revision = None
        self._loading = True
        if emptied:
            self.tickets.show_notice("Reading the queue …")
            self.tickets.show_queue(self.queue)
        reading = partial(self._reading, desk, self.loads, first_page=emptied)
        self.in_background(reading, "queue", only=True)

    async def _reading(self, desk: Desk, load: int, *, first_page: bool) -> None:
        queue, source = self.queue, self.tickets.view.source
        limit = self._page_limit
        try:
            if first_page:
                page, index = await background.read(lambda: _page(desk, queue, limit))
                if load != self.loads:
                    return
                self.session.health.answered()
                self.tickets.show_page(page, index, self.session.now())
                self.show_state(self.session.now())
            board = await background.read(lambda: desk.queue.index(source))
        except Exception as error:  # noqa: BLE001 - the refresh job tries again and reads what is missing
            if load == self.loads:
                self._loading = False
                self.store_failed(error)
            return
        if load == self.loads:
            self._loading = False
            self._revision = board.revision
            self.session.health.answered()
            self.tickets.show_notice(*self._why_empty())
            self.tickets.show_index(board.index, self.session.now())
            for above in self._pages_above():
                above.queue_reread()
            self.session.refresh()

    def on_ticket_list_rows_needed(self, event: TicketList.RowsNeeded) -> None:
        desk = self.session.desk
        if desk is not None:
            self.in_background(partial(self._fetch_rows, desk, event), "rows")

    async def _fetch_rows(self, desk: Desk, asked: TicketList.RowsNeeded) -> None:
        try:
            rows = await background.read(lambda: desk.queue.rows(asked.ids))
        except Exception as error:  # noqa: BLE001 - the lines stay empty until the store answers
            self.tickets.rows_failed(asked)
            self.store_failed(error)
            return
        self.tickets.put_rows(asked, rows)

    # What is shown

    @property
    def ticket(self) -> Ticket | None:
        return self.tickets.current

    @property
    def no_ticket(self) -> str:
        on_its_way = self.tickets.view.cursor_id is not None
        return "this ticket is still being read" if on_its_way else super().no_ticket

    def take_fall(self) -> str:
        view, ticket = self.tickets.view, self.ticket
        fall, view.fall = view.fall, None
        if fall is None or ticket is None:
            return ""
        left = "the ticket that was here" if fall.row is None else fall.row.ref
        why = "" if fall.row is None else self._why_left(fall.row)
        return f"{left} left this queue{why}; the cursor is on {ticket.ref} now, press again"

    def _why_left(self, ticket: Ticket) -> str:
        if ticket.closed_at is not None:
            return " (it is closed)"
        if ticket.owner is None or not (self.queue.unassigned or self.queue.mine):
            return ""
        return " (it is yours)" if ticket.owner == self.session.operator else f" ({ticket.owner} has it)"

    def tick(self, now: datetime) -> None:
        self.tickets.tick(now)
        super().tick(now)

    def show_state(self, now: datetime) -> None:
        self.tabs.show(QUEUES.index(self.queue), {} if self._counts is None else self._counts.queues)
        if self.session.desk is None and self.session.health.stale_seconds is not None:
            key = self.session.keymap.key
            self.tickets.show_notice(
                "The store can't be reached.",
                self.session.health.why,
                f"{key('refresh')} tries again now   {key('leave')} quits",
            )
        super().show_state(now)

    def _why_empty(self) -> tuple[str, ...]:
        key = self.session.keymap.key
        if self.queue is not QUEUES[0]:
            return (f"No open tickets in {self.queue.label}.", f"{key('queue')} shows them all")
        return (
            "No open tickets.",
            f"{key('new')} files one   oncall-tui import tickets FILE brings some in",
        )

    def places(self) -> Sequence[Offer]:
        from oncall_tui.screens.palette import queue_offers

        return queue_offers(QUEUES, self.session.keymap.named("queue"))

    def on_ticket_list_cursor_moved(self) -> None:
        self.show_state(self.session.now())

    def on_queue_tabs_chosen(self, event: QueueTabs.Chosen) -> None:
        self.action_queue(event.number)

    def on_ticket_list_opened(self) -> None:
        self.action_open()

    # Keys

    def on_key(self) -> None:
        self.tickets.hold()
        super().on_key()

    def action_open(self) -> None:
        """Open the ticket under the cursor."""
        from oncall_tui.screens.ticket import TicketScreen

        ticket = self.ticket
        if not self.refuse("open") and ticket is not None:
            self.tickets.view.fall = None  # the ticket itself says which it is
            self.app.push_screen(TicketScreen(self.session, ticket, self.ticket_changed))

    def action_queue(self, number: int) -> None:
        """Show the queue at place `number`, from 1."""
        queue = QUEUES[number - 1]
        if queue is not self.queue:
            self.queue = queue
            self._read_queue()
            self.show_state(self.session.now())

    def action_next_queue(self) -> None:
        """Show the queue after this one."""
        self.action_queue((QUEUES.index(self.queue) + 1) % len(QUEUES) + 1)

    def action_previous_queue(self) -> None:
        """Show the queue before this one."""
        self.action_queue((QUEUES.index(self.queue) - 1) % len(QUEUES) + 1)

    def action_down(self) -> None:
        """Move the cursor one line down."""
        self.tickets.move_by(1)

    def action_up(self) -> None:
        """Move the cursor one line up."""
        self.tickets.move_by(-1)

    def action_first(self) -> None:
        """Move the cursor to the top."""
        self.tickets.move_cursor(0)

    def action_last(self) -> None:
        """Move the cursor to the end."""
        self.tickets.move_cursor(len(self.tickets.view) - 1)

    def action_page_down(self) -> None:
        """Move the cursor one page down."""
        self.tickets.move_by(self.tickets.page)

    def action_page_up(self) -> None:
        """Move the cursor one page up."""
        self.tickets.move_by(-self.tickets.page)


def _page(desk: Desk, queue: Queue, limit: int) -> FirstPage:
    tickets = desk.queue.page(queue, limit=limit)
    return tickets, QueueIndex(QueueKey.of(ticket) for ticket in tickets)
