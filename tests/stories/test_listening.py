"""A night with `--no-tick`: no seconds, and a screen that time alone changes once a minute."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from board import Night, fill, loaded, on_loop, screen_lines, screen_text, settled, until, url_in

from oncall_tui.app import OncallApp
from oncall_tui.domain.errors import StoreUnavailable

SECONDS = re.compile(r"\d\d:\d\d:\d\d|\d s ago|\d s\b")


@pytest.fixture
def night(tmp_path: Path) -> Iterator[Night]:
    made = Night(url_in(tmp_path))
    fill(made)
    yield made
    made.close()


def frames_of(app: OncallApp, monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """Return a list that grows with each frame that goes to the terminal."""
    frames: list[object] = []
    display = app._display

    def noted(screen: Any, renderable: Any) -> None:
        frames.append(renderable)
        display(screen, renderable)

    monkeypatch.setattr(app, "_display", noted)
    return frames


@pytest.mark.parametrize(("ticking", "moments"), [(False, 2), (True, 80)])
@on_loop
async def test_time_alone_changes_the_screen_once_a_minute(
    night: Night, monkeypatch: pytest.MonkeyPatch, ticking: bool, moments: int
) -> None:
    """From 03:12:44 to 03:14:04, with the store asked every four seconds."""
    app = night.app(ticking=ticking)
    async with app.run_test(size=(100, 24)) as pilot:
        await loaded(pilot)
        app.show_time(night.clock())
        await until(pilot, lambda: settled(app), "the counts are read")
        frames = frames_of(app, monkeypatch)
        changed_at = []
        for second in range(1, 81):
            before, drawn = screen_text(app), len(frames)
            night.clock.advance(seconds=1)
            app.show_time(night.clock())
            if second % 4 == 0:
                app.session.refresh()
            await until(pilot, lambda: settled(app), "all is read")
            if screen_text(app) != before:
                changed_at.append(f"{night.clock():%S}")
            elif not ticking:
                assert len(frames) == drawn, "what doesn't change isn't drawn"
    assert len(changed_at) == moments
    if not ticking:
        assert set(changed_at) == {"00"}


@on_loop
async def test_no_screen_shows_seconds(night: Night) -> None:
    app = night.app(ticking=False)
    async with app.run_test(size=(100, 30)) as pilot:
        await loaded(pilot)
        assert " Zurich 03:12  Léa" in screen_lines(app)[0]
        lines = screen_text(app)
        assert re.search(r"!! +-12 min +03:00", lines)
        assert re.search(r"! +8 min +03:20", lines)
        assert "<1 min ago" in screen_lines(app)[-1]
        assert not SECONDS.search(lines)
        await pilot.press("enter")
        await until(pilot, lambda: "Conversation" in screen_text(app), "the ticket is open")
        assert "!! -12 min  due Fri 27 Mar 03:00" in screen_text(app)
        # Further down stand instants to the second, which explain the deadline and don't run.
        assert not SECONDS.search("\n".join(screen_lines(app)[:5]))
        app.board.store_failed(StoreUnavailable("the store doesn't answer"))
        await pilot.press("escape")
        assert "STALE <1 min the store doesn't answer" in screen_lines(app)[0]
        assert not SECONDS.search(screen_text(app))


@on_loop
async def test_a_key_shows_everything_as_of_then(night: Night) -> None:
    app = night.app(ticking=False)
    async with app.run_test(size=(100, 24)) as pilot:
        await loaded(pilot)
        night.clock.advance(minutes=5)
        await pilot.press("j")
        assert " Zurich 03:17  Léa" in screen_lines(app)[0]
        assert re.search(r"▌ ! +3 min +03:20", screen_text(app))


@on_loop
async def test_a_change_by_somebody_else_shows_at_once(night: Night) -> None:
    app = night.app(ticking=False)
    async with app.run_test(size=(100, 24)) as pilot:
        await loaded(pilot)
        night.clock.advance(seconds=5)
        night.desk("Marc").tickets.take(night.desk("x").tickets.find("T-000004").id)
        app.session.refresh()
        await until(
            pilot,
            lambda: any("Mail queue" in line and "Marc" in line for line in screen_lines(app)),
            "who took it is seen",
        )
