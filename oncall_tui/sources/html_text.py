"""Letters that were written as HTML, as lines of text that read like what was meant."""

from __future__ import annotations

import html
import re

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

_LISTS = 5
_HIDDEN = re.compile(r"display\s*:\s*none", re.IGNORECASE)
_XML = re.compile(r"<\?xml[^<>]*\?>", re.IGNORECASE)
_UNSEEN = re.compile(r"(?is)<(script|style|head|title)\b.*?(?:</\1\s*>|\Z)|<!--.*?(?:-->|\Z)")
_BREAKING = re.compile(r"(?i)<(?:br|/?(?:p|div|tr|li|ul|ol|table|blockquote|h[1-6]))\b[^<>]*>")
_TAG = re.compile(r"<[^<>]*>")
_GAPS = re.compile(r"\n{3,}")


def html_text(source: str) -> str:
    """Return the first MiB of HTML as lines of text, as a reader sees it: without what is hidden. It raises
    nothing: what no parser makes sense of comes out with its tags taken away.

    Tables are rows of words, and lists indented a few times: laid out as in a browser, a mail that is made
    for it would be gigabytes of spaces.
    """
    source = _XML.sub("", source[:HTML_LIMIT].replace("\0", "").encode(errors="replace").decode())
    try:
        # Without `huge_tree` what is nested deeper than 256 tags is lost without a word, as in long threads.
        tree = document_fromstring(source, parser=HTMLParser(encoding=None, huge_tree=True))
        for element in tree.iter(etree.Element):
            style = element.attrib.pop("style", "")
            # Of styles only that one counts: margins of a million lines are not what somebody wrote.
            if _HIDDEN.search(style):
                element.set("style", "display: none")
            element.attrib.pop("start", None)
        for deep in _deep_lists(tree):
            deep.tag = "div"
        text = Inscriptis(tree, _LAYOUT).get_text()
    except (etree.LxmlError, ValueError, LookupError, TypeError, AttributeError, RecursionError):
        text = ""
    # lxml drops what is nested deeper than anybody writes by hand.
    text = text if text.strip() else _without_tags(source)
    return _GAPS.sub("\n\n", "\n".join(line.rstrip() for line in text.split("\n"))).strip()


def _deep_lists(tree: etree._Element) -> list[etree._Element]:
    """Return the lists that stand within more than `_LISTS` others."""
    found = []
    depth = 0
    for event, element in etree.iterwalk(tree, events=("start", "end"), tag=("ul", "ol")):
        if event == "start" and depth > _LISTS:
            found.append(element)
        depth += 1 if event == "start" else -1
    return found


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
