"""What an upgrade of a customer's plan touches (R8)."""

from __future__ import annotations

from sqlalchemy import Connection

from oncall_tui.domain.tickets import Ticket
from oncall_tui.store.schema import tickets
from oncall_tui.store.tickets import read, select_tickets


def waiting(connection: Connection, customer_id: int) -> list[Ticket]:
    """Return the open tickets of an organisation that nobody has answered, in order of receipt.

    What one of us asked of another isn't among them: it has no guarantee.
    """
    c = tickets.c
    query = select_tickets().where(
        c.customer_id == customer_id,
        c.closed_at.is_(None),
        c.answered_at.is_(None),
        c.internal.is_(False),
    )
    return read(connection, query.order_by(c.received_at, c.id))
