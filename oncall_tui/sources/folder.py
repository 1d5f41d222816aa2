"""Files as a source: a `.jsonl` or `.csv` file of tickets, or a folder in which such files are put.

What was appended to a file of JSON is read from where it ended; a CSV file that changed is read again, whose
known rows are known by their reference. A last line without its end is still being written, unless a second
look finds the file as it was. Files stay as they are: nothing is moved or deleted.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from hashlib import blake2b
from pathlib import Path
from typing import BinaryIO, NamedTuple, NoReturn

from oncall_tui.domain.correspondence import Batch, Handed, Outgoing, SourceAccess, SourceUnavailable
from oncall_tui.domain.errors import BadInput, NotFound
from oncall_tui.domain.outgoing import OutgoingState
from oncall_tui.domain.records import Rejection, Row, TicketRecord
from oncall_tui.domain.text import NAME_LIMIT, SUBJECT_LIMIT, clean
from oncall_tui.sources.files import RecordFile, open_records
from oncall_tui.sources.records import TICKETS, read_tickets
from oncall_tui.sources.rejected import SUFFIX as REJECTED

BATCH_ROWS = 500
"""Rows that are handed on together at most."""

_SUFFIXES = (".jsonl", ".csv")
_WHAT_IT_TAKES = "name a .jsonl or .csv file, or a folder of such files"
_HEAD = 1024
_BLOCK = 1 << 16


def open_source(access: SourceAccess) -> Folder:
    """Return the file or folder at the path `access.url`."""
    return Folder(access)


class _Look(NamedTuple):
    """How a file was at the last look: `head` tells it from another one of its name; all of it was read
    up to the end of `line` at byte `position`.
    """

    size: int
    changed: int
    head: str
    line: int = 0
    position: int = 0

    def same_file(self, now: _Look) -> bool:
        """Say whether the file is as it was."""
        return self[:3] == now[:3]


_UNSEEN = _Look(0, 0, "")


class Folder:
    """The files at one path; see `Source`."""

    def __init__(self, access: SourceAccess) -> None:
        self._path = Path(access.url).expanduser()
        self._zone = access.zone

    @property
    def place(self) -> str:
        """Return the path."""
        return str(self._path)

    def check(self) -> str:
        """Count the files."""
        count = len(self._files())
        return f"{count} {'file' if count == 1 else 'files'}"

    def pull(self, cursor: str) -> Iterator[Batch]:
        """Yield the rows that came since `cursor`, the file first that was changed first.

        What is wrong with a whole file is told once, in `unread`; one that can't be opened is told after the
        others were read, as `SourceUnavailable`.
        """
        looks = _read_cursor(cursor)
        files = self._files()
        looks = {name: look for name, look in looks.items() if name in files}
        closed: list[str] = []
        for name, path in files.items():
            try:
                with path.open("rb") as stream:
                    look = _look_at(stream)
            except OSError as error:
                closed.append(f"can't read {path}: {error.strerror}")
                continue
            before = looks.get(name, _UNSEEN)
            settled = before.same_file(look)
            if settled and before.position == look.size:
                continue
            yield from self._read(path, before, look, looks, settled=settled)
        if closed:
            raise SourceUnavailable(closed[0], hint="let the user that oncall-tui runs as read it")

    def wait(self, seconds: float) -> bool:
        """Return False: nothing tells of a new file."""
        return False

    def interrupt(self) -> None:
        """Do nothing: `wait` doesn't wait."""

    def send(self, outgoing: Outgoing) -> Handed:
        """Refuse: nobody reads answers in a file."""
        return Handed(OutgoingState.REFUSED, datetime.now(UTC), f"{self.place} takes no answer: it is a file")

    def save(self, key: str, part: str, target: Path) -> NoReturn:
        """Raise `NotFound`: rows have no attachments."""
        raise NotFound(f"{self.place} has no attachments")

    def close(self) -> None:
        """Do nothing: no file stays open."""

    def _files(self) -> dict[str, Path]:
        """Return the files by name, in the order in which they were changed."""
        path = self._path
        try:
            if not path.is_dir():
                if path.stat() and path.is_file() and path.suffix.lower() in _SUFFIXES:
                    return {path.name: path}
                raise SourceUnavailable(
                    f"{path} is no .jsonl or .csv file and no folder", hint=_WHAT_IT_TAKES
                )
            with os.scandir(path) as entries:
                found = [
                    (changed, entry.name)
                    for entry in entries
                    if entry.name.lower().endswith(_SUFFIXES)
                    and not entry.name.startswith(".")
                    and not entry.name.endswith(REJECTED)
                    and (changed := _changed_at(entry)) is not None
                ]
        except OSError as error:
            raise SourceUnavailable(f"can't read {path}: {error.strerror}", hint=_WHAT_IT_TAKES) from None
        return {name: path / name for _, name in sorted(found)}

    def _read(
        self, path: Path, before: _Look, look: _Look, looks: dict[str, _Look], *, settled: bool
    ) -> Iterator[Batch]:
        """Yield what is new in the file at `path`, and note in `looks` how far it was read."""
        start = before if _only_grew(path, before, look) else _UNSEEN
        whole = look.size if settled else _end_of_lines(path, look.size)
        is_csv = path.suffix.lower() == ".csv"
        looks[path.name] = look._replace(line=start.line, position=start.position)
        if whole <= start.position or (is_csv and whole < look.size):
            yield Batch(_cursor_of(looks))
            return
        rows: list[Row[TicketRecord] | Rejection] = []
        unread: tuple[str, ...] = ()
        try:
            with open_records(str(path), TICKETS) as file:
                if start.position:
                    file.go_on_after(start.line, start.position)
                for row in _up_to(file, whole, read_tickets(file, self._zone)):
                    rows.append(_with_its_file(row, path.name))
                    if not is_csv:
                        looks[path.name] = look._replace(line=file.line, position=file.bytes_read)
                    if len(rows) == BATCH_ROWS:
                        yield Batch(_cursor_of(looks), records=tuple(rows))
                        rows = []
                # What was read beyond the last end is the line that is being written.
                end = file.line - (file.bytes_read > whole)
        except BadInput as error:
            unread, end = (clean(error.message, limit=SUBJECT_LIMIT),), 0
        looks[path.name] = look._replace(line=end, position=whole)
        yield Batch(_cursor_of(looks), records=tuple(rows), unread=unread)


