"""Asking before an act that the registry marks with `asks_first`. The default is No."""

from __future__ import annotations

from time import monotonic
from typing import ClassVar

from rich.text import Text
from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.widgets import Static

from oncall_tui.screens.dialog import Dialog

KEY_REPEATS = 0.75
"""Seconds within which a held key comes again: keyboards wait up to 0.66 s before they repeat."""


class ConfirmDialog(Dialog[bool]):
    """A question that only `y` answers with yes; every other way out is no."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("y", "yes", "yes", show=False),
        Binding("n,enter", "cancel", "no", show=False),
    ]

    def __init__(
        self, title: str, aside: str, question: str, yes: str, asked_with: tuple[str, float] = ("", 0.0)
    ) -> None:
        """`asked_with` is the key that asked and when (monotonic): held down, it is no answer."""
        super().__init__(title, aside)
        self.question = question
        self.yes = yes
        self._held, self._held_at = asked_with

    def on_key(self, event: events.Key) -> None:
        now = monotonic()
        if event.key == self._held and now - self._held_at < KEY_REPEATS:
            self._held_at = now
            event.stop()
            event.prevent_default()
        else:
            self._held = ""

    def compose_body(self) -> ComposeResult:
        yield Static(Text(self.question))
        yield Static(self.hint(("y", self.yes), ("n", "no"), ("Enter", "no"), ("Esc", "no")))

    def action_yes(self) -> None:
        """Answer with yes."""
        self.dismiss(True)
