"""The organisations: going through the list, finding one in it, and its card without anybody calling."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from board import Night, loaded, on_loop, screen_lines, screen_text, until, url_in
from callers import LEMAN, CodedNight, shows, type_code
from hostile import HOSTILE
from textual.pilot import Pilot

from oncall_tui.app import OncallApp
from oncall_tui.desk.customers import CustomerDesk
from oncall_tui.domain.customers import Contact, Customer, Found
from oncall_tui.domain.errors import StoreUnavailable
from oncall_tui.domain.plans import Plan
from oncall_tui.screens.call import CallScreen
from oncall_tui.screens.card import CardScreen
from oncall_tui.screens.lookup import LookupScreen
from oncall_tui.screens.organisations import OrganisationsScreen

MANY = tuple(
    Customer(f"c{number:04}", f"Org {number:04}", Plan.PRO, contacts=(Contact(f"Person {number:04}"),))
    for number in range(1_500)
)


@pytest.fixture
def night(tmp_path: Path) -> Iterator[CodedNight]:
    made = CodedNight(tmp_path)
    yield made
    made.close()


async def listed(pilot: Pilot[None]) -> OrganisationsScreen:
    """Open the list and wait until it is read."""
    await loaded(pilot)
    await pilot.press("o")
    return await rested(pilot)


async def rested(pilot: Pilot[None]) -> OrganisationsScreen:
    def there() -> bool:
        page = pilot.app.screen
        return isinstance(page, OrganisationsScreen) and page.settled and not page._asked

    await until(pilot, there, "the list is read")
    assert isinstance(pilot.app.screen, OrganisationsScreen)
    return pilot.app.screen


async def searched(pilot: Pilot[None], text: str) -> OrganisationsScreen:
    page = pilot.app.screen
    assert isinstance(page, OrganisationsScreen)
    await until(pilot, lambda: page.filters.current.text == text and page.settled, f"{text!r} is found")
    return page


async def carded(pilot: Pilot[None], name: str) -> CardScreen:
    def there() -> bool:
        page = pilot.app.screen
        return isinstance(page, CardScreen) and page.card is not None and page.organisation == name

    await until(pilot, there, f"the card of {name} is open")
    assert isinstance(pilot.app.screen, CardScreen)
    return pilot.app.screen


def status(app: OncallApp) -> str:
    return screen_lines(app)[-2]


def entries(night: CodedNight) -> list[tuple[str, str, str]]:
    return night.rows("SELECT act, customer, outcome FROM audit WHERE act NOT LIKE '% code' ORDER BY id")


@on_loop
async def test_the_list_stands_by_name_and_opens_the_card_of_one(night: CodedNight) -> None:
    """R20: nobody has read out a code, and that the card was opened is written down, once."""
    app = night.app()
    async with app.run_test(size=(80, 24)) as pilot:
        page = await listed(pilot)
        assert [one.customer for one in page.list.window.lines] == ["leman", "moret", "jardin", "tessin"]
        await pilot.press("j", "enter")
        card = await carded(pilot, "Fromagerie Moret")
        assert "no caller: opened for work that needs no code" in screen_text(app)
        assert "NOT VERIFIED" not in screen_text(app)
        await pilot.press("r")
        card.read()
        await until(pilot, lambda: not any(work.is_running for work in app.workers), "it is read again")
        assert entries(night) == [("open card", "moret", "without a code")]
        await pilot.press("escape")
        assert app.screen is page
        assert page.list.current is not None
        assert page.list.current.customer == "moret"
        await pilot.press("escape")
        assert app.screen is app.board


@on_loop
async def test_it_is_found_as_one_types_and_enter_opens_it(night: CodedNight) -> None:
    app = night.app()
    async with app.run_test(size=(100, 24)) as pilot:
        await listed(pilot)
        await pilot.press("slash", *"rochat")
        page = await searched(pilot, "rochat")
        assert [(one.customer, one.why) for one in page.list.window.lines] == [
            ("leman", "Anne Rochat, anne.rochat@leman.example")
        ]
        assert "FOUND BY" in screen_text(app)
        await pilot.press("enter")
        await carded(pilot, "Banque du Léman")
        await pilot.press("escape")
        assert app.screen is page
        assert "/rochat" in screen_text(app)
        await pilot.press("escape")
        await rested(pilot)
        assert len(page.list.window) == 4
        await pilot.press("escape")
        assert app.screen is app.board


@on_loop
async def test_enter_on_what_is_still_looked_for_opens_the_only_one(night: CodedNight) -> None:
    app = night.app()
    async with app.run_test(size=(80, 24)) as pilot:
        await listed(pilot)
        await pilot.press("slash", *"moret", "enter")
        await carded(pilot, "Fromagerie Moret")


@on_loop
async def test_the_arrows_choose_while_one_types(night: CodedNight) -> None:
    app = night.app()
    async with app.run_test(size=(80, 24)) as pilot:
        await listed(pilot)
        await pilot.press("slash", "d")
        page = await searched(pilot, "d")
        assert [one.customer for one in page.list.window.lines] == ["leman", "jardin"]
        await pilot.press("down", "enter")
        await carded(pilot, "Jardin d'Été")


@on_loop
async def test_what_begins_nowhere_is_looked_for_within_words_and_the_next_key_stops_it(
    night: CodedNight, monkeypatch: pytest.MonkeyPatch
) -> None:
    inside, stops = CustomerDesk.find_inside, []
    slow = threading.Event()

    def find_inside(desk, text, limit=20, stopped=lambda: False) -> tuple[Found, ...]:
        if text == "oret":
            slow.wait(10)
            stops.append(stopped())
        return inside(desk, text, limit, stopped)

    monkeypatch.setattr(CustomerDesk, "find_inside", find_inside)
    app = night.app()
    async with app.run_test(size=(80, 24)) as pilot:
        await listed(pilot)
        await pilot.press("slash", *"oret")
        await shows(pilot, "Looking inside words …")
        await pilot.press("backspace")
        slow.set()
        page = await searched(pilot, "ore")
        assert [one.customer for one in page.list.window.lines] == ["moret"]
        await until(pilot, lambda: stops == [True], "the search before was stopped")
        await pilot.press(*"xx")
        await searched(pilot, "orexx")
        await shows(pilot, "Nothing is found by orexx")
        await pilot.press("escape")
        await rested(pilot)
        assert len(page.list.window) == 4


@on_loop
async def test_one_goes_through_a_long_list_and_to_its_end(tmp_path: Path) -> None:
    night = Night(url_in(tmp_path), known=MANY)
    app = night.app()
    async with app.run_test(size=(80, 24)) as pilot:
        page = await listed(pilot)
        assert len(page.list.window) == 100
        await pilot.press("G")
        await until(pilot, lambda: "Org 1499" in screen_text(app), "the end is there")
        assert page.list.current is not None
        assert page.list.current.customer == "c1499"
        for _ in range(10):
            await pilot.press("pageup")
            await rested(pilot)
        names = [one.name for one in page.list.window.lines]
        assert names == [f"Org {number:04}" for number in range(1500 - len(names), 1500)]
        assert len(names) > 200
        await pilot.press("g")
        await until(pilot, lambda: "Org 0000" in screen_text(app), "the beginning is there")
        for _ in range(45):
            await pilot.press("pagedown")
            await rested(pilot)
        names = [one.name for one in page.list.window.lines]
        begin = int(names[0][-4:])
        assert names == [f"Org {number:04}" for number in range(begin, begin + len(names))]
        assert len(names) == 600
        cursor = page.list.current
        page.log_changed()
        await rested(pilot)
        assert page.list.current == cursor
    night.close()


@on_loop
async def test_an_empty_store_says_how_they_come_in(tmp_path: Path) -> None:
    night = Night(url_in(tmp_path), known=())
    app = night.app()
    async with app.run_test(size=(60, 20)) as pilot:
        await listed(pilot)
        await shows(pilot, "No organisation is on file yet.", "oncall-tui import customers FILE")
        await pilot.press("enter")
        assert "there is no organisation here" in status(app)
    night.close()


@on_loop
async def test_a_read_only_board_lists_and_opens_nothing(night: CodedNight) -> None:
    """R20"""
    app = night.app(read_only=True)
    async with app.run_test(size=(80, 24)) as pilot:
        page = await listed(pilot)
        await pilot.press("enter")
        assert app.screen is page
        assert "open: this board is read-only" in status(app)
    assert entries(night) == []


@on_loop
async def test_a_store_that_is_away_is_said_and_read_with_the_next_try(
    night: CodedNight, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*_: object, **__: object) -> None:
        raise StoreUnavailable("night.db is locked by another program")

    app = night.app()
    async with app.run_test(size=(80, 24)) as pilot:
        await loaded(pilot)
        with monkeypatch.context() as patch:
            patch.setattr(CustomerDesk, "page", away)
            await pilot.press("o")
            await shows(pilot, "The organisations can't be read", "r tries again.")
        await pilot.press("r")
        await rested(pilot)
        await shows(pilot, "Banque du Léman")


# The card with nobody on the line


@on_loop
async def test_a_code_verifies_who_calls_meanwhile_and_leaving_ends_that_call(night: CodedNight) -> None:
    """R17"""
    app = night.app()
    async with app.run_test(size=(80, 24)) as pilot:
        page = await listed(pilot)
        await pilot.press("enter")
        card = await carded(pilot, "Banque du Léman")
        await pilot.press("v")
        await until(pilot, lambda: isinstance(app.screen, LookupScreen), "the look-up is open")
        await shows(pilot, "for Banque du Léman")
        await type_code(pilot, LEMAN)
        await shows(pilot, "= MATCH")
        await pilot.press("y")
        await until(pilot, lambda: app.screen is card, "back on the card")
        await shows(pilot, "VIP code, confirmed 03:12")
        await pilot.press("escape")
        assert app.screen is page
        assert "The call with Banque du Léman has ended" in status(app)
        await pilot.press("enter")
        card = await carded(pilot, "Banque du Léman")
        assert card.verification is None


@on_loop
async def test_a_proof_that_is_trusted_verifies_nobody_where_nobody_calls(tmp_path: Path) -> None:
    night = CodedNight(tmp_path, config='[codes]\ntrust = "30min"\n')
    app = night.app()
    async with app.run_test(size=(80, 24)) as pilot:
        await listed(pilot)
        await pilot.press("enter")
        await carded(pilot, "Banque du Léman")
        await pilot.press("A", *"Marc", "enter")
        await shows(pilot, "approved 03:12 by Marc")
        await pilot.press("escape", "enter")
        card = await carded(pilot, "Banque du Léman")
        assert card.verification is None
        await pilot.press("v", "enter")
        await until(pilot, lambda: app.screen is card, "they are verified still")
        assert card.verification is not None
    night.close()


@on_loop
async def test_a_ticket_and_a_call_begin_from_the_card(night: CodedNight) -> None:
    """R11"""
    night.file("leman", "Mail queue stuck")
    app = night.app()
    async with app.run_test(size=(80, 24)) as pilot:
        await listed(pilot)
        await pilot.press("enter")
        await carded(pilot, "Banque du Léman")
        await pilot.press("plus", *"dark", "enter")
        await until(pilot, lambda: "filed" in status(app), "it is filed")
        await pilot.press("n")
        await until(pilot, lambda: isinstance(app.screen, CallScreen), "the call is open")
        await shows(pilot, "Banque du Léman")
    assert night.rows("SELECT count(*) FROM tickets WHERE subject = 'dark'") == [(1,)]


@on_loop
async def test_from_the_card_one_looks_for_another_in_the_list(night: CodedNight) -> None:
    app = night.app()
    async with app.run_test(size=(80, 24)) as pilot:
        page = await listed(pilot)
        await pilot.press("enter")
        await carded(pilot, "Banque du Léman")
        await pilot.press("slash", *"tessin")
        await searched(pilot, "tessin")
        assert app.screen is page
        await pilot.press("enter")
        await carded(pilot, "Tessin Immobilien")


@on_loop
async def test_with_a_caller_on_the_line_the_card_from_the_list_is_theirs(night: CodedNight) -> None:
    """R17, R18: whoever opens the list during a look-up has the same caller as before."""
    app = night.app()
    async with app.run_test(size=(80, 24)) as pilot:
        await loaded(pilot)
        await pilot.press("v", "slash", *"moret")
        await shows(pilot, "Fromagerie Moret")
        await pilot.press("enter")
        first = await carded(pilot, "Fromagerie Moret")
        await pilot.press("o")
        await rested(pilot)
        await pilot.press("enter")
        card = await carded(pilot, "Banque du Léman")
        assert card.lookup is first.lookup
        await shows(pilot, "NOT VERIFIED")


@pytest.mark.parametrize("name", HOSTILE.values(), ids=HOSTILE)
@on_loop
async def test_hostile_names_are_drawn_as_text(tmp_path: Path, name: str) -> None:
    from oncall_tui.domain.text import NAME_LIMIT, clean

    shown = clean(name, limit=NAME_LIMIT) or "?"
    night = Night(
        url_in(tmp_path), known=(Customer("x", shown, Plan.PRO), Customer("y", "Y" * 500, Plan.PRO))
    )
    app = night.app()
    async with app.run_test(size=(60, 20)) as pilot:
        await listed(pilot)
        await pilot.press("slash", "y")
        await searched(pilot, "y")
        await pilot.press("enter")
        assert all(len(line) <= 60 for line in screen_lines(app))
    night.close()
