"""Stories into rows, as fast as the driver takes them."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import insert, text, update

from oncall_tui.domain.clock import to_micros
from oncall_tui.store import tickets as ticket_store
from oncall_tui.store.demo.stories import Story
from oncall_tui.store.engine import Transaction
from oncall_tui.store.rows import add
from oncall_tui.store.schema import revision, ticket_spans

_TICKETS = ("id", *ticket_store.COLUMNS)
_MESSAGES = ("ticket_id", "at", "author", "kind", "text")


def add_stories(tx: Transaction, stories: Sequence[Story]) -> None:
    """Store tickets with their conversations and pasts; their audit entries go by `audit.append_all`."""
    found = (
        (one.ticket.id, *ticket_store.values_of(one.ticket, one.body, None, tx.revision)) for one in stories
    )
    said = (
        (one.ticket.id, to_micros(message.at), message.author, message.kind.value, message.text)
        for one in stories
        for message in one.messages
    )
    add(tx, "tickets", _TICKETS, found)
    add(tx, "messages", _MESSAGES, said)
    if spans := [span for one in stories for span in one.spans]:
        tx.connection.execute(insert(ticket_spans), spans)


def count_on(tx: Transaction, last_number: int) -> None:
    """Let ids and references go on after the sample tickets, of which the last is `last_number`."""
    tx.connection.execute(update(revision).values(value=last_number))
    if tx.connection.dialect.name == "postgresql":
        tx.connection.execute(
            text("SELECT setval(pg_get_serial_sequence('tickets', 'id'), max(id)) FROM tickets")
        )
