"""The texts of the technical document in its languages: a module each."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from importlib import import_module

from oncall_tui.domain.hours import OpeningHours
from oncall_tui.domain.hours_words import hours_in_words
from oncall_tui.domain.technical_document import LANGUAGES, OTHERWISE


@dataclass(frozen=True, slots=True)
class Words:
    """What the page says in one language. What stands in braces is filled in."""

    title: str
    issue: str
    """`{number}` and `{date}`."""
    dated_as: str
    """`{day}`, `{month}` and `{year}`."""
    first: str
    """The first day of a month."""
    months: tuple[str, ...]
    days: tuple[str, ...]
    plan: str
    response: str
    reference: str

    code: str
    code_help: str
    line: str
    line_help: str
    phone: str
    scan: str

    down: str
    """The heading of what to do when something is down."""
    internet: str
    internet_steps: tuple[str, ...]
    """What to do one after the other."""
    closed: str
    """A further step for who has no emergency line."""
    mail: str
    mail_steps: tuple[str, ...]
    mail_otherwise: str
    """A further step where an address is set."""
    site: str
    site_steps: tuple[str, ...]
    status_step: str
    """A further step where the page of disturbances is set."""
    say: str
    """What to do once somebody answers."""
    say_steps: tuple[str, ...]
    say_language: str
    """The step before the last on the emergency line (R11)."""

    reach: str
    by_phone: str
    by_mail: str
    by_line: str
    web: str
    status: str
    every_day: str
    always: str
    not_on_holidays: str
    clock: str
    """Whose clock the hours are on: `{place}`."""

    managers: str
    technical: str
    on_duty: str
    no_manager: str
    services: str
    no_service: str
    more: str
    """So many more that have no room: `{count}`."""

    keep: str
    speaks: str
    void: str

    def dated(self, day: date) -> str:
        """Return a date in words."""
        of_month = self.first if day.day == 1 else str(day.day)
        return self.dated_as.format(day=of_month, month=self.months[day.month - 1], year=day.year)

    def hours(self, hours: OpeningHours) -> str:
        """Return the usual hours of a calendar in one line (R1, R2)."""
        if hours.is_always_open:
            return self.always
        parts = []
        for line in hours_in_words(hours):
            first, last = self.days[line.first_day], self.days[line.last_day]
            if (line.first_day, line.last_day) == (0, 6):
                days = self.every_day
            else:
                days = first if first == last else f"{first}–{last}"
            parts.append(f"{days} {', '.join(f'{opens}–{closes}' for opens, closes in line.times)}")
        holidays = self.not_on_holidays if hours.holidays else ""
        return "; ".join(parts) + holidays

    @staticmethod
    def length(span: timedelta) -> str:
        """Return a length of time in the signs that all these languages share: "2 h", "90 min"."""
        minutes = round(span.total_seconds() / 60)
        return f"{minutes // 60} h" if minutes % 60 == 0 else f"{minutes} min"


def words_in(language: str) -> Words:
    """Return the words of a language of `LANGUAGES`, the English ones for any other."""
    name = language if language in LANGUAGES else OTHERWISE
    words: Words = import_module(f"{__name__}.{name}").WORDS
    return words
