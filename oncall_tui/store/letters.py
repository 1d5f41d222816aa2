"""Letters: what came in, so that it comes in once, and the files that came with it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Connection, and_, bindparam, delete, func, or_, select, update

from oncall_tui.domain.correspondence import Attachment
from oncall_tui.domain.tickets import Enclosure
from oncall_tui.store.correspondence_schema import attachments, letters, outbox
from oncall_tui.store.engine import Transaction
from oncall_tui.store.rows import add as add_rows
from oncall_tui.store.rows import in_parts, reserve

_l, _a = letters.c, attachments.c


class Row(NamedTuple):
    """A letter as the table has it, but for its id; instants are in microseconds."""

    source: str
    key: str
    message_id: str
    kind: str
    ticket_id: int | None
    line_id: int | None
    number: int | None
    sender_name: str
    sender_address: str
    subject: str
    received_at: int
    recorded_at: int
    size: int
    revision: int


class Stored(NamedTuple):
    """A mail that is known by its Message-ID: its ticket, if it has one, and its sender's address, empty
    where that isn't known any more.

    One that is `ours` went out from here; another one is known by `id`, and came from `source`.
    """

    ticket_id: int | None
    address: str
    ours: bool = False
    id: int | None = None
    source: str = ""


def known_keys(connection: Connection, source: str, keys: Iterable[str]) -> set[str]:
    """Return those of `keys` by which letters of `source` are known."""
    found: set[str] = set()
    for part in in_parts(keys):
        query = select(_l.key).where(_l.source == source, _l.key.in_(part))
        found.update(connection.scalars(query))
    return found


def by_message_id(connection: Connection, message_ids: Iterable[str]) -> dict[str, list[Stored]]:
    """Return the mails, received and sent, that have these Message-IDs, the earlier first."""
    found: dict[str, list[Stored]] = {}
    o = outbox.c
    for part in in_parts(message_ids):
        sent = select(o.message_id, o.ticket_id).where(o.message_id.in_(part)).order_by(o.id)
        for message_id, ticket_id in connection.execute(sent):
            found.setdefault(message_id, []).append(Stored(ticket_id, "", ours=True))
        received = select(_l.message_id, _l.ticket_id, _l.sender_address, _l.id, _l.source)
        rows = connection.execute(received.where(_l.message_id.in_(part)).order_by(_l.id))
        for message_id, ticket_id, address, letter_id, source in rows:
            found.setdefault(message_id, []).append(Stored(ticket_id, address, False, letter_id, source))
    return found


def last_number(connection: Connection) -> int:
    """Return the number of the last ticket that was made of a letter, 0 if none was."""
    return connection.scalar(select(func.max(_l.number))) or 0


def add(tx: Transaction, rows: Sequence[Row], enclosed: Mapping[int, Collection[Attachment]]) -> None:
    """Store letters, with the files that came with them by their place in `rows`."""
    ids = reserve(tx, letters.name, len(rows))
    add_rows(
        tx,
        letters.name,
        ("id", *Row._fields),
        [(letter_id, *row) for letter_id, row in zip(ids, rows, strict=True)],
    )
    files = [
        (ids[place], file.name, file.media_type, file.size, file.part)
        for place, found in enclosed.items()
        for file in found
    ]
    add_rows(tx, attachments.name, ("letter_id", "name", "media_type", "size", "part"), files)


_REKEY = update(letters).where(_l.id == bindparam("letter")).values(key=bindparam("new_key"))


def rekey(tx: Transaction, keys: Mapping[int, str]) -> None:
    """Store new keys by which the source knows letters, by their ids."""
    if keys:
        tx.connection.execute(_REKEY, [{"letter": one, "new_key": key} for one, key in keys.items()])


def enclosures(connection: Connection, ticket_id: int, until: datetime | None) -> tuple[Enclosure, ...]:
    """Return the files that came with a ticket, only those up to `until` if it is given, in their order."""
    sender = func.coalesce(func.nullif(_l.sender_name, ""), _l.sender_address)
    query = (
        select(_a.id, _a.name, _a.media_type, _a.size, sender, _l.received_at)
        .join_from(attachments, letters)
        .where(_l.ticket_id == ticket_id)
    )
    if until is not None:
        query = query.where(_l.received_at <= until)
    return tuple(Enclosure(*row) for row in connection.execute(query.order_by(_l.received_at, _a.id)))


def forget_names(tx: Transaction, ticket_ids: Sequence[int], unfiled_before: datetime) -> None:
    """Take the names, addresses, subjects and files off the letters of these tickets, and of those without a
    ticket that were received before an instant (UTC). That they came in stays known.
    """
    nameless = {"sender_name": "", "sender_address": "", "subject": ""}
    named = or_(*(_l[name] != "" for name in nameless))
    unfiled = and_(_l.ticket_id.is_(None), _l.received_at < unfiled_before)
    for some in [*(_l.ticket_id.in_(part) for part in in_parts(ticket_ids)), unfiled]:
        files = select(_a.id).join_from(attachments, letters).where(some)
        tx.connection.execute(delete(attachments).where(_a.id.in_(files)))
        tx.connection.execute(update(letters).where(some, named).values(**nameless))
