"""The help for the screen it was opened on: its keys, from the registry, and what the signs mean."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

from rich.table import Table
from rich.text import Text
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.widgets import Static

from oncall_tui.actions import Action, Group, Scope, actions_on
from oncall_tui.domain.sla import Urgency
from oncall_tui.screens.bindings import bindings_on
from oncall_tui.screens.page import Page
from oncall_tui.screens.paper import PaperKeys
from oncall_tui.screens.session import Session
from oncall_tui.widgets.paper import Paper
from oncall_tui.widgets.rule import Rule

_URGENT = (
    (Urgency.OVERDUE, "the deadline is past; the time after the minus is how long"),
    (Urgency.CRITICAL, "the last part of the guaranteed time runs"),
    (Urgency.WARNING, "the time gets short"),
)
_HEAD_WIDTH = 18

Entry = tuple[str, str, str]
"""What is explained, the ink it is written with, and the explanation."""

_SIGNS: tuple[Entry, ...] = (
    *((urgency.sign.strip(), urgency.value, f"{urgency.value}: {says}") for urgency, says in _URGENT),
    ("▌", "accent", "the cursor; it stays on its ticket, whatever moves"),
    ("–", "dim", "nothing: no clock runs, nobody has the ticket"),
    ("promise, pr.", "dim", "before a subject: the time left is that of a promised update"),
    ("closed", "dim", "it was closed just now; it leaves the list when no key is pressed"),
    ("STALE, NO DATA", "overdue", "the store doesn't answer; what you see is as old as it says"),
)


class HelpScreen(PaperKeys, Page):
    """Keys and signs."""

    SCOPE = Scope.HELP
    BINDINGS: ClassVar[list[BindingType]] = [*bindings_on(Scope.HELP)]

    def __init__(self, session: Session, about: Scope) -> None:
        super().__init__(session)
        self.about = about

    def compose_body(self) -> ComposeResult:
        with Paper(id="page"):
            for group in Group:
                found = [action for action in actions_on(self.about) if action.group is group]
                if found:
                    yield Rule(group.value)
                    yield Static(self._table(self._line(action) for action in found))
            yield Rule("Signs")
            yield Static(self._table(_SIGNS))

    def recolour(self) -> None:
        self.refresh(recompose=True)

    def why_not(self, action: Action) -> str:
        return ""

    def action_help(self) -> None:
        """Close the help with the key that opened it."""
        self.dismiss(None)

    def _table(self, entries: Iterable[Entry]) -> Table:
        table = Table.grid(padding=(0, 2, 0, 0))
        table.add_column(width=_HEAD_WIDTH)
        table.add_column(ratio=1)
        for head, ink, says in entries:
            table.add_row(Text(head, self.top.ink(ink)), Text(says))
        return table

    @staticmethod
    def _line(action: Action) -> Entry:
        return action.shown_keys, "focus", action.help + (" Asks first." if action.asks_first else "")
