"""The lines of a list that is short enough to be loaded as a whole."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Generic, Protocol, TypeVar


class Item(Protocol):
    """Something that a line shows, which goes by an id."""

    @property
    def id(self) -> int: ...


Row = TypeVar("Row", bound=Item)


class WholeWindow(Generic[Row]):
    """What is listed, all of it, and the place of the cursor: an item by its id, not a line."""

    newer = older = False

    def __init__(self) -> None:
        self.rows: list[Row] = []
        self.cursor: int | None = None
        """The id of what is under the cursor."""

    def __len__(self) -> int:
        return len(self.rows)

    def at(self, position: int) -> Row | None:
        """Return the line at a place, from 0, None where there is none."""
        return self.rows[position] if 0 <= position < len(self.rows) else None

    @property
    def position(self) -> int:
        """Return the place of the cursor, 0 while there is none."""
        return next((place for place, row in enumerate(self.rows) if row.id == self.cursor), 0)

    @property
    def current(self) -> Row | None:
        """Return what is under the cursor."""
        return self.at(self.position)

    def move_to(self, position: int) -> None:
        """Put the cursor on the line at a place, or the nearest there is."""
        row = self.at(min(max(position, 0), len(self.rows) - 1))
        self.cursor = None if row is None else row.id

    def show(self, rows: Sequence[Row]) -> None:
        """Take the list anew; the cursor stays on what it is on, or at its place."""
        before = self.position
        self.rows = list(rows)
        if self.cursor not in {row.id for row in rows}:
            self.move_to(before)
