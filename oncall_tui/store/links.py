"""Where tickets came from, and how they stood there when that was looked at last."""

from __future__ import annotations

from typing import Any, NamedTuple

from sqlalchemy import Connection, select, update

from oncall_tui.domain.tickets import Origin
from oncall_tui.store.correspondence_schema import ticket_links
from oncall_tui.store.engine import Transaction

_l = ticket_links.c


class Link(NamedTuple):
    """Where a ticket came from. `version` and `owner`, empty for nobody, are those of the other system's
    ticket when it was looked at last.
    """

    origin: Origin
    version: str
    owner: str


def get(connection: Connection, ticket_id: int) -> Link | None:
    """Return where a ticket came from and how it stands there, None where it came from no other system."""
    query = select(_l.source, _l.thread, _l.name, _l.address, _l.version, _l.owner)
    row = connection.execute(query.where(_l.ticket_id == ticket_id)).first()
    if row is None:
        return None
    return Link(Origin(row.source, row.thread, row.name, row.address), row.version, row.owner)


def of(connection: Connection, ticket_id: int) -> Origin | None:
    """Return where a ticket came from, None where it came from no other system."""
    link = get(connection, ticket_id)
    return None if link is None else link.origin


def stands(tx: Transaction, ticket_id: int, *, version: str = "", owner: str | None = None) -> None:
    """Note how the other system's ticket stands: its `version` where that is known, and its `owner`, empty
    for nobody and None for the one that it had.
    """
    values: dict[str, Any] = ({"version": version} if version else {}) | (
        {} if owner is None else {"owner": owner}
    )
    if values:
        tx.connection.execute(update(ticket_links).where(_l.ticket_id == ticket_id).values(**values))
