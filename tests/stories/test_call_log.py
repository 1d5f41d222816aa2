"""An engineer reads the log of calls, corrects it, takes it out, and goes on with a call from there."""

from __future__ import annotations

import csv
import stat
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from board import Night, loaded, on_loop, screen_lines, screen_text, until, url_in
from callers import CodedNight
from calls_night import full_night, log_read, ring_two
from hostile import HOSTILE
from logged import missed, picked_up
from support import NOW
from textual import events
from textual.pilot import Pilot

from oncall_tui.app import OncallApp
from oncall_tui.domain.call_log import Field
from oncall_tui.domain.calls import Step
from oncall_tui.domain.errors import OncallError
from oncall_tui.screens.board import BoardScreen
from oncall_tui.screens.call import CallScreen
from oncall_tui.screens.call_detail import CallRecordScreen
from oncall_tui.screens.call_log import CallLogScreen
from oncall_tui.screens.correct_call import CorrectDialog
from oncall_tui.screens.ticket import TicketScreen
from oncall_tui.translation import spoken

SIZE = (100, 30)


@pytest.fixture
def called(tmp_path: Path) -> Iterator[CodedNight]:
    """A night with tickets, codes, and seven calls in the log."""
    made = full_night(tmp_path)
    yield made
    made.close()


async def keys(pilot: Pilot[None], *names: str) -> None:
    """Press each key and wait until what it asks for is there."""
    for name in names:
        await pilot.press(name)
        await pilot.pause()
        await log_read(pilot)


def typed(text: str) -> tuple[str, ...]:
    names = {
        " ": "space",
        ":": "colon",
        "!": "exclamation_mark",
        ",": "comma",
        ".": "full_stop",
        "-": "minus",
    }
    return tuple(names.get(character, character) for character in text)


def in_one_piece(pilot: Pilot[None], text: str) -> None:
    """Send `text` as a terminal does when it comes at once; `⏎` is Enter."""
    names = {"⏎": "enter", ":": "colon", " ": "space", "/": "slash"}
    for character in text:
        key = events.Key(names.get(character, character), None if character == "⏎" else character)
        pilot.app._driver.send_message(key)  # type: ignore[union-attr]


async def log_of(pilot: Pilot[None]) -> CallLogScreen:
    """Open the log."""
    await loaded(pilot)
    await keys(pilot, "c")
    page = pilot.app.screen
    assert isinstance(page, CallLogScreen)
    return page


def listed(app: OncallApp) -> list[str]:
    """Return the lines of the log, each from its time on."""
    lines = screen_lines(app)
    return [line[2:].strip() for line in lines[4:-2] if line[2:].strip()]


async def on_top(pilot: Pilot[None], kind: type) -> None:
    await until(pilot, lambda: isinstance(pilot.app.screen, kind), f"{kind.__name__} is on top")
    await log_read(pilot)


@on_loop
async def test_the_log_has_every_call_the_newest_first_under_the_counts_of_the_shift(
    called: CodedNight,
) -> None:
    app = called.app()
    async with app.run_test(size=SIZE) as pilot:
        await log_of(pilot)
        assert screen_lines(app)[1].split() == (
            [
                "Since",
                "19:00",
                "1",
                "accepted",
                "2",
                "refused",
                "2",
                "missed",
                "fr",
                "0",
                "en",
                "2",
                "it",
                "1",
            ]
        )
        assert [line.split()[0] for line in listed(app)[:3]] == ["02:42:44", "02:12:44", "00:12:44"]
        assert len(listed(app)) == 7
        assert "refused not infrastructure" in listed(app)[4]
        await keys(pilot, "escape")
        assert isinstance(app.screen, BoardScreen)


@pytest.mark.parametrize("before", [("enter",), ("l",), ("question_mark",)], ids=str)
@on_loop
async def test_c_opens_the_log_from_wherever_one_is(called: CodedNight, before: tuple[str, ...]) -> None:
    app = called.app()
    async with app.run_test(size=SIZE) as pilot:
        await loaded(pilot)
        await keys(pilot, *before, "c")
        await on_top(pilot, CallLogScreen)
        assert len(listed(app)) == 7


