"""Asking for a line of text: a note, a reason, a name."""

from __future__ import annotations

from collections.abc import Sequence

from textual.app import ComposeResult
from textual.widgets import Input, Static

from oncall_tui.screens.dialog import Dialog, DialogKey
from oncall_tui.widgets.text_input import TextInput


class PromptDialog(Dialog[str]):
    """One line of text, which must say something."""

    def __init__(
        self,
        title: str,
        aside: str,
        *,
        what: str,
        does: str,
        explain: str = "",
        value: str = "",
        problem: str = "",
    ) -> None:
        """`what` names the text, `does` says what Enter does, `value` is there to begin with."""
        super().__init__(title, aside, problem)
        self.what = what
        self.does = does
        self.explain = explain
        self.value = value

    def keys(self) -> Sequence[DialogKey]:
        return DialogKey("enter", "", self.does), *super().keys()

    def compose_body(self) -> ComposeResult:
        if self.explain:
            yield Static(self.explain, markup=False)
        yield TextInput(self.value, self.what)

    def on_mount(self) -> None:
        self.set_focus(self.query_one(TextInput))

    def on_input_submitted(self, event: Input.Submitted) -> None:
        if event.value.strip():
            self.dismiss(event.value)
