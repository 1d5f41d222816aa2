"""Tickets that came from other systems, and what goes out to them, for the tests of it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import insert, select

from oncall_tui.desk import Desk
from oncall_tui.domain.correspondence import Handed, Outgoing
from oncall_tui.domain.outgoing import OutgoingState, worst
from oncall_tui.domain.tickets import Channel, Ticket
from oncall_tui.store.correspondence_schema import letters, outbox, ticket_links

SUPPORT = "support"
"""The name of the source that mail comes from."""

TRACKER = "tracker"
"""The name of the source that is another system of tickets."""


def by_mail(desk: Desk, *, message_id: str = "<first@example.ch>", **facts: Any) -> Ticket:
    """File a request that Anna wrote by mail."""
    ticket = _file(desk, **facts)
    _link(desk, ticket, source=SUPPORT, thread="", name="Anna Favre", address="anna@example.ch")
    with desk.store.begin() as tx:
        tx.connection.execute(
            insert(letters).values(
                source=SUPPORT,
                key=f"key/{ticket.id}",
                message_id=message_id,
                kind="request",
                ticket_id=ticket.id,
                sender_name="Anna Favre",
                sender_address="anna@example.ch",
                subject=ticket.subject,
                received_at=ticket.received_at,
                recorded_at=ticket.recorded_at,
                size=1_000,
                revision=tx.revision,
            )
        )
    return ticket


def from_tracker(desk: Desk, *, thread: str = "123", version: str = "v1", **facts: Any) -> Ticket:
    """File a request that came in as a ticket of another system."""
    ticket = _file(desk, **facts)
    _link(
        desk, ticket, source=TRACKER, thread=thread, name="Anna", address="anna@example.ch", version=version
    )
    return ticket


def _file(desk: Desk, **facts: Any) -> Ticket:
    facts = {"customer": "leman", "channel": Channel.EMAIL, "subject": "Certificate expires"} | facts
    return desk.tickets.new(**facts)


def _link(desk: Desk, ticket: Ticket, *, version: str = "", owner: str = "", **where: str) -> None:
    values = {"ticket_id": ticket.id, "version": version, "owner": owner} | where
    with desk.store.begin() as tx:
        tx.connection.execute(insert(ticket_links).values(**values))


def claimed(desk: Desk, source: str = SUPPORT) -> Outgoing:
    """Claim the one thing that has its turn."""
    (outgoing,) = desk.outbox.claim(source, "example.org")
    return outgoing


def handed(at: datetime, state: OutgoingState = OutgoingState.SENT, **more: str) -> Handed:
    return Handed(state, at, **more)  # type: ignore[arg-type]


def link_of(desk: Desk, ticket_id: int) -> Any:
    with desk.store.connect() as connection:
        return connection.execute(select(ticket_links).where(ticket_links.c.ticket_id == ticket_id)).one()


def stored(desk: Desk, ticket_id: int) -> Ticket:
    """Return the ticket as the store has it, which says of what goes out of it what follows from that."""
    with desk.store.connect() as connection:
        states = connection.scalars(select(outbox.c.state).where(outbox.c.ticket_id == ticket_id)).all()
    ticket = desk.tickets.detail(ticket_id).ticket
    assert ticket.outgoing == worst(map(OutgoingState, states))
    return ticket
