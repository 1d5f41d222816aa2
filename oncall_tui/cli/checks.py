"""The checks of `doctor`: each looks at one thing and says what it found. None raises or changes anything."""

from __future__ import annotations

import os
import platform
import re
import shutil
import stat
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import TZPATH, ZoneInfo

from oncall_tui import __version__
from oncall_tui.cli.alert_checks import alert_checks
from oncall_tui.cli.finding import Finding, State
from oncall_tui.cli.source_checks import source_checks
from oncall_tui.domain.errors import OncallError, StoreUnavailable

if TYPE_CHECKING:
    from oncall_tui.cli.context import Context
    from oncall_tui.config import Settings
    from oncall_tui.domain.correspondence import SourceHealth
    from oncall_tui.store.engine import Store
    from oncall_tui.store.maintenance import Health

LITTLE_SPACE, NO_SPACE = 1_000_000_000, 50_000_000
"""Free bytes below which the disk is a warning, and a failure."""

SLOW_READ = 0.5
"""Seconds from which a read of the database is worth a warning."""

SMALLEST = (60, 20)
"""Columns and lines that the dashboard is drawn for at least."""


def all_checks(context: Context) -> list[Finding]:
    """Look at everything, in the order in which it would be mended."""
    findings = [*_program(), *_packages()]
    try:
        settings = context.settings
    except OncallError as error:
        findings.append(Finding("settings", State.FAIL, error.message, error.hint))
        return [*findings, *_terminal()]
    database = list(_database(settings))
    failed = any(finding.state is State.FAIL for finding in database)
    return [
        *findings,
        *_settings(settings),
        *database,
        *_codes(settings, *(("", False) if failed else _sealing(settings))),
        *_zones(settings),
        *_clock(settings, context.clock()),
        *_telephone(settings),
        *_document(settings),
        *_terminal(),
        *alert_checks(settings.channels, settings.source),
        *source_checks(settings.sources, {} if failed else _source_health(settings), context.clock()),
    ]


def _source_health(settings: Settings) -> Mapping[str, SourceHealth]:
    """Return how the sources did by now, by name; nothing where no store of this program's schema is."""
    from oncall_tui.store import sources

    # What the store itself lacks is told by the check of the database.
    with suppress(OncallError), _ready_store(settings) as store:
        if store is not None:
            with store.connect() as connection:
                return {health.name: health for health in sources.health(connection, datetime.now(UTC))}
    return {}


def _telephone(settings: Settings) -> Iterator[Finding]:
    if settings.baresip is not None:
        place = "{}:{}".format(*settings.baresip)
        # Its socket has one client: who looks whether it answers takes it from the board.
        yield Finding("telephone", State.OK, f"baresip at {place}; the board says whether it answers")


def _document(settings: Settings) -> Iterator[Finding]:
    """Say whether technical documents can be issued (R25)."""
    from oncall_tui.documents import installed

    support = settings.offer.support
    lacking = []
    if any(terms.emergency for terms in settings.offer.plans.values()) and not support.emergency_phone:
        lacking.append("support.emergency_phone")
    if not support.phone:
        lacking.append("support.phone")
    if not installed():
        # Whoever has no use for documents needn't install what prints them.
        state = State.WARN if len(lacking) < 2 else State.OK
        yield Finding(
            "document", state, "the extra pdf is not installed", "pip install 'oncall-tui[pdf]' to issue any"
        )
    elif lacking:
        hint = "in the settings; without it some plans get no technical document"
        yield Finding("document", State.OK, "no number to call is set", f"{' and '.join(lacking)} {hint}")
    else:
        unset = [name for name in ("name", "email", "web", "status") if not getattr(support, name)]
        without = f"; without {', '.join(f'support.{name}' for name in unset)}" if unset else ""
        yield Finding("document", State.OK, f"can be issued{without}")


def _program() -> Iterator[Finding]:
    text = f"oncall-tui {__version__}, Python {platform.python_version()}, {platform.platform(terse=True)}"
    yield Finding("program", State.OK, text)


def _packages() -> Iterator[Finding]:
    found, missing = [], []
    for name in _needed():
        try:
            found.append(f"{name} {metadata.version(name)}")
        except metadata.PackageNotFoundError:
            missing.append(name)
    if missing:
        yield Finding(
            "packages", State.FAIL, f"missing: {', '.join(missing)}", "install again: pip install oncall-tui"
        )
    else:
        yield Finding("packages", State.OK, ", ".join(found))


def _needed() -> list[str]:
    """Return the packages that the program was installed to need, extras apart."""
    requirements = metadata.requires("oncall-tui") or []
    return [
        match[0]
        for each in requirements
        if "extra ==" not in each and (match := re.match(r"[\w.-]+", each)) is not None
    ]


