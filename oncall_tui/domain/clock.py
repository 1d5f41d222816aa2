"""Instants: how they are read from text, resolved in a zone and counted.

An instant is a `datetime` with an offset; inside the program it is always UTC. Nothing in the
domain reads a clock: whoever needs the present takes a `Clock` or an argument `now`.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from oncall_tui.domain.errors import BadInput

Clock = Callable[[], datetime]
"""Returns the present as an instant in UTC."""

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
EARLIEST = datetime(1980, 1, 1, tzinfo=UTC)
LATEST = datetime(2200, 1, 1, tzinfo=UTC)

_MICROSECOND = timedelta(microseconds=1)
_SHAPE = re.compile(
    r"\d\d\d\d-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:[.,]\d{1,6})?)?)?(?:[Zz]|[+-]\d\d:?\d\d)?", re.ASCII
)


def to_micros(instant: datetime) -> int:
    """Return `instant` as whole microseconds since 1970-01-01T00:00Z; a naive one is a ValueError."""
    if instant.tzinfo is None:
        raise ValueError(f"{instant!r} has no offset, so it is no instant")
    since = instant - EPOCH
    return (since.days * 86_400 + since.seconds) * 1_000_000 + since.microseconds


def from_micros(micros: int) -> datetime:
    """Return the UTC instant that lies `micros` microseconds after 1970-01-01T00:00Z."""
    return EPOCH + timedelta(microseconds=micros)


def minute_after(instant: datetime) -> datetime:
    """Return the first whole minute that isn't before `instant`: who is told to wait until then needn't
    wait again.
    """
    return instant + (-(instant - EPOCH)) % timedelta(minutes=1)


def to_local(instant: datetime, zone: ZoneInfo) -> datetime:
    """Return `instant` on the wall clock of `zone`, for display only: subtract in UTC."""
    return instant.astimezone(zone)


def exists(local: datetime, zone: ZoneInfo) -> bool:
    """Say whether the naive wall-clock time `local` occurs in `zone` (R4)."""
    aware = local.replace(tzinfo=zone, fold=0)
    return aware.astimezone(UTC).astimezone(zone).replace(tzinfo=None) == local


def parse_instant(text: str, zone: ZoneInfo) -> datetime:
    """Read an ISO 8601 instant; without an offset it is wall-clock time in `zone`.

    Returns UTC. Raises `BadInput` for anything else: another notation, a date alone, a local time
    that doesn't exist or occurs twice in `zone`, or a year outside 1980 to 2199.
    """
    if not _SHAPE.fullmatch(text):
        raise BadInput(
            f"{text[:40]!r} is no ISO 8601 instant",
            hint="write it like 2026-03-27T18:10 or 2026-03-27T18:10:00+01:00",
        )
    try:
        parsed = datetime.fromisoformat(text.replace(",", ".").upper())
    except ValueError as error:
        raise BadInput(
            f"{text!r} is no possible date and time ({error})",
            hint="write it like 2026-03-27T18:10 or 2026-03-27T18:10:00+01:00",
        ) from None
    if len(text) == 10:
        raise BadInput(f"{text!r} is a date without a time", hint=f"write it like {text}T18:10")
    # Compared before any conversion, which would overflow at the ends of the calendar.
    if not 1980 <= parsed.year < 2200:
        raise BadInput(f"{text!r} is outside the years 1980 to 2199")
    if parsed.tzinfo is None:
        parsed = _resolve(parsed, text, zone)
    return parsed.astimezone(UTC)


def _resolve(local: datetime, text: str, zone: ZoneInfo) -> datetime:
    first, second = (local.replace(tzinfo=zone, fold=fold) for fold in (0, 1))
    # Only a time that the clocks skip or repeat has two offsets.
    if first.utcoffset() == second.utcoffset():
        return first
    if not exists(local, zone):
        later = first.astimezone(UTC).astimezone(zone)
        raise BadInput(
            f"{text} does not exist in {zone.key}: the clocks go forward over it",
            hint=f"give the offset; just after the change it is {later.isoformat()}",
            rule="R4",
        )
    raise BadInput(
        f"{text} occurs twice in {zone.key}: the clocks go back over it",
        hint=f"give the offset: {first.isoformat()} or {second.isoformat()}",
        rule="R4",
    )
