"""Finding the deadlines that were passed since an instant, and the next one, at a cost that doesn't grow with
the tickets that are open.

Within one calendar and budget the order of deadlines in open time never changes, and what is left of a budget
is a distance in it: one index answers for every share of it.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import cache
from typing import Any, NamedTuple

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Connection,
    Select,
    and_,
    bindparam,
    or_,
    select,
    tuple_,
    type_coerce,
)

from oncall_tui.domain.clock import from_micros, to_micros
from oncall_tui.domain.tickets import Ticket
from oncall_tui.store import tickets as ticket_store
from oncall_tui.store.schema import tickets

_c = tickets.c
_TERMS_AT_MOST = 50
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
        found.append(Terms(*row))
    return found


def _after(last: Terms) -> ColumnElement[bool]:
    return tuple_(_c.calendar_id, _c.budget) > tuple_(last.calendar_id, int(last.budget.total_seconds()))


def terms_since(connection: Connection, revision: int) -> list[Terms]:
    """Return the terms of those tickets that wait and were written after `revision`."""
    # With + 0 as in `changed`: in the order of deadlines all of them would be read.
    terms = (_c.calendar_id + 0, type_coerce(_c.budget, BigInteger) + 0)
    query = select(*terms).where(*_UNANSWERED, _c.revision > revision).distinct()
    return [Terms(calendar, timedelta(seconds=budget)) for calendar, budget in connection.execute(query)]


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


def ahead(
    connection: Connection, terms: Terms, at: datetime, at_open: int, distances: Sequence[int]
) -> tuple[datetime | None, tuple[int | None, ...]]:
    """Return the first deadline that can still be met at `at`, and for each of `distances`, in open
    microseconds, the first one that lies further ahead than that. `at_open` is `at` in open microseconds.
    """
    values = {"calendar": terms.calendar_id, "terms": int(terms.budget.total_seconds())}
    values |= {"at": to_micros(at), "at_open": at_open}
    values |= {f"after{number}": at_open + distance for number, distance in enumerate(distances)}
    due, *further = connection.execute(_ahead(len(distances)), values).one()
    return None if due is None else from_micros(due), tuple(further)


@cache
def _ahead(number: int) -> Select[Any]:
    """Return the query of `ahead` for a number of distances: one statement, made once."""
    whole = type_coerce(_c.budget, BigInteger)
    own = (*_UNANSWERED, _c.calendar_id == bindparam("calendar"), whole == bindparam("terms"))
    due_at = type_coerce(_c.response_due_at, BigInteger)
    to_meet = select(due_at).where(
        *own, _c.response_due_open >= bindparam("at_open"), due_at >= bindparam("at", type_=BigInteger)
    )
    further = [
        select(_c.response_due_open).where(*own, _c.response_due_open > bindparam(f"after{each}"))
        for each in range(number)
    ]
    first = (query.order_by(_c.response_due_open).limit(1) for query in (to_meet, *further))
    return select(*(query.scalar_subquery() for query in first))


def changed(connection: Connection, since: int, limits: Sequence[tuple[Terms, int]]) -> list[Ticket]:
    """Return the tickets that wait, were written after revision `since`, and whose deadline lies up to the
    limit of their terms, in open microseconds.
    """
    if not limits:
        return []
    values = {"since": since}
    # More than settings ever bring about, and too many for one statement: then all that changed are read.
    limits = limits if len(limits) <= _TERMS_AT_MOST else ()
    for number, (terms, limit) in enumerate(limits):
        values |= {f"calendar{number}": terms.calendar_id, f"limit{number}": limit}
        values |= {f"terms{number}": int(terms.budget.total_seconds())}
    return ticket_store.read(connection, _changed(len(limits)), values)


@cache
def _changed(number: int) -> Select[Any]:
    """Return the query of `changed` for a number of terms: one statement, made once."""
    # With + 0 the planner doesn't take the index of all deadlines for the shortest way: few have changed.
    within = [
        and_(
            _c.calendar_id + 0 == bindparam(f"calendar{each}"),
            type_coerce(_c.budget, BigInteger) + 0 == bindparam(f"terms{each}"),
            _c.response_due_open <= bindparam(f"limit{each}"),
        )
        for each in range(number)
    ]
    query = ticket_store.select_tickets().where(*_UNANSWERED, _c.revision > bindparam("since"))
    return query.where(or_(*within)) if within else query


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


def added(connection: Connection, revision: int, after_id: int) -> Sequence[Ticket]:
    """Return the open Enterprise tickets with ids above `after_id`, all written after `revision`, that nobody
    has answered.
    """
    # Without an index of plans: few are new, and thousands may be open.
    enterprise = _c.plan.concat("") == "enterprise"
    new = (_c.revision > revision, _c.id > after_id, enterprise)
    return ticket_store.read(connection, ticket_store.select_tickets().where(*_UNANSWERED, *new))
