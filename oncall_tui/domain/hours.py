"""Opening hours: when the clock of a deadline runs, and where its budget ends.

A calendar is turned into UTC intervals with running sums of open time, for the years that are asked
for, so that a deadline is a look-up whatever the zone's clocks do (R4).
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any, Self
from zoneinfo import ZoneInfo

from oncall_tui.domain.calendar_settings import (
    ALWAYS,
    Week,
    describe_week,
    read_holidays,
    read_week,
    read_zone,
    write_week,
)
from oncall_tui.domain.clock import EARLIEST, EPOCH, LATEST
from oncall_tui.domain.errors import BadInput
from oncall_tui.domain.timetable import Timetable, new_year, seconds_of
from oncall_tui.domain.wallclock import as_utc, open_seconds

_NOTHING = timedelta(0)
_MICROSECOND = timedelta(microseconds=1)
_ORIGIN_YEAR = 2000
_EPOCH_DAY = EPOCH.toordinal()
_NO_YEARS = Timetable(EARLIEST, EARLIEST, (), (), (), (), ())


class OpeningHours:
    """The opening hours of one calendar: an immutable value, equal by its definition (R1, R2).

    Every instant taken has an offset and every instant returned is in UTC. A naive one is a
    `ValueError`, one before 1980 or after 2199 a `BadInput`. Safe to share between threads.
    """

    __slots__ = ("_bases", "_canonical", "_holidays", "_name", "_table", "_week", "_zone")

    def __init__(
        self,
        name: str,
        zone: str,
        weekly: Mapping[str, Sequence[str]],
        holidays: Iterable[str | date] = (),
    ) -> None:
        """Read a calendar as the settings write it.

        `weekly` maps `daily`, `weekdays` and `mon` to `sun` to lists like `["06:00-19:00"]`, local
        time of the IANA `zone`; a day overrides `weekdays`, which overrides `daily`, and `[]` is a
        closed day. `holidays` are local dates without hours. Raises `BadSettings` naming the key.
        """
        self._name = name
        self._zone = read_zone(name, zone)
        self._week: Week = read_week(name, weekly)
        self._holidays = read_holidays(name, holidays)
        self._canonical = json.dumps(self.definition(), sort_keys=True, separators=(",", ":"))
        # Replaced as a whole when it grows, never changed: threads see the old table or the new.
        self._table = _NO_YEARS
        self._bases: dict[int, int] = {}

    @classmethod
    def always_open(cls, name: str = "emergency", zone: str = "UTC") -> Self:
        """Return a calendar that is never shut: it counts real elapsed time (R4)."""
        return cls(name, zone, {"daily": ["00:00-24:00"]})

    @classmethod
    def from_definition(cls, definition: Mapping[str, Any]) -> Self:
        """Return the calendar that `definition()` described."""
        return cls(
            definition["name"], definition["zone"], definition["weekly"], definition.get("holidays", ())
        )

    def definition(self) -> dict[str, Any]:
        """Return name, zone, weekly hours and holidays for JSON, the same for equal calendars (R9)."""
        return {
            "name": self._name,
            "zone": self._zone.key,
            "weekly": write_week(self._week),
            "holidays": [holiday.isoformat() for holiday in self._holidays],
        }

    @property
    def name(self) -> str:
        """The name in the settings, as in `[calendars.phone]`."""
        return self._name

    @property
    def zone(self) -> ZoneInfo:
        """The zone whose wall clock the hours are written in."""
        return self._zone

    @property
    def fingerprint(self) -> str:
        """Sixteen hex digits that stay the same as long as the definition does (R9)."""
        from hashlib import sha256  # loads OpenSSL, which most commands never need

        return sha256(self._canonical.encode()).hexdigest()[:16]

    @property
    def is_always_open(self) -> bool:
        """Whether it is never shut."""
        return self._week == ALWAYS and not self._holidays

    def has_hours_on(self, weekday: int) -> bool:
        """Say whether a usual `weekday` (0 is Monday) has opening hours."""
        return bool(self._week[weekday])

    @property
    def holidays(self) -> tuple[date, ...]:
        """The local dates that are closed all day, in order."""
        return self._holidays

    def describe(self) -> str:
        """Return the hours for people: "Mon–Fri 06–19, Zurich", "daily 06–23, Zurich", "24/7"."""
        if self.is_always_open:
            return "24/7"
        return f"{describe_week(self._week)}, {self._zone.key.rpartition('/')[2].replace('_', ' ')}"

    def add(self, start: datetime, budget: timedelta) -> datetime:
        """Return the instant in UTC at which `budget` of opening time has run since `start`.

        A budget that ends at closing is due at closing, not at the next opening (R3); none at all
        is due at `start`. A negative one is a `ValueError`; a due year after 2199 a `BadInput`.
        """
        if start.tzinfo is not UTC:
            start = as_utc(start)
        if budget <= _NOTHING:
            if budget:
                raise ValueError(f"a budget of {budget!r} is negative")
            return start
        table = self._table
        try:
            while (due := table.due(start, budget)) is None:
                table = self._wider(table, start)
        except OverflowError:
            raise _out_of_years() from None
        return due

    def elapsed(self, start: datetime, end: datetime) -> timedelta:
        """Return the opening time from `start` to `end`; negative if `end` is the earlier one."""
        start, end = as_utc(start), as_utc(end)
        table = self._covering(min(start, end), max(start, end))
        return table.position(end) - table.position(start)

    def coordinate(self, instant: datetime) -> int:
        """Return the open microseconds from 2000-01-01T00:00Z to `instant`, negative before it.

        Within one calendar the order of due instants by coordinate never changes, and differences
        of coordinates are `elapsed` times.
        """
        instant = as_utc(instant)
        table = self._covering(instant, instant)
        return self._base(table.starts.year) + table.position(instant) // _MICROSECOND

    def is_open(self, at: datetime) -> bool:
        """Say whether `at` is in opening hours: the opening instant is, the closing one isn't (R2)."""
        at = as_utc(at)
        table = self._covering(at, at)
        return table.opens[table.find(at)] <= at

    def closes_at(self, at: datetime) -> datetime | None:
        """Return when the hours that `at` is in end; None if it is shut then, or never shuts."""
        at = as_utc(at)
        table = self._covering(at, at)
        while not self.is_always_open and table.opens[index := table.find(at)] <= at:
            if table.closes[index] < table.ends:
                return table.closes[index]
            if table.ends == LATEST:
                break
            table = self._wider(table, at)
        return None

    def opens_next(self, at: datetime) -> datetime | None:
        """Return the first opening after `at`; None if it never shuts, or stays shut until 2200."""
        at = as_utc(at)
        table = self._covering(at, at)
        while True:
            index = table.find(at)
            opening = table.opens[index] if table.opens[index] > at else table.opens[index + 1]
            if opening < table.ends:
                return opening
            if table.ends == LATEST or self.is_always_open:
                return None
            table = self._wider(table, at)

    def intervals(self, start: datetime, end: datetime) -> Iterator[tuple[datetime, datetime]]:
        """Iterate over the opening intervals between `start` and `end`, clipped to them, in order."""
        start, end = as_utc(start), as_utc(end)
        if end <= start:
            return iter(())
        table = self._covering(start, end)
        indices = range(table.find(start), table.find(end) + 1)
        clipped = ((max(table.opens[at], start), min(table.closes[at], end)) for at in indices)
        return ((opens, closes) for opens, closes in clipped if opens < closes)

    def _covering(self, first: datetime, last: datetime) -> Timetable:
        """Return a table for all instants from `first` to `last`, both UTC."""
        table = self._table
        if table.starts <= first and last < table.ends:
            return table
        if first < EARLIEST or last >= LATEST:
            raise _out_of_years()
        first_year, until_year = first.year, last.year + 2
        if table is not _NO_YEARS:
            # At least twice as long each time, so that years asked for one by one cost no more in all.
            known_from, known_until = table.starts.year, table.ends.year
            length = known_until - known_from
            first_year = min(first_year, known_from - length) if first < table.starts else known_from
            until_year = max(until_year, known_until + length) if last >= table.ends else known_until
        first_year, until_year = max(first_year, EARLIEST.year), min(until_year, LATEST.year)
        return self._tabulate(first_year, until_year)

    def _wider(self, table: Timetable, start: datetime) -> Timetable:
        """Return a table that covers `start` (UTC), or one that reaches twice as far if it does."""
        if not table.starts <= start < table.ends:
            return self._covering(start, start)
        first_year, until_year = table.starts.year, table.ends.year
        if until_year >= LATEST.year:
            raise _out_of_years()
        return self._tabulate(first_year, min(2 * until_year - first_year, LATEST.year))

    def _tabulate(self, first_year: int, until_year: int) -> Timetable:
        table = Timetable.build(self._open_seconds(first_year, until_year), first_year, until_year)
        self._table = table
        return table

    def _base(self, year: int) -> int:
        """Return the coordinate of the first instant of a UTC year."""
        base = self._bases.get(year)
        if base is None:
            first, last = sorted((year, _ORIGIN_YEAR))
            seconds = sum(closes - opens for opens, closes in self._open_seconds(first, last))
            base = self._bases[year] = (seconds if year > _ORIGIN_YEAR else -seconds) * 1_000_000
        return base

    def _open_seconds(self, first_year: int, until_year: int) -> list[tuple[int, int]]:
        if self.is_always_open:
            return [(seconds_of(new_year(first_year)), seconds_of(new_year(until_year)))]
        holidays = {holiday.toordinal() - _EPOCH_DAY for holiday in self._holidays}
        return open_seconds(self._week, holidays, self._zone, first_year, until_year)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, OpeningHours):
            return NotImplemented
        return self._canonical == other._canonical

    def __hash__(self) -> int:
        return hash(self._canonical)

    def __repr__(self) -> str:
        return f"OpeningHours({self._name!r}, {self.describe()!r}, holidays={len(self._holidays)})"


def _out_of_years() -> BadInput:
    return BadInput(
        f"opening hours are known for the years {EARLIEST.year} to {LATEST.year - 1} only",
        hint="check the date and the length of the budget",
    )
