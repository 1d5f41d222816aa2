"""The notation of a calendar in the settings: weekly hours, holidays and a zone.

Whatever can't be meant is refused with a `BadSettings` that names the key (R2). Times are local
wall-clock times; inside they are minutes after midnight, so 24:00 is 1440.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from itertools import groupby, pairwise
from zoneinfo import ZoneInfo

from oncall_tui.domain.errors import BadSettings

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
DAY_LENGTH = 24 * 60

Hours = tuple[tuple[int, int], ...]
"""The opening intervals [open, close) of one day, in minutes after local midnight, in order."""

Week = tuple[Hours, ...]
"""The hours of Monday to Sunday."""

ALWAYS: Week = (((0, DAY_LENGTH),),) * 7

_GROUPS = {"daily": DAYS, "weekdays": DAYS[:5]}
_ALLOWED_KEYS = (*_GROUPS, *DAYS)
_INTERVAL = re.compile(r"([01][0-9]|2[0-4]):([0-5][0-9]) *- *([01][0-9]|2[0-4]):([0-5][0-9])")
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_EXAMPLE = 'write it like "06:00-19:00"'


def read_week(name: str, weekly: Mapping[str, Sequence[str]]) -> Week:
    """Read the weekly hours of the calendar `name`; adjacent intervals become one (R1, R2).

    Raises `BadSettings` for an unknown day, a bad interval, an overlap, and a week without hours.
    """
    by_day: dict[str, Hours] = {}
    for key, texts in weekly.items():
        path = f"calendars.{name}.{key}"
        if key not in _ALLOWED_KEYS:
            raise BadSettings(
                f"{path}: there is no such day", hint=f"allowed are {', '.join(_ALLOWED_KEYS)}", rule="R2"
            )
        by_day[key] = _read_day(path, texts)
    for group in ("weekdays", "daily"):
        if group in by_day:
            for day in _GROUPS[group]:
                by_day.setdefault(day, by_day[group])
    week = tuple(by_day.get(day, ()) for day in DAYS)
    if not any(week):
        raise BadSettings(
            f"calendars.{name}: it is never open",
            hint='give it hours, for example weekdays = ["06:00-19:00"]',
            rule="R2",
        )
    return week


def read_holidays(name: str, holidays: Iterable[str | date]) -> tuple[date, ...]:
    """Read the holidays of the calendar `name`: local dates, sorted, each once (R1).

    Raises `BadSettings` for anything that is no date.
    """
    path = f"calendars.{name}.holidays"
    if isinstance(holidays, str) or not isinstance(holidays, Iterable):
        raise BadSettings(f"{path}: {holidays!r} is no list of dates", hint='write ["2026-12-25"]')
    return tuple(sorted({_read_date(path, holiday) for holiday in holidays}))


def read_zone(name: str, zone: str) -> ZoneInfo:
    """Load the IANA time zone of the calendar `name` (R1).

    Raises `BadSettings` for an unknown one, and for "localtime", which is whatever zone the laptop
    happens to be in.
    """
    try:
        if zone == "localtime":
            raise ValueError("the zone of this computer")
        return ZoneInfo(zone)
    except (KeyError, ValueError, TypeError, AttributeError, OSError):
        raise BadSettings(
            f"calendars.{name}.timezone: {zone!r} is no known time zone",
            hint="name it like Europe/Zurich; where the system has no zones: pip install tzdata",
            rule="R2",
        ) from None


def write_week(week: Week) -> dict[str, list[str]]:
    """Return the settings notation of `week`: a key for each day with hours."""
    return {
        day: [f"{_clock(opens)}-{_clock(closes)}" for opens, closes in hours]
        for day, hours in zip(DAYS, week, strict=True)
        if hours
    }


def describe_week(week: Week) -> str:
    """Return `week` for people, like "Mon–Fri 06–19, Sat 09–12:30", "daily 06–23" or "24/7"."""
    if week == ALWAYS:
        return "24/7"
    parts = []
    for hours, run in groupby(range(7), key=week.__getitem__):
        days = list(run)
        if hours:
            times = " ".join(f"{_brief(opens)}–{_brief(closes)}" for opens, closes in hours)
            parts.append(f"{_span_of_days(days)} {times}")
    return ", ".join(parts)


def _read_day(path: str, texts: Sequence[str]) -> Hours:
    if isinstance(texts, str) or not isinstance(texts, Sequence):
        raise BadSettings(f"{path}: {texts!r} is no list of intervals", hint='write ["06:00-19:00"]')
    merged: list[tuple[int, int]] = []
    intervals = sorted(_read_interval(path, text) for text in texts)
    for (first, before), (after, last) in pairwise(intervals):
        if after < before:
            raise BadSettings(
                f"{path}: {_clock(first)}-{_clock(before)} and {_clock(after)}-{_clock(last)} overlap",
                hint="an interval may begin where the one before ends, not earlier",
                rule="R2",
            )
    for opens, closes in intervals:
        if merged and merged[-1][1] == opens:
            merged[-1] = (merged[-1][0], closes)
        else:
            merged.append((opens, closes))
    return tuple(merged)


def _read_interval(path: str, text: str) -> tuple[int, int]:
    found = _INTERVAL.fullmatch(text) if isinstance(text, str) else None
    if found is None:
        raise BadSettings(f"{path}: {text!r} is no interval", hint=_EXAMPLE, rule="R2")
    hour, minute, closing_hour, closing_minute = map(int, found.groups())
    opens, closes = hour * 60 + minute, closing_hour * 60 + closing_minute
    if opens >= DAY_LENGTH or closes > DAY_LENGTH:
        raise BadSettings(f"{path}: {text!r} ends after 24:00", hint=_EXAMPLE, rule="R2")
    if closes == opens:
        raise BadSettings(f"{path}: {text!r} closes when it opens", hint=_EXAMPLE, rule="R2")
    if closes < opens:
        raise BadSettings(
            f"{path}: {text!r} closes before it opens; hours across midnight need a split at 24:00",
            hint=f'write "{_clock(opens)}-24:00"'
            + (f', and "00:00-{_clock(closes)}" on the day after' if closes else ""),
            rule="R2",
        )
    # People write 23:59 for "until midnight"; a minute of closed time was never meant.
    return opens, DAY_LENGTH if closes == DAY_LENGTH - 1 else closes


def _read_date(path: str, holiday: str | date) -> date:
    text = str(holiday)
    try:
        if _DATE.fullmatch(text):
            return date.fromisoformat(text)
    except ValueError:
        pass
    raise BadSettings(f"{path}: {text!r} is no date", hint='write it like "2026-12-25"', rule="R1")


def _clock(minutes: int) -> str:
    return f"{minutes // 60:02}:{minutes % 60:02}"


def _brief(minutes: int) -> str:
    return _clock(minutes).removesuffix(":00")


def _span_of_days(days: list[int]) -> str:
    if len(days) == 7:
        return "daily"
    first, last = DAYS[days[0]].title(), DAYS[days[-1]].title()
    return first if len(days) == 1 else f"{first}–{last}"
