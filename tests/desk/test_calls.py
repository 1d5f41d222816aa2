"""What may be written down of a call, and what not: proofs, cases that are open, clocks that differ."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta

import pytest
from logged import accepted, missed, picked_up
from support import CUSTOMERS, NOW, HandClock

from oncall_tui.desk import Desk
from oncall_tui.domain.calls import Step
from oncall_tui.domain.codes import Caller, Proof
from oncall_tui.domain.customers import Contact
from oncall_tui.domain.emergency import Decision, Reason
from oncall_tui.domain.entitlements import Standing
from oncall_tui.domain.errors import BadInput, NotFound, Refused
from oncall_tui.domain.tickets import Means
from oncall_tui.store import customers
from oncall_tui.translation import spoken

LEMAN = {"customer": "leman", "name": "Banque du Léman"}
VIP = {"outcome": "match", "proof": "code", "kind": "vip", "contact": "Anne Rochat"} | LEMAN


def answered(desk: Desk, ref: str) -> None:
    """Answer every question in favour of the call."""
    for step, value in (
        (Step.CODE, VIP),
        (Step.LANGUAGE, {"language": "fr"}),
        (Step.INFRASTRUCTURE, {"answer": "yes"}),
        (Step.NEEDS_US, {"answer": "yes"}),
        (Step.SERVICE, {"service": "Mail", "answer": "yes"}),
    ):
        desk.calls.answer(ref, step, value)


def test_a_ring_that_was_told_by_a_clock_ahead_of_this_one_is_accepted(desk: Desk, clock: HandClock) -> None:
    clock.now = NOW + timedelta(minutes=1)
    rings = desk.calls.ring("+41 22 555 01 40", external_id="ahead")
    clock.now = NOW
    desk.calls.pick_up(rings.ref)
    answered(desk, rings.ref)
    record = desk.calls.record(rings.ref, spoken)
    assert (record.decision, record.rang_at) == (Decision.ACCEPTED, NOW + timedelta(minutes=1))
    assert desk.tickets.find(record.ticket).received_at == NOW


def test_nobody_is_told_of_a_case_that_is_closed_meanwhile(desk: Desk) -> None:
    """R14: what is closed isn't being worked on, and the failure is a new one."""
    case = desk.tickets.find(accepted(desk).ticket)
    again = picked_up(desk)
    answered(desk, again.ref)
    desk.calls.answer(again.ref, Step.DUPLICATE, {"ticket": case.ref})
    desk.tickets.answer(case.id, Means.PHONE, text="It is back.")
    desk.tickets.close(case.id)
    with pytest.raises(Refused, match=f"{case.ref} is no emergency that is open"):
        desk.calls.record(again.ref, spoken)
    desk.calls.answer(again.ref, Step.DUPLICATE, {})
    assert desk.calls.record(again.ref, spoken).decision is Decision.ACCEPTED


def test_a_case_of_one_organisation_is_none_of_another(desk: Desk) -> None:
    case = accepted(desk).ticket
    call = picked_up(desk)
    desk.calls.answer(call.ref, Step.WHO, LEMAN)
    desk.calls.answer(call.ref, Step.DUPLICATE, {"ticket": case})
    again = desk.calls.answer(call.ref, Step.WHO, LEMAN | {"person": "Luc Favre"})
    assert again.answers.duplicate_of == case
    other = desk.calls.answer(call.ref, Step.WHO, {"customer": "moret", "name": "Fromagerie Moret"})
    assert other.answers.duplicate_of == ""
    assert not other.facts.duplicate
    with pytest.raises(Refused, match="is another organisation's"):
        desk.calls.answer(call.ref, Step.DUPLICATE, {"ticket": case})
    with pytest.raises(NotFound, match="T-99"):
        desk.calls.answer(call.ref, Step.DUPLICATE, {"ticket": "T-99"})
    assert desk.calls.triage(call.ref).answers.duplicate_of == ""


def test_who_opened_the_rights_of_the_plan_keeps_them_after_a_support_code(desk: Desk) -> None:
    """R16"""
    call = picked_up(desk)
    desk.calls.answer(call.ref, Step.CODE, VIP)
    user = VIP | {"kind": "support", "contact": "Luc Favre"}
    triage = desk.calls.answer(call.ref, Step.CODE, user)
    assert (triage.answers.standing, triage.answers.person) == (Standing.VERIFIED, "Luc Favre")
    other = desk.calls.answer(call.ref, Step.CODE, user | {"customer": "moret", "name": "Fromagerie Moret"})
    assert other.answers.standing is Standing.USER_ONLY
    back = desk.calls.answer(call.ref, Step.CODE, VIP)
    assert back.answers.standing is Standing.VERIFIED


