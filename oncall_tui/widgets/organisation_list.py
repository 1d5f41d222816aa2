"""The list of organisations: it holds a part of the list and asks for more as it is scrolled."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

from rich.segment import Segment
from rich.style import Style

from oncall_tui.domain.customers import Found
from oncall_tui.domain.messages import marked
from oncall_tui.translation import _
from oncall_tui.widgets.columns import fit
from oncall_tui.widgets.window_list import WindowList

KEPT = 600
"""Organisations that are kept at most: those on the far side go when more come."""

_PLAN, _LANGUAGE, _ID, _LEAST_NAME = 10, 4, 16, 24
"""Columns of the terminal."""

_ROOM_FOR_ID, _ROOM_FOR_LANGUAGE = 50, 70
"""Columns of the terminal from which on there is room for it."""


class Column(NamedTuple):
    """A column that is shown: its title, the columns of the terminal it has, what stands in it."""

    title: str
    width: int
    text: Callable[[Found], str]
    ink: str = "dim"


def layout(width: int, *, found: bool) -> list[Column]:
    """Return the columns for so many of the terminal; where it was `found`, also by what."""
    fixed = [Column(marked("PLAN"), _PLAN, lambda one: one.plan.value)]
    if width >= (_ROOM_FOR_ID if not found else 2 * _ROOM_FOR_ID):
        fixed.insert(0, Column(marked("ID"), _ID, lambda one: one.customer))
    if width >= (_ROOM_FOR_LANGUAGE if not found else 2 * _ROOM_FOR_ID):
        fixed.append(Column(marked("LANG"), _LANGUAGE, lambda one: one.language))
    room = max(width - sum(column.width + 1 for column in fixed), 1)
    name = max(room // 2, min(_LEAST_NAME, room)) if found else room
    columns = [Column(marked("NAME"), name, lambda one: one.name, ""), *fixed]
    if found and room - name > 1:
        columns.append(Column(marked("FOUND BY"), room - name - 1, lambda one: one.why))
    return columns


class OrganisationWindow:
    """Organisations by name, or as they were found; the cursor is one of them, not a line.

    `newer` says that there are more before them, `older` that there are more after: a list goes down in time.
    """

    def __init__(self) -> None:
        self.lines: list[Found] = []
        self.newer = self.older = False
        self.cursor = ""
        """The id of the organisation under the cursor."""
        self._places: dict[str, int] = {}

    def __len__(self) -> int:
        return len(self.lines)

    def at(self, position: int) -> Found | None:
        """Return the line at a place, from 0, None where there is none."""
        return self.lines[position] if 0 <= position < len(self.lines) else None

    @property
    def position(self) -> int:
        """Return the place of the cursor, 0 while there is none."""
        return self._places.get(self.cursor, 0)

    @property
    def current(self) -> Found | None:
        """Return the line under the cursor."""
        return self.at(self.position)

    def move_to(self, position: int) -> None:
        """Put the cursor on the line at a place, or the nearest there is."""
        line = self.at(min(max(position, 0), len(self.lines) - 1))
        self.cursor = "" if line is None else line.customer

    def show(self, lines: Sequence[Found], *, newer: bool, older: bool) -> None:
        """Take another part of the list; the cursor stays on its organisation, or at its place."""
        before = self.position
        self.lines, self.newer, self.older = list(lines), newer, older
        self._arrange(before)

    def add(self, lines: Sequence[Found], *, older: bool, more: bool) -> None:
        """Take those that follow (`older`) or go before; `more` says that there are more there."""
        before = self.position
        if older:
            self.lines, self.older = [*self.lines, *lines], more
            if len(self.lines) > KEPT:
                del self.lines[: len(self.lines) - KEPT]
                self.newer = True
        else:
            self.lines, self.newer = [*lines, *self.lines], more
            if len(self.lines) > KEPT:
                del self.lines[KEPT:]
                self.older = True
        self._arrange(before)

    def _arrange(self, before: int) -> None:
        self._places = {line.customer: place for place, line in enumerate(self.lines)}
        if self.cursor not in self._places:
            self.move_to(before)


class OrganisationList(WindowList[Found], can_focus=False, inherit_bindings=False):
    """Organisations, the cursor on one of them."""

    def __init__(self) -> None:
        self.window = OrganisationWindow()
        self._found = False
        super().__init__(self.window, "organisations")

    def show(self, lines: Sequence[Found], *, newer: bool, older: bool) -> None:
        """Show another part of the list; the cursor stays on its organisation, and its line where it is."""
        self._found = False
        self.in_place(lambda: self.window.show(lines, newer=newer, older=older))

    def show_found(self, lines: Sequence[Found]) -> None:
        """Show what was found, the likeliest first, and by what."""
        self._found = True
        self.window.show(lines, newer=False, older=False)
        self.start_at(newest=True)

    def add(self, lines: Sequence[Found], *, older: bool, more: bool) -> None:
        """Take those that follow (`older`) or go before; `more` says that there are more there."""
        self.in_place(lambda: self.window.add(lines, older=older, more=more))

    def headings(self, width: int) -> str:
        columns = layout(width - self.MARGIN, found=self._found)
        return " ".join(fit(_(column.title), column.width) for column in columns)

    def segments(self, row: Found, width: int, inked: Callable[[str], Style]) -> list[Segment]:
        segments = [Segment(" ", inked(""))]
        for column in layout(width - self.MARGIN, found=self._found):
            segments.append(Segment(fit(column.text(row), column.width), inked(column.ink)))
            segments.append(Segment(" ", inked("")))
        return segments
