"""How a value of the settings file is read: a function a kind of value.

Each takes what stands in the file and returns the typed value. It raises `ValueError` for anything else,
`BadInput` where it can say better what is wrong.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, time, timedelta
from pathlib import Path
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from oncall_tui.domain.alert_channels import TerminalWay
from oncall_tui.domain.durations import parse_duration
from oncall_tui.domain.errors import BadInput
from oncall_tui.domain.filters import Filter
from oncall_tui.domain.text import clean

LABEL_LIMIT = 20
"""Characters of a queue's label: several have to stand beside each other."""


def zone(value: object) -> ZoneInfo:
    """Return an IANA time zone; `localtime` is none."""
    if not isinstance(value, str) or value == "localtime":
        raise ValueError
    try:
        return ZoneInfo(value)
    except (KeyError, OSError):
        raise ValueError from None


def _list(value: object, kinds: type | tuple[type, ...]) -> tuple[object, ...]:
    if not isinstance(value, list) or not all(isinstance(item, kinds) for item in value):
        raise ValueError
    return tuple(value)


def intervals(value: object) -> tuple[str, ...]:
    """Return a list of texts, intervals of opening hours."""
    return tuple(str(item) for item in _list(value, str))


def dates(value: object) -> tuple[str, ...]:
    """Return a list of dates as texts."""
    # A TOML date and its text are the same holiday; a date with a time is not one.
    return tuple(str(item) for item in _list(value, (str, date)))


def duration_or_none(value: object) -> timedelta | None:
    """Return a duration up to 366 days, None for `none`."""
    if not isinstance(value, str):
        raise ValueError
    if value.strip().lower() == "none":
        return None
    try:
        duration = parse_duration(value)
    except BadInput:
        raise ValueError from None
    if not timedelta(0) < duration <= timedelta(days=366):
        raise ValueError
    return duration


def boolean(value: object) -> bool:
    """Return true or false."""
    if not isinstance(value, bool):
        raise ValueError
    return value


def number(lowest: float, highest: float) -> Callable[[object], float]:
    """Return what reads a number from `lowest` to `highest`."""

    def read(value: object) -> float:
        if isinstance(value, bool) or not isinstance(value, int | float) or not lowest <= value <= highest:
            raise ValueError
        return float(value)

    return read


def one_of(*names: str) -> Callable[[object], str]:
    """Return what reads one of `names`."""

    def read(value: object) -> str:
        if not isinstance(value, str) or value not in names:
            raise ValueError
        return value

    return read


def share(value: object) -> float:
    """Return a number above 0, up to 1."""
    share = number(0, 1)(value)
    if share == 0:
        raise ValueError
    return share


def whole(lowest: int, highest: int) -> Callable[[object], int]:
    """Return what reads a whole number from `lowest` to `highest`."""

    def read(value: object) -> int:
        if isinstance(value, bool) or not isinstance(value, int) or not lowest <= value <= highest:
            raise ValueError
        return value

    return read


_DATABASE = re.compile(r"sqlite(\+pysqlite)?:///[^~].*|postgres(ql)?(\+psycopg)?://.*", re.DOTALL)


def database(value: object) -> str:
    """Return a database URL of a kind that is known."""
    if not isinstance(value, str) or not _DATABASE.fullmatch(value) or "\0" in value:
        raise ValueError
    urlsplit(value)
    # SQLAlchemy dropped the short name that libpq still takes.
    return re.sub(r"^postgres(?=[:+])", "postgresql", value)


def operator(value: object) -> str:
    """Return a name of 1 to 64 printable characters."""
    if not isinstance(value, str):
        raise ValueError
    name = value.strip()
    if not 0 < len(name) <= 64 or not name.isprintable():
        raise ValueError
    # An é typed on one keyboard is the é typed on another: `mine` compares names.
    return clean(name, limit=64)


def queue_filter(value: object) -> Filter:
    """Return a filter that holds something."""
    if not isinstance(value, str):
        raise ValueError
    wanted = Filter.parse(value)
    if not wanted:
        raise ValueError
    return wanted


