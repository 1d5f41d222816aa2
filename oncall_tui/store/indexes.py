"""The indexes over a part of a table: open tickets, calls that go on, the log of calls, open alerts.

Apart from the tables, and imported by the migrations alone: to name PostgreSQL's condition loads its
whole dialect, for which a board on SQLite would pay at each start.
"""

from __future__ import annotations

from sqlalchemy import Index, text

from oncall_tui.store.schema import alerts, call_records, calls, tickets

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
# Where the next deadline lies, by calendar and budget, in the open time of the calendar: a share of the
# budget is a distance in it, the same for all that have the budget.
_UNANSWERED = text("closed_at IS NULL AND answered_at IS NULL AND response_due_open IS NOT NULL")
Index(
    "ix_tickets_response",
    _c.calendar_id,
    _c.budget,
    _c.response_due_open,
    sqlite_where=_UNANSWERED,
    postgresql_where=_UNANSWERED,
)
_PROMISED = text("closed_at IS NULL AND promise_due_at IS NOT NULL")
Index("ix_tickets_promise", _c.promise_due_at, sqlite_where=_PROMISED, postgresql_where=_PROMISED)

# Alerts that nobody has stopped, and those that are told again.
_a = alerts.c
_ALERT_OPEN = text("acknowledged_at IS NULL AND settled_at IS NULL")
Index("ix_alerts_open", _a.raised_at, _a.id, sqlite_where=_ALERT_OPEN, postgresql_where=_ALERT_OPEN)
_AGAIN = text("again_at IS NOT NULL")
Index("ix_alerts_again_at", _a.again_at, sqlite_where=_AGAIN, postgresql_where=_AGAIN)

# Calls that ring or go on: asked for at every refresh, a handful out of years.
_CALL_OPEN = text("recorded_at IS NULL")
_calls = calls.c
Index("ix_calls_open", _calls.rang_at, sqlite_where=_CALL_OPEN, postgresql_where=_CALL_OPEN)
# The log, newest first, as a whole and by each thing that it is filtered by.
_r = call_records.c
_NEWEST = (_r.rang_at, _r.id)
_HAS_REASON, _HAS_CUSTOMER, _HAS_ALERT = (text(f"{name} <> ''") for name in ("reason", "customer", "alert"))
Index("ix_call_records_log", *_NEWEST)
Index("ix_call_records_decision", _r.decision, *_NEWEST)
Index("ix_call_records_language", _r.language, *_NEWEST)
Index("ix_call_records_operator", _r.operator, *_NEWEST)
Index("ix_call_records_reason", _r.reason, *_NEWEST, sqlite_where=_HAS_REASON, postgresql_where=_HAS_REASON)
Index(
    "ix_call_records_customer",
    _r.customer,
    *_NEWEST,
    sqlite_where=_HAS_CUSTOMER,
    postgresql_where=_HAS_CUSTOMER,
)
Index("ix_call_records_alert", _r.revision, sqlite_where=_HAS_ALERT, postgresql_where=_HAS_ALERT)
Index("ix_call_records_call_id", _r.call_id)
# One outcome a call; what comes after it corrects it.
_FIRST = text("corrects IS NULL")
Index("uq_call_records_first", _r.call_id, unique=True, sqlite_where=_FIRST, postgresql_where=_FIRST)
