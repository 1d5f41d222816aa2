"""A whole queue at a glance: its index for the board, and the tally of all queues.

Both are read row by row into columns of numbers: a hundred thousand tickets at once as rows would cost
more memory than the board has.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, Connection, case, func, literal, select, type_coerce

from oncall_tui.domain.plans import Plan
from oncall_tui.domain.queue import NO_CLOCK, Order, Queue
from oncall_tui.domain.queue_index import CLOCKLESS, CLOCKLESS_STEP, PLAN_STEP, Board, QueueIndex
from oncall_tui.domain.tally import Standing, Tally
from oncall_tui.store.queues import current_revision, holds
from oncall_tui.store.schema import tickets

_CHUNK = 4_000

_c = tickets.c
_received: ColumnElement[int] = type_coerce(_c.received_at, BigInteger)
_clockless = _c.sort_due == NO_CLOCK
_zero = literal(0)


def place_columns(order: Order) -> tuple[ColumnElement[Any], ...]:
    """Say the five numbers of `Place.of` in the database's words."""
    match order:
        case Order.OLDEST:
            return (_zero, _received, _zero, _zero, _c.id)
        case Order.NEWEST:
            return (_zero, -_received, -_c.id, _zero, _c.id)
        case Order.CHANGED:
            return (_zero, -_c.revision, -_c.id, _zero, _c.id)
        case Order.PLAN:
            rank = case({plan.value: plan.rank * PLAN_STEP for plan in Plan}, value=_c.plan)
            within = case((_clockless, _received + CLOCKLESS_STEP), else_=_c.sort_due)
            return (_zero, rank + within, _received, _zero, _c.id)
    # By due time or by opening time left: tickets without a clock after all others.
    third = case((_clockless, 0), else_=_received)
    if order is Order.OPENING:
        part = func.coalesce(_c.clock_calendar_id, CLOCKLESS)
        return (part, func.coalesce(_c.due_open, _received), _c.sort_rank, third, _c.id)
    first = case((_clockless, _received), else_=_c.sort_due)
    return (case((_clockless, CLOCKLESS), else_=0), first, _c.sort_rank, third, _c.id)


def _in_order(order: Order) -> tuple[ColumnElement[Any], ...]:
    """Return what brings the rows of each part together and in order, by an index where there is one."""
    match order:
        case Order.DUE:
            return (_c.sort_due, _c.sort_rank, _c.received_at, _c.id)
        case Order.OPENING:
            return (_c.clock_calendar_id, _c.due_open, _c.sort_rank, _c.received_at, _c.id)
        case _:
            return place_columns(order)[1:]


def board(connection: Connection, queue: Queue, operator: str, now: datetime, order: Order) -> Board:
    """Return the whole of `queue` in `order` as an index, with the revision it stands at."""
    query = select(*place_columns(order)).where(*holds(queue, operator, now)).order_by(*_in_order(order))
    index = QueueIndex()
    for chunk in connection.execute(query.execution_options(yield_per=_CHUNK)).partitions():
        index.extend(chunk)
    return Board(index, current_revision(connection))


def tally(connection: Connection, queues: Sequence[Queue], operator: str, now: datetime) -> tuple[Tally, int]:
    """Count the open tickets in each of `queues` and at each urgency; return its revision."""
    warning, critical = (
        func.coalesce(type_coerce(column, BigInteger), NO_CLOCK) for column in (_c.warning_at, _c.critical_at)
    )
    query = select(_c.id, _c.plan, _c.channel, _c.owner, _c.sort_due, warning, critical)
    rows = connection.execute(query.where(_c.closed_at.is_(None)).execution_options(yield_per=_CHUNK))
    holding = {
        queue.name: connection.scalars(select(_c.id).where(*holds(queue, operator, now))).all()
        for queue in queues
        if queue.filter
    }
    counted = Tally(queues, operator, (Standing(*row) for row in rows), holding)
    return counted, current_revision(connection)
