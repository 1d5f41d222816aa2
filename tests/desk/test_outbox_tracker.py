"""A ticket of another system: what is done to it here is done there, and conflicts are decided."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from mailing import TRACKER, claimed, from_tracker, handed, link_of, stored
from sqlalchemy import select
from support import HandClock

from oncall_tui.desk import Desk
from oncall_tui.desk.handed import adopt
from oncall_tui.domain.correspondence import Outgoing
from oncall_tui.domain.errors import Refused
from oncall_tui.domain.outgoing import OutgoingAct, OutgoingState
from oncall_tui.domain.tickets import Means
from oncall_tui.store.correspondence_schema import letters

TEXT = "We have started to work on it."
S, A = OutgoingState, OutgoingAct


def going(desk: Desk) -> list[tuple[OutgoingAct, str | None]]:
    return [(each.act, each.owner) for each in desk.outbox.open()]


def states(desk: Desk, ticket_id: int) -> list[tuple[OutgoingAct, OutgoingState]]:
    return [(each.act, each.state) for each in desk.outbox.of_ticket(ticket_id)]


def done(desk: Desk, at: HandClock, version: str) -> Outgoing:
    outgoing = claimed(desk, TRACKER)
    desk.outbox.finish(outgoing, handed(at.now, version=version))
    return outgoing


def test_owner_and_state_follow_in_the_order_of_the_acts(desk: Desk, clock: HandClock) -> None:
    filed = from_tracker(desk)
    desk.tickets.take(filed.id)
    desk.tickets.hand_over(filed.id, "Marc")
    desk.tickets.close(filed.id, reason="solved by itself")
    desk.tickets.reopen(filed.id)
    assert going(desk) == [(A.OWNER, "Léa"), (A.OWNER, "Marc"), (A.CLOSE, None), (A.REOPEN, None)]
    assert {each.thread for each in desk.outbox.open()} == {"123"}
    assert stored(desk, filed.id).outgoing is S.WAITING
    seen = []
    for version in ("v2", "v3", "v4", "v5"):
        seen.append(done(desk, clock, version).seen)
    # Each is made in sight of what the one before it led to.
    assert seen == ["v1", "v2", "v3", "v4"]
    link = link_of(desk, filed.id)
    assert (link.version, link.owner) == ("v5", "Marc")
    assert stored(desk, filed.id).outgoing is None


def test_acts_on_tickets_that_came_from_nowhere_or_by_mail_send_nothing(desk: Desk) -> None:
    filed = from_tracker(desk, thread="")
    desk.tickets.take(filed.id)
    desk.tickets.close(filed.id, reason="double")
    assert desk.outbox.open() == ()
    assert stored(desk, filed.id).outgoing is None


def test_an_answer_goes_before_the_owner_that_comes_with_it(desk: Desk, clock: HandClock) -> None:
    filed = from_tracker(desk)
    desk.outbox.answer(filed.id, TEXT)
    assert going(desk) == [(A.ANSWER, None), (A.OWNER, "Léa")]
    assert done(desk, clock, "v2").act is A.ANSWER
    assert stored(desk, filed.id).answered_at == clock.now
    outgoing = done(desk, clock, "v3")
    assert (outgoing.act, outgoing.seen) == (A.OWNER, "v2")


def test_telling_by_telephone_makes_the_engineer_the_owner_there_too(desk: Desk) -> None:
    filed = from_tracker(desk)
    desk.tickets.answer(filed.id, Means.PHONE)
    assert going(desk) == [(A.OWNER, "Léa")]


def test_what_is_unsure_of_owner_and_state_is_simply_done_again(desk: Desk, clock: HandClock) -> None:
    filed = from_tracker(desk)
    desk.tickets.take(filed.id)
    desk.outbox.finish(claimed(desk, TRACKER), handed(clock.now, S.UNSURE, detail="connection lost"))
    assert states(desk, filed.id) == [(A.OWNER, S.WAITING)]
    clock.advance(seconds=5)
    claimed(desk, TRACKER)
    clock.advance(minutes=3)
    assert claimed(desk, TRACKER).tries == 3


def test_what_waits_is_taken_back_with_its_act(desk: Desk) -> None:
    filed = from_tracker(desk)
    desk.outbox.answer(filed.id, TEXT)
    desk.tickets.undo(filed.id)
    assert states(desk, filed.id) == [(A.ANSWER, S.DROPPED), (A.OWNER, S.DROPPED)]
    desk.tickets.close(filed.id, reason="double")
    desk.tickets.undo(filed.id)
    assert states(desk, filed.id)[2:] == [(A.CLOSE, S.DROPPED)]
    assert stored(desk, filed.id).outgoing is None


def test_what_was_done_there_already_is_undone_there(desk: Desk, clock: HandClock) -> None:
    filed = from_tracker(desk)
    desk.tickets.take(filed.id)
    done(desk, clock, "v2")
    ticket = desk.tickets.undo(filed.id)
    assert (ticket.owner, ticket.outgoing) == (None, S.WAITING)
    assert going(desk) == [(A.OWNER, None)]
    assert done(desk, clock, "v3").seen == "v2"
    desk.tickets.close(filed.id, reason="double")
    under_way = claimed(desk, TRACKER)
    desk.tickets.undo(filed.id)
    assert going(desk) == [(A.CLOSE, None), (A.REOPEN, None)]
    assert desk.outbox.claim(TRACKER, "") == []
    desk.outbox.finish(under_way, handed(clock.now, version="v4"))
    assert done(desk, clock, "v5").seen == "v4"
    assert link_of(desk, filed.id).owner == ""


def in_conflict(desk: Desk, clock: HandClock, theirs: str) -> Outgoing:
    outgoing = claimed(desk, TRACKER)
    desk.outbox.finish(outgoing, handed(clock.now, S.CONFLICT, detail="changed there", their_owner=theirs))
    return desk.outbox.get(outgoing.id)


def test_in_a_conflict_ours_can_count(desk: Desk, clock: HandClock) -> None:
    filed = from_tracker(desk)
    desk.tickets.take(filed.id)
    outgoing = in_conflict(desk, clock, "zoe")
    assert (outgoing.state, outgoing.seen) == (S.CONFLICT, "v1")
    assert stored(desk, filed.id).outgoing is S.CONFLICT
    desk.outbox.force(outgoing.id)
    again = claimed(desk, TRACKER)
    assert (again.seen, again.owner) == ("", "Léa")
    desk.outbox.finish(again, handed(clock.now, version="v9"))
    assert (stored(desk, filed.id).owner, link_of(desk, filed.id).owner) == ("Léa", "Léa")


@pytest.mark.parametrize("theirs", ["zoe", ""])
def test_in_a_conflict_theirs_can_count(desk: Desk, clock: HandClock, theirs: str) -> None:
    filed = from_tracker(desk)
    desk.tickets.take(filed.id)
    outgoing = in_conflict(desk, clock, theirs)
    clock.advance(minutes=1)
    desk.outbox.drop(outgoing.id)
    ticket = stored(desk, filed.id)
    assert (ticket.owner, ticket.outgoing) == (theirs or None, None)
    assert ticket.owner_since == (clock.now if theirs else None)
    # That it stands here as it does there needn't be told to the other system.
    assert desk.outbox.open() == ()
    entry = desk.tickets.detail(filed.id).history[-1]
    assert (entry.act, entry.detail["what"]) == ("don't send", "owner")


def test_an_act_that_came_into_conflict_is_decided_and_not_taken_back(desk: Desk, clock: HandClock) -> None:
    """How the ticket stood before is no longer how it stands there."""
    filed = from_tracker(desk)
    desk.tickets.take(filed.id)
    outgoing = in_conflict(desk, clock, "zoe")
    with pytest.raises(Refused, match="tracker"):
        desk.tickets.undo(filed.id)
    assert stored(desk, filed.id).owner == "Léa"
    assert desk.outbox.get(outgoing.id) == outgoing


def test_a_ticket_that_somebody_works_on_there_is_open_here_again(desk: Desk, clock: HandClock) -> None:
    filed = from_tracker(desk)
    desk.tickets.close(filed.id, reason="double")
    desk.outbox.drop(in_conflict(desk, clock, "zoe").id)
    ticket = stored(desk, filed.id)
    assert (ticket.closed_at, ticket.owner, ticket.version) == (None, "zoe", 3)
    desk.tickets.close(filed.id, reason="double")
    done(desk, clock, "v3")
    desk.tickets.reopen(filed.id)
    desk.outbox.drop(in_conflict(desk, clock, "").id)
    assert stored(desk, filed.id).close_reason == "closed in tracker"


def test_a_conflict_holds_up_what_was_done_after_it_but_no_answer(desk: Desk, clock: HandClock) -> None:
    filed, other = from_tracker(desk), from_tracker(desk, thread="124")
    desk.tickets.take(filed.id)
    outgoing = in_conflict(desk, clock, "zoe")
    desk.tickets.close(filed.id, reason="double")
    desk.tickets.take(other.id)
    assert claimed(desk, TRACKER).ticket_id == other.id
    desk.tickets.reopen(filed.id)
    desk.outbox.answer(filed.id, TEXT)
    assert desk.outbox.claim(TRACKER, "") == [], "the closing waits, and the answer behind it"
    desk.outbox.drop(outgoing.id)
    assert claimed(desk, TRACKER).act is A.CLOSE


def test_an_answer_that_is_known_by_its_key_need_not_come_in(desk: Desk, clock: HandClock) -> None:
    filed = from_tracker(desk)
    desk.outbox.answer(filed.id, TEXT)
    desk.outbox.finish(claimed(desk, TRACKER), handed(clock.now, key="txn/7"))
    with desk.store.connect() as connection:
        row = connection.execute(select(letters)).one()
    assert (row.source, row.key, row.kind, row.ticket_id) == (TRACKER, "txn/7", "answer", filed.id)
    assert row.line_id is not None


@pytest.mark.parametrize("state", [S.SENDING, S.UNSURE])
def test_an_answer_that_comes_in_from_there_was_sent(
    desk: Desk, open_as: Callable[..., Desk], clock: HandClock, state: OutgoingState
) -> None:
    """R6: the clock stops at the instant of the other system, once."""
    filed = from_tracker(desk)
    desk.outbox.answer(filed.id, f"{TEXT}\n\nLéa")
    outgoing = claimed(desk, TRACKER)
    at = clock.now + timedelta(seconds=2)
    clock.advance(seconds=30)
    if state is S.UNSURE:
        desk.outbox.finish(outgoing, handed(clock.now, S.UNSURE))
    marc = open_as("Marc")
    with marc.store.begin() as tx:
        assert not adopt(marc.context, tx, TRACKER, "123", "Something else", at, "txn/6")
        assert not adopt(marc.context, tx, TRACKER, "124", f"{TEXT}\n\nLéa", at, "txn/7")
        assert adopt(marc.context, tx, TRACKER, "123", f"{TEXT}\n \nLéa\n", at, "txn/8")
        assert not adopt(marc.context, tx, TRACKER, "123", f"{TEXT}\n\nLéa", at, "txn/9")
    desk.outbox.finish(outgoing, handed(clock.now, key="txn/8"))
    ticket = stored(desk, filed.id)
    assert (ticket.answered_at, ticket.answered_by) == (at, "Léa")
    answers = [each for each in desk.tickets.detail(filed.id).history if each.act == "answer"]
    assert [each.detail["by"] for each in answers] == ["Léa"]
