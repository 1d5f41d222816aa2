"""From ticket to cells: what stands in which column, how wide it is, and which column goes first.

Pure functions. Widths are terminal columns, so that CJK and emoji stay aligned.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import NamedTuple
from zoneinfo import ZoneInfo

from rich.cells import cell_len, set_cell_size

from oncall_tui.domain.clock import to_local
from oncall_tui.domain.dates import DAY_NAMES, MONTH_NAMES
from oncall_tui.domain.durations import WIDTH, format_left
from oncall_tui.domain.hours import OpeningHours
from oncall_tui.domain.messages import marked
from oncall_tui.domain.outgoing import OutgoingState
from oncall_tui.domain.sla import ClockKind, Urgency, remaining
from oncall_tui.domain.tickets import UNKNOWN_CUSTOMER, Ticket
from oncall_tui.translation import _

NOTHING = "–"
"""Stands in a cell that has nothing to say."""

MARGIN = 5
"""Columns before the first cell: the cursor's bar, a mark, the sign in two columns, a blank."""

UNKNOWN = "?"
"""Stands before who wrote where they belong to no organisation that is known."""

DUE_WIDTH = 9

SENDING = marked("sending")
"""How a ticket is labelled whose answer is on its way."""

INTERNAL = marked("internal")
INTERNAL_SHORT = marked("int.")
"""How a ticket is labelled that one of us asked of another (R22)."""

STUCK = {
    OutgoingState.UNSURE: marked("unsure"),
    OutgoingState.REFUSED: marked("not sent"),
    OutgoingState.CONFLICT: marked("conflict"),
    OutgoingState.BOUNCED: marked("bounced"),
}
"""How one is labelled that needs a person before something of it goes out."""

URGENCY_INK = {
    Urgency.OVERDUE: "overdue",
    Urgency.CRITICAL: "critical",
    Urgency.WARNING: "warning",
    Urgency.OK: "",
    Urgency.NONE: "dim",
}


class Cell(NamedTuple):
    """The text of a cell and the ink it is written with. `label` stands before it in `label_ink`, and
    `short_label` where the cell is narrow.
    """

    text: str
    ink: str = ""
    label: str = ""
    short_label: str = ""
    label_ink: str = "dim"


class View(NamedTuple):
    """What cells depend on besides the ticket: the present (UTC), the provider's zone, who looks.

    With `hours`, the calendars by id, opening time left is shown in place of the time left. Without
    `ticking` no seconds are shown.
    """

    now: datetime
    zone: ZoneInfo
    operator: str
    hours: Mapping[int, OpeningHours] | None = None
    ticking: bool = True

    def left(self, ticket: Ticket) -> str:
        """Return what is left of the running clock, or why none runs, in `durations.WIDTH` columns."""
        hours = None if self.hours is None else self.hours.get(ticket.clock_calendar_id or 0)
        if hours is None or ticket.times is None:
            return left_text(ticket, self.now, ticking=self.ticking)
        left = ticket.times.due_open - hours.coordinate(self.now)
        return format_left(timedelta(microseconds=left), seconds_shown=self.ticking)


class Column(NamedTuple):
    """A column of the list. `keep` orders the columns by importance: the highest goes first, 0 stays.

    `width` is its least width and `enough` what it needs to tell things apart; `grow` is its share of
    the columns that are left over, up to `most`. `gap` stands before the next one.
    """

    title: str
    cell: Callable[[Ticket, View], Cell]
    width: int
    keep: int = 0
    right: bool = False
    enough: int = 0
    grow: int = 0
    most: int = 0
    gap: int = 2


def _left(ticket: Ticket, view: View) -> Cell:
    return Cell(view.left(ticket), URGENCY_INK[ticket.urgency(view.now)])


def _due(ticket: Ticket, view: View) -> Cell:
    return Cell(due_text(ticket.due_at, view.now, view.zone), "" if ticket.due_at else "dim")


def _plan(ticket: Ticket, _view: View) -> Cell:
    return Cell(ticket.plan.short)


def _via(ticket: Ticket, _view: View) -> Cell:
    return Cell(ticket.channel.short)


def _customer(ticket: Ticket, _view: View) -> Cell:
    if ticket.customer == UNKNOWN_CUSTOMER:
        sign = f"{UNKNOWN} "
        return Cell(ticket.contact or ticket.customer_name, label=sign, short_label=sign, label_ink="strong")
    return Cell(ticket.customer_name)


def _subject(ticket: Ticket, _view: View) -> Cell:
    outgoing = ticket.outgoing
    if outgoing in STUCK:
        label = f"{_(STUCK[outgoing])} "
        return Cell(ticket.subject, label=label, short_label=label, label_ink="strong")
    if outgoing is not None and outgoing.on_its_way:
        label = f"{_(SENDING)} "
        return Cell(ticket.subject, label=label, short_label=label)
    if ticket.clock is ClockKind.PROMISE:
        return Cell(ticket.subject, label="promise ", short_label="pr. ")
    if ticket.internal:
        return Cell(ticket.subject, label=f"{_(INTERNAL)} ", short_label=f"{_(INTERNAL_SHORT)} ")
    return Cell(ticket.subject)


