"""What a customers file said last, field by field, so that what it repeats undoes no engineer's edit.

A file is news where it says something else than the last time. Of contacts, services and managers each
line is looked at by itself: a new one beside it is no reason to take back a corrected number. Short digests
are enough to tell; they are kept with the organisation.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from hashlib import blake2b
from typing import TYPE_CHECKING, Any, TypeVar

from oncall_tui.domain.customers import Access, Contact, Customer, Manager, user_names
from oncall_tui.domain.folding import fold

if TYPE_CHECKING:
    from oncall_tui.domain.records import CustomerRecord

LISTS = ("contacts", "services", "managers")
"""The fields of which each line is news by itself."""

SCALARS = ("name", "plan", "subscribed_on", "partner", "language", "access")
"""The fields that are news as a whole."""

Digests = Mapping[str, Any]
"""Digests by field: one text, or for a list one of each line."""

_BYTES = 6

T = TypeVar("T", Contact, Manager, str)


def read(text: str) -> dict[str, Any]:
    """Return the digests that `written` has written; none of an empty text."""
    return dict(json.loads(text)) if text else {}


def written(digests: Digests) -> str:
    """Return digests as they are stored."""
    return json.dumps(dict(digests), separators=(",", ":"))


def digests_of(said: Customer | CustomerRecord, fields: Sequence[str] = SCALARS + LISTS) -> dict[str, Any]:
    """Return the digests of those of `fields` that are said; a row leaves out what is None."""
    found: dict[str, Any] = {}
    for field in fields:
        value = getattr(said, field)
        if value is not None:
            found[field] = [digest_of(one) for one in value] if field in LISTS else digest_of(value)
    return found


def remembered(text: str, before: Customer, after: Customer) -> str:
    """Return what to store of the digests `text` when an edit or an upgrade makes `after` of `before`.

    Of a field of which nothing is known, what stood there until now counts as what the file said.
    """
    known = read(text)
    for field in ("name", "plan", "subscribed_on", "language", *LISTS):
        if field not in known and getattr(before, field) != getattr(after, field):
            known |= digests_of(before, [field])
    return written(known)


def merged(record: CustomerRecord, stored: Customer, last: Digests) -> Customer:
    """Return `stored` with what `record` says anew, by the digests of what the file said `last`.

    Where nothing is known of the last time, the file is right. Contacts whose row may have been rejected
    stay.
    """
    said = digests_of(record)
    news: dict[str, Any] = {
        field: getattr(record, field) for field in SCALARS if field in said and said[field] != last.get(field)
    }
    if "contacts" in said:
        news["contacts"] = _lines(
            record.contacts or (), stored.contacts, last.get("contacts"), _same_person, whole=record.whole
        )
    if "managers" in said:
        news["managers"] = _lines(record.managers or (), stored.managers, last.get("managers"), _same_person)
    if "services" in said:
        news["services"] = _lines(record.services or (), stored.services, last.get("services"), _same_name)
    return replace(stored, **news)


def told(record: CustomerRecord, last: Digests) -> dict[str, Any]:
    """Return the digests to keep after `record`, of what the file said until now: `last`, and what it says.

    A contact whose row may have been rejected was said all the same: that row is no news when it comes again.
    """
    said = digests_of(record)
    if not record.whole and "contacts" in said:
        said["contacts"] = list(dict.fromkeys([*said["contacts"], *last.get("contacts", ())]))
    return dict(last) | said


def repeats_plan(record: CustomerRecord, last: Digests) -> bool:
    """Say whether the plan of `record` is what the file said `last`: an upgrade made here stands (R8)."""
    return bool(last.get("plan") == digest_of(record.plan))


def names_on_file(said: Sequence[Contact], people: Sequence[Contact]) -> dict[str, str]:
    """Return by which names the users of a file go among `people`, who are on file; others are left out.

    An engineer may have corrected the name by which the file goes on calling them. An address that several
    have tells nobody from the others.
    """
    names = dict(zip(people, user_names(people), strict=True))
    others = [person for person in people if person not in said]
    found = {}
    for called, person in zip(user_names(said), said, strict=True):
        if person in names:
            found[called] = names[person]
            continue
        likely = [other for other in others if _same_person(person, other)]
        if len(likely) == 1 and sum(_same_person(each, likely[0]) for each in said) == 1:
            found[called] = names[likely[0]]
    return found


def _lines(
    said: tuple[T, ...],
    stored: tuple[T, ...],
    last: Sequence[str] | None,
    same: Callable[[T, T], bool],
    *,
    whole: bool = True,
) -> tuple[T, ...]:
    """Return the lines `stored` with those of a file that it says anew, and without those it dropped.

    Where the file isn't `whole` nothing is dropped: what is missing may stand in a row that was rejected.
    """
    if last is None:
        if whole:
            return said
        return said + tuple(line for line in stored if not any(same(other, line) for other in said))
    now = {digest_of(line): line for line in said}
    fresh = [line for digest, line in now.items() if digest not in last]
    gone = [line for line in stored if (digest := digest_of(line)) in last and digest not in now]
    if not fresh and not (gone and whole):
        return stored
    # Lines of the file that engineers corrected or took off, and of which it says something else now.
    on_file = set(map(digest_of, stored))
    corrected = sum(digest not in now and digest not in on_file for digest in last)
    found = list(stored)
    for line in fresh:
        if line in found:
            continue
        # One that the file has dropped was perhaps this one; after it one that an engineer corrected. One
        # that an engineer added is somebody else, even at the same number, unless it is plainly the same.
        likely = [other for other in found if digest_of(other) not in now and same(line, other)]
        place = next((other for other in likely if other in gone), None)
        if place is None:
            place = next((other for other in likely if corrected or _plainly_same(line, other)), None)
            corrected -= place is not None and corrected > 0
        if place is None:
            found.append(line)
        else:
            found[found.index(place)] = line
            gone = [other for other in gone if other != place]
    return tuple(line for line in found if not (whole and line in gone))


def _same_person(one: Contact | Manager, other: Contact | Manager) -> bool:
    """Say whether both are likely to be the same person, of whom something was corrected."""
    if fold(one.name) == fold(other.name):
        return True
    if one.email or other.email:
        # With an address of their own each the number tells nothing: it is perhaps that of a switchboard.
        return one.email == other.email
    return bool(one.phone) and one.phone == other.phone


def _same_name(one: str, other: str) -> bool:
    return fold(one) == fold(other)


def _plainly_same(one: Contact | Manager | str, other: Contact | Manager | str) -> bool:
    """Say whether nothing tells one from the other: two of one name have an address each."""
    if isinstance(one, str) or isinstance(other, str):
        return True
    apart = one.email and other.email and one.email != other.email
    return fold(one.name) == fold(other.name) and not apart


def digest_of(value: object) -> str:
    """Return what tells a value from another one, in a few letters."""
    return blake2b(_text(value).encode(), digest_size=_BYTES).hexdigest()


def _text(value: object) -> str:
    # Clean text holds no control character, so the separators can't be forged.
    match value:
        case str():
            return value
        case Contact():
            return "\x1f".join((value.name, value.email, value.phone, value.role))
        case Manager():
            return "\x1f".join((value.name, value.email, value.phone, str(value.technical)))
        case Access():
            return "\x1f".join((value.service, value.granted_at.isoformat(), value.until.isoformat()))
        case date():
            return value.isoformat()
        case tuple():
            return "\x1e".join(map(_text, value))
    return str(value)
