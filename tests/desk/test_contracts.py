"""The contract of an organisation, and its upgrade with every open ticket (R8, R21)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from importing import import_customers, import_tickets
from support import NOW, HandClock

from oncall_tui.desk import Desk
from oncall_tui.domain.audit import AuditEntry, AuditFilter
from oncall_tui.domain.commitment import Commitment
from oncall_tui.domain.contract_changes import Change
from oncall_tui.domain.customers import Customer, Manager
from oncall_tui.domain.errors import Conflict, NotFound, Refused
from oncall_tui.domain.plans import Plan
from oncall_tui.domain.tickets import Channel, Means, Ticket
from oncall_tui.store import customers

OpenAs = Callable[..., Desk]


def filed(desk: Desk, customer: str = "tessin", subject: str = "DNS", **more: object) -> Ticket:
    return desk.tickets.new(customer=customer, channel=Channel.EMAIL, subject=subject, **more)  # type: ignore[arg-type]


def stored(desk: Desk, ticket: Ticket) -> Ticket:
    return desk.tickets.find(ticket.ref)


def audited(desk: Desk, customer: str = "tessin") -> list[AuditEntry]:
    return list(desk.audit.entries(AuditFilter(customer=customer)))


def facts(one: Ticket) -> dict[str, object]:
    return {name: getattr(one, name) for name in Ticket.__slots__ if name not in ("version", "revision")}


def test_it_says_what_was_bought_and_until_when(desk: Desk, clock: HandClock) -> None:
    """R21: the day is that of the provider's zone."""
    found = desk.contracts.show("moret")
    assert (found.plan, found.subscribed_on, found.until) == (Plan.PRO, date(2026, 1, 1), date(2026, 7, 1))
    assert (found.commitment, found.can_become) == (Commitment.RUNNING, (Plan.ENTERPRISE,))
    clock.now = datetime(2026, 7, 1, 21, 59, tzinfo=UTC)
    assert desk.contracts.show("moret").days_left == 0
    clock.now = datetime(2026, 7, 1, 22, 0, tzinfo=UTC)  # midnight in Geneva
    assert desk.contracts.show("moret").commitment is Commitment.OVER
    with pytest.raises(NotFound):
        desk.contracts.show("nobody")


def test_the_commitment_is_a_setting(open_as: OpenAs, desk: Desk) -> None:
    context = replace(desk.context, offer=replace(desk.offer, commitment_months=12))
    assert replace(desk.contracts, context=context).show("moret").until == date(2027, 1, 1)


def test_the_outlook_is_what_the_upgrade_then_does(desk: Desk, clock: HandClock) -> None:
    """R8: and looking changes nothing."""
    late = filed(desk, subject="late", received_at=NOW - timedelta(hours=6))
    soon = filed(desk, subject="soon")
    told = desk.tickets.answer(filed(desk, subject="told").id, Means.PHONE)
    clock.advance(hours=5)
    before = [stored(desk, each) for each in (late, soon, told)]
    outlook = desk.contracts.outlook("tessin", Plan.ENTERPRISE)
    assert [stored(desk, each) for each in (late, soon, told)] == before
    assert desk.contracts.show("tessin").plan is Plan.PLUS
    notes = {each.before.subject: each.note for each in outlook.tickets}
    assert notes == {"late": "the earlier deadline stays (R8)", "soon": "", "told": "answered already"}
    due = {each.before.subject: each.new_due_at for each in outlook.tickets}
    # 08:12:44 in Geneva: an hour of e-mail time from there on.
    assert due == {"late": late.due_at, "soon": clock.now + timedelta(hours=1), "told": None}
    done = desk.contracts.upgrade("tessin", Plan.ENTERPRISE)
    assert [(each.old_due_at, each.new_due_at, each.note) for each in done.tickets] == [
        (each.old_due_at, each.new_due_at, each.note) for each in outlook.tickets
    ]
    assert [each.after for each in done.tickets] == [stored(desk, each.before) for each in outlook.tickets]
    assert desk.contracts.show("tessin").plan is Plan.ENTERPRISE
    assert done.customer == desk.customers.card("tessin").customer


