"""Opening the database, and the two ways to use it: a consistent look and a whole transaction.

Every write goes through `Store.begin()`: it takes the writer's place first, counts the revision up
and ends in one commit, so that the order of revisions is the order of commits on SQLite and
PostgreSQL alike. Every read goes through `Store.connect()`: one snapshot, however many queries.
"""

from __future__ import annotations

import os
import random
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url, text
from sqlalchemy.exc import ArgumentError, DBAPIError

from oncall_tui.domain.errors import BadInput, StoreUnavailable
from oncall_tui.store import migrate
from oncall_tui.store.failures import explained, place_of

if TYPE_CHECKING:
    from oncall_tui.store.keyring import Keyring

LOCK_PATIENCE = 5.0
"""Seconds a writer waits for its turn before it gives up."""

CHANNEL = "oncall_tui"
"""The PostgreSQL notification channel on which every commit tells its revision."""


@dataclass(frozen=True, slots=True)
class Transaction:
    """One write in progress. `revision` stamps every row that it changes, `keyring` seals what needs it."""

    connection: Connection
    revision: int
    keyring: Keyring | None = None

    @contextmanager
    def part(self) -> Iterator[None]:
        """Write something that is undone by itself where it fails: the transaction can go on then.

        Raises `StoreUnavailable` where it is the database that fails.
        """
        with explained(place_of(self.connection.engine.url)), self.connection.begin_nested():
            yield


class Store:
    """An open database. Safe to share between threads; `close()` when done."""

    def __init__(self, engine: Engine, keyring: Keyring | None = None) -> None:
        self.engine = engine
        self.keyring = keyring
        self.generation = 0
        """How often another file took the place of the database: what was read before is of no use."""
        self._file = self.file_identity()
        self._log = self._log_identity()
        self._looking = threading.Lock()
        self._reader = engine.execution_options(**_READING[engine.dialect.name])
        self._writer = engine.execution_options(oncall_write="act")
        self._bulk_writer = engine.execution_options(oncall_write="bulk")

    @classmethod
    def open(cls, url: str, *, upgrade: bool = True, keyring: Keyring | None = None) -> Store:
        """Open the database at the SQLAlchemy `url`; an SQLite file is made if it isn't there.

        Without a `keyring` there are no codes, and the audit is chained without a key. Brings an older
        schema up to date unless `upgrade` is false. Raises `StoreUnavailable` for a database that can't be
        reached or read, or whose schema is newer or (without `upgrade`) older than this program's,
        `BadInput` for a URL of another kind.
        """
        parsed = parse_url(url)
        with explained(place_of(parsed)):
            store = cls(_engine(parsed), keyring)
            try:
                migrate.ensure(store.engine, upgrade=upgrade)
            except BaseException:
                store.close()
                raise
        return store

    @classmethod
    def attach(cls, url: str) -> Store:
        """Open the database at the SQLAlchemy `url`, whatever its schema, and change nothing.

        Only `maintenance` may be asked of it before its schema is known to be this program's. Raises
        what `open` raises for a URL or a place that can't be used.
        """
        return cls(_engine(parse_url(url)))

    @property
    def place(self) -> str:
        """Return where the database is, without a password."""
        return place_of(self.engine.url)

    @property
    def dialect(self) -> str:
        """Return `sqlite` or `postgresql`."""
        return self.engine.dialect.name

    def file_identity(self) -> tuple[int, int] | None:
        """Return what tells the SQLite file from another in its place, None on a server.

        Raises `StoreUnavailable` for a file that is gone: SQLite would go on writing into what nobody
        will ever find again.
        """
        if self.dialect != "sqlite":
            return None
        found = _identity(str(self.engine.url.database))
        if found is None:
            raise StoreUnavailable(
                f"{self.place} is not there any more",
                hint="put it back, or restore a backup in its place",
            )
        return found

    def look_at_file(self) -> None:
        """Go on with another SQLite file that stands in the place of the one that was open, a restored
        backup say. Raises `StoreUnavailable` while there is none, or where it can't be used.
        """
        if self.dialect != "sqlite":
            return
        with self._looking:
            found = self.file_identity()
            if found == self._file:
                self._log = self._log_identity() or self._log
                return
            # SQLite would play the log of the old file into the new one. Our connections still hold the
            # old one, so its number can't be that of a log that somebody has begun for the new file.
            if self._log is not None and self._log_identity() == self._log:
                for kind in ("-wal", "-shm"):
                    Path(f"{self.engine.url.database}{kind}").unlink(missing_ok=True)
            self.engine.dispose()
            self._file, self._log = found, None
            self.generation += 1
            migrate.ensure(self.engine, upgrade=True)

    def _log_identity(self) -> tuple[int, int] | None:
        """Return what tells the write-ahead log of the SQLite file from another, None without one."""
        return _identity(f"{self.engine.url.database}-wal") if self.dialect == "sqlite" else None

    @contextmanager
    def connect(self) -> Iterator[Connection]:
        """Read: every query inside sees the same snapshot. `StoreUnavailable` if it can't."""
        self.look_at_file()
        with explained(self.place), self._reader.connect() as connection, connection.begin():
            yield connection

    @contextmanager
    def begin(self, *, bulk: bool = False) -> Iterator[Transaction]:
        """Write: all of it or none. Waits at most `LOCK_PATIENCE` seconds for the writer before.

        `bulk` is for one of many batches that can be given again: on SQLite a power cut may lose the
        last of them, whole, where an act is on the disk when it is said to be done.
        """
        self.look_at_file()
        writer = self._bulk_writer if bulk else self._writer
        with explained(self.place), writer.begin() as connection:
            revision = connection.scalar(_NEXT_REVISION)
            if revision is None:
                raise StoreUnavailable(f"{self.place} has lost its revision counter")
            yield Transaction(connection, revision, self.keyring)
            if self.dialect == "postgresql":
                connection.execute(_NOTIFY, {"channel": CHANNEL, "payload": str(revision)})

    def close(self) -> None:
        """Give back every connection."""
        self.engine.dispose()


