"""The inks that every widget writes with, and the line of text that most of them are."""

from __future__ import annotations

from collections.abc import Mapping

from rich.color import Color as RichColor
from rich.segment import Segment
from rich.style import Style
from rich.text import Text
from textual.color import Color
from textual.geometry import Region
from textual.strip import Strip
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


class Drawn(Inked):
    """A widget that is nothing but its lines: no border, no text that can be selected.

    It draws them itself, because what Textual does besides to draw a line costs more than to draw it.
    """

    ALLOW_SELECT = False

    _ground: tuple[Style, Color] | None = None

    def draw_line(self, y: int) -> Strip:
        """Return line `y`, from 0, in as many columns as it has."""
        raise NotImplementedError

    @property
    def base(self) -> Style:
        """Return the Rich style of plain text here."""
        return self._grounded()[0]

    def _grounded(self) -> tuple[Style, Color]:
        if self._ground is None:
            self._ground = self.rich_style, self.background_colors[1]
        return self._ground

    def inked(self, text: Text) -> Strip:
        """Return one line of text as it is drawn here."""
        console = self.app.console
        # Rich leaves the style of a text without spans to whoever draws it.
        style = self.base + console.get_style(text.style)
        return Strip(Segment.apply_style(text.render(console), style))

    def render_line(self, y: int) -> Strip:
        return self.draw_line(y)

    def render_lines(self, crop: Region) -> list[Strip]:
        ground = self._grounded()[1]
        strips = [self.draw_line(y) for y in crop.line_range]
        for each in self.get_line_filters():
            strips = [strip.apply_filter(each, ground) for strip in strips]
        if crop.x:
            strips = [strip.crop(crop.x, crop.right) for strip in strips]
        return strips

    def notify_style_update(self) -> None:
        self._ground = None
        super().notify_style_update()


class Line(Drawn):
    """One line of text that is drawn anew only when its text has changed."""

    DEFAULT_CSS = "Line { height: 1; width: 1fr; }"

    _shown: Text | None = None
    _strip: Strip | None = None

    def compose_line(self, width: int) -> Text:
        """Return the text for a line of `width` columns."""
        raise NotImplementedError

    def update(self) -> None:
        """Draw the line anew if what it says has changed."""
        if not self.is_mounted or self.size.width == 0:
            self._strip = None  # where it isn't shown what was drawn before gets old
            return
        text = self._fitted()
        if self._shown is None or text != self._shown or text.spans != self._shown.spans:
            self._shown = text
            self._strip = self.inked(text).adjust_cell_length(self.size.width, self.base)
            self.refresh()

    def draw_line(self, y: int) -> Strip:
        width = self.size.width
        if self._strip is None or self._strip.cell_length != width:
            self._shown = self._fitted()
            self._strip = self.inked(self._shown).adjust_cell_length(width, self.base)
        return self._strip

    def render(self) -> Text:
        return self._fitted()

    def notify_style_update(self) -> None:
        self._strip = None
        super().notify_style_update()

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
