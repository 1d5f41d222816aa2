"""What an organisation may do at an hour of a day."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support import NOW

from oncall_tui.domain.codes import CodeKind, Proof, Verification
from oncall_tui.domain.customers import Access, Customer
from oncall_tui.domain.entitlements import (
    AccessState,
    Line,
    Opening,
    Standing,
    access_state,
    entitlements,
)
from oncall_tui.domain.hours import OpeningHours
from oncall_tui.domain.offer import Offer
from oncall_tui.domain.plans import Plan
from oncall_tui.domain.tickets import Channel

VIP = Verification("leman", Proof.CODE, NOW, CodeKind.VIP, call="call")
SUPPORT = replace(VIP, kind=CodeKind.SUPPORT, contact="A. Rochat")


def of(plan: Plan, **more: object) -> Customer:
    return Customer("leman", "Banque du Léman", plan, **more)  # type: ignore[arg-type]


def at(text: str) -> datetime:
    """Return the instant that a text with an offset names, in UTC."""
    return datetime.fromisoformat(text).astimezone(UTC)


def openings(offer: Offer, plan: Plan, now: datetime) -> dict[Channel, Opening]:
    return {one.channel: one.opening for one in entitlements(offer, of(plan), VIP, now).answering}


@pytest.mark.parametrize(
    ("plan", "verification", "line"),
    [
        (Plan.ENTERPRISE, VIP, Line.OPEN),
        (Plan.PRO, VIP, Line.OPEN),
        (Plan.PLUS, VIP, Line.NOT_IN_PLAN),
        (Plan.STANDARD, SUPPORT, Line.NOT_IN_PLAN),
        (Plan.PRO, SUPPORT, Line.NO_VIP_RIGHT),
        (Plan.PRO, None, Line.UNVERIFIED),
        (Plan.PLUS, None, Line.NOT_IN_PLAN),
        (Plan.PRO, replace(VIP, proof=Proof.CALL_BACK, kind=None, by="+41225550140"), Line.OPEN),
        (Plan.PRO, replace(VIP, proof=Proof.APPROVAL, kind=None, by="Marc"), Line.OPEN),
        (Plan.PRO, replace(VIP, customer="moret"), Line.UNVERIFIED),
    ],
)
def test_the_line_is_open_to_the_plans_that_have_it_and_to_who_is_verified(
    offer: Offer, plan: Plan, verification: Verification | None, line: Line
) -> None:
    """R11, R14, R16"""
    assert entitlements(offer, of(plan), verification, NOW).line is line


def test_a_verification_ends_at_the_instant_it_counts_until(offer: Offer) -> None:
    """R17"""
    timed = replace(VIP, until=NOW + timedelta(minutes=30))
    just_before = timed.until - timedelta(microseconds=1)  # type: ignore[operator]
    assert entitlements(offer, of(Plan.PRO), timed, just_before).standing is Standing.VERIFIED
    assert entitlements(offer, of(Plan.PRO), timed, timed.until).standing is Standing.UNVERIFIED  # type: ignore[arg-type]


def test_a_support_code_says_who_it_is_and_no_more(offer: Offer) -> None:
    """R16"""
    assert entitlements(offer, of(Plan.ENTERPRISE), SUPPORT, NOW).standing is Standing.USER_ONLY


@pytest.mark.parametrize(
    ("plan", "hours"), [(Plan.STANDARD, None), (Plan.PLUS, 4), (Plan.PRO, 2), (Plan.ENTERPRISE, 1)]
)
def test_each_channel_is_answered_in_the_time_of_the_plan(
    offer: Offer, plan: Plan, hours: int | None
) -> None:
    budget = None if hours is None else timedelta(hours=hours)
    answering = entitlements(offer, of(plan), None, NOW).answering
    assert {one.budget for one in answering} == {budget}
    lines = [Channel.EMERGENCY] if plan in (Plan.PRO, Plan.ENTERPRISE) else []
    assert [one.channel for one in answering] == [Channel.PHONE, Channel.EMAIL, *lines]


def test_at_three_in_the_morning_only_the_line_is_open(offer: Offer) -> None:
    """R1"""
    opens = at("2026-03-27T06:00+01:00")
    assert openings(offer, Plan.PRO, NOW) == {
        Channel.PHONE: Opening(False, opens),
        Channel.EMAIL: Opening(False, opens),
        Channel.EMERGENCY: Opening(True, None),
    }


def test_the_closing_instant_is_shut_and_the_opening_one_open(offer: Offer) -> None:
    """R2"""
    friday, monday = at("2026-03-27T19:00+01:00"), at("2026-03-30T06:00+02:00")
    moment = timedelta(microseconds=1)
    assert openings(offer, Plan.PRO, friday - moment)[Channel.PHONE] == Opening(True, friday)
    assert openings(offer, Plan.PRO, friday)[Channel.PHONE] == Opening(False, monday)
    assert openings(offer, Plan.PRO, monday)[Channel.PHONE] == Opening(True, at("2026-03-30T19:00+02:00"))


@pytest.mark.parametrize(
    ("night", "opens", "closes"),
    [
        ("2026-03-29T01:59+01:00", "2026-03-29T06:00+02:00", "2026-03-29T23:00+02:00"),
        ("2026-10-25T02:30+02:00", "2026-10-25T06:00+01:00", "2026-10-25T23:00+01:00"),
        ("2026-10-25T02:30+01:00", "2026-10-25T06:00+01:00", "2026-10-25T23:00+01:00"),
    ],
)
def test_when_the_clocks_change_mail_opens_at_six_by_the_new_ones(
    offer: Offer, night: str, opens: str, closes: str
) -> None:
    """R4"""
    assert openings(offer, Plan.PLUS, at(night))[Channel.EMAIL] == Opening(False, at(opens))
    assert openings(offer, Plan.PLUS, at(opens))[Channel.EMAIL] == Opening(True, at(closes))


def test_managers_are_on_duty_by_their_calendar_and_back_after_the_weekend(offer: Offer) -> None:
    """R22"""

    def duty(text: str) -> Opening | None:
        return entitlements(offer, of(Plan.PRO), None, at(text)).managers

    assert duty("2026-03-27T09:00+01:00") == Opening(True, at("2026-03-27T18:00+01:00"))
    assert duty("2026-03-27T18:00+01:00") == Opening(False, at("2026-03-30T09:00+02:00"))
    assert duty("2026-03-28T12:00+01:00") == Opening(False, at("2026-03-30T09:00+02:00"))
    assert entitlements(offer, of(Plan.PLUS), None, NOW).managers is None


def test_holidays_close_a_calendar_for_the_day(offer: Offer) -> None:
    hours = OpeningHours("manager", "Europe/Zurich", {"weekdays": ["09:00-18:00"]}, ["2026-03-27"])
    closed = replace(offer, calendars={**offer.calendars, "manager": hours})
    rights = entitlements(closed, of(Plan.PRO), None, at("2026-03-27T10:00+01:00"))
    assert rights.managers == Opening(False, at("2026-03-30T09:00+02:00"))


def test_access_is_active_from_its_grant_to_before_its_end() -> None:
    """R23"""
    access = Access("Mail", NOW, NOW + timedelta(hours=1))
    moment = timedelta(microseconds=1)
    assert access_state(access, NOW - moment) is AccessState.NOT_YET
    assert access_state(access, NOW) is AccessState.ACTIVE
    assert access_state(access, access.until - moment) is AccessState.ACTIVE
    assert access_state(access, access.until) is AccessState.EXPIRED


@given(st.lists(st.tuples(st.integers(-50, 50), st.integers(-50, 50)), max_size=8))
def test_what_is_active_comes_first_and_what_has_run_out_last(hours: list[tuple[int, int]]) -> None:
    from oncall_tui.config import load_settings

    grants = tuple(
        Access("Mail", NOW + timedelta(hours=start), NOW + timedelta(hours=end)) for start, end in hours
    )
    found = entitlements(load_settings(None, {}).offer, of(Plan.PRO, access=grants), None, NOW).access
    order = [AccessState.ACTIVE, AccessState.NOT_YET, AccessState.EXPIRED]
    states = [order.index(state) for _, state in found]
    assert states == sorted(states)
    assert sorted(access.until for access, _ in found) == sorted(access.until for access in grants)
    active = [access.until for access, state in found if state is AccessState.ACTIVE]
    assert active == sorted(active)
