"""The filter of the log is read as it is typed."""

from __future__ import annotations

from datetime import date, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support import NOW

from oncall_tui.domain.call_filters import (
    CallFilter,
    DayIn,
    DecisionIn,
    EngineerIs,
    LanguageIs,
    Organisation,
    ReasonIn,
    Seen,
    Term,
    day_of,
)
from oncall_tui.domain.call_log import LogLine
from oncall_tui.domain.calls import Answers, Call, Origin
from oncall_tui.domain.emergency import Decision, Reason
from oncall_tui.domain.errors import BadInput
from oncall_tui.domain.filters import TERMS_LIMIT, TEXT_LIMIT

ZURICH = ZoneInfo("Europe/Zurich")


def conditions(text: str) -> list[object]:
    return [term.condition for term in CallFilter.parse(text).terms]


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("language:fr", LanguageIs(("fr",))),
        ("Language:FR,en", LanguageIs(("fr", "en"))),
        ("decision:refused", DecisionIn((Decision.REFUSED,))),
        ("decision:acc,miss", DecisionIn((Decision.ACCEPTED, Decision.MISSED))),
        ("reason:other", ReasonIn((Reason.OTHER_LANGUAGE,))),
        ("reason:not-inf", ReasonIn((Reason.NOT_INFRASTRUCTURE,))),
        ("reason:not", ReasonIn((Reason.NOT_INFRASTRUCTURE, Reason.NOT_OUR_SERVICE))),
        ('reason:"plan without"', ReasonIn((Reason.PLAN_WITHOUT_LINE,))),
        ("engineer:Léa", EngineerIs(me=False, none=False, parts=("lea",))),
        ("engineer:me,none", EngineerIs(me=True, none=True, parts=())),
        ('engineer:"me"', EngineerIs(me=False, none=False, parts=("me",))),
        ("day:2026-11-26", DayIn((date(2026, 11, 26),))),
        ("day:today,yest", DayIn((0, -1))),
        ("Banque Léman", Organisation("banque leman")),
        ("+41 22 555 01 40", Organisation("+41 22 555 01 40")),
    ],
)
def test_each_kind_of_term_is_understood(text: str, meant: object) -> None:
    assert conditions(text) == [meant]


def test_all_words_together_mean_one_organisation_wherever_they_stand() -> None:
    assert conditions('banque language:fr "du léman"') == [
        LanguageIs(("fr",)),
        Organisation("banque du leman"),
    ]


def test_an_exclamation_mark_turns_a_term_round() -> None:
    assert CallFilter.parse("!leman !decision:missed").terms == (
        Term(Organisation("leman"), wanted=False),
        Term(DecisionIn((Decision.MISSED,)), wanted=False),
    )


@pytest.mark.parametrize("text", ["", "  ", "language:", "reason:,", '""', "day:", "!", 'engineer:"'])
def test_what_is_still_being_typed_asks_for_nothing(text: str) -> None:
    assert not [each for each in conditions(text) if each != Organisation("!")]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (
            "decision:perhaps",
            "decision:perhaps fits no decision of a call; allowed: accepted, refused, missed",
        ),
        ("day:2026-02-30", "day:2026-02-30 is no day; write day:2026-11-26, day:today or day:yesterday"),
        ("day:0001-01-01", "day:0001-01-01 is no day; write day:2026-11-26, day:today or day:yesterday"),
        ("x" * (TEXT_LIMIT + 1), "a filter has at most 200 characters; fewer words find more"),
        ("!a " * (TERMS_LIMIT + 1), "a filter has at most 20 terms; fewer words find more"),
    ],
)
def test_what_cant_be_meant_is_refused_in_one_line(text: str, says: str) -> None:
    with pytest.raises(BadInput) as refused:
        CallFilter.parse(text)
    assert f"{refused.value}; {refused.value.hint}" == says


def test_an_unknown_reason_names_those_that_there_are() -> None:
    with pytest.raises(BadInput) as refused:
        CallFilter.parse("reason:tired")
    assert refused.value.hint == "allowed: " + ", ".join(Reason)


@given(st.text(max_size=60))
def test_whatever_is_typed_is_a_filter_or_refused_and_reads_the_same_again(text: str) -> None:
    try:
        found = CallFilter.parse(text)
    except BadInput:
        return
    assert CallFilter.parse(found.text).terms == found.terms


@given(
    st.sets(st.sampled_from(["fr", "en", "de", "", "portuguese"])),
    st.sampled_from(["fr", "p", "none", "other"]),
)
def test_a_language_is_meant_whatever_other_languages_there_are(there: set[str], name: str) -> None:
    meant = LanguageIs((name,))
    assert set(meant.among(there)) == {each for each in there if meant.among([each])}


@given(st.dates(date(1990, 1, 1), date(2100, 1, 1)))
def test_days_of_the_provider_follow_one_another_without_a_gap(day: date) -> None:
    begins, ends = day_of(day, ZURICH)
    assert ends == day_of(day + timedelta(days=1), ZURICH)[0]
    assert begins.astimezone(ZURICH).date() == day
    assert (ends - timedelta(microseconds=1)).astimezone(ZURICH).date() == day
    assert ends - begins in (timedelta(hours=23), timedelta(hours=24), timedelta(hours=25))


def test_an_open_call_fits_by_what_is_known_of_it_so_far() -> None:
    call = Call(1, "C-000001", "", Origin.TELEPHONE, "+41", "", NOW, operator="Léa")
    line = LogLine(call, answers=Answers(customer="leman", language="fr"))
    asked = Organisation("leman")
    seen = Seen("Léa", ZURICH, NOW.astimezone(ZURICH).date(), {asked: {"leman"}})

    def fits(text: str) -> bool:
        return CallFilter.parse(text).matches(line, seen)

    assert all(map(fits, ("", "leman", "language:fr", "engineer:me", "day:today", "!decision:refused")))
    assert not any(map(fits, ("moret", "language:en", "engineer:marc", "day:yesterday", "decision:missed")))
