"""An answer on its way: written with its act, handed over once, the clock stopped when the server has it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from hostile import HOSTILE
from mailing import SUPPORT, by_mail, claimed, handed, stored
from support import NOW, HandClock

from oncall_tui.desk import Desk
from oncall_tui.domain.errors import BadInput, Conflict, NotFound, Refused
from oncall_tui.domain.outgoing import OutgoingAct, OutgoingState
from oncall_tui.domain.text import clean_body
from oncall_tui.domain.tickets import Channel, Means

TEXT = "We have started to work on it."
S = OutgoingState


def test_an_answer_is_on_its_way_and_the_clock_runs_on(desk: Desk, clock: HandClock) -> None:
    """R6."""
    filed = by_mail(desk)
    clock.advance(minutes=3)
    ticket = desk.outbox.answer(filed.id, TEXT, version=filed.version)
    assert (ticket.outgoing, ticket.owner, ticket.answered_at) == (S.WAITING, "Léa", None)
    assert ticket == stored(desk, filed.id)
    assert ticket.due_at == filed.due_at
    (outgoing,) = desk.outbox.open()
    assert (outgoing.act, outgoing.state, outgoing.source) == (OutgoingAct.ANSWER, S.WAITING, SUPPORT)
    assert outgoing.to == ("Anna Favre", "anna@example.ch")
    assert outgoing.subject == f"Re: Certificate expires [{filed.ref}]"
    assert (outgoing.text, outgoing.author, outgoing.created_at) == (TEXT, "Léa", clock.now)
    assert outgoing.answers == ("<first@example.ch>",)
    detail = desk.tickets.detail(filed.id)
    assert [(line.kind, line.text) for line in detail.messages] == [("answer", TEXT)]
    assert detail.history[-1].act == "send"


def test_the_clock_stops_when_the_server_has_it(desk: Desk, clock: HandClock) -> None:
    """R6: at the instant of the server, in the name of who wrote it."""
    filed = by_mail(desk)
    desk.outbox.answer(filed.id, TEXT)
    clock.advance(seconds=2)
    outgoing = claimed(desk)
    assert stored(desk, filed.id).outgoing is S.SENDING
    at = clock.now + timedelta(seconds=1)
    clock.advance(seconds=4)
    desk.outbox.finish(outgoing, handed(at))
    ticket = stored(desk, filed.id)
    assert (ticket.answered_at, ticket.answered_by, ticket.answered_means) == (at, "Léa", Means.EMAIL)
    assert (ticket.outgoing, ticket.version) == (None, 3)
    entry = desk.tickets.detail(filed.id).history[-1]
    assert (entry.act, entry.detail["by"], entry.detail["sent_at"]) == ("answer", "Léa", at.isoformat())
    assert desk.outbox.open() == ()
    assert desk.outbox.get(outgoing.id).ended_at == at


def test_who_hands_it_over_need_not_be_who_wrote_it(
    desk: Desk, open_as: Callable[..., Desk], clock: HandClock
) -> None:
    filed = by_mail(desk)
    desk.outbox.answer(filed.id, TEXT)
    marc = open_as("Marc")
    marc.outbox.finish(claimed(marc), handed(clock.now))
    assert stored(desk, filed.id).answered_by == "Léa"
    entry = desk.tickets.detail(filed.id).history[-1]
    assert (entry.operator, entry.detail["by"]) == ("Marc", "Léa")
    with pytest.raises(Conflict, match="you answered"):
        desk.tickets.close(filed.id, version=filed.version + 1)


def test_a_message_id_is_set_once_and_names_the_domain(desk: Desk, clock: HandClock) -> None:
    filed = by_mail(desk)
    desk.outbox.answer(filed.id, TEXT)
    first = claimed(desk)
    assert first.message_id.startswith("<")
    assert first.message_id.endswith("@example.org>")
    desk.outbox.finish(first, handed(clock.now, S.WAITING, detail="greylisted"))
    clock.advance(seconds=5)
    second = claimed(desk)
    assert (second.message_id, second.tries) == (first.message_id, 2)


def test_what_was_not_taken_is_tried_again_after_a_time_that_doubles(desk: Desk, clock: HandClock) -> None:
    filed = by_mail(desk)
    desk.outbox.answer(filed.id, TEXT)
    waits = []
    for _ in range(9):
        outgoing = claimed(desk)
        desk.outbox.finish(outgoing, handed(clock.now, S.WAITING, detail="can't connect"))
        now = desk.outbox.get(outgoing.id)
        assert (now.state, now.detail) == (S.WAITING, "can't connect")
        assert now.next_at is not None
        waits.append((now.next_at - clock.now).total_seconds())
        clock.now = now.next_at - timedelta(microseconds=1)
        assert desk.outbox.claim(SUPPORT, "example.org") == []
        clock.now = now.next_at
    assert waits == [5, 10, 20, 40, 80, 160, 320, 600, 600]
    ticket = stored(desk, filed.id)
    assert (ticket.outgoing, ticket.answered_at) == (S.WAITING, None)


def test_a_clock_that_was_set_back_holds_nothing_up(desk: Desk, clock: HandClock) -> None:
    filed = by_mail(desk)
    desk.outbox.answer(filed.id, TEXT)
    desk.outbox.finish(claimed(desk), handed(clock.now, S.WAITING))
    clock.advance(hours=-1)
    outgoing = claimed(desk)
    assert outgoing.tries == 2
    desk.outbox.finish(outgoing, handed(clock.now))
    ticket = stored(desk, filed.id)
    # Never before it was written, nor before the request came in.
    assert ticket.answered_at == NOW


@pytest.mark.parametrize("state", [S.UNSURE, S.REFUSED, S.CONFLICT])
def test_what_needs_a_person_stays_and_the_clock_runs_on(
    desk: Desk, clock: HandClock, state: OutgoingState
) -> None:
    """R6."""
    filed = by_mail(desk)
    desk.outbox.answer(filed.id, TEXT)
    desk.outbox.finish(claimed(desk), handed(clock.now, state, detail="mailbox \x1b[2J full"))
    clock.advance(days=1)
    assert desk.outbox.claim(SUPPORT, "example.org") == []
    ticket = stored(desk, filed.id)
    assert (ticket.outgoing, ticket.answered_at) == (state, None)
    (outgoing,) = desk.outbox.open()
    assert outgoing.detail == "mailbox \ufffd[2J full"


def test_two_desks_never_claim_the_same(desk: Desk, open_as: Callable[..., Desk]) -> None:
    filed = [by_mail(desk, message_id=f"<{n}@example.ch>") for n in range(30)]
    for ticket in filed:
        desk.outbox.answer(ticket.id, TEXT)
    marc = open_as("Marc")
    mine = {each.id for each in desk.outbox.claim(SUPPORT, "example.org")}
    others = {each.id for each in marc.outbox.claim(SUPPORT, "example.org")}
    assert (len(mine), len(others), mine & others) == (20, 10, set())
    assert desk.outbox.claim("elsewhere", "example.org") == []


def test_a_claim_that_finds_nothing_commits_nothing(desk: Desk) -> None:
    """Every commit wakes every board."""
    by_mail(desk)
    with desk.store.begin() as tx:
        before = tx.revision
    assert desk.outbox.claim(SUPPORT, "example.org") == []
    with desk.store.begin() as tx:
        assert tx.revision == before + 1


def test_what_a_dead_desk_was_handing_over_is_unsure_and_never_repeated(
    desk: Desk, open_as: Callable[..., Desk], clock: HandClock
) -> None:
    filed = by_mail(desk)
    desk.outbox.answer(filed.id, TEXT)
    began_at = clock.now
    claimed(desk)
    marc = open_as("Marc")
    clock.advance(minutes=2)
    assert marc.outbox.claim(SUPPORT, "example.org") == []
    assert stored(desk, filed.id).outgoing is S.SENDING
    clock.advance(seconds=1)
    assert marc.outbox.claim(SUPPORT, "example.org") == []
    assert stored(desk, filed.id).outgoing is S.UNSURE
    (outgoing,) = marc.outbox.open()
    assert (outgoing.detail, outgoing.ended_at) == (
        "the program that was handing it over ended meanwhile",
        began_at,
    )
    clock.advance(days=1)
    assert marc.outbox.claim(SUPPORT, "example.org") == []


def test_a_desk_that_was_only_slow_says_what_came_of_it(desk: Desk, clock: HandClock) -> None:
    filed = by_mail(desk)
    desk.outbox.answer(filed.id, TEXT)
    outgoing = claimed(desk)
    clock.advance(minutes=3)
    assert desk.outbox.claim(SUPPORT, "example.org") == []
    assert stored(desk, filed.id).outgoing is S.UNSURE
    desk.outbox.finish(outgoing, handed(clock.now))
    ticket = stored(desk, filed.id)
    assert (ticket.outgoing, ticket.answered_at) == (None, clock.now)


def test_a_result_that_comes_after_another_try_began_is_of_no_interest(desk: Desk, clock: HandClock) -> None:
    filed = by_mail(desk)
    desk.outbox.answer(filed.id, TEXT)
    first = claimed(desk)
    clock.advance(minutes=3)
    desk.outbox.claim(SUPPORT, "example.org")
    desk.outbox.again(first.id)
    second = claimed(desk)
    desk.outbox.finish(first, handed(clock.now, S.REFUSED))
    assert desk.outbox.get(first.id).state is S.SENDING
    desk.outbox.finish(second, handed(clock.now))
    desk.outbox.finish(second, handed(clock.now + timedelta(minutes=1), S.UNSURE))
    assert stored(desk, filed.id).answered_at == clock.now


def test_answers_to_one_ticket_go_in_their_order(desk: Desk, clock: HandClock) -> None:
    one, other = by_mail(desk), by_mail(desk, message_id="<other@example.ch>")
    for text in ("first", "second"):
        desk.outbox.answer(one.id, text)
    desk.outbox.answer(other.id, "third")
    batch = desk.outbox.claim(SUPPORT, "example.org")
    assert [each.text for each in batch] == ["first", "third"]
    desk.outbox.finish(batch[0], handed(clock.now, S.WAITING))
    assert desk.outbox.claim(SUPPORT, "example.org") == []
    clock.advance(seconds=5)
    again = claimed(desk)
    assert again.text == "first"
    desk.outbox.finish(again, handed(clock.now, S.REFUSED))
    # What needs a person keeps no other answer from the customer.
    second = claimed(desk)
    assert second.text == "second"
    desk.outbox.finish(second, handed(clock.now))
    ticket = stored(desk, one.id)
    assert (ticket.outgoing, ticket.answered_at) == (S.REFUSED, clock.now)


def test_later_answers_name_those_before_them(desk: Desk, clock: HandClock) -> None:
    filed = by_mail(desk)
    desk.outbox.answer(filed.id, "first")
    first = claimed(desk)
    desk.outbox.finish(first, handed(clock.now))
    clock.advance(minutes=1)
    desk.outbox.answer(filed.id, "second")
    assert claimed(desk).answers == ("<first@example.ch>", first.message_id)


def test_what_goes_out_is_clean(desk: Desk) -> None:
    filed = by_mail(desk)
    for text in HOSTILE.values():
        desk.outbox.answer(filed.id, f"a {text}")
    assert [each.text for each in desk.outbox.open()] == [
        clean_body(f"a {text}") for text in HOSTILE.values()
    ]


def test_an_answer_that_cannot_go_anywhere_is_refused(desk: Desk) -> None:
    typed = desk.tickets.new(customer="leman", channel=Channel.PHONE, subject="Printer")
    with pytest.raises(Refused, match="no address"):
        desk.outbox.answer(typed.id, TEXT)
    assert desk.outbox.origin(typed.id) is None
    assert desk.tickets.detail(typed.id).messages == ()
    filed = by_mail(desk)
    assert desk.outbox.origin(filed.id) is not None
    with pytest.raises(BadInput, match="text"):
        desk.outbox.answer(filed.id, " \n ")
    with pytest.raises(Conflict):
        desk.outbox.answer(filed.id, TEXT, version=7)
    desk.tickets.close(filed.id, reason="double")
    with pytest.raises(Refused, match="closed"):
        desk.outbox.answer(filed.id, TEXT)
    assert desk.outbox.open() == ()


def test_a_desk_that_only_reads_sends_nothing(desk: Desk, open_as: Callable[..., Desk]) -> None:
    filed = by_mail(desk)
    desk.outbox.answer(filed.id, TEXT)
    reader = open_as("Zoé", read_only=True)
    assert len(reader.outbox.open()) == 1
    for act in (
        lambda: reader.outbox.answer(filed.id, TEXT),
        lambda: reader.outbox.claim(SUPPORT, "example.org"),
        lambda: reader.outbox.drop(desk.outbox.open()[0].id),
    ):
        with pytest.raises(Refused, match="read-only"):
            act()


def test_closing_is_no_response_and_an_answer_on_its_way_is_none_yet(desk: Desk, clock: HandClock) -> None:
    """R6."""
    filed = by_mail(desk)
    desk.outbox.answer(filed.id, TEXT)
    with pytest.raises(Refused, match="closing it is no response") as refusal:
        desk.tickets.close(filed.id)
    assert "handed over" in refusal.value.hint
    desk.tickets.close(filed.id, reason="solved by itself")
    outgoing = claimed(desk)
    clock.advance(seconds=9)
    desk.outbox.finish(outgoing, handed(clock.now))
    ticket = stored(desk, filed.id)
    assert (ticket.answered_at, ticket.closed_at, ticket.outgoing) == (clock.now, NOW, None)


def test_an_answer_keeps_the_promise_made_before_it(desk: Desk, clock: HandClock) -> None:
    """R7."""
    filed = by_mail(desk)
    desk.outbox.answer(filed.id, TEXT)
    desk.tickets.promise(filed.id, NOW + timedelta(hours=1))
    clock.advance(minutes=1)
    desk.outbox.finish(claimed(desk), handed(clock.now))
    assert stored(desk, filed.id).promise is None


def test_of_a_ticket_that_was_purged_nothing_is_written(desk: Desk, clock: HandClock) -> None:
    filed = by_mail(desk)
    desk.outbox.answer(filed.id, TEXT)
    outgoing = claimed(desk)
    desk.tickets.close(filed.id, reason="double")
    clock.advance(days=1)
    assert desk.maintenance.purge_closed_before(clock.now, lambda _: None) == 1
    desk.outbox.finish(outgoing, handed(clock.now))
    with pytest.raises(NotFound):
        desk.outbox.get(outgoing.id)
