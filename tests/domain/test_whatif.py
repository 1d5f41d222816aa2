"""What an act would make of a clock is what the act makes of it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from sample import due_in, ticket
from support import NOW

from oncall_tui.domain.hours import OpeningHours
from oncall_tui.domain.plans import DEFAULT_TERMS, Plan
from oncall_tui.domain.sla import Thresholds
from oncall_tui.domain.tickets import Means, Ticket, answer
from oncall_tui.domain.whatif import Outlook, outlooks, upgraded

ALWAYS = OpeningHours.always_open()


def looked_at(one: Ticket) -> dict[str, Outlook]:
    return {each.act: each for each in outlooks(one, ALWAYS, DEFAULT_TERMS, Thresholds(), NOW)}


def test_an_upgrade_gives_the_budget_of_each_higher_plan_from_now_on() -> None:
    """R8"""
    plus = ticket(plan=Plan.PLUS, response=due_in(timedelta(hours=3)))
    found = looked_at(plus)
    assert [act for act in found if act.startswith("Upgrade")] == [
        "Upgrade to Pro now",
        "Upgrade to Enterprise now",
    ]
    assert found["Upgrade to Pro now"].ticket.due_at == NOW + timedelta(hours=2)
    assert found["Upgrade to Enterprise now"].ticket.due_at == NOW + timedelta(hours=1)


def test_an_earlier_deadline_stays_and_says_so() -> None:
    """R8"""
    pro = ticket(plan=Plan.PRO, response=due_in(timedelta(minutes=20)))
    outlook = looked_at(pro)["Upgrade to Enterprise now"]
    assert outlook.ticket.due_at == pro.due_at
    assert outlook.note == "the earlier deadline stays (R8)"


def test_a_standard_ticket_would_get_a_clock() -> None:
    outlook = looked_at(ticket(plan=Plan.STANDARD))["Upgrade to Plus now"]
    assert outlook.ticket.due_at == NOW + timedelta(hours=4)


def test_an_upgrade_changes_nothing_on_what_is_answered() -> None:
    """R8"""
    told = answer(ticket(plan=Plan.PLUS, response=due_in(timedelta(hours=3))), "Léa", Means.PHONE, NOW, NOW)
    assert [act for act in looked_at(told) if act.startswith("Upgrade")] == []


def test_a_promise_is_due_first_or_says_what_is() -> None:
    """R7"""
    urgent = ticket(response=due_in(timedelta(minutes=10)))
    promise = looked_at(urgent)["Promise an update in 30 min"]
    assert promise.ticket.due_at == urgent.due_at
    assert promise.note == "the first response is due before it"
    relaxed = looked_at(ticket(response=due_in(timedelta(minutes=50))))["Promise an update in 30 min"]
    assert (relaxed.ticket.due_at, relaxed.note) == (NOW + timedelta(minutes=30), "")


def test_a_hand_over_moves_no_clock_and_a_closed_ticket_has_no_what_if() -> None:
    one = ticket(response=due_in(timedelta(minutes=10)))
    assert looked_at(one)["Hand over"].ticket.due_at == one.due_at
    assert looked_at(replace(one, closed_at=NOW)) == {}


def test_what_one_of_us_asked_of_another_has_no_deadline_under_any_plan() -> None:
    """R8, R22"""
    asked = ticket(plan=Plan.PRO, internal=True)
    assert not any(act.startswith("Upgrade") for act in looked_at(asked))
    seen = upgraded(asked, ALWAYS, DEFAULT_TERMS[Plan.ENTERPRISE], Thresholds(), NOW)
    assert (seen.after, seen.note, seen.new_due_at) == (asked, "internal", None)


def test_a_plan_without_a_guarantee_starts_no_clock() -> None:
    """R8"""
    terms = replace(DEFAULT_TERMS[Plan.PLUS], response=None)
    seen = upgraded(ticket(plan=Plan.STANDARD), ALWAYS, terms, Thresholds(), NOW)
    assert (seen.after.plan, seen.note, seen.new_due_at) == (Plan.PLUS, "no clock", None)
