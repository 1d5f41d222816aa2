"""Pictures of temporary access, each of them proving one thing."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from board import Night, loaded, until, url_in
from calling import deliberate
from correspondence import WITH_MAIL
from support import NOW
from textual.pilot import Pilot

from oncall_tui.domain.customers import Access
from oncall_tui.domain.tickets import Channel
from oncall_tui.screens.access import AccessScreen

Compare = Callable[..., bool]

HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
LONG = "Managed Kubernetes cluster of the branch in La Chaux-de-Fonds, production and staging"


def named(size: tuple[int, int]) -> str:
    return f"{size[0]}x{size[1]}"


at_every_size = pytest.mark.parametrize("size", [(60, 20), (80, 24), (120, 40)], ids=named)


@pytest.fixture(autouse=True)
def _at_one_moment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("oncall_tui.screens.session.monotonic", lambda: 100.0)
    monkeypatch.setattr("oncall_tui.desk.desk.platform.node", lambda: "desk")
    deliberate(monkeypatch)


@pytest.fixture
def night(tmp_path: Path) -> Iterator[Night]:
    """One access in its last minutes, one that ends soon, one to come, one that ran out, one given back."""
    granted = (
        Access("Mail", NOW - 300 * HOUR, NOW - 252 * HOUR),
        Access(LONG, NOW - 2 * HOUR, NOW + 30 * HOUR),
        Access("\u05d2\u05d9\u05d1\u05d5\u05d9", NOW + HOUR, NOW + 9 * HOUR),
    )
    services = ("Mail", "Drive", LONG, "\u05d2\u05d9\u05d1\u05d5\u05d9", "Backup")
    known = [
        replace(each, services=services, access=granted) if each.id == "leman" else each for each in WITH_MAIL
    ]
    made = Night(url_in(tmp_path), known=known)
    lea, marc, clock = made.desk("Léa"), made.desk("Marc"), made.clock
    clock.now = NOW - 2 * HOUR
    backup = marc.access.grant("leman", "Backup", NOW + HOUR, "Anna Rochat")
    marc.access.use(backup.id, "restore the mailbox of Tuesday")
    clock.advance(minutes=20)
    marc.access.end(backup.id)
    mail = lea.access.grant("leman", "Mail", NOW + 12 * MINUTE, "Anna Rochat")
    drive = lea.access.grant("leman", "Drive", NOW + 4 * MINUTE, "Karim Besson")
    clock.advance(minutes=40)
    marc.access.use(mail.id, "queue of the second server")
    marc.access.stop(mail.id)
    clock.now = NOW - 40 * MINUTE
    ticket = made.file("leman", "Mail queue stuck", channel=Channel.PHONE, contact="Anna Rochat")
    lea.access.use(mail.id, ticket=ticket.ref)
    lea.access.use(drive.id, "shared folders that don't sync")
    marc.access.use(drive.id, "the same")
    clock.now = NOW
    yield made
    made.close()


def pressed(*keys: str) -> Callable[[Pilot[None]], Any]:
    """Return what opens the access of the ticket under the cursor, and presses `keys` there."""

    async def run(pilot: Pilot[None]) -> None:
        app: Any = pilot.app
        await loaded(pilot)
        await pilot.press("E")

        def read() -> bool:
            pages = [page for page in app.screen_stack if isinstance(page, AccessScreen)]
            return bool(pages) and pages[-1].file is not None

        for key in ("", *keys):
            if key:
                await pilot.press(key)
            await until(pilot, read, "the access is read")
            await until(pilot, lambda: not any(each.is_running for each in app.workers), "all is done")
        await pilot.pause()

    return run


STATES: dict[str, tuple[str, ...]] = {
    "list": (),
    "used": ("j",),
    "ended": ("G", "k"),
    "given-back": ("enter",),
    "refused": ("G", "enter"),
    "record": ("plus",),
    "end": ("d",),
    "which": ("m",),
    "words": ("m", "1"),
}


@at_every_size
@pytest.mark.parametrize("state", STATES)
def test_access(snap_compare: Compare, night: Night, state: str, size: tuple[int, int]) -> None:
    assert snap_compare(night.app(), terminal_size=size, run_before=pressed(*STATES[state]))


@at_every_size
def test_nothing_granted(snap_compare: Compare, tmp_path: Path, size: tuple[int, int]) -> None:
    night = Night(url_in(tmp_path), known=[replace(WITH_MAIL[0], services=("Mail",))])
    night.file(WITH_MAIL[0].id, "Mail queue stuck", channel=Channel.PHONE)
    assert snap_compare(night.app(), terminal_size=size, run_before=pressed())
    night.close()


@pytest.mark.parametrize("theme", ["day", "safe", "night-16", "plain"])
def test_theme(snap_compare: Compare, night: Night, theme: str) -> None:
    assert snap_compare(night.app(theme=theme), terminal_size=(80, 24), run_before=pressed())
