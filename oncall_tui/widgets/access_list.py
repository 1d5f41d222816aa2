"""The list of an organisation's temporary access: what is active first, counting down (R23)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from functools import lru_cache
from typing import NamedTuple
from zoneinfo import ZoneInfo

from rich.segment import Segment
from rich.style import Style

from oncall_tui.domain.durations import WIDTH, format_left
from oncall_tui.domain.grants import WARN_BEFORE, Grant, GrantState, in_order
from oncall_tui.domain.messages import marked
from oncall_tui.translation import _
from oncall_tui.widgets.columns import DUE_WIDTH, NOTHING, Cell, due_text, fit
from oncall_tui.widgets.whole_window import WholeWindow
from oncall_tui.widgets.window_list import WindowList

MARGIN = 4
"""Columns before the first cell: the cursor's bar, the sign in two columns, a blank."""

LAST_MINUTES = timedelta(minutes=5)
"""How long before its end an access that runs out is critical."""


class AccessView(NamedTuple):
    """What cells depend on besides the grant: the present (UTC), the provider's zone, who looks. Without
    `ticking` no seconds are shown.
    """

    now: datetime
    zone: ZoneInfo
    operator: str
    ticking: bool = True


class AccessColumn(NamedTuple):
    """A column of the list. `keep` orders the columns by importance: the highest goes first, 0 stays.

    `width` is its least width.
    """

    title: str
    cell: Callable[[Grant, AccessView], Cell]
    width: int
    keep: int = 0
    right: bool = False


def sign_of(grant: Grant, view: AccessView) -> tuple[str, str]:
    """Return the sign that stands before a grant, and its ink: how soon it ends, or that this engineer hasn't
    given back what has ended.
    """
    if grant.state(view.now).over:
        return ("!", "critical") if grant.use_of(view.operator) else ("", "")
    left = grant.left(view.now)
    if not grant.state(view.now).in_force or left > WARN_BEFORE:
        return "", ""
    return ("!", "critical") if left <= LAST_MINUTES else ("~", "warning")


def _left(grant: Grant, view: AccessView) -> Cell:
    if not grant.state(view.now).in_force:
        return Cell(NOTHING, "dim")
    return Cell(format_left(grant.left(view.now), seconds_shown=view.ticking), sign_of(grant, view)[1])


def _until(grant: Grant, view: AccessView) -> Cell:
    return Cell(due_text(grant.ends_at, view.now, view.zone), _ink(grant, view))


def _service(grant: Grant, view: AccessView) -> Cell:
    return Cell(grant.service, _ink(grant, view))


def _state(grant: Grant, view: AccessView) -> Cell:
    state = grant.state(view.now)
    return Cell(_(state.value), "strong" if state is GrantState.IN_USE else _ink(grant, view))


def _used_by(grant: Grant, view: AccessView) -> Cell:
    uses = grant.in_use(view.now)
    if not uses:
        return Cell(NOTHING, "dim")
    since = due_text(uses[0].began_at, view.now, view.zone)
    return Cell(", ".join((f"{uses[0].operator} {since}", *(use.operator for use in uses[1:]))))


def _granted_by(grant: Grant, _view: AccessView) -> Cell:
    return Cell(grant.granted_by or NOTHING, "dim")


def _ink(grant: Grant, view: AccessView) -> str:
    return "" if grant.state(view.now).in_force else "dim"


COLUMNS: tuple[AccessColumn, ...] = (
    AccessColumn(marked("LEFT"), _left, WIDTH, right=True),
    AccessColumn(marked("UNTIL"), _until, DUE_WIDTH),
    AccessColumn(marked("SERVICE"), _service, 10),
    AccessColumn(marked("STATE"), _state, 8),
    AccessColumn(marked("IN USE BY"), _used_by, 12, keep=1),
    AccessColumn(marked("GRANTED BY"), _granted_by, 14, keep=2),
)

_TAKES = (("SERVICE", 16), ("IN USE BY", 24), ("SERVICE", 30))
"""Who takes of what is left over, one after the other, up to so many columns; the service takes the rest."""


@lru_cache(maxsize=32)
def layout(width: int) -> tuple[tuple[AccessColumn, int], ...]:
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
    widths["SERVICE"] += over
    return tuple((column, widths[column.title]) for column in kept)


def _needed(columns: Sequence[AccessColumn]) -> int:
    return MARGIN + sum(column.width for column in columns) + len(columns) - 1


class AccessList(WindowList[Grant], can_focus=False, inherit_bindings=False):
    """All access of an organisation, the cursor on one. The last minutes of one stand out by their sign."""

    MARGIN = MARGIN

    def __init__(self, view: AccessView) -> None:
        self.window = WholeWindow[Grant]()
        super().__init__(self.window, "grants")
        self._view = view
        self._drawn: list[tuple[object, ...]] = []

    def show(self, rows: Sequence[Grant]) -> None:
        """Show the list anew; the cursor stays on what it is on, and its line where it is."""
        self.in_place(lambda: self.window.show(in_order(rows, self._view.now)))

    def point_at(self, grant_id: int) -> None:
        """Put the cursor on a grant."""
        for place, row in enumerate(self.window.rows):
            if row.id == grant_id:
                self.move_to(place)

    def tick(self, now: datetime) -> bool:
        """Bring what depends on the clock up to `now`; say whether a grant stands otherwise than before."""
        before = self._view.now
        self._view = self._view._replace(now=now)
        rows = self.window.rows
        changed = any(row.state(before) is not row.state(now) for row in rows)
        if changed:
            self.show(rows)
        drawn: list[tuple[object, ...]] = [
            (sign_of(row, self._view), *(column.cell(row, self._view) for column in COLUMNS)) for row in rows
        ]
        if drawn != self._drawn:
            self._drawn = drawn
            self.refresh()
        return changed

    def headings(self, width: int) -> str:
        return " ".join(fit(_(column.title), room, right=column.right) for column, room in layout(width))

    def segments(self, row: Grant, width: int, inked: Callable[[str], Style]) -> list[Segment]:
        sign, ink = sign_of(row, self._view)
        segments = [Segment(f"{sign:<2} ", inked(ink))]
        for column, room in layout(width):
            cell = column.cell(row, self._view)
            segments.append(Segment(fit(cell.text, room, right=column.right), inked(cell.ink)))
            segments.append(Segment(" ", inked("")))
        return segments
