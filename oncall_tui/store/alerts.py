"""Alerts: rows in, frozen `Alert`s out. Every write is part of somebody's transaction."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, and_, case, delete, func, or_, select, update

from oncall_tui.domain.alert_raising import Raised
from oncall_tui.domain.alerts import Alert, AlertRules, Kind, Level
from oncall_tui.domain.errors import NotFound
from oncall_tui.domain.plans import Plan
from oncall_tui.store.engine import Transaction
from oncall_tui.store.schema import alerts, tickets

_a = alerts.c
_t = tickets.c
_OPEN = (_a.acknowledged_at.is_(None), _a.settled_at.is_(None))
_LOUDNESS = case(
    (_a.step > 0, Level.EMERGENCY.rank), *((_a.level == level.value, level.rank) for level in Level), else_=0
)
_IN_ONE_GO = 500


def unknown(connection: Connection, raised: Iterable[Raised]) -> list[Raised]:
    """Return those of `raised` that were never raised before, one for each key, in their order."""
    wanted = {each.key: each for each in raised}
    keys = list(wanted)
    for at in range(0, len(keys), _IN_ONE_GO):
        query = select(_a.key).where(_a.key.in_(keys[at : at + _IN_ONE_GO]))
        for key in connection.scalars(query):
            wanted.pop(key, None)
    return list(wanted.values())


def add(tx: Transaction, raised: Sequence[Raised], rules: AlertRules, now: datetime) -> None:
    """Store alerts that are `unknown` to this transaction, raised at `now`."""
    if not raised:
        return
    values = [
        {
            "key": each.key,
            "kind": each.kind.value,
            "level": each.level.value,
            "subject": each.subject,
            "at": each.at,
            "raised_at": now,
            "ticket_id": each.ticket_id,
            "customer": each.customer,
            "customer_name": each.customer_name,
            "plan": each.plan.value if each.plan else "",
            "due_at": each.due_at,
            "facts": json.dumps(dict(each.facts), ensure_ascii=False),
            "addressee": each.to,
            "author": each.by,
            "round": 0,
            "round_at": now,
            "step": 0,
            "again_at": each.again_at(rules, now),
            "snoozed_by": "",
            "acknowledged_by": "",
            "revision": tx.revision,
        }
        for each in raised
    ]
    tx.connection.execute(alerts.insert(), values)


def get(connection: Connection, alert_id: int) -> Alert:
    """Return the alert with that id; `NotFound` if there is none."""
    found = _read(connection, select(alerts).where(_a.id == alert_id))
    if not found:
        raise NotFound(f"no alert {alert_id}", hint="oncall-tui alert list names them")
    return found[0]


def by_key(connection: Connection, key: str) -> Alert:
    """Return the alert that was raised with `key`; `NotFound` if there is none."""
    found = _read(connection, select(alerts).where(_a.key == key))
    if not found:
        raise NotFound("that alert is not in the store")
    return found[0]


def page(
    connection: Connection,
    limit: int,
    before: Alert | None,
    since: datetime | None,
    until: datetime | None = None,
    *,
    open_only: bool,
) -> list[Alert]:
    """Return at most `limit` alerts, the newest first: those raised before one, since an instant, and up to
    one. Those that are open are so now.
    """
    query = select(alerts).order_by(_a.raised_at.desc(), _a.id.desc()).limit(limit)
    if before is not None:
        older = and_(_a.raised_at == before.raised_at, _a.id < before.id)
        query = query.where(or_(_a.raised_at < before.raised_at, older))
    if since is not None:
        query = query.where(_a.raised_at >= since)
    if until is not None:
        query = query.where(_a.raised_at <= until)
    if open_only:
        query = query.where(*_OPEN)
    return _read(connection, query)


def of_ticket(connection: Connection, ticket_id: int, until: datetime | None) -> list[Alert]:
    """Return the alerts of a ticket, the oldest first, those raised up to `until` an instant."""
    query = select(alerts).where(_a.ticket_id == ticket_id).order_by(_a.raised_at, _a.id)
    return _read(connection, query if until is None else query.where(_a.raised_at <= until))


def open_for(connection: Connection, operator: str, limit: int) -> tuple[list[Alert], int]:
    """Return the alerts for `operator` that nobody has stopped or put off, the loudest and then the newest
    first, at most `limit`, and how many there are.
    """
    mine = (*_OPEN, _a.snoozed_by == "", _a.addressee.in_(("", operator)), _a.author != operator)
    query = select(alerts).where(*mine).order_by(_LOUDNESS.desc(), _a.raised_at.desc(), _a.id.desc())
    found = _read(connection, query.limit(limit))
    if len(found) < limit:
        return found, len(found)
    return found, connection.scalar(select(func.count()).select_from(alerts).where(*mine)) or 0


def outgoing(connection: Connection, since: datetime, limit: int) -> list[Alert]:
    """Return the open alerts whose round began after `since` and that aren't put off, at most `limit`:
    emergencies, and then those that were told last.
    """
    query = select(alerts).where(*_OPEN, _a.snoozed_by == "", _a.round_at > since)
    emergencies = case((_a.level == Level.EMERGENCY.value, 1), else_=0)
    order = emergencies.desc(), _a.round_at.desc(), _LOUDNESS.desc(), _a.id.desc()
    return _read(connection, query.order_by(*order).limit(limit))


def acknowledge(tx: Transaction, alert_id: int, by: str, at: datetime) -> bool:
    """Note that `by` has seen an open alert; say whether it was still open."""
    return _change(tx, alert_id, *_OPEN, acknowledged_at=at, acknowledged_by=by, again_at=None, snoozed_by="")


def snooze(tx: Transaction, alert_id: int, by: str, until: datetime) -> bool:
    """Put an open alert off until an instant; say whether it was still open."""
    return _change(tx, alert_id, *_OPEN, again_at=until, snoozed_by=by)


def settle(tx: Transaction, alert_ids: Sequence[int], at: datetime) -> None:
    """Note that what these alerts are about is over."""
    for each in alert_ids:
        _change(tx, each, _a.settled_at.is_(None), settled_at=at, again_at=None, snoozed_by="")


def supersede(tx: Transaction, raised: Iterable[Raised], now: datetime) -> None:
    """Let each of the alerts that were `raised` take the place of the milder ones of the same clock.

    It goes on with their escalation: that it got worse is no reason to begin anew.
    """
    clocks = {(each.kind, each.ticket_id): each for each in sorted(raised, key=lambda each: each.at)}
    for (kind, ticket_id), worst in clocks.items():
        if kind not in (Kind.RESPONSE, Kind.PROMISE) or ticket_id is None:
            continue
        same = _a.kind == kind.value, _a.ticket_id == ticket_id, _a.due_at == worst.due_at
        milder = and_(*same, _a.key != worst.key, *_OPEN)
        going = select(func.max(_a.step), func.min(_a.again_at)).where(milder, _a.snoozed_by == "")
        step, again_at = tx.connection.execute(going).one()
        over = update(alerts).where(milder).values(settled_at=now, again_at=None, snoozed_by="")
        tx.connection.execute(over.values(revision=tx.revision))
        if again_at is not None:
            goes_on = update(alerts).where(_a.key == worst.key, _a.again_at.is_not(None))
            # What is due just now comes with the worse alert, and not a moment after it.
            further = {"step": step, "again_at": again_at} if again_at > now else {"step": step + 1}
            tx.connection.execute(goes_on.values(**further))


def next_round(tx: Transaction, alert: Alert, now: datetime, again_at: datetime | None, *, step: int) -> None:
    """Let `alert` go out again at `now`, and once more at `again_at`; `step` counts the escalations."""
    _change(
        tx, alert.id, *_OPEN, round=alert.round + 1, round_at=now, step=step, again_at=again_at, snoozed_by=""
    )


def put_off(tx: Transaction, alert: Alert, until: datetime | None) -> None:
    """Let `alert` go out again at `until`, and not before; None for never."""
    _change(tx, alert.id, *_OPEN, again_at=until)


def take_back(tx: Transaction, keys: Sequence[str], now: datetime) -> None:
    """Take back what was raised by a clock that ran ahead, by the `keys`: it is raised again in time."""
    for at in range(0, len(keys), _IN_ONE_GO):
        statement = update(alerts).where(_a.key.in_(keys[at : at + _IN_ONE_GO]))
        tx.connection.execute(statement.values(key=None, settled_at=now, again_at=None, revision=tx.revision))


def due_again(connection: Connection, now: datetime) -> list[Alert]:
    """Return the open alerts that are to be told again by `now`."""
    query = select(alerts).where(*_OPEN, _a.again_at.is_not(None), _a.again_at <= now)
    return _read(connection, query.order_by(_a.again_at, _a.id))


def next_again(connection: Connection, now: datetime) -> datetime | None:
    """Return when an alert is told again after `now`, None if none is."""
    later = and_(_a.again_at.is_not(None), _a.again_at > now)
    return connection.execute(
        select(_a.again_at).where(*_OPEN, later).order_by(_a.again_at).limit(1)
    ).scalar_one_or_none()


def of_changed_tickets(connection: Connection, revision: int) -> list[Alert]:
    """Return the alerts that aren't settled of tickets that were written after `revision`."""
    changed = select(_t.id).where(_t.revision > revision)
    return _read(connection, select(alerts).where(_a.ticket_id.in_(changed), _a.settled_at.is_(None)))


