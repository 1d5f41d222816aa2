"""A sheet of paper: text in the fonts of the house, lines, a QR code. Lengths are millimetres, sizes points.

It is written with fpdf2, which the extra `pdf` brings.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from unicodedata import bidirectional

from fpdf import FPDF

from oncall_tui.domain.text import ELLIPSIS

FONTS = Path(__file__).parent / "fonts"

POINT = 25.4 / 72
"""Millimetres of a point."""

WIDTH, HEIGHT = 210.0, 297.0
"""A4."""

BLACK, GREY, LIGHT = 0, 90, 170
"""Inks, from 0 to 255: a printer without colours has them all."""

MISSING = "\u25a1"
"""Stands for a run of characters that the fonts don't have."""

_FAMILY = "sans"
_SPACES = " \u00a0"
_BLANKS = re.compile(" +")
_RIGHT_TO_LEFT = frozenset(("R", "AL", "AN", "RLE", "RLO", "RLI"))
_CELL_BASELINE = 0.8  # where fpdf2 puts the baseline in a cell that is as high as the letters


class Sheet:
    """One page of A4. It never becomes two, whatever is put on it."""

    def __init__(self, title: str, author: str, language: str, made: datetime) -> None:
        """`made` is the instant that the file is dated with: nothing else in it comes from a clock."""
        self._pdf = pdf = FPDF(format="A4")
        pdf.set_auto_page_break(False)
        pdf.set_margin(0)
        pdf.c_margin = 0
        pdf.set_creation_date(made)
        pdf.set_lang(language)
        pdf.add_font(_FAMILY, "", FONTS / "OncallSans-Regular.ttf")
        pdf.add_font(_FAMILY, "B", FONTS / "OncallSans-Bold.ttf")
        regular, bold = (pdf.fonts[_FAMILY + style].cmap for style in ("", "B"))  # type: ignore[union-attr]
        self._letters = regular.keys() & bold.keys()
        pdf.set_title(self.printable(title))
        pdf.set_author(self.printable(author))
        pdf.set_creator("oncall-tui")
        pdf.add_page()

    def printable(self, text: str) -> str:
        """Return `text` with a sign in the place of each run of characters that can't be printed."""
        kept: list[str] = []
        for character in text:
            if ord(character) in self._letters and (character.isprintable() or character in _SPACES):
                kept.append(character)
            elif character.isspace():
                kept.append(" ")
            elif not kept or kept[-1] != MISSING:
                kept.append(MISSING)
        return "".join(kept)

    def width(self, text: str, size: float, *, bold: bool = False) -> float:
        """Return how wide printable `text` is."""
        self._font(text, size, bold=bold)
        return float(self._pdf.get_string_width(text))

    def lines(self, text: str, size: float, width: float, most: int, *, bold: bool = False) -> list[str]:
        """Return `text` in at most `most` lines of `width`: broken between words where that is possible, and
        cut where it is still longer.
        """
        left = _BLANKS.sub(" ", self.printable(text)).strip()
        found: list[str] = []
        while left and len(found) < most:
            if self.width(left, size, bold=bold) <= width:
                return [*found, left]
            if len(found) == most - 1:
                return [*found, self._cut(left, size, width, bold=bold)]
            fits = self._fitting(left, size, width, bold=bold)
            space = left.rfind(" ", 1, fits + 1)
            at = space if space > 0 else fits
            found.append(left[:at].rstrip())
            left = left[at:].lstrip()
        return found

    def _cut(self, text: str, size: float, width: float, *, bold: bool) -> str:
        room = width - self.width(ELLIPSIS, size, bold=bold)
        return text[: self._fitting(text, size, room, bold=bold)].rstrip(" ,;") + ELLIPSIS

    def _fitting(self, text: str, size: float, width: float, *, bold: bool) -> int:
        """Return how many characters fit, one at least."""
        low, high = 1, len(text)
        while low < high:
            middle = (low + high + 1) // 2
            if self.width(text[:middle], size, bold=bold) <= width:
                low = middle
            else:
                high = middle - 1
        return low

    def fitted(
        self, text: str, sizes: Sequence[float], width: float, most: int, *, bold: bool = False
    ) -> tuple[float, list[str]]:
        """Return the first of `sizes` in which `text` needs no more than `most` lines, and the lines; in the
        last one it is cut.
        """
        for size in sizes:
            lines = self.lines(text, size, width, most + 1, bold=bold)
            if len(lines) <= most:
                return size, lines
        return sizes[-1], self.lines(text, sizes[-1], width, most, bold=bold)

    def put(
        self,
        x: float,
        baseline: float,
        text: str,
        size: float,
        *,
        bold: bool = False,
        ink: int = BLACK,
        listed: bool = False,
    ) -> None:
        """Write printable `text` from `x` on; letters from right to left stand in their own order.

        What is `listed` goes on from left to right, whatever the first of it is written in.
        """
        if not text:
            return
        self._pdf.set_text_color(ink)
        if self._font(text, size, bold=bold, listed=listed):
            height = size * POINT
            self._pdf.set_xy(x, baseline - _CELL_BASELINE * height)
            self._pdf.cell(self._pdf.get_string_width(text), height, text)
        else:
            self._pdf.text(x, baseline, text)

    def put_right(
        self, right: float, baseline: float, text: str, size: float, *, bold: bool = False, ink: int = BLACK
    ) -> None:
        """Write printable `text` so that it ends at `right`."""
        self.put(right - self.width(text, size, bold=bold), baseline, text, size, bold=bold, ink=ink)

    def rule(self, x: float, y: float, width: float) -> None:
        """Draw a thin line."""
        self._pdf.set_draw_color(LIGHT)
        self._pdf.set_line_width(0.2)
        self._pdf.line(x, y, x + width, y)

    def qr(self, x: float, y: float, side: float, text: str) -> None:
        """Draw a QR code that says `text`, in a square without the quiet zone around it."""
        import segno

        rows = segno.make_qr(text, error="m", boost_error=False).matrix
        module = side / len(rows)
        self._pdf.set_fill_color(BLACK)
        for down, row in enumerate(rows):
            begun = None
            for across, dark in enumerate((*row, 0)):
                if dark and begun is None:
                    begun = across
                elif not dark and begun is not None:
                    wide = (across - begun) * module
                    self._pdf.rect(x + begun * module, y + down * module, wide, module, style="F")
                    begun = None

    def finished(self) -> bytes:
        """Return the file."""
        return bytes(self._pdf.output())

    def _font(self, text: str, size: float, *, bold: bool, listed: bool = False) -> bool:
        """Choose the font; say whether `text` has to be shaped, having letters from right to left."""
        shaped = any(bidirectional(character) in _RIGHT_TO_LEFT for character in text)
        self._pdf.set_font(_FAMILY, "B" if bold else "", size)
        # Ligatures would keep "fi" in a name from being found.
        self._pdf.set_text_shaping(shaped, features={"liga": False}, direction="ltr" if listed else None)
        return shaped
