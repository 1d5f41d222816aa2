"""Correcting by hand what is on file of an organisation: one line at a time, the others stay as they are.

Whoever builds a value uses `contact`, `manager`, `service`, `language` and `name`, which clean what was
typed and refuse what can't be; `edited` refuses once more, whoever calls it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import TypeVar

from oncall_tui.domain.addresses import address_of
from oncall_tui.domain.corrections import language_code
from oncall_tui.domain.customers import Contact, Customer, Manager, user_names
from oncall_tui.domain.entitlements import AccessState, access_state
from oncall_tui.domain.errors import BadInput, NotFound
from oncall_tui.domain.folding import fold
from oncall_tui.domain.messages import Message, marked
from oncall_tui.domain.text import EMAIL_LIMIT, NAME_LIMIT, PHONE_LIMIT, clean

Value = Contact | Manager | str


class Part(StrEnum):
    """What of an organisation an engineer may correct. Its plan is a contract, its access a grant."""

    NAME = "name"
    LANGUAGE = "language"
    CONTACT = "contact"
    SERVICE = "service"
    MANAGER = "manager"

    @property
    def single(self) -> bool:
        """Say whether an organisation has exactly one of it: it can be changed, not added or removed."""
        return self in (Part.NAME, Part.LANGUAGE)


@dataclass(frozen=True, slots=True)
class Edit:
    """One line that changes: `before` is what stands there, None to add one; `after` None takes it off.

    Of a contact it is a `Contact`, of a manager a `Manager`, of all else a text.
    """

    part: Part
    before: Value | None
    after: Value | None


def contact(name: str = "", email: str = "", phone: str = "", role: str = "") -> Contact:
    """Return the contact that was typed, clean. `BadInput` where nobody could be told by it or reached.

    Who has no name is called by the address or the number.
    """
    mail, number = _short("e-mail", email, EMAIL_LIMIT), _short("phone", phone, PHONE_LIMIT)
    called = clean(name, limit=NAME_LIMIT) or mail or number
    if not called:
        raise BadInput("a contact needs a name, an e-mail address or a number", hint="write one of the three")
    return Contact(called, mail, number, clean(role, limit=NAME_LIMIT))


def manager(name: str, email: str = "", phone: str = "", *, technical: bool = False) -> Manager:
    """Return the account manager (R22) that was typed, clean (`BadInput`)."""
    called = clean(name, limit=NAME_LIMIT)
    if not called:
        raise BadInput("an account manager needs a name", hint="write the name", rule="R22")
    return Manager(
        called, _short("e-mail", email, EMAIL_LIMIT), _short("phone", phone, PHONE_LIMIT), technical
    )


def service(name: str) -> str:
    """Return the name of a service that was typed, clean (`BadInput`)."""
    called = clean(name, limit=NAME_LIMIT)
    if not called:
        raise BadInput("a service needs a name", hint="write the name")
    return called


def name(text: str) -> str:
    """Return the name of an organisation that was typed, clean (`BadInput`)."""
    called = clean(text, limit=NAME_LIMIT)
    if not called:
        raise BadInput("an organisation needs a name", hint="write the name")
    return called


def cleaned(edit: Edit) -> Edit:
    """Return `edit` with what was typed as it is stored; `BadInput` for what can't be."""
    match edit.part, edit.after:
        case Part.NAME, after:
            return replace(edit, after=name(after if isinstance(after, str) else ""))
        case Part.LANGUAGE, after:
            return replace(edit, after=language_code(after if isinstance(after, str) else ""))
        case Part.SERVICE, str(after):
            return replace(edit, after=service(after))
        case Part.CONTACT, Contact() as given:
            return replace(edit, after=contact(given.name, given.email, given.phone, given.role))
        case Part.MANAGER, Manager() as given:
            known = manager(given.name, given.email, given.phone, technical=given.technical)
            return replace(edit, after=known)
    return edit


