"""What the bytes of a mail say: charsets that lie, and words encoded for a header."""

from __future__ import annotations

import binascii
import codecs
import re
from functools import lru_cache

_TEXT_CODECS = ("utf-8", "cp1252", "latin-1")
_NO_CHARSETS = frozenset(
    {"", "ascii", "iso8859-1", "punycode", "idna", "unicode_escape", "raw_unicode_escape"}
)
"""What is no charset, and what means what Windows calls the same where it is claimed for more than ASCII."""

_OF_256 = ("iso8859", "cp125", "koi8", "mac-")
_WORD = re.compile(r"=\?([^?*\s]{1,60})(?:\*[^?\s]*)?\?([bBqQ])\?([^?]*)\?=")
_BETWEEN_WORDS = re.compile(r"(?<=\?=)[ \t\r\n]+(?==\?)")
_FOLD = re.compile(r"\r?\n[ \t]?|\r")


def decoded(data: bytes, charset: str = "") -> str:
    """Return `data` as text: by the charset that it claims where that fits, else as UTF-8, else as what
    Windows writes in the West. Nothing is too broken to be read somehow.
    """
    for codec in _codecs(charset):
        try:
            return data.decode(codec)
        # Codecs of rare alphabets raise what they like on bytes that aren't theirs.
        except (ValueError, LookupError, AssertionError):
            continue
    return data.decode("latin-1")


@lru_cache(maxsize=256)
def _codecs(charset: str) -> tuple[str, ...]:
    """Return the codecs to try, in that order, where `charset` is claimed."""
    try:
        name = codecs.lookup(charset.strip("\"' \t").lower()).name
        # Some of what is found makes bytes of bytes, such as `hex` and `zip`.
        known = name if "a".encode(name).decode(name) == "a" else ""
    except (ValueError, LookupError, AttributeError, TypeError):
        known = ""
    if known in _NO_CHARSETS:
        return _TEXT_CODECS
    # What fits UTF-8 by chance is no word in any alphabet of 256 letters: who claims one is wrong then.
    return ("utf-8", known, *_TEXT_CODECS[1:]) if known.startswith(_OF_256) else (known, *_TEXT_CODECS)


def header_text(raw: str) -> str:
    """Return a header as `email` has it, as text in one line: unfolded, with its encoded words (RFC 2047)
    read, and bytes that stand there bare.
    """
    if not raw.isascii():
        raw = decoded(raw.encode("utf-8", "surrogateescape"))
    raw = _FOLD.sub(" ", raw) if "\n" in raw or "\r" in raw else raw
    return _words_read(raw).strip() if "=?" in raw else raw.strip()


def _words_read(raw: str) -> str:
    """Return `raw` with encoded words read; the bytes of neighbours in one charset are read together, since
    some cut a letter in two.
    """
    raw = _BETWEEN_WORDS.sub("", raw)
    pieces: list[str] = []
    held, charset, at = b"", "", 0
    for word in _WORD.finditer(raw):
        data = _word_bytes(word[2], word[3])
        if data is None:
            continue
        if held and (word.start() > at or word[1].lower() != charset):
            pieces.append(decoded(held, charset))
            held = b""
        pieces.append(raw[at : word.start()])
        held, charset, at = held + data, word[1].lower(), word.end()
    pieces.append(decoded(held, charset))
    pieces.append(raw[at:])
    return "".join(pieces)


def _word_bytes(encoding: str, text: str) -> bytes | None:
    data = text.encode("ascii", "replace")
    if encoding in "qQ":
        return binascii.a2b_qp(data, header=True)
    try:
        return binascii.a2b_base64(data + b"===") or None
    except binascii.Error:
        return None
