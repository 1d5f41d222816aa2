"""The list of the log: it holds a part of the log and asks for more as it is scrolled."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style

from oncall_tui.domain.call_log import LogLine
from oncall_tui.domain.clock import to_local
from oncall_tui.translation import _
from oncall_tui.widgets.call_columns import MARGIN, LogView, layout, shown, sign
from oncall_tui.widgets.call_window import CallWindow
from oncall_tui.widgets.columns import fit
from oncall_tui.widgets.window_list import WindowList


class CallList(WindowList[LogLine], can_focus=False, inherit_bindings=False):
    """Calls, the cursor on one of them."""

    MARGIN = MARGIN

    def __init__(self, operator: str, zone: ZoneInfo, now: datetime) -> None:
        self.window = CallWindow()
        super().__init__(self.window, "calls")
        self.operator = operator
        self.zone = zone
        self._view = self._view_at(now)

    def show(self, open_: Sequence[LogLine], lines: Sequence[LogLine], *, newer: bool, older: bool) -> None:
        """Show another part of the log; the cursor stays on its call, and its line where it is."""
        self.in_place(lambda: self.window.show(open_, lines, newer=newer, older=older))

    def add(self, lines: Sequence[LogLine], *, older: bool, more: bool) -> None:
        """Take the calls that follow (`older`) or go before; `more` says that there are more there."""
        if older:
            self.in_place(lambda: self.window.add_older(lines, older=more))
        else:
            self.in_place(lambda: self.window.add_newer(lines, newer=more))

    def tick(self, now: datetime) -> None:
        """Bring what depends on the day up to `now`."""
        view = self._view_at(now)
        if view != self._view:
            self._view = view
            self.refresh()

    def _view_at(self, now: datetime) -> LogView:
        return LogView(self.zone, to_local(now, self.zone).date(), self.operator)

    def headings(self, width: int) -> str:
        return " ".join(fit(_(column.title), room, right=column.right) for column, room in layout(width))

    def segments(self, row: LogLine, width: int, inked: Callable[[str], Style]) -> list[Segment]:
        segments = [Segment(sign(row), inked("critical" if row.call.rings else "focus"))]
        for column, room in layout(width):
            cell = column.cell(row, self._view)
            label, text = shown(cell, room)
            if label:
                segments.append(Segment(label, inked("dim")))
            segments.append(Segment(fit(text, room - cell_len(label), right=column.right), inked(cell.ink)))
            segments.append(Segment(" ", inked("")))
        return segments
