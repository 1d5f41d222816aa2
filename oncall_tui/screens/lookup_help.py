"""The help for the look-up: its keys, what they do while a code is typed, and the signs of a verdict."""

from __future__ import annotations

from typing import TYPE_CHECKING

from oncall_tui.domain.codes import Outcome
from oncall_tui.domain.messages import marked
from oncall_tui.keynames import shown
from oncall_tui.screens.help import Entry, HelpScreen, Topic, topic_of_keys, topics_of_page
from oncall_tui.translation import _
from oncall_tui.widgets.code_field import CodeField
from oncall_tui.widgets.verdict_text import SIGNS

if TYPE_CHECKING:
    from oncall_tui.screens.lookup import LookupScreen

_MEANS = {
    Outcome.MATCH: marked("the code is somebody's: have the caller name the organisation, and compare"),
    Outcome.MISHEARD: marked("no code can be like that; asked again, it doesn't count as a wrong one"),
    Outcome.NO_MATCH: marked("nobody has that code, or the caller named another organisation: a wrong code"),
    Outcome.WAIT: marked("too many wrong codes: none is looked at until that time, whoever calls"),
    Outcome.REVOKED: marked("the code was somebody's and no longer counts: a wrong code"),
    Outcome.TRANSFER_CODE: marked(
        "what was read out authorises the transfer of a domain and is no code of ours"
    ),
}

_WHILE_TYPING = (
    *((shown(action.keys[0]), action.help) for action in CodeField.ACTIONS),
    ("Backspace", marked("take the last character away")),
    ("Ctrl-u Esc", marked("take everything away")),
)


def open_help(page: LookupScreen) -> None:
    """Open the help over the look-up."""
    signs = Topic(
        _("Verdicts"),
        tuple(
            Entry(f"{sign.sign} {_(sign.word)}", sign.ink, f"{_(_MEANS[outcome])}.")
            for outcome, sign in SIGNS.items()
        ),
    )
    keys = [(key, _(says).rstrip(".")) for key, says in _WHILE_TYPING]
    topics = [topic_of_keys(_("While a code is typed"), keys), *topics_of_page(page)[:-1], signs]
    page.app.push_screen(HelpScreen(page.session, topics))
