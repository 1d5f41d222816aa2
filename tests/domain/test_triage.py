"""The way through a call (R12): where one begins, what comes next, and no outage passed over (R14)."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support import CUSTOMERS, NOW

from oncall_tui.config import load_settings
from oncall_tui.domain.calls import Answers, Call, CallStep, Origin, Step, Triage
from oncall_tui.domain.emergency import Decision, Question, Reason, rule_of, rule_on
from oncall_tui.domain.languages import LANGUAGE_NAMES, language_name, language_named
from oncall_tui.domain.triage import (
    ROWS,
    Row,
    after,
    begins_at,
    first_open,
    follows,
    is_open,
    may_hide_an_outage,
    spoken_first,
)

PLANS = load_settings(None, {}).offer.plans
CALL = Call(1, "C-000001", "", Origin.HAND, "", "", NOW, "Léa", NOW)
WHO = {"customer": "leman", "name": "Banque du Léman"}
PROVEN = {**WHO, "proof": "code", "kind": "vip"}
YES, NO = {"answer": "yes"}, {"answer": "no"}

Told = tuple[Step, Mapping[str, str]]


def triage(*told: Told) -> Triage:
    """Return a call of which this was told."""
    steps = [CallStep(NOW, "Léa", Step.PICKED_UP, {}), *(CallStep(NOW, "Léa", *each) for each in told)]
    answers = Answers.of(steps)
    customer = next((each for each in CUSTOMERS if each.id == answers.customer), None)
    facts = answers.facts(customer, PLANS, NOW.date())
    return Triage(CALL, steps, answers, facts, rule_on(facts), customer)


ANSWERS = st.lists(
    st.sampled_from(
        [
            (Step.WHO, WHO),
            (Step.WHO, {"customer": "tessin", "name": "Tessin Immobilien"}),
            (Step.WHO, {"stranger": "yes"}),
            (Step.CODE, PROVEN),
            (Step.CODE, {**PROVEN, "kind": "support"}),
            (Step.CODE, {"unverified": "yes"}),
            (Step.CODE, {}),
            *((Step.LANGUAGE, {"language": each}) for each in ("fr", "en", "de", "")),
            *((step, value) for step in (Step.INFRASTRUCTURE, Step.NEEDS_US) for value in (YES, NO, {})),
            (Step.INFRASTRUCTURE, {**NO, "topic": "how_to"}),
            (Step.SERVICE, {**YES, "service": "Mail"}),
            (Step.SERVICE, NO),
            (Step.DUPLICATE, {"ticket": "T-000001"}),
            (Step.ENDING, {"ending": "abandoned"}),
            (Step.SUMMARY, {"summary": "Disks gone"}),
        ]
    ),
    max_size=12,
)


@given(ANSWERS, st.sampled_from(ROWS))
def test_enter_leads_through_what_is_missing_and_ends_at_the_summary(told: list[Told], row: Row) -> None:
    call = triage(*told)
    for _ in ROWS:
        came_from, row = row, after(call, row)
        assert row is Row.SUMMARY or (is_open(call, row) and ROWS.index(row) > ROWS.index(came_from))
    assert row is Row.SUMMARY


@given(ANSWERS, st.sampled_from(ROWS))
def test_after_an_answer_one_is_where_something_is_missing_or_at_the_end(told: list[Told], row: Row) -> None:
    call = triage(*told)
    to = follows(call, row)
    assert (
        is_open(call, to)
        or to is Row.SUMMARY
        or (to is Row.INFRASTRUCTURE and call.ruling.decision is Decision.REFUSED)
    )


@given(ANSWERS)
def test_no_refusal_passes_over_whether_it_is_about_infrastructure(told: list[Told]) -> None:
    """R14"""
    call = triage(*told)
    refused = call.ruling.decision is Decision.REFUSED
    if may_hide_an_outage(call):
        assert refused
        assert first_open(call) is Row.INFRASTRUCTURE
    elif refused and call.facts.infrastructure is None:
        assert call.ruling.reason in (Reason.ABANDONED, Reason.WRONG_NUMBER, Reason.DUPLICATE)


@given(ANSWERS)
def test_every_answer_has_a_rule_behind_it(told: list[Told]) -> None:
    facts = triage(*told).facts
    assert all(rule_of(question, facts).startswith("R") for question in Question)


def test_a_new_call_begins_with_who_and_a_resumed_one_where_it_was_left() -> None:
    assert begins_at(triage()) is Row.WHO
    assert begins_at(triage((Step.CODE, PROVEN))) is Row.LANGUAGE
    assert begins_at(triage((Step.CODE, PROVEN), (Step.LANGUAGE, {"language": "fr"}))) is Row.INFRASTRUCTURE


def test_what_it_is_instead_of_infrastructure_can_be_said_at_once() -> None:
    said_no = (Step.CODE, PROVEN), (Step.LANGUAGE, {"language": "fr"}), (Step.INFRASTRUCTURE, NO)
    assert follows(triage(*said_no), Row.INFRASTRUCTURE) is Row.INFRASTRUCTURE
    topic = (Step.INFRASTRUCTURE, {**NO, "topic": "third_party"})
    assert follows(triage(*said_no, topic), Row.INFRASTRUCTURE) is Row.SUMMARY


@pytest.mark.parametrize(
    ("told", "first"),
    [
        ((), "fr"),
        (((Step.LANGUAGE, {"language": "en"}),), "en"),
        (((Step.LANGUAGE, {"language": "de"}),), "fr"),
    ],
)
def test_the_callers_language_comes_first(told: tuple[Told, ...], first: str) -> None:
    assert spoken_first(triage(*told)) == first


@pytest.mark.parametrize(
    ("typed", "language"),
    [
        ("FR", "fr"),
        (" de ", "de"),
        ("English", "en"),
        ("français", "fr"),
        ("Deutsch", "de"),
        ("espagnol", "es"),
        ("gsw", "gsw"),
        ("Swiss  German", "Swiss German"),
        ("日本語", "日本語"),
    ],
)
def test_a_language_is_written_down_by_its_letters_if_it_is_known(typed: str, language: str) -> None:
    assert language_named(typed) == language


@given(st.text(max_size=20))
def test_a_language_that_is_written_down_stays_what_it_is(typed: str) -> None:
    once = language_named(typed)
    assert language_named(once) == once
    assert language_name(once) == LANGUAGE_NAMES.get(once, once)
