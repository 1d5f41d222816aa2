"""Letters in HTML, as somebody reads them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oncall_tui.sources.html_text import HTML_LIMIT, html_text


def test_a_letter_reads_as_it_was_meant() -> None:
    letter = (
        "<html><head><title>Mail</title><style>p { color: red }</style></head><body>"
        "<div style='display:none'>Preview of the news</div>"
        "<p>Good&nbsp;morning,</p><p>our mail<br>is <b>down</b>.</p><ul><li>since 3<li>in Geneva</ul>"
        "<table><tr><td>Host</td><td>mx1</td></tr><tr><td>Queue</td><td>4200</td></tr></table>"
        "<script>alert(1)</script>Léa &amp; Noé</body></html>"
    )
    assert html_text(letter).splitlines() == [
        "Good morning,",
        "",
        "our mail",
        "is down.",
        "",
        "  * since 3",
        "  * in Geneva",
        "Host mx1",
        "Queue 4200",
        "Léa & Noé",
    ]


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("", ""),
        ("<!-- nothing to see -->", ""),
        ("<!--", ""),
        ("a < b and b > c", "a < b and b > c"),
        ("\0<p>x", "x"),
        ("\ud800<p>x", "?\n\nx"),
        # What it says of its encoding was true before it was decoded.
        ("<?xml version='1.0' encoding='utf-16'?><p>é", "é"),
        ("<meta charset='windows-1252'><p>é", "é"),
        ("<p style='margin:1e999em'>x", "x"),
        ("<p style='margin-top:9999999em'>x</p>y", "x\n\ny"),
        ("<div style='padding-left:9999999em'>x", "x"),
    ],
)
def test_what_comes_out_of_odd_letters(html: str, text: str) -> None:
    assert html_text(html) == text


@pytest.mark.parametrize("depth", [200, 800, 5_000, 100_000])
def test_nothing_is_lost_of_a_long_thread(depth: int) -> None:
    assert html_text(f"<p>newest</p>{'<div>' * depth}oldest").split() == ["newest", "oldest"]


def test_more_than_anybody_reads_is_left_out() -> None:
    assert len(html_text("a" * (HTML_LIMIT + 1))) == HTML_LIMIT


@given(st.text(st.characters(exclude_categories=()), max_size=300))
def test_it_raises_nothing(html: str) -> None:
    html_text(html)


@given(
    st.lists(st.sampled_from(["<p>", "<div>", "<table>", "<td>", "</table>", "<style>", "<!--", "w ", "&"]))
)
def test_lines_end_without_blanks_and_never_two_are_empty(pieces: list[str]) -> None:
    text = html_text("".join(pieces))
    assert all(line == line.rstrip() for line in text.split("\n"))
    assert "\n\n\n" not in text
