"""A call rings while an engineer is busy with something else (R11, R14)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from board import Night, loaded, on_loop, screen_lines, screen_text, until
from callers import CodedNight
from textual.pilot import Pilot

from oncall_tui.app import OncallApp
from oncall_tui.domain.calls import Call, Step
from oncall_tui.translation import spoken

ROCHAT = "+41 22 555 01 40"


@pytest.fixture
def coded(tmp_path: Path) -> Iterator[CodedNight]:
    made = CodedNight(tmp_path)
    yield made
    made.close()


async def refreshed(pilot: Pilot[None]) -> None:
    """Ask the store, and wait until what it says is shown."""
    app = pilot.app
    assert isinstance(app, OncallApp)
    app.session.refresh()
    live = app.live
    assert live is not None
    await until(pilot, lambda: not live.busy, "the store has answered")


async def shows(pilot: Pilot[None], *texts: str) -> None:
    await until(pilot, lambda: all(text in screen_text(pilot.app) for text in texts), " ".join(texts))


def in_hand(night: Night, ref: str) -> Call:
    return night.desk("reader").calls.get(ref)


@pytest.mark.parametrize("keys", [(), ("v",), ("question_mark",), ("l",), ("v", "slash")], ids=str)
@on_loop
async def test_a_call_appears_on_top_of_whatever_is_open(coded: CodedNight, keys: tuple[str, ...]) -> None:
    call = coded.desk("telephone")
    app = coded.app()
    async with app.run_test(size=(80, 24)) as pilot:
        await loaded(pilot)
        await pilot.press(*keys)
        call.calls.ring(ROCHAT, external_id="one")
        await refreshed(pilot)
        coded.clock.advance(seconds=12)
        app.show_time(coded.clock())
        await pilot.pause()
        first = screen_lines(app)[0]
        assert first.startswith(" RINGING 00:12  +41 22 555 01 40  Ent  Anne Rochat, Banque du"), first
        assert first.endswith("picks up")


@on_loop
async def test_of_two_desks_one_picks_it_up_and_the_other_sees_who(coded: CodedNight) -> None:
    ref = coded.desk("telephone").calls.ring(ROCHAT).ref
    app, other = coded.app(), coded.desk("Marc")
    async with app.run_test(size=(80, 24)) as pilot:
        await loaded(pilot)
        await refreshed(pilot)
        await shows(pilot, "RINGING")
        other.calls.pick_up(ref)
        await pilot.press("a")
        await shows(pilot, f"Marc picked {ref} up at 03:12:44")
        assert in_hand(coded, ref).operator == "Marc"
        await refreshed(pilot)
        await shows(pilot, "Marc picked up +41 22 555 01 40")
        assert "RINGING" not in screen_text(app)


@on_loop
async def test_a_letter_that_is_being_typed_picks_nothing_up(coded: CodedNight) -> None:
    coded.file("leman")
    ref = coded.desk("telephone").calls.ring(ROCHAT).ref
    app = coded.app()
    async with app.run_test(size=(80, 24)) as pilot:
        await loaded(pilot)
        await refreshed(pilot)
        await pilot.press("w", "a", "b")
        app.show_time(coded.clock())
        await shows(pilot, "F2 picks up", "ab")
        assert in_hand(coded, ref).operator is None
        await pilot.press("f2")
        await until(pilot, lambda: in_hand(coded, ref).operator == "Léa", "it is picked up")


@on_loop
async def test_a_call_that_nobody_answered_is_missed_and_said(coded: CodedNight) -> None:
    telephone = coded.desk("telephone")
    telephone.calls.ring(ROCHAT, external_id="one")
    app = coded.app()
    async with app.run_test(size=(80, 24)) as pilot:
        await loaded(pilot)
        await refreshed(pilot)
        telephone.calls.hang_up("one")
        await refreshed(pilot)
        await shows(pilot, "missed, nobody answered: +41 22 555 01 40")
        assert "RINGING" not in screen_text(app)


@on_loop
async def test_a_call_of_which_nobody_tells_the_end_is_missed_after_a_while(coded: CodedNight) -> None:
    desk = coded.desk("telephone")
    call = desk.calls.ring(ROCHAT)
    coded.clock.advance(seconds=119)
    assert desk.calls.miss_unanswered() == 0
    coded.clock.advance(seconds=2)
    assert desk.calls.miss_unanswered() == 1
    assert not desk.calls.get(call.ref).open
    assert desk.calls.open() == ()


@on_loop
async def test_two_that_ring_are_counted_and_the_longer_one_is_picked_up(coded: CodedNight) -> None:
    telephone = coded.desk("telephone")
    first = telephone.calls.ring(ROCHAT).ref
    coded.clock.advance(seconds=3)
    second = telephone.calls.ring("+41 26 555 02 01").ref
    app = coded.app()
    async with app.run_test(size=(80, 24)) as pilot:
        await loaded(pilot)
        await refreshed(pilot)
        await shows(pilot, "+1 more")
        await pilot.press("a")
        await until(pilot, lambda: in_hand(coded, first).operator == "Léa", "it is picked up")
        assert in_hand(coded, second).operator is None


@on_loop
async def test_a_call_that_goes_on_is_found_again_after_a_start(coded: CodedNight) -> None:
    ref = coded.desk("Léa").calls.start(ROCHAT).ref
    coded.clock.advance(seconds=47)
    app = coded.app()
    async with app.run_test(size=(80, 24)) as pilot:
        await loaded(pilot)
        await refreshed(pilot)
        await shows(pilot, f"your call {ref} goes on: a goes back to it", "call 00:47 a")


@on_loop
async def test_the_team_is_told_of_an_accepted_call(coded: CodedNight) -> None:
    """R14"""
    app, other = coded.app(), coded.desk("Marc")
    other.alerts.evaluate()
    async with app.run_test(size=(100, 24)) as pilot:
        await loaded(pilot)
        await refreshed(pilot)
        ref = other.calls.start(ROCHAT).ref
        answers = {
            Step.CODE: {"proof": "call-back", "customer": "leman", "name": "Banque du Léman", "by": "x"},
            Step.LANGUAGE: {"language": "fr"},
            Step.INFRASTRUCTURE: {"answer": "yes"},
            Step.NEEDS_US: {"answer": "yes"},
            Step.SERVICE: {"answer": "yes", "service": "Mail"},
        }
        for step, value in answers.items():
            other.calls.answer(ref, step, value)
        done = other.calls.record(ref, spoken)
        other.alerts.evaluate()
        await refreshed(pilot)
        await shows(pilot, f"Alert  Banque du Léman: emergency, target 04:12, {done.ticket}")
        assert done.due_at == coded.clock() + timedelta(hours=1)


@on_loop
async def test_a_call_that_rang_elsewhere_is_begun_by_hand(coded: CodedNight) -> None:
    app = coded.app()
    async with app.run_test(size=(80, 24)) as pilot:
        await loaded(pilot)
        await pilot.press("n", *"0225550140", "enter")
        await until(pilot, lambda: app.session.call_in_hand is not None, "a call is in hand")
        call = app.session.call_in_hand
        assert call is not None
        assert (call.number, call.operator) == ("0225550140", "Léa")
        assert call.on_file is not None
        assert call.on_file.name == "Banque du Léman"


@on_loop
async def test_a_board_that_only_reads_shows_a_ring_and_doesnt_take_it(coded: CodedNight) -> None:
    ref = coded.desk("telephone").calls.ring(ROCHAT).ref
    app = coded.app(read_only=True)
    async with app.run_test(size=(80, 24)) as pilot:
        await loaded(pilot)
        await refreshed(pilot)
        await shows(pilot, "RINGING")
        await pilot.press("a")
        await shows(pilot, "read-only")
        assert in_hand(coded, ref).operator is None
