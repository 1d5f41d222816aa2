"""Looking for text finds it however it was typed."""

from __future__ import annotations

import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sample import ticket

from oncall_tui.domain.folding import fold, searchable, searchable_customer

texts = st.text(st.one_of(st.characters(exclude_categories=["Cs"]), st.sampled_from("ßŒÉé\u0301İıΣς'’—-")))


@pytest.mark.parametrize(
    ("typed", "written"),
    [
        ("leman", "Banque du Léman"),
        ("LEMAN", "Banque du Le\u0301man"),
        ("strasse", "Straße"),
        ("straße", "STRASSE"),
        ("kubler", "Atelier Kübler"),
        ("jardin d'ete", "Jardin d’Été"),
        ("oeuvre", "Œuvre"),
        ("lodz", "Łódź"),
        ("sorensen", "Sørensen"),
        ("istanbul", "İstanbul"),
        ("σισυφος", "ΣΊΣΥΦΟΣ"),
        ("москва", "МОСКВА"),
        ("06-19", "06–19"),
        ("fin", "ﬁn"),
    ],
)
def test_case_accents_and_finesse_make_no_difference(typed: str, written: str) -> None:
    assert fold(typed) in fold(written)


def test_different_letters_stay_different() -> None:
    assert fold("Müller") != fold("Moller")
    assert fold("が") != fold("き")


def test_every_character_is_folded_for_good_and_adds_no_line() -> None:
    for code in range(sys.maxunicode + 1):
        folded = fold(chr(code))
        assert fold(folded) == folded
        assert ("\n" in folded) == (chr(code) == "\n")


@given(texts, texts, texts)
def test_a_part_is_still_a_part_when_both_are_folded(before: str, part: str, after: str) -> None:
    assert fold(before + part + after) == fold(before) + fold(part) + fold(after)


def test_what_is_looked_in_has_a_line_for_each_text() -> None:
    asked = ticket(owner="Léa", contact="A. Rochat")
    assert searchable(asked) == "t-000001\ncluster unreachable\na. rochat\nlea"
    assert searchable_customer("LEMAN", "Banque du Léman") == "leman\nbanque du leman"
