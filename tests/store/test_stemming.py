"""Words by their stems, in French and in English."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oncall_tui.store.stemming import WORDS_LIMIT, asked, indexed, kinds_of, stems


@pytest.mark.parametrize(
    ("one", "other", "language"),
    [
        ("certificats", "certificat", "fr"),
        ("hébergement", "hebergements", "fr"),
        ("renouvelé", "renouvelés", "fr"),
        ("bloquées", "bloqué", "fr"),
        ("messages", "message", "en"),
        ("entries", "entry", "en"),
        ("renewed", "renews", "en"),
    ],
)
def test_forms_of_a_word_share_a_stem(one: str, other: str, language: str) -> None:
    assert not set(stems(one, language)).isdisjoint(stems(other, language))


def test_short_words_and_numbers_are_their_own_stems() -> None:
    assert stems("dns", "fr") == ("dns",)
    assert stems("5501", "en") == ("5501",)
    assert stems("½", "fr") == ()


def test_a_text_of_an_unknown_language_has_the_stems_of_both() -> None:
    assert indexed("certificate", ["fr"]) != indexed("certificate", ["en"])
    assert set(indexed("certificate").split()) == {
        *indexed("certificate", ["fr"]).split(),
        *indexed("certificate", ["en"]).split(),
    }
    assert indexed("certificate", ["de"]) == indexed("certificate")


def test_no_more_words_are_looked_for_than_a_query_takes() -> None:
    assert len(asked(" ".join(f"word{number}" for number in range(50)))) == WORDS_LIMIT


def test_subjects_are_alike_by_their_words_without_numbers_and_little_ones() -> None:
    assert kinds_of("Re: [T-000123] Certificats expirés") == kinds_of("certificat expiré")
    assert kinds_of("42") == frozenset()


@given(st.text(max_size=40))
def test_what_is_looked_for_is_letters_and_digits_and_found_in_its_own_text(text: str) -> None:
    there = set(indexed(text).split())
    for each in asked(text):
        assert all(form.isalnum() for form in (each.word, *each.stems))
        assert any(word.startswith(each.word) for word in there)


def test_threads_share_the_stemmers() -> None:
    words = [f"renouvellements{chr(97 + number % 26)}ement" for number in range(500)]
    with ThreadPoolExecutor(8) as pool:
        together = list(pool.map(lambda word: stems(word, "fr"), words))
    stems.cache_clear()
    assert together == [stems(word, "fr") for word in words]
