"""What is painted piece by piece is the whole picture, and no more than has changed."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from board import Night, fill, loaded, on_loop, until, url_in
from textual._compositor import CompositorUpdate, LayoutUpdate
from textual._context import visible_screen_stack
from textual.strip import Strip

from oncall_tui.app import OncallApp
from oncall_tui.terminal import Patches


@pytest.fixture
def night(tmp_path: Path) -> Iterator[Night]:
    made = Night(url_in(tmp_path))
    fill(made)
    yield made
    made.close()


class Terminal:
    """What somebody sees who gets every frame: a character and its style in each cell."""

    def __init__(self, app: OncallApp, monkeypatch: pytest.MonkeyPatch) -> None:
        self.cells: dict[tuple[int, int], object] = {}
        self.written: list[tuple[int, int, int]] = []
        """The pieces of the last partial frame: line, column, columns."""
        display = app._display

        def seen(screen: Any, frame: Any) -> None:
            self.take(frame)
            display(screen, frame)

        monkeypatch.setattr(app, "_display", seen)

    def take(self, frame: CompositorUpdate | None) -> None:
        if isinstance(frame, Patches):
            self.written = [(y, x, strip.cell_length) for y, x, strip in frame.pieces]
            for y, x, strip in frame.pieces:
                self.write(y, x, strip)
        elif isinstance(frame, LayoutUpdate):
            for y, strips in enumerate(frame.strips, frame.region.y):
                self.write(y, frame.region.x, Strip.join(strips))

    def write(self, y: int, x: int, strip: Strip) -> None:
        for segment in strip:
            for character in segment.text:
                self.cells[y, x] = (character, segment.style)
                x += 1


def whole(app: OncallApp) -> dict[tuple[int, int], object]:
    """Return the picture that the screen has by now, painted as a whole."""
    terminal = object.__new__(Terminal)
    terminal.cells = {}
    visible_screen_stack.set(app._background_screens)
    for y, strip in enumerate(app.screen._compositor.render_strips()):
        terminal.write(y, 0, strip)
    return terminal.cells


@pytest.mark.parametrize("size", [(60, 20), (80, 24), (120, 40), (40, 10)])
@on_loop
async def test_the_pieces_make_the_picture(
    night: Night, monkeypatch: pytest.MonkeyPatch, size: tuple[int, int]
) -> None:
    app = night.app()
    async with app.run_test(size=size) as pilot:
        terminal = Terminal(app, monkeypatch)
        await loaded(pilot)
        app.refresh(layout=True)
        await pilot.pause()
        steps = ["j", "space", "down", "G", "k", "s", "S", "slash", "escape", "7", "1", "T", "T", "T", "t"]
        for key in [*steps, "enter", "escape", "question_mark", "escape"]:
            await pilot.press(key)
            night.clock.advance(seconds=61 if key == "k" else 1)
            app.show_time(night.clock())
            await until(pilot, lambda: not any(each.is_running for each in app.workers), "all is read")
            # The ticket beside the list is read when the cursor has rested on it for a moment.
            await until(pilot, lambda: terminal.cells == whole(app), f"the picture is whole after {key}")


@pytest.mark.parametrize("size", [(60, 20), (120, 40)])
@on_loop
async def test_the_pieces_make_the_picture_of_what_stands_beside_the_list(
    night: Night, monkeypatch: pytest.MonkeyPatch, size: tuple[int, int]
) -> None:
    app = night.app()
    async with app.run_test(size=size) as pilot:
        terminal = Terminal(app, monkeypatch)
        await loaded(pilot)
        steps = ["v", "4", "0", "7", "1", "backspace", "enter", "slash", "l", "e", "enter", "ctrl+p", "x"]
        for key in [*steps, "escape", "escape", "escape", "escape"]:
            await pilot.press(key)
            night.clock.advance(seconds=1)
            app.show_time(night.clock())
            await until(pilot, lambda: not any(each.is_running for each in app.workers), "all is read")
            await until(pilot, lambda: terminal.cells == whole(app), f"the picture is whole after {key}")


@on_loop
async def test_a_second_writes_what_has_changed(night: Night, monkeypatch: pytest.MonkeyPatch) -> None:
    app = night.app()
    async with app.run_test(size=(80, 24)) as pilot:
        await loaded(pilot)
        await pilot.pause()
        terminal = Terminal(app, monkeypatch)
        night.clock.advance(seconds=1)
        app.show_time(night.clock())
        await until(pilot, lambda: terminal.written, "a second is painted")
        lines = {y for y, _, _ in terminal.written}
        assert 0 in lines, "the clock"
        listed = [piece for piece in terminal.written if piece[0] > 2]
        assert listed, "the time that is left"
        assert all(x + columns <= 15 for _, x, columns in listed), "not the rest of its lines"
