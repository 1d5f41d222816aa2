"""What a person decides about an answer that goes nowhere by itself, and what is taken back in time."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from mailing import SUPPORT, by_mail, claimed, handed, stored
from support import NOW, HandClock

from oncall_tui.desk import Desk
from oncall_tui.domain.correspondence import Outgoing
from oncall_tui.domain.errors import Conflict, NotFound, Refused
from oncall_tui.domain.outgoing import OutgoingState
from oncall_tui.store import outbox

TEXT = "We have started to work on it."
S = OutgoingState


def came_to(desk: Desk, clock: HandClock, state: OutgoingState) -> Outgoing:
    """Write an answer and let its first try come to `state`."""
    filed = by_mail(desk)
    clock.advance(minutes=1)
    desk.outbox.answer(filed.id, TEXT)
    outgoing = claimed(desk)
    if state is S.BOUNCED:
        desk.outbox.finish(outgoing, handed(clock.now))
        with desk.store.begin() as tx:
            assert outbox.came_back(tx, outgoing.message_id, "550 no such user", clock.now)
    elif state is not S.SENDING:
        desk.outbox.finish(outgoing, handed(clock.now, state, detail="said so"))
    return desk.outbox.get(outgoing.id)


@pytest.mark.parametrize("state", [S.WAITING, S.UNSURE, S.REFUSED, S.BOUNCED])
def test_again_hands_it_over_now(desk: Desk, clock: HandClock, state: OutgoingState) -> None:
    old = came_to(desk, clock, state)
    now = desk.outbox.again(old.id)
    assert (now.state, now.next_at, now.detail) == (S.WAITING, clock.now, "")
    second = claimed(desk)
    # What came back is told apart from what goes out anew; else the server may know the second of a pair.
    assert (second.message_id == old.message_id) == (state is not S.BOUNCED)
    clock.advance(seconds=1)
    desk.outbox.finish(second, handed(clock.now))
    ticket = stored(desk, old.ticket_id)
    assert ticket.answered_at == clock.now - timedelta(seconds=state is S.BOUNCED)
    entry = desk.tickets.detail(old.ticket_id).history[-2]
    assert (entry.act, entry.detail["was"]) == ("send again", state.value)


@pytest.mark.parametrize("state", [S.SENDING, S.SENT, S.CONFLICT])
def test_what_cannot_go_out_again_is_refused(desk: Desk, clock: HandClock, state: OutgoingState) -> None:
    old = came_to(desk, clock, state)
    with pytest.raises(Refused):
        desk.outbox.again(old.id)
    assert desk.outbox.get(old.id) == old


def test_what_an_engineer_knows_to_have_arrived_stops_the_clock_at_the_try(
    desk: Desk, clock: HandClock
) -> None:
    """R6."""
    old = came_to(desk, clock, S.UNSURE)
    tried_at = clock.now
    clock.advance(minutes=20)
    assert desk.outbox.was_sent(old.id).state is S.SENT
    ticket = stored(desk, old.ticket_id)
    assert (ticket.answered_at, ticket.answered_by, ticket.outgoing) == (tried_at, "Léa", None)
    with pytest.raises(Refused, match="sent"):
        desk.outbox.was_sent(old.id)


@pytest.mark.parametrize("state", [S.WAITING, S.UNSURE, S.REFUSED, S.CONFLICT, S.BOUNCED])
def test_what_is_dropped_goes_nowhere(desk: Desk, clock: HandClock, state: OutgoingState) -> None:
    old = came_to(desk, clock, state)
    answered_at = stored(desk, old.ticket_id).answered_at
    assert desk.outbox.drop(old.id).state is S.DROPPED
    clock.advance(days=1)
    assert desk.outbox.claim(SUPPORT, "example.org") == []
    assert desk.outbox.open() == ()
    ticket = stored(desk, old.ticket_id)
    assert (ticket.outgoing, ticket.answered_at) == (None, answered_at)
    (line,) = desk.tickets.detail(old.ticket_id).messages
    # It was never said to anybody, unless it may have arrived.
    assert (line.withdrawn_at is None) == (state in (S.UNSURE, S.BOUNCED))
    with pytest.raises(Refused, match="dropped already"):
        desk.outbox.drop(old.id)


def test_nothing_is_decided_about_what_is_being_handed_over(desk: Desk, clock: HandClock) -> None:
    old = came_to(desk, clock, S.SENDING)
    for decide in (desk.outbox.again, desk.outbox.drop):
        with pytest.raises(Conflict, match="at this moment"):
            decide(old.id)
    for decide in (desk.outbox.was_sent, desk.outbox.force):
        with pytest.raises(Refused):
            decide(old.id)
    with pytest.raises(NotFound):
        desk.outbox.again(99)


def test_a_mail_that_came_back_was_handed_over_all_the_same(desk: Desk, clock: HandClock) -> None:
    """R6: the clock never starts again; that the customer knows nothing is told."""
    old = came_to(desk, clock, S.BOUNCED)
    ticket = stored(desk, old.ticket_id)
    assert (ticket.outgoing, ticket.answered_at) == (S.BOUNCED, clock.now)
    assert desk.outbox.get(old.id).detail == "550 no such user"


def test_a_mail_that_comes_back_before_its_sender_knows_that_it_went(desk: Desk, clock: HandClock) -> None:
    """R6."""
    old = came_to(desk, clock, S.SENDING)
    with desk.store.begin() as tx:
        assert outbox.came_back(tx, old.message_id, "", clock.now)
    desk.outbox.finish(old, handed(clock.now))
    ticket = stored(desk, old.ticket_id)
    assert (ticket.outgoing, ticket.answered_at) == (S.BOUNCED, clock.now)


@pytest.mark.parametrize("message_id", ["", "<somebody@else.example>"])
def test_what_is_not_ours_came_not_back_to_us(desk: Desk, clock: HandClock, message_id: str) -> None:
    came_to(desk, clock, S.WAITING)
    with desk.store.begin() as tx:
        assert not outbox.came_back(tx, message_id, "550", clock.now)


def test_an_answer_that_waits_can_be_taken_back(desk: Desk, clock: HandClock) -> None:
    filed = by_mail(desk)
    desk.outbox.answer(filed.id, TEXT)
    clock.advance(seconds=9)
    ticket = desk.tickets.undo(filed.id)
    assert (ticket.outgoing, ticket.owner, ticket.answered_at) == (None, None, None)
    assert ticket == stored(desk, filed.id)
    assert desk.outbox.claim(SUPPORT, "example.org") == []
    assert [each.state for each in desk.outbox.of_ticket(filed.id)] == [S.DROPPED]
    assert desk.tickets.detail(filed.id).messages[0].withdrawn_at == clock.now


@pytest.mark.parametrize("state", [S.SENDING, S.SENT, S.UNSURE])
def test_an_answer_that_is_on_its_way_cannot_be_called_back(
    desk: Desk, clock: HandClock, state: OutgoingState
) -> None:
    old = came_to(desk, clock, state)
    before = stored(desk, old.ticket_id)
    with pytest.raises(Refused, match="on its way already"):
        desk.tickets.undo(old.ticket_id)
    assert stored(desk, old.ticket_id) == before
    assert desk.outbox.get(old.id) == old


def test_taking_back_another_act_leaves_what_is_on_its_way_alone(desk: Desk, clock: HandClock) -> None:
    filed = by_mail(desk)
    desk.outbox.answer(filed.id, TEXT)
    desk.tickets.promise(filed.id, NOW + timedelta(hours=1))
    outgoing = claimed(desk)
    undone = desk.tickets.undo(filed.id)
    assert (undone.promise, undone.outgoing) == (None, S.SENDING)
    assert undone == stored(desk, filed.id)
    desk.outbox.finish(outgoing, handed(clock.now))
    assert stored(desk, filed.id).answered_at == clock.now


def test_nobody_takes_back_what_another_has_built_on(
    desk: Desk, open_as: Callable[..., Desk], clock: HandClock
) -> None:
    filed = by_mail(desk)
    desk.outbox.answer(filed.id, TEXT)
    open_as("Marc").tickets.promise(filed.id, NOW + timedelta(hours=1))
    with pytest.raises(Conflict, match="Marc"):
        desk.tickets.undo(filed.id)
    assert [each.state for each in desk.outbox.open()] == [S.WAITING]
