"""Issuing the technical document of an organisation from its card (R25): with which code, into which file."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from rich.text import Text
from textual.app import ComposeResult
from textual.widgets import Static

from oncall_tui import background
from oncall_tui.domain.errors import BadInput, OncallError
from oncall_tui.screens.acting import ActingPage
from oncall_tui.screens.dialog import Dialog, DialogKey
from oncall_tui.screens.downloading import proposal, target_of
from oncall_tui.screens.prompt import PromptDialog
from oncall_tui.screens.session import words
from oncall_tui.translation import _
from oncall_tui.widgets.status import Tone

if TYPE_CHECKING:
    from oncall_tui.desk import Desk
    from oncall_tui.desk.documents import Outlook


class CodeDialog(Dialog[bool]):
    """Which VIP code stands on the document; the result says whether it is a new one."""

    def __init__(self, organisation: str, outlook: Outlook) -> None:
        super().__init__(_("Technical document"), organisation)
        self.outlook = outlook

    def keys(self) -> Sequence[DialogKey]:
        if not self.outlook.has_code:
            return DialogKey(
                "y", "choose(True)", _("issue a code, none is in force"), choice=True
            ), *super().keys()
        return (
            DialogKey("enter", "choose(False)", _("with the code in force"), choice=True),
            DialogKey("y", "choose(True)", _("with a new code, the one in force is revoked"), choice=True),
            *super().keys(),
        )

    def compose_body(self) -> ComposeResult:
        number = _("Document no {number}: one page of PDF with the VIP code, to print and keep at hand.")
        yield Static(Text(number.format(number=self.outlook.number)))
        yield Static(Text("\n").join(self.choices()), id="choices")

    def action_choose(self, new_code: bool) -> None:
        """Go on with the code in force, or with a new one."""
        self.dismiss(new_code)


class _Wanted(NamedTuple):
    """The document that is asked for."""

    customer: str
    organisation: str
    number: int
    new_code: bool

    @property
    def file_name(self) -> str:
        return f"{self.customer}-technical-document-{self.number}.pdf"


def issue_document(page: ActingPage, customer: str, organisation: str) -> None:
    """Ask with which code and where, and issue the document of `customer` (an id) by its name."""

    def asked(outlook: Outlook) -> None:
        def answered(new_code: bool | None) -> None:
            if new_code is not None:
                _ask_where(page, _Wanted(customer, organisation, outlook.number, new_code))

        page.app.push_screen(CodeDialog(organisation, outlook), answered)

    page.ask_store(lambda desk: _outlook(desk, customer), asked)


def _outlook(desk: Desk, customer: str) -> Outlook:
    from oncall_tui.documents import refuse_without

    refuse_without()
    return desk.documents.outlook(customer)


def _ask_where(page: ActingPage, wanted: _Wanted, value: str = "", problem: str = "") -> None:
    def typed(text: str | None) -> None:
        if text is None:
            return
        try:
            target = target_of(text.strip(), wanted.file_name)
        except BadInput as error:
            _ask_where(page, wanted, text, words(error))
        else:
            # Of the app: who leaves the card still gets the document, and hears of it.
            page.run_guarded(lambda: _issuing(page, wanted, target), page.app, "document")

    dialog = PromptDialog(
        _("Technical document"),
        wanted.organisation,
        what=_("file or folder to save it in"),
        does=_("issue it"),
        explain=_("With a new code: the one in force, if any, is revoked.") if wanted.new_code else "",
        value=value or proposal(wanted.file_name),
        problem=problem,
    )
    page.app.push_screen(dialog, typed)


async def _issuing(page: ActingPage, wanted: _Wanted, target: Path) -> None:
    from oncall_tui.desk.document_files import Written, write_document

    desk = page.session.desk
    if desk is None:
        return
    page.in_view().say(_("drawing the document …"), keep=True)

    def write() -> Written:
        from oncall_tui.documents import renderer

        return write_document(desk.documents, wanted.customer, target, renderer(), new_code=wanted.new_code)

    try:
        written = await background.write(write)
    except OncallError as error:
        page.in_view().say(words(error), Tone.NOT_DONE)
        return
    said = _("document no {number} written to {path}")
    page.in_view().say(said.format(number=written.document.number, path=written.path), Tone.DONE)
    if page.is_attached:
        page.queue_reread()
