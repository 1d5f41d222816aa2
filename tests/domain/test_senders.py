"""Whom a sender writes for."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oncall_tui.domain.mail_providers import is_public
from oncall_tui.domain.plans import Plan
from oncall_tui.domain.senders import Organisation, belonging

ORGANISATIONS = [Organisation(row, f"c{row}", f"C {row}", plan) for row, plan in enumerate([*Plan, *Plan], 1)]
some = st.sampled_from(ORGANISATIONS)
on_file = st.lists(st.tuples(some, st.sampled_from(["Anna", "Bernard"])), max_size=4)


@given(st.none() | some, on_file, st.sets(some, max_size=3))
def test_what_an_engineer_said_goes_first_then_the_best_plan_on_file_then_the_only_one_of_the_domain(
    said: Organisation | None, contacts: list[tuple[Organisation, str]], at_domain: set[Organisation]
) -> None:
    found = belonging(said, contacts, at_domain)
    whose = found.organisation
    if said is not None:
        assert whose == said
        assert not found.others
    elif contacts:
        assert whose is not None
        assert whose.plan.rank == min(each.plan.rank for each, _ in contacts)
        assert {whose, *found.others} == {each for each, _ in contacts}
        assert all(found.speaks_for(each.row) for each, _ in contacts)
    else:
        assert whose == (next(iter(at_domain)) if len(at_domain) == 1 else None)
    if found.contact:
        assert (whose, found.contact) in contacts
        assert len({name for each, name in contacts if each == whose}) == 1
    assert found == belonging(said, contacts[::-1], at_domain), "the order of rows says nothing"
    strangers = {each.row for each in ORGANISATIONS} - {each.row for each in (whose, *found.others) if each}
    assert not any(found.speaks_for(row) for row in strangers)


@pytest.mark.parametrize(
    ("domain", "public"),
    [
        ("gmail.com", True),
        ("bluewin.ch", True),
        ("yahoo.co.uk", True),
        ("gmx.net", True),
        ("outlook.fr", True),
        ("infomaniak.com", False),
        ("yahoo.some-company.com", False),
        ("gmx", False),
        ("mygmail.com", False),
        ("", False),
    ],
)
def test_what_anybody_can_have_an_address_at(domain: str, public: bool) -> None:
    assert is_public(domain) is public
