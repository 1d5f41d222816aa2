"""What several engineers and the store do at the same time, as the one at the board meets it."""

from __future__ import annotations

import threading

import pytest
from board import Night, loaded, on_loop, screen_lines, screen_text, until
from support import NOW

from oncall_tui.app import OncallApp
from oncall_tui.desk.tickets import TicketDesk
from oncall_tui.domain.queue import queue_named
from oncall_tui.domain.queue_index import Place, QueueIndex
from oncall_tui.domain.records import Row, TicketRecord
from oncall_tui.domain.tickets import Channel, Means, Ticket
from oncall_tui.screens import acting
from oncall_tui.screens.board import BoardScreen
from oncall_tui.widgets.ticket_list import TicketList


@pytest.fixture
def tickets(night: Night) -> list[Ticket]:
    return [night.file("leman", f"Ticket {number}", minutes_ago=60 - number) for number in range(4)]


def cursor_line(app: OncallApp) -> str:
    return next(line for line in screen_lines(app) if line.startswith("▌"))


@pytest.mark.parametrize("moves", [[], ["j", "k"]])
@on_loop
async def test_a_key_meant_for_a_ticket_that_left_is_refused_once(
    night: Night, tickets: list[Ticket], moves: list[str]
) -> None:
    app, marc = night.app(queue=queue_named("unassigned")), night.desk("Marc")
    async with app.run_test(size=(119, 24)) as pilot:
        await loaded(pilot)
        marc.tickets.take(tickets[0].id)
        await pilot.press("r")
        await until(pilot, lambda: "Ticket 1" in cursor_line(app), "the cursor has fallen")
        if not moves:
            await pilot.press("t")
            left, now = tickets[0].ref, tickets[1].ref
            told = f"{left} left this queue (Marc has it); the cursor is on {now} now, press again"
            assert told in screen_text(app)
            assert marc.tickets.find(tickets[1].ref).owner is None
        await pilot.press(*moves, "t")
        await until(pilot, lambda: marc.tickets.find(tickets[1].ref).owner, "it is taken")


@on_loop
async def test_a_click_on_a_line_chooses_its_ticket(night: Night, tickets: list[Ticket]) -> None:
    app, marc = night.app(), night.desk("Marc")
    async with app.run_test(size=(119, 24)) as pilot:
        await loaded(pilot)
        marc.tickets.close(tickets[0].id, reason="double")
        await pilot.press("r")
        await until(pilot, lambda: "Ticket 1" in cursor_line(app), "the cursor has fallen")
        await pilot.click("#tickets", offset=(10, 1))
        await pilot.press("t")
        await until(pilot, lambda: marc.tickets.find(tickets[1].ref).owner, "it is taken")


@on_loop
async def test_ones_own_acts_go_down_a_queue_without_a_question(night: Night, tickets: list[Ticket]) -> None:
    app, store = night.app(queue=queue_named("unassigned"), live=True), night.desk("x")
    async with app.run_test(size=(119, 24)) as pilot:
        await loaded(pilot)
        for number in (0, 1, 2):
            await until(pilot, lambda n=number: f"Ticket {n}" in cursor_line(app), "the next one is there")
            # Its own refresh may tell of an act before the act itself does.
            await until(pilot, lambda: app.board.tickets.view.fall is None, "nobody is surprised")
            await pilot.press("t")
            await until(pilot, lambda n=number: store.tickets.find(tickets[n].ref).owner, "it is taken")


@on_loop
async def test_an_open_ticket_is_read_again_when_the_whole_queue_was(
    night: Night, tickets: list[Ticket]
) -> None:
    app, marc = night.app(), night.desk("Marc")
    async with app.run_test(size=(120, 40)) as pilot:
        await loaded(pilot)
        await pilot.press("enter")
        await until(pilot, lambda: "Conversation" in screen_text(app), "the ticket is open")
        marc.tickets.answer(tickets[0].id, Means.PHONE, text="It runs again.")
        rows = [
            Row(number + 2, 9, {}, TicketRecord(f"B-{number}", "moret", Channel.EMAIL, "bulk", NOW))
            for number in range(1100)
        ]
        marc.imports.tickets(rows, source="bulk")
        loads = app.board.reader.loads
        await pilot.press("r")
        await until(pilot, lambda: app.board.reader.loads > loads, "the queue is read as a whole")
        await until(pilot, lambda: "It runs again." in screen_text(app), "the ticket follows")


@on_loop
async def test_an_open_ticket_that_a_restored_database_doesnt_have_says_so(
    night: Night, tickets: list[Ticket]
) -> None:
    app, marc = night.app(), night.desk("Marc")
    async with app.run_test(size=(80, 24)) as pilot:
        await loaded(pilot)
        await pilot.press("enter")
        await until(pilot, lambda: "emergency hours" in screen_text(app), "the ticket is open")
        with marc.store.begin() as tx:
            tx.connection.exec_driver_sql("DELETE FROM tickets WHERE id = ?", (tickets[0].id,))
        app.screen.queue_reread()
        await until(pilot, lambda: "not in the store any more" in screen_text(app), "it is told")
        assert "emergency hours" not in screen_text(app)


