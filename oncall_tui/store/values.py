"""What tickets hold, as the columns of the database have it: whole numbers, and nothing for what isn't."""

from __future__ import annotations

from datetime import datetime, timedelta

from oncall_tui.domain.clock import from_micros, to_micros
from oncall_tui.domain.tickets import ClockTimes

NO_TIMES = (None, None, None, None)
"""The columns of a clock that isn't there."""


def times(
    due: int | None, warning: int | None, critical: int | None, due_open: int | None
) -> ClockTimes | None:
    """Return the instants of a clock from its four columns."""
    if due is None or warning is None or critical is None or due_open is None:
        return None
    return ClockTimes(from_micros(due), from_micros(warning), from_micros(critical), due_open)


def four(clock: ClockTimes | None) -> tuple[int | None, ...]:
    """Return the four columns of a clock."""
    if clock is None:
        return NO_TIMES
    return (
        to_micros(clock.due_at),
        to_micros(clock.warning_at),
        to_micros(clock.critical_at),
        clock.due_open,
    )


def instant(micros: int | None) -> datetime | None:
    """Return the instant (UTC) of a column in microseconds."""
    return None if micros is None else from_micros(micros)


def micros(moment: datetime | None) -> int | None:
    """Return the column of an instant, in microseconds."""
    return None if moment is None else to_micros(moment)


def seconds(budget: timedelta | None) -> int | None:
    """Return the column of a budget, in seconds."""
    return None if budget is None else int(budget.total_seconds())
