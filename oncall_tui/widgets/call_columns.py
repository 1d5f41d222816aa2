"""From call to cells: what stands in which column of the log, how wide it is, and which column goes first.

Pure functions. Widths are terminal columns.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from functools import cache, lru_cache
from typing import NamedTuple
from zoneinfo import ZoneInfo

from rich.cells import cell_len

from oncall_tui.domain.call_log import LogLine
from oncall_tui.domain.call_words import outcome
from oncall_tui.domain.clock import to_local
from oncall_tui.domain.emergency import Decision, Reason
from oncall_tui.domain.messages import marked
from oncall_tui.translation import _, language
from oncall_tui.widgets.columns import NOTHING, Cell

MARGIN = 2
"""Columns before the first cell: the cursor's bar and the sign."""

CORRECTED = "*"
RINGING = "!"
"""The signs before a line."""


class LogView(NamedTuple):
    """What cells depend on besides the call: the provider's zone and date, and who looks."""

    zone: ZoneInfo
    today: date
    operator: str


class CallColumn(NamedTuple):
    """A column of the log. `keep` orders the columns by importance: the highest goes first, 0 stays.

    `width` is its least width, and `most` what it takes of the columns that are left over.
    """

    title: str
    cell: Callable[[LogLine, LogView], Cell]
    width: int
    keep: int = 0
    most: int = 0
    right: bool = False


def time_text(instant: datetime, view: LogView) -> str:
    """Return when a call rang, on the provider's clock: with its day where that isn't today."""
    local = to_local(instant, view.zone)
    days = (view.today - local.date()).days
    if days == 0:
        return f"{local:%H:%M:%S}"
    return f"{local:%d.%m %H:%M}" if abs(days) < 300 else f"{local:%d.%m.%Y}"


def _time(line: LogLine, view: LogView) -> Cell:
    return Cell(time_text(line.call.rang_at, view))


def _who(line: LogLine, _view: LogView) -> Cell:
    if line.known.customer_name:
        return Cell(line.known.customer_name)
    return Cell(line.call.number or _("no number"), "" if line.call.number else "dim")


def _person(line: LogLine, _view: LogView) -> Cell:
    return Cell(line.known.person or NOTHING, "" if line.known.person else "dim")


def _language(line: LogLine, _view: LogView) -> Cell:
    return Cell(line.known.language or NOTHING, "" if line.known.language else "dim")


def _outcome(line: LogLine, _view: LogView) -> Cell:
    said = _(outcome(line))
    if line.reason is not None:
        return Cell(_(line.reason.label), label=f"{said} ")
    if line.decision is None:
        return Cell(said, "critical" if line.call.rings else "strong")
    return Cell(said, "dim" if line.decision is Decision.MISSED else "")


def _engineer(line: LogLine, view: LogView) -> Cell:
    if not line.operator:
        return Cell(NOTHING, "dim")
    return Cell(line.operator, "accent" if line.operator == view.operator else "")


def _ticket(line: LogLine, _view: LogView) -> Cell:
    ticket = line.record.ticket if line.record is not None else ""
    return Cell(ticket or NOTHING, "dim")


COLUMNS: tuple[CallColumn, ...] = (
    CallColumn(marked("RANG"), _time, 11, right=True),
    CallColumn(marked("WHO"), _who, 16, most=34),
    CallColumn(marked("CALLER"), _person, 13, keep=4, most=22),
    CallColumn(marked("IN"), _language, 3, keep=1),
    CallColumn(marked("OUTCOME"), _outcome, 18, most=34),
    CallColumn(marked("BY"), _engineer, 6, keep=2, most=14),
    CallColumn(marked("TICKET"), _ticket, 8, keep=3, most=12),
)

_ORDER = ("OUTCOME", "WHO", "CALLER", "TICKET", "ENGINEER")
"""Who takes first of what is left over."""

_GIVES = ("WHO", "OUTCOME")
_LEAST = 8
"""Who gives where there is too little, down to so many columns."""


class PlacedColumn(NamedTuple):
    """A column with the width it was given."""

    column: CallColumn
    width: int


@lru_cache(maxsize=32)
def layout(width: int) -> tuple[PlacedColumn, ...]:
    """Return the columns that fit into `width` terminal columns, with a blank between two of them."""
    kept = list(COLUMNS)
    for column in sorted((each for each in COLUMNS if each.keep), key=lambda each: -each.keep):
        if _needed(kept) > width:
            kept.remove(column)
    widths = {column.title: column.width for column in kept}
    over = max(width - _needed(kept), 0)
    for title in _ORDER:
        for column in kept:
            if column.title == title:
                taken = min(over, column.most - column.width)
                widths[title] += taken
                over -= taken
    widths["WHO"] += over
    for title in _GIVES:
        # Narrower than what anybody works with: who and what become of it are cut, and nothing else.
        lacking = max(_needed(kept) - sum(each.width for each in kept) + sum(widths.values()) - width, 0)
        widths[title] -= min(lacking, widths[title] - _LEAST)
    return tuple(PlacedColumn(column, widths[column.title]) for column in kept)


def _needed(columns: list[CallColumn]) -> int:
    return MARGIN + sum(column.width for column in columns) + len(columns) - 1


def shown(cell: Cell, width: int) -> tuple[str, str]:
    """Return label and text of a cell for `width` columns. The label goes where there is no room for both,
    whichever the reason: one that came and went from line to line would look like a difference.
    """
    if cell.label and cell_len(cell.label) + _longest_reason(language()) <= width:
        return cell.label, cell.text
    return "", cell.text


@cache
def _longest_reason(_language: str) -> int:
    return max(cell_len(_(reason.label)) for reason in Reason)


def sign(line: LogLine) -> str:
    """Return the sign before a line: a call rings, or its record was corrected."""
    if line.decision is None:
        return RINGING if line.call.rings else " "
    return CORRECTED if line.corrected else " "
