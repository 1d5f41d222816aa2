"""DST nights: R4 by example, against a slow walk, and against the clock on the wall."""

from datetime import UTC, date, datetime, timedelta, tzinfo
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from oncall_tui.domain.hours import OpeningHours
from oncall_tui.domain.wallclock import as_utc, clock_changes

ZURICH = ZoneInfo("Europe/Zurich")
EMERGENCY = OpeningHours.always_open()
HOUR = timedelta(hours=1)

# Around each of these instants the zone's clocks change: at night, at midnight (São Paulo, Havana),
# at 00:01 (St John's), by half an hour (Lord Howe), by a whole day (Apia, Kwajalein), twice within
# a week (Recife) and against the season (Casablanca).
CHANGES = [
    ("Europe/Zurich", "2026-03-29T01:00"),
    ("Europe/Zurich", "2026-10-25T01:00"),
    ("America/New_York", "2026-11-01T06:00"),
    ("America/Sao_Paulo", "2015-10-18T03:00"),
    ("America/Sao_Paulo", "2016-02-21T02:00"),
    ("America/Havana", "2026-03-08T05:00"),
    ("America/Havana", "2026-11-01T05:00"),
    ("America/St_Johns", "2006-04-02T03:31"),
    ("America/St_Johns", "2006-10-29T02:31"),
    ("Australia/Lord_Howe", "2026-04-04T15:00"),
    ("Australia/Lord_Howe", "2026-10-03T15:30"),
    ("Pacific/Apia", "2011-12-30T10:00"),
    ("Pacific/Kwajalein", "1993-08-21T12:00"),
    ("America/Recife", "2000-10-08T03:00"),
    ("Africa/Casablanca", "2026-02-15T02:00"),
    ("Africa/Casablanca", "2026-03-22T02:00"),
    ("Asia/Tehran", "2015-03-21T20:30"),
    ("Asia/Kathmandu", "1986-01-01T00:00"),
    ("UTC", "2100-02-28T12:00"),
]


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def zurich(text: str) -> datetime:
    """A wall-clock time in Zurich that occurs once."""
    return datetime.fromisoformat(text).replace(tzinfo=ZURICH).astimezone(UTC)


def test_a_tzinfo_without_an_offset_is_no_zone():
    """Python would take such a time for the local time of the laptop (R1)."""

    class Nowhere(tzinfo):
        def utcoffset(self, when):
            return None

    with pytest.raises(ValueError, match="no offset"):
        as_utc(datetime(2026, 5, 11, 10, tzinfo=Nowhere()))


def test_clock_changes_after_the_start_and_up_to_the_end():
    spring, autumn = utc("2026-03-29T01:00"), utc("2026-10-25T01:00")
    assert list(clock_changes(ZURICH, spring, autumn)) == [(autumn, -HOUR)]
    assert list(clock_changes(ZURICH, spring - HOUR, autumn - HOUR)) == [(spring, HOUR)]
    recife = clock_changes(ZoneInfo("America/Recife"), utc("2000-10-01T00:00"), utc("2000-10-31T00:00"))
    assert [change.at.day for change in recife] == [8, 15]


def test_round_the_clock_counts_real_time_over_both_dst_nights():
    assert EMERGENCY.elapsed(zurich("2026-03-29T00:00"), zurich("2026-03-30T00:00")) == 23 * HOUR
    local = OpeningHours("c", "Europe/Zurich", {"daily": ["00:00-24:00"]}, ["2026-01-01"])
    assert local.elapsed(zurich("2026-03-29T00:00"), zurich("2026-03-30T00:00")) == 23 * HOUR
    assert local.elapsed(zurich("2026-10-25T00:00"), zurich("2026-10-26T00:00")) == 25 * HOUR


def test_an_opening_in_the_gap_moves_forward_and_one_that_then_ends_first_is_dropped():
    sunday = utc("2026-03-29T00:00"), utc("2026-03-29T23:00")
    moved = OpeningHours("c", "Europe/Zurich", {"sun": ["02:30-05:00"]})
    assert list(moved.intervals(*sunday)) == [(utc("2026-03-29T01:30"), utc("2026-03-29T03:00"))]
    dropped = OpeningHours("c", "Europe/Zurich", {"sun": ["02:30-03:15"]})
    assert list(dropped.intervals(*sunday)) == []


def test_of_a_time_that_occurs_twice_opening_takes_the_first_and_closing_the_second():
    sunday = utc("2026-10-24T22:00"), utc("2026-10-25T23:00")
    hours = OpeningHours("c", "Europe/Zurich", {"sun": ["02:15-02:45"]})
    assert list(hours.intervals(*sunday)) == [(utc("2026-10-25T00:15"), utc("2026-10-25T01:45"))]
    # 01:00-02:30 ends after 02:30-05:00 begins: an hour that is open twice counts once.
    touching = OpeningHours("c", "Europe/Zurich", {"sun": ["01:00-02:20", "02:30-05:00"]})
    assert list(touching.intervals(*sunday)) == [(utc("2026-10-24T23:00"), utc("2026-10-25T04:00"))]


