"""The one door for foreign text: what a customer, a file or another system wrote, made fit to show.

A terminal acts on bytes that a reader never sees: escape sequences repaint the screen or fill the
clipboard, bidirectional overrides reorder a line, zero-width characters hide words, piles of accents
paint over the rows above. Foreign text is cleaned once, where it enters the store, so that no widget,
export or log line has to remember to. What stays is text in NFC without a single character that acts.

Markup such as `[/foo]` is text and stays as it is: whoever draws it must not read it as markup. Right
to left letters stay too; they are somebody's name.
"""

from __future__ import annotations

import re
from unicodedata import category, combining, normalize

UNSHOWN = "\ufffd"
"""Stands for a run of characters that were taken out because they act or can't be shown."""

LINE_SIGN = "\u21b5"
"""Stands for the line breaks in a text of one line."""

TAB_SIGN = "\u21e5"
"""Stands for a tab in a text of one line."""

ELLIPSIS = "\u2026"
"""Ends a text that was cut."""

REF_LIMIT = 60
"""Characters of a reference: of a ticket, of an organisation."""

NAME_LIMIT = 120
"""Characters of a name: of an organisation, a person, a service, an owner."""

EMAIL_LIMIT, PHONE_LIMIT = 254, 40
"""Characters of a mail address and of a telephone number; a longer one is none."""

SUBJECT_LIMIT = 500
"""Characters of a subject or a reason."""

BODY_LIMIT = 100_000
"""Characters of a body, a note or an answer."""

MARKS_LIMIT = 4
"""Combining marks that one letter may carry: Hebrew with vowels and accents needs them, no language more."""

_DOTTED_CIRCLE = "\u25cc"
_TAB_STOP = 8
_NEWLINE = re.compile(r"\r\n|[\n\r\x0b\x0c\x85\u2028\u2029]")
_BREAKS = re.compile(r"(?:[ \t]*\n)+[ \t]*")

# Assigned, visible, no marks, and unchanged by NFC in any company. What is missing here is looked at
# one character at a time, so the class has to be safe and not complete.
_PLAIN = (
    " -~\u00a0-\u00ac\u00ae-\u02ff"  # Latin
    "\u0391-\u03a1\u03a3-\u03ff\u0400-\u0482\u048a-\u052f"  # Greek, Cyrillic
    "\u05d0-\u05ea\u0620-\u064a\u0660-\u066e"  # Hebrew, Arabic
    "\u2010-\u2027\u202f-\u205e\u20a0-\u20bf\u2190-\u21ff"  # punctuation, currencies, arrows
    "\u3001-\u3029\u3041-\u3096\u30a1-\u30fa\u30fc\u4e00-\u9fff\uac00-\ud7a3\uff01-\uff5e\ufffd"  # East Asia
    "\U0001f1e6-\U0001f1ff\U0001f300-\U0001f64f\U0001f680-\U0001f6c5\U0001f900-\U0001f9ff"  # pictures
)
_UNUSUAL = re.compile(f"[^{_PLAIN}]+")
_UNUSUAL_IN_LINES = re.compile(f"[^\n{_PLAIN}]+")

# Joiners, directional marks, soft hyphens and variation selectors stand in everyday text and only
# change how their neighbours are drawn, which terminals disagree about: they go without a trace.
_DROPPED = re.compile("[\u00ad\u034f\u061c\u180b-\u180f\u200c-\u200f\ufe00-\ufe0f\U000e0100-\U000e01ef]")
_ACTING = frozenset({"Cc", "Cf", "Cn", "Co", "Cs", "Zl", "Zp"})
_FILLERS = frozenset("\u115f\u1160\u17b4\u17b5\u3164\uffa0")
_MARKS = frozenset({"Mn", "Me"})


def clean(text: str, *, limit: int) -> str:
    """Return `text` as one harmless line of at most `limit` characters (at least 1).

    The ends are stripped. Line breaks become `LINE_SIGN`, tabs `TAB_SIGN`; a run of control, format,
    surrogate, private or unassigned characters becomes `UNSHOWN`; joiners and variation selectors go.
    A longer text ends in `ELLIPSIS` and is never cut inside what is read as one character. Cleaning
    twice changes nothing.
    """
    # The first test is one pass in C and answers for nearly every subject that is written in English.
    if len(text) <= limit and ((text.isascii() and text.isprintable()) or _UNUSUAL.search(text) is None):
        return text.strip()
    return _cut(*_repaired(text, limit, one_line=True), limit)


def clean_body(text: str, *, limit: int = BODY_LIMIT) -> str:
    """Return `text` as harmless lines, at most `limit` characters (at least 1) together.

    Every kind of line break becomes `\\n`, tabs become spaces to the next eighth column, line breaks at
    the beginning and white space at the end go; all else is as in `clean`.
    """
    if len(text) <= limit and _UNUSUAL_IN_LINES.search(text) is None:
        return text.rstrip().lstrip("\n")
    return _cut(*_repaired(text, limit, one_line=False), limit)


def is_mark(character: str) -> bool:
    """Say whether `character` is drawn upon the one before it."""
    return combining(character) != 0 or category(character) in _MARKS


def _repaired(text: str, limit: int, *, one_line: bool) -> tuple[str, bool]:
    """Return `text` without what acts, and whether so much was left out that it counts as cut."""
    # What is dropped may make room, but nobody needs ten megabytes looked at for one line.
    cut = len(text) > 8 * limit
    text = _NEWLINE.sub("\n", text[: 8 * limit])
    if one_line:
        text = _BREAKS.sub(LINE_SIGN, text.strip()).replace("\t", TAB_SIGN)
    else:
        text = text.rstrip().lstrip("\n").expandtabs(_TAB_STOP)
    if _UNUSUAL_IN_LINES.search(text) is None:
        return text, cut
    text = normalize("NFC", _DROPPED.sub("", text))
    text = _UNUSUAL_IN_LINES.sub(lambda run: _without_acting(run[0]), text)
    text = text.strip() if one_line else text.rstrip().lstrip("\n")
    lines = (_DOTTED_CIRCLE + line if line and is_mark(line[0]) else line for line in text.split("\n"))
    return normalize("NFC", "\n".join(lines)), cut


def _without_acting(run: str) -> str:
    kept: list[str] = []
    marks = 0
    acting = False
    for character in run:
        kind = category(character)
        if kind in _ACTING or character in _FILLERS:
            if not acting:
                kept.append(UNSHOWN)
            acting, marks = True, 0
            continue
        acting = False
        marks = marks + 1 if kind in _MARKS or combining(character) else 0
        if marks <= MARKS_LIMIT:
            kept.append(character)
    return "".join(kept)


def _cut(text: str, cut: bool, limit: int) -> str:
    if len(text) <= limit and not cut:
        return text
    end = min(len(text), limit - 1)
    while 0 < end < len(text) and _continues(text, end):
        end -= 1
    return text[: end or limit - 1].rstrip() + ELLIPSIS


def _continues(text: str, at: int) -> bool:
    """Say whether the character at `at` is read as one with the character before it."""
    character = text[at]
    if "\U0001f3fb" <= character <= "\U0001f3ff" or "\u1160" <= character <= "\u11ff":
        return True  # skin tones, and the later parts of a Korean syllable
    if _is_flag_half(character):
        halves = 0
        while halves < at and _is_flag_half(text[at - 1 - halves]):
            halves += 1
        return halves % 2 == 1
    return is_mark(character) or category(character) == "Mc"


def _is_flag_half(character: str) -> bool:
    return "\U0001f1e6" <= character <= "\U0001f1ff"
