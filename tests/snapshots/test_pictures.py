"""Pictures of every screen at the sizes that people have.

After a change that is meant: `pytest tests/snapshots --snapshot-update`, and look at them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from board import Night, fill, loaded, screen_text, until, url_in
from hostile import HOSTILE
from textual.pilot import Pilot

from oncall_tui import app as app_module
from oncall_tui.desk import Desk
from oncall_tui.domain.errors import OncallError, StoreUnavailable

SIZES = [(60, 20), (80, 24), (120, 40)]

Compare = Callable[..., bool]


@pytest.fixture
def night(tmp_path: Path) -> Iterator[Night]:
    made = Night(url_in(tmp_path))
    yield made
    made.close()


def pressed(*keys: str) -> Callable[[Pilot[None]], Any]:
    """Return what presses `keys` on a board that is loaded, and waits until nothing is on its way."""

    async def run(pilot: Pilot[None]) -> None:
        await loaded(pilot)
        await pilot.press(*keys)
        await until(pilot, lambda: not any(work.is_running for work in pilot.app.workers), "all is done")

    return run


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
@pytest.mark.parametrize(
    "keys",
    [
        pytest.param((), id="board"),
        pytest.param(("j", "t"), id="taken"),
        pytest.param(("enter",), id="ticket"),
        pytest.param(("question_mark",), id="help"),
        pytest.param(("j", "m"), id="answer"),
        pytest.param(("j", "p"), id="promise"),
        pytest.param(("j", "d"), id="close"),
        pytest.param(("plus",), id="new"),
        pytest.param(("7",), id="mine"),
    ],
)
def test_screen(snap_compare: Compare, night: Night, keys: tuple[str, ...], size: tuple[int, int]) -> None:
    fill(night)
    assert snap_compare(night.app(), terminal_size=size, run_before=pressed(*keys))


@pytest.mark.parametrize("size", [(40, 10), *SIZES], ids=lambda size: f"{size[0]}x{size[1]}")
def test_hostile_subjects(snap_compare: Compare, night: Night, size: tuple[int, int]) -> None:
    for text in HOSTILE.values():
        try:
            night.file(subject=text)
        except OncallError:
            continue
    assert snap_compare(night.app(), terminal_size=size, run_before=pressed("j"))


def test_empty(snap_compare: Compare, night: Night) -> None:
    assert snap_compare(night.app(), terminal_size=(80, 24), run_before=pressed())


def test_read_only(snap_compare: Compare, night: Night) -> None:
    fill(night)
    app = night.app(read_only=True)
    assert snap_compare(app, terminal_size=(80, 24), run_before=pressed("t"))


def test_without_a_store(snap_compare: Compare, night: Night, monkeypatch: pytest.MonkeyPatch) -> None:
    # Not tried again while the picture is taken, which would count the seconds up.
    monkeypatch.setattr(app_module, "_FIRST_PAUSE", 600.0)

    def open_desk() -> Desk:
        raise StoreUnavailable("postgresql://desk.example/oncall doesn't answer", hint="is the network up?")

    async def wait(pilot: Pilot[None]) -> None:
        await until(pilot, lambda: "can't be reached" in screen_text(pilot.app), "it is said")

    app = night.app(open_desk=open_desk)
    assert snap_compare(app, terminal_size=(80, 24), run_before=wait)
