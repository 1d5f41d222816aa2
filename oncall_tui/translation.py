"""The language of the screens, and the sentences that are said in both languages of the line (R11).

The English text of a sentence stands for it. Catalogues are gettext's, in `locale`; what is in none stays
English. Babel collects what stands in `_()` and `marked()`; `make messages` brings the catalogues up to date.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from oncall_tui.domain.messages import Message, Spoken

if TYPE_CHECKING:
    from gettext import NullTranslations

LANGUAGES = ("en", "fr")
"""The languages that the screens speak."""

DOMAIN = "oncall_tui"
LOCALE = Path(__file__).with_name("locale")

_language = "en"


def use(language: str) -> None:
    """Speak `language`, one of `LANGUAGES`, from now on."""
    global _language
    _language = language


def language() -> str:
    """Return the language of the screens."""
    return _language


def _(text: str) -> str:
    """Return `text` in the language of the screens."""
    return translated(text, _language) if _language != "en" else text


def translated(text: str, language: str) -> str:
    """Return `text` in `language`; English where the catalogue doesn't have it."""
    return text if language == "en" or not text else _catalogue(language).gettext(text)


def told(message: Message) -> str:
    """Return `message` in the language of the screens."""
    return _filled(message, _language)


def spoken(message: Message) -> Spoken:
    """Return `message` as it is said in French and in English."""
    return Spoken(*(_filled(message, each) for each in ("fr", "en")))


def _filled(message: Message, language: str) -> str:
    values = {
        name: value if isinstance(value, str) else _filled(value, language)
        for name, value in message.values.items()
    }
    return translated(message.text, language).format(**values)


@cache
def _catalogue(language: str) -> NullTranslations:
    import gettext

    return gettext.translation(DOMAIN, LOCALE, [language], fallback=True)
