"""Asking an account manager: a ticket for them, and a note on the one at hand (R22)."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from hostile import HOSTILE
from support import NOW, HandClock

from oncall_tui.desk import Desk
from oncall_tui.domain.customers import Customer, Manager
from oncall_tui.domain.errors import BadInput, NotFound, Refused
from oncall_tui.domain.plans import Plan
from oncall_tui.domain.text import clean_body
from oncall_tui.domain.tickets import Channel, Ticket
from oncall_tui.store import customers

BANK = Customer(
    "bank",
    "Bank",
    Plan.ENTERPRISE,
    date(2026, 1, 1),
    managers=(
        Manager("Camille Perrin", "camille@host.example", "+41 22 555 09 11"),
        Manager("Aline Morand", "aline@host.example", "+41 22 555 09 12", technical=True),
    ),
)


@pytest.fixture(autouse=True)
def _bank(desk: Desk) -> None:
    with desk.store.begin() as tx:
        customers.add(tx, [(BANK, None)])


@pytest.fixture
def at_hand(desk: Desk) -> Ticket:
    return desk.tickets.new(customer="bank", channel=Channel.EMAIL, subject="Which cluster?")


def test_the_technical_one_comes_first(desk: Desk) -> None:
    """R22."""
    assert [each.name for each in desk.managers.of("bank")] == ["Aline Morand", "Camille Perrin"]


def test_a_question_is_a_ticket_of_the_manager_and_a_note(desk: Desk, at_hand: Ticket) -> None:
    """R6, R22: it has no clock, and stops none."""
    asked = desk.managers.ask("bank", "Aline Morand", "May they move to the new cluster?", at_hand.id)
    ticket = asked.ticket
    assert ticket == desk.tickets.find(ticket.ref)
    assert (ticket.owner, ticket.internal, ticket.plan) == ("Aline Morand", True, Plan.ENTERPRISE)
    assert (ticket.budget, ticket.response, ticket.clock, ticket.due_at) == (None, None, None, None)
    assert ticket.subject == "For Aline Morand: May they move to the new cluster?"
    body = desk.tickets.detail(ticket.id).body
    assert body == f"May they move to the new cluster?\n\nAbout {at_hand.ref}: Which cluster?"
    detail = desk.tickets.detail(at_hand.id)
    assert [line.text for line in detail.messages] == [f"Asked Aline Morand: {ticket.ref}"]
    assert detail.history[-1].detail == {"asked": "Aline Morand", "ticket": ticket.ref}
    assert (detail.ticket.due_at, detail.ticket.version) == (at_hand.due_at, at_hand.version)
    assert asked.about == detail.ticket


def test_it_says_when_the_manager_is_on_duty(desk: Desk, clock: HandClock) -> None:
    """R22: Monday to Friday, nine to six."""
    night = desk.managers.ask("bank", "aline", "x").duty
    assert night == (False, datetime(2026, 3, 27, 8, 0, tzinfo=UTC))
    clock.now = datetime(2026, 3, 27, 16, 59, tzinfo=UTC)
    assert desk.managers.ask("bank", "aline", "x").duty == (True, datetime(2026, 3, 27, 17, 0, tzinfo=UTC))
    clock.now = datetime(2026, 3, 27, 17, 0, tzinfo=UTC)  # the clocks go forward before Monday
    assert desk.managers.ask("bank", "aline", "x").duty == (False, datetime(2026, 3, 30, 7, 0, tzinfo=UTC))


def test_taking_it_back_closes_the_question_and_withdraws_the_note(desk: Desk, at_hand: Ticket) -> None:
    asked = desk.managers.ask("bank", "aline", "x", at_hand.id)
    desk.tickets.undo(asked.ticket.id)
    desk.tickets.undo(at_hand.id)
    closed = desk.tickets.find(asked.ticket.ref)
    assert (closed.closed_at, closed.close_reason) == (NOW, "filed by mistake")
    (note,) = desk.tickets.detail(at_hand.id).messages
    assert note.withdrawn_at == NOW


def test_a_question_is_closed_without_a_reason(desk: Desk) -> None:
    """R6: no customer waits for it."""
    asked = desk.managers.ask("bank", "aline", "x").ticket
    assert desk.tickets.close(asked.id).closed_at == NOW


def test_filed_under_another_organisation_it_has_no_deadline_either(desk: Desk) -> None:
    """R8."""
    asked = desk.managers.ask("bank", "aline", "x").ticket
    moved = desk.tickets.assign(asked.id, "moret")
    assert (moved.customer, moved.budget, moved.response, moved.internal) == ("moret", None, None, True)


@pytest.mark.parametrize("customer", ["jardin", "tessin", "leman"])
def test_without_managers_nobody_is_asked(desk: Desk, customer: str) -> None:
    """R22: the plan has none, or none is on file."""
    with pytest.raises(Refused) as refused:
        desk.managers.ask(customer, "aline", "x")
    assert (refused.value.rule, bool(refused.value.hint)) == ("R22", True)


def test_who_isnt_there_and_what_isnt_theirs_is_said(desk: Desk) -> None:
    other = desk.tickets.new(customer="moret", channel=Channel.EMAIL, subject="x")
    with pytest.raises(NotFound, match="no account manager 'Nobody'"):
        desk.managers.ask("bank", "Nobody", "x")
    with pytest.raises(NotFound, match="no account manager 'i'"):
        desk.managers.ask("bank", "i", "x")
    with pytest.raises(BadInput, match="is of Fromagerie Moret"):
        desk.managers.ask("bank", "aline", "x", other.id)
    with pytest.raises(BadInput, match="needs a text"):
        desk.managers.ask("bank", "aline", " \n")
    assert desk.customers.card("bank").open_count == 0


@pytest.mark.parametrize("text", HOSTILE)
def test_foreign_text_is_cleaned(desk: Desk, text: str) -> None:
    try:
        asked = desk.managers.ask("bank", "aline", text).ticket
    except BadInput:
        assert not clean_body(text).strip()
        return
    assert desk.tickets.detail(asked.id).body == clean_body(text)
    assert asked.subject.isprintable()
