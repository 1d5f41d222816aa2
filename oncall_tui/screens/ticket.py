"""A ticket on a screen of its own: who asks what, since when it is due when, and what was done."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from textual.app import ComposeResult

from oncall_tui.actions import Scope
from oncall_tui.domain.tickets import Ticket
from oncall_tui.screens.acts import TicketPage
from oncall_tui.screens.paper import PaperKeys
from oncall_tui.screens.session import Session
from oncall_tui.screens.ticket_pane import TicketPane
from oncall_tui.translation import _
from oncall_tui.widgets.ticket_paper import Rank

if TYPE_CHECKING:
    from oncall_tui.domain.alerts import Alert


class TicketScreen(PaperKeys, TicketPage):
    """One ticket, opened from the board, kept up to date while it is open."""

    SCOPE = Scope.TICKET

    def __init__(
        self, session: Session, ticket: Ticket, changed: Callable[[Sequence[Ticket]], None], rank: Rank
    ) -> None:
        """`changed` is told of the ticket after each act of this screen; `rank` as in `TicketPane`."""
        super().__init__(session)
        self._changed = changed
        self.pane = TicketPane(session, rank, ticket)

    def compose_body(self) -> ComposeResult:
        yield self.pane

    @property
    def targets(self) -> tuple[Ticket, ...]:
        return () if self.pane.ticket is None else (self.pane.ticket,)

    def acted(self, tickets: Sequence[Ticket]) -> None:
        self.tickets_changed(tickets)
        self._changed(tickets)

    def tickets_changed(self, tickets: Sequence[Ticket]) -> None:
        self.pane.tickets_changed(tickets)
        if self.is_attached:
            self.show_state(self.session.now())

    def queue_reread(self) -> None:
        self.pane.read()

    def alerts_changed(self, before: Sequence[Alert]) -> None:
        super().alerts_changed(before)
        self.pane.alerts_changed(before)

    def alerts_here(self) -> tuple[Alert, ...]:
        return self.pane.open_alerts

    def no_alert_here(self) -> str:
        return _("no alert of this ticket is open")

    def recolour(self) -> None:
        self.pane.recolour()

    def show_state(self, now: datetime) -> None:
        self.pane.tick(now)
        super().show_state(now)
