from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oncall_tui.live import said
from oncall_tui.screens.session import Session
from oncall_tui.watchdog import Finding, Oddity, Reading, Watchdog

START = Reading(wall=1_774_577_564.0, monotonic=1_000.0, boot=5_000.0)


def later(wall: float, monotonic: float, boot: float | None) -> Reading:
    """Return the clocks after each went on by so many seconds."""
    return Reading(START.wall + wall, START.monotonic + monotonic, None if boot is None else 5_000.0 + boot)


@pytest.mark.parametrize(
    ("reading", "oddity", "seconds"),
    [
        (later(16_200, 1, 16_200), Oddity.ASLEEP, 16_199),
        (later(3_601, 1, 1), Oddity.CLOCK_FORWARD, 3_600),
        (later(-3_599, 1, 1), Oddity.CLOCK_BACK, 3_600),
        (later(90, 90, 90), Oddity.STOPPED, 90),
        # Asleep for an hour, and meanwhile the clock was set back by two.
        (later(-3_599, 1, 3_601), Oddity.CLOCK_BACK, 7_200),
    ],
)
def test_what_happened_to_time(reading: Reading, oddity: Oddity, seconds: float) -> None:
    found = Watchdog(START).look(reading)
    assert found is not None
    assert found.oddity is oddity
    assert found.seconds == pytest.approx(seconds)


def test_without_a_boot_clock_a_jump_ahead_is_taken_for_sleep() -> None:
    found = Watchdog(Reading(START.wall, START.monotonic, None)).look(later(600, 1, None))
    assert found is not None
    assert found.oddity is Oddity.ASLEEP


@given(st.lists(st.tuples(st.floats(0.01, 5), st.floats(-1.9, 1.9)), max_size=30))
def test_seconds_that_are_a_little_off_are_nothing(steps: list[tuple[float, float]]) -> None:
    watchdog, wall, monotonic = Watchdog(START), START.wall, START.monotonic
    for ran, drift in steps:
        wall, monotonic = wall + ran + drift, monotonic + ran
        assert watchdog.look(Reading(wall, monotonic, monotonic + 4_000)) is None


def test_each_oddity_is_found_once() -> None:
    watchdog = Watchdog(START)
    assert watchdog.look(later(16_200, 1, 16_200)) is not None
    assert watchdog.look(later(16_201, 2, 16_201)) is None


def test_the_machines_clocks_agree_with_themselves() -> None:
    watchdog = Watchdog(Reading.now())
    assert watchdog.look(Reading.now()) is None


def test_what_is_said_is_on_the_providers_clock() -> None:
    session = Session("On call", "Léa", ZoneInfo("Europe/Zurich"), lambda: fell)
    fell, woke = datetime(2026, 3, 29, 0, 10, tzinfo=UTC), datetime(2026, 3, 29, 4, 40, tzinfo=UTC)
    slept = Finding(Oddity.ASLEEP, fell, woke, (woke - fell).total_seconds())
    assert said(slept, session) == "asleep 01:10:00–06:40:00"
    back = Finding(Oddity.CLOCK_BACK, woke, woke - timedelta(hours=1), 3_600.2)
    assert said(back, session) == "clock set back by 1 h"
