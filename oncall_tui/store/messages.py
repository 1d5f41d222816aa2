"""The conversation of a ticket: what was answered and noted, and what of it was taken back."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, insert, select, update

from oncall_tui.domain.clock import to_micros
from oncall_tui.domain.outgoing import OutgoingState
from oncall_tui.domain.tickets import Message, MessageKind
from oncall_tui.store.engine import Transaction
from oncall_tui.store.rows import add as add_rows
from oncall_tui.store.rows import reserve
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


def add_all(tx: Transaction, lines: Sequence[tuple[int, Message]]) -> Sequence[int]:
    """Add lines, each to the conversation of a ticket by its id, and return their ids in the same order."""
    ids = reserve(tx, messages.name, len(lines))
    rows = (
        (line_id, ticket_id, to_micros(line.at), line.author, line.kind.value, line.text)
        for line_id, (ticket_id, line) in zip(ids, lines, strict=True)
    )
    add_rows(tx, messages.name, ("id", "ticket_id", "at", "author", "kind", "text"), rows)
    return ids


def withdraw(tx: Transaction, message_id: int, at: datetime) -> None:
    """Mark a line of the conversation as taken back; it stays where it is."""
    tx.connection.execute(update(messages).where(messages.c.id == message_id).values(withdrawn_at=at))


def of_ticket(connection: Connection, ticket_id: int, until: datetime | None) -> tuple[Message, ...]:
    """Return what was written in order of time, only up to `until` if it is given.

    Of answers that go out it is said how they stand; in a look back, where they had come to that by then.
    """
    # With the first look into a ticket: the board that starts reads no conversation.
    from oncall_tui.store.correspondence_schema import outbox

    m, o = messages.c, outbox.c
    query = select(m.at, m.author, m.kind, m.text, m.withdrawn_at, o.state, o.detail, o.ended_at)
    query = query.join_from(messages, outbox, o.line_id == m.id, isouter=True).where(m.ticket_id == ticket_id)
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
            *((OutgoingState(state), detail or "") if state and _by(ended_at, until) else (None, "")),
        )
        for at, author, kind, line, withdrawn, state, detail, ended_at in rows
    )


def _by(ended_at: datetime | None, until: datetime | None) -> bool:
    """Say whether something that goes out stood at `until` as it does now."""
    return until is None or (ended_at is not None and ended_at <= until)
