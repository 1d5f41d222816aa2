"""The filters of the board: one a queue, typed into a line above the list, looked up while it is typed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from textual.timer import Timer

from oncall_tui.actions import Action
from oncall_tui.domain.errors import BadInput
from oncall_tui.domain.filters import Filter
from oncall_tui.screens.session import words

if TYPE_CHECKING:
    from oncall_tui.screens.board import BoardScreen
    from oncall_tui.widgets.filter_bar import FilterBar

_TYPING_PAUSE = 0.08
"""Seconds without a key after which a filter that is being typed is looked up."""

_REMEMBERED = 50


class BoardFilter:
    """What is typed, what holds, and what was used before. Every method is called on the event loop."""

    def __init__(self, board: BoardScreen) -> None:
        self._board = board
        self._filters: dict[str, Filter] = {}
        self._history: list[str] = []
        self._bar: FilterBar | None = None
        self._typing: Timer | None = None

    @property
    def current(self) -> Filter:
        """Return the filter of the queue that is listed; each queue keeps its own."""
        return self._filters.get(self._board.queue.name, Filter())

    @property
    def keys(self) -> Sequence[Action]:
        """Return what the keys do while a filter is typed, nothing while none is."""
        return () if self._bar is None else self._bar.ACTIONS

    @property
    def opening(self) -> bool:
        """Say whether the line is on its way: what is typed meanwhile belongs into it."""
        return self._bar is not None and not self._bar.ready

    def open(self) -> None:
        """Open the line to type into, in the place of the rule."""
        from oncall_tui.widgets.filter_bar import FilterBar

        if self._bar is None:
            self._bar = FilterBar(self.current.text, self._history)
            self._board.rule.display = False
            self._board.mount(self._bar, after=self._board.rule)
            self._board.show_state(self._board.session.now())

    def close(self) -> None:
        """Close the line, and remember its filter."""
        if self._bar is None:
            return
        self._stop_typing()
        self._board.set_focus(None)
        self._board.rule.display = True
        self._bar.remove()
        self._bar = None
        self._board.show_state(self._board.session.now())
        if text := self.current.text:
            self._history = [*[each for each in self._history if each != text], text][-_REMEMBERED:]

    def typed(self) -> None:
        """Look up what stands in the line as soon as nothing more is typed for a moment."""
        self._stop_typing()
        self._typing = self._board.set_timer(_TYPING_PAUSE, self._look_up_typed)

    def _look_up_typed(self) -> None:
        # What stands there now: a timer that has gone off can't be told any more that more was typed.
        if self._bar is not None:
            self._look_up(self._bar.field.value)

    def left(self, *, cleared: bool) -> None:
        """Close the line with what was typed, or `cleared`; one that can't be read stays open."""
        self._stop_typing()
        text = "" if cleared or self._bar is None else self._bar.field.value
        if self._look_up(text):
            self.close()

    def clear(self) -> None:
        """List the whole queue again."""
        self._set(Filter())

    def _stop_typing(self) -> None:
        if self._typing is not None:
            self._typing.stop()

    def _look_up(self, text: str) -> bool:
        """List what matches `text`; say why if it can't be read, and keep the filter before."""
        try:
            found = Filter.parse(text)
        except BadInput as error:
            self._board.say(words(error))
            return False
        if self._board.status.message:
            self._board.status.clear()
        self._set(found)
        return True

    def _set(self, found: Filter) -> None:
        changed = found.terms != self.current.terms
        self._filters[self._board.queue.name] = found
        if changed:
            self._board.list_anew()
        else:
            self._board.show_state(self._board.session.now())
