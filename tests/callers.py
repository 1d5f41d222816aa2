"""A night in which people call and read out codes."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

from board import Night, screen_text, until, url_in
from support import CUSTOMERS, NOW
from textual._compositor import LayoutUpdate
from textual.pilot import Pilot

from oncall_tui.app import OncallApp
from oncall_tui.domain.codes import CodeKind
from oncall_tui.domain.customers import Access, Contact, Manager
from oncall_tui.screens.card import CardScreen
from oncall_tui.screens.find import FindScreen
from oncall_tui.screens.lookup import LookupScreen
from oncall_tui.store.keyring import Keyring
from oncall_tui.widgets.code_field import Stage

LEMAN, MORET, ROCHAT = "407182659", "318204771", "55550140"
"""The VIP codes of two organisations, and the support code of a user."""

OLD = "640551927"
"""A VIP code that was revoked."""

WRONG = "999999999"
NEVER = (LEMAN, MORET, ROCHAT, OLD, WRONG)

PEOPLE = (
    Contact("Anne Rochat", "anne.rochat@leman.example", "+41 22 555 01 40", "head of IT"),
    Contact("Luc Favre", "luc.favre@leman.example", "+41 79 555 01 41", "administrator"),
)
MANAGERS = (
    Manager("Nora Keller", "nora.keller@provider.example", "+41 22 555 09 01"),
    Manager("Tim Roth", "tim.roth@provider.example", "+41 22 555 09 02", technical=True),
)


class CodedNight(Night):
    """A night with codes: those above, in a database with a key beside it."""

    def __init__(self, folder: Path, *, url: str = "", config: str = "") -> None:
        """`config` is the text of a settings file."""
        file = folder / "config.toml"
        file.write_text(config, encoding="utf-8")
        access = (Access("mail", NOW - timedelta(days=1), NOW + timedelta(hours=5)),)
        leman = replace(
            CUSTOMERS[0],
            contacts=PEOPLE,
            managers=MANAGERS,
            services=("Public cloud", "Mail"),
            access=access,
        )
        moret = replace(CUSTOMERS[1], contacts=(Contact("Paul Moret", "", "+41 26 555 02 01"),))
        super().__init__(
            url or url_in(folder),
            known=(leman, moret, *CUSTOMERS[2:]),
            keyring=Keyring(folder / "keys" / "oncall.key"),
            config=file,
        )
        codes = self._desks[0].codes
        codes.issue("leman", CodeKind.VIP, given=LEMAN)
        codes.issue("leman", CodeKind.SUPPORT, "Anne Rochat", given=ROCHAT)
        codes.issue("moret", CodeKind.VIP, given=OLD)
        codes.rotate("moret", CodeKind.VIP, given=MORET)

    def rows(self, query: str) -> list[Any]:
        """Return what the database says."""
        from sqlalchemy import text

        with self._desks[0].store.connect() as connection:
            return [tuple(row) for row in connection.execute(text(query))]


async def type_code(pilot: Pilot[None], digits: str) -> None:
    """Press a code and Enter."""
    await pilot.press(*digits, "enter")


def at_rest(app: OncallApp) -> bool:
    """Say whether nothing that the page on top has asked the desk is on its way."""
    page = app.screen
    if isinstance(page, LookupScreen):
        return page.code.stage is not Stage.CHECKING
    if isinstance(page, FindScreen):
        return page.answered
    return not isinstance(page, CardScreen) or page.card is not None


async def shows(pilot: Pilot[None], *words: str) -> None:
    """Wait until the screen on top shows all of `words`, whatever lines they are broken into."""

    def there() -> bool:
        text = " ".join(screen_text(pilot.app).split())
        return all(each in text for each in words)

    await until(pilot, there, f"it shows {words}")


def seen(app: OncallApp) -> list[str]:
    """Return the lines that somebody sees, with what shines through from below."""
    frame = app.screen._compositor.render_update(full=True, screen_stack=app._background_screens)
    assert isinstance(frame, LayoutUpdate)
    return ["".join(segment.text for strip in line for segment in strip).rstrip() for line in frame.strips]
