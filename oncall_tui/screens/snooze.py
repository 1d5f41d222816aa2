"""Putting an alert off: a key for each of the lengths of time."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from rich.text import Text
from textual.app import ComposeResult
from textual.widgets import Static

from oncall_tui.domain.alerts import SNOOZES
from oncall_tui.screens.dialog import Dialog, DialogKey
from oncall_tui.translation import _
from oncall_tui.widgets.columns import due_text

_MINUTE = timedelta(minutes=1)


class SnoozeDialog(Dialog[timedelta]):
    """The result is how long the alert is put off."""

    def __init__(self, aside: str, now: datetime, zone: ZoneInfo) -> None:
        super().__init__(_("Snooze"), aside)
        self.now = now
        self.zone = zone

    def keys(self) -> Sequence[DialogKey]:
        said = _("{minutes} min, until {time}")
        lengths = [
            DialogKey(
                str(number),
                f"put_off({minutes})",
                said.format(minutes=minutes, time=due_text(self.now + each, self.now, self.zone)),
                choice=True,
            )
            for number, each in enumerate(SNOOZES, 1)
            for minutes in (each // _MINUTE,)
        ]
        return *lengths, *super().keys()

    def compose_body(self) -> ComposeResult:
        yield Static(Text("\n").join(self.choices()), id="choices")

    def action_put_off(self, minutes: int) -> None:
        """Put the alert off for `minutes`."""
        self.dismiss(minutes * _MINUTE)
