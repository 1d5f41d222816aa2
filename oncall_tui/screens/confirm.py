"""Asking before an act that the registry marks with `asks_first`. The default is No."""

from __future__ import annotations

from typing import ClassVar

from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.widgets import Static

from oncall_tui.screens.dialog import Dialog


class ConfirmDialog(Dialog[bool]):
    """A question that only `y` answers with yes; every other way out is no."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("y", "yes", "yes", show=False),
        Binding("n,enter", "cancel", "no", show=False),
    ]

    def __init__(self, title: str, aside: str, question: str, yes: str) -> None:
        super().__init__(title, aside)
        self.question = question
        self.yes = yes

    def compose_body(self) -> ComposeResult:
        yield Static(Text(self.question))
        yield Static(self.hint(("y", self.yes), ("n", "no"), ("Enter", "no"), ("Esc", "no")))

    def action_yes(self) -> None:
        """Answer with yes."""
        self.dismiss(True)
