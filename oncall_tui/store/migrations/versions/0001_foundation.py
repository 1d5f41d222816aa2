"""Customers, tickets, conversation, audit."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_OPEN = sa.text("closed_at IS NULL")
OPEN: dict[str, Any] = {"sqlite_where": _OPEN, "postgresql_where": _OPEN}

# The audit is append-only (R20), whoever asks: the database itself refuses.
APPEND_ONLY_SQLITE = """
CREATE TRIGGER audit_no_{verb} BEFORE {verb} ON audit
BEGIN SELECT RAISE(ABORT, 'the audit is append-only'); END
"""
APPEND_ONLY_POSTGRESQL = (
    """
CREATE FUNCTION audit_append_only() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION 'the audit is append-only'; END $$
""",
    """
CREATE TRIGGER audit_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON audit
FOR EACH STATEMENT EXECUTE FUNCTION audit_append_only()
""",
)


def upgrade() -> None:
    """Make every table, the counter of revisions and the guard of the audit."""
    op.create_table(
        "audit",
        sa.Column("id", ID, nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("operator", sa.Text(), nullable=False),
        sa.Column("workstation", sa.Text(), nullable=False),
        sa.Column("act", sa.Text(), nullable=False),
        sa.Column("ticket_id", ID, nullable=True),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_audit"),
    )
    op.create_index("ix_audit_at", "audit", ["at"])
    op.create_index("ix_audit_ticket_id", "audit", ["ticket_id"])
    op.create_table(
        "calendars",
        sa.Column("id", ID, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("fingerprint", sa.Text(), nullable=False),
        sa.Column("definition", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_calendars"),
        sa.UniqueConstraint("fingerprint", name="uq_calendars_fingerprint"),
    )
    op.create_table(
        "customers",
        sa.Column("id", ID, nullable=False),
        sa.Column("ref", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("plan", sa.Text(), nullable=False),
        sa.Column("subscribed_on", sa.Text(), nullable=True),
        sa.Column("partner", sa.Boolean(), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("import_digest", sa.Text(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("plan IN ('standard', 'plus', 'pro', 'enterprise')", name="ck_customers_plan"),
        sa.PrimaryKeyConstraint("id", name="pk_customers"),
        sa.UniqueConstraint("ref", name="uq_customers_ref"),
    )
    op.create_index("ix_customers_revision", "customers", ["revision"])
    op.create_table(
        "revision",
        sa.Column("id", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("value", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("id = 1", name="ck_revision_single"),
        sa.PrimaryKeyConstraint("id", name="pk_revision"),
    )
    op.create_table(
        "access",
        sa.Column("id", ID, nullable=False),
        sa.Column("customer_id", ID, nullable=False),
        sa.Column("service", sa.Text(), nullable=False),
        sa.Column("granted_at", sa.BigInteger(), nullable=False),
        sa.Column("until", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["customers.id"], name="fk_access_customer_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_access"),
    )
    op.create_index("ix_access_customer_id", "access", ["customer_id"])
    op.create_table(
        "contacts",
        sa.Column("id", ID, nullable=False),
        sa.Column("customer_id", ID, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("email", sa.Text(), nullable=False),
        sa.Column("phone", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["customers.id"], name="fk_contacts_customer_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_contacts"),
    )
    op.create_index("ix_contacts_customer_id", "contacts", ["customer_id"])
    op.create_table(
        "managers",
        sa.Column("id", ID, nullable=False),
        sa.Column("customer_id", ID, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("email", sa.Text(), nullable=False),
        sa.Column("phone", sa.Text(), nullable=False),
        sa.Column("technical", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["customers.id"], name="fk_managers_customer_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_managers"),
    )
    op.create_index("ix_managers_customer_id", "managers", ["customer_id"])
    op.create_table(
        "services",
        sa.Column("id", ID, nullable=False),
        sa.Column("customer_id", ID, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["customers.id"], name="fk_services_customer_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_services"),
    )
    op.create_index("ix_services_customer_id", "services", ["customer_id"])
    op.create_table(
        "tickets",
        sa.Column("id", ID, nullable=False),
        sa.Column("ref", sa.Text(), nullable=False),
        sa.Column("customer_id", ID, nullable=False),
        sa.Column("plan", sa.Text(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("contact", sa.Text(), nullable=False),
        sa.Column("received_at", sa.BigInteger(), nullable=False),
        sa.Column("recorded_at", sa.BigInteger(), nullable=False),
        sa.Column("calendar_id", ID, nullable=False),
        sa.Column("budget", sa.BigInteger(), nullable=True),
        sa.Column("response_due_at", sa.BigInteger(), nullable=True),
        sa.Column("response_warning_at", sa.BigInteger(), nullable=True),
        sa.Column("response_critical_at", sa.BigInteger(), nullable=True),
        sa.Column("response_due_open", sa.BigInteger(), nullable=True),
        sa.Column("upgraded_at", sa.BigInteger(), nullable=True),
        sa.Column("owner", sa.Text(), nullable=True),
        sa.Column("owner_since", sa.BigInteger(), nullable=True),
        sa.Column("answered_at", sa.BigInteger(), nullable=True),
        sa.Column("answered_by", sa.Text(), nullable=True),
        sa.Column("answered_means", sa.Text(), nullable=True),
        sa.Column("promise_made_at", sa.BigInteger(), nullable=True),
        sa.Column("promise_made_by", sa.Text(), nullable=True),
        sa.Column("promise_due_at", sa.BigInteger(), nullable=True),
        sa.Column("promise_warning_at", sa.BigInteger(), nullable=True),
        sa.Column("promise_critical_at", sa.BigInteger(), nullable=True),
        sa.Column("promise_due_open", sa.BigInteger(), nullable=True),
        sa.Column("closed_at", sa.BigInteger(), nullable=True),
        sa.Column("close_reason", sa.Text(), nullable=False),
        sa.Column("sort_due", sa.BigInteger(), nullable=False),
        sa.Column("sort_rank", sa.SmallInteger(), nullable=False),
        sa.Column("warning_at", sa.BigInteger(), nullable=True),
        sa.Column("critical_at", sa.BigInteger(), nullable=True),
        sa.Column("clock_calendar_id", sa.BigInteger(), nullable=True),
        sa.Column("due_open", sa.BigInteger(), nullable=True),
        sa.Column("import_digest", sa.Text(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("channel IN ('email', 'phone', 'emergency')", name="ck_tickets_channel"),
        sa.CheckConstraint("plan IN ('standard', 'plus', 'pro', 'enterprise')", name="ck_tickets_plan"),
        sa.CheckConstraint("answered_at >= received_at", name="ck_tickets_answered_after_receipt"),
        sa.CheckConstraint("closed_at >= received_at", name="ck_tickets_closed_after_receipt"),
        sa.ForeignKeyConstraint(["calendar_id"], ["calendars.id"], name="fk_tickets_calendar_id"),
        sa.ForeignKeyConstraint(["customer_id"], ["customers.id"], name="fk_tickets_customer_id"),
        sa.PrimaryKeyConstraint("id", name="pk_tickets"),
        sa.UniqueConstraint("ref", name="uq_tickets_ref"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_tickets_closed_at", "tickets", ["closed_at"])
    op.create_index("ix_tickets_counts", "tickets", ["plan", "channel", "owner"], **OPEN)
    op.create_index("ix_tickets_customer_id", "tickets", ["customer_id"], **OPEN)
    op.create_index(
        "ix_tickets_opening",
        "tickets",
        ["clock_calendar_id", "due_open", "sort_rank", "received_at", "id"],
        **OPEN,
    )
    op.create_index("ix_tickets_queue", "tickets", ["sort_due", "sort_rank", "received_at", "id"], **OPEN)
    op.create_index(
        "ix_tickets_queue_plan", "tickets", ["plan", "sort_due", "sort_rank", "received_at", "id"], **OPEN
    )
    op.create_index("ix_tickets_revision", "tickets", ["revision"])
    op.create_index("ix_tickets_urgency", "tickets", ["warning_at", "critical_at", "sort_due"], **OPEN)
    op.create_table(
        "messages",
        sa.Column("id", ID, nullable=False),
        sa.Column("ticket_id", ID, nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("author", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["ticket_id"], ["tickets.id"], name="fk_messages_ticket_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_messages"),
    )
    op.create_index("ix_messages_ticket_id", "messages", ["ticket_id"])
    op.create_table(
        "ticket_spans",
        sa.Column("id", ID, nullable=False),
        sa.Column("ticket_id", ID, nullable=False),
        sa.Column("aspect", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("began_at", sa.BigInteger(), nullable=False),
        sa.Column("ended_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["ticket_id"], ["tickets.id"], name="fk_ticket_spans_ticket_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_ticket_spans"),
    )
    op.create_index("ix_ticket_spans_ended_at", "ticket_spans", ["ended_at"])
    op.create_index("ix_ticket_spans_ticket_id", "ticket_spans", ["ticket_id"])
    op.execute("INSERT INTO revision (id, value) VALUES (1, 0)")
    if op.get_bind().dialect.name == "postgresql":
        for statement in APPEND_ONLY_POSTGRESQL:
            op.execute(statement)
    else:
        for verb in ("update", "delete"):
            op.execute(APPEND_ONLY_SQLITE.format(verb=verb))
