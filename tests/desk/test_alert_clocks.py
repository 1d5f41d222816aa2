"""Desks whose clocks are apart, a clock that is set back: nothing is lost."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from support import NOW, HandClock

from oncall_tui.desk import Desk
from oncall_tui.domain.alerts import Channel
from oncall_tui.domain.tickets import Channel as Via
from oncall_tui.store.engine import Store


def revision(store: Store) -> int:
    with store.connect() as connection:
        return int(connection.exec_driver_sql("SELECT value FROM revision").scalar_one())


def with_clock(desk: Desk, clock: HandClock) -> Desk:
    return replace(desk, context=replace(desk.context, clock=clock), _alerts={})


@pytest.mark.parametrize("apart", [timedelta(minutes=1), timedelta(hours=1)])
def test_desks_whose_clocks_are_apart_do_not_write_each_others_note_anew(
    open_as: Callable[..., Desk], clock: HandClock, apart: timedelta
) -> None:
    ahead = HandClock(NOW + apart)
    desks = open_as("Léa"), with_clock(open_as("Marc"), ahead)
    for _ in range(3):
        for desk in desks:
            desk.alerts.evaluate()
    before = revision(desks[0].context.store)
    for _ in range(5):
        for desk in desks:
            clock.advance(seconds=1)
            ahead.advance(seconds=1)
            desk.alerts.evaluate()
    assert revision(desks[0].context.store) == before


@pytest.mark.parametrize("apart", [-timedelta(hours=1), timedelta(seconds=31)])
def test_a_desk_whose_clock_is_wrong_takes_nothing_for_dead_that_is_under_way(
    desk: Desk, open_as: Callable[..., Desk], clock: HandClock, apart: timedelta
) -> None:
    """And takes over what has been under way for too long by its own clock."""
    other = HandClock(NOW + apart)
    marc = with_clock(open_as("Marc"), other)
    desk.alerts.evaluate()
    marc.alerts.outgoing(marc.alerts.place)
    desk.tickets.new(customer="leman", channel=Via.EMAIL, subject="Mail")
    desk.alerts.evaluate()
    (going,) = desk.alerts.outgoing(desk.alerts.place)

    def claimed(by: Desk) -> int:
        by.alerts.outgoing(by.alerts.place)
        return len(by.alerts.claim([going.alert], {Channel.PUSH}, by.alerts.place)[Channel.PUSH])

    assert [claimed(each) for each in (desk, marc, desk, marc)] == [1, 0, 0, 0]
    other.advance(seconds=31)
    assert [claimed(each) for each in (marc, desk)] == [1, 0]
