"""Codes and their limits, who is found by a number, the audit chained."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import sqlalchemy as sa
from alembic import op

from oncall_tui.domain.folding import fold, searchable_contact
from oncall_tui.store import seals
from oncall_tui.store.phones import e164

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

BATCH_ROWS = 1_000
"""Rows in memory at a time."""

# As 0001 made it.
APPEND_ONLY_SQLITE = """
CREATE TRIGGER audit_no_update BEFORE update ON audit
BEGIN SELECT RAISE(ABORT, 'the audit is append-only'); END
"""
REGION = "CH"
"""Where a number without a country belongs: a migration knows no settings, and this is their default."""


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
    _chain_what_is_there()


def _chain_what_is_there() -> None:
    """Seal the entries from before, without a key: a migration has none, and the next entry is sealed over
    them with one.
    """
    connection = op.get_bind()
    rows = sa.table("audit", *map(sa.column, (*seals.SEALED, "seal")))
    batch = (
        sa.select(*(rows.c[name] for name in seals.SEALED))
        .where(rows.c.id > sa.bindparam("after"))
        .order_by(rows.c.id)
        .limit(BATCH_ROWS)
    )
    change = rows.update().where(rows.c.id == sa.bindparam("entry")).values(seal=sa.bindparam("new_seal"))
    _open_the_guard()
    last, seal = 0, seals.BEGINNING
    while found := connection.execute(batch, {"after": last}).fetchall():
        changes = []
        for row in found:
            seal = seals.seal_of(None, seal, tuple(row))
            changes.append({"entry": row.id, "new_seal": seal})
        connection.execute(change, changes)
        last = found[-1].id
    _close_the_guard()
    if last:
        heads = sa.table("audit_head", *map(sa.column, ("id", "last_id", "last_seal", "key_id", "seal")))
        values = {
            "last_id": last,
            "last_seal": seal,
            "key_id": "",
            "seal": seals.seal_of_head(None, last, seal, ""),
        }
        connection.execute(heads.insert().values(id=1, **values))


def _open_the_guard() -> None:
    if op.get_context().dialect.name == "sqlite":
        op.execute("DROP TRIGGER audit_no_update")
    else:
        op.execute("ALTER TABLE audit DISABLE TRIGGER audit_append_only")


def _close_the_guard() -> None:
    if op.get_context().dialect.name == "sqlite":
        op.execute(APPEND_ONLY_SQLITE)
    else:
        op.execute("ALTER TABLE audit ENABLE TRIGGER audit_append_only")
