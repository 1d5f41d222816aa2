"""Temporary access and who used it (R23): rows in, frozen `Grant`s out."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, delete, exists, insert, select, update

from oncall_tui.domain.customers import Access
from oncall_tui.domain.errors import NotFound
from oncall_tui.domain.grants import Grant, Use
from oncall_tui.store.engine import Transaction
from oncall_tui.store.organisation_schema import access_uses
from oncall_tui.store.rows import in_parts
from oncall_tui.store.schema import access, customers

_a = access.c
_u = access_uses.c


def get(connection: Connection, grant_id: int) -> Grant:
    """Return the grant with that id; `NotFound` if there is none."""
    found = _read(connection, _grants().where(_a.id == grant_id))
    if not found:
        raise NotFound(f"no access {grant_id}", hint="oncall-tui access list names them")
    return found[0]


def of_customer(connection: Connection, customer_id: int) -> tuple[Grant, ...]:
    """Return all grants of an organisation, by its row id, in the order in which they were recorded."""
    return _read(connection, _grants().where(_a.customer_id == customer_id).order_by(_a.id))


def in_force_since(connection: Connection, since: datetime, now: datetime) -> tuple[Grant, ...]:
    """Return the grants of all organisations that ran from an instant up to `now`, or ran out since."""
    return _read(connection, _grants().where(_a.until >= since, _a.granted_at <= now).order_by(_a.id))


def used(connection: Connection, since: datetime) -> tuple[Grant, ...]:
    """Return the grants that somebody uses and hasn't given back, and whose end lies after `since`.

    Of the uses only those are there that go on. What it costs follows from these alone: nobody gives back
    every access that has run out.
    """
    running = access_uses.join(access, _a.id == _u.access_id)
    query = select(access_uses).select_from(running).where(_u.ended_at.is_(None), _a.until > since)
    return _with_uses(connection, connection.execute(query.order_by(_u.id)).fetchall())


def cut_short(connection: Connection, revision: int) -> tuple[Grant, ...]:
    """Return the grants that were given back, written after `revision`, with the uses that this ended."""
    query = select(access_uses).where(_u.revision > revision, _u.ended_at.is_not(None)).order_by(_u.id)
    found = [
        replace(grant, uses=tuple(use for use in grant.uses if use.ended_at == grant.ended_at))
        for grant in _with_uses(connection, connection.execute(query).fetchall())
    ]
    return tuple(grant for grant in found if grant.uses)


def of_uses(connection: Connection, use_ids: Iterable[int]) -> tuple[Grant, ...]:
    """Return the grants of some uses, by their ids, with these uses alone."""
    rows = [
        row
        for part in in_parts(use_ids)
        for row in connection.execute(select(access_uses).where(_u.id.in_(part)).order_by(_u.id))
    ]
    return _with_uses(connection, rows)


def add(
    tx: Transaction,
    customer_id: int,
    *,
    service: str,
    granted_at: datetime,
    until: datetime,
    granted_by: str,
    recorded_by: str,
    recorded_at: datetime,
) -> int:
    """Store a grant of an organisation, by its row id; return the id of the grant."""
    values = {
        "customer_id": customer_id,
        "service": service,
        "granted_at": granted_at,
        "until": until,
        "granted_by": granted_by,
        "recorded_by": recorded_by,
        "recorded_at": recorded_at,
        "revision": tx.revision,
    }
    return int(tx.connection.execute(insert(access).values(**values).returning(_a.id)).scalar_one())


def save(tx: Transaction, grant: Grant) -> None:
    """Store what may change of a grant: its end, who granted and recorded it, whether it was given back."""
    values = {
        "until": grant.until,
        "granted_by": grant.granted_by,
        "recorded_by": grant.recorded_by,
        "recorded_at": grant.recorded_at,
        "ended_at": grant.ended_at,
        "ended_by": grant.ended_by,
        "revision": tx.revision,
    }
    tx.connection.execute(update(access).where(_a.id == grant.id).values(**values))


def remove(tx: Transaction, grant_id: int) -> None:
    """Delete a grant that was never used."""
    tx.connection.execute(delete(access).where(_a.id == grant_id))


def begin(tx: Transaction, grant_id: int, use: Use, ticket_id: int | None) -> int:
    """Store that a use of the grant begins; return the id of the use."""
    values = {
        "access_id": grant_id,
        "operator": use.operator,
        "workstation": use.workstation,
        "purpose": use.purpose,
        "ticket_id": ticket_id,
        "ticket": use.ticket,
        "began_at": use.began_at,
        "revision": tx.revision,
    }
    return int(tx.connection.execute(insert(access_uses).values(**values).returning(_u.id)).scalar_one())


def stop(tx: Transaction, use_ids: Iterable[int], at: datetime | None) -> None:
    """Store that some uses ended at an instant; None lets them go on."""
    values = {"ended_at": at, "revision": tx.revision}
    tx.connection.execute(update(access_uses).where(_u.id.in_(list(use_ids))).values(**values))


def withdraw(tx: Transaction, use_id: int) -> None:
    """Delete a use that was begun by mistake."""
    tx.connection.execute(delete(access_uses).where(_u.id == use_id))


def as_on_file(connection: Connection, customer_id: int) -> tuple[Access, ...]:
    """Return the access of an organisation, by its row id; what was given back ends when it was."""
    query = select(_a.service, _a.granted_at, _a.until, _a.ended_at).where(_a.customer_id == customer_id)
    return tuple(
        Access(
            row.service, row.granted_at, row.until if row.ended_at is None else min(row.until, row.ended_at)
        )
        for row in connection.execute(query.order_by(_a.id))
    )


def merge(tx: Transaction, customer_id: int, imported: Sequence[Access], now: datetime | None = None) -> None:
    """Bring the access of an organisation up to date with what a list says of it at `now`.

    What is the same by service and beginning stays the same grant, with its uses. Its end is that of the
    list; but what an engineer has recorded runs on if it ends later, and stays also where the list doesn't
    have it. Any other that the list leaves out is gone if nobody ever used it, and else has ended (R23);
    without a `now` it runs on to its end.
    """
    had = exists().where(_u.access_id == _a.id).label("used")
    query = select(_a.id, _a.service, _a.granted_at, _a.until, _a.ended_at, _a.recorded_by, had)
    rows = tx.connection.execute(query.where(_a.customer_id == customer_id).order_by(_a.id))
    known: defaultdict[tuple[str, datetime], list[Any]] = defaultdict(list)
    for row in rows:
        known[row.service, row.granted_at].append(row)
    new = []
    for grant in imported:
        same = known[grant.service, grant.granted_at]
        if not same:
            new.append(grant)
            continue
        row = same.pop(0)
        # An organisation that was read from the store says when it was given back.
        if grant.until in (row.until, row.ended_at) or (row.recorded_by and grant.until < row.until):
            continue
        _change(tx, row.id, until=grant.until)
    for row in (row for rest in known.values() for row in rest if not row.recorded_by):
        if not row.used:
            remove(tx, row.id)
        elif now is not None and row.ended_at is None:
            _take_away(tx, row.id, now)
    if new:
        values = [{**_of(grant), "customer_id": customer_id, "revision": tx.revision} for grant in new]
        tx.connection.execute(insert(access), values)


def _take_away(tx: Transaction, grant_id: int, now: datetime) -> None:
    """End a grant that isn't in the list any more, and its uses, unless it is over already."""
    grant = get(tx.connection, grant_id)
    if now < grant.ends_at:
        _change(tx, grant_id, ended_at=now)
        stop(tx, [use.id for use in grant.uses if use.ended_at is None], now)


