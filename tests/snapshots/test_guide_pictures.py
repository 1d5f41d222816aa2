"""Pictures of guides and partners, each of them proving one thing."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from board import Night, loaded, until, url_in
from calling import deliberate
from correspondence import ANNA, WITH_MAIL, asked, letter
from handbook import CERTIFICATE, QUEUE_EN, add_guides
from textual.pilot import Pilot

from oncall_tui.domain.tickets import Channel
from oncall_tui.screens.guides import GuidesScreen

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
    """A request about mails that wait, of which a guide closed two before."""
    made = Night(url_in(tmp_path), known=WITH_MAIL)
    desk = made.desk("Marc")
    add_guides(made)
    for guide in (QUEUE_EN, QUEUE_EN, CERTIFICATE):
        filed = made.file("tessin", "Mails en attente", channel=Channel.EMAIL)
        desk.guides.used(guide.url, ticket_id=filed.id)
        desk.tickets.close(filed.id, reason="the guide says it")
    asked(made, letter(ANNA, "Nos mails restent en attente", "Bonjour", language="fr"))
    yield made
    made.close()


def pressed(*keys: str) -> Callable[[Pilot[None]], Any]:
    """Return what opens the guides and presses `keys`, each when what is looked for is there."""

    async def run(pilot: Pilot[None]) -> None:
        app: Any = pilot.app
        await loaded(pilot)
        await pilot.press("I")
        for key in ("", *keys):
            if key:
                await pilot.press(key)
            await until(pilot, lambda: isinstance(app.screen, GuidesScreen) and app.screen.answered, "guides")
            await pilot.pause()

    return run


@pytest.mark.parametrize(
    "keys",
    [
        pytest.param((), id="suggested"),
        pytest.param((*"consol",), id="found"),
        pytest.param((*"xyzzy",), id="none"),
        pytest.param(("tab",), id="partners"),
    ],
)
@at_every_size
def test_guides(snap_compare: Compare, night: Night, keys: tuple[str, ...], size: tuple[int, int]) -> None:
    assert snap_compare(night.app(), terminal_size=size, run_before=pressed(*keys))


@at_every_size
def test_without_any(snap_compare: Compare, tmp_path: Path, size: tuple[int, int]) -> None:
    empty = Night(url_in(tmp_path))
    assert snap_compare(empty.app(), terminal_size=size, run_before=pressed())
    empty.close()
