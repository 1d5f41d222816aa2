"""A key has taken effect before the next one is looked at.

Textual sends a key to the screen, and back to the app for what it is bound to. Keys that come in one
piece, over a slow line or from a paste, are then all on their way to the screen that the first of them
leaves: what follows `:` or `w` would be lost, and what follows Enter would be typed into the field.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from inspect import isawaitable
from typing import Any

from textual import events
from textual.app import App
from textual.screen import Screen


class Keystrokes(App[None], inherit_bindings=False):
    """An app that takes one key after the other, each on the screen that is on top by then."""

    def __init__(self, driver_class: type | None = None) -> None:
        super().__init__(driver_class=driver_class)
        self._typed: deque[events.Key | events.Paste] = deque()
        self._waits_on: Screen[Any] | None = None

    async def on_event(self, event: events.Event) -> None:
        """Put a key, or a paste, behind those before it; leave all else to Textual."""
        if isinstance(event, events.Key | events.Paste) and not event.is_forwarded:
            self._typed.append(event)
            if self._waits_on is not self.screen:
                await self._take_typed()
        else:
            await super().on_event(event)

    def take_waiting_keys(self) -> None:
        """Take the keys that came while the page on top took none."""
        self.call_next(self._take_typed)

    async def _take_typed(self) -> None:
        self._waits_on = None
        if not self._typed:
            return
        screen = self.screen
        if not (screen.is_mounted and screen.is_attached):
            # What the last key opened isn't there yet: the others wait for it.
            self._waits_on = screen
            screen.call_later(self.call_next, self._take_typed)
            return
        if getattr(screen, "takes_no_key", False):
            # What the last key answered isn't stored yet: the page says when it is.
            self._waits_on = screen
            return
        typed = self._typed.popleft()
        if isinstance(typed, events.Key):
            await self._take_key(typed)
        else:
            await self._give(typed, "_on_paste")
        if self._typed:
            # After what the key has asked to be called next, such as the result of a dialog.
            self._waits_on = self.screen
            self.call_next(self._take_typed)

    async def _take_key(self, event: events.Key) -> None:
        self.app_focus = True
        typed: Callable[[str], bool] | None = getattr(self.screen, "typed", None)
        if typed is not None and typed(event.key):
            return
        # A binding of the screen for a key that the focused field writes is not in force there.
        for before_fields in (True, False):
            if await self._check_bindings(event.key, priority=before_fields):
                return
        await self._give(event, "_on_key")

    async def _give(self, event: events.Event, handler: str) -> None:
        """Give the event to the widget that has the focus, if there is one and it wants it."""
        take = getattr(self.focused, handler, None)
        if take is not None:
            taken = take(event)
            if isawaitable(taken):
                await taken
