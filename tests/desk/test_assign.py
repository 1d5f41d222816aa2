"""Correcting whose a request is and in which language it was written."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from letters import ANNA, STRANGER, add_customers, letter, of, standing, take_in
from support import NOW, HandClock

from oncall_tui.desk import Desk, open_desk
from oncall_tui.desk.upgrades import reclock
from oncall_tui.domain.correspondence import Sender
from oncall_tui.domain.customers import Contact, Customer
from oncall_tui.domain.errors import BadInput, Conflict, NotFound, Refused
from oncall_tui.domain.hours import OpeningHours
from oncall_tui.domain.plans import Plan
from oncall_tui.domain.tickets import UNKNOWN_CUSTOMER, Channel, Means, Ticket

OpenAs = Callable[..., Desk]


@pytest.fixture
def unknown(desk: Desk) -> Ticket:
    """A mail of a stranger, received at ten in the morning."""
    take_in(desk, letter(STRANGER, received_at=NOW - timedelta(hours=17)))
    return of(desk, "M-1").ticket


def test_plan_and_deadline_are_counted_from_receipt(desk: Desk, unknown: Ticket) -> None:
    """R5, R8: a correction, and so the deadline may lie in the past."""
    assert unknown.due_at is None
    after = desk.tickets.assign(unknown.id, "leman", version=unknown.version)
    assert after == of(desk, "M-1").ticket
    assert (after.customer, after.customer_name, after.plan) == ("leman", "Banque du Léman", Plan.ENTERPRISE)
    guarantee = desk.offer.guarantee(Plan.ENTERPRISE, Channel.EMAIL, unknown.received_at)
    assert guarantee is not None
    assert (after.due_at, after.budget) == (guarantee.due_at, guarantee.budget)
    assert after.due_at is not None
    assert after.due_at < NOW
    assert (after.contact, after.version) == (unknown.contact, unknown.version + 1)
    entry = of(desk, "M-1").history[-1]
    assert (entry.act, entry.detail) == ("assign", {"from": "unknown", "to": "leman"})


def test_it_can_be_seen_before_it_is_done(desk: Desk, unknown: Ticket) -> None:
    seen = desk.tickets.as_assigned(unknown.id, "leman")
    assert of(desk, "M-1").ticket == unknown
    done = desk.tickets.assign(unknown.id, "leman")
    assert (seen.customer, seen.due_at, seen.contact) == (done.customer, done.due_at, done.contact)


def test_the_hours_are_those_of_the_receipt(desk: Desk, unknown: Ticket, database_url: str) -> None:
    """R5, R9: later settings don't change what a request was received under."""
    before = desk.tickets.as_assigned(unknown.id, "leman").due_at
    calendars = dict.fromkeys(desk.offer.calendars, OpeningHours.always_open())
    other = open_desk(database_url, replace(desk.offer, calendars=calendars), "Zoé", clock=desk.clock)
    assert other.tickets.as_assigned(unknown.id, "leman").due_at == before
    other.close()


def test_an_answer_stays_given_and_is_judged_anew(desk: Desk, unknown: Ticket) -> None:
    desk.tickets.answer(unknown.id, Means.EMAIL)
    after = desk.tickets.assign(unknown.id, "leman")
    assert (after.answered_at, after.met) == (NOW, False)
    closed = desk.tickets.close(unknown.id)
    assert desk.tickets.assign(closed.id, "jardin").closed_at == NOW


def test_an_upgrade_that_a_wrong_organisation_had_is_gone(desk: Desk, clock: HandClock) -> None:
    """R8."""
    filed = desk.tickets.new(customer="tessin", channel=Channel.EMAIL, subject="x")
    clock.advance(hours=5)
    with desk.store.begin() as tx:
        reclock(desk.context, tx, filed.customer_id, Plan.PRO, clock.now)
    assert desk.tickets.find(filed.ref).plan is Plan.PRO
    after = desk.tickets.assign(filed.id, "moret")
    guarantee = desk.offer.guarantee(Plan.PRO, Channel.EMAIL, NOW)
    assert guarantee is not None
    assert (after.upgraded_at, after.due_at) == (None, guarantee.due_at)


def test_the_contact_is_called_as_on_file_where_the_sender_is_one(desk: Desk, unknown: Ticket) -> None:
    person = Contact("Joanna Doe", "JO@nowhere.example")
    add_customers(desk, Customer("new", "New SA", Plan.PLUS, contacts=(person,)))
    assert desk.tickets.assign(unknown.id, "new").contact == "Joanna Doe"


def test_a_look_back_shows_whose_it_was(desk: Desk, unknown: Ticket, clock: HandClock) -> None:
    clock.advance(minutes=5)
    desk.tickets.assign(unknown.id, "leman")
    clock.advance(minutes=5)
    desk.tickets.assign(unknown.id, "moret")
    clock.advance(minutes=5)

    def then(minutes: int) -> tuple[str, Plan, bool]:
        ticket = desk.tickets.detail(unknown.id, NOW + timedelta(minutes=minutes)).ticket
        return ticket.customer, ticket.plan, ticket.due_at is None

    assert then(1) == ("unknown", Plan.STANDARD, True)
    assert then(6) == ("leman", Plan.ENTERPRISE, False)
    assert then(11) == ("moret", Plan.PRO, False)


