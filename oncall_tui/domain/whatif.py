"""What would become of a ticket's clock: an upgrade now, a promise, a hand-over. Nothing is changed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from oncall_tui.domain import tickets as rules
from oncall_tui.domain.hours import OpeningHours
from oncall_tui.domain.messages import marked
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


EARLIER_STAYS = marked("the earlier deadline stays (R8)")
ANSWERED = marked("answered already")
INTERNAL = marked("internal")
NO_CLOCK = marked("no clock")


@dataclass(frozen=True, slots=True)
class Upgraded:
    """An open ticket before and after its organisation's upgrade, and what is to be said about that."""

    before: Ticket
    after: Ticket
    note: str = ""

    @property
    def old_due_at(self) -> datetime | None:
        """Return when it is due so far: the first response, or what was promised once that is given."""
        return _due(self.before)

    @property
    def new_due_at(self) -> datetime | None:
        """Return when it is due then."""
        return _due(self.after)


def upgraded(
    ticket: Ticket, hours: OpeningHours, terms: PlanTerms, thresholds: Thresholds, at: datetime
) -> Upgraded:
    """Return what an upgrade to the plan of `terms` at `at` (UTC) would make of an open ticket (R8).

    `hours` is the calendar copied at receipt (R9). What was answered stays as it is, and so does what one of
    us asked of another.
    """
    if ticket.internal:
        return Upgraded(ticket, ticket, INTERNAL)
    if ticket.answered_at is not None:
        return Upgraded(ticket, ticket, ANSWERED)
    after = rules.upgrade(ticket, terms, at, hours, thresholds)
    if after.response is None:
        return Upgraded(ticket, after, NO_CLOCK)
    return Upgraded(ticket, after, EARLIER_STAYS if after.response == ticket.response else "")


def _due(ticket: Ticket) -> datetime | None:
    if ticket.answered_at is None:
        return ticket.response.due_at if ticket.response else None
    return ticket.due_at


def outlooks(
    ticket: Ticket,
    hours: OpeningHours,
    plans: Mapping[Plan, PlanTerms],
    thresholds: Thresholds,
    now: datetime,
) -> tuple[Outlook, ...]:
    """Return what the acts that move a clock would make of `ticket` at `now` (UTC); none once it is closed.

    `hours` is the calendar copied at receipt (R9). An upgrade counts for what nobody has answered yet (R8),
    and for nothing that one of us asked of another.
    """
    if ticket.closed_at is not None:
        return ()
    found = []
    if ticket.answered_at is None and not ticket.internal:
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
    found = upgraded(ticket, hours, terms, thresholds, now)
    note = found.note if found.note == EARLIER_STAYS else ""
    return Outlook(f"Upgrade to {terms.plan.value.capitalize()} now", found.after, note)
