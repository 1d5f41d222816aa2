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
