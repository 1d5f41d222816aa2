"""What was done to an organisation itself, in words: the history of its file, from the audit."""

from __future__ import annotations

from collections.abc import Mapping
from string import Formatter

from oncall_tui.domain.audit import AuditEntry
from oncall_tui.domain.messages import Message, marked

EDIT = "edit organisation"
"""The word of the audit for a line that an engineer changed, added or removed."""

UNDO = "undo"
"""That for taking it back."""

IMPORTED = "import organisation"
"""That for an organisation of which a file says something new."""

UPGRADE_PLAN = "upgrade plan"
"""That for the upgrade of an organisation."""

EDITS = (EDIT, IMPORTED, UPGRADE_PLAN, UNDO)
"""Acts that make another version of an organisation. Codes, documents and access leave it."""

NOT_OF_THE_FILE = (
    *("look up code", "confirm caller", "deny caller", "call back", "approve caller", "open card"),
    *("ring", "pick up", "take over", "hang up", "decide call", "miss call"),
    *("correct call", "number told later"),
)
"""Acts about who calls, and in calls: they have histories of their own."""

WITH_TICKET = ("use access", "give access back")
"""Acts on the file that may name the ticket that they were for."""

_NONE = "–"

_ADDED = {
    "contact": marked("contact {name} added"),
    "service": marked("service {name} added"),
    "manager": marked("manager {name} added"),
}
_REMOVED = {
    "contact": marked("contact {name} removed"),
    "service": marked("service {name} removed"),
    "manager": marked("manager {name} removed"),
}
_TAKEN_BACK = {
    "contact": marked("edit of a contact taken back"),
    "service": marked("edit of a service taken back"),
    "manager": marked("edit of a manager taken back"),
    "name": marked("edit of the name taken back"),
    "language": marked("edit of the language taken back"),
}
_UNDONE = {
    UPGRADE_PLAN: marked("upgrade taken back"),
    "record access": marked("access to {service} taken off again"),
    "prolong access": marked("access to {service} not prolonged after all"),
    "end access": marked("access to {service} not ended after all"),
    "use access": marked("access to {service} not used after all"),
    "give access back": marked("access to {service} in use again"),
}
_SINGLE = {
    "name": marked("name: {before} → {after}"),
    "language": marked("language: {before} → {after}"),
    "service": marked("service: {before} → {after}"),
}
_FIELDS = {
    "name": marked("{of} is called {after}"),
    "role": marked("role of {of}: {before} → {after}"),
    "phone": marked("phone of {of}: {before} → {after}"),
    "email": marked("e-mail of {of}: {before} → {after}"),
    "technical": marked("{of} is technical: {before} → {after}"),
}
_IMPORTED = {
    "name": marked("name from a file"),
    "plan": marked("plan from a file"),
    "subscribed_on": marked("day of subscription from a file"),
    "partner": marked("partner or not, from a file"),
    "language": marked("language from a file"),
    "contacts": marked("contacts from a file"),
    "services": marked("services from a file"),
    "managers": marked("managers from a file"),
    "access": marked("access from a file"),
}
_CODES = {
    ("issue code", "vip"): marked("VIP code issued"),
    ("rotate code", "vip"): marked("VIP code replaced"),
    ("revoke code", "vip"): marked("VIP code revoked"),
    ("issue code", "support"): marked("support code of {contact} issued"),
    ("rotate code", "support"): marked("support code of {contact} replaced"),
    ("revoke code", "support"): marked("support code of {contact} revoked"),
    ("rename user", "support"): marked("support code of {before} goes by {contact}"),
}
_OTHERS = {
    UPGRADE_PLAN: marked("plan upgraded from {from} to {to}"),
    "ask for change": marked("asked for and refused: {change}"),
    "issue document": marked("technical document no {number} issued"),
    "record access": marked("access to {service} recorded"),
    "prolong access": marked("access to {service} prolonged"),
    "end access": marked("access to {service} ended"),
    "use access": marked("access to {service} used"),
    "give access back": marked("access to {service} given back"),
}
_DOING = {
    "add": {
        "contact": marked("added the contact {name}"),
        "service": marked("added the service {name}"),
        "manager": marked("added the manager {name}"),
    },
    "remove": {
        "contact": marked("removed the contact {name}"),
        "service": marked("removed the service {name}"),
        "manager": marked("removed the manager {name}"),
    },
    "change": {
        "contact": marked("changed the contact {name}"),
        "service": marked("changed the service {name}"),
        "manager": marked("changed the manager {name}"),
        "name": marked("changed the name"),
        "language": marked("changed the language"),
    },
}


