"""Alembic's entry: runs the migrations on the connection and in the transaction it is given."""

from __future__ import annotations

from alembic import context

from oncall_tui.store import indexes  # noqa: F401 - belong to the tables
from oncall_tui.store.schema import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    # The caller holds the transaction, with the lock that keeps other processes out.
    transactional_ddl=False,
)
context.run_migrations()
