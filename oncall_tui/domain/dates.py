"""Days in words, in the language of whoever reads them."""

from __future__ import annotations

from datetime import date

from oncall_tui.domain.messages import Message, marked

DAY_NAMES = (
    marked("Mon"),
    marked("Tue"),
    marked("Wed"),
    marked("Thu"),
    marked("Fri"),
    marked("Sat"),
    marked("Sun"),
)
"""The days of the week, Monday first, in short."""

MONTH_NAMES = (
    marked("Jan"),
    marked("Feb"),
    marked("Mar"),
    marked("Apr"),
    marked("May"),
    marked("Jun"),
    marked("Jul"),
    marked("Aug"),
    marked("Sep"),
    marked("Oct"),
    marked("Nov"),
    marked("Dec"),
)
"""The months in short: four columns at most in any language."""

_FIRST = Message(marked("1"))
"""The first day of a month, which some languages number in a way of its own."""

_MONTHS = (
    marked("{day} January {year}"),
    marked("{day} February {year}"),
    marked("{day} March {year}"),
    marked("{day} April {year}"),
    marked("{day} May {year}"),
    marked("{day} June {year}"),
    marked("{day} July {year}"),
    marked("{day} August {year}"),
    marked("{day} September {year}"),
    marked("{day} October {year}"),
    marked("{day} November {year}"),
    marked("{day} December {year}"),
)


def day_in_words(day: date) -> Message:
    """Return a day with its month by name: `1 July 2026` in English."""
    number = _FIRST if day.day == 1 else str(day.day)
    return Message(_MONTHS[day.month - 1], {"day": number, "year": str(day.year)})
