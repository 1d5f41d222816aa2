"""Asking before an act that the registry marks with `asks_first`. The default is No."""

from __future__ import annotations

from collections.abc import Sequence

from rich.text import Text
from textual.app import ComposeResult
from textual.widgets import Static

from oncall_tui.domain.messages import marked
from oncall_tui.screens.dialog import Dialog, DialogKey
from oncall_tui.screens.held_key import HeldKey


class ConfirmDialog(Dialog[bool]):
    """A question that only `y` answers with yes; every other way out is no."""

    def __init__(
        self, title: str, aside: str, question: str, yes: str, asked_with: tuple[str, float] = ("", 0.0)
    ) -> None:
        """`asked_with` is the key that asked and when (monotonic): held down, it is no answer."""
        super().__init__(title, aside)
        self.question = question
        self.yes = yes
        self._held = HeldKey(*asked_with)

    def typed(self, key: str) -> bool:
        return self._held.repeats(key)

    def keys(self) -> Sequence[DialogKey]:
        return (
            DialogKey("y", "yes", self.yes),
            DialogKey("n", "cancel", marked("no")),
            DialogKey("enter", "cancel", marked("no")),
            DialogKey("escape", "cancel", marked("no")),
        )

    def compose_body(self) -> ComposeResult:
        yield Static(Text(self.question))

    def action_yes(self) -> None:
        """Answer with yes."""
        self.dismiss(True)
