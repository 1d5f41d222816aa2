"""The picture of one line of the list: what it depends on, and its segments."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from oncall_tui.domain.sla import Urgency
from oncall_tui.domain.tickets import Ticket
from oncall_tui.widgets.columns import MARGIN, URGENCY_INK, View, fit, layout

MARK = "*"
"""The sign of a ticket that is marked."""

Ink = Callable[[str], Style]
"""Returns the style of an ink by its name."""


class TicketLine(NamedTuple):
    """Everything that the picture of a line depends on; `ticket` is None while it isn't loaded."""

    ticket: Ticket | None
    left: str
    urgency: Urgency
    day: int
    cursor: bool
    width: int
    mark: str = ""
    """The sign of a line that is marked, new or changed."""


def headings(width: int, style: Style, *, opening: bool = False) -> Strip:
    """Return the line of headings, `width` columns wide; `opening` where opening time left is shown."""
    titles = {"LEFT": "OPEN LEFT"} if opening else {}
    cells = [
        fit(titles.get(title := placed.column.title, title), placed.width, right=placed.column.right)
        + " " * placed.gap
        for placed in layout(width)
    ]
    return Strip([Segment(" " * MARGIN + "".join(cells), style)]).adjust_cell_length(width, style)


def draw(line: TicketLine, view: View, base: Style, ink: Ink) -> Strip:
    """Return the picture of `line` as it is at `view`, in `ink` over `base`."""
    style = base + ink("cursor") if line.cursor else base
    if style.reverse:
        # Where colours are few the line is one block: an ink of its own would be a ground of its own.
        ink = _one_ink
    bar = Segment("▌" if line.cursor else " ", style + ink("accent"))
    mark = Segment(line.mark, style + ink("focus")) if line.mark else Segment(" ", style)
    if line.ticket is None:
        return _whole([bar, mark, Segment("     …", style + ink("dim"))], style, line.width)
    urgent = style + ink(URGENCY_INK[line.urgency])
    segments = [bar, mark, Segment(f"{line.urgency.sign:<2}", urgent), Segment(" ", style)]
    for column, width, gap in layout(line.width):
        cell = column.cell(line.ticket, view)
        label = cell.label if width >= 2 * len(cell.label) else cell.short_label
        if label:
            segments.append(Segment(label, style + ink("dim")))
        text = fit(cell.text, width - len(label), right=column.right)
        segments.append(Segment(text, style + ink(cell.ink)))
        segments.append(Segment(" " * gap, style))
    return _whole(segments, style, line.width)


def _one_ink(_name: str) -> Style:
    return Style.null()


def _whole(segments: list[Segment], style: Style, width: int) -> Strip:
    # A style is some twenty bytes on the line: what looks the same is written in one piece.
    return Strip(segments).adjust_cell_length(width, style).simplify()
