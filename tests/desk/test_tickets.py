"""The acts: what each changes, what it refuses, what it writes down, and who wins a race."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from sample import ticket as sample
from support import NOW, HandClock

from oncall_tui.desk import Desk
from oncall_tui.domain import tickets as rules
from oncall_tui.domain.errors import BadInput, Conflict, NotFound, Refused
from oncall_tui.domain.ledger import ledger
from oncall_tui.domain.offer import Offer
from oncall_tui.domain.plans import Plan
from oncall_tui.domain.sla import ClockKind, Urgency
from oncall_tui.domain.tickets import Channel, ClockTimes, Means, MessageKind, State, Ticket

OpenAs = Callable[..., Desk]


@pytest.fixture
def ticket(desk: Desk) -> Ticket:
    """An emergency of the bank's, due an hour later."""
    return desk.tickets.new(customer="leman", channel=Channel.EMERGENCY, subject="Cluster unreachable")


def acts(desk: Desk, ticket: Ticket) -> list[tuple[str, str]]:
    return [(entry.operator, entry.act) for entry in desk.tickets.detail(ticket.id).history]


def test_a_new_ticket_is_clocked_by_plan_and_channel_at_receipt(desk: Desk, ticket: Ticket) -> None:
    """R5, R9, R11"""
    assert ticket.state is State.NEW
    assert ticket.due_at == NOW + timedelta(hours=1)
    assert ticket.clock is ClockKind.RESPONSE
    assert desk.tickets.find(ticket.ref) == ticket
    by_mail = desk.tickets.new(customer="leman", channel=Channel.EMAIL, subject="Mail stuck")
    assert by_mail.due_at is not None
    assert by_mail.due_at.isoformat() == "2026-03-27T06:00:00+00:00", "an hour after 06:00 in Geneva"


def test_a_plan_without_a_guarantee_has_no_clock(desk: Desk) -> None:
    ticket = desk.tickets.new(customer="jardin", channel=Channel.EMAIL, subject="How do I move my site?")
    assert (ticket.clock, ticket.due_at, ticket.urgency(NOW)) == (None, None, Urgency.NONE)


def test_a_back_dated_request_counts_from_receipt_and_both_instants_are_kept(desk: Desk) -> None:
    """R5"""
    received = NOW - timedelta(minutes=40)
    ticket = desk.tickets.new(
        customer="leman", channel=Channel.EMERGENCY, subject="Down", received_at=received
    )
    assert (ticket.received_at, ticket.recorded_at) == (received, NOW)
    assert ticket.due_at == received + timedelta(hours=1)
    (entry,) = desk.tickets.detail(ticket.id).history
    assert entry.detail["received_at"] == received.isoformat()


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"customer": "nobody"}, NotFound),
        ({"customer": "tessin"}, Refused),
        ({"subject": " \n "}, BadInput),
        ({"received_at": NOW + timedelta(seconds=1)}, Refused),
    ],
    ids=["unknown customer", "plan without the line", "no subject", "in the future"],
)
def test_what_can_not_be_filed_leaves_nothing(desk: Desk, changes: dict[str, object], error: type) -> None:
    values = {"customer": "leman", "channel": Channel.EMERGENCY, "subject": "Down"} | changes
    with pytest.raises(error):
        desk.tickets.new(**values)  # type: ignore[arg-type]
    assert desk.queue.counts().queues["all"] == 0


def test_a_reference_is_used_once(desk: Desk) -> None:
    desk.tickets.new(customer="leman", channel=Channel.EMAIL, subject="One", ref="X-1")
    with pytest.raises(Refused, match="'X-1'"):
        desk.tickets.new(customer="leman", channel=Channel.EMAIL, subject="Two", ref="X-1")


@pytest.mark.parametrize("ref", ["", "   ", "R" * 61, "T\x1b[2J"])
def test_a_reference_is_taken_as_it_is_or_not_at_all(desk: Desk, ref: str) -> None:
    with pytest.raises(BadInput, match="a reference has 1 to 60 characters"):
        desk.tickets.new(customer="leman", channel=Channel.EMAIL, subject="One", ref=ref)


