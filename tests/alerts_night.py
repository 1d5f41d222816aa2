"""A night with alerts of each kind: what the stories and the pictures of alerts take place in."""

from __future__ import annotations

from datetime import timedelta

from board import Night, until
from logged import picked_up
from support import NOW
from textual.pilot import Pilot

from oncall_tui.domain.alerts import Alert, Channel, Kind, Result
from oncall_tui.domain.calls import Step
from oncall_tui.domain.tickets import Channel as Via
from oncall_tui.screens.alert_detail import AlertScreen
from oncall_tui.screens.alert_list import AlertListScreen
from oncall_tui.translation import spoken


def watch(night: Night, operator: str = "Marc") -> None:
    """Look for what raises an alert, as a desk of `operator` does."""
    night.desk(operator).alerts.evaluate()


def alert_all(night: Night) -> None:
    """Have alerts raised: one settled, one acknowledged, one put off, and some open ones."""
    lea, marc, clock = night.desk("Léa"), night.desk("Marc"), night.clock
    clock.now = NOW - timedelta(hours=30)
    watch(night)
    source = marc.outages.report(Kind.SOURCE, "tickets.csv", clock(), "no such file")
    send(night, source, (Channel.DESKTOP, "Marc@night", Result.OK, ""))
    clock.now = NOW - timedelta(hours=29)
    marc.outages.settle(source.id)
    clock.now = NOW - timedelta(minutes=62)
    lea.tickets.new(customer="leman", channel=Via.EMERGENCY, subject="Cluster unreachable since 02:10")
    lea.tickets.new(customer="moret", channel=Via.EMERGENCY, subject="VPS won't boot")
    clock.now = NOW - timedelta(minutes=60)
    watch(night)
    clock.now = NOW - timedelta(minutes=31)
    watch(night)
    (half,) = marc.alerts.page(1)
    send(
        night,
        half,
        (Channel.DESKTOP, "Léa@night", Result.ABSENT, ""),
        (Channel.TERMINAL, "Léa@night", Result.OK, ""),
    )
    clock.now = NOW - timedelta(minutes=29)
    marc.alerts.acknowledge(half.id)
    clock.now = NOW - timedelta(minutes=14)
    watch(night)
    for alert in marc.alerts.page(1):
        marc.alerts.snooze(alert.id, timedelta(minutes=30))
    ref = picked_up(lea, "+41 91 555 03 01").ref
    lea.calls.answer(ref, Step.LANGUAGE, {"language": "de"})
    lea.calls.answer(ref, Step.INFRASTRUCTURE, {"answer": "yes"})
    lea.calls.record(ref, spoken)
    clock.now = NOW - timedelta(minutes=1)
    watch(night)
    clock.now = NOW
    for alert in marc.alerts.news(None).open:
        if alert.kind is Kind.RESPONSE:
            send(
                night,
                alert,
                (Channel.DESKTOP, "Léa@night", Result.OK, ""),
                (Channel.DESKTOP, "Marc@night", Result.TIMEOUT, "no answer within 3 s"),
                (Channel.TERMINAL, "Léa@night", Result.OK, ""),
                (Channel.PUSH, "", Result.FAILED, "the server refused it (401)"),
            )


def send(night: Night, alert: Alert, *ways: tuple[Channel, str, Result, str]) -> None:
    """Note how an alert went out: over what, from where, how it came out."""
    desk = night.desk("sender").alerts
    for channel, place, result, detail in ways:
        desk.claim([alert], [channel], place)
        desk.finish([alert], channel, place, result, detail)


async def alerts_read(pilot: Pilot[None]) -> None:
    """Wait until the list on top, or the alert in it, is read, and nothing is on its way."""

    def read() -> bool:
        page = pilot.app.screen
        return not isinstance(page, AlertListScreen) or page.settled

    await until(pilot, read, "the alerts are read")
    await until(pilot, lambda: not any(work.is_running for work in pilot.app.workers), "all is done")
    assert not isinstance(pilot.app.screen, AlertScreen) or pilot.app.screen.is_current
