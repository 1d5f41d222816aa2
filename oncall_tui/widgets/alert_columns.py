"""From alert to cells: what stands in which column of the list, how wide it is, and which column goes first.

Pure functions. Widths are terminal columns.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from functools import lru_cache
from typing import NamedTuple
from zoneinfo import ZoneInfo

from oncall_tui.domain.alert_words import RESULTS, what, whom
from oncall_tui.domain.alerts import Alert, Channel, Delivery, Level, Result
from oncall_tui.domain.messages import marked
from oncall_tui.translation import _, told
from oncall_tui.widgets.alert_text import CHANNELS
from oncall_tui.widgets.columns import DUE_WIDTH, NOTHING, Cell, due_text

MARGIN = 4
"""Columns before the first cell: the cursor's bar, the sign in two columns, a blank."""

LEVEL_INK = {
    Level.NOTICE: "",
    Level.WARNING: "warning",
    Level.CRITICAL: "critical",
    Level.BREACH: "overdue",
    Level.EMERGENCY: "overdue",
}

_FAILED = (Result.FAILED, Result.TIMEOUT)


class AlertLine(NamedTuple):
    """An alert and what became of it on its ways out."""

    alert: Alert
    deliveries: tuple[Delivery, ...] = ()


class AlertView(NamedTuple):
    """What cells depend on besides the alert: the minute (UTC), the provider's zone, who looks."""

    now: datetime
    zone: ZoneInfo
    operator: str

    def clock(self, instant: datetime) -> str:
        """Return an instant on the provider's clock: the time today, else with its day."""
        return due_text(instant, self.now, self.zone)


class AlertColumn(NamedTuple):
    """A column of the list. `keep` orders the columns by importance: the highest goes first, 0 stays.

    `width` is its least width, and `most` what it takes of the columns that are left over.
    """

    title: str
    cell: Callable[[AlertLine, AlertView], Cell]
    width: int
    keep: int = 0
    most: int = 0


def _at(line: AlertLine, view: AlertView) -> Cell:
    return Cell(view.clock(line.alert.raised_at))


def _level(line: AlertLine, _view: AlertView) -> Cell:
    return Cell(_(line.alert.level.value))


def _what(line: AlertLine, view: AlertView) -> Cell:
    return Cell(told(what(line.alert, view.clock)))


def _customer(line: AlertLine, _view: AlertView) -> Cell:
    name = whom(line.alert)
    return Cell(name or NOTHING, "" if name else "dim")


def _plan(line: AlertLine, _view: AlertView) -> Cell:
    plan = line.alert.plan
    return Cell(plan.short if plan else NOTHING, "" if plan else "dim")


def _ref(line: AlertLine, _view: AlertView) -> Cell:
    return Cell(line.alert.subject or NOTHING, "dim")


def _over(line: AlertLine, _view: AlertView) -> Cell:
    said = over(line.deliveries)
    return Cell(said or NOTHING, "" if said else "dim")


def _state(line: AlertLine, view: AlertView) -> Cell:
    alert = line.alert
    if alert.acknowledged_at is not None:
        ink = "accent" if alert.acknowledged_by == view.operator else ""
        return Cell(f"{alert.acknowledged_by} {view.clock(alert.acknowledged_at)}", ink)
    if alert.settled_at is not None:
        return Cell(_("settled {time}").format(time=view.clock(alert.settled_at)))
    if alert.waits and alert.again_at is not None:
        return Cell(_("until {time}").format(time=view.clock(alert.again_at)))
    return Cell(_("still open"), "strong")


def over(deliveries: Sequence[Delivery]) -> str:
    """Return over what an alert went out last, and how: `push failed  desktop`, what failed first.

    Of several places at once it says how many of them it reached: `desktop 1/2`. What is in no place there
    is isn't said where something else is.
    """
    last = max((each.round for each in deliveries), default=0)
    said = []
    for channel in Channel:
        mine = [each for each in deliveries if each.round == last and each.channel is channel]
        there = [each for each in mine if each.result is not Result.ABSENT]
        if there:
            through = sum(each.result not in _FAILED for each in there) / len(there)
            said.append((through, " ".join(filter(None, (_(CHANNELS[channel]), _how(there))))))
    if deliveries and not said:
        return _(RESULTS[Result.ABSENT])
    return "  ".join(text for _through, text in sorted(said, key=lambda each: each[0]))


def _how(deliveries: Sequence[Delivery]) -> str:
    """Return what there is to say of deliveries over one channel, nothing where each got through."""
    reached = sum(each.result is Result.OK for each in deliveries)
    failed = [each for each in deliveries if each.result in _FAILED]
    if reached and failed:
        return f"{reached}/{len(deliveries)}"
    if reached:
        return ""
    return _(RESULTS[failed[-1].result if failed else Result.UNDER_WAY])


COLUMNS: tuple[AlertColumn, ...] = (
    AlertColumn(marked("AT"), _at, DUE_WIDTH),
    AlertColumn(marked("LEVEL"), _level, 9, keep=5, most=10),
    AlertColumn(marked("WHAT"), _what, 25, most=44),
    AlertColumn(marked("PLAN"), _plan, 4, keep=3),
    AlertColumn(marked("CUSTOMER"), _customer, 13, most=28),
    AlertColumn(marked("REF"), _ref, 8, keep=4, most=10),
    AlertColumn(marked("OVER"), _over, 12, keep=2, most=40),
    AlertColumn(marked("STATE"), _state, 13, keep=1, most=18),
)

_ORDER = ("CUSTOMER", "OVER", "STATE", "WHAT", "LEVEL")
"""Who takes first of what is left over."""

_LEAST = 6
_GIVES = (("WHAT", 20), ("CUSTOMER", _LEAST), ("WHAT", _LEAST))
"""Who gives where there is too little, one after the other, down to so many columns."""


class PlacedColumn(NamedTuple):
    """A column with the width it was given."""

    column: AlertColumn
    width: int


@lru_cache(maxsize=32)
def layout(width: int) -> tuple[PlacedColumn, ...]:
    """Return the columns that fit into `width` terminal columns, with a blank between two of them."""
    kept = list(COLUMNS)
    for column in sorted((each for each in COLUMNS if each.keep), key=lambda each: -each.keep):
        # How an alert stands goes last: the others give for it first.
        if _needed(kept, giving=column.keep == 1) > width:
            kept.remove(column)
    widths = {column.title: column.width for column in kept}
    over_ = max(width - _needed(kept), 0)
    for title in _ORDER:
        for column in kept:
            if column.title == title:
                taken = min(over_, column.most - column.width)
                widths[title] += taken
                over_ -= taken
    widths["WHAT"] += over_
    for title, least in _GIVES:
        lacking = max(MARGIN + sum(widths.values()) + len(kept) - 1 - width, 0)
        widths[title] -= min(lacking, widths[title] - least)
    return tuple(PlacedColumn(column, widths[column.title]) for column in kept)


def _needed(columns: list[AlertColumn], *, giving: bool = False) -> int:
    widths = (_LEAST if giving and column.title in dict(_GIVES) else column.width for column in columns)
    return MARGIN + sum(widths) + len(columns) - 1
