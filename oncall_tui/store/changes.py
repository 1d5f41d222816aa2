"""That something was committed, by whomever: the signal behind every refresh. What it was is asked
with `queues.changed_since`.
"""

from __future__ import annotations

import threading
import time
from abc import ABC, abstractmethod
from typing import Any, Protocol

from oncall_tui.store.engine import CHANNEL, Store
from oncall_tui.store.failures import explained, unreachable

SQLITE_LOOKS_EVERY = 0.3
"""Seconds between two looks at `PRAGMA data_version`: waking up for one is most of what a look costs."""

_LOOKS_A_FILE = 4
"""At every so manieth look it is also seen whether the file is still the same."""

POSTGRESQL_LOOKS_EVERY = 0.5
"""Seconds that a wait for notifications may outlive `close()`."""


class ChangeSignal(Protocol):
    """Tells that something may have changed. One thread waits; any thread may close."""

    def wait(self, timeout: float) -> bool:
        """Block until something was committed (True), `timeout` seconds went by or `close()` (False).

        True also where commits may have been missed, as after a lost connection. Raises
        `StoreUnavailable` when the database can't be asked; the next call connects anew.
        """
        ...

    def close(self) -> None:
        """End a wait under way and give back the connection."""
        ...


def signal(store: Store) -> ChangeSignal:
    """Return the change signal that suits the database of `store`."""
    return _SqliteSignal(store) if store.dialect == "sqlite" else _PostgresqlSignal(store)


class _Signal(ABC):
    """Who comes last gives back the connection: the waiter if there is one, else who closes."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._closed = threading.Event()
        self._waiting = threading.Lock()
        self._connection: Any = None

    def wait(self, timeout: float) -> bool:
        with self._waiting:
            try:
                return not self._closed.is_set() and self._look(time.monotonic() + timeout)
            finally:
                if self._closed.is_set():
                    self._release()

    def close(self) -> None:
        self._closed.set()
        if self._waiting.acquire(blocking=False):
            self._release()
            self._waiting.release()

    @abstractmethod
    def _look(self, give_up: float) -> bool: ...

    @abstractmethod
    def _release(self) -> None: ...


class _SqliteSignal(_Signal):
    """Looks at a counter that tells of commits by other connections than the one that asks: this one
    is kept, and never writes.
    """

    _seen: int | None = None
    _generation = 0
    _looks = 0

    def _look(self, give_up: float) -> bool:
        with explained(self._store.place):
            while not self._closed.is_set():
                version = self._data_version()
                if version != self._seen:
                    self._seen = version
                    return True
                left = give_up - time.monotonic()
                if left <= 0:
                    return False
                self._closed.wait(min(left, SQLITE_LOOKS_EVERY))
        return False

    def _data_version(self) -> int:
        if self._connection is None or self._looks % _LOOKS_A_FILE == 0:
            self._store.look_at_file()
        self._looks += 1
        if self._store.generation != self._generation:
            self._release()
            self._generation = self._store.generation
        if self._connection is None:
            self._connection = self._store.engine.raw_connection()
        try:
            # The driver's own: SQLAlchemy's would take ten times as long, for as long as nothing happens.
            found = self._connection.driver_connection.execute("PRAGMA data_version")
            return int(found.fetchone()[0])
        except Exception:
            self._release()
            raise

    def _release(self) -> None:
        if self._connection is not None:
            self._connection.invalidate()
            self._connection = None
            self._seen = None


class _PostgresqlSignal(_Signal):
    """Listens on a connection of its own, outside the pool: it waits for as long as the board is open."""

    def _look(self, give_up: float) -> bool:
        dbapi: Any = self._store.engine.dialect.dbapi
        try:
            if self._connection is None:
                self._listen(dbapi)
                return True
            while not self._closed.is_set() and (left := give_up - time.monotonic()) > 0:
                patience = min(left, POSTGRESQL_LOOKS_EVERY)
                if list(self._connection.notifies(timeout=patience, stop_after=1)):
                    return True
        except dbapi.Error as error:
            self._release()
            raise unreachable(self._store.place, error) from error
        return False

    def _listen(self, dbapi: Any) -> None:
        engine = self._store.engine
        _, options = engine.dialect.create_connect_args(engine.url)
        self._connection = dbapi.connect(
            **{**options, "autocommit": True, "application_name": "oncall-tui changes"}
        )
        self._connection.execute(f"LISTEN {CHANNEL}")

    def _release(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None
