"""The clocks of a ticket: first response, next update, and how urgent they are (R3, R6-R8)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from oncall_tui.domain.errors import BadSettings
from oncall_tui.domain.hours import OpeningHours
from oncall_tui.domain.messages import marked
from oncall_tui.domain.wallclock import as_utc

REAL_TIME = OpeningHours.always_open("promise")
"""What a promise is counted in: it was made to a person, by the clock on the wall (R7)."""


class ClockKind(StrEnum):
    """What a running clock counts towards."""

    RESPONSE = "response"
    PROMISE = "promise"


class Urgency(StrEnum):
    """How near a deadline is, most urgent first; a sign goes with it, never colour alone."""

    OVERDUE = marked("overdue")
    CRITICAL = marked("critical")
    WARNING = marked("warning")
    OK = "ok"
    NONE = "none"

    @property
    def sign(self) -> str:
        """The sign on the board: `!!`, `!`, `~`, or a space."""
        return _SIGNS[self]

    @property
    def rank(self) -> int:
        """0 for the most urgent, to sort by."""
        return _RANKS[self]


_SIGNS = {
    Urgency.OVERDUE: "!!",
    Urgency.CRITICAL: "!",
    Urgency.WARNING: "~",
    Urgency.OK: " ",
    Urgency.NONE: " ",
}
_RANKS = {urgency: rank for rank, urgency in enumerate(Urgency)}


@dataclass(frozen=True, slots=True)
class Thresholds:
    """The share of a budget's opening time still left at which a deadline gets urgent.

    0 < critical <= warning <= 1, or `BadSettings`.
    """

    warning: float = 0.5
    critical: float = 0.25

    def __post_init__(self) -> None:
        if not 0 < self.critical <= self.warning <= 1:
            raise BadSettings(
                f"urgency: warning {self.warning} and critical {self.critical} don't go together",
                hint="both are shares of a budget, above 0 and up to 1; critical is not above warning",
            )


@dataclass(frozen=True, slots=True)
class RunningClock:
    """A clock that runs on a ticket, with all its instants in UTC.

    `budget` is opening time of `calendar`. The calendar, the budget and the instants were fixed when
    the clock started; settings that change later don't move them (R9).
    """

    kind: ClockKind
    calendar: OpeningHours
    started_at: datetime
    budget: timedelta
    due_at: datetime
    warning_at: datetime
    critical_at: datetime


def response_clock(
    hours: OpeningHours, received_at: datetime, budget: timedelta, thresholds: Thresholds
) -> RunningClock:
    """Start the clock of the first response when the request was received (R5, R6).

    `budget` is opening time of `hours` and positive, else `ValueError`.
    """
    return _start(ClockKind.RESPONSE, hours, received_at, budget, thresholds)


def promise_clock(made_at: datetime, budget: timedelta, thresholds: Thresholds) -> RunningClock:
    """Start the clock of a promised update; it runs on real time from when it was made (R7).

    `budget` is positive, else `ValueError`.
    """
    return _start(ClockKind.PROMISE, REAL_TIME, made_at, budget, thresholds)


def urgency(
    due_at: datetime | None,
    warning_at: datetime | None,
    critical_at: datetime | None,
    now: datetime,
) -> Urgency:
    """Say how urgent a deadline is at `now`; without one it is `NONE`.

    At the due instant itself it can still be met, so it is overdue only after it (R3).
    """
    if due_at is None:
        return Urgency.NONE
    now = as_utc(now)
    if now > due_at:
        return Urgency.OVERDUE
    if critical_at is not None and now >= critical_at:
        return Urgency.CRITICAL
    if warning_at is not None and now >= warning_at:
        return Urgency.WARNING
    return Urgency.OK


def remaining(due_at: datetime, now: datetime) -> timedelta:
    """Return the real time from `now` to `due_at`, negative once it is over; both in any zone."""
    # Python subtracts two datetimes of one zone by the wall clock, an hour wrong over a DST night.
    return as_utc(due_at) - as_utc(now)


def is_met(done_at: datetime, due_at: datetime) -> bool:
    """Say whether what was done at `done_at` kept the deadline, the due instant included (R3)."""
    return as_utc(done_at) <= as_utc(due_at)


def upgrade_due(
    old_due: datetime | None, upgraded_at: datetime, hours: OpeningHours, new_budget: timedelta
) -> datetime:
    """Return the due instant in UTC of an open, unanswered ticket after an upgrade (R8).

    The new budget starts at the upgrade, so it never makes a breach in the past; an earlier old
    deadline stays. Without an old one, the new plan's counts.
    """
    new_due = hours.add(upgraded_at, new_budget)
    return new_due if old_due is None else min(as_utc(old_due), new_due)


def _start(
    kind: ClockKind, hours: OpeningHours, started_at: datetime, budget: timedelta, thresholds: Thresholds
) -> RunningClock:
    if budget <= timedelta(0):
        raise ValueError(f"a clock needs a positive budget, not {budget!r}")
    started_at = as_utc(started_at)
    return RunningClock(
        kind=kind,
        calendar=hours,
        started_at=started_at,
        budget=budget,
        due_at=hours.add(started_at, budget),
        warning_at=hours.add(started_at, budget - budget * thresholds.warning),
        critical_at=hours.add(started_at, budget - budget * thresholds.critical),
    )
