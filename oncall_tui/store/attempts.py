"""Every look-up of a code, and the pauses after too many wrong ones (R18), for all desks on one database."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import ColumnElement, Connection, func, insert, select

from oncall_tui.domain.codes import WRONG, Outcome
from oncall_tui.store.engine import Transaction
from oncall_tui.store.schema import code_attempts, code_waits

REMEMBERED = timedelta(days=1)
"""How long a pause makes the next one longer, and the time in which the desk's wrong codes are counted."""

CLOCKS_DIFFER = timedelta(hours=1)
"""How far ahead of this desk's clock another's may be. What seems to lie further ahead was written by a
clock that was wrong, and must not keep anybody waiting until then.
"""

_a = code_attempts.c
_w = code_waits.c
_WRONG = tuple(outcome.value for outcome in WRONG)


class Attempt(NamedTuple):
    """A look-up: who tried (`caller`) in which `call`, for or of which organisation; empty where unknown."""

    at: datetime
    call: str
    caller: str
    customer: str
    outcome: Outcome


class Waits(NamedTuple):
    """The pauses of one subject in the last day: how many, and when the last one `began_at` and ends."""

    number: int
    began_at: datetime
    until: datetime


def add(tx: Transaction, attempt: Attempt) -> None:
    """Write down a look-up."""
    tx.connection.execute(insert(code_attempts).values(**attempt._asdict()))


def add_wait(tx: Transaction, subject: str, now: datetime, until: datetime) -> None:
    """Let no code of `subject` be looked at before `until`."""
    tx.connection.execute(insert(code_waits).values(subject=subject, began_at=now, until=until))


def waits(connection: Connection, subjects: Collection[str], now: datetime) -> dict[str, Waits]:
    """Return the pauses of those of `subjects` that had any in the last day."""
    query = (
        select(_w.subject, func.count(), func.max(_w.began_at), func.max(_w.until))
        .where(_w.subject.in_(list(subjects)), _w.began_at.between(now - REMEMBERED, now + CLOCKS_DIFFER))
        .group_by(_w.subject)
    )
    return {subject: Waits(*rest) for subject, *rest in connection.execute(query)}


def in_call(connection: Connection, call: str) -> dict[Outcome, int]:
    """Return how often each outcome came in `call`."""
    query = select(_a.outcome, func.count()).where(_a.call == call).group_by(_a.outcome)
    return {Outcome(outcome): number for outcome, number in connection.execute(query)}


def wrong_of_caller(connection: Connection, caller: str, after: datetime, now: datetime) -> int:
    """Count the wrong codes of `caller` after an instant."""
    return _wrong(connection, _a.caller == caller, after, now)


def wrong_of_customer(connection: Connection, customer: str, after: datetime, now: datetime) -> int:
    """Count the wrong codes that were tried for the organisation `customer` after an instant."""
    return _wrong(connection, _a.customer == customer, after, now)


def _wrong(connection: Connection, whose: ColumnElement[bool], after: datetime, now: datetime) -> int:
    in_time = _a.at > after, _a.at <= now + CLOCKS_DIFFER
    query = select(func.count()).where(whose, *in_time, _a.outcome.in_(_WRONG))
    return connection.scalar(query) or 0


def wrong_of_all(connection: Connection, now: datetime, most: int) -> int:
    """Count the wrong codes of the last day over the whole desk, up to `most`."""
    in_time = _a.at > now - REMEMBERED, _a.at <= now + CLOCKS_DIFFER
    query = select(_a.id).where(_a.outcome.in_(_WRONG), *in_time).limit(most)
    return connection.scalar(select(func.count()).select_from(query.subquery())) or 0
