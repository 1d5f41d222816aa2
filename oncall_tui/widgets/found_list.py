"""Organisations that were found, a line each: name, id, plan, and why it was found."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from rich.style import Style
from rich.text import Text

from oncall_tui.domain.customers import Found
from oncall_tui.widgets.columns import fit

_LEAST_WHY = 12
"""Columns below which it isn't said why an organisation was found."""


def found_text(
    found: Sequence[Found], chosen: int, width: int, room: int, ink: Callable[[str], Style]
) -> Text:
    """Return `room` lines of `found` at most, those around the `chosen` one, `width` columns wide."""
    first = max(chosen - room + 1, 0)
    seen = found[first : first + room]
    name = min(max((len(each.name) for each in seen), default=0), max(width // 2, 12))
    lines = [
        _line(each, name, width, ink, chosen=number == chosen) for number, each in enumerate(seen, first)
    ]
    return Text("\n").join(lines)


def _line(found: Found, name: int, width: int, ink: Callable[[str], Style], *, chosen: bool) -> Text:
    text = Text.assemble("▌" if chosen else " ", f"{fit(found.name, name)}  ")
    text.append(f"{found.plan.value:10}  ", ink("dim"))
    why = found.why or found.customer
    if width - text.cell_len >= min(_LEAST_WHY, len(why)):
        text.append(why, ink("" if found.why else "dim"))
    text.truncate(width, overflow="ellipsis", pad=chosen)
    if chosen:
        text.stylize(ink("cursor"))
    return text
