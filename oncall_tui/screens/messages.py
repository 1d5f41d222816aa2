"""The messages of this run, the newest first: what flashed by while one looked away."""

from __future__ import annotations

from rich.table import Table
from rich.text import Text
from textual.app import ComposeResult
from textual.widgets import Static

from oncall_tui.actions import Action, Scope
from oncall_tui.domain.clock import to_local
from oncall_tui.screens.page import Page
from oncall_tui.screens.paper import PaperKeys
from oncall_tui.screens.session import Session
from oncall_tui.widgets.columns import month_name
from oncall_tui.widgets.paper import Paper
from oncall_tui.widgets.rule import Rule


class MessagesScreen(PaperKeys, Page):
    """What was said in the status line, with the provider's time."""

    SCOPE = Scope.MESSAGES

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self._list = Static()

    def compose_body(self) -> ComposeResult:
        with Paper(id="page"):
            yield Rule("Messages", "the newest first")
            yield self._list

    def on_mount(self) -> None:
        super().on_mount()
        self._list.update(self._table())

    def why_not(self, action: Action) -> str:
        return ""

    def recolour(self) -> None:
        self._list.update(self._table())

    def action_log(self) -> None:
        """Close the messages with the key that opened them."""
        self.dismiss(None)

    def _table(self) -> Table | Text:
        told = list(self.session.messages)
        if not told:
            return Text("Nothing has been said yet. What is done or refused will stand here.")
        today = to_local(self.session.now(), self.session.zone).date()
        table = Table.grid(padding=(0, 2, 0, 0))
        table.add_column(width=8)
        table.add_column(ratio=1)
        for message in told:
            at = to_local(message.at, self.session.zone)
            time = f"{at:%H:%M:%S}" if at.date() == today else f"{at.day} {month_name(at)}"
            text = Text.assemble((f"{message.tone}  " if message.tone else "", self.top.ink("strong")))
            text.append(message.text, self.top.ink(""))
            if message.times > 1:
                text.append(f"  {message.times} times", self.top.ink("dim"))
            table.add_row(Text(time, self.top.ink("dim")), text)
        return table
