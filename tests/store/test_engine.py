"""Opening, writing, failing: what the store promises of any database."""

from __future__ import annotations

import os
import sqlite3
import stat
import subprocess
import sys
import threading
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import text

from oncall_tui.domain.errors import BadInput, OncallError, StoreUnavailable
from oncall_tui.store import maintenance, queues
from oncall_tui.store.changes import signal
from oncall_tui.store.engine import Store


def test_an_sqlite_file_is_private_and_in_wal_mode(tmp_path: Path) -> None:
    os.umask(0o022)
    path = tmp_path / "deep" / "er" / "oncall.db"
    store = Store.open(f"sqlite:///{path}")
    with store.begin(), store.connect() as connection:
        assert connection.exec_driver_sql("PRAGMA journal_mode").scalar() == "wal"
        assert connection.exec_driver_sql("PRAGMA foreign_keys").scalar() == 1
        modes = {file.name: stat.S_IMODE(file.stat().st_mode) for file in path.parent.iterdir()}
    store.close()
    assert modes == {"oncall.db": 0o600, "oncall.db-wal": 0o600, "oncall.db-shm": 0o600}
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


def test_a_write_that_fails_leaves_nothing_and_no_revision(store: Store) -> None:
    with pytest.raises(RuntimeError), store.begin() as tx:
        tx.connection.execute(
            text("INSERT INTO calendars (name, fingerprint, definition) VALUES ('x','y','{}')")
        )
        raise RuntimeError
    with store.connect() as connection:
        assert connection.scalar(text("SELECT count(*) FROM calendars")) == 0
        assert queues.current_revision(connection) == 0


def test_every_write_counts_the_revision_up_by_one(store: Store) -> None:
    for expected in (1, 2, 3):
        with store.begin() as tx:
            assert tx.revision == expected


def test_a_read_is_one_snapshot_whatever_is_written_meanwhile(store: Store) -> None:
    with store.connect() as connection:
        before = queues.current_revision(connection)
        with store.begin():
            pass
        assert queues.current_revision(connection) == before
    with store.connect() as connection:
        assert queues.current_revision(connection) == before + 1


INCREMENT = """
import sys
from sqlalchemy import text
from oncall_tui.store.engine import Store
store = Store.open(sys.argv[1])
for _ in range(50):
    with store.begin() as tx:
        value = int(tx.connection.scalar(text("SELECT definition FROM calendars")))
        tx.connection.execute(text("UPDATE calendars SET definition = :v"), {"v": str(value + 1)})
"""


def test_read_modify_write_by_four_processes_loses_no_update(store: Store, database_url: str) -> None:
    with store.begin() as tx:
        tx.connection.execute(
            text("INSERT INTO calendars (name, fingerprint, definition) VALUES ('sum', 'sum', '0')")
        )
    processes = [subprocess.Popen([sys.executable, "-c", INCREMENT, database_url]) for _ in range(4)]
    assert [process.wait(120) for process in processes] == [0] * 4
    with store.connect() as connection:
        assert connection.scalar(text("SELECT definition FROM calendars WHERE name = 'sum'")) == "200"
        assert queues.current_revision(connection) == 201


def failure(url: str) -> OncallError:
    with pytest.raises(OncallError) as caught:
        Store.open(url)
    error = caught.value
    assert "\n" not in str(error)
    return error


def test_a_newer_schema_is_refused_in_one_line(store: Store, database_url: str) -> None:
    with store.begin() as tx:
        tx.connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    error = failure(database_url)
    assert isinstance(error, StoreUnavailable)
    assert "newer oncall-tui" in str(error)
    assert error.exit_code == 5


def test_a_file_that_is_no_database(tmp_path: Path) -> None:
    path = tmp_path / "letter.txt"
    path.write_text("Dear Sir or Madam, " * 100)
    error = failure(f"sqlite:///{path}")
    assert str(error) == f"{path} is not a database"
    assert path.read_text().startswith("Dear Sir")


def test_a_database_of_another_program_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "other.db"
    with sqlite3.connect(path) as other:
        other.execute("CREATE TABLE recipes (name TEXT)")
    other.close()
    assert str(failure(f"sqlite:///{path}")) == f"{path} is a database of another program"
    with sqlite3.connect(path) as other:
        assert other.execute("SELECT name FROM sqlite_master").fetchall() == [("recipes",)]
    other.close()


