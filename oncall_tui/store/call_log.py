"""The log of calls, newest first, one line a call: its last record stands for it.

Pages go from a place in the log to the older or to the newer side, each through one index, so that what
they cost doesn't grow with the log.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, func, literal, literal_column, select, tuple_

from oncall_tui.domain.call_filters import CallFilter, Seen
from oncall_tui.domain.call_log import Cursor, LogLine
from oncall_tui.domain.calls import Answers, Call, CallCounts, CallRecord, Origin
from oncall_tui.domain.emergency import Decision
from oncall_tui.store import calls as call_store
from oncall_tui.store.call_filters import Asking, organisations, resolve
from oncall_tui.store.schema import call_records, calls

_r = call_records.c
_PLACE = tuple_(_r.rang_at, _r.id)


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked of the log: calls that fit `wanted` and rang from `since` on and before `until`, as
    they were recorded by `as_of`. Instants are UTC, None for no bound.
    """

    asking: Asking
    wanted: CallFilter = field(default_factory=CallFilter)
    since: datetime | None = None
    until: datetime | None = None
    as_of: datetime | None = None

    def conditions(self) -> list[ColumnElement[bool]]:
        """Return what holds of every record in the answer, whatever the filter."""
        found = [_last(self.as_of)]
        if self.as_of is not None:
            found.append(_r.at <= self.as_of)
        if self.since is not None:
            found.append(_r.rang_at >= self.since)
        if self.until is not None:
            found.append(_r.rang_at < self.until)
        return found


def page(
    connection: Connection,
    question: Question,
    limit: int,
    *,
    after: Cursor | None = None,
    before: Cursor | None = None,
) -> list[LogLine]:
    """Return at most `limit` recorded calls, newest first: the newest, or those next `after` a place in the
    log, or those last `before` one.
    """
    resolved = resolve(connection, question.wanted, question.asking)
    bounds = [*question.conditions(), *resolved.rest]
    if after is not None:
        bounds.append(_PLACE.bool_op("<")(_place(after)))
    if before is not None:
        bounds.append(_PLACE.bool_op(">")(_place(before)))
    found: list[tuple[datetime, int]] = []
    for way in resolved.ways:
        query = select(_r.rang_at, _r.id).where(*way, *bounds).limit(limit)
        query = query.order_by(*((_r.rang_at, _r.id) if before else (_r.rang_at.desc(), _r.id.desc())))
        found += [(row.rang_at, row.id) for row in connection.execute(query)]
    found.sort(reverse=before is None)
    return lines(connection, [record_id for _, record_id in found[:limit]])


def lines(connection: Connection, record_ids: Sequence[int]) -> list[LogLine]:
    """Return the lines of the records with those ids, newest first."""
    if not record_ids:
        return []
    rows = connection.execute(_LINES.where(_r.id.in_(record_ids)))
    return [_line(row) for row in rows]


def open_lines(connection: Connection, question: Question) -> list[LogLine]:
    """Return the calls that ring or go on and fit the question, newest first, with what is known of them."""
    found = call_store.open_calls(connection)
    steps = call_store.steps_of(connection, [call.id for call in found])
    known = [LogLine(call, answers=Answers.of(steps[call.id], call.on_file)) for call in reversed(found)]
    asking, wanted = question.asking, question.wanted
    among = {line.known.customer for line in known if line.known.customer}
    seen = Seen(asking.operator, asking.zone, asking.today, organisations(connection, wanted, asking, among))
    return [line for line in known if wanted.matches(line, seen) and _in_bounds(question, line.call.rang_at)]


def count(connection: Connection, question: Question) -> int:
    """Return how many recorded calls are in the answer."""
    resolved = resolve(connection, question.wanted, question.asking)
    bounds = [*question.conditions(), *resolved.rest]
    queries = (select(func.count()).select_from(call_records).where(*way, *bounds) for way in resolved.ways)
    return sum(connection.scalar(query) or 0 for query in queries)


def batches(connection: Connection, question: Question, size: int) -> Iterator[list[LogLine]]:
    """Iterate over the whole answer, newest first, `size` lines at a time."""
    found = page(connection, question, size)
    while found:
        yield found
        found = page(connection, question, size, after=found[-1].cursor) if len(found) == size else []


def counts(connection: Connection, since: datetime, as_of: datetime | None) -> CallCounts:
    """Count the calls that rang from `since` on: by decision, and those that were decided by language."""
    conditions = [_last(as_of), _r.rang_at >= since]
    if as_of is not None:
        conditions += [_r.at <= as_of, _r.rang_at <= as_of]
    # Joined to nothing: an index in the order of the groups would be read as a whole, years of it.
    decision, language = _r.decision + "", _r.language + ""
    query = (
        select(decision.label("decision"), language.label("language"), func.count().label("calls"))
        .where(*conditions)
        .group_by(decision, language)
    )
    decisions = dict.fromkeys(Decision, 0)
    languages: dict[str, int] = {}
    for row in connection.execute(query):
        decisions[Decision(row.decision)] += row.calls
        if row.language and row.decision != Decision.MISSED:
            languages[row.language] = languages.get(row.language, 0) + row.calls
    return CallCounts(since, decisions, languages)


def line_of(call: Call, records: Sequence[CallRecord], answers: Answers, *, told: bool) -> LogLine:
    """Return the line of a call with its `records` in their order, none of an open one."""
    return LogLine(call, records[-1] if records else None, answers, told)


def was_told(connection: Connection, call: Call, as_of: datetime | None) -> bool:
    """Say whether the team was told of `call`."""
    query = select(literal(1)).where(_r.call_id == call.id, literal_column("call_records.alert <> ''"))
    if as_of is not None:
        query = query.where(_r.at <= as_of)
    return connection.scalar(query.limit(1)) is not None


def _last(as_of: datetime | None) -> ColumnElement[bool]:
    """Say that no later record takes the place of this one."""
    later = call_records.alias("later")
    query = select(literal(1)).where(later.c.corrects == _r.id)
    if as_of is not None:
        query = query.where(later.c.at <= as_of)
    return ~query.exists()


def _place(cursor: Cursor) -> Any:
    return tuple_(literal(cursor.rang_at, _r.rang_at.type), literal(cursor.id, _r.id.type))


def _in_bounds(question: Question, rang_at: datetime) -> bool:
    since, until = question.since, question.until
    return (since is None or rang_at >= since) and (until is None or rang_at < until)


def _told() -> ColumnElement[bool]:
    first = call_records.alias("first")
    alert: ColumnElement[bool] = literal_column("first.alert <> ''")
    return select(literal(1)).where(first.c.call_id == _r.call_id, alert).exists()


_LINES: Select[Any] = call_store.RECORDS.add_columns(
    calls.c.origin,
    calls.c.operator.label("in_hand_of"),
    calls.c.revision.label("call_revision"),
    _told().label("told"),
).order_by(_r.rang_at.desc(), _r.id.desc())


def _line(row: Any) -> LogLine:
    record = call_store.record_of(row)
    call = Call(
        id=row.call_id,
        ref=record.call,
        external_id=record.external_id,
        origin=Origin(row.origin),
        number=record.number,
        called=record.called,
        rang_at=record.rang_at,
        operator=row.in_hand_of,
        picked_up_at=record.picked_up_at,
        hung_up_at=record.hung_up_at,
        recorded_at=record.decided_at,
        revision=row.call_revision,
    )
    return LogLine(call, record, told=bool(row.told))
