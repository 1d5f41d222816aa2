from __future__ import annotations

import pytest
from textual.color import Color

from oncall_tui.theme import INKS, NIGHT

GROUNDS = (str(NIGHT.background), NIGHT.variables["cursor-line"], str(NIGHT.panel))


@pytest.mark.parametrize("ink", INKS)
@pytest.mark.parametrize("ground", GROUNDS)
def test_every_ink_can_be_read_on_every_ground(ink: str, ground: str) -> None:
    assert _ratio(NIGHT.variables[ink], ground) >= 4.5


def test_urgencies_differ_in_lightness_too() -> None:
    """Who sees no colour sees at least which is which next to the sign."""
    light = [
        Color.parse(NIGHT.variables[ink]).brightness for ink in ("ink-overdue", "ink-critical", "ink-warning")
    ]
    assert light == sorted(light)


def _ratio(one: str, other: str) -> float:
    light = sorted(map(_luminance, (one, other)))
    return (light[1] + 0.05) / (light[0] + 0.05)


def _luminance(colour: str) -> float:
    parts = (part / 255 for part in Color.parse(colour).rgb)
    red, green, blue = (
        part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
