"""The environment of the programs that are started: without what only this one is to know."""

from __future__ import annotations

from collections.abc import Mapping

KEY_VARIABLE = "ONCALL_TUI_KEY"
"""Holds keys (R19) in place of the key file, blanks between them, the newest first."""

SECRET_PREFIX = "ONCALL_TUI_SECRET_"  # noqa: S105 - the beginning of a name
"""What the variables begin with that hold the passwords and tokens of sources."""


def without_secrets(environment: Mapping[str, str]) -> dict[str, str]:
    """Return `environment` for an editor, a program of the user's or any other: without keys and secrets."""
    return {
        name: value
        for name, value in environment.items()
        # Windows knows no small letters in these names.
        if name.upper() != KEY_VARIABLE and not name.upper().startswith(SECRET_PREFIX)
    }
