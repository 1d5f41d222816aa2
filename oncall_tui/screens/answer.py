"""Recording an answer: by which means the customer was told that work has begun, and what was said."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.widgets import Input, Static

from oncall_tui.domain.tickets import Means
from oncall_tui.screens.dialog import Dialog
from oncall_tui.widgets.text_input import TextInput

_KEYS = {Means.EMAIL: ("e", "e-mail"), Means.PHONE: ("p", "phone"), Means.CHAT: ("c", "chat")}


@dataclass(frozen=True, slots=True)
class Answer:
    """What the dialog returns."""

    means: Means
    text: str


class AnswerDialog(Dialog[Answer]):
    """A key for the means, then an optional line of text; Enter records it."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(key, f"means('{means.value}')", label, show=False) for means, (key, label) in _KEYS.items()
    ]

    def __init__(self, aside: str, stops: str, *, given: Answer | None = None, problem: str = "") -> None:
        """`stops` says what the answer does to the clock; `given` is an answer that wasn't taken."""
        super().__init__("Answer", aside, problem)
        self.stops = stops
        self.given = given
        self.means = given.means if given else None

    def compose_body(self) -> ComposeResult:
        yield Static(id="question")
        yield Static(Text("   ").join(self.choice(key, label) for key, label in _KEYS.values()), id="choices")
        yield TextInput(self.given.text if self.given else "", "what you said (may stay empty)")
        yield Static(Text(self.stops, self.ink("dim")))
        yield Static(id="keys")

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
        question, keys = self.query_one("#question", Static), self.query_one("#keys", Static)
        field = self.query_one(TextInput)
        field.display = self.means is not None
        self.query_one("#choices").display = self.means is None
        if self.means is None:
            self.set_focus(None)
            question.update(Text("How did you tell the customer that work has begun?"))
            keys.update(self.hint(("Esc", "back")))
        else:
            field.focus()
            question.update(Text(f"Told by {_KEYS[self.means][1]}."))
            keys.update(self.hint(("Enter", "record it"), ("Esc", "other means")))
