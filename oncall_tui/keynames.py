"""Names of keys: as Textual calls them, as a person reads them, and as one writes them in the settings.

What a person reads can be written too: `?`, `G`, `PgDn`, `Ctrl-f`, `↓`.
"""

from __future__ import annotations

from unicodedata import combining, lookup, name, normalize

_SHOWN = {
    "space": "Space",
    "enter": "Enter",
    "escape": "Esc",
    "tab": "Tab",
    "backspace": "Backspace",
    "insert": "Ins",
    "delete": "Del",
    "up": "↑",
    "down": "↓",
    "left": "←",
    "right": "→",
    "home": "Home",
    "end": "End",
    "pageup": "PgUp",
    "pagedown": "PgDn",
    **{f"f{number}": f"F{number}" for number in range(1, 13)},
}
"""The keys that write no character."""

# The names that Unicode gives and Textual shortens.
_SHORT = {
    "solidus": "slash",
    "reverse_solidus": "backslash",
    "commercial_at": "at",
    "hyphen_minus": "minus",
    "plus_sign": "plus",
    "low_line": "underscore",
}


def _long(sign: str) -> str:
    long = name(sign, "").lower().replace("-", "_").replace(" ", "_")
    return _SHORT.get(long, long)


_SIGNS = {_long(sign): sign for sign in map(chr, range(0x21, 0x7F)) if not sign.isalnum()}

_WRITTEN = {
    **{shown.lower(): key for key, shown in _SHOWN.items()},
    **{key: key for key in (*_SHOWN, *_SIGNS)},
}

_MOVING = frozenset({"up", "down", "left", "right", "home", "end", "pageup", "pagedown", "insert", "delete"})

# A terminal sends the same for them as for Tab, Enter and Backspace; ctrl+c is how people ask the way out.
_NEVER_SENT = frozenset({"h", "i", "m", "c"})


def key_named(text: str) -> str:
    """Return Textual's name of the key that `text` names; `ValueError` for what no terminal sends."""
    text = normalize("NFC", text.strip())
    if len(text) == 1:
        return _character(text)
    *modifiers, last = text.replace("-", "+").split("+")
    held = {modifier.lower() for modifier in modifiers}
    if len(held) < len(modifiers) or not held <= {"ctrl", "alt", "shift"}:
        raise ValueError
    key = _WRITTEN.get(last.lower())
    return _held_letter(held, last) if key is None else _held_key(held, key)


def shown(key: str) -> str:
    """Return Textual's key name `key` as a person reads it."""
    *modifiers, last = key.split("+")
    readable = _SHOWN.get(last) or _SIGNS.get(last) or _sign_named(last)
    return "-".join([modifier.capitalize() for modifier in modifiers] + [readable])


def commands(key: str) -> bool:
    """Say whether `key` can mean the same in a field: it writes nothing there and moves nothing."""
    return key.startswith(("ctrl+", "alt+")) or (key[0] == "f" and key in _SHOWN)


def writes(key: str) -> bool:
    """Say whether `key` writes a character into a field."""
    if key in _SHOWN:
        return key == "space"
    sign = _SIGNS.get(key) or _sign_named(key)
    return len(sign) == 1 and sign.isprintable()


def _character(text: str) -> str:
    if text in _WRITTEN:  # the arrows
        return _WRITTEN[text]
    if not text.isprintable() or text.isspace() or combining(text):
        raise ValueError
    if text.isalnum():
        return text
    long = _long(text)
    if shown(long) != text:  # none that Textual could name and we read again
        raise ValueError
    return long


def _held_letter(held: set[str], last: str) -> str:
    if len(last) != 1:
        raise ValueError
    if held == {"shift"} and last.isalpha() and len(last.upper()) == 1:
        return last.upper()
    if not (last.isascii() and last.isalnum()):
        raise ValueError
    if held == {"ctrl"} and last.isalpha() and last.lower() not in _NEVER_SENT:
        return f"ctrl+{last.lower()}"
    if held in ({"alt"}, {"alt", "shift"}):
        shift = "shift+" if last.isupper() or "shift" in held else ""
        if not shift or last.isalpha():
            return f"alt+{shift}{last.lower()}"
    raise ValueError


def _held_key(held: set[str], key: str) -> str:
    if not held:
        return key
    moves = key in _MOVING and "alt" not in held
    if moves or (held == {"shift"} and key == "tab") or (held == {"ctrl"} and key.startswith("f")):
        return "+".join([*sorted(held), key])
    raise ValueError


def _sign_named(last: str) -> str:
    """Return the character that goes by the long name `last`, `last` if there is none."""
    if len(last) == 1:
        return last
    for candidate in (last.replace("_", " "), last.replace("_", "-")):
        try:
            return lookup(candidate.upper())
        except KeyError:
            continue
    return last
