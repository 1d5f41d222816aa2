"""The tables of what comes in from other systems and goes out to them; a part of `schema.metadata`.

They stand apart since the board that starts reads none of them.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    Table,
    Text,
    UniqueConstraint,
)

from oncall_tui.store.schema import Id, metadata
from oncall_tui.store.types import UtcDateTime


def _of_ticket(**options: Any) -> Column[int]:
    return Column("ticket_id", Id, ForeignKey("tickets.id", ondelete="CASCADE"), **options)


sources = Table(
    "sources",
    metadata,
    # Where tickets come from, as far as all desks have to know: who pulls, up to where, and how it went.
    Column("id", Id, primary_key=True),
    Column("name", Text, nullable=False, unique=True),
    Column("kind", Text, nullable=False),
    Column("place", Text, nullable=False),
    Column("cursor", Text, nullable=False),
    # The desk that pulls, until when nobody else does.
    Column("holder", Text, nullable=False),
    Column("held_until", UtcDateTime),
    Column("succeeded_at", UtcDateTime),
    Column("failed_at", UtcDateTime),
    Column("error", Text, nullable=False),
    Column("failures", Integer, nullable=False),
    Column("next_at", UtcDateTime),
    # Milliseconds from receipt to here, of what came last.
    Column("lag", BigInteger),
    Column("done", Integer, nullable=False),
    Column("total", Integer, nullable=False),
    Column("revision", BigInteger, nullable=False),
)

letters = Table(
    "letters",
    metadata,
    # What came in, so that it comes in once: by the source's key and by Message-ID. It stays, without names,
    # when its ticket is purged.
    Column("id", Id, primary_key=True),
    Column("source", Text, nullable=False),
    Column("key", Text, nullable=False),
    Column("message_id", Text, nullable=False),
    Column("kind", Text, nullable=False),
    # The ticket, none for what belongs to no ticket; and the line of its conversation, none for the request.
    Column("ticket_id", Id, ForeignKey("tickets.id", ondelete="SET NULL"), index=True),
    Column("line_id", Id, ForeignKey("messages.id", ondelete="SET NULL"), index=True),
    # Of one that a ticket was made of: the number in the ticket's reference.
    Column("number", Integer, unique=True),
    Column("sender_name", Text, nullable=False),
    Column("sender_address", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("received_at", UtcDateTime, nullable=False),
    Column("recorded_at", UtcDateTime, nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("revision", BigInteger, nullable=False),
    UniqueConstraint("source", "key"),
    Index(None, "message_id"),
)

attachments = Table(
    "attachments",
    metadata,
    # Files that stay where they are until somebody saves one.
    Column("id", Id, primary_key=True),
    Column("letter_id", Id, ForeignKey("letters.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("name", Text, nullable=False),
    Column("media_type", Text, nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("part", Text, nullable=False),
)

ticket_links = Table(
    "ticket_links",
    metadata,
    # Where a ticket came from and whom an answer goes to. `thread` is the other system's ticket, empty for
    # mail; `version` and `owner` are how that stood when it was looked at last.
    _of_ticket(primary_key=True, autoincrement=False),
    Column("source", Text, nullable=False),
    Column("thread", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("address", Text, nullable=False),
    Column("version", Text, nullable=False),
    Column("owner", Text, nullable=False),
    Index(None, "source", "thread"),
)

senders = Table(
    "senders",
    metadata,
    # Addresses that an engineer said the organisation of, in lower case.
    Column("id", Id, primary_key=True),
    Column("address", Text, nullable=False, unique=True),
    Column("customer_id", Id, ForeignKey("customers.id", ondelete="CASCADE"), nullable=False),
    Column("remembered_by", Text, nullable=False),
    Column("remembered_at", UtcDateTime, nullable=False),
    Index(None, "customer_id"),
)

outbox = Table(
    "outbox",
    metadata,
    # What goes out, written in the transaction of the act that it is of.
    Column("id", Id, primary_key=True),
    _of_ticket(nullable=False, index=True),
    Column("line_id", Id, ForeignKey("messages.id", ondelete="SET NULL"), index=True),
    Column("source", Text, nullable=False),
    Column("act", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("thread", Text, nullable=False),
    Column("to_name", Text, nullable=False),
    Column("to_address", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("text", Text, nullable=False),
    Column("message_id", Text, nullable=False, index=True),
    # A JSON list.
    Column("answers", Text, nullable=False),
    # None for nobody, where the act is to give the ticket away.
    Column("owner", Text),
    Column("seen", Text, nullable=False),
    Column("author", Text, nullable=False),
    Column("workstation", Text, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("tries", Integer, nullable=False),
    Column("next_at", UtcDateTime),
    # The desk that hands it over, since when.
    Column("claimed_by", Text, nullable=False),
    Column("claimed_at", UtcDateTime),
    Column("ended_at", UtcDateTime),
    Column("detail", Text, nullable=False),
    Column("revision", BigInteger, nullable=False, index=True),
    CheckConstraint("act IN ('answer', 'owner', 'close', 'reopen')", name="act"),
    CheckConstraint(
        "state IN ('waiting', 'sending', 'sent', 'unsure', 'refused', 'conflict', 'bounced', 'dropped')",
        name="state",
    ),
    Index(None, "state", "source"),
)
