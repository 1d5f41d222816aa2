"""Facts under one another: a name before each, the last column as wide as there is room."""

from __future__ import annotations

from collections.abc import Iterable

from rich.table import Table
from rich.text import Text


def facts_table(rows: Iterable[tuple[Text, ...]]) -> Table:
    """Return a grid of `rows`, each of which has the same number of cells."""
    table = Table.grid(padding=(0, 2, 0, 0))
    for number, row in enumerate(rows):
        if not number:
            for _column in row[:-1]:
                table.add_column(no_wrap=True)
            table.add_column(ratio=1)
        table.add_row(*row)
    return table
