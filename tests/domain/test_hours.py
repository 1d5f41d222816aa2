"""Opening hours: where budgets end (R3), when it opens and shuts (R2), and what always holds."""

import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta, timezone
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from oncall_tui.domain.clock import LATEST
from oncall_tui.domain.errors import BadInput
from oncall_tui.domain.hours import OpeningHours

ZURICH = ZoneInfo("Europe/Zurich")
PHONE = OpeningHours("phone", "Europe/Zurich", {"weekdays": ["06:00-19:00"]})
EMAIL = OpeningHours("email", "Europe/Zurich", {"daily": ["06:00-23:00"]})
NIGHT = OpeningHours("night", "Europe/Zurich", {"daily": ["00:00-06:00", "22:00-24:00"]})
EMERGENCY = OpeningHours.always_open()
HOUR = timedelta(hours=1)


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def zurich(text: str) -> datetime:
    """A wall-clock time in Zurich that occurs once."""
    return datetime.fromisoformat(text).replace(tzinfo=ZURICH).astimezone(UTC)


# Where a budget ends ---------------------------------------------------------------------------------


def test_a_budget_that_ends_at_closing_is_due_at_closing():
    """R3."""
    assert PHONE.add(zurich("2026-05-11T17:00"), 2 * HOUR) == zurich("2026-05-11T19:00")
    later = PHONE.add(zurich("2026-05-11T17:00"), 2 * HOUR + timedelta(microseconds=1))
    assert later == zurich("2026-05-12T06:00") + timedelta(microseconds=1)


def test_a_budget_that_ends_at_the_closing_of_a_later_day_is_due_then():
    """R3, over a weekend and in the dead of it."""
    assert PHONE.add(zurich("2026-05-08T18:00"), 14 * HOUR) == zurich("2026-05-11T19:00")
    assert PHONE.add(zurich("2026-05-09T12:00"), 13 * HOUR) == zurich("2026-05-11T19:00")


def test_what_arrives_at_closing_starts_at_the_next_opening():
    """R2: the closing instant is shut."""
    assert PHONE.add(zurich("2026-05-08T19:00"), HOUR) == zurich("2026-05-11T07:00")
    assert not PHONE.is_open(zurich("2026-05-08T19:00"))
    assert PHONE.is_open(zurich("2026-05-08T19:00") - timedelta(microseconds=1))
    assert PHONE.is_open(zurich("2026-05-08T06:00"))


def test_no_budget_is_due_at_once_and_a_negative_one_is_a_mistake():
    sunday = zurich("2026-05-10T12:00")
    assert PHONE.add(sunday, timedelta(0)) == sunday
    with pytest.raises(ValueError, match="negative"):
        PHONE.add(sunday, -HOUR)


def test_holidays_are_shut_all_day():
    calendar = OpeningHours("phone", "Europe/Zurich", {"weekdays": ["06:00-19:00"]}, ["2026-12-25"])
    assert calendar.add(zurich("2026-12-24T18:00"), 2 * HOUR) == zurich("2026-12-28T07:00")


def test_results_are_in_utc_whatever_zone_came_in():
    for zone in (ZURICH, timezone(timedelta(hours=-9)), ZoneInfo("UTC")):
        due = PHONE.add(zurich("2026-05-11T10:00").astimezone(zone), HOUR)
        assert due == zurich("2026-05-11T11:00")
        assert due.tzinfo is UTC


def test_two_instants_of_one_zone_are_compared_in_utc():
    """R4: Python would take 02:30 and 02:30 of the night with 25 hours for the same."""
    first = datetime(2026, 10, 25, 2, 30, tzinfo=ZURICH)
    assert EMERGENCY.elapsed(first, first.replace(fold=1)) == HOUR


def test_an_instant_without_an_offset_is_refused_everywhere():
    naive = datetime(2026, 5, 11, 10)
    aware = utc("2026-05-11T10:00")
    for call in (
        lambda: PHONE.add(naive, HOUR),
        lambda: PHONE.add(naive, timedelta(0)),
        lambda: PHONE.elapsed(naive, aware),
        lambda: PHONE.elapsed(aware, naive),
        lambda: PHONE.coordinate(naive),
        lambda: PHONE.is_open(naive),
        lambda: PHONE.closes_at(naive),
        lambda: PHONE.opens_next(naive),
        lambda: PHONE.intervals(naive, aware),
        lambda: PHONE.intervals(aware, naive),
    ):
        with pytest.raises(ValueError, match="no offset"):
            call()