def edited(customer: Customer, edit: Edit) -> Customer:
    """Return `customer` with one line changed, added at the end of its kind, or taken off.

    Raises `NotFound` where what is to change isn't there, `BadInput` for what can't be or is there already.
    What the edit leaves as it was isn't judged: a file may have brought an address that is none.
    """
    edit = cleaned(edit)
    match edit.part:
        case Part.NAME:
            return replace(customer, name=str(edit.after))
        case Part.LANGUAGE:
            return replace(customer, language=str(edit.after))
        case Part.SERVICE:
            services = _in_place(customer, customer.services, edit, str, _check_service)
            return replace(customer, services=services)
        case Part.MANAGER:
            managers = _in_place(customer, customer.managers, edit, Manager, _check_manager)
            return replace(customer, managers=managers)
        case Part.CONTACT:
            contacts = _in_place(customer, customer.contacts, edit, Contact, _check_contact)
            return replace(customer, contacts=contacts)


def names_carried(customer: Customer, edit: Edit) -> dict[str, str | None]:
    """Return by which names the users go after `edit` who go by another one until now (R16).

    That of two people of one name changes with who else has it. None stands for who is taken off the file.
    """
    if edit.part is not Part.CONTACT:
        return {}
    before, after = customer.contacts, edited(customer, edit).contacts
    gone = -1
    if edit.after is None and isinstance(edit.before, Contact):
        gone = before.index(edit.before)
    now: list[str | None] = list(user_names(after))
    if gone >= 0:
        now.insert(gone, None)
    # One that was added stands at the end, beyond those that were there.
    return {old: new for old, new in zip(user_names(before), now, strict=False) if old != new}


def warnings(customer: Customer, edit: Edit, managers: int, now: datetime) -> tuple[Message, ...]:
    """Return what to know before `edit` is done at `now`; it isn't forbidden.

    `managers` counts those of the plan (R22).
    """
    found = []
    if edit.part is Part.SERVICE and edit.before is not None and edit.before != edit.after:
        gone = fold(str(edit.before))
        if any(
            fold(access.service) == gone and access_state(access, now) is AccessState.ACTIVE
            for access in customer.access
        ):
            text = marked("access to {service} that the customer granted stays in force")
            found.append(Message(text, {"service": str(edit.before)}))
    if edit.part is Part.MANAGER and edit.before is None and len(customer.managers) >= managers:
        text = marked("the {plan} plan has {number} account managers (R22)")
        found.append(Message(text, {"plan": customer.plan.value, "number": str(managers)}))
    return tuple(found)


def counterpart(customer: Customer, edit: Edit) -> Value | None:
    """Return what stands where the `before` of an edit stood, after somebody else was faster.

    That is the line itself where it is there still, else the one person of that name, address or number;
    None where nobody can tell. Of what is single it is what stands there now.
    """
    match edit.part, edit.before:
        case Part.NAME, _:
            return customer.name
        case Part.LANGUAGE, _:
            return customer.language
        case Part.SERVICE, str(wanted):
            return next((each for each in customer.services if fold(each) == fold(wanted)), None)
        case Part.CONTACT, Contact() as person:
            return _same(person, customer.contacts)
        case Part.MANAGER, Manager() as person:
            return _same(person, customer.managers)
    return None


def meant(customer: Customer, part: Part, text: str) -> Value:
    """Return the contact, service or manager of `customer` that `text` means: by name, else by the address or
    number of a person.

    Raises `NotFound` where there is none, `BadInput` where it may be several.
    """
    wanted = fold(clean(text, limit=NAME_LIMIT))
    lines: Sequence[tuple[Value, Sequence[str]]]
    match part:
        case Part.CONTACT:
            named = zip(customer.contacts, user_names(customer.contacts), strict=True)
            lines = [(one, (called, one.name, one.email, one.phone)) for one, called in named]
        case Part.MANAGER:
            lines = [(one, (one.name, one.email, one.phone)) for one in customer.managers]
        case _:
            lines = [(one, (one,)) for one in customer.services]
    found = [line for line, names in lines if wanted and wanted in map(fold, names)]
    if len(found) == 1:
        return found[0]
    if not found:
        there = ", ".join(names[0] for _, names in lines)
        raise NotFound(
            f"{customer.id} has no {part} {text[:60]!r}",
            hint=f"there are: {there[:300]}" if there else "it has none at all",
        )
    several = ", ".join(f"{names[0]}" for line, names in lines if line in found)
    raise BadInput(f"{text[:60]!r} may be {several[:300]}", hint="write the e-mail address or the number")


T = TypeVar("T", Contact, Manager, str)
Person = TypeVar("Person", Contact, Manager)


