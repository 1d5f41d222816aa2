"""The settings of the emergency line, and the shifts that its calls are counted by."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

NOBODY_ANSWERS = timedelta(minutes=2)
"""How long a call rings, by default, before it counts as missed although nobody told us that it ended."""

SHIFTS = (time(7), time(19))
"""When a shift begins, by default, on the provider's clock."""


@dataclass(frozen=True, slots=True)
class CallRules:
    """The settings of the line: `ring_limit` ends a call of which nobody tells the end, `shifts` are the
    local times at which a shift begins, in order.
    """

    ring_limit: timedelta = NOBODY_ANSWERS
    shifts: tuple[time, ...] = SHIFTS


DEFAULT_CALLS = CallRules()


def shift_began(rules: CallRules, now: datetime, zone: ZoneInfo) -> datetime:
    """Return the instant (UTC) at which the shift of `now` began: the last of the local times `shifts`.

    One that doesn't exist moves forward by the gap, of one that exists twice the first counts (R4).
    """
    today = now.astimezone(zone).date()
    began = (
        datetime.combine(today - timedelta(days=back), local, zone).astimezone(UTC)
        for back in range(3)
        for local in sorted(rules.shifts, reverse=True)
    )
    return next(instant for instant in began if instant <= now)
