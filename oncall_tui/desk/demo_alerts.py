"""The alerts of the time before `oncall-tui demo` opened, and the colleagues who stopped some of them."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from datetime import timedelta

from oncall_tui.desk.alerts import AlertDesk
from oncall_tui.desk.desk import Desk
from oncall_tui.domain.alerts import Alert, Channel, Result
from oncall_tui.domain.clock import Clock
from oncall_tui.domain.errors import Conflict
from oncall_tui.store.demo import load_world

EARLIER = timedelta(minutes=90)
"""How long ago the desk began to look for alerts."""

SEEN_AFTER = timedelta(minutes=2)


def tell_earlier(desk: Desk) -> None:
    """Raise the alerts of the last while, each at its instant; who owns a ticket stops every other one."""
    now = desk.clock()
    at = now - EARLIER
    # One that looks back from then on: what it has read of the calendars holds.
    earlier = _at(desk, desk.operator, lambda: at)
    while at < now and (next_at := earlier.evaluate().next_at) is not None:
        at = next_at
    team = load_world().colleagues(desk.operator)
    for place, alert in enumerate(desk.alerts.page(50)):
        one = team[place % len(team)]
        _show(desk, alert, f"{one.name}@{one.workstation}")
        if place % 2 == 0:
            _stop(desk, alert)


def _show(desk: Desk, alert: Alert, place: str) -> None:
    """Let the desktop at `place` have shown an alert."""
    then = _at(desk, desk.operator, lambda: alert.raised_at)
    then.claim([alert], [Channel.DESKTOP], place)
    then.finish([alert], Channel.DESKTOP, place, Result.OK)


def _stop(desk: Desk, alert: Alert) -> None:
    owner = desk.tickets.find(alert.subject).owner if alert.ticket_id else None
    seen_at = alert.raised_at + SEEN_AFTER
    if owner not in (None, desk.operator) and alert.open and seen_at < desk.clock():
        with suppress(Conflict):
            _at(desk, owner, lambda: seen_at).acknowledge(alert.id)


def _at(desk: Desk, operator: str, clock: Clock) -> AlertDesk:
    return AlertDesk(replace(desk.context, operator=operator, clock=clock))
