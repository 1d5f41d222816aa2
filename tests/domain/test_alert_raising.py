"""What a new ticket raises, and what it doesn't."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from oncall_tui.domain.alert_raising import announces
from oncall_tui.domain.plans import Plan
from oncall_tui.domain.tickets import Channel, Ticket

NOW = datetime(2026, 3, 27, 2, 12, tzinfo=UTC)
NEW = Ticket(
    id=1,
    ref="T-1",
    customer_id=1,
    customer="leman",
    customer_name="Banque du Léman",
    plan=Plan.ENTERPRISE,
    channel=Channel.EMAIL,
    subject="Mail queue stuck",
    contact="",
    received_at=NOW - timedelta(minutes=1),
    recorded_at=NOW,
    calendar_id=1,
)


def test_a_new_enterprise_request_is_told_of_and_a_question_of_ours_is_not() -> None:
    assert announces(NEW, NOW)
    assert not announces(replace(NEW, internal=True), NOW)
    assert not announces(replace(NEW, plan=Plan.PRO), NOW)
    assert not announces(replace(NEW, owner="Léa"), NOW)
