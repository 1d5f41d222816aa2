"""Bringing the schema up to date, whole or not at all, whoever starts first."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

from sqlalchemy import Connection, Engine, inspect, text

from oncall_tui.domain.errors import StoreUnavailable
from oncall_tui.store.failures import place_of
from oncall_tui.store.schema import HEAD

_LOCK = 7_013_662
"""The PostgreSQL advisory lock under which one process at a time migrates."""


NO_FULL_TEXT = f"the SQLite {sqlite3.sqlite_version} of this Python has no full-text search (FTS5)"
FULL_TEXT_HINT = "use a Python from python.org or of your system, or PostgreSQL"


def full_text() -> bool:
    """Say whether the SQLite of this Python has what organisations and guides are searched with."""
    with closing(sqlite3.connect(":memory:")) as connection:
        return bool(connection.execute("SELECT sqlite_compileoption_used('ENABLE_FTS5')").fetchone()[0])


def current(connection: Connection) -> str | None:
    """Return the migration the database is at, None for an empty one."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    version: str | None = connection.scalar(text("SELECT version_num FROM alembic_version"))
    return version


def ensure(engine: Engine, *, upgrade: bool) -> None:
    """Bring the schema to `HEAD`; without `upgrade` refuse an older one (`StoreUnavailable`)."""
    with engine.connect() as connection, connection.begin():
        at = current(connection)
    if at == HEAD:
        return
    place = place_of(engine.url)
    if at is not None and at > HEAD:
        raise StoreUnavailable(
            f"{place} was written by a newer oncall-tui (schema {at}; this one knows {HEAD})",
            hint="update oncall-tui",
        )
    if not upgrade:
        found = "has no tables yet" if at is None else f"has schema {at}; this oncall-tui needs {HEAD}"
        raise StoreUnavailable(f"{place} {found}", hint="run: oncall-tui db upgrade")
    _upgrade(engine)


def _upgrade(engine: Engine) -> None:
    if engine.dialect.name == "sqlite" and not full_text():
        raise StoreUnavailable(NO_FULL_TEXT, hint=FULL_TEXT_HINT)
    # Imported here: a database that is up to date, the usual case, never pays for Alembic.
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).with_name("migrations")))
    # One transaction for all steps: a process killed half-way leaves the schema it found. Who comes
    # second waits here and then finds nothing to do.
    with engine.execution_options(oncall_write="act").begin() as connection:
        if engine.dialect.name == "postgresql":
            connection.execute(text("SET LOCAL lock_timeout = 0"))
            connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
        elif inspect(connection).get_table_names() and current(connection) is None:
            raise StoreUnavailable(
                f"{place_of(engine.url)} is a database of another program",
                hint="name another file with --database sqlite:////path/to/file.db",
            )
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
