"""The settings of what an organisation has bought beyond its clock: commitment and tailored advice."""

from __future__ import annotations

from oncall_tui import setting_values as read
from oncall_tui.domain.plans import COMMITMENT_MONTHS, DEFAULT_TERMS
from oncall_tui.setting import Setting

MONTHS = Setting(
    "contract.commitment_months",
    f"a whole number from {COMMITMENT_MONTHS} to 60",
    read.whole(COMMITMENT_MONTHS, 60),
    "The calendar months that a subscription is committed for, from the day of subscription on (R21).",
    default=COMMITMENT_MONTHS,
)
ADVICE = Setting(
    "plans.NAME.advice",
    "true or false",
    read.boolean,
    "Whether the plan has tailored advice, in the hours of the calendar `manager`.",
    default={plan.value: terms.advice for plan, terms in DEFAULT_TERMS.items()},
)

SECTIONS = {"contract": "What an organisation commits to (R21)."}
