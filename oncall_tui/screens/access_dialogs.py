"""What is asked about temporary access: which service, until when, and what is said to a customer (R23)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple
from zoneinfo import ZoneInfo

from rich.text import Text
from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.widgets import Input, Static

from oncall_tui.domain.errors import BadInput
from oncall_tui.domain.grants import named, parse_until
from oncall_tui.domain.messages import Spoken, marked
from oncall_tui.screens.dialog import Dialog, DialogKey
from oncall_tui.screens.session import words
from oncall_tui.translation import _
from oncall_tui.widgets.text_input import TextInput

_KEYS = "123456789abcdefghijklmnopqrstuvwxyz"
"""As many as anybody will look through."""

_LISTED = 20
"""Services that are named above the fields."""


class Granted(NamedTuple):
    """What the customer granted: one of their services, until when (UTC), and who of theirs said so."""

    service: str
    until: datetime
    by: str


class GrantDialog(Dialog[Granted]):
    """Three lines; Enter goes to the next, and from the last records the access."""

    def __init__(
        self,
        aside: str,
        services: Sequence[str],
        now: datetime,
        zone: ZoneInfo,
        *,
        service: str = "",
        by: str = "",
        problem: str = "",
    ) -> None:
        """`aside` names the organisation; `service` and `by` are there to begin with."""
        super().__init__(_("Access that they grant"), aside, problem)
        self.services = tuple(services)
        self.now = now
        self.zone = zone
        self.service = service
        self.by = by

    def keys(self) -> Sequence[DialogKey]:
        return DialogKey("enter", "", marked("next, at last record it")), *super().keys()

    def compose_body(self) -> ComposeResult:
        listed = [f"{number}\u00a0{name}" for number, name in enumerate(self.services[:_LISTED], 1)]
        if len(self.services) > _LISTED:
            listed.append("…")
        yield Static(Text("  ".join(listed), self.ink("dim")), id="services")
        yield from _field(_("Service"), self.service, _("its number or its name"), "service")
        yield from _field(_("Until"), "", _('"4h", "18:00" or "2026-11-27 18:00"'), "until")
        yield from _field(_("By"), self.by, _("who of theirs; may stay empty"), "by")
        yield Static(id="wrong", markup=False)

    def on_mount(self) -> None:
        self.set_focus(self.query_one("#until" if self.service else "#service"))
        self.query_one("#wrong").display = False

    def on_input_submitted(self, event: Input.Submitted) -> None:
        fields = list(self.query(TextInput))
        place = next(number for number, field in enumerate(fields) if field is event.input)
        service, until, by = (field.value.strip() for field in fields)
        try:
            # Each is read when it is left: what is wrong is said where it was typed.
            name = named(service, self.services)
            ends = parse_until(until, self.now, self.zone) if place else self.now
            if place and ends <= self.now:
                raise BadInput(_("that is over already"), hint=_("an end lies in the future"))
        except BadInput as error:
            self._say(words(error))
            return
        self._say("")
        if place + 1 < len(fields):
            fields[place + 1].focus()
        else:
            self.dismiss(Granted(name, ends, by))

    def _say(self, problem: str) -> None:
        wrong = self.query_one("#wrong", Static)
        wrong.update(Text(problem, self.ink("strong")))
        wrong.display = bool(problem)


def _field(label: str, value: str, hint: str, name: str) -> ComposeResult:
    with Horizontal(classes="field"):
        yield Static(label, classes="label", markup=False)
        yield TextInput(value, hint, id=name)


class ServiceDialog(Dialog[str]):
    """A key for each service; the result is its name."""

    def __init__(self, aside: str, services: Sequence[str]) -> None:
        super().__init__(_("Access to which service?"), aside)
        self.services = tuple(services)[: len(_KEYS)]

    def keys(self) -> Sequence[DialogKey]:
        chosen = [
            DialogKey(key, f"choose({place})", name, choice=True)
            for place, (key, name) in enumerate(zip(_KEYS, self.services, strict=False), 1)
        ]
        return *chosen, *super().keys()

    def compose_body(self) -> ComposeResult:
        yield Static(Text("\n").join(self.choices()), id="choices")

    def action_choose(self, place: int) -> None:
        """Take the service at `place`, from 1."""
        self.dismiss(self.services[place - 1])


class SayDialog(Dialog[bool]):
    """What to say to the customer, in French and in English. The result is whether they grant it."""

    def __init__(self, aside: str, said: Spoken) -> None:
        super().__init__(_("Ask for access"), aside)
        self.said = said

    def keys(self) -> Sequence[DialogKey]:
        return DialogKey("y", "granted", marked("they grant it")), *super().keys()

    def compose_body(self) -> ComposeResult:
        yield Static(Text(f"« {self.said.fr} »"))
        yield Static(Text(f'"{self.said.en}"'))

    def action_granted(self) -> None:
        """Go on to recording what they grant."""
        self.dismiss(True)
