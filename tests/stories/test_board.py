"""A night at the board: keys in, database and screen out."""

from __future__ import annotations

from datetime import timedelta

import pytest
from board import Night, loaded, on_loop, screen_lines, screen_text, until
from hostile import HOSTILE
from support import NOW
from textual.events import Paste
from textual.widgets import Input

from oncall_tui.domain.errors import OncallError
from oncall_tui.domain.queue import queue_named
from oncall_tui.domain.tickets import Means, MessageKind


@on_loop
async def test_the_board_shows_what_runs_out_next_first(full: Night) -> None:
    app = full.app()
    async with app.run_test(size=(80, 24)) as pilot:
        await loaded(pilot)
        assert screen_lines(app)[:11] == [
            " On call  Zurich 03:12:44  Léa        !! 1 overdue   ! 1 critical   ~ 1 warning",
            "  1 All 7  2 Emergency 3  3 Enterprise 3  4 Pro 2  5 Plus 1  6 Standard 1      ›",
            "─" * 80,
            "          LEFT  DUE        PLAN VIA   CUSTOMER         SUBJECT           OWNER",
            "▌ !! -00:12:00  03:00      Ent  call  Banque du Léman  Cluster unreach…  Léa",
            "  !   00:08:00  03:20      Ent  call  Banque du Léman  Mail queue stuck  –",
            "  ~   00:31:00  03:43      Pro  call  Fromagerie Mor…  VPS won't boot    –",
            "      00:40:00  03:52      Ent  mail  Banque du Léman  promise Backup:…  Léa",
            "       04 h 47  08:00      Pro  mail  Fromagerie Mor…  Certificate ren…  Marc",
            "       06 h 47  10:00      Plus mail  Tessin Immobil…  DNS change to b…  –",
            "             –  –          Std  mail  Jardin d'Été     How do I move m…  –",
        ]
        assert screen_lines(app)[-1].endswith("<5 s ago   ? help")


@on_loop
async def test_remaining_time_follows_the_clock(full: Night) -> None:
    app = full.app()
    async with app.run_test(size=(80, 24)) as pilot:
        await loaded(pilot)
        full.clock.advance(seconds=1)
        app.board.tick(full.clock())
        await pilot.pause()
        lines = screen_lines(app)
        assert "03:12:45" in lines[0]
        assert [line[4:14].strip() for line in lines[4:7]] == ["-00:12:01", "00:07:59", "00:30:59"]


@on_loop
async def test_taking_a_ticket(full: Night) -> None:
    app = full.app()
    async with app.run_test(size=(80, 24)) as pilot:
        await loaded(pilot)
        await pilot.press("j", "t")
        await until(pilot, lambda: "yours" in screen_text(app), "the ticket is taken")
        assert full.desk("x").tickets.find("T-000004").owner == "Léa"
        assert " Done  T-000004 Banque du Léman: yours" in screen_text(app)
        assert screen_lines(app)[5].endswith("Mail queue stuck  Léa")


@on_loop
async def test_whoever_comes_second_is_told_who_was_first(full: Night) -> None:
    app = full.app()
    async with app.run_test(size=(100, 24)) as pilot:
        await loaded(pilot)
        await pilot.press("j")
        full.clock.advance(seconds=5)
        full.desk("Marc").tickets.take(full.desk("x").tickets.find("T-000004").id)
        await pilot.press("t")
        await until(pilot, lambda: "Refused" in screen_text(app), "it is refused")
        assert "Marc took T-000004 at 03:12:49" in screen_text(app)
        await until(pilot, lambda: "Marc" in screen_lines(app)[5], "the board shows the owner")


@on_loop
async def test_answering_takes_a_key_for_the_means_and_maybe_a_text(full: Night) -> None:
    app = full.app()
    async with app.run_test(size=(80, 24)) as pilot:
        await loaded(pilot)
        await pilot.press("j", "m")
        assert "── Answer  T-000004 Banque du Léman: Mail queue stuck" in screen_text(app)
        await pilot.press("p")
        assert "Told by phone." in screen_text(app)
        await pilot.press("o", "n", "space", "i", "t", "enter")
        await until(pilot, lambda: "answered by phone" in screen_text(app), "the answer is recorded")
    ticket = full.desk("x").tickets.find("T-000004")
    assert (ticket.answered_at, ticket.answered_means, ticket.owner) == (NOW, Means.PHONE, "Léa")
    said = full.desk("x").tickets.detail(ticket.id).messages
    assert [(message.kind, message.text) for message in said] == [(MessageKind.ANSWER, "on it")]


