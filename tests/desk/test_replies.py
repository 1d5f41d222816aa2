"""Letters that continue a ticket: which one they join, who may, and what that does to it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from letters import ANNA, STRANGER, add_customers, letter, lines, of, take_in
from mailing import SUPPORT, claimed, handed
from support import NOW, HandClock

from oncall_tui.desk import Desk
from oncall_tui.domain.alerts import Kind
from oncall_tui.domain.correspondence import Attachment, LetterKind, Sender
from oncall_tui.domain.customers import Contact, Customer
from oncall_tui.domain.errors import Conflict
from oncall_tui.domain.letter_rules import REOPEN_WITHIN
from oncall_tui.domain.outgoing import OutgoingState
from oncall_tui.domain.plans import Plan
from oncall_tui.domain.tickets import Channel, Means, State

BERNARD = Sender("Bernard", "bernard@leman.example")
EVE = Sender("Eve", "eve@evil.example")


@pytest.fixture(autouse=True)
def organisations(desk: Desk) -> None:
    """Two organisations: Anna and Bernard are of one, Eve of the other."""
    people = (Contact("Anna Keller", ANNA.address), Contact("Bernard", BERNARD.address))
    add_customers(
        desk,
        Customer("bank", "Banque Privée", Plan.ENTERPRISE, contacts=people),
        Customer("evil", "Evil SA", Plan.PRO, contacts=(Contact("Eve", EVE.address),)),
    )


def to_line(desk: Desk, ref: str) -> str:
    origin = of(desk, ref).origin
    assert origin is not None
    return f"{origin.name} <{origin.address}>"


def test_a_reply_in_the_same_batch_joins(desk: Desk) -> None:
    first = letter()
    second = letter(answers=(first.message_id,), text="Still nothing.", received_at=NOW)
    third = letter(BERNARD, answers=(second.message_id, first.message_id), text="Here neither.")
    taken = take_in(desk, first, second, third)
    assert (taken.created, taken.joined) == (1, 2)
    assert lines(desk, "M-1") == [
        ("request", "Anna Keller", "Still nothing."),
        ("request", "Bernard", "Here neither."),
    ]


def test_a_reply_that_comes_later_joins_and_is_seen_on_the_board(desk: Desk, clock: HandClock) -> None:
    first = letter()
    take_in(desk, first)
    before = of(desk, "M-1").ticket
    revision = desk.queue.changed_since(0).revision
    clock.advance(minutes=5)
    file = Attachment("log.txt", "text/plain", 12, "2")
    take_in(desk, letter(answers=(first.message_id,), received_at=clock.now, attachments=(file,)))
    assert [each.id for each in desk.queue.changed_since(revision).tickets] == [before.id]
    after = of(desk, "M-1")
    assert after.ticket.version == before.version, "a reply is no conflict for who acts on the ticket"
    assert [line.at for line in after.messages] == [clock.now]
    assert [each.name for each in after.enclosures] == ["log.txt"]


def test_the_nearest_mail_that_has_a_ticket_decides(desk: Desk) -> None:
    first, second = letter(), letter()
    automatic = letter(kind=LetterKind.AUTOMATIC)
    take_in(desk, first, second, automatic)
    ids = (automatic.message_id, "<gone@nowhere>", second.message_id, first.message_id)
    take_in(desk, letter(answers=ids, text="To the second."))
    assert lines(desk, "M-1") == []
    assert lines(desk, "M-2") == [("request", "Anna Keller", "To the second.")]


def test_a_message_id_that_two_senders_use_leads_nobody_into_the_ticket_of_the_other(desk: Desk) -> None:
    """Some programs give all their mails the same."""
    same = {"message_id": "<1@localhost>"}
    take_in(desk, letter(EVE, **same), letter(**same))
    take_in(desk, letter(answers=("<1@localhost>",), text="Anna again."))
    take_in(desk, letter(BERNARD, answers=("<1@localhost>",), text="Her colleague."))
    assert take_in(desk, letter(STRANGER, answers=("<1@localhost>",))).created == 1
    assert lines(desk, "M-1") == []
    assert [text for _, _, text in lines(desk, "M-2")] == ["Anna again.", "Her colleague."]


def test_a_reply_to_an_answer_of_ours_joins(desk: Desk, clock: HandClock) -> None:
    take_in(desk, letter(), source=SUPPORT)
    desk.outbox.answer(of(desk, "M-1").ticket.id, "We have started.")
    outgoing = claimed(desk)
    desk.outbox.finish(outgoing, handed(clock.now))
    reply = letter(EVE, answers=(outgoing.message_id,), text="A colleague had a copy.")
    assert take_in(desk, reply, source=SUPPORT).joined == 1
    assert lines(desk, "M-1")[-1] == ("request", "Eve", "A colleague had a copy.")
    assert to_line(desk, "M-1") == "Anna Keller <anna@leman.example>", "answers go to the organisation"


def test_an_answer_of_ours_that_comes_in_is_known(desk: Desk, clock: HandClock) -> None:
    take_in(desk, letter(), source=SUPPORT)
    desk.outbox.answer(of(desk, "M-1").ticket.id, "We have started.")
    outgoing = claimed(desk)
    desk.outbox.finish(outgoing, handed(clock.now))
    copy = letter(kind=LetterKind.ANSWER, message_id=outgoing.message_id)
    assert take_in(desk, copy, source=SUPPORT).known == 1
    assert len(lines(desk, "M-1")) == 1


@pytest.mark.parametrize("shown_by", ["a copy", "a reply", "a bounce"])
def test_an_answer_of_which_it_was_unsure_was_taken_where_somebody_had_it(
    desk: Desk, clock: HandClock, shown_by: str
) -> None:
    """R6: the clock stops at the instant of the try."""
    take_in(desk, letter(), source=SUPPORT)
    desk.outbox.answer(of(desk, "M-1").ticket.id, "We have started.")
    outgoing = claimed(desk)
    tried_at = clock.now
    desk.outbox.finish(outgoing, handed(tried_at, OutgoingState.UNSURE))
    assert of(desk, "M-1").ticket.answered_at is None
    clock.advance(minutes=5)
    shown = {
        "a copy": letter(kind=LetterKind.ANSWER, message_id=outgoing.message_id),
        "a reply": letter(answers=(outgoing.message_id,)),
        "a bounce": letter(kind=LetterKind.BOUNCE, answers=(outgoing.message_id,), text="\n550 no such user"),
    }
    take_in(desk, shown[shown_by], source=SUPPORT)
    found = of(desk, "M-1")
    assert found.ticket.answered_at == tried_at
    came_back = shown_by == "a bounce"
    assert found.ticket.outgoing is (OutgoingState.BOUNCED if came_back else None)
    answer = next(line for line in found.messages if line.kind == "answer")
    assert answer.outgoing is (OutgoingState.BOUNCED if came_back else OutgoingState.SENT)
    assert answer.detail == ("550 no such user" if came_back else "")


def test_a_reply_to_a_later_answer_proves_nothing_of_one_that_is_unsure(desk: Desk, clock: HandClock) -> None:
    """R6: it names all that the later answer named."""
    take_in(desk, letter(), source=SUPPORT)
    ticket_id = of(desk, "M-1").ticket.id
    desk.outbox.answer(ticket_id, "We have started.")
    unsure = claimed(desk)
    desk.outbox.finish(unsure, handed(clock.now, OutgoingState.UNSURE))
    clock.advance(minutes=30)
    desk.outbox.answer(ticket_id, "It runs again.")
    later = claimed(desk)
    desk.outbox.finish(later, handed(clock.now))
    clock.advance(minutes=1)
    reply = letter(answers=(later.message_id, *reversed(later.answers)), received_at=clock.now)
    take_in(desk, reply, source=SUPPORT)
    assert desk.outbox.get(unsure.id).state is OutgoingState.UNSURE
    assert of(desk, "M-1").ticket.answered_at == clock.now - timedelta(minutes=1)


def test_an_answer_that_is_to_go_out_again_does_not_where_somebody_has_it(
    desk: Desk, clock: HandClock
) -> None:
    take_in(desk, letter(), source=SUPPORT)
    desk.outbox.answer(of(desk, "M-1").ticket.id, "We have started.")
    outgoing = claimed(desk)
    desk.outbox.finish(outgoing, handed(clock.now, OutgoingState.UNSURE))
    desk.outbox.again(outgoing.id)
    take_in(desk, letter(answers=(outgoing.message_id,)), source=SUPPORT)
    assert desk.outbox.get(outgoing.id).state is OutgoingState.SENT
    assert desk.outbox.claim(SUPPORT, "example.org") == []


def test_a_bounce_is_said_where_the_answer_stands(desk: Desk, clock: HandClock) -> None:
    take_in(desk, letter(), source=SUPPORT)
    desk.outbox.answer(of(desk, "M-1").ticket.id, "We have started.")
    outgoing = claimed(desk)
    desk.outbox.finish(outgoing, handed(clock.now))
    clock.advance(minutes=1)
    daemon = Sender("", "mailer-daemon@mail.example")
    bounce = letter(
        daemon,
        kind=LetterKind.BOUNCE,
        answers=(outgoing.message_id,),
        text="552 mailbox full",
        received_at=clock.now,
    )
    assert take_in(desk, bounce, source=SUPPORT).joined == 1
    found = of(desk, "M-1")
    assert found.ticket.outgoing is OutgoingState.BOUNCED
    assert lines(desk, "M-1")[-1] == ("automatic", "mailer-daemon@mail.example", "552 mailbox full")
    assert to_line(desk, "M-1") == "Anna Keller <anna@leman.example>"
    then = desk.tickets.detail(found.ticket.id, clock.now - timedelta(seconds=30))
    assert [line.outgoing for line in then.messages] == [None], "a look back knows nothing of the bounce"


def test_the_reference_in_the_subject_is_enough_for_the_organisation_itself(desk: Desk) -> None:
    take_in(desk, letter())
    taken = take_in(desk, letter(BERNARD, ref="M-1", text="From my telephone."))
    assert taken.joined == 1
    assert lines(desk, "M-1") == [("request", "Bernard", "From my telephone.")]
    assert to_line(desk, "M-1") == "Bernard <bernard@leman.example>", "who wrote last is answered"


@pytest.mark.parametrize("sender", [EVE, STRANGER, Sender("No address")])
def test_nobody_writes_into_the_tickets_of_others_by_guessing_a_reference(desk: Desk, sender: Sender) -> None:
    take_in(desk, letter())
    assert take_in(desk, letter(sender, ref="M-1")).created == 1
    assert lines(desk, "M-1") == []


def test_an_unknown_sender_continues_his_own_ticket_by_its_reference_and_no_other(desk: Desk) -> None:
    take_in(desk, letter(STRANGER))
    other = Sender("Other", "other@elsewhere.example")
    assert take_in(desk, letter(other, ref="M-1")).created == 1
    assert take_in(desk, letter(STRANGER, ref="M-1")).joined == 1


def test_an_unknown_sender_goes_on_in_a_ticket_that_was_given_to_an_organisation(desk: Desk) -> None:
    take_in(desk, letter(STRANGER))
    desk.tickets.assign(of(desk, "M-1").ticket.id, "bank")
    assert take_in(desk, letter(STRANGER, ref="M-1")).joined == 1
    assert take_in(desk, letter(ANNA, ref="M-1")).joined == 1


def test_a_ticket_that_was_telephoned_is_continued_by_mail_and_answered_there(desk: Desk) -> None:
    filed = desk.tickets.new(customer="bank", channel=Channel.PHONE, subject="Mail is down")
    assert of(desk, filed.ref).origin is None
    assert take_in(desk, letter(ref=filed.ref)).joined == 1
    assert to_line(desk, filed.ref) == "Anna Keller <anna@leman.example>"


def test_a_reply_opens_a_closed_ticket_and_no_clock_starts_again(desk: Desk, clock: HandClock) -> None:
    """R6."""
    first = letter()
    take_in(desk, first)
    one = of(desk, "M-1").ticket
    desk.tickets.answer(one.id, Means.PHONE)
    closed = desk.tickets.close(one.id)
    clock.advance(days=3)
    taken = take_in(desk, letter(answers=(first.message_id,), received_at=clock.now, text="Again."))
    assert (taken.created, taken.joined) == (0, 1)
    found = of(desk, "M-1")
    assert found.ticket.state is State.IN_PROGRESS
    assert (found.ticket.answered_at, found.ticket.response) == (NOW, closed.response)
    assert found.ticket.version == closed.version + 1
    entry = found.history[-1]
    assert (entry.act, entry.detail) == (
        "sync",
        {"source": "support", "by": "Anna Keller", "reopened": "yes"},
    )
    with pytest.raises(Conflict, match="Anna Keller changed M-1"):
        desk.tickets.take(one.id, version=closed.version)
    assert desk.tickets.detail(one.id, clock.now - timedelta(days=1)).ticket.closed_at == NOW


def test_an_unanswered_ticket_that_a_reply_opens_is_overdue_and_alerts(desk: Desk, clock: HandClock) -> None:
    clock.advance(hours=6)
    first = letter(received_at=clock.now)
    take_in(desk, first)
    desk.tickets.close(of(desk, "M-1").ticket.id, reason="double")
    desk.alerts.evaluate()
    clock.advance(hours=4)
    desk.alerts.evaluate()
    take_in(desk, letter(answers=(first.message_id,), received_at=clock.now))
    desk.alerts.evaluate()
    assert Kind.RESPONSE in {each.kind for each in desk.alerts.page(100) if each.subject == "M-1"}


def test_a_reply_after_two_weeks_is_a_ticket_of_its_own_that_names_the_old_one(
    desk: Desk, clock: HandClock
) -> None:
    first = letter()
    take_in(desk, first)
    one = of(desk, "M-1").ticket
    desk.tickets.close(one.id, reason="double")
    clock.advance(days=REOPEN_WITHIN.days, seconds=1)
    taken = take_in(desk, letter(answers=(first.message_id,), received_at=clock.now))
    assert (taken.created, taken.joined) == (1, 0)
    assert of(desk, "M-1").ticket.state is State.CLOSED
    assert lines(desk, "M-2") == [("note", "support", "Answers M-1, which was closed on 2026-03-27.")]


@pytest.mark.parametrize("kind", [LetterKind.AUTOMATIC, LetterKind.BOUNCE])
def test_automatic_mail_is_a_line_and_opens_nothing(desk: Desk, kind: LetterKind) -> None:
    first = letter()
    take_in(desk, first)
    desk.tickets.close(of(desk, "M-1").ticket.id, reason="double")
    found = letter(kind=kind, answers=(first.message_id,), text="I am out of office.")
    assert take_in(desk, found).joined == 1
    assert of(desk, "M-1").ticket.state is State.CLOSED
    assert lines(desk, "M-1") == [("automatic", "Anna Keller", "I am out of office.")]


def test_what_continues_the_letter_that_opened_a_ticket_joins_it_too(desk: Desk, clock: HandClock) -> None:
    first = letter()
    take_in(desk, first)
    desk.tickets.close(of(desk, "M-1").ticket.id, reason="double")
    clock.advance(days=1)
    second = letter(answers=(first.message_id,), received_at=clock.now)
    third = letter(answers=(second.message_id, first.message_id), received_at=clock.now)
    assert take_in(desk, second, third).joined == 2
    assert [entry.act for entry in of(desk, "M-1").history].count("sync") == 1


def test_a_mail_from_our_own_address_is_shown_and_stops_no_clock(desk: Desk, clock: HandClock) -> None:
    """R6: who writes that address may be anybody, so that a person says whether it was an answer."""
    first = letter()
    take_in(desk, first)
    at = clock.now + timedelta(minutes=2)
    clock.advance(minutes=4)
    colleague = Sender("Marc", "support@provider.example")
    answer = letter(colleague, kind=LetterKind.ANSWER, answers=(first.message_id,), received_at=at)
    take_in(desk, answer)
    found = of(desk, "M-1").ticket
    assert found.answered_at is None
    assert lines(desk, "M-1")[-1][0] == "answer"


def test_a_mail_whose_ticket_was_purged_is_known_and_its_reply_is_new(desk: Desk, clock: HandClock) -> None:
    first = letter(attachments=(Attachment("secret.pdf", "application/pdf", 1, "2"),))
    unfiled = letter(STRANGER, kind=LetterKind.AUTOMATIC, subject="On holiday")
    take_in(desk, first, unfiled)
    desk.tickets.close(of(desk, "M-1").ticket.id, reason="double")
    clock.advance(days=30)
    assert desk.maintenance.purge_closed_before(clock.now, lambda _: None) == 1
    with desk.store.connect() as connection:
        rows = connection.exec_driver_sql("SELECT sender_name, sender_address, subject FROM letters").all()
        assert [tuple(row) for row in rows] == [("", "", "")] * 2
        assert connection.exec_driver_sql("SELECT count(*) FROM attachments").scalar() == 0
    assert take_in(desk, first, letter(message_id=first.message_id)).known == 2
    assert take_in(desk, letter(answers=(first.message_id,))).created == 1
    assert of(desk, "M-2").ticket.customer == "bank", "no number is given twice"
