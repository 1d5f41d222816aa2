"""What the palette makes of what is typed."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oncall_tui.actions import Keymap, Scope
from oncall_tui.domain.queue import QUEUES
from oncall_tui.screens.palette import Offer, queue_offers, ranked

OFFERS = [
    *(
        Offer(
            (action.id, action.label, *action.aliases),
            action.shown_keys,
            action.label,
            action.help,
            action.id,
        )
        for action in Keymap().on(Scope.BOARD)
        if not action.numbered and action.id != "palette"
    ),
    *queue_offers(QUEUES, Keymap().named("queue")),
]


@pytest.mark.parametrize(
    ("typed", "call"),
    [
        ("q", "leave"),
        (":q", "leave"),
        ("quit", "leave"),
        ("help", "help"),
        ("calls", "calls"),
        ("emergency", "queue(2)"),
        ("pro", "queue(4)"),
        ("PRO", "queue(4)"),
        ("mine", "queue(7)"),
        ("note", "note"),
        ("hand_over", "hand_over"),
        ("hand over", "hand_over"),
        ("promi", "promise"),
        ("messages", "log"),
        ("overd", "queue(9)"),
    ],
)
def test_what_is_meant_comes_first(typed: str, call: str) -> None:
    assert ranked(OFFERS, typed)[0].call == call


@pytest.mark.parametrize("typed", ["w", ":wq", "x", "e", "zzzz", "!"])
def test_a_reflex_from_elsewhere_does_nothing(typed: str) -> None:
    assert ranked(OFFERS, typed) == []


def test_without_a_word_everything_is_there_in_the_order_of_the_registry() -> None:
    assert ranked(OFFERS, " : ") == OFFERS


def test_each_name_of_an_offer_finds_it() -> None:
    names = [(name, offer) for offer in OFFERS for name in offer.names]
    for name, offer in names:
        assert offer in ranked(OFFERS, name)[: sum(name.lower() == other.lower() for other, _ in names)]


@given(st.text("abcdefghijklmnopqrstuvwxyz _:É", max_size=12))
def test_every_answer_is_made_of_offers_and_none_comes_twice(typed: str) -> None:
    found = ranked(OFFERS, typed)
    assert len(set(found)) == len(found)
    assert set(found) <= set(OFFERS)
