"""The migrations make the tables of the schema, once, whoever comes first."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import text

import oncall_tui.store
from oncall_tui.domain.errors import StoreUnavailable
from oncall_tui.store import indexes, schema
from oncall_tui.store.engine import Store


def test_the_migrated_tables_are_those_of_the_schema(store: Store) -> None:
    with store.connect() as connection:
        assert indexes.tickets is schema.tickets, "imported, its indexes belong to the tables"
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, schema.metadata) == []


def test_the_head_is_the_last_migration() -> None:
    config = Config()
    config.set_main_option("script_location", str(Path(oncall_tui.store.__file__).with_name("migrations")))
    assert ScriptDirectory.from_config(config).get_heads() == [schema.HEAD]


def test_six_processes_that_start_at_once_migrate_once(database_url: str) -> None:
    code = "import sys; from oncall_tui.store.engine import Store; Store.open(sys.argv[1]).close()"
    processes = [
        subprocess.Popen([sys.executable, "-c", code, database_url], stderr=subprocess.PIPE, text=True)
        for _ in range(6)
    ]
    assert [(process.communicate(timeout=120)[1], process.returncode) for process in processes] == [
        ("", 0)
    ] * 6
    store = Store.open(database_url, upgrade=False)
    with store.connect() as connection:
        assert connection.scalar(text("SELECT count(*) FROM revision")) == 1
    store.close()


def test_without_upgrade_an_empty_database_is_refused_and_left_empty(database_url: str) -> None:
    with pytest.raises(StoreUnavailable, match="has no tables yet"):
        Store.open(database_url, upgrade=False)
    with pytest.raises(StoreUnavailable, match="has no tables yet"):
        Store.open(database_url, upgrade=False)


@pytest.mark.parametrize("statement", ["UPDATE audit SET operator = 'x'", "DELETE FROM audit"])
def test_the_database_itself_refuses_to_change_the_audit(store: Store, statement: str) -> None:
    """R20"""
    with store.begin() as tx:
        tx.connection.execute(
            text(
                "INSERT INTO audit (at, operator, workstation, act, subject, detail, revision)"
                " VALUES (0, 'Léa', 'desk', 'take', 'T-1', '{}', 1)"
            )
        )
    with pytest.raises(Exception, match="the audit is append-only"), store.begin() as tx:
        tx.connection.execute(text(statement))
    with store.connect() as connection:
        assert connection.scalar(text("SELECT operator FROM audit")) == "Léa"
