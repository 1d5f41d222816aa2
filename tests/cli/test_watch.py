"""Watching without a screen, as a server does."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from cli.conftest import Run
from pty_program import Program
from watchers import Night, Watcher, wait_until


@pytest.fixture
def night(tmp_path: Path, sqlite_url: str) -> Iterator[Night]:
    """A night on SQLite."""
    made = Night(tmp_path, sqlite_url)
    yield made
    made.desk.close()


def test_once_sends_what_there_is_to_send_once_and_notes_it(night: Night, process: Run) -> None:
    ref = night.file().ref
    first = process(*night.options, "watch", "--once")
    assert (first.code, first.out) == (0, "")
    assert "critical: 25 % left" in first.err
    again = process(*night.options, "watch", "--once")
    assert (again.code, again.err) == (0, "")
    assert night.lines == [f"{ref} critical"]
    (alert,) = process(*night.options, "alert", "list", "--json").json
    assert [(each["channel"], each["place"], each["result"]) for each in alert["deliveries"]] == [
        ("command", None, "ok")
    ]


def test_once_says_what_did_not_get_through(night: Night, process: Run) -> None:
    night.config.write_text('[alerts]\ncommand = ["/nowhere/at/all"]\n')
    night.file()
    done = process(*night.options, "watch", "--once")
    assert done.code == 1
    assert "over command: failed: /nowhere/at/all: No such file or directory" in done.err


def test_once_without_a_store_or_anybody_to_reach_says_so(process: Run, tmp_path: Path) -> None:
    (tmp_path / "no.db").write_text("this is no database, whatever its name says" * 100)
    away = process("--database", f"sqlite:///{tmp_path / 'no.db'}", "watch", "--once")
    assert away.code == 5
    assert "nobody is reached without a board: set alerts.push or alerts.command" in away.err


def test_it_waits_for_its_store_tells_what_comes_and_ends_in_order(night: Night, tmp_path: Path) -> None:
    file = tmp_path / "oncall.db"
    night.desk.close()
    kept = file.rename(tmp_path / "kept.db")
    file.write_text("no database" * 1000)
    with Watcher(night) as watcher:
        watcher.wait_for("trying again")
        kept.rename(file)
        watcher.wait_for("the store can be reached again")
        watcher.wait_for(f"watching {file} as watch@")
        night.reopen()
        ref = night.file().ref
        wait_until(lambda: night.lines == [f"{ref} critical"])
        watcher.wait_for("critical: 25 % left")
        assert watcher.terminate() == 0
    assert "Traceback" not in watcher.said


def test_two_watchers_and_three_boards_alert_once(tmp_path: Path, postgresql_url: str) -> None:
    night = Night(tmp_path, postgresql_url)
    with ExitStack() as running:
        watchers = [running.enter_context(Watcher(night, name)) for name in ("one", "two")]
        boards = [
            running.enter_context(Program(*night.options, "--as", name, "open"))
            for name in ("Anne", "Bruno", "Chloé")
        ]
        for watcher in watchers:
            watcher.wait_for("watching")
        for board in boards:
            board.wait_for(" s ago")
        refs = [night.file().ref]
        # What is told second comes after all have looked at the first.
        for number in (1, 2):
            for watcher in watchers:
                watcher.wait_for_lines("25 % left", number)
            night.wait_for_lines(number)
            refs.append(night.file().ref)
        night.wait_for_lines(3)
        assert [watcher.terminate() for watcher in watchers] == [0, 0]
    assert night.lines == [f"{ref} critical" for ref in refs]
    assert [alert.subject for alert in reversed(night.desk.alerts.page(10))] == refs
    night.desk.close()