def label(value: object) -> str:
    """Return a text of 1 to `LABEL_LIMIT` printable characters."""
    if not isinstance(value, str):
        raise ValueError
    label = value.strip()
    if not 0 < len(label) <= LABEL_LIMIT or not label.isprintable():
        raise ValueError
    return clean(label, limit=LABEL_LIMIT)


def keys(value: object) -> tuple[str, ...]:
    """Return the names of keys, each once."""
    # Imported here: most settings leave the keys as they are.
    from oncall_tui.keynames import key_named

    names = (value,) if isinstance(value, str) else _list(value, str)
    return tuple(dict.fromkeys(key_named(str(name)) for name in names))


def region(value: object) -> str:
    """Return the two letters of a country."""
    if not isinstance(value, str) or not re.fullmatch(r"[A-Z]{2}", value.strip().upper()):
        raise ValueError
    return value.strip().upper()


def key_file(value: object) -> Path:
    """Return the path of a file."""
    if not isinstance(value, str) or not value.strip() or not value.isprintable():
        raise ValueError
    return Path(value).expanduser()


def trust(value: object) -> timedelta | None:
    """Return how long a proof counts, None for its call only."""
    return None if value == "call" else pause(value)


def pause(value: object) -> timedelta:
    """Return a duration from a minute to a day."""
    duration = duration_or_none(value)
    if duration is None or not timedelta(minutes=1) <= duration <= timedelta(days=1):
        raise ValueError
    return duration


def pauses(value: object) -> tuple[timedelta, ...]:
    """Return at least one duration from a minute to a day."""
    pauses = tuple(pause(item) for item in _list(value, str))
    if not pauses:
        raise ValueError
    return pauses


_TIME = re.compile(r"([01]\d|2[0-3]):([0-5]\d)", re.ASCII)


def times(value: object) -> tuple[time, ...]:
    """Return one or more times of day, in order."""
    found = []
    for item in _list(value, str):
        match = _TIME.fullmatch(str(item))
        if match is None:
            raise ValueError
        found.append(time(int(match[1]), int(match[2])))
    if not found:
        raise ValueError
    return tuple(sorted(set(found)))


_SECONDS = re.compile(r"([0-9]{1,4}) ?(?:s|seconds?)", re.IGNORECASE)


def short(lowest: timedelta, highest: timedelta) -> Callable[[object], timedelta]:
    """Return what reads a duration from `lowest` to `highest`, which may be in seconds."""

    def read(value: object) -> timedelta:
        seconds = _SECONDS.fullmatch(value.strip()) if isinstance(value, str) else None
        duration = timedelta(seconds=int(seconds[1])) if seconds else duration_or_none(value)
        if duration is None or not lowest <= duration <= highest:
            raise ValueError
        return duration

    return read


_ADDRESS = re.compile(r"(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9.-]+):(\d{1,5})", re.ASCII)


def address(value: object) -> tuple[str, int] | None:
    """Return the host and port of `host:port`, None for `off`."""
    if value == "off":
        return None
    match = _ADDRESS.fullmatch(value) if isinstance(value, str) else None
    if match is None or not 0 < int(match[2]) < 65536:
        raise ValueError
    return match[1].strip("[]"), int(match[2])


def terminal_way(value: object) -> TerminalWay:
    """Return how the terminal is told."""
    return TerminalWay(one_of(*TerminalWay)(value))


_PUSH_URL = re.compile(r"[a-z][a-z0-9+.-]*://\S+", re.ASCII | re.IGNORECASE)


def push_urls(value: object) -> tuple[str, ...]:
    """Return URLs as Apprise has them, each once. What they hold is no matter of ours."""
    urls = tuple(str(item).strip() for item in _list(value, str))
    if not all(_PUSH_URL.fullmatch(url) and url.isprintable() for url in urls):
        raise ValueError
    return tuple(dict.fromkeys(urls))


def command(value: object) -> tuple[str, ...]:
    """Return a program and its arguments, nothing for none; `~` is the home folder."""
    argv = tuple(str(item) for item in _list(value, str))
    if any("\0" in part for part in argv) or (argv and not argv[0].strip()):
        raise ValueError
    return (str(Path(argv[0]).expanduser()), *argv[1:]) if argv and argv[0].startswith("~") else argv