@pytest.mark.parametrize("calendar", [PHONE, EMERGENCY], ids=["phone", "emergency"])
def test_years_out_of_reach_are_bad_input(calendar):
    for start, budget in (
        (utc("2026-05-11T10:00"), timedelta(days=64_000)),
        (utc("2026-05-11T10:00"), timedelta.max),
        (utc("1979-12-31T23:59"), HOUR),
        (LATEST, HOUR),
        (datetime.max.replace(tzinfo=UTC), HOUR),
    ):
        with pytest.raises(BadInput, match="1980 to 2199"):
            calendar.add(start, budget)
    with pytest.raises(BadInput, match="1980 to 2199"):
        calendar.coordinate(utc("1970-01-01"))


# When it opens and shuts -----------------------------------------------------------------------------


def test_closing_and_next_opening():
    friday = zurich("2026-05-08T12:00")
    assert PHONE.closes_at(friday) == zurich("2026-05-08T19:00")
    assert PHONE.opens_next(friday) == zurich("2026-05-11T06:00")
    assert PHONE.closes_at(zurich("2026-05-09T12:00")) is None
    assert PHONE.opens_next(zurich("2026-05-11T05:59")) == zurich("2026-05-11T06:00")
    assert PHONE.opens_next(zurich("2026-05-11T06:00")) == zurich("2026-05-12T06:00")


def test_round_the_clock_never_shuts():
    now = utc("2026-05-08T12:00")
    assert EMERGENCY.is_open(now)
    assert EMERGENCY.closes_at(now) is None
    assert EMERGENCY.opens_next(now) is None


def test_a_night_over_new_year_is_one_interval():
    eve = zurich("2027-12-31T23:00")
    assert NIGHT.closes_at(eve) == zurich("2028-01-01T06:00")
    fresh = OpeningHours("night", "Europe/Zurich", {"daily": ["00:00-06:00", "22:00-24:00"]})
    assert list(fresh.intervals(eve, eve + 9 * HOUR)) == [(eve, zurich("2028-01-01T06:00"))]


def test_it_says_so_when_it_stays_shut_for_good():
    """Open on Mondays, all of which are holidays until the end of the table's years."""
    mondays = [date(2199, 12, 2) + timedelta(days=7 * week) for week in range(5)]
    calendar = OpeningHours("c", "UTC", {"mon": ["09:00-10:00"]}, mondays)
    assert calendar.opens_next(utc("2199-12-01T00:00")) is None
    with pytest.raises(BadInput):
        calendar.add(utc("2199-12-01T00:00"), HOUR)


def test_a_year_that_begins_and_ends_open_is_looked_through():
    calendar = OpeningHours("c", "UTC", {"daily": ["00:00-24:00"]}, ["2031-06-01"])
    assert calendar.closes_at(utc("2026-01-01T00:00")) == utc("2031-06-01T00:00")
    assert calendar.opens_next(utc("2026-01-01T00:00")) == utc("2031-06-02T00:00")


def test_intervals_are_clipped():
    found = list(PHONE.intervals(zurich("2026-05-08T12:00"), zurich("2026-05-12T07:00")))
    assert found == [
        (zurich("2026-05-08T12:00"), zurich("2026-05-08T19:00")),
        (zurich("2026-05-11T06:00"), zurich("2026-05-11T19:00")),
        (zurich("2026-05-12T06:00"), zurich("2026-05-12T07:00")),
    ]
    assert list(PHONE.intervals(zurich("2026-05-09T12:00"), zurich("2026-05-10T12:00"))) == []
    assert list(PHONE.intervals(zurich("2026-05-08T12:00"), zurich("2026-05-08T11:00"))) == []


def test_coordinates_count_from_the_year_2000():
    assert EMERGENCY.coordinate(utc("2000-01-01T00:00")) == 0
    assert EMERGENCY.coordinate(utc("1999-12-31T23:59")) == -60_000_000
    assert PHONE.coordinate(zurich("2000-01-03T07:00")) == 3_600_000_000
    assert PHONE.coordinate(zurich("1999-12-31T18:00")) == -3_600_000_000


