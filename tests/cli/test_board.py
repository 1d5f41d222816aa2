"""The dashboard as a process on a terminal of its own: it opens, it leaves, it leaves nothing behind."""

from __future__ import annotations

import os
import pty
import subprocess
import sys
from pathlib import Path
from typing import IO

import pytest

from oncall_tui.store.engine import Store


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


def test_the_demo_shows_sample_data_and_leaves_nothing_behind(tmp_path):
    terminal = Terminal("--as", "Lea", "demo", "--tickets", "20", env={"TMPDIR": str(tmp_path)})
    terminal.wait_for("T-041")
    assert len(list(tmp_path.iterdir())) == 1
    terminal.press("q")
    assert terminal.ended() == 0
    assert list(tmp_path.iterdir()) == []
    assert not Path(os.environ["XDG_DATA_HOME"]).exists()


def test_without_a_terminal_it_says_so(process):
    for command in ((), ("open",), ("demo",)):
        result = process(*command)
        assert result.code == 2
        assert "needs a terminal" in result.err
