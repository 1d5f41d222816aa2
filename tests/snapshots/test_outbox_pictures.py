"""Pictures of answering, of what goes out and of the sources, each of them proving one thing."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from board import Night, fill, loaded, url_in
from calling import deliberate
from correspondence import (
    ANNA,
    LOG,
    SCAN,
    WITH_MAIL,
    Fetching,
    arrive,
    fill_outbox,
    letter,
    settled,
    with_templates,
)
from support import NOW
from textual.pilot import Pilot

from oncall_tui.domain.correspondence import LetterKind, SourceHealth

Compare = Callable[..., bool]

SUPPORT = SourceHealth("support", "mailbox", "imaps://mail.example", succeeded_at=NOW - timedelta(seconds=20))


def named(size: tuple[int, int]) -> str:
    return f"{size[0]}x{size[1]}"


at_every_size = pytest.mark.parametrize("size", [(60, 20), (80, 24), (120, 40)], ids=named)


@pytest.fixture(autouse=True)
def _at_one_moment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("oncall_tui.screens.session.monotonic", lambda: 100.0)
    monkeypatch.setattr("oncall_tui.screens.downloading.folder", lambda: Path("Downloads"))
    deliberate(monkeypatch)


@pytest.fixture
def night(tmp_path: Path) -> Iterator[Night]:
    made = Night(url_in(tmp_path), known=WITH_MAIL)
    fill(made)
    fill_outbox(made)
    text = "Bonjour,\n\ndepuis ce matin aucun de nos mails ne part. La file est bloquée.\n\nAnna Rochat"
    asks = letter(ANNA, "Nos mails ne partent plus", text, language="fr", attachments=(SCAN, LOG), ref="")
    arrive(made, asks)
    away = letter(ANNA, "Absente", "De retour lundi.", kind=LetterKind.AUTOMATIC, answers=(asks.message_id,))
    arrive(made, away)
    yield made
    made.close()


def pressed(*keys: str, sources: tuple[SourceHealth, ...] = ()) -> Callable[[Pilot[None]], Any]:
    """Return what presses `keys`, each when nothing is on its way, the cursor on what Anna wrote last."""

    async def run(pilot: Pilot[None]) -> None:
        app: Any = pilot.app
        await loaded(pilot)
        app.session.polling = Fetching()
        app.session.sources = sources
        view = app.board.tickets.view
        wanted = [ticket.id for ticket in view.rows.values() if ticket.subject.startswith("Nos mails")]
        for place in range(len(view)):
            if view.id_at(place) in wanted:
                app.board.tickets.move_cursor(place)
        await pilot.pause()
        await settled(pilot)
        for key in keys:
            await pilot.press(key)
            await pilot.pause()
            await settled(pilot)
        app.board.show_state(app.session.now())
        await pilot.pause()

    return run


STATES: dict[str, tuple[str, ...]] = {
    "board": (),
    "ticket": ("enter",),
    "composer": ("m",),
    "template": ("m", "ctrl+t", "1"),
    "templates": ("m", "ctrl+t"),
    "send": ("m", "ctrl+t", "1", "ctrl+d"),
    "assign": ("f", *"moret", "enter"),
    "language": ("L",),
    "download": ("D",),
    "outbox": ("O",),
    "conflict": ("O", "G"),
    "drop": ("O", "j", "delete"),
}


@at_every_size
@pytest.mark.parametrize("state", STATES)
def test_outbox(snap_compare: Compare, night: Night, state: str, size: tuple[int, int]) -> None:
    app = with_templates(night)
    assert snap_compare(app, terminal_size=size, run_before=pressed(*STATES[state]))


@at_every_size
def test_nothing_on_its_way(snap_compare: Compare, tmp_path: Path, size: tuple[int, int]) -> None:
    night = Night(url_in(tmp_path))
    assert snap_compare(night.app(), terminal_size=size, run_before=pressed("O"))
    night.close()


@at_every_size
def test_a_source_fails(snap_compare: Compare, night: Night, size: tuple[int, int]) -> None:
    failing = replace(SUPPORT, failures=3, failed_at=NOW, stuck=2, error="the certificate has expired")
    run = pressed(sources=(failing,))
    assert snap_compare(with_templates(night), terminal_size=size, run_before=run)


@at_every_size
def test_a_first_contact(snap_compare: Compare, night: Night, size: tuple[int, int]) -> None:
    run = pressed(sources=(replace(SUPPORT, done=3_200, total=10_000),))
    assert snap_compare(with_templates(night), terminal_size=size, run_before=run)


@pytest.mark.parametrize("theme", ["day", "safe", "night-16", "plain"])
@pytest.mark.parametrize("state", ["outbox", "template"])
def test_theme(snap_compare: Compare, night: Night, state: str, theme: str) -> None:
    app = with_templates(night, theme=theme)
    assert snap_compare(app, terminal_size=(80, 24), run_before=pressed(*STATES[state]))
