"""Draws the pictures of README and docs/ from the sample data, at a fixed instant: `make shots`."""

from __future__ import annotations

import asyncio
import re
import tempfile
from datetime import UTC, datetime
from pathlib import Path

import document
from textual.pilot import Pilot

from oncall_tui.app import OncallApp
from oncall_tui.config import load_settings
from oncall_tui.desk import Desk, demo_alerts, demo_mail, demo_organisations, open_desk
from oncall_tui.screens.find import TYPING_PAUSE
from oncall_tui.screens.session import Session
from oncall_tui.store.demo import populate
from oncall_tui.store.keyring import Keyring

HERE = Path(__file__).parent
NIGHT = datetime(2026, 3, 27, 2, 12, 44, tzinfo=UTC)
PICTURES = {
    "board": ((120, 32), ("j", "j", "j", "j")),
    "marks": ((80, 24), ("slash", *"owner:none", "enter", "g", "space", "j", "space")),
    "ticket": ((100, 25), ("j", "j", "j", "j", "enter")),
    "palette": ((80, 24), ("j", "j", "j", "colon", *"pro")),
    "code": ((80, 24), ("v", *"407182659", "enter")),
    "call": (
        (80, 24),
        ("n", *"0215550140", "enter", *"407182659", "enter", "y", "f", "y", "y"),
    ),
    "answer": ((80, 24), ("slash", *"calendrier", "enter", "m", "ctrl+t", "1")),
    "outbox": ((100, 25), ("O",)),
    "alerts": ((100, 25), ("exclamation_mark",)),
    "card": ((120, 32), ("v", *"407182659", "enter", "y")),
    "organisations": ((80, 24), ("o", "slash", *"web")),
    "contract": ((100, 30), ("v", "slash", *"quayside", "enter", "P")),
    "access": ((80, 20), ("v", "slash", *"jorat", "enter", "E")),
    "guides": ((100, 25), ("I", *"dns")),
}


def now() -> datetime:
    return NIGHT


def portable(svg: str) -> str:
    """Return the picture without web addresses: Textual's web font, and who made it."""
    return re.sub(r"@font-face\s*\{[^}]*\}\s*|<!--.*?-->\s*", "", svg)


async def settled(app: OncallApp, pilot: Pilot[None]) -> None:
    """Wait until all that is on screen has been read, a ticket beside the list too."""
    pane = app.board.pane
    while pane is not None and pane.ticket is not None and pane.detail is None:
        await asyncio.sleep(0.01)
    # What is typed is looked for once the typing pauses.
    await asyncio.sleep(2 * TYPING_PAUSE)
    await app.workers.wait_for_complete()
    await pilot.pause()


async def draw(name: str, size: tuple[int, int], keys: tuple[str, ...], folder: str) -> None:
    settings = load_settings(None, {}, database=f"sqlite:///{folder}/{name}.db", operator="Léa")

    def opened() -> Desk:
        keyring = Keyring(Path(folder, f"{name}.key"))
        desk = open_desk(settings.database, settings.offer, settings.operator, clock=now, keyring=keyring)
        populate(desk.store, desk.offer, NIGHT, operator=settings.operator)
        demo_alerts.tell_earlier(desk)
        demo_mail.tell_earlier(desk)
        demo_organisations.tell_earlier(desk)
        return desk

    session = Session(
        title="On call",
        operator=settings.operator,
        zone=settings.offer.zone,
        clock=now,
        read_only=False,
        hold_seconds=0.0,
    )
    session.templates = settings.templates
    app = OncallApp(session, opened, live=False)
    async with app.run_test(size=size) as pilot:
        await settled(app, pilot)
        for key in keys:
            await pilot.press(key)
            await settled(app, pilot)
        (HERE / f"{name}.svg").write_text(portable(app.export_screenshot(title="oncall-tui")))


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        for name, (size, keys) in PICTURES.items():
            asyncio.run(draw(name, size, keys, folder))
            print(HERE / f"{name}.svg")
        print(document.draw(Path(folder), HERE / "document.png", NIGHT))


if __name__ == "__main__":
    main()
