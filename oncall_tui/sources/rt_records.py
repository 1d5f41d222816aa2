"""What Request Tracker tells, out of its JSON: tickets, transactions, the parts of letters, cursors."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any, NamedTuple
from urllib.parse import quote

from oncall_tui.domain.correspondence import Sender, SourceUnavailable

NOBODY = "Nobody"
"""The account that owns what nobody owns."""

SYSTEM = "RT_System"
"""The account that Request Tracker writes with by itself."""

KNOWN_ACTIVE = frozenset({"new", "open", "stalled"})
KNOWN_INACTIVE = frozenset({"resolved", "rejected", "deleted"})
"""The statuses of its first lifecycle; what others mean is asked."""

TICKET_FIELDS = {
    "fields": "Subject,Status,Owner,Queue,Created,Resolved,LastUpdated,Requestor,Cc",
    "fields[Owner]": "Name",
    "fields[Queue]": "Name",
    "fields[Requestor]": "Name,RealName,EmailAddress",
    "fields[Cc]": "Name",
}
TRANSACTION_FIELDS = {
    "fields": "Type,Field,OldValue,NewValue,ObjectId,Created,Creator",
    "fields[Creator]": "Name,RealName,EmailAddress",
}
# Without Parent: asked for it of a part that has none, RT 5.0.3 ends with an error.
PART_FIELDS = {"fields": "TransactionId,Filename,ContentType,ContentLength,Headers"}

_NUMBER = re.compile(r"[0-9]{1,18}")
_CURSOR = re.compile(r"(\d{1,18})(?:@(\d{1,18}))?")
_UNSET_YEAR = 1970


class Person(NamedTuple):
    """An account, with the name and the address that it has; all may be empty."""

    account: str = ""
    name: str = ""
    address: str = ""

    @property
    def sender(self) -> Sender:
        """Return the name and the address; an account that is an address stands for it."""
        address = self.address or (self.account if "@" in self.account else "")
        return Sender(self.name or self.account, address)


class RtTicket(NamedTuple):
    """A ticket of Request Tracker. `owner` is an account, empty for nobody."""

    id: str
    subject: str
    status: str
    queue: str
    owner: str
    created_at: datetime
    resolved_at: datetime | None
    updated_at: datetime | None
    requestors: tuple[Person, ...] = ()
    customers: frozenset[str] = frozenset()
    """The accounts of requestors and of who is in Cc."""

    @property
    def requestor(self) -> Sender:
        """Return who asked, as somebody who is written to."""
        return self.requestors[0].sender if self.requestors else Sender()


class RtTransaction(NamedTuple):
    """Something that happened to a ticket."""

    id: int
    ticket: str
    kind: str
    field: str
    old: str
    new: str
    by: Person
    at: datetime

    @property
    def is_letter(self) -> bool:
        """Say whether somebody wrote something."""
        return self.kind in ("Create", "Correspond", "Comment")

    @property
    def gives_away(self) -> bool:
        """Say whether the ticket got another owner."""
        return self.field == "Owner" or self.kind in ("Take", "Steal", "Give", "Untake", "Force")

    @property
    def moves(self) -> bool:
        """Say whether the ticket came into another queue."""
        return self.field == "Queue" or self.kind == "Queue"


class RtPart(NamedTuple):
    """A part of what was written: the text, or a file. `size` is bytes."""

    id: str
    transaction: int
    name: str
    media_type: str
    size: int
    headers: str


class Cursor(NamedTuple):
    """Up to which `transaction` all came in; within the first contact also up to which `ticket`."""

    transaction: int
    ticket: int | None = None

    def __str__(self) -> str:
        return str(self.transaction) if self.ticket is None else f"{self.transaction}@{self.ticket}"


def read_cursor(text: str) -> Cursor | None:
    """Return the cursor that `text` is, None for the first contact and for one of another system."""
    found = _CURSOR.fullmatch(text) if text.isascii() else None
    if found is None:
        return None
    transaction, ticket = found.groups()
    return Cursor(int(transaction), None if ticket is None else int(ticket))


def read_instant(value: object) -> datetime | None:
    """Return an instant of Request Tracker's in UTC; None for one that is unset, which it has in 1970."""
    try:
        instant = datetime.fromisoformat(str(value))
        instant = instant.replace(tzinfo=UTC) if instant.tzinfo is None else instant.astimezone(UTC)
    except (ValueError, OverflowError):
        return None
    return None if instant.year <= _UNSET_YEAR else instant


