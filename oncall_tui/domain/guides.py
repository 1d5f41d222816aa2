"""Guides, and partners for what is out of scope (R24): what they are, and which of their words were meant."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from enum import StrEnum
from itertools import accumulate
from typing import NamedTuple

from oncall_tui.domain.folding import fold
from oncall_tui.domain.text import ELLIPSIS

URL_LIMIT = 2_000
"""Characters of a link."""

WORD_LIMIT = 40
"""Characters of a word that count."""

SNIPPET = 200
"""Characters of a snippet at most."""

_BEFORE = 40
_WORD = re.compile(r"[^\W_]+(?:[-\u2010\u2011][^\W_]+)*")
_PART = re.compile(r"[^\W_]+")

# French, folded, with what an elision leaves; English; what stands before a subject.
_LITTLE_WORDS = """
apres avant bien car chez depuis donc encore entre tous tout toute toutes tres vers
about after again all also any before here into just more now only out over since still than there up
au aux avec ce ces cet cette comment dans de des du elle elles en est et etait ete etre il ils je la le
les leur leurs lui ma mais mes mon ne nos notre nous on ou par pas plus pour qu que qui sa sans se ses
si son sont sous sur ta tes ton tu un une vos votre vous
an and are as at be been but by can did do does for from had has have he her his how if in is it its me
my no not of on or our she so that the their them then they this to was we were what when where which
who why will with would you your
re fw fwd tr aw wg
"""
_LITTLE = frozenset(_LITTLE_WORDS.split())
"""Words that say nothing of what somebody looks for."""


class GuideKind(StrEnum):
    """What a link leads to."""

    GUIDE = "guide"
    PARTNER = "partner"


@dataclass(frozen=True, slots=True)
class Guide:
    """A guide or a partner; its link is what it goes by. `languages` are in two letters, none if unknown."""

    kind: GuideKind
    url: str
    title: str
    languages: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    text: str = ""
    id: int = 0

    @property
    def line(self) -> str:
        """Return what stands in an answer: the title and the link on one line."""
        return f"{self.title}: {self.url}"


class Hit(NamedTuple):
    """A guide that was found, with the `snippet` of its text in which what was looked for stands.

    `beginnings` are what the words begin with that were meant, folded. It has `closed` so many tickets like
    the one at hand.
    """

    guide: Guide
    snippet: str
    beginnings: tuple[str, ...] = ()
    closed: int = 0


def words_in(text: str) -> Iterator[str]:
    """Yield the words of `text` as they are written, in lower case, one after the other.

    `l'hébergement` is two. Of `e-mail` come both parts and `email`.
    """
    for found in _WORD.finditer(text.lower()):
        parts = _PART.findall(found[0])
        yield from (part[:WORD_LIMIT] for part in parts)
        if len(parts) > 1:
            yield "".join(parts)[:WORD_LIMIT]


def asked_words(text: str) -> list[str]:
    """Return the words of `text` that say what somebody looks for, as they are written, each once.

    Where there are none but little ones those are meant; a single Latin letter or digit never is.
    """
    words = [word for found in _PART.findall(text.lower()) if (word := found[:WORD_LIMIT])]
    words = [word for word in dict.fromkeys(words) if len(word) > 1 or not word.isascii()]
    return [word for word in words if fold(word) not in _LITTLE] or words


def spans(text: str, beginnings: Collection[str]) -> Iterator[tuple[int, int]]:
    """Yield from where to where the words of `text` stand that begin with one of the `beginnings`, folded."""
    if not beginnings:
        return
    either = "|".join(re.escape(each) for each in sorted(beginnings, key=len, reverse=True))
    folded = fold(text)
    # Folding may make two letters of one.
    ends = None if len(folded) == len(text) else list(accumulate(len(fold(each)) for each in text))
    for found in re.finditer(rf"(?<![^\W_])(?:{either})[^\W_]*", folded):
        if ends is None:
            yield found.span()
        else:
            yield bisect_right(ends, found.start()), bisect_right(ends, found.end() - 1) + 1


def snippet(text: str, beginnings: Collection[str], length: int = SNIPPET) -> str:
    """Return at most `length` characters of `text` on one line, around the first word that is meant."""
    start, end = next(spans(text, beginnings), (0, 0))
    begin = max(start - _BEFORE, 0)
    if begin:
        begin = text.find(" ", begin, start) + 1 or start
    room = max(length, end - begin) - 2
    shown = " ".join(text[begin : begin + room].split())
    before = ELLIPSIS if begin else ""
    return f"{before}{shown}{ELLIPSIS if begin + room < len(text) else ''}"
