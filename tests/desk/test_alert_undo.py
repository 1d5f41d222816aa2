"""What is taken back within seconds was never over: its alert stands again."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from support import HandClock

from oncall_tui.desk import Desk
from oncall_tui.domain.alerts import Kind
from oncall_tui.domain.tickets import Channel as Via
from oncall_tui.domain.tickets import Means


def open_kinds(desk: Desk) -> list[tuple[Kind, str]]:
    desk.alerts.evaluate()
    return sorted((alert.kind, alert.facts.get("percent", "")) for alert in desk.alerts.news(None).open)


def test_an_answer_that_is_taken_back_lets_the_alert_stand_again(desk: Desk, clock: HandClock) -> None:
    """The worst that was told of the guarantee, and not the milder ones whose place it had taken."""
    desk.alerts.evaluate()
    filed = desk.tickets.new(customer="leman", channel=Via.EMERGENCY, subject="Mail")
    for minutes in (31, 15, 15):
        clock.advance(minutes=minutes)
        desk.alerts.evaluate()
    desk.tickets.answer(filed.id, Means.PHONE)
    assert not open_kinds(desk)
    clock.advance(seconds=5)
    desk.tickets.undo(filed.id)
    assert open_kinds(desk) == [(Kind.RESPONSE, "0")]
    clock.advance(minutes=2)
    desk.tickets.answer(filed.id, Means.PHONE)
    assert not open_kinds(desk)


def test_what_was_acknowledged_stays_so_when_an_answer_is_taken_back(desk: Desk, clock: HandClock) -> None:
    desk.alerts.evaluate()
    filed = desk.tickets.new(customer="leman", channel=Via.EMERGENCY, subject="Mail")
    clock.advance(minutes=31)
    desk.alerts.evaluate()
    desk.alerts.acknowledge(desk.alerts.news(None).open[0].id)
    desk.tickets.answer(filed.id, Means.PHONE)
    assert not open_kinds(desk)
    desk.tickets.undo(filed.id)
    assert not open_kinds(desk)


def test_a_ticket_that_comes_back_is_still_handed_over(
    desk: Desk, open_as: Callable[..., Desk], clock: HandClock
) -> None:
    marc = open_as("Marc")
    desk.alerts.evaluate()
    filed = desk.tickets.new(customer="leman", channel=Via.EMERGENCY, subject="Mail")
    marc.tickets.hand_over(filed.id, "Léa")
    assert open_kinds(desk) == [(Kind.HANDED_OVER, "")]
    desk.tickets.hand_over(filed.id, "Zoé")
    assert not open_kinds(desk)
    clock.advance(seconds=5)
    desk.tickets.undo(filed.id)
    assert open_kinds(desk) == [(Kind.HANDED_OVER, "")]
    clock.advance(hours=timedelta(days=2) / timedelta(hours=1))