def _settings(settings: Settings) -> Iterator[Finding]:
    from oncall_tui.config import default_file

    if settings.source is None:
        yield Finding("settings", State.OK, f"the defaults; there is no {default_file()}")
        return
    mode = settings.source.stat().st_mode
    if mode & stat.S_IWOTH:
        yield Finding(
            "settings",
            State.WARN,
            f"{settings.source} can be changed by everybody on this machine",
            f"chmod o-w {settings.source}",
        )
    else:
        yield Finding("settings", State.OK, str(settings.source))


def _database(settings: Settings) -> Iterator[Finding]:
    from oncall_tui.store.engine import Store, parse_url
    from oncall_tui.store.failures import place_of

    try:
        url = parse_url(settings.database)
        if url.get_backend_name() == "sqlite":
            yield from _full_text()
        if url.get_backend_name() == "sqlite" and not Path(str(url.database)).exists():
            yield Finding(
                "database",
                State.WARN,
                f"{place_of(url)} isn't there yet",
                "it is made when the dashboard opens",
            )
            return
        store = Store.attach(settings.database)
        try:
            yield from _store(store)
        finally:
            store.close()
    except StoreUnavailable as error:
        yield Finding("database", State.FAIL, error.message, error.hint, unreachable=True)
    except OncallError as error:
        yield Finding("database", State.FAIL, error.message, error.hint)


def _full_text() -> Iterator[Finding]:
    from oncall_tui.store.migrate import FULL_TEXT_HINT, NO_FULL_TEXT, full_text

    if not full_text():
        yield Finding("search", State.FAIL, NO_FULL_TEXT, FULL_TEXT_HINT)


def _store(store: Store) -> Iterator[Finding]:
    from oncall_tui.store.maintenance import health

    began = time.perf_counter()
    seen = health(store)
    took = time.perf_counter() - began
    size = f"{seen.size / 1e6:.1f} MB, {seen.open_tickets} open tickets"
    yield Finding("database", State.OK, f"{seen.dialect} {seen.server}, {seen.place}, {size}")
    yield from _schema(seen)
    if seen.schema == seen.expected:
        yield from _writing(store)
    slow = took > SLOW_READ
    yield Finding(
        "reading",
        State.WARN if slow else State.OK,
        f"a read took {took * 1000:.0f} ms",
        "a board on a slow database lags behind; is the server far away, or the disk on a network?"
        if slow
        else "",
    )
    if seen.dialect == "SQLite":
        yield from _sqlite_file(seen)


def _schema(seen: Health) -> Iterator[Finding]:
    if seen.schema == seen.expected:
        yield Finding("schema", State.OK, f"{seen.schema}, up to date")
    elif seen.schema is None or seen.schema < seen.expected:
        at = "no tables yet" if seen.schema is None else f"{seen.schema}, older than {seen.expected}"
        yield Finding(
            "schema", State.WARN, at, "run: oncall-tui db upgrade (the dashboard does so by itself)"
        )
    else:
        text = f"{seen.schema}, newer than this program's {seen.expected}"
        yield Finding("schema", State.FAIL, text, "update oncall-tui")


class _TakenBack(Exception):
    """Ends a trial write, so that nothing of it stays."""


def _writing(store: Store) -> Iterator[Finding]:
    try:
        with store.begin():
            raise _TakenBack
    except _TakenBack:
        yield Finding("writing", State.OK, "the database can be written")
    except StoreUnavailable as error:
        yield Finding("writing", State.FAIL, error.message, error.hint)


def _sqlite_file(seen: Health) -> Iterator[Finding]:
    if seen.journal != "wal":
        yield Finding(
            "journal",
            State.WARN,
            f"the journal mode is {seen.journal}, not wal: readers and writers wait for one another",
            "keep the file on a local disk; network file systems have no write-ahead log",
        )
    if seen.mode is not None and seen.mode & 0o077:
        yield Finding(
            "rights",
            State.WARN,
            f"others on this machine may open the file (mode {seen.mode:03o})",
            f"chmod 600 {seen.place}",
        )
    free = shutil.disk_usage(Path(seen.place).absolute().parent).free
    state = State.FAIL if free < NO_SPACE else State.WARN if free < LITTLE_SPACE else State.OK
    hint = (
        ""
        if state is State.OK
        else "free some space, or move the file: --database sqlite:////path/to/file.db"
    )
    yield Finding("disk", state, f"{free / 1e9:.1f} GB free", hint)


