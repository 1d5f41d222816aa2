"""What every dialog has: it lies over the foot of the screen, so that the ticket it is about stays in
view, names that ticket, and goes away with Esc having changed nothing.

Its keys stand in one place: `Dialog.keys`, from which bindings, the last line and the help are made.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple, Self, TypeVar

from rich.text import Text
from textual.app import ComposeResult
from textual.await_complete import AwaitComplete
from textual.binding import Binding
from textual.containers import Vertical
from textual.geometry import Region
from textual.screen import ModalScreen
from textual.widgets import Static

from oncall_tui import terminal
from oncall_tui.actions import Keymap
from oncall_tui.domain.messages import marked
from oncall_tui.keynames import shown
from oncall_tui.screens.bindings import bindings_in_dialogs, bound
from oncall_tui.screens.page import Page
from oncall_tui.translation import _
from oncall_tui.widgets.ink import Inked
from oncall_tui.widgets.rule import Rule

Result = TypeVar("Result")


class DialogKey(NamedTuple):
    """A key of a dialog, by Textual's name, and what it does.

    `action` is what it is bound to, empty where a field takes the key. A `choice` stands in the dialog
    and not in its last line. With `first` it goes before what a field does with the key.
    """

    key: str
    action: str
    does: str
    choice: bool = False
    first: bool = False


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

    def __init__(self, title: str, aside: str = "", problem: str = "") -> None:
        """`problem` is why an earlier answer wasn't taken."""
        super().__init__()
        self.title_text = title
        self.aside = aside
        self.problem = problem
        self._inherited = self._bindings

    def typed(self, key: str) -> bool:
        """Note a key before it takes effect; say whether it is to have none."""
        return False

    def keys(self) -> Sequence[DialogKey]:
        """Return the keys that do something now; `show_keys` brings them into force."""
        return (DialogKey("escape", "cancel", marked("back")),)

    def compose_body(self) -> ComposeResult:
        """Yield what stands under the title."""
        raise NotImplementedError

    def compose(self) -> ComposeResult:
        with Vertical(id="panel"):
            yield Rule(self.title_text, self.aside)
            if self.problem:
                yield Static(Text(self.problem, self.ink("strong")), id="problem")
            yield from self.compose_body()
            yield Static(self._hint(), id="keys")
        self._bind()

    def choices(self) -> list[Text]:
        """Return the line of each answer that a key gives."""
        return [self._choice(key) for key in self.keys() if key.choice]

    def _choice(self, key: DialogKey) -> Text:
        label, _comma, more = key.does.partition(", ")
        choice = Text.assemble("  ", (shown(key.key), self.ink("focus")), f"  {label}")
        if more:
            choice.append(f"   {more}", self.ink("dim"))
        return choice

    def show_keys(self) -> None:
        """Bring the keys of now into force, and into the last line."""
        self._bind()
        if self.is_attached and self.is_mounted:
            self.query_one("#keys", Static).update(self._hint())

    def _bind(self) -> None:
        own = [
            Binding(key.key, key.action, key.does, show=False, priority=key.first)
            for key in self.keys()
            if key.action
        ]
        page = self.page
        help_keys = bindings_in_dialogs(Keymap() if page is None else page.session.keymap)
        self._bindings = bound(bound(self._inherited, help_keys), own)

    def _hint(self) -> Text:
        text = Text()
        for key in self.keys():
            if not key.choice:
                text.append(shown(key.key), self.ink("focus"))
                says = _(key.does)
                text.append(f" {says}   ", self.ink("dim"))
        text.rstrip()
        return text

    @property
    def page(self) -> Page | None:
        """Return the page that the dialog lies over."""
        pages = [screen for screen in self.app.screen_stack if isinstance(screen, Page)]
        return pages[-1] if pages else None

    def action_help(self) -> None:
        """Open the help for this dialog."""
        from oncall_tui.screens.help import HelpScreen, topic_of_keys

        if (page := self.page) is not None:
            entries = [(shown(key.key), _(key.does)) for key in self.keys()]
            self.app.push_screen(HelpScreen(page.session, [topic_of_keys(self.title_text, entries)]))

    def action_pick_up(self) -> None:
        """Pick up the call that rings; what stands here waits below it."""
        if (page := self.page) is not None:
            page.action_pick_up()

    def dismiss(self, result: Result | None = None) -> AwaitComplete:
        # A second Enter that was typed or pasted with the first finds the dialog gone.
        if not self.is_current:
            return AwaitComplete()
        return super().dismiss(result)

    def refresh(self, *regions: Region, **how: Any) -> Self:
        terminal.drawn_through(self, *regions)
        return super().refresh(*regions, **how)

    def action_cancel(self) -> None:
        """Leave without an answer."""
        self.dismiss(None)
