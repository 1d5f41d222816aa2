"""An alert on a page: its facts, and what became of it on its ways out."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from textual.app import ComposeResult
from textual.widgets import Static

from oncall_tui.translation import _
from oncall_tui.widgets import alert_text
from oncall_tui.widgets.alert_columns import AlertLine
from oncall_tui.widgets.ink import Inked
from oncall_tui.widgets.paper import Paper
from oncall_tui.widgets.rule import Rule


class AlertPaper(Paper, Inked, can_focus=False, inherit_bindings=False):
    """The page of one alert. It is empty until `show` is called."""

    def __init__(self, zone: ZoneInfo) -> None:
        super().__init__(id="page")
        self.zone = zone
        self._title, self._facts = Rule(""), Static()
        self._out, self._deliveries = Rule(_("Went out")), Static()

    def compose(self) -> ComposeResult:
        yield self._title
        yield self._facts
        yield self._out
        yield self._deliveries

    def show(self, line: AlertLine | None, now: datetime) -> None:
        """Show an alert as it stands at `now`, None for none."""
        for part in (self._title, self._facts, self._out, self._deliveries):
            part.display = line is not None
        if line is not None:
            self._title.tell(alert_text.title(line.alert))
            self._facts.update(alert_text.facts(line.alert, now, self.zone, self.ink))
            self._deliveries.update(alert_text.deliveries(line.deliveries, self.zone, self.ink))
