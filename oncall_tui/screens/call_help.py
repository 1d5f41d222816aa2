"""The help for a call: its keys, and the signs of its lines."""

from __future__ import annotations

from typing import TYPE_CHECKING

from oncall_tui.domain.messages import marked
from oncall_tui.screens.help import Entry, HelpScreen, Topic, topics_of_page
from oncall_tui.translation import _

if TYPE_CHECKING:
    from oncall_tui.screens.call import CallScreen

_SIGNS = (
    ("▌", "", "accent", marked("the line that keys answer; what is known can be answered anew")),
    ("=", marked("ok"), "dim", marked("this speaks for the call, by the rule at the right")),
    ("×", marked("no"), "strong", marked("this speaks against it; the first of them is the reason")),
    (
        "–",
        marked("claimed"),
        "dim",
        marked("nothing but the calling number says so, or nobody has asked yet"),
    ),
    ("!", marked("NOT STORED"), "critical", marked("the store doesn't answer; the same key tries again")),
)


def open_help(page: CallScreen) -> None:
    """Open the help over the call."""
    signs = Topic(
        _("Signs"),
        tuple(Entry(f"{sign} {_(word)}".rstrip(), ink, f"{_(says)}.") for sign, word, ink, says in _SIGNS),
    )
    page.app.push_screen(HelpScreen(page.session, [*topics_of_page(page)[:-1], signs]))
