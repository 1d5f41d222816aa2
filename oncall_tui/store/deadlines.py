"""Finding the deadlines that were passed since an instant, and the next one, at a cost that doesn't grow with
the tickets that are open.

Within one calendar and budget the order of deadlines in open time never changes, and what is left of a budget
is a distance in it: one index answers for every share of it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import BigInteger, ColumnElement, Connection, and_, or_, select, tuple_, type_coerce

from oncall_tui.domain.tickets import Ticket
from oncall_tui.store import tickets as ticket_store
from oncall_tui.store.schema import tickets

_c = tickets.c
_UNANSWERED = (_c.closed_at.is_(None), _c.answered_at.is_(None), _c.response_due_open.is_not(None))
_PROMISED = (_c.closed_at.is_(None), _c.promise_due_at.is_not(None))


class Terms(NamedTuple):
    """What deadlines have in common: the id of their calendar, and their budget."""

    calendar_id: int
    budget: timedelta


def terms_in_use(connection: Connection) -> list[Terms]:
    """Return the terms of the open tickets that wait for a first response. Few, and each is found by a step
    over all tickets that share the one before.
    """
    found: list[Terms] = []
    query = select(_c.calendar_id, _c.budget).where(*_UNANSWERED)
    query = query.order_by(_c.calendar_id, _c.budget).limit(1)
    while (
        row := connection.execute(query if not found else query.where(_after(found[-1]))).first()
    ) is not None:
        found.append(Terms(row.calendar_id, row.budget))
    return found


def _after(last: Terms) -> ColumnElement[bool]:
    return tuple_(_c.calendar_id, _c.budget) > tuple_(last.calendar_id, int(last.budget.total_seconds()))


def _of(terms: Terms) -> tuple[ColumnElement[bool], ...]:
    return (*_UNANSWERED, _c.calendar_id == terms.calendar_id, _c.budget == terms.budget)


def passed(connection: Connection, terms: Terms, after: int, until: int) -> list[Ticket]:
    """Return the tickets that wait and whose deadline lies after `after` and up to `until`, in open
    microseconds of the calendar.
    """
    within = (_c.response_due_open > after, _c.response_due_open <= until)
    return ticket_store.read(connection, ticket_store.select_tickets().where(*_of(terms), *within))


def broken(
    connection: Connection, terms: Terms, after: datetime, until: datetime, span: tuple[int, int]
) -> list[Ticket]:
    """Return the tickets that wait and whose deadline lies in [`after`, `until`), which `span` is in open
    microseconds. While the calendar is shut time passes and open time doesn't, so that both are needed.
    """
    within = (
        _c.response_due_open >= span[0],
        _c.response_due_open <= span[1],
        _c.response_due_at >= after,
        _c.response_due_at < until,
    )
    return ticket_store.read(connection, ticket_store.select_tickets().where(*_of(terms), *within))


def next_passed(connection: Connection, terms: Terms, after: int) -> int | None:
    """Return the first deadline after `after`, in open microseconds, None if there is none."""
    query = select(_c.response_due_open).where(*_of(terms), _c.response_due_open > after)
    return connection.scalar(query.order_by(_c.response_due_open).limit(1))


def next_broken(connection: Connection, terms: Terms, now: datetime, now_open: int) -> datetime | None:
    """Return the first deadline that can still be met at `now`, which is `now_open` in open microseconds."""
    ahead = (_c.response_due_open >= now_open, _c.response_due_at >= now)
    query = select(_c.response_due_at).where(*_of(terms), *ahead).order_by(_c.response_due_open).limit(1)
    return connection.execute(query).scalar_one_or_none()


def changed(connection: Connection, since: int, limits: Iterable[tuple[Terms, int]]) -> list[Ticket]:
    """Return the tickets that wait, were written after revision `since`, and whose deadline lies up to the
    limit of their terms, in open microseconds.
    """
    # With + 0 the planner doesn't take the index of all deadlines for the shortest way: few have changed.
    within = [
        and_(
            _c.calendar_id + 0 == terms.calendar_id,
            type_coerce(_c.budget, BigInteger) + 0 == int(terms.budget.total_seconds()),
            _c.response_due_open <= limit,
        )
        for terms, limit in limits
    ]
    if not within:
        return []
    query = ticket_store.select_tickets().where(*_UNANSWERED, _c.revision > since, or_(*within))
    return ticket_store.read(connection, query)


def promises(connection: Connection, *when: Any) -> list[Ticket]:
    """Return the open tickets with a promise for which the conditions `when` hold."""
    return ticket_store.read(connection, ticket_store.select_tickets().where(*_PROMISED, *when))


def promises_due(connection: Connection, after: datetime, until: datetime) -> list[Ticket]:
    """Return the open tickets whose promise is due in [`after`, `until`)."""
    return promises(connection, _c.promise_due_at >= after, _c.promise_due_at < until)


def promises_changed(connection: Connection, since: int, until: datetime) -> list[Ticket]:
    """Return the open tickets written after revision `since` whose promise is due before `until`."""
    return promises(connection, _c.revision > since, _c.promise_due_at < until)


def next_promise(connection: Connection, after: datetime) -> datetime | None:
    """Return the first promise that is due at `after` or later, None if there is none."""
    query = select(_c.promise_due_at).where(*_PROMISED, _c.promise_due_at >= after)
    return connection.execute(query.order_by(_c.promise_due_at).limit(1)).scalar_one_or_none()


def added(connection: Connection, after_id: int) -> Sequence[Ticket]:
    """Return the open Enterprise tickets with ids above `after_id` that nobody has answered."""
    query = ticket_store.select_tickets().where(_c.id > after_id, _c.plan == "enterprise", *_UNANSWERED)
    return ticket_store.read(connection, query)
