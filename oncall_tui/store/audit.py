"""The audit: who did what, when, from where. Append-only; the database refuses anything else (R20)."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Connection, Row, column, insert, select, table, update

from oncall_tui.domain.audit import AuditEntry, AuditFilter
from oncall_tui.domain.clock import to_micros
from oncall_tui.domain.tickets import HistoryEntry
from oncall_tui.store import sealing, seals
from oncall_tui.store.engine import Transaction
from oncall_tui.store.keyring import Key, KeyTrouble
from oncall_tui.store.schema import audit, audit_head

COLUMNS = (*seals.SEALED, "seal")
"""The columns of a row as `sealed` returns it."""

READ_AT_ONCE = 1_000
"""Entries in memory at a time, where all of them are read."""

# Without types: what is sealed is what the database holds.
_rows = table("audit", *map(column, COLUMNS))
_a = audit.c


@dataclass(frozen=True, slots=True)
class Entry:
    """One act. `subject` names what it was done to, `detail` holds its facts by name.

    `customer` is the id of the organisation it is about, if any; `outcome` says how it came out.
    """

    at: datetime
    operator: str
    workstation: str
    act: str
    subject: str
    detail: Mapping[str, str]
    ticket_id: int | None = None
    customer: str = ""
    outcome: str = "done"


class Head(NamedTuple):
    """Which entry is the last one, sealed, so that those cut off at the end are missed."""

    last_id: int
    last_seal: str
    key_id: str
    seal: str


class Stored(NamedTuple):
    """An entry as the database holds it: the values that its seal covers, and the seal."""

    values: tuple[Any, ...]
    seal: str

    @property
    def id(self) -> int:
        """Return its number."""
        return int(self.values[0])

    @property
    def key_id(self) -> str:
        """Return the id of the key that sealed it, empty where there was none."""
        return str(self.values[-1])


def append(tx: Transaction, entry: Entry) -> None:
    """Write `entry` with the act it tells of: in the same transaction or not at all."""
    rows = sealed(tx, [entry])
    tx.connection.execute(insert(_rows), [dict(zip(COLUMNS, row, strict=True)) for row in rows])


def sealed(tx: Transaction, entries: Sequence[Entry]) -> list[tuple[Any, ...]]:
    """Return `entries`, which are in order of time, as the rows that come next, each chained to the one
    before; they must be stored in the same transaction.

    Where the key can't be had they are chained without.
    """
    before = head(tx.connection)
    key = _key(tx, entries[-1].at) if entries else None
    key_id = key.id if key else ""
    last_id, last_seal = (before.last_id, before.last_seal) if before else (0, seals.BEGINNING)
    rows = []
    for entry in entries:
        last_id += 1
        values = (
            last_id,
            to_micros(entry.at),
            entry.operator,
            entry.workstation,
            entry.act,
            entry.ticket_id,
            entry.subject,
            json.dumps(dict(entry.detail), ensure_ascii=False, sort_keys=True),
            tx.revision,
            entry.customer,
            entry.outcome,
            key_id,
        )
        last_seal = seals.seal_of(key, last_seal, values)
        rows.append((*values, last_seal))
    if rows:
        after = Head(last_id, last_seal, key_id, seals.seal_of_head(key, last_id, last_seal, key_id))
        change = update(audit_head) if before else insert(audit_head)
        tx.connection.execute(change.values(id=1, **after._asdict()))
    return rows


def _key(tx: Transaction, now: datetime) -> Key | None:
    """Return the key in force, None where it can't be had: whoever acts goes on without."""
    if tx.keyring is None:
        return None
    try:
        return sealing.for_writing(tx, now)
    except KeyTrouble:
        return None


def head(connection: Connection) -> Head | None:
    """Return which entry is the last one, None before the first."""
    c = audit_head.c
    row = connection.execute(select(c.last_id, c.last_seal, c.key_id, c.seal)).first()
    return None if row is None else Head(*row)


def stored(connection: Connection) -> Iterator[Stored]:
    """Iterate over every entry as the database holds it, in the order of their numbers."""
    last: int | None = None
    while True:
        query = select(*(_rows.c[name] for name in COLUMNS)).order_by(_rows.c.id).limit(READ_AT_ONCE)
        if last is not None:
            query = query.where(_rows.c.id > last)
        found = connection.execute(query).fetchall()
        for row in found:
            yield Stored(tuple(row[:-1]), row[-1])
        if len(found) < READ_AT_ONCE:
            return
        last = found[-1][0]


def entries(connection: Connection, wanted: AuditFilter, limit: int | None) -> list[AuditEntry]:
    """Return the last `limit` entries that are `wanted`, oldest first; all of them without a limit."""
    query = select(
        _a.id,
        _a.at,
        _a.operator,
        _a.workstation,
        _a.act,
        _a.subject,
        _a.customer,
        _a.outcome,
        _a.detail,
        _a.key_id,
    )
    query = query.where(*_conditions(wanted)).order_by(_a.id.desc()).limit(limit)
    return [_read(row) for row in reversed(connection.execute(query).fetchall())]


def _read(row: Row[Any]) -> AuditEntry:
    return AuditEntry(
        id=row.id,
        at=row.at,
        operator=row.operator,
        workstation=row.workstation,
        act=row.act,
        subject=row.subject,
        customer=row.customer,
        outcome=row.outcome,
        detail=json.loads(row.detail),
        keyless=not row.key_id,
    )


def _conditions(wanted: AuditFilter) -> Iterator[ColumnElement[bool]]:
    if wanted.since is not None:
        yield _a.at >= wanted.since
    if wanted.until is not None:
        yield _a.at < wanted.until
    for name in ("operator", "customer", "act", "outcome"):
        if (value := getattr(wanted, name)) is not None:
            yield _a[name] == value


def count(connection: Connection) -> int:
    """Return how many entries there should be."""
    known = head(connection)
    return known.last_id if known else 0


def of_ticket(connection: Connection, ticket_id: int, until: datetime | None) -> tuple[HistoryEntry, ...]:
    """Return what was done to a ticket, oldest first, only up to `until` if it is given."""
    query = select(_a.at, _a.operator, _a.workstation, _a.act, _a.detail).where(_a.ticket_id == ticket_id)
    if until is not None:
        query = query.where(_a.at <= until)
    rows = connection.execute(query.order_by(_a.id))
    return tuple(
        HistoryEntry(at, operator, workstation, act, json.loads(detail))
        for at, operator, workstation, act, detail in rows
    )


def last_of_ticket(connection: Connection, ticket_id: int, *, besides: str) -> HistoryEntry | None:
    """Return the latest act on a ticket that isn't `besides`, None if it was only ever imported."""
    query = select(_a.at, _a.operator, _a.workstation, _a.act, _a.detail).where(
        _a.ticket_id == ticket_id, _a.act != besides
    )
    row = connection.execute(query.order_by(_a.id.desc()).limit(1)).first()
    if row is None:
        return None
    return HistoryEntry(row.at, row.operator, row.workstation, row.act, json.loads(row.detail))
