"""Tickets of another system: made here with their conversation, followed, and never taken from our acts."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from letters import ANNA, STRANGER, add_customers, letter, lines, of, standing, take_in
from mailing import claimed, handed, link_of
from support import NOW, HandClock

from oncall_tui.desk import Desk
from oncall_tui.domain.correspondence import Letter, LetterKind, Sender
from oncall_tui.domain.customers import Contact, Customer
from oncall_tui.domain.errors import NotFound
from oncall_tui.domain.outgoing import OutgoingAct, OutgoingState
from oncall_tui.domain.plans import Plan
from oncall_tui.domain.tickets import Channel, Means, State

TRACKER = "tracker"
STAFF = Sender("Marc", "")


@pytest.fixture(autouse=True)
def bank(desk: Desk) -> None:
    """An organisation of which Anna is a contact."""
    people = (Contact("Anna Keller", ANNA.address),)
    add_customers(desk, Customer("bank", "Banque Privée", Plan.ENTERPRISE, contacts=people))


def written(kind: LetterKind = LetterKind.REQUEST, sender: Sender = ANNA, **more: Any) -> Letter:
    return letter(sender, **({"thread": "123", "kind": kind, "message_id": ""} | more))


def pull(desk: Desk, *found: Letter, **facts: Any) -> Any:
    return take_in(desk, *found, source=TRACKER, standings=(standing(**facts),))


def test_a_ticket_comes_with_its_conversation(desk: Desk) -> None:
    """R6: a colleague's answer there stopped the clock when it was given."""
    created_at, answered_at = NOW - timedelta(hours=2), NOW - timedelta(hours=1)
    taken = pull(
        desk,
        written(text="The disk is full.", received_at=created_at, language="fr"),
        written(LetterKind.NOTE, STAFF, text="I look at it.", received_at=created_at + timedelta(minutes=1)),
        written(LetterKind.ANSWER, STAFF, text="We have started.", received_at=answered_at),
        written(text="Thank you.", received_at=NOW),
        created_at=created_at,
        owner="Marc",
    )
    assert (taken.created, taken.joined, taken.known) == (1, 3, 0)
    found = of(desk, "RT-123")
    one = found.ticket
    assert (one.customer, one.contact, one.subject, one.language) == (
        "bank",
        "Anna Keller",
        "Disk full",
        "fr",
    )
    assert (one.received_at, one.recorded_at, one.owner) == (created_at, NOW, "Marc")
    assert (one.answered_at, one.answered_by, one.answered_means) == (answered_at, "Marc", Means.EMAIL)
    assert found.body == "The disk is full."
    assert lines(desk, "RT-123") == [
        ("note", "Marc", "I look at it."),
        ("answer", "Marc", "We have started."),
        ("request", "Anna Keller", "Thank you."),
    ]
    assert found.origin is not None
    assert (found.origin.source, found.origin.thread, found.origin.address) == (TRACKER, "123", ANNA.address)
    entry = found.history[-1]
    assert (entry.act, entry.detail["by"], entry.detail["answered_at"]) == (
        "sync",
        "Marc",
        answered_at.isoformat(),
    )


def test_what_was_closed_there_comes_in_closed(desk: Desk) -> None:
    closed_at = NOW - timedelta(minutes=5)
    pull(
        desk,
        written(received_at=NOW - timedelta(hours=1)),
        created_at=NOW - timedelta(hours=1),
        closed_at=closed_at,
    )
    assert of(desk, "RT-123").ticket.closed_at == closed_at


def test_clocks_that_are_apart_leave_no_act_before_receipt(desk: Desk) -> None:
    before, later = NOW - timedelta(minutes=1), NOW + timedelta(minutes=1)
    answer = written(LetterKind.ANSWER, STAFF, received_at=before)
    pull(desk, written(), answer, created_at=later, closed_at=before)
    one = of(desk, "RT-123").ticket
    assert (one.received_at, one.answered_at, one.closed_at) == (NOW, NOW, NOW)


