"""The board's rows in lists of others, each a whole program: `python bench/peers.py datatable ROWS`.

ROWS is what `written` made: the rows as each of them likes them best, so that none of them has to ask
a database or make a text of anything but the time left. Each second they bring only the lines on
screen up to the second; what is scrolled to is up to a second old, where our board's is not. None of
them can filter or keeps a line in its place.
"""

from __future__ import annotations

import pickle
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any, ClassVar, NamedTuple

from textual.app import App, ComposeResult
from textual.binding import Binding, BindingType
from textual.widget import Widget

from oncall_tui.domain.durations import format_left

HEADINGS = ("LEFT", "DUE", "PLAN", "CUSTOMER", "SUBJECT", "OWNER")
_WIDTHS = (10, 10, 4, 20, 50, 12)


class Row(NamedTuple):
    """A line: when it is due (seconds since 1970, None never), and its other cells."""

    due: float | None
    cells: tuple[str, ...]


def written(database: str, tickets: int, path: Path) -> None:
    """Write the first rows of the board on `database` to `path`."""
    from samples import desk_on

    from oncall_tui.domain.queue import QUEUES
    from oncall_tui.widgets.columns import NOTHING, due_text

    desk = desk_on(database)
    now = desk.clock()
    rows = [
        Row(
            None if each.due_at is None else each.due_at.timestamp(),
            (
                due_text(each.due_at, now, desk.offer.zone),
                each.plan.short,
                each.customer_name,
                each.subject,
                each.owner or NOTHING,
            ),
        )
        for each in desk.queue.page(QUEUES[0], limit=tickets)
    ]
    desk.close()
    path.write_bytes(pickle.dumps([(row.due, row.cells) for row in rows]))


def _keys(down: str, up: str, top: str, end: str, page_down: str, page_up: str) -> list[BindingType]:
    keys = zip(
        ("j", "k", "g", "G", "pagedown", "pageup"), (down, up, top, end, page_down, page_up), strict=True
    )
    return [Binding(key, action, show=False) for key, action in keys]


class Peer(App[None]):
    """A list that fills the screen, with our keys."""

    def __init__(self, rows: Sequence[Row]) -> None:
        super().__init__()
        self.rows = rows

    def make(self) -> Widget:
        """Return the list with all rows in it."""
        raise NotImplementedError

    def show_left(self, lines: range) -> None:
        """Write the time left anew on these lines."""
        raise NotImplementedError

    def compose(self) -> ComposeResult:
        self.list = self.make()
        yield self.list

    def on_mount(self) -> None:
        self.list.focus()
        self._tick()

    def left(self, row: Row) -> str:
        """Return the time left, as our board writes it."""
        from datetime import timedelta

        return "–" if row.due is None else format_left(timedelta(seconds=row.due - time.time()))

    def _tick(self) -> None:
        top = self.list.scroll_offset.y
        self.show_left(range(top, min(top + self.list.size.height, len(self.rows))))
        # With the second on the wall, as our board.
        self.set_timer(1.005 - time.time() % 1, self._tick)


class DataTablePeer(Peer):
    """Textual's DataTable, a row a ticket."""

    def make(self) -> Widget:
        from rich.text import Text
        from textual.widgets import DataTable

        class Table(DataTable[Text]):
            BINDINGS: ClassVar[list[BindingType]] = _keys(
                "cursor_down", "cursor_up", "scroll_top", "scroll_bottom", "page_down", "page_up"
            )

        self.table: Any = Table(cursor_type="row")
        for heading, width in zip(HEADINGS, _WIDTHS, strict=True):
            self.table.add_column(heading, key=heading, width=width)
        for number, row in enumerate(self.rows):
            self.table.add_row(Text(self.left(row)), *map(Text, row.cells), key=str(number))
        self.shown: dict[int, str] = {}
        self.Text = Text
        return self.table

    def show_left(self, lines: range) -> None:
        for number in lines:
            left = self.left(self.rows[number])
            if self.shown.get(number) != left:
                self.shown[number] = left
                self.table.update_cell(str(number), "LEFT", self.Text(left))


class FastDataTablePeer(Peer):
    """textual-fastdatatable on an Arrow table.

    Its own `update_cell` makes a new column of Python's strings for each cell; here the column is made
    once a second, of what Arrow has and the lines on screen.
    """

    def make(self) -> Widget:
        import pyarrow
        from textual_fastdatatable import ArrowBackend, DataTable

        class Table(DataTable):
            BINDINGS: ClassVar[list[BindingType]] = _keys(
                "cursor_down", "cursor_up", "cursor_table_start", "cursor_table_end", "page_down", "page_up"
            )

        self.pyarrow = pyarrow
        columns = [
            list(map(self.left, self.rows)),
            *map(list, zip(*(row.cells for row in self.rows), strict=True)),
        ]
        data = pyarrow.table(dict(zip(HEADINGS, columns, strict=True)))
        self.first_left = data.column(0)
        self.table: Any = Table(
            backend=ArrowBackend(data),
            column_widths=list(_WIDTHS),
            cursor_type="row",
            show_row_labels=False,
            render_markup=False,
        )
        return self.table

    def show_left(self, lines: range) -> None:
        left = self.first_left
        new = self.pyarrow.array([self.left(self.rows[number]) for number in lines], left.type)
        chunks = [*left.slice(0, lines.start).chunks, new, *left.slice(lines.stop).chunks]
        backend = self.table.backend
        backend.data = backend.data.set_column(0, HEADINGS[0], self.pyarrow.chunked_array(chunks))
        self.table._update_count += 1
        self.table.refresh()


class OptionListPeer(Peer):
    """Textual's OptionList, an option a ticket."""

    def make(self) -> Widget:
        from rich.text import Text
        from textual.widgets import OptionList

        class Options(OptionList):
            BINDINGS: ClassVar[list[BindingType]] = _keys(
                "cursor_down", "cursor_up", "first", "last", "page_down", "page_up"
            )

        self.Text = Text
        self.options: Any = Options(*map(self.line, self.rows))
        self.shown: dict[int, str] = {}
        return self.options

    def line(self, row: Row) -> Any:
        cells = zip((self.left(row), *row.cells), _WIDTHS, strict=True)
        return self.Text(" ".join(f"{cell:{width}.{width}}" for cell, width in cells), no_wrap=True)

    def show_left(self, lines: range) -> None:
        for number in lines:
            row = self.rows[number]
            left = self.left(row)
            if self.shown.get(number) != left:
                self.shown[number] = left
                self.options.replace_option_prompt_at_index(number, self.line(row))


PEERS: dict[str, type[Peer]] = {
    "DataTable": DataTablePeer,
    "textual-fastdatatable": FastDataTablePeer,
    "OptionList": OptionListPeer,
}


if __name__ == "__main__":
    name, path = sys.argv[1:]
    PEERS[name]([Row(due, cells) for due, cells in pickle.loads(Path(path).read_bytes())]).run()
