"""In which language the technical document is, and that nothing shows the code on it."""

from __future__ import annotations

import pytest
from printed import sample

from oncall_tui.domain.technical_document import document_language


@pytest.mark.parametrize(
    ("spoken", "printed"),
    [
        ("fr", "fr"),
        ("French", "fr"),
        ("de-CH", "de"),
        ("Italiano", "it"),
        ("EN_GB", "en"),
        ("pt", "en"),
        ("", "en"),
        ("Klingon", "en"),
    ],
)
def test_the_language_of_the_page(spoken: str, printed: str) -> None:
    """R25"""
    assert document_language(spoken) == printed


def test_no_trace_shows_the_code() -> None:
    """R19"""
    assert "407" not in repr(sample())


def test_the_number_on_it_is_that_of_the_line_where_the_plan_has_it() -> None:
    assert sample().phone == "+41 22 555 01 99"
    assert sample(line=False).phone == "+41 22 555 01 00"
