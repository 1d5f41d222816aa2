"""Boards of any length for the benchmarks, all with the same first page: only the length differs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from oncall_tui.config import load_settings
from oncall_tui.desk import Desk, open_desk
from oncall_tui.domain.customers import Customer
from oncall_tui.domain.plans import Plan
from oncall_tui.domain.sla import promise_clock, response_clock
from oncall_tui.domain.tickets import Act, Channel, ClockTimes, Means, Promise, Ticket
from oncall_tui.store import calendars, customers
from oncall_tui.store.audit import Entry, append_all
from oncall_tui.store.demo import bulk
from oncall_tui.store.demo.stories import Story

SOON = 16
"""How many lines of a first page of 36 show seconds; the others show minutes."""

_OVERDUE = 4

_BUDGETS = (timedelta(hours=4), timedelta(hours=16), timedelta(days=16))
"""As many as there are plans with one, on boards of any length."""

_BATCH = 5_000
_CUSTOMERS = 200
_PLANS = (Plan.ENTERPRISE, Plan.PRO, Plan.PLUS)
_SUBJECTS = ("Cluster unreachable", "Mail queue stuck", "DNS change to be made", "Certificate renewal")
_OWNERS = (None, "Léa", None, "Marc", "Nadia")


def desk_on(database: str) -> Desk:
    """Open a desk on `database`, under a name that owns no ticket."""
    return open_desk(database, load_settings(None, {}).offer, "bench", clock=lambda: datetime.now(UTC))


def fill(database: str, tickets: int, *, soon: int = SOON) -> None:
    """Put so many open tickets into the empty `database`.

    A few, `soon` of them, are overdue or run out within the hour; of the rest a third each runs out
    within ten days, was promised an update within ten days, and has no clock.
    """
    desk = desk_on(database)
    now = desk.clock().replace(microsecond=0)
    with desk.store.begin() as tx:
        found = [
            Customer(f"c{number}", f"Customer {number:03}", _PLANS[number % 3])
            for number in range(_CUSTOMERS)
        ]
        customers.add(tx, [(one, None) for one in found])
        ids = {ref: one.id for ref, one in customers.known(tx.connection, [c.id for c in found]).items()}
        calendar = calendars.id_of(tx, desk.offer.calendar_for(Channel.EMERGENCY))
    batch: list[Story] = []
    for ticket in _tickets(desk, now, tickets, soon, ids, calendar):
        entry = Entry(now, "bench", "bench", Act.NEW, ticket.ref, {}, ticket.id)
        batch.append(Story(ticket, f"Please look at {ticket.subject}.", entries=[entry]))
        if len(batch) == _BATCH or ticket.id == tickets:
            with desk.store.begin(bulk=True) as tx:
                bulk.add_stories(tx, batch)
                append_all(tx, [entry for story in batch for entry in story.entries])
            batch = []
    with desk.store.begin() as tx:
        bulk.count_on(tx, tickets)
    desk.close()


def _tickets(
    desk: Desk, now: datetime, tickets: int, soon: int, ids: dict[str, int], calendar: int
) -> Iterator[Ticket]:
    hours, limits = desk.offer.calendar_for(Channel.EMERGENCY), desk.offer.thresholds
    received = now - timedelta(hours=2)
    for number in range(tickets):
        customer = f"c{number % _CUSTOMERS}"
        due = now + _due_in(number, tickets, soon)
        plain = Ticket(
            id=number + 1,
            ref=f"B-{number:06}",
            customer_id=ids[customer],
            customer=customer,
            customer_name=f"Customer {number % _CUSTOMERS:03}",
            plan=_PLANS[number % 3],
            channel=Channel.EMERGENCY,
            subject=f"{_SUBJECTS[number % 4]} {number}",
            contact="",
            received_at=received,
            recorded_at=now,
            calendar_id=calendar,
            owner=_OWNERS[number % 5],
            owner_since=None if _OWNERS[number % 5] is None else received,
        )
        if number < soon or number % 3 == 0:
            budget = next(each for each in _BUDGETS if each >= due - received)
            clock = response_clock(hours, due - budget, budget, limits)
            response = ClockTimes.of(clock)
            yield replace(plain, received_at=due - budget, budget=budget, response=response)
        else:
            promised = Promise(now, "Léa", ClockTimes.of(promise_clock(now, due - now, limits)))
            yield replace(
                plain,
                answered_at=now,
                answered_by="Léa",
                answered_means=Means.EMAIL,
                promise=promised if number % 3 == 1 else None,
            )


def _due_in(number: int, tickets: int, soon: int) -> timedelta:
    if number < _OVERDUE:
        return timedelta(minutes=-4 * (_OVERDUE - number))
    if number < soon:
        # Far enough that none becomes overdue while one measures.
        return timedelta(minutes=30 + 24 * (number - _OVERDUE) / soon)
    # The next pages are as near on every board; the more there are, the closer they stand behind them.
    if number < soon + 60:
        return timedelta(hours=2, minutes=9 * (number - soon))
    return timedelta(hours=12) + timedelta(days=9) * (number / tickets)
