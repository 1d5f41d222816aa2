"""Database failures in one clear line each: what, where, what to do."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import URL
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from oncall_tui.domain.errors import StoreUnavailable

_SQLITE = {
    "SQLITE_BUSY": ("is locked by another program", "try again, or close what holds it open"),
    "SQLITE_LOCKED": ("is locked by another program", "try again, or close what holds it open"),
    "SQLITE_READONLY": ("can't be written: it is read-only", "look at the rights of the file and its folder"),
    "SQLITE_FULL": ("can't grow: the disk is full", "free some space; nothing was half written"),
    "SQLITE_NOTADB": ("is not a database", "name another file with --database sqlite:////path/to/file.db"),
    "SQLITE_CORRUPT": ("is damaged", "restore the last backup (oncall-tui db backup makes one)"),
    "SQLITE_CANTOPEN": ("can't be opened", "look at the rights of the file and its folder"),
    "SQLITE_PERM": ("can't be opened", "look at the rights of the file and its folder"),
    "SQLITE_IOERR": ("can't be read or written: the disk reports an error", "look at the disk and its space"),
    "SQLITE_PROTOCOL": ("is locked by another program", "try again, or close what holds it open"),
}


def place_of(url: URL) -> str:
    """Return where the database is: the file, or the URL without its password."""
    if url.get_backend_name() == "sqlite":
        return str(url.database)
    # Of its options only those that say where: others may hold a password.
    where = {name: value for name, value in url.query.items() if name in {"host", "port"}}
    return url.set(drivername="postgresql", query=where).render_as_string(hide_password=True)


@contextmanager
def explained(place: str) -> Iterator[None]:
    """Turn failures of the database into `StoreUnavailable`; a broken constraint or query is a bug
    of ours and passes through.
    """
    try:
        yield
    except PoolTimeout:
        raise StoreUnavailable(f"{place} doesn't answer", hint="try again") from None
    except sqlite3.Error as error:
        failure = _explain_sqlite(error, place)
        if failure is None:
            raise
        raise failure from error
    except DBAPIError as error:
        failure = _explain(error, place)
        if failure is None:
            raise
        raise failure from error


def unreachable(place: str, reason: object) -> StoreUnavailable:
    """Return the error of a server that can't be reached, or was lost, for the driver's `reason`."""
    return StoreUnavailable(
        f"{place} can't be reached: {_first_line(str(reason))}",
        hint="is the server running, and may this user connect?",
    )


def _explain_sqlite(error: sqlite3.Error, place: str) -> StoreUnavailable | None:
    name = getattr(error, "sqlite_errorname", "")
    for prefix, (what, hint) in _SQLITE.items():
        if name.startswith(prefix):
            return StoreUnavailable(f"{place} {what}", hint=hint)
    return None


def _explain(error: DBAPIError, place: str) -> StoreUnavailable | None:
    if isinstance(error.orig, sqlite3.Error):
        return _explain_sqlite(error.orig, place)
    if isinstance(error, OperationalError | InterfaceError) or error.connection_invalidated:
        state = getattr(error.orig, "sqlstate", None)
        if state == "55P03":
            return StoreUnavailable(f"{place} is locked by another program", hint="try again")
        if state == "53100":
            return StoreUnavailable(f"{place} can't grow: the disk is full", hint="free some space")
        return unreachable(place, error.orig)
    if getattr(error.orig, "sqlstate", None) == "25006":
        return StoreUnavailable(f"{place} can't be written: it is read-only", hint="is it a standby?")
    return None


def _first_line(text: str) -> str:
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return lines[0] if lines else "no reason given"
