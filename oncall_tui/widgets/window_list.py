"""A list of which a part is loaded: a Line API widget with a cursor that asks for more as it is scrolled."""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic, Protocol, TypeVar

from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.message import Message
from textual.strip import Strip

from oncall_tui.widgets.columns import fit
from oncall_tui.widgets.ink import Drawn

_WHEEL = 3
"""Lines that a notch of the wheel moves."""

Row = TypeVar("Row")
Loaded = TypeVar("Loaded", covariant=True)


class Window(Protocol[Loaded]):
    """The lines that are loaded, and the place of the cursor among them: an item, not a line."""

    newer: bool
    older: bool

    def __len__(self) -> int: ...

    def at(self, position: int) -> Loaded | None:
        """Return the line at a place, from 0, None where there is none."""
        ...

    @property
    def position(self) -> int:
        """Return the place of the cursor, 0 while there is none."""
        ...

    @property
    def current(self) -> Loaded | None:
        """Return the line under the cursor."""
        ...

    def move_to(self, position: int) -> None:
        """Put the cursor on the line at a place, or the nearest there is."""
        ...


class WindowList(Drawn, Generic[Row], can_focus=False, inherit_bindings=False):
    """Lines, the cursor on one of them. The first line on the screen holds the headings."""

    DEFAULT_CSS = "WindowList { height: 1fr; width: 1fr; background: $background; }"
    MARGIN = 2
    """Columns before the first cell."""

    class MoreNeeded(Message):
        """The part that is loaded nearly ends: at its older end, or at its newer one."""

        def __init__(self, *, older: bool) -> None:
            super().__init__()
            self.older = older

    class CursorMoved(Message):
        """The cursor stands on another line, or what stands there has changed."""

    class Opened(Message):
        """What is under the cursor is to be opened."""

    def __init__(self, window: Window[Row], name: str) -> None:
        super().__init__(id=name)
        self.notice: tuple[str, ...] = ()
        self._lines = window
        self._top = 0
        self._told: Row | None = None

    def headings(self, width: int) -> str:
        """Return the titles of the columns, from the first cell on."""
        raise NotImplementedError

    def segments(self, row: Row, width: int, inked: Callable[[str], Style]) -> list[Segment]:
        """Return what stands in a line after the cursor's bar; `inked` returns the style of an ink there."""
        raise NotImplementedError

    # What the screen tells the list

    def show_notice(self, *lines: str) -> None:
        """Show `lines`, clean text, where the list would be, while it is empty."""
        if lines != self.notice:
            self.notice = lines
            self.refresh()

    def start_at(self, *, newest: bool) -> None:
        """Put the cursor on the first line or on the last one that is loaded."""
        self.move_to(0 if newest else len(self._lines) - 1)

    # The cursor

    @property
    def current(self) -> Row | None:
        """Return what is under the cursor."""
        return self._lines.current

    @property
    def page(self) -> int:
        """Return how many lines fit on the screen."""
        return max(self.size.height - 1, 1)

    def move_by(self, lines: int) -> None:
        """Move the cursor by `lines`, up if negative."""
        self.move_to(self._lines.position + lines)

    def move_to(self, position: int) -> None:
        """Put the cursor on a line of the loaded part, from 0, and bring it into view."""
        self._lines.move_to(position)
        self._show_cursor()

    def in_place(self, change: Callable[[], None]) -> None:
        """Carry out `change` so that the line that the eye is on keeps its place on the screen."""
        at_top, row = self._top == 0 and not self._lines.newer, self._lines.position - self._top
        change()
        # At the top the list stays there: what is newest comes in above and is to be seen.
        self._top = 0 if at_top else max(self._lines.position - row, 0)
        self._show_cursor()

    def _show_cursor(self) -> None:
        position, page = self._lines.position, self.page
        self._top = min(max(self._top, position - page + 1), position, max(len(self._lines) - page, 0))
        self._top = max(self._top, 0)
        self.refresh()
        if self.current is not self._told:
            self._told = self.current
            self.post_message(self.CursorMoved())
        self._ask_for_more()

    def _ask_for_more(self) -> None:
        if self._lines.older and self._top + 2 * self.page >= len(self._lines):
            self.post_message(self.MoreNeeded(older=True))
        elif self._lines.newer and self._top < self.page:
            self.post_message(self.MoreNeeded(older=False))

    # Drawing

    def draw_line(self, y: int) -> Strip:
        width, base = self.size.width, self.base
        if y == 0:
            return self._headings(width, base) if len(self._lines) else Strip.blank(width, base)
        position = self._top + y - 1
        row = self._lines.at(position)
        if row is None:
            return self._notice_line(y - 2, width, base)
        cursor = position == self._lines.position
        style = base + self.ink("cursor") if cursor else base

        def inked(name: str) -> Style:
            # Where colours are few the line is one block: an ink of its own would be a ground of its own.
            return style if style.reverse else style + self.ink(name)

        bar = Segment("▌" if cursor else " ", inked("accent"))
        segments = [bar, *self.segments(row, width, inked)]
        return Strip(segments).simplify().adjust_cell_length(width, style)

    def _headings(self, width: int, base: Style) -> Strip:
        text = " " * self.MARGIN + self.headings(width)
        return Strip([Segment(text, base + self.ink("dim"))]).adjust_cell_length(width, base)

    def _notice_line(self, number: int, width: int, base: Style) -> Strip:
        if len(self._lines) or not 0 <= number < len(self.notice):
            return Strip.blank(width, base)
        style = base if number == 0 else base + self.ink("dim")
        text = fit(self.notice[number], max(width - self.MARGIN, 1))
        return Strip([Segment(" " * self.MARGIN, base), Segment(text, style)]).adjust_cell_length(width, base)

    # What the terminal tells the list

    def on_resize(self) -> None:
        self._show_cursor()

    def on_mouse_scroll_down(self) -> None:
        self.move_by(_WHEEL)

    def on_mouse_scroll_up(self) -> None:
        self.move_by(-_WHEEL)

    def on_click(self, event: events.Click) -> None:
        position = self._top + event.y - 1
        if event.y == 0 or self._lines.at(position) is None:
            return
        self.move_to(position)
        if event.chain == 2:
            self.post_message(self.Opened())
