"""Where tickets come from: which desk pulls, up to where all came in, and how it went."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import Connection, delete, func, insert, or_, select, update

from oncall_tui.domain.correspondence import SourceHealth
from oncall_tui.domain.outgoing import OutgoingState
from oncall_tui.store.correspondence_schema import outbox, sources
from oncall_tui.store.engine import Transaction

_s = sources.c
_MILLISECOND = timedelta(milliseconds=1)


class Lease(NamedTuple):
    """The right to pull from a source: `holder` has it until `until` (UTC). `cursor` is up to where all came
    in, empty before the first contact.
    """

    source: str
    holder: str
    cursor: str
    until: datetime


def held(connection: Connection, name: str, kind: str, place: str) -> Lease | None:
    """Return the lease of the source `name` if somebody has it, whether it is over or not; None also where
    the source is another one since: of another `kind`, or in another `place`.
    """
    query = select(_s.cursor, _s.holder, _s.held_until).where(
        _s.name == name, _s.kind == kind, _s.place == place, _s.holder != ""
    )
    row = connection.execute(query).first()
    if row is None or row.held_until is None:
        return None
    return Lease(name, row.holder, row.cursor, row.held_until)


def hold(
    tx: Transaction, name: str, kind: str, place: str, holder: str, now: datetime, until: datetime
) -> Lease | None:
    """Take or renew the lease of the source `name`; None where another desk has it still.

    Nobody has one for more than twice as long as it holds: then a clock was set back since, and who has it
    may be gone for hours.
    """
    known = tx.connection.execute(select(_s.cursor).where(_s.name == name)).first()
    values: dict[str, Any] = {"kind": kind, "place": place, "holder": holder, "held_until": until}
    if known is None:
        empty = {"cursor": "", "error": "", "failures": 0, "done": 0, "total": 0}
        tx.connection.execute(insert(sources).values(name=name, **values, **empty, revision=tx.revision))
        return Lease(name, holder, "", until)
    set_back = _s.held_until > until + (until - now)
    free = or_(_s.holder.in_(("", holder)), _s.held_until.is_(None), _s.held_until <= now, set_back)
    taken = update(sources).where(_s.name == name, free).values(**values, revision=tx.revision)
    return Lease(name, holder, known.cursor, until) if tx.connection.execute(taken).rowcount else None


def let_go(tx: Transaction, name: str, holder: str) -> None:
    """Give a lease back, if it is `holder`'s."""
    mine = _s.name == name, _s.holder == holder
    values = {"holder": "", "held_until": None, "done": 0, "total": 0, "revision": tx.revision}
    tx.connection.execute(update(sources).where(*mine).values(**values))


def advance(
    tx: Transaction,
    name: str,
    holder: str,
    cursor: str,
    *,
    done: int = 0,
    total: int = 0,
    lag: timedelta | None = None,
) -> bool:
    """Note that all up to `cursor` is stored, in the transaction that stores it; say whether `holder` still
    has the lease. Who has lost it mustn't commit.
    """
    values: dict[str, Any] = {"cursor": cursor, "done": done, "total": total, "revision": tx.revision}
    if lag is not None:
        values["lag"] = lag // _MILLISECOND
    mine = update(sources).where(_s.name == name, _s.holder == holder)
    return tx.connection.execute(mine.values(**values)).rowcount == 1


def went_well(tx: Transaction, name: str, now: datetime, next_at: datetime | None) -> None:
    """Note that a source was asked and answered at `now`."""
    values: dict[str, Any] = {"succeeded_at": now, "failures": 0, "error": "", "next_at": next_at}
    values |= {"done": 0, "total": 0, "revision": tx.revision}
    tx.connection.execute(update(sources).where(_s.name == name).values(**values))


def went_wrong(tx: Transaction, name: str, why: str, now: datetime, next_at: datetime | None) -> None:
    """Note that a source couldn't be asked at `now`, and why, in one clean line."""
    values: dict[str, Any] = {"failed_at": now, "failures": _s.failures + 1, "error": why}
    values |= {"next_at": next_at, "done": 0, "total": 0, "revision": tx.revision}
    tx.connection.execute(update(sources).where(_s.name == name).values(**values))


def forget(tx: Transaction, name: str) -> None:
    """Take a source out; what came from it stays."""
    tx.connection.execute(delete(sources).where(_s.name == name))


def health(connection: Connection, now: datetime) -> tuple[SourceHealth, ...]:
    """Return how each source does at `now` that was ever pulled from, by name.

    Who reads it and how far is said while the lease holds: a desk that died says neither.
    """
    o = outbox.c
    open_states = [state.value for state in OutgoingState if state.on_its_way or state.needs_a_person]
    counted = select(o.source, o.state, func.count()).where(o.state.in_(open_states))
    waiting: dict[str, int] = {}
    stuck: dict[str, int] = {}
    for name, state, number in connection.execute(counted.group_by(o.source, o.state)):
        side = waiting if OutgoingState(state).on_its_way else stuck
        side[name] = side.get(name, 0) + number
    return tuple(
        SourceHealth(
            name=row.name,
            kind=row.kind,
            place=row.place,
            holder=row.holder if _is_held(row, now) else "",
            succeeded_at=row.succeeded_at,
            failed_at=row.failed_at,
            error=row.error,
            failures=row.failures,
            next_at=row.next_at,
            lag=None if row.lag is None else row.lag / 1000,
            done=row.done if _is_held(row, now) else 0,
            total=row.total if _is_held(row, now) else 0,
            waiting=waiting.get(row.name, 0),
            stuck=stuck.get(row.name, 0),
        )
        for row in connection.execute(select(sources).order_by(_s.name))
    )


def _is_held(row: Any, now: datetime) -> bool:
    return bool(row.holder) and row.held_until is not None and row.held_until > now