def settled_since(connection: Connection, ticket_ids: Collection[int], since: datetime) -> list[Alert]:
    """Return the alerts of some tickets that were settled after `since` before anybody had acknowledged them.
    Those of a clock that ran ahead aren't among them.
    """
    settled = _a.settled_at > since, _a.acknowledged_at.is_(None), _a.key.is_not(None)
    return _read(connection, select(alerts).where(_a.ticket_id.in_(list(ticket_ids)), *settled))


def stand_again(tx: Transaction, alert: Alert, again_at: datetime | None) -> None:
    """Let an alert that was settled be open again; it is told once more at `again_at`, None for never."""
    _change(tx, alert.id, settled_at=None, again_at=again_at)


def open_of(connection: Connection, kind: Kind) -> list[Alert]:
    """Return the open alerts of one kind."""
    return _read(connection, select(alerts).where(*_OPEN, _a.kind == kind.value))


def unsettled(connection: Connection, kind: Kind) -> list[Alert]:
    """Return the alerts of one kind that aren't settled, acknowledged or not."""
    return _read(connection, select(alerts).where(_a.settled_at.is_(None), _a.kind == kind.value))


def raised_within(connection: Connection, kind: Kind, level: Level, since: datetime) -> bool:
    """Say whether an alert of that kind and level was raised after `since`."""
    query = select(_a.id).where(_a.raised_at > since, _a.kind == kind.value, _a.level == level.value)
    return connection.scalar(query.limit(1)) is not None


