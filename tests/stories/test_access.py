"""Temporary access with keys: recorded, used, given back, asked for, from a ticket and from a card (R23)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from board import Night, loaded, on_loop, screen_lines, screen_text, until, url_in
from calling import deliberate
from correspondence import ANNA, WITH_MAIL, arrive, letter, settled, with_templates
from support import NOW
from textual.pilot import Pilot

from oncall_tui.domain.grants import Grant, GrantState
from oncall_tui.domain.tickets import Channel
from oncall_tui.screens.access import AccessScreen
from oncall_tui.screens.board import BoardScreen
from oncall_tui.screens.composer import ComposeScreen

HOUR = timedelta(hours=1)


@pytest.fixture(autouse=True)
def _deliberate(monkeypatch: pytest.MonkeyPatch) -> None:
    deliberate(monkeypatch)


@pytest.fixture
def night(tmp_path: Path) -> Iterator[Night]:
    """The bank has two services, and a ticket by telephone."""
    known = [replace(each, services=("Mail", "Drive")) if each.id == "leman" else each for each in WITH_MAIL]
    made = Night(url_in(tmp_path), known=known)
    made.file("leman", "Mail queue stuck", channel=Channel.PHONE, contact="Anna Rochat")
    yield made
    made.close()


async def opened(pilot: Pilot[None]) -> AccessScreen:
    """From the ticket under the cursor: open the access of its organisation."""
    await loaded(pilot)
    await pilot.press("E")
    return await there(pilot)


async def there(pilot: Pilot[None]) -> AccessScreen:
    def is_there() -> bool:
        page = pilot.app.screen
        return isinstance(page, AccessScreen) and page.file is not None

    await until(pilot, is_there, "the access is read")
    assert isinstance(pilot.app.screen, AccessScreen)
    return pilot.app.screen


async def said(pilot: Pilot[None], words: str) -> None:
    await until(pilot, lambda: words in " ".join(screen_text(pilot.app).split()), words)


async def typed(pilot: Pilot[None], *lines: str) -> None:
    names = {" ": "space", ":": "colon", "-": "minus", ".": "full_stop"}
    for line in lines:
        await pilot.press(*(names.get(each, each) for each in line), "enter")


def stored(night: Night) -> tuple[Grant, ...]:
    return night.desk("Zoé").access.of("leman").grants


@on_loop
async def test_access_is_recorded_and_used_for_the_ticket(night: Night) -> None:
    """R23: the store has it before the screen says so."""
    async with night.app().run_test(size=(80, 24)) as pilot:
        page = await opened(pilot)
        assert "They have granted us no temporary access." in screen_text(pilot.app)
        assert "m asks them for it, + records what they grant." in screen_text(pilot.app)
        await pilot.press("enter")
        await said(pilot, "there is no access here; m asks for it")
        await pilot.press("plus")
        await typed(pilot, "3")
        await said(pilot, "'3' is none of their services (R23); theirs: Mail, Drive")
        await pilot.press("backspace")
        await typed(pilot, "1", "soon")
        await said(pilot, "'soon' says no end")
        await pilot.press(*["backspace"] * 4)
        await typed(pilot, "4h", "")
        await said(pilot, "Done access to Mail recorded until 07:12")
        (grant,) = stored(night)
        assert (grant.service, grant.until, grant.granted_by) == ("Mail", NOW + 4 * HOUR, "Anna Rochat")
        assert page.ticket is not None
        await pilot.press("enter")
        await said(pilot, "Done Mail is yours to use until 07:12, 04 h 00 left; Enter gives it back")
        (grant,) = stored(night)
        assert [(use.operator, use.ticket, use.purpose) for use in grant.uses] == [
            ("Léa", page.ticket.ref, "")
        ]
        assert "Enter give back" in screen_lines(pilot.app)[-1]
        assert "Léa 03:12" in screen_text(pilot.app)
        await pilot.press("u")
        await said(pilot, "Done undone: Mail")
        assert not stored(night)[0].uses


@on_loop
async def test_without_a_ticket_the_purpose_is_asked_for(night: Night) -> None:
    night.desk("Marc").access.grant("leman", "Mail", NOW + HOUR)
    async with night.app().run_test(size=(80, 24)) as pilot:
        await loaded(pilot)
        pilot.app.push_screen(AccessScreen(pilot.app.session, "leman"))  # type: ignore[attr-defined]
        await there(pilot)
        await pilot.press("enter")
        await typed(pilot, "look at the queue")
        await said(pilot, "Mail is yours to use")
        assert stored(night)[0].uses[0].purpose == "look at the queue"
        await pilot.press("enter")
        await said(pilot, "Done Mail given back")
        assert stored(night)[0].uses[0].ended_at == NOW


@on_loop
async def test_the_last_minutes_stand_out_and_then_it_is_over(night: Night) -> None:
    """R23: what runs out counts down, and can't be used any more from that second on."""
    night.desk("Marc").access.grant("leman", "Drive", NOW + 9 * HOUR)
    made = night.desk("Marc").access.grant("leman", "Mail", NOW + HOUR)
    async with night.app().run_test(size=(80, 24)) as pilot:
        page = await opened(pilot)

        def first() -> list[str]:
            return screen_lines(pilot.app)[3].split()

        async def at(minutes: float) -> None:
            night.clock.now = NOW + timedelta(minutes=minutes)
            page.tick(night.clock.now)
            await pilot.pause()

        assert first()[:2] == ["▌", "01"]
        await at(45)
        assert first()[:2] == ["▌~", "00:15:00"]
        await at(55)
        assert first()[:2] == ["▌!", "00:05:00"]
        await at(60)
        assert first()[1] == "h", "the drive is first now"
        assert "ran out" in screen_lines(pilot.app)[4]
        assert screen_lines(pilot.app)[4].startswith("▌"), "the cursor stays on what it was on"
        await pilot.press("enter")
        await said(pilot, "Mail can't be used since 04:12 (R23); m asks for it again")
        await pilot.press("d")
        await said(pilot, "Mail is over already")
        assert not stored(night)[0].uses
    assert made.state(night.clock.now) is GrantState.EXPIRED