def _owner(ticket: Ticket, view: View) -> Cell:
    if ticket.owner is None:
        return Cell(NOTHING, "dim")
    return Cell(ticket.owner, "accent" if ticket.owner == view.operator else "")


def _ref(ticket: Ticket, _view: View) -> Cell:
    return Cell(ticket.ref, "dim")


COLUMNS: tuple[Column, ...] = (
    Column("LEFT", _left, WIDTH, right=True),
    Column("DUE", _due, DUE_WIDTH, keep=3),
    Column("PLAN", _plan, 4, gap=1),
    Column("VIA", _via, 5, keep=2, gap=1),
    Column("CUSTOMER", _customer, 8, enough=15, grow=2, most=28),
    Column("SUBJECT", _subject, 8, enough=16, grow=3),
    Column("OWNER", _owner, 6, keep=4, grow=1, most=14),
    Column("REF", _ref, 10, keep=5),
)
_NARROW = 48
"""Terminal columns below which one blank between two cells must do."""


class Placed(NamedTuple):
    """A column with the width it was given and the blanks after it."""

    column: Column
    width: int
    gap: int


@lru_cache(maxsize=32)
def layout(width: int) -> tuple[Placed, ...]:
    """Return the columns that fit into `width` terminal columns."""
    kept = list(COLUMNS)
    for column in sorted((each for each in COLUMNS if each.keep), key=lambda each: -each.keep):
        # A column stays only where customer and subject keep enough to be told apart.
        if _needed(kept, width, enough=True) > width:
            kept.remove(column)
    return _share_out(kept, width)


def _gap(column: Column, width: int) -> int:
    return 1 if width < _NARROW else column.gap


def _needed(columns: list[Column], width: int, *, enough: bool = False) -> int:
    cells = sum(max(column.width, column.enough) if enough else column.width for column in columns)
    return MARGIN + cells + sum(_gap(column, width) for column in columns[:-1])


def _share_out(columns: list[Column], width: int) -> tuple[Placed, ...]:
    """Give the growing columns what is left over by their shares; the subject takes the remainder."""
    widths = {column.title: column.width for column in columns}
    if _needed(columns, width, enough=True) <= width:
        widths = {column.title: max(column.width, column.enough) for column in columns}
    gaps = sum(_gap(column, width) for column in columns[:-1])
    rest = max(width - MARGIN - gaps - sum(widths.values()), 0)
    shares = sum(column.grow for column in columns)
    over = rest
    for column in columns:
        if column.grow and column.most:
            extra = min(rest * column.grow // shares, column.most - widths[column.title])
            widths[column.title] += extra
            over -= extra
    widths["SUBJECT"] += over
    last = columns[-1]
    return tuple(
        Placed(column, widths[column.title], 0 if column is last else _gap(column, width))
        for column in columns
    )


def left_text(ticket: Ticket, now: datetime, *, ticking: bool = True) -> str:
    """Return the remaining time of the running clock, or why none runs, in `durations.WIDTH` columns."""
    if ticket.closed_at is not None:
        return "closed"
    due_at = ticket.due_at
    if due_at is not None:
        return format_left(remaining(due_at, now), seconds_shown=ticking)
    return NOTHING if ticket.answered_at is None else "answered"


def due_text(due_at: datetime | None, now: datetime, zone: ZoneInfo) -> str:
    """Return the due instant on the provider's clock: the time today, else with day or date."""
    if due_at is None:
        return NOTHING
    due, today = to_local(due_at, zone), to_local(now, zone).date()
    days = (due.date() - today).days
    if days == 0:
        return f"{due:%H:%M}"
    if -6 <= days <= 6:
        return f"{day_name(due)} {due:%H:%M}"
    if abs(days) < 300:
        return f"{due.day} {month_name(due)}"
    return f"{month_name(due)} {due.year}"


def moment(instant: datetime, zone: ZoneInfo) -> str:
    """Return an instant on the provider's clock: `Fri 27 Mar 18:10`."""
    local = to_local(instant, zone)
    return f"{day_name(local)} {local.day} {month_name(local)} {local:%H:%M}"


def day_name(local: date) -> str:
    """Return the day of the week in short, in the language of the screens."""
    return _(DAY_NAMES[local.weekday()])


def day_names() -> list[str]:
    """Return the days of the week in short, Monday first, in the language of the screens."""
    return [_(name) for name in DAY_NAMES]


def date_text(local: date) -> str:
    """Return a day with its year: `27 Mar 2026`."""
    return f"{local.day} {month_name(local)} {local.year}"


def month_name(local: date) -> str:
    """Return the month in short, in the language of the screens."""
    return _(MONTH_NAMES[local.month - 1])


def fit(text: str, width: int, *, right: bool = False) -> str:
    """Return `text` in exactly `width` terminal columns, cut with an ellipsis or filled with blanks."""
    if len(text) > 4 * width:
        text = text[: 4 * width]  # measuring ten thousand characters to show twenty takes time
    length = cell_len(text)
    if length > width:
        text = set_cell_size(text, max(width - 1, 0)).rstrip()
        text = (text + "…")[: max(width, 0)]
        length = cell_len(text)
    blanks = " " * (width - length)
    return blanks + text if right else text + blanks
