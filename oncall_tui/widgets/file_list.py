"""What is on file of an organisation as a list: the cursor stands on what a key changes."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from rich.segment import Segment
from rich.style import Style

from oncall_tui.domain.editing import Part, Value
from oncall_tui.widgets.columns import fit
from oncall_tui.widgets.file_text import FileLine, headings, pieces
from oncall_tui.widgets.window_list import WindowList


class FileWindow:
    """The lines, and the place of the cursor among them: a line by what it says, else by its place."""

    newer = older = False

    def __init__(self) -> None:
        self.lines: list[FileLine] = []
        self._cursor = 0

    def __len__(self) -> int:
        return len(self.lines)

    def at(self, position: int) -> FileLine | None:
        """Return the line at a place, from 0, None where there is none."""
        return self.lines[position] if 0 <= position < len(self.lines) else None

    @property
    def position(self) -> int:
        """Return the place of the cursor."""
        return self._cursor

    @property
    def current(self) -> FileLine | None:
        """Return the line under the cursor."""
        return self.at(self._cursor)

    def move_to(self, position: int) -> None:
        """Put the cursor on the line at a place, or the nearest there is."""
        self._cursor = max(min(position, len(self.lines) - 1), 0)

    def show(self, lines: Sequence[FileLine]) -> None:
        """Take the lines anew; the cursor stays on what it stood on, or else at its place in its group."""
        before = self.current
        self.lines = list(lines)
        if before is None:
            return
        same = [place for place, line in enumerate(lines) if line[:2] == before[:2]]
        group = [place for place, line in enumerate(lines) if line.part is before.part]
        if same:
            self.move_to(same[0])
        elif group:
            self.move_to(min(max(self._cursor, group[0]), group[-1]))


class FileList(WindowList[FileLine], can_focus=False, inherit_bindings=False):
    """The facts of one organisation, a line each."""

    MARGIN = 1

    def __init__(self, add_key: str, change_key: str) -> None:
        """The keys are those that add a line and change one, as texts name them."""
        self.window = FileWindow()
        self._keys = add_key, change_key
        super().__init__(self.window, "facts")

    def show(self, lines: Sequence[FileLine]) -> None:
        """Show what is on file now."""
        self.in_place(lambda: self.window.show(lines))

    def stand_on(self, part: Part, value: Value | None) -> None:
        """Put the cursor on a line, if it is there."""
        for place, line in enumerate(self.window.lines):
            if (line.part, line.value) == (part, value):
                self.move_to(place)
                return

    def headings(self, width: int) -> str:
        return fit(headings(max(width - self.MARGIN - 1, 1)), max(width - self.MARGIN, 1))

    def segments(self, row: FileLine, width: int, inked: Callable[[str], Style]) -> list[Segment]:
        room = max(width - self.MARGIN - 1, 1)
        return [Segment(text, inked(ink)) for text, ink in pieces(row, room, *self._keys)]
