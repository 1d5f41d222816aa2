"""The telephone beside a desk: what it tells is written down once the store lets it, and in its order."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from queue import SimpleQueue

import pytest
from sqlalchemy import text

from oncall_tui.desk import Desk
from oncall_tui.desk.calls import CallDesk
from oncall_tui.domain.calls import Call
from oncall_tui.sources.baresip import Ringing
from oncall_tui.telephone import Telephone

NOWHERE = ("127.0.0.1", 1)
ONE = Ringing("baresip:1@pbx", "+41225550140", "emergency", "Anne")


def beside(desk: Desk) -> tuple[Telephone, SimpleQueue[str], SimpleQueue[Call]]:
    told: SimpleQueue[str] = SimpleQueue()
    changed: SimpleQueue[Call] = SimpleQueue()
    telephone = Telephone(desk, NOWHERE, told.put, changed.put)
    telephone.start()
    assert "127.0.0.1:1 is not connected" in told.get(timeout=20)
    return telephone, told, changed


def test_what_it_tells_is_written_down_in_its_order_however_often(desk: Desk) -> None:
    telephone, told, changed = beside(desk)
    for _ in range(2):
        telephone.rang(ONE)
    telephone.closed(ONE.external_id, answered=False)
    rang, again, ended = (changed.get(timeout=20) for _ in range(3))
    assert rang == again
    assert (rang.number, rang.called, rang.rings) == ("+41225550140", "emergency", True)
    assert (ended.ref, ended.open, ended.operator) == (rang.ref, False, None)
    telephone.stop()
    assert told.empty()


def test_who_answers_at_the_telephone_has_picked_the_call_up(open_as: Callable[..., Desk]) -> None:
    telephone, told, changed = beside(open_as("Léa"))
    telephone.rang(ONE)
    rang = changed.get(timeout=20)
    for _ in range(2):
        telephone.answered(ONE.external_id)
    assert changed.get(timeout=20).operator == "Léa"
    other = ONE._replace(external_id="baresip:2@pbx")
    telephone.rang(other)
    marc = open_as("Marc")
    marc.calls.pick_up(changed.get(timeout=20).ref)
    telephone.answered(other.external_id)
    telephone.stop()
    assert marc.calls.find(other.external_id).operator == "Marc", "who was first keeps it"
    assert rang.rings
    assert changed.empty()
    assert told.empty()


def test_a_store_that_is_busy_loses_no_call(desk: Desk) -> None:
    """The writer's place is taken for longer than a write waits for it."""
    telephone, told, changed = beside(desk)
    with ExitStack() as busy:
        busy.enter_context(desk.store.begin())
        telephone.rang(ONE)
        telephone.closed(ONE.external_id, answered=False)
        assert told.get(timeout=60).startswith("a call can't be written down yet: ")
    assert changed.get(timeout=20).rings
    assert not changed.get(timeout=20).open
    telephone.stop()
    assert told.empty()
    with desk.store.connect() as connection:
        assert connection.scalar(text("SELECT count(*) FROM call_records")) == 1


def test_a_mistake_in_one_call_loses_none_that_follow(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    telephone, told, changed = beside(desk)
    with monkeypatch.context() as broken:
        broken.setattr(CallDesk, "ring", lambda *_, **__: 1 / 0)
        telephone.rang(ONE)
        assert "a mistake of this program: ZeroDivisionError" in told.get(timeout=20)
    telephone.rang(ONE)
    assert changed.get(timeout=20).number == ONE.number
    telephone.stop()


def test_the_telephone_is_said_to_be_lost_once_and_then_to_be_back(desk: Desk) -> None:
    telephone, told, _ = beside(desk)
    telephone.lost("Connection refused")
    telephone.connected()
    assert "connected again" in told.get(timeout=20)
    telephone.connected()
    telephone.stop()
    assert told.empty()


def test_a_call_that_came_another_way_is_nothing_to_the_telephone(desk: Desk) -> None:
    telephone, told, _ = beside(desk)
    call = desk.calls.ring("", external_id="pbx-1")
    telephone.answer(call)
    telephone.end(call)
    assert told.empty()
    telephone.answer(desk.calls.ring("", external_id=ONE.external_id))
    assert "the telephone is not connected" in told.get(timeout=20)
    telephone.stop()


def test_a_desk_that_only_reads_leaves_the_telephone_alone(open_as: Callable[..., Desk]) -> None:
    told: SimpleQueue[str] = SimpleQueue()
    telephone = Telephone(open_as("Léa", read_only=True), NOWHERE, told.put)
    telephone.start()
    telephone.stop()
    assert told.empty()
