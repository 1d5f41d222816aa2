"""What commands print: JSON for scripts, tables and lines for people."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

GAP = 2
"""Columns between two columns of a table."""


def print_json(document: object) -> None:
    """Print `document` as the one JSON document on stdout."""
    encoding = getattr(sys.stdout, "encoding", None) or "ascii"
    # JSON is UTF-8 by its definition: a stdout in another encoding gets the escapes that say the same.
    plain = encoding.lower().replace("-", "") != "utf8"
    print(json.dumps(document, indent=2, ensure_ascii=plain))


def stamp(instant: datetime | None, zone: ZoneInfo) -> str | None:
    """Return `instant` for JSON: ISO 8601 in the provider's `zone`, with its offset."""
    return None if instant is None else instant.astimezone(zone).isoformat()


def seconds(span: timedelta) -> int | float:
    """Return `span` in seconds for JSON: a whole number wherever it is one."""
    whole, rest = divmod(span, timedelta(seconds=1))
    return whole if not rest else span.total_seconds()


def moment(instant: datetime, zone: ZoneInfo) -> str:
    """Return `instant` for people, like `Mon 30 Mar 2026 09:10`; seconds only where there are some."""
    local = instant.astimezone(zone)
    return f"{local:%a} {local.day} {local:%b %Y %H:%M}" + (f":{local:%S}" if local.second else "")


def terminal_width() -> int | None:
    """Return how many columns a table may take, None where nobody looks (a file, a pipe)."""
    columns = os.environ.get("COLUMNS", "")
    if columns.isdecimal() and int(columns) > 0:
        return int(columns)
    try:
        return os.get_terminal_size(sys.stdout.fileno()).columns or None
    except (OSError, ValueError, AttributeError):
        return None


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table.

    One with a `least` may be cut down to that many columns. If the table is still too wide the
    column with the highest `drop` goes first; 0 stays whatever happens.
    """

    heading: str
    right: bool = False
    least: int | None = None
    drop: int = 0


def table(columns: Sequence[Column], rows: Sequence[Sequence[str]], width: int | None) -> list[str]:
    """Return heading and `rows` as aligned lines of at most `width` terminal columns if possible."""
    from rich.cells import cell_len

    shown = list(range(len(columns)))
    natural = [
        max([cell_len(column.heading), *(cell_len(row[at]) for row in rows)])
        for at, column in enumerate(columns)
    ]
    widths = dict(enumerate(natural))
    if width is not None:
        while (over := _total(widths, shown) - width) > 0:
            slack = {at: widths[at] - least for at in shown if (least := columns[at].least) is not None}
            if sum(max(room, 0) for room in slack.values()) >= over:
                _shrink(widths, slack, over)
                break
            last = max(shown, key=lambda at: columns[at].drop)
            if columns[last].drop == 0:
                _shrink(widths, slack, over)
                break
            shown.remove(last)
    headings = [column.heading for column in columns]
    return [_line(columns, line, widths, shown) for line in (headings, *rows)]


def _total(widths: dict[int, int], shown: list[int]) -> int:
    return sum(widths[at] for at in shown) + GAP * (len(shown) - 1)


def _shrink(widths: dict[int, int], slack: dict[int, int], over: int) -> None:
    """Take `over` columns away, each time from where most is left."""
    for _ in range(over):
        widest = max((at for at in slack if slack[at] > 0), key=lambda at: widths[at], default=None)
        if widest is None:
            return
        widths[widest] -= 1
        slack[widest] -= 1


def _line(columns: Sequence[Column], row: Sequence[str], widths: dict[int, int], shown: list[int]) -> str:
    parts = [fit(row[at], widths[at], right=columns[at].right) for at in shown]
    return (" " * GAP).join(parts).rstrip()


def fit(text: str, width: int, *, right: bool = False) -> str:
    """Return `text` in exactly `width` terminal columns, cut with `…` where it is longer."""
    from rich.cells import cell_len, set_cell_size

    length = cell_len(text)
    if length > width:
        return set_cell_size(text, width - 1) + "…"
    space = " " * (width - length)
    return space + text if right else text + space