def test_taking_makes_an_owner_and_stops_no_clock(desk: Desk, ticket: Ticket) -> None:
    """R6"""
    taken = desk.tickets.take(ticket.id, version=ticket.version)
    assert (taken.owner, taken.owner_since, taken.state) == ("Léa", NOW, State.ASSIGNED)
    assert taken.due_at == ticket.due_at
    assert desk.tickets.find(ticket.ref) == taken


def test_of_two_who_take_one_wins_and_the_other_is_told_who_and_when(
    desk: Desk, ticket: Ticket, open_as: OpenAs, clock: HandClock
) -> None:
    desk.tickets.take(ticket.id, version=ticket.version)
    clock.advance(minutes=1)
    marc = open_as("Marc")
    with pytest.raises(Conflict, match=f"^Léa took {ticket.ref} at 03:12:44$"):
        marc.tickets.take(ticket.id, version=ticket.version)
    with pytest.raises(Conflict, match=f"^Léa took {ticket.ref} at 03:12:44$"):
        marc.tickets.take(ticket.id)
    assert acts(desk, ticket) == [("Léa", "new"), ("Léa", "take")]


def test_an_act_on_a_version_that_is_no_more_is_refused_with_who_did_what(
    desk: Desk, ticket: Ticket, open_as: OpenAs
) -> None:
    open_as("Marc").tickets.answer(ticket.id, Means.PHONE)
    with pytest.raises(Conflict, match=f"^Marc answered {ticket.ref} at 03:12:44$"):
        desk.tickets.close(ticket.id, version=ticket.version)
    assert desk.tickets.find(ticket.ref).state is State.IN_PROGRESS


def test_a_note_is_no_conflict(desk: Desk, ticket: Ticket, open_as: OpenAs) -> None:
    open_as("Marc").tickets.note(ticket.id, "The switch was replaced yesterday.")
    desk.tickets.take(ticket.id, version=ticket.version)
    (note,) = desk.tickets.detail(ticket.id).messages
    assert (note.author, note.kind, note.text) == (
        "Marc",
        MessageKind.NOTE,
        "The switch was replaced yesterday.",
    )


def test_an_answer_stops_the_clock_for_good_and_says_by_which_means(
    desk: Desk, ticket: Ticket, clock: HandClock
) -> None:
    """R6"""
    clock.advance(minutes=20)
    answered = desk.tickets.answer(ticket.id, Means.PHONE, text="We are on it.\x1b[2J")
    assert (answered.answered_at, answered.answered_by) == (clock.now, "Léa")
    assert (answered.clock, answered.met, answered.owner) == (None, True, "Léa")
    (said,) = desk.tickets.detail(ticket.id).messages
    assert (said.kind, said.at) == (MessageKind.ANSWER, clock.now)
    assert "\x1b" not in said.text
    desk.tickets.close(ticket.id)
    assert desk.tickets.reopen(ticket.id).clock is None


def test_an_answer_at_the_due_instant_is_met_and_a_microsecond_later_is_not(
    desk: Desk, ticket: Ticket, clock: HandClock
) -> None:
    """R3"""
    assert ticket.due_at is not None
    other = desk.tickets.new(customer="leman", channel=Channel.EMERGENCY, subject="Again")
    clock.now = ticket.due_at + timedelta(microseconds=1)
    assert desk.tickets.answer(ticket.id, Means.PHONE, at=ticket.due_at).met is True
    assert desk.tickets.answer(other.id, Means.PHONE).met is False


@pytest.mark.parametrize("at", [NOW + timedelta(seconds=1), NOW - timedelta(seconds=1)])
def test_an_answer_lies_between_receipt_and_now(desk: Desk, ticket: Ticket, at: object) -> None:
    with pytest.raises(Refused):
        desk.tickets.answer(ticket.id, Means.PHONE, at=at)  # type: ignore[arg-type]


def test_a_promise_is_a_clock_until_the_next_answer(desk: Desk, ticket: Ticket, clock: HandClock) -> None:
    """R7"""
    desk.tickets.answer(ticket.id, Means.PHONE)
    promised = desk.tickets.promise(ticket.id, NOW + timedelta(minutes=30))
    assert (promised.clock, promised.due_at) == (ClockKind.PROMISE, NOW + timedelta(minutes=30))
    clock.advance(minutes=31)
    assert desk.tickets.find(ticket.ref).urgency(clock.now) is Urgency.OVERDUE
    kept = desk.tickets.answer(ticket.id, Means.EMAIL)
    assert (kept.clock, kept.answered_means) == (None, Means.PHONE), "the first answer stays the response"


