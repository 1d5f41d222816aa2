from __future__ import annotations

from datetime import timedelta

from support import NOW

from oncall_tui.desk import Desk
from oncall_tui.domain.audit import AuditFilter
from oncall_tui.domain.tickets import Act, Channel, Means


def test_every_act_on_a_ticket_is_in_the_audit_under_its_organisation(desk: Desk) -> None:
    """R20"""
    ticket = desk.tickets.new(ref="A-1", customer="leman", channel=Channel.EMAIL, subject="x")
    desk.tickets.assign(ticket.id, "jardin")
    desk.tickets.assign(ticket.id, "leman")
    desk.tickets.set_language(ticket.id, "fr")
    desk.tickets.new(ref="B-1", customer="moret", channel=Channel.EMAIL, subject="x")
    desk.tickets.take(ticket.id)
    desk.tickets.answer(ticket.id, Means.EMAIL)
    desk.tickets.promise(ticket.id, NOW + timedelta(minutes=30))
    desk.tickets.note(ticket.id, "seen")
    desk.tickets.hand_over(ticket.id, "Marc")
    desk.tickets.close(ticket.id)
    desk.tickets.reopen(ticket.id)
    desk.tickets.undo(ticket.id)
    entries = list(desk.audit.entries(AuditFilter(customer="leman")))
    assert {entry.act for entry in entries} == {*Act} - {Act.SEND}, "of which test_outbox tells"
    assert {(entry.subject, entry.operator, entry.outcome, entry.at) for entry in entries} == {
        ("A-1", "Léa", "done", NOW)
    }
    assert [entry.subject for entry in desk.audit.entries(AuditFilter(customer="moret"))] == ["B-1"]
    assert [entry.act for entry in desk.audit.entries(AuditFilter(customer="jardin"))] == ["assign"]
    assert desk.audit.verify().entries == len(entries) + 2


def test_a_look_back_shows_the_audit_of_then(desk: Desk, clock) -> None:
    ticket = desk.tickets.new(ref="A-1", customer="leman", channel=Channel.EMAIL, subject="x")
    clock.advance(minutes=10)
    desk.tickets.take(ticket.id)
    then = NOW + timedelta(minutes=5)
    assert [entry.act for entry in desk.audit.entries(as_of=then)] == ["new"]
    assert [entry.act for entry in desk.audit.entries()] == ["new", "take"]
