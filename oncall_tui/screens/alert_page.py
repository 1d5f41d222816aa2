"""What the list of alerts and one of them on its own page have in common: reading, and where it leads."""

from __future__ import annotations

from typing import TYPE_CHECKING

from oncall_tui import background
from oncall_tui.actions import Action
from oncall_tui.domain.alerts import Kind
from oncall_tui.domain.errors import OncallError
from oncall_tui.screens.page import Page
from oncall_tui.screens.session import words
from oncall_tui.translation import _
from oncall_tui.widgets.alert_columns import AlertLine

if TYPE_CHECKING:
    from oncall_tui.domain.alerts import Alert


class AlertPage(Page):
    """A page with an alert to act on."""

    @property
    def line(self) -> AlertLine | None:
        """Return the alert that a key acts on now."""
        raise NotImplementedError

    def alerts_here(self) -> tuple[Alert, ...]:
        line = self.line
        return (line.alert,) if line is not None and line.alert.open else ()

    def no_alert_here(self) -> str:
        line = self.line
        if line is None:
            return _("there is no alert here")
        alert = line.alert
        if alert.acknowledged_at is not None:
            return _("{who} acknowledged it").format(who=alert.acknowledged_by)
        return _("it is settled")

    def why_not(self, action: Action) -> str:
        if action.id == "open" and self.line is None:
            return _("there is no alert here")
        return ""

    def leads_to(self) -> str:
        """Return why there is nothing that the alert leads to, empty if there is."""
        line = self.line
        if line is None:
            return _("there is no alert here")
        alert = line.alert
        if alert.ticket_id is None and alert.kind not in (Kind.RINGING, Kind.REFUSED):
            return _("no ticket and no call belongs to this alert")
        return ""

    def go_there(self) -> None:
        """Open the ticket of the alert, or its call in the log."""
        if why := self.leads_to():
            self.say(why)
        elif (line := self.line) is not None:
            self.in_background(lambda: self._going(line.alert), "go", only=True)

    async def _going(self, alert: Alert) -> None:
        from oncall_tui.screens.board import BoardScreen
        from oncall_tui.screens.call_detail import CallRecordScreen
        from oncall_tui.screens.ticket import TicketScreen

        desk, board = self.session.desk, self.app.screen_stack[0]
        if desk is None or not isinstance(board, BoardScreen):
            return
        try:
            if alert.kind in (Kind.RINGING, Kind.REFUSED):
                found = await background.read(lambda: desk.call_log.detail(alert.subject))
                page: Page = CallRecordScreen(self.session, found.line)
            else:
                ticket = await background.read(lambda: desk.tickets.detail(alert.ticket_id or 0))
                page = TicketScreen(self.session, ticket.ticket, board.acted, board.tickets.rank)
        except OncallError as error:
            self.say(words(error))
            return
        if self.is_current:
            self.app.push_screen(page)
