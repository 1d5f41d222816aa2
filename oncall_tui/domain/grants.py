"""Temporary access: what a customer opened to us, for how long, and who of us used it (R23).

A grant runs from its beginning up to its end, and the instant of the end is out. It can be given back before
its time; then that is its end. A use never lasts longer than the grant that it is made of.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from oncall_tui.domain.clock import EPOCH, parse_instant, to_local
from oncall_tui.domain.durations import parse_duration
from oncall_tui.domain.errors import BadInput
from oncall_tui.domain.folding import fold
from oncall_tui.domain.messages import marked

WARN_BEFORE = timedelta(minutes=15)
"""How long before its end an access that is used is warned of, unless a setting says otherwise."""

UNTIL_ALLOWED = '"4h", "18:00" or "2026-11-27 18:00"'
"""How an end can be written."""

_TIME = re.compile(r"(?P<clock>[0-9]{1,2}:[0-9]{2})(?P<offset>[Zz]|[+-][0-9]{2}:?[0-9]{2})?", re.ASCII)


class GrantState(StrEnum):
    """How a grant stands at an instant."""

    IN_USE = marked("in use")
    ACTIVE = marked("active")
    NOT_YET = marked("not yet")
    ENDED = marked("ended")
    """It was given back, or taken away, before its time."""

    EXPIRED = marked("ran out")

    @property
    def in_force(self) -> bool:
        """Say whether the access may be used."""
        return self in (GrantState.IN_USE, GrantState.ACTIVE)

    @property
    def over(self) -> bool:
        """Say whether the access has come to its end."""
        return self in (GrantState.ENDED, GrantState.EXPIRED)


@dataclass(frozen=True, slots=True)
class Use:
    """That an engineer uses, or used, a grant; instants are UTC. `ticket` is a reference, empty without one.

    `ended_at` is when they said that they stopped; the end of the grant ends the use as well.
    """

    id: int
    operator: str
    workstation: str
    purpose: str
    ticket: str
    began_at: datetime
    ended_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Grant:
    """Access to one service of an organisation from `granted_at` until `until`, instants in UTC.

    `granted_by` is who of theirs granted it, `recorded_by` who of us wrote it down; both are empty, and
    `recorded_at` is None, where a file says so. `ended_at` is when it was given back before its time.
    """

    id: int
    customer: str
    customer_name: str
    service: str
    granted_at: datetime
    until: datetime
    granted_by: str = ""
    recorded_by: str = ""
    recorded_at: datetime | None = None
    ended_at: datetime | None = None
    ended_by: str = ""
    uses: tuple[Use, ...] = ()

    @property
    def ends_at(self) -> datetime:
        """Return the instant from which on it can't be used, which is out itself."""
        return self.until if self.ended_at is None else min(self.until, self.ended_at)

    def state(self, now: datetime) -> GrantState:
        """Return how it stands at `now`."""
        if now >= self.ends_at:
            return GrantState.ENDED if self.ends_at < self.until else GrantState.EXPIRED
        if now < self.granted_at:
            return GrantState.NOT_YET
        return GrantState.IN_USE if self.in_use(now) else GrantState.ACTIVE

    def left(self, now: datetime) -> timedelta:
        """Return how long it can still be used, from its beginning if that is to come; over is zero."""
        return max(self.ends_at - max(now, self.granted_at), timedelta())

    def warn_at(self, before: timedelta = WARN_BEFORE) -> datetime:
        """Return when who uses it is warned, the time `before` its end."""
        return self.ends_at - before

    def end_of(self, use: Use) -> datetime | None:
        """Return when `use` ended or ends at the latest: None while nobody said so and the grant runs on."""
        if use.ended_at is not None:
            return min(use.ended_at, self.ends_at)
        return None

    def in_use(self, now: datetime) -> tuple[Use, ...]:
        """Return the uses that go on at `now`, the first one first."""
        if not self.granted_at <= now < self.ends_at:
            return ()
        return tuple(
            use for use in self.uses if use.began_at <= now and (use.ended_at is None or now < use.ended_at)
        )

    def use_of(self, operator: str) -> Use | None:
        """Return the use that `operator` hasn't given back, also of a grant that is over."""
        mine = (use for use in self.uses if use.operator == operator and use.ended_at is None)
        return next(mine, None)

    def as_of(self, instant: datetime) -> Grant | None:
        """Return the grant without what came later than `instant`; None if nobody knew of it then.

        Its end is the one that is on file now.
        """
        if self.recorded_at is not None and min(self.recorded_at, self.granted_at) > instant:
            return None
        uses = tuple(
            use if use.ended_at is None or use.ended_at <= instant else replace(use, ended_at=None)
            for use in self.uses
            if use.began_at <= instant
        )
        if self.ended_at is None or self.ended_at <= instant:
            return replace(self, uses=uses)
        return replace(self, uses=uses, ended_at=None, ended_by="")


