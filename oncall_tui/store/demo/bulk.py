"""Stories into rows, as fast as the driver takes them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import insert, text, update

from oncall_tui.domain.clock import to_micros
from oncall_tui.store import audit
from oncall_tui.store import tickets as ticket_store
from oncall_tui.store.audit import Entry
from oncall_tui.store.demo.stories import Story
from oncall_tui.store.engine import Transaction
from oncall_tui.store.schema import revision, ticket_spans

_TICKETS = ("id", *ticket_store.COLUMNS)
_MESSAGES = ("ticket_id", "at", "author", "kind", "text")

Rows = Iterable[Sequence[Any]]


def add_stories(tx: Transaction, stories: Sequence[Story]) -> None:
    """Store tickets with their conversations and pasts; their audit entries go by `add_entries`."""
    found = (
        (one.ticket.id, *ticket_store.values_of(one.ticket, one.body, None, tx.revision)) for one in stories
    )
    said = (
        (one.ticket.id, to_micros(message.at), message.author, message.kind.value, message.text)
        for one in stories
        for message in one.messages
    )
    _add(tx, "tickets", _TICKETS, found)
    _add(tx, "messages", _MESSAGES, said)
    if spans := [span for one in stories for span in one.spans]:
        tx.connection.execute(insert(ticket_spans), spans)


def add_entries(tx: Transaction, entries: Sequence[Entry]) -> None:
    """Append `entries`, which are in order of time, to the audit."""
    _add(tx, "audit", audit.COLUMNS, audit.sealed(tx, entries))


def count_on(tx: Transaction, last_number: int) -> None:
    """Let ids and references go on after the sample tickets, of which the last is `last_number`."""
    tx.connection.execute(update(revision).values(value=last_number))
    if tx.connection.dialect.name == "postgresql":
        tx.connection.execute(
            text("SELECT setval(pg_get_serial_sequence('tickets', 'id'), max(id)) FROM tickets")
        )


def _add(tx: Transaction, table: str, names: Sequence[str], rows: Rows) -> None:
    if tx.connection.dialect.name == "sqlite":
        marks = ", ".join("?" * len(names))
        statement = f"INSERT INTO {table} ({', '.join(names)}) VALUES ({marks})"  # noqa: S608 - our own names
        if found := list(rows):
            tx.connection.exec_driver_sql(statement, found)
        return
    driver: Any = tx.connection.connection.driver_connection
    with driver.cursor() as cursor, cursor.copy(f"COPY {table} ({', '.join(names)}) FROM STDIN") as copy:
        for row in rows:
            copy.write_row(row)