def test_an_earlier_deadline_stays(desk: Desk, clock: HandClock) -> None:
    """R8: never a breach in the past, never a later deadline."""
    one = filed(desk)
    clock.now = datetime(2026, 3, 27, 8, 50, tzinfo=UTC)  # ten minutes before 4 h of e-mail time are over
    assert one.due_at == datetime(2026, 3, 27, 9, 0, tzinfo=UTC)
    (seen,) = desk.contracts.upgrade("tessin", Plan.PRO).tickets
    assert (seen.note, seen.new_due_at) == ("the earlier deadline stays (R8)", one.due_at)
    assert stored(desk, one).plan is Plan.PRO


def test_what_is_typed_later_and_was_received_before_is_as_if_it_had_waited(
    desk: Desk, clock: HandClock
) -> None:
    """R5, R8, R9: no breach in the past comes of an upgrade, whenever a request becomes known."""
    waiting = filed(desk)
    received = clock.now
    clock.now = received + timedelta(hours=5)
    (seen,) = desk.contracts.upgrade("tessin", Plan.ENTERPRISE).tickets
    clock.advance(minutes=1)
    late = filed(desk, received_at=received)
    row = {"customer": "tessin", "channel": "email", "subject": "DNS", "received_at": received.isoformat()}
    answered = clock.now - timedelta(minutes=30)
    closed = {"answered_at": answered.isoformat(), "closed_at": answered.isoformat()}
    import_tickets(desk, row | {"ref": "INC1"}, row | {"ref": "INC2"} | closed)
    for ticket in (stored(desk, waiting), late, desk.tickets.find("INC1")):
        assert (ticket.response, ticket.plan) == (seen.after.response, Plan.ENTERPRISE)
        assert (ticket.budget, ticket.upgraded_at) == (seen.after.budget, seen.after.upgraded_at)
    done = desk.tickets.find("INC2")
    assert (done.plan, done.response) == (Plan.PLUS, waiting.response)
    now = filed(desk)
    assert (now.budget, now.upgraded_at) == (timedelta(hours=1), None)


def test_what_an_undone_upgrade_would_have_moved_is_under_the_plan_of_before(
    desk: Desk, clock: HandClock
) -> None:
    """R8"""
    received, waiting = clock.now, filed(desk)
    clock.now = received + timedelta(hours=3)
    desk.contracts.upgrade("tessin", Plan.PRO)
    clock.advance(hours=1)
    desk.contracts.upgrade("tessin", Plan.ENTERPRISE)
    desk.contracts.undo("tessin")
    late = filed(desk, received_at=received)
    assert (late.plan, late.response) == (Plan.PRO, stored(desk, waiting).response)


def test_an_import_that_upgrades_makes_no_breach_in_the_past_either(desk: Desk, clock: HandClock) -> None:
    """R8"""
    acme = {"id": "acme", "name": "Acme SA", "plan": "plus"}
    import_customers(desk, acme)
    received = clock.now
    waiting = filed(desk, "acme")
    clock.now = received + timedelta(hours=5)
    import_customers(desk, acme | {"plan": "enterprise"})
    late = filed(desk, "acme", received_at=received)
    assert late.response == stored(desk, waiting).response
    assert late.due_at is not None
    assert late.due_at > clock.now


def test_an_emergency_from_before_the_line_was_open_has_the_target_of_the_upgrade(
    desk: Desk, clock: HandClock
) -> None:
    """R8, R11"""
    received = clock.now
    clock.now = received + timedelta(hours=5)
    desk.contracts.upgrade("tessin", Plan.PRO)
    late = desk.tickets.new(
        customer="tessin", channel=Channel.EMERGENCY, subject="Down", received_at=received
    )
    assert late.due_at == clock.now + timedelta(hours=2)


