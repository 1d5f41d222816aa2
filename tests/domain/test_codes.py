"""Codes as they are heard: what counts as digits, what is misheard, what is no code at all (R16, R17)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support import NOW

from oncall_tui.config import load_settings
from oncall_tui.domain.codes import (
    Code,
    CodeKind,
    CodeRules,
    Outcome,
    Verdict,
    damm,
    grouped,
    heard,
    new_code,
)
from oncall_tui.domain.errors import BadSettings
from oncall_tui.domain.phrases import advice, headline
from oncall_tui.translation import spoken

RULES = CodeRules()
CHECKED = CodeRules(check_digit=True)
ZONE = load_settings(None, {}).offer.zone
DIGITS = st.text("0123456789", min_size=1, max_size=30)
SEPARATORS = st.sampled_from([" ", ".", "-", "\u00a0", "\u202f", "–", "—", "\u2011", "_", "\t", "\u200b", ""])
SCRIPTS = st.sampled_from(["0", "٠", "۰", "०", "０", "𝟎"])


@given(st.text("0123456789", min_size=6, max_size=12), st.data())
def test_separators_and_scripts_make_no_difference(digits: str, data: st.DataObject) -> None:
    zero = ord(data.draw(SCRIPTS))
    typed = "".join(data.draw(SEPARATORS) + chr(zero + int(digit)) for digit in digits)
    assert heard(typed, RULES) == (digits, None)


@given(st.text(max_size=300))
def test_anything_can_be_typed(typed: str) -> None:
    digits, unclear = heard(typed, RULES)
    if unclear is None:
        assert digits.isascii()
        assert digits.isdigit()
        assert 6 <= len(digits) <= 12
    else:
        assert (digits, unclear) in {("", Outcome.MISHEARD), ("", Outcome.TRANSFER_CODE)}


@pytest.mark.parametrize(
    ("typed", "outcome"),
    [
        ("12345", Outcome.MISHEARD),
        ("1234567890123", Outcome.MISHEARD),
        ("", Outcome.MISHEARD),
        ("40718265O", Outcome.TRANSFER_CODE),
        ("Xk7-pQ2z!", Outcome.TRANSFER_CODE),
        ("a1b2c3d4e5f6a7b8", Outcome.TRANSFER_CODE),
        ("bonjour", Outcome.MISHEARD),
        ("[/foo]", Outcome.MISHEARD),
        ("\x1b]52;c;4\x07", Outcome.MISHEARD),
        ("a1" * 17, Outcome.MISHEARD),
        ("407182659" + " " * 300, Outcome.MISHEARD),
        ("½²③④⑤⑥⑦", Outcome.MISHEARD),
    ],
)
def test_what_is_no_code(typed: str, outcome: Outcome) -> None:
    assert heard(typed, RULES).unclear is outcome


def test_the_settings_choose_the_length() -> None:
    assert heard("1234", CodeRules(shortest=4, length=4)) == ("1234", None)
    assert heard("12345", CodeRules(longest=8, shortest=6, length=6)).unclear is Outcome.MISHEARD


def test_the_check_digit_is_the_one_that_damm_gives() -> None:
    # The example of H. M. Damm's dissertation, 2004.
    assert damm("572") == 4
    assert damm("5724") == 0


@given(DIGITS)
def test_a_number_with_its_check_digit_checks(digits: str) -> None:
    assert damm(digits + str(damm(digits))) == 0


@given(DIGITS, st.data())
def test_every_wrong_digit_and_every_swap_is_found(digits: str, data: st.DataObject) -> None:
    right = digits + str(damm(digits))
    place = data.draw(st.integers(0, len(right) - 1))
    other = data.draw(st.sampled_from([digit for digit in "0123456789" if digit != right[place]]))
    assert damm(right[:place] + other + right[place + 1 :]) != 0
    place = data.draw(st.integers(0, len(right) - 2))
    left, after = right[place], right[place + 1]
    if left != after:
        assert damm(right[:place] + after + left + right[place + 2 :]) != 0


@given(st.integers(0, 10**18), st.booleans(), st.integers(6, 12))
def test_a_fresh_code_is_one(drawn: int, check_digit: bool, length: int) -> None:
    rules = CodeRules(check_digit=check_digit, length=length)
    code = new_code(rules, lambda below: drawn % below)
    assert len(code) == length
    assert heard(code, rules) == (code, None)


def test_a_misheard_digit_is_no_guess() -> None:
    assert heard("5724", CodeRules(shortest=4, length=4, check_digit=True)) == ("5724", None)
    assert heard("407182658", CHECKED).unclear is Outcome.MISHEARD


def test_digits_stand_in_groups_of_three() -> None:
    assert [grouped(digits) for digits in ("", "4", "4071", "407182659")] == ["", "4", "407 1", "407 182 659"]


def test_a_code_shows_itself_nowhere_by_itself() -> None:
    code = Code("407182659")
    assert "407" not in f"{code!r} {code} {[code]} {Code}"
    assert code == Code("407182659")


@pytest.mark.parametrize(
    ("rules", "key"),
    [({"shortest": 9, "longest": 8}, "codes.shortest"), ({"length": 13}, "codes.length")],
)
def test_lengths_that_contradict_one_another_are_refused(rules: dict[str, int], key: str) -> None:
    with pytest.raises(BadSettings, match=key):
        CodeRules(**rules)  # type: ignore[arg-type]


@pytest.mark.parametrize("kind", [None, *CodeKind])
@pytest.mark.parametrize("outcome", Outcome)
def test_every_verdict_has_its_word_and_something_to_say_in_both_languages(
    outcome: Outcome, kind: CodeKind | None
) -> None:
    for unverified in (False, True):
        for until in (None, NOW):
            verdict = Verdict(outcome, NOW, kind=kind, unverified=unverified, wait_until=until)
            told = advice(verdict, ZONE)
            said = spoken(told.say)
            assert said.fr != said.en
            assert told.next_step.text
            assert headline(verdict, ZONE).startswith(outcome.name.replace("_", " "))


def test_who_waits_is_told_until_when_and_offered_to_be_called_back() -> None:
    """R14, R18"""
    told = spoken(advice(Verdict(Outcome.WAIT, NOW, wait_until=NOW), ZONE).say)
    assert "03 h 13" in told.fr, "it is 03:12:44: at 03:12 a code wouldn't be looked at yet"
    assert "03:13" in told.en
    on_the_minute = NOW.replace(second=0)
    assert "03:12" in spoken(advice(Verdict(Outcome.WAIT, NOW, wait_until=on_the_minute), ZONE).say).en
    assert "rappeler" in told.fr
    assert "call you back on the number that we have on file" in told.en
