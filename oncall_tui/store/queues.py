"""The open tickets in board order: a page, the whole index, the counts, and what changed since."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

from sqlalchemy import BigInteger, ColumnElement, Connection, and_, func, select, type_coerce

from oncall_tui.domain.clock import to_micros
from oncall_tui.domain.plans import Plan
from oncall_tui.domain.queue import QUEUES, Board, Changes, Counts, Order, Queue, QueueIndex, QueueKey
from oncall_tui.domain.sla import Urgency
from oncall_tui.domain.tickets import Ticket
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


def _holds(queue: Queue, operator: str, now: datetime) -> list[ColumnElement[bool]]:
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
    query = ticket_store.select_tickets().where(*_holds(queue, operator, now)).order_by(*_ORDERS[order])
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
    conditions = _holds(queue, operator, now)
    left: dict[int, tuple[int, ...]] = {}
    found: list[Ticket] = []
    for calendar_id, at in coordinates.items():
        query = (
            ticket_store.select_tickets()
            .where(*conditions, _c.clock_calendar_id == calendar_id)
            .order_by(_c.due_open, _c.sort_rank, _c.received_at, _c.id)
            .limit(limit)
        )
        for ticket in ticket_store.read(connection, query):
            if ticket.times is not None:
                left[ticket.id] = (ticket.times.due_open - at, *QueueKey.of(ticket)[1:])
                found.append(ticket)
    found.sort(key=lambda ticket: left[ticket.id])
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
    past = ticket_store.restored(connection, candidates, instant)
    return sorted((ticket for ticket in past if queue.holds(ticket, operator, instant)), key=key)


def index(connection: Connection, queue: Queue, operator: str, now: datetime) -> Board:
    """Return the whole queue as an index, with the revision it stands at."""
    columns = (_c.sort_due, _c.sort_rank, type_coerce(_c.received_at, BigInteger), _c.id)
    query = select(*columns).where(*_holds(queue, operator, now)).order_by(*_ORDER)
    keys = connection.execute(query).fetchall()
    return Board(QueueIndex(keys), current_revision(connection))


def rows(connection: Connection, ids: Sequence[int]) -> dict[int, Ticket]:
    """Return the tickets with these ids that are in the store, by id."""
    query = ticket_store.select_tickets().where(_c.id.in_(ids))
    return {ticket.id: ticket for ticket in ticket_store.read(connection, query)}


def counts(connection: Connection, operator: str, now: datetime) -> Counts:
    """Count the open tickets in each queue and at each urgency."""
    at = to_micros(now)
    groups = connection.execute(
        select(_c.plan, _c.channel, _c.owner, func.count())
        .where(_OPEN)
        .group_by(_c.plan, _c.channel, _c.owner)
    ).fetchall()
    overdue, critical, warning = (
        connection.scalar(select(func.count()).select_from(tickets).where(_OPEN, condition)) or 0
        for condition in (
            _c.sort_due < at,
            and_(_c.critical_at <= now, _c.sort_due >= at, _c.warning_at <= now),
            and_(_c.warning_at <= now, _c.critical_at > now, _c.sort_due >= at),
        )
    )
    clocked = connection.scalar(
        select(func.count()).select_from(tickets).where(_OPEN, _c.warning_at > now, _c.sort_due >= at)
    )
    total = sum(group[3] for group in groups)
    by_queue = {
        queue.name: overdue
        if queue.overdue
        else sum(
            count
            for plan, channel, owner, count in groups
            if (queue.plan is None or plan == queue.plan)
            and (queue.channel is None or channel == queue.channel)
            and (not queue.mine or owner == operator)
            and (not queue.unassigned or owner is None)
        )
        for queue in QUEUES
    }
    ok = clocked or 0
    return Counts(
        by_queue,
        {
            Urgency.OVERDUE: overdue,
            Urgency.CRITICAL: critical,
            Urgency.WARNING: warning,
            Urgency.OK: ok,
            Urgency.NONE: total - overdue - critical - warning - ok,
        },
    )


def current_revision(connection: Connection) -> int:
    """Return how many writes were committed so far."""
    return int(connection.scalar(select(revision.c.value)) or 0)


def changed_since(connection: Connection, since: int) -> Changes:
    """Return the tickets written after revision `since`, or whose customer was; closed ones too."""
    now = current_revision(connection)
    if now == since:
        return Changes(now, ())
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
