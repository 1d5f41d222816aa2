"""Local hours turned into UTC: where DST is decided (R4).

Opening and closing are each converted on their own date:

- a local time that doesn't exist moves forward by the gap;
- of a local time that exists twice, opening takes the first and closing the second;
- intervals that come to overlap are merged, and one that comes to end before it begins is dropped:
  02:30-03:15 on a night without 02:00-03:00 would be 03:30-03:15, so that night has none of it;
- a date that the zone leaves out altogether (Apia, 30 December 2011) has no hours.

Whole seconds throughout: zones change their offset at whole seconds and hours are whole minutes.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence, Set
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple
from zoneinfo import ZoneInfo

from oncall_tui.domain.calendar_settings import Week
from oncall_tui.domain.clock import EPOCH

_DAY = 86_400
_MONDAY = 3  # 1970-01-01, day 0, was a Thursday


class _Stretch(NamedTuple):
    """A time of constant offset: UTC seconds [starts, ends), local time is UTC + offset."""

    starts: int
    ends: int
    offset: int


class ClockChange(NamedTuple):
    """An instant (UTC) at which a zone's clocks jump by `shift`: forward if it is positive."""

    at: datetime
    shift: timedelta


def as_utc(instant: datetime) -> datetime:
    """Return `instant` in UTC; a naive one is a `ValueError`, never the laptop's local time (R1)."""
    if instant.tzinfo is UTC:
        return instant
    if instant.utcoffset() is None:
        raise ValueError(f"{instant!r} has no offset, so it is no instant")
    return instant.astimezone(UTC)


def clock_changes(zone: ZoneInfo, start: datetime, end: datetime) -> Iterator[ClockChange]:
    """Yield the clock changes of `zone` after `start` and up to `end`, both UTC, in order (R4)."""
    stretches = _stretches(zone, start.year, end.year)
    for before, after in pairwise(stretches):
        at = EPOCH + timedelta(seconds=after.starts)
        if start < at <= end:
            yield ClockChange(at, timedelta(seconds=after.offset - before.offset))


def open_seconds(
    week: Week, holidays: Set[int], zone: ZoneInfo, first_year: int, until_year: int
) -> list[tuple[int, int]]:
    """Return the opening intervals of whole UTC years [first_year, until_year), clipped to them.

    `holidays` are local dates as days since 1970-01-01. The intervals are UTC seconds since 1970,
    in order, apart from one another and not empty (R4).
    """
    start, end = _new_year(first_year), _new_year(until_year)
    if start >= end:
        return []
    merged: list[tuple[int, int]] = []
    for opens, closes in sorted(_converted(week, holidays, zone, start, end)):
        opens, closes = max(opens, start), min(closes, end)
        if closes <= opens:
            continue
        if merged and opens <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(closes, merged[-1][1]))
        else:
            merged.append((opens, closes))
    return merged


def _converted(
    week: Week, holidays: Set[int], zone: ZoneInfo, start: int, end: int
) -> Iterator[tuple[int, int]]:
    stretches = _stretches(zone, _year(start) - 1, _year(end))
    changing = _changing_days(stretches)
    hours_of = [[(opens * 60, closes * 60) for opens, closes in hours] for hours in week]
    at = 0
    # Two days either way hold every local day that touches [start, end) in any zone.
    for day in range(start // _DAY - 2, end // _DAY + 2):
        midnight = day * _DAY
        while midnight - stretches[at].offset >= stretches[at].ends:
            at += 1
        hours = hours_of[(day + _MONDAY) % 7]
        if not hours or day in holidays:
            continue
        if day in changing:
            yield from _resolved(midnight, hours, stretches[max(at - 1, 0) : at + 4])
            continue
        utc = midnight - stretches[at].offset
        for opens, closes in hours:
            yield utc + opens, utc + closes


def _changing_days(stretches: Sequence[_Stretch]) -> set[int]:
    """Return the local days that a clock change may touch, their 24:00 included."""
    days: set[int] = set()
    for before, after in pairwise(stretches):
        one, other = after.starts + before.offset, after.starts + after.offset
        days.update(range(min(one, other) // _DAY - 1, max(one, other) // _DAY + 1))
    return days


def _resolved(
    midnight: int, hours: Sequence[tuple[int, int]], near: Sequence[_Stretch]
) -> Iterator[tuple[int, int]]:
    for before, after in pairwise(near):
        gap = before.ends + before.offset, after.starts + after.offset
        if gap[0] <= midnight and midnight + _DAY <= gap[1]:
            return
    for opens, closes in hours:
        first, last = _occurrences(midnight + opens, near)[0], _occurrences(midnight + closes, near)[-1]
        if first < last:
            yield first, last


def _occurrences(local: int, near: Sequence[_Stretch]) -> list[int]:
    """Return the UTC seconds at which clocks show `local`: one, two, or one moved by the gap."""
    found = [local - s.offset for s in near if s.starts <= local - s.offset < s.ends]
    if found:
        return found
    return [
        local - before.offset
        for before, after in pairwise(near)
        if before.ends + before.offset <= local < after.starts + after.offset
    ]


def _stretches(zone: ZoneInfo, first_year: int, last_year: int) -> list[_Stretch]:
    """Return the stretches that cover the given UTC years, one and a half weeks more either way."""
    begin = _new_year(first_year) - 10 * _DAY
    changes = [change for year in range(first_year, last_year + 1) for change in _changes(zone, year)]
    starts = [begin, *(at for at, _ in changes)]
    offsets = [_offset(zone, begin), *(offset for _, offset in changes)]
    ends = [*starts[1:], _new_year(last_year + 1) + 10 * _DAY]
    return [_Stretch(*stretch) for stretch in zip(starts, ends, offsets, strict=True)]


@lru_cache(maxsize=2048)
def _changes(zone: ZoneInfo, year: int) -> tuple[tuple[int, int], ...]:
    """Return (UTC second, offset from then on) of each change of offset in a UTC year.

    Sampled once a day: in some zones two changes lie less than a week apart (Recife in 2000).
    """
    found = []
    known = _offset(zone, _new_year(year) - 1)
    for sample in range(_new_year(year) + _DAY - 1, _new_year(year + 1), _DAY):
        offset = _offset(zone, sample)
        if offset != known:
            found.append((_bisect_change(zone, sample - _DAY, sample), offset))
            known = offset
    return tuple(found)


def _bisect_change(zone: ZoneInfo, before: int, after: int) -> int:
    old = _offset(zone, before)
    while after - before > 1:
        middle = (before + after) // 2
        if _offset(zone, middle) == old:
            before = middle
        else:
            after = middle
    return after


def _offset(zone: ZoneInfo, second: int) -> int:
    offset = datetime.fromtimestamp(second, zone).utcoffset()
    assert offset is not None, "a ZoneInfo always knows its offset"
    return offset.days * _DAY + offset.seconds


def _new_year(year: int) -> int:
    return (datetime(year, 1, 1, tzinfo=UTC) - EPOCH).days * _DAY


def _year(second: int) -> int:
    return (EPOCH + timedelta(seconds=second)).year
