"""Text as it is compared when somebody looks for it: without case, accents and typographic finesse."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING
from unicodedata import combining, normalize

if TYPE_CHECKING:
    from oncall_tui.domain.tickets import Ticket

# What Unicode doesn't take apart, as people type it who don't have it on their keyboard.
_SPELT = str.maketrans(
    {
        "æ": "ae",
        "œ": "oe",
        "ø": "o",
        "ł": "l",
        "đ": "d",
        "ð": "d",
        "þ": "th",
        "ı": "i",
        **dict.fromkeys("‘’ʹʻʼʽ´ˈ", "'"),
        **dict.fromkeys("‐‒–—―−", "-"),
    }
)


_WORD = re.compile(r"[^\W_]+")

WORD_LIMIT = 100
"""Characters of a word that tell it from others."""

TEXT_LIMIT = 200_000
"""Characters of the words of one organisation: PostgreSQL takes one mebibyte of them."""


class _Folds(dict[int, str]):
    """What each character becomes, worked out when it is first met."""

    def __missing__(self, code: int) -> str:
        before, folded = "", chr(code)
        while folded != before:
            before = folded
            taken_apart = normalize("NFKD", folded.translate(_SPELT).casefold())
            folded = "".join(character for character in taken_apart if not combining(character))
        self[code] = folded
        return folded


_folds = _Folds()


def fold(text: str) -> str:
    """Return `text` as it is compared: `Léman` and `LEMAN` are `leman`, `Straße` is `strasse`.

    Character by character, so that what is part of a text is part of it when both are folded. Folding
    twice changes nothing.
    """
    return text.lower() if text.isascii() else text.translate(_folds)


def searchable(ticket: Ticket) -> str:
    """Return what a word is looked for in, folded: reference, subject, contact and owner, a line each."""
    return fold("\n".join((ticket.ref, ticket.subject, ticket.contact, ticket.owner or "")))


def searchable_customer(customer_id: str, name: str) -> str:
    """Return what a word is looked for in of an organisation, folded: its id and its name, a line each."""
    return fold(f"{customer_id}\n{name}")


def searchable_contact(name: str, email: str) -> str:
    """Return what a word is looked for in of a contact, folded: name and e-mail address, a line each."""
    return fold(f"{name}\n{email}")


def customer_text(
    customer_id: str, name: str, contacts: Iterable[tuple[str, str, str]], services: Iterable[str]
) -> str:
    """Return the words that an organisation as a whole is found by, folded, each once, a blank between them.

    `contacts` are name, e-mail address and number in E.164, empty where there is none. Of an organisation
    with more than `TEXT_LIMIT` characters of words it is the first of them.
    """
    people = (part for person in contacts for part in person if part)
    found = " ".join(words_in("\n".join((customer_id, name, *people, *services))))
    return found if len(found) <= TEXT_LIMIT else found[:TEXT_LIMIT].rpartition(" ")[0]


def words_in(text: str) -> list[str]:
    """Return the words of `text`, folded, each once: runs of letters and digits, `WORD_LIMIT` of each."""
    return list(dict.fromkeys(word[:WORD_LIMIT] for word in _WORD.findall(fold(text))))
