"""Files of records, read as a stream: a line of JSON or a row of CSV at a time, in bounded memory.

A file that is no such file at all is refused with `BadInput`. A row that can't be read is handed on as
a `Rejection` with its line, and the rows after it are read as if it weren't there.
"""

from __future__ import annotations

import json
import os
import stat
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, BinaryIO, NamedTuple, NoReturn

from oncall_tui.domain.errors import BadInput
from oncall_tui.domain.records import Rejection

STDIN = "-"
"""The name that stands for JSONL on standard input."""

RECORD_LIMIT = 1 << 20
"""Bytes of the longest line of JSON, and of the longest row of CSV with its quoted newlines."""

TOO_LONG = f"longer than {RECORD_LIMIT >> 20} MiB"

_UTF8_BOM = b"\xef\xbb\xbf"
_OTHER_BOMS = (b"\xff\xfe", b"\xfe\xff")


@dataclass(frozen=True, slots=True)
class Columns:
    """What the CSV header of a `kind` of file may name, and of these what it must."""

    kind: str
    columns: frozenset[str]
    required: tuple[str, ...]


class Raw(NamedTuple):
    """One row as it was read. `line` is the one it begins on, `size` its length in bytes."""

    line: int
    size: int
    fields: dict[str, Any]


class Lines:
    """The lines of a stream, as bytes, with their numbers. A long one comes in pieces."""

    def __init__(self, stream: BinaryIO, name: str) -> None:
        self.name = name
        """What messages call the file."""
        self._stream = stream
        self._at_start = True
        self.number = 0
        """The number of the line that the last piece belongs to, from 1."""
        self.bytes_read = 0

    def read(self) -> bytes:
        """Return the next line with its end, or a piece of `RECORD_LIMIT` + 1 bytes of it; b"" at the end."""
        piece = self._stream.readline(RECORD_LIMIT + 1)
        if self._at_start and piece:
            self.number += 1
        if not self.bytes_read:
            _refuse_other_encodings(piece, self.name)
        self.bytes_read += len(piece)
        self._at_start = piece.endswith(b"\n")
        return piece.removeprefix(_UTF8_BOM) if self.bytes_read == len(piece) else piece

    def finish(self, piece: bytes) -> None:
        """Read away what is left of the line that `piece` is of."""
        while piece and not piece.endswith(b"\n"):
            piece = self.read()

    def go_back(self, number: int, position: int) -> None:
        """Read on after line `number`, which ended when `position` bytes had been read."""
        self._stream.seek(position)
        self.number, self.bytes_read, self._at_start = number, position, True


class RecordFile:
    """The records of one open file: iterate to get each as `Raw`, or a `Rejection` where it can't be read."""

    def __init__(self, stream: BinaryIO, name: str, columns: Columns, *, csv: bool, size: int | None) -> None:
        self.columns = columns
        self.is_csv = csv
        self.size = size
        """Bytes of the whole file, None where nobody knows before the end."""
        self._lines = Lines(stream, name)

    @property
    def bytes_read(self) -> int:
        """Return how many bytes have been read."""
        return self._lines.bytes_read

    @property
    def line(self) -> int:
        """Return the number of the line that was read last, from 1."""
        return self._lines.number

    def go_on_after(self, line: int, position: int) -> None:
        """Read on in a file of JSON after `line`, which ends at byte `position`."""
        self._lines.go_back(line, position)

    def __iter__(self) -> Iterator[Raw | Rejection]:
        if not self.is_csv:
            return _json_lines(self._lines)
        from oncall_tui.sources.delimited import rows

        return rows(self._lines, self.columns)


