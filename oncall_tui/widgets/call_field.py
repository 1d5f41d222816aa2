"""The line under a call that text is typed into."""

from __future__ import annotations

from rich.text import Text
from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.widgets import Static

from oncall_tui.widgets.text_input import TextInput


class CallField(Horizontal):
    """A label and a line to type into; it takes no room while nothing is typed."""

    DEFAULT_CSS = """
    CallField { height: 1; display: none; }
    CallField.-open { display: block; }
    CallField > Static { width: auto; padding: 0 1; color: $ink-accent; }
    CallField > Input, CallField > Input:focus {
        border: none;
        height: 1;
        padding: 0;
        background: $panel;
        background-tint: transparent;
        color: $ink;
    }
    CallField > Input > .input--placeholder { color: $ink-dim; }
    """

    def __init__(self) -> None:
        super().__init__(id="field")
        self.label = Static()
        self.line = TextInput("", "", id="line")
        self.line.can_focus = False

    def compose(self) -> ComposeResult:
        yield self.label
        yield self.line

    @property
    def open(self) -> bool:
        """Say whether something can be typed."""
        return self.has_class("-open")

    def ask(self, label: str, value: str, placeholder: str) -> None:
        """Open the line with `value` in it."""
        self.label.update(Text(label))
        self.line.value, self.line.placeholder = value, placeholder
        self.line.cursor_position = len(value)
        self.line.can_focus = True
        self.add_class("-open")

    def close(self) -> str:
        """Close the line and return what is typed."""
        self.remove_class("-open")
        self.line.can_focus = False
        return self.line.value.strip()
