"""The rule above the hints, which says what has just been done or refused."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum
from time import monotonic

from rich.cells import cell_len
from rich.text import Text

from oncall_tui.domain.messages import marked
from oncall_tui.translation import _
from oncall_tui.widgets.ink import Line

SHOWN_SECONDS = 20.0
"""How long a message stays; one that must be seen stays until a key is pressed."""

_LIMIT = 500


class Tone(StrEnum):
    """What kind of message it is; the word stands before the message, so colour isn't needed."""

    DONE = marked("Done")
    REFUSED = marked("Refused")
    NOT_DONE = marked("Not done")
    ALERT = marked("Alert")
    NOTE = ""


class StatusRule(Line):
    """A rule with a message in it."""

    def __init__(self) -> None:
        super().__init__(id="status")
        self.message = ""
        self.keys: tuple[str, ...] = ()
        """What helps, at the right end: the first is never cut, the others go where it is narrow."""
        self.tone = Tone.NOTE
        self.keep = False
        self.meanwhile = ""
        """What goes on by itself; it stands in the rule, dimmed, while there is no message."""
        self._since = 0.0

    def say(
        self, message: str, tone: Tone = Tone.NOTE, *, keep: bool = False, keys: Iterable[str] = ()
    ) -> None:
        """Show a message, and which `keys` help; `keep` until a key is pressed, not for `SHOWN_SECONDS`."""
        # Not needed for the first frame, which has nothing to say.
        from oncall_tui.domain.text import clean

        self.message, self.tone, self.keep = clean(message, limit=_LIMIT), tone, keep
        self.keys = tuple(filter(None, keys))
        self._since = monotonic()
        self.update()

    def show_meanwhile(self, text: str) -> None:
        """Show clean `text` on what goes on by itself, nothing where it is empty."""
        if text != self.meanwhile:
            self.meanwhile = text
            self.update()

    def clear(self) -> None:
        """Take the message away."""
        self.say("")

    def tick(self) -> None:
        """Take away a message that was shown long enough."""
        if self.message and not self.keep and monotonic() - self._since > SHOWN_SECONDS:
            self.clear()

    def _keys(self, room: int) -> str:
        for number in range(len(self.keys), 0, -1):
            said = f" {'  '.join(self.keys[:number])} "
            if number == 1 or cell_len(said) <= room:
                return said
        return ""

    def compose_line(self, width: int) -> Text:
        if not self.message:
            if not self.meanwhile:
                return Text("─" * width, self.ink("rule"))
            text = Text.assemble(("── ", self.ink("rule")), (f"{self.meanwhile} ", self.ink("dim")))
            text.truncate(width, overflow="ellipsis")
            return text.append("─" * max(width - text.cell_len, 0), self.ink("rule"))
        # Dashes only where there is room: the message is worth more than the rule.
        text = Text(" ")
        if self.tone:
            text.append(f"{_(self.tone.value)}  ", self.ink("focus" if self.tone is Tone.DONE else "strong"))
        text.append(self.message)
        keys = self._keys(width - text.cell_len - 2)
        room = max(width - cell_len(keys), 1)
        text.truncate(room - 1, overflow="ellipsis")
        rule = "─" * (room - text.cell_len - 1)
        return Text.assemble(text, " ", (rule, self.ink("rule")), (keys, self.ink("focus")))
