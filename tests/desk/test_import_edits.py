"""Imports after edits: what a file only repeats takes nothing back, what it says anew is taken."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from importing import import_customers, rows_of
from sqlalchemy import text

from oncall_tui.desk import Desk
from oncall_tui.domain.codes import Caller, Outcome
from oncall_tui.domain.customers import Contact, Manager
from oncall_tui.domain.editing import Edit, Part
from oncall_tui.domain.plans import Plan
from oncall_tui.sources.records import parse_customer

SUPPORT = "55550140"
ANNE = Contact("Anne Rochat", "anne@acme.ch", "022 1", "head of IT")
LUC = Contact("Luc Favre", "luc@acme.ch")
BOB = Contact("Bob", "bob@acme.ch", "022 1")
"""Somebody else at the number of Anne, which is the switchboard's."""


def row(**fields: Any) -> dict[str, Any]:
    people = [{"name": "Anne Rochat", "email": "anne@acme.ch", "phone": "022 1", "role": "head of IT"}]
    return {
        "id": "acme",
        "name": "Acme SA",
        "plan": "plus",
        "language": "fr",
        "contacts": [*people, {"name": "Luc Favre", "email": "luc@acme.ch"}],
        "services": ["VPS", "Mail"],
        "managers": [{"name": "Marc"}],
    } | fields


def person(**fields: Any) -> dict[str, Any]:
    return row()["contacts"][0] | fields  # type: ignore[no-any-return]


def edit(desk: Desk, part: Part, before: Any, after: Any) -> None:
    desk.organisations.edit("acme", Edit(part, before, after))


def test_a_file_whose_plan_changed_leaves_corrections_alone(desk: Desk) -> None:
    """R8: the plan is the file's."""
    import_customers(desk, row())
    corrected = replace(ANNE, phone="022 999 00 11")
    edit(desk, Part.CONTACT, ANNE, corrected)
    edit(desk, Part.NAME, "Acme SA", "Acme & Cie")
    edit(desk, Part.LANGUAGE, "fr", "de")
    edit(desk, Part.SERVICE, "VPS", None)
    edit(desk, Part.MANAGER, Manager("Marc"), Manager("Marc", technical=True))
    edited = desk.organisations.get("acme")
    assert import_customers(desk, row())[0].unchanged == 1
    assert import_customers(desk, row(plan="pro"))[0].updated == 1
    assert desk.organisations.get("acme") == replace(edited, plan=Plan.PRO)
    assert import_customers(desk, row(plan="pro"))[0].unchanged == 1


def test_what_the_file_says_anew_is_taken(desk: Desk) -> None:
    import_customers(desk, row())
    edit(desk, Part.CONTACT, ANNE, replace(ANNE, phone="022 999 00 11"))
    edit(desk, Part.NAME, "Acme SA", "Acme & Cie")
    news = row(name="Acme Group", contacts=[person(phone="022 5"), row()["contacts"][1]])
    import_customers(desk, news)
    found = desk.organisations.get("acme")
    assert (found.name, found.contacts) == ("Acme Group", (replace(ANNE, phone="022 5"), LUC))


def test_one_new_contact_is_no_reason_to_take_a_correction_back(desk: Desk) -> None:
    import_customers(desk, row())
    corrected = replace(ANNE, phone="022 999 00 11")
    edit(desk, Part.CONTACT, ANNE, corrected)
    edit(desk, Part.CONTACT, LUC, None)
    edit(desk, Part.CONTACT, None, Contact("Zoé"))
    import_customers(desk, row(contacts=[*row()["contacts"], {"name": "Max"}]))
    assert desk.organisations.get("acme").contacts == (corrected, Contact("Zoé"), Contact("Max"))


def test_who_the_file_drops_goes_unless_somebody_corrected_them(desk: Desk) -> None:
    import_customers(desk, row())
    corrected = replace(ANNE, phone="022 999 00 11")
    edit(desk, Part.CONTACT, ANNE, corrected)
    import_customers(desk, row(contacts=[{"name": "Max"}], services=["Mail"]))
    found = desk.organisations.get("acme")
    assert (found.contacts, found.services) == ((corrected, Contact("Max")), ("Mail",))


