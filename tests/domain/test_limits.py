"""The arithmetic of the limits (R17, R18)."""

from __future__ import annotations

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st
from support import NOW

from oncall_tui.domain.codes import CodeRules, Outcome
from oncall_tui.domain.limits import (
    Counts,
    asked_again_too_often,
    attempts_left,
    call_is_over,
    counted_from,
    next_wait,
)

RULES = CodeRules()
NUMBERS = st.integers(0, 10)


@given(NUMBERS, NUMBERS, NUMBERS, NUMBERS)
def test_what_is_left_is_the_smallest_rest(misses: int, revoked: int, caller: int, customer: int) -> None:
    counts = Counts(
        {Outcome.NO_MATCH: misses, Outcome.REVOKED: revoked, Outcome.MATCH: 9, Outcome.MISHEARD: 9},
        {"caller": caller, "customer": customer},
    )
    left = attempts_left(RULES, counts, in_a_call=True)
    assert left == max(min(3 - misses - revoked, 5 - caller, 5 - customer), 0)
    assert call_is_over(RULES, counts) is (misses + revoked >= 3)
    assert attempts_left(RULES, counts, in_a_call=False) == max(min(5 - caller, 5 - customer), 0)


def test_five_unclear_codes_are_asked_again_and_the_next_counts() -> None:
    for unclear, too_often in ((4, False), (5, True)):
        counts = Counts({Outcome.MISHEARD: unclear - 1, Outcome.TRANSFER_CODE: 1}, {})
        assert asked_again_too_often(RULES, counts) is too_often


def test_the_pauses_grow_to_an_hour_and_stay_there() -> None:
    minutes = [next_wait(RULES, so_far) / timedelta(minutes=1) for so_far in range(5)]
    assert minutes == [15, 30, 60, 60, 60]


def test_a_pause_begins_the_count_anew() -> None:
    quarter = timedelta(minutes=15)
    assert counted_from(RULES, NOW, None) == NOW - quarter
    assert counted_from(RULES, NOW, NOW - timedelta(hours=2)) == NOW - quarter
    assert counted_from(RULES, NOW, NOW - timedelta(minutes=1)) == NOW - timedelta(minutes=1)
