"""What a higher plan means for the requests that wait for an answer (R8)."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from oncall_tui.desk.context import Context
from oncall_tui.domain.hours import OpeningHours
from oncall_tui.domain.offer import Offer
from oncall_tui.domain.plans import Plan
from oncall_tui.domain.sla import response_clock
from oncall_tui.domain.tickets import ClockTimes, Ticket
from oncall_tui.store import calendars, upgrades
from oncall_tui.store import tickets as ticket_store
from oncall_tui.store.engine import Transaction

UPGRADE = "upgrade"
"""The word of the audit for a ticket whose clock an upgrade moved."""


def upgraded(ticket: Ticket, plan: Plan, at: datetime, hours: OpeningHours, offer: Offer) -> Ticket:
    """Return an open, unanswered `ticket` under a higher `plan` from `at` on.

    The new budget starts at the upgrade, in the `hours` that were copied at receipt; an earlier
    deadline stays, so that no breach comes into being in the past (R8).
    """
    budget = offer.plans[plan].response
    if budget is None:
        return replace(ticket, plan=plan)
    new = ClockTimes.of(response_clock(hours, at, budget, offer.thresholds))
    old = ticket.response
    return replace(
        ticket, plan=plan, budget=budget, response=old if old and old.due_at <= new.due_at else new
    )


def reclock(
    context: Context, tx: Transaction, customer_id: int, plan: Plan, at: datetime
) -> list[tuple[Ticket, Ticket]]:
    """Put the waiting tickets of an organisation under its higher `plan`; return each before and after."""
    moved = []
    hours: dict[int, OpeningHours] = {}
    for old in upgrades.waiting(tx.connection, customer_id):
        if old.calendar_id not in hours:
            hours[old.calendar_id] = calendars.get(tx.connection, old.calendar_id)
        new = upgraded(old, plan, at, hours[old.calendar_id], context.offer)
        new = replace(new, version=old.version + 1, revision=tx.revision)
        ticket_store.save(tx, old, new, at)
        detail = {"plan": f"{old.plan} to {plan}", "due_at": _due(new), "due_before": _due(old)}
        context.record(tx, at, UPGRADE, old.ref, detail, old.id)
        moved.append((old, new))
    return moved


def _due(ticket: Ticket) -> str:
    return ticket.response.due_at.isoformat() if ticket.response else "none"
