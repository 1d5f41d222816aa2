"""The line that a code is typed into, which keeps nothing of it (R19).

Not an `Input`: that one remembers its value, lets it be selected and copied, and tells it in messages.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import Enum
from typing import ClassVar

from rich.text import Text
from textual import events
from textual.binding import Binding, BindingType

from oncall_tui.actions import Action, Scope
from oncall_tui.domain.codes import HEARD_LIMIT, CodeRules, digit, grouped, is_separator
from oncall_tui.domain.messages import marked
from oncall_tui.keynames import shown, writes
from oncall_tui.translation import _
from oncall_tui.widgets.ink import Line, spread

LABEL = 9
"""Columns of the names of the lines."""

_MASK = "•"
_UNPRINTABLE = "�"
_LOOKUP = frozenset({Scope.LOOKUP})


class Stage(Enum):
    """Whether the field takes a code."""

    OPEN = "open"
    CHECKING = "checking"
    CLOSED = "closed"


class CodeField(Line, can_focus=True):
    """Takes digits as they are heard, and letters, for a caller may read out something else.

    What is typed leaves it once, with `take`. Everything that can't begin a code is left to the page
    while the field is empty.
    """

    ACTIONS: ClassVar[tuple[Action, ...]] = (
        Action("check", ("enter",), marked("check"), marked("Look whose code it is."), _LOOKUP, hint=1),
        Action("number", ("tab",), marked("number"), marked("Note the number that calls."), _LOOKUP, hint=6),
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        *(Binding(action.keys[0], f"screen.{action.id}", action.label, show=False) for action in ACTIONS),
        Binding("escape", "screen.back", show=False),
        Binding("backspace", "erase", show=False),
        Binding("ctrl+u", "wipe", show=False),
    ]

    def __init__(self, ignored: Sequence[str] = ()) -> None:
        """The keys in `ignored`, by Textual's names, begin no code: one of them opened the field, and may be
        pressed once more.
        """
        super().__init__(id="code")
        self._ignored = frozenset(ignored)
        self.rules = CodeRules()
        self.stage = Stage.OPEN
        self.why = ""
        self._typed: list[str] = []

    @property
    def empty(self) -> bool:
        """Say whether nothing is typed."""
        return not self._typed

    def take(self) -> str:
        """Return what is typed, and keep nothing of it."""
        text = "".join(self._typed)
        self.wipe()
        return text

    def begin(self, text: str) -> None:
        """Take what was typed before the field was there."""
        self._put(text)

    def wipe(self) -> None:
        """Forget what is typed, and the picture of it."""
        self._typed.clear()
        self._shown = self._strip = None
        self.refresh()

    def show(self, stage: Stage, rules: CodeRules | None = None, why: str = "") -> None:
        """Take codes by the `rules` in force, or don't, and say `why`."""
        self.rules, self.why = rules or self.rules, why
        if stage is not self.stage:
            self.stage = stage
            self.wipe()
        self.update()

    def action_erase(self) -> None:
        """Take the last character away."""
        if self._typed:
            self._typed.pop()
            self.update()

    def action_wipe(self) -> None:
        """Take everything away."""
        self.wipe()

    def check_consume_key(self, key: str, character: str | None) -> bool:
        sign = _written(key, character)
        return bool(sign) and (not self.empty or sign.isalnum() or is_separator(sign))

    async def _on_key(self, event: events.Key) -> None:
        sign = _written(event.key, event.character)
        if sign:
            event.stop()
            event.prevent_default()
            if not (self.empty and event.key in self._ignored):
                self._put(sign)

    def _on_paste(self, event: events.Paste) -> None:
        event.stop()
        event.prevent_default()
        self._put(event.text)

    def _put(self, text: str) -> None:
        if self.stage is Stage.OPEN:
            # One more than is looked at: what is too long stays too long.
            self._typed.extend(text[: HEARD_LIMIT + 1 - len(self._typed)])
            self.update()

    def on_focus(self) -> None:
        self.update()

    def on_blur(self) -> None:
        self.update()

    def compose_line(self, width: int) -> Text:
        label = Text(" " + _("Code").ljust(LABEL - 1), self.ink("dim"))
        if self.stage is not Stage.OPEN:
            return label.append(self.why or _("checking …"), self.ink("dim"))
        kept = [digit(each) or each for each in self._typed if not is_separator(each)]
        cursor = ("_", self.ink("focus")) if self.has_focus else ""
        typed = Text(self._readable(kept), self.ink("strong"))
        aside = Text(f"{self._count(len(kept))} ", self.ink("dim"))
        room = max(width - label.cell_len - aside.cell_len - 3, 8)
        if typed.cell_len > room:
            # Its end is where one types.
            typed = typed[-room:]
        return spread(Text.assemble(label, typed, cursor), aside, width)

    def _readable(self, kept: list[str]) -> str:
        text = "".join(kept)
        digits = text.isascii() and text.isdigit()
        if self.rules.mask:
            text = _MASK * len(kept)
        elif not digits:
            text = "".join(each if each.isprintable() else _UNPRINTABLE for each in self._typed)
        return grouped(text) if digits else text

    def _count(self, count: int) -> str:
        shortest, longest = self.rules.shortest, self.rules.longest
        if count:
            return _("{count} typed").format(count=count)
        if shortest == longest:
            return _("{count} digits").format(count=shortest)
        return _("{shortest} to {longest} digits").format(shortest=shortest, longest=longest)


def _written(key: str, character: str | None) -> str:
    """Return what a key writes, empty if nothing."""
    if character is not None and character.isprintable():
        return character
    # By its own short names, such as slash, Textual finds no character.
    return (" " if key == "space" else shown(key)) if writes(key) else ""
