"""Calendars as they were when a ticket was received: immutable copies (R9)."""

from __future__ import annotations

import json

from sqlalchemy import Connection, insert, select

from oncall_tui.domain.hours import OpeningHours
from oncall_tui.store.engine import Transaction
from oncall_tui.store.schema import calendars, tickets


def id_of(tx: Transaction, hours: OpeningHours) -> int:
    """Return the id of the copy of `hours`, made if it isn't there."""
    c = calendars.c
    found = tx.connection.scalar(select(c.id).where(c.fingerprint == hours.fingerprint))
    if found is not None:
        return int(found)
    definition = json.dumps(hours.definition(), ensure_ascii=False, sort_keys=True)
    made = tx.connection.scalar(
        insert(calendars)
        .values(name=hours.name, fingerprint=hours.fingerprint, definition=definition)
        .returning(c.id)
    )
    return int(made or 0)


def get(connection: Connection, calendar_id: int) -> OpeningHours:
    """Return the copy with that id."""
    query = select(calendars.c.definition).where(calendars.c.id == calendar_id)
    return OpeningHours.from_definition(json.loads(connection.execute(query).scalar_one()))


def all_of(connection: Connection) -> dict[int, OpeningHours]:
    """Return every copy by id. Few: one for each set of hours that was ever in force."""
    rows = connection.execute(select(calendars.c.id, calendars.c.definition))
    return {row.id: OpeningHours.from_definition(json.loads(row.definition)) for row in rows}


def in_use(connection: Connection) -> set[int]:
    """Return the ids of the calendars on which clocks of open tickets run, real time included."""
    t = tickets.c
    query = select(t.clock_calendar_id).where(t.closed_at.is_(None), t.clock_calendar_id.is_not(None))
    return set(connection.scalars(query.distinct()))