@on_loop
async def test_the_means_of_an_answer_fit_the_narrowest_terminal(full: Night) -> None:
    app = full.app()
    async with app.run_test(size=(40, 10)) as pilot:
        await loaded(pilot)
        await pilot.press("m")
        await until(
            pilot, lambda: "   e  e-mail     p  phone     c  chat" in screen_lines(app), "in one line"
        )


@on_loop
async def test_escape_leaves_every_dialog_having_changed_nothing(full: Night) -> None:
    app = full.app()
    before = full.desk("x").queue.page(queue_named("all"), limit=99)
    async with app.run_test(size=(80, 24)) as pilot:
        await loaded(pilot)
        for keys in (["m"], ["m", "e"], ["p"], ["p", "4"], ["d"], ["w"], ["h"], ["plus"]):
            await pilot.press("g", *keys)
            while app.screen is not app.board:
                await pilot.press("escape")
    assert full.desk("x").queue.page(queue_named("all"), limit=99) == before


@on_loop
async def test_closing_asks_first_and_the_default_is_no(full: Night) -> None:
    app = full.app()
    async with app.run_test(size=(80, 24)) as pilot:
        await loaded(pilot)
        await pilot.press("j", "j", "j", "d")
        assert "── Close  T-000009 Banque du Léman: Backup: which day?" in screen_text(app)
        await pilot.press("enter")
        assert app.screen is app.board
        assert full.desk("x").tickets.find("T-000009").closed_at is None
        await pilot.press("d", "y")
        await until(pilot, lambda: "T-000009 Banque du Léman: closed" in screen_text(app), "it is closed")
        assert full.desk("x").tickets.find("T-000009").closed_at == NOW
        # The cursor has fallen to the ticket that took its place.
        await until(pilot, lambda: screen_lines(app)[7].startswith("▌      04 h 47"), "the line has gone")


@on_loop
async def test_closing_what_nobody_answered_needs_a_reason(full: Night) -> None:
    app = full.app()
    async with app.run_test(size=(80, 24)) as pilot:
        await loaded(pilot)
        await pilot.press("G", "d")
        assert "closing is no response" in screen_text(app)
        await pilot.press("enter")  # without a reason nothing happens
        assert app.screen is not app.board
        await pilot.press("s", "p", "a", "m", "enter")
        await until(pilot, lambda: "closed" in screen_text(app), "it is closed")
    ticket = full.desk("x").tickets.find("T-000012")
    assert (ticket.closed_at, ticket.close_reason) == (NOW, "spam")


@pytest.mark.parametrize(
    ("keys", "minutes"), [(["1"], 15), (["2"], 30), (["3"], 60), (["4", *"1h30", "enter"], 90)]
)
@on_loop
async def test_promising_an_update(full: Night, keys: list[str], minutes: int) -> None:
    app = full.app()
    async with app.run_test(size=(80, 24)) as pilot:
        await loaded(pilot)
        await pilot.press("G", "p", *keys)
        await until(pilot, lambda: "update promised by" in screen_text(app), "it is promised")
        await until(pilot, lambda: "promise How" in screen_text(app), "the board shows the promise")
    assert full.desk("x").tickets.find("T-000012").due_at == NOW + timedelta(minutes=minutes)


@on_loop
async def test_a_length_that_is_none_is_asked_for_again(full: Night) -> None:
    app = full.app()
    async with app.run_test(size=(80, 24)) as pilot:
        await loaded(pilot)
        await pilot.press("p", "4", *"soon", "enter")
        assert "'soon' is no length of time" in screen_text(app)
        assert app.screen is not app.board


@on_loop
async def test_a_second_enter_and_pasted_lines_do_no_harm(full: Night) -> None:
    app = full.app()
    async with app.run_test(size=(80, 24)) as pilot:
        await loaded(pilot)
        await pilot.press("w")
        field = app.screen.query_one(Input)
        field.post_message(Paste("alpha\nbeta\n"))
        await until(pilot, lambda: field.value == "alpha↵beta", "both lines are there")
        for _ in range(3):  # before the first has taken effect, as keys come that were pasted
            await field.action_submit()
        await until(pilot, lambda: "note written" in screen_text(app), "the note is stored")
    desk = full.desk("x")
    (note,) = desk.tickets.detail(desk.queue.page(queue_named("all"), limit=1)[0].id).messages
    assert note.text == "alpha↵beta"


