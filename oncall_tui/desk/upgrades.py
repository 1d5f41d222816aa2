"""What a higher plan means for the requests that wait for an answer (R8)."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from oncall_tui.desk.context import Context
from oncall_tui.domain import tickets as rules
from oncall_tui.domain.hours import OpeningHours
from oncall_tui.domain.plans import Plan
from oncall_tui.domain.tickets import Ticket
from oncall_tui.store import calendars, upgrades
from oncall_tui.store import tickets as ticket_store
from oncall_tui.store.engine import Transaction

UPGRADE = "upgrade"
"""The word of the audit for a ticket whose clock an upgrade moved."""


def reclock(
    context: Context, tx: Transaction, customer_id: int, plan: Plan, at: datetime
) -> list[tuple[Ticket, Ticket]]:
    """Put the waiting tickets of an organisation under its higher `plan`; return each before and after."""
    moved = []
    offer = context.offer
    hours: dict[int, OpeningHours] = {}
    for old in upgrades.waiting(tx.connection, customer_id):
        if old.calendar_id not in hours:
            hours[old.calendar_id] = calendars.get(tx.connection, old.calendar_id)
        new = rules.upgrade(old, offer.plans[plan], at, hours[old.calendar_id], offer.thresholds)
        new = replace(new, version=old.version + 1, revision=tx.revision)
        ticket_store.save(tx, old, new, at)
        detail = {"plan": f"{old.plan} to {plan}", "due_at": _due(new), "due_before": _due(old)}
        context.record(tx, at, UPGRADE, old.ref, detail, old.id, customer=old.customer)
        moved.append((old, new))
    return moved


def _due(ticket: Ticket) -> str:
    return ticket.response.due_at.isoformat() if ticket.response else "none"
