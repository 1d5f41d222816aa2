"""The help for alerts: their keys, and the signs and words of their lines."""

from __future__ import annotations

from typing import TYPE_CHECKING

from oncall_tui.domain.alerts import Level
from oncall_tui.domain.messages import marked
from oncall_tui.screens.help import Entry, HelpScreen, Topic, topics_of_page
from oncall_tui.translation import _
from oncall_tui.widgets.alert_columns import LEVEL_INK

if TYPE_CHECKING:
    from oncall_tui.screens.alert_page import AlertPage

_LEVELS = {
    Level.EMERGENCY: marked("a call rings, or an emergency was accepted"),
    Level.BREACH: marked("a guarantee or a promise is broken"),
    Level.CRITICAL: marked("the last part of the guaranteed time runs, or somebody must look"),
    Level.WARNING: marked("the time gets short"),
    Level.NOTICE: marked("to be known"),
}

_WORDS = (
    ("", marked("a line without a sign is acknowledged, put off or settled")),
    ("1/2", marked("one of two desks was reached; the alert's own page says which")),
    ("▌", marked("the cursor; it stays on its alert, whatever comes in")),
)


def open_help(page: AlertPage) -> None:
    """Open the help over the list, or over one alert."""
    levels = [
        Entry(f"{level.sign} {_(level.value)}", LEVEL_INK[level], f"{_(says)}.")
        for level, says in _LEVELS.items()
    ]
    words = [Entry(word, "focus", f"{_(says)}.") for word, says in _WORDS]
    signs = Topic(_("Signs"), (*levels, *words))
    page.app.push_screen(HelpScreen(page.session, [*topics_of_page(page)[:-1], signs]))
