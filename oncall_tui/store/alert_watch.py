"""Up to where alerts were looked for, for all desks on one database, and what came since then."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import ColumnElement, Connection, func, insert, literal_column, select, update

from oncall_tui.domain.calls import CallRecord
from oncall_tui.domain.codes import WRONG
from oncall_tui.store.calls import RECORDS, record_of
from oncall_tui.store.engine import Transaction
from oncall_tui.store.schema import alert_watch, audit, call_records, code_attempts, code_waits, tickets
from oncall_tui.store.schema import revision as counter


class Watched(NamedTuple):
    """What was looked at: all that was written up to `revision`, at the instant `until` (UTC).

    The others are the last ids of tables that rows are only ever added to.
    """

    until: datetime
    revision: int
    audit_id: int
    ticket_id: int
    wait_id: int
    attempt_id: int


class HandOver(NamedTuple):
    """An entry of the audit: a ticket was given to somebody, or filed."""

    entry_id: int
    at: datetime
    ticket_id: int
    to: str
    by: str


class Wait(NamedTuple):
    """A pause after wrong codes; `subject` is an organisation's id or who called."""

    id: int
    subject: str
    began_at: datetime
    until: datetime


def present(connection: Connection, now: datetime) -> Watched:
    """Return what there is to look at at `now`, all of it."""
    last = [
        select(func.coalesce(func.max(table.c.id), 0)).scalar_subquery()
        for table in (audit, tickets, code_waits, code_attempts)
    ]
    row = connection.execute(select(counter.c.value, *last)).one()
    return Watched(now, *row)


def read(connection: Connection) -> Watched | None:
    """Return up to where was looked, None if nobody ever did."""
    c = alert_watch.c
    query = select(c.until, c.revision, c.audit_id, c.ticket_id, c.wait_id, c.attempt_id)
    row = connection.execute(query).first()
    return None if row is None else Watched(*row)


def write(tx: Transaction, watched: Watched) -> None:
    """Note up to where was looked."""
    values = watched._asdict() | {"revision": tx.revision}
    if not tx.connection.execute(update(alert_watch).values(**values)).rowcount:
        tx.connection.execute(insert(alert_watch).values(id=1, **values))


def acts(connection: Connection, after_id: int, act: str) -> Sequence[HandOver]:
    """Return the entries of `act` on tickets after an entry of the audit."""
    a = audit.c
    query = select(a.id, a.at, a.ticket_id, a.detail, a.operator)
    query = query.where(a.id > after_id, a.act == act, a.ticket_id.is_not(None)).order_by(a.id)
    return [
        HandOver(entry_id, at, ticket_id, json.loads(detail).get("to", ""), operator)
        for entry_id, at, ticket_id, detail, operator in connection.execute(query)
    ]


def told(connection: Connection, revision: int) -> Sequence[CallRecord]:
    """Return the records after `revision` of which the team is told, in their order."""
    r = call_records.c
    has_alert: ColumnElement[bool] = literal_column("call_records.alert <> ''")
    query = RECORDS.where(has_alert, r.revision > revision).order_by(r.revision)
    return [record_of(row) for row in connection.execute(query)]


def waits(connection: Connection, after_id: int) -> Sequence[Wait]:
    """Return the pauses after wrong codes that began after one of them."""
    w = code_waits.c
    query = select(w.id, w.subject, w.began_at, w.until).where(w.id > after_id).order_by(w.id)
    return [Wait(*row) for row in connection.execute(query)]


def last_wrong(connection: Connection, after_id: int) -> tuple[int, datetime] | None:
    """Return the last wrong code after one attempt, by its id and instant, None if there is none."""
    a = code_attempts.c
    wrong = a.outcome.in_([outcome.value for outcome in WRONG])
    query = select(a.id, a.at).where(a.id > after_id, wrong).order_by(a.id.desc()).limit(1)
    row = connection.execute(query).first()
    return None if row is None else (row.id, row.at)
