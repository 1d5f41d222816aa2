"""Pictures of every screen and state at the sizes that people have, each of them proving one thing.

After a change that is meant: `pytest tests/snapshots --snapshot-update`, and look at them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from board import Night, fill, loaded, screen_text, until, url_in
from callers import LEMAN, OLD, ROCHAT, WRONG, CodedNight, at_rest
from hostile import HOSTILE
from support import NOW
from textual.pilot import Pilot

from oncall_tui import app as app_module
from oncall_tui.app import OncallApp
from oncall_tui.desk import Desk
from oncall_tui.desk.queue import QueueDesk
from oncall_tui.domain.errors import OncallError, StoreUnavailable
from oncall_tui.domain.queue import queue_named
from oncall_tui.domain.tickets import Channel
from oncall_tui.widgets.filter_bar import FilterBar

SIZES = [(60, 20), (80, 24), (120, 40)]
WIDE = 120

Compare = Callable[..., bool]


def named(size: tuple[int, int]) -> str:
    return f"{size[0]}x{size[1]}"


at_every_size = pytest.mark.parametrize("size", SIZES, ids=named)


@pytest.fixture
def night(tmp_path: Path) -> Iterator[Night]:
    made = Night(url_in(tmp_path))
    yield made
    made.close()


@pytest.fixture
def full(night: Night) -> Night:
    fill(night)
    return night


@pytest.fixture
def coded(tmp_path: Path) -> Iterator[Night]:
    """The tickets of the sketch, and codes."""
    made = CodedNight(tmp_path)
    fill(made)
    yield made
    made.close()


async def idle(pilot: Pilot[None]) -> None:
    """Wait until nothing is on its way, and the ticket beside the list is there where it has its place."""
    app = pilot.app
    assert isinstance(app, OncallApp)
    board = app.board

    def looked_up() -> bool:
        return all(bar.field.value == board.filter.text for bar in board.query(FilterBar))

    def all_there() -> bool:
        beside = board.pane is None or board.tickets.current is None or board.pane.detail is not None
        wide = board.size.width >= WIDE and board.tickets.current is not None
        return beside and (board.pane is not None or not wide)

    await until(pilot, looked_up, "the filter that is typed is looked up")
    await loaded(pilot)
    await until(pilot, all_there, "the ticket is beside the list")
    await until(pilot, lambda: at_rest(app), "what was asked is answered")
    await until(pilot, lambda: not any(work.is_running for work in app.workers), "all is done")


def pressed(*keys: str) -> Callable[[Pilot[None]], Any]:
    """Return what presses `keys` on a board that is loaded, and waits until nothing is on its way."""

    async def run(pilot: Pilot[None]) -> None:
        await idle(pilot)
        for key in keys:
            await pilot.press(key)
            if key in ("enter", "s", "v", "y", "n"):
                await idle(pilot)
        await idle(pilot)

    return run


def typed(text: str) -> tuple[str, ...]:
    names = {" ": "space", ":": "colon", "!": "exclamation_mark"}
    return tuple(names.get(character, character) for character in text)


STATES = {
    "board": (),
    "taken": ("j", "t"),
    "ticket": ("enter",),
    "help": ("question_mark",),
    "help-narrowed": ("question_mark", "slash", *typed("clock")),
    "answer": ("j", "m"),
    "answer-text": ("j", "m", "p", *typed("We have begun.")),
    "promise": ("j", "p"),
    "close": ("j", "j", "j", "d"),
    "close-several": ("space", "space", "space", "d"),
    "new": ("plus",),
    "filter": ("slash", *typed("leman !backup")),
    "narrowed": ("slash", *typed("leman"), "enter", "s", "space"),
    "none-matching": ("slash", *typed("nowhere"), "enter"),
    "palette": ("colon", *typed("pro")),
    "messages": ("j", "t", "u", "l"),
}


@at_every_size
@pytest.mark.parametrize("state", STATES)
def test_screen(snap_compare: Compare, full: Night, state: str, size: tuple[int, int]) -> None:
    assert snap_compare(full.app(), terminal_size=size, run_before=pressed(*STATES[state]))


WRONG_CALL = (*WRONG, "enter") * 3

LOOK_UPS = {
    "code": ("v", *LEMAN[:8]),
    "match": ("v", *LEMAN, "enter"),
    "match-support": ("v", *ROCHAT, "enter"),
    "misheard": ("v", *"4071", "enter"),
    "no-match": ("v", *WRONG, "enter"),
    "unverified": ("v", *WRONG_CALL),
    "pause-begins": ("v", *WRONG_CALL, "escape", "v", *(*WRONG, "enter") * 2),
    "wait": ("v", *WRONG_CALL, "escape", "v", *(*WRONG, "enter") * 2, "escape", "v", *LEMAN, "enter"),
    "revoked": ("v", *OLD, "enter"),
    "transfer-code": ("v", *"aB3xK9pQz", "enter"),
    "found": ("v", "slash", *"an"),
    "card": ("v", *LEMAN, "enter", "y"),
    "card-unverified": ("v", "slash", *typed("rochat"), "enter", "enter"),
}


@at_every_size
@pytest.mark.parametrize("state", LOOK_UPS)
def test_look_up(
    snap_compare: Compare,
    coded: Night,
    state: str,
    size: tuple[int, int],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # Typing takes a while, and the age of the data would be another one each time.
    monkeypatch.setattr("oncall_tui.screens.session.monotonic", lambda: 100.0)
    assert snap_compare(coded.app(), terminal_size=size, run_before=pressed(*LOOK_UPS[state]))


@pytest.mark.parametrize("state", ["call-back", "code-help"])
def test_beside_a_look_up(snap_compare: Compare, coded: Night, state: str) -> None:
    keys = {
        "call-back": (*LOOK_UPS["card-unverified"], "C"),
        "code-help": ("v", "question_mark"),
    }
    assert snap_compare(coded.app(), terminal_size=(80, 24), run_before=pressed(*keys[state]))


def test_codes_are_off(snap_compare: Compare, coded: Night) -> None:
    app = coded.app(read_only=True)
    assert snap_compare(app, terminal_size=(80, 24), run_before=pressed("v"))


@pytest.mark.parametrize("theme", ["day", "safe"])
@pytest.mark.parametrize("state", ["board", "ticket", "answer-text", "narrowed", "help"])
def test_theme(snap_compare: Compare, full: Night, state: str, theme: str) -> None:
    app = full.app(theme=theme)
    assert snap_compare(app, terminal_size=(80, 24), run_before=pressed(*STATES[state]))


@pytest.mark.parametrize("theme", ["night-16", "plain"])
def test_few_colours_or_none(snap_compare: Compare, full: Night, theme: str) -> None:
    assert snap_compare(full.app(theme=theme), terminal_size=(80, 24), run_before=pressed("j", "space"))


@pytest.mark.parametrize("size", [(40, 10), (300, 80)], ids=named)
def test_smallest_and_largest(snap_compare: Compare, full: Night, size: tuple[int, int]) -> None:
    assert snap_compare(full.app(), terminal_size=size, run_before=pressed("j"))


@pytest.mark.parametrize("size", [(40, 10), *SIZES], ids=named)
def test_hostile_subjects(snap_compare: Compare, night: Night, size: tuple[int, int]) -> None:
    for text in HOSTILE.values():
        try:
            night.file(subject=text)
        except OncallError:
            continue
    assert snap_compare(night.app(), terminal_size=size, run_before=pressed("j"))


def test_nothing_open(snap_compare: Compare, night: Night) -> None:
    assert snap_compare(night.app(), terminal_size=(80, 24), run_before=pressed())


def test_read_only(snap_compare: Compare, full: Night) -> None:
    app = full.app(read_only=True)
    assert snap_compare(app, terminal_size=(80, 24), run_before=pressed("t"))


def test_without_ticking(snap_compare: Compare, full: Night) -> None:
    app = full.app(ticking=False)
    assert snap_compare(app, terminal_size=(80, 24), run_before=pressed())


def test_new_and_changed_lines(snap_compare: Compare, full: Night) -> None:
    async def changed(pilot: Pilot[None]) -> None:
        await idle(pilot)
        marc = full.desk("Marc").tickets
        marc.take(marc.find("T-000005").id)
        full.file("moret", "The shop is down", channel=Channel.EMERGENCY)
        await pilot.press("r")
        await until(pilot, lambda: "The shop is" in screen_text(pilot.app), "it is there")
        await idle(pilot)

    assert snap_compare(full.app(), terminal_size=(80, 24), run_before=changed)


def test_a_ticket_that_left_is_told(snap_compare: Compare, full: Night) -> None:
    async def taken(pilot: Pilot[None]) -> None:
        await idle(pilot)
        marc = full.desk("Marc").tickets
        marc.take(marc.find("T-000004").id)
        await pilot.press("r")
        await until(pilot, lambda: "Mail queue" not in screen_text(pilot.app), "it has left")
        await pilot.press("t")
        await idle(pilot)

    app = full.app(queue=queue_named("unassigned"))
    assert snap_compare(app, terminal_size=(80, 24), run_before=taken)


def test_a_queue_that_cant_be_read(
    snap_compare: Compare, full: Night, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise StoreUnavailable("night.db is locked by another program", hint="try again")

    async def unread(pilot: Pilot[None]) -> None:
        await idle(pilot)
        monkeypatch.setattr(QueueDesk, "page", broken)
        monkeypatch.setattr(QueueDesk, "index", broken)
        await pilot.press("2")
        await until(pilot, lambda: "can't be read" in screen_text(pilot.app), "it is said")

    app = full.app()
    # What ages on the monotonic clock would be another picture each second.
    monkeypatch.setattr("oncall_tui.screens.session.monotonic", lambda: 100.0)
    assert snap_compare(app, terminal_size=(80, 24), run_before=unread)


def test_withdrawn(snap_compare: Compare, full: Night) -> None:
    desk = full.desk("Léa")
    ticket = desk.tickets.find("T-000004")
    desk.tickets.note(ticket.id, "The wrong ticket, sorry.")
    full.clock.now = NOW + timedelta(seconds=5)
    desk.tickets.undo(ticket.id)
    assert snap_compare(full.app(), terminal_size=(80, 24), run_before=pressed("j", "enter"))


def test_without_a_store(snap_compare: Compare, night: Night, monkeypatch: pytest.MonkeyPatch) -> None:
    # Not tried again while the picture is taken, which would count the seconds up.
    monkeypatch.setattr(app_module, "_FIRST_PAUSE", 600.0)

    def open_desk() -> Desk:
        raise StoreUnavailable("postgresql://desk.example/oncall doesn't answer", hint="is the network up?")

    async def wait(pilot: Pilot[None]) -> None:
        await until(pilot, lambda: "can't be reached" in screen_text(pilot.app), "it is said")

    app = night.app(open_desk=open_desk)
    assert snap_compare(app, terminal_size=(80, 24), run_before=wait)
