"""The tables of what an engineer knows of an organisation beyond its tickets; a part of `schema.metadata`.

They stand apart since the board that starts reads none of them. What makes texts searchable, FTS5 on
SQLite and a text search vector on PostgreSQL, stands in migration 0007: SQLAlchemy has no name for it that
both know.
"""

from __future__ import annotations

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

customer_texts = Table(
    "customer_texts",
    metadata,
    # The words that an organisation as a whole is found by, folded, a blank between them: those of id, name,
    # contacts, numbers and services.
    Column(
        "customer_id",
        Id,
        ForeignKey("customers.id", ondelete="CASCADE"),
        primary_key=True,
        autoincrement=False,
    ),
    Column("text", Text, nullable=False),
)

access_uses = Table(
    "access_uses",
    metadata,
    # Who of us used what a customer had opened for a while (R23), from when to when and for what.
    Column("id", Id, primary_key=True),
    Column("access_id", Id, ForeignKey("access.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("operator", Text, nullable=False),
    Column("workstation", Text, nullable=False),
    Column("purpose", Text, nullable=False),
    # No foreign key: the use stays when the ticket is purged.
    Column("ticket_id", Id),
    Column("ticket", Text, nullable=False),
    Column("began_at", UtcDateTime, nullable=False),
    Column("ended_at", UtcDateTime),
    Column("revision", BigInteger, nullable=False, index=True),
    Index(None, "ended_at"),
)

documents = Table(
    "documents",
    metadata,
    # Technical documents that were issued (R25); `number` counts those of one organisation.
    Column("id", Id, primary_key=True),
    Column("customer_id", Id, ForeignKey("customers.id", ondelete="CASCADE"), nullable=False),
    Column("number", Integer, nullable=False),
    Column("issued_at", UtcDateTime, nullable=False),
    Column("issued_by", Text, nullable=False),
    Column("workstation", Text, nullable=False),
    Column("language", Text, nullable=False),
    # The code that is printed on it: revoked, it says that the document is out of date.
    Column("code_id", Id, ForeignKey("codes.id", ondelete="SET NULL")),
    UniqueConstraint("customer_id", "number"),
)

guides = Table(
    "guides",
    metadata,
    # Guides, and partners for what is out of scope (R24); each goes by its link.
    Column("id", Id, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("url", Text, nullable=False, unique=True),
    Column("title", Text, nullable=False),
    # In two letters, those of a partner with a space between them; empty where it isn't known.
    Column("language", Text, nullable=False),
    # A JSON list of words.
    Column("tags", Text, nullable=False),
    Column("text", Text, nullable=False),
    Column("import_digest", Text, nullable=False),
    Column("revision", BigInteger, nullable=False, index=True),
    CheckConstraint("kind IN ('guide', 'partner')", name="kind"),
)

guide_texts = Table(
    "guide_texts",
    metadata,
    # The words of a guide as they are looked for: folded, each with its stem.
    Column(
        "guide_id", Id, ForeignKey("guides.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    ),
    Column("title", Text, nullable=False),
    Column("tags", Text, nullable=False),
    Column("text", Text, nullable=False),
)

guide_uses = Table(
    "guide_uses",
    metadata,
    # Who gave a customer which guide, on which ticket or in which call; `closed_at` once the ticket is done.
    Column("id", Id, primary_key=True),
    Column("guide_id", Id, ForeignKey("guides.id", ondelete="CASCADE"), nullable=False, index=True),
    # No foreign key: the use stays when the ticket is purged.
    Column("ticket_id", Id, index=True),
    Column("ticket", Text, nullable=False),
    Column("call", Text, nullable=False),
    Column("operator", Text, nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Column("closed_at", UtcDateTime),
)

guide_words = Table(
    "guide_words",
    metadata,
    # How many tickets a guide closed whose subject has a word, by its stem: which kind of ticket it is for.
    Column("word", Text, primary_key=True),
    Column(
        "guide_id", Id, ForeignKey("guides.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    ),
    Column("closed", Integer, nullable=False),
    Index(None, "guide_id"),
)

SEARCH_TABLES = ("customer_fts", "guide_fts")
"""The FTS5 tables of migration 0007 on SQLite; each has further tables of its own that begin so."""

SEARCH_INDEXES = ("ix_customer_texts_vector", "ix_guide_texts_vector", "ix_contacts_number_end")
"""The indexes of migration 0007 of which SQLAlchemy has no name for what they hold: those of text search on
PostgreSQL, and the last digits of telephone numbers.
"""

SEARCH_COLUMNS = ("vector",)
"""The column of `guide_texts` on PostgreSQL that the database itself keeps, with weights A, B and D."""
