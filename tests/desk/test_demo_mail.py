"""The demo begins with mail that came in, and with answers in trouble."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from support import NOW, HandClock

from oncall_tui.desk import Desk, demo_mail, open_desk
from oncall_tui.domain.correspondence import Outgoing
from oncall_tui.domain.offer import Offer
from oncall_tui.domain.outgoing import OutgoingState
from oncall_tui.domain.tickets import UNKNOWN_CUSTOMER
from oncall_tui.store.demo import populate


@pytest.fixture
def desk(tmp_path: Path, offer: Offer) -> Iterator[Desk]:
    made = open_desk(f"sqlite:///{tmp_path / 'demo.db'}", offer, "Lea", clock=HandClock())
    populate(made.store, made.offer, NOW, tickets=5, operator=made.operator)
    demo_mail.tell_earlier(made)
    yield made
    made.close()


def told(desk: Desk) -> list[Outgoing]:
    return list(desk.outbox.open())


def test_one_answer_is_unsure_and_one_is_on_its_way(desk: Desk) -> None:
    unsure, waiting = told(desk)
    assert (unsure.state, unsure.ticket) == (OutgoingState.UNSURE, "M-1")
    assert (waiting.state, waiting.ticket, waiting.tries) == (OutgoingState.WAITING, "M-2", 1)
    assert waiting.next_at is not None
    assert waiting.next_at > NOW
    assert desk.tickets.find("M-1").answered_at is None


def test_a_sender_nobody_knows_has_a_file_and_waits_to_be_filed(desk: Desk) -> None:
    stranger = desk.tickets.find("M-3")
    assert stranger.customer == UNKNOWN_CUSTOMER
    assert [each.name for each in desk.tickets.detail(stranger.id).enclosures] == ["facture-2026-03.pdf"]


def test_a_reply_has_joined_its_ticket(desk: Desk) -> None:
    detail = desk.tickets.detail(desk.tickets.find("M-4").id)
    assert [message.at for message in detail.messages] == [NOW - timedelta(minutes=7)]
    assert len(detail.enclosures) == 2
    assert detail.ticket.language == "fr"
    assert detail.origin is not None
    assert detail.origin.source == demo_mail.SOURCE


def test_the_mailbox_is_well_and_nobody_holds_it(desk: Desk) -> None:
    (health,) = desk.sources.health()
    assert (health.name, health.fails, health.holder, health.stuck) == (demo_mail.SOURCE, False, "", 1)
