"""The colours: text, dim text, one accent for what has the focus, and urgency. Nothing else.

Every colour that carries text stands out from its background by 4.5 to 1 or more (WCAG AA), and none
means anything alone: a sign and a word say the same.
"""

from __future__ import annotations

from textual.theme import Theme

NIGHT = Theme(
    name="night",
    primary="#7db4dc",
    accent="#7db4dc",
    foreground="#d3d8de",
    background="#12161b",
    surface="#12161b",
    panel="#1c2229",
    warning="#d6c26a",
    error="#ff8078",
    success="#d3d8de",
    dark=True,
    variables={
        "ink": "#d3d8de",
        "ink-dim": "#8c96a3",
        "ink-rule": "#3a444f",
        "ink-accent": "#7db4dc",
        "ink-overdue": "#ff8078",
        "ink-critical": "#f2a65a",
        "ink-warning": "#d6c26a",
        "cursor-line": "#232c36",
        "input-cursor-background": "#7db4dc",
        "input-cursor-foreground": "#12161b",
        "input-selection-background": "#3a5a73",
        "scrollbar": "#3a444f",
        "scrollbar-hover": "#5a6775",
        "scrollbar-active": "#7db4dc",
        "scrollbar-background": "#12161b",
        "scrollbar-background-hover": "#12161b",
        "scrollbar-background-active": "#12161b",
        "scrollbar-corner-color": "#12161b",
    },
)

INKS = ("ink", "ink-dim", "ink-accent", "ink-overdue", "ink-critical", "ink-warning")
"""The variables that colour text; each is readable on the background and on the cursor line."""
