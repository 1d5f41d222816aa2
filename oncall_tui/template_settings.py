"""The settings of answers that are written over and over: a part of the table in `settings.py`, and what
becomes of it.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from oncall_tui.domain.errors import BadSettings
from oncall_tui.domain.templates import DEFAULT_TEMPLATES, Template, checked
from oncall_tui.domain.text import clean_body
from oncall_tui.setting import Setting, Values

LIMIT = 4_000
"""Characters of a template."""


def _text(value: object) -> str:
    """Return a text that can be filled in."""
    if not isinstance(value, str) or not value.strip() or len(value) > LIMIT:
        raise ValueError
    return checked(clean_body(value))


FR = Setting(
    "templates.NAME.fr",
    f"a text of up to {LIMIT} characters",
    _text,
    "What is written to somebody who writes French.",
    unset="for `started`, `question`, `solved` and `access` a text of the program's, else the English one",
)
EN = Setting(
    "templates.NAME.en",
    FR.allowed,
    _text,
    "What is written to everybody else.",
    unset="for `started`, `question`, `solved` and `access` a text of the program's, else the French one",
)

SETTINGS: tuple[Setting[object], ...] = (FR, EN)
"""In the order in which the page of settings lists them."""

SECTIONS: dict[str, str] = {
    "templates.NAME": "Answers to begin with: `started`, `question`, `solved` and `access` are always there, "
    "and NAME may be any other that begins with a small letter. `{ref}`, `{subject}`, `{contact}`, "
    "`{organisation}`, `{operator}` and `{service}`, the one that `access` asks for, are filled in; a brace "
    "that is meant as one is doubled. An answer stops the response clock, so it has to say that work has "
    "begun (R6).",
}


def templates_of(values: Values) -> Mapping[str, Template]:
    """Return all templates by name, the program's own first. Raises `BadSettings`."""
    found = dict(DEFAULT_TEMPLATES)
    for name in values.names("templates"):
        known = found.get(name, Template(name))
        fr, en = values.given(FR, name) or known.fr, values.given(EN, name) or known.en
        if not fr and not en:
            raise BadSettings(
                f"{values.source}: templates.{name} has no text", hint="allowed: fr, en, or both"
            )
        found[name] = Template(name, fr, en)
    return MappingProxyType(found)
