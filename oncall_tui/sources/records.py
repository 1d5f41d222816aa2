"""From the rows of a file to what the desk takes, or a reason why it can't.

Codes in a file of customers are passed on wrapped, so that nothing repeats them (R19).
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from functools import partial
from typing import Any, NamedTuple, TypeVar
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from oncall_tui.domain.codes import Code
from oncall_tui.domain.customers import Access, Contact, Manager, user_names
from oncall_tui.domain.errors import BadInput
from oncall_tui.domain.guides import URL_LIMIT, GuideKind
from oncall_tui.domain.languages import language_named
from oncall_tui.domain.plans import Plan
from oncall_tui.domain.records import (
    CustomerRecord,
    GuideRecord,
    Rejection,
    Row,
    SupportCode,
    TicketRecord,
)
from oncall_tui.domain.text import EMAIL_LIMIT, NAME_LIMIT, PHONE_LIMIT, SUBJECT_LIMIT
from oncall_tui.domain.tickets import Channel
from oncall_tui.sources.fields import Fields
from oncall_tui.sources.files import RECORD_LIMIT, TOO_LONG, Columns, Raw, RecordFile

LANGUAGE_LIMIT = 35
"""Characters of a language tag; a longer one is none."""

_TICKET_FIELDS = frozenset(TicketRecord._fields)
_CUSTOMER_FIELDS = frozenset(CustomerRecord._fields) - {"support_codes", "whole"}
_CONTACT_FIELDS = frozenset({"name", "email", "phone", "role", "support_code"})
_MANAGER_FIELDS = frozenset({"name", "email", "phone", "technical"})
_ACCESS_FIELDS = frozenset({"service", "granted_at", "until"})
_CONTACT_COLUMNS = {
    "contact_name": "name",
    "contact_email": "email",
    "contact_phone": "phone",
    "contact_role": "role",
    "support_code": "support_code",
}
_LISTS = {"contacts", "managers", "access"}

TICKETS = Columns(
    kind="tickets",
    columns=_TICKET_FIELDS,
    required=("ref", "customer", "channel", "subject", "received_at"),
)
CUSTOMERS = Columns(
    kind="customers",
    columns=_CUSTOMER_FIELDS - _LISTS | frozenset(_CONTACT_COLUMNS),
    required=("id", "name", "plan"),
)

_GUIDE_FIELDS = frozenset({"title", "language", "url", "text", "tags"})
_PARTNER_FIELDS = frozenset({"name", "languages", "url", "text", "tags", "phone", "email"})
GUIDES = Columns(kind="guides", columns=_GUIDE_FIELDS, required=("title", "url"))
PARTNERS = Columns(kind="partners", columns=_PARTNER_FIELDS, required=("name", "url"))
_GUIDE_LISTS = ("tags", "languages")
"""What stands in one cell of CSV with `;` between."""

_NOT_IN_LINKS = frozenset('<>"\ufffd\u21b5\u21e5')
"""Signs that no link has, those for what was cleaned away among them."""

_CHANNELS = {channel.value: channel for channel in Channel}

R = TypeVar("R", TicketRecord, CustomerRecord, GuideRecord)


def read_tickets(file: RecordFile, zone: ZoneInfo) -> Iterator[Row[TicketRecord] | Rejection]:
    """Iterate over the tickets of `file`; instants without an offset are wall-clock time in `zone`."""
    return _read(file, zone, parse_ticket)


def read_customers(file: RecordFile, zone: ZoneInfo) -> Iterator[Row[CustomerRecord] | Rejection]:
    """Iterate over the organisations of `file`; instants without an offset are wall-clock time in `zone`.

    In CSV the rows of one `id` that follow one another are one organisation: the first says what it
    is, each adds a contact.
    """
    return _grouped(file) if file.is_csv else _read(file, zone, parse_customer)


def read_guides(file: RecordFile, zone: ZoneInfo, kind: GuideKind) -> Iterator[Row[GuideRecord] | Rejection]:
    """Iterate over the guides or partners of `file`."""
    return _read(file, zone, partial(_parse_row, kind, csv=file.is_csv))


def parse_guide(values: dict[str, Any], kind: GuideKind) -> GuideRecord:
    """Return the guide or partner that the fields in `values` describe; `BadInput` naming the wrong one."""
    if kind is GuideKind.GUIDE:
        fields = Fields(values, _GUIDE_FIELDS)
        title, text = fields.required("title", SUBJECT_LIMIT), fields.body("text")
        one = fields.short("language", LANGUAGE_LIMIT)
        languages: tuple[str, ...] | None = (one,) if one else None
    else:
        fields = Fields(values, _PARTNER_FIELDS)
        title, languages = fields.required("name", NAME_LIMIT), fields.lines("languages", LANGUAGE_LIMIT)
        reached = (fields.short("phone", PHONE_LIMIT), fields.short("email", EMAIL_LIMIT))
        text = "\n\n".join(filter(None, (fields.body("text"), "\n".join(filter(None, reached))))) or None
    named = None if languages is None else tuple(dict.fromkeys(map(_two_letters, languages)))
    return GuideRecord(kind, _link(fields), title, named, fields.lines("tags", NAME_LIMIT), text)


def _parse_row(kind: GuideKind, values: dict[str, Any], _zone: ZoneInfo, *, csv: bool) -> GuideRecord:
    if csv:
        cells = {name: str(values.get(name) or "").split(";") for name in _GUIDE_LISTS if name in values}
        values = values | {
            name: [part for part in parts if part.strip()] or None for name, parts in cells.items()
        }
    return parse_guide(values, kind)


def _two_letters(language: str) -> str:
    code = language_named(language)
    if not (len(code) == 2 and code.isalpha()):
        raise BadInput(f"language {language!r} isn't known", hint="write two letters, such as fr or en")
    return code


def _link(fields: Fields) -> str:
    """Return the link that a guide goes by. Cut or repaired it would lead somewhere else."""
    link = fields.short("url", URL_LIMIT)
    if link is None:
        raise fields.refuse("url is missing")
    if len(link.encode()) > URL_LIMIT:
        # An index of PostgreSQL takes no more, and every other letter is two or three.
        raise fields.refuse(f"url is longer than {URL_LIMIT} bytes")
    try:
        parts = urlsplit(link)
        # Reading the port says whether it can be one.
        good = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        good = False
    if not good or any(sign.isspace() or sign in _NOT_IN_LINKS for sign in link):
        raise BadInput(f"url {link[:80]!r} is no link", hint="it begins with https:// or http://")
    return link


def parse_ticket(values: dict[str, Any], zone: ZoneInfo) -> TicketRecord:
    """Return the ticket that the fields in `values` describe; `BadInput` naming the one that is wrong.

    Nothing can have been answered or closed before it was received (R5).
    """
    fields = Fields(values, _TICKET_FIELDS)
    received_at = fields.required_instant("received_at", zone)
    answered_at = fields.instant("answered_at", zone)
    closed_at = fields.instant("closed_at", zone)
    if answered_at is not None and answered_at < received_at:
        raise fields.refuse("answered_at lies before received_at", rule="R5")
    if closed_at is not None and closed_at < received_at:
        raise fields.refuse("closed_at lies before received_at", rule="R5")
    channel = fields.required("channel", NAME_LIMIT)
    language = fields.short("language", LANGUAGE_LIMIT)
    return TicketRecord(
        fields.identity("ref"),
        fields.identity("customer"),
        _CHANNELS.get(channel) or Channel.parse(channel),
        fields.required("subject", SUBJECT_LIMIT),
        received_at,
        fields.body("body"),
        fields.text("contact", NAME_LIMIT),
        fields.text("owner", NAME_LIMIT),
        answered_at,
        closed_at,
        language_named(language) if language else None,
    )


def parse_customer(values: dict[str, Any], zone: ZoneInfo) -> CustomerRecord:
    """Return the organisation that the fields in `values` describe; `BadInput` naming the wrong one."""
    fields = Fields(values, _CUSTOMER_FIELDS)
    return _with_people(_organisation(fields), fields.objects("contacts", _CONTACT_FIELDS, _person))._replace(
        services=fields.lines("services", NAME_LIMIT),
        managers=fields.objects("managers", _MANAGER_FIELDS, _manager),
        access=fields.objects("access", _ACCESS_FIELDS, lambda grant: _access(grant, zone)),
    )


def _read(
    file: RecordFile, zone: ZoneInfo, parse: Callable[[dict[str, Any], ZoneInfo], R]
) -> Iterator[Row[R] | Rejection]:
    for raw in file:
        if isinstance(raw, Rejection):
            yield raw
            continue
        try:
            yield Row(raw.line, raw.size, raw.fields, parse(raw.fields, zone))
        except BadInput as error:
            yield Rejection.of(raw.line, error, raw.fields)


def _organisation(fields: Fields) -> CustomerRecord:
    return CustomerRecord(
        id=fields.identity("id"),
        name=fields.required("name", NAME_LIMIT),
        plan=Plan.parse(fields.required("plan", NAME_LIMIT)),
        subscribed_on=fields.day("subscribed_on"),
        partner=fields.boolean("partner"),
        language=fields.short("language", LANGUAGE_LIMIT),
        vip_code=fields.code("vip_code"),
    )


class _Person(NamedTuple):
    contact: Contact
    code: Code | None


def _with_people(record: CustomerRecord, people: Collection[_Person] | None) -> CustomerRecord:
    """Return the organisation with `people`: each contact once, and the codes apart from them."""
    if people is None:
        return record
    codes: dict[Contact, Code] = {}
    for person in people:
        if person.code is not None and codes.setdefault(person.contact, person.code) != person.code:
            raise _second_code(person)
    contacts = tuple(dict.fromkeys(person.contact for person in people))
    named = zip(contacts, user_names(contacts), strict=True)
    return record._replace(
        contacts=contacts,
        support_codes=tuple(SupportCode(name, codes[contact]) for contact, name in named if contact in codes),
    )


def _second_code(person: _Person) -> BadInput:
    return BadInput(f"{person.contact.name} is given two support codes", hint="a user has one", rule="R16")


def _person(fields: Fields) -> _Person:
    email, phone = fields.short("email", EMAIL_LIMIT) or "", fields.short("phone", PHONE_LIMIT) or ""
    name = fields.text("name", NAME_LIMIT) or email or phone
    if not name:
        raise fields.refuse("a contact without name, email and phone")
    return _Person(
        Contact(name, email, phone, fields.text("role", NAME_LIMIT) or ""), fields.code("support_code")
    )


def _manager(fields: Fields) -> Manager:
    return Manager(
        fields.required("name", NAME_LIMIT),
        fields.short("email", EMAIL_LIMIT) or "",
        fields.short("phone", PHONE_LIMIT) or "",
        fields.boolean("technical") or False,
    )


def _access(fields: Fields, zone: ZoneInfo) -> Access:
    service = fields.required("service", NAME_LIMIT)
    granted_at = fields.required_instant("granted_at", zone)
    until = fields.required_instant("until", zone)
    if until <= granted_at:
        raise fields.refuse("until does not lie after granted_at", rule="R23")
    return Access(service, granted_at, until)


class _Group:
    """An organisation in the making, row by row of CSV."""

    def __init__(self, raw: Raw) -> None:
        fields = Fields(raw.fields, CUSTOMERS.columns)
        services = (fields.text("services", RECORD_LIMIT) or "").split(";")
        names = Fields({"services": [name for name in services if name.strip()] or None}, _CUSTOMER_FIELDS)
        record = _organisation(fields)._replace(services=names.lines("services", NAME_LIMIT))
        self._row = Row(raw.line, raw.size, raw.fields, record)
        self._size = raw.size
        self._people = [person for person in [_person_of_row(raw)] if person]
        self.whole = True

    @property
    def id(self) -> str:
        """Return what the organisation goes by."""
        return self._row.record.id

    def add(self, raw: Raw) -> None:
        """Add the contact of a further row; `BadInput` where it is no such row."""
        if self._size + raw.size > RECORD_LIMIT:
            raise BadInput(f"the rows of {self.id} are together {TOO_LONG}")
        first = self._row.fields
        for name in raw.fields.keys() - _CONTACT_COLUMNS.keys():
            if raw.fields[name].strip() not in {"", str(first.get(name, "")).strip()}:
                raise BadInput(
                    f"{name} differs from line {self._row.line}, the first one of {self.id}",
                    hint="a further row of the same id adds a contact and changes nothing else",
                )
        person = _person_of_row(raw)
        if person is None:
            raise BadInput(
                f"repeats the id of line {self._row.line} and adds no contact",
                hint="a further row of the same id is for a further contact",
            )
        codes = {one.code for one in (*self._people, person) if one.contact == person.contact}
        if len(codes - {None}) > 1:
            raise _second_code(person)
        self._people.append(person)
        self._size += raw.size

    def row(self) -> Row[CustomerRecord]:
        """Return the organisation with all its contacts."""
        record = _with_people(self._row.record, self._people or None)
        return self._row._replace(size=self._size, record=record._replace(whole=self.whole))


def _person_of_row(raw: Raw) -> _Person | None:
    cells = {name: raw.fields.get(column, "") for column, name in _CONTACT_COLUMNS.items()}
    if not any(cell.strip() for cell in cells.values()):
        return None
    return _person(Fields(cells, _CONTACT_FIELDS, "contact"))


def _grouped(file: RecordFile) -> Iterator[Row[CustomerRecord] | Rejection]:
    group: _Group | None = None
    # The ids of rows that were rejected since the group began, None for one that can't be told: they
    # may be of it, or of the next one.
    lost: set[str | None] = set()
    for raw in file:
        if isinstance(raw, Rejection):
            lost.add(None)
            yield raw
            continue
        try:
            if group is not None and Fields(raw.fields, CUSTOMERS.columns).identity("id") == group.id:
                group.add(raw)
                continue
            started = _Group(raw)
        except BadInput as error:
            lost.add(_id_of(raw))
            yield Rejection.of(raw.line, error, raw.fields)
            continue
        if group is not None:
            group.whole = group.whole and lost.isdisjoint({None, group.id})
            yield group.row()
        group = started
        group.whole = lost.isdisjoint({None, group.id})
        lost = set()
    if group is not None:
        group.whole = group.whole and lost.isdisjoint({None, group.id})
        yield group.row()


def _id_of(raw: Raw) -> str | None:
    try:
        return Fields(raw.fields, CUSTOMERS.columns).identity("id")
    except BadInput:
        return None
