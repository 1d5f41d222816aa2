"""A filter that is typed into a line above a list, and looked up while it is typed."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, ClassVar, Generic, Protocol, TypeVar

from textual.timer import Timer

from oncall_tui.actions import Action
from oncall_tui.domain.errors import BadInput
from oncall_tui.keystrokes import Keystrokes
from oncall_tui.screens.page import Page
from oncall_tui.screens.session import words
from oncall_tui.widgets.board_rule import BoardRule

if TYPE_CHECKING:
    from oncall_tui.widgets.filter_bar import FilterBar

TYPING_PAUSE = 0.08
"""Seconds without a key after which a filter that is being typed is looked up."""

_REMEMBERED = 50


class Terms(Protocol):
    """A filter as it was read: `text` is what was typed, harmless to show."""

    @property
    def text(self) -> str: ...

    @property
    def terms(self) -> tuple[Any, ...]: ...


F = TypeVar("F", bound=Terms)


class TypedFilter(ABC, Generic[F]):
    """What is typed, what holds, and what was used before. Every method is called on the event loop."""

    HINT = ""
    """What can be written, shown in the empty line; empty for what the board takes."""

    PAUSE: ClassVar[float] = TYPING_PAUSE
    """Seconds without a key after which what is typed is looked up."""

    def __init__(self, page: FilteredPage) -> None:
        self._page = page
        self._history: list[str] = []
        self._bar: FilterBar | None = None
        self._typing: Timer | None = None

    @property
    @abstractmethod
    def current(self) -> F:
        """Return the filter that holds."""

    @abstractmethod
    def parse(self, text: str) -> F:
        """Read what was typed (`BadInput`)."""

    @abstractmethod
    def hold(self, found: F) -> None:
        """Let another filter hold; what is listed is read anew after that."""

    @property
    def keys(self) -> Sequence[Action]:
        """Return what the keys do while a filter is typed, nothing while none is."""
        return () if self._bar is None else self._bar.ACTIONS

    @property
    def opening(self) -> bool:
        """Say whether the line is on its way: what is typed meanwhile belongs into it."""
        return self._bar is not None and not self._bar.ready

    @property
    def typed_text(self) -> str:
        """Return what stands in the line, empty where there is none."""
        return "" if self._bar is None else self._bar.field.value

    def open(self) -> None:
        """Open the line to type into, in the place of the rule."""
        if self._bar is None:
            self._bar = self.line()
            self._page.rule.display = False
            self._page.mount(self._bar, after=self._page.rule)
            self._page.show_state(self._page.session.now())

    def line(self) -> FilterBar:
        """Return a new line to type into."""
        from oncall_tui.widgets.filter_bar import FilterBar

        hint = (self.HINT,) if self.HINT else ()
        return FilterBar(self.current.text, self._history, *hint)

    def close(self) -> None:
        """Close the line, and remember its filter."""
        if self._bar is None:
            return
        self._stop_typing()
        self._page.set_focus(None)
        self._page.rule.display = True
        self._bar.remove()
        self._bar = None
        self._page.show_state(self._page.session.now())
        if text := self.current.text:
            self._history = [*[each for each in self._history if each != text], text][-_REMEMBERED:]

    def typed(self) -> None:
        """Look up what stands in the line as soon as nothing more is typed for a moment."""
        self._stop_typing()
        self._typing = self._page.set_timer(self.PAUSE, self._look_up_typed)

    def _look_up_typed(self) -> None:
        # What stands there now: a timer that has gone off can't be told any more that more was typed.
        if self._bar is not None:
            self._look_up(self._bar.field.value)

    def left(self, *, cleared: bool) -> None:
        """Close the line with what was typed, or `cleared`; one that can't be read stays open."""
        self._stop_typing()
        text = "" if cleared else self.typed_text
        if self._look_up(text):
            self.close()

    def clear(self) -> None:
        """List everything again."""
        self._set(self.parse(""))

    def _stop_typing(self) -> None:
        if self._typing is not None:
            self._typing.stop()

    def _look_up(self, text: str) -> bool:
        """List what fits `text`; say why if it can't be read, and keep the filter before."""
        try:
            found = self.parse(text)
        except BadInput as error:
            self._page.say(words(error))
            return False
        if self._page.status.message:
            self._page.status.clear()
        self._set(found)
        return True

    def _set(self, found: F) -> None:
        changed = found.terms != self.current.terms
        self.hold(found)
        if changed:
            self._page.list_anew()
        self._page.show_state(self._page.session.now())


class FilteredPage(Page):
    """A page with a list that a filter narrows down; the line stands in the place of its `rule`."""

    rule: BoardRule
    filters: TypedFilter[Any]
    waiting = False

    def list_anew(self) -> None:
        """Read what is to be listed now."""
        raise NotImplementedError

    def action_filter(self) -> None:
        """Open the line that a filter is typed into."""
        if not self.refuse("filter"):
            self.filters.open()

    @property
    def takes_no_key(self) -> bool:
        """Say whether keys wait: for the line that the last of them opened."""
        return self.filters.opening or self.waiting

    def on_filter_bar_ready(self) -> None:
        if isinstance(self.app, Keystrokes):
            self.app.take_waiting_keys()

    def on_filter_bar_changed(self) -> None:
        self.filters.typed()

    def on_filter_bar_left(self, event: FilterBar.Left) -> None:
        self.filters.left(cleared=event.cleared)
