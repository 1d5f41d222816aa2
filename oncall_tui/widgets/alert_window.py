"""The alerts that are loaded, and the place of the cursor among them: an alert, not a line."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from oncall_tui.widgets.alert_columns import AlertLine


class AlertWindow:
    """Alerts, newest first, from the newest on. `older` says that there are more."""

    newer = False

    def __init__(self) -> None:
        self.lines: list[AlertLine] = []
        self.older = False
        self.cursor: int | None = None
        """The id of the alert under the cursor."""
        self._places: dict[int, int] = {}

    def __len__(self) -> int:
        return len(self.lines)

    def __iter__(self) -> Iterator[AlertLine]:
        return iter(self.lines)

    def at(self, position: int) -> AlertLine | None:
        """Return the line at a place, from 0, None where there is none."""
        return self.lines[position] if 0 <= position < len(self.lines) else None

    @property
    def position(self) -> int:
        """Return the place of the cursor, 0 while there is none."""
        return self._places.get(self.cursor or 0, 0)

    @property
    def current(self) -> AlertLine | None:
        """Return the line under the cursor."""
        return self.at(self.position)

    def move_to(self, position: int) -> None:
        """Put the cursor on the line at a place, or the nearest there is."""
        line = self.at(min(max(position, 0), len(self.lines) - 1))
        self.cursor = None if line is None else line.alert.id

    def show(self, lines: Sequence[AlertLine], *, older: bool) -> None:
        """Take the list anew; the cursor stays on its alert, or at its place."""
        before = self.position
        self.lines, self.older = list(lines), older
        self._places = {line.alert.id: place for place, line in enumerate(self.lines)}
        if self.cursor not in self._places:
            self.move_to(before)

    def add(self, lines: Sequence[AlertLine], *, older: bool) -> None:
        """Take the alerts that follow; `older` says whether there are more."""
        self.show([*self.lines, *lines], older=older)