@on_loop
async def test_a_note_and_a_hand_over(full: Night) -> None:
    app = full.app()
    async with app.run_test(size=(80, 24)) as pilot:
        await loaded(pilot)
        await pilot.press("w", *"rack", "enter")
        await until(pilot, lambda: "note written" in screen_text(app), "the note is written")
        await pilot.press("h", *"Marc", "enter")
        await until(pilot, lambda: "handed over to Marc" in screen_text(app), "it is handed over")
    ticket = full.desk("x").tickets.find("T-000002")
    assert ticket.owner == "Marc"
    assert full.desk("x").tickets.detail(ticket.id).messages[-1].text == "rack"


@on_loop
async def test_filing_a_ticket_keeps_what_was_typed_when_it_is_refused(full: Night) -> None:
    app = full.app()
    async with app.run_test(size=(80, 24)) as pilot:
        await loaded(pilot)
        await pilot.press("plus", *"tessin", "enter", *(["backspace"] * 5), *"eme", "enter", "enter")
        await pilot.press(*"Down", "enter")
        await until(pilot, lambda: "no emergency line" in screen_text(app), "it is refused with the rule")
        await until(pilot, lambda: app.screen is not app.board, "the dialog is back")
        assert "Down" in screen_text(app)
        await pilot.press("enter", *(["backspace"] * 9), "e", "enter", "enter", "enter")
        await until(pilot, lambda: "Tessin Immobilien: filed" in screen_text(app), "it is filed")
        await until(pilot, lambda: "Down" in screen_text(app), "it stands on the board")


@on_loop
async def test_queues_by_number_by_tab_and_back(full: Night) -> None:
    app = full.app()
    async with app.run_test(size=(119, 24)) as pilot:
        await loaded(pilot)
        await pilot.press("4")
        await loaded(pilot)
        assert "Certificate renewal" in screen_text(app)
        assert "Mail queue stuck" not in screen_text(app)
        await pilot.press("tab")
        await loaded(pilot)
        assert "DNS change" in screen_text(app)
        await pilot.press("left", "left")
        await loaded(pilot)
        assert "Mail queue stuck" in screen_text(app)
        assert "VPS" not in screen_text(app)
        await pilot.press("9")
        await loaded(pilot)
        assert [line for line in screen_lines(app) if "!! -" in line] == [screen_lines(app)[4]]


@on_loop
async def test_an_empty_queue_says_why_and_what_helps(night: Night) -> None:
    app = night.app()
    async with app.run_test(size=(80, 24)) as pilot:
        await loaded(pilot)
        assert "No open tickets." in screen_text(app)
        assert "+ files one" in screen_text(app)
        await pilot.press("7")
        await loaded(pilot)
        assert "No open tickets in Mine." in screen_text(app)
        assert "1 shows them all" in screen_text(app)
        await pilot.press("t")
        assert "take: there is no ticket here" in screen_text(app)


@on_loop
async def test_a_read_only_board_says_so_and_refuses(full: Night) -> None:
    app = full.app(read_only=True)
    async with app.run_test(size=(80, 24)) as pilot:
        await loaded(pilot)
        assert "READ-ONLY" in screen_lines(app)[0]
        for key in ("t", "m", "p", "w", "h", "d", "plus"):
            await pilot.press(key)
            assert app.screen is app.board
            assert "this board is read-only" in screen_text(app)
        assert "t take" not in screen_lines(app)[-1]
        await pilot.press("enter")
        assert "Conversation" in screen_text(app)


@on_loop
async def test_a_replay_says_what_would_have_to_go_to_act(full: Night) -> None:
    app = full.app(read_only=True)
    app.session.replay = True
    async with app.run_test(size=(80, 24)) as pilot:
        await loaded(pilot)
        await pilot.press("t")
        assert "take: this board shows the past; start it without --now to act" in screen_text(app)


