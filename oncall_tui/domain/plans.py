"""The four plans of the offer and what each one buys (rules.md, "Plans and clocks")."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from oncall_tui.domain.errors import BadInput


class Plan(StrEnum):
    """A support plan, from the free one to the most demanding."""

    STANDARD = "standard"
    PLUS = "plus"
    PRO = "pro"
    ENTERPRISE = "enterprise"

    @property
    def rank(self) -> int:
        """Return the place in the queue among equals (R10): 0 for enterprise, 3 for standard."""
        return _RANKS[self]

    @property
    def short(self) -> str:
        """Return the label of four columns at most that lists show."""
        return _SHORT[self]

    @classmethod
    def parse(cls, text: str) -> Plan:
        """Return the plan that goes by `text`, in any case; `BadInput` names the four."""
        try:
            return cls(text.strip().lower())
        except ValueError:
            allowed = ", ".join(plan.value for plan in cls)
            raise BadInput(f"unknown plan {text[:40]!r}", hint=f"allowed: {allowed}") from None


_RANKS = {Plan.ENTERPRISE: 0, Plan.PRO: 1, Plan.PLUS: 2, Plan.STANDARD: 3}
_SHORT = {Plan.ENTERPRISE: "Ent", Plan.PRO: "Pro", Plan.PLUS: "Plus", Plan.STANDARD: "Std"}


COMMITMENT_MONTHS = 6
"""Calendar months that a subscription is committed for, at least (R21)."""


@dataclass(frozen=True, slots=True)
class PlanTerms:
    """What a plan guarantees.

    `response` is the budget of the first response in opening time, None without a guarantee;
    `emergency` opens the 24/7 line (R11); `managers` counts the account managers (R22); `advice` is
    whether tailored advice is given, in their hours.
    """

    plan: Plan
    response: timedelta | None
    emergency: bool
    managers: int
    advice: bool = False


DEFAULT_TERMS: dict[Plan, PlanTerms] = {
    Plan.STANDARD: PlanTerms(Plan.STANDARD, None, emergency=False, managers=0),
    Plan.PLUS: PlanTerms(Plan.PLUS, timedelta(hours=4), emergency=False, managers=0),
    Plan.PRO: PlanTerms(Plan.PRO, timedelta(hours=2), emergency=True, managers=1),
    Plan.ENTERPRISE: PlanTerms(Plan.ENTERPRISE, timedelta(hours=1), emergency=True, managers=2, advice=True),
}
