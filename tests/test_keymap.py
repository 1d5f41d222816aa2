"""Keys of one's own: read from the settings, and refused where they clash."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oncall_tui.actions import ACTIONS, Group, Keymap, Scope
from oncall_tui.config import Settings, load_settings
from oncall_tui.domain.errors import BadSettings


@pytest.fixture
def load(tmp_path: Path):
    def load_text(text: str) -> Settings:
        path = tmp_path / "config.toml"
        path.write_text(text, encoding="utf-8")
        return load_settings(path, {"USER": "lea"})

    return load_text


def refusal(load, text: str) -> BadSettings:
    with pytest.raises(BadSettings) as caught:
        load(text)
    assert "config.toml" in caught.value.message
    return caught.value


def test_keys_take_the_place_of_the_default_ones(load):
    keymap = load('[keys]\ntake = "X"\nhelp = ["?", "f5"]\nhand_over = []').keymap
    assert keymap.named("take").keys == ("X",)
    assert keymap.named("help").keys == ("question_mark", "f5")
    assert keymap.named("hand_over").keys == ()
    assert keymap.named("answer") == Keymap().named("answer")
    assert (keymap.key("take"), keymap.key("hand_over")) == ("X", ":hand_over")


def test_without_keys_the_registry_is_as_it_stands(load):
    assert load('operator = "x"').keymap == Keymap()


def test_keys_may_change_places(load):
    keymap = load('[keys]\ntake = "m"\nanswer = "t"').keymap
    assert (keymap.key("take"), keymap.key("answer")) == ("m", "t")


def test_a_key_may_mean_two_things_on_two_screens(load):
    assert load('[keys]\nreopen = "tab"').keymap.key("reopen") == "Tab"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('[keys]\ntake = "m"', ["m", "take", "answer", "The board"]),
        ('[keys]\nreopen = "t"', ["t", "take", "reopen", "A ticket"]),
        ('[keys]\nnote = ["w", "PgDn"]', ["PgDn", "page_down", "note", "The board"]),
        ('[keys]\nnew = "5"', ["5", "new", "queue", "The board"]),
    ],
)
def test_a_key_for_two_actions_of_one_screen_is_refused_with_both(load, text, words):
    error = refusal(load, text)
    for word in words:
        assert word in error.message
    assert f"keys.{words[1]}" in error.hint


@pytest.mark.parametrize(
    ("text", "key", "value", "allowed"),
    [
        ('[keys]\ntake = "ctrl+i"', "keys.take", "ctrl+i", '"ctrl+k"'),
        ('[keys]\ntake = ["t", "foo"]', "keys.take", "foo", "a character"),
        ("[keys]\ntake = 5", "keys.take", "5", "a key or a list of keys"),
        ("[keys]\nhelp = []", "keys.help", "[]", "at least one key"),
        ("[keys]\nleave = []", "keys.leave", "[]", "at least one key"),
        ("[keys]\nback = []", "keys.back", "[]", "at least one key"),
        (f"[keys]\nqueue = {list('1234567890')}", "keys.queue", "['1', '2'", "at most 9 keys"),
    ],
)
def test_a_refused_key_is_named_with_file_key_value_and_what_is_allowed(load, text, key, value, allowed):
    error = refusal(load, text)
    assert key in error.message
    assert value in error.message
    assert allowed in error.hint


@pytest.mark.parametrize(
    ("text", "key", "hint"),
    [
        ('[keys]\ntakes = "T"', "keys.takes", "did you mean take?"),
        ('[keys]\nhandover = "T"', "keys.handover", "hand_over"),
        ('[keys]\nzzz = "T"', "keys.zzz", "take, answer, promise"),
        ('keys = "T"', 'keys = "T"', "ACTION"),
    ],
)
def test_what_is_no_action_is_refused_with_what_was_probably_meant(load, text, key, hint):
    error = refusal(load, text)
    assert key in error.message
    assert hint in error.hint


_KEYS = st.sampled_from(["t", "T", "?", "m", "f5", "ctrl+k", "space", "1", "G"])


@given(st.dictionaries(st.sampled_from([action.id for action in ACTIONS]), st.lists(_KEYS, max_size=3)))
def test_any_keys_are_in_force_without_a_clash_or_refused_in_one_clear_line(given_keys):
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "config.toml"
        lines = "\n".join(f"{name} = {keys}" for name, keys in given_keys.items())
        path.write_text(f"[keys]\n{lines}\n", encoding="utf-8")
        refused = keymap = None
        try:
            keymap = load_settings(path, {"USER": "lea"}).keymap
        except BadSettings as error:
            refused = error
    if keymap is None:
        assert str(path) in refused.message
        assert refused.message.isprintable()
        return
    for scope in Scope:
        # An answer goes before what else has its key, as in a dialog.
        keys = [(action.group is Group.ANSWER, key) for action in keymap.on(scope) for key in action.keys]
        assert len(keys) == len(set(keys))