@on_loop
async def test_a_row_that_was_asked_for_before_the_queue_was_read_anew_is_asked_for_again(
    night: Night, tickets: list[Ticket], monkeypatch: pytest.MonkeyPatch
) -> None:
    app, marc = night.app(), night.desk("Marc")
    async with app.run_test(size=(119, 24)) as pilot:
        await loaded(pilot)
        board, late = app.board, list[TicketList.RowsNeeded]()
        with monkeypatch.context() as slow:
            slow.setattr(BoardScreen, "on_ticket_list_rows_needed", lambda _, asked: late.append(asked))
            board.tickets.view.rows.pop(tickets[2].id)
            board.tickets.tick(NOW)
            await until(pilot, lambda: late, "the row is on its way")
        stale = marc.queue.rows(late[0].ids)
        marc.tickets.hand_over(tickets[2].id, "Zoé")
        board.reader.read_on()
        await loaded(pilot)
        board.tickets.put_rows(late[0], stale)
        await until(pilot, lambda: "Zoé" in screen_lines(app)[6], "the new row stands")


@on_loop
async def test_neither_a_new_queue_nor_what_is_gone_moves_lines_under_a_finger(
    night: Night, tickets: list[Ticket]
) -> None:
    app = night.app()
    async with app.run_test(size=(119, 24)) as pilot:
        await loaded(pilot)
        rows, before = app.board.tickets, [ticket.id for ticket in tickets]
        rows.hold_seconds = 1_000
        await pilot.press("j")
        turned = QueueIndex(Place(0, -number, 0, 0, ticket.id) for number, ticket in enumerate(tickets))
        rows.show_index(turned, NOW)
        await loaded(pilot)
        rows.put_rows(TicketList.RowsNeeded([before[1]], rows.reading), {})
        await loaded(pilot)
        assert [rows.view.id_at(place) for place in range(4)] == before
        rows.hold_seconds = 0.0
        await pilot.press("k")
        await until(pilot, lambda: len(rows.view) == 3, "what waited is shown")
        assert [rows.view.id_at(place) for place in range(3)] == [before[3], before[2], before[0]]


@on_loop
async def test_a_dialog_that_comes_back_after_a_conflict_can_succeed(
    night: Night, tickets: list[Ticket]
) -> None:
    app, marc = night.app(), night.desk("Marc")
    async with app.run_test(size=(119, 24)) as pilot:
        await loaded(pilot)
        await pilot.press("h")
        assert "Nobody has it now." in screen_text(app)
        marc.tickets.take(tickets[0].id)
        await pilot.press(*"Zoe", "enter")
        await until(pilot, lambda: "Marc has it now." in screen_text(app), "the dialog is back and knows")
        assert "Marc took" in screen_text(app)
        await pilot.press("enter")
        await until(pilot, lambda: "handed over to Zoe" in screen_text(app), "it is handed over")
    assert marc.tickets.find(tickets[0].ref).owner == "Zoe"


@on_loop
async def test_an_answer_that_met_a_conflict_comes_back_with_its_text_and_succeeds(
    night: Night, tickets: list[Ticket]
) -> None:
    app, marc = night.app(), night.desk("Marc")
    async with app.run_test(size=(119, 24)) as pilot:
        await loaded(pilot)
        await pilot.press("m", "p", *"hello")
        marc.tickets.take(tickets[0].id)
        await pilot.press("enter")
        await until(pilot, lambda: "Marc took" in screen_text(app), "it is refused")
        await until(pilot, lambda: app.screen is not app.board, "the dialog is back")
        await pilot.pause()
        assert "hello" in screen_text(app)
        await pilot.press("enter")
        await until(pilot, lambda: "answered by phone" in screen_text(app), "it is answered")
    assert marc.tickets.find(tickets[0].ref).answered_by == "Léa"


@on_loop
async def test_an_act_that_takes_long_says_that_it_waits(
    night: Night, tickets: list[Ticket], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(acting, "SLOW_ACT", 0.02)
    gate, take = threading.Event(), TicketDesk.take

    def slow(desk: TicketDesk, ticket_id: int, *, version: int | None = None) -> Ticket:
        gate.wait(10)
        return take(desk, ticket_id, version=version)

    monkeypatch.setattr(TicketDesk, "take", slow)
    app = night.app()
    async with app.run_test(size=(119, 24)) as pilot:
        await loaded(pilot)
        await pilot.press("t")
        await until(pilot, lambda: "still waiting for the store" in screen_text(app), "it is said")
        gate.set()
        await until(pilot, lambda: "yours" in screen_text(app), "it is taken")
        assert "still waiting" not in screen_text(app)
