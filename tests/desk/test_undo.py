"""Taking back what was done a moment ago: an act of its own, written down as one."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from support import NOW, HandClock

from oncall_tui.desk import Desk
from oncall_tui.domain.errors import Conflict, Refused
from oncall_tui.domain.queue import queue_named
from oncall_tui.domain.tickets import Channel, Means, Ticket

Prepare = Callable[[Desk, Ticket], Ticket]

ACTS: dict[str, tuple[Prepare | None, Prepare]] = {
    "take": (None, lambda desk, one: desk.tickets.take(one.id)),
    "hand over": (
        lambda desk, one: desk.tickets.take(one.id),
        lambda desk, one: desk.tickets.hand_over(one.id, "Zoé"),
    ),
    "answer": (
        lambda desk, one: desk.tickets.promise(one.id, NOW + timedelta(hours=1)),
        lambda desk, one: desk.tickets.answer(one.id, Means.PHONE, text="We have begun."),
    ),
    "promise": (
        lambda desk, one: desk.tickets.promise(one.id, NOW + timedelta(hours=1)),
        lambda desk, one: desk.tickets.promise(one.id, NOW + timedelta(hours=2)),
    ),
    "close": (None, lambda desk, one: desk.tickets.close(one.id, reason="double")),
    "reopen": (
        lambda desk, one: desk.tickets.close(one.id, reason="double"),
        lambda desk, one: desk.tickets.reopen(one.id),
    ),
}


def facts(one: Ticket) -> dict[str, object]:
    return {name: getattr(one, name) for name in Ticket.__slots__ if name not in ("version", "revision")}


@pytest.fixture
def filed(desk: Desk) -> Ticket:
    return desk.tickets.new(customer="leman", channel=Channel.EMERGENCY, subject="Cluster unreachable")


@pytest.mark.parametrize("act", ACTS)
def test_the_ticket_is_as_it_was_before(desk: Desk, filed: Ticket, clock: HandClock, act: str) -> None:
    prepare, do = ACTS[act]
    before = prepare(desk, filed) if prepare else filed
    clock.advance(minutes=5)
    do(desk, before)
    clock.advance(seconds=9)
    undone = desk.tickets.undo(filed.id)
    assert facts(undone) == facts(before)
    assert desk.tickets.detail(filed.id).ticket == undone
    last = desk.tickets.detail(filed.id).history[-1]
    assert (last.act, last.detail, last.operator) == ("undo", {"of": act}, "Léa")


@pytest.mark.parametrize("act", ACTS)
def test_a_look_back_shows_what_was_true_between_the_act_and_its_undoing(
    desk: Desk, filed: Ticket, clock: HandClock, act: str
) -> None:
    prepare, do = ACTS[act]
    before = prepare(desk, filed) if prepare else filed
    clock.advance(minutes=5)
    after = do(desk, before)
    clock.advance(seconds=5)
    between = clock.now
    clock.advance(seconds=4)
    desk.tickets.undo(filed.id)
    clock.advance(minutes=1)
    then = desk.tickets.detail(filed.id, between).ticket
    assert facts(then) == facts(after)


def test_what_was_said_is_withdrawn_and_stays_readable(desk: Desk, filed: Ticket, clock: HandClock) -> None:
    desk.tickets.note(filed.id, "Wrong ticket.")
    clock.advance(seconds=3)
    desk.tickets.undo(filed.id)
    message = desk.tickets.detail(filed.id).messages[0]
    assert (message.text, message.withdrawn_at) == ("Wrong ticket.", clock.now)
    earlier = desk.tickets.detail(filed.id, clock.now - timedelta(seconds=1)).messages[0]
    assert earlier.withdrawn_at is None


def test_an_answer_recorded_by_mistake_never_stopped_the_clock(desk: Desk, filed: Ticket) -> None:
    """R6"""
    desk.tickets.answer(filed.id, Means.PHONE)
    undone = desk.tickets.undo(filed.id)
    assert (undone.answered_at, undone.due_at) == (None, filed.due_at)
    assert desk.tickets.answer(filed.id, Means.EMAIL).answered_means is Means.EMAIL


def test_a_ticket_filed_by_mistake_is_closed(desk: Desk, filed: Ticket) -> None:
    undone = desk.tickets.undo(filed.id)
    assert (undone.closed_at, undone.close_reason) == (NOW, "filed by mistake")
    assert desk.queue.page(queue_named("all"), limit=9) == []


def test_after_ten_seconds_or_a_second_time_there_is_nothing_to_undo(
    desk: Desk, filed: Ticket, clock: HandClock
) -> None:
    desk.tickets.take(filed.id)
    clock.advance(seconds=10)
    desk.tickets.undo(filed.id)
    with pytest.raises(Refused, match="nothing to undo"):
        desk.tickets.undo(filed.id)
    desk.tickets.take(filed.id)
    clock.advance(seconds=10, microseconds=1)
    with pytest.raises(Refused, match="nothing to undo"):
        desk.tickets.undo(filed.id)
    assert desk.tickets.find(filed.ref).owner == "Léa"


def test_who_has_acted_since_is_named_and_nothing_is_undone(
    desk: Desk, filed: Ticket, clock: HandClock, open_as: Callable[..., Desk]
) -> None:
    desk.tickets.take(filed.id)
    clock.advance(seconds=2)
    open_as("Marc").tickets.hand_over(filed.id, "Zoé")
    with pytest.raises(Conflict, match=f"Marc handed over {filed.ref} at 03:12:46"):
        desk.tickets.undo(filed.id)
    assert desk.tickets.find(filed.ref).owner == "Zoé"


def test_another_desk_and_a_read_only_one_have_nothing_to_undo(
    desk: Desk, filed: Ticket, open_as: Callable[..., Desk]
) -> None:
    desk.tickets.take(filed.id)
    for other in (open_as("Léa"), open_as("Léa", read_only=True)):
        with pytest.raises(Refused):
            other.tickets.undo(filed.id)
