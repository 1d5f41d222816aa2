"""The audit: who did what, when, from where. Append-only; the database refuses anything else (R20)."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Connection, func, insert, select, text, update

from oncall_tui.domain.audit import DONE
from oncall_tui.domain.clock import to_micros
from oncall_tui.domain.tickets import HistoryEntry
from oncall_tui.store import sealing, seals
from oncall_tui.store.engine import Transaction
from oncall_tui.store.keyring import Key, KeyTrouble
from oncall_tui.store.rows import add
from oncall_tui.store.schema import audit, audit_head, key_in_force, revision
from oncall_tui.store.seals import NOTHING, Head, Sealed

_facts = json.JSONEncoder(ensure_ascii=False, sort_keys=True).encode


@dataclass(frozen=True, slots=True)
class Entry:
    """One act. `subject` names what it was done to, `customer` the organisation that it is about by its id,
    `outcome` how it came out; `detail` holds its facts by name.
    """

    at: datetime
    operator: str
    workstation: str
    act: str
    subject: str
    detail: Mapping[str, str]
    ticket_id: int | None = None
    customer: str = ""
    outcome: str = DONE


def append(tx: Transaction, entry: Entry) -> None:
    """Write `entry` with the act it tells of: in the same transaction or not at all."""
    append_all(tx, [entry])


def append_all(tx: Transaction, entries: Sequence[Entry]) -> None:
    """Write `entries`, which are in order of time, each sealed over the one before (R20).

    Without a usable key they are chained all the same: nobody on call is kept from acting.
    """
    if not entries:
        return
    place = _place(tx)
    key = _key(tx, place.key_in_force, entries[-1].at)
    key_id = key.id if key else ""
    number, seal = place.last_id, place.previous
    rows = []
    for number, entry in enumerate(entries, place.last_id + 1):
        sealed = Sealed(
            id=number,
            at=to_micros(entry.at),
            operator=entry.operator,
            workstation=entry.workstation,
            act=str(entry.act),
            ticket_id=entry.ticket_id,
            subject=entry.subject,
            detail=_facts(dict(entry.detail)),
            revision=tx.revision,
            customer=entry.customer,
            outcome=str(entry.outcome),
            key_id=key_id,
        )
        seal = seals.of_entry(key, seal, sealed)
        rows.append((*sealed, seal))
    if len(rows) == 1:
        tx.connection.execute(_INSERT, dict(zip(_COLUMNS, rows[0], strict=True)))
    else:
        add(tx, audit.name, _COLUMNS, rows)
    write_head(tx.connection, seals.of_head(key, number, seal))


class _Place(NamedTuple):
    """Where the next entry goes: after the entry `last_id`, sealed over `previous`."""

    last_id: int
    previous: str
    key_in_force: str | None


def _place(tx: Transaction) -> _Place:
    row = tx.connection.execute(_PLACE).one()
    last_id = max(row.last_id or 0, row.greatest or 0)
    # A head that nobody could have sealed who has the key is not written over with one that has: what it
    # hides stays to be found, since the next entry doesn't chain.
    trusted = row.seal is not None and _fits(
        tx, Head(row.last_id, row.last_seal, row.head_key, row.seal), row.entry_key
    )
    return _Place(last_id, row.last_seal if trusted else NOTHING, row.key_in_force)


def _fits(tx: Transaction, head: Head, entry_key: str | None) -> bool:
    """Say whether `head` is as it was written; `entry_key` is the key id of the entry that it names."""
    if entry_key is not None and entry_key != head.key_id:
        return False
    try:
        key = seals.known_key(tx.keyring, head.key_id)
    except KeyTrouble:
        return True
    return seals.of_head(key, head.last_id, head.last_seal) == head


def _key(tx: Transaction, key_in_force: str | None, now: datetime) -> Key | None:
    """Return the key to seal with, made at its first use; None where it can't be had."""
    try:
        return (
            sealing.for_writing(tx, now)
            if key_in_force is None
            else seals.known_key(tx.keyring, key_in_force)
        )
    except KeyTrouble:
        return None


def write_head(connection: Connection, new: Head) -> None:
    """Put `new` in the place of the head."""
    if not connection.execute(_UPDATE_HEAD, new._asdict()).rowcount:
        connection.execute(insert(audit_head).values(id=1, **new._asdict()))


_COLUMNS = (*Sealed._fields, "seal")
_MARKS = ", ".join(f":{name}" for name in _COLUMNS)
_INSERT = text(f"INSERT INTO audit ({', '.join(_COLUMNS)}) VALUES ({_MARKS})")  # noqa: S608 - our own names
_UPDATE_HEAD = update(audit_head).where(audit_head.c.id == 1)
_PLACE = (
    select(
        key_in_force.c.key_id.label("key_in_force"),
        audit_head.c.last_id,
        audit_head.c.last_seal,
        audit_head.c.key_id.label("head_key"),
        audit_head.c.seal,
        audit.c.key_id.label("entry_key"),
        select(func.max(audit.c.id)).scalar_subquery().label("greatest"),
    )
    .select_from(revision)
    .outerjoin(audit_head, audit_head.c.id == 1)
    .outerjoin(key_in_force, key_in_force.c.id == 1)
    .outerjoin(audit, audit.c.id == audit_head.c.last_id)
    .where(revision.c.id == 1)
)
"""All that an append asks, in one read: whoever appends holds the row of the counter already."""


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
