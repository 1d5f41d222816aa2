"""Acting on several tickets at once, and taking back what was done a moment ago."""

from __future__ import annotations

import pytest
from board import Night, loaded, on_loop, screen_lines, screen_text, until
from support import NOW

from oncall_tui.desk.tickets import TicketDesk
from oncall_tui.domain.errors import StoreUnavailable
from oncall_tui.domain.queue import queue_named
from oncall_tui.domain.tickets import Channel, Means, Ticket
from oncall_tui.screens.held_key import KEY_REPEATS


@pytest.fixture
def tickets(night: Night) -> list[Ticket]:
    return [night.file("leman", f"Ticket {number}", minutes_ago=60 - number) for number in range(4)]


@on_loop
async def test_marked_tickets_are_taken_together(night: Night, tickets: list[Ticket]) -> None:
    app, store = night.app(), night.desk("x").tickets
    async with app.run_test(size=(80, 24)) as pilot:
        await loaded(pilot)
        await pilot.press("space", "j", "space")
        assert "* 2 marked" in screen_lines(app)[2]
        assert [line[1] for line in screen_lines(app)[4:8]] == ["*", " ", "*", " "]
        await pilot.press("t")
        await until(pilot, lambda: "2 tickets: yours" in screen_text(app), "they are taken")
        owners = [store.find(ticket.ref).owner for ticket in tickets]
        assert owners == ["Léa", None, "Léa", None]
        assert "marked" not in screen_text(app)


@on_loop
async def test_a_mark_goes_with_the_key_that_made_it_or_with_esc(night: Night, tickets: list[Ticket]) -> None:
    app = night.app()
    async with app.run_test(size=(80, 24)) as pilot:
        await loaded(pilot)
        await pilot.press("space", "k", "space")
        assert "marked" not in screen_text(app)
        await pilot.press("g", "space", "space", "escape")
        assert "marked" not in screen_text(app)
        await pilot.press("escape")
        assert "there is no mark and no filter to clear" in screen_text(app)


@on_loop
async def test_one_question_for_all_that_are_marked_names_them(night: Night, tickets: list[Ticket]) -> None:
    app, store = night.app(), night.desk("Marc").tickets
    store.answer(tickets[0].id, Means.PHONE)
    async with app.run_test(size=(110, 24)) as pilot:
        await loaded(pilot)
        await pilot.press("space", "space", "d")
        refs = f"{tickets[1].ref}, {tickets[2].ref}"
        assert f"2 tickets: {refs}" in screen_text(app)
        assert "Nobody has answered 2 of 2" in screen_text(app)
        await pilot.press(*"double", "enter")
        await until(pilot, lambda: "2 tickets: closed" in screen_text(app), "they are closed")
    assert [store.find(ticket.ref).close_reason for ticket in tickets] == ["", "double", "double", ""]


@on_loop
async def test_what_couldnt_be_done_is_named_and_stays_marked(night: Night, tickets: list[Ticket]) -> None:
    app, marc = night.app(), night.desk("Marc").tickets
    async with app.run_test(size=(119, 24)) as pilot:
        await loaded(pilot)
        await pilot.press("space", "space", "space")
        marc.take(tickets[1].id)
        await pilot.press("t")
        said = f"2 of 3 tickets: yours; Marc took {tickets[1].ref} at 03:12:44"
        await until(pilot, lambda: said in screen_text(app), "it is said who was first")
        assert list(app.board.tickets.view.marks) == [tickets[1].id]
    assert [marc.find(ticket.ref).owner for ticket in tickets] == ["Léa", "Marc", "Léa", None]


@on_loop
async def test_a_marked_ticket_that_leaves_is_told_before_the_others_are_acted_on(
    night: Night, tickets: list[Ticket]
) -> None:
    app, marc = night.app(), night.desk("Marc").tickets
    async with app.run_test(size=(119, 24)) as pilot:
        await loaded(pilot)
        await pilot.press("space", "space")
        marc.close(tickets[0].id, reason="double")
        await pilot.press("r")
        await until(pilot, lambda: "* 1 marked" in screen_text(app), "its mark has gone")
        await pilot.press("t")
        said = f"{tickets[0].ref} left this queue (it is closed); 1 marked now, press again"
        assert said in screen_text(app)
        await pilot.press("t")
        await until(pilot, lambda: marc.find(tickets[1].ref).owner, "the other is taken")


