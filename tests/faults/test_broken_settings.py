"""Settings that can't be meant are refused before anything is opened: file, key, value, what is allowed."""

from __future__ import annotations

from pathlib import Path

import pytest

from oncall_tui.cli import main

BROKEN = {
    "an unknown key": ('[board]\nthemes = "day"', "board.themes is no setting", "did you mean theme?"),
    "an unknown theme": (
        '[board]\ntheme = "solarized"',
        'board.theme = "solarized" is not allowed',
        "night, day or safe",
    ),
    "a value of another kind": ('[board]\ntick = "no"', 'board.tick = "no" is not allowed', "true or false"),
    "a value out of range": (
        "[board]\nhold_seconds = -1",
        "board.hold_seconds = -1 is not allowed",
        "from 0 to 10",
    ),
    "a queue with a filter that fits nothing": (
        '[queues.gold]\nfilter = "plan:gold"',
        "queues.gold.filter",
        "standard, plus, pro, enterprise",
    ),
    "a queue without a filter": (
        '[queues.own]\nlabel = "Own"',
        "queues.own.filter is missing",
        "at least one word",
    ),
    "a queue that is there": ('[queues.mine]\nfilter = "a"', "queues.mine", "any name but all, emergency"),
    "a queue with control codes": (
        '[queues.own]\nfilter = "a"\nlabel = "\\u001b[2J"',
        "queues.own.label",
        "printable characters",
    ),
    "a key that means two things": (
        '[keys]\ntake = "j"',
        'j would be both take and down on the screen "The board"',
        "keys.take or keys.down",
    ),
    "a key that no terminal sends": (
        '[keys]\ntake = "hyper+x"',
        'keys.take = "hyper+x" is not allowed',
        '"ctrl+k"',
    ),
    "a key for no action": ('[keys]\ntak = "x"', "keys.tak is no action", "did you mean take?"),
    "no way to the help": ("[keys]\nhelp = []", "keys.help = [] is not allowed", "at least one key"),
    "no TOML": ("[board\n", "no valid TOML", "line 1"),
}


@pytest.mark.parametrize(("text", "what", "allowed"), BROKEN.values(), ids=BROKEN.keys())
def test_broken_settings_are_refused_before_anything_is_opened(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], text: str, what: str, allowed: str
) -> None:
    file, database = tmp_path / "config.toml", tmp_path / "oncall.db"
    file.write_text(text)
    assert main(["--config", str(file), "--database", f"sqlite:///{database}", "open"]) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.startswith(f"oncall-tui: {file}: ")
    assert what in said.err
    assert allowed in said.err
    assert "\x1b" not in said.err
    assert not database.exists()
