"""What the steps of a call come to, and when a shift began."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oncall_tui.domain.call_rules import CallRules, shift_began
from oncall_tui.domain.calls import Answers, CallStep, OnFile, Step
from oncall_tui.domain.codes import CodeKind, Proof
from oncall_tui.domain.customers import Customer
from oncall_tui.domain.emergency import Contract
from oncall_tui.domain.entitlements import Standing
from oncall_tui.domain.plans import DEFAULT_TERMS, Plan

ZURICH = ZoneInfo("Europe/Zurich")
AT = datetime(2026, 3, 27, 2, tzinfo=UTC)
ROCHAT = OnFile("leman", "Banque du Léman", Plan.ENTERPRISE, "Anne Rochat")


def steps(*found: tuple[Step, dict[str, str]]) -> list[CallStep]:
    return [CallStep(AT, "Léa", step, value) for step, value in found]


CODE = (
    Step.CODE,
    {"outcome": "verified", "proof": "code", "customer": "leman", "name": "Banque du Léman", "kind": "vip"},
)


def test_who_has_the_number_is_claimed_and_nothing_is_proven() -> None:
    answers = Answers.of([], ROCHAT)
    assert (answers.customer, answers.person, answers.claimed) == ("leman", "Anne Rochat", True)
    assert answers.standing is None


def test_a_number_that_several_organisations_have_says_nothing() -> None:
    assert Answers.of([], OnFile("leman", "Banque du Léman", Plan.PRO, "", others=2)) == Answers()


def test_a_code_says_who_it_is_and_keeps_the_person_of_the_same_organisation() -> None:
    answers = Answers.of(steps(CODE), ROCHAT)
    assert (answers.proof, answers.kind, answers.person) == (Proof.CODE, CodeKind.VIP, "Anne Rochat")
    assert answers.standing is Standing.VERIFIED
    other = Answers.of(steps((Step.CODE, CODE[1] | {"customer": "moret"})), ROCHAT)
    assert (other.customer, other.person) == ("moret", "")


def test_a_support_code_opens_no_right() -> None:
    """R16"""
    answers = Answers.of(steps((Step.CODE, CODE[1] | {"kind": "support", "contact": "Anne Rochat"})))
    assert (answers.standing, answers.person) == (Standing.USER_ONLY, "Anne Rochat")


def test_another_organisation_takes_the_proof_and_the_service_with_it() -> None:
    """R17"""
    service = (Step.SERVICE, {"service": "Mail", "answer": "yes"})
    answers = Answers.of(steps(CODE, service, (Step.WHO, {"customer": "moret", "name": "Moret"})))
    assert (answers.proof, answers.service, answers.ours) == (None, "", None)
    again = Answers.of(steps(CODE, service, (Step.WHO, {"customer": "leman", "name": "L", "person": "Luc"})))
    assert (again.proof, again.service, again.person) == (Proof.CODE, "Mail", "Luc")


def test_wrong_codes_leave_the_question_open_until_no_more_are_taken() -> None:
    """R18"""
    wrong, last = (
        (Step.CODE, {"outcome": "no_match"}),
        (Step.CODE, {"outcome": "no_match", "unverified": "yes"}),
    )
    assert Answers.of(steps(wrong)).standing is None
    assert Answers.of(steps(wrong, last, wrong)).standing is Standing.UNVERIFIED
    assert Answers.of(steps(wrong, last, CODE)).standing is Standing.VERIFIED
    assert Answers.of(steps(last, (Step.CODE, {}))).standing is None


@pytest.mark.parametrize(
    ("customer", "contract"),
    [
        (None, None),
        (Customer("a", "A", Plan.PRO), Contract.LINE),
        (Customer("a", "A", Plan.PLUS), Contract.NO_LINE),
        (Customer("a", "A", Plan.STANDARD), Contract.NO_LINE),
        (Customer("a", "A", Plan.PRO, date(2026, 3, 27)), Contract.LINE),
        (Customer("a", "A", Plan.PRO, date(2026, 3, 28)), Contract.NOT_BEGUN),
    ],
)
def test_the_contract_is_what_the_organisation_has_by_today(
    customer: Customer | None, contract: Contract | None
) -> None:
    """R11"""
    facts = Answers().facts(customer, DEFAULT_TERMS, date(2026, 3, 27))
    assert facts.contract is contract


def test_a_stranger_has_no_contract() -> None:
    answers = Answers.of(steps((Step.WHO, {"stranger": "yes"})), ROCHAT)
    assert answers.facts(None, DEFAULT_TERMS, date(2026, 3, 27)).contract is Contract.NOT_ACTIVE


@given(
    st.lists(
        st.one_of(
            st.tuples(st.just(Step.LANGUAGE), st.sampled_from([{}, {"language": "fr"}, {"language": "de"}])),
            st.tuples(
                st.sampled_from([Step.INFRASTRUCTURE, Step.NEEDS_US, Step.SERVICE]),
                st.sampled_from([{}, {"answer": "yes"}, {"answer": "no"}]),
            ),
            st.tuples(st.just(Step.SUMMARY), st.fixed_dictionaries({"summary": st.text(max_size=5)})),
            st.tuples(st.sampled_from([Step.RANG, Step.PICKED_UP, Step.HUNG_UP]), st.just({})),
        ),
        max_size=12,
    )
)
def test_the_last_answer_of_each_kind_counts_and_an_empty_one_takes_it_back(
    found: list[tuple[Step, dict[str, str]]],
) -> None:
    answers, last = Answers.of(steps(*found)), dict(found)
    assert answers.language == last.get(Step.LANGUAGE, {}).get("language", "")
    assert answers.summary == last.get(Step.SUMMARY, {}).get("summary", "")
    for step, name in (
        (Step.INFRASTRUCTURE, "infrastructure"),
        (Step.NEEDS_US, "needs_us"),
        (Step.SERVICE, "ours"),
    ):
        said = last.get(step, {}).get("answer")
        assert getattr(answers, name) is (None if said is None else said == "yes")


@pytest.mark.parametrize(
    ("now", "began"),
    [
        ("2026-11-26T03:12+01:00", "2026-11-25T19:00+01:00"),
        ("2026-11-26T07:00+01:00", "2026-11-26T07:00+01:00"),
        ("2026-11-26T18:59+01:00", "2026-11-26T07:00+01:00"),
        ("2026-11-26T23:59+01:00", "2026-11-26T19:00+01:00"),
    ],
)
def test_a_shift_began_at_the_last_of_its_times(now: str, began: str) -> None:
    found = shift_began(CallRules(), datetime.fromisoformat(now).astimezone(UTC), ZURICH)
    assert found == datetime.fromisoformat(began)


@given(
    st.datetimes(datetime(2026, 1, 1), datetime(2027, 12, 31)),
    st.sets(st.times().map(lambda each: each.replace(second=0, microsecond=0)), min_size=1, max_size=4),
)
def test_a_shift_began_before_now_and_less_than_a_day_and_a_clock_change_ago(
    naive: datetime, times: set[time]
) -> None:
    now = naive.replace(tzinfo=UTC)
    began = shift_began(CallRules(shifts=tuple(sorted(times))), now, ZURICH)
    assert began <= now
    assert (now - began).total_seconds() <= 25 * 3600
