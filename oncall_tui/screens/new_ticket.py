"""Filing a ticket by hand: for whom, by which way it came, about what."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rich.text import Text
from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.widgets import Input, Static

from oncall_tui.domain.errors import BadInput
from oncall_tui.domain.messages import marked
from oncall_tui.domain.tickets import Channel
from oncall_tui.screens.dialog import Dialog, DialogKey
from oncall_tui.widgets.text_input import TextInput


@dataclass(frozen=True, slots=True)
class NewTicket:
    """What the dialog returns: text as typed, `channel` as one of the three."""

    customer: str
    channel: Channel
    contact: str
    subject: str


class NewTicketDialog(Dialog[NewTicket]):
    """Four lines; Enter goes to the next, and from the last files the ticket."""

    def __init__(self, given: NewTicket | None = None, problem: str = "") -> None:
        super().__init__("File a ticket", problem=problem)
        self.given = given

    def keys(self) -> Sequence[DialogKey]:
        return DialogKey("enter", "", marked("next, at last file it")), *super().keys()

    def compose_body(self) -> ComposeResult:
        given = self.given
        channel = given.channel.value if given else Channel.PHONE.value
        yield from _field("Customer", given.customer if given else "", "its name, id or number", "customer")
        yield from _field("Came by", channel, "email, phone or emergency", "channel")
        yield from _field("Asked by", given.contact if given else "", "may stay empty", "contact")
        yield from _field("Subject", given.subject if given else "", "what it is about", "subject")
        yield Static(id="wrong", markup=False)

    def on_mount(self) -> None:
        # From a card all but the subject is known.
        known = self.given is not None and self.given.customer and not self.given.subject
        self.set_focus(self.query_one("#subject" if known else "#customer"))
        self.query_one("#wrong").display = False

    def on_input_submitted(self, event: Input.Submitted) -> None:
        fields = list(self.query(TextInput))
        place = next(number for number, field in enumerate(fields) if field is event.input)
        if place + 1 < len(fields):
            fields[place + 1].focus()
            return
        customer, channel, contact, subject = (field.value.strip() for field in fields)
        try:
            if not customer:
                raise BadInput("a ticket needs a customer")
            if not subject:
                raise BadInput("a ticket needs a subject")
            ticket = NewTicket(customer, _channel(channel), contact, subject)
        except BadInput as error:
            words = f"{error.message}{f'; {error.hint}' if error.hint else ''}"
            wrong = self.query_one("#wrong", Static)
            wrong.update(Text(words))
            wrong.display = True
        else:
            self.dismiss(ticket)


def _field(label: str, value: str, hint: str, name: str) -> ComposeResult:
    with Horizontal(classes="field"):
        yield Static(label, classes="label", markup=False)
        yield TextInput(value, hint, id=name)


def _channel(text: str) -> Channel:
    """Read a channel or the beginning of one: `e` is e-mail, `em` too, `eme` the emergency line."""
    wanted = text.lower()
    for channel in (Channel.PHONE, Channel.EMAIL, Channel.EMERGENCY):
        if wanted and channel.value.startswith(wanted):
            return channel
    return Channel.parse(text)
