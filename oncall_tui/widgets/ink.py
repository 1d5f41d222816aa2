"""The inks that every widget writes with, and the line of text that most of them are."""

from __future__ import annotations

from collections.abc import Mapping

from rich.color import Color as RichColor
from rich.style import Style
from rich.text import Text
from textual.color import Color
from textual.widget import Widget

INKS: dict[str, tuple[str, str, bool]] = {
    "dim": ("ink-dim", "", False),
    "rule": ("ink-rule", "", False),
    "strong": ("ink", "", True),
    "accent": ("ink-accent", "", False),
    "focus": ("ink-accent", "", True),
    "overdue": ("ink-overdue", "", True),
    "critical": ("ink-critical", "", True),
    "warning": ("ink-warning", "", False),
    "cursor": ("ink", "cursor-line", True),
}
"""The inks by name: variable of the theme for the text, for its ground, and whether it is bold."""


LOW = 14
"""Lines of a terminal below which every line counts."""


class Inked(Widget):
    """A widget that writes with the inks of the theme."""

    _inks: dict[str, Style] | None = None
    _inks_of = ""

    def ink(self, name: str) -> Style:
        """Return the Rich style of the ink `name`; the empty name is plain text."""
        if not name:
            return Style.null()
        # The theme's own variables: those of the app follow a change of theme a moment later.
        theme = self.app.current_theme
        if self._inks is None or self._inks_of != theme.name:
            self._inks_of = theme.name
            self._inks = inks_of(theme.variables)
        return self._inks[name]


def inks_of(variables: Mapping[str, str]) -> dict[str, Style]:
    """Return the styles of `INKS` in the colours of a theme."""

    def colour(name: str) -> RichColor | None:
        return Color.parse(variables[name]).rich_color if name else None

    styles = {
        name: Style(color=colour(text), bgcolor=colour(ground), bold=bold or None)
        for name, (text, ground, bold) in INKS.items()
    }
    styles["cursor"] += Style.parse(variables["cursor-style"])
    return styles


class Line(Inked):
    """One line of text that is drawn anew only when its text has changed."""

    DEFAULT_CSS = "Line { height: 1; width: 1fr; }"
    ALLOW_SELECT = False

    _shown: Text | None = None

    def compose_line(self, width: int) -> Text:
        """Return the text for a line of `width` columns."""
        raise NotImplementedError

    def update(self) -> None:
        """Draw the line anew if what it says has changed."""
        if not self.is_mounted or self.size.width == 0:
            return
        text = self._fitted()
        if self._shown is None or text != self._shown or text.spans != self._shown.spans:
            self._shown = text
            self.refresh()

    def render(self) -> Text:
        self._shown = self._fitted()
        return self._shown

    def _fitted(self) -> Text:
        width = self.size.width
        text = self.compose_line(width)
        text.no_wrap = True
        text.end = ""
        text.truncate(width, overflow="crop")
        return text


def spread(left: Text, right: Text, width: int) -> Text:
    """Return `left` and `right` at the two ends of `width` columns; the right end is never cut."""
    room = width - right.cell_len
    if room <= 0:
        return right
    if left.cell_len > room:
        left = left.copy()
        left.truncate(max(room - 1, 0), overflow="ellipsis")
    return Text.assemble(left, " " * (room - left.cell_len), right)
