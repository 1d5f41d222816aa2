"""The filter of the log of calls."""

from __future__ import annotations

from typing import TYPE_CHECKING

from oncall_tui.domain.call_filters import CallFilter
from oncall_tui.screens.typed_filter import TypedFilter
from oncall_tui.widgets.board_rule import Listing

if TYPE_CHECKING:
    from oncall_tui.screens.call_log import CallLogScreen


class LogFilter(TypedFilter[CallFilter]):
    """The filter that holds, which the rule of the page shows."""

    HINT = "language:fr  decision:refused  reason:other  engineer:me  day:today  name or number"

    def __init__(self, page: CallLogScreen) -> None:
        super().__init__(page)
        self._log = page
        self._current = CallFilter()

    @property
    def current(self) -> CallFilter:
        return self._current

    def parse(self, text: str) -> CallFilter:
        return CallFilter.parse(text)

    def hold(self, found: CallFilter) -> None:
        self._current = found
        self._log.rule.show(Listing(filter=found.text if found else ""))
