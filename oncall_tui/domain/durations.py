"""Lengths of time in words: read from settings and commands, written for people.

What is left of a deadline is rounded down and what is over is rounded up, in the unit shown, so that
a screen never promises time that isn't there (R3).
"""

from __future__ import annotations

import re
from datetime import timedelta

from oncall_tui.domain.errors import BadInput

WIDTH = 9
"""Columns of `format_remaining` up to 99 hours, and of `format_left` always."""

_SHAPE = re.compile(
    r"(?:(?P<hours>[0-9]{1,5}) ?(?:h|hours?) ?(?:(?P<rest>[0-9]{1,2}) ?(?:m|min|minutes?)?)?"
    r"|(?P<minutes>[0-9]{1,6}) ?(?:m|min|minutes?))"
)
_SECOND, _MINUTE, _HOUR, _DAY = (timedelta(seconds=n) for n in (1, 60, 3_600, 86_400))


def parse_duration(text: str) -> timedelta:
    """Read "1h", "90m", "1h30", "30 min" or "2 h 15 min": whole minutes, more than none.

    Raises `BadInput` for anything else; `1h75` is taken for a mistake.
    """
    found = _SHAPE.fullmatch(" ".join(text.lower().split()))
    if found:
        hours, rest, minutes = (int(found[part] or 0) for part in ("hours", "rest", "minutes"))
        total = timedelta(hours=hours, minutes=rest + minutes)
        if rest < 60 and total:
            return total
    raise BadInput(
        f"{text[:40]!r} is no length of time",
        hint='write hours and minutes, at least 1 min: "1h", "90m", "1h30", "30 min", "2 h 15 min"',
    )


def format_duration(length: timedelta) -> str:
    """Return a length for people: "4 h", "1 h 30", "45 min", "1 h 30 min 15 s"; fractions of a second go."""
    seconds = abs(length) // _SECOND
    sign = "-" if length < timedelta(0) and seconds else ""
    hours, minutes, seconds = seconds // 3_600, seconds // 60 % 60, seconds % 60
    if hours and minutes and not seconds:
        return f"{sign}{hours} h {minutes:02}"
    parts = [f"{count} {unit}" for count, unit in ((hours, "h"), (minutes, "min"), (seconds, "s")) if count]
    return sign + (" ".join(parts) or "0 min")


def speak_left(left: timedelta) -> str:
    """Return the time left in words, to the minute: "8 minutes left", "overdue by 1 hour 5 minutes" (R3)."""
    over = left < timedelta(0)
    minutes = _in(_MINUTE, left)
    if not minutes:
        return "less than a minute left"
    parts = ((minutes // 1_440, "day"), (minutes // 60 % 24, "hour"), (minutes % 60, "minute"))
    length = " ".join(f"{count} {unit}{'s' if count > 1 else ''}" for count, unit in parts if count)
    return f"overdue by {length}" if over else f"{length} left"


def format_remaining(left: timedelta) -> str:
    """Return hours, minutes and seconds left, right-aligned: " 00:08:51", overrun "-00:12:07" (R3)."""
    overrun = left < timedelta(0)
    seconds = _in(_SECOND, left)
    clock = f"{seconds // 3_600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}"
    return f"{'-' if overrun else ''}{clock}".rjust(WIDTH)


def format_left(left: timedelta, *, seconds_shown: bool = True) -> str:
    """Return the time left for the board, always `WIDTH` columns (R3).

    Under an hour to the second, " 00:08:51", or without `seconds_shown` to the minute, "    8 min";
    under a day to the minute, "  03 h 47"; under ten days to the hour, " 2 d 03 h"; then whole days,
    "     12 d". Overruns likewise, with a minus. A line changes only when its text must, because
    repainting is what an idle board costs.
    """
    minutes = _in(_MINUTE, left)
    if seconds_shown and (seconds := _in(_SECOND, left)) < 3_600:
        text = f"00:{seconds // 60:02}:{seconds % 60:02}"
    elif not seconds_shown and minutes < 60:
        text = f"{minutes} min"
    elif minutes < 24 * 60:
        text = f"{minutes // 60:02} h {minutes % 60:02}"
    elif (hours := _in(_HOUR, left)) < 240:
        text = f"{hours // 24} d {hours % 24:02} h"
    else:
        text = f"{_in(_DAY, left)} d"
    return f"{'-' if left < timedelta(0) else ''}{text}".rjust(WIDTH)


def _in(unit: timedelta, left: timedelta) -> int:
    """Return how many `unit` are left, rounded down, or over, rounded up."""
    return left // unit if left >= timedelta(0) else -(left // unit)
