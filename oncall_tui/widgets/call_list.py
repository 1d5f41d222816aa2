"""The list of the log: a Line API widget that holds a part of it and asks for more as it is scrolled."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.message import Message
from textual.strip import Strip

from oncall_tui.domain.call_log import LogLine
from oncall_tui.domain.clock import to_local
from oncall_tui.translation import _
from oncall_tui.widgets.call_columns import MARGIN, LogView, layout, shown, sign
from oncall_tui.widgets.call_window import CallWindow
from oncall_tui.widgets.columns import fit
from oncall_tui.widgets.ink import Drawn

_WHEEL = 3
"""Lines that a notch of the wheel moves."""


class CallList(Drawn, can_focus=False, inherit_bindings=False):
    """Calls, the cursor on one of them. The first line holds the headings."""

    DEFAULT_CSS = "CallList { height: 1fr; width: 1fr; background: $background; }"

    class MoreNeeded(Message):
        """The part that is loaded nearly ends: at its older end, or at its newer one."""

        def __init__(self, *, older: bool) -> None:
            super().__init__()
            self.older = older

    class CursorMoved(Message):
        """The cursor stands on another call, or its call has changed."""

    class Opened(Message):
        """The call under the cursor is to be opened."""

    def __init__(self, operator: str, zone: ZoneInfo, now: datetime) -> None:
        super().__init__(id="calls")
        self.operator = operator
        self.zone = zone
        self.window = CallWindow()
        self.notice: tuple[str, ...] = ()
        self._view = self._view_at(now)
        self._top = 0
        self._told: LogLine | None = None

    # What the screen tells the list

    def show_notice(self, *lines: str) -> None:
        """Show `lines`, clean text, where the calls would be, while there are none."""
        if lines != self.notice:
            self.notice = lines
            self.refresh()

    def show(self, open_: Sequence[LogLine], lines: Sequence[LogLine], *, newer: bool, older: bool) -> None:
        """Show another part of the log; the cursor stays on its call, and its line where it is."""
        self._in_place(lambda: self.window.show(open_, lines, newer=newer, older=older))

    def start_at(self, *, newest: bool) -> None:
        """Put the cursor on the first line or on the last one that is loaded."""
        self.move_to(0 if newest else len(self.window) - 1)

    def add(self, lines: Sequence[LogLine], *, older: bool, more: bool) -> None:
        """Take the calls that follow (`older`) or go before; `more` says that there are more there."""
        if older:
            self._in_place(lambda: self.window.add_older(lines, older=more))
        else:
            self._in_place(lambda: self.window.add_newer(lines, newer=more))

    def tick(self, now: datetime) -> None:
        """Bring what depends on the day up to `now`."""
        view = self._view_at(now)
        if view != self._view:
            self._view = view
            self.refresh()

    # The cursor

    @property
    def current(self) -> LogLine | None:
        """Return the call under the cursor."""
        return self.window.current

    @property
    def page(self) -> int:
        """Return how many calls fit on the screen."""
        return max(self.size.height - 1, 1)

    def move_by(self, lines: int) -> None:
        """Move the cursor by `lines`, up if negative."""
        self.move_to(self.window.position + lines)

    def move_to(self, position: int) -> None:
        """Put the cursor on a line of the loaded part, from 0, and bring it into view."""
        self.window.move_to(position)
        self._show_cursor()

    def _in_place(self, change: Callable[[], None]) -> None:
        """Carry out `change` so that the line that the eye is on keeps its place on the screen."""
        at_top, row = self._top == 0 and not self.window.newer, self.window.position - self._top
        change()
        # At the top the list stays there: what is newest comes in above and is to be seen.
        self._top = 0 if at_top else max(self.window.position - row, 0)
        self._show_cursor()

    def _show_cursor(self) -> None:
        position, page = self.window.position, self.page
        self._top = min(max(self._top, position - page + 1), position, max(len(self.window) - page, 0))
        self._top = max(self._top, 0)
        self.refresh()
        if self.current is not self._told:
            self._told = self.current
            self.post_message(self.CursorMoved())
        self._ask_for_more()

    def _ask_for_more(self) -> None:
        if self.window.older and self._top + 2 * self.page >= len(self.window):
            self.post_message(self.MoreNeeded(older=True))
        elif self.window.newer and self._top < self.page:
            self.post_message(self.MoreNeeded(older=False))

    # Drawing

    def _view_at(self, now: datetime) -> LogView:
        return LogView(self.zone, to_local(now, self.zone).date(), self.operator)

    def draw_line(self, y: int) -> Strip:
        width, base = self.size.width, self.base
        if y == 0:
            return self._headings(width, base) if len(self.window) else Strip.blank(width, base)
        position = self._top + y - 1
        line = self.window.at(position)
        if line is None:
            return self._notice_line(y - 2, width, base)
        cursor = line.call.id == self.window.cursor
        style = base + self.ink("cursor") if cursor else base

        def inked(name: str) -> Style:
            # Where colours are few the line is one block: an ink of its own would be a ground of its own.
            return style if style.reverse else style + self.ink(name)

        segments = [
            Segment("▌" if cursor else " ", inked("accent")),
            Segment(sign(line), inked("critical" if line.call.rings else "focus")),
        ]
        for column, room in layout(width):
            cell = column.cell(line, self._view)
            label, text = shown(cell, room)
            if label:
                segments.append(Segment(label, inked("dim")))
            segments.append(Segment(fit(text, room - cell_len(label), right=column.right), inked(cell.ink)))
            segments.append(Segment(" ", style))
        return Strip(segments).simplify().adjust_cell_length(width, style)

    def _headings(self, width: int, base: Style) -> Strip:
        cells = " ".join(fit(_(column.title), room, right=column.right) for column, room in layout(width))
        return Strip([Segment(" " * MARGIN + cells, base + self.ink("dim"))]).adjust_cell_length(width, base)

    def _notice_line(self, number: int, width: int, base: Style) -> Strip:
        if len(self.window) or not 0 <= number < len(self.notice):
            return Strip.blank(width, base)
        style = base if number == 0 else base + self.ink("dim")
        text = fit(self.notice[number], max(width - MARGIN, 1))
        return Strip([Segment(" " * MARGIN, base), Segment(text, style)]).adjust_cell_length(width, base)

    # What the terminal tells the list

    def on_resize(self) -> None:
        self._show_cursor()

    def on_mouse_scroll_down(self) -> None:
        self.move_by(_WHEEL)

    def on_mouse_scroll_up(self) -> None:
        self.move_by(-_WHEEL)

    def on_click(self, event: events.Click) -> None:
        position = self._top + event.y - 1
        if event.y == 0 or self.window.at(position) is None:
            return
        self.move_to(position)
        if event.chain == 2:
            self.post_message(self.Opened())
