"""Noting in which language a customer writes: a key for each, and a line for another one."""

from __future__ import annotations

from collections.abc import Sequence

from rich.text import Text
from textual.app import ComposeResult
from textual.widgets import Static

from oncall_tui.domain.messages import marked
from oncall_tui.screens.acting import ActingPage, Tickets
from oncall_tui.screens.dialog import Dialog, DialogKey
from oncall_tui.screens.many import about
from oncall_tui.screens.prompt import PromptDialog
from oncall_tui.translation import _
from oncall_tui.widgets.outgoing_words import LANGUAGES, language_name

_KEYS = {"f": "fr", "e": "en", "d": "de", "i": "it"}
"""The same letters as in a call."""


class LanguageDialog(Dialog[str]):
    """The result is a language in two letters, empty for one that has no key."""

    def __init__(self, aside: str, language: str) -> None:
        """`language` is the one that is noted, empty if none is."""
        super().__init__(_("Language"), aside)
        self.language = language

    def keys(self) -> Sequence[DialogKey]:
        named = [
            DialogKey(key, f"choose('{language}')", _(LANGUAGES[language]), choice=True)
            for key, language in _KEYS.items()
        ]
        other = DialogKey("o", "choose('')", marked("other"), choice=True)
        return *named, other, *super().keys()

    def compose_body(self) -> ComposeResult:
        now = language_name(self.language) or _("not known")
        yield Static(Text(_("In which language do they write? So far: {language}.").format(language=now)))
        yield Static(Text().join(self.choices()), id="choices")

    def action_choose(self, language: str) -> None:
        """Take `language`."""
        self.dismiss(language)


def choose_language(page: ActingPage) -> None:
    """Ask in which language the customers of the chosen tickets write, and note it."""
    if not (targets := page.chosen("language")):
        return

    def chosen(language: str | None) -> None:
        if language:
            _note(page, targets, language)
        elif language is not None:
            _ask_other(page, targets)

    page.app.push_screen(LanguageDialog(about(targets), targets[0].language), chosen)


def _ask_other(page: ActingPage, targets: Tickets, value: str = "", problem: str = "") -> None:
    def typed(text: str | None) -> None:
        if text is not None:
            _note(page, targets, text.strip().lower())

    dialog = PromptDialog(
        _("Language"),
        about(targets),
        what=_("two letters, such as es or pt"),
        does=_("note it"),
        value=value,
        problem=problem,
    )
    page.app.push_screen(dialog, typed)


def _note(page: ActingPage, targets: Tickets, language: str) -> None:
    named = language in LANGUAGES
    page.act_on(
        targets,
        lambda desk, ticket: desk.set_language(ticket.id, language, version=ticket.version),
        lambda done: _("they write {language}").format(language=language_name(done.language)),
        None if named else lambda why, now: _ask_other(page, now, language, why),
    )
