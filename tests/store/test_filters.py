"""A filter finds the same tickets in the database and in memory."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support import NOW, HandClock

from oncall_tui.desk import Desk
from oncall_tui.domain.customers import Customer
from oncall_tui.domain.filters import Filter
from oncall_tui.domain.plans import Plan
from oncall_tui.domain.queue import QUEUES, Queue, queue_named
from oncall_tui.domain.tickets import Channel, Means
from oncall_tui.store import customers, queues

ALL = queue_named("all")
OPERATORS = ("Léa", "Marc Ä_b", "léa")
SUBJECTS = (
    "Cluster unreachable",
    "Zertifikat für Straße 5 läuft ab",
    "100% of the disk is full",
    "1000 mails, 0 delivered",
    "path C:\\temp\\new not found",
    "a/b test_case fails",
    "a-b testXcase fails",
    "İstanbul office: Łódź line down",
    "Œuvre d’été",
    "サーバーが落ちました",
    "'; DROP TABLE tickets; --",
    're:invoice plan:pro !now "quoted"',
)
CONTACTS = ("", "A. Rochat", "léa", "none", "Zoé %")


@pytest.fixture
def varied(desk: Desk, clock: HandClock, open_as: Callable[..., Desk]) -> Desk:
    """Forty tickets in every state, of six customers, whose texts hold what a database could mistake."""
    chance = random.Random(3)
    with desk.store.begin() as tx:
        customers.add(
            tx,
            [
                (Customer("le", "100% Léman_AG", Plan.PRO), None),
                (Customer("Le_Man", "Leman\\Söhne GmbH", Plan.ENTERPRISE), None),
            ],
        )
    desks = [open_as(name) for name in OPERATORS]
    for number in range(40):
        clock.now = NOW - timedelta(minutes=400 - 10 * number)
        one = chance.choice(desks)
        ticket = one.tickets.new(
            customer=chance.choice(["leman", "moret", "tessin", "jardin", "le", "Le_Man"]),
            channel=chance.choice([Channel.EMAIL, Channel.PHONE]),
            subject=chance.choice(SUBJECTS),
            contact=chance.choice(CONTACTS),
            ref=f"T-{number}" if number % 3 else None,
        )
        if chance.random() < 0.6:
            one.tickets.take(ticket.id)
        if chance.random() < 0.3:
            one.tickets.answer(ticket.id, Means.EMAIL)
        if chance.random() < 0.1:
            one.tickets.close(ticket.id, reason="done")
    clock.now = NOW
    return desk


pieces = st.sampled_from(
    [*SUBJECTS, *CONTACTS, *OPERATORS, "leman", "Le_Man", "100% Léman_AG", "T-1", "%_\\/"]
)
parts = st.builds(
    lambda text, start, length: text[start : start + length],
    pieces,
    st.integers(0, 20),
    st.integers(1, 8),
)
quoted = st.one_of(parts, st.builds('"{}"'.format, parts))


def of_key(key: str, values: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.lists(values, min_size=1, max_size=3).map(lambda several: key + ",".join(several))


terms = st.builds(
    str.__add__,
    st.sampled_from(["", "!"]),
    st.one_of(
        quoted,
        of_key("owner:", st.one_of(quoted, st.sampled_from(["me", "none"]))),
        of_key("customer:", st.one_of(quoted, st.sampled_from(["leman", "le", "le_man", "x_"]))),
        of_key("plan:", st.sampled_from(["pro", "p", "e", "std"])),
        of_key("state:", st.sampled_from(["new", "a", "in"])),
        of_key("via:", st.sampled_from(["mail", "call", "e", "phone"])),
    ),
)


@given(st.lists(terms, max_size=4), st.sampled_from(QUEUES), st.sampled_from(OPERATORS))
@settings(max_examples=300, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_the_database_and_the_memory_choose_the_same_tickets(
    varied: Desk, texts: list[str], queue: Queue, operator: str
) -> None:
    narrowed = queue.narrowed(Filter.parse(" ".join(texts)))
    now = varied.clock()
    everything = varied.queue.rows(range(1, 60)).values()
    expected = [ticket.ref for ticket in everything if narrowed.holds(ticket, operator, now)]
    with varied.store.connect() as connection:
        found = queues.page(connection, narrowed, operator, now, limit=100)
    assert sorted(ticket.ref for ticket in found) == sorted(expected)


def test_each_kind_of_condition_finds_some_and_not_all(varied: Desk) -> None:
    everything = varied.queue.page(ALL, limit=100)
    for text in (
        "strasse",
        "%",
        "!%",
        "t_c",
        "\\",
        "a/b",
        "lodz",
        "d'ete",
        "サーバー",
        "drop",
        "owner:me",
        "!owner:me",
        "owner:none",
        "owner:lea",
        "owner:ä_b",
        "!owner:lea",
        "customer:le",
        "customer:leman",
        "!customer:le_man",
        "plan:e,pro",
        "state:new",
        "state:a,in",
        "via:mail",
        "plan:e state:new !mails",
    ):
        queue = ALL.narrowed(Filter.parse(text))
        found = varied.queue.page(queue, limit=100)
        assert 0 < len(found) < len(everything), text
        assert varied.queue.page(queue, limit=100, as_of=varied.clock()) == found
        assert varied.queue.index(queue).index.slice(0, 100) == [ticket.id for ticket in found]


def test_what_is_found_follows_what_is_changed(desk: Desk) -> None:
    def found(text: str) -> list[str]:
        return [ticket.ref for ticket in desk.queue.page(ALL.narrowed(Filter.parse(text)), limit=9)]

    ticket = desk.tickets.new(customer="leman", channel=Channel.EMAIL, subject="Größe", ref="T-1")
    assert found("groesse") == []
    assert found("grosse") == found("owner:none") == ["T-1"]
    desk.tickets.hand_over(ticket.id, "Zoé")
    assert found("zoe") == found("owner:zo") == ["T-1"]
    with desk.store.begin() as tx:
        customer_id, customer = customers.find(tx.connection, "leman")
        customers.replace(tx, customer_id, replace(customer, name="Banca Ticinese"), None)
    assert found("ticinese") == found("customer:banca") == ["T-1"]
    assert found("banque") == []
