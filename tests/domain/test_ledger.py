"""The ledger of a deadline explains it completely, and fits a terminal."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from oncall_tui.domain.hours import OpeningHours
from oncall_tui.domain.ledger import LedgerLine, ledger, render_ledger

ZURICH = ZoneInfo("Europe/Zurich")
HOUR = timedelta(hours=1)
HOLIDAYS = ["2026-12-24", "2026-12-25", "2026-12-26", "2027-01-01"]
PHONE = OpeningHours("phone", "Europe/Zurich", {"weekdays": ["06:00-19:00"]}, HOLIDAYS)
NIGHT = OpeningHours("night", "Europe/Zurich", {"daily": ["00:00-06:00", "22:00-24:00"]})
EMERGENCY = OpeningHours.always_open(zone="Europe/Zurich")


def zurich(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZURICH).astimezone(UTC)


def reasons(hours: OpeningHours, start: str, budget: timedelta) -> list[str]:
    return [line.why for line in ledger(hours, zurich(start), budget)]


def test_a_weekend_over_which_the_clocks_go_forward():
    lines = ledger(PHONE, zurich("2026-03-27T18:10"), 4 * HOUR)
    closing, opening = zurich("2026-03-27T19:00"), zurich("2026-03-30T06:00")
    assert lines == (
        LedgerLine(zurich("2026-03-27T18:10"), closing, timedelta(minutes=50), "counted"),
        LedgerLine(closing, opening, timedelta(0), "closed, clocks go forward on Sunday"),
        LedgerLine(opening, zurich("2026-03-30T09:10"), timedelta(minutes=190), "counted"),
    )


def test_it_is_drawn_like_this():
    lines = ledger(PHONE, zurich("2026-03-27T18:10"), 4 * HOUR)
    assert render_ledger(lines, PHONE, "Plus, 4 h of telephone hours") == [
        " Due Mon 30 Mar 09:10  Plus, 4 h of telephone hours (Mon–Fri 06–19, Zurich)",
        "   Fri 27 Mar 18:10 – 19:00      0:50 counted",
        "   Fri 27 Mar 19:00 – Mon 06:00       closed, clocks go forward on Sunday",
        "   Mon 30 Mar 06:00 – 09:10      3:10 counted",
        "                                 4:00 = 4 h",
    ]


def test_seconds_are_shown_throughout_if_there_are_any():
    lines = ledger(PHONE, zurich("2026-05-11T18:10:30"), HOUR)
    assert render_ledger(lines, PHONE) == [
        " Due Tue 12 May 06:10:30  1 h of phone hours (Mon–Fri 06–19, Zurich)",
        "   Mon 11 May 18:10:30 – 19:00:00      0:49:30 counted",
        "   Mon 11 May 19:00:00 – Tue 06:00:00          closed",
        "   Tue 12 May 06:00:00 – 06:10:30      0:10:30 counted",
        "                                       1:00:00 = 1 h",
    ]


def test_holidays_are_named_where_they_shut_what_would_be_open():
    """26 December 2026 is a Saturday: it is shut anyway."""
    assert reasons(PHONE, "2026-12-23T18:00", 2 * HOUR) == [
        "counted",
        "closed, holidays 24 Dec, 25 Dec",
        "counted",
    ]
    assert reasons(PHONE, "2027-01-01T12:00", HOUR) == ["closed, holiday 1 Jan", "counted"]


def test_many_holidays_are_summed_up():
    fortnight = [f"2026-07-{day:02}" for day in range(13, 25)]
    works = OpeningHours("works", "Europe/Zurich", {"weekdays": ["06:00-19:00"]}, fortnight)
    assert reasons(works, "2026-07-10T19:00", HOUR)[0] == "closed, 10 holidays from 13 Jul to 24 Jul"


def test_a_counted_stretch_says_that_the_clocks_change():
    """R4: 00:30 to 03:30 are four hours on that night."""
    assert reasons(EMERGENCY, "2026-10-25T00:30", 4 * HOUR) == ["counted, clocks go back"]
    assert reasons(EMERGENCY, "2026-10-24T00:30", 48 * HOUR) == ["counted, clocks go back on Sunday"]
    assert reasons(EMERGENCY, "2026-10-01T00:30", 900 * HOUR) == ["counted, clocks go back on 25 Oct"]
    assert reasons(EMERGENCY, "2026-10-01T00:30", 9_000 * HOUR)[0].endswith(
        "clocks go back on 25 Oct and go forward on 28 Mar"
    )
    assert reasons(EMERGENCY, "2026-10-01T00:30", 90_000 * HOUR) == ["counted, clocks change 21 times"]


def test_a_change_at_the_very_end_of_a_stretch_belongs_to_it():
    """01:30 to 03:00 is half an hour that night, and that is the line that looks odd."""
    assert reasons(EMERGENCY, "2026-03-29T01:30", HOUR / 2) == ["counted, clocks go forward"]


def test_round_the_clock_is_one_line():
    assert len(ledger(EMERGENCY, zurich("2026-05-11T00:00"), 1_000 * HOUR)) == 1


def test_what_arrives_when_it_is_shut_begins_with_a_closed_line():
    assert reasons(PHONE, "2026-05-09T12:00", HOUR) == ["closed", "counted"]


def test_no_budget_needs_no_explanation():
    assert ledger(PHONE, zurich("2026-05-11T10:00"), timedelta(0)) == ()
    assert render_ledger((), PHONE) == [" Due at once"]


def test_years_are_shown_where_days_and_months_could_mislead():
    lines = ledger(PHONE, zurich("2026-12-30T18:00"), 2 * HOUR)
    assert render_ledger(lines, PHONE)[0].startswith(" Due Thu 31 Dec 07:00  ")
    lines = ledger(PHONE, zurich("2026-12-30T18:00"), 4_000 * HOUR)
    assert " 2028 " in render_ledger(lines, PHONE)[0]


calendars = st.sampled_from([PHONE, NIGHT, EMERGENCY])
starts = st.datetimes(datetime(2026, 1, 1), datetime(2027, 12, 31)).map(lambda at: at.replace(tzinfo=UTC))
budgets = st.timedeltas(timedelta(microseconds=1), timedelta(days=5))


@settings(deadline=None)
@given(calendars, starts, budgets)
def test_lines_tile_the_way_to_the_due_instant_and_add_up_to_the_budget(hours, start, budget):
    lines = ledger(hours, start, budget)
    assert lines[0].starts == start
    assert lines[-1].ends == hours.add(start, budget)
    assert all(line.starts < line.ends for line in lines)
    assert all(before.ends == after.starts for before, after in pairwise(lines))
    assert sum((line.counted for line in lines), timedelta(0)) == budget
    assert all(line.counted == hours.elapsed(line.starts, line.ends) for line in lines)
    # Open and shut take turns, so each line is as long as it can be.
    assert all(bool(before.counted) != bool(after.counted) for before, after in pairwise(lines))


@settings(deadline=None)
@given(calendars, starts, budgets, st.sampled_from([60, 80, 120]))
def test_it_fits_the_terminal(hours, start, budget, width):
    text = render_ledger(ledger(hours, start, budget), hours, width=width)
    assert max(map(len, text)) <= width


@pytest.mark.parametrize("width", [34, 40, 46, 59])
def test_where_it_is_narrow_each_stretch_takes_two_lines_and_none_is_too_long(width):
    start = datetime(2026, 3, 27, 17, 10, tzinfo=UTC)
    lines = render_ledger(ledger(PHONE, start, timedelta(hours=4)), PHONE, "Plus, 4 h of phone hours", width)
    assert all(len(line) <= width for line in lines)
    assert "   Fri 27 Mar 18:10 – 19:00" in lines
    assert "      0:50 counted" in lines
    assert lines[-1] == "      4:00 = 4 h"
