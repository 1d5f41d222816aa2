from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st
from sample import due_in, ticket
from support import NOW

from oncall_tui.domain.queue import QUEUES, queue_named
from oncall_tui.domain.queue_index import Place, QueueIndex
from oncall_tui.domain.tickets import Ticket
from oncall_tui.widgets.queue_view import ROWS_KEPT, Fall, QueueView


def open_ticket(number: int, minutes: int = 60, **more: object) -> Ticket:
    left = due_in(timedelta(minutes=minutes))
    return ticket(id=number, ref=f"T-{number}", response=left, revision=number, **more)


def view_of(*tickets: Ticket, queue: str = "all") -> QueueView:
    view = QueueView(queue_named(queue), "Léa")
    view.load(QueueIndex(map(Place.of, tickets)), tickets, NOW, complete=True)
    return view


def ids(view: QueueView) -> list[int]:
    return [found for place in range(len(view)) if (found := view.id_at(place)) is not None]


def test_the_cursor_stays_on_its_ticket_wherever_that_goes() -> None:
    view = view_of(open_ticket(1, 10), open_ticket(2, 20), open_ticket(3, 30))
    view.move_to(1)
    view.apply([replace(open_ticket(4, 5), revision=4)], NOW)
    assert (view.cursor_id, view.cursor_position) == (2, 2)
    view.apply([replace(open_ticket(2, 90), revision=5)], NOW)
    assert ids(view) == [4, 1, 3, 2]
    assert (view.cursor_id, view.cursor_position) == (2, 3)


def test_when_its_ticket_leaves_the_cursor_falls_to_the_one_in_its_place() -> None:
    view = view_of(open_ticket(1, 10), open_ticket(2, 20), open_ticket(3, 30))
    view.move_to(1)
    view.apply([replace(open_ticket(2, 20), closed_at=NOW, revision=9)], NOW)
    assert (view.cursor_id, view.cursor_position) == (3, 1)
    view.apply([replace(open_ticket(3, 30), closed_at=NOW, revision=10)], NOW)
    assert (view.cursor_id, view.cursor_position) == (1, 0)
    view.apply([replace(open_ticket(1, 10), closed_at=NOW, revision=11)], NOW)
    assert view.cursor_id is None
    assert view.current is None


def test_an_older_answer_changes_nothing_after_a_newer_one() -> None:
    view = view_of(open_ticket(1, 10))
    closed = replace(open_ticket(1, 10), closed_at=NOW, revision=8)
    view.apply([closed], NOW)
    view.apply([replace(open_ticket(1, 10), owner="Marc", revision=7)], NOW)
    assert ids(view) == []
    view.put_rows({1: replace(open_ticket(1, 10), revision=7)}, ())
    assert view.rows == {}


def test_a_ticket_enters_and_leaves_a_queue_by_what_it_is() -> None:
    view = view_of(queue="mine")
    mine = replace(open_ticket(1), owner="Léa", revision=2)
    view.apply([mine], NOW)
    assert ids(view) == [1]
    view.apply([replace(mine, owner="Marc", revision=3)], NOW)
    assert ids(view) == []


def test_the_overdue_queue_grows_by_the_clock_alone() -> None:
    view = view_of(open_ticket(1, -5), open_ticket(2, 1), open_ticket(3, 30), queue="overdue")
    assert ids(view) == [1]
    assert view.settle(NOW + timedelta(minutes=1)) is False  # at the due instant it can still be met
    assert view.settle(NOW + timedelta(minutes=1, microseconds=1)) is True
    assert ids(view) == [1, 2]
    assert view.id_at(2) is None


def test_rows_far_from_the_screen_are_forgotten() -> None:
    view = view_of(*(open_ticket(number, number) for number in range(1, 30)))
    view.put_rows({number: open_ticket(number) for number in range(100, 100 + ROWS_KEPT)}, near=[1, 2])
    assert {1, 2} <= view.rows.keys()
    assert 20 not in view.rows
    assert view.missing(0, 3) == [3]


OWNERS = st.sampled_from([None, "Léa", "Marc"])
changes = st.lists(
    st.tuples(
        st.integers(1, 12), st.integers(-30, 90), st.booleans(), st.sampled_from([None, "Léa", "Marc"])
    ),
    max_size=40,
)


@given(changes, st.sampled_from([queue.name for queue in QUEUES]))
def test_after_any_changes_it_is_what_a_fresh_look_would_give(
    done: list[tuple[int, int, bool, str | None]], name: str
) -> None:
    view = view_of(queue=name)
    state: dict[int, Ticket] = {}
    for revision, (number, minutes, closed, owner) in enumerate(done, 1):
        changed = replace(
            open_ticket(number, minutes), closed_at=NOW if closed else None, owner=owner, revision=revision
        )
        state[number] = changed
        view.apply([changed], NOW)
        assert view.cursor_id is None or view.id_at(view.cursor_position) == view.cursor_id
    queue = queue_named(name)
    fresh = sorted(Place.of(each) for each in state.values() if queue.holds(each, "Léa", NOW))
    assert ids(view) == [key.id for key in fresh]


def test_a_fall_is_remembered_with_the_row_that_left_unless_it_was_ones_own_act() -> None:
    tickets = [open_ticket(number, 10 * number) for number in (1, 2, 3)]
    view = view_of(*tickets, queue="unassigned")
    assert view.fall is None
    taken = replace(tickets[0], owner="Marc", revision=7)
    view.apply([taken], NOW)
    assert (view.cursor_id, view.fall) == (2, Fall(1, taken))
    view.fall = None
    own = replace(tickets[1], owner="Léa", revision=8)
    view.expect(own)
    view.apply([own], NOW)
    assert (view.cursor_id, view.fall) == (3, None)


def test_an_act_that_comes_to_be_known_after_the_fall_takes_it_back() -> None:
    view = view_of(open_ticket(1, 10), open_ticket(2, 20))
    own = replace(open_ticket(1, 10), closed_at=NOW, revision=7)
    view.apply([own], NOW)
    assert view.fall == Fall(1, own)
    view.expect(own)
    assert view.fall is None


def test_an_earlier_act_of_ones_own_doesnt_excuse_what_somebody_else_did_later() -> None:
    view = view_of(open_ticket(1, 10), open_ticket(2, 20))
    own = replace(open_ticket(1, 10), owner="Léa", revision=7)
    view.expect(own)
    view.apply([own], NOW)
    closed = replace(own, closed_at=NOW, revision=8)
    view.apply([closed], NOW)
    assert view.fall == Fall(1, closed)
