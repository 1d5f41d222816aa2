"""The audit: who did what, when, from where. Append-only; the database refuses anything else (R20)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, func, insert, select

from oncall_tui.domain.tickets import HistoryEntry
from oncall_tui.store.engine import Transaction
from oncall_tui.store.schema import audit


@dataclass(frozen=True, slots=True)
class Entry:
    """One act. `subject` names what it was done to, `detail` holds its facts by name."""

    at: datetime
    operator: str
    workstation: str
    act: str
    subject: str
    detail: Mapping[str, str]
    ticket_id: int | None = None
    customer: str = ""
    outcome: str = "done"


def append(tx: Transaction, entry: Entry) -> None:
    """Write `entry` with the act it tells of: in the same transaction or not at all."""
    tx.connection.execute(
        insert(audit).values(
            id=next_id(tx),
            at=entry.at,
            operator=entry.operator,
            workstation=entry.workstation,
            act=entry.act,
            ticket_id=entry.ticket_id,
            subject=entry.subject,
            detail=json.dumps(dict(entry.detail), ensure_ascii=False, sort_keys=True),
            revision=tx.revision,
            customer=entry.customer,
            outcome=entry.outcome,
        )
    )


def next_id(tx: Transaction) -> int:
    """Return the number of the entry that comes next: they are counted without a gap."""
    return (tx.connection.scalar(select(func.max(audit.c.id))) or 0) + 1


def of_ticket(connection: Connection, ticket_id: int, until: datetime | None) -> tuple[HistoryEntry, ...]:
    """Return what was done to a ticket, oldest first, only up to `until` if it is given."""
    a = audit.c
    query = select(a.at, a.operator, a.workstation, a.act, a.detail).where(a.ticket_id == ticket_id)
    if until is not None:
        query = query.where(a.at <= until)
    rows = connection.execute(query.order_by(a.id))
    return tuple(
        HistoryEntry(at, operator, workstation, act, json.loads(detail))
        for at, operator, workstation, act, detail in rows
    )


def last_of_ticket(connection: Connection, ticket_id: int, *, besides: str) -> HistoryEntry | None:
    """Return the latest act on a ticket that isn't `besides`, None if it was only ever imported."""
    a = audit.c
    query = select(a.at, a.operator, a.workstation, a.act, a.detail).where(
        a.ticket_id == ticket_id, a.act != besides
    )
    row = connection.execute(query.order_by(a.id.desc()).limit(1)).first()
    if row is None:
        return None
    return HistoryEntry(row.at, row.operator, row.workstation, row.act, json.loads(row.detail))
