"""With keys: what a contract is, its upgrade with the deadlines in sight, refusals, and asking a manager."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from board import Night, loaded, on_loop, screen_lines, screen_text, until, url_in
from callers import MANAGERS, PEOPLE, shows
from calling import deliberate
from support import CUSTOMERS, HandClock
from textual.pilot import Pilot

from oncall_tui.app import OncallApp
from oncall_tui.desk.contracts import ContractDesk
from oncall_tui.domain.audit import AuditFilter
from oncall_tui.domain.plans import Plan
from oncall_tui.domain.tickets import Channel, Ticket
from oncall_tui.screens.card import CardScreen
from oncall_tui.screens.contract import ContractScreen, UpgradeDialog
from oncall_tui.screens.find import FindScreen

KNOWN = (replace(CUSTOMERS[0], contacts=PEOPLE, managers=MANAGERS), *CUSTOMERS[1:])


@pytest.fixture(autouse=True)
def _deliberate(monkeypatch: pytest.MonkeyPatch) -> None:
    deliberate(monkeypatch)


@pytest.fixture
def night(tmp_path: Path) -> Iterator[Night]:
    made = Night(url_in(tmp_path), known=KNOWN)
    yield made
    made.close()


async def card(pilot: Pilot[None], words: str) -> None:
    """From the board: find an organisation and open its card."""
    app = pilot.app
    await loaded(pilot)
    await pilot.press("v", "slash", *words)
    await until(pilot, lambda: isinstance(app.screen, FindScreen) and app.screen.answered, "it is found")
    await pilot.press("enter")
    await until(pilot, lambda: isinstance(app.screen, CardScreen) and app.screen.card, "the card is read")


async def contract(pilot: Pilot[None], words: str) -> ContractScreen:
    """From the board: open the contract of an organisation."""
    await card(pilot, words)
    await pilot.press("P")
    app = pilot.app
    await until(pilot, lambda: isinstance(app.screen, ContractScreen) and app.screen.ruling, "it is read")
    assert isinstance(app.screen, ContractScreen)
    return app.screen


def status(app: OncallApp) -> str:
    return screen_lines(app)[-2]


def stored(night: Night, ticket: Ticket) -> Ticket:
    return night.desk("look").tickets.find(ticket.ref)


def plan_of(night: Night, customer: str) -> Plan:
    return night.desk("look").contracts.show(customer).plan


def entries(night: Night, customer: str) -> list[tuple[str, str]]:
    """Return act and outcome of what was done about an organisation, looking at its card aside."""
    found = night.desk("look").audit.entries(AuditFilter(customer=customer))
    return [(each.act, each.outcome) for each in found if each.act != "open card"]


@on_loop
async def test_an_upgrade_is_asked_with_the_deadlines_in_sight_and_undone(night: Night) -> None:
    """R8, R21: the default is no."""
    waiting = night.file("tessin", "DNS change", channel=Channel.EMAIL)
    app = night.app()
    async with app.run_test(size=(80, 24)) as pilot:
        await contract(pilot, "tessin")
        await shows(pilot, "committed until 1 July 2026", "DNS change", "10:00 → 08:00")
        await pilot.press("j", "enter")
        await until(pilot, lambda: isinstance(app.screen, UpgradeDialog), "it asks")
        await shows(pilot, "Upgrade to Enterprise from now on?", "10:00 → 07:00")
        await pilot.press("enter")
        assert isinstance(app.screen, ContractScreen)
        assert plan_of(night, "tessin") is Plan.PLUS
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(app.screen, UpgradeDialog), "it asks again")
        await pilot.press("y")
        await shows(pilot, "Enterprise from now on; 1 deadline moved")
        assert plan_of(night, "tessin") is Plan.ENTERPRISE
        assert stored(night, waiting).plan is Plan.ENTERPRISE
        await until(pilot, lambda: "Upgrade" not in screen_text(app), "there is nothing higher")
        assert "u undo" in screen_lines(app)[-1]
        await pilot.press("u")
        await shows(pilot, "Tessin Immobilien: Plus again, as before")
        assert plan_of(night, "tessin") is Plan.PLUS
        assert stored(night, waiting).due_at == waiting.due_at
        await pilot.press("escape")
        await shows(pilot, "Tessin Immobilien Plus")
    assert [act for act, _ in entries(night, "tessin")] == [
        "new",
        "upgrade",
        "upgrade plan",
        "undo",
        "undo",
    ]


@on_loop
async def test_who_comes_second_is_told_and_sees_what_is(night: Night) -> None:
    app = night.app()
    async with app.run_test(size=(80, 24)) as pilot:
        await contract(pilot, "tessin")
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(app.screen, UpgradeDialog), "it asks")
        night.desk("Marc").contracts.upgrade("tessin", Plan.PRO)
        await pilot.press("y")
        await until(pilot, lambda: "Marc upgraded Tessin Immobilien" in status(app), "it is told")
        await shows(pilot, "Tessin Immobilien Pro")
        assert plan_of(night, "tessin") is Plan.PRO


@on_loop
async def test_what_cant_be_is_said_in_two_languages_and_written_down(night: Night) -> None:
    """R20, R21."""
    app = night.app()
    async with app.run_test(size=(80, 24)) as pilot:
        page = await contract(pilot, "moret")
        await pilot.press("w")
        assert "only what is refused" in status(app)
        await pilot.press("j", "j")
        assert page.ruling is not None
        assert page.ruling.change == "cancel"
        await shows(pilot, "«", '"I understand.', "refused, R21", "1 July 2026", "w writes it down")
        await pilot.press("enter")
        assert "(R21)" in status(app)
        await pilot.press("w")
        await shows(pilot, "Cancel refused, and written down (R21)")
        await pilot.press("G", "w")
        await shows(pilot, "Refund refused, and written down (R21)")
    assert entries(night, "moret") == [("ask for change", "refused")] * 2
    assert plan_of(night, "moret") is Plan.PRO


@on_loop
async def test_a_read_only_board_shows_it_and_does_nothing(night: Night) -> None:
    app = night.app(read_only=True)
    async with app.run_test(size=(80, 24)) as pilot:
        await loaded(pilot)
        page = ContractScreen(app.session, "tessin")
        app.push_screen(page)
        await until(pilot, lambda: page.ruling, "it is read")
        for key in ("enter", "w", "u"):
            await pilot.press(key)
            assert "read-only" in status(app)
    assert entries(night, "tessin") == []


@on_loop
async def test_a_store_that_fails_is_told(night: Night, monkeypatch: pytest.MonkeyPatch) -> None:
    from oncall_tui.domain.errors import StoreUnavailable

    def away(*_arguments: object, **_named: object) -> None:
        raise StoreUnavailable("the disk is full")

    app = night.app()
    async with app.run_test(size=(80, 24)) as pilot:
        await contract(pilot, "tessin")
        monkeypatch.setattr(ContractDesk, "upgrade", away)
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(app.screen, UpgradeDialog), "it asks")
        await pilot.press("y")
        await until(pilot, lambda: "the disk is full" in status(app), "it is told")
        assert plan_of(night, "tessin") is Plan.PLUS


@on_loop
async def test_the_deadlines_are_those_of_the_minute(night: Night) -> None:
    """R8."""
    clock: HandClock = night.clock
    night.file("tessin", "DNS change", channel=Channel.EMAIL)
    app = night.app()
    async with app.run_test(size=(80, 24)) as pilot:
        await contract(pilot, "tessin")
        clock.advance(hours=4)
        app.show_time(clock())
        await shows(pilot, "10:00 → 09:12")


@on_loop
async def test_a_manager_is_asked_about_a_ticket_and_it_is_taken_back(night: Night) -> None:
    """R22: a ticket for them without a deadline, a note on the one at hand."""
    at_hand = night.file("leman", "Which cluster?", channel=Channel.EMAIL)
    app = night.app()
    async with app.run_test(size=(80, 24)) as pilot:
        await loaded(pilot)
        await pilot.press("M")
        await shows(pilot, "1 Tim Roth technical", "2 Nora Keller", "Mon–Fri 09:00–18:00, back 09:00")
        await pilot.press("1", *"Which", "space", *"one?", "enter")
        await until(pilot, lambda: "filed for Tim Roth, back 09:00" in status(app), "it is filed")
        desk = night.desk("look")
        rows = desk.customers.card("leman").tickets
        asked = next(each for each in rows if each.internal)
        assert (asked.owner, asked.due_at, asked.subject) == ("Tim Roth", None, "For Tim Roth: Which one?")
        assert [line.text for line in desk.tickets.detail(at_hand.id).messages] == [
            f"Asked Tim Roth: {asked.ref}"
        ]
        await loaded(pilot)
        line = next(each for each in screen_lines(app) if "For Tim" in each)
        assert "int. For Tim" in line
        assert "–" in line
        await pilot.press("u")
        await until(pilot, lambda: stored(night, asked).closed_at is not None, "it is taken back")
        await until(
            pilot,
            lambda: desk.tickets.detail(at_hand.id).messages[0].withdrawn_at is not None,
            "the note is withdrawn",
        )


@on_loop
async def test_from_the_card_the_only_manager_needs_no_choice(night: Night) -> None:
    """R22."""
    with night.desk("setup").store.begin() as tx:
        from oncall_tui.store import customers

        bank = replace(CUSTOMERS[1], id="one", name="Einzig", managers=MANAGERS[:1])
        customers.add(tx, [(bank, None)])
    app = night.app()
    async with app.run_test(size=(80, 24)) as pilot:
        await card(pilot, "einzig")
        await pilot.press("M")
        await shows(pilot, "Nora Keller, +41 22 555 09 01")
        await pilot.press("enter")
        await pilot.press(*"Hello", "enter")
        await until(pilot, lambda: "filed for Nora Keller" in status(app), "it is filed")
        await shows(pilot, "internal For Nora Keller: Hello")
        await pilot.press("u")
        await shows(pilot, "no open ticket")


@on_loop
async def test_without_a_manager_it_is_said_why(night: Night) -> None:
    """R22."""
    night.file("jardin", "How?", channel=Channel.EMAIL)
    app = night.app()
    async with app.run_test(size=(80, 24)) as pilot:
        await loaded(pilot)
        await pilot.press("M")
        await until(pilot, lambda: "has no account manager" in status(app), "it is said")
        assert "(R22)" in status(app)
        await card(pilot, "moret")
        await pilot.press("M")
        assert "is on file (R22)" in status(app)
        assert isinstance(app.screen, CardScreen)