@on_loop
async def test_the_ticket_and_back(full: Night) -> None:
    ticket = full.desk("x").tickets.find("T-000002")
    full.desk("Marc").tickets.note(ticket.id, "Rack 12 has no power.")
    app = full.app()
    async with app.run_test(size=(80, 40)) as pilot:
        await loaded(pilot)
        await pilot.press("enter")
        await until(pilot, lambda: "Rack 12" in screen_text(app), "the conversation is read")
        text = screen_text(app)
        assert " T-000002  Cluster unreachable since 02:40" in text
        assert "Banque du Léman  enterprise, on the emergency line  asked by A. Rochat" in text
        assert "!! -00:12:00  due Fri 27 Mar 03:00  first response, target 24/7" in text
        assert "Fri 27 Mar 03:12  Marc  note, for the team" in text
        assert "1:00:00 = 1 h" in text
        assert "counted in telephone hours: Fri 27 Mar 07:00 (R11)" in text
        assert "Léa  take" in text
        full.desk("Marc").tickets.note(ticket.id, "Power is back.")
        await pilot.press("r")
        await until(pilot, lambda: "Power is back." in screen_text(app), "the ticket follows the store")
        await pilot.press("d", *"done", "enter")
        await until(pilot, lambda: "closed Fri 27 Mar 03:12: done" in screen_text(app), "it is closed")
        assert "b bring back" in screen_lines(app)[-1]
        await pilot.press("m")
        assert "answer: T-000002 is closed" in screen_text(app)
        await pilot.press("b", "y")
        await until(pilot, lambda: "open again" in screen_text(app), "it is open again")
        await pilot.press("escape")
        assert app.screen is app.board


@on_loop
async def test_the_help_is_about_the_screen_it_was_opened_on(full: Night) -> None:
    app = full.app()
    async with app.run_test(size=(100, 60)) as pilot:
        await loaded(pilot)
        await pilot.press("question_mark")
        assert "Make a ticket yours." in screen_text(app)
        assert "Asks first." in screen_text(app)
        assert "Bring back" not in screen_text(app)
        await pilot.press("question_mark")
        assert app.screen is app.board
        await pilot.press("enter", "question_mark")
        assert "Open a closed ticket again." in screen_text(app)
        await pilot.press("escape", "escape")
        assert app.screen is app.board


@on_loop
async def test_hostile_subjects_are_text_on_the_board(night: Night) -> None:
    for text in HOSTILE.values():
        try:
            night.file(subject=text, contact=text, body=text)
        except OncallError:
            continue
    app = night.app()
    async with app.run_test(size=(119, len(HOSTILE) + 20)) as pilot:
        await loaded(pilot)
        shown = screen_text(app)
        assert "[/foo]" in shown
        assert "[@click=app.quit]x[/]" in shown
        assert not any((ord(each) < 32 and each != "\n") or 0x7F <= ord(each) < 0xA0 for each in shown)
        for _ in range(5):
            await pilot.press("enter")
            await pilot.press("m", "escape", "d", "escape", "escape", "j")


@on_loop
async def test_what_another_desk_commits_stands_on_the_board_and_the_cursor_stays(full: Night) -> None:
    app = full.app(live=True)
    marc = full.desk("Marc")
    async with app.run_test(size=(80, 24)) as pilot:
        await loaded(pilot)
        await pilot.press("j", "j")
        loads = app.board.reader.loads
        full.file("leman", "Everything is down", minutes_ago=59)
        await until(pilot, lambda: "Everything is" in screen_text(app), "the new ticket is there")
        assert screen_lines(app)[7].startswith("▌ ~")
        assert "VPS won't boot" in screen_lines(app)[7]
        marc.tickets.take(marc.tickets.find("T-000005").id)
        await until(pilot, lambda: screen_lines(app)[7].endswith("Marc"), "its owner is shown")
        marc.tickets.close(marc.tickets.find("T-000004").id, reason="double")
        await until(pilot, lambda: "Mail queue" not in screen_text(app), "the closed one has gone")
        assert "VPS won't boot" in screen_lines(app)[6]
        assert screen_lines(app)[6].startswith("▌")
        assert app.board.reader.loads == loads, "the queue was read anew"


@on_loop
async def test_the_order_stands_still_under_a_finger(full: Night) -> None:
    app = full.app()
    app.board.tickets.hold_seconds = 1_000
    marc = full.desk("Marc")
    async with app.run_test(size=(80, 24)) as pilot:
        await loaded(pilot)
        await pilot.press("j", "j")
        marc.tickets.close(marc.tickets.find("T-000004").id, reason="double")
        full.file("leman", "Everything is down", minutes_ago=59)
        await pilot.press("r")
        await until(pilot, lambda: "closed" in screen_lines(app)[5], "the closed one says so in its place")
        assert screen_lines(app)[6].startswith("▌")
        assert "Everything" not in screen_text(app)
        app.board.tickets.hold_seconds = 0.0
        await pilot.press("k", "j")
        await until(pilot, lambda: "Everything is" in screen_text(app), "what waited is shown")
        assert "VPS won't boot" in next(line for line in screen_lines(app) if line.startswith("▌"))