def _changed_at(entry: os.DirEntry[str]) -> int | None:
    """Return when a file was changed, None for a folder and for a link that leads nowhere."""
    try:
        return entry.stat().st_mtime_ns if entry.is_file() else None
    except OSError:
        return None


def _up_to(
    file: RecordFile, whole: int, rows: Iterator[Row[TicketRecord] | Rejection]
) -> Iterator[Row[TicketRecord] | Rejection]:
    for row in rows:
        if not file.is_csv and file.bytes_read > whole:
            return
        yield row


def _with_its_file(row: Row[TicketRecord] | Rejection, name: str) -> Row[TicketRecord] | Rejection:
    if isinstance(row, Rejection):
        return row._replace(reason=f"{clean(name, limit=NAME_LIMIT)}: {row.reason}")
    return row


def _look_at(stream: BinaryIO) -> _Look:
    found = os.fstat(stream.fileno())
    return _Look(found.st_size, found.st_mtime_ns, _digest(stream.read(_HEAD)))


def _digest(head: bytes) -> str:
    return blake2b(head, digest_size=8).hexdigest()


def _only_grew(path: Path, before: _Look, look: _Look) -> bool:
    """Say whether what was read of a file of JSON still stands at its beginning."""
    if path.suffix.lower() == ".csv" or not before.position or look.size < before.size:
        return False
    with path.open("rb") as stream:
        return _digest(stream.read(min(_HEAD, before.size))) == before.head


def _end_of_lines(path: Path, size: int) -> int:
    """Return where the last line ends that has an end, within the first `size` bytes."""
    with path.open("rb") as stream:
        end = size
        while end > 0:
            begin = max(0, end - _BLOCK)
            stream.seek(begin)
            newline = stream.read(end - begin).rfind(b"\n")
            if newline >= 0:
                return begin + newline + 1
            end = begin
    return 0


def _cursor_of(looks: Mapping[str, _Look]) -> str:
    return json.dumps(looks, separators=(",", ":"))


def _read_cursor(cursor: str) -> dict[str, _Look]:
    """Return the looks that `cursor` holds, none where it is of something else."""
    try:
        looks = json.loads(cursor or "{}")
        return {name: _checked(_Look(*look)) for name, look in looks.items()}
    except (ValueError, TypeError, AttributeError):
        return {}


def _checked(look: _Look) -> _Look:
    numbers = look.size, look.changed, look.line, look.position
    if not all(isinstance(number, int) and number >= 0 for number in numbers):
        raise ValueError("no look at a file")
    return look
