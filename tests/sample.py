"""Tickets without a store, for the tests of what draws them."""

from __future__ import annotations

from datetime import timedelta

from support import NOW

from oncall_tui.domain.hours import OpeningHours
from oncall_tui.domain.plans import Plan
from oncall_tui.domain.sla import Thresholds, response_clock
from oncall_tui.domain.tickets import Channel, ClockTimes, Ticket


def ticket(**more: object) -> Ticket:
    facts: dict[str, object] = {
        "id": 1,
        "ref": "T-000001",
        "customer_id": 1,
        "customer": "leman",
        "customer_name": "Banque du Léman",
        "plan": Plan.ENTERPRISE,
        "channel": Channel.EMERGENCY,
        "subject": "Cluster unreachable",
        "contact": "",
        "received_at": NOW,
        "recorded_at": NOW,
        "calendar_id": 1,
    }
    return Ticket(**(facts | more))  # type: ignore[arg-type]


def due_in(left: timedelta) -> ClockTimes:
    hour = timedelta(hours=1)
    clock = response_clock(OpeningHours.always_open(), NOW + left - hour, hour, Thresholds())
    return ClockTimes.of(clock)
