"""The conversation of a ticket: what was answered and noted, and what of it was taken back."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, insert, select, update

from oncall_tui.domain.tickets import Message, MessageKind
from oncall_tui.store.engine import Transaction
from oncall_tui.store.schema import messages


def add(tx: Transaction, ticket_id: int, message: Message) -> int:
    """Add a line to the conversation and return its id."""
    values = insert(messages).values(
        ticket_id=ticket_id,
        at=message.at,
        author=message.author,
        kind=message.kind.value,
        text=message.text,
    )
    return int(tx.connection.execute(values.returning(messages.c.id)).scalar_one())


def withdraw(tx: Transaction, message_id: int, at: datetime) -> None:
    """Mark a line of the conversation as taken back; it stays where it is."""
    tx.connection.execute(update(messages).where(messages.c.id == message_id).values(withdrawn_at=at))


def of_ticket(connection: Connection, ticket_id: int, until: datetime | None) -> tuple[Message, ...]:
    """Return the answers and notes in order of time, only those up to `until` if it is given."""
    m = messages.c
    query = select(m.at, m.author, m.kind, m.text, m.withdrawn_at).where(m.ticket_id == ticket_id)
    if until is not None:
        query = query.where(m.at <= until)
    rows = connection.execute(query.order_by(m.at, m.id))
    return tuple(
        Message(
            at,
            author,
            MessageKind(kind),
            line,
            withdrawn if withdrawn is None or until is None or withdrawn <= until else None,
        )
        for at, author, kind, line, withdrawn in rows
    )
