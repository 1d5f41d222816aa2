"""The decision about a call, over every combination of what can be known of one (R11–R15, R24)."""

from __future__ import annotations

from collections import Counter
from itertools import product

import pytest

from oncall_tui.domain.emergency import (
    LANGUAGES,
    QUESTIONS,
    Contract,
    Decision,
    Ending,
    Facts,
    NextStep,
    Question,
    Reason,
    Topic,
    against,
    next_step_text,
    rule_on,
)
from oncall_tui.domain.entitlements import Standing
from oncall_tui.translation import spoken, translated

EVERYTHING = Facts(
    standing=Standing.VERIFIED,
    contract=Contract.LINE,
    language="fr",
    infrastructure=True,
    needs_us=True,
    ours=True,
)
"""A call that is accepted."""

YES_NO = (None, True, False)
EVERY = [
    Facts(*facts)
    for facts in product(
        (None, *Ending),
        (None, *Standing),
        (None, *Contract),
        ("", "fr", "en", "de"),
        YES_NO,
        (None, *Topic),
        YES_NO,
        YES_NO,
        (False, True),
    )
]


def stands_against(facts: Facts) -> bool:
    """Say, without the order of the questions, whether an answer disqualifies the call."""
    return (
        facts.ending is not None
        or facts.standing in (Standing.UNVERIFIED, Standing.USER_ONLY)
        or facts.contract is Contract.NOT_ACTIVE
        or facts.language not in ("", *LANGUAGES)
        or False in (facts.infrastructure, facts.needs_us, facts.ours)
        or facts.duplicate
    )


def test_every_combination_has_exactly_one_outcome() -> None:
    assert len(EVERY) == 3 * 4 * 5 * 4 * 3 * 4 * 3 * 3 * 2
    decided = Counter(rule_on(facts).decision for facts in EVERY)
    assert sum(decided.values()) == len(EVERY)
    assert set(decided) == {None, Decision.ACCEPTED, Decision.REFUSED}


def test_no_call_is_accepted_with_an_answer_that_stands_against_it() -> None:
    """R11"""
    for facts in EVERY:
        ruling = rule_on(facts)
        if ruling.decision is Decision.ACCEPTED:
            # The topic says what a call is about that isn't about infrastructure.
            assert facts._replace(topic=None, language="fr") == EVERYTHING
            assert facts.language in LANGUAGES
            assert not stands_against(facts)


def test_what_nothing_stands_against_is_accepted_once_all_is_known() -> None:
    for facts in EVERY:
        ruling = rule_on(facts)
        if ruling.decision is None:
            assert ruling.missing
            assert not stands_against(facts)
        elif ruling.decision is Decision.REFUSED:
            assert stands_against(facts) or facts.contract in (Contract.NO_LINE, Contract.NOT_BEGUN)


def test_a_refusal_has_a_reason_a_rule_both_sentences_and_a_next_step() -> None:
    """R13"""
    for facts in EVERY:
        ruling = rule_on(facts)
        if ruling.decision is not Decision.REFUSED:
            assert ruling.reason is ruling.next_step is None
            continue
        assert ruling.reason is not None
        assert ruling.reason.label
        assert ruling.rule.startswith("R")
        assert ruling.say is not None
        said = spoken(ruling.say)
        assert said.fr
        assert said.en
        assert said.fr != said.en
        assert ruling.next_step is not None
        text = next_step_text(ruling.next_step)
        assert text.text.format(**text.values)


def test_no_refusal_hides_an_outage() -> None:
    """R14"""
    for facts in EVERY:
        ruling = rule_on(facts)
        if facts.infrastructure is True and ruling.decision is not None:
            assert ruling.alert, facts
        if ruling.decision is Decision.REFUSED and facts.infrastructure is not True:
            assert not ruling.alert, facts


def test_who_cant_be_verified_is_offered_to_be_called_back() -> None:
    """R14"""
    for standing in (Standing.UNVERIFIED, Standing.USER_ONLY):
        ruling = rule_on(EVERYTHING._replace(standing=standing))
        assert ruling.reason is Reason.CALLER_NOT_VERIFIED
        assert ruling.next_step is NextStep.CALL_BACK


def test_nobody_is_told_of_a_contract_who_isnt_known_to_speak_for_it() -> None:
    for facts in EVERY:
        if rule_on(facts).reason is Reason.PLAN_WITHOUT_LINE:
            assert facts.standing is Standing.VERIFIED


