"""The picture of one line of the list: what it depends on, and its segments.

Most seconds change nothing but the time left. It stands in a piece of its own, so that the rest of the
picture is drawn once.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from oncall_tui.domain.sla import Urgency
from oncall_tui.domain.tickets import Ticket
from oncall_tui.widgets.columns import MARGIN, URGENCY_INK, View, fit, layout

MARK = "*"
"""The sign of a ticket that is marked."""

UNREAD = "     …"
"""Stands on a line whose ticket isn't loaded."""

Ink = Callable[[str], Style]
"""Returns the style of an ink by its name."""


class TicketLine(NamedTuple):
    """Everything that the picture of a line depends on; `ticket` is None while it isn't loaded."""

    ticket: Ticket | None
    left: str
    """What is left of the running clock, in `durations.WIDTH` columns, or the sign of a line not loaded."""
    urgency: Urgency
    day: int
    cursor: bool
    width: int
    mark: str = ""
    """The sign of a line that is marked, new or changed."""

    def differs_in_time_only(self, other: TicketLine) -> bool:
        """Say whether nothing but the time left tells this line from `other`."""
        return self[0] is other[0] and self[2:] == other[2:]


class Picture(NamedTuple):
    """A line but for its time left: what stands before that, how it is written, what stands after it.

    `cells` is how wide all of it is together, more than `width` where the terminal is very narrow.
    """

    before: Sequence[Segment]
    style: Style
    after: Sequence[Segment]
    cells: int
    width: int

    def at(self, left: str) -> Strip:
        """Return the line with the time `left` in it."""
        strip = Strip([*self.before, Segment(left, self.style), *self.after], self.cells)
        return strip if self.cells == self.width else strip.crop(0, self.width)


def headings(width: int, style: Style, *, opening: bool = False) -> Strip:
    """Return the line of headings, `width` columns wide; `opening` where opening time left is shown."""
    titles = {"LEFT": "OPEN LEFT"} if opening else {}
    cells = [
        fit(titles.get(title := placed.column.title, title), placed.width, right=placed.column.right)
        + " " * placed.gap
        for placed in layout(width)
    ]
    return Strip([Segment(" " * MARGIN + "".join(cells), style)]).adjust_cell_length(width, style)


def draw(line: TicketLine, view: View, base: Style, ink: Ink) -> Picture:
    """Return the picture of `line` as it is at `view`, in `ink` over `base`."""
    style = base + ink("cursor") if line.cursor else base
    if style.reverse:
        # Where colours are few the line is one block: an ink of its own would be a ground of its own.
        ink = _one_ink
    bar = Segment("▌" if line.cursor else " ", style + ink("accent"))
    mark = Segment(line.mark, style + ink("focus")) if line.mark else Segment(" ", style)
    if line.ticket is None:
        return _whole([bar, mark], style + ink("dim"), line, [], style)
    urgent = style + ink(URGENCY_INK[line.urgency])
    before = [bar, mark, Segment(f"{line.urgency.sign:<2}", urgent), Segment(" ", style)]
    (_, _, gap), *others = layout(line.width)
    after = [Segment(" " * gap, style)]
    for column, width, gap in others:
        cell = column.cell(line.ticket, view)
        label = cell.label if width >= 2 * len(cell.label) else cell.short_label
        if cell_len(label) > width:
            label = fit(label, width)
        if label:
            after.append(Segment(label, style + ink(cell.label_ink)))
        text = fit(cell.text, width - cell_len(label), right=column.right)
        after.append(Segment(text, style + ink(cell.ink)))
        after.append(Segment(" " * gap, style))
    return _whole(before, urgent, line, after, style)


def _one_ink(_name: str) -> Style:
    return Style.null()


def _whole(
    before: list[Segment], written: Style, line: TicketLine, after: list[Segment], style: Style
) -> Picture:
    # A style is some twenty bytes on the line: what looks the same is written in one piece.
    start, rest = Strip(before).simplify(), Strip(after)
    taken = start.cell_length + cell_len(line.left)
    rest = rest.extend_cell_length(line.width - taken, style).simplify()
    return Picture(list(start), written, list(rest), taken + rest.cell_length, line.width)
