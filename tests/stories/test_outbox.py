"""An engineer looks at what is on its way and at the sources, and decides what no program can."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from board import Night, loaded, on_loop, screen_lines, screen_text, url_in
from callers import shows
from calling import deliberate
from correspondence import WITH_MAIL, Fetching, fill_outbox, settled
from support import NOW
from textual.pilot import Pilot

from oncall_tui.domain.correspondence import Outgoing, SourceHealth
from oncall_tui.domain.outgoing import OutgoingState
from oncall_tui.screens.outbox import OutboxScreen
from oncall_tui.screens.ticket import TicketScreen

SIZE = (100, 30)


@pytest.fixture
def night(tmp_path: Path) -> Iterator[Night]:
    made = Night(url_in(tmp_path), known=WITH_MAIL)
    fill_outbox(made)
    yield made
    made.close()


@pytest.fixture(autouse=True)
def _deliberate(monkeypatch: pytest.MonkeyPatch) -> None:
    deliberate(monkeypatch)


async def keys(pilot: Pilot[None], *names: str) -> None:
    for name in names:
        await pilot.press(name)
        await pilot.pause()
        await settled(pilot)


def outbox(app: Any) -> OutboxScreen:
    assert isinstance(app.screen, OutboxScreen)
    return app.screen


def by_state(night: Night) -> dict[OutgoingState, Outgoing]:
    return {row.state: row for row in night.desk("x").outbox.open()}


async def go_to(pilot: Pilot[None], row: Outgoing) -> None:
    page = outbox(pilot.app)
    page.list.move_to([each.id for each in page.list.window.rows].index(row.id))
    await pilot.pause()


@on_loop
async def test_the_outbox_says_what_stands_how_and_why(night: Night) -> None:
    app = night.app()
    async with app.run_test(size=SIZE) as pilot:
        await loaded(pilot)
        await keys(pilot, "O")
        await shows(
            pilot,
            "support ok answered 14 min ago, lag 16 min mailbox imaps://mail.example",
            "tracker ok",
            "! unsure",
            "! refused",
            "waiting",
            "! conflict",
            "unsure, 1 try, since Fri 27 Mar 02:52: the connection broke after the text",
            "Look whether it arrived",
            "Karim Besson <karim@leman.example>",
        )
        assert "Is my parcel" not in screen_text(app)
        await keys(pilot, "escape")
        assert not isinstance(app.screen, OutboxScreen)


@on_loop
async def test_what_arrived_as_the_engineer_knows_stops_the_clock_at_the_try(night: Night) -> None:
    app = night.app()
    row = by_state(night)[OutgoingState.UNSURE]
    async with app.run_test(size=SIZE) as pilot:
        await loaded(pilot)
        await keys(pilot, "O")
        await go_to(pilot, row)
        await keys(pilot, "Y")
        await shows(pilot, "Do you know that it arrived?", "y yes, it arrived")
        await keys(pilot, "n")
        assert night.desk("x").outbox.get(row.id).state is OutgoingState.UNSURE
        await keys(pilot, "Y", "y")
        await shows(pilot, f"Done {row.ticket}: taken as sent")
        told = night.desk("x").tickets.detail(row.ticket_id).ticket
        assert told.answered_at == row.ended_at == NOW - timedelta(minutes=20)


@on_loop
async def test_what_is_sent_again_goes_out_with_the_next_try(night: Night) -> None:
    app = night.app()
    app.session.polling = polling = Fetching()
    row = by_state(night)[OutgoingState.UNSURE]
    async with app.run_test(size=SIZE) as pilot:
        await loaded(pilot)
        await keys(pilot, "O")
        await go_to(pilot, row)
        await keys(pilot, "R")
        await shows(pilot, "It may have arrived: the customer would have it twice.")
        await keys(pilot, "y")
        await shows(pilot, "it goes out with the next try")
        assert night.desk("x").outbox.get(row.id).state is OutgoingState.WAITING
        assert polling.nudged == ["support"]


@on_loop
async def test_what_is_dropped_goes_nowhere(night: Night) -> None:
    app = night.app()
    row = by_state(night)[OutgoingState.REFUSED]
    async with app.run_test(size=SIZE) as pilot:
        await loaded(pilot)
        await keys(pilot, "O")
        await go_to(pilot, row)
        await keys(pilot, "delete", "y")
        await shows(pilot, f"{row.ticket}: taken back")
        assert night.desk("x").outbox.get(row.id).state is OutgoingState.DROPPED
        assert night.desk("x").tickets.detail(row.ticket_id).ticket.answered_at is None
        assert row.id not in {each.id for each in outbox(app).list.window.rows}


@pytest.mark.parametrize(
    ("key", "asks", "said", "state"),
    [
        ("F", "Do it in tracker whatever was changed there?", "whatever stands there", OutgoingState.WAITING),
        ("backspace", "Take what stands in tracker as it is?", "theirs counts", OutgoingState.DROPPED),
    ],
)
@on_loop
async def test_a_conflict_is_decided_for_one_side(
    night: Night, key: str, asks: str, said: str, state: OutgoingState
) -> None:
    app = night.app()
    row = by_state(night)[OutgoingState.CONFLICT]
    async with app.run_test(size=SIZE) as pilot:
        await loaded(pilot)
        await keys(pilot, "O")
        await go_to(pilot, row)
        await shows(pilot, "Paul took it there", "ticket 123 of tracker")
        await keys(pilot, "R")
        await shows(pilot, "a conflict: say what counts, F ours or Del theirs")
        await keys(pilot, key)
        await shows(pilot, asks)
        await keys(pilot, "y")
        await shows(pilot, said)
        assert night.desk("x").outbox.get(row.id).state is state


@on_loop
async def test_each_key_that_can_do_nothing_says_why(night: Night) -> None:
    app = night.app()
    waiting = by_state(night)[OutgoingState.WAITING]
    async with app.run_test(size=SIZE) as pilot:
        await loaded(pilot)
        await keys(pilot, "O")
        await go_to(pilot, waiting)
        await keys(pilot, "Y")
        await shows(pilot, "only an answer of which nobody is sure")
        await keys(pilot, "F")
        await shows(pilot, "nothing was changed in the other system")
        night.clock.advance(minutes=5)
        night.desk("post").outbox.claim("support", "support.example")
        app.session.refresh()
        await shows(pilot, "It is being handed over.")
        await keys(pilot, "delete")
        await shows(pilot, f"{waiting.ticket} is being handed over just now")


@on_loop
async def test_somebody_who_was_first_is_told(night: Night) -> None:
    app = night.app()
    row = by_state(night)[OutgoingState.REFUSED]
    async with app.run_test(size=SIZE) as pilot:
        await loaded(pilot)
        await keys(pilot, "O")
        await go_to(pilot, row)
        await keys(pilot, "R")
        night.desk("Marc").outbox.drop(row.id)
        await keys(pilot, "y")
        await shows(pilot, "Refused")


@on_loop
async def test_a_line_leads_to_its_ticket(night: Night) -> None:
    app = night.app()
    row = by_state(night)[OutgoingState.REFUSED]
    async with app.run_test(size=SIZE) as pilot:
        await loaded(pilot)
        await keys(pilot, "O")
        await go_to(pilot, row)
        await keys(pilot, "enter")
        assert isinstance(app.screen, TicketScreen)
        await shows(pilot, "not sent: 550 mailbox full; O shows it")


@on_loop
async def test_a_read_only_board_shows_and_changes_nothing(night: Night) -> None:
    app = night.app(read_only=True)
    async with app.run_test(size=SIZE) as pilot:
        await loaded(pilot)
        await keys(pilot, "O", "delete")
        await shows(pilot, "! unsure", "drop: this board is read-only")


@on_loop
async def test_nothing_on_its_way_and_no_source_say_so(tmp_path: Path) -> None:
    night = Night(url_in(tmp_path))
    app = night.app()
    async with app.run_test(size=SIZE) as pilot:
        await loaded(pilot)
        await keys(pilot, "O")
        await shows(pilot, "Nothing is on its way", "No source was read yet", "Esc goes back")
        await keys(pilot, "enter")
        await shows(pilot, "nothing goes out here")
    night.close()


@on_loop
async def test_the_first_line_says_which_source_fails_and_how_much_is_stuck(night: Night) -> None:
    app = night.app()
    failing = SourceHealth("support", "mailbox", "imaps://mail.example", failures=2, failed_at=NOW, stuck=3)
    async with app.run_test(size=SIZE) as pilot:
        await loaded(pilot)
        app.session.sources = (failing,)
        app.board.show_state(NOW)
        await pilot.pause()
        assert "support fails   3 not sent O" in screen_lines(app)[0]
        app.session.sources = (replace(failing, failures=0, stuck=0, done=3200, total=10_000),)
        app.board.show_state(NOW)
        await pilot.pause()
        assert "fails" not in screen_lines(app)[0]
        assert screen_lines(app)[-2].startswith("── support: 3 200 of 10 000 read ──")
        await keys(pilot, "t")
        await shows(pilot, "RT-123 is yours already")