def purge_before(tx: Transaction, instant: datetime, limit: int) -> int:
    """Delete at most `limit` alerts that were raised before `instant`; return how many."""
    some = select(_a.id).where(_a.raised_at < instant).order_by(_a.id).limit(limit)
    return tx.connection.execute(delete(alerts).where(_a.id.in_(some))).rowcount


def _change(tx: Transaction, alert_id: int, *conditions: Any, **values: Any) -> bool:
    statement = update(alerts).where(_a.id == alert_id, *conditions).values(**values, revision=tx.revision)
    return tx.connection.execute(statement).rowcount == 1


def _read(connection: Connection, query: Select[Any]) -> list[Alert]:
    return [_alert_of(row) for row in connection.execute(query)]


def _alert_of(row: Any) -> Alert:
    return Alert(
        id=row.id,
        kind=Kind(row.kind),
        level=Level(row.level),
        subject=row.subject,
        at=row.at,
        raised_at=row.raised_at,
        ticket_id=row.ticket_id,
        customer=row.customer,
        customer_name=row.customer_name,
        plan=Plan(row.plan) if row.plan else None,
        due_at=row.due_at,
        facts=json.loads(row.facts),
        to=row.addressee,
        by=row.author,
        round=row.round,
        round_at=row.round_at,
        step=row.step,
        again_at=row.again_at,
        snoozed_by=row.snoozed_by,
        acknowledged_at=row.acknowledged_at,
        acknowledged_by=row.acknowledged_by,
        settled_at=row.settled_at,
        revision=row.revision,
    )
