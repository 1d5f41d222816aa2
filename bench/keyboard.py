"""Keys for a board and how long their frames take."""

from __future__ import annotations

import time
from collections.abc import Iterable

from terminals import OnTerminal

_PAGE_DOWN, _PAGE_UP = b"\x1b[6~", b"\x1b[5~"
MOVES = (*[b"j"] * 6, *[b"k"] * 3, *[_PAGE_DOWN] * 2, _PAGE_UP, b"G", *[b"k"] * 3, *[_PAGE_UP] * 2, b"g")
"""From the top and back to it; each of them moves the cursor, if there are 100 lines or more."""

ESCAPE = b"\x1b[27u"
"""Esc in the form that nothing can follow, where the plain one is waited after."""

FILTER = (b"/", b"q", b"u", b"e", ESCAPE)
"""Opens a filter that finds one ticket of `samples` in four, and takes it away again."""

CURSOR, UNREAD = "▌", "     …"
"""What our board writes before the line of the cursor, and on a line whose row is on its way."""


def pressed(program: OnTerminal, keys: Iterable[bytes], *, cursor: str = "", unread: str = "") -> list[float]:
    """Return the seconds that each key took to its frame."""
    took = []
    for key in keys:
        keep_clear_of_the_tick(program)
        took.append(program.press(key, mark=cursor, unread=unread))
    return took


def can_filter(program: OnTerminal) -> bool:
    """Say whether the board has a filter, from what it writes; it is open for a moment."""
    keep_clear_of_the_tick(program)
    opens = program.draws_after(FILTER[0])
    if opens:
        pressed(program, [ESCAPE])
    return opens


def keep_clear_of_the_tick(program: OnTerminal) -> None:
    """Wait while the clocks on the screen may tick, with the wall's: that frame is none of a key's."""
    phase = time.time() % 1
    if not 0.1 <= phase <= 0.7:
        program.discard((1.1 - phase) % 1)


def p95(seconds: Iterable[float]) -> float:
    """Return what 95 of 100 stay within."""
    ordered = sorted(seconds)
    return ordered[int(len(ordered) * 0.95)]
