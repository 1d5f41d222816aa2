"""Guides that were found, and what one of them says, with the words that were meant."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from rich.style import Style
from rich.text import Text

from oncall_tui.domain.guides import Hit, spans
from oncall_tui.domain.text import ELLIPSIS
from oncall_tui.translation import _
from oncall_tui.widgets.columns import fit

SHOWN = 20_000
"""Characters of a text that are shown; the rest stands behind the link."""

_MEANT = Style(bold=True, underline=True)
_LEAST_TITLE = 24
"""Columns of a title before it is said how many tickets a guide has closed."""

Ink = Callable[[str], Style]


def hits_text(
    hits: Sequence[Hit], chosen: int, width: int, room: int, ink: Ink, *, snippets: bool = False
) -> Text:
    """Return `room` lines of `hits` at most, those around the `chosen` one, `width` columns wide.

    With `snippets` each has a second line with what of its text fits.
    """
    fitting = max(room // (2 if snippets else 1), 1)
    first = max(chosen - fitting + 1, 0)
    lines: list[Text] = []
    for number, hit in enumerate(hits[first : first + fitting], first):
        lines.append(_line(hit, width, ink, chosen=number == chosen))
        if snippets:
            lines.append(_snippet(hit, width, ink))
    return Text("\n").join(lines)


def _line(hit: Hit, width: int, ink: Ink, *, chosen: bool) -> Text:
    languages = ", ".join(hit.guide.languages)
    closed = closed_like(hit.closed)
    if closed and width - len(languages) - len(closed) - 6 < _LEAST_TITLE:
        closed = ""
    aside = "  ".join(filter(None, (closed, f"{languages:>2}")))
    room = max(width - len(aside) - 4, 1)
    bar = ("▌" if chosen else " ", ink("accent"))
    text = Text.assemble(bar, f"{fit(hit.guide.title, room)}  ", (aside, ink("dim")))
    text.truncate(width, overflow="ellipsis", pad=chosen)
    if chosen:
        text.stylize(ink("cursor"))
    return text


def closed_like(count: int) -> str:
    """Return in words that a guide has closed so many tickets like the one at hand; nothing for none."""
    return _("closed {count} like it").format(count=count) if count else ""


def _snippet(hit: Hit, width: int, ink: Ink) -> Text:
    text = Text("   ", ink("dim"))
    text.append_text(_marked(hit.snippet, hit.beginnings))
    text.truncate(width, overflow="ellipsis")
    return text


def guide_text(hit: Hit, ink: Ink) -> tuple[Text, int]:
    """Return what a guide says below its title, and at which character of it the first word stands that was
    meant; 0 where none does.
    """
    guide = hit.guide
    head = Text(f"{guide.url}\n", ink("accent"))
    about = "  ".join(
        filter(None, (", ".join(guide.languages), ", ".join(guide.tags), closed_like(hit.closed)))
    )
    if about:
        head.append(f"{about}\n", ink("dim"))
    shown = guide.text[:SHOWN]
    if len(guide.text) > SHOWN:
        shown = f"{shown}{ELLIPSIS}"
    body = _marked(shown, hit.beginnings)
    at = next((start for start, _end in spans(shown, hit.beginnings)), 0)
    if not guide.text:
        body = Text(_("The link says the rest."), ink("dim"))
    return Text.assemble(head, "\n", body), len(head) + 1 + at if at else 0


def _marked(text: str, beginnings: Sequence[str]) -> Text:
    marked = Text(text)
    for start, end in spans(text, beginnings):
        marked.stylize(_MEANT, start, end)
    return marked
