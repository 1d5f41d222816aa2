"""Recording an answer: by which means the customer was told that work has begun, and what was said."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rich.text import Text
from textual.app import ComposeResult
from textual.widgets import Input, Static

from oncall_tui.domain.messages import marked
from oncall_tui.domain.tickets import Means
from oncall_tui.screens.dialog import Dialog, DialogKey
from oncall_tui.widgets.text_input import TextInput

_KEYS = {Means.EMAIL: ("e", "e-mail"), Means.PHONE: ("p", "phone"), Means.CHAT: ("c", "chat")}


@dataclass(frozen=True, slots=True)
class Answer:
    """What the dialog returns."""

    means: Means
    text: str


class AnswerDialog(Dialog[Answer]):
    """A key for the means, then an optional line of text; Enter records it."""

    def __init__(self, aside: str, stops: str, *, given: Answer | None = None, problem: str = "") -> None:
        """`stops` says what the answer does to the clock; `given` is an answer that wasn't taken."""
        super().__init__("Answer", aside, problem)
        self.stops = stops
        self.given = given
        self.means = given.means if given else None

    def keys(self) -> Sequence[DialogKey]:
        if self.means is not None:
            return DialogKey("enter", "", marked("record it")), DialogKey(
                "escape", "cancel", marked("other means")
            )
        means = [
            DialogKey(key, f"means('{means.value}')", label, choice=True)
            for means, (key, label) in _KEYS.items()
        ]
        return *means, *super().keys()

    def compose_body(self) -> ComposeResult:
        yield Static(id="question")
        yield Static(id="choices")
        yield TextInput(self.given.text if self.given else "", "what you said (may stay empty)")
        yield Static(Text(self.stops, self.ink("dim")))

    def on_mount(self) -> None:
        self._show()

    def action_means(self, means: str) -> None:
        """Choose the means and go on to the text."""
        self.means = Means(means)
        self._show()

    def action_cancel(self) -> None:
        """Go back to the choice of means, and from there to the board."""
        if self.means is None:
            self.dismiss(None)
        else:
            self.means = None
            self._show()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        if self.means is not None:
            self.dismiss(Answer(self.means, event.value.strip()))

    def _show(self) -> None:
        question = self.query_one("#question", Static)
        field = self.query_one(TextInput)
        field.display = self.means is not None
        choices = self.query_one("#choices", Static)
        choices.display = self.means is None
        choices.update(Text("   ").join(self.choices()))
        if self.means is None:
            self.set_focus(None)
            question.update(Text("How did you tell the customer that work has begun?"))
        else:
            self.set_focus(field)
            question.update(Text(f"Told by {_KEYS[self.means][1]}."))
        self.show_keys()