@on_loop
async def test_a_filter_is_looked_up_while_it_is_typed_and_goes_with_escape(called: CodedNight) -> None:
    app = called.app()
    async with app.run_test(size=SIZE) as pilot:
        await log_of(pilot)
        await keys(pilot, "slash", *typed("language:fr,it"))
        await until(pilot, lambda: len(listed(app)) == 2, "two calls fit")
        await keys(pilot, "enter")
        assert "/language:fr,it" in screen_lines(app)[2]
        await keys(pilot, "escape")
        await until(pilot, lambda: len(listed(app)) == 7, "all are listed again")
        await keys(pilot, "slash", *typed("moret"), "enter")
        await until(pilot, lambda: len(listed(app)) == 1, "one call of theirs")
        await keys(pilot, "slash", "escape")
        await until(pilot, lambda: len(listed(app)) == 7, "all are listed again")


@on_loop
async def test_a_filter_that_means_nothing_is_told_and_the_one_before_holds(called: CodedNight) -> None:
    app = called.app()
    async with app.run_test(size=SIZE) as pilot:
        await log_of(pilot)
        await pilot.press("slash", *typed("decision:perhaps"), "enter")
        await until(pilot, lambda: "fits no decision of a call" in screen_text(app), "it is told")
        assert "allowed: accepted, refused, missed" in screen_text(app)
        await pilot.press("escape")
        await until(pilot, lambda: len(listed(app)) == 7, "all are listed")


@on_loop
async def test_an_empty_log_says_why_and_which_key_helps(night: Night) -> None:
    app = night.app()
    async with app.run_test(size=SIZE) as pilot:
        await log_of(pilot)
        assert "No call has rung yet." in screen_text(app)
        assert "n begins one that rings on another telephone." in screen_text(app)
        await pilot.press("e")
        assert "there is no call here" in screen_text(app)
        await keys(pilot, "slash", *typed("nobody"), "enter")
        await until(pilot, lambda: "No call fits nobody" in screen_text(app), "it is said")
        assert "/ changes the filter, Esc lists every call again." in screen_text(app)


@on_loop
async def test_a_call_is_opened_with_every_step_and_its_ticket_from_there(called: CodedNight) -> None:
    app = called.app()
    async with app.run_test(size=(100, 50)) as pilot:
        await log_of(pilot)
        await keys(pilot, "j", "enter")
        await on_top(pilot, CallRecordScreen)
        shown = screen_text(app)
        for text in (
            "accepted (R11)",
            "Banque du Léman (leman), enterprise",
            "Anne Rochat, verified: code",
            "needs us        yes",
            "what happened   Mail queue stuck since 01:30",
            "en  Thank you, that is an emergency for us.",
        ):
            assert text in shown
        await keys(pilot, "enter")
        await on_top(pilot, TicketScreen)
        await until(pilot, lambda: "Mail queue stuck since 01:30" in screen_text(app), "it is the ticket")
        await keys(pilot, "escape", "c")
        await on_top(pilot, CallLogScreen)


@on_loop
async def test_a_call_without_a_ticket_says_so(called: CodedNight) -> None:
    app = called.app()
    async with app.run_test(size=SIZE) as pilot:
        await log_of(pilot)
        await keys(pilot, "enter", "enter")
        assert "no ticket came of this call" in screen_text(app)


@on_loop
async def test_a_record_is_corrected_with_a_reason_and_the_one_before_stays(called: CodedNight) -> None:
    """R13"""
    app = called.app()
    async with app.run_test(size=(100, 50)) as pilot:
        page = await log_of(pilot)
        await keys(pilot, "j", "j", "e", "1")
        await pilot.press("ctrl+u", *"es", "enter", "enter")
        assert isinstance(app.screen, CorrectDialog)  # nothing without a reason
        await pilot.press(*typed("it was Spanish"), "enter")
        await until(pilot, lambda: "the record before stays" in screen_text(app), "it is done")
        await log_read(pilot)
        corrected = page.line
        assert corrected is not None
        assert (corrected.known.language, corrected.corrected) == ("es", True)
        line = next(line for line in screen_lines(app) if "00:12:44" in line)
        assert line.startswith("▌*")
        assert " es " in line
        assert [
            tuple(row) for row in called.rows("SELECT language, why FROM call_records WHERE call_id = 5")
        ] == [
            ("it", ""),
            ("es", "it was Spanish"),
        ]
        await keys(pilot, "enter")
        await until(pilot, lambda: "language: it → es  it was Spanish" in screen_text(app), "it is told")


