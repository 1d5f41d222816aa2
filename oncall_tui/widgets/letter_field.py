"""A field of several lines to write a letter in. What is pasted is foreign text and comes in cleaned."""

from __future__ import annotations

from textual import events
from textual.binding import Binding
from textual.widgets import TextArea
from textual.widgets.text_area import EditResult, Location

from oncall_tui.domain.text import BODY_LIMIT, clean_body
from oncall_tui.keynames import writes


def _bound(keys: str, action: str) -> Binding:
    return Binding(keys, action, show=False)


class LetterField(TextArea, inherit_bindings=False):
    """A text area without a blinking cursor that no control code gets into.

    Its keys are those that move and take away, so that the page keeps its own: no clipboard but the
    terminal's, and Ctrl-_ takes back where Ctrl-z goes to the shell.
    """

    BINDINGS = [  # noqa: RUF012 - Textual's own way to say it
        _bound("up", "cursor_up"),
        _bound("down", "cursor_down"),
        _bound("left", "cursor_left"),
        _bound("right", "cursor_right"),
        _bound("ctrl+left", "cursor_word_left"),
        _bound("ctrl+right", "cursor_word_right"),
        _bound("home,ctrl+a", "cursor_line_start"),
        _bound("end", "cursor_line_end"),
        _bound("shift+up", "cursor_up(True)"),
        _bound("shift+down", "cursor_down(True)"),
        _bound("shift+left", "cursor_left(True)"),
        _bound("shift+right", "cursor_right(True)"),
        _bound("shift+home", "cursor_line_start(True)"),
        _bound("shift+end", "cursor_line_end(True)"),
        _bound("backspace", "delete_left"),
        _bound("delete", "delete_right"),
        _bound("ctrl+w", "delete_word_left"),
        _bound("ctrl+u", "delete_to_start_of_line"),
        _bound("ctrl+k", "delete_to_end_of_line_or_delete_line"),
        _bound("ctrl+underscore", "undo"),
    ]
    DEFAULT_CSS = """
    LetterField, LetterField:focus {
        border: none;
        padding: 0 1;
        height: 1fr;
        background: $background;
        background-tint: transparent;
        color: $ink;
        scrollbar-size-vertical: 1;
        scrollbar-gutter: stable;
    }
    LetterField .text-area--placeholder { color: $ink-dim; }
    LetterField .text-area--cursor {
        color: $input-cursor-foreground;
        background: $input-cursor-background;
        text-style: $input-cursor-text-style;
    }
    """

    def __init__(self, text: str, placeholder: str) -> None:
        """`placeholder` stands there while nothing is written: words of ours, since Textual reads markup."""
        super().__init__(
            text, soft_wrap=True, highlight_cursor_line=False, placeholder=placeholder, id="letter"
        )
        self.cursor_blink = False
        self.match_cursor_bracket = False

    def on_resize(self) -> None:
        # Textual wraps anew, and draws only if that makes more lines or fewer.
        self.refresh()

    def check_consume_key(self, key: str, character: str | None = None) -> bool:
        # By its own short names, such as slash and plus, Textual finds no character; see `TextInput`.
        return super().check_consume_key(key, character) or writes(key)

    async def _on_paste(self, event: events.Paste) -> None:
        # Keystrokes gives it here alone; the base would do it once more.
        event.stop()
        event.prevent_default()
        if event.text:
            self.insert_cleaned(event.text)

    def insert_cleaned(self, text: str) -> None:
        """Put foreign text in where the cursor is, in place of what is selected."""
        result = self.replace(text, *self.selection, maintain_selection_offset=False)
        self.move_cursor(result.end_location)

    def replace(
        self, insert: str, start: Location, end: Location, *, maintain_selection_offset: bool = True
    ) -> EditResult:
        insert = insert.replace("\r\n", "\n").replace("\r", "\n")
        plain = insert.replace("\n", "")
        # One letter from the keyboard is itself; of several each may act on the one before it.
        if not plain.isprintable() or (len(plain) > 1 and not plain.isascii()):
            insert = _cleaned(insert)
        replaced = self.document.get_text_range(*sorted((start, end)))
        room = max(BODY_LIMIT - (len(self.text) - len(replaced)), 0)
        return super().replace(insert[:room], start, end, maintain_selection_offset=maintain_selection_offset)


def _cleaned(text: str) -> str:
    """Return foreign text without what acts, between the blank lines that it begins and ends with."""
    body = text.strip("\n")
    before, _, after = text.partition(body) if body else ("", "", text)
    return f"{before}{clean_body(body)}{after}"
