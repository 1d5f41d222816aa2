"""Who uses temporary access is warned before its end, and told at its end (R23)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import event
from support import NOW, HandClock

from oncall_tui.config import load_settings
from oncall_tui.desk import Desk, open_desk
from oncall_tui.domain.alert_words import what, which, whom
from oncall_tui.domain.alerts import Alert, Kind, Level
from oncall_tui.domain.customers import Access
from oncall_tui.domain.grants import Grant
from oncall_tui.store import access, customers

HOUR, QUARTER = timedelta(hours=1), timedelta(minutes=15)


@pytest.fixture
def lea(desk: Desk) -> Desk:
    """Léa's desk; the bank has two services, and alerts were looked for once."""
    with desk.store.begin() as tx:
        row, old = customers.find(tx.connection, "leman")
        customers.replace(tx, row, replace(old, services=("Mail", "Drive")), None)
    desk.alerts.evaluate()
    return desk


def told(desk: Desk) -> list[Alert]:
    """Return the alerts of access, the oldest first."""
    desk.alerts.evaluate()
    found = [alert for alert in desk.alerts.page(100) if alert.kind is Kind.ACCESS]
    return sorted(found, key=lambda alert: alert.id)


def levels(desk: Desk, *, still_open: bool = True) -> list[Level]:
    return [alert.level for alert in told(desk) if alert.open or not still_open]


def in_use(desk: Desk, length: timedelta = HOUR) -> Grant:
    made = desk.access.grant("leman", "Mail", desk.clock() + length)
    return desk.access.use(made.id, "secret purpose")


def test_the_engineer_who_uses_it_is_warned_and_then_told(
    lea: Desk, open_as: Callable[..., Desk], clock: HandClock
) -> None:
    """R23: a quarter of an hour before its end, once for all desks, and at its end."""
    grant = in_use(lea)
    assert lea.alerts.evaluate().next_at == grant.until - QUARTER
    clock.now = grant.until - QUARTER - timedelta(microseconds=1)
    assert not told(lea)
    clock.now = grant.until - QUARTER
    assert lea.alerts.evaluate().next_at == grant.until
    marc = open_as("Marc")
    (warning,) = told(marc)
    assert (warning.level, warning.to, warning.due_at) == (Level.WARNING, "Léa", grant.until)
    assert not warning.concerns("Marc")
    assert what(warning, lambda at: f"{at:%H:%M}").values == {"service": "Mail", "due": "03:12"}
    assert (whom(warning), which(warning)) == ("Banque du Léman", "")
    assert "secret" not in str(warning)
    clock.now = grant.until
    assert levels(lea) == [Level.CRITICAL], "the warning has given way to it"
    clock.advance(hours=1)
    assert levels(lea) == [Level.CRITICAL]
    assert levels(lea, still_open=False) == [Level.WARNING, Level.CRITICAL]
    lea.access.stop(grant.id)
    assert not levels(lea)


@pytest.mark.parametrize("act", ["stop", "prolong", "undo"])
def test_what_is_settled_says_nothing_more(lea: Desk, clock: HandClock, act: str) -> None:
    grant = in_use(lea)
    clock.now = grant.until - QUARTER
    assert levels(lea) == [Level.WARNING]
    if act == "stop":
        lea.access.stop(grant.id)
    elif act == "prolong":
        lea.access.grant("leman", "Mail", clock.now + 3 * HOUR)
    else:
        lea.access.end(grant.id)
        assert not levels(lea)
        lea.access.undo("leman")
    assert not [alert for alert in told(lea) if alert.open and act != "undo"]
    clock.advance(minutes=15)
    assert levels(lea) == ([Level.CRITICAL] if act == "undo" else [])


def test_one_that_is_prolonged_is_warned_of_again(lea: Desk, clock: HandClock) -> None:
    grant = in_use(lea)
    clock.now = grant.until
    assert levels(lea) == [Level.CRITICAL]
    clock.now = grant.until - timedelta(minutes=1)
    longer = lea.access.grant("leman", "Mail", grant.until + HOUR)
    clock.now = grant.until + timedelta(minutes=1)
    assert not levels(lea)
    clock.now = longer.until - QUARTER
    assert levels(lea) == [Level.WARNING]