@on_loop
async def test_a_correction_against_a_rule_is_refused_and_nothing_typed_is_lost(called: CodedNight) -> None:
    """R15"""
    app = called.app()
    async with app.run_test(size=SIZE) as pilot:
        page = await log_of(pilot)
        await keys(pilot, "j", "e", "1")
        await pilot.press("ctrl+u", *"de", "enter", *typed("misheard"), "enter")
        await until(pilot, lambda: "its language is fr or en (R15)" in screen_text(app), "it is refused")
        await on_top(pilot, CorrectDialog)
        dialog = app.screen
        assert isinstance(dialog, CorrectDialog)
        assert (dialog.value.value, dialog.why.value) == ("de", "misheard")
        dialog.value.value = "fr"
        await pilot.press("enter")
        await until(pilot, lambda: "the record before stays" in screen_text(app), "it is done")
        await log_read(pilot)
        assert page.line is not None
        assert page.line.known.language == "fr"


@on_loop
async def test_a_reason_is_chosen_with_a_key(called: CodedNight) -> None:
    """R13"""
    app = called.app()
    async with app.run_test(size=SIZE) as pilot:
        page = await log_of(pilot)
        await keys(pilot, *"jjjj", "enter", "e", "2", "9")
        await pilot.press(*typed("not ours"), "enter")
        await until(pilot, lambda: "the record before stays" in screen_text(app), "it is done")
        await until(pilot, lambda: "refused: not our service (R24)" in screen_text(app), "it is shown")
        await keys(pilot, "escape")
        assert page.line is not None
        assert page.line.corrected


@on_loop
async def test_a_correction_that_somebody_was_faster_with_names_them(called: CodedNight) -> None:
    app = called.app()
    async with app.run_test(size=SIZE) as pilot:
        page = await log_of(pilot)
        await keys(pilot, "j", "j", "e", "1")
        assert page.line is not None
        marc = called.desk("Marc")
        marc.call_log.correct(page.line.call.ref, {Field.LANGUAGE: "pt"}, "Portuguese")
        await pilot.press("ctrl+u", *"es", "enter", *typed("Spanish"), "enter")
        await until(pilot, lambda: "Marc corrected C-" in screen_text(app), "it is told")
        await on_top(pilot, CorrectDialog)
        await pilot.press("enter")
        await until(pilot, lambda: "the record before stays" in screen_text(app), "it is done")
        rows = called.rows("SELECT language FROM call_records WHERE call_id = 5 ORDER BY id")
        assert [row[0] for row in rows] == ["it", "pt", "es"]


@on_loop
async def test_a_read_only_board_shows_the_log_and_corrects_nothing(called: CodedNight) -> None:
    ring_two(called)
    app = called.app(read_only=True)
    async with app.run_test(size=SIZE) as pilot:
        await log_of(pilot)
        await pilot.press("G", "e")
        assert "this board is read-only" in screen_text(app)
        await keys(pilot, "g", "enter")
        await on_top(pilot, CallRecordScreen)
        await pilot.press("enter")
        await pilot.pause()
        assert isinstance(app.screen, CallRecordScreen)


@on_loop
async def test_what_is_listed_is_written_into_a_new_file_for_ones_own_eyes(
    called: CodedNight, tmp_path: Path
) -> None:
    app = called.app()
    target = tmp_path / "night.csv"
    async with app.run_test(size=SIZE) as pilot:
        await log_of(pilot)
        await keys(pilot, "slash", *typed("leman"), "enter", "X")
        await pilot.press("ctrl+u", *typed(str(target)), "enter")
        await until(pilot, lambda: "calls written to" in screen_text(app), "it is written")
        with target.open(encoding="utf-8", newline="") as file:
            rows = list(csv.DictReader(file))
        assert {row["customer"] for row in rows} == {"leman"}
        assert len(rows) == len(listed(app))
        assert stat.S_IMODE(target.stat().st_mode) == 0o600
        await keys(pilot, "X")
        await pilot.press("ctrl+u", *typed(str(target)), "enter")
        await until(pilot, lambda: "is there already" in screen_text(app), "it isn't overwritten")


