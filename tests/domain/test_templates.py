"""Templates: filled in once, in the customer's language, and nothing of a customer's is read as a place."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sample import ticket

from oncall_tui.domain.errors import BadInput
from oncall_tui.domain.templates import DEFAULT_TEMPLATES, PLACES, Template, checked
from oncall_tui.domain.tickets import UNKNOWN_CUSTOMER

FACTS = dict.fromkeys(PLACES, "x")


@pytest.mark.parametrize(
    ("language", "said"),
    [("fr", "Bonjour"), ("en", "Hello"), ("de", "Hello"), ("", "Hello")],
)
def test_who_writes_french_is_answered_in_french_everybody_else_in_english(language, said):
    assert Template("hello", "Bonjour", "Hello").fill(language, **FACTS) == said


def test_a_language_without_a_text_gets_the_other_one():
    assert Template("hello", fr="Bonjour").fill("en", **FACTS) == "Bonjour"
    assert Template("hello", en="Hello").fill("fr", **FACTS) == "Hello"


@given(st.fixed_dictionaries({place: st.text() for place in PLACES}))
def test_what_is_filled_in_stands_as_it_is(facts):
    # A subject may hold braces, or the name of another place.
    text = "<".join(f"{{{place}}}" for place in PLACES)
    assert Template("all", en=text).fill("en", **facts) == "<".join(facts[place] for place in PLACES)


@given(st.text(alphabet="{}ab"))
def test_what_is_taken_can_be_filled_in(text):
    try:
        checked(text)
    except BadInput:
        return
    filled = Template("any", en=text).fill("en", **FACTS)
    assert filled == text.replace("{{", "{").replace("}}", "}")


@pytest.mark.parametrize("bad", ["{", "}", "{name}", "{ref", "{}", "{ref!r}", "{ ref }", "{{{"])
def test_what_cannot_be_filled_in_is_refused(bad):
    with pytest.raises(BadInput, match="can't be filled in") as caught:
        checked(f"about {bad}")
    assert "{ref}" in caught.value.hint


def test_braces_are_doubled():
    assert Template("code", en=checked("{{ref}} {ref}")).fill("en", **FACTS) == "{ref} x"


@pytest.mark.parametrize("template", DEFAULT_TEMPLATES.values(), ids=lambda each: each.name)
@pytest.mark.parametrize("language", ["fr", "en"])
def test_the_templates_of_the_program_name_ticket_and_engineer(template, language):
    asked = ticket(ref="M-12", subject="VM {ref} down", language=language)
    answer = template.answer(asked, "Léa")
    assert "M-12" in answer
    assert "VM {ref} down" in answer
    assert answer.endswith("\nLéa")


@pytest.mark.parametrize(
    ("contact", "name"),
    [
        ("Anna Rossi", "Anna Rossi"),
        ("Anna <anna@acme.example>", "Anna"),
        ("<anna@acme.example>", "anna@acme.example"),
    ],
)
def test_a_sender_who_is_not_on_file_is_addressed_by_name(contact, name):
    assert Template("hi", en="Dear {contact}").answer(ticket(contact=contact), "Léa") == f"Dear {name}"


def test_who_belongs_to_no_organisation_is_one_by_the_own_name():
    unknown = ticket(
        customer=UNKNOWN_CUSTOMER, customer_name="Unknown senders", contact="Eve <eve@x.example>"
    )
    assert Template("hi", en="For {organisation}").answer(unknown, "Léa") == "For Eve"
