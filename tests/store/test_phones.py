"""However a number is written, it is one number."""

from __future__ import annotations

import pytest
from hostile import HOSTILE
from hypothesis import given
from hypothesis import strategies as st

from oncall_tui.store.phones import e164


@pytest.mark.parametrize(
    "text",
    [
        "022 555 01 40",
        "0225550140",
        "022/555.01.40",
        "0041 22 555 01 40",
        "0041225550140",
        "+41 22 555 01 40",
        "+41 (0)22 555 01 40",
        "(+41) 22-555-01-40",
        "tel:+41225550140",
        "tel:+41-22-555-01-40",
        "\uff10\uff12\uff12 \uff15\uff15\uff15 \uff10\uff11 \uff14\uff10",
        "\uff0b\uff14\uff11 22 555 01 40",
        "022\u00a0555\u00a001\u00a040",
        "022 555 01 40 ext. 12",
        "+41 22 555 01 40 x12",
        "Office: 022 555 01 40",
    ],
)
def test_the_notations_of_one_number_agree(text: str) -> None:
    assert e164(text, "CH") == "+41225550140"


@pytest.mark.parametrize(
    ("text", "region", "number"),
    [
        ("01 23 45 67 89", "FR", "+33123456789"),
        ("+33 1 23 45 67 89", "CH", "+33123456789"),
        ("(212) 555-0100", "US", "+12125550100"),
        ("+39 06 1234 5678", "CH", "+390612345678"),
    ],
)
def test_a_number_without_a_country_belongs_to_the_region(text: str, region: str, number: str) -> None:
    assert e164(text, region) == number


@pytest.mark.parametrize("text", ["", "112", "555", "no number", "T-000042", "0" * 40, "+", "1" * 5_000, "٣"])
def test_what_is_no_number_is_none(text: str) -> None:
    assert e164(text, "CH") == ""


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_hostile_text_is_a_number_or_none(text: str) -> None:
    for hostile in (text, f"{text}022 555 01 40{text}"):
        number = e164(hostile, "CH")
        assert number == "" or (number[0] == "+" and number[1:].isdigit() and number.isascii())


@given(st.text() | st.text("0123456789+()-./ ext;=tel:", max_size=40))
def test_any_text_is_a_number_or_none(text: str) -> None:
    number = e164(text, "CH")
    assert number == "" or (number[0] == "+" and number[1:].isdigit() and number.isascii())


@given(st.integers(210_000_000, 799_999_999), st.lists(st.sampled_from(["", " ", "-", ".", "/", "\u00a0"])))
def test_separators_say_nothing(national: int, separators: list[str]) -> None:
    digits = str(national)
    parted = "".join(
        digit + (separators[at] if at < len(separators) and at < len(digits) - 1 else "")
        for at, digit in enumerate(digits)
    )
    assert e164(f"0{parted}", "CH") == e164(f"+41 {parted}", "CH") == e164(f"+41{national}", "CH")