def test_who_is_remembered_writes_for_the_organisation_from_then_on(desk: Desk, unknown: Ticket) -> None:
    take_in(desk, letter(STRANGER), letter(STRANGER), letter(Sender("", "x@nowhere.example")))
    desk.tickets.close(of(desk, "M-3").ticket.id, reason="double")
    desk.tickets.assign(unknown.id, "leman", remember=True)
    assert desk.tickets.also_unknown(unknown.id) == 1, "M-2: told, not moved"
    assert of(desk, "M-2").ticket.customer == "unknown"
    take_in(desk, letter(STRANGER))
    one = of(desk, "M-5").ticket
    assert (one.customer, one.contact) == ("leman", "Jo Doe <jo@nowhere.example>")
    assert of(desk, "M-1").history[-1].detail["remembered"] == "jo@nowhere.example"


def test_the_last_word_on_a_sender_counts_and_can_be_taken_back(desk: Desk, unknown: Ticket) -> None:
    desk.tickets.assign(unknown.id, "leman", remember=True)
    desk.tickets.assign(unknown.id, "moret", remember=True)
    take_in(desk, letter(STRANGER))
    assert of(desk, "M-2").ticket.customer == "moret"
    desk.tickets.assign(unknown.id, UNKNOWN_CUSTOMER, remember=True)
    take_in(desk, letter(STRANGER))
    assert of(desk, "M-3").ticket.customer == "unknown", "who is said to be unknown is forgotten"


@pytest.mark.parametrize("before", [None, "moret"])
def test_undoing_forgets_what_was_remembered(desk: Desk, unknown: Ticket, before: str | None) -> None:
    if before:
        desk.tickets.assign(unknown.id, before, remember=True)
    desk.tickets.assign(unknown.id, "leman", remember=True)
    undone = desk.tickets.undo(unknown.id)
    assert undone.customer == (before or "unknown")
    take_in(desk, letter(STRANGER))
    assert of(desk, "M-2").ticket.customer == (before or "unknown")


def test_what_is_said_of_an_address_goes_before_what_is_on_file(desk: Desk) -> None:
    add_customers(desk, Customer("bank", "Bank", Plan.PRO, contacts=(Contact("Anna", ANNA.address),)))
    take_in(desk, letter(ANNA))
    desk.tickets.assign(of(desk, "M-1").ticket.id, "jardin", remember=True)
    take_in(desk, letter(ANNA))
    assert of(desk, "M-2").ticket.customer == "jardin"


def test_only_a_ticket_that_came_from_an_address_has_a_sender_to_remember(desk: Desk) -> None:
    filed = desk.tickets.new(customer="leman", channel=Channel.PHONE, subject="x")
    with pytest.raises(Refused, match="came from no mail address"):
        desk.tickets.assign(filed.id, "moret", remember=True)
    assert desk.tickets.find(filed.ref).customer == "leman", "nothing was changed"
    assert desk.tickets.assign(filed.id, "moret").customer == "moret"
    assert desk.tickets.also_unknown(filed.id) == 0


def test_what_cannot_be(desk: Desk, unknown: Ticket) -> None:
    with pytest.raises(NotFound, match="no customer 'nobody'"):
        desk.tickets.assign(unknown.id, "nobody")
    with pytest.raises(Refused, match="Unknown senders's already"):
        desk.tickets.assign(unknown.id, "unknown")
    emergency = desk.tickets.new(customer="leman", channel=Channel.EMERGENCY, subject="x")
    with pytest.raises(Refused, match="no emergency line") as refusal:
        desk.tickets.assign(emergency.id, "jardin")
    assert refusal.value.rule == "R11"


def test_who_came_second_is_told_who_was_first(desk: Desk, unknown: Ticket, open_as: OpenAs) -> None:
    open_as("Marc").tickets.assign(unknown.id, "leman")
    with pytest.raises(Conflict, match="Marc assigned M-1"):
        desk.tickets.assign(unknown.id, "moret", version=unknown.version)


def test_a_ticket_of_another_system_stays_whose_an_engineer_said(desk: Desk) -> None:
    take_in(desk, source="tracker", standings=(standing(requestor=STRANGER),))
    desk.tickets.assign(of(desk, "RT-123").ticket.id, "leman")
    take_in(desk, source="tracker", standings=(standing(requestor=STRANGER, version="2", owner="Marc"),))
    one = of(desk, "RT-123").ticket
    assert (one.customer, one.owner) == ("leman", "Marc")


def test_the_language_is_corrected(desk: Desk, unknown: Ticket, clock: HandClock) -> None:
    clock.advance(minutes=1)
    assert desk.tickets.set_language(unknown.id, "FR", version=unknown.version).language == "fr"
    assert of(desk, "M-1").history[-1].detail == {"to": "fr"}
    clock.advance(minutes=1)
    assert desk.tickets.set_language(unknown.id, "german").language == "de"
    assert desk.tickets.detail(unknown.id, NOW).ticket.language == ""
    assert desk.tickets.detail(unknown.id, NOW + timedelta(seconds=90)).ticket.language == "fr"
    assert desk.tickets.undo(unknown.id).language == "fr"
    assert desk.tickets.set_language(unknown.id, "").language == ""
    with pytest.raises(BadInput, match="unknown language 'Klingon'"):
        desk.tickets.set_language(unknown.id, "Klingon")
    with pytest.raises(Refused, match="has that language already"):
        desk.tickets.set_language(unknown.id, "")
