"""Reading a ticket: beside the list on a wide terminal, on its own screen on a narrow one."""

from __future__ import annotations

from datetime import timedelta

import pytest
from board import Night, loaded, on_loop, screen_lines, screen_text, until
from support import NOW
from textual.pilot import Pilot

from oncall_tui.app import OncallApp
from oncall_tui.desk.tickets import TicketDesk
from oncall_tui.domain.errors import StoreUnavailable
from oncall_tui.domain.tickets import Channel


async def shown_beside(pilot: Pilot[None], ref: str) -> None:
    app = pilot.app
    assert isinstance(app, OncallApp)

    def there() -> bool:
        pane = app.board.pane
        return pane is not None and pane.detail is not None and pane.detail.ticket.ref == ref

    await until(pilot, there, f"{ref} is beside the list")


@on_loop
async def test_the_ticket_under_the_cursor_stands_beside_the_list(full: Night) -> None:
    app = full.app()
    async with app.run_test(size=(120, 40)) as pilot:
        await loaded(pilot)
        await shown_beside(pilot, "T-000002")
        shown = screen_text(app)
        for part in ("Conversation", "History", "Why it is due when it is", "What if"):
            assert f"── {part}" in shown
        assert shown.index("Conversation") < shown.index("History") < shown.index("Why it is due")
        await pilot.press("j", "j")
        await shown_beside(pilot, "T-000005")
        assert "Upgrade to Enterprise now: " in screen_text(app)


@on_loop
async def test_below_120_columns_enter_opens_it_and_above_it_comes_back(full: Night) -> None:
    app = full.app()
    async with app.run_test(size=(119, 40)) as pilot:
        await loaded(pilot)
        assert "Conversation" not in screen_text(app)
        await pilot.press("J")
        assert "the ticket stands beside the list from 120 columns on" in screen_text(app)
        await pilot.press("enter")
        await until(pilot, lambda: "Conversation" in screen_text(app), "the ticket is open")
        await pilot.press("escape")
        await pilot.resize_terminal(120, 40)
        await shown_beside(pilot, "T-000002")
        await pilot.resize_terminal(80, 24)
        await until(pilot, lambda: "Conversation" not in screen_text(app), "the list has the whole width")


@on_loop
async def test_what_somebody_else_does_is_read_beside_the_list(full: Night) -> None:
    app, marc = full.app(), full.desk("Marc").tickets
    async with app.run_test(size=(120, 40)) as pilot:
        await loaded(pilot)
        await shown_beside(pilot, "T-000002")
        marc.note(marc.find("T-000002").id, "The switch in rack 4 is dead.")
        await pilot.press("r")
        await until(pilot, lambda: "rack 4 is dead" in screen_text(app), "the note is there")


@on_loop
async def test_the_page_beside_the_list_scrolls_with_its_own_keys(full: Night) -> None:
    app = full.app()
    async with app.run_test(size=(120, 16)) as pilot:
        await loaded(pilot)
        await shown_beside(pilot, "T-000002")
        assert app.board.pane is not None
        await pilot.press(*["J"] * 5)
        assert app.board.pane.paper.scroll_offset.y == 5
        assert screen_lines(app)[4].startswith("▌")
        await pilot.press("K")
        assert app.board.pane.paper.scroll_offset.y == 4
        await pilot.press("j")
        await until(pilot, lambda: app.board.pane and app.board.pane.paper.scroll_offset.y == 0, "a new page")


@on_loop
async def test_a_ticket_that_comes_back_beside_the_list_has_its_head(full: Night) -> None:
    app = full.app()
    async with app.run_test(size=(120, 40)) as pilot:
        await loaded(pilot)
        await shown_beside(pilot, "T-000002")
        pane = app.board.pane
        assert pane is not None

        def head() -> list[str]:
            return [line[pane.region.x :] for line in screen_lines(app)[pane.region.y : pane.paper.region.y]]

        before = head()
        assert "T-000002  Cluster unreachable" in before[0]
        await pilot.press("slash", *"nowhere", "enter")
        await until(pilot, lambda: not pane.region, "nothing stands beside the list")
        await pilot.press("escape")
        await until(pilot, lambda: pane.region, "the ticket has its place again")
        await shown_beside(pilot, "T-000002")
        assert head() == before