@pytest.mark.parametrize(("said", "before"), [("30min", 2 * QUARTER), ("none", None)])
def test_how_long_before_is_a_setting(
    tmp_path: Path, database_url: str, lea: Desk, clock: HandClock, said: str, before: timedelta | None
) -> None:
    """With none there is no warning, and its end is told in any case."""
    file = tmp_path / "settings.toml"
    file.write_text(f'[alerts]\naccess_before = "{said}"\n')
    offer = load_settings(file, {}).offer
    desk = open_desk(database_url, offer, "Léa", clock=clock)
    grant = in_use(desk)
    assert desk.alerts.evaluate().next_at == grant.until - (before or timedelta())
    clock.now = grant.until - QUARTER
    assert levels(desk) == ([] if before is None else [Level.WARNING])
    clock.now = grant.until
    assert levels(desk) == [Level.CRITICAL]
    desk.close()


def test_who_begins_late_is_told_at_the_end_alone(lea: Desk, clock: HandClock) -> None:
    """Who took it with ten minutes left has just read so."""
    grant = in_use(lea, timedelta(minutes=10))
    assert not told(lea)
    clock.now = grant.until
    assert levels(lea) == [Level.CRITICAL]


def test_who_uses_what_somebody_else_ends_is_told(
    lea: Desk, open_as: Callable[..., Desk], clock: HandClock
) -> None:
    """Nobody goes on with what the customer took back; it stays until it is acknowledged."""
    grant = in_use(lea)
    clock.advance(minutes=5)
    marc = open_as("Marc")
    marc.access.use(grant.id, "why")
    marc.access.end(grant.id)
    (alert,) = told(lea)
    assert (alert.level, alert.to, alert.at) == (Level.CRITICAL, "Léa", clock.now)
    clock.advance(hours=3)
    assert levels(marc) == [Level.CRITICAL]
    lea.alerts.acknowledge(alert.id)
    assert not levels(lea)
    marc.access.grant("leman", "Mail", clock.now + HOUR)
    assert len(told(lea)) == 1


def test_what_a_list_takes_away_is_told(lea: Desk, clock: HandClock) -> None:
    with lea.store.begin() as tx:
        row, old = customers.find(tx.connection, "leman")
        listed = replace(old, access=(Access("Mail", NOW - HOUR, NOW + HOUR),))
        customers.replace(tx, row, listed, None)
    lea.access.use(lea.access.of("leman").grants[0].id, "why")
    clock.advance(minutes=5)
    with lea.store.begin() as tx:
        customers.replace(tx, row, replace(listed, access=()), None, now=clock.now)
    assert levels(lea) == [Level.CRITICAL]


def test_a_laptop_that_slept_over_the_end_tells_that_it_ended(lea: Desk, clock: HandClock) -> None:
    grant = in_use(lea)
    assert not told(lea)
    clock.now = grant.until + 2 * HOUR
    assert levels(lea, still_open=False) == [Level.CRITICAL]
    (alert,) = told(lea)
    assert alert.at == grant.until


def test_nothing_but_a_look_at_what_is_used_is_needed(lea: Desk, clock: HandClock) -> None:
    """What it costs doesn't grow with what customers have granted."""
    for service in ("Mail", "Drive"):
        lea.access.grant("leman", service, NOW + HOUR)
    seen: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        if "access" in statement and not statement.startswith("EXPLAIN"):
            seen.append(statement)

    event.listen(lea.store.engine, "before_cursor_execute", note)
    lea.alerts.evaluate()
    event.remove(lea.store.engine, "before_cursor_execute", note)
    assert seen
    assert all("FROM access_uses" in statement for statement in seen)
    if lea.store.engine.dialect.name == "sqlite":
        with lea.store.connect() as connection:
            query = "EXPLAIN QUERY PLAN SELECT * FROM access_uses WHERE ended_at IS NULL"
            plan = connection.exec_driver_sql(query).fetchall()
        assert "USING INDEX ix_access_uses_ended_at" in str(plan)


def test_what_nobody_gave_back_costs_nothing_later(lea: Desk, clock: HandClock) -> None:
    """An access that ran out days ago is read no more, though its use was never said to end."""
    grant = in_use(lea)
    clock.now = grant.until + timedelta(days=3)
    with lea.store.connect() as connection:
        before = access.used(connection, grant.until - HOUR)
        assert [each.id for each in before] == [grant.id]
        seen: list[str] = []
        event.listen(lea.store.engine, "before_cursor_execute", lambda *of: seen.append(of[2]))
        assert not access.used(connection, clock.now - timedelta(days=1))
    assert len(seen) == 1