def test_from_standard_support_the_commitment_begins_today(desk: Desk, clock: HandClock) -> None:
    """R21: on the provider's clock."""
    clock.now = datetime(2026, 8, 30, 22, 30, tzinfo=UTC)
    one = filed(desk, "jardin")
    done = desk.contracts.upgrade("jardin", Plan.PLUS)
    assert done.after.subscribed_on == date(2026, 8, 31)
    assert desk.contracts.show("jardin").until == date(2027, 2, 28)
    assert one.due_at is None
    assert stored(desk, one).due_at == done.tickets[0].new_due_at
    upgraded = audited(desk, "jardin")[-1]
    assert (upgraded.act, upgraded.subject, upgraded.operator) == ("upgrade plan", "jardin", "Léa")
    assert upgraded.detail == {
        "from": "standard",
        "to": "plus",
        "tickets": "1",
        "subscribed_on": "2026-08-31",
    }


def test_a_commitment_that_runs_isnt_begun_anew(desk: Desk) -> None:
    """R21."""
    desk.contracts.upgrade("tessin", Plan.ENTERPRISE)
    assert desk.contracts.show("tessin").subscribed_on == date(2026, 1, 1)


@pytest.mark.parametrize("plan", [Plan.STANDARD, Plan.PLUS, Plan.PRO])
def test_the_same_plan_and_lower_ones_are_refused(desk: Desk, plan: Plan) -> None:
    """R21."""
    for act in (desk.contracts.upgrade, desk.contracts.outlook):
        with pytest.raises(Refused) as refused:
            act("moret", plan)
        assert refused.value.rule == "R21"
    assert desk.contracts.show("moret").plan is Plan.PRO
    assert audited(desk, "moret") == []


def test_who_comes_second_is_told_who_was_first(desk: Desk, open_as: OpenAs, clock: HandClock) -> None:
    marc = open_as("Marc")
    seen = marc.contracts.show("tessin").customer
    desk.contracts.upgrade("tessin", Plan.PRO, version=seen.version)
    desk.contracts.refuse("tessin", Change.REFUND)
    clock.advance(minutes=1)
    with pytest.raises(Conflict, match=r"^Léa upgraded Tessin Immobilien at 03:12:44$"):
        marc.contracts.upgrade("tessin", Plan.ENTERPRISE, version=seen.version)
    assert desk.contracts.show("tessin").plan is Plan.PRO


def test_an_upgrade_is_undone_with_its_clocks(desk: Desk, clock: HandClock) -> None:
    one, told = filed(desk), filed(desk, subject="told")
    desk.tickets.answer(told.id, Means.PHONE)
    before = desk.customers.card("tessin").customer
    desk.contracts.upgrade("tessin", Plan.PRO)
    assert stored(desk, one).due_at != one.due_at
    clock.advance(seconds=10)
    assert desk.contracts.can_undo("tessin")
    assert desk.contracts.undo("tessin") == before
    assert desk.customers.card("tessin").customer == before
    assert facts(stored(desk, one)) == facts(one)
    acts = [(entry.act, entry.subject) for entry in audited(desk)[-4:]]
    assert acts == [("upgrade", one.ref), ("upgrade plan", "tessin"), ("undo", one.ref), ("undo", "tessin")]
    with pytest.raises(Refused):
        desk.contracts.undo("tessin")


def test_the_day_of_subscription_is_taken_back_too(desk: Desk) -> None:
    """R21."""
    desk.contracts.upgrade("jardin", Plan.PRO)
    desk.contracts.undo("jardin")
    found = desk.contracts.show("jardin")
    assert (found.plan, found.subscribed_on) == (Plan.STANDARD, None)


def test_an_upgrade_can_be_undone_for_ten_seconds_where_it_was_done(
    desk: Desk, open_as: OpenAs, clock: HandClock
) -> None:
    desk.contracts.upgrade("tessin", Plan.PRO)
    with pytest.raises(Refused):
        open_as("Marc").contracts.undo("tessin")
    clock.advance(seconds=11)
    assert not desk.contracts.can_undo("tessin")
    with pytest.raises(Refused, match="no upgrade to undo"):
        desk.contracts.undo("tessin")
    assert desk.contracts.show("tessin").plan is Plan.PRO


