from __future__ import annotations

import pytest

from oncall_tui.domain.numbers import same_number


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("+41 22 555 01 40", "022 555 01 40"),
        ("0041225550140", "+41 22 555 01 40"),
        ("+45 12 34 56 78", "12345678"),
        ("140", "140"),
    ],
)
def test_a_number_is_the_same_in_every_notation(one: str, other: str) -> None:
    assert same_number(one, other)
    assert same_number(other, one)


@pytest.mark.parametrize(
    ("one", "other"),
    [("+41 22 555 01 40", "+41 22 555 01 41"), ("", ""), ("", "+41 22 555 01 40"), ("40", "140")],
)
def test_other_numbers_and_none_at_all_are_not(one: str, other: str) -> None:
    assert not same_number(one, other)
