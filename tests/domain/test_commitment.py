"""Until when an organisation is committed, in calendar months (R21)."""

from __future__ import annotations

from calendar import monthrange
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oncall_tui.domain.commitment import Commitment, Contract, committed_until
from oncall_tui.domain.customers import Customer
from oncall_tui.domain.plans import Plan

DAYS = st.dates(date(1980, 1, 1), date(2199, 12, 31))
MONTHS = st.integers(6, 60)


def contract(
    plan: Plan = Plan.PRO, since: date | None = date(2026, 1, 1), today: date = date(2026, 3, 27)
) -> Contract:
    return Contract.of(Customer("moret", "Fromagerie Moret", plan, since), 6, today)


@pytest.mark.parametrize(
    ("since", "months", "until"),
    [
        (date(2026, 1, 1), 6, date(2026, 7, 1)),
        (date(2025, 8, 31), 6, date(2026, 2, 28)),
        (date(2023, 8, 31), 6, date(2024, 2, 29)),
        (date(2023, 8, 29), 6, date(2024, 2, 29)),
        (date(2024, 2, 29), 12, date(2025, 2, 28)),
        (date(2024, 2, 29), 48, date(2028, 2, 29)),
        (date(2099, 8, 31), 6, date(2100, 2, 28)),
        (date(2025, 12, 31), 6, date(2026, 6, 30)),
        (date(2025, 6, 30), 6, date(2025, 12, 30)),
    ],
)
def test_ends_of_months_and_leap_years_are_right(since: date, months: int, until: date) -> None:
    """R21: the last committed day, clamped to the month that it falls in."""
    assert committed_until(since, months) == until


@given(DAYS, MONTHS)
def test_it_is_that_many_calendar_months_later(since: date, months: int) -> None:
    """R21: the same day of the month, or the last one of a month that is too short."""
    until = committed_until(since, months)
    assert (until.year * 12 + until.month) - (since.year * 12 + since.month) == months
    assert until.day == min(since.day, monthrange(until.year, until.month)[1])


@given(DAYS, MONTHS)
def test_who_subscribes_later_is_never_free_earlier(since: date, months: int) -> None:
    """R21."""
    assert committed_until(since, months) <= committed_until(since + timedelta(days=1), months)
    assert committed_until(since, months) < committed_until(since, months + 1)


def test_the_end_of_all_years_is_no_error() -> None:
    assert committed_until(date(9999, 12, 1), 6) == date.max


@given(DAYS, DAYS)
def test_the_last_day_is_committed_and_the_next_is_not(since: date, today: date) -> None:
    """R21."""
    seen = contract(since=since, today=today)
    assert seen.until is not None
    assert (seen.commitment is Commitment.RUNNING) == (today <= seen.until)
    assert seen.days_left == (seen.until - today).days
    assert contract(since=since, today=seen.until).days_left == 0


def test_the_standard_plan_commits_to_nothing() -> None:
    seen = contract(Plan.STANDARD, date(2020, 1, 1))
    assert (seen.commitment, seen.until, seen.days_left) == (Commitment.NONE, None, None)
    assert seen.can_become == (Plan.PLUS, Plan.PRO, Plan.ENTERPRISE)
    assert contract(Plan.ENTERPRISE).can_become == ()


def test_a_day_that_isnt_on_file_is_not_made_up() -> None:
    seen = contract(since=None)
    assert (seen.commitment, seen.until, seen.days_left) == (Commitment.UNKNOWN, None, None)
    assert seen.upgraded() is None


def test_an_upgrade_begins_a_commitment_only_where_there_was_none() -> None:
    """R21."""
    assert contract(Plan.PLUS).upgraded() == date(2026, 1, 1)
    assert contract(Plan.STANDARD, None).upgraded() == date(2026, 3, 27)
    assert contract(Plan.STANDARD, date(2020, 1, 1)).upgraded() == date(2026, 3, 27)