def test_an_edit_from_before_it_was_remembered_what_a_file_said_holds_as_well(desk: Desk) -> None:
    """A database of an earlier version knows of no field what the file said."""
    import_customers(desk, row())
    with desk.store.begin() as tx:
        tx.connection.execute(text("UPDATE customers SET import_fields = ''"))
    corrected = replace(ANNE, phone="022 999 00 11")
    edit(desk, Part.CONTACT, ANNE, corrected)
    import_customers(desk, row(plan="pro", name="Acme Group"))
    found = desk.organisations.get("acme")
    assert (found.contacts, found.name, found.plan) == ((corrected, LUC), "Acme Group", Plan.PRO)


def test_what_an_engineer_undid_is_as_if_it_had_never_been(desk: Desk) -> None:
    import_customers(desk, row())
    edit(desk, Part.CONTACT, ANNE, replace(ANNE, phone="022 999 00 11"))
    desk.organisations.undo("acme")
    import_customers(desk, row(contacts=[person(phone="022 5"), row()["contacts"][1]]))
    assert desk.organisations.get("acme").contacts == (replace(ANNE, phone="022 5"), LUC)


def test_a_file_that_says_nothing_of_it_leaves_it(desk: Desk) -> None:
    bare = {"id": "acme", "name": "Acme SA", "plan": "plus"}
    import_customers(desk, bare)
    edit(desk, Part.CONTACT, None, ANNE)
    import_customers(desk, bare | {"plan": "pro"})
    assert desk.organisations.get("acme").contacts == (ANNE,)


def test_an_import_that_changes_nothing_is_in_nobodys_way(desk: Desk) -> None:
    import_customers(desk, row())
    edit(desk, Part.NAME, "Acme SA", "Acme Group")
    seen = desk.organisations.get("acme")
    import_customers(desk, row(name="Acme Group"))
    desk.organisations.edit("acme", Edit(Part.SERVICE, None, "DNS"), seen.version)


class TestCodes:
    """R16"""

    @pytest.mark.parametrize("after", [Contact("Zoé Roth", "zoe@acme.ch", "022 2"), None])
    def test_the_code_of_who_was_edited_comes_again_and_changes_nothing(
        self, desk: Desk, after: Contact | None
    ) -> None:
        coded = row(contacts=[person(support_code=SUPPORT), row()["contacts"][1]])
        import_customers(desk, coded)
        edit(desk, Part.CONTACT, ANNE, after)
        seen = desk.organisations.get("acme")
        assert import_customers(desk, coded) == import_customers(desk, coded)
        result, rejected = import_customers(desk, coded | {"plan": "pro"})
        assert (result.updated, rejected) == (1, [])
        assert desk.organisations.get("acme") == replace(seen, plan=Plan.PRO)
        verdict = desk.callers.look_up(SUPPORT, Caller())
        expected = (Outcome.MATCH, "Zoé Roth") if after else (Outcome.REVOKED, "")
        assert (verdict.outcome, verdict.contact if after else "") == expected

    def test_a_new_code_goes_to_who_was_renamed_here(self, desk: Desk) -> None:
        import_customers(desk, row())
        edit(desk, Part.CONTACT, ANNE, replace(ANNE, name="Anne Favre"))
        import_customers(desk, row(contacts=[person(support_code=SUPPORT), row()["contacts"][1]]))
        assert desk.callers.look_up(SUPPORT, Caller()).contact == "Anne Favre"
        assert desk.organisations.get("acme").contacts[0].name == "Anne Favre"

    def test_the_code_of_another_contact_is_still_refused(self, desk: Desk) -> None:
        import_customers(desk, row(contacts=[person(support_code=SUPPORT), row()["contacts"][1]]))
        other = row(contacts=[person(), row()["contacts"][1] | {"support_code": SUPPORT}])
        _, rejected = import_customers(desk, other)
        assert "support_code of Luc Favre is or was the code of Anne Rochat of acme" in rejected[0][1]


def test_a_file_that_repeats_the_plan_of_before_takes_no_upgrade_back(desk: Desk) -> None:
    """R8, R21: the upgrade was made here; that the file still says the lower plan is no news."""
    import_customers(desk, row(subscribed_on="2026-01-31"))
    desk.contracts.upgrade("acme", Plan.ENTERPRISE)
    result, rejected = import_customers(desk, row(subscribed_on="2026-01-31", language="de"))
    assert (result.updated, result.rejected, rejected) == (1, 0, [])
    found = desk.organisations.get("acme")
    assert (found.plan, found.language) == (Plan.ENTERPRISE, "de")
    assert import_customers(desk, row(plan="pro", language="it"))[0].rejected == 1
    assert import_customers(desk, row(plan="enterprise", language="it"))[0].updated == 1


