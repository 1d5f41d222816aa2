"""The offer in force: which calendar and which budget a request gets when it is received."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from oncall_tui.domain.alerts import DEFAULT_ALERTS, AlertRules
from oncall_tui.domain.call_rules import DEFAULT_CALLS, CallRules
from oncall_tui.domain.codes import DEFAULT_CODES, CodeRules
from oncall_tui.domain.errors import Refused
from oncall_tui.domain.hours import OpeningHours
from oncall_tui.domain.plans import COMMITMENT_MONTHS, Plan, PlanTerms
from oncall_tui.domain.sla import RunningClock, Thresholds, response_clock
from oncall_tui.domain.support import NO_CONTACTS, SupportContacts
from oncall_tui.domain.tickets import Channel

CALENDAR_OF_CHANNEL = {
    Channel.EMAIL: "email",
    Channel.PHONE: "phone",
    Channel.EMERGENCY: "emergency",
}


@dataclass(frozen=True, slots=True)
class Offer:
    """Plans, calendars, thresholds and codes as the settings have them (R1); `zone` is the provider's.

    `region` is the country, in two letters, that a telephone number without one belongs to;
    `commitment_months` are the calendar months that a subscription is committed for (R21). `support` is how
    customers reach the provider.
    """

    zone: ZoneInfo
    calendars: Mapping[str, OpeningHours]
    plans: Mapping[Plan, PlanTerms]
    thresholds: Thresholds
    codes: CodeRules = DEFAULT_CODES
    calls: CallRules = DEFAULT_CALLS
    alerts: AlertRules = DEFAULT_ALERTS
    region: str = "CH"
    commitment_months: int = COMMITMENT_MONTHS
    support: SupportContacts = NO_CONTACTS

    def calendar_for(self, channel: Channel) -> OpeningHours:
        """Return the calendar that `channel` picks at receipt, for good (R5)."""
        return self.calendars[CALENDAR_OF_CHANNEL[channel]]

    def guarantee(self, plan: Plan, channel: Channel, received_at: datetime) -> RunningClock | None:
        """Return the response clock of a request, None for a plan without a guarantee.

        Raises `Refused` (R11) for the emergency channel of a plan without the line.
        """
        terms = self.plans[plan]
        if channel is Channel.EMERGENCY and not terms.emergency:
            raise Refused(
                f"the {plan} plan has no emergency line",
                hint="file it with channel email or phone",
                rule="R11",
            )
        if terms.response is None:
            return None
        return response_clock(self.calendar_for(channel), received_at, terms.response, self.thresholds)
