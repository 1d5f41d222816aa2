"""Giving a customer a guide: into the answer, or on the clipboard, and noted either way."""

from __future__ import annotations

from typing import TYPE_CHECKING

from oncall_tui import background, terminal
from oncall_tui.domain.errors import BadInput, OncallError
from oncall_tui.domain.guides import Guide
from oncall_tui.screens.session import words
from oncall_tui.translation import _
from oncall_tui.widgets.status import Tone

if TYPE_CHECKING:
    from oncall_tui.screens.page import Page
    from oncall_tui.screens.sought import Sought


def copy_link(page: Page, guide: Guide, why: str = "") -> None:
    """Copy the link to the clipboard of the terminal, and say so; `why` it isn't in an answer, where it might
    be.
    """
    try:
        terminal.copy(page.app, guide.url)
    except BadInput as error:
        page.say(words(error), Tone.NOT_DONE)
        return
    copied = _("link copied, if the terminal allows it")
    page.say(f"{copied}; {why}" if why else copied)


def note_use(page: Page, sought: Sought, guide: Guide) -> None:
    """Note in the store that the customer at hand was given a guide; nothing on a board that only reads."""
    desk = page.session.desk
    if desk is None or page.session.read_only or not sought.noted:
        return
    ticket_id = None if sought.ticket is None else sought.ticket.id
    call, customer = sought.call, sought.customer

    async def noting() -> None:
        try:
            await background.write(
                lambda: desk.guides.used(guide.url, ticket_id=ticket_id, call=call, customer=customer)
            )
        except OncallError as error:
            page.say(_("the link is there; noting it failed: {why}").format(why=words(error)), Tone.NOT_DONE)
            return
        page.session.refresh()

    page.run_guarded(noting, page.app, "acts")
