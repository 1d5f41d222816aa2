"""The list of organisations by name, a page at a time from wherever one stands in it."""

from __future__ import annotations

from sqlalchemy import Connection, Select, select, tuple_

from oncall_tui.domain.customers import Found
from oncall_tui.domain.errors import NotFound
from oncall_tui.domain.plans import Plan
from oncall_tui.domain.tickets import UNKNOWN_CUSTOMER
from oncall_tui.store.schema import customers

_c = customers.c
_PLACE = tuple_(_c.sort_name, _c.id)
# What belongs to nobody yet is filed with an organisation that is none.
_ROW = select(_c.ref, _c.name, _c.plan, _c.language).where(_c.ref != UNKNOWN_CUSTOMER)
_UP = (_c.sort_name, _c.id)
_DOWN = (_c.sort_name.desc(), _c.id.desc())


def page(
    connection: Connection,
    *,
    after: str | None = None,
    before: str | None = None,
    begin: str | None = None,
    limit: int,
) -> tuple[Found, ...]:
    """Return at most `limit` organisations by name: those after `after`, before `before` or from `begin` on.

    They are ids; without any it is the beginning of the list. `NotFound` for an id that there isn't.
    """
    if before is not None:
        query = _ROW.where(tuple_(*_place(connection, before)) > _PLACE).order_by(*_DOWN)
        return _read(connection, query, limit)[::-1]
    query = _ROW.order_by(*_UP)
    if after is not None:
        query = query.where(tuple_(*_place(connection, after)) < _PLACE)
    elif begin is not None:
        query = query.where(tuple_(*_place(connection, begin)) <= _PLACE)
    return _read(connection, query, limit)


def last_page(connection: Connection, limit: int) -> tuple[Found, ...]:
    """Return the last `limit` organisations of the list, by name."""
    return _read(connection, _ROW.order_by(*_DOWN), limit)[::-1]


def _place(connection: Connection, customer: str) -> tuple[str, int]:
    place = connection.execute(select(_c.sort_name, _c.id).where(_c.ref == customer)).first()
    if place is None:
        raise NotFound(f"no customer {customer[:60]!r}", hint="customer list begins at the first one")
    return place.sort_name, place.id


def _read(connection: Connection, query: Select[tuple[str, str, str, str]], limit: int) -> tuple[Found, ...]:
    rows = connection.execute(query.limit(limit))
    return tuple(Found(row.ref, row.name, Plan(row.plan), language=row.language) for row in rows)
