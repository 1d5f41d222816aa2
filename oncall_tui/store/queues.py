"""The open tickets in board order: a page of them, and what changed since a revision."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, select

from oncall_tui.domain.clock import to_micros
from oncall_tui.domain.plans import Plan
from oncall_tui.domain.queue import Changes, Order, Queue
from oncall_tui.domain.queue_index import sort_key
from oncall_tui.domain.tickets import Ticket
from oncall_tui.store import spans
from oncall_tui.store import tickets as ticket_store
from oncall_tui.store.schema import customers, revision, tickets

CHANGES_AT_MOST = 1_000
"""Beyond so many changed tickets a fresh look at the queue is cheaper than a list."""

_c = tickets.c
_OPEN = _c.closed_at.is_(None)
_ORDER = (_c.sort_due, _c.sort_rank, _c.received_at, _c.id)
_ORDERS = {
    Order.DUE: _ORDER,
    Order.OLDEST: (_c.received_at, _c.id),
    Order.NEWEST: (_c.received_at.desc(), _c.id.desc()),
    # Of one plan at a time.
    Order.PLAN: _ORDER,
    Order.CHANGED: (_c.revision.desc(), _c.id.desc()),
}
_PLANS = sorted(Plan, key=lambda plan: plan.rank)


def holds(queue: Queue, operator: str, now: datetime) -> list[ColumnElement[bool]]:
    """Say `Queue.holds` in the database's words."""
    conditions: list[ColumnElement[bool]] = [_OPEN]
    if queue.plan is not None:
        conditions.append(_c.plan == queue.plan.value)
    if queue.channel is not None:
        conditions.append(_c.channel == queue.channel.value)
    if queue.mine:
        conditions.append(_c.owner == operator)
    if queue.unassigned:
        conditions.append(_c.owner.is_(None))
    if queue.overdue:
        conditions.append(_c.sort_due < to_micros(now))
    if queue.filter:
        # Imported here: the board starts without one.
        from oncall_tui.store.filters import matches

        conditions += matches(queue.filter, operator)
    return conditions


def page(
    connection: Connection,
    queue: Queue,
    operator: str,
    now: datetime,
    limit: int,
    order: Order = Order.DUE,
) -> list[Ticket]:
    """Return the first `limit` tickets of `queue` in any `order` but that by opening time left.

    One indexed query; by plan it is one a plan, until there are enough.
    """
    query = ticket_store.select_tickets().where(*holds(queue, operator, now)).order_by(*_ORDERS[order])
    if order is not Order.PLAN:
        return ticket_store.read(connection, query.limit(limit))
    found: list[Ticket] = []
    for plan in _PLANS:
        if len(found) < limit and queue.plan in (None, plan):
            of_plan = query.where(_c.plan == plan.value).limit(limit - len(found))
            found += ticket_store.read(connection, of_plan)
    return found


def page_by_opening(
    connection: Connection,
    queue: Queue,
    operator: str,
    now: datetime,
    limit: int,
    coordinates: Mapping[int, int],
) -> list[Ticket]:
    """Return the first `limit` tickets of `queue` by opening time left, the second order of R10.

    `coordinates` says for each calendar id (and `REAL_TIME_CALENDAR`) where `now` stands in its running open
    microseconds. Within one calendar the order never changes, so each gives its first page by index.
    """
    conditions = holds(queue, operator, now)
    found: list[Ticket] = []
    for calendar_id in coordinates:
        query = (
            ticket_store.select_tickets()
            .where(*conditions, _c.clock_calendar_id == calendar_id)
            .order_by(_c.due_open, _c.sort_rank, _c.received_at, _c.id)
            .limit(limit)
        )
        found += ticket_store.read(connection, query)
    found.sort(key=lambda ticket: sort_key(ticket, Order.OPENING, coordinates.__getitem__))
    if len(found) < limit:
        clockless = (
            ticket_store.select_tickets()
            .where(*conditions, _c.clock_calendar_id.is_(None))
            .order_by(_c.received_at, _c.id)
        )
        found += ticket_store.read(connection, clockless.limit(limit - len(found)))
    return found[:limit]


def as_of(
    connection: Connection,
    queue: Queue,
    operator: str,
    instant: datetime,
    key: Callable[[Ticket], tuple[int, ...]],
) -> list[Ticket]:
    """Return the tickets that stood in `queue` at `instant`, sorted by `key`: received by then, not
    yet closed, with the answer, owner and promise they had.
    """
    # Closed before `instant` for good: never a candidate. Closed now, but open then after a reopening,
    # is found by its last closing, which lies after `instant`. Open now, but closed then, is restored.
    received = ticket_store.select_tickets().where(_c.received_at <= instant)
    candidates = [
        ticket
        for then in (_OPEN, _c.closed_at > instant)
        for ticket in ticket_store.read(connection, received.where(then))
    ]
    past = spans.restored(connection, candidates, instant)
    return sorted((ticket for ticket in past if queue.holds(ticket, operator, instant)), key=key)


def rows(connection: Connection, ids: Sequence[int]) -> dict[int, Ticket]:
    """Return the tickets with these ids that are in the store, by id."""
    query = ticket_store.select_tickets().where(_c.id.in_(ids))
    return {ticket.id: ticket for ticket in ticket_store.read(connection, query)}


def current_revision(connection: Connection) -> int:
    """Return how many writes were committed so far."""
    return int(connection.scalar(select(revision.c.value)) or 0)


def changed_since(connection: Connection, since: int) -> Changes:
    """Return the tickets written after revision `since`, or whose customer was; closed ones too."""
    now = current_revision(connection)
    if now == since:
        return Changes(now, ())
    if now < since:
        # An older database stands in the place of the one that was read.
        return Changes(now, (), complete=False)
    renamed = connection.scalars(
        select(customers.c.id).where(customers.c.revision > since).limit(CHANGES_AT_MOST + 1)
    ).all()
    if len(renamed) > CHANGES_AT_MOST:
        return Changes(now, (), complete=False)
    query = ticket_store.select_tickets().where(_c.revision > since).limit(CHANGES_AT_MOST + 1)
    changed = {ticket.id: ticket for ticket in ticket_store.read(connection, query)}
    if renamed:
        of_renamed = ticket_store.select_tickets().where(_OPEN, _c.customer_id.in_(renamed))
        of_renamed = of_renamed.limit(CHANGES_AT_MOST + 1)
        changed |= {ticket.id: ticket for ticket in ticket_store.read(connection, of_renamed)}
    if len(changed) > CHANGES_AT_MOST:
        return Changes(now, (), complete=False)
    return Changes(now, tuple(changed.values()))
