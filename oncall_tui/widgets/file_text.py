"""What is on file of an organisation in lines, and its history in words. Pure functions, without Textual."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import NamedTuple
from zoneinfo import ZoneInfo

from rich.cells import cell_len
from rich.text import Text

from oncall_tui.domain import file_history
from oncall_tui.domain.audit import AuditEntry
from oncall_tui.domain.customers import Contact, Customer, Manager
from oncall_tui.domain.editing import Part, Value
from oncall_tui.domain.languages import language_name
from oncall_tui.domain.messages import marked
from oncall_tui.translation import _, told
from oncall_tui.widgets.card_page import Ink
from oncall_tui.widgets.columns import due_text, fit

LABELS = {
    Part.NAME: marked("Name"),
    Part.LANGUAGE: marked("Language"),
    Part.CONTACT: marked("Contacts"),
    Part.SERVICE: marked("Services"),
    Part.MANAGER: marked("Managers"),
}
"""The groups of lines, in their order."""

_LABEL = 11
_NAME_LEAST, _NAME_MOST = 12, 34
_PHONE = 16
_ROLE_LEAST, _ROLE_MOST = 8, 24
_MAIL_LEAST, _MAIL_MOST = 24, 36


class FileLine(NamedTuple):
    """One line of what is on file; `value` is None where there is none of its group. `first` is the first
    line of its group.
    """

    part: Part
    value: Value | None
    first: bool = True


def file_lines(customer: Customer) -> list[FileLine]:
    """Return what is on file of an organisation, line by line."""
    groups: dict[Part, Sequence[Value]] = {
        Part.NAME: (customer.name,),
        Part.LANGUAGE: (customer.language,) if customer.language else (),
        Part.CONTACT: customer.contacts,
        Part.SERVICE: customer.services,
        Part.MANAGER: customer.managers,
    }
    return [
        FileLine(part, value, place == 0)
        for part in LABELS
        for place, value in enumerate(groups[part] or (None,))
    ]


def pieces(line: FileLine, width: int, add_key: str, change_key: str) -> Iterator[tuple[str, str]]:
    """Yield what stands in a line of `width` columns, each text with its ink. The keys help where there is
    nothing.
    """
    label = _(LABELS[line.part]) if line.first else ""
    room = max(width - _LABEL, 1)
    yield fit(label, _LABEL), "dim"
    match line.value:
        case None:
            if line.part is Part.LANGUAGE:
                yield fit(_("not known; {key} sets it").format(key=change_key), room), "dim"
            else:
                yield fit(_("none on file; {key} adds one").format(key=add_key), room), "dim"
        case Contact(name=name, role=role, phone=phone, email=email):
            yield from _person(room, name, role, phone, email)
        case Manager(name=name, phone=phone, email=email, technical=technical):
            yield from _person(room, name, _("technical") if technical else "", phone, email, tells=technical)
        case str(text):
            yield fit(_(language_name(text)) if line.part is Part.LANGUAGE else text, room), ""


def headings(width: int) -> str:
    """Return the titles over the columns of `pieces`."""
    cells = _person(max(width - _LABEL, 1), _("NAME"), _("ROLE"), _("PHONE"), _("E-MAIL"))
    return " " * _LABEL + "".join(text for text, _ink in cells)


def _person(
    room: int, name: str, role: str, phone: str, email: str, *, tells: bool = False
) -> Iterator[tuple[str, str]]:
    """Yield the cells of a person: name and number, then the address where it fits, and the role.

    A role that `tells` one from another stands beside the name where there is no room for its cell.
    """
    name_room = min(max(room * 2 // 5 if room < 60 else room // 3, _NAME_LEAST), _NAME_MOST, room)
    phone_room = max(min(_PHONE, room - name_room - 1), 0)
    left = room - name_room - phone_room - 2
    mail_room = 0
    if left >= _MAIL_LEAST:
        mail_room = min(_MAIL_MOST, left if left < _MAIL_LEAST + _ROLE_LEAST + 1 else left - _ROLE_LEAST - 1)
        left -= mail_room + 1
    role_room = min(_ROLE_MOST, left) if left >= _ROLE_LEAST else 0
    yield fit(f"{name}, {role}" if tells and not role_room else name, name_room), ""
    for text, cell, ink in (
        (phone or "–", phone_room, "" if phone else "dim"),
        (email, mail_room, "dim"),
        (role, role_room, "dim"),
    ):
        if cell:
            yield " ", ""
            yield fit(text, cell), ink


def history_lines(
    entries: Sequence[AuditEntry], now: datetime, zone: ZoneInfo, width: int, ink: Ink
) -> list[Text]:
    """Return who changed what when, the newest first, in lines of `width` columns on the clock of `zone`."""
    if not entries:
        return [Text(_("Nothing was changed by hand, and no file changed it."), ink("dim"))]
    stamps = [due_text(entry.at, now, zone) for entry in entries]
    at_room = max(map(cell_len, stamps))
    who_room = min(max(cell_len(entry.operator) for entry in entries), 14)
    lines = []
    for entry, stamp in zip(entries, stamps, strict=True):
        before = f"{fit(stamp, at_room)}  {fit(entry.operator, who_room)}  "
        room = max(width - cell_len(before), 8)
        for said in (told(message) for message in file_history.told(entry)):
            for piece in _wrapped(said, room):
                lines.append(Text.assemble((before, ink("dim")), piece))
                before = " " * cell_len(before)
    return lines


def _wrapped(text: str, room: int) -> list[str]:
    """Return a text in lines of at most `room` columns, broken between words."""
    lines = [""]
    for word in text.split():
        joined = f"{lines[-1]} {word}" if lines[-1] else word
        if cell_len(joined) <= room or not lines[-1]:
            lines[-1] = joined
        else:
            lines.append(word)
    return [line if cell_len(line) <= room else fit(line, room) for line in lines]
