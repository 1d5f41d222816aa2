"""The log of calls in a file: CSV or JSONL by the end of its name, for its owner's eyes only."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from oncall_tui.desk.call_log import CallLogDesk, Progress
from oncall_tui.domain.call_export import csv_head, csv_rows, jsonl
from oncall_tui.domain.call_filters import CallFilter
from oncall_tui.domain.call_log import LogLine
from oncall_tui.domain.errors import BadInput, Refused

KINDS = (".csv", ".jsonl")
"""How the name of a file may end."""

Write = Callable[[str], object]


def export_file(
    log: CallLogDesk,
    path: Path,
    wanted: CallFilter,
    *,
    since: datetime | None = None,
    until: datetime | None = None,
    progress: Progress,
) -> int:
    """Write all recorded calls that fit into a new file at `path`, and return how many.

    Its mode is 0600; `~` is somebody's home. `Refused` where something is there already, `BadInput` for
    another kind of file or a place that can't be written; nothing is left of a file that wasn't finished.
    """
    try:
        path = path.expanduser()
    except RuntimeError:  # there is nobody of that name
        raise BadInput(f"{str(path)[:200]} is in no known home", hint="choose another place") from None
    if path.suffix.lower() not in KINDS:
        raise BadInput(f"{path.name[:60]!r} ends in neither .csv nor .jsonl", hint="the end names the format")
    zone = log.context.offer.zone
    with _new(path) as write:
        if path.suffix.lower() == ".csv":
            write(csv_head())

        def put(lines: Sequence[LogLine]) -> None:
            write(csv_rows(lines, zone) if path.suffix.lower() == ".csv" else jsonl(lines, zone))

        return log.export(wanted, put, since=since, until=until, progress=progress)


@contextmanager
def _new(path: Path) -> Iterator[Write]:
    try:
        opened = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        raise Refused(
            f"{path.name[:60]} is there already", hint="choose another name: nothing is overwritten"
        ) from None
    except (OSError, ValueError) as error:
        raise _unwritten(path, error) from None
    try:
        with open(opened, "w", encoding="utf-8", newline="") as file:
            yield file.write
            file.flush()
            os.fsync(opened)
    except BaseException as error:
        path.unlink(missing_ok=True)
        if isinstance(error, OSError):
            raise _unwritten(path, error) from None
        raise


def _unwritten(path: Path, error: Exception) -> BadInput:
    why = error.strerror if isinstance(error, OSError) else str(error)
    return BadInput(f"can't write {str(path)[:200]}: {why}", hint="choose another place")
