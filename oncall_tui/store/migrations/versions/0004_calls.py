"""Calls on the emergency line, their steps and the records of them."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

APPEND_ONLY = "calls are append-only"
"""What the database says to whoever would change what was written down (R13, R15)."""

# To SQLite, REPLACE is no update, nor a delete that a guard would hear of: it takes the rows away that
# any unique column clashes with.
CLASHES = {
    "calls": "id = NEW.id OR ref = NEW.ref OR external_id = NEW.external_id",
    "call_steps": "id = NEW.id",
    "call_records": "id = NEW.id OR corrects = NEW.corrects"
    " OR (corrects IS NULL AND NEW.corrects IS NULL AND call_id = NEW.call_id)",
}

# What rang stays what it was, what is known stays known, and after the record only the end may be told.
CHANGES = (
    "NEW.id <> OLD.id OR NEW.ref <> OLD.ref OR NEW.origin <> OLD.origin OR NEW.rang_at <> OLD.rang_at"
    " OR COALESCE(NEW.external_id, '') <> COALESCE(OLD.external_id, '')"
    " OR (OLD.number <> '' AND (NEW.number <> OLD.number OR NEW.e164 <> OLD.e164))"
    " OR (OLD.called <> '' AND NEW.called <> OLD.called)"
    " OR (OLD.picked_up_at IS NOT NULL"
    " AND (NEW.picked_up_at IS NULL OR NEW.picked_up_at <> OLD.picked_up_at))"
    " OR (OLD.hung_up_at IS NOT NULL AND (NEW.hung_up_at IS NULL OR NEW.hung_up_at <> OLD.hung_up_at))"
    " OR (OLD.recorded_at IS NOT NULL AND (NEW.recorded_at IS NULL OR NEW.recorded_at <> OLD.recorded_at"
    " OR NEW.picked_up_at IS NOT NULL AND OLD.picked_up_at IS NULL"
    " OR COALESCE(NEW.operator, '') <> COALESCE(OLD.operator, '')))"
    " OR (OLD.operator IS NOT NULL AND NEW.operator IS NULL)"
)

# A correction is one of the same call and of its last word, which it doesn't turn into another decision.
CORRECTS = (
    "SELECT 1 FROM call_records AS before WHERE before.id = NEW.corrects AND before.call_id = NEW.call_id"
    " AND before.decision = NEW.decision AND before.rang_at = NEW.rang_at"
)
CALL = "SELECT 1 FROM calls WHERE calls.id = NEW.call_id"
FOREIGN = {
    "call_steps": f"NOT EXISTS ({CALL})",
    "call_records": f"NOT EXISTS ({CALL}) OR (NEW.corrects IS NOT NULL AND NOT EXISTS ({CORRECTS}))",
}
"""What is no step or record of its call. SQLite's own references hold only for who asks for them."""

# Recorded without a record it would be neither open nor in the log.
ENDS = "OLD.recorded_at IS NULL AND NEW.recorded_at IS NOT NULL"
RECORD = "SELECT 1 FROM call_records WHERE call_id = NEW.id"


def upgrade() -> None:
    """Make the tables, their indexes and their guards."""
    _add_calls()
    _add_records()
    if op.get_bind().dialect.name == "postgresql":
        _guard_postgresql()
    else:
        _guard_sqlite()


