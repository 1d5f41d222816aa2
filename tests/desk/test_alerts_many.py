"""Thousands of open alerts, as after an import: what is loudest, and what is told anew, comes first."""

from __future__ import annotations

from datetime import timedelta

import pytest
from support import NOW, HandClock

from oncall_tui.desk import Desk
from oncall_tui.domain.alert_raising import Raised
from oncall_tui.domain.alerts import Channel, Kind, Level
from oncall_tui.store import alerts


def add(desk: Desk, kind: Kind, level: Level, *subjects: str) -> None:
    context = desk.context
    raised = [Raised(f"test:{each}", kind, level, each, NOW) for each in subjects]
    with context.store.begin() as tx:
        alerts.add(tx, raised, context.offer.alerts, context.clock())


@pytest.fixture
def flooded(desk: Desk, clock: HandClock) -> Desk:
    """An emergency and a breach that somebody put off, and then a thousand warnings."""
    add(desk, Kind.ACCEPTED, Level.EMERGENCY, "emergency")
    add(desk, Kind.RESPONSE, Level.BREACH, "breach")
    snoozed = next(alert for alert in desk.alerts.news(None).open if alert.level is Level.BREACH)
    desk.alerts.snooze(snoozed.id, timedelta(minutes=5))
    clock.advance(minutes=1)
    add(desk, Kind.RESPONSE, Level.WARNING, *map(str, range(1000)))
    return desk


def test_the_loudest_stands_above_a_thousand_newer_ones(flooded: Desk) -> None:
    news = flooded.alerts.news(None)
    assert (news.open[0].level, news.total) == (Level.EMERGENCY, 1001)


def test_what_is_told_again_goes_out_behind_a_thousand_newer_ones(flooded: Desk, clock: HandClock) -> None:
    clock.advance(minutes=4)
    flooded.alerts.evaluate()
    first = [going.alert.level for going in flooded.alerts.outgoing(flooded.alerts.place)[:2]]
    assert first == [Level.EMERGENCY, Level.BREACH]


def test_many_are_claimed_at_once_but_none_that_another_has(flooded: Desk) -> None:
    wanted = [going.alert for going in flooded.alerts.outgoing(flooded.alerts.place)]
    both = {Channel.PUSH, Channel.TERMINAL}
    assert [len(each) for each in flooded.alerts.claim(wanted[:5], both, "a").values()] == [5, 5]
    claimed = flooded.alerts.claim(wanted, both, "b")
    assert len(claimed[Channel.PUSH]) == len(wanted) - 5
    assert len(claimed[Channel.TERMINAL]) == len(wanted)
