"""Pictures of what is on file of an organisation, and of its dialogs, each of them proving one thing."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from board import loaded, until
from callers import CodedNight
from calling import deliberate
from textual.pilot import Pilot

from oncall_tui.domain.customers import Contact
from oncall_tui.domain.editing import Edit, Part
from oncall_tui.screens.confirm import ConfirmDialog
from oncall_tui.screens.edit import EditScreen
from oncall_tui.screens.edit_line import EditDialog

Compare = Callable[..., bool]

at_every_size = pytest.mark.parametrize(
    "size", [(60, 20), (80, 24), (120, 40)], ids=lambda s: f"{s[0]}x{s[1]}"
)


@pytest.fixture(autouse=True)
def _at_one_moment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("oncall_tui.screens.session.monotonic", lambda: 100.0)
    deliberate(monkeypatch)


@pytest.fixture
def night(tmp_path: Path) -> Iterator[CodedNight]:
    made = CodedNight(tmp_path)
    marc = made.desk("Marc").organisations
    marc.edit("leman", Edit(Part.LANGUAGE, "", "fr"))
    marc.edit(
        "leman",
        Edit(Part.CONTACT, None, Contact("مريم الحسيني", "m@leman.example", "079 1", "directrice 🧀")),
    )
    made.clock.advance(minutes=9)
    yield made
    made.close()


def on_file(*keys: str, customer: str = "leman", meanwhile: Callable[[], Any] | None = None) -> Any:
    """Return what opens what is on file and presses `keys`; `meanwhile` is done before the last of them."""

    async def run(pilot: Pilot[None]) -> None:
        app: Any = pilot.app
        await loaded(pilot)
        page = EditScreen(app.session, customer)
        app.push_screen(page)
        await until(pilot, lambda: page.settled, "what is on file is read")
        for place, key in enumerate(keys, 1):
            if place == len(keys) and meanwhile is not None:
                meanwhile()
            await pilot.press(key)
            await pilot.pause()
            if key == "delete":
                await until(pilot, lambda: isinstance(app.screen, ConfirmDialog), "it is asked")
        if meanwhile is not None:
            await until(pilot, lambda: isinstance(app.screen, EditDialog) and app.screen.problem, "told")
        await until(pilot, lambda: page.settled, "what is on file is read")
        page.show_state(app.session.now())
        await pilot.pause()

    return run


STATES: dict[str, tuple[str, ...]] = {
    "file": ("j", "j"),
    "contact": ("j", "j", "enter"),
    "remove": ("j", "j", "delete"),
    "wrong": ("j", "j", "plus", "enter"),
    "manager": ("G", "enter"),
    "language": ("j", "enter"),
}


@at_every_size
@pytest.mark.parametrize("state", STATES)
def test_file(snap_compare: Compare, night: CodedNight, state: str, size: tuple[int, int]) -> None:
    assert snap_compare(night.app(), terminal_size=size, run_before=on_file(*STATES[state]))


@at_every_size
def test_nothing_on_file(snap_compare: Compare, night: CodedNight, size: tuple[int, int]) -> None:
    run = on_file("G", customer="jardin")
    assert snap_compare(night.app(), terminal_size=size, run_before=run)


@at_every_size
def test_somebody_was_first(snap_compare: Compare, night: CodedNight, size: tuple[int, int]) -> None:
    marc = night.desk("Marc").organisations

    def first() -> None:
        anne = marc.get("leman").contacts[0]
        marc.edit(
            "leman", Edit(Part.CONTACT, anne, Contact(anne.name, anne.email, "022 777 00 11", anne.role))
        )

    run = on_file("j", "j", "enter", "tab", "x", "enter", meanwhile=first)
    assert snap_compare(night.app(), terminal_size=size, run_before=run)


def test_a_low_terminal(snap_compare: Compare, night: CodedNight) -> None:
    assert snap_compare(night.app(), terminal_size=(60, 10), run_before=on_file("j", "j"))
