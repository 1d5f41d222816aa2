"""The board: the queues, and the open tickets of one of them, what runs out next first."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from textual.app import ComposeResult
from textual.message import Message
from textual.widget import Widget

from oncall_tui.actions import Action, Scope
from oncall_tui.domain.filters import Filter
from oncall_tui.domain.queue import QUEUES, Counts, Order, Queue
from oncall_tui.domain.tickets import Ticket
from oncall_tui.keynames import shown
from oncall_tui.screens.acts import TicketPage
from oncall_tui.screens.alert_watch import AlertWatch
from oncall_tui.screens.board_filter import BoardFilter
from oncall_tui.screens.board_words import left_cursor, left_marks, nothing_listed
from oncall_tui.screens.call_watch import CallWatch
from oncall_tui.screens.held_key import FASTER_THAN_FINGERS, KEY_REPEATS, HeldKey
from oncall_tui.screens.list_keys import ListKeys
from oncall_tui.screens.queue_reader import FirstPage, QueueReader, Refreshed
from oncall_tui.screens.session import Session, words
from oncall_tui.screens.source_watch import SourceWatch
from oncall_tui.screens.typed_filter import FilteredPage
from oncall_tui.widgets.board_rule import BoardRule, Listing
from oncall_tui.widgets.queue_tabs import QueueTabs
from oncall_tui.widgets.ticket_list import TicketList

if TYPE_CHECKING:
    from oncall_tui.desk import Desk
    from oncall_tui.domain.alerts import Alert
    from oncall_tui.screens.palette import Offer
    from oncall_tui.screens.ticket_pane import TicketPane

WIDE = 120
"""Columns from which on the ticket under the cursor stands beside the list."""

_ORDERS = tuple(Order)


class Body(Widget):
    """What stands between the rule above the list and the status rule: the list, and a ticket beside it."""

    DEFAULT_CSS = "Body { layout: horizontal; height: 1fr; width: 1fr; }"


class BoardScreen(ListKeys, FilteredPage, TicketPage):
    """The board. It holds an index of ids, and the rows on screen and a page either way."""

    SCOPE = Scope.BOARD
    filters: BoardFilter

    class Painted(Message):
        """The first frame is painted: there is time for what it didn't need."""

    def __init__(self, session: Session, queue: Queue = QUEUES[0], queues: Sequence[Queue] = QUEUES) -> None:
        super().__init__(session)
        self.queues = tuple(queues)
        self.queue = queue
        self._order = Order.DUE
        keys = [shown(key) for key in session.keymap.named("queue").keys]
        self.tabs = QueueTabs(self.queues, self.queues.index(queue), keys)
        self.rule = BoardRule()
        self.tickets = TicketList(
            queue,
            session.operator,
            session.zone,
            session.now(),
            session.hold_seconds,
            ticking=session.ticking,
        )
        self.tickets.show_notice("Opening the store …")
        self.body = Body(self.tickets, id="body")
        self.pane: TicketPane | None = None
        self.reader = QueueReader(self)
        self.calls = CallWatch(session)
        self.alerts = AlertWatch(session)
        self.sources = SourceWatch(session)
        self.filters = BoardFilter(self)
        self._painted = False
        self.unread = ""
        """Why the queue couldn't be read."""
        self.counts: Counts | None = None
        self._count_again = False
        self._held = HeldKey()

    def compose_body(self) -> ComposeResult:
        yield self.tabs
        yield self.rule
        yield self.body

    # What is listed

    @property
    def filter(self) -> Filter:
        """Return the filter of the queue that is listed."""
        return self.filters.current

    @property
    def shown(self) -> Queue:
        """Return the queue that is listed, with its filter."""
        return self.queue.narrowed(self.filter)

    @property
    def order(self) -> Order:
        """Return the order of the list. What is overdue is listed by due time whatever was chosen."""
        return Order.DUE if self.queue.overdue else self._order

    # The store, from open to answers

    def on_screen_resume(self) -> None:
        if not self._painted:
            self._painted = True
            # Once this message has been dealt with, which is when Textual paints.
            self.call_next(self.post_message, self.Painted())

    def attach(self, desk: Desk, page: FirstPage) -> None:
        """Show `page` from the store, which is open now; `reader.read_on` reads the rest."""
        self.session.desk = desk
        self.session.health.answered()
        self.reader.show_first_page(page)
        self.show_state(self.session.now())

    def store_answered(self) -> None:
        """Note that what is on screen is as the store has it now."""
        self.session.health.answered()
        self.unread = ""

    def store_failed(self, error: Exception) -> None:
        """Keep the last good data and say that it gets old, and why."""
        if self.session.health.failed(error) and self.session.desk is not None:
            self.say(self.session.health.why)
        self.show_state(self.session.now())

    def queue_unread(self, error: Exception) -> None:
        """Say that the queue couldn't be read, where its tickets would be."""
        self.unread = words(error)
        self.store_failed(error)

    def queue_read(self) -> None:
        """Take it that the queue stands on screen as a whole."""
        self.show_state(self.session.now())
        for above in self._pages_above():
            above.queue_reread()

    def question(self) -> Callable[[], Refreshed] | None:
        """Return what to ask the store for, to be run in a thread; None while it isn't open."""
        return self.reader.question()

    def count_again(self) -> None:
        """Take new counts, now: where nothing ticks they change with everything else."""
        self._count_again = True
        self.session.refresh()

    def refreshed(self, answer: Refreshed) -> None:
        """Take the answer of the store."""
        changed = answer.changes is None or bool(answer.changes.tickets) or not answer.changes.complete
        counted = answer.counts != self.counts
        if self.session.ticking or changed or self._count_again or self.counts is None:
            # Urgency grows by itself: where nothing ticks it does so once a minute.
            self.counts, self._count_again = answer.counts, False
            self.session.urgencies = answer.counts.urgencies
        recovered = self.session.health.answered()
        self.calls.take(answer.news, self.app)
        self.alerts.take(answer.alerts, self.app)
        self.sources.take(answer.sources, self.app)
        self.reader.refreshed(answer)
        if changed or counted or recovered:
            self.show_state(self.session.now())

    def show_changes(self, tickets: Sequence[Ticket], *, own: bool = False) -> None:
        """Show tickets as they are now, here and on the pages above; `own` if this board has acted."""
        self.tickets.apply(tickets, self.session.now(), own=own)
        if self.pane is not None:
            self.pane.tickets_changed(tickets)
        for page in self._pages_above():
            page.tickets_changed(tickets)

    def _pages_above(self) -> list[TicketPage]:
        stack = self.app.screen_stack
        return [screen for screen in stack if screen is not self and isinstance(screen, TicketPage)]

    def tickets_changed(self, tickets: Sequence[Ticket]) -> None:
        self.tickets.apply(tickets, self.session.now())

    def acted(self, tickets: Sequence[Ticket]) -> None:
        for ticket in tickets:
            self.tickets.view.marks.pop(ticket.id, None)
        self.show_changes(tickets, own=True)

    def queue_reread(self) -> None:
        """Nothing: the board is who reads the queue."""

    def on_ticket_list_rows_needed(self, event: TicketList.RowsNeeded) -> None:
        self.reader.fetch_rows(event)

    # What is shown

    @property
    def targets(self) -> tuple[Ticket, ...]:
        view = self.tickets.view
        if view.marks:
            marked = tuple(view.marked)
            return marked if len(marked) == len(view.marks) else ()
        return () if view.current is None else (view.current,)

    @property
    def no_ticket(self) -> str:
        view = self.tickets.view
        if view.marks:
            return "a marked ticket is still being read"
        return "this ticket is still being read" if view.cursor_id is not None else super().no_ticket

    def take_fall(self) -> str:
        view = self.tickets.view
        fall, view.fall = view.fall, None
        lost, view.lost_marks = view.lost_marks, []
        operator = self.session.operator
        if lost:
            return left_marks(lost, len(view.marks), self.shown, operator)
        if fall is None or view.current is None or view.marks:
            return ""
        return left_cursor(fall, view.current, self.shown, operator)

    def alerts_changed(self, before: Sequence[Alert]) -> None:
        super().alerts_changed(before)
        if self.pane is not None:
            self.pane.alerts_changed(before)

    def recolour(self) -> None:
        if self.pane is not None:
            self.pane.recolour()

    def on_resize(self) -> None:
        super().on_resize()
        self._show_pane()

    def _show_pane(self) -> None:
        """Put the ticket under the cursor beside the list where there is room for both."""
        wide = self.size.width >= WIDE
        self.body.set_class(wide, "-wide")
        if wide and self.pane is None and self.session.desk is not None:
            from oncall_tui.screens.ticket_pane import TicketPane

            self.pane = TicketPane(self.session, self.tickets.rank)
            self.body.mount(self.pane)
        if self.pane is not None:
            self.pane.show(self.tickets.current if wide else None)

    def tick(self, now: datetime) -> None:
        self.tickets.tick(now)
        if self.pane is not None:
            self.pane.tick(now)
        super().tick(now)

    def show_state(self, now: datetime) -> None:
        counts = self.counts
        queues = {} if counts is None else counts.queues
        self.tabs.show(self.queues.index(self.queue), queues)
        view = self.tickets.view
        self.rule.show(
            Listing(
                self.filter.text if self.filter else "",
                len(view) if view.complete else None,
                queues.get(self.queue.name),
                "" if self.order is Order.DUE else self.order.label,
                len(view.marks),
            )
        )
        self.tickets.show_notice(*nothing_listed(self))
        super().show_state(now)

    def places(self) -> Sequence[Offer]:
        from oncall_tui.screens.palette import queue_offers

        return queue_offers(self.queues, self.session.keymap.named("queue"))

    def on_ticket_list_cursor_moved(self) -> None:
        self.show_state(self.session.now())
        self._show_pane()

    def on_queue_tabs_chosen(self, event: QueueTabs.Chosen) -> None:
        self.action_queue(event.number)

    def on_ticket_list_opened(self) -> None:
        self.action_open()

    # Keys

    def typed(self, key: str) -> bool:
        self.tickets.hold()
        return super().typed(key) or self._held.repeats(key)

    def possible(self) -> Sequence[Action]:
        return self.filters.keys or super().possible()

    def why_not(self, action: Action) -> str:
        match action.id:
            case "filter" | "order" | "order_back" if self.session.desk is None:
                return f"{action.label}: the store isn't open"
            case "mark":
                return "" if self.tickets.view.cursor_id is not None else f"mark: {super().no_ticket}"
            case "back":
                nothing = not self.tickets.view.marks and not self.filter
                return "there is no mark and no filter to clear" if nothing else ""
            case "order" | "order_back":
                return "what is overdue always stands by due time" if self.queue.overdue else ""
            case "pane_down" | "pane_up":
                beside = self.pane is not None and self.size.width >= WIDE
                return "" if beside else f"the ticket stands beside the list from {WIDE} columns on"
        return super().why_not(action)

    def chosen(self, action_id: str) -> tuple[Ticket, ...]:
        targets = super().chosen(action_id)
        key, at = self.session.last_key
        if targets and key in self.session.keymap.named(action_id).keys:
            # The act takes the marks away, or the line from under the cursor: held down, the key would
            # go on to a ticket that nobody chose.
            within = KEY_REPEATS if self.tickets.view.marks else FASTER_THAN_FINGERS
            self._held = HeldKey(key, at, within=within)
        return targets

    def action_open(self) -> None:
        """Open the ticket under the cursor."""
        from oncall_tui.screens.ticket import TicketScreen

        ticket = self.tickets.current
        if not self.refuse("open") and ticket is not None:
            self.tickets.view.fall = None  # the ticket itself says which it is
            screen = TicketScreen(self.session, ticket, self.acted, self.tickets.rank)
            self.app.push_screen(screen)

    def action_queue(self, number: int) -> None:
        """Show the queue at place `number`, from 1."""
        if number > len(self.queues):
            self.say(f"there are {len(self.queues)} queues")
            return
        queue = self.queues[number - 1]
        self.filters.close()
        if queue is not self.queue:
            self.queue = queue
            self.tickets.show_queue(self.shown, self.order)
            self.list_anew()

    def list_anew(self) -> None:
        """Read what is to be listed now."""
        self.unread = ""
        self.reader.read_anew()
        self.show_state(self.session.now())

    def action_next_queue(self) -> None:
        """Show the queue after this one."""
        self.action_queue((self.queues.index(self.queue) + 1) % len(self.queues) + 1)

    def action_previous_queue(self) -> None:
        """Show the queue before this one."""
        self.action_queue((self.queues.index(self.queue) - 1) % len(self.queues) + 1)

    def action_order(self, steps: int = 1) -> None:
        """List the tickets in the next order."""
        if self.refuse("order"):
            return
        self._order = _ORDERS[(_ORDERS.index(self._order) + steps) % len(_ORDERS)]
        self.say(f"listed {self._order.label}")
        self.list_anew()

    def action_order_back(self) -> None:
        """List the tickets in the order before."""
        self.action_order(-1)

    def action_mark(self) -> None:
        """Mark the ticket under the cursor, or take its mark away."""
        if not self.refuse("mark"):
            self.tickets.toggle_mark()
            self.show_state(self.session.now())

    def action_back(self) -> None:
        """Take the marks away; where there are none, the filter."""
        if self.refuse("back"):
            return
        if self.tickets.view.marks:
            self.tickets.clear_marks()
            self.show_state(self.session.now())
        else:
            self.filters.clear()

    # The ticket beside the list

    def action_pane_down(self) -> None:
        """Scroll the ticket beside the list down."""
        if not self.refuse("pane_down") and self.pane is not None:
            self.pane.scroll_page(1)

    def action_pane_up(self) -> None:
        """Scroll the ticket beside the list up."""
        if not self.refuse("pane_up") and self.pane is not None:
            self.pane.scroll_page(-1)
