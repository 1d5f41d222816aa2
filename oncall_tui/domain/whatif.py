"""What would become of a ticket's clock: an upgrade now, a promise, a hand-over. Nothing is changed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from oncall_tui.domain import tickets as rules
from oncall_tui.domain.hours import OpeningHours
from oncall_tui.domain.plans import Plan, PlanTerms
from oncall_tui.domain.sla import ClockKind, Thresholds
from oncall_tui.domain.tickets import Ticket

PROMISED = timedelta(minutes=30)
"""The promise that is looked at."""


@dataclass(frozen=True, slots=True)
class Outlook:
    """An act in words, the ticket as it would be after it, and what is to be said about that."""

    act: str
    ticket: Ticket
    note: str = ""


def outlooks(
    ticket: Ticket,
    hours: OpeningHours,
    plans: Mapping[Plan, PlanTerms],
    thresholds: Thresholds,
    now: datetime,
) -> tuple[Outlook, ...]:
    """Return what the acts that move a clock would make of `ticket` at `now` (UTC); none once it is closed.

    `hours` is the calendar copied at receipt (R9). An upgrade counts for what nobody has answered yet (R8).
    """
    if ticket.closed_at is not None:
        return ()
    found = []
    if ticket.answered_at is None:
        higher = sorted((plan for plan in Plan if plan.rank < ticket.plan.rank), key=lambda plan: -plan.rank)
        found += [_upgrade(ticket, hours, plans[plan], thresholds, now) for plan in higher]
    promised = rules.promise(ticket, ticket.owner or "", now + PROMISED, now, thresholds)
    first = promised.clock is ClockKind.RESPONSE
    sooner = "the first response is due before it" if first else ""
    found.append(Outlook("Promise an update in 30 min", promised, sooner))
    found.append(Outlook("Hand over", ticket, "its clock goes on (R6)" if ticket.clock else ""))
    return tuple(found)


def _upgrade(
    ticket: Ticket, hours: OpeningHours, terms: PlanTerms, thresholds: Thresholds, now: datetime
) -> Outlook:
    after = rules.upgrade(ticket, terms, now, hours, thresholds)
    stays = after.response is not None and ticket.response is not None and after.response == ticket.response
    return Outlook(
        f"Upgrade to {terms.plan.value.capitalize()} now",
        after,
        "the earlier deadline stays (R8)" if stays else "",
    )
