"""Editing what is on file of an organisation: who was first, what is undone, and what the history says."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from importing import import_customers
from support import NOW, HandClock

from oncall_tui.desk import Desk
from oncall_tui.domain import file_history
from oncall_tui.domain.codes import Caller, CodeKind, Outcome
from oncall_tui.domain.customers import Contact, Customer, Manager
from oncall_tui.domain.editing import Edit, Part
from oncall_tui.domain.errors import Conflict, NotFound, OncallError, Refused
from oncall_tui.domain.plans import Plan
from oncall_tui.domain.tickets import Channel

OpenAs = Callable[..., Desk]
ANNE = Contact("Anne Rochat", "anne@leman.example", "+41 22 555 01 40", "head of IT")
LUC = Contact("Luc Favre", "luc@leman.example")
SUPPORT = "55550140"


def add(desk: Desk, *people: Contact) -> Customer:
    for person in people:
        desk.organisations.edit("leman", Edit(Part.CONTACT, None, person))
    return desk.organisations.get("leman")


def outcome(desk: Desk, code: str = SUPPORT) -> tuple[Outcome, str]:
    verdict = desk.callers.look_up(code, Caller(number=f"+4122555{desk.clock().microsecond:04d}"))
    return verdict.outcome, verdict.contact


def said(desk: Desk, customer: str = "leman") -> list[str]:
    return [
        one.text.format_map(one.values)
        for entry in desk.organisations.history(customer)
        for one in file_history.told(entry)
    ]


def test_an_edit_is_stored_found_and_told(desk: Desk) -> None:
    """R20"""
    before = add(desk, ANNE)
    new = replace(ANNE, phone="022 777 00 11", email="rochat@other.example")
    done = desk.organisations.edit("leman", Edit(Part.CONTACT, ANNE, new), before.version)
    assert done.customer == desk.organisations.get("leman") == replace(before, contacts=(new,))
    assert done.customer.version == desk.organisations.get("leman").version == before.version + 1
    for text in ("rochat@other.example", "other.example", "+41 22 777 00 11"):
        assert [one.customer for one in desk.customers.find(text)] == ["leman"]
    assert not desk.customers.find("anne@leman.example")
    [last, *_] = desk.audit.entries(limit=1)
    assert (last.act, last.subject, last.customer) == ("edit organisation", "leman", "leman")
    assert last.detail == {
        "part": "contact",
        "what": "change",
        "of": "Anne Rochat",
        "phone_before": "+41 22 555 01 40",
        "phone": "022 777 00 11",
        "email_before": "anne@leman.example",
        "email": "rochat@other.example",
    }
    assert desk.audit.verify().holds


def test_each_part_is_edited_and_the_others_stay(desk: Desk) -> None:
    act = desk.organisations.edit
    act("leman", Edit(Part.SERVICE, None, "Mail"))
    act("leman", Edit(Part.SERVICE, None, "VPS"))
    act("leman", Edit(Part.MANAGER, None, Manager("Nora Keller", technical=True)))
    act("leman", Edit(Part.LANGUAGE, "", "French"))
    act("leman", Edit(Part.SERVICE, "Mail", "E-mail"))
    now = desk.organisations.get("leman")
    assert (now.services, now.language) == (("E-mail", "VPS"), "fr")
    assert now.managers == (Manager("Nora Keller", technical=True),)
    assert [one.customer for one in desk.customers.find("e-mail")] == ["leman"]
    assert said(desk) == [
        "service: Mail → E-mail",
        "language: – → fr",
        "manager Nora Keller added",
        "service VPS added",
        "service Mail added",
    ]


def test_what_says_so_already_leaves_no_entry(desk: Desk) -> None:
    before = add(desk, ANNE)
    assert desk.organisations.edit("leman", Edit(Part.CONTACT, ANNE, ANNE)).customer == before
    assert desk.organisations.get("leman").version == before.version
    assert len(said(desk)) == 1


def test_a_new_name_reaches_the_tickets_and_every_board(desk: Desk) -> None:
    ticket = desk.tickets.new(customer="leman", channel=Channel.EMAIL, subject="Mail queue stuck")
    seen = desk.queue.changed_since(0).revision
    desk.organisations.edit("leman", Edit(Part.NAME, "Banque du Léman", "Banque Lémanique"))
    changes = desk.queue.changed_since(seen)
    assert [(one.id, one.customer_name) for one in changes.tickets] == [(ticket.id, "Banque Lémanique")]
    assert desk.customers.card("leman").customer.name == "Banque Lémanique"
    assert [one.customer for one in desk.customers.find("lemanique")] == ["leman"]


def test_who_comes_second_is_told_who_was_first(open_as: OpenAs, clock: HandClock) -> None:
    lea, marc = open_as("Léa"), open_as("Marc")
    seen = add(lea, ANNE)
    marc.organisations.edit("leman", Edit(Part.CONTACT, ANNE, replace(ANNE, phone="1")), seen.version)
    with pytest.raises(Conflict, match=r"Marc changed the contact Anne Rochat of leman at 03:12:44"):
        lea.organisations.edit("leman", Edit(Part.CONTACT, ANNE, replace(ANNE, phone="2")), seen.version)
    assert lea.organisations.get("leman").contacts == (replace(ANNE, phone="1"),)
    with pytest.raises(Conflict, match=r"you changed the contact"):
        marc.organisations.edit("leman", Edit(Part.SERVICE, None, "Mail"), seen.version)


def test_whoever_only_issued_a_code_or_used_an_access_meanwhile_was_not_first(open_as: OpenAs) -> None:
    lea, marc, nora = open_as("Léa"), open_as("Marc"), open_as("Nora")
    seen = lea.organisations.get("leman")
    marc.organisations.edit("leman", Edit(Part.CONTACT, None, ANNE), seen.version)
    marc.organisations.edit("leman", Edit(Part.SERVICE, None, "Mail"))
    nora.codes.issue("leman", CodeKind.SUPPORT, "Anne Rochat")
    nora.access.grant("leman", "Mail", NOW + timedelta(hours=4))
    nora.access.undo("leman")
    with pytest.raises(Conflict, match="Marc added the service Mail"):
        lea.organisations.edit("leman", Edit(Part.CONTACT, None, LUC), seen.version)
    with pytest.raises(Conflict, match="Marc changed"):
        lea.contracts.upgrade("leman", Plan.ENTERPRISE, version=seen.version)


def test_who_comes_after_an_upgrade_is_told_of_it(open_as: OpenAs) -> None:
    lea, marc = open_as("Léa"), open_as("Marc")
    seen = lea.organisations.get("tessin")
    marc.contracts.upgrade("tessin", Plan.PRO)
    with pytest.raises(Conflict, match="Marc upgraded the plan of tessin"):
        lea.organisations.edit("tessin", Edit(Part.CONTACT, None, LUC), seen.version)


def test_of_two_at_the_same_moment_one_is_told(open_as: OpenAs) -> None:
    desks = [open_as("Léa"), open_as("Marc")]
    seen = add(desks[0], ANNE)
    for turn in range(5):
        version, [before] = seen.version, seen.contacts
        start, came = threading.Barrier(2), {}

        def edit(desk: Desk) -> None:
            new = replace(before, phone=f"022 {turn} {len(desk.operator)}")  # noqa: B023
            start.wait()  # noqa: B023
            try:
                came[desk.operator] = desk.organisations.edit(  # noqa: B023
                    "leman",
                    Edit(Part.CONTACT, before, new),  # noqa: B023
                    version,  # noqa: B023
                )
            except OncallError as error:
                came[desk.operator] = error  # noqa: B023

        threads = [threading.Thread(target=edit, args=(desk,)) for desk in desks]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        [second] = [name for name, what in came.items() if isinstance(what, Exception)]
        [first] = came.keys() - {second}
        assert isinstance(came[second], Conflict), came
        assert str(came[second]).startswith(f"{first} changed the contact Anne Rochat of leman")
        seen = desks[0].organisations.get("leman")
        assert seen.version == version + 1
        assert seen.contacts == came[first].customer.contacts
    assert desks[0].audit.verify().holds


def test_two_at_the_same_moment_without_a_version_both_take_effect(open_as: OpenAs) -> None:
    desks = [open_as("Léa"), open_as("Marc")]
    start = threading.Barrier(2)

    def add_services(desk: Desk) -> None:
        start.wait()
        for number in range(10):
            desk.organisations.edit("leman", Edit(Part.SERVICE, None, f"{desk.operator} {number}"))

    threads = [threading.Thread(target=add_services, args=(desk,)) for desk in desks]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(desks[0].organisations.get("leman").services) == 20


def test_a_read_only_desk_edits_nothing(open_as: OpenAs) -> None:
    with pytest.raises(Refused, match="read-only"):
        open_as("Léa", read_only=True).organisations.edit("leman", Edit(Part.SERVICE, None, "Mail"))
    with pytest.raises(NotFound, match="no customer 'nobody'"):
        open_as("Léa").organisations.edit("nobody", Edit(Part.SERVICE, None, "Mail"))


class TestCodes:
    """R16"""

    def test_who_is_called_otherwise_keeps_the_code_also_with_another_address(self, desk: Desk) -> None:
        add(desk, ANNE, LUC)
        desk.codes.issue("leman", CodeKind.SUPPORT, "Anne Rochat", given=SUPPORT)
        married = Contact("Anne Favre", "favre@leman.example", "079 1")
        desk.organisations.edit("leman", Edit(Part.CONTACT, ANNE, married))
        assert outcome(desk) == (Outcome.MATCH, "Anne Favre")
        desk.organisations.undo("leman")
        assert outcome(desk) == (Outcome.MATCH, "Anne Rochat")

    def test_who_is_taken_off_the_file_has_no_code_any_more(self, desk: Desk) -> None:
        before = add(desk, ANNE, LUC)
        desk.codes.issue("leman", CodeKind.SUPPORT, "Anne Rochat", given=SUPPORT)
        removal = Edit(Part.CONTACT, ANNE, None)
        [told] = desk.organisations.warnings(before, removal)
        assert told.values == {"contact": "Anne Rochat"}
        assert outcome(desk) == (Outcome.MATCH, "Anne Rochat"), "a look changes nothing"
        done = desk.organisations.edit("leman", removal)
        assert [one.text.format_map(one.values) for one in done.also] == [
            "the support code of Anne Rochat is revoked (R16)"
        ]
        assert outcome(desk)[0] is Outcome.REVOKED
        assert said(desk)[:2] == ["contact Anne Rochat removed", "support code of Anne Rochat revoked"]

    def test_undoing_brings_the_code_back_and_says_so(self, desk: Desk) -> None:
        before = add(desk, ANNE, LUC)
        desk.codes.issue("leman", CodeKind.SUPPORT, "Anne Rochat", given=SUPPORT)
        desk.organisations.edit("leman", Edit(Part.CONTACT, ANNE, None))
        undone = desk.organisations.undo("leman")
        assert undone.customer == before, "in the same place"
        assert [one.text for one in undone.also] == ["the support code of {contact} is in force again"]
        assert outcome(desk) == (Outcome.MATCH, "Anne Rochat")
        assert said(desk)[:2] == [
            "edit of a contact taken back",
            "support code of Anne Rochat in force again",
        ]

    def test_a_code_that_was_revoked_before_stays_so(self, desk: Desk) -> None:
        add(desk, ANNE)
        desk.codes.issue("leman", CodeKind.SUPPORT, "Anne Rochat", given=SUPPORT)
        desk.codes.revoke("leman", CodeKind.SUPPORT, "Anne Rochat")
        desk.organisations.edit("leman", Edit(Part.CONTACT, ANNE, None))
        assert desk.organisations.undo("leman").also == ()
        assert outcome(desk)[0] is Outcome.REVOKED


class TestUndo:
    def test_it_is_an_act_of_its_own(self, desk: Desk) -> None:
        before = add(desk, ANNE)
        desk.organisations.edit("leman", Edit(Part.CONTACT, ANNE, replace(ANNE, phone="1")))
        assert desk.organisations.undoable("leman")
        assert desk.organisations.undo("leman").customer == before
        assert said(desk) == [
            "edit of a contact taken back",
            "phone of Anne Rochat: +41 22 555 01 40 → 1",
            "contact Anne Rochat added",
        ]
        with pytest.raises(Refused, match="nothing to undo"):
            desk.organisations.undo("leman")

    def test_ten_seconds_later_it_is_too_late(self, desk: Desk, clock: HandClock) -> None:
        add(desk, ANNE)
        clock.advance(seconds=10.5)
        assert not desk.organisations.undoable("leman")
        with pytest.raises(Refused, match="nothing to undo"):
            desk.organisations.undo("leman")

    def test_what_somebody_else_changed_since_is_not_lost(self, open_as: OpenAs) -> None:
        lea, marc = open_as("Léa"), open_as("Marc")
        add(lea, ANNE)
        marc.organisations.edit("leman", Edit(Part.CONTACT, ANNE, replace(ANNE, phone="1")))
        with pytest.raises(Conflict, match="Marc changed the contact Anne Rochat"):
            lea.organisations.undo("leman")
        assert lea.organisations.get("leman").contacts == (replace(ANNE, phone="1"),)
        with pytest.raises(Refused, match="nothing to undo"):
            open_as("Zoé").organisations.undo("leman")


class TestHistory:
    def test_it_tells_of_the_organisation_and_not_of_its_tickets_and_calls(self, desk: Desk) -> None:
        """R20"""
        ticket = desk.tickets.new(customer="leman", channel=Channel.EMAIL, subject="Mail queue stuck")
        desk.tickets.take(ticket.id)
        desk.codes.issue("leman", CodeKind.VIP, given="407182659")
        desk.callers.look_up("407182659", Caller())
        add(desk, ANNE)
        import_customers(desk, {"id": "leman", "name": "Banque Léman", "plan": "enterprise"})
        assert said(desk) == ["name from a file", "contact Anne Rochat added", "VIP code issued"]
        assert len(desk.organisations.history("leman", 2)) == 2
        assert desk.organisations.history("moret") == ()
        with pytest.raises(NotFound):
            desk.organisations.history("nobody")

    def test_it_stops_where_one_looks_back_to(self, desk: Desk, clock: HandClock) -> None:
        add(desk, ANNE)
        clock.advance(hours=1)
        add(desk, LUC)
        [one] = desk.organisations.history("leman", as_of=NOW + timedelta(minutes=1))
        assert one.detail["name"] == "Anne Rochat"

    def test_who_was_first_may_have_been_an_import(self, desk: Desk) -> None:
        seen = add(desk, ANNE)
        import_customers(desk, {"id": "leman", "name": "Banque Léman", "plan": "enterprise"})
        with pytest.raises(Conflict, match="you imported changes of leman at"):
            desk.organisations.edit("leman", Edit(Part.SERVICE, None, "Mail"), seen.version)


@pytest.mark.parametrize("name", ["شركة المياه \u202e", "🧀" * 500, "x" * 500, "[/b]\x1b[31m\u200bA"])
def test_neither_the_file_nor_the_audit_holds_what_acts(desk: Desk, name: str) -> None:
    desk.organisations.edit("leman", Edit(Part.CONTACT, None, Contact(name)))
    [person] = desk.organisations.get("leman").contacts
    [entry] = desk.organisations.history("leman")
    assert entry.detail["name"] == person.name
    assert len(person.name) <= 120
    assert not {"\x1b", "\u202e", "\u200b"} & set(person.name)
