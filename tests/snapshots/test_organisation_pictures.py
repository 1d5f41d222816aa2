"""Pictures of the organisations: the list, what is found, the card with nobody on the line.

After a change that is meant: `pytest tests/snapshots --snapshot-update`, and look at them.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from board import loaded, until
from callers import CodedNight, at_rest
from support import CUSTOMERS
from textual.pilot import Pilot

from oncall_tui.domain.customers import Contact, Customer
from oncall_tui.domain.plans import Plan
from oncall_tui.screens.organisations import OrganisationsScreen
from oncall_tui.store import customers

SIZES = [(60, 20), (80, 24), (120, 40)]

OTHERS = (
    Customer("C-1042", "Clinique Valmont", Plan.PRO, language="fr", contacts=(Contact("Aline Rochat"),)),
    Customer("long", "Association suisse des amis du " + "très long nom " * 30, Plan.PLUS, language="fr"),
    Customer("hebrew", "בנק לאומי בע״מ", Plan.STANDARD),
    Customer("emoji", "Crèmerie 🧀 du Pont", Plan.PLUS, language="fr"),
    replace(CUSTOMERS[3], id="zermatt-bergbahnen-ag-2", name="Zermatt Bergbahnen", language="de"),
)

Compare = Callable[..., bool]


@pytest.fixture
def night(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[CodedNight]:
    made = CodedNight(tmp_path)
    with made.desk("setup").store.begin() as tx:
        customers.add(tx, [(customer, None) for customer in OTHERS])
    monkeypatch.setattr("oncall_tui.screens.session.monotonic", lambda: 100.0)
    yield made
    made.close()


def showing(*keys: str) -> Callable[[Pilot[None]], Awaitable[None]]:
    async def run(pilot: Pilot[None]) -> None:
        await loaded(pilot)  # type: ignore[arg-type]
        await pilot.press("o")
        for key in keys:
            await quiet(pilot)
            await pilot.press(key)
        await quiet(pilot)

    return run


async def quiet(pilot: Pilot[None]) -> None:
    def there() -> bool:
        page: Any = pilot.app.screen
        if isinstance(page, OrganisationsScreen):
            typed = page.filters.typed_text or page.filters.current.text
            if not page.settled or typed != page.filters.current.text:
                return False
        return at_rest(pilot.app) and not any(work.is_running for work in pilot.app.workers)  # type: ignore[arg-type]

    await until(pilot, there, "what was asked is answered")


PICTURES = {
    "list": ("j",),
    "found": ("slash", *"rochat"),
    "searched": ("slash", *"rochat", "enter", "escape"),
    "nobody": ("slash", *"zzz"),
    "card": ("enter",),
}


@pytest.mark.parametrize("size", SIZES, ids=str)
@pytest.mark.parametrize("keys", PICTURES.values(), ids=PICTURES)
def test_the_organisations(
    snap_compare: Compare, night: CodedNight, keys: tuple[str, ...], size: tuple[int, int]
) -> None:
    assert snap_compare(night.app(), terminal_size=size, run_before=showing(*keys))


@pytest.mark.parametrize("size", SIZES, ids=str)
def test_no_organisation(
    snap_compare: Compare, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, size: tuple[int, int]
) -> None:
    from board import Night, url_in

    monkeypatch.setattr("oncall_tui.screens.session.monotonic", lambda: 100.0)
    night = Night(url_in(tmp_path), known=())
    assert snap_compare(night.app(), terminal_size=size, run_before=showing())
    night.close()