def test_an_answer_more_never_makes_an_accepted_call_of_a_refused_one() -> None:
    for facts in EVERY:
        if rule_on(facts).decision is Decision.REFUSED and facts.ending is None:
            for name in facts._fields:
                if getattr(facts, name) in (None, "", False) and name not in (
                    "infrastructure",
                    "needs_us",
                    "ours",
                ):
                    more = facts._replace(**{name: getattr(EVERYTHING, name)})
                    assert rule_on(more).decision is not Decision.ACCEPTED


@pytest.mark.parametrize(
    ("changed", "reason", "rule", "next_step"),
    [
        ({"ending": Ending.ABANDONED}, Reason.ABANDONED, "R13", NextStep.CALL_BACK),
        ({"ending": Ending.WRONG_NUMBER}, Reason.WRONG_NUMBER, "R13", NextStep.NOTHING),
        ({"standing": Standing.UNVERIFIED}, Reason.CALLER_NOT_VERIFIED, "R14", NextStep.CALL_BACK),
        ({"standing": Standing.USER_ONLY}, Reason.CALLER_NOT_VERIFIED, "R16", NextStep.CALL_BACK),
        ({"contract": Contract.NOT_ACTIVE}, Reason.NO_ACTIVE_PLAN, "R11", NextStep.OPENING_HOURS),
        ({"contract": Contract.NOT_BEGUN}, Reason.NO_ACTIVE_PLAN, "R11", NextStep.OPENING_HOURS),
        ({"contract": Contract.NO_LINE}, Reason.PLAN_WITHOUT_LINE, "R11", NextStep.TICKET),
        ({"language": "de"}, Reason.OTHER_LANGUAGE, "R11", NextStep.WRITE),
        ({"infrastructure": False}, Reason.NOT_INFRASTRUCTURE, "R11", NextStep.TICKET),
        (
            {"infrastructure": False, "topic": Topic.THIRD_PARTY},
            Reason.NOT_INFRASTRUCTURE,
            "R24",
            NextStep.PARTNER,
        ),
        ({"needs_us": False}, Reason.NO_INTERVENTION_NEEDED, "R11", NextStep.GUIDE),
        ({"ours": False}, Reason.NOT_OUR_SERVICE, "R24", NextStep.PARTNER),
        ({"duplicate": True}, Reason.DUPLICATE, "R13", NextStep.CASE),
    ],
    ids=str,
)
def test_each_reason_of_r13_can_be_had(
    changed: dict[str, object], reason: Reason, rule: str, next_step: NextStep
) -> None:
    ruling = rule_on(EVERYTHING._replace(**changed))  # type: ignore[arg-type]
    assert (ruling.decision, ruling.reason, ruling.rule) == (Decision.REFUSED, reason, rule)
    assert ruling.next_step is next_step


def test_the_first_answer_in_the_order_of_the_questions_gives_the_reason() -> None:
    """R12"""
    facts = EVERYTHING._replace(
        standing=Standing.VERIFIED,
        contract=Contract.NO_LINE,
        language="de",
        infrastructure=False,
        needs_us=False,
        ours=False,
        duplicate=True,
    )
    reasons = []
    mended = {
        Reason.PLAN_WITHOUT_LINE: {"contract": Contract.LINE},
        Reason.OTHER_LANGUAGE: {"language": "en"},
        Reason.NOT_INFRASTRUCTURE: {"infrastructure": True},
        Reason.NO_INTERVENTION_NEEDED: {"needs_us": True},
        Reason.NOT_OUR_SERVICE: {"ours": True},
        Reason.DUPLICATE: {"duplicate": False},
    }
    while (reason := rule_on(facts).reason) is not None:
        reasons.append(reason)
        facts = facts._replace(**mended[reason])  # type: ignore[arg-type]
    assert reasons == list(mended)
    assert rule_on(facts).decision is Decision.ACCEPTED


def test_a_caller_in_another_language_is_refused_before_anything_else_is_asked() -> None:
    ruling = rule_on(Facts(language="de"))
    assert ruling.reason is Reason.OTHER_LANGUAGE


def test_each_question_and_each_reason_is_said_in_french_too() -> None:
    """R11"""
    for text in (
        *QUESTIONS.values(),
        *(reason.label for reason in Reason),
        *(topic.label for topic in Topic),
    ):
        assert translated(text, "fr") != text


def test_each_question_stands_alone() -> None:
    assert against(Question.CODE, Facts(language="de", standing=Standing.UNVERIFIED)) is not None
    assert against(Question.LANGUAGE, Facts(language="fr", standing=Standing.UNVERIFIED)) is None
