"""The usual hours of a calendar for people, in any language: which days, from when to when (R1)."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from typing import NamedTuple

from oncall_tui.domain.calendar_settings import DAYS
from oncall_tui.domain.dates import DAY_NAMES
from oncall_tui.domain.hours import OpeningHours


class UsualHours(NamedTuple):
    """Days in a row with the same hours. Days count from Monday, 0, to Sunday, 6, both ends included.

    `times` are openings and closings on the wall clock of the calendar, such as ("09:00", "18:00"); the end
    of a day is "24:00" (R2).
    """

    first_day: int
    last_day: int
    times: tuple[tuple[str, str], ...]


def hours_in_words(hours: OpeningHours) -> tuple[UsualHours, ...]:
    """Return the hours of a usual week from Monday on, without the days that are closed.

    A calendar that never shuts has one line: all days, "00:00" to "24:00". Holidays aren't in it.
    """
    weekly = hours.definition()["weekly"]
    found = []
    for times, run in groupby(range(len(DAYS)), key=lambda day: tuple(weekly.get(DAYS[day], ()))):
        days = list(run)
        if times:
            opened = ((opens, closes) for opens, _, closes in (text.partition("-") for text in times))
            found.append(UsualHours(days[0], days[-1], tuple(opened)))
    return tuple(found)


def hours_text(hours: OpeningHours, day_names: Sequence[str] = DAY_NAMES) -> str:
    """Return the usual hours in one line: "Mon–Fri 09:00–18:00", "Mon–Sun 06:00–23:00", "24/7".

    `day_names` are those of the language, Monday first.
    """
    if hours.is_always_open:
        return "24/7"
    parts = []
    for line in hours_in_words(hours):
        first, last = day_names[line.first_day], day_names[line.last_day]
        days = first if first == last else f"{first}–{last}"
        parts.append(f"{days} {', '.join(f'{opens}–{closes}' for opens, closes in line.times)}")
    return "; ".join(parts)
