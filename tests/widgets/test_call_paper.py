"""A call in lines: nothing is wider than the screen, the cursor and the decision are always in sight."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hostile import HOSTILE
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.style import Style
from support import CUSTOMERS, NOW

from oncall_tui.config import load_settings
from oncall_tui.domain.calls import Answers, Call, CallStep, Origin, Step, Triage
from oncall_tui.domain.emergency import Question, rule_on
from oncall_tui.domain.text import clean
from oncall_tui.domain.triage import ROWS, Row
from oncall_tui.translation import use
from oncall_tui.widgets.call_paper import call_lines
from oncall_tui.widgets.call_view import CallView, Offer, Unstored
from oncall_tui.widgets.call_words import words_of

PLANS = load_settings(None, {}).offer.plans
CALL = Call(1, "C-000001", "", Origin.HAND, "", "", NOW, "Léa", NOW)
LEMAN = replace(CUSTOMERS[0], language="en", services=("Public cloud", "Mail"))
PROVEN = {"customer": "leman", "name": LEMAN.name, "proof": "code", "kind": "vip"}
DONE = (
    (Step.CODE, PROVEN),
    (Step.LANGUAGE, {"language": "fr"}),
    (Step.INFRASTRUCTURE, {"answer": "yes"}),
    (Step.NEEDS_US, {"answer": "yes"}),
    (Step.SERVICE, {"answer": "yes", "service": "Mail"}),
)
REFUSED = (
    (Step.CODE, {"unverified": "yes"}),
    (Step.LANGUAGE, {"language": "de"}),
    (Step.CODE, {**PROVEN, "kind": "support"}),
    (Step.WHO, {"stranger": "yes"}),
    (Step.INFRASTRUCTURE, {"answer": "no", "topic": "third_party"}),
    (Step.NEEDS_US, {"answer": "no"}),
    (Step.SERVICE, {"answer": "no", "service": "Shop"}),
    (Step.ENDING, {"ending": "wrong_number"}),
)


def ink(_name: str) -> Style:
    return Style.null()


def view(*told: tuple[Step, Mapping[str, str]], row: Row = Row.WHO, **more: Any) -> CallView:
    steps = [CallStep(NOW, "Léa", *each) for each in told]
    answers = Answers.of(steps)
    customer = LEMAN if answers.customer == "leman" else None
    facts = answers.facts(customer, PLANS, NOW.date())
    call = Triage(CALL, steps, answers, facts, rule_on(facts), customer)
    return CallView(call, row, NOW, ZoneInfo("Europe/Zurich"), PLANS, lambda each: each[:1], **more)


def shown(of: CallView, width: int = 80, height: int = 20) -> list[str]:
    return [line.plain.rstrip() for line in call_lines(of, width, height, ink)]


@pytest.fixture(params=["en", "fr"])
def language(request: pytest.FixtureRequest) -> Iterator[str]:
    use(request.param)
    yield request.param
    use("en")


@pytest.mark.parametrize("told", [DONE, *((each,) for each in REFUSED)])
@pytest.mark.parametrize("size", [(60, 15), (80, 19), (120, 35)])
def test_all_of_it_is_in_sight_at_the_usual_sizes(
    language: str, told: tuple[Any, ...], size: tuple[int, int]
) -> None:
    choices = [Offer("C", "call back on file"), Offer("A", "second engineer")]
    for row in ROWS:
        lines = shown(view(*told, row=row, choices=choices), *size)
        assert len(lines) <= size[1]
        assert sum(line.startswith("▌") for line in lines) == 1


@given(
    st.lists(st.sampled_from([*DONE, *REFUSED]), max_size=8),
    st.sampled_from(ROWS),
    st.integers(20, 200),
    st.integers(1, 60),
)
def test_no_line_is_wider_than_the_screen_and_the_cursor_is_there(
    told: list[Any], row: Row, width: int, height: int
) -> None:
    lines = call_lines(view(*told, row=row), width, height, ink)
    assert all(line.cell_len <= width for line in lines)
    assert any(line.plain.startswith("▌") for line in lines[:8])


@pytest.mark.parametrize("name", HOSTILE)
def test_foreign_text_is_drawn_as_text(name: str) -> None:
    summary = clean(HOSTILE[name], limit=300)
    lines = call_lines(view((Step.SUMMARY, {"summary": summary}), row=Row.WHO), 60, 15, ink)
    assert all(
        cell_len(line.plain) <= 60 and line.plain.replace("\u00a0", " ").isprintable() for line in lines
    )


def test_the_callers_language_stands_first() -> None:
    assert any(line.startswith(' Say  "Would') for line in shown(view((Step.CODE, PROVEN), row=Row.LANGUAGE)))
    french = view((Step.CODE, PROVEN), (Step.LANGUAGE, {"language": "fr"}), row=Row.INFRASTRUCTURE)
    assert any(line.startswith(" Say  «") for line in shown(french))


def test_one_below_the_other_where_there_is_little_room() -> None:
    lines = shown(view(row=Row.LANGUAGE), 60, 15)
    said = [line for line in lines if "«" in line or '"' in line]
    assert not any("«" in line and '"' in line for line in said)


def test_where_it_doesnt_fit_the_decision_comes_before_the_other_language() -> None:
    lines = shown(view((Step.CODE, {**PROVEN, "kind": "support"})), 60, 9)
    decided = next(at for at, line in enumerate(lines) if line.startswith(" So far"))
    other = next(at for at, line in enumerate(lines) if "«" in line)
    assert decided < other


def test_questions_are_asked_until_it_is_decided() -> None:
    for question in Question:
        said = words_of(view(row=Row(question.value)))
        assert said.fr != said.en
        assert said.en.endswith(("?", ".", "document."))
    assert words_of(view(*DONE)).en.startswith("Thank you, that is an emergency")
    assert words_of(view(REFUSED[1])).en.startswith("On this line we speak French and English only")


def test_an_answer_that_isnt_stored_says_so_and_counts_for_nothing() -> None:
    typed = Unstored(Row.LANGUAGE, Answers(language="de"), "night.db is locked")
    lines = shown(view((Step.CODE, PROVEN), unstored=typed))
    assert any("4 Language" in line and "German" in line and "! NOT STORED" in line for line in lines)
    assert any(line.startswith(" NOT STORED: night.db is locked") for line in lines)
    assert any(line.startswith(" So far: nothing against it") for line in lines)


def test_how_an_answer_stands_is_said_without_colour() -> None:
    lines = shown(view((Step.CODE, PROVEN), (Step.LANGUAGE, {"language": "de"})))
    assert any(line.endswith("= ok  R17") for line in lines)
    assert any("German" in line and line.endswith("× no  R11") for line in lines)
    assert any(line.startswith(" 7 Service") and line.endswith("–") for line in lines)
