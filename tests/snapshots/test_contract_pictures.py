"""Pictures of contracts, and of asking an account manager, each of them proving one thing."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from board import Night, loaded, until, url_in
from callers import MANAGERS, PEOPLE, at_rest
from calling import deliberate
from support import CUSTOMERS, NOW
from textual.pilot import Pilot

from oncall_tui.app import OncallApp
from oncall_tui.domain.plans import Plan
from oncall_tui.domain.tickets import Channel, Means
from oncall_tui.screens.contract import ContractScreen

Compare = Callable[..., bool]

KNOWN = (
    replace(CUSTOMERS[0], contacts=PEOPLE, managers=MANAGERS),
    replace(CUSTOMERS[1], subscribed_on=date(2025, 8, 31), managers=MANAGERS[:1]),
    replace(CUSTOMERS[2], name="Tessin Immobilien " + "e Amministrazioni " * 4),
    replace(CUSTOMERS[3], partner=True),
    replace(CUSTOMERS[3], id="undated", name="Undatiert", plan=Plan.PRO),
)


def named(size: tuple[int, int]) -> str:
    return f"{size[0]}x{size[1]}"


at_every_size = pytest.mark.parametrize("size", [(60, 20), (80, 24), (120, 40)], ids=named)


@pytest.fixture(autouse=True)
def _at_one_moment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("oncall_tui.screens.session.monotonic", lambda: 100.0)
    deliberate(monkeypatch)


@pytest.fixture
def night(tmp_path: Path) -> Iterator[Night]:
    made = Night(url_in(tmp_path), known=KNOWN)
    desk = made.desk("Léa")
    made.file("tessin", "DNS change to be done", channel=Channel.EMAIL)
    made.file("tessin", "Mail bounces since the weekend", channel=Channel.EMAIL, minutes_ago=350)
    told = made.file("tessin", "Which day is the backup of?", channel=Channel.PHONE, minutes_ago=600)
    desk.tickets.answer(told.id, Means.PHONE)
    desk.tickets.promise(told.id, NOW + timedelta(hours=8))
    made.file("jardin", "How do I move my site?", channel=Channel.EMAIL)
    made.file("leman", "Which cluster?", channel=Channel.EMAIL)
    desk.managers.ask("leman", "Tim Roth", "May they move to the new cluster this weekend?")
    yield made
    made.close()


async def idle(pilot: Pilot[None]) -> None:
    app = pilot.app
    assert isinstance(app, OncallApp)

    def still() -> bool:
        page = app.screen
        read = not isinstance(page, ContractScreen) or page.ruling is not None
        return read and at_rest(app) and not any(work.is_running for work in app.workers)

    await loaded(pilot)
    await until(pilot, still, "all is done")


def pressed(*keys: str) -> Callable[[Pilot[None]], Any]:
    """Return what presses `keys` on a board that is loaded, each when nothing is on its way."""

    async def run(pilot: Pilot[None]) -> None:
        await idle(pilot)
        for key in keys:
            await pilot.press(key)
            await idle(pilot)

    return run


def contract_of(words: str) -> tuple[str, ...]:
    return ("v", "slash", *words, "enter", "P")


STATES: dict[str, tuple[str, ...]] = {
    "upgrade": contract_of("tessin"),
    "asks": (*contract_of("tessin"), "j", "enter"),
    "upgraded": (*contract_of("tessin"), "enter", "y"),
    "partner": contract_of("jardin"),
    "refund": (*contract_of("leman"), "G"),
    "over": (*contract_of("moret"), "G", "k"),
    "undated": (*contract_of("undatiert"), "G", "k"),
    "ask-whom": ("v", "slash", *"man", "enter", "M"),
    "ask-what": ("v", "slash", *"man", "enter", "M", "1", *"Which"),
    "internal": ("G", "enter"),
}


@at_every_size
@pytest.mark.parametrize("state", STATES)
def test_contract(snap_compare: Compare, night: Night, state: str, size: tuple[int, int]) -> None:
    assert snap_compare(night.app(), terminal_size=size, run_before=pressed(*STATES[state]))


@pytest.mark.parametrize("theme", ["day", "safe", "night-16", "plain"])
def test_theme(snap_compare: Compare, night: Night, theme: str) -> None:
    app = night.app(theme=theme)
    assert snap_compare(app, terminal_size=(80, 24), run_before=pressed(*STATES["upgrade"]))
