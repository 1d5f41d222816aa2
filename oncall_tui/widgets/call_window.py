"""The part of the log that is loaded, and the place of the cursor in it: a call, not a line."""

from __future__ import annotations

from collections.abc import Sequence

from oncall_tui.domain.call_log import Cursor, LogLine

KEPT = 600
"""Recorded calls that are kept at most: those on the far side go when more come."""


class CallWindow:
    """Open calls, then recorded ones, newest first. `newer` and `older` say that there are more there."""

    def __init__(self) -> None:
        self.open: tuple[LogLine, ...] = ()
        self.lines: list[LogLine] = []
        self.newer = False
        self.older = False
        self.cursor: int | None = None
        """The id of the call under the cursor."""
        self._all: list[LogLine] = []
        self._places: dict[int, int] = {}

    def __len__(self) -> int:
        return len(self._all)

    def at(self, position: int) -> LogLine | None:
        """Return the line at a place, from 0, None where there is none."""
        return self._all[position] if 0 <= position < len(self._all) else None

    @property
    def position(self) -> int:
        """Return the place of the cursor, 0 while there is none."""
        return self._places.get(self.cursor or 0, 0)

    @property
    def current(self) -> LogLine | None:
        """Return the line under the cursor."""
        return self.at(self.position)

    @property
    def begins(self) -> Cursor | None:
        """Return the place in the log after which the part begins, None at its top."""
        if not self.newer or not self.lines:
            return None
        rang_at, record_id = self.lines[0].cursor
        return Cursor(rang_at, record_id + 1)

    def move_to(self, position: int) -> None:
        """Put the cursor on the line at a place, or the nearest there is."""
        line = self.at(min(max(position, 0), len(self._all) - 1))
        self.cursor = None if line is None else line.call.id

    def show(self, open_: Sequence[LogLine], lines: Sequence[LogLine], *, newer: bool, older: bool) -> None:
        """Take another part of the log; the cursor stays on its call, or at its place."""
        before = self.position
        self.open, self.lines = tuple(open_), list(lines)
        self.newer, self.older = newer, older
        self._arrange(before)

    def add_older(self, lines: Sequence[LogLine], *, older: bool) -> None:
        """Take the calls that follow; `older` says whether there are more."""
        before = self.position
        self.lines += lines
        self.older = older
        if len(self.lines) > KEPT:
            del self.lines[: len(self.lines) - KEPT]
            self.newer = True
        self._arrange(before)

    def add_newer(self, lines: Sequence[LogLine], *, newer: bool) -> None:
        """Take the calls that go before; `newer` says whether there are more."""
        before = self.position
        self.lines = [*lines, *self.lines]
        self.newer = newer
        if len(self.lines) > KEPT:
            del self.lines[KEPT:]
            self.older = True
        self._arrange(before)

    def _arrange(self, before: int) -> None:
        # Open calls stand at the top of the log, and nowhere else.
        self._all = [*(() if self.newer else self.open), *self.lines]
        self._places = {line.call.id: place for place, line in enumerate(self._all)}
        if self.cursor not in self._places:
            self.move_to(before)
