"""What languages are called, and how one is written down: two letters where they are known."""

from __future__ import annotations

from collections.abc import Mapping

from oncall_tui.domain.folding import fold
from oncall_tui.domain.messages import marked

LANGUAGE_NAMES: Mapping[str, str] = {
    "fr": marked("French"),
    "en": marked("English"),
    "de": marked("German"),
    "it": marked("Italian"),
    "es": marked("Spanish"),
    "pt": marked("Portuguese"),
}
"""The names of languages in words, of which there are translations, by their two letters."""

_CALLED: Mapping[str, str] = {
    **{name.lower(): code for code, name in LANGUAGE_NAMES.items()},
    # Telephone systems and locales have three letters as well.
    **dict.fromkeys(("fra", "fre"), "fr"),
    "eng": "en",
    **dict.fromkeys(("deu", "ger"), "de"),
    "ita": "it",
    "spa": "es",
    "por": "pt",
    "francais": "fr",
    "francese": "fr",
    "inglese": "en",
    "franzosisch": "fr",
    "anglais": "en",
    "englisch": "en",
    "allemand": "de",
    "deutsch": "de",
    "italien": "it",
    "italiano": "it",
    "espagnol": "es",
    "espanol": "es",
    "portugais": "pt",
    "portugues": "pt",
}


def language_named(text: str) -> str:
    """Return the language that `text` names: its two or three letters, or else the text itself."""
    wanted = fold(text.strip())
    # A locale, such as fr-CH or en_GB, is a way to speak that language.
    main, separator, _ = wanted.replace("_", "-").partition("-")
    if separator and 2 <= len(main) <= 3:
        wanted = main
    if wanted in _CALLED:
        return _CALLED[wanted]
    if 2 <= len(wanted) <= 3 and wanted.isalpha() and wanted.isascii():
        return wanted
    return " ".join(text.split())


def language_name(language: str) -> str:
    """Return the English name of what `language_named` returned; it stands in the catalogues if known."""
    return LANGUAGE_NAMES.get(language, language)