def _of(grant: Access) -> dict[str, Any]:
    return {"service": grant.service, "granted_at": grant.granted_at, "until": grant.until}


def _change(tx: Transaction, grant_id: int, **values: Any) -> None:
    tx.connection.execute(update(access).where(_a.id == grant_id).values(**values, revision=tx.revision))


def _grants() -> Select[Any]:
    names = customers.c.ref.label("customer"), customers.c.name.label("customer_name")
    return select(access, *names).join(customers, customers.c.id == _a.customer_id)


def _read(connection: Connection, query: Select[Any]) -> tuple[Grant, ...]:
    rows = connection.execute(query).fetchall()
    uses: defaultdict[int, list[Use]] = defaultdict(list)
    for part in in_parts(row.id for row in rows):
        found = select(access_uses).where(_u.access_id.in_(part)).order_by(_u.began_at, _u.id)
        for use in connection.execute(found):
            uses[use.access_id].append(_use_of(use))
    return tuple(_grant_of(row, uses[row.id]) for row in rows)


def _with_uses(connection: Connection, found: Sequence[Any]) -> tuple[Grant, ...]:
    """Return the grants of the uses that were `found`, with these alone."""
    if not found:
        return ()
    uses: defaultdict[int, list[Use]] = defaultdict(list)
    for row in found:
        uses[row.access_id].append(_use_of(row))
    return tuple(
        _grant_of(row, uses[row.id])
        for part in in_parts(uses)
        for row in connection.execute(_grants().where(_a.id.in_(part)).order_by(_a.id))
    )


def _grant_of(row: Any, uses: Sequence[Use]) -> Grant:
    return Grant(
        id=row.id,
        customer=row.customer,
        customer_name=row.customer_name,
        service=row.service,
        granted_at=row.granted_at,
        until=row.until,
        granted_by=row.granted_by,
        recorded_by=row.recorded_by,
        recorded_at=row.recorded_at,
        ended_at=row.ended_at,
        ended_by=row.ended_by,
        uses=tuple(uses),
    )


def _use_of(row: Any) -> Use:
    return Use(row.id, row.operator, row.workstation, row.purpose, row.ticket, row.began_at, row.ended_at)
