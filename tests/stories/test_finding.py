"""Finding a ticket: filters, orders, and the texts for what isn't there."""

from __future__ import annotations

from datetime import timedelta
from string import punctuation

import pytest
from board import Night, loaded, on_loop, screen_lines, screen_text, until
from support import NOW
from textual.keys import _character_to_key
from textual.pilot import Pilot
from textual.widgets import Input

from oncall_tui.app import OncallApp
from oncall_tui.desk.queue import QueueDesk
from oncall_tui.domain.errors import StoreUnavailable
from oncall_tui.domain.filters import Filter
from oncall_tui.domain.queue import QUEUES, Queue
from oncall_tui.domain.tickets import Channel
from oncall_tui.widgets.filter_bar import FilterBar


def listed(app: OncallApp) -> list[str]:
    """Return the references on the board, in order."""
    view = app.board.tickets.view
    rows = [view.row_at(place) for place in range(len(view))]
    return [row.ref for row in rows if row is not None]


async def filtered(pilot: Pilot[None], text: str) -> None:
    app = pilot.app
    assert isinstance(app, OncallApp)
    await until(pilot, lambda: app.board.filter.text == text, f"the filter is {text!r}")
    await loaded(pilot)


@on_loop
async def test_the_list_follows_while_a_filter_is_typed(full: Night) -> None:
    app = full.app()
    async with app.run_test(size=(80, 24)) as pilot:
        await loaded(pilot)
        everything = listed(app)
        await pilot.press("slash", *"leman")
        await filtered(pilot, "leman")
        assert listed(app) == [ref for ref in everything if ref in listed(app)]
        assert len(listed(app)) == 3
        await pilot.press("space", "exclamation_mark", *"backup", "enter")
        await filtered(pilot, "leman !backup")
        assert len(listed(app)) == 2
        assert screen_lines(app)[2].startswith("── /leman !backup   2 of 7 ─")
        await pilot.press("t")  # the letters are keys again
        await pilot.press("escape")
        await filtered(pilot, "")
        assert listed(app) == everything
        assert screen_lines(app)[2] == "─" * 80


@on_loop
async def test_esc_clears_while_typing_and_what_was_used_comes_back_with_up(full: Night) -> None:
    app = full.app()
    async with app.run_test(size=(80, 24)) as pilot:
        await loaded(pilot)
        for text in ("mail", "state:new"):
            await pilot.press("slash", *(f"{'colon' if each == ':' else each}" for each in text), "enter")
            await filtered(pilot, text)
            await pilot.press("escape")
            await filtered(pilot, "")
        await pilot.press("slash", "up", "up")
        await filtered(pilot, "mail")
        await pilot.press("down")
        await filtered(pilot, "state:new")
        await pilot.press("down")
        await filtered(pilot, "")
        await pilot.press("up", "escape")
        await filtered(pilot, "")
        assert app.focused is None


@pytest.mark.parametrize("opens", [("slash",), ("question_mark", "slash")], ids=["board", "help"])
@on_loop
async def test_every_sign_is_text_in_a_field_whatever_the_screen_binds_it_to(
    full: Night, opens: tuple[str, ...]
) -> None:
    app = full.app()
    async with app.run_test(size=(80, 24)) as pilot:
        await loaded(pilot)
        await pilot.press(*opens)
        await until(pilot, lambda: isinstance(app.focused, Input), "there is a field")
        screen, field = app.screen, app.focused
        await pilot.press(*map(_character_to_key, punctuation))
        assert app.screen is screen
        assert field.value == punctuation


@on_loop
async def test_each_queue_keeps_its_filter(full: Night) -> None:
    app = full.app()
    async with app.run_test(size=(80, 24)) as pilot:
        await loaded(pilot)
        await pilot.press("slash", *"moret", "enter")
        await filtered(pilot, "moret")
        await pilot.press("3")
        await loaded(pilot)
        assert len(listed(app)) == 3
        await pilot.press("1")
        await loaded(pilot)
        assert len(listed(app)) == 2
        assert "/moret   2 of 7" in screen_lines(app)[2]


@on_loop
async def test_a_value_that_its_key_doesnt_know_is_told_and_the_list_stays(full: Night) -> None:
    app = full.app()
    async with app.run_test(size=(119, 24)) as pilot:
        await loaded(pilot)
        await pilot.press("slash", *"plan", "colon")
        await filtered(pilot, "plan:")
        await pilot.press("x", "enter")
        await until(pilot, lambda: "standard, plus, pro, enterprise" in screen_text(app), "it is told")
        assert len(listed(app)) == 7
        await pilot.press("backspace", "p", "enter")
        await filtered(pilot, "plan:p")
        assert {row.plan.value for row in app.board.tickets.view.rows.values()} >= {"pro", "plus"}
        assert len(listed(app)) == 3


@on_loop
async def test_a_cursor_that_found_its_ticket_stays_on_it_when_the_filter_goes(night: Night) -> None:
    for number in range(150):
        night.file("leman", f"Ticket {number}", minutes_ago=200 - number)
    app = night.app()
    async with app.run_test(size=(80, 24)) as pilot:
        await loaded(pilot)
        await pilot.press("slash", *'"ticket', "space", *'131"', "enter")
        await filtered(pilot, '"ticket 131"')
        await pilot.press("escape")
        await filtered(pilot, "")
        current = app.board.tickets.current
        assert current is not None
        assert current.subject == "Ticket 131"
        await until(
            pilot, lambda: any("▌" in line and "131" in line for line in screen_lines(app)), "it is seen"
        )


