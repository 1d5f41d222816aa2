"""Where many tickets at a time came from, whom an answer to them goes to, and what of ours is on its way."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, and_, bindparam, or_, select, update

from oncall_tui.domain.outgoing import OutgoingAct, OutgoingState
from oncall_tui.domain.tickets import Origin
from oncall_tui.store.correspondence_schema import outbox, ticket_links
from oncall_tui.store.engine import Transaction
from oncall_tui.store.links import Link
from oncall_tui.store.rows import add as add_rows
from oncall_tui.store.rows import in_parts
from oncall_tui.store.schema import customers, tickets

_l = ticket_links.c


def of_tickets(connection: Connection, ticket_ids: Iterable[int]) -> dict[int, Link]:
    """Return the links of those of the tickets that have one, by ticket."""
    found = {}
    for part in in_parts(ticket_ids):
        query = select(ticket_links).where(_l.ticket_id.in_(part))
        for row in connection.execute(query):
            origin = Origin(row.source, row.thread, row.name, row.address)
            found[row.ticket_id] = Link(origin, row.version, row.owner)
    return found


def by_thread(connection: Connection, source: str, threads: Iterable[str]) -> dict[str, int]:
    """Return the tickets whose counterparts in `source` these `threads` are, by thread."""
    found: dict[str, int] = {}
    for part in in_parts(threads):
        query = select(_l.thread, _l.ticket_id).where(_l.source == source, _l.thread.in_(part))
        found |= {row.thread: row.ticket_id for row in connection.execute(query)}
    return found


def add(tx: Transaction, links: Mapping[int, Link]) -> None:
    """Store the links of tickets that have none."""
    add_rows(tx, ticket_links.name, ("ticket_id", *_COLUMNS), [(key, *_values(links[key])) for key in links])


def _values(link: Link) -> tuple[str, ...]:
    origin = link.origin
    return origin.source, origin.thread, origin.name, origin.address, link.version, link.owner


_COLUMNS = ("source", "thread", "name", "address", "version", "owner")
_REPLACE = (
    update(ticket_links)
    .where(_l.ticket_id == bindparam("of_ticket"))
    .values({name: bindparam(f"new_{name}") for name in _COLUMNS})
)


def replace(tx: Transaction, links: Mapping[int, Link]) -> None:
    """Store the links of tickets that have one already."""
    if links:
        names = [f"new_{name}" for name in _COLUMNS]
        values: list[dict[str, Any]] = [
            {"of_ticket": key, **dict(zip(names, _values(link), strict=True))} for key, link in links.items()
        ]
        tx.connection.execute(_REPLACE, values)


def ours_on_the_way(
    connection: Connection, ticket_ids: Collection[int], since: datetime
) -> Mapping[int, Collection[OutgoingAct]]:
    """Return which acts of ours on these tickets are on their way to their systems, wait for a person, or
    arrived after `since` (UTC).
    """
    o = outbox.c
    pending = [state.value for state in OutgoingState if state.on_its_way or state.needs_a_person]
    arrived = and_(o.state == OutgoingState.SENT.value, o.ended_at > since)
    found: dict[int, set[OutgoingAct]] = {}
    for part in in_parts(ticket_ids):
        query = select(o.ticket_id, o.act).where(o.ticket_id.in_(part), or_(o.state.in_(pending), arrived))
        for ticket_id, act in connection.execute(query):
            found.setdefault(ticket_id, set()).add(OutgoingAct(act))
    return found


def of_sender(connection: Connection, address: str, customer: str) -> Sequence[int]:
    """Return the open tickets of the organisation with the id `customer` that are answered to `address`."""
    t = tickets.c
    query = (
        select(t.id)
        .join_from(ticket_links, tickets, _l.ticket_id == t.id)
        .join(customers, customers.c.id == t.customer_id)
        .where(_l.address == address, customers.c.ref == customer, t.closed_at.is_(None))
    )
    return list(connection.scalars(query.order_by(t.id)))
