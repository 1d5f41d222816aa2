"""The night most tests take place in: an instant, a clock that is set by hand, four customers."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from oncall_tui.domain.customers import Customer
from oncall_tui.domain.plans import Plan

NOW = datetime(2026, 3, 27, 2, 12, 44, tzinfo=UTC)
"""Friday 03:12:44 in Geneva, two nights before the clocks go forward."""


class HandClock:
    """A clock that moves only when it is told to."""

    def __init__(self, now: datetime = NOW) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def advance(self, **by: float) -> None:
        self.now += timedelta(**by)


CUSTOMERS = (
    Customer("leman", "Banque du Léman", Plan.ENTERPRISE, date(2026, 1, 1)),
    Customer("moret", "Fromagerie Moret", Plan.PRO, date(2026, 1, 1)),
    Customer("tessin", "Tessin Immobilien", Plan.PLUS, date(2026, 1, 1)),
    Customer("jardin", "Jardin d'Été", Plan.STANDARD),
)
