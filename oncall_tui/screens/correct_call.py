"""Correcting the record of a call: which field, what it should say, and why (R13)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from rich.text import Text
from textual.app import ComposeResult
from textual.widgets import Input, Static

from oncall_tui.domain.call_log import Field, correctable, value_of
from oncall_tui.domain.calls import CallRecord
from oncall_tui.domain.emergency import Reason
from oncall_tui.screens.dialog import Dialog, DialogKey
from oncall_tui.translation import _
from oncall_tui.widgets.text_input import TextInput

_REASON_KEYS = "1234567890"


class Correction(NamedTuple):
    """What the dialog returns: `value` is in the form of `call_log.value_of`."""

    field: Field
    value: str
    why: str


class CorrectDialog(Dialog[Correction]):
    """A key for the field, then what it should say, then why; Enter records it."""

    def __init__(
        self, record: CallRecord, aside: str, *, given: Correction | None = None, problem: str = ""
    ) -> None:
        """`given` is a correction that wasn't taken because of a `problem`."""
        super().__init__(_("Correct the record"), aside, problem)
        self.record = record
        self.field = given.field if given else None
        self.reason = given.value if given and given.field is Field.REASON else ""
        self.value = TextInput(given.value if given else "", "", id="value")
        self.why = TextInput(given.why if given else "", _("why it is corrected"), id="why")

    def keys(self) -> Sequence[DialogKey]:
        if self.field is None:
            fields = correctable(self.record)
            return *(self._field_key(place, field) for place, field in enumerate(fields, 1)), *super().keys()
        if self._choosing:
            reasons = zip(_REASON_KEYS, Reason, strict=True)
            return (
                *(
                    DialogKey(key, f"reason('{each.value}')", _(each.label), choice=True)
                    for key, each in reasons
                ),
                DialogKey("escape", "cancel", _("another field")),
            )
        return DialogKey("enter", "", _("record it")), DialogKey("escape", "cancel", _("another field"))

    def _field_key(self, place: int, field: Field) -> DialogKey:
        now = value_of(self.record, field)
        shown = _(Reason(now).label) if field is Field.REASON and now else now
        says = f"{_(field.label)}, {shown}" if shown else _(field.label)
        return DialogKey(str(place), f"field('{field.value}')", says, choice=True)

    @property
    def _choosing(self) -> bool:
        return self.field is Field.REASON and not self.reason

    def compose_body(self) -> ComposeResult:
        yield Static(id="question")
        yield Static(id="choices")
        yield self.value
        yield self.why
        yield Static(Text(_("What was recorded before stays in the log."), self.ink("dim")))

    def on_mount(self) -> None:
        self._show()

    def action_field(self, name: str) -> None:
        """Choose the field and go on to what it should say."""
        self.field = Field(name)
        self.value.value = "" if self.field is Field.REASON else value_of(self.record, self.field)
        self._show()

    def action_reason(self, name: str) -> None:
        """Choose the reason and go on to why."""
        self.reason = name
        self._show()

    def action_cancel(self) -> None:
        """Go back to the choice of fields, and from there to the log."""
        if self.field is None:
            self.dismiss(None)
        else:
            self.field, self.reason = None, ""
            self._show()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        if event.input is self.value:
            self.set_focus(self.why)
        elif self.field is not None and self.why.value.strip():
            value = self.reason if self.field is Field.REASON else self.value.value
            self.dismiss(Correction(self.field, value.strip(), self.why.value.strip()))

    def _show(self) -> None:
        question, choices = self.query_one("#question", Static), self.query_one("#choices", Static)
        typing = self.field is not None and not self._choosing
        choices.display = not typing
        choices.update(Text("\n").join(self.choices()))
        self.value.display = typing and self.field is not Field.REASON
        self.why.display = typing
        question.update(Text(self._asks()))
        if not typing:
            self.set_focus(None)
        else:
            self.set_focus(self.why if self.field is Field.REASON or self.problem else self.value)
        self.show_keys()

    def _asks(self) -> str:
        if self.field is None:
            return _("What is wrong in it?")
        if self._choosing:
            return _("Why was the call refused?")
        if self.field is Field.REASON:
            return _("{field}: {value}").format(field=_(self.field.label), value=_(Reason(self.reason).label))
        return _("What should it say as {field}?").format(field=_(self.field.label))
