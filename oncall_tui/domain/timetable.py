"""The opening intervals of some years with running sums of open time, to look deadlines up in.

`datetime` in UTC and `timedelta` are exact to the microsecond and are compared as fast as integers,
so the table holds both as they are returned. An index by UTC day finds the interval at hand; only a
budget that outlasts the next interval needs a bisection.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import NamedTuple, Self

from oncall_tui.domain.clock import EPOCH


class Timetable(NamedTuple):
    """The opening intervals in [starts, ends), whole UTC years; immutable, all instants in UTC.

    An empty interval at `ends` closes each column. `anchors[i]` is where interval i would begin had
    it never been shut before: an anchor plus the open time so far is an instant of its interval.
    `by_day[d]` is the first interval that closes after the beginning of day d.
    """

    starts: datetime
    ends: datetime
    opens: tuple[datetime, ...]
    closes: tuple[datetime, ...]
    anchors: tuple[datetime, ...]
    sums: tuple[timedelta, ...]
    by_day: tuple[int, ...]

    @classmethod
    def build(cls, intervals: Iterable[tuple[int, int]], first_year: int, until_year: int) -> Self:
        """Return the table of the years [first_year, until_year).

        `intervals` are UTC seconds since 1970, inside those years, in order and apart.
        """
        starts, ends = new_year(first_year), new_year(until_year)
        opens, closes, anchors, sums = [], [], [], []
        total = 0
        for opening, closing in [*intervals, (seconds_of(ends),) * 2]:
            opens.append(_instant(opening))
            closes.append(_instant(closing))
            anchors.append(_instant(opening - total))
            total += closing - opening
            sums.append(timedelta(0, total))
        by_day, index = [], 0
        for day in range((ends - starts).days):
            midnight = starts + timedelta(day)
            while closes[index] <= midnight:
                index += 1
            by_day.append(index)
        return cls(starts, ends, tuple(opens), tuple(closes), tuple(anchors), tuple(sums), tuple(by_day))

    def due(self, start: datetime, budget: timedelta) -> datetime | None:
        """Return when a positive `budget` of open time has run since `start` (R3).

        None if `start` or the result lies outside the table.
        """
        starts, ends, opens, closes, anchors, sums, by_day = self
        if not starts <= start < ends:
            return None
        index = by_day[(start - starts).days]
        while closes[index] <= start:
            index += 1
        if start < opens[index]:
            start = opens[index]
        due = start + budget
        if due <= closes[index]:
            return due
        target = start - anchors[index] + budget
        if target > sums[-1]:
            return None
        index += 1
        if sums[index] < target:
            index = bisect_left(sums, target, index)
        return anchors[index] + target

    def find(self, at: datetime) -> int:
        """Return which interval is the first to close after `at`, an instant inside the table."""
        index = self.by_day[(at - self.starts).days]
        while self.closes[index] <= at:
            index += 1
        return index

    def position(self, at: datetime) -> timedelta:
        """Return the open time from the beginning of the table to `at`, an instant inside it."""
        index = self.find(at)
        return max(at, self.opens[index]) - self.anchors[index]


def new_year(year: int) -> datetime:
    """Return the first instant of a UTC year."""
    return datetime(year, 1, 1, tzinfo=UTC)


def seconds_of(instant: datetime) -> int:
    """Return the whole seconds from 1970-01-01T00:00Z to `instant`."""
    since = instant - EPOCH
    return since.days * 86_400 + since.seconds


def _instant(second: int) -> datetime:
    return EPOCH + timedelta(0, second)
