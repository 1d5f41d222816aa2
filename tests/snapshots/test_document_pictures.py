"""Pictures of issuing a technical document, each of them proving one thing."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from board import loaded
from callers import CodedNight, shows
from calling import deliberate
from textual.pilot import Pilot

from oncall_tui.desk.document_files import write_document
from oncall_tui.documents import renderer
from oncall_tui.domain.codes import CodeKind

Compare = Callable[..., bool]

CONFIG = """
[support]
phone = "+41 22 555 01 00"
emergency_phone = "+41 22 555 01 99"
"""


def named(size: tuple[int, int]) -> str:
    return f"{size[0]}x{size[1]}"


at_every_size = pytest.mark.parametrize("size", [(60, 20), (80, 24), (120, 40)], ids=named)


@pytest.fixture(autouse=True)
def _at_one_moment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("oncall_tui.screens.session.monotonic", lambda: 100.0)
    monkeypatch.setattr("oncall_tui.screens.downloading.folder", lambda: Path("Downloads"))
    deliberate(monkeypatch)


@pytest.fixture
def night(tmp_path: Path) -> Iterator[CodedNight]:
    made = CodedNight(tmp_path, config=CONFIG)
    desk = made.desk("Marc")
    desk.codes.rotate("leman", CodeKind.VIP, given="555444333")
    write_document(desk.documents, "leman", tmp_path / "x.pdf", renderer())
    # The code of these tests comes after that document, which is out of date by it.
    desk.codes.rotate("leman", CodeKind.VIP, given="111222333")
    yield made
    made.close()


STATES: dict[str, tuple[tuple[str, str], ...]] = {
    "card": (),
    "code": (("D", "Document no 2"),),
    "file": (("D", "Document no 2"), ("enter", "issue it")),
}


def shown(*steps: tuple[str, str]) -> Callable[[Pilot[None]], Any]:
    """Return what opens the card and presses keys, each once what the one before brought is there."""

    async def run(pilot: Pilot[None]) -> None:
        app: Any = pilot.app
        await loaded(pilot)
        await pilot.press("v", *"111222333", "enter")
        await shows(pilot, "= MATCH")
        await pilot.press("y")
        await shows(pilot, "Access")
        for key, words in steps:
            await pilot.press(key)
            await shows(pilot, words)
        app.board.show_state(app.session.now())
        await pilot.pause()

    return run


@at_every_size
@pytest.mark.parametrize("state", STATES)
def test_document(snap_compare: Compare, night: CodedNight, state: str, size: tuple[int, int]) -> None:
    assert snap_compare(night.app(), terminal_size=size, run_before=shown(*STATES[state]))
