"""Watching through faults: what was raised is delivered, once, whatever died in between."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from time import monotonic

import psycopg
import pytest
from sqlalchemy import text
from watchers import Night, Watcher, kill, wait_until

_A_MINUTE = 60_000_000


@pytest.fixture
def night(tmp_path: Path, database_url: str) -> Iterator[Night]:
    """A night, once on each database."""
    made = Night(tmp_path, database_url)
    yield made
    made.desk.close()


def test_what_was_raised_before_a_kill_is_delivered_after_the_restart_once(night: Night) -> None:
    night.hang()
    ref = night.file().ref
    with Watcher(night) as watcher:
        begun = night.wait_until_begun()
        watcher.kill()
    kill(begun)
    (alert,) = night.desk.alerts.page(10)
    assert [(each.result, each.ended_at) for each in night.desk.alerts.deliveries(alert.id)] == [
        ("under way", None)
    ]
    night.go.touch()
    # Nobody knows before the time of its claim is over that who made it is dead.
    with night.desk.store.begin() as tx:
        tx.connection.execute(text(f"UPDATE alert_deliveries SET at = at - {_A_MINUTE}"))
    with Watcher(night) as watcher:
        wait_until(lambda: [each.result for each in night.desk.alerts.deliveries(alert.id)] == ["ok"])
        second = night.file().ref
        wait_until(lambda: len(night.lines) == 2)
        assert watcher.terminate() == 0
    assert night.lines == [f"{ref} critical", f"{second} critical"]


def test_a_program_that_hangs_keeps_nobody_from_leaving(night: Night) -> None:
    night.hang()
    night.file()
    with Watcher(night) as watcher:
        begun = night.wait_until_begun()
        asked = monotonic()
        assert watcher.terminate() == 0
        assert monotonic() - asked < 8
    kill(begun)
    assert "left before all was delivered" in watcher.said


def test_a_file_that_goes_away_and_comes_back_is_told_of_and_gone_on_with(
    tmp_path: Path, sqlite_url: str
) -> None:
    night = Night(tmp_path, sqlite_url)
    file = tmp_path / "oncall.db"
    with Watcher(night) as watcher:
        watcher.wait_for("watching")
        kept = file.rename(tmp_path / "kept.db")
        watcher.wait_for("is not there any more; trying again")
        kept.rename(file)
        watcher.wait_for("the store can be reached again")
        ref = night.file().ref
        wait_until(lambda: night.lines == [f"{ref} critical"])
        assert watcher.terminate() == 0
    night.desk.close()


def test_connections_that_a_server_ends_are_made_anew(tmp_path: Path, postgresql_url: str) -> None:
    night = Night(tmp_path, postgresql_url)
    with Watcher(night) as watcher:
        watcher.wait_for("watching")
        with psycopg.connect(postgresql_url, autocommit=True) as connection:
            connection.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
        night.reopen()
        ref = night.file().ref
        wait_until(lambda: night.lines == [f"{ref} critical"])
        assert watcher.terminate() == 0
    assert "Traceback" not in watcher.said
    night.desk.close()
