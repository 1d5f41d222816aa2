"""Beginning a call that rang elsewhere: on a telephone that isn't connected here."""

from __future__ import annotations

from collections.abc import Sequence

from textual.app import ComposeResult
from textual.widgets import Input, Static

from oncall_tui import background
from oncall_tui.domain.calls import Step
from oncall_tui.domain.codes import Verification
from oncall_tui.domain.errors import OncallError, Refused
from oncall_tui.screens.dialog import Dialog, DialogKey
from oncall_tui.screens.page import Page
from oncall_tui.screens.session import words
from oncall_tui.translation import _
from oncall_tui.widgets.status import Tone
from oncall_tui.widgets.text_input import TextInput


class NumberDialog(Dialog[str]):
    """The number that calls, which may be empty: some telephones show none."""

    def keys(self) -> Sequence[DialogKey]:
        return DialogKey("enter", "", _("picks up")), *super().keys()

    def compose_body(self) -> ComposeResult:
        yield Static(
            _("The number that calls, as the telephone shows it; empty if it shows none."), markup=False
        )
        yield TextInput("", _("number"))

    def on_mount(self) -> None:
        self.set_focus(self.query_one(TextInput))

    def on_input_submitted(self, event: Input.Submitted) -> None:
        self.dismiss(event.value.strip())


def begin_call(page: Page) -> None:
    """Ask for the number that calls, then open the call."""

    def answered(number: str | None) -> None:
        if number is not None:
            page.in_background(lambda: _beginning(page, number, None), "call")

    page.app.push_screen(NumberDialog(_("Emergency call")), answered)


def begin_call_of(page: Page, number: str, customer: str, name: str, proven: Verification | None) -> None:
    """Open a call of the organisation `customer` (an id) by its `name`, with what is `proven`."""
    person = proven.contact if proven is not None else ""
    who = {"customer": customer, "name": name, "person": person}
    page.in_background(lambda: _beginning(page, number, (who, proven)), "call")


async def _beginning(
    page: Page, number: str, known: tuple[dict[str, str], Verification | None] | None
) -> None:
    from oncall_tui.screens.call import open_call

    desk = page.session.desk
    if desk is None:
        return

    def begin() -> str:
        call = desk.calls.start(number)
        if known is not None:
            who, proven = known
            desk.calls.answer(call.ref, Step.WHO, who)
            if proven is not None:
                desk.calls.answer(call.ref, Step.CODE, proof_of(proven, who["name"]))
        return call.ref

    try:
        ref = await background.write(begin)
        page.take_in_hand(await background.read(lambda: desk.calls.get(ref)))
    except OncallError as error:
        page.say(words(error), Tone.REFUSED if isinstance(error, Refused) else Tone.NOT_DONE)
        return
    open_call(page, ref)


def proof_of(verification: Verification, name: str) -> dict[str, str]:
    """Return `verification`, of the organisation called `name`, as the value of a `Step.CODE`."""
    return {
        "outcome": "verified",
        "proof": verification.proof.value,
        "customer": verification.customer,
        "name": name,
        "kind": verification.kind.value if verification.kind else "",
        "contact": verification.contact,
        "by": verification.by,
    }
