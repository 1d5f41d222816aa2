"""The colours: text, dim text, one accent for what has the focus, and urgency. Nothing else.

Every colour that carries text stands out from its ground by 4.5 to 1 or more (WCAG AA), also as a
terminal with 256 colours shows it, and none means anything alone: a sign and a word say the same.
The more urgent, the darker, so that the order can be seen without colour.
"""

from __future__ import annotations

from typing import NamedTuple

from textual.theme import Theme

NAMES = ("night", "day", "safe")
"""What an engineer may choose: dark, light, and dark for eyes that mix up red and green or blue."""

INKS = ("ink", "ink-dim", "ink-accent", "ink-overdue", "ink-critical", "ink-warning")
"""The variables that colour text; each is readable on the background, the cursor line and the panel."""


class _Colours(NamedTuple):
    ink: str
    dim: str
    rule: str
    accent: str
    overdue: str
    critical: str
    warning: str
    background: str
    panel: str
    selection: str
    thumb: str
    cursor: str = ""
    """The ground of the cursor line; empty where it is drawn reversed, in one ink."""


def _theme(name: str, colours: _Colours, *, dark: bool = True, ansi: bool = False) -> Theme:
    background, accent = colours.background, colours.accent
    return Theme(
        name=name,
        primary=accent,
        accent=accent,
        foreground=colours.ink,
        background=background,
        surface=background,
        panel=colours.panel,
        warning=colours.warning,
        error=colours.overdue,
        success=colours.ink,
        dark=dark,
        ansi=ansi,
        variables={
            "ink": colours.ink,
            "ink-dim": colours.dim,
            "ink-rule": colours.rule,
            "ink-accent": accent,
            "ink-overdue": colours.overdue,
            "ink-critical": colours.critical,
            "ink-warning": colours.warning,
            "cursor-line": colours.cursor or background,
            "cursor-style": "bold" if colours.cursor else "bold reverse",
            "input-cursor-background": background if ansi else accent,
            "input-cursor-foreground": background,
            "input-cursor-text-style": "reverse" if ansi else "none",
            "input-selection-background": colours.selection,
            "scrollbar": colours.rule,
            "scrollbar-hover": colours.thumb,
            "scrollbar-active": accent,
            "scrollbar-background": background,
            "scrollbar-background-hover": background,
            "scrollbar-background-active": background,
            "scrollbar-corner-color": background,
            # Textual's styles for themes without colours of their own ask for these.
            "ansi-background": background,
            "ansi-foreground": colours.ink,
        },
    )


NIGHT = _theme(
    "night",
    _Colours(
        ink="#d3d8de",
        dim="#97a3b0",
        rule="#3a444f",
        accent="#78b4ea",
        overdue="#ff736c",
        critical="#f7ad35",
        warning="#e3d99b",
        background="#14171b",
        panel="#1e2227",
        selection="#3a5a73",
        thumb="#5a6775",
        cursor="#282e36",
    ),
)
DAY = _theme(
    "day",
    _Colours(
        ink="#1d2329",
        dim="#5a6470",
        rule="#c3c8ce",
        accent="#0b5ea8",
        overdue="#a00034",
        critical="#824300",
        warning="#666b00",
        background="#fcfbf9",
        panel="#f1f1ee",
        selection="#bcd6ee",
        thumb="#9aa3ad",
        cursor="#e8eaed",
    ),
    dark=False,
)
SAFE = _theme(
    "safe",
    _Colours(
        ink="#dfe3e7",
        dim="#9aa5b1",
        rule="#3a444f",
        accent="#5fb4f0",
        overdue="#ff736e",
        critical="#fdc33a",
        warning="#fbecb5",
        background="#14171b",
        panel="#1e2227",
        selection="#3a5a73",
        thumb="#5a6775",
        cursor="#282e36",
    ),
)

# For terminals with 16 colours: entries of the palette that Rich maps to, as no other survives. Grounds
# are black and white, because some consoles have only eight; no brown, which others show as yellow.
_DARK_16 = _Colours(
    ink="#ffffff",
    dim="#aaaaaa",
    rule="#555555",
    accent="#00aaaa",
    overdue="#ff5555",
    critical="#ff55ff",
    warning="#ffff55",
    background="#000000",
    panel="#000000",
    selection="#0000aa",
    thumb="#aaaaaa",
)
NIGHT_16 = _theme("night-16", _DARK_16)
DAY_16 = _theme(
    "day-16",
    _Colours(
        ink="#000000",
        dim="#555555",
        rule="#aaaaaa",
        accent="#0000aa",
        overdue="#aa0000",
        critical="#aa00aa",
        warning="#5555ff",
        background="#ffffff",
        panel="#ffffff",
        selection="#aaaaaa",
        thumb="#555555",
    ),
    dark=False,
)
# As far apart as 16 colours can be, also for eyes that see fewer.
SAFE_16 = _theme("safe-16", _DARK_16)

PLAIN = _theme("plain", _Colours(*["ansi_default"] * 11), ansi=True)
"""No colour at all, where NO_COLOR is set: bold and reverse remain."""

THEMES = {theme.name: theme for theme in (NIGHT, DAY, SAFE, NIGHT_16, DAY_16, SAFE_16, PLAIN)}


def fitting(name: str, colours: int) -> str:
    """Return the form of the theme `name` for a terminal with so many colours, 0 for none."""
    if colours == 0:
        return PLAIN.name
    return f"{name}-16" if colours <= 16 else name


def chosen(theme: str) -> str:
    """Return which of `NAMES` a theme is a form of, empty for the one without colours."""
    name = theme.removesuffix("-16")
    return name if name in NAMES else ""


def after(theme: str) -> str:
    """Return the theme that comes after `theme`, in the same form; without colours there is no other."""
    name = chosen(theme)
    if not name:
        return theme
    return NAMES[(NAMES.index(name) + 1) % len(NAMES)] + theme.removeprefix(name)
