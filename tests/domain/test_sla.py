"""Clocks and urgency: R3, R5-R8."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from oncall_tui.domain.errors import BadSettings
from oncall_tui.domain.hours import OpeningHours
from oncall_tui.domain.sla import (
    ClockKind,
    Thresholds,
    Urgency,
    is_met,
    promise_clock,
    remaining,
    response_clock,
    upgrade_due,
    urgency,
)

ZURICH = ZoneInfo("Europe/Zurich")
HOUR = timedelta(hours=1)
MICROSECOND = timedelta(microseconds=1)
PHONE = OpeningHours("phone", "Europe/Zurich", {"weekdays": ["06:00-19:00"]})
EMAIL = OpeningHours("email", "Europe/Zurich", {"daily": ["06:00-23:00"]})
DEFAULT = Thresholds()


def zurich(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZURICH).astimezone(UTC)


def test_a_response_clock_runs_in_opening_time_from_receipt():
    """R5, R6: four hours from Friday evening, and half of them are left on Monday at 07:10."""
    clock = response_clock(PHONE, zurich("2026-03-27T18:10"), 4 * HOUR, DEFAULT)
    assert clock.kind is ClockKind.RESPONSE
    assert clock.calendar == PHONE
    assert clock.due_at == zurich("2026-03-30T09:10")
    assert clock.warning_at == zurich("2026-03-30T07:10")
    assert clock.critical_at == zurich("2026-03-30T08:10")


def test_a_promise_runs_on_real_time_from_when_it_was_made():
    """R7, over the night in which the clocks go forward."""
    made = zurich("2026-03-29T01:50")
    clock = promise_clock(made, HOUR / 2, DEFAULT)
    assert clock.kind is ClockKind.PROMISE
    assert clock.calendar.is_always_open
    assert clock.started_at == made
    assert clock.due_at == made + timedelta(minutes=30)
    assert clock.critical_at == made + timedelta(minutes=22, seconds=30)


@pytest.mark.parametrize("budget", [timedelta(0), -HOUR])
def test_a_clock_needs_a_budget(budget):
    with pytest.raises(ValueError, match="positive budget"):
        response_clock(PHONE, zurich("2026-05-11T10:00"), budget, DEFAULT)
    with pytest.raises(ValueError, match="positive budget"):
        promise_clock(zurich("2026-05-11T10:00"), budget, DEFAULT)


def test_a_clock_starts_from_an_instant_in_any_zone_and_is_kept_in_utc():
    received = datetime(2026, 5, 11, 10, tzinfo=ZURICH)
    assert response_clock(PHONE, received, HOUR, DEFAULT).started_at.tzinfo is UTC
    with pytest.raises(ValueError, match="no offset"):
        response_clock(PHONE, datetime(2026, 5, 11, 10), HOUR, DEFAULT)


@pytest.mark.parametrize(
    ("clock", "expected"),
    [
        ("10:00", Urgency.OK),
        ("10:29:59", Urgency.OK),
        ("10:30", Urgency.WARNING),
        ("10:45", Urgency.CRITICAL),
        ("11:00", Urgency.CRITICAL),
        ("11:00:00.000001", Urgency.OVERDUE),
    ],
)
def test_urgency_begins_at_its_instant_and_overdue_after_the_due_one(clock, expected):
    """R3: at the due instant the guarantee can still be met."""
    running = response_clock(PHONE, zurich("2026-05-11T10:00"), HOUR, DEFAULT)
    now = zurich(f"2026-05-11T{clock}")
    assert urgency(running.due_at, running.warning_at, running.critical_at, now) is expected
    assert is_met(now, running.due_at) == (expected is not Urgency.OVERDUE)


def test_without_a_deadline_there_is_no_urgency():
    assert urgency(None, None, None, zurich("2026-05-11T10:00")) is Urgency.NONE


def test_a_deadline_without_thresholds_is_ok_until_it_is_over():
    due = zurich("2026-05-11T10:00")
    assert urgency(due, None, None, due) is Urgency.OK
    assert urgency(due, None, None, due + MICROSECOND) is Urgency.OVERDUE


def test_signs_and_ranks():
    assert [each.sign for each in Urgency] == ["!!", "!", "~", " ", " "]
    assert sorted(Urgency, key=lambda each: each.rank)[0] is Urgency.OVERDUE
    assert [each.rank for each in Urgency] == [0, 1, 2, 3, 4]


@pytest.mark.parametrize(
    ("warning", "critical"), [(0.25, 0.5), (1.5, 0.5), (0.5, 0.0), (0.5, -0.1), (float("nan"), 0.1)]
)
def test_thresholds_are_shares_in_order(warning, critical):
    with pytest.raises(BadSettings, match="go together"):
        Thresholds(warning, critical)


def test_a_warning_from_the_start():
    clock = response_clock(PHONE, zurich("2026-05-11T10:00"), HOUR, Thresholds(1.0, 0.5))
    assert clock.warning_at == clock.started_at


def test_what_remains_is_real_time_even_between_two_local_times():
    """R4: from 01:00 to 04:00 are two hours on that night."""
    due, now = datetime(2026, 3, 29, 4, tzinfo=ZURICH), datetime(2026, 3, 29, 1, tzinfo=ZURICH)
    assert remaining(due, now) == 2 * HOUR
    assert remaining(now, due) == -2 * HOUR


def test_an_upgrade_brings_the_deadline_forward_but_never_into_the_past():
    """R8."""
    upgraded = zurich("2026-05-11T10:00")
    assert upgrade_due(zurich("2026-05-11T12:00"), upgraded, PHONE, HOUR) == zurich("2026-05-11T11:00")
    assert upgrade_due(zurich("2026-05-11T10:30"), upgraded, PHONE, HOUR) == zurich("2026-05-11T10:30")
    assert upgrade_due(None, upgraded, PHONE, HOUR) == zurich("2026-05-11T11:00")
    assert upgrade_due(zurich("2026-05-18T12:00"), zurich("2026-05-15T18:30"), PHONE, HOUR) == zurich(
        "2026-05-18T06:30"
    )


instants = st.datetimes(datetime(2026, 1, 1), datetime(2028, 1, 1)).map(lambda at: at.replace(tzinfo=UTC))
budgets = st.timedeltas(timedelta(minutes=1), timedelta(days=3))


@settings(deadline=None)
@given(st.sampled_from([PHONE, EMAIL]), instants, budgets)
def test_urgency_grows_in_order_and_leaves_its_share(hours, received, budget):
    clock = response_clock(hours, received, budget, DEFAULT)
    assert received <= clock.warning_at <= clock.critical_at <= clock.due_at
    assert abs(hours.elapsed(clock.warning_at, clock.due_at) - budget / 2) <= MICROSECOND
    assert abs(hours.elapsed(clock.critical_at, clock.due_at) - budget / 4) <= MICROSECOND


@settings(deadline=None)
@given(instants, instants, budgets, budgets)
def test_an_upgrade_never_makes_a_breach(received, upgraded, old_budget, new_budget):
    """R8."""
    old = PHONE.add(received, old_budget)
    new = upgrade_due(old, upgraded, PHONE, new_budget)
    assert new <= old
    assert new > upgraded or new == old
