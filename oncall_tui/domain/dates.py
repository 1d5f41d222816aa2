"""Days in words, in the language of whoever reads them."""

from __future__ import annotations

from datetime import date

from oncall_tui.domain.messages import Message, marked

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
    return Message(_MONTHS[day.month - 1], {"day": str(day.day), "year": str(day.year)})
