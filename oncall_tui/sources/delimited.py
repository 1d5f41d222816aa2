"""Rows of CSV as RFC 4180 has them, with `,` `;` or tab between the columns.

Python's reader takes the rows apart, but it can't be left to find their ends: a row that is too long
or whose quotes don't match would take the rows after it along. So the ends are found here, and each
row is parsed for itself.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from enum import Enum, auto

from oncall_tui.domain.errors import BadInput
from oncall_tui.domain.records import Rejection
from oncall_tui.sources.files import RECORD_LIMIT, TOO_LONG, Columns, Lines, Raw, decoded

DELIMITERS = (",", ";", "\t")

_QUOTE = ord('"')
_INSIDE_QUOTES = re.compile(rb'(?:[^"]++|"")*+')


def rows(lines: Lines, columns: Columns) -> Iterator[Raw | Rejection]:
    """Iterate over the rows below the header; empty cells are left out.

    Raises `BadInput` for a header that is missing, or names a column twice, or one that nobody knows.
    """
    # A field may be as long as a row. The limit is the module's own, for whoever uses it: only this one.
    csv.field_size_limit(RECORD_LIMIT)
    delimiter, header = _header(lines, columns)
    for row in _whole_rows(lines, delimiter):
        if isinstance(row, Rejection):
            yield row
            continue
        line, data = row
        try:
            if b"\0" in data:
                raise BadInput("a NUL byte stands in it: no text has one")
            cells = _cells(decoded(data), delimiter)
        except BadInput as error:
            yield Rejection.of(line, error, None)
            continue
        fields = {name: cell for name, cell in zip(header, cells, strict=False) if cell}
        if not fields:
            continue
        if len(cells) == len(header):
            yield Raw(line, len(data), fields)
        else:
            # Which cell belongs to which column is anybody's guess: none is shown, one may be a code.
            yield Rejection(line, f"{_count(len(cells), 'column')} where the header has {len(header)}")


def _header(lines: Lines, columns: Columns) -> tuple[str, list[str]]:
    """Return the delimiter and the names of the columns: the delimiter that finds most known names."""
    data = lines.read()
    where = f"{lines.name}, line 1"
    if not data:
        raise BadInput(
            f"{lines.name} is empty", hint=f"its first line names the columns; allowed: {_listed(columns)}"
        )
    if len(data) > RECORD_LIMIT or b"\r" in data.removesuffix(b"\n").removesuffix(b"\r"):
        raise BadInput(f"{where}: no header of a CSV file", hint="lines end in LF or CRLF")
    try:
        text = decoded(data)
    except BadInput as error:
        raise BadInput(f"{where}: {error.message}", hint=error.hint) from None
    found = {delimiter: _names(text, delimiter) for delimiter in DELIMITERS}
    delimiter = max(DELIMITERS, key=lambda delimiter: len(columns.columns.intersection(found[delimiter])))
    header = found[delimiter]
    unknown = [name for name in header if name not in columns.columns]
    if len(unknown) == len(header):
        raise BadInput(
            f"{where}: no column of {columns.kind} is named",
            hint=f"it is the header; allowed: {_listed(columns)}",
        )
    if unknown:
        raise BadInput(f"{where}: unknown column {unknown[0][:40]!r}", hint=f"allowed: {_listed(columns)}")
    for name in header:
        if header.count(name) > 1:
            raise BadInput(f"{where}: column {name!r} occurs twice", hint="leave one of them out")
    for name in columns.required:
        if name not in header:
            raise BadInput(
                f"{where}: column {name!r} is missing", hint=f"required: {', '.join(columns.required)}"
            )
    return delimiter, header


def _names(text: str, delimiter: str) -> list[str]:
    try:
        return [cell.strip().lower() for cell in _cells(text, delimiter)]
    except BadInput:  # with another delimiter its quotes may be right
        return []


def _listed(columns: Columns) -> str:
    optional = sorted(columns.columns.difference(columns.required))
    return ", ".join([*columns.required, *optional])


def _cells(text: str, delimiter: str) -> list[str]:
    text = text.removesuffix("\n").removesuffix("\r")
    if '"' not in text:
        if "\r" in text:
            raise BadInput("a carriage return stands outside quotes")
        return text.split(delimiter)
    try:
        return next(csv.reader((text,), delimiter=delimiter, strict=True))
    except csv.Error as error:
        raise BadInput(f"no CSV: {error}") from None


def _whole_rows(lines: Lines, delimiter: str) -> Iterator[tuple[int, bytes] | Rejection]:
    """Iterate over the rows as bytes, quoted newlines included, with the line each begins on."""
    cell = rb'(?:"(?:[^"]++|"")*+"|[^"\r\n%b]*+)' % delimiter.encode()
    whole = re.compile(rb"%b(?:%b%b)*+\r?\n?" % (cell, delimiter.encode(), cell)).fullmatch
    while data := lines.read():
        if len(data) <= RECORD_LIMIT and (b'"' not in data or whole(data)):
            yield lines.number, data
        else:
            yield _quoted_row(lines, data, delimiter)


def _quoted_row(lines: Lines, data: bytes, delimiter: str) -> tuple[int, bytes] | Rejection:
    """Return the row that begins with `data`, read to its end, or why it can't be taken.

    Quotes that don't match are blamed on the line they begin on: reading goes on with the next one,
    which is a row of its own if the quote was a slip.
    """
    first = lines.number
    second: int | None = None
    quotes = _Quotes(delimiter)
    kept = bytearray()
    size = 0
    piece = data
    while piece:
        quotes.feed(piece)
        size += len(piece)
        if size <= RECORD_LIMIT:  # what is too long is read to its end and not kept
            kept += piece
        ended = piece.endswith(b"\n")
        if ended and second is None:
            second = lines.bytes_read
        if quotes.torn or (ended and not quotes.open):
            break
        piece = lines.read()
    if quotes.torn or quotes.open:
        if second is None:
            lines.finish(piece)
        else:
            lines.go_back(first, second)
        return Rejection(first, "no CSV: a quote opens on this line and is not closed as it should be")
    if size > RECORD_LIMIT:
        return Rejection(first, f"the row is {TOO_LONG}")
    return first, bytes(kept)


class _State(Enum):
    CELL = auto()  # at the beginning of a cell
    BARE = auto()  # in a cell without quotes, where a quote is a character like others
    QUOTED = auto()
    QUOTE = auto()  # just behind a quote in a quoted cell: it ends the cell, or is the first of two
    TORN = auto()


class _Quotes:
    """Follows the quotes of one row, however it is cut into pieces."""

    def __init__(self, delimiter: str) -> None:
        self._delimiter = delimiter.encode()
        self._opening = self._delimiter + b'"'
        self._state = _State.CELL

    @property
    def open(self) -> bool:
        """Say whether a quoted cell is not closed yet."""
        return self._state is _State.QUOTED

    @property
    def torn(self) -> bool:
        """Say whether text stands behind a closing quote."""
        return self._state is _State.TORN

    def feed(self, piece: bytes) -> None:
        """Follow the quotes in the next piece of the row."""
        at, end = 0, len(piece)
        while at < end:
            match self._state:
                case _State.QUOTED:
                    inside = _INSIDE_QUOTES.match(piece, at)
                    at = inside.end() if inside else at
                    if at < end:
                        self._state = _State.QUOTE
                        at += 1
                case _State.QUOTE:
                    if piece[at] == _QUOTE:
                        self._state = _State.QUOTED
                    elif piece[at : at + 1] == self._delimiter:
                        self._state = _State.CELL
                    else:
                        rest = piece[at:]
                        self._state = _State.CELL if rest in (b"\n", b"\r\n", b"\r") else _State.TORN
                        return
                    at += 1
                case _State.CELL if piece[at] == _QUOTE:
                    self._state = _State.QUOTED
                    at += 1
                case _:
                    at = piece.find(self._opening, at)
                    if at < 0:
                        self._state = _State.CELL if piece.endswith(self._delimiter) else _State.BARE
                        return
                    self._state = _State.QUOTED
                    at += 2


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
