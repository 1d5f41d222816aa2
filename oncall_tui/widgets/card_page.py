"""What the lines of a card are laid out on: labels at the left, what they stand for beside them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime
from typing import NamedTuple
from zoneinfo import ZoneInfo

from rich.cells import cell_len
from rich.style import Style
from rich.text import Text

from oncall_tui.domain.clock import to_local
from oncall_tui.widgets.columns import due_text, fit

Ink = Callable[[str], Style]
"""Returns the style of an ink by its name."""

GAP = 2
"""Blanks between two columns."""

_LABEL = 11
_LABEL_NARROW = 10
_NARROW = 52
"""Columns below which labels stand closer to what they stand for."""


class Page(NamedTuple):
    """What lines depend on besides the card: columns of the terminal, the present (UTC), whose clock is
    shown, the inks. Without `ticking` no seconds are shown.
    """

    width: int
    now: datetime
    zone: ZoneInfo
    ink: Ink
    ticking: bool = True

    @property
    def label_width(self) -> int:
        """Return the columns that labels take."""
        return _LABEL_NARROW if self.width < _NARROW else _LABEL

    @property
    def room(self) -> int:
        """Return the columns beside the labels."""
        return max(self.width - self.label_width, 1)

    @property
    def today(self) -> date:
        """Return the day that it is on the provider's clock."""
        return to_local(self.now, self.zone).date()

    def at(self, instant: datetime) -> str:
        """Return an instant on the provider's clock, with its day where that isn't today."""
        return due_text(instant, self.now, self.zone)

    def section(self, label: str, lines: Iterable[Text]) -> list[Text]:
        """Return `lines` with `label` before the first of them."""
        found = []
        for line in lines:
            found.append(Text.assemble((fit(label, self.label_width), self.ink("dim")), line))
            label = ""
        return found

    def flow(self, parts: Sequence[tuple[str, str]], between: str = ", ") -> list[Text]:
        """Return `parts`, each text with its ink, one after the other in lines that fit beside the labels."""
        lines: list[Text] = []
        for shown, ink in self._pieces(parts, between.rstrip()):
            gap = " " if lines else ""
            if not lines or lines[-1].cell_len + len(gap) + cell_len(shown) > self.room:
                lines.append(Text())
                gap = ""
            lines[-1].append(gap).append(shown, self.ink(ink))
        return lines

    def _pieces(self, parts: Sequence[tuple[str, str]], between: str) -> Iterable[tuple[str, str]]:
        """Yield what may begin a line: each part as a whole, a longer one word by word."""
        for number, (words, ink) in enumerate(parts, 1):
            shown = words if number == len(parts) else words + between
            pieces = [shown] if cell_len(shown) <= self.room else shown.split()
            yield from ((piece, ink) for piece in pieces)
