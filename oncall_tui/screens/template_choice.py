"""Choosing what an answer begins with: a key for each template."""

from __future__ import annotations

from collections.abc import Sequence

from rich.text import Text
from textual.app import ComposeResult
from textual.widgets import Static

from oncall_tui.screens.dialog import Dialog, DialogKey
from oncall_tui.translation import _


class TemplateDialog(Dialog[str]):
    """A key for each template; the result is its name."""

    def __init__(self, aside: str, names: Sequence[str]) -> None:
        super().__init__(_("Template"), aside)
        self.names = tuple(names)[:9]

    def keys(self) -> Sequence[DialogKey]:
        chosen = [
            DialogKey(str(place), f"choose({place})", name, choice=True)
            for place, name in enumerate(self.names, 1)
        ]
        return *chosen, *super().keys()

    def compose_body(self) -> ComposeResult:
        yield Static(Text("\n").join(self.choices()), id="choices")

    def action_choose(self, place: int) -> None:
        """Take the template at `place`, from 1."""
        self.dismiss(self.names[place - 1])
