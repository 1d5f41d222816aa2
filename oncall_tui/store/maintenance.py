"""Looking after the database: its state, a copy of it, and old tickets going."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import delete, func, select, text

from oncall_tui.domain.environment import without_secrets
from oncall_tui.domain.errors import BadInput, StoreUnavailable
from oncall_tui.store import letters, migrate
from oncall_tui.store.engine import Store, Transaction
from oncall_tui.store.failures import explained
from oncall_tui.store.rows import in_parts
from oncall_tui.store.schema import HEAD, tickets

BACKUP_PAGES = 1_000
"""Pages copied between two looks at the clock of a backup; writers get their turn in between."""


@dataclass(frozen=True, slots=True)
class Health:
    """What `doctor` tells of a database. `size` is in bytes; `mode` is the file's, None on a server."""

    place: str
    dialect: str
    server: str
    schema: str | None
    expected: str
    journal: str
    size: int
    mode: int | None
    open_tickets: int


def health(store: Store) -> Health:
    """Look at the database of `store`, which may be of any schema."""
    with explained(store.place), store.engine.connect() as connection, connection.begin():
        schema = migrate.current(connection)
        open_tickets = 0
        if schema == HEAD:
            query = select(func.count()).select_from(tickets).where(tickets.c.closed_at.is_(None))
            open_tickets = connection.scalar(query) or 0
        if store.dialect == "sqlite":
            path = _file_of(store)
            return Health(
                place=store.place,
                dialect="SQLite",
                server=sqlite3.sqlite_version,
                schema=schema,
                expected=HEAD,
                journal=str(connection.exec_driver_sql("PRAGMA journal_mode").scalar()),
                size=path.stat().st_size,
                mode=path.stat().st_mode & 0o777,
                open_tickets=open_tickets,
            )
        return Health(
            place=store.place,
            dialect="PostgreSQL",
            server=str(connection.scalar(text("SHOW server_version"))),
            schema=schema,
            expected=HEAD,
            journal="wal",
            size=int(connection.scalar(text("SELECT pg_database_size(current_database())")) or 0),
            mode=None,
            open_tickets=open_tickets,
        )


def _file_of(store: Store) -> Path:
    return Path(str(store.engine.url.database))


def backup(store: Store, target: Path, progress: Callable[[int, int], None]) -> None:
    """Copy the whole database to the new file `target` (mode 0600) while the board goes on.

    An SQLite database becomes an SQLite file, a PostgreSQL one a dump for `pg_restore`.
    `progress(done, total)` is called in pages, on SQLite only. Raises `BadInput` for a file that is
    there already or can't be made, `StoreUnavailable` where the copy fails; no half of it is left.
    """
    try:
        os.close(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    except FileExistsError:
        raise BadInput(f"{target} is there already", hint="name a new file; nothing is overwritten") from None
    except OSError as error:
        raise BadInput(f"can't write {target}: {error.strerror}") from None
    try:
        if store.dialect == "sqlite":
            _copy_sqlite(store, target, progress)
        else:
            _dump_postgresql(store, target)
    except BaseException:
        target.unlink(missing_ok=True)
        raise


def _copy_sqlite(store: Store, target: Path, progress: Callable[[int, int], None]) -> None:
    with explained(store.place):
        source = sqlite3.connect(f"{_file_of(store).absolute().as_uri()}?mode=ro", uri=True)
        copy = sqlite3.connect(target)
        try:
            source.backup(
                copy,
                pages=BACKUP_PAGES,
                progress=lambda _status, left, total: progress(total - left, total),
                sleep=0.01,
            )
        finally:
            copy.close()
            source.close()


def _dump_postgresql(store: Store, target: Path) -> None:
    program = shutil.which("pg_dump")
    if program is None:
        raise StoreUnavailable(
            "a PostgreSQL database is copied by pg_dump, which is not on the PATH",
            hint="install PostgreSQL's client programs (Debian: postgresql-client)",
        )
    url = store.engine.url
    # The password goes by the environment: a command line can be read by every user of the machine.
    environment = without_secrets(os.environ)
    password = url.password or url.query.get("password")
    if password:
        environment["PGPASSWORD"] = str(password)
    address = (
        url.set(drivername="postgresql", password=None)
        .difference_update_query(["password"])
        .render_as_string(hide_password=False)
    )
    done = subprocess.run(  # noqa: S603 - a fixed program with our own arguments
        [program, "--format=custom", f"--file={target}", f"--dbname={address}"],
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        errors="replace",
        check=False,
    )
    if done.returncode:
        lines = done.stderr.strip().splitlines() or ["no reason given"]
        raise StoreUnavailable(f"pg_dump failed: {lines[0]}")


def count_closed_before(store: Store, instant: datetime) -> int:
    """Count the tickets closed before `instant`."""
    with store.connect() as connection:
        query = select(func.count()).select_from(tickets).where(tickets.c.closed_at < instant)
        return connection.scalar(query) or 0


def purge_closed_before(tx: Transaction, instant: datetime, limit: int) -> int:
    """Delete at most `limit` tickets closed before `instant`, with their conversations; return how many.

    The audit keeps what was done to them. Of their letters, and of those without a ticket that were received
    before `instant`, only stays that they came in: nobody's name, and nothing that was written.
    """
    some = select(tickets.c.id).where(tickets.c.closed_at < instant).order_by(tickets.c.id).limit(limit)
    ids = list(tx.connection.scalars(some))
    letters.forget_names(tx, ids, instant)
    for part in in_parts(ids):
        tx.connection.execute(delete(tickets).where(tickets.c.id.in_(part)))
    return len(ids)