# What holds for all ----------------------------------------------------------------------------------

instants = st.datetimes(datetime(1980, 1, 3), datetime(2190, 1, 1)).map(lambda at: at.replace(tzinfo=UTC))
budgets = st.timedeltas(timedelta(microseconds=1), timedelta(days=40))
calendars = st.sampled_from([PHONE, EMAIL, NIGHT, EMERGENCY])


@settings(deadline=None)
@given(calendars, instants, budgets)
def test_what_was_added_has_elapsed(hours, start, budget):
    assert hours.elapsed(start, hours.add(start, budget)) == budget


@settings(deadline=None)
@given(calendars, instants, budgets, budgets)
def test_budgets_add_up(hours, start, first, second):
    assert hours.add(hours.add(start, first), second) == hours.add(start, first + second)


@settings(deadline=None)
@given(calendars, instants, budgets, budgets)
def test_a_larger_budget_is_due_later(hours, start, first, second):
    assert hours.add(start, first) < hours.add(start, first + second)


@settings(deadline=None)
@given(calendars, instants, budgets, budgets)
def test_a_later_start_is_never_due_earlier(hours, start, wait, budget):
    assert hours.add(start, budget) <= hours.add(start + wait, budget)


@settings(deadline=None)
@given(calendars, instants, instants)
def test_coordinates_measure_elapsed_time(hours, one, other):
    micros = hours.elapsed(one, other) // timedelta(microseconds=1)
    assert hours.coordinate(other) - hours.coordinate(one) == micros
    assert hours.elapsed(other, one) == -hours.elapsed(one, other)


@settings(max_examples=12, deadline=None)
@given(calendars, instants, instants)
def test_a_coordinate_does_not_depend_on_what_was_asked_before(hours, one, other):
    fresh = OpeningHours.from_definition(hours.definition())
    assert fresh.coordinate(one) == hours.coordinate(one)
    fresh.coordinate(other)
    assert fresh.coordinate(one) == hours.coordinate(one)


@settings(deadline=None)
@given(calendars, instants, st.timedeltas(timedelta(0), timedelta(days=30)))
def test_intervals_are_apart_in_order_and_all_of_the_elapsed_time(hours, start, length):
    spans = list(hours.intervals(start, start + length))
    assert all(opens < closes for opens, closes in spans)
    assert all(before[1] < after[0] for before, after in pairwise(spans))
    assert sum((closes - opens for opens, closes in spans), timedelta(0)) == hours.elapsed(
        start, start + length
    )


def test_threads_may_ask_for_any_years_at_once():
    shared = OpeningHours("phone", "Europe/Zurich", {"weekdays": ["06:00-19:00"]})
    starts = [utc(f"{year}-0{1 + year % 9}-11T10:00") for year in range(1980, 2190, 7)] * 3
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda start: shared.add(start, 30 * HOUR), starts[::-1]))
    assert found == [PHONE.add(start, 30 * HOUR) for start in starts[::-1]]


_PROGRAM = """
from datetime import UTC, datetime, timedelta
from oncall_tui.domain.hours import OpeningHours
from oncall_tui.domain.ledger import ledger, render_ledger
hours = OpeningHours("phone", "Europe/Zurich", {"weekdays": ["06:00-19:00"], "sun": ["01:00-04:00"]})
for month in (3, 10):
    for day in range(24, 30):
        start = datetime(2026, month, day, 0, 30, tzinfo=UTC)
        print(hours.add(start, timedelta(hours=4)), hours.coordinate(start), hours.opens_next(start))
        print(*render_ledger(ledger(hours, start, timedelta(hours=20)), hours), sep="\\n")
"""


def test_the_zone_of_the_laptop_changes_nothing():
    """R1."""
    printed = set()
    for zone in ("UTC", "America/New_York", "Asia/Kathmandu"):
        run = subprocess.run(
            [sys.executable, "-X", "utf8", "-c", _PROGRAM],
            env={**os.environ, "TZ": zone},
            capture_output=True,
            text=True,
            encoding="utf-8",
            check=True,
        )
        printed.add(run.stdout)
    assert len(printed) == 1
    assert len(printed.pop().splitlines()) > 60