def in_order(grants: Iterable[Grant], now: datetime) -> tuple[Grant, ...]:
    """Return what is active, the first to run out first, then what is to come, then what is over, the latest
    first.
    """

    def place(grant: Grant) -> tuple[int, timedelta, int]:
        state = grant.state(now)
        if state.in_force:
            return 0, grant.ends_at - EPOCH, grant.id
        if not state.over:
            return 1, grant.granted_at - EPOCH, grant.id
        return 2, EPOCH - grant.ends_at, -grant.id

    return tuple(sorted(grants, key=place))


def parse_until(text: str, now: datetime, zone: ZoneInfo) -> datetime:
    """Read until when something is granted: a length of time from `now` (UTC) like "4h", a time of day of
    `zone` like "18:00", the next one, or day and time like "2026-11-27 18:00". Returns UTC.

    Raises `BadInput` for anything else, and for a local time that doesn't exist or occurs twice unless its
    offset is given, as in "02:30+01:00" (R4).
    """
    said = " ".join(text.split())
    if found := _TIME.fullmatch(said):
        return _next(found["clock"].rjust(5, "0"), found["offset"] or "", now, zone)
    if said[:4].isdecimal() and said[4:5] == "-":
        return parse_instant(said, zone)
    try:
        return now + parse_duration(said)
    except BadInput:
        raise BadInput(f"{said[:40]!r} says no end", hint=f"write it like {UNTIL_ALLOWED}") from None


def _next(clock: str, offset: str, now: datetime, zone: ZoneInfo) -> datetime:
    """Return the next instant after `now` at which the clocks of `zone` show `clock`."""
    today = to_local(now, zone).date()
    for day in (today, today + timedelta(days=1)):
        written = f"{day.isoformat()} {clock}"
        if offset:
            at = parse_instant(written + offset, zone)
        else:
            try:
                local = datetime.fromisoformat(written)
            except ValueError:
                raise BadInput(f"{clock} is no time of day", hint="write it like 18:00") from None
            # Of a time that occurs twice both may be over already.
            if max(local.replace(tzinfo=zone, fold=fold).astimezone(UTC) for fold in (0, 1)) <= now:
                continue
            at = parse_instant(written, zone)
        if at > now:
            return at
    raise BadInput(f"{clock}{offset} is over already", hint=f"write it like {UNTIL_ALLOWED}")


def named(text: str, services: Sequence[str]) -> str:
    """Return which of the `services` `text` names: by its number, from 1, or its name in any capitals.

    Raises `BadInput` that names them: access is to named services only (R23).
    """
    said = text.strip()
    if said in services:
        return said
    if said.isdecimal() and 1 <= int(said) <= len(services):
        return services[int(said) - 1]
    alike = [name for name in services if fold(name) == fold(said)]
    if said and alike:
        return alike[0]
    raise BadInput(
        f"{said[:60]!r} is none of their services" if said else "a service is needed",
        hint=f"theirs: {', '.join(services)}" if services else "no service of theirs is on file",
        rule="R23",
    )