def test_owner_and_closing_follow(desk: Desk, clock: HandClock) -> None:
    pull(desk, written())
    clock.advance(minutes=5)
    pull(desk, owner="Marc", version="etag-2")
    one = of(desk, "RT-123").ticket
    assert (one.owner, one.owner_since) == ("Marc", clock.now)
    assert of(desk, "RT-123").history[-1].detail == {"source": TRACKER, "by": TRACKER, "owner": "Marc"}
    clock.advance(minutes=5)
    pull(desk, owner="Marc", closed_at=clock.now, version="etag-3")
    assert of(desk, "RT-123").ticket.state is State.CLOSED
    clock.advance(minutes=5)
    pull(desk, version="etag-4")
    one = of(desk, "RT-123").ticket
    assert (one.state, one.owner) == (State.NEW, None)
    facts = {"source": TRACKER, "by": TRACKER, "owner": "nobody", "reopened": "yes"}
    assert of(desk, "RT-123").history[-1].detail == facts
    assert link_of(desk, one.id).version == "etag-4"
    # Nothing of it goes back to where it came from.
    assert desk.outbox.open() == ()


def test_what_stands_as_it_stood_is_no_act(desk: Desk) -> None:
    pull(desk, written(), owner="Marc")
    before = of(desk, "RT-123")
    pull(desk, owner="Marc", version="etag-2")
    after = of(desk, "RT-123")
    assert (after.ticket.version, after.history) == (before.ticket.version, before.history)


def test_an_owner_of_ours_stays_where_theirs_has_not_changed(desk: Desk, clock: HandClock) -> None:
    """What our ticket has is on its way there: what was read before says nothing of it."""
    pull(desk, written())
    one = desk.tickets.take(of(desk, "RT-123").ticket.id)
    pull(desk, version="etag-2")
    assert of(desk, "RT-123").ticket.owner == "Léa"
    (outgoing,) = desk.outbox.claim(TRACKER, "example.org")
    pull(desk, owner="Marc", version="etag-3")
    assert of(desk, "RT-123").ticket.owner == "Léa", "it is on its way"
    desk.outbox.finish(outgoing, handed(clock.now, version="etag-4"))
    clock.advance(seconds=5)
    pull(desk, version="etag-3")
    assert of(desk, "RT-123").ticket.owner == "Léa", "what was read before it arrived says nothing"
    assert link_of(desk, one.id)[-2:] == ("etag-4", "Léa")
    clock.advance(minutes=1)
    pull(desk, version="etag-5")
    assert of(desk, "RT-123").ticket.owner is None, "nobody has it there any more"
    pull(desk, owner="Zoé", version="etag-6")
    assert of(desk, "RT-123").ticket.owner == "Zoé"
    assert one.id == of(desk, "RT-123").ticket.id


def test_a_closing_of_ours_that_is_on_its_way_stays(desk: Desk, clock: HandClock) -> None:
    pull(desk, written())
    desk.tickets.close(of(desk, "RT-123").ticket.id, reason="double")
    pull(desk, version="etag-2")
    assert of(desk, "RT-123").ticket.state is State.CLOSED
    (outgoing,) = desk.outbox.claim(TRACKER, "example.org")
    desk.outbox.finish(outgoing, handed(clock.now))
    clock.advance(minutes=1)
    pull(desk, version="etag-3")
    assert of(desk, "RT-123").ticket.state is State.NEW, "somebody opened it there"


def test_an_answer_of_ours_comes_in_once(desk: Desk, clock: HandClock) -> None:
    pull(desk, written())
    desk.outbox.answer(of(desk, "RT-123").ticket.id, "We have started.")
    outgoing = claimed(desk, TRACKER)
    desk.outbox.finish(outgoing, handed(clock.now, key="txn/9"))
    ours = written(LetterKind.ANSWER, STAFF, key="txn/9", text="We have started.")
    assert pull(desk, ours).known == 1
    assert len(lines(desk, "RT-123")) == 1


