"""The line that a filter is typed into, in the place of the rule above the list."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.message import Message
from textual.widgets import Input, Static

from oncall_tui.actions import Action, Scope
from oncall_tui.widgets.ink import Inked
from oncall_tui.widgets.text_input import TextInput

_BOARD = frozenset({Scope.BOARD})
_HINT = "words  !not  plan:pro  state:new  owner:me  customer:name"


class FilterBar(Inked):
    """A field that tells each change. Enter keeps the filter, Esc clears it, ↑ brings earlier ones back."""

    DEFAULT_CSS = """
    FilterBar { height: 1; width: 1fr; layout: horizontal; }
    FilterBar Static { width: 2; padding: 0; }
    FilterBar TextInput, FilterBar TextInput:focus {
        width: 1fr;
        border: none;
        height: 1;
        padding: 0;
        background: $background;
        background-tint: transparent;
        color: $ink;
    }
    FilterBar TextInput > .input--placeholder { color: $ink-dim; }
    """
    ACTIONS: ClassVar[tuple[Action, ...]] = (
        Action("keep", ("enter",), "keep", "Keep the filter.", _BOARD, hint=1),
        Action("clear", ("escape",), "clear", "List everything again.", _BOARD, hint=2),
        Action("older", ("up",), "earlier", "Bring back the filter before.", _BOARD, hint=3),
        Action("newer", ("down",), "later", "Bring back the filter after.", _BOARD),
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(action.keys[0], action.id, action.label, show=False) for action in ACTIONS[1:]
    ]

    class Changed(Message):
        """Another filter stands in the field."""

    class Ready(Message):
        """What is typed goes into the field from now on."""

    class Left(Message):
        """The field is to be closed; what was typed counts unless it was `cleared`."""

        def __init__(self, *, cleared: bool) -> None:
            super().__init__()
            self.cleared = cleared

    def __init__(self, text: str, history: Sequence[str], hint: str = _HINT) -> None:
        """`history` holds earlier filters, the latest last; `hint` says what can be written."""
        super().__init__(id="filter")
        self.field = TextInput(text, hint)
        self.ready = False
        self._choices = [each for each in history if each != text] + [text]
        self._chosen = len(self._choices) - 1

    def compose(self) -> ComposeResult:
        yield Static(Text(" /", self.ink("focus")))
        yield self.field

    def on_mount(self) -> None:
        # At once: what is typed in one piece with the key that opened the line belongs into it.
        self.screen.set_focus(self.field)
        self.field.cursor_position = len(self.field.value)
        self.ready = True
        self.post_message(self.Ready())

    def on_input_changed(self, event: Input.Changed) -> None:
        event.stop()
        self.post_message(self.Changed())

    def on_input_submitted(self, event: Input.Submitted) -> None:
        event.stop()
        self.post_message(self.Left(cleared=False))

    def action_clear(self) -> None:
        """Clear the filter and close the field."""
        self.post_message(self.Left(cleared=True))

    def action_older(self) -> None:
        """Bring back the filter before."""
        self._choose(self._chosen - 1)

    def action_newer(self) -> None:
        """Bring back the filter after."""
        self._choose(self._chosen + 1)

    def _choose(self, number: int) -> None:
        if 0 <= number < len(self._choices):
            if self._chosen == len(self._choices) - 1:
                self._choices[-1] = self.field.value  # what was being typed is there again with ↓
            self._chosen = number
            self.field.value = self._choices[number]
            self.field.cursor_position = len(self.field.value)