def _codes(settings: Settings, in_force: str, without: bool) -> Iterator[Finding]:
    """Look at the key of codes and audit, which is `in_force` by its id, and make none."""
    from oncall_tui.store.keyring import KeyTrouble

    keyring = settings.keyring
    if not keyring.exists() and not in_force:
        yield Finding("codes", State.OK, f"no key yet; the first act makes it: {keyring.place}")
        return
    try:
        key = keyring.get(in_force) if in_force else keyring.newest()
    except KeyTrouble as trouble:
        message = f"off: {trouble.message}; the audit goes on without a key"
        yield Finding("codes", State.WARN, message, trouble.hint)
        return
    mode = f" (mode {stat.S_IMODE(settings.key_file.stat().st_mode):04o})" if keyring.is_file else ""
    message = f"key {key.id} from {keyring.place}{mode}"
    if without:
        yield Finding(
            "codes",
            State.WARN,
            f"{message}; the last entry of the audit was written without it",
            "some desk has no key: run oncall-tui doctor there; oncall-tui audit verify says which entries",
        )
    else:
        yield Finding("codes", State.OK, message)


def _sealing(settings: Settings) -> tuple[str, bool]:
    """Return the id of the key in force, empty for none, and whether the last entry lacks it."""
    from oncall_tui.store import audit_reading, sealing

    # As above.
    with suppress(OncallError), _ready_store(settings) as store:
        if store is not None:
            with store.connect() as connection:
                in_force = sealing.key_id(connection) or ""
                head = audit_reading.head(connection)
            return in_force, bool(in_force and head and head.last_id and not head.key_id)
    return "", False


@contextmanager
def _ready_store(settings: Settings) -> Iterator[Store | None]:
    """Open the store for a `with` block; None where there is none, or none of this program's schema."""
    from oncall_tui.store.engine import Store, parse_url
    from oncall_tui.store.maintenance import health
    from oncall_tui.store.schema import HEAD

    url = parse_url(settings.database)
    if url.get_backend_name() == "sqlite" and not Path(str(url.database)).exists():
        yield None
        return
    store = Store.attach(settings.database)
    try:
        yield store if health(store).schema == HEAD else None
    finally:
        store.close()


def _zones(settings: Settings) -> Iterator[Finding]:
    where = next((folder for folder in TZPATH if Path(folder, "Europe", "Zurich").exists()), None)
    if where is None:
        try:
            where = f"the tzdata package {metadata.version('tzdata')}"
        except metadata.PackageNotFoundError:
            yield Finding("zones", State.FAIL, "there is no time zone data", "pip install tzdata")
            return
    offset = datetime(2026, 3, 29, 12, tzinfo=ZoneInfo("Europe/Zurich")).utcoffset()
    if offset != timedelta(hours=2):
        yield Finding("zones", State.FAIL, f"{where} doesn't know summer time", "install tzdata anew")
        return
    names = dict.fromkeys(hours.zone.key for hours in settings.offer.calendars.values())
    yield Finding("zones", State.OK, f"{', '.join(names)} from {where}")


def _clock(settings: Settings, now: datetime) -> Iterator[Finding]:
    local = now.astimezone(settings.offer.zone)
    text = f"{local:%Y-%m-%d %H:%M:%S} in {settings.offer.zone.key}, {now.astimezone(UTC):%H:%M:%S} UTC"
    if now.year < 2026 or now.year >= 2200:
        yield Finding("clock", State.FAIL, f"{text}: that can't be", "set the clock of this machine")
    else:
        yield Finding("clock", State.OK, text)


def _terminal() -> Iterator[Finding]:
    size = _size()
    if size is None:
        yield Finding("terminal", State.OK, "none here; the dashboard needs one, commands don't")
        return
    term = os.environ.get("TERM", "")
    colours = "true colour" if os.environ.get("COLORTERM") in ("truecolor", "24bit") else "basic colours"
    if os.environ.get("NO_COLOR"):
        colours = "no colours (NO_COLOR)"
    within = [
        name for name, variable in (("tmux", "TMUX"), ("ssh", "SSH_CONNECTION")) if os.environ.get(variable)
    ]
    inside = f", inside {' and '.join(within)}" if within else ""
    encoding = (getattr(sys.stdout, "encoding", None) or "none").lower()
    text = f"{term or 'TERM is not set'}, {size.columns}x{size.lines}, {colours}, {encoding}{inside}"
    hints = []
    if term in ("", "dumb", "unknown"):
        hints.append("set TERM to what the terminal is, such as xterm-256color")
    if encoding.replace("-", "") != "utf8":
        hints.append("use a UTF-8 locale, such as LANG=C.UTF-8")
    if size.columns < SMALLEST[0] or size.lines < SMALLEST[1]:
        hints.append(f"make it at least {SMALLEST[0]}x{SMALLEST[1]}")
    yield Finding("terminal", State.WARN if hints else State.OK, text, "; ".join(hints))


def _size() -> os.terminal_size | None:
    for stream in (1, 0, 2):
        try:
            return os.get_terminal_size(stream)
        except OSError:
            continue
    return None