def test_an_answer_of_ours_that_comes_in_before_it_is_known_to_have_arrived(
    desk: Desk, clock: HandClock
) -> None:
    """R6: it stops the clock when the other system had it."""
    pull(desk, written())
    desk.outbox.answer(of(desk, "RT-123").ticket.id, "We have\nstarted.")
    outgoing = claimed(desk, TRACKER)
    desk.outbox.finish(outgoing, handed(clock.now, OutgoingState.UNSURE))
    at = clock.now
    clock.advance(minutes=1)
    ours = written(LetterKind.ANSWER, STAFF, key="txn/9", text="We have started. ", received_at=at)
    taken = pull(desk, ours, owner="Léa", version="etag-2")
    assert (taken.known, taken.joined) == (1, 0)
    one = of(desk, "RT-123").ticket
    assert (one.answered_at, one.answered_by) == (at, "Léa")
    [line] = of(desk, "RT-123").messages
    assert line.outgoing is OutgoingState.SENT
    assert pull(desk, ours).known == 1


def test_letters_of_a_closed_ticket_open_nothing_here(desk: Desk, clock: HandClock) -> None:
    """The other system says what is open."""
    pull(desk, written(), closed_at=NOW)
    pull(desk, written(), closed_at=NOW, version="etag-2")
    assert of(desk, "RT-123").ticket.state is State.CLOSED


def test_a_requestor_whom_nobody_knows_and_who_is_changed_there(desk: Desk) -> None:
    pull(desk, written(sender=STRANGER), requestor=STRANGER)
    one = of(desk, "RT-123").ticket
    assert (one.customer, one.contact) == ("unknown", "Jo Doe <jo@nowhere.example>")
    pull(desk, requestor=ANNA)
    found = of(desk, "RT-123")
    assert found.ticket.customer == "unknown", "whose a request is, an engineer corrects"
    assert found.origin is not None
    assert found.origin.address == ANNA.address


def test_a_reference_that_is_taken_already_gets_the_name_of_the_source(desk: Desk) -> None:
    desk.tickets.new(customer="leman", channel=Channel.EMAIL, subject="An old export", ref="RT-123")
    assert pull(desk, written()).created == 1
    assert of(desk, "RT-123").ticket.subject == "An old export"
    assert of(desk, "RT-123-tracker").ticket.customer == "bank"
    assert pull(desk, written(text="Again.")).joined == 1


def test_a_letter_of_a_ticket_that_is_not_told_of_is_rejected_and_said(desk: Desk) -> None:
    taken = take_in(desk, written(thread="9"), source=TRACKER)
    assert (taken.rejected, taken.new) == (1, 0)


def test_a_closed_ticket_that_nobody_wrote_in_is_none_of_ours(desk: Desk) -> None:
    """It went from one queue to another, neither of them ours, or was closed before the first contact."""
    assert pull(desk, closed_at=NOW).new == 0
    with pytest.raises(NotFound):
        desk.tickets.find("RT-123")
    assert pull(desk, written()).created == 1
    pull(desk, closed_at=NOW)
    assert of(desk, "RT-123").ticket.closed_at == NOW


def test_a_mail_joins_the_ticket_of_the_other_system_and_answers_go_there_still(desk: Desk) -> None:
    pull(desk, written())
    assert take_in(desk, letter(ref="RT-123")).joined == 1
    origin = of(desk, "RT-123").origin
    assert origin is not None
    assert (origin.source, origin.thread) == (TRACKER, "123")


def test_a_mail_that_opens_a_ticket_opens_it_in_the_other_system_too(desk: Desk, clock: HandClock) -> None:
    pull(desk, written(), closed_at=NOW)
    clock.advance(hours=1)
    assert take_in(desk, letter(ref="RT-123", received_at=clock.now)).joined == 1
    assert of(desk, "RT-123").ticket.state is State.NEW
    [outgoing] = desk.outbox.open()
    assert (outgoing.act, outgoing.source, outgoing.thread) == (OutgoingAct.REOPEN, TRACKER, "123")
    assert of(desk, "RT-123").ticket.outgoing is OutgoingState.WAITING
