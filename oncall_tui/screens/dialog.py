"""What every dialog has: it lies over the foot of the screen, so that the ticket it is about stays in
view, names that ticket, and goes away with Esc having changed nothing.
"""

from __future__ import annotations

from typing import ClassVar, TypeVar

from rich.text import Text
from textual.app import ComposeResult
from textual.await_complete import AwaitComplete
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Static

from oncall_tui.widgets.ink import Inked
from oncall_tui.widgets.rule import Rule

Result = TypeVar("Result")


class Dialog(Inked, ModalScreen[Result | None]):
    """A question. The result is None when it was left unanswered."""

    # Keys are answers until a field is asked for.
    AUTO_FOCUS = ""
    # Weighs more than the defaults of Input and ModalScreen, and loads with the first dialog. Scoped, it
    # would speak of dialogs inside a dialog and not of this one.
    SCOPED_CSS = False
    CSS = """
    Dialog {
        align: left bottom;
        background: transparent;
    }
    Dialog #panel {
        width: 100%;
        height: auto;
        max-height: 100%;
        background: $background;
    }
    Dialog #panel Static { padding: 0 1; height: auto; }
    Dialog .field { height: 1; }
    Dialog #panel .label { width: 11; }
    Dialog Input, Dialog Input:focus {
        border: none;
        height: 1;
        padding: 0 1;
        background: $panel;
        background-tint: transparent;
        color: $ink;
    }
    Dialog Input > .input--placeholder { color: $ink-dim; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "cancel", "back", show=False)]

    def __init__(self, title: str, aside: str = "", problem: str = "") -> None:
        """`problem` is why an earlier answer wasn't taken."""
        super().__init__()
        self.title_text = title
        self.aside = aside
        self.problem = problem

    def compose_body(self) -> ComposeResult:
        """Yield what stands under the title."""
        raise NotImplementedError

    def compose(self) -> ComposeResult:
        with Vertical(id="panel"):
            yield Rule(self.title_text, self.aside)
            if self.problem:
                yield Static(Text(self.problem, self.ink("strong")), id="problem")
            yield from self.compose_body()

    def choice(self, key: str, label: str, more: str = "") -> Text:
        """Return the line of an answer that a key gives."""
        return Text.assemble("  ", (key, self.ink("focus")), f"  {label}", (f"   {more}", self.ink("dim")))

    def hint(self, *keys: tuple[str, str]) -> Text:
        """Return the last line: each key and what it does."""
        text = Text()
        for key, does in keys:
            text.append(key, self.ink("focus"))
            text.append(f" {does}   ", self.ink("dim"))
        text.rstrip()
        return text

    def dismiss(self, result: Result | None = None) -> AwaitComplete:
        # A second Enter that was typed or pasted with the first finds the dialog gone.
        if not self.is_current:
            return AwaitComplete()
        return super().dismiss(result)

    def action_cancel(self) -> None:
        """Leave without an answer."""
        self.dismiss(None)
