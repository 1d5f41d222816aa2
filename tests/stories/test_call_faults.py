"""What goes wrong while somebody is on the telephone: no answer is lost, and none is made up."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from board import on_loop, screen_text, until
from callers import CodedNight, shows, type_code
from calling import NUMBER, answered, deliberate, known, opened, press, record, rested

from oncall_tui.desk.calls import CallDesk
from oncall_tui.domain.calls import Step
from oncall_tui.domain.emergency import Reason
from oncall_tui.domain.errors import StoreUnavailable
from oncall_tui.screens import call_store
from oncall_tui.screens.board import BoardScreen
from oncall_tui.screens.call import CallScreen
from oncall_tui.screens.lookup import LookupScreen


@pytest.fixture
def night(tmp_path: Path) -> Iterator[CodedNight]:
    made = CodedNight(tmp_path)
    yield made
    made.close()


@pytest.fixture(autouse=True)
def _deliberate(monkeypatch: pytest.MonkeyPatch) -> None:
    deliberate(monkeypatch)


def away(*_: object, **__: object) -> None:
    raise StoreUnavailable("night.db is locked by another program")


@pytest.mark.parametrize("again", ["f", "enter"])
@on_loop
async def test_an_answer_that_isnt_stored_is_said_and_stored_with_the_same_key_or_enter(
    night: CodedNight, again: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = night.app()
    async with app.run_test(size=(80, 24)) as pilot:
        ref = await opened(pilot, night)
        with monkeypatch.context() as broken:
            broken.setattr(CallDesk, "answer", away)
            await press(pilot, "f")
            await shows(pilot, "4 Language French ! NOT STORED", "NOT STORED: night.db is locked")
            assert answered(night, ref).language == ""
        await press(pilot, again)
        await shows(pilot, "4 Language French = ok")
        assert "NOT STORED" not in screen_text(app)
    assert answered(night, ref).language == "fr"


@on_loop
async def test_what_the_same_key_takes_back_is_stored_before_it_is_taken_back(
    night: CodedNight, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = night.app()
    async with app.run_test(size=(80, 24)) as pilot:
        ref = await opened(pilot, night)
        with monkeypatch.context() as broken:
            broken.setattr(CallDesk, "answer", away)
            await press(pilot, "h")
            await shows(pilot, "NOT STORED")
        await press(pilot, "h")
        await shows(pilot, "refused, caller hung up")
        await press(pilot, "h")
        await shows(pilot, "nothing against it")
    assert [step.step.value for step in known(night, ref).steps[2:]] == ["ending", "ending"]


@on_loop
async def test_what_was_typed_stays_until_it_is_stored(
    night: CodedNight, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = night.app()
    async with app.run_test(size=(80, 24)) as pilot:
        ref = await opened(pilot, night)
        with monkeypatch.context() as broken:
            broken.setattr(CallDesk, "answer", away)
            await press(pilot, "w", *"Disks", "escape")
            await shows(pilot, "8 Summary Disks ! NOT STORED")
            await press(pilot, "escape")
            await shows(pilot, "NOT STORED yet; Esc again leaves without it")
            await press(pilot, "w")
            await shows(pilot, "Summary Disks")
            await press(pilot, *" gone".replace(" ", "x"), "enter")
            await shows(pilot, "8 Summary Disksxgone ! NOT STORED")
        await press(pilot, "enter")
        await until(pilot, lambda: answered(night, ref).summary == "Disksxgone", "it is stored")


@pytest.mark.parametrize("then", ["y", "enter"])
@on_loop
async def test_an_answer_that_isnt_stored_is_not_lost_to_the_next_one(
    night: CodedNight, then: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = night.app()
    async with app.run_test(size=(80, 24)) as pilot:
        ref = await opened(pilot, night)
        with monkeypatch.context() as broken:
            broken.setattr(CallDesk, "answer", away)
            await press(pilot, "w", *"Disks", "enter")
            await shows(pilot, "8 Summary Disks ! NOT STORED")
            await press(pilot, "f")
            await shows(pilot, "8 Summary Disks ! NOT STORED", "4 Language French ! NOT STORED")
        await press(pilot, *["down", "down", "down", "down"], then)
        await until(pilot, lambda: answered(night, ref).language == "fr", "it is stored")
        assert answered(night, ref).summary == "Disks"
        assert answered(night, ref).infrastructure is (True if then == "y" else None)
        assert "NOT STORED" not in screen_text(app)


@on_loop
async def test_what_couldnt_be_stored_is_recorded_with_the_decision(
    night: CodedNight, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = night.app()
    async with app.run_test(size=(80, 24)) as pilot:
        ref = await opened(pilot, night)
        await press(pilot, "z")
        with monkeypatch.context() as broken:
            broken.setattr(CallDesk, "answer", away)
            await press(pilot, "w", *"Pizza", "enter")
            await shows(pilot, "8 Summary Pizza ! NOT STORED")
        await press(pilot, "enter", "enter")
        await shows(pilot, "REFUSED: wrong number")
    assert record(night, ref).summary == "Pizza"


@on_loop
async def test_a_decision_that_isnt_recorded_can_be_recorded_again(
    night: CodedNight, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = night.app()
    async with app.run_test(size=(80, 24)) as pilot:
        ref = await opened(pilot, night)
        await press(pilot, "z")
        with monkeypatch.context() as broken:
            broken.setattr(CallDesk, "record", away)
            await press(pilot, "enter")
            await shows(pilot, "NOT STORED", "Enter tries again", "So far: refused, wrong number")
        await press(pilot, "enter")
        await shows(pilot, "REFUSED: wrong number")
    assert record(night, ref).reason is Reason.WRONG_NUMBER


@on_loop
async def test_a_store_that_takes_long_keeps_nobody_on_the_page(
    night: CodedNight, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(call_store, "SLOW_ANSWER", 0.01)
    goes_on = threading.Event()
    answer = CallDesk.answer

    def slow(desk: CallDesk, *arguments: object) -> object:
        goes_on.wait(30)
        return answer(desk, *arguments)  # type: ignore[arg-type]

    app = night.app()
    async with app.run_test(size=(80, 24)) as pilot:
        ref = await opened(pilot, night)
        monkeypatch.setattr(CallDesk, "answer", slow)
        await pilot.press("f")
        await shows(pilot, "still storing the last answer")
        await pilot.press("y")
        await shows(pilot, "the last answer is still being stored")
        await pilot.press("escape")
        await until(pilot, lambda: isinstance(app.screen, BoardScreen), "the board")
        goes_on.set()
        await until(pilot, lambda: answered(night, ref).language == "fr", "it is stored all the same")


@on_loop
async def test_a_call_that_cant_be_read_says_why_and_is_read_when_it_can(
    night: CodedNight, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = night.app()
    with monkeypatch.context() as broken:
        broken.setattr(CallDesk, "triage", away)
        async with app.run_test(size=(80, 24)) as pilot:
            ref = night.desk("Léa").calls.start(NUMBER).ref
            await until(pilot, lambda: app.session.health.read_at is not None, "the board is there")
            app.session.refresh()
            await until(pilot, lambda: app.session.call_in_hand is not None, "the call is known")
            await pilot.press("a")
            await shows(pilot, "This can't be read: night.db is locked by another program")
            broken.undo()
            app.show_time(night.clock())
            await until(pilot, lambda: rested(app), "it is read")
            await shows(pilot, "Banque du Léman, Anne Rochat")
    assert known(night, ref).call.open


@on_loop
async def test_two_engineers_at_one_call_leave_the_answers_of_who_has_it(night: CodedNight) -> None:
    app = night.app()
    async with app.run_test(size=(80, 24)) as pilot:
        ref = await opened(pilot, night)
        marc = night.desk("Marc")
        marc.calls.take_over(ref)
        marc.calls.answer(ref, Step.LANGUAGE, {"language": "en"})
        await press(pilot, "w", *"Mine", "enter")
        await shows(pilot, "Marc has this call", "4 Language English")
    answers = answered(night, ref)
    assert (answers.language, answers.summary) == ("en", "")


@on_loop
async def test_no_digit_of_a_code_stays_on_the_page_of_the_call(night: CodedNight) -> None:
    """R19"""
    app = night.app()
    async with app.run_test(size=(80, 24)) as pilot:
        ref = await opened(pilot, night)
        await type_code(pilot, "98765432")
        await shows(pilot, "NO MATCH")
        lookup = app.screen
        assert isinstance(lookup, LookupScreen)
        assert lookup._first == ""
        await pilot.press("escape")
        await until(pilot, lambda: isinstance(app.screen, CallScreen) and rested(app), "back on the call")
        await shows(pilot, "a wrong code, no other yet")
        assert "98765432" not in screen_text(app).replace(" ", "")
    assert "98765432" not in str(known(night, ref).steps)
    assert not any("98765432" in str(row) for row in night.rows("SELECT * FROM audit"))