@on_loop
async def test_a_call_of_somebody_else_is_taken_over_asked_first(called: CodedNight) -> None:
    _, going = ring_two(called)
    app = called.app()
    async with app.run_test(size=SIZE) as pilot:
        await log_of(pilot)
        await pilot.press("j", "enter")
        await until(pilot, lambda: "Marc has this call in hand." in screen_text(app), "it asks")
        await pilot.press("enter")
        assert called.desk("x").calls.get(going.ref).operator == "Marc"
        await keys(pilot, "enter")
        await pilot.press("y")
        await on_top(pilot, CallScreen)
        assert called.desk("x").calls.get(going.ref).operator == "Léa"


@on_loop
async def test_a_call_that_rings_is_picked_up_from_the_log(called: CodedNight) -> None:
    rings, _ = ring_two(called)
    app = called.app()
    async with app.run_test(size=SIZE) as pilot:
        await log_of(pilot)
        await pilot.press("enter")
        await until(pilot, lambda: "This call rings. Pick it up?" in screen_text(app), "it asks")
        await pilot.press("y")
        await on_top(pilot, CallScreen)
        assert called.desk("x").calls.get(rings.ref).operator == "Léa"


@on_loop
async def test_ones_own_call_goes_on_and_stands_in_the_log_when_it_is_recorded(called: CodedNight) -> None:
    lea = called.desk("Léa")
    mine = picked_up(lea)
    app = called.app()
    async with app.run_test(size=SIZE) as pilot:
        page = await log_of(pilot)
        assert "in progress" in listed(app)[0]
        await pilot.press("enter")
        await on_top(pilot, CallScreen)
        lea.calls.answer(mine.ref, Step.LANGUAGE, {"language": "pt"})
        lea.calls.record(mine.ref, spoken)
        await pilot.press("escape")
        await on_top(pilot, CallLogScreen)
        await until(pilot, lambda: "other language" in listed(app)[0], "it is recorded")
        assert page.line is not None
        assert page.line.call.ref == mine.ref


@on_loop
async def test_new_calls_come_in_above_and_the_cursor_stays_on_its_call(called: CodedNight) -> None:
    app = called.app()
    async with app.run_test(size=SIZE) as pilot:
        page = await log_of(pilot)
        await keys(pilot, "j", "j")
        before = page.line
        called.clock.now = NOW + timedelta(minutes=1)
        missed(called.desk("Marc"), external_id="new")
        await pilot.press("r")
        await until(pilot, lambda: len(listed(app)) == 8, "it is there")
        await log_read(pilot)
        assert listed(app)[0].startswith("03:13:44")
        assert page.line is not None
        assert before is not None
        assert page.line.call.ref == before.call.ref
        # The same by itself: the board hears of a call that begins.
        called.desk("Marc").calls.ring("+41 26 555 02 01", external_id="rings")
        app.session.refresh()
        await until(pilot, lambda: len(listed(app)) == 9, "it rings in the log")


@on_loop
async def test_what_another_engineer_corrects_is_shown_without_a_key(called: CodedNight) -> None:
    app = called.app()
    async with app.run_test(size=SIZE) as pilot:
        page = await log_of(pilot)
        await keys(pilot, "j", "j")
        assert page.line is not None
        app.session.refresh()
        await loaded(pilot)
        marc = called.desk("Marc").call_log
        marc.correct(page.line.call.ref, {Field.LANGUAGE: "pt"}, "Portuguese")
        app.session.refresh()
        await until(pilot, lambda: "pt" in listed(app)[2], "the list has it")
        await keys(pilot, "enter")
        marc.correct(page.line.call.ref, {Field.LANGUAGE: "es"}, "no, Spanish")
        app.session.refresh()
        await until(pilot, lambda: "language: pt → es" in screen_text(app), "the record has it")


@pytest.fixture
def long_night(tmp_path: Path) -> Iterator[Night]:
    """A night with 350 missed calls in the log, a minute apart."""
    made = Night(url_in(tmp_path))
    desk = made.desk("Léa")
    for number in range(350):
        made.clock.now = NOW - timedelta(minutes=350 - number)
        missed(desk, f"+41 44 555 {number:04}", external_id=f"c{number}")
    made.clock.now = NOW
    yield made
    made.close()