def test_a_date_that_a_zone_leaves_out_has_no_hours():
    """Samoa went from Thursday 29 to Saturday 31 December 2011."""
    hours = OpeningHours("c", "Pacific/Apia", {"weekdays": ["09:00-17:00"]})
    thursday_evening = utc("2011-12-30T04:00")
    assert hours.opens_next(thursday_evening) == utc("2012-01-01T19:00")


def slow_intervals(hours: OpeningHours, first: date, days: int) -> list[tuple[datetime, datetime]]:
    """R4 spelled out with zoneinfo, a date at a time, for comparison."""

    def exists(local: datetime) -> bool:
        there = local.replace(tzinfo=hours.zone).astimezone(UTC).astimezone(hours.zone)
        return there.replace(tzinfo=None) == local

    def instant(day: date, clock: str, fold: int) -> datetime:
        hour, minute = map(int, clock.split(":"))
        local = datetime(day.year, day.month, day.day) + timedelta(hours=hour, minutes=minute)
        return local.replace(tzinfo=hours.zone, fold=fold if exists(local) else 0).astimezone(UTC)

    weekly = hours.definition()["weekly"]
    found = []
    for day in (first + timedelta(days=n) for n in range(days)):
        noon = datetime(day.year, day.month, day.day, 12)
        if day in hours.holidays or not exists(noon):
            continue
        for text in weekly.get(("mon", "tue", "wed", "thu", "fri", "sat", "sun")[day.weekday()], ()):
            opens, closes = text.split("-")
            found.append((instant(day, opens, 0), instant(day, closes, 1)))
    merged: list[tuple[datetime, datetime]] = []
    for opens, closes in sorted(span for span in found if span[0] < span[1]):
        if merged and opens <= merged[-1][1]:
            merged[-1] = merged[-1][0], max(closes, merged[-1][1])
        else:
            merged.append((opens, closes))
    return merged


@st.composite
def days_of_hours(draw):
    edges = sorted(draw(st.sets(st.integers(0, 96), min_size=2, max_size=8)))
    edges = edges[: len(edges) // 2 * 2]
    clocks = [f"{edge // 4:02}:{edge % 4 * 15:02}" for edge in edges]
    return [f"{opens}-{closes}" for opens, closes in zip(clocks[::2], clocks[1::2], strict=True)]


@st.composite
def calendars_at_a_change(draw):
    """A calendar, and an instant within days of a change of its zone's clocks."""
    zone, change = draw(st.sampled_from(CHANGES))
    weekly = {"daily": draw(days_of_hours())}
    for day in draw(st.sets(st.sampled_from(["mon", "wed", "fri", "sat", "sun"]), max_size=3)):
        weekly[day] = draw(st.one_of(st.just([]), days_of_hours()))
    around = utc(change)
    holidays = draw(st.sets(st.integers(-5, 5), max_size=2))
    dates = [(around + timedelta(days=shift)).date().isoformat() for shift in holidays]
    seconds = draw(st.integers(-4 * 86_400, 3 * 86_400))
    micros = draw(st.sampled_from([0, 0, 1, 500_000, 999_999]))
    return OpeningHours("c", zone, weekly, dates), around + timedelta(seconds=seconds, microseconds=micros)


@settings(max_examples=400, deadline=None)
@given(calendars_at_a_change(), st.timedeltas(timedelta(microseconds=1), timedelta(hours=60)))
def test_a_slow_walk_agrees_around_clock_changes(calendar_at, budget):
    hours, start = calendar_at
    spans = slow_intervals(hours, start.date() - timedelta(days=4), 60)
    end = start + timedelta(days=9)
    clipped = [(max(opens, start), min(closes, end)) for opens, closes in spans]
    assert list(hours.intervals(start, end)) == [span for span in clipped if span[0] < span[1]]

    ahead = [(max(opens, start), closes) for opens, closes in spans if start < closes]
    left = budget = min(budget, sum((closes - opens for opens, closes in ahead), timedelta(0)))
    for opens, closes in ahead:
        if opens + left <= closes:
            assert hours.add(start, budget) == opens + left
            break
        left -= closes - opens


@pytest.mark.parametrize(("zone", "change"), CHANGES)
@pytest.mark.parametrize("daily", [["06:00-19:00"], ["00:00-06:00", "22:00-24:00"], ["00:00-24:00"]])
def test_the_wall_clock_agrees_minute_by_minute(zone, change, daily):
    """For hours that don't begin or end in a change, R4 is what the clock on the wall says."""
    hours = OpeningHours("c", zone, {"daily": daily}, ["1990-01-01"])
    bounds = [text.split("-") for text in daily]
    begin = utc(change) - timedelta(days=1)
    local = ZoneInfo(zone)
    for minute in range(2 * 24 * 60):
        at = begin + timedelta(minutes=minute)
        clock = at.astimezone(local).strftime("%H:%M")
        assert hours.is_open(at) == any(opens <= clock < closes for opens, closes in bounds), at
