"""What can be changed of a contract, and what is said to who asks for what can't (R8, R21)."""

from __future__ import annotations

from datetime import date
from itertools import product
from string import Formatter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oncall_tui.domain.commitment import Commitment, Contract
from oncall_tui.domain.contract_changes import CHANGES, Answer, Change, Ruling, rule_on
from oncall_tui.domain.customers import Customer, Manager
from oncall_tui.domain.messages import Message
from oncall_tui.domain.plans import Plan
from oncall_tui.translation import spoken

COMMITTED, OVER = date(2026, 1, 1), date(2025, 1, 1)
TODAY = date(2026, 3, 27)


def ruled(
    change: Change,
    plan: Plan = Plan.PRO,
    since: date | None = COMMITTED,
    to: Plan | None = None,
    **more: object,
) -> Ruling:
    customer = Customer("moret", "Fromagerie Moret", plan, since, **more)  # type: ignore[arg-type]
    return rule_on(Contract.of(customer, 6, TODAY), change, to)


def said(message: Message) -> str:
    return spoken(message).en


def test_every_change_has_a_name() -> None:
    assert set(CHANGES) == set(Change)


@given(st.sampled_from(Plan), st.sampled_from(Plan), st.sampled_from([None, COMMITTED, OVER]))
def test_a_plan_goes_up_and_never_down(plan: Plan, to: Plan, since: date | None) -> None:
    """R21."""
    ruling = ruled(Change.UPGRADE, plan, since, to)
    up = to.rank < plan.rank
    assert (ruling.answer is Answer.ALLOWED) == up
    assert ruling.rule == ("R8" if up else "R21")
    assert ruled(Change.DOWNGRADE, plan, since).refused


@given(st.sampled_from(Plan), st.sampled_from([None, COMMITTED, OVER]))
def test_nothing_is_ever_refunded(plan: Plan, since: date | None) -> None:
    """R21: not even pro rata, whatever else is cancelled."""
    ruling = ruled(Change.REFUND, plan, since)
    assert (ruling.refused, ruling.rule) == (True, "R21")


@pytest.mark.parametrize(
    ("plan", "since", "answer", "rule"),
    [
        (Plan.PRO, COMMITTED, Answer.REFUSED, "R21"),
        (Plan.PRO, OVER, Answer.NOT_HERE, ""),
        (Plan.PRO, None, Answer.UNKNOWN, "R21"),
        (Plan.STANDARD, None, Answer.NOT_HERE, ""),
        (Plan.STANDARD, COMMITTED, Answer.NOT_HERE, ""),
    ],
)
def test_a_cancellation_is_refused_until_the_commitment_is_over(
    plan: Plan, since: date | None, answer: Answer, rule: str
) -> None:
    """R21."""
    ruling = ruled(Change.CANCEL, plan, since)
    assert (ruling.answer, ruling.rule) == (answer, rule)


def test_the_words_name_the_day() -> None:
    assert said(ruled(Change.CANCEL).say) == (
        "I understand. Your Premium Support is committed until 1 July 2026 and can't be cancelled before, "
        "even if you cancel other products or close your account."
    )
    assert "ended on 1 July 2025" in said(ruled(Change.CANCEL, since=OVER).say)
    assert "2026" not in said(ruled(Change.CANCEL, since=None).say)
    assert "stays as it is" in said(ruled(Change.UPGRADE, to=Plan.ENTERPRISE).say)
    begins = ruled(Change.UPGRADE, Plan.STANDARD, None, Plan.PLUS)
    assert "commitment until 27 September 2026" in said(begins.say)
    assert "6 months begins today" in said(begins.why)


def test_who_has_an_account_manager_is_offered_to_hear_from_them() -> None:
    """R22."""
    managed = ruled(Change.REFUND, managers=(Manager("Camille Perrin"),))
    assert "account manager" in said(managed.next_step)
    assert "account manager" not in said(ruled(Change.REFUND).next_step)


@pytest.mark.parametrize("change", Change)
def test_every_ruling_can_be_said_in_both_languages(change: Change) -> None:
    """R21: nothing in braces is left over, and nothing is empty."""
    for plan, since, to in product(Plan, (None, COMMITTED, OVER), Plan):
        ruling = ruled(change, plan, since, to if change is Change.UPGRADE else None)
        for message in (ruling.why, ruling.say, ruling.next_step):
            for words in spoken(message):
                assert words
                assert not any(name for _, name, _, _ in Formatter().parse(words))


def test_a_commitment_that_runs_isnt_known_without_the_day() -> None:
    customer = Customer("moret", "Fromagerie Moret", Plan.PRO)
    assert Contract.of(customer, 6, TODAY).commitment is Commitment.UNKNOWN
