"""A field to type into. What is pasted is foreign text and comes in through the one door."""

from __future__ import annotations

from textual import events
from textual.widgets import Input

from oncall_tui.domain.text import clean
from oncall_tui.keynames import writes

PASTE_LIMIT = 20_000


class TextInput(Input):
    """An input without a blinking cursor that no control code gets into."""

    def __init__(
        self,
        value: str = "",
        placeholder: str = "",
        *,
        id: str | None = None,  # noqa: A002
    ) -> None:
        super().__init__(value, placeholder, id=id, select_on_focus=False)
        self.cursor_blink = False

    def check_consume_key(self, key: str, character: str | None) -> bool:
        # By its own short names, such as slash and plus, Textual finds no character: what the screen
        # binds them to would happen, and the character be lost.
        return super().check_consume_key(key, character) or writes(key)

    def _on_paste(self, event: events.Paste) -> None:
        # The base keeps the first line and drops the others without a word.
        if event.text:
            start, end = self.selection
            self.replace(event.text.strip(), *sorted((start, end)))
        event.stop()
        event.prevent_default()

    def replace(self, text: str, start: int, end: int) -> None:
        super().replace(text if text.isprintable() else clean(text, limit=PASTE_LIMIT), start, end)

    def insert_text_at_cursor(self, text: str) -> None:
        super().insert_text_at_cursor(text if text.isprintable() else clean(text, limit=PASTE_LIMIT))
