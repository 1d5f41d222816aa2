"""Who pulls from a source, how it does, and what came in and belongs to no ticket."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from mailing import SUPPORT, by_mail, claimed, handed
from sqlalchemy import insert, select
from support import NOW, HandClock

from oncall_tui.desk import Desk
from oncall_tui.domain.errors import NotFound, Refused
from oncall_tui.domain.outgoing import OutgoingState
from oncall_tui.store.correspondence_schema import attachments, letters

WHERE = ("mailbox", "imaps://mail.example.org")


def test_one_desk_pulls_and_another_takes_over_when_its_lease_is_over(
    desk: Desk, open_as: Callable[..., Desk], clock: HandClock
) -> None:
    twin = open_as("Léa")
    lease = desk.sources.hold(SUPPORT, *WHERE)
    assert lease is not None
    assert (lease.cursor, lease.until) == ("", NOW + timedelta(seconds=60))
    assert twin.sources.hold(SUPPORT, *WHERE) is None, "a second desk of the same engineer is another one"
    clock.advance(seconds=30)
    renewed = desk.sources.hold(SUPPORT, *WHERE)
    assert renewed is not None
    assert renewed.until == clock.now + timedelta(seconds=60)
    clock.advance(seconds=59)
    assert twin.sources.hold(SUPPORT, *WHERE) is None
    clock.advance(seconds=1)
    assert twin.sources.hold(SUPPORT, *WHERE) is not None
    assert desk.sources.hold(SUPPORT, *WHERE) is None
    twin.sources.let_go(SUPPORT)
    assert desk.sources.hold(SUPPORT, *WHERE) is not None
    twin.sources.let_go(SUPPORT)
    assert twin.sources.hold(SUPPORT, *WHERE) is None, "nobody gives back what another has"


def test_a_lease_that_is_new_is_not_written_again(desk: Desk, clock: HandClock) -> None:
    """Every commit wakes every board."""
    first = desk.sources.hold(SUPPORT, *WHERE)
    with desk.store.begin() as tx:
        before = tx.revision
    clock.advance(seconds=20)
    assert desk.sources.hold(SUPPORT, *WHERE) == first
    with desk.store.begin() as tx:
        assert tx.revision == before + 1


def test_a_source_that_is_elsewhere_now_is_told_so(desk: Desk) -> None:
    desk.sources.hold(SUPPORT, *WHERE)
    desk.sources.hold(SUPPORT, "mailbox", "imaps://new.example.org")
    (health,) = desk.sources.health()
    assert health.place == "imaps://new.example.org"


def test_a_clock_that_was_set_back_hands_nobody_a_lease_for_hours(
    desk: Desk, open_as: Callable[..., Desk], clock: HandClock
) -> None:
    desk.sources.hold(SUPPORT, *WHERE)
    clock.advance(hours=-3)
    renewed = desk.sources.hold(SUPPORT, *WHERE)
    assert renewed is not None
    assert renewed.until == clock.now + timedelta(seconds=60)


def test_a_desk_whose_clock_was_ahead_keeps_nobody_from_pulling(
    desk: Desk, open_as: Callable[..., Desk], clock: HandClock
) -> None:
    """It died, or has lost its network, with a lease until tomorrow."""
    clock.advance(hours=20)
    assert desk.sources.hold(SUPPORT, *WHERE) is not None
    clock.advance(hours=-20)
    assert open_as("Marc").sources.hold(SUPPORT, *WHERE) is not None
    clock.advance(seconds=20)
    assert desk.sources.hold(SUPPORT, *WHERE) is None, "a clock that is a little ahead takes no lease away"
    clock.advance(seconds=-50)
    assert desk.sources.hold(SUPPORT, *WHERE) is None


def test_its_health_says_when_it_went_well_and_why_not(desk: Desk, clock: HandClock) -> None:
    assert desk.sources.health() == ()
    desk.sources.hold(SUPPORT, *WHERE)
    desk.sources.went_well(SUPPORT, NOW + timedelta(seconds=30))
    clock.advance(seconds=30)
    for _ in range(2):
        desk.sources.went_wrong(SUPPORT, "wrong \x1b[2J password\nof support", None)
    filed = by_mail(desk)
    for state in (OutgoingState.REFUSED, None):
        desk.outbox.answer(filed.id, "We have begun.")
        if state:
            desk.outbox.finish(claimed(desk), handed(clock.now, state))
    (health,) = desk.sources.health()
    assert (health.name, health.kind, health.place) == (SUPPORT, *WHERE)
    assert (health.succeeded_at, health.failed_at, health.failures, health.fails) == (NOW, clock.now, 2, True)
    assert health.error == "wrong \ufffd[2J password↵of support"
    assert (health.waiting, health.stuck) == (1, 1)
    desk.sources.went_well(SUPPORT, None)
    (health,) = desk.sources.health()
    assert (health.fails, health.error) == (False, "")


def test_a_desk_that_only_reads_pulls_nothing(desk: Desk, open_as: Callable[..., Desk]) -> None:
    reader = open_as("Zoé", read_only=True)
    with pytest.raises(Refused):
        reader.sources.hold(SUPPORT, *WHERE)
    assert reader.sources.health() == ()


def letter(desk: Desk, key: str, kind: str, at: datetime, **facts: object) -> int:
    values = {
        "source": SUPPORT,
        "key": key,
        "message_id": "",
        "kind": kind,
        "sender_name": "Robot",
        "sender_address": "robot@example.ch",
        "subject": "Out of office",
        "received_at": at,
        "recorded_at": at,
        "size": 10,
    }
    with desk.store.begin() as tx:
        made = insert(letters).values(**(values | facts), revision=tx.revision)
        return int(tx.connection.execute(made.returning(letters.c.id)).scalar_one())


def test_what_machines_wrote_that_is_no_ticket_can_be_looked_at(desk: Desk) -> None:
    filed = by_mail(desk)
    letter(desk, "1", "automatic", NOW)
    letter(desk, "2", "bounce", NOW + timedelta(minutes=1), subject="Undeliverable")
    letter(desk, "3", "automatic", NOW, ticket_id=filed.id)
    letter(desk, "4", "request", NOW)
    gone = {"sender_name": "", "sender_address": "", "subject": ""}
    letter(desk, "5", "automatic", NOW, **gone)
    found = desk.sources.unfiled()
    assert [(each.kind, each.subject, each.sender.address) for each in found] == [
        ("bounce", "Undeliverable", "robot@example.ch"),
        ("automatic", "Out of office", "robot@example.ch"),
    ]
    assert desk.sources.unfiled(1) == found[:1]


def test_a_file_is_found_where_it_came_from(desk: Desk) -> None:
    letter_id = letter(desk, "7", "request", NOW)
    with desk.store.begin() as tx:
        file = {"name": "log.txt", "media_type": "text/plain", "size": 9, "part": "2.1"}
        tx.connection.execute(insert(attachments).values(letter_id=letter_id, **file))
        file_id = tx.connection.scalar(select(attachments.c.id))
    found = desk.sources.origin_of_enclosure(file_id)
    assert (found.source, found.key, found.part) == (SUPPORT, "7", "2.1")
    assert (found.enclosure.name, found.enclosure.size, found.enclosure.sender) == ("log.txt", 9, "Robot")
    with pytest.raises(NotFound):
        desk.sources.origin_of_enclosure(file_id + 1)


def test_a_source_that_nobody_reads_any_more_is_forgotten_and_what_came_from_it_stays(
    desk: Desk, clock: HandClock
) -> None:
    filed = by_mail(desk)
    desk.sources.hold(SUPPORT, *WHERE)
    with pytest.raises(Refused, match="reads support still"):
        desk.sources.forget(SUPPORT)
    desk.sources.went_wrong(SUPPORT, "no such host", None)
    clock.advance(minutes=2)
    desk.sources.forget(SUPPORT)
    assert desk.sources.health() == ()
    assert desk.tickets.detail(filed.id).origin is not None
    with pytest.raises(NotFound):
        desk.sources.forget(SUPPORT)