def _identity(path: str) -> tuple[int, int] | None:
    try:
        found = os.stat(path)
    except OSError:
        return None
    return (found.st_dev, found.st_ino)


# The row of the counter is the writers' place on PostgreSQL: its lock is held until the commit.
_NEXT_REVISION = text("UPDATE revision SET value = value + 1 WHERE id = 1 RETURNING value")
_NOTIFY = text("SELECT pg_notify(:channel, :payload)")

_READING: dict[str, dict[str, Any]] = {
    "sqlite": {},
    "postgresql": {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True},
}


def parse_url(url: str) -> URL:
    """Return the parsed database `url`; `BadInput` names the two kinds that are allowed."""
    try:
        parsed = make_url(url)
        backend = parsed.get_backend_name()
    except ArgumentError:
        backend = ""
    if backend == "sqlite" and parsed.database not in (None, "", ":memory:") and not parsed.query:
        return parsed
    if backend == "postgresql":
        return parsed.set(drivername="postgresql+psycopg")
    # The text may hold a password: it isn't repeated.
    raise BadInput(
        "the database URL is of no kind this program knows",
        hint="allowed: sqlite:////path/to/file.db or postgresql://user@host/name",
    )


def _engine(url: URL) -> Engine:
    # hide_parameters: what a customer wrote has no place in an error, nor in a log.
    if url.get_backend_name() == "sqlite":
        _create_private(Path(str(url.database)))
        engine = create_engine(url, hide_parameters=True, connect_args={"timeout": LOCK_PATIENCE})
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
        return engine
    query = dict(url.query)
    for name, value in _POSTGRESQL_DEFAULTS.items():
        query.setdefault(name, value)
    query["options"] = f"-c lock_timeout={int(LOCK_PATIENCE * 1000)} {query.get('options', '')}".rstrip()
    try:
        return create_engine(url.set(query=query), pool_pre_ping=True, hide_parameters=True)
    except ModuleNotFoundError:
        raise StoreUnavailable(
            "PostgreSQL needs the psycopg driver",
            hint="install the extra: pip install 'oncall-tui[postgresql]'",
        ) from None


_POSTGRESQL_DEFAULTS = {
    "connect_timeout": "5",
    "application_name": "oncall-tui",
    # A server that falls silent, as after a laptop's sleep, is a failure after seconds and not never.
    "keepalives_idle": "5",
    "keepalives_interval": "2",
    "keepalives_count": "3",
    "tcp_user_timeout": "10000",
}
"""What libpq is told unless the URL says otherwise."""


def _create_private(path: Path) -> None:
    """Make the file (0600) and its folder (0700) where they aren't there; SQLite would follow the umask."""
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        # To close what is there would drop every lock that this process has on it through another store, as
        # POSIX wants: a second process would then take the log away under the first one's feet.
        if not (path.is_file() and os.access(path, os.R_OK)):
            os.close(os.open(path, os.O_RDONLY | os.O_CREAT, 0o600))
    except OSError as error:
        raise StoreUnavailable(
            f"can't open the database {path}: {error.strerror}",
            hint="choose another place with --database sqlite:////path/to/file.db",
        ) from None


def _prepare_sqlite(connection: Any, _record: Any) -> None:
    # Without this the driver would begin transactions on its own, and deferred ones at that: two
    # writers that read before they write then overwrite each other without an error.
    connection.isolation_level = None
    cursor = connection.cursor()
    if cursor.execute("PRAGMA journal_mode").fetchone()[0] != "wal":
        cursor.execute("PRAGMA journal_mode = WAL")
    cursor.execute("PRAGMA foreign_keys = ON")
    cursor.close()


SQLITE_WRITING = {
    # FULL: what was said to be done survives a power cut.
    "act": ("PRAGMA synchronous = FULL", "PRAGMA wal_autocheckpoint = 1000", "PRAGMA cache_size = -2000"),
    # Batches touch the same pages of the indexes again and again: they stay in memory for longer.
    "bulk": (
        "PRAGMA synchronous = NORMAL",
        "PRAGMA wal_autocheckpoint = 10000",
        "PRAGMA cache_size = -65536",
    ),
}
"""What a writer on SQLite sets before it begins, by the kind of write."""


def _begin_sqlite(connection: Connection) -> None:
    kind = connection.get_execution_options().get("oncall_write")
    if kind is None:
        connection.exec_driver_sql("BEGIN")
        return
    for pragma in SQLITE_WRITING[kind]:
        connection.exec_driver_sql(pragma)
    # SQLite's own waiting backs off to long sleeps and lets a patient writer starve: first try often.
    connection.exec_driver_sql("PRAGMA busy_timeout = 0")
    try:
        give_up = time.monotonic() + LOCK_PATIENCE
        while True:
            try:
                connection.exec_driver_sql("BEGIN IMMEDIATE")
                return
            except DBAPIError as error:
                busy = getattr(error.orig, "sqlite_errorname", "").startswith("SQLITE_BUSY")
                if not busy or time.monotonic() > give_up:
                    raise
            time.sleep(random.uniform(0.001, 0.01))  # noqa: S311 - spreads writers, guards nothing
    finally:
        connection.exec_driver_sql(f"PRAGMA busy_timeout = {int(LOCK_PATIENCE * 1000)}")