@on_loop
async def test_a_long_log_is_read_as_it_is_scrolled_in_both_directions(long_night: Night) -> None:
    app = long_night.app()
    expected = [f"+41 44 555 {number:04}" for number in range(350)]
    async with app.run_test(size=(80, 24)) as pilot:
        page = await log_of(pilot)

        async def walk(key: str) -> list[str]:
            """Press `key` until the cursor moves no more, and return the numbers on the way."""
            seen: list[str] = []
            for _ in range(60):
                await keys(pilot, key)
                number = page.line.call.number if page.line is not None else ""
                if seen and seen[-1] == number:
                    return seen
                seen.append(number)
            raise AssertionError("the log never ends")

        down = await walk("pagedown")
        assert down[-1] == expected[0]
        assert down == sorted(down, reverse=True)
        await keys(pilot, "g")
        assert page.line is not None
        assert page.line.call.number == expected[-1]
        await keys(pilot, "G")
        assert page.line.call.number == expected[0]
        up = await walk("pageup")
        assert up[-1] == expected[-1]
        loaded_now = [line.call.number for line in page.list.window.lines]
        assert loaded_now == sorted(set(loaded_now), reverse=True)


@on_loop
async def test_the_program_opens_with_the_log_where_it_is_asked_to(called: CodedNight) -> None:
    app = called.app(screen="calls")
    async with app.run_test(size=SIZE) as pilot:
        await on_top(pilot, CallLogScreen)
        assert len(listed(app)) == 7


@on_loop
async def test_what_a_caller_or_engineer_writes_reaches_the_terminal_as_text(called: CodedNight) -> None:
    for text in HOSTILE.values():
        try:
            ref = picked_up(called.desk("Léa"), text).ref
            called.desk("Léa").calls.answer(ref, Step.WHO, {"person": text, "stranger": "yes"})
            called.desk("Léa").calls.answer(ref, Step.SUMMARY, {"summary": text})
            called.desk("Léa").calls.answer(ref, Step.LANGUAGE, {"language": text})
            called.desk("Léa").calls.record(ref, spoken)
        except OncallError:
            continue
    app = called.app()
    async with app.run_test(size=(120, 40)) as pilot:
        page = await log_of(pilot)
        for _ in range(len(page.list.window)):
            await keys(pilot, "enter")
            await on_top(pilot, CallRecordScreen)
            assert not any(character < " " for line in screen_lines(app) for character in line)
            await keys(pilot, "escape", "j")


@on_loop
async def test_a_store_that_stops_answering_is_said_and_the_log_stays(
    called: CodedNight, monkeypatch: pytest.MonkeyPatch
) -> None:
    from oncall_tui.desk.call_log import CallLogDesk
    from oncall_tui.domain.errors import StoreUnavailable

    app = called.app()
    async with app.run_test(size=SIZE) as pilot:
        await log_of(pilot)

        def broken(*_: object, **__: object) -> None:
            raise StoreUnavailable("night.db is locked by another program", hint="try again")

        with monkeypatch.context() as patch:
            patch.setattr(CallLogDesk, "page", broken)
            await pilot.press("r")
            await until(pilot, lambda: "locked by another program" in screen_text(app), "it is said")
            assert len(listed(app)) == 7
            await pilot.press("escape")
            await pilot.press("c")
            await until(pilot, lambda: "The log can't be read" in screen_text(app), "it is said")
            assert "r tries again." in screen_text(app)
        await pilot.press("r")
        await until(pilot, lambda: len(listed(app)) == 7, "it is read")


@on_loop
async def test_a_filter_that_comes_in_one_piece_with_the_key_before_it_is_typed_whole(
    called: CodedNight,
) -> None:
    app = called.app()
    async with app.run_test(size=SIZE) as pilot:
        await log_of(pilot)
        in_one_piece(pilot, "/engineer:me language:en⏎")
        await until(pilot, lambda: "/engineer:me language:en" in screen_lines(app)[2], "it is whole")
        await until(pilot, lambda: len(listed(app)) == 2, "two calls fit")
        await keys(pilot, "escape", "escape")
        in_one_piece(pilot, "/cluster⏎")
        await until(pilot, lambda: "/cluster" in screen_lines(app)[2], "on the board as well")
