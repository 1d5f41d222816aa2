from __future__ import annotations

import os
import sqlite3
import stat
from datetime import timedelta
from pathlib import Path

import pytest
import time_machine
from support import NOW

from oncall_tui.desk import Desk
from oncall_tui.domain.tickets import Channel, Means
from oncall_tui.store.engine import Store
from oncall_tui.store.schema import HEAD


def test_upgrade_says_from_where_to_where(cli, database_url):
    first = cli("--database", database_url, "db", "upgrade", "--json").json
    assert (first["from"], first["to"]) == (None, HEAD)
    second = cli("--database", database_url, "db", "upgrade")
    assert second.code == 0
    assert f"is up to date (schema {HEAD})" in second.out


def test_a_newer_database_is_left_alone(cli, sqlite_url):
    store = Store.open(sqlite_url)
    with store.begin() as tx:
        tx.connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    store.close()
    result = cli("--database", sqlite_url, "db", "upgrade", "--json")
    assert result.code == 5
    assert "newer" in result.json["error"]["message"]


@pytest.fixture
def purgeable(desk: Desk, clock, database_url: str, monkeypatch: pytest.MonkeyPatch) -> Desk:
    """A desk with a ticket closed on 27 March and an open one."""
    monkeypatch.setenv("ONCALL_TUI_DATABASE", database_url)
    for ref in ("old", "open"):
        ticket = desk.tickets.new(ref=ref, customer="leman", channel=Channel.EMAIL, subject="x")
        desk.tickets.answer(ticket.id, Means.EMAIL)
    desk.tickets.close(desk.tickets.find("old").id)
    clock.advance(days=10)
    return desk


def test_purge_deletes_what_was_closed_before_and_keeps_the_audit(cli, purgeable):
    dry = cli("db", "purge", "--before", "2026-03-28", "--dry-run", "--json").json
    assert dry == {"before": "2026-03-28T00:00:00+01:00", "tickets": 1, "dry_run": True}
    assert cli("db", "purge", "--before", "2026-03-27", "--json").json["tickets"] == 0
    with time_machine.travel(NOW + timedelta(days=10), tick=False):
        result = cli("--as", "Marc", "db", "purge", "--before", "2026-03-28")
    assert result.out == "1 ticket closed before Sat 28 Mar 2026 00:00 is gone\n"
    assert cli("ticket", "show", "old").code == 3
    assert cli("ticket", "show", "open").code == 0
    with purgeable.store.connect() as connection:
        acts = connection.exec_driver_sql(
            "SELECT operator, act FROM audit WHERE act IN ('close', 'purge')"
        ).all()
    assert [tuple(act) for act in acts] == [("Léa", "close"), ("Marc", "purge")]


@pytest.mark.parametrize("before", ["last year", "2026-02-30", "2026-13-01T00:00", "20260101"])
def test_purge_refuses_what_is_no_date(cli, purgeable, before):
    result = cli("db", "purge", "--before", before)
    assert result.code == 2
    assert cli("ticket", "show", "old").code == 0


def test_purge_never_reaches_into_the_future(cli, purgeable):
    result = cli("db", "purge", "--before", "2199-01-01")
    assert result.code == 1
    assert "future" in result.err
    assert cli("ticket", "show", "old").code == 0


def test_a_backup_is_a_whole_private_database(process, sqlite_url, tmp_path):
    Store.open(sqlite_url).close()
    result = process("--database", sqlite_url, "db", "backup", "monday.db", "--json")
    copy = tmp_path / "monday.db"
    assert (result.code, result.json) == (0, {"file": "monday.db", "bytes": copy.stat().st_size})
    assert stat.S_IMODE(copy.stat().st_mode) == 0o600
    assert sqlite3.connect(copy).execute("SELECT version_num FROM alembic_version").fetchone() == (HEAD,)
    assert process("--database", f"sqlite:///{copy}", "doctor").code == 0


def test_a_backup_overwrites_nothing(cli, sqlite_url, tmp_path):
    there = tmp_path / "there.db"
    there.write_text("precious")
    result = cli("--database", sqlite_url, "db", "backup", str(there))
    assert result.code == 2
    assert "is there already" in result.err
    assert there.read_text() == "precious"


def test_a_postgresql_backup_without_pg_dump_says_what_is_missing(cli, postgresql_url, tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    result = cli("--database", postgresql_url, "db", "backup", str(tmp_path / "d.dump"))
    assert result.code == 5
    assert "pg_dump" in result.err
    assert "postgresql-client" in result.err
    assert not Path(tmp_path / "d.dump").exists()


def test_pg_dump_gets_no_secret_of_ours(cli, postgresql_url, tmp_path, monkeypatch):
    program, seen = tmp_path / "pg_dump", tmp_path / "seen"
    program.write_text(f"#!/bin/sh\nenv > '{seen}'\n")
    program.chmod(0o700)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    monkeypatch.setenv("ONCALL_TUI_SECRET_MAIL", "hunter2")
    result = cli("--database", postgresql_url, "db", "backup", str(tmp_path / "d.dump"))
    assert result.code == 0, result.err
    assert "hunter2" not in seen.read_text()
    assert f"PATH={tmp_path}:" in seen.read_text()
