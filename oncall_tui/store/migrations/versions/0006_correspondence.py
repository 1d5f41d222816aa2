"""What comes in from other systems and goes out to them, and whom a mail address belongs to."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from oncall_tui.domain.addresses import address_of

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

BATCH_ROWS = 1_000
"""Rows in memory at a time."""


def upgrade() -> None:
    """Add the tables and the columns."""
    for name in ("language", "outgoing"):
        op.add_column("tickets", sa.Column(name, sa.Text(), nullable=False, server_default=""))
    _contacts()
    _sources()
    _letters()
    _outbox()


def _contacts() -> None:
    for name in ("address", "domain"):
        op.add_column("contacts", sa.Column(name, sa.Text(), nullable=False, server_default=""))
        op.create_index(f"ix_contacts_{name}", "contacts", [name])
    contacts = sa.table("contacts", *map(sa.column, ("id", "email", "address", "domain")))
    connection, last = op.get_bind(), 0
    while True:
        query = sa.select(contacts.c.id, contacts.c.email).where(contacts.c.id > last)
        rows = connection.execute(query.order_by(contacts.c.id).limit(BATCH_ROWS)).fetchall()
        if not rows:
            return
        last = rows[-1].id
        change = sa.update(contacts).where(contacts.c.id == sa.bindparam("row"))
        change = change.values(address=sa.bindparam("new_address"), domain=sa.bindparam("new_domain"))
        values = []
        for row in rows:
            address, domain = address_of(row.email)
            values.append({"row": row.id, "new_address": address, "new_domain": domain})
        connection.execute(change, values)


def _texts(*names: str) -> list[sa.Column[str]]:
    return [sa.Column(name, sa.Text(), nullable=False) for name in names]


def _instants(*names: str, nullable: bool = True) -> list[sa.Column[int]]:
    return [sa.Column(name, sa.BigInteger(), nullable=nullable) for name in names]


def _ticket(table: str, on_delete: str = "CASCADE") -> sa.ForeignKeyConstraint:
    name = op.f(f"fk_{table}_ticket_id")
    return sa.ForeignKeyConstraint(["ticket_id"], ["tickets.id"], name=name, ondelete=on_delete)


def _line(table: str) -> sa.ForeignKeyConstraint:
    name = op.f(f"fk_{table}_line_id")
    return sa.ForeignKeyConstraint(["line_id"], ["messages.id"], name=name, ondelete="SET NULL")


def _sources() -> None:
    op.create_table(
        "sources",
        sa.Column("id", ID, nullable=False),
        *_texts("name", "kind", "place", "cursor", "holder"),
        *_instants("held_until", "succeeded_at", "failed_at"),
        *_texts("error"),
        sa.Column("failures", sa.Integer(), nullable=False),
        *_instants("next_at", "lag"),
        *(sa.Column(name, sa.Integer(), nullable=False) for name in ("done", "total")),
        *_instants("revision", nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sources")),
        sa.UniqueConstraint("name", name=op.f("uq_sources_name")),
    )
    op.create_table(
        "senders",
        sa.Column("id", ID, nullable=False),
        *_texts("address"),
        sa.Column("customer_id", ID, nullable=False),
        *_texts("remembered_by"),
        *_instants("remembered_at", nullable=False),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["customers.id"], name=op.f("fk_senders_customer_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_senders")),
        sa.UniqueConstraint("address", name=op.f("uq_senders_address")),
    )
    op.create_index("ix_senders_customer_id", "senders", ["customer_id"])
    op.create_table(
        "ticket_links",
        sa.Column("ticket_id", ID, autoincrement=False, nullable=False),
        *_texts("source", "thread", "name", "address", "version", "owner"),
        _ticket("ticket_links"),
        sa.PrimaryKeyConstraint("ticket_id", name=op.f("pk_ticket_links")),
    )
    op.create_index("ix_ticket_links_source_thread", "ticket_links", ["source", "thread"])


def _letters() -> None:
    op.create_table(
        "letters",
        sa.Column("id", ID, nullable=False),
        *_texts("source", "key", "message_id", "kind"),
        sa.Column("ticket_id", ID, nullable=True),
        sa.Column("line_id", ID, nullable=True),
        sa.Column("number", sa.Integer(), nullable=True),
        *_texts("sender_name", "sender_address", "subject"),
        *_instants("received_at", "recorded_at", "size", "revision", nullable=False),
        _ticket("letters", "SET NULL"),
        _line("letters"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_letters")),
        sa.UniqueConstraint("number", name=op.f("uq_letters_number")),
        sa.UniqueConstraint("source", "key", name=op.f("uq_letters_source_key")),
    )
    for column in ("ticket_id", "line_id", "message_id"):
        op.create_index(f"ix_letters_{column}", "letters", [column])
    op.create_table(
        "attachments",
        sa.Column("id", ID, nullable=False),
        sa.Column("letter_id", ID, nullable=False),
        *_texts("name", "media_type"),
        *_instants("size", nullable=False),
        *_texts("part"),
        sa.ForeignKeyConstraint(
            ["letter_id"], ["letters.id"], name=op.f("fk_attachments_letter_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attachments")),
    )
    op.create_index("ix_attachments_letter_id", "attachments", ["letter_id"])


def _outbox() -> None:
    op.create_table(
        "outbox",
        sa.Column("id", ID, nullable=False),
        sa.Column("ticket_id", ID, nullable=False),
        sa.Column("line_id", ID, nullable=True),
        *_texts("source", "act", "state", "thread", "to_name", "to_address", "subject", "text"),
        *_texts("message_id", "answers"),
        sa.Column("owner", sa.Text(), nullable=True),
        *_texts("seen", "author", "workstation"),
        *_instants("created_at", nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        *_instants("next_at"),
        *_texts("claimed_by"),
        *_instants("claimed_at", "ended_at"),
        *_texts("detail"),
        *_instants("revision", nullable=False),
        sa.CheckConstraint("act IN ('answer', 'owner', 'close', 'reopen')", name=op.f("ck_outbox_act")),
        sa.CheckConstraint(
            "state IN ('waiting', 'sending', 'sent', 'unsure', 'refused', 'conflict', 'bounced', 'dropped')",
            name=op.f("ck_outbox_state"),
        ),
        _ticket("outbox"),
        _line("outbox"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outbox")),
    )
    for column in ("ticket_id", "line_id", "message_id", "revision"):
        op.create_index(f"ix_outbox_{column}", "outbox", [column])
    op.create_index("ix_outbox_state_source", "outbox", ["state", "source"])
