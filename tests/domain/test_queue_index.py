"""The index keeps what a sort would give, whatever comes and goes and however time passes."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oncall_tui.domain.queue_index import CLOCKLESS, Place, QueueIndex

places = st.builds(
    Place,
    part=st.sampled_from([CLOCKLESS, 0, 1, 2]),
    first=st.integers(-5, 5),
    second=st.integers(0, 2),
    third=st.integers(0, 2),
    id=st.integers(1, 30),
)
offsets = st.fixed_dictionaries({0: st.integers(-9, 9), 1: st.integers(-9, 9), 2: st.integers(-9, 9)})
changes = st.lists(
    st.tuples(st.lists(places, max_size=12), st.lists(st.integers(1, 30), max_size=6), offsets)
)


def expected(model: dict[int, Place], at: dict[int, int]) -> list[int]:
    def key(place: Place) -> tuple[int, ...]:
        return (place.part == CLOCKLESS, place.first - at.get(place.part, 0), *place[2:])

    return [place.id for place in sorted(model.values(), key=key)]


@given(start=st.lists(places, unique_by=lambda place: place.id, max_size=30), steps=changes)
def test_whatever_comes_and_goes_the_index_is_sorted(
    start: list[Place], steps: list[tuple[list[Place], list[int], dict[int, int]]]
) -> None:
    index = QueueIndex(start)
    model, at = {place.id: place for place in start}, dict[int, int]()
    for puts, gone, coordinates in [([], [], {}), *steps]:
        index.apply(puts, gone)
        for ticket_id in gone:
            model.pop(ticket_id, None)
        model |= {place.id: place for place in puts}
        at = coordinates
        index.advance(coordinates)
        wanted = expected(model, at)
        assert len(index) == len(wanted)
        assert index.slice(0, 100) == wanted
        assert index.slice(3, 9) == wanted[3:9]
        assert [index.id_at(place) for place in range(len(wanted))] == wanted
        assert [index.position(ticket) for ticket in wanted] == list(range(len(wanted)))
        assert [index.rank(model[ticket]) for ticket in wanted] == list(range(len(wanted)))
        assert set(index) == set(wanted)
        assert all((ticket in index) == (ticket in wanted) for ticket in range(31))
    assert index.position(99) is None


@given(st.lists(places, unique_by=lambda place: place.id), st.integers(-6, 6))
def test_what_was_due_before_is_counted(found: list[Place], now: int) -> None:
    due = [place for place in found if place.part == 0]
    assert QueueIndex(due).overdue(now) == sum(place.first < now for place in due)


def test_there_is_nothing_outside() -> None:
    index = QueueIndex([Place(0, 1, 0, 0, 7)])
    for position in (-1, 1):
        with pytest.raises(IndexError):
            index.id_at(position)
    assert index.slice(-5, 0) == []
    assert QueueIndex().slice(0, 5) == []


def test_a_place_that_isnt_taken_yet_has_a_rank() -> None:
    index = QueueIndex([Place(0, 10, 0, 0, 1), Place(0, 20, 0, 0, 2), Place(CLOCKLESS, 1, 0, 0, 3)])
    assert index.rank(Place(0, 15, 0, 0, 9)) == 1
    assert index.rank(Place(5, 25, 0, 0, 9)) == 2
    assert index.rank(Place(CLOCKLESS, 0, 0, 0, 9)) == 2
