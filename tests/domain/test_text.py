"""What may come through the door for foreign text, and what it looks like afterwards."""

from __future__ import annotations

import unicodedata

import pytest
from hostile import HOSTILE
from hypothesis import given
from hypothesis import strategies as st

from oncall_tui.domain.text import (
    _UNUSUAL,
    ELLIPSIS,
    LINE_SIGN,
    MARKS_LIMIT,
    TAB_SIGN,
    UNSHOWN,
    clean,
    clean_body,
    is_mark,
)

ACTING = {"Cc", "Cf", "Cn", "Co", "Cs", "Zl", "Zp"}
LIMIT = 300

nasty = st.sampled_from(
    "\n\r\t\x0b\x85\u2028 \x00\x1b\x9b\u200d\u202e\ufe0f\u00ad\u034f\ud800\ue000"
    "=\u0301\u0302\u0308\u0338\u0345\u3099\u302e\u0f71\u0f72\u0f80\u09c7\u09be"
    "\u1100\u1161\u11a8\U0001f1e6\U0001f3fb\u212b\u1e9b\ufb1d"
)
foreign = st.text(st.one_of(st.characters(exclude_categories=()), nasty), max_size=60)


def assert_harmless(text: str, *, newlines: bool) -> None:
    """Nothing in `text` acts on a terminal, reorders a line or can't be written as UTF-8."""
    text.encode()
    assert unicodedata.is_normalized("NFC", text)
    acting = {hex(ord(c)) for c in text if unicodedata.category(c) in ACTING and not (newlines and c == "\n")}
    assert not acting


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_text_becomes_one_harmless_line(name: str) -> None:
    line = clean(HOSTILE[name], limit=LIMIT)
    assert_harmless(line, newlines=False)
    assert len(line) <= LIMIT
    assert clean(line, limit=LIMIT) == line


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_text_becomes_a_harmless_body(name: str) -> None:
    body = clean_body(HOSTILE[name])
    assert_harmless(body, newlines=True)
    assert clean_body(body) == body


@given(foreign, st.integers(1, 70))
def test_any_text_becomes_one_harmless_line_and_stays_it(text: str, limit: int) -> None:
    line = clean(text, limit=limit)
    assert_harmless(line, newlines=False)
    assert len(line) <= limit
    assert clean(line, limit=limit) == line
    assert line == line.strip()
    assert not line or not is_mark(line[0])


@given(foreign, st.integers(1, 70))
def test_any_text_becomes_a_harmless_body_and_stays_it(text: str, limit: int) -> None:
    body = clean_body(text, limit=limit)
    assert_harmless(body, newlines=True)
    assert len(body) <= limit
    assert clean_body(body, limit=limit) == body
    assert not any(line and is_mark(line[0]) for line in body.split("\n"))


@given(st.text(st.characters(min_codepoint=0x20, max_codepoint=0x7E), max_size=LIMIT))
def test_printable_ascii_stays_but_for_the_ends(text: str) -> None:
    assert clean(text, limit=LIMIT) == text.strip()


def test_every_character_that_is_let_through_unseen_is_safe_alone_and_in_company() -> None:
    plain = [chr(code) for code in range(0x110000) if not _UNUSUAL.match(chr(code))]
    assert len(plain) > 30_000
    for character in plain:
        assert unicodedata.category(character) not in ACTING, hex(ord(character))
        assert not is_mark(character), hex(ord(character))
    text = "".join(plain)
    assert unicodedata.normalize("NFC", text) == text
    assert unicodedata.normalize("NFC", text[::-1]) == text[::-1]


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("escape colour", f"{UNSHOWN}[31mred{UNSHOWN}[0m"),
        ("osc 52 clipboard", f"{UNSHOWN}]52;c;cm0gLXJmIH4={UNSHOWN}"),
        ("csi in 8 bits", f"a{UNSHOWN}31mb"),
        ("nul", f"a{UNSHOWN}b"),
        ("bell", UNSHOWN),
        ("carriage return", f"real subject{LINE_SIGN}fake"),
        ("crlf", f"one{LINE_SIGN}two{LINE_SIGN}three"),
        ("tab", f"one{TAB_SIGN}two"),
        ("markup close", "[/foo]"),
        ("markup action", "[@click=app.quit]x[/]"),
        ("bidi override", f"invoice{UNSHOWN}fdp.exe"),
        ("zero width space", f"pay{UNSHOWN}pal"),
        ("line separator", LINE_SIGN.join(["one", "two", "three", "four"])),
        ("lone surrogates", f"a{UNSHOWN}b{UNSHOWN}c"),
        ("private use", UNSHOWN),
        ("hangul filler", UNSHOWN),
        ("combining at the start", "\u25cc\u0301\u0308abc"),
        ("not nfc", "L\u00e9man"),
        ("soft hyphen", "Donaudampfschiff"),
        ("korean jamo", "\ud55c\uad6d"),
        ("emoji family", "\U0001f468\U0001f469\U0001f467\U0001f466"),
        ("variation selectors", "\u2764 \u2601"),
        ("blank", ""),
    ],
)
def test_what_a_line_shows(name: str, shown: str) -> None:
    assert clean(HOSTILE[name], limit=LIMIT) == shown


@pytest.mark.parametrize(
    "name", ["chinese", "thai", "hindi", "arabic name", "flags", "emoji skin tone", "formula", "quotes"]
)
def test_unusual_but_honest_text_stays(name: str) -> None:
    assert clean(HOSTILE[name], limit=LIMIT) == HOSTILE[name]


def test_a_body_keeps_its_lines_and_columns() -> None:
    body = clean_body("\r\n\n  Hello\tworld\r\n\x1b[2Jbye\u2028end \n\n")
    assert body == f"  Hello world\n{UNSHOWN}[2Jbye\nend"


def test_accents_pile_up_to_a_limit() -> None:
    assert clean(HOSTILE["zalgo"], limit=1000).count("\u0300") <= MARKS_LIMIT * 4
    piled = clean("e" + "\u0302\u0301\u0323" * 30, limit=100)
    assert sum(map(is_mark, piled)) == MARKS_LIMIT


def test_a_long_text_ends_in_an_ellipsis() -> None:
    assert clean(HOSTILE["ten thousand letters"], limit=10) == "x" * 9 + ELLIPSIS
    assert clean("one two three", limit=9) == "one two" + ELLIPSIS
    assert clean("x" * 10, limit=10) == "x" * 10
    assert clean("anything", limit=1) == ELLIPSIS


@pytest.mark.parametrize(
    ("text", "limit", "shown"),
    [
        ("abcx\u0301\u0302def", 6, "abc" + ELLIPSIS),
        ("ab\U0001f44d\U0001f3fdcd", 4, "ab" + ELLIPSIS),
        ("a\U0001f1e8\U0001f1ed\U0001f1eb\U0001f1f7d", 5, "a\U0001f1e8\U0001f1ed" + ELLIPSIS),
        ("\u0938\u0930\u094d\u0935\u0930", 3, "\u0938" + ELLIPSIS),
    ],
)
def test_a_cut_keeps_what_is_read_as_one_character_together(text: str, limit: int, shown: str) -> None:
    assert clean(text, limit=limit) == shown


def test_ten_megabytes_cost_no_more_than_their_beginning() -> None:
    assert clean("\x00a" * 5_000_000, limit=10) == (UNSHOWN + "a") * 4 + UNSHOWN + ELLIPSIS
    assert clean("\u200d" * 10_000_000 + "x", limit=10) == ELLIPSIS
