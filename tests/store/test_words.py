"""The index of words follows what is stored, whatever is changed (FTS5 on SQLite, GIN on PostgreSQL)."""

from __future__ import annotations

import random

import pytest
from hostile import HOSTILE
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text

from oncall_tui.domain.customers import Contact, Customer
from oncall_tui.domain.folding import (
    TEXT_LIMIT,
    WORD_LIMIT,
    customer_text,
    fold,
    searchable_contact,
    searchable_customer,
    words_in,
)
from oncall_tui.domain.plans import Plan
from oncall_tui.domain.text import NAME_LIMIT, clean
from oncall_tui.store import customers, finding, words
from oncall_tui.store.engine import Store

WORDS = ("Léman", "moret", "x", "Straße", "日本", "Ελλάδα", "a-b", "it's", "100%", "re:mail", "ﬁn", "ﷺ", "²")


def integrity(store: Store) -> None:
    """Have FTS5 compare its index with the texts that it is of; PostgreSQL keeps its own."""
    if store.dialect == "sqlite":
        with store.begin() as tx:
            check = "INSERT INTO customer_fts (customer_fts, rank) VALUES ('integrity-check', 1)"
            tx.connection.exec_driver_sql(check)


def made(dice: random.Random, number: int) -> Customer:
    def some() -> str:
        return " ".join(dice.choice(WORDS) for _ in range(dice.randint(1, 4)))

    people = tuple(
        Contact(some(), f"p{each}@{number}.example", "022 555 01 40") for each in range(number % 3)
    )
    return Customer(f"c{number}", some(), Plan.PLUS, contacts=people, services=(some(),))


def test_the_index_is_right_after_any_changes(store: Store) -> None:
    dice = random.Random(8)
    alive: dict[int, Customer] = {}
    for _ in range(120):
        number = dice.randint(1, 30)
        with store.begin() as tx:
            if number not in alive:
                alive[number] = made(dice, number)
                customers.add(tx, [(alive[number], None)])
                continue
            row_id, _old = customers.find(tx.connection, f"c{number}")
            if dice.random() < 0.3:
                tx.connection.execute(text("DELETE FROM customers WHERE id = :id"), {"id": row_id})
                del alive[number]
            else:
                alive[number] = made(dice, number)
                customers.replace(tx, row_id, alive[number], None)
    integrity(store)
    assert alive
    with store.connect() as connection:
        for one in alive.values():
            for typed in (one.name, one.services[0], *(contact.email for contact in one.contacts)):
                found = finding.find_at_once(connection, typed, "CH", 50)
                assert one.id in {each.customer for each in found}, typed
        gone = {f"c{number}" for number in range(1, 31)} - {one.id for one in alive.values()}
        for ref in gone:
            assert ref not in {each.customer for each in finding.find_at_once(connection, ref, "CH", 50)}


SHARES = {"everywhere": 0.97, "often": 0.4, "now-and.then": 0.1, "hardlyever": 0.02, "almostnowhere": 0.002}
"""Words, and the share of organisations in which they stand."""


def fits(customer: Customer, typed: str) -> bool:
    """Say what `find_at_once` should, by reading all of an organisation."""
    people = [(contact.name, contact.email, "") for contact in customer.contacts]
    words = f" {customer_text(customer.id, customer.name, people, customer.services)}"
    searched = [
        searchable_customer(customer.id, customer.name),
        *(searchable_contact(name, email) for name, email, _ in people),
        *map(fold, customer.services),
    ]
    begin = all(f" {word}" in words for word in words_in(typed))
    return begin and all(any(part in text for text in searched) for part in fold(typed).split())


def test_in_a_large_store_it_finds_what_reading_everything_finds(store: Store) -> None:
    dice = random.Random(9)
    there = []
    for number in range(2 * words.FEW + 300):
        some = [word for word, share in SHARES.items() if dice.random() < share]
        people = (Contact(" ".join(some[:2]), f"{'.'.join(some) or 'nobody'}@o{number % 7}.example"),)
        name = " ".join(dice.sample(some, len(some))) or "Nothing"
        there.append(Customer(f"k-{number}", name, Plan.PLUS, contacts=people, services=tuple(some[1:])))
    with store.begin() as tx:
        customers.add(tx, [(customer, None) for customer in there])
        # Gaps, in which nothing is left to read.
        for gone in (range(1, 400), range(900, 1100)):
            tx.connection.execute(
                text("DELETE FROM customers WHERE id BETWEEN :a AND :b"), {"a": gone[0], "b": gone[-1]}
            )
            there = [customer for customer in there if int(customer.id[2:]) + 1 not in gone]
    typed = ["n", "k-1", "k-22", "now-and.then", "then often", "o3.example", "@o3.example"]
    while len(typed) < 90:
        some = dice.sample(sorted(SHARES), dice.randint(1, 3))
        typed.append(" ".join(word[: dice.randint(1, len(word))] for word in some))
    with store.connect() as connection:
        for each in typed:
            wanted = {customer.id for customer in there if fits(customer, each)}
            for limit in (5, 100):
                found = [one.customer for one in finding.find_at_once(connection, each, "CH", limit)]
                assert len(found) == len(set(found)) == min(limit, len(wanted)), (each, limit)
                assert set(found) <= wanted, (each, limit)


@pytest.mark.parametrize("name", HOSTILE.values(), ids=HOSTILE)
def test_a_hostile_name_is_found_by_itself(store: Store, name: str) -> None:
    name = clean(name, limit=NAME_LIMIT)
    with store.begin() as tx:
        customers.add(tx, [(Customer("x", name, Plan.PLUS, services=(name,)), None)])
    integrity(store)
    with store.connect() as connection:
        found = finding.find(connection, name, "CH", 5)
        assert [one.customer for one in found] == (["x"] if fold(name).split() else [])


def test_an_organisation_with_more_words_than_there_is_room_for_is_stored_and_found(store: Store) -> None:
    crowd = tuple(Contact(f"Person{number:06} Unique{number:06}") for number in range(20_000))
    with store.begin() as tx:
        customers.add(tx, [(Customer("crowd", "Crowd", Plan.PLUS, contacts=crowd), None)])
    integrity(store)
    with store.connect() as connection:
        for typed in ("crowd", "unique000001", "unique019999", "nique019999"):
            found = finding.find(connection, typed, "CH", 5)
            assert [one.customer for one in found] == ["crowd"], typed


@given(st.text(max_size=300))
def test_words_are_folded_once_each_and_hold_nothing_that_parts_them(typed: str) -> None:
    words = words_in(typed)
    assert len(words) == len(set(words))
    for word in words:
        assert 0 < len(word) <= WORD_LIMIT
        assert words_in(word) == [word]
    assert customer_text("", typed, (), ()) == " ".join(words)


def test_a_text_ends_with_a_whole_word() -> None:
    found = customer_text("", " ".join(f"word{number}" for number in range(60_000)), (), ())
    assert TEXT_LIMIT - 10 < len(found) <= TEXT_LIMIT
    assert found.split()[-1] == f"word{len(found.split()) - 1}"
