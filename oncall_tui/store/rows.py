"""Rows by the thousand, as fast as the driver takes them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from oncall_tui.store.engine import Transaction

Rows = Iterable[Sequence[Any]]


def add(tx: Transaction, table: str, names: Sequence[str], rows: Rows) -> None:
    """Insert `rows` into `table`, each with the values of the columns `names` as the database has them."""
    if tx.connection.dialect.name == "sqlite":
        marks = ", ".join("?" * len(names))
        statement = f"INSERT INTO {table} ({', '.join(names)}) VALUES ({marks})"  # noqa: S608 - our own names
        if found := list(rows):
            tx.connection.exec_driver_sql(statement, found)
        return
    driver: Any = tx.connection.connection.driver_connection
    with driver.cursor() as cursor, cursor.copy(f"COPY {table} ({', '.join(names)}) FROM STDIN") as copy:
        for row in rows:
            copy.write_row(row)
