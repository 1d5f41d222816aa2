"""An engineer is told of alerts, stops them with a key from anywhere, and sees what became of them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from alerts_night import alert_all, alerts_read, watch
from board import Night, fill, loaded, on_loop, screen_lines, screen_text, until, url_in
from callers import shows
from calling import deliberate
from support import NOW
from textual.pilot import Pilot

from oncall_tui.app import OncallApp
from oncall_tui.domain.alerts import Alert, Kind
from oncall_tui.domain.tickets import Channel as Via
from oncall_tui.screens.alert_detail import AlertScreen
from oncall_tui.screens.alert_list import AlertListScreen
from oncall_tui.screens.call_detail import CallRecordScreen
from oncall_tui.screens.ticket import TicketScreen

SIZE = (100, 30)


@pytest.fixture
def night(tmp_path: Path) -> Iterator[Night]:
    """A night with a ticket, which a desk has looked at before anything happens."""
    made = Night(url_in(tmp_path))
    made.file("moret", "VPS won't boot", channel=Via.EMAIL)
    watch(made)
    yield made
    made.close()


@pytest.fixture
def told(tmp_path: Path) -> Iterator[Night]:
    """A night with alerts of each kind."""
    made = Night(url_in(tmp_path))
    fill(made)
    alert_all(made)
    yield made
    made.close()


@pytest.fixture(autouse=True)
def _deliberate(monkeypatch: pytest.MonkeyPatch) -> None:
    deliberate(monkeypatch)


def break_promise(night: Night) -> Alert:
    """File a request of Banque du Léman and let half of its hour pass."""
    ticket = night.file("leman", "Mail is down", minutes_ago=0)
    night.clock.advance(minutes=30)
    watch(night)
    return next(a for a in night.desk("x").alerts.page(9) if a.ticket_id == ticket.id)


async def told_of(pilot: Pilot[None], *words: str) -> None:
    """Have the board ask the store, and wait until it says all of `words`."""
    app = pilot.app
    assert isinstance(app, OncallApp)
    # Where two boards run, on behalf of this one.
    app.call_next(app.session.refresh)
    await shows(pilot, *words)


async def keys(pilot: Pilot[None], *names: str) -> None:
    """Press each key and wait until what it asks for is there."""
    for name in names:
        await pilot.press(name)
        await pilot.pause()
        await alerts_read(pilot)


def status(app: Any) -> str:
    return screen_lines(app)[-2]


@on_loop
async def test_what_is_acknowledged_on_one_board_is_gone_on_the_other(night: Night) -> None:
    first, second = night.app("Léa"), night.app("Marc")
    async with first.run_test(size=SIZE) as lea, second.run_test(size=SIZE) as marc:
        await loaded(lea)
        await loaded(marc)
        assert "alert" not in screen_lines(first)[0]
        alert = break_promise(night)
        for pilot in (lea, marc):
            await told_of(pilot, "1 alert !", "Alert Banque du Léman: 50 % left", "x acknowledges")
        await keys(lea, "x")
        await shows(lea, "Done acknowledged: Banque du Léman: 50 % left, due", "none left")
        assert "alert" not in screen_lines(first)[0]
        assert night.desk("x").alerts.get(alert.id).acknowledged_by == "Léa"
        second.call_next(second.session.refresh)
        await until(marc, lambda: "50 % left" not in screen_text(second), "the other board takes it away")
        assert "alert" not in screen_lines(second)[0]


@on_loop
async def test_whoever_comes_second_is_told_who_was_first(night: Night) -> None:
    app = night.app()
    async with app.run_test(size=SIZE) as pilot:
        await loaded(pilot)
        alert = break_promise(night)
        await told_of(pilot, "x acknowledges")
        night.desk("Marc").alerts.acknowledge(alert.id)
        await keys(pilot, "x")
        await shows(pilot, "Refused", "Marc acknowledged it at 03:42")
        assert "alert" not in screen_lines(app)[0]


@on_loop
async def test_of_several_new_ones_the_loudest_is_told_and_stopped(night: Night) -> None:
    app = night.app()
    async with app.run_test(size=SIZE) as pilot:
        await loaded(pilot)
        night.desk("x").outages.report(Kind.SOURCE, "tickets.csv", night.clock(), "gone")
        break_promise(night)
        night.clock.advance(minutes=31)
        watch(night)
        await told_of(pilot, "Alert 2 new, the loudest: Banque", "guarantee broken", "x acknowledges")
        await keys(pilot, "x")
        await shows(pilot, "acknowledged: Banque du Léman: guarantee broken", "1 left")
        assert [a.kind for a in night.desk("Léa").alerts.news(None).open] == [Kind.SOURCE]


@on_loop
async def test_a_held_key_stops_one_alert_only(night: Night, monkeypatch: pytest.MonkeyPatch) -> None:
    app = night.app()
    async with app.run_test(size=SIZE) as pilot:
        await loaded(pilot)
        for name in ("one", "two", "three"):
            night.desk("x").outages.report(Kind.SOURCE, name, night.clock(), "gone")
        await told_of(pilot, "x acknowledges")
        for module in ("held_key", "page"):
            monkeypatch.setattr(f"oncall_tui.screens.{module}.monotonic", lambda: 1e9)
        await keys(pilot, "x", "x", "x", "x")
        assert night.desk("Léa").alerts.news(None).total == 2


@on_loop
async def test_a_key_that_was_on_its_way_stops_no_alert_that_nobody_has_read(
    night: Night, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = night.app()
    async with app.run_test(size=SIZE) as pilot:
        await loaded(pilot)
        for module in ("held_key", "page"):
            monkeypatch.setattr(f"oncall_tui.screens.{module}.monotonic", lambda: 1e9)
        alert = break_promise(night)
        await told_of(pilot, "x acknowledges")
        await keys(pilot, "x")
        assert night.desk("x").alerts.get(alert.id).open
        await shows(pilot, "Alert Banque du Léman", "x acknowledges")
        monkeypatch.setattr("oncall_tui.screens.page.monotonic", lambda: 1e9 + 1)
        await keys(pilot, "x")
        assert night.desk("x").alerts.get(alert.id).acknowledged_by == "Léa"


@on_loop
async def test_an_alert_that_is_put_off_is_told_again_when_the_time_is_over(night: Night) -> None:
    app = night.app()
    async with app.run_test(size=SIZE) as pilot:
        await loaded(pilot)
        alert = break_promise(night)
        await told_of(pilot, "x acknowledges")
        await keys(pilot, "Z")
        await shows(pilot, "1 5 min", "until 03:47", "3 30 min", "until 04:12")
        await keys(pilot, "1")
        await shows(pilot, "put off until 03:47", "none left")
        assert night.desk("x").alerts.get(alert.id).waits
        night.clock.advance(minutes=5)
        watch(night)
        await told_of(pilot, "Alert Banque du Léman: 50 % left", "x acknowledges")


@on_loop
async def test_on_a_ticket_its_own_alerts_are_stopped_and_another_ones_only_listed(night: Night) -> None:
    app = night.app()
    async with app.run_test(size=SIZE) as pilot:
        await loaded(pilot)
        own = break_promise(night)
        await told_of(pilot, "1 alert")
        await keys(pilot, "g", "enter")
        assert isinstance(app.screen, TicketScreen)
        await shows(pilot, "── Alerts", "50 % left, due 04:12 still open")
        other = night.desk("x").outages.report(Kind.SOURCE, "tickets.csv", night.clock(), "gone")
        await told_of(pilot, "Alert tickets.csv", "! lists alerts")
        await keys(pilot, "x")
        await shows(pilot, "acknowledged: Banque du Léman", "50 % left, due 04:12 acknowledged 03:42 by Léa")
        assert [alert.id for alert in night.desk("Léa").alerts.news(None).open] == [other.id]
        assert night.desk("x").alerts.get(own.id).acknowledged_by == "Léa"
        await keys(pilot, "x")
        await shows(pilot, "no alert of this ticket is open")


@on_loop
async def test_a_read_only_board_says_why_it_stops_nothing(night: Night) -> None:
    app = night.app(read_only=True)
    async with app.run_test(size=SIZE) as pilot:
        await loaded(pilot)
        break_promise(night)
        await told_of(pilot, "1 alert !", "Alert", "! lists alerts")
        await keys(pilot, "x")
        await shows(pilot, "acknowledge: this board is read-only")
        await keys(pilot, "Z")
        await shows(pilot, "snooze: this board is read-only")


@on_loop
async def test_the_list_says_what_was_told_over_what_and_who_stopped_it(told: Night) -> None:
    app = told.app()
    async with app.run_test(size=SIZE) as pilot:
        await loaded(pilot)
        await keys(pilot, "exclamation_mark")
        assert isinstance(app.screen, AlertListScreen)
        await shows(pilot, "Marc 02:43", "until 03:28", "settled Wed", "push failed")
        await keys(pilot, "H")
        assert "Marc 02:43" not in screen_text(app)
        await keys(pilot, "H", "G")
        assert app.screen.line is not None
        assert app.screen.line.alert.kind is Kind.SOURCE
        await keys(pilot, "x")
        await shows(pilot, "acknowledge: it is settled")
        await keys(pilot, "enter", "enter")
        await shows(pilot, "no ticket and no call belongs to this alert")
        await keys(pilot, "escape", "g", "j", "x")
        assert app.screen.line.alert.acknowledged_by == "Léa"
        await keys(pilot, "enter")
        assert isinstance(app.screen, AlertScreen)
        await shows(pilot, "acknowledged 03:12 by Léa", "push failed, the server refused it (401)")
        await keys(pilot, "enter")
        assert isinstance(app.screen, TicketScreen)
        await shows(pilot, "Alerts", "acknowledged 03:12 by Léa")


@on_loop
async def test_the_alert_of_a_refused_call_leads_to_the_call(told: Night) -> None:
    app = told.app("Marc")
    async with app.run_test(size=(120, 40)) as pilot:
        await loaded(pilot)
        await keys(pilot, "exclamation_mark")
        page = app.screen
        assert isinstance(page, AlertListScreen)
        places = [line.alert.kind for line in page.list.window]
        page.list.move_to(places.index(Kind.REFUSED))
        await keys(pilot, "enter")
        assert isinstance(app.screen, CallRecordScreen)


@on_loop
async def test_more_is_read_at_the_end_of_what_is_there(
    night: Night, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("FIRST", "MORE"):
        monkeypatch.setattr(f"oncall_tui.screens.alert_list.{name}", 4)
    for number in range(11):
        night.clock.advance(seconds=1)
        night.desk("x").outages.report(Kind.SOURCE, f"source {number}", night.clock(), "gone")
    app = night.app()
    async with app.run_test(size=(80, 8)) as pilot:
        await loaded(pilot)
        await keys(pilot, "exclamation_mark", "G", "G", "G", "G")
        page = app.screen
        assert isinstance(page, AlertListScreen)
        named = [line.alert.subject for line in page.list.window]
        assert named == [f"source {number}" for number in range(10, -1, -1)]
        assert page.line is page.list.window.lines[-1]


@on_loop
async def test_an_empty_list_says_why_and_which_key_helps(night: Night) -> None:
    app = night.app()
    async with app.run_test(size=SIZE) as pilot:
        await loaded(pilot)
        await keys(pilot, "exclamation_mark")
        await shows(pilot, "Nothing has raised an alert yet.", "Esc goes back.")
        await keys(pilot, "H")
        await shows(pilot, "No alert is open", "H lists those, too.")
        await keys(pilot, "x")
        await shows(pilot, "there is no alert here")


@on_loop
async def test_a_call_that_rings_is_told_once_in_the_first_line_and_a_key_stops_its_alert(
    night: Night,
) -> None:
    app = night.app()
    async with app.run_test(size=SIZE) as pilot:
        await loaded(pilot)
        night.desk("telephone").calls.ring("+41 22 555 01 40", external_id="one")
        watch(night)
        await told_of(pilot, "RINGING", "picks up")
        assert "Alert" not in status(app)
        await keys(pilot, "x")
        await shows(pilot, "RINGING", "acknowledged: +41 22 555 01 40: emergency call rings", "none left")


@on_loop
async def test_what_fails_is_said_on_every_page(night: Night) -> None:
    app = night.app()
    async with app.run_test(size=SIZE) as pilot:
        await loaded(pilot)
        app.session.failing = ("desktop", "push")
        app.screen.show_state(NOW)  # type: ignore[attr-defined]
        await shows(pilot, "desktop, push fails")


@on_loop
async def test_a_name_with_markup_is_only_text(night: Night) -> None:
    desk = night.desk("x")
    desk.outages.report(Kind.SOURCE, "[/b] [@click=app.quit]x", NOW, "\x1b]0;x\x07[red]gone\u202e")
    app = night.app()
    async with app.run_test(size=(140, 30)) as pilot:
        await loaded(pilot)
        await told_of(pilot, "[/b] [@click=app.quit]x")
        await keys(pilot, "exclamation_mark")
        await shows(pilot, "[/b] [@click=app.quit]x", "[red]gone")
        assert "\x1b" not in screen_text(app)
        assert "\u202e" not in screen_text(app)


def test_a_request_without_a_guarantee_raises_nothing(night: Night) -> None:
    night.file("jardin", "How do I move my site?", channel=Via.EMAIL)
    night.clock.advance(hours=3)
    watch(night)
    assert "jardin" not in {alert.customer for alert in night.desk("x").alerts.page(99)}
    assert night.clock() == NOW + timedelta(hours=3)
