"""Alerts, what became of their deliveries, and the indexes that find the next deadline."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Add the tables and the indexes."""
    _alerts()
    _deliveries()
    op.create_table(
        "alert_watch",
        sa.Column("id", sa.SmallInteger(), autoincrement=False, nullable=False),
        *(
            sa.Column(name, sa.BigInteger(), nullable=False)
            for name in ("until", "revision", "audit_id", "ticket_id", "wait_id", "attempt_id")
        ),
        sa.CheckConstraint("id = 1", name=op.f("ck_alert_watch_single")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_alert_watch")),
    )
    op.create_index(
        "ix_tickets_response",
        "tickets",
        ["calendar_id", "budget", "response_due_open"],
        **_where("closed_at IS NULL AND answered_at IS NULL AND response_due_open IS NOT NULL"),
    )
    op.create_index(
        "ix_tickets_promise",
        "tickets",
        ["promise_due_at"],
        **_where("closed_at IS NULL AND promise_due_at IS NOT NULL"),
    )


def _alerts() -> None:
    op.create_table(
        "alerts",
        sa.Column("id", ID, nullable=False),
        sa.Column("key", sa.Text(), nullable=True),
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("kind", "level", "subject")),
        *(sa.Column(name, sa.BigInteger(), nullable=False) for name in ("at", "raised_at")),
        sa.Column("ticket_id", ID, nullable=True),
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("customer", "customer_name", "plan")),
        sa.Column("due_at", sa.BigInteger(), nullable=True),
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("facts", "addressee", "author")),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("round_at", sa.BigInteger(), nullable=False),
        sa.Column("step", sa.Integer(), nullable=False),
        sa.Column("again_at", sa.BigInteger(), nullable=True),
        sa.Column("snoozed_by", sa.Text(), nullable=False),
        sa.Column("acknowledged_at", sa.BigInteger(), nullable=True),
        sa.Column("acknowledged_by", sa.Text(), nullable=False),
        sa.Column("settled_at", sa.BigInteger(), nullable=True),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_alerts")),
        sa.UniqueConstraint("key", name=op.f("uq_alerts_key")),
    )
    op.create_index("ix_alerts_ticket_id", "alerts", ["ticket_id"])
    op.create_index("ix_alerts_revision", "alerts", ["revision"])
    op.create_index("ix_alerts_raised_at_id", "alerts", ["raised_at", "id"])
    is_open = "acknowledged_at IS NULL AND settled_at IS NULL"
    op.create_index("ix_alerts_open", "alerts", ["raised_at", "id"], **_where(is_open))
    op.create_index("ix_alerts_again_at", "alerts", ["again_at"], **_where("again_at IS NOT NULL"))


def _deliveries() -> None:
    op.create_table(
        "alert_deliveries",
        sa.Column("id", ID, nullable=False),
        sa.Column("alert_id", ID, nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("channel", "place", "result")),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("ended_at", sa.BigInteger(), nullable=True),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.Column("together", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["alert_id"], ["alerts.id"], name=op.f("fk_alert_deliveries_alert_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_alert_deliveries")),
        sa.UniqueConstraint(
            "alert_id",
            "round",
            "channel",
            "place",
            name=op.f("uq_alert_deliveries_alert_id_round_channel_place"),
        ),
    )
    op.create_index("ix_alert_deliveries_place_at", "alert_deliveries", ["place", "at"])


def _where(condition: str) -> dict[str, Any]:
    return {"sqlite_where": sa.text(condition), "postgresql_where": sa.text(condition)}