def read_ticket(item: dict[str, Any]) -> RtTicket:
    """Return the ticket that `item` is; names are missing where it wasn't asked for by `TICKET_FIELDS`."""
    requestors = tuple(map(read_person, _list(item.get("Requestor"))))
    in_copy = map(read_person, _list(item.get("Cc")))
    return RtTicket(
        id=_id(item),
        subject=_text(item.get("Subject")),
        status=_text(item.get("Status")),
        queue=_name(item.get("Queue")),
        owner=owner_in(item),
        created_at=_needed(item, "Created"),
        resolved_at=read_instant(item.get("Resolved")),
        updated_at=read_instant(item.get("LastUpdated")),
        requestors=requestors,
        customers=frozenset(each.account for each in (*requestors, *in_copy) if each.account),
    )


def owner_in(item: dict[str, Any]) -> str:
    """Return the account of who owns the ticket `item`, empty for nobody."""
    owner = _name(item.get("Owner"))
    return "" if owner == NOBODY else owner


def read_transaction(item: dict[str, Any]) -> RtTransaction:
    """Return the transaction that `item` is, as it was asked for by `TRANSACTION_FIELDS`."""
    return RtTransaction(
        id=int(_id(item)),
        ticket=str(_number(item.get("ObjectId"))),
        kind=_text(item.get("Type")),
        field=_text(item.get("Field")),
        old=_text(item.get("OldValue")),
        new=_text(item.get("NewValue")),
        by=read_person(item.get("Creator")),
        at=_needed(item, "Created"),
    )


def read_part(item: dict[str, Any]) -> RtPart:
    """Return the part that `item` is, as it was asked for by `PART_FIELDS`."""
    return RtPart(
        id=_id(item),
        transaction=_number(_name(item.get("TransactionId"))),
        name=_text(item.get("Filename")),
        media_type=_text(item.get("ContentType")).lower(),
        size=_number(item.get("ContentLength")),
        headers=_text(item.get("Headers")),
    )


def read_person(item: object) -> Person:
    """Return the account that `item` is."""
    if not isinstance(item, dict):
        return Person()
    return Person(_name(item), _text(item.get("RealName")), _text(item.get("EmailAddress")))


def any_of(field: str, values: Iterable[str]) -> str:
    """Return the condition, in RT's language of queries, that `field` is one of `values`."""
    return "(" + " OR ".join(f"{field} = {quoted(value)}" for value in values) + ")"


def quoted(value: str) -> str:
    """Return `value` as it stands in a query."""
    escaped = value.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{escaped}'"


def in_path(account: str) -> str:
    """Return the name of an account as it stands in an address."""
    return quote(account, safe="@")


def _id(item: dict[str, Any]) -> str:
    found = _number(item.get("id"))
    if not found:
        raise SourceUnavailable("Request Tracker tells of something without saying of what")
    return str(found)


def _needed(item: dict[str, Any], field: str) -> datetime:
    instant = read_instant(item.get(field))
    if instant is None:
        raise SourceUnavailable(f"Request Tracker doesn't say when {item.get('type')} {_id(item)} was made")
    return instant


def _name(item: object) -> str:
    if isinstance(item, dict):
        return _text(item.get("Name")) or _text(item.get("id"))
    return _text(item)


def _text(value: object) -> str:
    if isinstance(value, str):
        return value
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else ""


def _number(value: object) -> int:
    """Return a whole number, however it is written, 0 for what is none."""
    text = _text(value)
    return int(text) if _NUMBER.fullmatch(text) else 0


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []
