"""Codes and their limits, who is found by a number, the audit chained."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import sqlalchemy as sa
from alembic import op

from oncall_tui.domain.folding import fold, searchable_contact
from oncall_tui.store import seals
from oncall_tui.store.phones import e164
from oncall_tui.store.seals import Head, Sealed

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

BATCH_ROWS = 1_000
"""Rows in memory at a time."""

REGION = "CH"
"""Where a number without a country belongs: a migration knows no settings, and this is their default."""

NO_UPDATE = """
CREATE TRIGGER audit_no_update BEFORE UPDATE ON audit
BEGIN SELECT RAISE(ABORT, 'the audit is append-only'); END
"""

# To SQLite, REPLACE is no update, nor a delete that a guard would hear of.
NO_REPLACE = """
CREATE TRIGGER audit_no_replace BEFORE INSERT ON audit
WHEN EXISTS (SELECT 1 FROM audit WHERE id = NEW.id)
BEGIN SELECT RAISE(ABORT, 'the audit is append-only'); END
"""


def upgrade() -> None:
    """Make the tables of codes, and add the columns that people and entries are found by."""
    _add_codes()
    _add_search()
    _add_seals()


def _add_codes() -> None:
    op.create_table(
        "key_in_force",
        sa.Column("id", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("key_id", sa.Text(), nullable=False),
        sa.Column("since", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("id = 1", name="ck_key_in_force_single"),
        sa.PrimaryKeyConstraint("id", name="pk_key_in_force"),
    )
    op.create_table(
        "codes",
        sa.Column("id", ID, nullable=False),
        sa.Column("customer_id", ID, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("contact", sa.Text(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("sealed", sa.Text(), nullable=False),
        sa.Column("key_id", sa.Text(), nullable=False),
        sa.Column("issued_at", sa.BigInteger(), nullable=False),
        sa.Column("revoked_at", sa.BigInteger(), nullable=True),
        sa.CheckConstraint("kind IN ('vip', 'support')", name="ck_codes_kind"),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["customers.id"], name="fk_codes_customer_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_codes"),
        sa.UniqueConstraint("digest", name="uq_codes_digest"),
    )
    op.create_index("ix_codes_customer_id", "codes", ["customer_id"])
    op.create_index("ix_codes_key_id", "codes", ["key_id"])
    op.create_table(
        "code_attempts",
        sa.Column("id", ID, nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("call", sa.Text(), nullable=False),
        sa.Column("caller", sa.Text(), nullable=False),
        sa.Column("customer", sa.Text(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_code_attempts"),
    )
    op.create_index("ix_code_attempts_outcome_at", "code_attempts", ["outcome", "at"])
    op.create_index("ix_code_attempts_call_at", "code_attempts", ["call", "at"])
    op.create_index("ix_code_attempts_caller_at", "code_attempts", ["caller", "at"])
    op.create_index("ix_code_attempts_customer_at", "code_attempts", ["customer", "at"])
    op.create_table(
        "code_waits",
        sa.Column("id", ID, nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("began_at", sa.BigInteger(), nullable=False),
        sa.Column("until", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_code_waits"),
    )
    op.create_index("ix_code_waits_subject_began_at", "code_waits", ["subject", "began_at"])


def _add_search() -> None:
    for table in ("contacts", "services"):
        op.add_column(table, sa.Column("search", sa.Text(), nullable=False, server_default=""))
    op.add_column("contacts", sa.Column("e164", sa.Text(), nullable=False, server_default=""))
    op.create_index("ix_contacts_e164", "contacts", ["e164"])
    _fill("contacts", ("name", "email", "phone"), _contact)
    _fill("services", ("name",), _service)
    calls = sa.text("channel <> 'email'")
    op.create_index(
        "ix_tickets_calls",
        "tickets",
        ["customer_id", "received_at"],
        sqlite_where=calls,
        postgresql_where=calls,
    )


def _contact(row: Any) -> dict[str, str]:
    return {"search": searchable_contact(row.name, row.email), "e164": e164(row.phone, REGION)}


def _service(row: Any) -> dict[str, str]:
    return {"search": fold(row.name)}


def _fill(table: str, sources: tuple[str, ...], values: Callable[[Any], dict[str, str]]) -> None:
    """Work out the new columns of a table from the old ones, `BATCH_ROWS` at a time."""
    connection = op.get_bind()
    rows = sa.table(table, *map(sa.column, ("id", "search", "e164", *sources)))
    batch = (
        sa.select(rows.c.id, *(rows.c[name] for name in sources))
        .where(rows.c.id > sa.bindparam("after"))
        .order_by(rows.c.id)
        .limit(BATCH_ROWS)
    )
    update = rows.update().where(rows.c.id == sa.bindparam("row"))
    last = 0
    while found := connection.execute(batch, {"after": last}).fetchall():
        changes = [values(row) for row in found]
        update_batch = update.values({name: sa.bindparam(f"new_{name}") for name in changes[0]})
        connection.execute(
            update_batch,
            [
                {"row": row.id} | {f"new_{name}": text for name, text in change.items()}
                for row, change in zip(found, changes, strict=True)
            ],
        )
        last = found[-1].id


def _add_seals() -> None:
    for name in ("customer", "outcome", "key_id", "seal"):
        op.add_column("audit", sa.Column(name, sa.Text(), nullable=False, server_default=""))
    op.create_index("ix_audit_customer", "audit", ["customer"])
    op.create_table(
        "audit_head",
        sa.Column("id", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("last_id", sa.BigInteger(), nullable=False),
        sa.Column("last_seal", sa.Text(), nullable=False),
        sa.Column("key_id", sa.Text(), nullable=False),
        sa.Column("seal", sa.Text(), nullable=False),
        sa.CheckConstraint("id = 1", name="ck_audit_head_single"),
        sa.PrimaryKeyConstraint("id", name="pk_audit_head"),
    )
    _seal_what_is_there()


def _seal_what_is_there() -> None:
    """Chain the entries without a key, and write the head. Their organisation is that of the ticket."""
    connection = op.get_bind()
    postgresql = connection.dialect.name == "postgresql"
    entry = sa.table("audit", *map(sa.column, (*Sealed._fields, "seal")))
    ticket = sa.table("tickets", sa.column("id"), sa.column("customer_id"))
    customer = sa.table("customers", sa.column("id"), sa.column("ref"))
    batch = (
        sa.select(*(entry.c[name] for name in Sealed._fields), customer.c.ref)
        .select_from(
            entry.outerjoin(ticket, ticket.c.id == entry.c.ticket_id).outerjoin(
                customer, customer.c.id == ticket.c.customer_id
            )
        )
        .where(entry.c.id > sa.bindparam("after"))
        .order_by(entry.c.id)
        .limit(BATCH_ROWS)
    )
    update = (
        entry.update()
        .where(entry.c.id == sa.bindparam("row"))
        .values({name: sa.bindparam(f"new_{name}") for name in ("customer", "outcome", "seal")})
    )
    # The audit is append-only (R20): its guard steps aside for this one time.
    op.execute(
        "ALTER TABLE audit DISABLE TRIGGER audit_append_only"
        if postgresql
        else "DROP TRIGGER audit_no_update"
    )
    last, seal = 0, seals.NOTHING
    while found := connection.execute(batch, {"after": last}).fetchall():
        changes = []
        for *fields, ref in found:
            sealed = Sealed(*fields)._replace(customer=ref or "", outcome="done")
            last, seal = sealed.id, seals.of_entry(None, seal, sealed)
            changes.append(
                {"row": last, "new_customer": sealed.customer, "new_outcome": "done", "new_seal": seal}
            )
        connection.execute(update, changes)
    op.execute("ALTER TABLE audit ENABLE TRIGGER audit_append_only" if postgresql else NO_UPDATE)
    if not postgresql:
        op.execute(NO_REPLACE)
    head = sa.table("audit_head", *map(sa.column, ("id", *Head._fields)))
    op.execute(head.insert().values(id=1, **seals.of_head(None, last, seal)._asdict()))
