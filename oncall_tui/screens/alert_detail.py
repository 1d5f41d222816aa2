"""An alert on a screen of its own: its facts, and every way that it went out."""

from __future__ import annotations

from textual.app import ComposeResult

from oncall_tui import background
from oncall_tui.actions import Scope
from oncall_tui.domain.errors import OncallError
from oncall_tui.screens.alert_page import AlertPage
from oncall_tui.screens.paper import PaperKeys
from oncall_tui.screens.session import Session, words
from oncall_tui.widgets.alert_columns import AlertLine
from oncall_tui.widgets.alert_paper import AlertPaper


class AlertScreen(PaperKeys, AlertPage):
    """One alert, kept up to date while it is open."""

    SCOPE = Scope.ALERT

    def __init__(self, session: Session, line: AlertLine) -> None:
        super().__init__(session)
        self._line = line
        self._page = AlertPaper(session.zone)

    def compose_body(self) -> ComposeResult:
        yield self._page

    def on_mount(self) -> None:
        super().on_mount()
        self._show()

    def on_screen_resume(self) -> None:
        self.log_changed()

    @property
    def line(self) -> AlertLine:
        return self._line

    def recolour(self) -> None:
        self._show()

    def log_changed(self) -> None:
        """Read the alert anew."""
        if self.is_attached:
            self.in_background(self._reading, "alert", only=True)

    async def _reading(self) -> None:
        desk, alert_id = self.session.desk, self._line.alert.id
        if desk is None:
            return

        def read() -> AlertLine:
            return AlertLine(desk.alerts.get(alert_id), tuple(desk.alerts.deliveries(alert_id)))

        try:
            self._line = await background.read(read)
        except OncallError as error:
            self.say(words(error))
            return
        self._show()

    def _show(self) -> None:
        now = self.session.now()
        self._page.show(self._line, now)
        self.show_state(now)

    # Keys

    def action_refresh(self) -> None:
        """Read the alert anew, with everything else."""
        super().action_refresh()
        self.log_changed()

    def action_help(self) -> None:
        """Open the help for an alert."""
        from oncall_tui.screens.alert_help import open_help

        open_help(self)

    def action_alerts(self) -> None:
        """Go back to the list."""
        self.dismiss(None)

    def action_open(self) -> None:
        """Open the ticket of the alert, or its call in the log."""
        self.go_there()
