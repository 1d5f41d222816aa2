"""Finding one's way: keys of one's own, the help, the palette, the messages, and keys that come at once."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from board import Night, fill, loaded, on_loop, screen_lines, screen_text, until, url_in
from hostile import HOSTILE
from textual import events
from textual.pilot import Pilot
from textual.widgets import Input

from oncall_tui.actions import Keymap
from oncall_tui.app import OncallApp
from oncall_tui.domain.queue import queue_named
from oncall_tui.widgets.status import Tone


@pytest.fixture
def night(tmp_path: Path) -> Iterator[Night]:
    made = Night(url_in(tmp_path))
    fill(made)
    yield made
    made.close()


def with_keys(app: OncallApp, **keys: tuple[str, ...]) -> OncallApp:
    """Return a board like `app` with other keys."""
    keymap = Keymap().with_keys(keys)
    session = app.session
    session.keymap = keymap
    return OncallApp(session, app._open_desk, live=False)


def burst(pilot: Pilot[None], text: str) -> None:
    """Send `text` as a terminal does when it comes in one piece; `⏎` is Enter, `⎋` Esc, `↓` down."""
    names = {"⏎": "enter", "⎋": "escape", "↓": "down", ":": "colon", " ": "space", "/": "slash"}
    for character in text:
        key = names.get(character, character)
        typed = character if character not in "⏎⎋↓" else None
        pilot.app._driver.send_message(events.Key(key, typed))


def notes(night: Night, ref: str = "T-000002") -> list[str]:
    tickets = night.desk("x").tickets
    return [message.text for message in tickets.detail(tickets.find(ref).id).messages]


# Keys of one's own


@on_loop
async def test_other_keys_act_and_the_default_ones_are_free(night: Night) -> None:
    app = with_keys(night.app(), take=("X", "f6"), down=("i",), note=())
    async with app.run_test(size=(80, 24)) as pilot:
        await loaded(pilot)
        await pilot.press("j", "w", "t")
        assert app.screen is app.board
        assert screen_lines(app)[4].startswith("▌")
        await pilot.press("i")
        assert "X take" in screen_lines(app)[-1]
        await pilot.press("X")
        await until(pilot, lambda: "T-000004 Banque du Léman: yours" in screen_text(app), "it is taken")
        assert night.desk("x").tickets.find("T-000004").owner == "Léa"
        await pilot.press("i", "f6")
        await until(pilot, lambda: "T-000005 Fromagerie Moret: yours" in screen_text(app), "it is taken")


@on_loop
async def test_every_text_names_the_keys_in_force(night: Night) -> None:
    app = with_keys(night.app(), queue=("f6", "f7"), help=("f1",), leave=("Q",), new=("N",), palette=("f9",))
    async with app.run_test(size=(100, 90)) as pilot:
        await loaded(pilot)
        assert screen_lines(app)[-1].endswith("F1 help")
        assert screen_lines(app)[1].startswith("  F6 All 7  F7 Emergency 3  Enterprise 3 ")
        await pilot.press("ctrl+c")
        assert "Q leaves the program" in screen_text(app)
        await pilot.press("f1")
        assert "F6 F7" in screen_text(app)
        assert "F9" in screen_text(app)
        await pilot.press("f1", "tab", "tab", "tab", "tab", "tab", "tab")
        await loaded(pilot)
        for ticket in night.desk("Léa").queue.page(queue_named("mine"), limit=9):
            night.desk("x").tickets.hand_over(ticket.id, "Marc")
        await pilot.press("r")
        await until(pilot, lambda: "F6 shows them all" in screen_text(app), "the empty queue says its key")
        await pilot.press("Q")
        await until(pilot, lambda: app.return_code is not None, "it has left")


@on_loop
async def test_a_key_to_leave_with_that_writes_nothing_works_in_a_field(night: Night) -> None:
    app = with_keys(night.app(), leave=("Q", "ctrl+x"))
    async with app.run_test(size=(80, 24)) as pilot:
        await loaded(pilot)
        await pilot.press("w", "Q", "ctrl+q")
        assert app.screen.query_one(Input).value == "Q"
        await pilot.press("ctrl+x")
        await until(pilot, lambda: app.return_code is not None, "it has left")
    assert app.return_code == 0


# Keys that come in one piece


@on_loop
async def test_keys_that_come_in_one_piece_go_where_they_were_meant_to(night: Night) -> None:
    app = night.app()
    async with app.run_test(size=(80, 24)) as pilot:
        await loaded(pilot)
        burst(pilot, "wdead disk in rack 12⏎")
        await until(pilot, lambda: "note written" in screen_text(app), "the note is written")
        assert notes(night) == ["dead disk in rack 12"]
        burst(pilot, "jmpon it⏎")
        await until(pilot, lambda: "answered by phone" in screen_text(app), "it is answered")
        assert notes(night, "T-000004") == ["on it"]
        burst(pilot, "⏎jjGg⎋k")
        await until(
            pilot,
            lambda: app.screen is app.board and "▌            –  –          Std" in screen_text(app),
            "the ticket was opened and left",
        )
    tickets = night.desk("x").tickets
    assert [tickets.find(ref).closed_at for ref in ("T-000002", "T-000004", "T-000005")] == [None] * 3


@on_loop
async def test_what_follows_enter_isnt_part_of_the_text(night: Night) -> None:
    app = night.app()
    async with app.run_test(size=(80, 24)) as pilot:
        await loaded(pilot)
        burst(pilot, "wone⏎dd")
        await until(pilot, lambda: "note written" in screen_text(app), "the note is written")
        assert notes(night) == ["one"]


@on_loop
async def test_a_paste_keeps_its_place_among_the_keys(night: Night) -> None:
    app = night.app()
    async with app.run_test(size=(80, 24)) as pilot:
        await loaded(pilot)
        burst(pilot, "wa ")
        pilot.app._driver.send_message(events.Paste("\x1b[31mb\nc"))
        burst(pilot, " d⏎")
        await until(pilot, lambda: "note written" in screen_text(app), "the note is written")
        (note,) = notes(night)
        assert note.startswith("a ")
        assert note.endswith("b↵c d")
        assert "\x1b" not in note


# The palette


@on_loop
async def test_colon_q_leaves_even_when_typed_at_once(night: Night) -> None:
    app = night.app()
    async with app.run_test(size=(80, 24)) as pilot:
        await loaded(pilot)
        burst(pilot, ":q⏎")
        await until(pilot, lambda: app.return_code is not None, "it has left")
    assert app.return_code == 0


@pytest.mark.parametrize(
    ("typed", "queue"),
    [
        (":pro⏎", "pro"),
        (":unass⏎", "unassigned"),
        (": PRO ⏎", "pro"),
        (":emergency⏎", "emergency"),
        (":Mine⏎", "mine"),
        (":st⏎", "standard"),
    ],
)
@on_loop
async def test_a_queue_by_its_name(night: Night, typed: str, queue: str) -> None:
    app = night.app()
    async with app.run_test(size=(80, 24)) as pilot:
        await loaded(pilot)
        burst(pilot, typed)
        await until(pilot, lambda: app.board.queue.name == queue, "the queue is shown")


@on_loop
async def test_a_key_after_the_palette_acts_on_what_was_chosen_and_not_on_what_stood_before(
    night: Night,
) -> None:
    app = night.app()
    async with app.run_test(size=(80, 24)) as pilot:
        await loaded(pilot)
        burst(pilot, ":standard⏎t")
        await until(pilot, lambda: app.board.queue.name == "standard", "the queue is shown")
        await until(pilot, lambda: app.session.messages, "the key said something")
        (told,) = app.session.messages
        assert "T-000002" not in told.text


@on_loop
async def test_an_action_is_found_by_a_part_of_its_name_and_done_on_the_page_below(night: Night) -> None:
    app = night.app()
    async with app.run_test(size=(80, 24)) as pilot:
        await loaded(pilot)
        await pilot.press("j", "ctrl+p", *"hand")
        assert "▌h  hand over" in screen_text(app)
        await pilot.press("enter", *"Marc", "enter")
        await until(pilot, lambda: "handed over to Marc" in screen_text(app), "it is handed over")
        assert night.desk("x").tickets.find("T-000004").owner == "Marc"
        await pilot.press("enter", "colon", *"reo", "enter")
        assert "reopen" not in screen_text(app)
        assert "bring back: T-000004 is open" in screen_text(app)


@on_loop
async def test_what_isnt_possible_is_dim_with_its_reason_and_choosing_it_says_why(night: Night) -> None:
    app = night.app(read_only=True)
    async with app.run_test(size=(100, 24)) as pilot:
        await loaded(pilot)
        await pilot.press("colon", *"take")
        line = next(line for line in screen_lines(app) if "▌t" in line)
        assert "not now: this board is read-only" in line
        await pilot.press("enter")
        assert app.screen is app.board
        assert "take: this board is read-only; start it without" in screen_lines(app)[-2]


@on_loop
async def test_the_arrows_choose_and_escape_leaves(night: Night) -> None:
    app = night.app()
    async with app.run_test(size=(80, 24)) as pilot:
        await loaded(pilot)
        await pilot.press("colon", "down", "down", "up")
        assert next(line for line in screen_lines(app) if line.startswith(" ▌")).split()[:2] == [
            "▌m",
            "answer",
        ]
        await pilot.press("escape")
        assert app.screen is app.board
        burst(pilot, ":queue↓↓⏎")
        await until(pilot, lambda: app.board.queue.name != "all" or app.screen is app.board, "one was chosen")
        await pilot.press("colon", *"nosuchthing", "enter")
        assert "Nothing here goes by that name." in screen_text(app)
        await pilot.press("f1")
        assert "── Palette" in screen_text(app)
        await pilot.press("escape", "escape")
        assert app.screen is app.board


@pytest.mark.parametrize("size", [(40, 10), (60, 20), (300, 80)])
@on_loop
async def test_the_palette_fits_every_size_and_shows_what_is_chosen(
    night: Night, size: tuple[int, int]
) -> None:
    app = night.app()
    async with app.run_test(size=size) as pilot:
        await loaded(pilot)
        await pilot.press("colon")
        for _ in range(60):
            assert any(line.startswith(" ▌") for line in screen_lines(app))
            assert screen_lines(app)[-1].startswith(" Enter do it")
            assert all(len(line) <= size[0] for line in screen_lines(app))
            burst(pilot, "↓")
            await pilot.pause()
        assert "Show the queue Overdue."[: size[0] - 30] in screen_text(app)


# The help


@on_loop
async def test_the_help_says_what_isnt_possible_now_and_why(night: Night) -> None:
    app = night.app(read_only=True)
    async with app.run_test(size=(100, 80)) as pilot:
        await loaded(pilot)
        await pilot.press("question_mark")
        assert "Not now: this board is read-only; start it without --read-only to act." in screen_text(app)
        lines = screen_lines(app)
        at = next(number for number, line in enumerate(lines) if "One line down." in line)
        assert "Not now" not in lines[at + 1]


@on_loop
async def test_the_help_is_narrowed_to_words_and_escape_widens_it_before_it_closes(night: Night) -> None:
    app = night.app()
    async with app.run_test(size=(100, 40)) as pilot:
        await loaded(pilot)
        await pilot.press("question_mark", "slash", *"Clôse", "space", *"tick")
        assert "Close the ticket." in screen_text(app)
        assert "Make a ticket yours." not in screen_text(app)
        assert "── Moving" not in screen_text(app)
        await pilot.press("enter", "j", "slash", *" zzz")
        assert "No line has Clôse and tick and zzz; Esc shows them all." in screen_text(app)
        await pilot.press("escape")
        assert "Make a ticket yours." in screen_text(app)
        await pilot.press("escape")
        assert app.screen is app.board


@pytest.mark.parametrize(
    ("keys", "shown"),
    [
        (["j", "j", "j", "d", "question_mark"], ["Close it.", "No."]),
        (["m", "question_mark"], ["Phone.", "Back."]),
        (["m", "p", "f1"], ["Record it.", "Other means."]),
        (["p", "question_mark"], ["15 min, by", "Other."]),
        (["w", "f1"], ["Write it.", "Back."]),
        (["plus", "f1"], ["Next, at last file it.", "Back."]),
    ],
)
@on_loop
async def test_the_help_of_a_dialog_is_about_its_keys(
    night: Night, keys: list[str], shown: list[str]
) -> None:
    app = night.app()
    async with app.run_test(size=(80, 24)) as pilot:
        await loaded(pilot)
        await pilot.press(*keys)
        for text in shown:
            assert text in screen_text(app)
        dialog = app.screen_stack[-2]
        await pilot.press("escape")
        assert app.screen is dialog


@on_loop
async def test_a_question_mark_is_text_in_a_field(night: Night) -> None:
    app = night.app()
    async with app.run_test(size=(80, 24)) as pilot:
        await loaded(pilot)
        await pilot.press("w", "question_mark", "f1", "escape", "exclamation_mark")
        assert app.screen.query_one(Input).value == "?!"


@on_loop
async def test_a_dialogs_own_keys_go_before_the_help(night: Night) -> None:
    app = with_keys(night.app(), help=("y", "f1"), copy=())
    async with app.run_test(size=(80, 24)) as pilot:
        await loaded(pilot)
        await pilot.press("j", "j", "j", "d", "y")
        await until(pilot, lambda: "T-000009 Banque du Léman: closed" in screen_text(app), "it is closed")


# The messages


@on_loop
async def test_the_messages_are_kept_the_newest_first_with_their_time(night: Night) -> None:
    app = night.app()
    async with app.run_test(size=(100, 24)) as pilot:
        await loaded(pilot)
        await pilot.press("l")
        assert "Nothing has been said yet." in screen_text(app)
        await pilot.press("l", "t", "t")
        night.clock.advance(seconds=5)
        await pilot.press("j", "t")
        await until(pilot, lambda: "yours" in screen_lines(app)[-2], "it is taken")
        await pilot.press("enter", "l")
        lines = screen_lines(app)
        first, second = (
            next(n for n, line in enumerate(lines) if n and time in line) for time in ("03:12:49", "03:12:44")
        )
        assert first < second
        assert "Done  T-000004 Banque du Léman: yours" in lines[first]
        assert "T-000002 is yours already  2 times" in lines[second]
        await pilot.press("escape", "escape")
        assert app.screen is app.board


@on_loop
async def test_only_the_last_messages_are_kept_and_they_are_clean(night: Night) -> None:
    app = night.app()
    async with app.run_test(size=(100, 300)) as pilot:
        await loaded(pilot)
        for number in range(250):
            app.board.say(f"message {number}", Tone.NOTE)
        for text in HOSTILE.values():
            app.board.say(text)
        await pilot.press("l")
        shown = screen_text(app)
        assert "[/foo]" in shown
        assert "\x1b" not in shown
        assert len(list(app.session.messages)) == 200
        assert next(iter(app.session.messages)).times == 1
