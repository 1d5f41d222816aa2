"""Terminals that go away, come back, stop and change: the program as a process of its own on each."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from board import Night, url_in
from pty_program import Program
from support import HandClock


@pytest.fixture
def url(tmp_path: Path) -> str:
    """The URL of a database with two tickets that are due within the hour."""
    url = url_in(tmp_path)
    night = Night(url, HandClock(datetime.now(UTC)))
    night.file(subject="Alpine", minutes_ago=2)
    night.file(subject="Bernina", minutes_ago=1)
    night.close()
    return url


def test_a_terminal_that_goes_away_without_a_signal_takes_the_program_with_it(url: str) -> None:
    with Program("--database", url, leads=False) as program:
        program.wait_for("Bernina")
        program.wait_for("ago")
        program.hang_up()
        assert program.wait_for_exit() == 129


SHELL = """
import os, signal, sys

signal.signal(signal.SIGTTOU, signal.SIG_IGN)
if (child := os.fork()) == 0:
    os.setpgid(0, 0)
    os.tcsetpgrp(0, os.getpgrp())
    signal.signal(signal.SIGTTOU, signal.SIG_DFL)
    os.execv(sys.executable, [sys.executable, "-m", "oncall_tui", *sys.argv[1:]])
while os.WIFSTOPPED(status := os.waitpid(child, os.WUNTRACED)[1]):
    os.tcsetpgrp(0, os.getpgrp())
    input("the shell is here")
    os.tcsetpgrp(0, child)
    os.killpg(child, signal.SIGCONT)
sys.exit(os.waitstatus_to_exitcode(status))
"""
"""A shell with one job, which Enter brings back."""


@pytest.mark.parametrize(
    ("opens", "seen"),
    [(b"", "SUBJECT"), (b"w", "the team should know"), (b"/", "!not"), (b":", "by its name")],
)
def test_ctrl_z_goes_to_the_shell_from_wherever_one_is_and_fg_comes_back(
    url: str, opens: bytes, seen: str
) -> None:
    with Program("--database", url, script=SHELL) as program:
        program.wait_for("Bernina")
        program.wait_for("ago")
        if opens:
            program.type(opens)
            program.wait_for(seen)
        program.type(b"\x1a")
        program.wait_for("\x1b[?1049l")
        program.wait_for("the shell is here")
        program.resize(70, 20)
        program.type(b"\r")
        program.wait_for("\x1b[?1049h")
        program.wait_for(seen)
        program.type(b"\x11")
        assert program.wait_for_exit() == 0
    assert "Traceback" not in program.text
