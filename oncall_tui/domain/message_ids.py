"""The Message-IDs of mail, as they are kept and compared."""

from __future__ import annotations

from collections.abc import Iterable

LONGEST = 998
"""Characters of a line of mail, and so of a Message-ID (RFC 5322)."""

NEAREST = 50
"""Message-IDs of the mails before one that are looked for, the nearest of them."""


def message_id_of(text: str) -> str:
    """Return the Message-ID that `text` is, in its angle brackets; empty where it can't be one."""
    inner = text.strip().strip("<>").strip()
    if not inner or len(inner) > LONGEST or not inner.isprintable() or any(map(str.isspace, inner)):
        return ""
    return f"<{inner}>"


def nearest(answers: Iterable[str]) -> tuple[str, ...]:
    """Return the first `NEAREST` of the Message-IDs that `answers` are, each once."""
    found: dict[str, None] = {}
    for text in answers:
        if message_id := message_id_of(text):
            found[message_id] = None
        if len(found) == NEAREST:
            break
    return tuple(found)
