"""Verifying a caller who has no code that counts (R14): calling back on a number on file, or having a second
engineer approve.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, NamedTuple

from rich.text import Text
from textual.app import ComposeResult
from textual.widgets import Static

from oncall_tui import background
from oncall_tui.domain.codes import Proof, Verification
from oncall_tui.domain.customers import Contact, Customer
from oncall_tui.domain.errors import OncallError, Refused
from oncall_tui.domain.numbers import same_number
from oncall_tui.screens.dialog import Dialog, DialogKey
from oncall_tui.screens.page import Page
from oncall_tui.screens.prompt import PromptDialog
from oncall_tui.screens.session import words
from oncall_tui.translation import _
from oncall_tui.widgets.status import Tone

if TYPE_CHECKING:
    from oncall_tui.desk.callers import CallerDesk
    from oncall_tui.screens.call_in_hand import CallInHand

_MOST = 9


class OnFile(NamedTuple):
    """A number on file and whose it is."""

    name: str
    number: str


def numbers_on_file(contacts: Sequence[Contact], calling: str) -> list[OnFile]:
    """Return the numbers to call back on: never the one that is `calling` (R14)."""
    found: dict[str, OnFile] = {}
    for contact in contacts:
        if contact.phone and not same_number(contact.phone, calling):
            found.setdefault(contact.phone, OnFile(contact.name, contact.phone))
    return list(found.values())[:_MOST]


class CallBackDialog(Dialog[str]):
    """Which number on file is rung, then whether somebody answered there. The result is the number."""

    def __init__(self, customer: str, numbers: Sequence[OnFile]) -> None:
        """`customer` is the name of the organisation."""
        super().__init__(_("Call back"), customer)
        self.numbers = numbers
        self.rung: OnFile | None = None

    def keys(self) -> Sequence[DialogKey]:
        if self.rung is not None:
            return (
                DialogKey("y", "reached", _("yes, they ask for this")),
                DialogKey("n", "cancel", _("no")),
                DialogKey("escape", "cancel", _("other number")),
            )
        choices = [
            DialogKey(str(place), f"ring({place})", f"{each.number}, {each.name}", choice=True)
            for place, each in enumerate(self.numbers, 1)
        ]
        return *choices, *super().keys()

    def compose_body(self) -> ComposeResult:
        yield Static(id="question")
        yield Static(id="choices")

    def on_mount(self) -> None:
        self._show()

    def action_ring(self, number: int) -> None:
        """Note which number is rung."""
        self.rung = self.numbers[number - 1]
        self._show()

    def action_reached(self) -> None:
        """Leave with the number on which they were reached."""
        if self.rung is not None:
            self.dismiss(self.rung.number)

    def action_cancel(self) -> None:
        """Go back to the numbers, and from there to the card."""
        if self.rung is None:
            self.dismiss(None)
        else:
            self.rung = None
            self._show()

    def _show(self) -> None:
        question, choices = self.query_one("#question", Static), self.query_one("#choices", Static)
        if self.rung is None:
            question.update(
                Text(_("Hang up, and ring a number on file; the one that rang proves nothing (R14)."))
            )
        else:
            asks = _("Ring {number} and ask for {name}. Did you reach them?")
            question.update(Text(asks.format(number=self.rung.number, name=self.rung.name)))
        choices.display = self.rung is None
        choices.update(Text("\n").join(self.choices()))
        self.show_keys()


class WithoutCode:
    """Verifies the caller of `call` as one of `customer`, on a page of the screen."""

    def __init__(
        self, page: Page, call: CallInHand, customer: Customer, proven: Callable[[Verification], None]
    ) -> None:
        """`proven` is told of the verification when it is stored."""
        self._page = page
        self._call = call
        self._customer = customer
        self._proven = proven

    def call_back(self) -> None:
        """Ask which number on file is rung, and whether somebody answered there."""

        def rung(number: str | None) -> None:
            if number is not None:
                customer, caller = self._customer.id, self._call.caller
                self._verify(lambda callers: callers.called_back(customer, number, caller))

        numbers = numbers_on_file(self._customer.contacts, self._call.number)
        self._page.app.push_screen(CallBackDialog(self._customer.name, numbers), rung)

    def approve(self, value: str = "", problem: str = "") -> None:
        """Ask who vouches for the caller; `problem` is why `value` wasn't taken."""

        def named(name: str | None) -> None:
            if name is not None:
                customer, caller = self._customer.id, self._call.caller
                self._verify(
                    lambda callers: callers.approved(customer, name, caller),
                    lambda why: self.approve(name, why),
                )

        dialog = PromptDialog(
            _("Second engineer"),
            self._customer.name,
            what=_("their name"),
            does=_("they vouch for the caller"),
            explain=_("Somebody else than you, who knows the caller. Both names are written down (R14)."),
            value=value,
            problem=problem,
        )
        self._page.app.push_screen(dialog, named)

    def _verify(
        self, ask: Callable[[CallerDesk], Verification], again: Callable[[str], None] | None = None
    ) -> None:
        self._page.in_background(lambda: self._verifying(ask, again), "verify")

    async def _verifying(
        self, ask: Callable[[CallerDesk], Verification], again: Callable[[str], None] | None
    ) -> None:
        page, desk = self._page, self._page.session.desk
        if desk is None:
            return
        try:
            verified = await background.write(lambda: ask(desk.callers))
        except OncallError as error:
            page.say(words(error), Tone.REFUSED if isinstance(error, Refused) else Tone.NOT_DONE)
            if again is not None:
                again(words(error))
            return
        self._call.keep(verified, self._customer.name)
        if verified.proof is Proof.CALL_BACK:
            said = _("{name} is verified, by call-back")
        else:
            said = _("{name} is verified, approved by {engineer}")
        page.say(said.format(name=self._customer.name, engineer=verified.by), Tone.DONE)
        self._proven(verified)
