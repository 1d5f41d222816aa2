"""Guides, and partners for what is out of scope (R24), found while one types: for a ticket or in a call."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from rich.padding import Padding
from rich.text import Text
from textual.app import ComposeResult
from textual.containers import Container, Horizontal, Vertical
from textual.timer import Timer
from textual.widgets import Static

from oncall_tui import background
from oncall_tui.actions import Action, Scope
from oncall_tui.domain.errors import NotFound, OncallError
from oncall_tui.domain.guides import GuideKind, Hit
from oncall_tui.domain.languages import language_named
from oncall_tui.screens.board import WIDE
from oncall_tui.screens.find import TYPING_PAUSE
from oncall_tui.screens.giving import copy_link, note_use
from oncall_tui.screens.many import about
from oncall_tui.screens.page import Page
from oncall_tui.screens.session import words
from oncall_tui.translation import _
from oncall_tui.widgets.guide_text import guide_text, hits_text
from oncall_tui.widgets.hints import hinted_first
from oncall_tui.widgets.paper import Paper
from oncall_tui.widgets.rule import Rule
from oncall_tui.widgets.text_input import TextInput

if TYPE_CHECKING:
    from oncall_tui.desk import Desk
    from oncall_tui.domain.guides import Guide

_OTHER = {GuideKind.GUIDE: GuideKind.PARTNER, GuideKind.PARTNER: GuideKind.GUIDE}
_HINTS = ("put_in", "other_kind", "copy_link", "back")


class GuidesScreen(Page):
    """A line to type into, the guides that fit, and what the chosen one says."""

    SCOPE = Scope.GUIDES
    SCOPED_CSS = False
    CSS = """
    GuidesScreen #guides { layout: vertical; height: 1fr; }
    GuidesScreen #hits { height: 2fr; }
    GuidesScreen #guide { height: 3fr; }
    GuidesScreen.-beside #guides { layout: horizontal; }
    GuidesScreen.-beside #hits { width: 1fr; height: 1fr; }
    GuidesScreen.-beside #guide { width: 1fr; height: 1fr; border-left: solid $ink-rule; }
    GuidesScreen .field { height: 1; }
    GuidesScreen .label { width: auto; min-width: 9; padding: 0 1; color: $ink-dim; }
    GuidesScreen Input, GuidesScreen Input:focus {
        border: none;
        height: 1;
        padding: 0;
        background: $panel;
        background-tint: transparent;
        color: $ink;
    }
    GuidesScreen Input > .input--placeholder { color: $ink-dim; }
    """

    def __init__(self, below: Page) -> None:
        """`below` is the page that it was opened from: what is at hand there, and where a link is put in."""
        super().__init__(below.session)
        self.below = below
        self.at_hand = below.sought()
        self.kind = self.at_hand.kind
        self.hits: Sequence[Hit] = ()
        self._chosen = 0
        self._answered_for: tuple[str, GuideKind] | None = None
        self._told = ""
        self._there = True
        self._opens = False
        self._typing: Timer | None = None
        self.title_rule = Rule()
        self.wanted = TextInput("", _("words of a title, a tag or the text"), id="wanted")
        self.list = Static(id="hits")
        self.guide_rule = Rule()
        self.paper = Paper(id="page")
        self.body = Static()

    def compose_body(self) -> ComposeResult:
        yield self.title_rule
        with Horizontal(classes="field"):
            yield Static(_("Find"), classes="label", markup=False)
            yield self.wanted
        with Container(id="guides"):
            yield self.list
            with Vertical(id="guide"):
                yield self.guide_rule
                with self.paper:
                    yield self.body

    def on_mount(self) -> None:
        super().on_mount()
        self.set_focus(self.wanted)
        self._show_title()
        self._look()

    def on_resize(self) -> None:
        super().on_resize()
        self.set_class(self.size.width >= WIDE, "-beside")
        self.call_after_refresh(self._show)

    def recolour(self) -> None:
        self._show()

    def why_not(self, action: Action) -> str:
        if action.id in ("put_in", "copy_link") and self.current is None:
            return _("nothing is chosen")
        return ""

    def possible(self) -> Sequence[Action]:
        labels = {"put_in": self._put_in_label(), "other_kind": _kind_label(_OTHER[self.kind])}
        able = [action._replace(label=labels.get(action.id, action.label)) for action in super().possible()]
        return hinted_first(able, _HINTS)

    def _put_in_label(self) -> str:
        return _("put into the answer") if self.below.takes_guides else _("copy the link")

    # What is typed

    @property
    def _text(self) -> str:
        return self.wanted.value.strip()

    @property
    def answered(self) -> bool:
        """Say whether what is listed is the answer to what stands in the line."""
        return self._answered_for == (self._text, self.kind)

    @property
    def current(self) -> Guide | None:
        """Return the guide that is chosen, None where nothing is listed."""
        return self.hits[self._chosen].guide if self.hits else None

    def on_input_changed(self) -> None:
        self._opens = False
        if self._typing is not None:
            self._typing.stop()
        self._typing = self.set_timer(TYPING_PAUSE, self._look)

    def on_input_submitted(self) -> None:
        """Put in the chosen guide; of what is still looked for, the only one."""
        if self.answered:
            self.action_put_in()
        else:
            self._opens = True
            self._look()

    def _look(self) -> None:
        self.in_background(self._looking, "guides", only=True)

    async def _looking(self) -> None:
        desk, text, kind = self.session.desk, self._text, self.kind
        if desk is None:
            return
        hits: Sequence[Hit] = ()
        told = ""
        try:
            hits, there, language = await background.read(lambda: self._found(desk, text, kind))
        except OncallError as error:
            told = words(error)
        else:
            self._there, self.at_hand = there, self.at_hand._replace(language=language)
        if (text, kind) != (self._text, self.kind):
            return  # the answer to what stands there now is on its way
        self.hits, self._chosen, self._told = hits, 0, told
        self._answered_for = None if told else (text, kind)
        self._show()
        self.show_state(self.session.now())
        if self._opens and len(hits) == 1:
            self.action_put_in()
        self._opens = False

    def _found(self, desk: Desk, text: str, kind: GuideKind) -> tuple[Sequence[Hit], bool, str]:
        """Return what fits, whether there is any of the kind, and the customer's language; blocks."""
        subject, language = self.at_hand.subject, self.at_hand.language
        if not language and self.at_hand.customer:
            try:
                language = language_named(desk.customers.card(self.at_hand.customer).customer.language)
            except NotFound:
                language = ""
        guides = desk.guides
        hits = (
            guides.find(text, kind, language, like=subject)
            if text
            else guides.suggested(subject, kind, language)
        )
        return hits, bool(hits) or guides.count(kind) > 0, language

    # What is shown

    def _show_title(self) -> None:
        sought, kind = self.at_hand, _kind_label(self.kind)
        other = "  ".join(filter(None, (sought.call, sought.name or sought.customer or sought.subject)))
        ticket = sought.ticket
        self.title_rule.tell(kind[:1].upper() + kind[1:], about((ticket,)) if ticket is not None else other)

    def _show(self) -> None:
        if not self.list.is_attached:
            return
        ink, size = self.top.ink, self.list.content_size
        if not self.hits:
            self.list.update(Padding(Text(self._says(), ink("dim")), (0, 1)))
            self.guide_rule.tell("")
            self.body.update("")
            return
        beside = self.has_class("-beside")
        width, room = max(size.width, 1), max(size.height, 1)
        self.list.update(hits_text(self.hits, self._chosen, width, room, ink, snippets=beside))
        hit = self.hits[self._chosen]
        self.guide_rule.tell(hit.guide.title)
        text, at = guide_text(hit, ink)
        self.body.update(text)
        self._show_first_word(text, at)

    def _show_first_word(self, text: Text, at: int) -> None:
        """Show the beginning, or the first word that was meant where it stands too far below."""
        width, height = max(self.paper.size.width - 3, 10), self.paper.size.height
        line = len(text[:at].wrap(self.app.console, width)) - 1 if at else 0
        self.paper.scroll_to(y=line - 1 if line >= height - 1 else 0, animate=False)

    def _says(self) -> str:
        """Return why nothing is listed, and what helps."""
        kind = _kind_label(self.kind)
        if self._told:
            return _("This can't be looked for: {why}").format(why=self._told)
        if self._answered_for is None:
            return _("Reading …")
        if not self._there:
            command = f"oncall-tui import {self.kind.value}s FILE"
            return _("There are no {guides} yet: {command} takes them in.").format(
                guides=kind, command=command
            )
        tab = _("{key} looks among the {others}.")
        tab = tab.format(key=self.key("other_kind"), others=_kind_label(_OTHER[self.kind]))
        if self._text:
            says = _("Nothing has any of these words: {text}.").format(text=self._text)
        elif self.at_hand.subject:
            says = _("Nothing fits the subject at hand. Type what it is about.")
        else:
            says = _("Type a few words: a service, an error, what they want to do.")
        return f"{says} {tab}"

    # Keys

    def action_back(self) -> None:
        """Go back, with nothing put in."""
        self.dismiss(None)

    def action_other_kind(self) -> None:
        """Look among the partners instead, or among the guides again."""
        self.kind = _OTHER[self.kind]
        self.hits, self._chosen, self._answered_for = (), 0, None
        self._show_title()
        self._show()
        self.show_state(self.session.now())
        self._look()

    def action_put_in(self) -> None:
        """Put the link into the answer, or copy it where none is written."""
        guide = self.current
        if guide is None:
            self.refuse("put_in")
            return
        below, sought = self.below, self.at_hand
        self.dismiss(None)
        if below.takes_guides:
            below.put_in(guide)
        else:
            copy_link(below, guide)
        note_use(below, sought, guide)

    def action_copy_link(self) -> None:
        """Copy the link, and stay."""
        guide = self.current
        if guide is None:
            self.refuse("copy_link")
            return
        copy_link(self, guide)
        note_use(self, self.at_hand, guide)

    def _choose(self, number: int) -> None:
        self._chosen = min(max(number, 0), max(len(self.hits) - 1, 0))
        self._show()

    def action_down(self) -> None:
        """Choose the next one."""
        self._choose(self._chosen + 1)

    def action_up(self) -> None:
        """Choose the one before."""
        self._choose(self._chosen - 1)

    def action_first(self) -> None:
        """Choose the first one."""
        self._choose(0)

    def action_last(self) -> None:
        """Choose the last one."""
        self._choose(len(self.hits) - 1)

    def action_page_down(self) -> None:
        """Scroll what the guide says one page down."""
        self.paper.scroll_page_down(animate=False)

    def action_page_up(self) -> None:
        """Scroll what the guide says one page up."""
        self.paper.scroll_page_up(animate=False)


def _kind_label(kind: GuideKind) -> str:
    return _("partners") if kind is GuideKind.PARTNER else _("guides")
