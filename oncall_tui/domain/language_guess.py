"""Which language somebody wrote in, guessed from the small words that every sentence has."""

from __future__ import annotations

import re
from collections.abc import Mapping

LOOKED_AT = 600
"""Characters that a guess is made from."""

_FEWEST = 2
_LEAD = 1.5
_WORD = re.compile(r"[^\W\d_]+(?:'(?=\w))?")

_SMALL_WORDS: Mapping[str, str] = {
    "fr": (
        "le la les un une des du de et est sont à au aux ce cette ces nous vous je il elle on ne "
        "pas plus que qui dans pour par sur avec sans mais ou où notre votre vos nos mon ma mes son "
        "sa ses leur j' l' d' n' c' qu' s' m' bonjour bonsoir merci cordialement depuis être avez "
        "avons ai été fait très tout tous comme si aussi même encore peut pouvez faire problème "
        "bien svp salutations"
    ),
    "en": (
        "the a an and is are was were be been to of in on at for with without but or we you i he "
        "she it they this that these those our your my his her its their not no do does did have "
        "has had can cannot could would will should from by as if when what which who please hello "
        "hi dear thanks thank regards since there any all still also again problem help since after "
        "before"
    ),
    "de": (
        "der die das den dem des ein eine einen einem einer und ist sind war waren zu im in auf an "
        "für mit ohne aber oder wir sie ich er es nicht kein keine unser unsere ihr ihre mein meine "
        "dass von bei nach seit aus wie wenn was kann können haben hat habe wird werden bitte guten "
        "tag morgen hallo danke grüsse grüße freundlichen sehr auch noch nur über problem geehrte "
        "geehrter uns"
    ),
    "it": (
        "il lo la gli le un uno una di del della dei delle e è sono era da dal dalla in nel nella "
        "su sul sulla per con senza ma o noi voi io lui lei non più che chi questo questa questi "
        "nostro nostra vostro vostra mio mia suo sua si ci mi ho ha abbiamo avete hanno può "
        "buongiorno buonasera salve grazie saluti cordiali anche ancora dopo quando come l' d' c' "
        "un' dell' all' nell' problema perché"
    ),
}

_SPOKEN_IN: Mapping[str, tuple[str, ...]] = {
    word: tuple(language for language, words in _SMALL_WORDS.items() if word in words.split())
    for word in " ".join(_SMALL_WORDS.values()).split()
}
"""The languages that a small word belongs to."""

_LETTERS: Mapping[str, str] = {"fr": "êâîôûëïœçàù", "de": "ßäöü", "it": "ìò", "en": ""}
"""Letters that one of these languages has and the others hardly."""


def guess_language(text: str) -> str:
    """Return the language of `text` in two letters, of French, English, German and Italian; empty where
    nothing speaks for one of them much more than for the others.

    What is quoted of an earlier mail (`> `) and what follows a signature's `-- ` don't count.
    """
    words = _WORD.findall(_own_words(text).lower().replace("’", "'"))
    if not words:
        return ""
    letters = "".join(words)
    scores = {
        language: 0.5 * sum(map(letters.count, marks)) if not letters.isascii() else 0.0
        for language, marks in _LETTERS.items()
    }
    for word in words:
        for language in _SPOKEN_IN.get(word, ()):
            scores[language] += 1
    (best, most), (_, second) = sorted(scores.items(), key=lambda item: -item[1])[:2]
    return best if most >= max(_FEWEST, len(words) / 10) and most >= _LEAD * second else ""


def _own_words(text: str) -> str:
    kept: list[str] = []
    for line in text[:LOOKED_AT].splitlines():
        if line.rstrip("\r") in ("-- ", "--"):
            break
        if not line.lstrip().startswith(">"):
            kept.append(line)
    # Addresses are in no language.
    return " ".join(word for word in " ".join(kept).split() if "@" not in word and "://" not in word)