@contextmanager
def open_records(path: str, columns: Columns) -> Iterator[RecordFile]:
    """Open the file at `path` (`.csv` or `.jsonl`), or JSONL on standard input for `-`.

    Raises `BadInput` for a file that isn't there, isn't a file, can't be read, or is of another kind; so
    does reading on, for an encoding that isn't UTF-8 and for a header with columns that nobody knows.
    """
    if path == STDIN:
        if sys.stdin is None:
            raise BadInput("there is no standard input to read", hint="name a .csv or .jsonl file")
        yield RecordFile(sys.stdin.buffer, "stdin", columns, csv=False, size=None)
        return
    suffix = os.path.splitext(path)[1].lower()
    if suffix not in {".csv", ".jsonl"}:
        raise BadInput(
            f"{path} is neither .csv nor .jsonl",
            hint=f"rename it after what it holds, or pipe JSONL into: import {columns.kind} -",
        )
    try:
        found = os.stat(path)
        if stat.S_ISDIR(found.st_mode):
            raise BadInput(f"{path} is a folder", hint="name one .csv or .jsonl file in it")
        if not stat.S_ISREG(found.st_mode):
            raise BadInput(
                f"{path} is no regular file", hint=f"pipe it as JSONL into: import {columns.kind} -"
            )
        stream = open(path, "rb")  # noqa: SIM115 - closed by the with below
    except (OSError, ValueError) as error:
        _refuse_to_open(path, error)
    with stream:
        yield RecordFile(stream, path, columns, csv=suffix == ".csv", size=found.st_size)


def decoded(data: bytes) -> str:
    """Return `data` as text; `BadInput` naming the first byte that isn't UTF-8."""
    try:
        return data.decode()
    except UnicodeDecodeError as error:
        raise BadInput(
            f"byte 0x{data[error.start]:02x} at position {error.start + 1} is not UTF-8",
            hint="convert the file, for example: iconv -f WINDOWS-1252 -t UTF-8",
        ) from None


def _refuse_to_open(path: str, error: OSError | ValueError) -> NoReturn:
    reason = error.strerror if isinstance(error, OSError) else str(error)
    raise BadInput(f"can't read {path}: {reason}", hint="give the path of a .csv or .jsonl file") from None


def _refuse_other_encodings(beginning: bytes, name: str) -> None:
    # Half of the bytes of Western text in UTF-16 are NUL, so its mark isn't needed to know it.
    if beginning.startswith(_OTHER_BOMS) or b"\0" in beginning[:4]:
        raise BadInput(
            f"{name} is not UTF-8 but looks like UTF-16",
            hint="convert it, for example: iconv -f UTF-16 -t UTF-8",
        )


def _json_lines(lines: Lines) -> Iterator[Raw | Rejection]:
    decode = json.JSONDecoder(object_pairs_hook=_unique, parse_constant=_refuse_constant).raw_decode
    while data := lines.read():
        if len(data) > RECORD_LIMIT:
            lines.finish(data)
            yield Rejection(lines.number, f"the line is {TOO_LONG}")
            continue
        try:
            text = decoded(data).strip()
            if not text:
                continue
            fields, end = decode(text)
            if end < len(text):
                raise json.JSONDecodeError("Extra data", text, end)
        except BadInput as error:
            yield Rejection.of(lines.number, error, None)
        except json.JSONDecodeError as error:
            yield Rejection(lines.number, f"no JSON: {error.msg} at character {error.pos + 1}")
        except ValueError:  # more digits than Python reads
            yield Rejection(lines.number, "no JSON: a number is too long")
        except RecursionError:
            yield Rejection(lines.number, "no JSON: nested too deeply")
        else:
            if isinstance(fields, dict):
                yield Raw(lines.number, len(data), fields)
            else:
                yield Rejection(lines.number, f"{json_kind(fields)} where an object {{…}} is needed")


def json_kind(value: object) -> str:
    """Return in words what kind of JSON `value` is."""
    match value:
        case None:
            return "null"
        case bool():
            return "true or false"
        case int() | float():
            return "a number"
        case str():
            return "text"
        case list():
            return "a list"
        case _:
            return "an object"


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    fields = dict(pairs)
    if len(fields) != len(pairs):
        twice, _ = Counter(name for name, _ in pairs).most_common(1)[0]
        raise BadInput(f"field {twice[:40]!r} occurs twice in one object")
    return fields


def _refuse_constant(name: str) -> NoReturn:
    raise BadInput(f"{name} is no JSON")