@on_loop
async def test_nothing_of_another_ticket_stands_under_a_head(
    full: Night, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = full.app()
    async with app.run_test(size=(120, 40)) as pilot:
        await loaded(pilot)
        await shown_beside(pilot, "T-000002")

        def broken(*_: object, **__: object) -> None:
            raise StoreUnavailable("night.db can't be read", hint="try again")

        monkeypatch.setattr(TicketDesk, "detail", broken)
        await pilot.press("j")
        assert "since 02:40" not in "\n".join(line[72:] for line in screen_lines(app))
        await until(
            pilot, lambda: "This can't be read: night.db can't be read" in screen_text(app), "it is said"
        )


@on_loop
async def test_what_if_moves_with_the_clock_and_says_where_the_ticket_would_stand(night: Night) -> None:
    """R8"""
    night.file("moret", "VPS won't boot", minutes_ago=60)
    night.file("tessin", "Mail is slow", channel=Channel.EMAIL)
    app = night.app()
    async with app.run_test(size=(150, 40)) as pilot:
        await loaded(pilot)
        await pilot.press("j")
        await shown_beside(pilot, "T-000003")
        assert "Upgrade to Enterprise now: due 07:00, in 3 h 47, place 2 in this queue" in flat(app)
        assert "Promise an update in 30 min: due 03:42, in 30 min, place 1 in this queue" in flat(app)
        night.clock.now = NOW + timedelta(hours=4)
        app.board.tick(night.clock())
        await pilot.pause()
        assert "Promise an update in 30 min: due 07:42" in flat(app)


def flat(app: OncallApp) -> str:
    """Return what stands beside the list as one line."""
    left = next(line.index("│") for line in screen_lines(app) if "│" in line) + 1
    return " ".join(" ".join(line[left:].split()) for line in screen_lines(app)[3:-2])


@pytest.mark.parametrize("size", [(40, 10), (60, 20), (120, 40), (300, 80)])
@on_loop
async def test_the_board_fills_every_size_and_no_more(full: Night, size: tuple[int, int]) -> None:
    app = full.app()
    async with app.run_test(size=size) as pilot:
        await loaded(pilot)
        await pilot.press("space")
        lines = screen_lines(app)
        assert len(lines) == size[1]
        assert all(len(line) <= size[0] for line in lines)
        assert any(line.startswith("▌") and "00:08:00" in line for line in lines)
        assert "? help" in lines[-1]
        assert "* 1 marked" in screen_text(app)


@on_loop
async def test_resizing_again_and_again_leaves_the_board_whole(full: Night) -> None:
    app = full.app()
    async with app.run_test(size=(80, 24)) as pilot:
        await loaded(pilot)
        await pilot.press("j")
        for width in (40, 300, 119, 120, 121, 60, 200, 80):
            await pilot.resize_terminal(width, 10 + width // 5)
        await until(pilot, lambda: len(screen_lines(app)) == 26, "it has the last size")
        cursor = next(line for line in screen_lines(app) if line.startswith("▌"))
        assert "Mail queue" in cursor


@on_loop
async def test_nothing_below_the_head_jumps_while_one_goes_through_the_list(full: Night) -> None:
    app = full.app()
    async with app.run_test(size=(120, 40)) as pilot:
        await loaded(pilot)
        await shown_beside(pilot, "T-000002")
        pane = app.board.pane
        assert pane is not None
        heights = []
        for key in ["j"] * 6 + ["k"] * 6:
            await pilot.press(key)
            heights.append(pane.paper.region.y)
        assert heights == sorted(heights), "it only ever makes room"
