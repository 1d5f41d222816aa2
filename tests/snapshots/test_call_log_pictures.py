"""Pictures of the log of calls and of a call in it, each of them proving one thing."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from board import Night, loaded, url_in
from callers import CodedNight
from calls_night import full_night, log_read, ring_two
from textual.pilot import Pilot

from oncall_tui.domain.call_log import Field

SIZES = [(60, 20), (80, 24), (120, 40)]

Compare = Callable[..., bool]


def named(size: tuple[int, int]) -> str:
    return f"{size[0]}x{size[1]}"


at_every_size = pytest.mark.parametrize("size", SIZES, ids=named)


@pytest.fixture(autouse=True)
def _at_one_moment(monkeypatch: pytest.MonkeyPatch) -> None:
    # Typing takes a while, and the age of the data would be another one each time.
    monkeypatch.setattr("oncall_tui.screens.session.monotonic", lambda: 100.0)


@pytest.fixture
def called(tmp_path: Path) -> Iterator[CodedNight]:
    made = full_night(tmp_path)
    yield made
    made.close()


def pressed(*keys: str) -> Callable[[Pilot[None]], Any]:
    """Return what opens the log and presses `keys`, each when nothing is on its way."""

    async def run(pilot: Pilot[None]) -> None:
        await loaded(pilot)
        for key in ("c", *keys):
            await pilot.press(key)
            await pilot.pause()
            await log_read(pilot)

    return run


def typed(text: str) -> tuple[str, ...]:
    names = {" ": "space", ":": "colon", "!": "exclamation_mark", ",": "comma"}
    return tuple(names.get(character, character) for character in text)


STATES = {
    "log": (),
    "filter": ("slash", *typed("decision:refused language:")),
    "filtered": ("slash", *typed("language:en,it"), "enter"),
    "none-fitting": ("slash", *typed("day:yesterday decision:accepted"), "enter"),
    "record": ("j", "enter"),
    "record-steps": ("j", "enter", "G"),
    "refused": ("j", "j", "enter"),
    "missed": ("enter",),
    "correct": ("j", "j", "e"),
    "correct-value": ("j", "j", "e", "1"),
    "correct-reason": ("j", "j", "e", "2"),
    "export": ("X",),
}


@at_every_size
@pytest.mark.parametrize("state", STATES)
def test_log(snap_compare: Compare, called: CodedNight, state: str, size: tuple[int, int]) -> None:
    assert snap_compare(called.app(), terminal_size=size, run_before=pressed(*STATES[state]))


@at_every_size
@pytest.mark.parametrize("keys", [(), ("enter", "G")], ids=["log", "record"])
def test_corrected(
    snap_compare: Compare, called: CodedNight, keys: tuple[str, ...], size: tuple[int, int]
) -> None:
    marc = called.desk("Marc").call_log
    ref = marc.page().lines[0].call.ref
    marc.correct(ref, {Field.PERSON: "Luc Favre", Field.SUMMARY: "Rang twice"}, "told us in the morning")
    assert snap_compare(called.app(), terminal_size=size, run_before=pressed(*keys))


@at_every_size
@pytest.mark.parametrize("keys", [(), ("j", "enter")], ids=["log", "take-over"])
def test_open_calls(
    snap_compare: Compare, called: CodedNight, keys: tuple[str, ...], size: tuple[int, int]
) -> None:
    ring_two(called)
    assert snap_compare(called.app(), terminal_size=size, run_before=pressed(*keys))


@at_every_size
def test_empty(snap_compare: Compare, tmp_path: Path, size: tuple[int, int]) -> None:
    night = Night(url_in(tmp_path))
    assert snap_compare(night.app(), terminal_size=size, run_before=pressed())
    night.close()


@pytest.mark.parametrize("theme", ["day", "safe", "night-16", "plain"])
def test_theme(snap_compare: Compare, called: CodedNight, theme: str) -> None:
    ring_two(called)
    assert snap_compare(called.app(theme=theme), terminal_size=(80, 24), run_before=pressed("j", "j", "j"))


@pytest.mark.parametrize("size", [(40, 10), (300, 80)], ids=named)
def test_smallest_and_largest(snap_compare: Compare, called: CodedNight, size: tuple[int, int]) -> None:
    assert snap_compare(called.app(), terminal_size=size, run_before=pressed("j"))
