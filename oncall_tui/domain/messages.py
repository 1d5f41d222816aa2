"""Sentences that exist in more than one language: the English text goes for the sentence.

The translations are in the catalogues of `oncall_tui/locale`; `oncall_tui.translation` reads them.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple


def marked(text: str) -> str:
    """Return `text`, which stands in the catalogues: Babel collects what is marked."""
    return text


class Message(NamedTuple):
    """A sentence by its English text, with the values of what stands in braces in it.

    A value that is a `Message` is translated as well: a date, say.
    """

    text: str
    values: Mapping[str, str | Message] = MappingProxyType({})

    @property
    def english(self) -> str:
        """Return the sentence in English, as commands and errors say it."""
        values = self.values.items()
        return self.text.format(
            **{name: value if isinstance(value, str) else value.english for name, value in values}
        )


class Spoken(NamedTuple):
    """What an engineer says to a caller, in the two languages of the emergency line (R11)."""

    fr: str
    en: str


NOTHING_SAID = Spoken("", "")
