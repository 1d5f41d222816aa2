"""Choosing what an answer begins with: a key for each template."""

from __future__ import annotations

from collections.abc import Sequence

from rich.text import Text
from textual.app import ComposeResult
from textual.widgets import Static

from oncall_tui.screens.dialog import Dialog, DialogKey
from oncall_tui.translation import _

_KEYS = "123456789abcdefghijklmnopqrstuvwxyz"
"""As many as anybody will look through."""


class TemplateDialog(Dialog[str]):
    """A key for each template; the result is its name."""

    def __init__(self, aside: str, names: Sequence[str]) -> None:
        super().__init__(_("Template"), aside)
        self.names = tuple(names)[: len(_KEYS)]

    def keys(self) -> Sequence[DialogKey]:
        chosen = [
            DialogKey(key, f"choose({place})", name, choice=True)
            for place, (key, name) in enumerate(zip(_KEYS, self.names, strict=False), 1)
        ]
        return *chosen, *super().keys()

    def compose_body(self) -> ComposeResult:
        yield Static(Text("\n").join(self.choices()), id="choices")

    def action_choose(self, place: int) -> None:
        """Take the template at `place`, from 1."""
        self.dismiss(self.names[place - 1])
