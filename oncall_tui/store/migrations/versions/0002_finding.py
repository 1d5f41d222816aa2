"""Folded text for filters, indexes for more orders, messages that were taken back."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

from oncall_tui.domain.folding import fold

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

BATCH_ROWS = 1_000
"""Rows in memory at a time."""

SOURCES = {"tickets": ("ref", "subject", "contact", "owner"), "customers": ("ref", "name")}
"""The columns whose text, a line each, is folded."""


def upgrade() -> None:
    """Add columns and indexes, and fold what is there."""
    for table, sources in SOURCES.items():
        # The default is for a board of the version before that is still open and files a request.
        op.add_column(table, sa.Column("search", sa.Text(), nullable=False, server_default=""))
        _fill(table, sources)
    op.add_column("messages", sa.Column("withdrawn_at", sa.BigInteger(), nullable=True))
    op.create_index("ix_tickets_received_at", "tickets", ["received_at", "id"], **_where("closed_at IS NULL"))
    op.create_index("ix_tickets_changed", "tickets", ["revision", "id"], **_where("closed_at IS NULL"))
    # Boards keep their counts by change.
    op.drop_index("ix_tickets_urgency", "tickets")
    op.drop_index("ix_tickets_counts", "tickets")
    op.drop_index("ix_tickets_closed_at", "tickets")
    op.create_index("ix_tickets_closed_at", "tickets", ["closed_at"], **_where("closed_at IS NOT NULL"))


def _where(condition: str) -> dict[str, Any]:
    return {"sqlite_where": sa.text(condition), "postgresql_where": sa.text(condition)}


def _fill(table: str, sources: tuple[str, ...]) -> None:
    connection = op.get_bind()
    rows = sa.table(table, *map(sa.column, ("id", "search", *sources)))
    batch = (
        sa.select(rows.c.id, *(rows.c[name] for name in sources))
        .where(rows.c.id > sa.bindparam("after"))
        .order_by(rows.c.id)
        .limit(BATCH_ROWS)
    )
    update = rows.update().where(rows.c.id == sa.bindparam("row")).values(search=sa.bindparam("folded"))
    last = 0
    while found := connection.execute(batch, {"after": last}).fetchall():
        folded = (fold("\n".join(text or "" for text in texts)) for _, *texts in found)
        connection.execute(
            update, [{"row": row.id, "folded": text} for row, text in zip(found, folded, strict=True)]
        )
        last = found[-1].id
