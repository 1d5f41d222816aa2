"""Deadlines that other projects' test suites assert, as facts: see "meta" in the data file."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from oncall_tui.domain.errors import BadSettings
from oncall_tui.domain.hours import OpeningHours

FACTS = json.loads((Path(__file__).parents[1] / "data" / "sla_cases.json").read_text(encoding="utf-8"))
# Clocks that pause are other projects' clocks: ours never does (R6), so there is nothing to compare.
CASES = [case for case in FACTS["cases"] if not case["pauses"]]
REFUSED = [rule for rule in FACTS["calendar_validation"] if rule.get("expected", "").startswith("reject")]
RESOLVED = {rule["id"]: rule for rule in FACTS["local_time_resolution"]}


def calendar(zone: str, hours: dict[str, list[list[str]]], holidays: tuple[str, ...] = ()) -> OpeningHours:
    weekly = {day: ["-".join(interval) for interval in intervals] for day, intervals in hours.items()}
    return OpeningHours("case", zone, weekly, holidays)


def instant(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["id"])
def test_deadline(case):
    hours = calendar(case["tz"], case["hours"], case["holidays"])
    start = instant(case["start"])
    if case["op"] == "add":
        assert hours.add(start, timedelta(seconds=case["duration_seconds"])) == instant(case["expected_end"])
    else:
        assert hours.elapsed(start, instant(case["end"])) == timedelta(seconds=case["expected_seconds"])


def test_only_cases_with_pauses_are_left_out():
    assert len(FACTS["cases"]) - len(CASES) == 1
    assert {case["op"] for case in CASES} == {"add", "elapsed"}


@pytest.mark.parametrize("rule", REFUSED, ids=lambda rule: rule["id"])
def test_calendars_to_refuse(rule):
    """R2. A closed day is allowed; cv-3 is refused because nothing else is open."""
    with pytest.raises(BadSettings):
        calendar("Etc/UTC", rule["hours"])


def test_2359_means_midnight():
    """cv-5."""
    hours = calendar("Europe/Berlin", {"daily": [["00:00", "23:59"]]})
    noon = instant("2026-05-11T12:00:00+02:00")
    assert hours.add(noon, timedelta(hours=24)) == noon + timedelta(hours=24)


def test_sunday_has_one_name():
    """cv-7: neither 0 nor 7, so nobody can mean the other one."""
    for day in ("0", "7"):
        with pytest.raises(BadSettings, match="no such day"):
            calendar("Etc/UTC", {day: [["09:00", "17:00"]]})


def test_holidays_are_a_set():
    """cv-8."""
    one = calendar("Etc/UTC", {"mon": [["09:00", "17:00"]]}, ("2026-05-11", "2026-05-04", "2026-05-11"))
    assert one == calendar("Etc/UTC", {"mon": [["09:00", "17:00"]]}, ("2026-05-04", "2026-05-11"))


def test_hours_across_midnight_ask_for_a_split():
    """cv-9."""
    with pytest.raises(BadSettings, match="split at 24:00"):
        calendar("Etc/UTC", {"mon": [["22:00", "06:00"]]})


@pytest.mark.parametrize("id_", ["lt-1", "lt-3"])
def test_an_opening_that_does_not_exist_or_occurs_twice(id_):
    """R4."""
    rule = RESOLVED[id_]
    hours = calendar(rule["tz"], {"sun": [[rule["local"][-5:], "12:00"]]})
    expected = instant(rule["expected"])
    assert hours.opens_next(expected - timedelta(hours=12)) == expected


def test_an_end_of_day_that_does_not_exist():
    """lt-2 (R4)."""
    rule = RESOLVED["lt-2"]
    hours = calendar(rule["tz"], {"sat": [["12:00", "24:00"]]})
    assert hours.closes_at(instant("2015-10-17T20:00:00-03:00")) == instant(rule["expected"])


def test_an_interval_that_begins_in_the_gap_and_ends_before_the_moved_opening_is_dropped():
    """lt-4 (R4)."""
    rule = RESOLVED["lt-4"]
    hours = calendar(rule["tz"], rule["hours"])
    assert hours.opens_next(instant(rule["from_"])) == instant(rule["expected_next_open"])
