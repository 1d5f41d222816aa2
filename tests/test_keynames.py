from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from textual._ansi_sequences import ANSI_SEQUENCES_KEYS
from textual.keys import _character_to_key

from oncall_tui.actions import ACTIONS
from oncall_tui.keynames import commands, key_named, shown, writes

SENT = {key.value for keys in ANSI_SEQUENCES_KEYS.values() if isinstance(keys, tuple) for key in keys}
"""What Textual makes of the sequences of terminals."""


def named(text: str) -> str | None:
    try:
        return key_named(text)
    except ValueError:
        return None


@pytest.mark.parametrize(
    ("written", "key"),
    [
        ("t", "t"),
        ("G", "G"),
        ("shift+g", "G"),
        ("é", "é"),
        ("e\u0301", "é"),
        ("?", "question_mark"),
        ("question_mark", "question_mark"),
        ("+", "plus"),
        ("-", "minus"),
        (",", "comma"),
        (":", "colon"),
        ("space", "space"),
        ("Enter", "enter"),
        ("esc", "escape"),
        ("escape", "escape"),
        ("PgDn", "pagedown"),
        ("↑", "up"),
        ("F5", "f5"),
        ("ctrl+k", "ctrl+k"),
        ("Ctrl-K", "ctrl+k"),
        ("ctrl+up", "ctrl+up"),
        ("Shift-Tab", "shift+tab"),
        ("alt+k", "alt+k"),
        ("alt+K", "alt+shift+k"),
    ],
)
def test_a_key_is_named_as_one_reads_it(written: str, key: str) -> None:
    assert key_named(written) == key


@pytest.mark.parametrize(
    "written",
    [
        *("", " ", "\t", "tt", "ctrl+", "ctrl", "ctrl+ctrl+k", "hyper+k", "shift+5", "ctrl+5", "ctrl+?"),
        *("ctrl+i", "ctrl+m", "ctrl+h", "ctrl+c", "ctrl+é", "shift+f5", "alt+enter", "f13", "\x1b", "\u0301"),
    ],
)
def test_what_no_terminal_sends_is_no_key(written: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - the settings say what is allowed
        key_named(written)


@given(st.characters())
@example("«")
@example("€")
def test_a_character_is_what_textual_makes_of_it(character: str) -> None:
    key = named(character)
    if key is not None and character not in "↑↓←→" and len(character) == 1:
        assert key == _character_to_key(character) or key == named(shown(key))
    if key is not None:
        assert key_named(shown(key)) == key


@given(
    st.lists(
        st.sampled_from(
            ["ctrl", "alt", "shift", "Ctrl", "+", "-", "k", "K", "up", "F1", "Tab", "space", "5"]
        ),
        max_size=5,
    ).map("".join)
    | st.tuples(
        st.sampled_from(["", "ctrl+", "alt+", "shift+", "ctrl+shift+", "Ctrl-"]),
        st.sampled_from(["a", "Z", "up", "f7", "F12", "home", "tab", "enter", "PgUp", "del", "9", "?"]),
    ).map("".join)
)
def test_what_is_a_key_is_shown_as_it_can_be_written(text: str) -> None:
    key = named(text)
    if key is not None:
        assert key_named(shown(key)) == key
        assert key_named(key) == key
        if "+" in key and not key.startswith("alt+"):
            assert key in SENT


def test_every_key_of_the_registry_can_be_written_as_it_is_shown() -> None:
    for action in ACTIONS:
        for key in action.keys:
            assert key_named(shown(key)) == key


def test_keys_are_shown_as_people_read_them() -> None:
    keys = ("question_mark", "ctrl+f", "shift+tab", "G", "plus", "f1", "space", "colon")
    assert [shown(key) for key in keys] == ["?", "Ctrl-f", "Shift-Tab", "G", "+", "F1", "Space", ":"]


def test_only_what_is_no_answer_and_no_text_holds_everywhere() -> None:
    assert [
        key for key in ("q", "ctrl+q", "f10", "alt+x", "enter", "escape", "f", "up") if commands(key)
    ] == [
        "ctrl+q",
        "f10",
        "alt+x",
    ]


@given(st.characters())
def test_every_character_that_can_be_a_key_is_known_to_write(sign: str) -> None:
    if (key := named(sign)) not in {None, "up", "down", "left", "right"}:
        assert writes(key)


@pytest.mark.parametrize("written", ["Esc", "Enter", "Tab", "Backspace", "Del", "↑", "F1", "PgDn", "Home"])
@pytest.mark.parametrize("modifier", ["", "ctrl+", "alt+", "shift+"])
def test_what_writes_nothing_is_known_to(modifier: str, written: str) -> None:
    assert not writes(modifier + key_named(written))
