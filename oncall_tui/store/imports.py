"""Rows by the thousand: what an import asks for and writes, at the speed of the driver."""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Sequence
from types import TracebackType
from typing import Any, NamedTuple, Self

from sqlalchemy import Connection, select, update

from oncall_tui.domain.folding import searchable
from oncall_tui.domain.tickets import Ticket
from oncall_tui.store import tickets as ticket_store
from oncall_tui.store.engine import Transaction
from oncall_tui.store.rows import add
from oncall_tui.store.schema import tickets


class Known(NamedTuple):
    """What an import needs to know of a ticket that is in the store."""

    id: int
    digest: str | None


def known(connection: Connection, refs: Collection[str]) -> dict[str, Known]:
    """Return those of `refs` that are in the store."""
    c = tickets.c
    rows = connection.execute(select(c.ref, c.id, c.import_digest).where(c.ref.in_(refs)))
    return {ref: Known(ticket_id, digest) for ref, ticket_id, digest in rows}


def insert(tx: Transaction, rows: Sequence[tuple[Any, ...]]) -> None:
    """Store new tickets, each as `tickets.values_of` has it."""
    if rows:
        add(tx, tickets.name, ticket_store.COLUMNS, rows)


def set_source(tx: Transaction, ticket: Ticket, body: str | None, digest: str) -> None:
    """Store the text of `ticket` as its source says it anew; a body of None leaves it as it is."""
    values = {
        "subject": ticket.subject,
        "contact": ticket.contact,
        "search": searchable(ticket),
        "import_digest": digest,
        "revision": tx.revision,
    }
    if body is not None:
        values["body"] = body
    tx.connection.execute(update(tickets).where(tickets.c.id == ticket.id).values(**values))


class SeenRefs:
    """The references met so far in one file, on disk, so that a file of any length can be checked."""

    def __enter__(self) -> Self:
        # A database without a name is SQLite's own temporary file: in memory as long as it is small.
        self._database = sqlite3.connect("", isolation_level=None)
        self._database.executescript(
            "PRAGMA journal_mode = OFF;"
            "CREATE TABLE seen (ref TEXT PRIMARY KEY, line INTEGER) WITHOUT ROWID; BEGIN"
        )
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._database.close()

    def repeated(self, refs: Sequence[tuple[str, int]]) -> dict[int, int]:
        """Note `(ref, line)` pairs; return, for each line whose ref came before, the first line of it."""
        total = self._database.total_changes
        self._database.executemany("INSERT OR IGNORE INTO seen VALUES (?, ?)", refs)
        if self._database.total_changes - total == len(refs):
            return {}
        first = "SELECT line FROM seen WHERE ref = ?"
        lines = ((line, self._database.execute(first, (ref,)).fetchone()[0]) for ref, line in refs)
        return {line: earlier for line, earlier in lines if earlier != line}
