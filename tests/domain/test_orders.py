"""What comes first in each order, and what a queue holds when it is narrowed."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sample import due_in, ticket
from support import NOW

from oncall_tui.domain.errors import BadInput
from oncall_tui.domain.filters import Filter
from oncall_tui.domain.plans import Plan
from oncall_tui.domain.queue import QUEUES, Order, Queue, queue_named
from oncall_tui.domain.queue_index import sort_key
from oncall_tui.domain.tickets import REAL_TIME_CALENDAR, Promise, Ticket

HOUR = timedelta(hours=1)


def asked(number: int, hours_ago: int, plan: Plan, revision: int, **more: object) -> Ticket:
    received = NOW - hours_ago * HOUR
    return ticket(
        id=number,
        ref=f"T-{number}",
        received_at=received,
        plan=plan,
        revision=revision,
        calendar_id=number,
        **more,
    )


PRO = asked(1, 3, Plan.PRO, 9, response=due_in(HOUR))
PLUS = asked(2, 5, Plan.PLUS, 4, response=due_in(-HOUR))
FREE = asked(3, 9, Plan.STANDARD, 7)
BANK = asked(4, 1, Plan.ENTERPRISE, 7, response=due_in(2 * HOUR))
ANSWERED = asked(5, 3, Plan.PRO, 2, response=due_in(HOUR), answered_at=NOW)
TICKETS = (PRO, PLUS, FREE, BANK, ANSWERED)

OPEN_AT = {1: 0, 2: 0, 4: PLUS.response.due_open * 5}
"""Where now stands in each calendar: the third is far ahead, so the least is left there."""


@pytest.mark.parametrize(
    ("order", "expected"),
    [
        (Order.DUE, [PLUS, PRO, BANK, FREE, ANSWERED]),
        (Order.OPENING, [BANK, PLUS, PRO, FREE, ANSWERED]),
        (Order.OLDEST, [FREE, PLUS, PRO, ANSWERED, BANK]),
        (Order.NEWEST, [BANK, ANSWERED, PRO, PLUS, FREE]),
        (Order.PLAN, [BANK, PRO, ANSWERED, PLUS, FREE]),
        (Order.CHANGED, [PRO, BANK, FREE, PLUS, ANSWERED]),
    ],
)
def test_what_comes_first(order: Order, expected: list[Ticket]) -> None:
    """R10, and what helps to find a ticket"""
    found = sorted(TICKETS, key=lambda each: sort_key(each, order, OPEN_AT.__getitem__))
    assert [each.ref for each in found] == [each.ref for each in expected]


def test_each_order_is_said_in_words_and_ends_with_the_id() -> None:
    assert Order.OPENING.label == "by opening time left"
    assert len({order.label for order in Order}) == len(Order)
    for order in Order:
        assert sort_key(PRO, order, OPEN_AT.__getitem__)[-1] == PRO.id


def test_the_running_clock_says_on_which_calendar_it_counts() -> None:
    """R5, R7"""
    promised = asked(6, 3, Plan.PRO, 1, answered_at=NOW, promise=Promise(NOW, "Léa", due_in(HOUR)))
    assert (PRO.clock_calendar_id, FREE.clock_calendar_id, ANSWERED.clock_calendar_id) == (1, None, None)
    assert promised.clock_calendar_id == REAL_TIME_CALENDAR
    assert asked(7, 1, Plan.PRO, 1, response=due_in(HOUR), closed_at=NOW).clock_calendar_id is None


def test_a_narrowed_queue_holds_what_both_hold() -> None:
    pro = queue_named("pro")
    narrowed = pro.narrowed(Filter.parse("state:new")).narrowed(Filter.parse("!t-9"))
    assert [each for each in TICKETS if narrowed.holds(each, "Léa", NOW)] == [PRO]
    assert (narrowed.name, narrowed.label, narrowed.filter.text) == ("pro", "Pro", "state:new !t-9")
    assert pro.narrowed(Filter()) is pro


def test_a_queue_of_ones_own_goes_by_its_name() -> None:
    own = Queue("night", "Night", filter=Filter.parse("via:call"))
    assert queue_named("night", (*QUEUES, own)) is own
    with pytest.raises(BadInput) as caught:
        queue_named("nigth", (*QUEUES, own))
    assert caught.value.hint.endswith("overdue, night")
