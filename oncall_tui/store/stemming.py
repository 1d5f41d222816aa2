"""Words by their stems: what is looked for in a guide, the same on both databases.

A word is kept folded and with its stem in French or English, so that `certificats` is found by
`certificat`. Typed without accents it has the same stem.
"""

from __future__ import annotations

from collections.abc import Collection
from functools import cache, lru_cache
from threading import Lock
from typing import NamedTuple, Protocol

from oncall_tui.domain.folding import fold
from oncall_tui.domain.guides import asked_words, words_in

LANGUAGES = ("fr", "en")
"""The languages whose stems are known. What is written in another one has both: it is full of terms."""

WORDS_LIMIT = 10
"""Words that are looked for; those after them aren't."""

_CACHED = 50_000
_SHORTEST = 4
"""Letters from which on a word has a stem of its own: `dns` is no plural."""

_LEAST_OF_STEM = 3

_lock = Lock()


class Asked(NamedTuple):
    """A word that is looked for: folded, as it is typed so far, and its stems."""

    word: str
    stems: frozenset[str]

    @property
    def beginnings(self) -> set[str]:
        """Return what the words begin with that are meant, as far as their letters say so."""
        return {self.word, *(stem.rstrip("i") for stem in self.stems if len(stem) > _LEAST_OF_STEM)}


class _Stemmer(Protocol):
    def stemWord(self, word: str) -> str:  # noqa: N802 - the library's own name
        """Return the stem."""
        ...


@cache
def _stemmer(language: str) -> _Stemmer:
    # By name: what the package offers by itself is another library where that is installed, perhaps with
    # other stems than those that are stored.
    if language == "fr":
        from snowballstemmer.french_stemmer import FrenchStemmer

        french: _Stemmer = FrenchStemmer()
        return french
    from snowballstemmer.english_stemmer import EnglishStemmer

    english: _Stemmer = EnglishStemmer()
    return english


@lru_cache(maxsize=_CACHED)
def stems(word: str, language: str) -> tuple[str, ...]:
    """Return the stems of `word`, folded: as it is written, and as it is without accents.

    They are letters and digits. There are none where folding brings up something else: `½` is `1⁄2`.
    """
    folded = fold(word)
    if not folded.isalnum():
        return ()
    if len(word) < _SHORTEST or not word.isalpha():
        return (folded,)
    with _lock:
        stemmer = _stemmer(language)
        found = dict.fromkeys((fold(stemmer.stemWord(word)), stemmer.stemWord(folded)))
    return tuple(found)


@lru_cache(maxsize=_CACHED)
def _forms(word: str, languages: tuple[str, ...]) -> str:
    found = dict.fromkeys([fold(word), *(stem for each in languages for stem in stems(word, each))])
    return " ".join(dict.fromkeys(part for form in found for part in words_in(form)))


def indexed(text: str, languages: Collection[str] = ()) -> str:
    """Return the words of `text` as they are looked for, with a space between them.

    `languages` are those that it is written in, in two letters.
    """
    known = tuple(each for each in LANGUAGES if each in languages) or LANGUAGES
    return " ".join(_forms(word, known) for word in words_in(text))


def asked(text: str) -> list[Asked]:
    """Return what is looked for with `text`."""
    found: dict[str, Asked] = {}
    for word in asked_words(text):
        for part in words_in(fold(word)):
            found.setdefault(part, Asked(part, frozenset(_all_stems(word))))
    return list(found.values())[:WORDS_LIMIT]


def kinds_of(subject: str) -> frozenset[str]:
    """Return the words by which two subjects are alike: a stem each, whatever the language."""
    telling = (_all_stems(word) for word in asked_words(subject) if not any(map(str.isdecimal, word)))
    return frozenset(min(stems, key=lambda stem: (len(stem), stem)) for stems in telling if stems)


def _all_stems(word: str) -> list[str]:
    return [stem for language in LANGUAGES for stem in stems(word, language)]
