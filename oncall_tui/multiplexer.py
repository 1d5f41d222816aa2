"""What tmux and GNU screen let through to the terminal around them."""

from __future__ import annotations

from collections.abc import Mapping

_ESC = "\x1b"
_SCREEN_PIECE = 240
"""Characters that GNU screen surely passes through at once."""


def passed_through(sequence: str, env: Mapping[str, str]) -> str:
    """Return `sequence` as tmux or GNU screen passes it through, empty where neither runs."""
    if env.get("TMUX"):
        return f"{_ESC}Ptmux;{sequence.replace(_ESC, 2 * _ESC)}{_ESC}\\"
    if env.get("STY"):
        pieces = (sequence[at : at + _SCREEN_PIECE] for at in range(0, len(sequence), _SCREEN_PIECE))
        return "".join(f"{_ESC}P{piece}{_ESC}\\" for piece in pieces)
    return ""
