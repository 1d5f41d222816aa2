"""What an upgrade does: to the deadlines of open tickets (R8), and what it opens (R11, R16, R22)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from oncall_tui.domain.commitment import Contract
from oncall_tui.domain.customers import Customer
from oncall_tui.domain.durations import format_duration
from oncall_tui.domain.entitlements import MANAGER_CALENDAR
from oncall_tui.domain.hours_words import hours_text
from oncall_tui.domain.messages import Message, marked
from oncall_tui.domain.offer import Offer
from oncall_tui.domain.plans import Plan
from oncall_tui.domain.whatif import Upgraded


@dataclass(frozen=True, slots=True)
class PlanUpgrade:
    """What an upgrade to `plan` at an instant (UTC) does, or has done: the `contract` before it, and each
    open ticket before and after, in board order.
    """

    contract: Contract
    plan: Plan
    at: datetime
    tickets: tuple[Upgraded, ...]

    @property
    def customer(self) -> Customer:
        """Return the organisation as it is after the upgrade."""
        before = self.contract.customer
        since = self.contract.upgraded()
        return replace(before, plan=self.plan, subscribed_on=since, version=before.version + 1)

    @property
    def after(self) -> Contract:
        """Return the contract as it is after the upgrade."""
        return Contract.of(self.customer, self.contract.months, self.contract.today)


def what_opens(contract: Contract, plan: Plan, offer: Offer) -> tuple[Message, ...]:
    """Return what a higher `plan` has that the present one hasn't, and what is to be done for it."""
    before, after = offer.plans[contract.plan], offer.plans[plan]
    named = len(contract.customer.managers)
    found = []
    if after.response is not None and after.response != before.response:
        length = format_duration(after.response)
        found.append(Message(marked("a first response within {length} of opening time"), {"length": length}))
    if after.emergency and not before.emergency:
        found.append(Message(marked("the emergency line, 24/7, in French and English (R11)")))
    if after.managers > before.managers:
        count = {"count": str(after.managers)}
        text = marked("{count} account managers (R22)")
        if after.managers == 1:
            text = marked("{count} account manager (R22)")
        found.append(Message(text, count))
    if after.advice and not before.advice:
        hours = hours_text(offer.calendars[MANAGER_CALENDAR])
        found.append(Message(marked("tailored advice, {hours}"), {"hours": hours}))
    if contract.plan is Plan.STANDARD:
        found.append(Message(marked("a VIP code and a technical document: issue both (R16, R25)")))
    if after.managers > max(before.managers, named):
        found.append(
            Message(
                marked("only {count} of the account managers is on file: add them"), {"count": str(named)}
            )
            if named
            else Message(marked("no account manager is on file yet: add them"))
        )
    return tuple(found)
