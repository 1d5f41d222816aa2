"""Which words of a text were meant, and where they stand."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oncall_tui.domain.folding import fold
from oncall_tui.domain.guides import SNIPPET, asked_words, snippet, spans, words_in

SIGNS = st.sampled_from([*"aàéœsß 0159.-_'’½Ⅷłıŉあ\n", "certificat", "renouvelé", " "])
TEXTS = st.lists(SIGNS, max_size=60).map("".join)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("L'hébergement d'une boîte", ["l", "hébergement", "d", "une", "boîte"]),
        ("E-mail und Wi\u2011Fi", ["e", "mail", "email", "und", "wi", "fi", "wifi"]),
        ("dash-\u2013 mail.example/x_y", ["dash", "mail", "example", "x", "y"]),
        ("", []),
        ("x" * 50, ["x" * 40]),
    ],
)
def test_words_are_split_at_what_is_no_letter(text: str, words: list[str]) -> None:
    assert list(words_in(text)) == words


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Re: the mail queue of the bank", ["mail", "queue", "bank"]),
        ("Comment importer mes anciens mails ?", ["importer", "anciens", "mails"]),
        ("DNS dns x 7 あ", ["dns", "あ"]),
        ("what is this", ["what", "is", "this"]),
        ("?!", []),
    ],
)
def test_little_words_count_where_there_are_no_others(text: str, words: list[str]) -> None:
    assert asked_words(text) == words


def test_words_are_marked_where_they_stand_whatever_folding_makes_of_them() -> None:
    text = "Œuvré, l'œuvre et le certificat: DÉSŒUVRÉ"
    marked = [text[start:end] for start, end in spans(text, ["oeuvr", "certif"])]
    assert marked == ["Œuvré", "œuvre", "certificat"]
    assert list(spans(text, [])) == []


@given(text=TEXTS, word=TEXTS.filter(str.isalnum))
def test_what_is_marked_begins_with_what_was_meant(text: str, word: str) -> None:
    for start, end in spans(text, [fold(word)]):
        assert 0 <= start < end <= len(text)
        assert fold(word)[:1] in fold(text[start:end])


@given(text=TEXTS, word=TEXTS)
def test_a_snippet_is_one_short_line(text: str, word: str) -> None:
    shown = snippet(text, [fold(word)] if word.isalnum() else [])
    assert len(shown) <= SNIPPET
    assert "\n" not in shown


def test_a_snippet_stands_around_the_first_word_that_was_meant() -> None:
    text = "Avant. " * 60 + "\nLe certificat est renouvelé.\n" + "Après. " * 60
    shown = snippet(text, ["renouvel"])
    assert "certificat est renouvelé." in shown
    assert shown.startswith("…")
    assert shown.endswith("…")
    assert snippet(text, ["nowhere"]).startswith("Avant. Avant.")
    assert snippet("short", []) == "short"