def test_an_upgrade_of_one_of_whose_file_nothing_is_known_is_no_downgrade_later(desk: Desk) -> None:
    """R21"""
    import_customers(desk, row())
    with desk.store.begin() as tx:
        tx.connection.execute(text("UPDATE customers SET import_fields = ''"))
    desk.contracts.upgrade("acme", Plan.PRO)
    assert import_customers(desk, row(name="Acme Group"))[0].updated == 1
    assert desk.organisations.get("acme").plan is Plan.PRO


def test_who_an_engineer_added_stays_beside_who_the_file_adds_at_the_same_number(desk: Desk) -> None:
    import_customers(desk, row())
    edit(desk, Part.CONTACT, None, BOB)
    carla = {"name": "Carla", "email": "carla@acme.ch", "phone": "022 1"}
    import_customers(desk, row(contacts=[*row()["contacts"], carla]))
    assert desk.organisations.get("acme").contacts == (ANNE, LUC, BOB, Contact(*carla.values()))


def test_who_an_engineer_added_in_the_place_of_another_stays(desk: Desk) -> None:
    import_customers(desk, row())
    edit(desk, Part.CONTACT, ANNE, None)
    edit(desk, Part.CONTACT, None, BOB)
    import_customers(desk, row(contacts=[person(role="CEO"), row()["contacts"][1]]))
    assert desk.organisations.get("acme").contacts == (LUC, BOB, replace(ANNE, role="CEO"))


def test_who_an_engineer_added_is_not_there_twice_when_the_file_follows(desk: Desk) -> None:
    import_customers(desk, row())
    edit(desk, Part.CONTACT, None, Contact("Zoé", phone="022 7"))
    zoe = {"name": "Zoé", "email": "zoe@acme.ch", "phone": "022 8"}
    import_customers(desk, row(contacts=[*row()["contacts"], zoe]))
    assert desk.organisations.get("acme").contacts == (ANNE, LUC, Contact(*zoe.values()))


def test_the_new_code_of_who_was_taken_off_is_nobody_elses(desk: Desk) -> None:
    """R16: it identifies its user, and nobody who has the same number."""
    import_customers(desk, row(contacts=[person(support_code=SUPPORT), row()["contacts"][1]]))
    edit(desk, Part.CONTACT, ANNE, None)
    edit(desk, Part.CONTACT, None, BOB)
    import_customers(desk, row(contacts=[person(support_code="55550141"), row()["contacts"][1]]))
    verdict = desk.callers.look_up("55550141", Caller(number="+41225550001"))
    assert (verdict.outcome, verdict.contact) == (Outcome.NO_MATCH, "")


def import_in_part(desk: Desk, fields: dict[str, Any]) -> None:
    """Import an organisation as a file says it of which another row was rejected."""
    rows = (
        each._replace(record=each.record._replace(whole=False))
        for each in rows_of(parse_customer, desk, [fields])
    )
    assert desk.imports.customers(rows, source="crm.csv", rejected=lambda _: None).updated == 1


def test_who_may_stand_in_a_rejected_row_stays_as_an_engineer_corrected_them(desk: Desk) -> None:
    import_customers(desk, row())
    corrected = replace(LUC, phone="022 999 00 11")
    edit(desk, Part.CONTACT, LUC, corrected)
    here = person(role="CEO")
    import_in_part(desk, row(contacts=[here]))
    import_customers(desk, row(contacts=[here, row()["contacts"][1]]))
    assert desk.organisations.get("acme").contacts == (replace(ANNE, role="CEO"), corrected)


def test_who_may_stand_in_a_rejected_row_stays_until_a_whole_file_drops_them(desk: Desk) -> None:
    import_customers(desk, row())
    import_in_part(desk, row(contacts=[person(role="CEO")]))
    assert desk.organisations.get("acme").contacts == (replace(ANNE, role="CEO"), LUC)
    import_customers(desk, row(contacts=[person(role="CEO")]))
    assert desk.organisations.get("acme").contacts == (replace(ANNE, role="CEO"),)


def test_of_whose_file_nothing_is_known_a_part_drops_nobody(desk: Desk) -> None:
    import_customers(desk, row())
    with desk.store.begin() as tx:
        tx.connection.execute(text("UPDATE customers SET import_fields = ''"))
    import_in_part(desk, row(contacts=[person(role="CEO")]))
    assert desk.organisations.get("acme").contacts == (replace(ANNE, role="CEO"), LUC)