@on_loop
async def test_marks_are_of_what_is_listed(night: Night, tickets: list[Ticket]) -> None:
    """Nobody acts on what he doesn't see: what a filter leaves out loses its mark."""
    app = night.app()
    async with app.run_test(size=(80, 24)) as pilot:
        await loaded(pilot)
        await pilot.press("space", "space", "slash", *'"ticket', "space", *'0"', "enter")
        await until(pilot, lambda: len(app.board.tickets.view) == 1, "one is left")
        await loaded(pilot)
        assert list(app.board.tickets.view.marks) == [tickets[0].id]
        await pilot.press("t")
        await until(pilot, lambda: "yours" in screen_text(app), "no question was asked")


@on_loop
async def test_undo_takes_back_the_last_act_whole(night: Night, tickets: list[Ticket]) -> None:
    app, store = night.app(), night.desk("x").tickets
    async with app.run_test(size=(80, 24)) as pilot:
        await loaded(pilot)
        await pilot.press("u")
        assert "there is nothing to undo: an act can be undone for 10 s" in screen_text(app)
        await pilot.press("space", "space", "t")
        await until(pilot, lambda: "2 tickets: yours" in screen_text(app), "they are taken")
        assert screen_lines(app)[-1].startswith(" u undo")
        await pilot.press("u")
        await until(pilot, lambda: "2 tickets: undone" in screen_text(app), "it is undone")
        assert [store.find(ticket.ref).owner for ticket in tickets] == [None] * 4
        assert store.detail(tickets[0].id).history[-1].detail == {"of": "take"}
        await pilot.press("u")
        assert "there is nothing to undo: an act can be undone for 10 s" in screen_text(app)


@on_loop
async def test_an_act_that_was_too_long_ago_is_not_undone(night: Night, tickets: list[Ticket]) -> None:
    app, store = night.app(), night.desk("x").tickets
    async with app.run_test(size=(80, 24)) as pilot:
        await loaded(pilot)
        await pilot.press("t")
        await until(pilot, lambda: "yours" in screen_text(app), "it is taken")
        night.clock.advance(seconds=10.5)
        await pilot.press("u")
        assert "there is nothing to undo: an act can be undone for 10 s" in screen_text(app)
    assert store.find(tickets[0].ref).owner == "Léa"


@on_loop
async def test_what_was_answered_on_the_tickets_screen_is_undone_there(
    night: Night, tickets: list[Ticket]
) -> None:
    app, store = night.app(), night.desk("x").tickets
    async with app.run_test(size=(80, 24)) as pilot:
        await loaded(pilot)
        await pilot.press("enter", "m", "p", *"begun", "enter")
        await until(pilot, lambda: "answered by phone" in screen_text(app), "it is answered")
        await pilot.press("u")
        await until(pilot, lambda: "undone" in screen_text(app), "it is undone")
        await until(pilot, lambda: "withdrawn" in screen_text(app), "the conversation says so")
        await pilot.press("escape")
    assert store.find(tickets[0].ref).answered_at is None


