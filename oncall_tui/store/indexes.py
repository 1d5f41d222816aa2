"""The indexes over open tickets only, and the one over closed ones.

Apart from the tables, and imported by the migrations alone: to name PostgreSQL's condition loads its
whole dialect, for which a board on SQLite would pay at each start.
"""

from __future__ import annotations

from sqlalchemy import Index, text

from oncall_tui.store.schema import tickets

_OPEN = text("closed_at IS NULL")
_c = tickets.c
Index(
    "ix_tickets_queue",
    _c.sort_due,
    _c.sort_rank,
    _c.received_at,
    _c.id,
    sqlite_where=_OPEN,
    postgresql_where=_OPEN,
)
# Queues that hold few of the open tickets find their first page without reading past the others.
Index(
    "ix_tickets_queue_plan",
    _c.plan,
    _c.sort_due,
    _c.sort_rank,
    _c.received_at,
    _c.id,
    sqlite_where=_OPEN,
    postgresql_where=_OPEN,
)
Index(
    "ix_tickets_opening",
    _c.clock_calendar_id,
    _c.due_open,
    _c.sort_rank,
    _c.received_at,
    _c.id,
    sqlite_where=_OPEN,
    postgresql_where=_OPEN,
)
# The first page of the other orders.
Index("ix_tickets_received_at", _c.received_at, _c.id, sqlite_where=_OPEN, postgresql_where=_OPEN)
Index("ix_tickets_changed", _c.revision, _c.id, sqlite_where=_OPEN, postgresql_where=_OPEN)
# What an upgrade or a new name touches. Closed tickets would be most of it and are never asked for.
Index("ix_tickets_customer_id", _c.customer_id, sqlite_where=_OPEN, postgresql_where=_OPEN)
# For the look back, which reads what was closed since and not the whole history. With the open tickets
# in it SQLite would take it for the shortest way to them, and sort them all for each first page.
_CLOSED = text("closed_at IS NOT NULL")
Index("ix_tickets_closed_at", _c.closed_at, sqlite_where=_CLOSED, postgresql_where=_CLOSED)
# The last calls of an organisation, open and closed. Mail would be most of it and is never asked for.
_CALLS = text("channel <> 'email'")
Index("ix_tickets_calls", _c.customer_id, _c.received_at, sqlite_where=_CALLS, postgresql_where=_CALLS)
