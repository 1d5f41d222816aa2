"""A call on a page: its lines, what to say, and what it comes to so far."""

from __future__ import annotations

from rich.text import Text
from textual.app import ComposeResult

from oncall_tui.widgets.call_steps import step_lines
from oncall_tui.widgets.call_view import CallView, Ink
from oncall_tui.widgets.call_words import choice_lines, foot_lines, word_lines
from oncall_tui.widgets.card_paper import Lines
from oncall_tui.widgets.ink import Inked
from oncall_tui.widgets.paper import Paper


def call_lines(view: CallView, width: int, height: int, ink: Ink) -> list[Text]:
    """Return the page in `width` columns and, if that can be, `height` lines.

    Where there are fewer, blanks go first, then the lines far from the cursor, then the rule; at last the
    words in the language that the caller doesn't speak come after all else, and have to be scrolled to.
    """
    first, second = word_lines(view, width, ink)
    choices = choice_lines(view.choices, width, ink) if view.answerable else []
    foot = foot_lines(view, width, ink)
    needed = len(first) + len(second) + len(choices) + len(foot)
    steps = step_lines(view, width, height - needed - 1, ink)
    spare = height - len(steps) - needed
    ruled = [] if spare < 1 else [Text("─" * width, ink("rule"))]
    spare -= 1
    lines = [*steps, *ruled, *first]
    if spare >= -1:
        lines += second
    for block in filter(None, (choices, foot)):
        if spare > 0:
            lines.append(Text())
            spare -= 1
        lines += block
    if spare < -1:
        lines += second
    for line in lines:
        line.truncate(width, overflow="ellipsis")
    return lines


class CallPaper(Paper, Inked, can_focus=False, inherit_bindings=False):
    """The page of one call. It is empty until `show` is called."""

    DEFAULT_CSS = "CallPaper { scrollbar-gutter: auto; }"

    def __init__(self) -> None:
        super().__init__(id="page")
        self._view: CallView | None = None
        self._lines = Lines(margin=0)

    def compose(self) -> ComposeResult:
        yield self._lines

    def on_resize(self) -> None:
        if self._view is not None:
            self.show(self._view)

    def show(self, view: CallView) -> None:
        """Show a call."""
        self._view = view
        self._lines.show(lambda width: call_lines(view, width, self.size.height, self.ink))

    def say(self, words: str) -> None:
        """Show `words` in the place of a call."""
        self._view = None
        self._lines.show(lambda _width: [Text(words, self.ink("dim"))])
