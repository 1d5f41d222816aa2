"""The contract of an organisation: its plan, and until when it is committed (R21)."""

from __future__ import annotations

from calendar import monthrange
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from oncall_tui.domain.customers import Customer
from oncall_tui.domain.plans import COMMITMENT_MONTHS, Plan


class Commitment(StrEnum):
    """How the commitment of a contract stands on a day."""

    NONE = "none"
    """The standard plan has none."""

    RUNNING = "running"
    OVER = "over"
    UNKNOWN = "unknown"
    """The day of subscription isn't on file."""


def committed_until(subscribed_on: date, months: int = COMMITMENT_MONTHS) -> date:
    """Return the last day of the commitment, which is still committed (R21).

    It is the same day of the month that many calendar `months` later; where that month is too short, its
    last day.
    """
    year, month = divmod(subscribed_on.year * 12 + subscribed_on.month - 1 + months, 12)
    if year > date.max.year:
        return date.max
    return date(year, month + 1, min(subscribed_on.day, monthrange(year, month + 1)[1]))


@dataclass(frozen=True, slots=True)
class Contract:
    """What an organisation has bought, as it stands on a day of the provider's zone.

    `until` is the last committed day, None without a commitment or where the day of subscription isn't on
    file; `days_left` counts the days after today up to it, negative once it is over. `can_become` are the
    higher plans, the nearest first.
    """

    customer: Customer
    today: date
    months: int
    until: date | None
    commitment: Commitment
    can_become: tuple[Plan, ...]

    @classmethod
    def of(cls, customer: Customer, months: int, today: date) -> Contract:
        """Return the contract of `customer` on the day `today`, with a commitment of `months`."""
        start = None if customer.plan is Plan.STANDARD else customer.subscribed_on
        until = None if start is None else committed_until(start, months)
        if customer.plan is Plan.STANDARD:
            commitment = Commitment.NONE
        elif until is None:
            commitment = Commitment.UNKNOWN
        else:
            commitment = Commitment.RUNNING if today <= until else Commitment.OVER
        higher = (plan for plan in Plan if plan.rank < customer.plan.rank)
        can_become = tuple(sorted(higher, key=lambda plan: -plan.rank))
        return cls(customer, today, months, until, commitment, can_become)

    @property
    def plan(self) -> Plan:
        """Return the plan that is in force."""
        return self.customer.plan

    @property
    def subscribed_on(self) -> date | None:
        """Return the day of subscription, None where it isn't on file."""
        return self.customer.subscribed_on

    @property
    def days_left(self) -> int | None:
        """Return how many days after today are committed still."""
        return None if self.until is None else (self.until - self.today).days

    def upgraded(self) -> date | None:
        """Return the day of subscription after an upgrade today.

        A commitment that runs isn't begun anew. One begins today where there was none: with the standard
        plan, whatever its file says. A day that isn't on file isn't made up.
        """
        return self.today if self.plan is Plan.STANDARD else self.subscribed_on
