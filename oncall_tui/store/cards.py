"""What stands on the card of an organisation: its open tickets and its last calls."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, func, select, text

from oncall_tui.domain.queue import QueueKey
from oncall_tui.domain.tickets import Ticket
from oncall_tui.store import spans
from oncall_tui.store import tickets as ticket_store
from oncall_tui.store.schema import tickets

_c = tickets.c
_OPEN = _c.closed_at.is_(None)
_ORDER = (_c.sort_due, _c.sort_rank, _c.received_at, _c.id)
# Written out, as the index over calls has it: a database takes a partial index only for what it can read.
_IS_CALL = text("tickets.channel <> 'email'")


def open_tickets(connection: Connection, customer_id: int, limit: int) -> tuple[list[Ticket], int]:
    """Return the first `limit` open tickets of an organisation in board order (R10), and how many it has."""
    of_customer = (_c.customer_id == customer_id, _OPEN)
    query = ticket_store.select_tickets().where(*of_customer).order_by(*_ORDER).limit(limit)
    count = connection.scalar(select(func.count()).select_from(tickets).where(*of_customer)) or 0
    return ticket_store.read(connection, query), count


def calls(connection: Connection, customer_id: int, limit: int) -> list[Ticket]:
    """Return the last `limit` requests by telephone or on the emergency line, the newest first."""
    return ticket_store.read(connection, _calls(customer_id).limit(limit))


def _calls(customer_id: int) -> Select[Any]:
    query = ticket_store.select_tickets().where(_c.customer_id == customer_id, _IS_CALL)
    return query.order_by(_c.received_at.desc(), _c.id.desc())


def tickets_as_of(connection: Connection, customer_id: int, instant: datetime) -> list[Ticket]:
    """Return the tickets of an organisation that were open at `instant`, in board order, as they stood."""
    received = ticket_store.select_tickets().where(_c.customer_id == customer_id, _c.received_at <= instant)
    # As in `queues.as_of`: what was closed before `instant` for good is never a candidate.
    candidates = [
        ticket
        for then in (_OPEN, _c.closed_at > instant)
        for ticket in ticket_store.read(connection, received.where(then))
    ]
    past = spans.restored(connection, candidates, instant)
    return sorted((ticket for ticket in past if ticket.closed_at is None), key=QueueKey.of)


def calls_as_of(connection: Connection, customer_id: int, instant: datetime, limit: int) -> list[Ticket]:
    """Return the last `limit` calls that had come by `instant`, as they stood then, the newest first."""
    query = _calls(customer_id).where(_c.received_at <= instant).limit(limit)
    return spans.restored(connection, ticket_store.read(connection, query), instant)
