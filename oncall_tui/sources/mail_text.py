"""What the bytes of a mail say: charsets that lie, words encoded for a header, HTML as lines of text."""

from __future__ import annotations

import binascii
import codecs
import html
import re
from functools import lru_cache

from inscriptis.css_profiles import STRICT_CSS_PROFILE
from inscriptis.html_engine import Inscriptis
from inscriptis.html_properties import Display
from inscriptis.model.config import ParserConfig
from inscriptis.model.html_element import HtmlElement
from inscriptis.model.tag import CustomHtmlTagHandlerMapping
from lxml import etree
from lxml.html import HTMLParser, document_fromstring

HTML_LIMIT = 1 << 20
"""Characters of HTML that are looked at."""

_TEXT_CODECS = ("utf-8", "cp1252", "latin-1")
_NO_CHARSETS = frozenset(
    {"", "ascii", "iso8859-1", "punycode", "idna", "unicode_escape", "raw_unicode_escape"}
)
"""What is no charset, and what means what Windows calls the same where it is claimed for more than ASCII."""

_OF_256 = ("iso8859", "cp125", "koi8", "mac-")
_WORD = re.compile(r"=\?([^?*\s]{1,60})(?:\*[^?\s]*)?\?([bBqQ])\?([^?]*)\?=")
_BETWEEN_WORDS = re.compile(r"(?<=\?=)[ \t\r\n]+(?==\?)")
_DEEP_LISTS = "//*[self::ul or self::ol][count(ancestor::ul | ancestor::ol) > 5]"
_FOLD = re.compile(r"\r?\n[ \t]?|\r")
_HIDDEN = re.compile(r"display\s*:\s*none", re.IGNORECASE)
_XML = re.compile(r"<\?xml[^<>]*\?>", re.IGNORECASE)
_UNSEEN = re.compile(r"(?is)<(script|style|head|title)\b.*?(?:</\1\s*>|\Z)|<!--.*?(?:-->|\Z)")
_BREAKING = re.compile(r"(?i)<(?:br|/?(?:p|div|tr|li|ul|ol|table|blockquote|h[1-6]))\b[^<>]*>")
_TAG = re.compile(r"<[^<>]*>")
_GAPS = re.compile(r"\n{3,}")


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


def html_text(source: str) -> str:
    """Return the first MiB of HTML as lines of text, as a reader sees it: without what is hidden.

    Tables are rows of words, and lists indented a few times: laid out as in a browser, a mail that is made
    for it would be gigabytes of spaces.
    """
    source = _XML.sub("", source[:HTML_LIMIT].replace("\0", ""))
    try:
        tree = document_fromstring(source, parser=HTMLParser(encoding=None))
        for element in tree.iter(etree.Element):
            style = element.attrib.pop("style", "")
            # Of styles only that one counts: margins of a million lines are not what somebody wrote.
            if _HIDDEN.search(style):
                element.set("style", "display: none")
            element.attrib.pop("start", None)
        for deep in tree.xpath(_DEEP_LISTS):
            deep.tag = "div"
        text = Inscriptis(tree, _LAYOUT).get_text()
    except (etree.LxmlError, ValueError, LookupError, TypeError, AttributeError, RecursionError):
        text = ""
    # lxml drops what is nested deeper than anybody writes by hand.
    text = text if text.strip() else _without_tags(source)
    return _GAPS.sub("\n\n", "\n".join(line.rstrip() for line in text.split("\n"))).strip()


def _without_tags(source: str) -> str:
    seen = _BREAKING.sub("\n", _UNSEEN.sub("", source))
    return html.unescape(_TAG.sub("", seen))


def _nothing(*_: object) -> None:
    """Lay nothing out."""


_LAYOUT = ParserConfig(
    css={
        **STRICT_CSS_PROFILE,
        "tr": HtmlElement(display=Display.block),
        "td": HtmlElement(suffix="  "),
        "th": HtmlElement(suffix="  "),
    },
    custom_html_tag_handler_mapping=CustomHtmlTagHandlerMapping(
        start_tag_mapping=dict.fromkeys(("table", "tr", "td", "th"), _nothing),
        end_tag_mapping=dict.fromkeys(("table", "td", "th"), _nothing),
    ),
)
