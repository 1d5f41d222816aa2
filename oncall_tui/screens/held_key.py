"""A key that may still be held down after what it did: its repeats are nobody's decision."""

from __future__ import annotations

from time import monotonic

KEY_REPEATS = 0.75
"""Seconds within which a held key comes again: keyboards wait up to 0.66 s before they repeat."""

FASTER_THAN_FINGERS = 0.12
"""Seconds between two strokes of one key that no finger makes on purpose."""


class HeldKey:
    """The key that did something at an instant on the monotonic clock."""

    def __init__(self, key: str = "", at: float = 0.0, *, within: float = KEY_REPEATS) -> None:
        """What comes `within` so many seconds of the stroke before is a repeat."""
        self._key = key
        self._at = at
        self._within = within

    @classmethod
    def struck_now(cls, key: str) -> HeldKey:
        """Return `key` as it does something at this moment."""
        return cls(key, monotonic())

    def repeats(self, key: str) -> bool:
        """Say whether `key`, which comes now, is this one still held down."""
        now = monotonic()
        if key == self._key and now - self._at < self._within:
            self._at = now
            return True
        self._key = ""
        return False
