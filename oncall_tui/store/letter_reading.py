"""Letters that came in, for whoever looks at them: what belongs to no ticket, and where a file is."""

from __future__ import annotations

from sqlalchemy import Connection, or_, select

from oncall_tui.domain.correspondence import EnclosureOrigin, LetterKind, Sender, UnfiledLetter
from oncall_tui.domain.errors import NotFound
from oncall_tui.domain.tickets import Enclosure
from oncall_tui.store.correspondence_schema import attachments, letters

_l = letters.c
_a = attachments.c
_OF_MACHINES = (LetterKind.AUTOMATIC.value, LetterKind.BOUNCE.value)


def unfiled(connection: Connection, limit: int) -> list[UnfiledLetter]:
    """Return what machines wrote that belongs to no ticket, the newest first, at most `limit`."""
    # What belonged to a ticket that is gone has neither sender nor subject any more.
    named = or_(_l.sender_address != "", _l.sender_name != "", _l.subject != "")
    query = (
        select(_l.source, _l.kind, _l.sender_name, _l.sender_address, _l.subject, _l.received_at)
        .where(_l.ticket_id.is_(None), _l.kind.in_(_OF_MACHINES), named)
        .order_by(_l.received_at.desc(), _l.id.desc())
        .limit(limit)
    )
    return [
        UnfiledLetter(
            row.source,
            LetterKind(row.kind),
            Sender(row.sender_name, row.sender_address),
            row.subject,
            row.received_at,
        )
        for row in connection.execute(query)
    ]


def origin_of_enclosure(connection: Connection, enclosure_id: int) -> EnclosureOrigin:
    """Return where the file is that came with a letter; `NotFound` if there is none."""
    query = select(
        *(_a.id, _a.name, _a.media_type, _a.size, _a.part),
        *(_l.source, _l.key, _l.sender_name, _l.sender_address, _l.received_at),
    ).join_from(attachments, letters)
    row = connection.execute(query.where(_a.id == enclosure_id)).first()
    if row is None:
        raise NotFound(f"there is no attachment {enclosure_id}", hint="ticket attachments REF lists them")
    sender = row.sender_name or row.sender_address
    enclosure = Enclosure(row.id, row.name, row.media_type, row.size, sender, row.received_at)
    return EnclosureOrigin(row.source, row.key, row.part, enclosure)
