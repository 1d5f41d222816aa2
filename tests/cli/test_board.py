"""The dashboard as a process on a terminal of its own: it opens, it leaves, it leaves nothing behind."""

from __future__ import annotations

import os
import pty
import re
import subprocess
import sys
from pathlib import Path
from typing import IO

import pytest
from pty_program import Program

from oncall_tui.store.engine import Store
from oncall_tui.theme import DAY


class Terminal:
    """A terminal of 100 by 24 with the program running on it."""

    def __init__(self, *arguments: str, env: dict[str, str] | None = None) -> None:
        self._master, slave = pty.openpty()
        subprocess.run(["stty", "cols", "100", "rows", "24"], stdin=slave, check=True)
        self.process = subprocess.Popen(
            [sys.executable, "-m", "oncall_tui", *arguments],
            stdin=slave,
            stdout=slave,
            stderr=slave,
            env=os.environ | {"TERM": "xterm-256color", "LANG": "C.UTF-8"} | (env or {}),
            start_new_session=True,
        )
        os.close(slave)
        self._file: IO[bytes] = os.fdopen(self._master, "r+b", buffering=0)
        self.shown = ""

    def wait_for(self, text: str) -> None:
        """Read what the program draws until `text` is there."""
        while text not in self.shown:
            self.shown += self._read()

    def press(self, keys: str) -> None:
        self._file.write(keys.encode())

    def ended(self) -> int:
        """Read to the end and return the exit code."""
        try:
            while True:
                self.shown += self._read()
        except OSError:
            pass
        self._file.close()
        return self.process.wait(timeout=60)

    def _read(self) -> str:
        block = os.read(self._master, 65_536)
        if not block:
            raise OSError
        return block.decode(errors="replace")


@pytest.mark.parametrize("arguments", [(), ("open",), ("open", "--read-only")], ids=" ".join)
def test_the_dashboard_opens_and_leaves(sqlite_url, arguments):
    Store.open(sqlite_url).close()
    terminal = Terminal("--database", sqlite_url, "--as", "Lea", *arguments)
    terminal.wait_for("Lea")
    terminal.press("q")
    assert terminal.ended() == 0
    assert "Traceback" not in terminal.shown


def test_the_look_up_is_open_where_it_is_asked_for(sqlite_url):
    Store.open(sqlite_url).close()
    with Program("--database", sqlite_url, "open", "--screen", "lookup", "--read-only") as program:
        program.wait_for("CODES ARE OFF")
        program.type(b"\x11")
        assert program.wait_for_exit() == 0
        assert "Traceback" not in program.text


def test_the_demo_shows_sample_data_and_leaves_nothing_behind(tmp_path):
    terminal = Terminal("--as", "Lea", "demo", "--tickets", "20", env={"TMPDIR": str(tmp_path)})
    terminal.wait_for("T-041")
    assert len(list(tmp_path.iterdir())) == 1
    terminal.press("q")
    assert terminal.ended() == 0
    assert list(tmp_path.iterdir()) == []
    assert not Path(os.environ["XDG_DATA_HOME"]).exists()


@pytest.mark.parametrize(
    "arguments", [("open",), ("--now", "2026-03-27T03:00", "open", "--read-only"), ("demo",)]
)
def test_queues_of_ones_own_stand_on_the_board(sqlite_url, tmp_path, arguments):
    config = tmp_path / "config.toml"
    config.write_text('[queues.night]\nfilter = "plan:enterprise !owner:none"\n')
    Store.open(sqlite_url).close()
    terminal = Terminal("--config", str(config), "--database", sqlite_url, "--as", "Lea", *arguments)
    terminal.wait_for("<5 s ago")
    terminal.press("\x1b[Z")
    terminal.wait_for(" Night ")
    terminal.press("q")
    assert terminal.ended() == 0


@pytest.mark.parametrize("arguments", [("open", "--no-tick"), ("--config", "CONFIG"), ("demo", "--no-tick")])
def test_without_ticking_no_seconds_are_shown(sqlite_url, tmp_path, arguments):
    config = tmp_path / "config.toml"
    config.write_text("[board]\ntick = false\n")
    arguments = [str(config) if word == "CONFIG" else word for word in arguments]
    terminal = Terminal("--database", sqlite_url, "--as", "Lea", *arguments)
    terminal.wait_for("<1 min ago")
    terminal.press("q")
    assert terminal.ended() == 0
    assert re.search(r"Zurich \d\d:\d\d  Lea", terminal.shown)
    assert not re.search(r"\d\d:\d\d:\d\d", terminal.shown)


def test_the_theme_is_a_setting(sqlite_url, tmp_path):
    config = tmp_path / "config.toml"
    config.write_text('[board]\ntheme = "day"\n')
    env = {"COLORTERM": "truecolor"}
    terminal = Terminal("--config", str(config), "--database", sqlite_url, "--as", "Lea", env=env)
    terminal.wait_for("Lea")
    terminal.press("q")
    assert terminal.ended() == 0
    red, green, blue = (int(DAY.background[at : at + 2], 16) for at in (1, 3, 5))
    assert f"48;2;{red};{green};{blue}" in terminal.shown


def test_without_a_terminal_it_says_so(process):
    for command in ((), ("open",), ("demo",)):
        result = process(*command)
        assert result.code == 2
        assert "needs a terminal" in result.err


def test_queues_keys_and_theme_of_the_settings_reach_the_board(tmp_path: Path) -> None:
    config = tmp_path / "config.toml"
    config.write_text(
        '[queues.night]\nfilter = "via:call"\nlabel = "By night"\n'
        '[keys]\nleave = "Q"\nprevious_queue = ["P"]\n[board]\ntheme = "day"\n'
    )
    terminal = Terminal("--config", str(config), "--database", f"sqlite:///{tmp_path / 'oncall.db'}", "open")
    terminal.wait_for("No open tickets.")
    terminal.press("P")
    terminal.wait_for("By night")
    terminal.wait_for("No open tickets in By night.")
    terminal.press("Q")
    assert terminal.ended() == 0
