"""The filters of the board: one a queue."""

from __future__ import annotations

from typing import TYPE_CHECKING

from oncall_tui.domain.filters import Filter
from oncall_tui.screens.typed_filter import TypedFilter

if TYPE_CHECKING:
    from oncall_tui.screens.board import BoardScreen


class BoardFilter(TypedFilter[Filter]):
    """The filter of the queue that is listed; each queue keeps its own."""

    def __init__(self, board: BoardScreen) -> None:
        super().__init__(board)
        self._board = board
        self._filters: dict[str, Filter] = {}

    @property
    def current(self) -> Filter:
        return self._filters.get(self._board.queue.name, Filter())

    def parse(self, text: str) -> Filter:
        return Filter.parse(text)

    def hold(self, found: Filter) -> None:
        self._filters[self._board.queue.name] = found
