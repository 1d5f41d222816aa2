"""A ticket with all that belongs to it, read while it is looked at: beside the list, or on its own screen."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from textual.app import ComposeResult
from textual.timer import Timer
from textual.widget import Widget

from oncall_tui import background
from oncall_tui.domain.errors import NotFound
from oncall_tui.domain.tickets import Ticket, TicketDetail
from oncall_tui.screens.page import Page
from oncall_tui.screens.session import Session, words
from oncall_tui.widgets.alert_columns import AlertLine
from oncall_tui.widgets.ticket_paper import Rank, TicketPaper
from oncall_tui.widgets.ticket_text import TicketHead

if TYPE_CHECKING:
    from oncall_tui.desk import Desk
    from oncall_tui.domain.alerts import Alert

REST = 0.12
"""Seconds that the cursor rests on a ticket before what belongs to it is read."""


class TicketPane(Widget):
    """Head and page of one ticket."""

    DEFAULT_CSS = "TicketPane { layout: vertical; height: 1fr; width: 1fr; }"

    def __init__(self, session: Session, rank: Rank, ticket: Ticket | None = None) -> None:
        """`rank` tells the place that a ticket would have in the queue."""
        super().__init__(id="pane")
        self.session = session
        self.ticket = ticket
        self.detail: TicketDetail | None = None
        self.alerts: tuple[AlertLine, ...] = ()
        """The alerts of the ticket, as they were read last."""
        self.head = TicketHead(ticket, session.zone, session.now(), ticking=session.ticking)
        self.paper = TicketPaper(session.zone, rank, session.keymap.key("outbox"))
        self._resting: Timer | None = None

    def compose(self) -> ComposeResult:
        yield self.head
        yield self.paper

    def on_mount(self) -> None:
        if self.ticket is not None:
            self.paper.wait()
            self.read()

    def show(self, ticket: Ticket | None) -> None:
        """Show `ticket`: its head at once, the rest when the cursor has rested on it."""
        before, self.ticket = self.ticket, ticket
        self.display = ticket is not None
        if ticket is None or (before == ticket and self.detail is not None):
            return
        self.head.show(ticket, self.session.now())
        if before is None or before.id != ticket.id:
            self.detail, self.alerts = None, ()
            self.paper.wait()
        self._read_soon()

    def tickets_changed(self, tickets: Sequence[Ticket]) -> None:
        """Take tickets as somebody has changed them."""
        for ticket in tickets:
            known = self.ticket
            if known is not None and ticket.id == known.id and ticket.revision > known.revision:
                self.ticket = ticket
                if self.is_attached:
                    self.head.show(ticket, self.session.now())
                    self.read()

    @property
    def open_alerts(self) -> tuple[Alert, ...]:
        """Return the alerts of the ticket that nobody has stopped, as far as they are known."""
        return tuple(line.alert for line in self.alerts if line.alert.open)

    def alerts_changed(self, before: Sequence[Alert]) -> None:
        """Look again if an alert of this ticket is among what has changed since `before`."""
        ticket_id = None if self.ticket is None else self.ticket.id
        was, now = (
            [alert for alert in each if alert.ticket_id == ticket_id]
            for each in (before, self.session.open_alerts)
        )
        if ticket_id is not None and was != now:
            self.read()

    def tick(self, now: datetime) -> None:
        """Bring what depends on the clock up to `now`."""
        if self.ticket is not None:
            self.head.show(self.ticket, now)
            self.paper.tick(now)

    def recolour(self) -> None:
        """Write everything anew, in the colours of another theme."""
        if self.detail is not None and self.session.desk is not None:
            self.paper.show(self.detail, self.session.desk.offer, self.session.now())
            self.paper.show_alerts(self.alerts, self.session.now())

    def scroll_page(self, lines: int) -> None:
        """Scroll the page by `lines`, up if negative."""
        self.paper.scroll_relative(y=lines, animate=False)

    def _read_soon(self) -> None:
        if self._resting is not None:
            self._resting.stop()
        self._resting = self.set_timer(REST, self.read)

    def read(self) -> None:
        """Read what belongs to the ticket."""
        page = self.screen
        if self.is_attached and isinstance(page, Page):
            page.run_guarded(self._reading, self, "detail", only=True)

    async def _reading(self) -> None:
        desk, ticket = self.session.desk, self.ticket
        if desk is None or ticket is None:
            return
        try:
            detail, alerts = await background.read(
                lambda: (desk.tickets.detail(ticket.id), _alerts(desk, ticket))
            )
        except NotFound as error:
            self.detail = None
            self.paper.unread(words(error))
            return
        except Exception as error:  # noqa: BLE001 - what is on screen stays, and the line says why it is old
            if self.detail is None:
                self.paper.unread(words(error))
            return
        if self.ticket is None or self.ticket.id != detail.ticket.id:
            return
        self.ticket = max(self.ticket, detail.ticket, key=lambda each: each.revision)
        self.detail = detail
        now = self.session.now()
        self.head.show(self.ticket, now)
        self.head.show_origin(detail.origin)
        self.alerts = alerts
        self.paper.show(detail, desk.offer, now)
        self.paper.show_alerts(alerts, now)
        if isinstance(self.screen, Page):
            self.screen.show_state(now)


def _alerts(desk: Desk, ticket: Ticket) -> tuple[AlertLine, ...]:
    found = desk.alerts.of_ticket(ticket.id)
    made = desk.alerts.deliveries_of([alert.id for alert in found])
    return tuple(AlertLine(alert, tuple(made[alert.id])) for alert in found)
