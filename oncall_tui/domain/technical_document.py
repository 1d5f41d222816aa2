"""The technical document (R25): everything that stands on the page, and what is known of those issued."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from oncall_tui.domain.codes import Code
from oncall_tui.domain.customers import Manager
from oncall_tui.domain.hours import OpeningHours
from oncall_tui.domain.languages import language_named
from oncall_tui.domain.plans import Plan
from oncall_tui.domain.support import SupportContacts

LANGUAGES = ("fr", "en", "de", "it")
"""The languages that there are words for."""

OTHERWISE = "en"
"""The language of the page for everybody else."""


@dataclass(frozen=True, slots=True)
class TechnicalDocument:
    """What the page shows; the same values make the same file, byte for byte.

    `number` counts the documents of one organisation. `issued_at` is an instant in UTC, `zone` that of the
    provider, on whose clock it is dated. `response` is the guarantee in opening time, None without one;
    `line` says whether the emergency line is open to the plan (R11). `advice` is when account managers are
    on duty, None for a plan that has none (R22).
    """

    number: int
    issued_at: datetime
    zone: ZoneInfo
    language: str
    customer: str
    name: str
    plan: Plan
    response: timedelta | None
    line: bool
    code: Code
    support: SupportContacts
    by_phone: OpeningHours
    by_mail: OpeningHours
    on_line: OpeningHours
    advice: OpeningHours | None
    managers: tuple[Manager, ...] = ()
    services: tuple[str, ...] = ()

    @property
    def phone(self) -> str:
        """Return the number to call when something is down: that of the line where the plan has it."""
        return self.support.emergency_phone if self.line else self.support.phone


@dataclass(frozen=True, slots=True)
class IssuedDocument:
    """A document that was issued: which, when (UTC), by whom, in which language.

    `out_of_date` says that the code on it is in force no more: it needs a new one (R25).
    """

    number: int
    issued_at: datetime
    issued_by: str
    language: str
    out_of_date: bool


def document_language(language: str) -> str:
    """Return the language of the page for an organisation that speaks `language`."""
    named = language_named(language)
    return named if named in LANGUAGES else OTHERWISE