@on_loop
async def test_what_comes_to_an_empty_board_is_shown_while_a_key_is_pressed(night: Night) -> None:
    app = night.app()
    app.board.tickets.hold_seconds = 1_000
    async with app.run_test(size=(80, 24)) as pilot:
        await loaded(pilot)
        await pilot.press("j")
        night.file("leman", "Everything is down", minutes_ago=1)
        await pilot.press("r")
        await until(pilot, lambda: "Everything is" in screen_text(app), "no line could move under a finger")


@on_loop
async def test_a_long_queue_is_scrolled_and_its_rows_come_as_they_are_needed(night: Night) -> None:
    for number in range(200):
        night.file("leman", f"Ticket {number}", minutes_ago=200 - number)
    app = night.app()
    async with app.run_test(size=(80, 24)) as pilot:
        await loaded(pilot)
        assert len(app.board.tickets.view) == 200
        await pilot.press("G")
        await until(pilot, lambda: "Ticket 199" in screen_text(app), "the end is shown")
        assert screen_lines(app)[-3].startswith("▌")
        await pilot.press("pageup", "k")
        await until(pilot, lambda: "…" not in screen_text(app), "every row is loaded")
        assert "Ticket 180" in next(line for line in screen_lines(app) if line.startswith("▌"))
        # Something above goes: what the eye is on keeps its place on the screen.
        where = next(number for number, line in enumerate(screen_lines(app)) if line.startswith("▌"))
        desk = night.desk("Marc")
        first = desk.queue.page(queue_named("all"), limit=1)[0]
        desk.tickets.close(first.id, reason="gone")
        await pilot.press("r")
        await until(pilot, lambda: len(app.board.tickets.view) == 199, "it has gone")
        assert "Ticket 180" in screen_lines(app)[where]
        await pilot.press("g")
        await until(pilot, lambda: "Ticket 1 " in screen_text(app), "the top is shown")


@on_loop
async def test_rows_that_are_on_their_way_twice_lose_no_ticket(night: Night) -> None:
    """The first page is asked for again when the index has come, with the page after it under way."""
    for number in range(100):
        night.file("leman", f"Ticket {number}", minutes_ago=200 - number)
    app = night.app()
    async with app.run_test(size=(120, 40)) as pilot:
        await loaded(pilot)
        assert len(app.board.tickets.view) == 100
        assert "Ticket 0 " in screen_lines(app)[4]


@pytest.mark.parametrize("size", [(60, 20), (40, 10), (20, 6), (200, 60)])
@on_loop
async def test_every_screen_works_at_every_size(full: Night, size: tuple[int, int]) -> None:
    app = full.app()
    async with app.run_test(size=size) as pilot:
        await loaded(pilot)
        for keys in (["enter"], ["question_mark"], ["m", "e"], ["p"], ["plus"], ["d"]):
            await pilot.press(*keys)
            assert all(len(line) <= size[0] for line in screen_lines(app))
            while app.screen is not app.board:
                await pilot.press("escape")
        await pilot.resize_terminal(80, 24)
        assert screen_lines(app)[4].startswith("▌")


@on_loop
async def test_mouse_moves_the_cursor_opens_and_chooses_queues(full: Night) -> None:
    app = full.app()
    async with app.run_test(size=(80, 24)) as pilot:
        await loaded(pilot)
        await pilot.click("#tickets", offset=(10, 3))
        assert screen_lines(app)[6].startswith("▌")
        await pilot.click("#tickets", offset=(10, 0))
        await pilot.click("#tickets", offset=(10, 15))
        assert screen_lines(app)[6].startswith("▌")
        await pilot.click("#tabs", offset=(14, 0))
        await loaded(pilot)
        assert app.board.queue.name == "emergency"
        await pilot.click("#tickets", offset=(10, 2), times=2)
        await until(pilot, lambda: "Conversation" in screen_text(app), "the ticket is open")


@on_loop
async def test_a_mistake_in_an_act_is_said_and_the_board_stays(
    full: Night, monkeypatch: pytest.MonkeyPatch
) -> None:
    from oncall_tui.desk.tickets import TicketDesk

    def broken(*_: object, **__: object) -> None:
        raise KeyError("[/foo] \x1b[31m")

    monkeypatch.setattr(TicketDesk, "take", broken)
    app = full.app()
    async with app.run_test(size=(160, 24)) as pilot:
        await loaded(pilot)
        await pilot.press("j", "t")
        await until(pilot, lambda: "a mistake of this program: KeyError in" in screen_text(app), "it is said")
        await pilot.press("j")
        assert screen_lines(app)[6].startswith("▌")
        assert "mistake" not in screen_text(app)
