"""The ledger of a deadline: why it is due when it is, line by line (R3, R4)."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from oncall_tui.domain.clock import to_local
from oncall_tui.domain.dates import DAY_NAMES, MONTH_NAMES
from oncall_tui.domain.durations import format_duration
from oncall_tui.domain.hours import OpeningHours
from oncall_tui.domain.wallclock import as_utc, clock_changes

# strftime would follow the locale of the process; what explains a deadline is English.
_LONG_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_NAMED_AT_MOST = 3

NARROW = 60
"""Columns below which a stretch and what counted of it don't stand on one line."""
_WEEK = timedelta(days=7)
_DATES_ARE_PLAIN = timedelta(days=300)


@dataclass(frozen=True, slots=True)
class LedgerLine:
    """A stretch [starts, ends) in UTC, how much of it counted, and why."""

    starts: datetime
    ends: datetime
    counted: timedelta
    why: str


def ledger(hours: OpeningHours, start: datetime, budget: timedelta) -> tuple[LedgerLine, ...]:
    """Explain when `budget` of opening time since `start` runs out.

    The lines follow one another without a gap from `start` to the due instant, a line for each
    stretch that is open or shut, and what they counted adds up to `budget`; no budget, no line.
    Raises as `OpeningHours.add` does.
    """
    start, due = as_utc(start), hours.add(start, budget)
    lines, at = [], start
    for opens, closes in hours.intervals(start, due):
        if at < opens:
            why = _why("closed", hours, at, opens, _holidays(hours, at, opens))
            lines.append(LedgerLine(at, opens, timedelta(0), why))
        lines.append(LedgerLine(opens, closes, closes - opens, _why("counted", hours, opens, closes, "")))
        at = closes
    return tuple(lines)


def render_ledger(
    lines: Sequence[LedgerLine], hours: OpeningHours, what: str = "", width: int = 80
) -> list[str]:
    """Return the ledger as lines of text, at most `width` columns (not under 34), provider's local time.

    Under `NARROW` columns a stretch takes two lines: when it was, then what counted. `what` says whose
    budget it is, "Plus, 4 h of telephone hours"; without it, length and calendar do. Seconds
    are shown throughout if any instant has them, years where days and months could mislead.
    """
    if not lines:
        return [" Due at once"]
    total = sum((line.counted for line in lines), timedelta(0))
    exact = any(line.starts.second or line.ends.second for line in lines)
    local = [(to_local(line.starts, hours.zone), to_local(line.ends, hours.zone)) for line in lines]
    years = lines[-1].ends - lines[0].starts > _DATES_ARE_PLAIN
    spans = [_span(starts, ends, exact, years) for starts, ends in local]
    counts = [_clock_length(line.counted, exact) if line.counted else "" for line in lines]
    whole = _clock_length(total, exact)
    first, second = max(map(len, spans)), max(len(whole), *map(len, counts))
    what = what or f"{format_duration(total)} of {hours.name} hours"
    text = textwrap.wrap(
        f"Due {_moment(local[-1][1], exact, years)}  {what} ({hours.describe()})",
        width,
        initial_indent=" ",
        subsequent_indent="   ",
    )
    rows = [(span, count, line.why) for span, count, line in zip(spans, counts, lines, strict=True)]
    for span, count, why in [*rows, ("", whole, f"= {format_duration(total)}")]:
        head = f"   {span:{first}}  {count:>{second}} "
        if width < NARROW:
            text += [f"   {span}"] if span else []
            head = f"      {count:>{second}} "
        text += textwrap.wrap(why, width, initial_indent=head, subsequent_indent=" " * len(head))
    return text


def _why(state: str, hours: OpeningHours, starts: datetime, ends: datetime, holidays: str) -> str:
    return ", ".join(filter(None, (state, holidays, _changes(hours.zone, starts, ends))))


def _changes(zone: ZoneInfo, starts: datetime, ends: datetime) -> str:
    """Say which way the clocks go after `starts` and up to `ends`, and on which day unless it is plain."""
    changes = list(clock_changes(zone, starts, ends))
    if not changes:
        return ""
    if len(changes) > _NAMED_AT_MOST:
        return f"clocks change {len(changes)} times"
    first, last = to_local(starts, zone), to_local(ends, zone)
    words = []
    for change in changes:
        way = "forward" if change.shift > timedelta(0) else "back"
        day = to_local(change.at, zone)
        if first.date() == last.date():
            words.append(f"go {way}")
        elif ends - starts < _WEEK:
            words.append(f"go {way} on {_LONG_DAYS[day.weekday()]}")
        else:
            words.append(f"go {way} on {_date(day)}")
    return f"clocks {' and '.join(words)}"


def _holidays(hours: OpeningHours, starts: datetime, ends: datetime) -> str:
    """Name the holidays in a shut stretch, those that would have had hours otherwise."""
    first, last = to_local(starts, hours.zone).date(), to_local(ends, hours.zone).date()
    found = [day for day in hours.holidays if first <= day <= last and hours.has_hours_on(day.weekday())]
    if not found:
        return ""
    if len(found) > _NAMED_AT_MOST:
        return f"{len(found)} holidays from {_date(found[0])} to {_date(found[-1])}"
    return f"holiday{'s' if found[1:] else ''} {', '.join(map(_date, found))}"


def _span(starts: datetime, ends: datetime, exact: bool, years: bool) -> str:
    if starts.date() == ends.date():
        end = _clock(ends, exact)
    elif ends.date() - starts.date() < _WEEK and not years:
        end = f"{DAY_NAMES[ends.weekday()]} {_clock(ends, exact)}"
    else:
        end = _moment(ends, exact, years)
    return f"{_moment(starts, exact, years)} – {end}"


def _moment(local: datetime, exact: bool, years: bool) -> str:
    year = f" {local.year}" if years else ""
    return f"{DAY_NAMES[local.weekday()]} {_date(local)}{year} {_clock(local, exact)}"


def _date(day: date) -> str:
    return f"{day.day} {MONTH_NAMES[day.month - 1]}"


def _clock(local: datetime, exact: bool) -> str:
    return local.strftime("%H:%M:%S" if exact else "%H:%M")


def _clock_length(length: timedelta, exact: bool) -> str:
    """Return hours and minutes like "3:10", with seconds where the ledger shows them."""
    seconds = length // timedelta(seconds=1)
    text = f"{seconds // 3_600}:{seconds // 60 % 60:02}"
    return f"{text}:{seconds % 60:02}" if exact else text
