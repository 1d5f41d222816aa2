"""Notices through a real tmux, to the terminal that looks at it."""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from time import monotonic, sleep

import pytest
from pty_program import ROOT, Program

ATTACH = """
import os
os.execvp("tmux", ["tmux", "-f", "/dev/null", "new-session", "sh"])
"""

TELL = """
import os, sys
from oncall_tui.alerts.terminal import Terminal
from oncall_tui.domain.alert_channels import TerminalWay
from oncall_tui.domain.alerts import Level, Notice

def tell(sequence):
    sys.stdout.write(sequence)
    sys.stdout.flush()

Terminal(TerminalWay.AUTO, tell, os.environ).send(Notice(Level.BREACH, "Léman; broken", "due 03:00"))
"""


class Tmux:
    """A tmux with one session, shown on a terminal that says it is iTerm2."""

    def __init__(self, terminal: Program, env: dict[str, str]) -> None:
        self.terminal = terminal
        self._env = env
        terminal.wait_for("\x1b[>q")
        terminal.type(b"\x1bP>|iTerm2 3.5.0\x1b\\")
        give_up = monotonic() + 20
        while self("display-message", "-p", "#{client_termtype}") != "iTerm2 3.5.0":
            assert monotonic() < give_up, "tmux doesn't learn which terminal it is"
            sleep(0.01)

    def __call__(self, *arguments: str) -> str:
        done = subprocess.run(["tmux", *arguments], env=self._env, capture_output=True, text=True, check=True)
        return done.stdout.strip()

    def python(self, *arguments: str) -> None:
        """Run Python in its pane."""
        self.terminal.look_away()
        self("send-keys", f"cd {ROOT}; clear; {shlex.join([sys.executable, *arguments])}", "Enter")


@pytest.fixture
def tmux() -> Iterator[Tmux]:
    # Beside it, and not in the tests' own folder: a socket's path is a hundred characters at most.
    with tempfile.TemporaryDirectory(prefix="oncall-tmux-") as folder:
        env = {**os.environ, "TMUX_TMPDIR": folder, "SHELL": "/bin/sh", "LANG": "C.UTF-8"}
        with Program(script=ATTACH, env=env) as terminal:
            started = Tmux(terminal, env)
            yield started
            started("kill-server")


def test_the_terminal_around_it_is_known_and_told(tmux: Tmux) -> None:
    tmux("set", "-g", "allow-passthrough", "on")
    tmux.python("-c", TELL)
    tmux.terminal.wait_for("\x1b]9;Léman, broken: due 03:00\a")
    tmux.terminal.wait_for("\a")


def test_what_it_keeps_to_itself_leaves_the_bell_and_doctor_says_so(tmux: Tmux) -> None:
    tmux("set", "-g", "allow-passthrough", "off")
    tmux.python("-c", TELL)
    tmux.terminal.wait_for("\a")
    tmux("set", "-g", "bell-action", "none")
    tmux.python("-m", "oncall_tui", "doctor")
    tmux.terminal.wait_for("set -g allow-passthrough on")
    tmux.terminal.wait_for("set -g bell-action any")
    assert b"\x1b]9;" not in tmux.terminal.output
