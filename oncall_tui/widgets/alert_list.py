"""The list of alerts: it holds those from the newest on and asks for more as it is scrolled."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from rich.segment import Segment
from rich.style import Style

from oncall_tui.translation import _
from oncall_tui.widgets.alert_columns import LEVEL_INK, MARGIN, AlertLine, AlertView, layout
from oncall_tui.widgets.alert_window import AlertWindow
from oncall_tui.widgets.columns import fit
from oncall_tui.widgets.window_list import WindowList


class AlertList(WindowList[AlertLine], can_focus=False, inherit_bindings=False):
    """Alerts, the cursor on one of them. What is open stands out by its sign; what is over is dim."""

    MARGIN = MARGIN

    def __init__(self, operator: str, zone: ZoneInfo, now: datetime) -> None:
        self.window = AlertWindow()
        super().__init__(self.window, "alerts")
        self.operator = operator
        self.zone = zone
        self._view = self._view_at(now)

    def show(self, lines: Sequence[AlertLine], *, older: bool) -> None:
        """Show the list anew; the cursor stays on its alert, and its line where it is."""
        self.in_place(lambda: self.window.show(lines, older=older))

    def add(self, lines: Sequence[AlertLine], *, older: bool) -> None:
        """Take the alerts that follow; `older` says that there are more."""
        self.in_place(lambda: self.window.add(lines, older=older))

    def tick(self, now: datetime) -> None:
        """Bring what depends on the clock up to `now`."""
        view = self._view_at(now)
        if view != self._view:
            self._view = view
            self.refresh()

    def _view_at(self, now: datetime) -> AlertView:
        return AlertView(now.replace(second=0, microsecond=0), self.zone, self.operator)

    def headings(self, width: int) -> str:
        return " ".join(fit(_(column.title), room) for column, room in layout(width))

    def segments(self, row: AlertLine, width: int, inked: Callable[[str], Style]) -> list[Segment]:
        alert = row.alert
        loud = alert.open and not alert.waits
        sign = alert.level.sign if loud else ""
        segments = [Segment(f"{sign:<2} ", inked(LEVEL_INK[alert.level]))]
        for column, room in layout(width):
            cell = column.cell(row, self._view)
            segments.append(Segment(fit(cell.text, room), inked(cell.ink if loud else "dim")))
            segments.append(Segment(" ", inked("")))
        return segments
