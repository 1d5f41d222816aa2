"""Correcting a line of what is on file: what is stored, what is refused, and who keeps which name."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hostile import HOSTILE
from hypothesis import given
from hypothesis import strategies as st
from support import CUSTOMERS, NOW

from oncall_tui.domain import editing
from oncall_tui.domain.customers import Access, Contact, Customer, Manager, user_names
from oncall_tui.domain.editing import Edit, Part, counterpart, edited, facts, names_carried
from oncall_tui.domain.errors import BadInput, NotFound, OncallError
from oncall_tui.domain.text import NAME_LIMIT, UNSHOWN

ANNE = Contact("Anne Rochat", "anne@leman.example", "+41 22 555 01 40", "head of IT")
LUC = Contact("Luc Favre", "luc@leman.example")
LEMAN = replace(
    CUSTOMERS[0],
    contacts=(ANNE, LUC),
    services=("Mail", "VPS"),
    managers=(Manager("Nora"), Manager("Tim", technical=True)),
    language="fr",
)

_texts = st.text(max_size=150)
_contacts = st.builds(Contact, _texts, st.sampled_from(["", "a@x.ch", "b@y.ch"]), st.just(""), _texts)
_managers = st.builds(Manager, _texts, st.sampled_from(["", "a@x.ch"]), st.just(""), st.booleans())
_values: dict[Part, Any] = {Part.CONTACT: _contacts, Part.MANAGER: _managers, Part.SERVICE: _texts}


@pytest.mark.parametrize("part", _values)
@given(data=st.data())
def test_what_is_added_and_removed_again_leaves_all_as_it_was(part: Part, data: Any) -> None:
    value = data.draw(_values[part])
    try:
        more = edited(LEMAN, Edit(part, None, value))
    except BadInput:
        return
    [new] = set(_lines(more, part)) - set(_lines(LEMAN, part))
    assert _lines(more, part)[:-1] == _lines(LEMAN, part), "the others keep their places"
    assert edited(more, Edit(part, new, None)) == LEMAN


@pytest.mark.parametrize("part", _values)
@given(data=st.data())
def test_a_change_and_its_reverse_leave_all_as_it_was(part: Part, data: Any) -> None:
    before = data.draw(st.sampled_from(_lines(LEMAN, part)))
    try:
        other = edited(LEMAN, Edit(part, before, data.draw(_values[part])))
    except BadInput:
        return
    place = _lines(LEMAN, part).index(before)
    assert edited(other, Edit(part, _lines(other, part)[place], before)) == LEMAN


def _lines(customer: Customer, part: Part) -> tuple[Any, ...]:
    lists = {
        Part.CONTACT: customer.contacts,
        Part.MANAGER: customer.managers,
        Part.SERVICE: customer.services,
    }
    return lists[part]


def test_a_contact_needs_a_name_an_address_or_a_number() -> None:
    with pytest.raises(BadInput, match="needs a name, an e-mail address or a number"):
        editing.contact("  ", "", "", "head of IT")
    assert editing.contact("", "", "+41 22 555 01 40").name == "+41 22 555 01 40"


@pytest.mark.parametrize("address", ["anne", "anne@", "@leman", "a b@c.ch", "a@b@c.ch"])
def test_what_is_no_address_is_refused(address: str) -> None:
    with pytest.raises(BadInput, match="no e-mail address"):
        edited(LEMAN, Edit(Part.CONTACT, None, Contact("Zoé", address)))


def test_an_address_that_a_file_brought_is_no_reason_to_refuse_a_new_number() -> None:
    odd = replace(LUC, email="luc at leman")
    there = replace(LEMAN, contacts=(odd,))
    new = edited(there, Edit(Part.CONTACT, odd, replace(odd, phone="022 555 01 41")))
    assert new.contacts == (Contact("Luc Favre", "luc at leman", "022 555 01 41"),)


def test_a_number_has_digits_and_what_is_too_long_is_none() -> None:
    with pytest.raises(BadInput, match="no telephone number"):
        edited(LEMAN, Edit(Part.CONTACT, LUC, replace(LUC, phone="at home")))
    with pytest.raises(BadInput, match="longer than 40"):
        editing.contact("Zoé", phone="0" * 41)
    with pytest.raises(BadInput, match="longer than 254"):
        editing.contact("Zoé", email="a" * 250 + "@b.ch")


def test_nothing_stands_there_twice() -> None:
    """R16: two who go by one name would have one support code."""
    for edit in (
        Edit(Part.CONTACT, None, Contact("Luc Favre", "luc@leman.example", "022 1", "boss")),
        Edit(Part.SERVICE, None, "MAIL"),
        Edit(Part.MANAGER, None, Manager("Nora")),
    ):
        with pytest.raises(BadInput, match="on file already"):
            edited(LEMAN, edit)
    assert edited(LEMAN, Edit(Part.CONTACT, None, Contact("Luc Favre", "lf@leman.example"))).contacts[2:]


def test_what_is_no_more_there_is_not_changed() -> None:
    for part, gone in ((Part.CONTACT, Contact("Zoé")), (Part.SERVICE, "DNS"), (Part.MANAGER, Manager("Zoé"))):
        with pytest.raises(NotFound, match="leman has no"):
            edited(LEMAN, Edit(part, gone, None))


def test_name_and_language_change_and_the_name_stays_one() -> None:
    assert edited(LEMAN, Edit(Part.NAME, LEMAN.name, " Banque  ")).name == "Banque"
    assert edited(LEMAN, Edit(Part.LANGUAGE, "fr", "German")).language == "de"
    assert edited(LEMAN, Edit(Part.LANGUAGE, "fr", None)).language == ""
    with pytest.raises(BadInput, match="needs a name"):
        edited(LEMAN, Edit(Part.NAME, LEMAN.name, "\u200d "))
    with pytest.raises(BadInput, match="unknown language 'Elvish'"):
        edited(LEMAN, Edit(Part.LANGUAGE, "fr", "Elvish"))


@pytest.mark.parametrize("text", [*HOSTILE, "شركة المياه", "🧀" * 500, "x" * 500])
def test_what_is_typed_is_cleaned(text: str) -> None:
    try:
        new = edited(LEMAN, Edit(Part.CONTACT, None, Contact(text, "", "", text)))
    except OncallError:
        return
    name = new.contacts[-1].name
    assert len(name) <= NAME_LIMIT
    assert name.isprintable() or UNSHOWN in name


def test_a_user_keeps_their_code_under_the_new_name_and_two_of_one_name_are_told_apart() -> None:
    """R16"""
    called = names_carried(LEMAN, Edit(Part.CONTACT, ANNE, replace(ANNE, name="Zoé", email="z@x.ch")))
    assert called == {"Anne Rochat": "Zoé"}
    assert names_carried(LEMAN, Edit(Part.CONTACT, ANNE, None)) == {"Anne Rochat": None}
    second = Contact("Anne Rochat", "other@leman.example")
    added = Edit(Part.CONTACT, None, second)
    assert names_carried(LEMAN, added) == {"Anne Rochat": "Anne Rochat (anne@leman.example)"}
    both = edited(LEMAN, added)
    assert names_carried(both, Edit(Part.CONTACT, ANNE, None)) == {
        "Anne Rochat (anne@leman.example)": None,
        "Anne Rochat (other@leman.example)": "Anne Rochat",
    }
    assert names_carried(LEMAN, Edit(Part.SERVICE, "Mail", None)) == {}


@given(
    people=st.lists(_contacts, max_size=5, unique_by=lambda one: (one.name, one.email)),
    place=st.integers(0, 4),
    new=st.none() | _contacts,
)
def test_every_user_who_stays_is_found_by_the_name_that_is_carried(
    people: list[Contact], place: int, new: Contact | None
) -> None:
    """R16"""
    before = replace(LEMAN, contacts=tuple(people))
    edit = Edit(Part.CONTACT, people[place] if place < len(people) else None, new)
    try:
        after = edited(before, edit)
    except BadInput:
        return
    carried = names_carried(before, edit)
    now = [carried.get(name, name) for name in user_names(before.contacts)]
    stayed = [name for name in now if name is not None]
    assert stayed == list(user_names(after.contacts))[: len(stayed)]


def test_it_is_said_what_an_edit_leaves_standing() -> None:
    """R22, R23"""
    open_now = Access("mail", NOW - timedelta(hours=1), NOW + timedelta(hours=1))
    there = replace(LEMAN, access=(open_now,))
    [said] = editing.warnings(there, Edit(Part.SERVICE, "Mail", None), 2, NOW)
    assert said.text.format(**said.values) == "access to Mail that the customer granted stays in force"
    assert not editing.warnings(there, Edit(Part.SERVICE, "Mail", None), 2, NOW + timedelta(hours=1))
    [said] = editing.warnings(there, Edit(Part.MANAGER, None, Manager("Zoé")), 2, NOW)
    assert "enterprise plan has 2 account managers" in said.text.format(**said.values)


def test_what_took_the_place_of_a_line_is_found() -> None:
    now = replace(LEMAN, contacts=(replace(ANNE, phone="1"), LUC), name="Banque")
    assert counterpart(now, Edit(Part.CONTACT, ANNE, None)) == replace(ANNE, phone="1")
    assert counterpart(replace(now, contacts=(LUC,)), Edit(Part.CONTACT, ANNE, None)) is None
    assert counterpart(now, Edit(Part.NAME, "x", "y")) == "Banque"
    assert counterpart(now, Edit(Part.SERVICE, "mail", "y")) == "Mail"


def test_the_audit_is_told_what_changed_and_nothing_else() -> None:
    assert facts(Edit(Part.CONTACT, ANNE, replace(ANNE, phone="022 1"))) == {
        "part": "contact",
        "what": "change",
        "of": "Anne Rochat",
        "phone_before": "+41 22 555 01 40",
        "phone": "022 1",
    }
    assert facts(Edit(Part.CONTACT, None, LUC)) == {
        "part": "contact",
        "what": "add",
        "name": "Luc Favre",
        "email": "luc@leman.example",
    }
    assert facts(Edit(Part.LANGUAGE, "fr", "")) == {
        "part": "language",
        "what": "change",
        "language_before": "fr",
    }
