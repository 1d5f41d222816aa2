"""Rows by the thousand, as fast as the driver takes them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, TypeVar

from sqlalchemy import text

from oncall_tui.store.engine import Transaction

Rows = Iterable[Sequence[Any]]
Value = TypeVar("Value")


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


def reserve(tx: Transaction, table: str, number: int) -> Sequence[int]:
    """Return so many ids of `table` for new rows: nobody else writes until the transaction ends."""
    if tx.connection.dialect.name == "sqlite":
        last = tx.connection.scalar(text(f"SELECT COALESCE(MAX(id), 0) FROM {table}")) or 0  # noqa: S608 - our own name
        return range(last + 1, last + 1 + number)
    query = text("SELECT nextval(pg_get_serial_sequence(:name, 'id')) FROM generate_series(1, :number)")
    return [int(each) for each in tx.connection.scalars(query, {"name": table, "number": number})]


PART = 2_000
"""Values of one question at most: databases have a limit, and a statement is built of each."""


def in_parts(values: Iterable[Value]) -> Iterator[Sequence[Value]]:
    """Yield `values` in parts that one question takes."""
    found = list(values)
    for begin in range(0, len(found), PART):
        yield found[begin : begin + PART]