def test_of_two_running_clocks_the_earlier_counts(desk: Desk, ticket: Ticket) -> None:
    """R6, R7: a promise doesn't stop the response clock."""
    later = desk.tickets.promise(ticket.id, NOW + timedelta(hours=3))
    assert (later.clock, later.due_at) == (ClockKind.RESPONSE, ticket.due_at)
    sooner = desk.tickets.promise(ticket.id, NOW + timedelta(minutes=5))
    assert (sooner.clock, sooner.due_at) == (ClockKind.PROMISE, NOW + timedelta(minutes=5))


def test_an_answer_from_before_a_promise_does_not_keep_it(
    desk: Desk, ticket: Ticket, clock: HandClock
) -> None:
    """R7"""
    clock.advance(minutes=10)
    promised = desk.tickets.promise(ticket.id, clock.now + timedelta(minutes=30))
    clock.advance(minutes=5)
    answered = desk.tickets.answer(ticket.id, Means.PHONE, at=NOW + timedelta(minutes=5))
    assert answered.promise == promised.promise
    assert answered.clock is ClockKind.PROMISE


def test_the_earliest_answer_is_the_response_whenever_it_is_recorded(
    desk: Desk, ticket: Ticket, open_as: OpenAs, clock: HandClock
) -> None:
    """R6"""
    assert ticket.due_at is not None
    clock.now = ticket.due_at + timedelta(minutes=1)
    assert desk.tickets.answer(ticket.id, Means.EMAIL).met is False
    earlier = open_as("Marc").tickets.answer(ticket.id, Means.PHONE, at=NOW + timedelta(minutes=3))
    assert (earlier.met, earlier.answered_by, earlier.answered_means) == (True, "Marc", Means.PHONE)


def test_a_promise_outlives_a_closing_by_mistake(desk: Desk, ticket: Ticket) -> None:
    """R7"""
    desk.tickets.answer(ticket.id, Means.PHONE)
    promised = desk.tickets.promise(ticket.id, NOW + timedelta(minutes=30))
    assert desk.tickets.close(ticket.id).clock is None
    assert desk.tickets.reopen(ticket.id).due_at == promised.due_at


def test_a_promise_lies_in_the_future(desk: Desk, ticket: Ticket) -> None:
    with pytest.raises(Refused, match="future"):
        desk.tickets.promise(ticket.id, NOW)


def test_handing_over(desk: Desk, ticket: Ticket, clock: HandClock) -> None:
    desk.tickets.take(ticket.id)
    clock.advance(minutes=5)
    handed = desk.tickets.hand_over(ticket.id, "Marc\x07")
    assert (handed.owner, handed.owner_since) == ("Marc\ufffd", clock.now)
    with pytest.raises(Refused, match="already"):
        desk.tickets.hand_over(ticket.id, "Marc\x07")


def test_closing_what_nobody_answered_needs_a_reason(desk: Desk, ticket: Ticket) -> None:
    """R6"""
    with pytest.raises(Refused, match="closing it is no response") as refusal:
        desk.tickets.close(ticket.id, reason="  ")
    assert refusal.value.rule == "R6"
    closed = desk.tickets.close(ticket.id, reason="Duplicate of T-000001")
    assert (closed.state, closed.close_reason) == (State.CLOSED, "Duplicate of T-000001")
    assert desk.queue.counts().queues["all"] == 0


def test_a_reopened_ticket_goes_on_with_the_clock_it_had(
    desk: Desk, ticket: Ticket, clock: HandClock
) -> None:
    """R6: it never pauses and never restarts."""
    desk.tickets.close(ticket.id, reason="Wrong number")
    clock.advance(minutes=50)
    reopened = desk.tickets.reopen(ticket.id)
    assert (reopened.due_at, reopened.state) == (ticket.due_at, State.NEW)
    assert reopened.urgency(clock.now) is Urgency.CRITICAL
    with pytest.raises(Refused):
        desk.tickets.reopen(ticket.id)


