"""What became of alerts on their way out. A claim comes before each delivery, so that it goes out once."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, and_, insert, select, update

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


def claim(tx: Transaction, alert: Alert, channel: Channel, place: str, now: datetime, together: int) -> bool:
    """Begin a delivery of the alert's round; say whether nobody else had, or had died doing it."""
    key = {"alert_id": alert.id, "round": alert.round, "channel": channel.value, "place": place}
    same = and_(*(_d[name] == value for name, value in key.items()))
    known = tx.connection.execute(select(_d.id, _d.result, _d.at).where(same)).first()
    begun = {"result": Result.UNDER_WAY.value, "at": now, "together": together}
    if known is None:
        tx.connection.execute(insert(alert_deliveries).values(**key, **begun, detail=""))
    elif is_dead(Result(known.result), known.at, now):
        tx.connection.execute(update(alert_deliveries).where(_d.id == known.id).values(**begun))
    else:
        return False
    return True


def finish(
    tx: Transaction,
    told: Sequence[Alert],
    channel: Channel,
    place: str,
    result: Result,
    detail: str,
    now: datetime,
) -> None:
    """Note how a delivery that was claimed came out."""
    for alert in told:
        mine = (
            _d.alert_id == alert.id,
            _d.round == alert.round,
            _d.channel == channel.value,
            _d.place == place,
        )
        values = {"result": result.value, "detail": detail, "ended_at": now}
        tx.connection.execute(update(alert_deliveries).where(*mine).values(**values))


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
