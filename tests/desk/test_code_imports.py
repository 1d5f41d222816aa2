"""Codes in a file of customers: taken in, sealed, and never repeated (R16, R19)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from importing import import_customers
from sqlalchemy import text

from oncall_tui.desk import Desk
from oncall_tui.domain.audit import AuditFilter
from oncall_tui.domain.codes import Caller, CodeKind, Outcome, Verdict
from oncall_tui.store.keyring import Keyring, KeyTrouble

VIP, SUPPORT = "407182659", "55550140"


def customer(customer_id: str = "acme", **fields: Any) -> dict[str, Any]:
    return {"id": customer_id, "name": f"{customer_id.upper()} SA", "plan": "pro"} | fields


def person(name: str = "A. Rochat", **fields: Any) -> dict[str, Any]:
    return {"name": name, "email": f"{name[0].lower()}@acme.ch"} | fields


def looked_up(desk: Desk, code: str) -> Verdict:
    return desk.callers.look_up(code, Caller(number=f"+4122{hash(code) % 10**7:07d}"))


def test_imported_codes_are_known_and_the_file_may_come_again(desk: Desk) -> None:
    row = customer(vip_code="407 182 659", contacts=[person(support_code=55550140)])
    assert import_customers(desk, row)[0].created == 1
    assert import_customers(desk, row)[0].unchanged == 1
    assert (looked_up(desk, VIP).customer, looked_up(desk, VIP).kind) == ("acme", CodeKind.VIP)
    assert (looked_up(desk, SUPPORT).contact, looked_up(desk, SUPPORT).kind) == (
        "A. Rochat",
        CodeKind.SUPPORT,
    )


def test_another_code_takes_the_place_of_the_one_before(desk: Desk) -> None:
    import_customers(desk, customer(vip_code=VIP))
    assert import_customers(desk, customer(vip_code="111222333"))[0].updated == 1
    assert looked_up(desk, VIP).outcome is Outcome.REVOKED
    assert looked_up(desk, "111222333").outcome is Outcome.MATCH


def test_a_code_that_was_revoked_here_stays_so_and_the_rest_of_its_row_is_taken(desk: Desk) -> None:
    import_customers(desk, customer(vip_code=VIP))
    desk.codes.rotate("acme", CodeKind.VIP, given="111222333")
    result, rejected = import_customers(desk, customer(name="Acme & Cie", vip_code=VIP))
    assert (result.updated, rejected) == (1, [])
    assert looked_up(desk, VIP).outcome is Outcome.REVOKED
    assert looked_up(desk, "111222333").customer_name == "Acme & Cie"


def test_a_row_without_codes_leaves_them_as_they_are(desk: Desk) -> None:
    import_customers(desk, customer(vip_code=VIP, contacts=[person(support_code=SUPPORT)]))
    import_customers(desk, customer(name="Acme & Cie"))
    assert looked_up(desk, VIP).outcome is Outcome.MATCH
    assert looked_up(desk, SUPPORT).outcome is Outcome.MATCH


def test_who_is_no_contact_any_more_is_not_known_by_code(desk: Desk) -> None:
    import_customers(desk, customer(contacts=[person(support_code=SUPPORT), person("Zoé")]))
    import_customers(desk, customer(contacts=[person("Zoé")]))
    assert looked_up(desk, SUPPORT).outcome is Outcome.REVOKED


def test_two_people_of_one_name_are_told_apart(desk: Desk) -> None:
    people = [
        person(email="a.rochat@acme.ch", support_code=SUPPORT),
        person(email="alice@acme.ch", support_code="66660150"),
    ]
    import_customers(desk, customer(contacts=people))
    assert looked_up(desk, SUPPORT).contact == "A. Rochat (a.rochat@acme.ch)"
    assert looked_up(desk, "66660150").contact == "A. Rochat (alice@acme.ch)"


@pytest.mark.parametrize("given", [True, False])
def test_who_is_called_otherwise_keeps_the_code(desk: Desk, given: bool) -> None:
    """R16: it identifies the user, whatever name they go by, be it for another one of the same name."""
    code = {"support_code": SUPPORT} if given else {}
    import_customers(desk, customer(contacts=[person(support_code=SUPPORT)]))
    result, _ = import_customers(
        desk, customer(contacts=[person("Anne Rochat-Favre", email="a@acme.ch", **code)])
    )
    assert (result.updated, looked_up(desk, SUPPORT).contact) == (1, "Anne Rochat-Favre")
    both = [
        person("Anne Rochat-Favre", email="a@acme.ch", **code),
        person("Anne Rochat-Favre", email="x@acme.ch"),
    ]
    result, _ = import_customers(desk, customer(contacts=both))
    assert (result.updated, looked_up(desk, SUPPORT).contact) == (1, "Anne Rochat-Favre (a@acme.ch)")
    assert import_customers(desk, customer(contacts=both))[0].unchanged == 1
    import_customers(desk, customer(contacts=both[:1]))
    assert looked_up(desk, SUPPORT).contact == "Anne Rochat-Favre"


def test_the_code_of_who_left_is_not_given_to_somebody_else(desk: Desk) -> None:
    import_customers(desk, customer(contacts=[person(support_code=SUPPORT)]))
    _, rejected = import_customers(desk, customer(contacts=[person("Zoé", support_code=SUPPORT)]))
    assert "support_code of Zoé is or was the code of A. Rochat of acme" in rejected[0][1]


def test_an_address_that_two_have_tells_neither(desk: Desk) -> None:
    team = {"email": "info@acme.ch", "phone": ""}
    two = [person(support_code=SUPPORT, **team), person("Luc", support_code="66660150", **team)]
    import_customers(desk, customer(contacts=two))
    import_customers(desk, customer(contacts=[person("Zoé", **team)]))
    assert looked_up(desk, SUPPORT).outcome is looked_up(desk, "66660150").outcome is Outcome.REVOKED


def test_each_code_that_an_import_takes_out_of_force_leaves_an_entry(desk: Desk) -> None:
    """R20"""
    import_customers(desk, customer(vip_code=VIP, contacts=[person(support_code=SUPPORT), person("Zoé")]))
    import_customers(desk, customer(vip_code="111222333", contacts=[person("Zoé")]))
    told = [(entry.act, entry.detail) for entry in desk.audit.entries(AuditFilter(customer="acme"))]
    assert told == [
        ("import organisation", {"changed": "contacts"}),
        ("rotate code", {"by": "import", "kind": "vip"}),
        ("revoke code", {"by": "import", "contact": "A. Rochat", "kind": "support"}),
    ]
    assert desk.audit.verify().holds


@pytest.mark.parametrize("dry_run", [False, True])
def test_a_code_that_is_used_twice_is_rejected_by_its_line(desk: Desk, dry_run: bool) -> None:
    rows = (
        customer("one", vip_code=VIP),
        customer("two", vip_code="407-182-659"),
        customer("three", vip_code="318204771", contacts=[person(support_code=VIP)]),
        customer("four", vip_code="123123123", contacts=[person(support_code="123123123")]),
    )
    result, rejected = import_customers(desk, *rows, dry_run=dry_run)
    assert (result.created, result.rejected) == (1, 3)
    assert rejected == [
        (2, "a code of this row stands on line 1 already; each code has one owner (R16)"),
        (3, "a code of this row stands on line 1 already; each code has one owner (R16)"),
        (4, "the same code stands in this row twice; each code has one owner (R16)"),
    ]
    assert VIP not in str(rejected)


def test_the_code_of_another_organisation_is_rejected(desk: Desk) -> None:
    import_customers(desk, customer("one", vip_code=VIP), customer("two", vip_code="318204771"))
    _, rejected = import_customers(desk, customer("two", name="Two", vip_code=VIP))
    assert rejected[0][1] == "vip_code is or was the code of one; each code has one owner (R16)"
    assert looked_up(desk, VIP).customer == "one"
    assert looked_up(desk, "318204771").customer == "two"


@pytest.mark.parametrize("code", ["12345", "1" * 13, "Xk7pQ2z9", "40718265x"])
def test_what_no_code_can_be_is_rejected_and_not_repeated(desk: Desk, code: str) -> None:
    _, rejected = import_customers(desk, customer(vip_code=code))
    assert rejected[0][1] == "vip_code: that is no code; a code has 6 to 12 digits (R16)"
    assert code not in str(rejected)


def test_the_standard_plan_has_no_vip_code_but_its_users_have_support_codes(desk: Desk) -> None:
    result, rejected = import_customers(
        desk,
        customer("a", plan="standard", vip_code=VIP),
        customer("b", plan="standard", contacts=[person(support_code=SUPPORT)]),
    )
    assert result.created == 1
    assert "R16" in rejected[0][1]
    assert looked_up(desk, SUPPORT).customer == "b"


def test_without_a_key_nothing_of_the_batch_is_stored(open_as: Callable[..., Desk], keyring: Keyring) -> None:
    desk = open_as("Léa")
    import_customers(desk, customer("one", vip_code=VIP))
    keyring._path.unlink()
    with pytest.raises(KeyTrouble, match="is not there"):
        import_customers(desk, customer("two", vip_code="318204771"))
    assert import_customers(desk, customer("three"))[0].created == 1, "what needs no key goes on"
    with desk.store.connect() as connection:
        refs = set(connection.scalars(text("SELECT ref FROM customers WHERE ref IN ('one', 'two', 'three')")))
    assert refs == {"one", "three"}


def test_neither_a_digest_of_the_row_nor_what_is_sealed_holds_the_code(desk: Desk) -> None:
    import_customers(desk, customer("one", vip_code=VIP))
    with desk.store.connect() as connection:
        row = connection.execute(text("SELECT * FROM codes")).one()
        first = connection.scalar(text("SELECT import_digest FROM customers WHERE ref = 'one'"))
    assert VIP not in str(row)
    import_customers(desk, customer("one", vip_code="318204771"))
    with desk.store.connect() as connection:
        assert connection.scalar(text("SELECT import_digest FROM customers WHERE ref = 'one'")) == first