@on_loop
async def test_none_open_none_matching_and_none_read_are_three_texts(
    full: Night, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = full.app(queue=QUEUES[6])
    async with app.run_test(size=(80, 24)) as pilot:
        await loaded(pilot)
        await pilot.press("slash", *"nowhere")
        await filtered(pilot, "nowhere")
        assert screen_lines(app)[6].strip() == "Esc clears the filter"
        await pilot.press("enter")
        await filtered(pilot, "nowhere")
        assert "No ticket in Mine matches /nowhere" in screen_text(app)
        assert "Esc clears the filter   / changes it" in screen_text(app)
        await pilot.press("escape")
        await filtered(pilot, "")

        def broken(*_: object, **__: object) -> None:
            raise StoreUnavailable("night.db is locked by another program", hint="try again")

        with monkeypatch.context() as patch:
            patch.setattr(QueueDesk, "page", broken)
            await pilot.press("2")
            await until(pilot, lambda: "This queue can't be read." in screen_text(app), "it is said")
            assert "is locked by another program" in screen_text(app)
            assert "r tries again now" in screen_text(app)
        await pilot.press("r")
        await until(pilot, lambda: "Cluster unreach" in screen_text(app), "it is read after all")


@on_loop
async def test_the_second_order_is_one_key_away_and_shows_what_it_sorts_by(night: Night) -> None:
    """R10"""
    # Received on Thursday evening: an hour of telephone hours is left, and half a night until they begin.
    night.clock.now = NOW
    by_phone = night.file("tessin", "By phone", channel=Channel.PHONE, minutes_ago=60 * 11.2)
    by_mail = night.file("tessin", "By mail", channel=Channel.EMAIL, minutes_ago=60 * 6)
    app = night.app()
    async with app.run_test(size=(80, 24)) as pilot:
        await loaded(pilot)
        assert listed(app) == [by_phone.ref, by_mail.ref]
        await pilot.press("s")
        await loaded(pilot)
        left = {
            row.ref: night.desk("x").queue.opening_left(row, NOW)
            for row in app.board.tickets.view.rows.values()
        }
        assert listed(app) == sorted(left, key=lambda ref: left[ref] or timedelta(0))
        assert "by opening time left" in screen_lines(app)[2]
        assert "OPEN LEFT" in screen_lines(app)[3]
        for _ in range(5):
            await pilot.press("s")
        await loaded(pilot)
        assert screen_lines(app)[2] == "─" * 80
        await pilot.press("S")
        await loaded(pilot)
        assert "last changed first" in screen_lines(app)[2]
        await pilot.press("9", "s")
        assert "always stands by due time" in screen_text(app)


@on_loop
async def test_by_opening_time_left_lines_change_places_as_time_passes(night: Night) -> None:
    """R10: while telephone hours are shut their clock stands still, and that of e-mail runs."""
    night.clock.now = NOW - timedelta(hours=9)  # 18:12 on Thursday
    phone = night.file("moret", "By phone", channel=Channel.PHONE)
    night.clock.now = NOW - timedelta(hours=8, minutes=30)
    mail = night.file("moret", "By mail", channel=Channel.EMAIL)
    app = night.app()
    async with app.run_test(size=(80, 24)) as pilot:
        await loaded(pilot)
        await pilot.press("s")
        await loaded(pilot)
        assert listed(app) == [phone.ref, mail.ref]
        night.clock.advance(hours=1, minutes=30)  # 20:12: 50 min of phone counted, 90 of mail
        app.board.tick(night.clock())
        await pilot.pause()
        assert listed(app) == [mail.ref, phone.ref]


@on_loop
async def test_queues_of_ones_own_stand_after_the_others_and_count(full: Night) -> None:
    own = Queue("night", "Night", filter=Filter.parse("channel:emergency"))
    app = full.app(queues=(*QUEUES, own))
    async with app.run_test(size=(160, 24)) as pilot:
        await loaded(pilot)
        assert "Night 3" in screen_lines(app)[1]
        await pilot.press("shift+tab")
        await loaded(pilot)
        assert app.board.queue == own
        assert len(listed(app)) == 3
        full.file("leman", "Another call")
        await pilot.press("r")
        await until(pilot, lambda: "Night 4" in screen_lines(app)[1], "it is counted")
        assert len(listed(app)) == 4


@on_loop
async def test_a_letter_typed_while_the_filter_before_is_looked_up_counts(full: Night) -> None:
    """The timer of `l` has gone off already when `e` is typed: its look-up comes after it all the same."""
    app = full.app()
    async with app.run_test(size=(80, 24)) as pilot:
        await loaded(pilot)
        await pilot.press("slash", "l")
        bar = app.board.query_one(FilterBar)
        bar.field.value = "le"
        await pilot.pause()
        app.board.filters._look_up_typed()
        await filtered(pilot, "le")
        bar.field.value = "leman"
        await filtered(pilot, "leman")
