"""Pictures of the alerts, each of them proving one thing."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from alerts_night import alert_all, alerts_read
from board import Night, fill, loaded, url_in
from calling import deliberate
from textual.pilot import Pilot

from oncall_tui.domain.alerts import Channel

Compare = Callable[..., bool]


def named(size: tuple[int, int]) -> str:
    return f"{size[0]}x{size[1]}"


at_every_size = pytest.mark.parametrize("size", [(60, 20), (80, 24), (120, 40)], ids=named)


@pytest.fixture(autouse=True)
def _at_one_moment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("oncall_tui.screens.session.monotonic", lambda: 100.0)
    deliberate(monkeypatch)


@pytest.fixture
def night(tmp_path: Path) -> Iterator[Night]:
    made = Night(url_in(tmp_path))
    fill(made)
    alert_all(made)
    yield made
    made.close()


def pressed(*keys: str, failing: tuple[Channel, ...] = ()) -> Callable[[Pilot[None]], Any]:
    """Return what presses `keys`, each when nothing is on its way."""

    async def run(pilot: Pilot[None]) -> None:
        await loaded(pilot)
        await alerts_read(pilot)
        pilot.app.session.failing = failing  # type: ignore[attr-defined]
        for key in keys:
            await pilot.press(key)
            await pilot.pause()
            await alerts_read(pilot)
        pilot.app.board.show_state(pilot.app.session.now())  # type: ignore[attr-defined]
        await pilot.pause()

    return run


STATES = {
    "told": (),
    "list": ("exclamation_mark",),
    "open": ("exclamation_mark", "o"),
    "alert": ("exclamation_mark", "j", "enter"),
    "acknowledged": ("x",),
    "snooze": ("Z",),
    "ticket": ("enter",),
}


@at_every_size
@pytest.mark.parametrize("state", STATES)
def test_alerts(snap_compare: Compare, night: Night, state: str, size: tuple[int, int]) -> None:
    assert snap_compare(night.app(), terminal_size=size, run_before=pressed(*STATES[state]))


@at_every_size
def test_nothing_told_yet(snap_compare: Compare, tmp_path: Path, size: tuple[int, int]) -> None:
    night = Night(url_in(tmp_path))
    assert snap_compare(night.app(), terminal_size=size, run_before=pressed("exclamation_mark"))
    night.close()


@at_every_size
def test_a_channel_fails(snap_compare: Compare, night: Night, size: tuple[int, int]) -> None:
    run = pressed("j", failing=(Channel.DESKTOP,))
    assert snap_compare(night.app(), terminal_size=size, run_before=run)


@pytest.mark.parametrize("theme", ["day", "safe", "night-16", "plain"])
def test_theme(snap_compare: Compare, night: Night, theme: str) -> None:
    app = night.app(theme=theme)
    assert snap_compare(app, terminal_size=(80, 24), run_before=pressed("exclamation_mark"))
