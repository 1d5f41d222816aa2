from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oncall_tui.domain.languages import LANGUAGE_NAMES, language_name, language_named
from oncall_tui.translation import translated


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("fr", "fr"),
        (" FR ", "fr"),
        ("Français", "fr"),
        ("fr-CH", "fr"),
        ("en_GB", "en"),
        ("English", "en"),
        ("Deutsch", "de"),
        ("fra", "fr"),
        ("fre-CA", "fr"),
        ("ENG", "en"),
        ("deu", "de"),
        ("francese", "fr"),
        ("gsw", "gsw"),
        ("Suaheli", "Suaheli"),
        ("", ""),
    ],
)
def test_a_language_is_named_by_its_letters_or_by_what_it_is_called(text: str, language: str) -> None:
    assert language_named(text) == language


@given(st.text())
def test_what_a_language_is_named_by_names_it_again(text: str) -> None:
    assert language_named(language_named(text)) == language_named(text)


def test_each_that_is_known_has_a_name_in_both_languages() -> None:
    for letters, name in LANGUAGE_NAMES.items():
        assert language_name(letters) == name
        assert translated(name, "fr") != name
