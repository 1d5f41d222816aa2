"""On the card of an organisation: what a caller may ask for, with a code and without, and how a call ends."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from board import loaded, on_loop, screen_lines, screen_text, until
from callers import LEMAN, MORET, ROCHAT, WRONG, CodedNight, seen, shows, type_code
from calling import deliberate, press
from textual.pilot import Pilot

from oncall_tui.app import OncallApp
from oncall_tui.desk.customers import CustomerDesk
from oncall_tui.domain.customers import Found
from oncall_tui.domain.errors import StoreUnavailable
from oncall_tui.domain.tickets import Channel
from oncall_tui.screens.card import CardScreen
from oncall_tui.screens.find import FindScreen
from oncall_tui.screens.lookup import LookupScreen
from oncall_tui.screens.ticket import TicketScreen

OPENED = ("open card", "leman", "without a code")


@pytest.fixture
def night(tmp_path: Path) -> Iterator[CodedNight]:
    made = CodedNight(tmp_path)
    yield made
    made.close()


async def card_of(pilot: Pilot[None], name: str) -> CardScreen:
    """Wait until the card of an organisation is read."""
    app = pilot.app

    def there() -> bool:
        page = app.screen
        return isinstance(page, CardScreen) and page.card is not None and page.organisation == name

    await until(pilot, there, f"the card of {name} is open")
    assert isinstance(app.screen, CardScreen)
    return app.screen


async def verified(pilot: Pilot[None], code: str = LEMAN, name: str = "Banque du Léman") -> CardScreen:
    """From the board: look a code up, and have the caller name the organisation."""
    await pilot.press("v")
    await type_code(pilot, code)
    await shows(pilot, "= MATCH")
    await pilot.press("y")
    return await card_of(pilot, name)


async def found(pilot: Pilot[None], words: str, name: str) -> CardScreen:
    """From the board: find an organisation without a code."""
    await pilot.press("v", "slash", *_keys(words))
    await shows(pilot, name)
    await pilot.press("enter")
    return await card_of(pilot, name)


def _keys(words: str) -> list[str]:
    names = {" ": "space", "@": "at", ".": "full_stop", "+": "plus", "-": "minus"}
    return [names.get(each, each) for each in words]


def acts(night: CodedNight) -> list[tuple[str, str, str]]:
    """Return act, organisation and outcome of what was done about callers and tickets."""
    rows = night.rows("SELECT act, customer, outcome FROM audit ORDER BY id")
    return [row for row in rows if row[0] not in ("issue code", "rotate code")]


def status(app: OncallApp) -> str:
    return screen_lines(app)[-2]


# A call begins and ends


@on_loop
async def test_leaving_the_card_ends_the_call_and_says_so(night: CodedNight) -> None:
    app = night.app()
    async with app.run_test(size=(80, 24)) as pilot:
        await loaded(pilot)
        await verified(pilot)
        await pilot.press("escape")
        assert app.screen is app.board
        assert "The call with Banque du Léman has ended" in status(app)
        await pilot.press("v", "enter")
        await shows(pilot, "Type the code")
        await pilot.press("slash", *"léman")
        await shows(pilot, "Banque du Léman")
        await pilot.press("enter")
        card = await card_of(pilot, "Banque du Léman")
        assert card.verification is None, "the next caller begins unverified"


@on_loop
async def test_a_proof_that_is_trusted_for_a_while_opens_the_card_again(tmp_path: Path) -> None:
    night = CodedNight(tmp_path, config='[codes]\ntrust = "30min"\n')
    app = night.app()
    async with app.run_test(size=(80, 24)) as pilot:
        await loaded(pilot)
        await verified(pilot)
        await pilot.press("escape")
        assert "they stay verified until 03:42" in status(app)
        await pilot.press("v")
        await shows(pilot, "Enter opens Banque du Léman again, verified until 03:42")
        await pilot.press("enter")
        card = await card_of(pilot, "Banque du Léman")
        assert card.verification is not None
        night.clock.advance(minutes=30)
        app.show_time(night.clock())
        await shows(pilot, "NOT VERIFIED")
        await pilot.press("escape")
        await shows(pilot, "Type the code")
    night.close()


@on_loop
async def test_a_code_from_the_card_must_be_that_of_the_organisation(night: CodedNight) -> None:
    app = night.app()
    async with app.run_test(size=(80, 24)) as pilot:
        await loaded(pilot)
        await found(pilot, "léman", "Banque du Léman")
        await pilot.press("v")
        await shows(pilot, "for Banque du Léman")
        await type_code(pilot, MORET)
        await shows(pilot, "NO MATCH")
        await type_code(pilot, LEMAN)
        await shows(pilot, "= MATCH")
        await pilot.press("y")
        card = await card_of(pilot, "Banque du Léman")
        assert card.verification is not None
        await pilot.press("escape")
        assert app.screen is app.board
    assert acts(night)[:2] == [OPENED, ("look up code", "leman", "no_match")]


# Finding


@pytest.mark.parametrize(
    ("words", "name"),
    [
        ("moret", "Fromagerie Moret"),
        ("rochat", "Banque du Léman"),
        ("leman.example", "Banque du Léman"),
        ("022 555 01 40", "Banque du Léman"),
        ("+41 26 5550201", "Fromagerie Moret"),
        ("ete", "Jardin d'Été"),
    ],
)
@on_loop
async def test_an_organisation_is_found_by_whatever_the_caller_says(
    night: CodedNight, words: str, name: str
) -> None:
    app = night.app()
    async with app.run_test(size=(60, 20)) as pilot:
        await loaded(pilot)
        await found(pilot, words, name)
        await shows(pilot, "NOT VERIFIED")
        await pilot.press("escape")
        assert isinstance(app.screen, FindScreen)
        await shows(pilot, name)
        await pilot.press("escape")
        assert isinstance(app.screen, LookupScreen)


@on_loop
async def test_the_arrows_choose_and_nothing_found_says_so(night: CodedNight) -> None:
    app = night.app()
    async with app.run_test(size=(60, 20)) as pilot:
        await loaded(pilot)
        await pilot.press("v", "slash", *"f")
        await shows(pilot, "▌Fromagerie Moret", "Banque du Léman enterprise Luc Favre")
        await pilot.press("down")
        await shows(pilot, "▌Banque du Léman")
        await pilot.press("down", "up")
        await shows(pilot, "▌Fromagerie Moret")
        await pilot.press(*"zzz")
        await shows(pilot, "No organisation goes by fzzz")
        await pilot.press("enter")
        assert isinstance(app.screen, FindScreen)


@on_loop
async def test_an_answer_to_what_no_longer_stands_there_is_dropped(
    night: CodedNight, monkeypatch: pytest.MonkeyPatch
) -> None:
    goes_on = threading.Event()
    find = CustomerDesk.find_at_once

    def slow(self: CustomerDesk, text: str, *more: Any) -> tuple[Found, ...]:
        if text == "moret":
            goes_on.wait(10)
        return find(self, text, *more)

    monkeypatch.setattr(CustomerDesk, "find_at_once", slow)
    app = night.app()
    async with app.run_test(size=(60, 20)) as pilot:
        await loaded(pilot)
        await pilot.press("v", "slash", *"moret", "enter", "ctrl+u", *"tessin")
        await shows(pilot, "Tessin Immobilien")
        goes_on.set()
        await pilot.pause()
        assert "Moret" not in screen_text(app)


@on_loop
async def test_a_store_that_is_away_is_told_and_enter_tries_again(
    night: CodedNight, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = night.app()
    async with app.run_test(size=(60, 20)) as pilot:
        await loaded(pilot)
        with monkeypatch.context() as broken:

            def away(*_: object, **__: object) -> None:
                raise StoreUnavailable("night.db is locked by another program")

            broken.setattr(CustomerDesk, "find_at_once", away)
            await pilot.press("v", "slash", *"moret")
            await shows(pilot, "night.db is locked")
        await pilot.press("enter")
        await card_of(pilot, "Fromagerie Moret")


# Without a code (R14)


@on_loop
async def test_a_caller_is_verified_by_calling_back_on_a_number_on_file(night: CodedNight) -> None:
    app = night.app()
    async with app.run_test(size=(80, 24)) as pilot:
        await loaded(pilot)
        await found(pilot, "léman", "Banque du Léman")
        await pilot.press("C")
        await shows(pilot, "1 +41 22 555 01 40 Anne Rochat", "2 +41 79 555 01 41 Luc Favre")
        await pilot.press("2")
        await shows(pilot, "Ring +41 79 555 01 41 and ask for Luc Favre. Did you reach them?")
        await pilot.press("n")
        await shows(pilot, "1 +41 22 555 01 40")
        await pilot.press("2", "y")
        await shows(pilot, "Banque du Léman is verified, by call-back")
        assert "NOT VERIFIED" not in screen_text(app)
    assert acts(night) == [OPENED, ("call back", "leman", "verified")]


@on_loop
async def test_it_is_never_called_back_on_the_number_that_rings(night: CodedNight) -> None:
    app = night.app()
    async with app.run_test(size=(80, 24)) as pilot:
        await loaded(pilot)
        await pilot.press("v", "tab", *"0225550140", "enter", "slash", *"léman")
        await shows(pilot, "Banque du Léman")
        await pilot.press("enter")
        await card_of(pilot, "Banque du Léman")
        await pilot.press("C")
        await shows(pilot, "1 +41 79 555 01 41")
        assert not any("2  +41" in line for line in screen_lines(app))
        await pilot.press("escape")
        await pilot.press("escape", "ctrl+u", *"tessin")
        await shows(pilot, "Tessin Immobilien")
        await pilot.press("enter")
        await card_of(pilot, "Tessin Immobilien")
        await pilot.press("C")
        await shows(pilot, "there is no other number on file; A asks a second engineer")


@on_loop
async def test_a_second_engineer_vouches_and_it_cant_be_oneself(night: CodedNight) -> None:
    app = night.app()
    async with app.run_test(size=(80, 24)) as pilot:
        await loaded(pilot)
        await found(pilot, "léman", "Banque du Léman")
        await pilot.press("A", *"Léa", "enter")
        await shows(pilot, "a second engineer has to approve, not you (R14)", "Second engineer")
        await pilot.press("ctrl+u", *"Marc", "enter")
        await shows(pilot, "Banque du Léman is verified, approved by Marc")
        assert "NOT VERIFIED" not in screen_text(app)
        await pilot.press("escape")
        assert "has ended" in status(app)
    assert acts(night) == [OPENED, ("approve caller", "leman", "verified")]


# Acting


@on_loop
async def test_a_call_from_the_card_begins_with_what_is_proven(
    night: CodedNight, monkeypatch: pytest.MonkeyPatch
) -> None:
    """R11, R12"""
    app = night.app()
    async with app.run_test(size=(80, 24)) as pilot:
        await loaded(pilot)
        await verified(pilot)
        await pilot.press("n")
        await shows(pilot, "EMERGENCY CALL", "Banque du Léman", "VIP code, confirmed", "4 Language f French")
        deliberate(monkeypatch)
        await press(pilot, "f", "y", "y", "1", "enter")
        await shows(pilot, "ACCEPTED")
        (row,) = night.rows("SELECT channel, subject, owner FROM tickets")
        assert row == ("emergency", "Public cloud", "Léa")


@on_loop
async def test_a_call_from_the_card_asks_for_what_isnt_proven(night: CodedNight) -> None:
    """R12, R14, R16"""
    app = night.app()
    async with app.run_test(size=(80, 24)) as pilot:
        await loaded(pilot)
        await found(pilot, "tessin", "Tessin Immobilien")
        await pilot.press("n")
        await shows(pilot, "EMERGENCY CALL", "Tessin Immobilien", "no emergency line", "to find out: Code")
        await pilot.press("escape", "escape", "escape", "escape")
        await verified(pilot, ROCHAT)
        await pilot.press("n")
        await shows(pilot, "support code: opens no VIP right", "caller not verified (R16)")
    assert night.rows("SELECT count(*) FROM tickets") == [(0,)]


@on_loop
async def test_a_ticket_is_filed_from_the_card_and_stands_on_it(night: CodedNight) -> None:
    app = night.app()
    async with app.run_test(size=(80, 24)) as pilot:
        await loaded(pilot)
        await verified(pilot, MORET, "Fromagerie Moret")
        await pilot.press("plus", *"milk", "enter")
        await until(pilot, lambda: "filed" in status(app), "it is filed")
        (row,) = night.rows("SELECT channel, subject FROM tickets")
        assert row == ("phone", "milk")
        await shows(pilot, "milk")
        await pilot.press("1")
        assert isinstance(app.screen, TicketScreen)
        await pilot.press("t")
        await until(pilot, lambda: "yours" in status(app), "it is taken")
        await pilot.press("v")
        assert isinstance(app.screen, LookupScreen)
        assert len(app.screen_stack) == 2
        await until(pilot, lambda: app.board.tickets.current is not None, "the board has it")


@on_loop
async def test_a_digit_without_a_ticket_says_how_many_there_are(night: CodedNight) -> None:
    night.file("moret", "Certificate renewal", channel=Channel.EMAIL)
    app = night.app()
    async with app.run_test(size=(80, 24)) as pilot:
        await loaded(pilot)
        await verified(pilot, MORET, "Fromagerie Moret")
        await pilot.press("2")
        assert "the card lists 1 open ticket" in status(app)


@on_loop
async def test_what_others_do_is_on_the_card_at_once(night: CodedNight) -> None:
    app = night.app()
    async with app.run_test(size=(120, 40)) as pilot:
        await loaded(pilot)
        await verified(pilot)
        night.file("leman", "Mail queue stuck")
        await pilot.press("r")
        await until(pilot, lambda: "Mail queue stuck" in "\n".join(line[70:] for line in seen(app)), "listed")
        await until(pilot, lambda: "Mail queue" in "\n".join(line[:72] for line in seen(app)), "on the board")


@on_loop
async def test_the_board_below_has_the_size_of_the_terminal_whatever_was_open_meanwhile(
    night: CodedNight,
) -> None:
    night.file("leman", "Mail queue stuck", minutes_ago=59)
    app = night.app()
    async with app.run_test(size=(80, 24)) as pilot:
        await loaded(pilot)
        await verified(pilot)
        await pilot.press("1")
        await pilot.resize_terminal(140, 30)
        await pilot.press("escape")
        await until(pilot, lambda: "Banque du Léman  Enterprise" in seen(app)[3], "the card is at the right")
        await until(pilot, lambda: "8 Unassigned 1" in seen(app)[1], "the board has its width")
        assert "00:01:00" in seen(app)[4][:40]
        night.clock.advance(seconds=30)
        app.show_time(night.clock())
        await until(pilot, lambda: "00:00:30" in seen(app)[4][:40], "the list ticks")


@on_loop
async def test_a_read_only_board_opens_no_card_and_verifies_nobody(night: CodedNight) -> None:
    """R20: it can't leave the trace that opening a card without a code leaves."""
    app = night.app(read_only=True)
    async with app.run_test(size=(80, 24)) as pilot:
        await loaded(pilot)
        await pilot.press("v", "slash", *_keys("léman"))
        await shows(pilot, "Banque du Léman")
        await pilot.press("enter")
        await shows(pilot, "a card that is opened without a code leaves its trace", "R20")
        for key in ("C", "A", "n", "plus"):
            await pilot.press(key)
            assert "this board is read-only" in status(app), key


@on_loop
async def test_a_whole_call_on_each_database(database_url: str, tmp_path: Path) -> None:
    night = CodedNight(tmp_path, url=database_url)
    app = night.app()
    async with app.run_test(size=(120, 40)) as pilot:
        await loaded(pilot)
        await pilot.press("v")
        await type_code(pilot, WRONG)
        await shows(pilot, "NO MATCH")
        await type_code(pilot, LEMAN)
        await shows(pilot, "= MATCH")
        await pilot.press("y")
        await card_of(pilot, "Banque du Léman")
        await pilot.press("plus", *"dark", "enter")
        await until(pilot, lambda: "filed" in status(app), "it is filed")
        await pilot.press("escape")
        await until(pilot, lambda: "dark" in screen_text(app), "the board has it")
    assert [(act, outcome) for act, _, outcome in acts(night)] == [
        ("look up code", "no_match"),
        ("look up code", "match"),
        ("confirm caller", "verified"),
        ("new", "done"),
    ]
    night.close()
