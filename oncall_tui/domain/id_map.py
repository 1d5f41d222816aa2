"""Whole numbers by ticket id, for a hundred thousand of them."""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections.abc import Iterable, Sequence


class IdMap:
    """A mapping that takes sixteen bytes an entry, where a dict takes a hundred.

    What is read in bulk stands in sorted pieces, what changes later in a dict beside them. Not shared
    between threads.
    """

    def __init__(self) -> None:
        self._pieces: list[tuple[array[int], array[int]]] = []
        self._changed: dict[int, int | None] = {}

    def extend(self, ids: Sequence[int], values: Sequence[int]) -> None:
        """Add new ids, some thousands at a time: sorting more at once would hold up other threads."""
        order = sorted(range(len(ids)), key=ids.__getitem__)
        self._pieces.append((array("q", (ids[at] for at in order)), array("q", (values[at] for at in order))))

    def update(self, pairs: Iterable[tuple[int, int]]) -> None:
        """Set each id of `pairs` to the value with it."""
        self._changed.update(pairs)

    def get(self, ticket_id: int) -> int | None:
        """Return the value of `ticket_id`, None if it has none."""
        if ticket_id in self._changed:
            return self._changed[ticket_id]
        for ids, values in self._pieces:
            at = bisect_left(ids, ticket_id)
            if at < len(ids) and ids[at] == ticket_id:
                return values[at]
        return None

    def pop(self, ticket_id: int) -> int | None:
        """Take `ticket_id` out and return its value, None if it had none."""
        value = self.get(ticket_id)
        if value is not None:
            self._changed[ticket_id] = None
        return value

    def __contains__(self, ticket_id: int) -> bool:
        return self.get(ticket_id) is not None
