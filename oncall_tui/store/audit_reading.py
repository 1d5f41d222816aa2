"""The audit as a whole: its entries by what is asked for, and one after the other as they are sealed."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, Connection, bindparam, func, or_, select, type_coerce

from oncall_tui.domain.audit import AuditEntry, AuditFilter
from oncall_tui.domain.clock import EARLIEST, LATEST, from_micros, to_micros
from oncall_tui.domain.file_history import EDITS, NOT_OF_THE_FILE, WITH_TICKET
from oncall_tui.store.schema import audit, audit_head
from oncall_tui.store.seals import Head, Sealed

BATCH_ROWS = 2_000
"""Entries in memory at a time."""

_a = audit.c
_AT = type_coerce(_a.at, BigInteger)
_ENTRY = (
    _a.id,
    _AT,
    _a.operator,
    _a.workstation,
    _a.act,
    _a.subject,
    _a.detail,
    _a.customer,
    _a.outcome,
    _a.ticket_id,
)
_FIRST, _LAST = to_micros(EARLIEST), to_micros(LATEST)


def entries(
    connection: Connection, wanted: AuditFilter, limit: int | None, as_of: datetime | None
) -> Iterator[AuditEntry]:
    """Iterate over the entries that fit `wanted`, those until `as_of` if it is given, the newest last;
    with a `limit` over so many of the newest.
    """
    conditions = _conditions(wanted)
    if as_of is not None:
        conditions.append(_a.at <= as_of)
    after = -1
    if limit is not None:
        oldest = select(_a.id).where(*conditions).order_by(_a.id.desc()).offset(limit - 1).limit(1)
        after = (connection.scalar(oldest) or 0) - 1
    query = select(*_ENTRY).where(*conditions, _a.id > bindparam("after")).order_by(_a.id).limit(BATCH_ROWS)
    while found := connection.execute(query, {"after": after}).fetchall():
        for row in found:
            yield _entry(*row)
        after = found[-1].id


def of_customer(
    connection: Connection, customer: str, limit: int, as_of: datetime | None
) -> tuple[AuditEntry, ...]:
    """Return at most `limit` entries about the organisation itself by its id, the newest first, those until
    `as_of` if it is given; those about its tickets, its calls and who called are none.
    """
    conditions = [
        _a.customer == customer,
        _a.act.not_in(NOT_OF_THE_FILE),
        or_(_a.ticket_id.is_(None), _a.act.in_(WITH_TICKET)),
    ]
    if as_of is not None:
        conditions.append(_a.at <= as_of)
    query = select(*_ENTRY).where(*conditions).order_by(_a.id.desc()).limit(limit)
    return tuple(_entry(*row) for row in connection.execute(query))


def last_edit(connection: Connection, customer: str) -> AuditEntry | None:
    """Return the latest act that made another version of the organisation with that id, None without any."""
    # What is undone of its access has the service as its subject, and of a ticket the ticket.
    query = select(*_ENTRY).where(
        _a.customer == customer, _a.subject == customer, _a.ticket_id.is_(None), _a.act.in_(EDITS)
    )
    row = connection.execute(query.order_by(_a.id.desc()).limit(1)).first()
    return None if row is None else _entry(*row)


def count(connection: Connection) -> int:
    """Return how many entries there are, about."""
    return connection.scalar(select(func.max(_a.id))) or 0


def sealed(connection: Connection) -> Iterator[list[tuple[Sealed, str]]]:
    """Iterate over all entries with their seals as they are stored, in batches."""
    columns = (_AT if name == "at" else _a[name] for name in Sealed._fields)
    query = select(*columns, _a.seal).order_by(_a.id).limit(BATCH_ROWS)
    found = connection.execute(query).fetchall()
    further = query.where(_a.id > bindparam("after"))
    while found:
        yield [(Sealed(*row[:-1]), row[-1]) for row in found]
        found = connection.execute(further, {"after": found[-1][0]}).fetchall()


def head(connection: Connection) -> Head | None:
    """Return the head, None where somebody took it away."""
    row = connection.execute(select(*(audit_head.c[name] for name in Head._fields))).first()
    return None if row is None else Head(*row)


def _conditions(wanted: AuditFilter) -> list[ColumnElement[bool]]:
    equal = {
        "operator": wanted.operator,
        "customer": wanted.customer,
        "act": wanted.act,
        "outcome": wanted.outcome,
    }
    conditions: list[ColumnElement[bool]] = [
        _a[name] == value for name, value in equal.items() if value is not None
    ]
    if wanted.since is not None:
        conditions.append(_a.at >= wanted.since)
    if wanted.until is not None:
        conditions.append(_a.at < wanted.until)
    return conditions


def _entry(
    number: int, at: int, operator: str, workstation: str, act: str, subject: str, detail: str, *rest: Any
) -> AuditEntry:
    # What somebody put into the database by hand must not hide the rest: `verify` tells it.
    instant = from_micros(min(max(at, _FIRST), _LAST))
    return AuditEntry(number, instant, operator, workstation, act, subject, _facts(detail), *rest)


def _facts(detail: str) -> dict[str, str]:
    try:
        found = json.loads(detail)
    except ValueError:
        found = None
    return (
        {str(name): str(value) for name, value in found.items()} if isinstance(found, dict) else {"?": detail}
    )
