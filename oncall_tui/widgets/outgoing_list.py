"""The list of what is on its way out or needs a person: columns, the lines that are loaded, the cursor."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from functools import lru_cache
from typing import NamedTuple
from zoneinfo import ZoneInfo

from rich.segment import Segment
from rich.style import Style

from oncall_tui.domain.correspondence import Outgoing
from oncall_tui.domain.messages import marked
from oncall_tui.translation import _
from oncall_tui.widgets.columns import DUE_WIDTH, NOTHING, Cell, due_text, fit
from oncall_tui.widgets.outgoing_words import ACTS, STATES, addressed
from oncall_tui.widgets.whole_window import WholeWindow
from oncall_tui.widgets.window_list import WindowList

MARGIN = 4
"""Columns before the first cell: the cursor's bar, the sign in two columns, a blank."""

STUCK_SIGN = "!"
"""Stands before what needs a person."""


class OutgoingView(NamedTuple):
    """What cells depend on besides what goes out: the minute (UTC) and the provider's zone."""

    now: datetime
    zone: ZoneInfo


class OutgoingColumn(NamedTuple):
    """A column of the list. `keep` orders the columns by importance: the highest goes first, 0 stays.

    `width` is its least width.
    """

    title: str
    cell: Callable[[Outgoing, OutgoingView], Cell]
    width: int
    keep: int = 0
    right: bool = False


def _state(row: Outgoing, _view: OutgoingView) -> Cell:
    return Cell(_(STATES[row.state]), "strong" if row.state.needs_a_person else "")


def _ref(row: Outgoing, _view: OutgoingView) -> Cell:
    return Cell(row.ticket)


def _act(row: Outgoing, _view: OutgoingView) -> Cell:
    return Cell(_(ACTS[row.act]))


def _to(row: Outgoing, _view: OutgoingView) -> Cell:
    return Cell(row.to.name or row.to.address or row.source)


def _subject(row: Outgoing, _view: OutgoingView) -> Cell:
    return Cell(row.subject or NOTHING, "" if row.subject else "dim")


def _tries(row: Outgoing, _view: OutgoingView) -> Cell:
    return Cell(str(row.tries) if row.tries else NOTHING, "" if row.tries else "dim")


def _next(row: Outgoing, view: OutgoingView) -> Cell:
    if not row.state.on_its_way:
        return Cell(NOTHING, "dim")
    if row.next_at is None or row.next_at <= view.now:
        return Cell(_("now"))
    return Cell(due_text(row.next_at, view.now, view.zone))


COLUMNS: tuple[OutgoingColumn, ...] = (
    OutgoingColumn(marked("STATE"), _state, 9),
    OutgoingColumn(marked("REF"), _ref, 8),
    OutgoingColumn(marked("WHAT"), _act, 8, keep=3),
    OutgoingColumn(marked("TO"), _to, 14),
    OutgoingColumn(marked("SUBJECT"), _subject, 8, keep=2),
    OutgoingColumn(marked("TRIES"), _tries, 6, keep=4, right=True),
    OutgoingColumn(marked("NEXT TRY"), _next, DUE_WIDTH, keep=1),
)

_TAKES = (("SUBJECT", 24), ("TO", 20), ("SUBJECT", 48), ("TO", 30))
"""Who takes of what is left over, one after the other, up to so many columns; the subject takes the rest."""


@lru_cache(maxsize=32)
def layout(width: int) -> tuple[tuple[OutgoingColumn, int], ...]:
    """Return the columns that fit into `width` terminal columns, each with its width."""
    kept = list(COLUMNS)
    for column in sorted((each for each in COLUMNS if each.keep), key=lambda each: -each.keep):
        if _needed(kept) > width:
            kept.remove(column)
    widths = {column.title: column.width for column in kept}
    over = max(width - _needed(kept), 0)
    for title, most in _TAKES:
        if title in widths:
            taken = min(over, max(most - widths[title], 0))
            widths[title] += taken
            over -= taken
    widths["SUBJECT" if "SUBJECT" in widths else "TO"] += over
    return tuple((column, widths[column.title]) for column in kept)


def _needed(columns: Sequence[OutgoingColumn]) -> int:
    return MARGIN + sum(column.width for column in columns) + len(columns) - 1


class OutgoingList(WindowList[Outgoing], can_focus=False, inherit_bindings=False):
    """What goes out, the cursor on one of it. What needs a person stands out by its sign."""

    MARGIN = MARGIN

    def __init__(self, zone: ZoneInfo, now: datetime) -> None:
        self.window = WholeWindow[Outgoing]()
        super().__init__(self.window, "outgoing")
        self.zone = zone
        self._view = self._view_at(now)

    def show(self, rows: Sequence[Outgoing]) -> None:
        """Show the list anew; the cursor stays on what it is on, and its line where it is."""
        self.in_place(lambda: self.window.show(rows))

    def tick(self, now: datetime) -> None:
        """Bring what depends on the clock up to `now`."""
        view = self._view_at(now)
        if view != self._view:
            self._view = view
            self.refresh()

    def _view_at(self, now: datetime) -> OutgoingView:
        return OutgoingView(now.replace(second=0, microsecond=0), self.zone)

    def headings(self, width: int) -> str:
        return " ".join(fit(_(column.title), room, right=column.right) for column, room in layout(width))

    def segments(self, row: Outgoing, width: int, inked: Callable[[str], Style]) -> list[Segment]:
        sign = STUCK_SIGN if row.state.needs_a_person else ""
        segments = [Segment(f"{sign:<2} ", inked("critical"))]
        for column, room in layout(width):
            cell = column.cell(row, self._view)
            segments.append(Segment(fit(cell.text, room, right=column.right), inked(cell.ink)))
            segments.append(Segment(" ", inked("")))
        return segments


def receiver_of(row: Outgoing) -> str:
    """Return whom it goes to, or to which ticket of the other system."""
    who = addressed(row.to.name, row.to.address)
    if row.thread:
        thread = _("ticket {thread} of {source}").format(thread=row.thread, source=row.source)
        return f"{who}, {thread}" if who else thread
    return who
