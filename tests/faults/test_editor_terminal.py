"""The terminal is given to the engineer's editor and taken back: the program on a terminal of its own."""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from board import Night, url_in
from correspondence import ANNA, WITH_MAIL, asked, letter
from pty_program import Program
from support import HandClock

EDITOR = """#!/bin/sh
test -t 0 && test -t 1 || exit 9
stty -a | grep -q ' icanon' || exit 8
printf 'THE EDITOR ASKS '
read line
printf '%s\\n' "$line" >> "$1"
printf '%s' "$1" > "$SEEN"
"""
"""It needs a terminal that reads whole lines, as the shell left it."""

INTERRUPTED = """#!/bin/sh
trap 'echo AWAY; exit 130' INT
printf 'THE EDITOR ASKS '
read line
"""


@pytest.fixture
def night(tmp_path: Path) -> Iterator[Night]:
    # The program has the present for its clock.
    now = datetime.now(UTC)
    made = Night(url_in(tmp_path), HandClock(now), known=WITH_MAIL)
    asked(made, letter(ANNA, "Mail queue stuck", received_at=now - timedelta(minutes=1)))
    yield made
    made.close()


@pytest.fixture
def seen(tmp_path: Path) -> Path:
    return tmp_path / "seen"


def environment(tmp_path: Path, script: str) -> dict[str, str]:
    editor = tmp_path / "editor"
    editor.write_text(script)
    editor.chmod(0o700)
    return {"EDITOR": str(editor), "VISUAL": "", "SEEN": str(tmp_path / "seen")}


def test_an_answer_is_written_in_the_editor_and_sent(night: Night, tmp_path: Path, seen: Path) -> None:
    env = environment(tmp_path, EDITOR)
    with Program("--database", night.url, "--as", "Léa", env=env) as program:
        program.wait_for("SUBJECT")
        program.wait_for("help")
        program.type(b"m")
        program.wait_for("runs until the server")
        program.type(b"First line")
        program.wait_for("line")
        program.type(b"\x05")  # Ctrl-e
        program.wait_for("THE EDITOR ASKS")
        program.type(b"second line\n")
        program.wait_for("second line")
        program.wait_for("They wrote")
        program.type(b"\x04")  # Ctrl-d
        program.wait_for("Send this to")
        program.type(b"y")
        program.wait_for("on its way")
        program.type(b"q")
        assert program.wait_for_exit() == 0
    (answer,) = night.desk("x").outbox.open()
    assert answer.text == "First line\nsecond line"
    assert not os.path.exists(os.path.dirname(seen.read_text()))


def test_ctrl_c_ends_the_editor_and_not_the_board(night: Night, tmp_path: Path) -> None:
    with Program("--database", night.url, env=environment(tmp_path, INTERRUPTED)) as program:
        program.wait_for("SUBJECT")
        program.wait_for("help")
        program.type(b"m")
        program.wait_for("runs until the server")
        program.type(b"Kept\x05")
        program.wait_for("THE EDITOR ASKS")
        program.type(b"\x03")
        program.wait_for("AWAY")
        program.wait_for("ended with 130; the text is as it was before")
        program.type(b"\x11")  # Ctrl-q
        program.wait_for("Leave with a draft?")
        program.type(b"y")
        assert program.wait_for_exit() == 0
