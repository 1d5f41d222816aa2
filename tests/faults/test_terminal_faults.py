"""Terminals that go away, come back, stop and change: the program as a process of its own on each."""

from __future__ import annotations

import signal
import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest
from board import Night, url_in
from pty_program import Program
from support import HandClock

from oncall_tui.store.engine import Store
from oncall_tui.store.tickets import find


@pytest.fixture
def url(tmp_path: Path) -> str:
    """The URL of a database with two tickets that are due within the hour."""
    url = url_in(tmp_path)
    night = Night(url, HandClock(datetime.now(UTC)))
    night.file(subject="Alpine", minutes_ago=2)
    night.file(subject="Bernina", minutes_ago=1)
    night.close()
    return url


def owner_of(url: str, ref: str) -> str | None:
    store = Store.open(url)
    try:
        with store.connect() as connection:
            return find(connection, ref).owner
    finally:
        store.close()


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


@pytest.mark.parametrize("ending", ["closed", signal.SIGHUP, signal.SIGTERM])
def test_an_act_that_was_begun_is_finished_whatever_ends_the_program(
    url: str, tmp_path: Path, ending: str | signal.Signals
) -> None:
    with (
        closing(sqlite3.connect(tmp_path / "night.db", isolation_level=None)) as other,
        Program("--database", url, "--as", "Léa") as program,
    ):
        program.wait_for("Bernina")
        program.wait_for("ago")
        other.execute("BEGIN IMMEDIATE")
        program.type(b"t")
        program.wait_for("still waiting for the store")
        if isinstance(ending, signal.Signals):
            program.signal(ending)
        else:
            program.hang_up()
        other.execute("ROLLBACK")
        assert program.wait_for_exit() == 128 + (ending if isinstance(ending, signal.Signals) else 1)
    assert owner_of(url, "T-000002") == "Léa"


def test_a_multiplexer_that_attaches_anew_changes_nothing_that_is_being_typed(url: str) -> None:
    with Program("--database", url) as program:
        program.wait_for("Bernina")
        program.wait_for("ago")
        program.type(b"\xff\xfe\xc3/berni")
        program.wait_for("berni")
        for columns, lines in ((120, 40), (40, 10), (90, 24)):
            program.type(b"\x1b[O")
            program.resize(columns, lines)
            program.type(b"\x1b[I")
            program.wait_for("Bernina")
        program.type(b"na\r")
        program.wait_for("1 of 2")
        program.type(b"q")
        assert program.wait_for_exit() == 0
    assert "Traceback" not in program.text


def test_a_storm_of_sizes_over_a_dialog_ends_in_a_whole_picture(url: str) -> None:
    with Program("--database", url, columns=120, lines=40) as program:
        program.wait_for("Bernina")
        program.wait_for("ago")
        program.type(b"w")
        program.wait_for("the team should know")
        for number in range(60):
            program.resize(1 + number * 37 % 300, 1 + number * 13 % 80)
        program.look_away()
        program.resize(100, 30)
        program.wait_for("the team should know")
        program.type(b"rack 12\r")
        program.wait_for("note written")
        program.resize(99, 30)
        program.wait_for("─" * 99)
        program.type(b"q")
        assert program.wait_for_exit() == 0


def test_a_database_that_is_removed_is_said_and_its_backup_in_its_place_is_shown(
    url: str, tmp_path: Path
) -> None:
    file, backup = tmp_path / "night.db", tmp_path / "backup.db"
    with closing(sqlite3.connect(file, isolation_level=None)) as live:
        live.execute("VACUUM INTO ?", (str(backup),))
    with closing(sqlite3.connect(backup)) as restored, restored:
        restored.execute("UPDATE tickets SET subject = 'Corvatsch' WHERE subject = 'Bernina'")
    with Program("--database", url, columns=240) as program:
        program.wait_for("Bernina")
        program.wait_for("ago")
        for each in tmp_path.glob("night.db*"):
            each.unlink()
        program.wait_for("STALE")
        program.wait_for("is not there any more")
        program.type(b"t")
        program.wait_for("Not done")
        assert not file.exists(), "nothing was written into the void"
        program.look_away()
        backup.rename(file)
        program.type(b"r")
        program.wait_for("Corvatsch")
        program.type(b"t")
        program.wait_for("yours")
        program.type(b"q")
        assert program.wait_for_exit() == 0