@pytest.mark.parametrize("act", ["take", "answer", "promise", "hand_over", "close"])
def test_a_closed_ticket_is_only_reopened(desk: Desk, ticket: Ticket, act: str) -> None:
    desk.tickets.close(ticket.id, reason="Spam")
    more = {
        "answer": (Means.PHONE,),
        "promise": (NOW + timedelta(hours=1),),
        "hand_over": ("Marc",),
    }
    with pytest.raises(Refused, match="is closed"):
        getattr(desk.tickets, act)(ticket.id, *more.get(act, ()))


def test_every_act_is_written_down_once_and_a_refused_one_not_at_all(desk: Desk, ticket: Ticket) -> None:
    """R20"""
    desk.tickets.take(ticket.id)
    with pytest.raises(Refused):
        desk.tickets.take(ticket.id)
    desk.tickets.note(ticket.id, "Called back, no answer.")
    desk.tickets.answer(ticket.id, Means.EMAIL, at=NOW)
    desk.tickets.promise(ticket.id, NOW + timedelta(hours=1))
    desk.tickets.hand_over(ticket.id, "Marc")
    desk.tickets.close(ticket.id)
    desk.tickets.reopen(ticket.id)
    names = [act for _, act in acts(desk, ticket)]
    assert names == ["new", "take", "note", "answer", "promise", "hand over", "close", "reopen"]
    history = {entry.act: entry.detail for entry in desk.tickets.detail(ticket.id).history}
    assert history["answer"] == {"means": "email", "at": NOW.isoformat()}
    assert history["hand over"] == {"to": "Marc"}


def test_a_read_only_desk_reads_and_refuses_every_act(ticket: Ticket, open_as: OpenAs) -> None:
    watcher = open_as("Léa", read_only=True)
    assert watcher.tickets.find(ticket.ref) == ticket
    with pytest.raises(Refused, match="read-only"):
        watcher.tickets.take(ticket.id)
    with pytest.raises(Refused, match="read-only"):
        watcher.tickets.note(ticket.id, "x")
    assert acts(watcher, ticket) == [("Léa", "new")]


def test_a_purged_tickets_number_and_history_pass_to_nobody(
    desk: Desk, ticket: Ticket, clock: HandClock
) -> None:
    desk.tickets.close(ticket.id, reason="Spam")
    assert desk.maintenance.purge_closed_before(clock.now + timedelta(seconds=1), lambda _total: None) == 1
    new = desk.tickets.new(customer="leman", channel=Channel.EMAIL, subject="Another one")
    assert new.id != ticket.id
    assert acts(desk, new) == [("Léa", "new")]


def test_an_upgrade_starts_a_new_budget_and_its_ledger_ends_at_the_due_instant(offer: Offer) -> None:
    """R8"""
    hours, thresholds = offer.calendars["email"], offer.thresholds
    received = NOW.replace(hour=9)
    for old_plan, later, starts_anew in [
        (Plan.PLUS, 1, True),
        (Plan.PLUS, 3.5, False),
        (Plan.STANDARD, 1, True),
    ]:
        budget = offer.plans[old_plan].response
        guarantee = offer.guarantee(old_plan, Channel.EMAIL, received)
        before = sample(
            plan=old_plan,
            received_at=received,
            budget=budget,
            response=ClockTimes.of(guarantee) if guarantee else None,
        )
        at = received + timedelta(hours=later)
        after = rules.upgrade(before, offer.plans[Plan.ENTERPRISE], at, hours, thresholds)
        assert after.response is not None
        assert after.budget is not None
        assert after.plan is Plan.ENTERPRISE
        assert after.clock_started_at == (at if starts_anew else received)
        assert after.response.due_at > at
        assert ledger(hours, after.clock_started_at, after.budget)[-1].ends == after.response.due_at


def test_a_ticket_that_is_gone(desk: Desk) -> None:
    with pytest.raises(NotFound, match="no ticket 'T-9'"):
        desk.tickets.find("T-9")
    with pytest.raises(NotFound):
        desk.tickets.take(99)
