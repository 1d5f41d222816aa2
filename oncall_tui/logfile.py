"""The log: where the details of a mistake of this program go, for the user's eyes only.

A traceback is written without local variables, and the screen gets one line that says where it is.
"""

from __future__ import annotations

import os
import traceback
from contextlib import suppress
from pathlib import Path

from oncall_tui.domain.text import clean

_LINE_LIMIT = 2_000


def log_file() -> Path:
    """Return where the log is."""
    from platformdirs import user_log_path

    return user_log_path("oncall-tui", appauthor=False) / "oncall-tui.log"


def record(error: BaseException, what: str = "", path: Path | None = None) -> str:
    """Write the traceback of `error` to the log (`path`, the user's if None), with `what` above it.

    Returns a line without an end that says where the details are, or why they aren't anywhere.
    """
    path = path or log_file()
    lines = [what] if what else []
    lines += "".join(traceback.format_exception(error)).splitlines()
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0)
        with open(os.open(path, flags, 0o600), "w", encoding="utf-8") as log:
            with suppress(AttributeError):  # Windows has no modes
                os.fchmod(log.fileno(), 0o600)
            log.writelines(f"{_indent(line)}{clean(line, limit=_LINE_LIMIT)}\n" for line in lines)
    except OSError as refused:
        return f"no log could be written to {path}: {refused.strerror}"
    return f"the details are in {path}"


def _indent(line: str) -> str:
    return line[: len(line) - len(line.lstrip(" "))]


def place(error: BaseException) -> str:
    """Return the kind of `error` and the file and line that raised it, and nothing that it quotes."""
    frames = traceback.extract_tb(error.__traceback__)
    if not frames:
        return type(error).__name__
    return f"{type(error).__name__} in {Path(frames[-1].filename).name}, line {frames[-1].lineno}"
