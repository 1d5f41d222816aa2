"""Letters that were written as HTML, as text that reads like what was meant."""

from __future__ import annotations

from html.parser import HTMLParser
from itertools import groupby

from inscriptis.css_profiles import CSS_PROFILES
from inscriptis.html_engine import Inscriptis
from inscriptis.model.config import ParserConfig
from lxml import html as markup
from lxml.etree import LxmlError

HTML_LIMIT = 1 << 20
"""Characters of HTML that are looked at: what a person reads of a letter is far less."""

_INDENT_LIMIT = 40
_CONFIG = ParserConfig(css=CSS_PROFILES["strict"].copy())
_BLANKS = " \t\u00a0"
_BLOCKS = frozenset(
    {"address", "article", "blockquote", "br", "div", "dl", "dt", "dd", "hr", "li", "ol", "p"}
)
_BLOCKS |= frozenset({"h1", "h2", "h3", "h4", "h5", "h6", "pre", "section", "table", "tr", "ul"})
_UNREAD = frozenset({"head", "script", "style", "template", "title"})


def html_to_text(html: str) -> str:
    """Return what a reader sees of `html`: lines, without white space at their ends, one blank at a time.

    It raises nothing: what no parser makes sense of comes out with its tags taken away. Tables keep their
    columns and lists their signs; what a style hides is left out, as are pictures and where links lead.
    """
    html = html[:HTML_LIMIT].replace("\0", "").encode(errors="replace").decode()
    try:
        text = _laid_out(html)
    except (LxmlError, ValueError, RecursionError, LookupError, TypeError):
        # Nothing in it, nested too deeply, or with values of styles that nobody foresaw.
        text = _without_tags(html)
    return _lines(text)


def _laid_out(html: str) -> str:
    # Without `huge_tree` what is nested deeper than 256 tags is lost without a word, as in long threads.
    # The encoding is said here since a letter may name another one, from before it was decoded.
    parser = markup.HTMLParser(encoding="utf-8", huge_tree=True)
    tree = markup.document_fromstring(html.encode(), parser=parser)
    text: str = Inscriptis(tree, _CONFIG).get_text()
    return text


def _lines(text: str) -> str:
    stripped = (_at_a_margin(line.rstrip(_BLANKS)) for line in text.replace("\r\n", "\n").split("\n"))
    lines: list[str] = []
    for blank, group in groupby(stripped, key=lambda line: not line):
        lines += [""] if blank else group
    return "\n".join(lines).strip("\n")


def _at_a_margin(line: str) -> str:
    words = line.lstrip(_BLANKS)
    return line if len(line) - len(words) <= _INDENT_LIMIT else " " * _INDENT_LIMIT + words


def _without_tags(html: str) -> str:
    reader = _Words()
    reader.feed(html)
    reader.close()
    return "\n".join(" ".join(line.split()) for line in "".join(reader.words).split("\n"))


class _Words(HTMLParser):
    """Collects the words between the tags."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.words: list[str] = []
        self._unread = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Begin a line, or what isn't read."""
        self._unread += tag in _UNREAD
        if tag in _BLOCKS:
            self.words.append("\n")

    def handle_endtag(self, tag: str) -> None:
        """End a line, or what isn't read."""
        self._unread = max(0, self._unread - (tag in _UNREAD))
        if tag in _BLOCKS:
            self.words.append("\n")

    def handle_data(self, data: str) -> None:
        """Keep words that a reader sees."""
        if not self._unread:
            self.words.append(data.replace("\n", " "))