def test_a_contract_that_has_not_begun_is_told_to_nobody_who_is_not_verified(desk: Desk) -> None:
    later = replace(CUSTOMERS[1], id="later", name="Demain SA", subscribed_on=date(2026, 5, 1))
    with desk.store.begin() as tx:
        customers.add(tx, [(later, None)])
    call = picked_up(desk)
    who = {"customer": "later", "name": "Demain SA"}
    assert desk.calls.answer(call.ref, Step.WHO, who).ruling.decision is None
    verified = desk.calls.answer(call.ref, Step.CODE, VIP | who)
    assert verified.ruling.reason is Reason.NO_ACTIVE_PLAN


@pytest.mark.parametrize("rang", ["022 555 01 40", "0041 22 555 01 40", "+41225550140"])
def test_the_number_that_rang_proves_nothing_though_it_is_on_file(desk: Desk, rang: str) -> None:
    """R14"""
    known = replace(CUSTOMERS[0], id="known", contacts=(Contact("Anne Rochat", "", "+41 22 555 01 40"),))
    with desk.store.begin() as tx:
        customers.add(tx, [(known, None)])
    call = picked_up(desk, rang)
    with pytest.raises(Refused, match="is the number that rang"):
        desk.callers.called_back("known", "+41 22 555 01 40", Caller(call.ref, call.number))
    assert desk.calls.triage(call.ref).answers.proof is None


@pytest.mark.parametrize(
    "name",
    ["Léa  Rochat", "lea rochat", "Léa\u00a0Rochat", "Léa\tRochat", "Léa Rochat.", "LÉA-ROCHAT", "LéaRochat"],
)
def test_nobody_is_their_own_second_engineer(open_as: Callable[..., Desk], name: str) -> None:
    """R14"""
    with pytest.raises(Refused, match="not you"):
        open_as("Léa Rochat").callers.second_engineer(name)


def test_a_second_engineer_has_a_name(desk: Desk) -> None:
    with pytest.raises(BadInput, match="name is needed"):
        desk.callers.second_engineer(" – ")


def test_a_call_that_a_restored_backup_knows_nothing_of_is_no_news(desk: Desk) -> None:
    rings = desk.calls.ring("+41 22 555 01 40")
    over = missed(desk)
    news = desk.calls.news([rings.ref, over.ref, "C-999999"])
    assert [call.ref for call in news.calls] == [rings.ref]
    assert [call.ref for call in news.ended] == [over.ref]


@pytest.mark.parametrize("said", ["FR", "Français", "fr-CH", "fra"])
def test_a_language_of_the_line_is_one_however_it_is_written(desk: Desk, said: str) -> None:
    """R15"""
    call = picked_up(desk)
    assert desk.calls.answer(call.ref, Step.LANGUAGE, {"language": said}).answers.language == "fr"


def test_the_name_of_a_language_is_cut_and_harmless(desk: Desk) -> None:
    call = picked_up(desk)
    said = desk.calls.answer(call.ref, Step.LANGUAGE, {"language": "\x1b[31m" + "x" * 10_000_000})
    assert len(said.answers.language) <= 40
    assert said.answers.language.isprintable()


def test_the_log_of_an_instant_knows_nothing_of_what_came_later(
    open_as: Callable[..., Desk], clock: HandClock
) -> None:
    lea, marc = open_as("Léa"), open_as("Marc")
    rings = lea.calls.ring("+41 22 555 01 40", external_id="pbx")

    def then(minutes: float) -> tuple[object, ...]:
        found = replace(lea.call_log, as_of=NOW + timedelta(minutes=minutes)).detail(rings.ref).line
        call = found.call
        ended = (call.picked_up_at, call.hung_up_at, call.recorded_at)
        return found.operator, found.decision, *(each is not None for each in ended)

    clock.advance(minutes=1)
    marc.calls.pick_up(rings.ref)
    clock.advance(minutes=1)
    lea.calls.take_over(rings.ref)
    lea.calls.answer(rings.ref, Step.LANGUAGE, {"language": "de"})
    clock.advance(minutes=1)
    lea.calls.record(rings.ref, spoken)
    clock.advance(minutes=1)
    lea.calls.hang_up("pbx")
    assert then(0.5) == ("", None, False, False, False)
    assert then(1) == ("Marc", None, True, False, False)
    assert then(2) == ("Léa", None, True, False, False)
    assert then(3) == ("Léa", Decision.REFUSED, True, False, True)
    assert then(4) == ("Léa", Decision.REFUSED, True, True, True)
    (listed,) = replace(lea.call_log, as_of=NOW + timedelta(minutes=3)).page().lines
    assert listed.call.hung_up_at is None


def test_a_proof_is_written_into_a_call_by_who_has_it_only(open_as: Callable[..., Desk]) -> None:
    """R12: who took it over hasn't heard what the other one was told."""
    lea, marc = open_as("Léa"), open_as("Marc")
    call = picked_up(lea)
    caller = Caller(call.ref, call.number)
    marc.calls.take_over(call.ref)
    lea.callers.approved("leman", "Nora", caller)
    assert marc.calls.triage(call.ref).answers.proof is None
    marc.callers.approved("leman", "Nora", caller)
    assert marc.calls.triage(call.ref).answers.proof is Proof.APPROVAL