def test_a_ticket_that_was_touched_since_keeps_the_upgrade(desk: Desk, open_as: OpenAs) -> None:
    one, other = filed(desk), filed(desk, subject="other")
    desk.contracts.upgrade("tessin", Plan.PRO)
    open_as("Marc").tickets.take(other.id)
    with pytest.raises(Conflict, match=f"Marc took {other.ref}"):
        desk.contracts.undo("tessin")
    assert desk.contracts.show("tessin").plan is Plan.PRO
    assert stored(desk, one).plan is Plan.PRO


def test_an_organisation_that_was_changed_since_keeps_the_upgrade(desk: Desk, open_as: OpenAs) -> None:
    desk.contracts.upgrade("tessin", Plan.PRO)
    open_as("Marc").contracts.upgrade("tessin", Plan.ENTERPRISE)
    with pytest.raises(Conflict, match="Marc upgraded Tessin Immobilien"):
        desk.contracts.undo("tessin")
    assert desk.contracts.show("tessin").plan is Plan.ENTERPRISE


@pytest.mark.parametrize("change", [Change.DOWNGRADE, Change.CANCEL, Change.REFUND])
def test_what_is_refused_is_written_down(desk: Desk, change: Change) -> None:
    """R20, R21."""
    ruling = desk.contracts.refuse("moret", change)
    assert (ruling.refused, ruling.rule) == (True, "R21")
    (entry,) = audited(desk, "moret")
    assert (entry.act, entry.outcome, entry.subject) == ("ask for change", "refused", "moret")
    assert entry.detail == {
        "change": change.value,
        "plan": "pro",
        "rule": "R21",
        "committed_until": "2026-07-01",
    }
    assert desk.contracts.show("moret").plan is Plan.PRO


def test_what_the_contract_doesnt_forbid_isnt_refused(desk: Desk, clock: HandClock) -> None:
    """R21: neither once the commitment is over, nor where nobody knows."""
    with desk.store.begin() as tx:
        customers.add(tx, [(Customer("old", "Old", Plan.PRO), None)])
    with pytest.raises(Refused, match="isn't on file"):
        desk.contracts.refuse("old", Change.CANCEL)
    with pytest.raises(Refused, match="no commitment"):
        desk.contracts.refuse("jardin", Change.CANCEL)
    clock.now = NOW + timedelta(days=200)
    with pytest.raises(Refused, match="ended on 1 July 2026") as refused:
        desk.contracts.refuse("moret", Change.CANCEL)
    assert refused.value.rule is None
    assert [audited(desk, each) for each in ("old", "jardin", "moret")] == [[], [], []]


def test_a_read_only_desk_writes_nothing(open_as: OpenAs) -> None:
    desk = open_as("Léa", read_only=True)
    with pytest.raises(Refused):
        desk.contracts.upgrade("tessin", Plan.PRO)
    with pytest.raises(Refused):
        desk.contracts.refuse("tessin", Change.REFUND)
    assert desk.contracts.outlook("tessin", Plan.PRO).contract.plan is Plan.PLUS


def test_what_was_asked_of_a_manager_has_no_deadline_under_any_plan(desk: Desk) -> None:
    """R8, R22."""
    with desk.store.begin() as tx:
        known = Customer("managed", "Managed", Plan.PRO, date(2026, 1, 1), managers=(Manager("Camille"),))
        customers.add(tx, [(known, None)])
    asked = desk.managers.ask("managed", "Camille", "Which plan fits?").ticket
    (seen,) = desk.contracts.outlook("managed", Plan.ENTERPRISE).tickets
    assert (seen.note, seen.old_due_at, seen.new_due_at) == ("internal", None, None)
    (seen,) = desk.contracts.upgrade("managed", Plan.ENTERPRISE).tickets
    assert (seen.after, stored(desk, asked)) == (asked, asked)