@on_loop
async def test_what_somebody_else_does_is_seen(night: Night) -> None:
    """Two engineers: who comes second is told, and no act is lost."""
    marc = night.desk("Marc")
    made = marc.access.grant("leman", "Mail", NOW + HOUR)
    async with night.app().run_test(size=(80, 24)) as pilot:
        page = await opened(pilot)
        marc.access.end(made.id)
        await pilot.press("enter")
        await said(pilot, "Refused access to Mail was ended at 03:12:44 by Marc")
        await said(pilot, "It was ended Fri 27 Mar 03:12 by Marc, before its time.")
        marc.access.grant("leman", "Drive", NOW + HOUR)
        page.log_changed()
        await said(pilot, "Drive")
        await pilot.press("g", "d")
        await said(pilot, "Is it over before its time?")
        await pilot.press("n", "d", "y")
        await said(pilot, "Done access to Drive ended")
        assert [each.ended_by for each in stored(night)] == ["Léa", "Marc"]


@on_loop
async def test_the_customer_is_asked_by_mail_where_they_wrote(night: Night) -> None:
    """The answer is there from the template, for the service that was chosen; nothing is sent by itself."""
    arrive(night, letter(ANNA, "Nos mails ne partent plus", "Bonjour", language="fr", ref=""))
    app: Any = with_templates(night)
    async with app.run_test(size=(80, 24)) as pilot:
        await loaded(pilot)
        for place in range(len(app.board.tickets.view)):
            ticket = app.board.tickets.view.rows[app.board.tickets.view.id_at(place)]
            if ticket.subject.startswith("Nos mails"):
                app.board.tickets.move_cursor(place)
        await pilot.pause()
        await opened(pilot)
        await pilot.press("m", "2")
        await until(pilot, lambda: isinstance(app.screen, ComposeScreen), "the composer is open")
        text = app.screen.field.text
        assert "accès temporaire à votre service : Drive" in text
        await pilot.press("escape")
        page = await there(pilot)
        await pilot.press("m", "1")
        await until(pilot, lambda: isinstance(app.screen, ComposeScreen), "the composer is open")
        assert app.screen.field.text.startswith(text), "what was written stays"
        assert "votre service : Mail" in app.screen.field.text
        assert page.ticket is not None
        assert night.desk("Zoé").tickets.detail(page.ticket.id).ticket.answered_at is None


@on_loop
async def test_the_customer_on_the_telephone_is_asked_in_words(night: Night) -> None:
    """In French and in English; what they grant is recorded next."""
    async with night.app().run_test(size=(80, 24)) as pilot:
        await opened(pilot)
        await pilot.press("m", "2")
        await said(pilot, '"To go on we would need temporary access to your service Drive.')
        assert "«" in screen_text(pilot.app)
        await pilot.press("y")
        await said(pilot, "Access that they grant")
        await typed(pilot, "18:00", "")
        await said(pilot, "access to Drive recorded until 18:00")
        assert stored(night)[0].until == datetime(2026, 3, 27, 17, 0, tzinfo=UTC)


@on_loop
async def test_a_time_that_comes_twice_is_refused_where_it_was_typed(night: Night) -> None:
    """R4: on the night of 25 October."""
    async with night.app().run_test(size=(80, 24)) as pilot:
        await opened(pilot)
        await pilot.press("plus")
        await typed(pilot, "1", "2026-10-25 02:30")
        await said(pilot, "2026-10-25 02:30 occurs twice in Europe/Zurich")
        assert not stored(night)
        await typed(pilot, "+01:00", "")
        await said(pilot, "access to Mail recorded until 25 Oct")
        assert stored(night)[0].until == datetime(2026, 10, 25, 1, 30, tzinfo=UTC)


@on_loop
async def test_a_read_only_board_shows_and_changes_nothing(night: Night) -> None:
    night.desk("Marc").access.grant("leman", "Mail", NOW + HOUR)
    async with night.app(read_only=True).run_test(size=(80, 24)) as pilot:
        await opened(pilot)
        for key in ("enter", "plus", "d", "m"):
            await pilot.press(key)
            await said(pilot, "read-only")
        await pilot.press("escape")
        await until(pilot, lambda: isinstance(pilot.app.screen, BoardScreen), "the board")
    assert not stored(night)[0].uses


@on_loop
async def test_a_key_held_down_begins_once(night: Night, monkeypatch: pytest.MonkeyPatch) -> None:
    """Enter gives back what it began to use: only another stroke may."""
    desk = night.desk("Zoé")
    desk.access.grant("leman", "Mail", NOW + HOUR, "Anna Rochat")
    monkeypatch.setattr("oncall_tui.screens.held_key.monotonic", lambda: 1000.0)
    app = night.app()
    async with app.run_test(size=(80, 24)) as pilot:
        await opened(pilot)
        for _stroke in range(6):
            await pilot.press("enter")
            await settled(pilot)
        assert stored(night)[0].in_use(NOW)
        monkeypatch.setattr("oncall_tui.screens.held_key.monotonic", lambda: 2000.0)
        for _stroke in range(6):
            await pilot.press("enter")
            await settled(pilot)
        assert not stored(night)[0].in_use(NOW)
