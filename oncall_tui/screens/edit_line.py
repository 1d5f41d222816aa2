"""Asking for one line of what is on file: the fields of a person, or one text."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from rich.text import Text
from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.widgets import Input, Static

from oncall_tui.domain import editing
from oncall_tui.domain.customers import Contact, Customer, Manager
from oncall_tui.domain.editing import Edit, Part, Value
from oncall_tui.domain.errors import BadInput, OncallError
from oncall_tui.domain.messages import marked
from oncall_tui.screens.dialog import Dialog, DialogKey
from oncall_tui.screens.session import words
from oncall_tui.translation import _
from oncall_tui.widgets.text_input import TextInput

_YES = frozenset({"y", "yes", "j", "ja", "o", "oui", "s", "si", "x", "1"})
_NO = frozenset({"", "n", "no", "non", "nein", "0"})


class Field(NamedTuple):
    """A field of the dialog: the name of the fact, its label, and what may stand there."""

    name: str
    label: str
    hint: str


_NAME = marked("Name")
_PHONE = Field("phone", marked("Phone"), marked("may stay empty; like +41 22 555 01 40"))
_EMAIL = Field("email", marked("E-mail"), marked("may stay empty"))
_FIELDS: Mapping[Part, tuple[Field, ...]] = {
    Part.NAME: (Field("name", _NAME, marked("the name of the organisation")),),
    Part.LANGUAGE: (Field("language", marked("Language"), marked("fr, en, de, it …; empty if unknown")),),
    Part.SERVICE: (Field("service", marked("Service"), marked("what they have of us")),),
    Part.CONTACT: (
        Field("name", _NAME, marked("who it is")),
        Field("role", marked("Role"), marked("may stay empty")),
        _PHONE,
        _EMAIL,
    ),
    Part.MANAGER: (
        Field("name", _NAME, marked("who of us it is")),
        _PHONE,
        _EMAIL,
        Field("technical", marked("Technical"), marked("yes or no")),
    ),
}
_ADDS = {
    Part.CONTACT: marked("Add a contact"),
    Part.SERVICE: marked("Add a service"),
    Part.MANAGER: marked("Add an account manager"),
    Part.LANGUAGE: marked("Set the language"),
}
_CHANGES = {
    Part.NAME: marked("Change the name"),
    Part.LANGUAGE: marked("Change the language"),
    Part.CONTACT: marked("Change a contact"),
    Part.SERVICE: marked("Change a service"),
    Part.MANAGER: marked("Change an account manager"),
}


class Typed(NamedTuple):
    """What was typed, by field, and the edit that it makes."""

    values: Mapping[str, str]
    edit: Edit


class EditDialog(Dialog[Typed]):
    """The fields of one line. Tab goes between them, Enter stores from any of them."""

    def __init__(
        self,
        customer: Customer,
        part: Part,
        before: Value | None,
        *,
        typed: Mapping[str, str] | None = None,
        problem: str = "",
    ) -> None:
        """`before` is the line as it is on file, None to add one. `typed` is what an earlier try had in the
        fields, and `problem` why that wasn't stored.
        """
        adds = before is None and part in _ADDS
        super().__init__(_(_ADDS[part] if adds else _CHANGES[part]), customer.name, problem)
        self.customer = customer
        self.part = part
        self.before = before
        self.typed_before = typed
        self.on_file = {} if before is None else _shown(editing.fields(part, before))
        self.wrong = Static(id="wrong", markup=False)

    def keys(self) -> Sequence[DialogKey]:
        stores = DialogKey("enter", "", marked("store it"))
        if len(_FIELDS[self.part]) == 1:
            return stores, *super().keys()
        return stores, DialogKey("tab", "", marked("next field")), *super().keys()

    def compose_body(self) -> ComposeResult:
        typed = self.on_file if self.typed_before is None else self.typed_before
        for field in _FIELDS[self.part]:
            value = typed.get(field.name, "")
            with Horizontal(classes="field"):
                yield Static(_(field.label), classes="label", markup=False)
                yield TextInput(value, _(field.hint), id=f"f-{field.name}")
            # After a conflict: what somebody else has written there meanwhile.
            now = self.on_file.get(field.name, "")
            if self.typed_before is not None and self.before is not None and now != value.strip():
                stands = _("on file: {value}").format(value=now or "–")
                yield Static(Text(f"{'':<12}{stands}", self.ink("dim")))
        yield self.wrong

    def on_mount(self) -> None:
        self.wrong.display = False
        fields = list(self.query(TextInput))
        self.set_focus(fields[0])

    def on_input_submitted(self, _event: Input.Submitted) -> None:
        values = {field.name: self._field(field.name).value for field in _FIELDS[self.part]}
        try:
            edit = Edit(self.part, self.before, _MAKES[self.part](values))
            editing.edited(self.customer, edit)
        except OncallError as error:
            self.wrong.update(Text(words(error), self.ink("strong")))
            self.wrong.display = True
        else:
            self.dismiss(Typed(values, edit))

    def _field(self, name: str) -> TextInput:
        return self.query_one(f"#f-{name}", TextInput)


def still_typed(
    part: Part, before: Value | None, now: Value | None, typed: Mapping[str, str]
) -> dict[str, str]:
    """Return what to have in the fields after somebody was first: what was typed, and where nothing else than
    `before` was, what is on file `now`.
    """
    was, is_ = _shown(editing.fields(part, before)), _shown(editing.fields(part, now))
    if now is None:
        return dict(typed)
    return {name: is_.get(name, "") if value == was.get(name) else value for name, value in typed.items()}


def _shown(fields: Mapping[str, str]) -> dict[str, str]:
    """Return the fields of a line as they are typed."""
    yes_no = {"yes": _("yes"), "no": _("no")}
    return {name: yes_no[value] if name == "technical" else value for name, value in fields.items()}


def _contact(values: Mapping[str, str]) -> Contact:
    return editing.contact(values["name"], values["email"], values["phone"], values["role"])


def _manager(values: Mapping[str, str]) -> Manager:
    said = values["technical"].strip().casefold()
    if said not in _YES | _NO:
        raise BadInput(_("technical is yes or no"))
    return editing.manager(values["name"], values["email"], values["phone"], technical=said in _YES)


_MAKES: Mapping[Part, Callable[[Mapping[str, str]], Value]] = {
    Part.NAME: lambda values: editing.name(values["name"]),
    Part.LANGUAGE: lambda values: values["language"],
    Part.SERVICE: lambda values: editing.service(values["service"]),
    Part.CONTACT: _contact,
    Part.MANAGER: _manager,
}