def told(entry: AuditEntry) -> tuple[Message, ...]:
    """Return what an entry of the history says, a phrase for each thing that changed."""
    detail = entry.detail
    if entry.act == EDIT:
        return of_edit(detail)
    if entry.act == UNDO and (text := _TAKEN_BACK.get(detail.get("part", ""))):
        return _with_code(detail, [Message(text)])
    if entry.act == IMPORTED:
        changed = detail.get("changed", "").split(", ")
        return tuple(Message(_IMPORTED[field]) for field in changed if field in _IMPORTED)
    text = _CODES.get((entry.act, detail.get("kind", ""))) or _OTHERS.get(entry.act, "")
    if entry.act == UNDO:
        text = _UNDONE.get(detail.get("of", ""), "")
    if text:
        return (Message(text, _filled(text, detail)),)
    return (Message("{act}", {"act": entry.act}),)


def doing(entry: AuditEntry) -> Message:
    """Return what somebody did, as it follows a name: *changed the contact Anne Rochat*."""
    detail = entry.detail
    text = _DOING.get(detail.get("what", ""), {}).get(detail.get("part", ""), "")
    if entry.act == EDIT and text:
        return Message(text, {"name": _name_of(detail)})
    if entry.act == UNDO:
        return Message(marked("took back an edit"))
    if entry.act == IMPORTED:
        return Message(marked("imported changes"))
    if entry.act == UPGRADE_PLAN:
        return Message(marked("upgraded the plan"))
    return Message(marked("changed the file ({act})"), {"act": entry.act})


def _filled(text: str, detail: Mapping[str, str]) -> dict[str, str]:
    """Return the values of `text`; what an older or stranger entry lacks is shown as lacking."""
    return {name: detail.get(name, _NONE) for _, name, _, _ in Formatter().parse(text) if name}


def _name_of(detail: Mapping[str, str]) -> str:
    part = detail.get("part", "")
    names = ("of", "name", "name_before", part, f"{part}_before")
    return next((detail[name] for name in names if name in detail), _NONE)


def of_edit(detail: Mapping[str, str]) -> tuple[Message, ...]:
    """Return what an edit changed, by the facts of `editing.facts`."""
    part, what = detail.get("part", ""), detail.get("what", "")
    if what in ("add", "remove"):
        texts = _ADDED if what == "add" else _REMOVED
        return _with_code(detail, [Message(texts.get(part, "{name}"), {"name": _name_of(detail)})])
    if part in _SINGLE:
        return (Message(_SINGLE[part], _change(detail, part)),)
    changed = [
        Message(text, _change(detail, field) | {"of": detail.get("of", _NONE)})
        for field, text in _FIELDS.items()
        if field in detail or f"{field}_before" in detail
    ]
    return tuple(changed)


def _change(detail: Mapping[str, str], field: str) -> dict[str, str]:
    return {"before": detail.get(f"{field}_before", _NONE), "after": detail.get(field, _NONE)}


def _with_code(detail: Mapping[str, str], found: list[Message]) -> tuple[Message, ...]:
    if "code_revoked" in detail:
        text = marked("support code of {contact} revoked")
        found.append(Message(text, {"contact": detail["code_revoked"]}))
    if "code_restored" in detail:
        text = marked("support code of {contact} in force again")
        found.append(Message(text, {"contact": detail["code_restored"]}))
    return tuple(found)