@on_loop
async def test_a_key_that_is_held_down_is_no_answer(
    night: Night, tickets: list[Ticket], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where the key that asks is also the one that says yes, only a second press says it."""
    clock = [100.0]
    for module in ("page", "held_key"):
        monkeypatch.setattr(f"oncall_tui.screens.{module}.monotonic", lambda: clock[0])
    app, desk = night.app(), night.desk("Marc")
    desk.tickets.answer(tickets[0].id, Means.PHONE)
    async with app.run_test(size=(80, 24)) as pilot:
        await loaded(pilot)
        await pilot.press("G")
        app.board.session.last_key = ("y", clock[0])
        app.board.action_close()
        await pilot.pause()
        for _ in range(5):
            clock[0] += KEY_REPEATS / 2
            await pilot.press("y")
        assert app.screen is not app.board
        assert desk.tickets.find(tickets[0].ref).closed_at is None
        clock[0] += 2 * KEY_REPEATS
        await pilot.press("y")
        await until(pilot, lambda: desk.tickets.find(tickets[0].ref).closed_at, "it is closed")


@on_loop
async def test_a_key_held_down_on_marked_tickets_goes_on_to_no_other(
    night: Night, tickets: list[Ticket], monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = [100.0]
    for module in ("page", "held_key"):
        monkeypatch.setattr(f"oncall_tui.screens.{module}.monotonic", lambda: clock[0])
    app, store = night.app(), night.desk("x").tickets
    async with app.run_test(size=(80, 24)) as pilot:
        await loaded(pilot)
        await pilot.press("space", "j", "t")
        await until(pilot, lambda: "yours" in screen_text(app), "what is marked is taken")
        for _ in range(5):
            clock[0] += KEY_REPEATS / 2
            await pilot.press("t")
        await loaded(pilot)
        assert [store.find(ticket.ref).owner for ticket in tickets[:3]] == ["Léa", None, None]
        clock[0] += 2 * KEY_REPEATS
        await pilot.press("t")
        await until(pilot, lambda: store.find(tickets[2].ref).owner, "pressed anew it takes what is there")


@on_loop
async def test_a_key_held_down_doesnt_take_a_whole_queue(
    night: Night, tickets: list[Ticket], monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = [100.0]
    for module in ("page", "held_key"):
        monkeypatch.setattr(f"oncall_tui.screens.{module}.monotonic", lambda: clock[0])
    app, store = night.app(queue=queue_named("unassigned")), night.desk("x").tickets
    async with app.run_test(size=(80, 24)) as pilot:
        await loaded(pilot)
        for _ in range(3):
            await pilot.press("t")
            await until(pilot, lambda: "yours" in screen_text(app), "the first is taken")
            await loaded(pilot)
            clock[0] += 0.03
        assert [store.find(ticket.ref).owner for ticket in tickets] == ["Léa", None, None, None]


@on_loop
async def test_new_and_changed_lines_have_a_sign_for_five_seconds(
    night: Night, tickets: list[Ticket]
) -> None:
    app, marc = night.app(), night.desk("Marc").tickets
    async with app.run_test(size=(80, 24)) as pilot:
        await loaded(pilot)
        marc.take(tickets[1].id)
        night.file("moret", "New one", channel=Channel.EMAIL)
        await pilot.press("r")
        await until(pilot, lambda: "New one" in screen_text(app), "it is there")
        assert [line[1] for line in screen_lines(app)[4:9]] == [" ", "±", " ", " ", "+"]
        night.clock.advance(seconds=4.9)
        app.board.tick(night.clock())
        await pilot.pause()
        assert screen_lines(app)[5][1] == "±"
        night.clock.advance(seconds=0.2)
        app.board.tick(night.clock())
        await pilot.pause()
        assert [line[1] for line in screen_lines(app)[4:9]] == [" "] * 5


@on_loop
async def test_a_ticket_that_somebody_has_says_who_and_since_when(
    night: Night, tickets: list[Ticket]
) -> None:
    app = night.app(queue=queue_named("all"))
    night.desk("Marc").tickets.take(tickets[0].id)
    async with app.run_test(size=(119, 24)) as pilot:
        await loaded(pilot)
        await pilot.press("t")
        assert f"Marc has {tickets[0].ref} since Fri 27 Mar 03:12; h hands it over" in screen_text(app)
    assert night.desk("x").tickets.find(tickets[0].ref).owner_since == NOW


@on_loop
async def test_copying_takes_the_references_and_never_what_acts_when_pasted(night: Night) -> None:
    night.file("leman", "Plain", ref="A-1", minutes_ago=9)
    night.file("leman", "With a no-break space", ref="A\u00a02", minutes_ago=8)
    app = night.app()
    async with app.run_test(size=(80, 24)) as pilot:
        await loaded(pilot)
        await pilot.press("y")
        assert app.clipboard == "A-1"
        assert "A-1 copied, if the terminal allows it" in screen_text(app)
        await pilot.press("j", "y")
        assert "Not done  only a line of plain text can be copied" in screen_text(app)
        assert app.clipboard == "A-1"


@on_loop
async def test_an_undo_that_the_store_refused_can_be_tried_again(
    night: Night, tickets: list[Ticket], monkeypatch: pytest.MonkeyPatch
) -> None:
    app, store = night.app(), night.desk("x").tickets
    async with app.run_test(size=(119, 24)) as pilot:
        await loaded(pilot)
        await pilot.press("t")
        await until(pilot, lambda: "yours" in screen_text(app), "it is taken")

        def broken(*_: object) -> None:
            raise StoreUnavailable("night.db is locked by another program", hint="try again")

        with monkeypatch.context() as patch:
            patch.setattr(TicketDesk, "undo", broken)
            await pilot.press("u")
            await until(pilot, lambda: "Not done  night.db is locked" in screen_text(app), "it is said")
        await pilot.press("u")
        await until(pilot, lambda: "undone" in screen_text(app), "it is undone")
    assert store.find(tickets[0].ref).owner is None
