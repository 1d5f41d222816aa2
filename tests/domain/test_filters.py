"""The filter language: what it finds, what it refuses, what it lets somebody type."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hostile import HOSTILE
from hypothesis import given
from hypothesis import strategies as st
from sample import ticket
from support import NOW

from oncall_tui.domain.errors import BadInput
from oncall_tui.domain.filters import TERMS_LIMIT, TEXT_LIMIT, Filter
from oncall_tui.domain.plans import Plan
from oncall_tui.domain.tickets import Channel

BANK = ticket(
    ref="INC-0042",
    subject='Cluster unreachable, "node 3" says 100%',
    contact="A. Rochat",
    owner="Léa Müller",
    owner_since=NOW,
)
GARDEN = ticket(
    id=2,
    ref="T-000007",
    customer="jardin",
    customer_name="Jardin d’Été",
    plan=Plan.STANDARD,
    channel=Channel.EMAIL,
    subject='re:invoice of 5"disk plan:pro',
    contact="",
)
CHEESE = ticket(
    id=3,
    ref="T-000008",
    customer="moret-sa",
    customer_name="Fromagerie Moret",
    plan=Plan.PRO,
    channel=Channel.PHONE,
    subject="VPS won't boot",
    owner="Marc",
    owner_since=NOW,
    answered_at=NOW + timedelta(minutes=5),
)
TICKETS = {"bank": BANK, "garden": GARDEN, "cheese": CHEESE}


def found(text: str, operator: str = "Marc") -> set[str]:
    wanted = Filter.parse(text)
    return {name for name, each in TICKETS.items() if wanted.matches(each, operator)}


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("", "bank garden cheese"),
        ("   ", "bank garden cheese"),
        # a word, in any of the texts
        ("unreachable", "bank"),
        ("UNREACH", "bank"),
        ("inc-0042", "bank"),
        ("rochat", "bank"),
        ("muller", "bank"),
        ("leman", "bank"),
        ("ete", "garden"),
        ("d'été", "garden"),
        ("moret-sa", "cheese"),
        ("nowhere", ""),
        # several must all fit
        ("cluster leman", "bank"),
        ("cluster moret", ""),
        ("t-0000 boot", "cheese"),
        # not
        ("!cluster", "garden cheese"),
        ("t-0000 !boot", "garden"),
        ("!cluster !boot !invoice", ""),
        # a phrase
        ('"du leman"', "bank"),
        ('"leman du"', ""),
        ('!"du leman"', "garden cheese"),
        ('"du lem', "bank"),
        # no text runs on into the next
        ('"rochat lea"', ""),
        # the sign of a joker is a sign
        ("100%", "bank"),
        ("1%0", ""),
        ("_", ""),
        # a plan
        ("plan:pro", "cheese"),
        ("plan:p", "cheese"),
        ("plan:e", "bank"),
        ("Plan:STD", "garden"),
        ("plan:e,standard", "bank garden"),
        ("!plan:e,standard", "cheese"),
        ('plan:"pro"', "cheese"),
        # a state
        ("state:new", "garden"),
        ("state:assigned", "bank"),
        ("state:in_progress", "cheese"),
        ("state:in-pro", "cheese"),
        ('state:"in progress"', "cheese"),
        ("state:new,a", "bank garden"),
        ("!state:new", "bank cheese"),
        # an owner
        ("owner:me", "cheese"),
        ("owner:none", "garden"),
        ("owner:lea", "bank"),
        ("owner:ü", "bank"),
        ("owner:me,none", "garden cheese"),
        ("!owner:me", "bank garden"),
        ("!owner:none", "bank cheese"),
        ('owner:"lea muller"', "bank"),
        ('owner:"me"', ""),
        ('owner:"none",lea', "bank"),
        # a customer
        ("customer:leman", "bank"),
        ("customer:moret-sa", "cheese"),
        ("customer:moret-s", ""),
        ("customer:moret,ete", "garden cheese"),
        ('customer:"banque du"', "bank"),
        ("!customer:moret", "bank garden"),
        # a channel
        ("channel:emergency", "bank"),
        ("via:call", "bank"),
        ("via:mail,phone", "garden cheese"),
        ("channel:e", "bank garden"),
        ("!via:e", "cheese"),
        # what is no key is a word
        ("re:invoice", "garden"),
        ("!re:invoice", "bank cheese"),
        ("ſtate:new", ""),
        ('"plan:pro"', "garden"),
        ('5"disk', "garden"),
        ("a,b", ""),
        # somebody is still typing
        ("!", "bank garden cheese"),
        ('"', "bank garden cheese"),
        ('!"', "bank garden cheese"),
        ("plan:", "bank garden cheese"),
        ("!owner:", "bank garden cheese"),
        ("plan:pro,", "cheese"),
        ("state:,", "bank garden cheese"),
        ('customer:"', "bank garden cheese"),
        ("cluster plan:", "bank"),
    ],
)
def test_what_a_filter_finds(text: str, names: str) -> None:
    assert found(text) == set(names.split())


@pytest.mark.parametrize(
    ("text", "said", "allowed"),
    [
        ("plan:x", "plan:x", "standard, plus, pro, enterprise"),
        ("!plan:pro,gold", "plan:gold", "standard, plus, pro, enterprise"),
        ("mail STATE:closed", "state:closed", "new, assigned, in_progress"),
        ("via:fax", "via:fax", "email, phone, emergency"),
        ('channel:"a b"', "channel:a b", "email, phone, emergency"),
    ],
)
def test_a_value_that_fits_nothing_is_refused_with_what_fits(text: str, said: str, allowed: str) -> None:
    with pytest.raises(BadInput) as caught:
        Filter.parse(text)
    assert said in caught.value.message
    assert caught.value.hint == f"allowed: {allowed}"


def test_a_filter_has_an_end() -> None:
    assert Filter.parse("x" * TEXT_LIMIT).matches(BANK, "") is False
    with pytest.raises(BadInput, match=f"at most {TEXT_LIMIT} characters"):
        Filter.parse("x" * (TEXT_LIMIT + 1))
    assert len(Filter.parse("a " * TERMS_LIMIT).terms) == TERMS_LIMIT
    with pytest.raises(BadInput, match=f"at most {TERMS_LIMIT} terms"):
        Filter.parse("a " * (TERMS_LIMIT + 1))


def test_it_is_true_when_it_asks_for_something() -> None:
    assert Filter.parse("boot")
    for text in ("", "!", "plan:", '""'):
        assert not Filter.parse(text)
    assert Filter() == Filter.parse("  ")


def test_two_filters_together_hold_what_both_hold() -> None:
    both = Filter.parse("t-0000").plus(Filter.parse("!plan:pro"))
    assert both.text == "t-0000 !plan:pro"
    assert [name for name, each in TICKETS.items() if both.matches(each, "")] == ["garden"]
    assert Filter().plus(Filter.parse("x")) == Filter.parse("x")


@pytest.mark.parametrize("name", HOSTILE)
def test_what_is_pasted_is_shown_without_what_acts(name: str) -> None:
    text = HOSTILE[name].strip()[:TEXT_LIMIT]
    shown = Filter.parse(text).text
    assert not [c for c in shown if not c.isprintable() and c not in "\u00a0\u3000\u202f"]


@given(st.text(st.one_of(st.characters(), st.sampled_from('"!:, planownerviasttecusom')), max_size=60))
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        wanted = Filter.parse(text)
    except BadInput:
        return
    # What the chip shows is the filter, whole.
    assert Filter.parse(wanted.text) == wanted
    wanted.matches(BANK, "Léa")


@pytest.mark.parametrize("term", ["boot", '"du leman"', "plan:e", "state:a", "owner:me,none", "via:call"])
def test_a_term_and_its_opposite_part_the_tickets(term: str) -> None:
    assert found(term) ^ found(f"!{term}") == set(TICKETS)