def _same(person: Person, people: Sequence[Person]) -> Person | None:
    if person in people:
        return person
    for same in ("name", "email", "phone"):
        wanted = getattr(person, same)
        found = [each for each in people if wanted and getattr(each, same) == wanted]
        if len(found) == 1:
            return found[0]
    return None


def _in_place(
    customer: Customer,
    there: tuple[T, ...],
    edit: Edit,
    kind: type[T],
    check: Callable[[T, T | None, Sequence[T]], None],
) -> tuple[T, ...]:
    before = edit.before if isinstance(edit.before, kind) else None
    after = edit.after if isinstance(edit.after, kind) else None
    if before is not None and before not in there:
        raise NotFound(
            f"{customer.id} has no {edit.part} {title(before)[:60]!r}", hint="somebody may have changed it"
        )
    place = len(there) if before is None else there.index(before)
    found = list(there)
    if before is not None:
        del found[place]
    if after is not None:
        check(after, before, found)
        found.insert(place, after)
    return tuple(found)


def _check_contact(new: Contact, before: Contact | None, others: Sequence[Contact]) -> None:
    _check_reached(new, before)
    for other in others:
        # These two would go by one name, and nobody could tell whose a support code is (R16).
        if (new.name, new.email or new.phone) == (other.name, other.email or other.phone):
            raise BadInput(
                f"{new.name[:60]} is on file already", hint="two of one name need an address or number each"
            )


def _check_manager(new: Manager, before: Manager | None, others: Sequence[Manager]) -> None:
    _check_reached(new, before)
    if any((new.name, new.email) == (other.name, other.email) for other in others):
        raise BadInput(f"{new.name[:60]} is on file already", hint="change the line that is there")


def _check_service(new: str, _before: str | None, others: Sequence[str]) -> None:
    if fold(new) in map(fold, others):
        raise BadInput(f"the service {new[:60]!r} is on file already", hint="each stands there once")


def _check_reached(new: Contact | Manager, before: Contact | Manager | None) -> None:
    if (
        new.email
        and (before is None or new.email != before.email)
        and (not address_of(new.email).address or new.email.count("@") != 1)
    ):
        raise BadInput(
            f"{new.email[:60]!r} is no e-mail address",
            hint="one looks like anne@example.com; it may be left out",
        )
    if new.phone and (before is None or new.phone != before.phone) and not any(map(str.isdecimal, new.phone)):
        raise BadInput(
            f"{new.phone!r} is no telephone number",
            hint="one looks like +41 22 555 01 40; it may be left out",
        )


def _short(what: str, text: str, limit: int) -> str:
    """Return a text that is worthless when it is cut; `BadInput` for one that is too long."""
    found = clean(text, limit=limit + 1)
    if len(found) > limit:
        raise BadInput(f"the {what} is longer than {limit} characters")
    return found


def title(value: Value) -> str:
    """Return what a line goes by: the name of a person, else the text itself."""
    return value if isinstance(value, str) else value.name


def facts(edit: Edit) -> dict[str, str]:
    """Return what an edit changes, field by field, for the audit: `phone` is what it is now, `phone_before`
    what it was; one that there was or is none of is left out.
    """
    done = "change"
    if not edit.part.single:
        done = "add" if edit.before is None else "remove" if edit.after is None else "change"
    before, after = fields(edit.part, edit.before), fields(edit.part, edit.after)
    told = {"part": edit.part.value, "what": done}
    if done == "change" and edit.before is not None and not isinstance(edit.before, str):
        told["of"] = edit.before.name
    for field in before | after:
        was, is_ = before.get(field, ""), after.get(field, "")
        if was != is_:
            told |= {f"{field}_before": was} if was else {}
            told |= {field: is_} if is_ else {}
    return told


def fields(part: Part, value: Value | None) -> dict[str, str]:
    """Return the fields of a line by name, in the order in which they are asked for."""
    match value:
        case None:
            return {}
        case Contact(name=called, role=role, phone=phone, email=email):
            return {"name": called, "role": role, "phone": phone, "email": email}
        case Manager(name=called, phone=phone, email=email, technical=technical):
            kind = "yes" if technical else "no"
            return {"name": called, "phone": phone, "email": email, "technical": kind}
        case str():
            return {part.value: value}