def _add_calls() -> None:
    op.create_table(
        "calls",
        sa.Column("id", ID, nullable=False),
        sa.Column("ref", sa.Text(), nullable=False),
        sa.Column("external_id", sa.Text(), nullable=True),
        sa.Column("origin", sa.Text(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("e164", sa.Text(), nullable=False),
        sa.Column("called", sa.Text(), nullable=False),
        sa.Column("rang_at", sa.BigInteger(), nullable=False),
        sa.Column("operator", sa.Text(), nullable=True),
        sa.Column("picked_up_at", sa.BigInteger(), nullable=True),
        sa.Column("hung_up_at", sa.BigInteger(), nullable=True),
        sa.Column("recorded_at", sa.BigInteger(), nullable=True),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("origin IN ('telephone', 'hand')", name="ck_calls_origin"),
        sa.PrimaryKeyConstraint("id", name="pk_calls"),
        sa.UniqueConstraint("ref", name="uq_calls_ref"),
        sa.UniqueConstraint("external_id", name="uq_calls_external_id"),
    )
    op.create_index("ix_calls_open", "calls", ["rang_at"], **_where("recorded_at IS NULL"))
    op.create_table(
        "call_steps",
        sa.Column("id", ID, nullable=False),
        sa.Column("call_id", ID, nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("operator", sa.Text(), nullable=False),
        sa.Column("workstation", sa.Text(), nullable=False),
        sa.Column("step", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["call_id"], ["calls.id"], name="fk_call_steps_call_id"),
        sa.PrimaryKeyConstraint("id", name="pk_call_steps"),
    )
    op.create_index("ix_call_steps_call_id", "call_steps", ["call_id"])


def _add_records() -> None:
    def text(name: str) -> sa.Column[str]:
        return sa.Column(name, sa.Text(), nullable=False)

    op.create_table(
        "call_records",
        sa.Column("id", ID, nullable=False),
        sa.Column("call_id", ID, nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("rang_at", sa.BigInteger(), nullable=False),
        *map(text, ("operator", "workstation", "decision", "reason", "rule", "language", "customer")),
        *map(text, ("customer_name", "plan", "person", "proof", "service")),
        sa.Column("infrastructure", sa.Boolean(), nullable=True),
        *map(text, ("summary", "said_fr", "said_en", "next_step")),
        sa.Column("ticket_id", ID, nullable=True),
        text("ticket"),
        sa.Column("due_at", sa.BigInteger(), nullable=True),
        text("alert"),
        sa.Column("corrects", ID, nullable=True),
        *map(text, ("corrected_by", "why")),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("decision IN ('accepted', 'refused', 'missed')", name="ck_call_records_decision"),
        sa.CheckConstraint(
            "decision <> 'accepted' OR language IN ('fr', 'en')", name="ck_call_records_accepted_language"
        ),
        sa.CheckConstraint("decision <> 'accepted' OR ticket <> ''", name="ck_call_records_accepted_ticket"),
        sa.CheckConstraint(
            "decision <> 'refused' OR (reason <> '' AND rule <> '' AND said_fr <> '' AND said_en <> ''"
            " AND next_step <> '')",
            name="ck_call_records_refused_complete",
        ),
        sa.CheckConstraint("decision = 'refused' OR reason = ''", name="ck_call_records_reason_of_refusal"),
        sa.ForeignKeyConstraint(["call_id"], ["calls.id"], name="fk_call_records_call_id"),
        sa.ForeignKeyConstraint(["corrects"], ["call_records.id"], name="fk_call_records_corrects"),
        sa.PrimaryKeyConstraint("id", name="pk_call_records"),
        sa.UniqueConstraint("corrects", name="uq_call_records_corrects"),
    )
    op.create_index("ix_call_records_log", "call_records", ["rang_at", "id"])
    for name in ("decision", "language", "operator"):
        op.create_index(f"ix_call_records_{name}", "call_records", [name, "rang_at", "id"])
    for name in ("reason", "customer"):
        op.create_index(
            f"ix_call_records_{name}", "call_records", [name, "rang_at", "id"], **_where(f"{name} <> ''")
        )
    op.create_index("ix_call_records_alert", "call_records", ["revision"], **_where("alert <> ''"))
    op.create_index("ix_call_records_call_id", "call_records", ["call_id"])
    op.create_index(
        "uq_call_records_first", "call_records", ["call_id"], unique=True, **_where("corrects IS NULL")
    )


def _where(condition: str) -> dict[str, Any]:
    return {"sqlite_where": sa.text(condition), "postgresql_where": sa.text(condition)}


def _guard_sqlite() -> None:
    stop = f"BEGIN SELECT RAISE(ABORT, '{APPEND_ONLY}'); END"
    for table, clash in CLASHES.items():
        exists = f"WHEN EXISTS (SELECT 1 FROM {table} WHERE {clash})"  # noqa: S608 - our own names
        op.execute(f"CREATE TRIGGER {table}_no_replace BEFORE INSERT ON {table} {exists} {stop}")
        op.execute(f"CREATE TRIGGER {table}_no_delete BEFORE DELETE ON {table} {stop}")
        changes = f"WHEN {CHANGES}" if table == "calls" else ""
        op.execute(f"CREATE TRIGGER {table}_no_update BEFORE UPDATE ON {table} {changes} {stop}")
    for table, foreign in FOREIGN.items():
        op.execute(f"CREATE TRIGGER {table}_own BEFORE INSERT ON {table} WHEN {foreign} {stop}")
    ends = f"WHEN {ENDS} AND NOT EXISTS ({RECORD})"
    op.execute(f"CREATE TRIGGER calls_recorded BEFORE UPDATE ON calls {ends} {stop}")


def _guard_postgresql() -> None:
    op.execute(
        "CREATE FUNCTION calls_append_only() RETURNS trigger LANGUAGE plpgsql AS"
        f" $$ BEGIN RAISE EXCEPTION '{APPEND_ONLY}'; END $$"
    )
    call = "EXECUTE FUNCTION calls_append_only()"
    for table in ("call_steps", "call_records"):
        op.execute(
            f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {table}"
            f" FOR EACH STATEMENT {call}"
        )
    op.execute(f"CREATE TRIGGER calls_stay BEFORE DELETE OR TRUNCATE ON calls FOR EACH STATEMENT {call}")
    op.execute(f"CREATE TRIGGER calls_no_update BEFORE UPDATE ON calls FOR EACH ROW WHEN ({CHANGES}) {call}")
    for name, condition in (("call_records", FOREIGN["call_records"]), ("calls", f"NOT EXISTS ({RECORD})")):
        op.execute(
            f"CREATE FUNCTION {name}_own() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
            f" IF {condition} THEN RAISE EXCEPTION '{APPEND_ONLY}'; END IF; RETURN NEW; END $$"
        )
    op.execute(
        "CREATE TRIGGER call_records_own BEFORE INSERT ON call_records"
        " FOR EACH ROW EXECUTE FUNCTION call_records_own()"
    )
    op.execute(
        f"CREATE TRIGGER calls_recorded BEFORE UPDATE ON calls FOR EACH ROW WHEN ({ENDS})"
        " EXECUTE FUNCTION calls_own()"
    )