def test_a_locked_database(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("oncall_tui.store.engine.LOCK_PATIENCE", 0.2)
    path = tmp_path / "oncall.db"
    store = Store.open(f"sqlite:///{path}")
    holder = sqlite3.connect(path, isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    with pytest.raises(StoreUnavailable, match="is locked by another program"), store.begin():
        pass
    holder.execute("ROLLBACK")
    holder.close()
    with store.begin() as tx:
        assert tx.revision == 1
    store.close()


def test_a_folder_that_can_not_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    error = failure(f"sqlite:///{tmp_path}/file/oncall.db")
    assert "can't open the database" in str(error)


def test_a_server_that_is_not_there_is_one_line_without_the_password() -> None:
    error = failure("postgresql://lea:s3cret@127.0.0.1:1/desk")
    assert isinstance(error, StoreUnavailable)
    assert "can't be reached" in str(error)
    assert "s3cret" not in str(error) + error.hint


@pytest.mark.parametrize(
    "url",
    [
        "",
        "desk.db",
        "mysql://lea:s3cret@host/desk",
        "sqlite://",
        "sqlite:///:memory:",
        "sqlite:////tmp/x.db?y=1",
    ],
)
def test_a_url_of_another_kind_is_refused_and_not_repeated(url: str) -> None:
    error = failure(url)
    assert isinstance(error, BadInput)
    assert "s3cret" not in str(error) + error.hint


def test_the_place_never_shows_the_password(postgresql_url: str) -> None:
    store = Store.open(postgresql_url.replace("postgres:@", "postgres:s3cret@"))
    assert "s3cret" not in store.place
    store.close()


def test_options_of_the_url_are_kept_and_never_shown(postgresql_url: str) -> None:
    with psycopg.connect(postgresql_url, autocommit=True) as admin:
        admin.execute("CREATE SCHEMA oncall")
    more = "options=-csearch_path%3Doncall&connect_timeout=3&application_name=desk&password=s3cret"
    store = Store.open(f"{postgresql_url}{'&' if '?' in postgresql_url else '?'}{more}")
    with store.connect() as connection:
        assert connection.scalar(text("SELECT to_regclass('oncall.tickets') IS NOT NULL"))
        assert connection.scalar(text("SHOW lock_timeout")) == "5s"
    assert "s3cret" not in store.place
    changes = signal(store)
    assert changes.wait(5)
    changes.close()
    store.close()


def test_a_file_that_is_removed_is_said_and_nothing_is_written_into_the_void(tmp_path: Path) -> None:
    path = tmp_path / "oncall.db"
    store = Store.open(f"sqlite:///{path}")
    path.rename(tmp_path / "elsewhere.db")
    for use in (store.begin, store.connect):
        with pytest.raises(StoreUnavailable, match="is not there any more"), use():
            pass
    (tmp_path / "elsewhere.db").rename(path)
    with store.begin() as tx:
        assert tx.revision == 1
    store.close()


def test_a_backup_that_is_restored_in_its_place_is_what_counts(tmp_path: Path) -> None:
    path, backup = tmp_path / "oncall.db", tmp_path / "backup.db"
    store = Store.open(f"sqlite:///{path}")
    maintenance.backup(store, backup, lambda _done, _total: None)
    changes = signal(store)
    assert changes.wait(5)
    for _ in range(3):
        with store.begin():
            pass
    assert changes.wait(5)
    for file in tmp_path.glob("oncall.db*"):
        file.unlink()
    backup.rename(path)
    assert changes.wait(5)
    with store.connect() as connection:
        assert queues.current_revision(connection) == 0
    with Store.open(f"sqlite:///{path}").begin() as tx:
        assert tx.revision == 1
    with store.connect() as connection:
        assert queues.current_revision(connection) == 1
    changes.close()
    store.close()


def test_threads_share_a_store(store: Store) -> None:
    failures: list[BaseException] = []

    def work() -> None:
        try:
            for _ in range(20):
                with store.begin():
                    pass
        except Exception as error:  # noqa: BLE001 - whatever it was, the main thread tells
            failures.append(error)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    with store.connect() as connection:
        assert queues.current_revision(connection) == 80


def test_two_stores_of_one_process_go_on_beside_another_process(sqlite_url: str) -> None:
    """The second one mustn't drop the locks of the first: what it then wrote nobody else ever saw."""
    first, second = Store.open(sqlite_url), Store.open(sqlite_url)
    look = "import sys; from oncall_tui.store.engine import Store\n" + (
        "store = Store.open(sys.argv[1])\n"
        "with store.connect() as connection:\n"
        "    print(connection.exec_driver_sql('SELECT value FROM revision').scalar())\n"
        "store.close()\n"
    )

    def seen_elsewhere() -> int:
        done = subprocess.run(
            [sys.executable, "-c", look, sqlite_url], capture_output=True, text=True, timeout=60, check=True
        )
        return int(done.stdout)

    for store in (first, second, first, second):
        with store.begin() as tx:
            revision = tx.revision
        assert seen_elsewhere() == revision
    first.close()
    second.close()
