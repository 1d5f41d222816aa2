"""Promising the customer an update: a key for the usual lengths, or one typed in (R7)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from rich.text import Text
from textual.app import ComposeResult
from textual.widgets import Input, Static

from oncall_tui.domain.clock import to_local
from oncall_tui.domain.durations import parse_duration
from oncall_tui.domain.errors import BadInput
from oncall_tui.domain.messages import marked
from oncall_tui.screens.dialog import Dialog, DialogKey
from oncall_tui.widgets.text_input import TextInput

_USUAL = (15, 30, 60)


class PromiseDialog(Dialog[datetime]):
    """The result is the instant (UTC) by which the customer hears from us."""

    def __init__(self, aside: str, now: datetime, zone: ZoneInfo) -> None:
        super().__init__("Promise an update", aside)
        self.now = now
        self.zone = zone
        self.typing = False

    def keys(self) -> Sequence[DialogKey]:
        if self.typing:
            return DialogKey("enter", "", marked("promise it")), *super().keys()
        usual = [
            DialogKey(
                str(number), f"within({minutes})", f"{minutes} min, by {self._clock(minutes)}", choice=True
            )
            for number, minutes in enumerate(_USUAL, 1)
        ]
        return *usual, DialogKey(str(len(_USUAL) + 1), "other", "other", choice=True), *super().keys()

    def compose_body(self) -> ComposeResult:
        yield Static(Text("\n").join(self.choices()), id="choices")
        yield TextInput("", 'how long from now: "45m", "2h", "1h30"')
        yield Static(id="wrong", markup=False)

    def on_mount(self) -> None:
        self._show()

    def action_within(self, minutes: int) -> None:
        """Promise an update within `minutes`."""
        self.dismiss(self.now + timedelta(minutes=minutes))

    def action_other(self) -> None:
        """Go on to typing a length of time."""
        self.typing = True
        self._show()

    def action_cancel(self) -> None:
        """Go back to the choice, and from there to the board."""
        if self.typing:
            self.typing = False
            self._show()
        else:
            self.dismiss(None)

    def on_input_submitted(self, event: Input.Submitted) -> None:
        try:
            length = parse_duration(event.value)
        except BadInput as error:
            wrong = self.query_one("#wrong", Static)
            wrong.update(f"{error.message}; {error.hint}")
            wrong.display = True
        else:
            self.dismiss(self.now + length)

    def _show(self) -> None:
        field = self.query_one(TextInput)
        field.display = self.typing
        self.query_one("#choices").display = not self.typing
        self.query_one("#wrong").display = False
        if self.typing:
            self.set_focus(field)
        else:
            self.set_focus(None)
        self.show_keys()

    def _clock(self, minutes: int) -> str:
        return f"{to_local(self.now + timedelta(minutes=minutes), self.zone):%H:%M}"
