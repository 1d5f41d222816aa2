"""What became of alerts on their way out. A claim comes before each delivery, so that it goes out once."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, insert, select, update

from oncall_tui.domain.alert_delivery import is_dead
from oncall_tui.domain.alerts import Alert, Channel, Delivery, Result
from oncall_tui.store.engine import Transaction
from oncall_tui.store.schema import alert_deliveries, alerts

_d = alert_deliveries.c


def of_alerts(connection: Connection, ids: Collection[int]) -> dict[int, list[Delivery]]:
    """Return the deliveries of alerts in their order, by the alert's id."""
    found: dict[int, list[Delivery]] = {alert_id: [] for alert_id in ids}
    query = select(alert_deliveries).where(_d.alert_id.in_(list(ids))).order_by(_d.id)
    for row in connection.execute(query) if ids else ():
        found[row.alert_id].append(_delivery_of(row))
    return found


def _delivery_of(row: Any) -> Delivery:
    return Delivery(
        alert_id=row.alert_id,
        round=row.round,
        channel=Channel(row.channel),
        place=row.place,
        result=Result(row.result),
        at=row.at,
        ended_at=row.ended_at,
        detail=row.detail,
        together=row.together,
    )


def claim(
    tx: Transaction,
    wanted: Sequence[Alert],
    channel: Channel,
    place: str,
    now: datetime,
    began: Callable[[Delivery], datetime],
) -> list[Alert]:
    """Begin to deliver the rounds of the `wanted` alerts; return those that nobody else had begun, or who had
    died doing it. Takes few statements, however many there are: others wait to write meanwhile.

    `began` returns when another's delivery began, on the clock that gives `now`.
    """
    key = {"channel": channel.value, "place": place}
    same = _d.alert_id.in_([alert.id for alert in wanted]), _d.channel == channel.value, _d.place == place
    rows = tx.connection.execute(select(alert_deliveries).where(*same))
    known = {(row.alert_id, row.round): row for row in rows}
    begun = {"result": Result.UNDER_WAY.value, "at": now, "together": len(wanted)}
    new = [alert for alert in wanted if (alert.id, alert.round) not in known]
    dead = {
        row.id: row.alert_id
        for alert in wanted
        if (row := known.get((alert.id, alert.round))) is not None
        and is_dead(Result(row.result), began(_delivery_of(row)), now)
    }
    if new:
        values = [{"alert_id": alert.id, "round": alert.round, **key, **begun, "detail": ""} for alert in new]
        tx.connection.execute(insert(alert_deliveries), values)
    if dead:
        tx.connection.execute(update(alert_deliveries).where(_d.id.in_(list(dead))).values(**begun))
    mine = {alert.id for alert in new} | set(dead.values())
    return [alert for alert in wanted if alert.id in mine]


def finish(
    tx: Transaction,
    told: Sequence[Alert],
    channel: Channel,
    place: str,
    result: Result,
    detail: str,
    now: datetime,
) -> None:
    """Note how a delivery that was claimed came out, unless who took it over has noted it."""
    rounds: dict[int, list[int]] = {}
    for alert in told:
        rounds.setdefault(alert.round, []).append(alert.id)
    values = {"result": result.value, "detail": detail, "ended_at": now}
    for each, ids in rounds.items():
        mine = _d.alert_id.in_(ids), _d.round == each, _d.channel == channel.value, _d.place == place
        under_way = _d.result == Result.UNDER_WAY.value
        tx.connection.execute(update(alert_deliveries).where(*mine, under_way).values(**values))


def recent(
    connection: Connection, places: Sequence[str], since: datetime, to: str | None = None
) -> list[Delivery]:
    """Return the deliveries at `places` that began after `since`, the oldest first; those of alerts for `to`
    where it is given.
    """
    query = select(alert_deliveries).where(_d.place.in_(places), _d.at > since).order_by(_d.at, _d.id)
    if to is not None:
        query = query.join(alerts, alerts.c.id == _d.alert_id).where(alerts.c.addressee == to)
    return [_delivery_of(row) for row in connection.execute(query)]


def failing(connection: Connection, place: str, since: datetime) -> list[Channel]:
    """Return the channels whose last delivery at `place`, or elsewhere, after `since` failed."""
    last: dict[Channel, Result] = {}
    for each in recent(connection, [place, ""], since):
        if each.result is not Result.UNDER_WAY:
            last[each.channel] = each.result
    return [channel for channel, result in last.items() if result in (Result.FAILED, Result.TIMEOUT)]
