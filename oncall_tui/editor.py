"""Writing a text in the editor that the engineer has chosen."""

from __future__ import annotations

import codecs
import os
import re
import shlex
import signal
import stat
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import NamedTuple

from oncall_tui.domain.environment import without_secrets
from oncall_tui.domain.errors import BadInput
from oncall_tui.domain.text import BODY_LIMIT, REF_LIMIT, clean_body

_READ_AT_MOST = 8 * BODY_LIMIT
"""Bytes of what was written that are looked at: more than the text may have, in any letters."""

_AT_ONCE = 1.0
"""Seconds in which nobody writes anything: an editor that has ended by then may have a window elsewhere."""

_NOT_IN_A_NAME = re.compile("[^A-Za-z0-9-]")


class Edited(NamedTuple):
    """What the engineer made of a text, clean, and what they have to be told of it."""

    text: str
    signs_lost: bool = False
    """It wasn't UTF-8: what can't be read is replaced."""
    cut: bool = False
    """It was longer than an answer may be (`BODY_LIMIT`)."""
    at_once: bool = False
    """The editor ended at once and had written nothing: it seems not to wait for its window."""


def edited(
    text: str,
    name: str,
    suspended: Callable[[], AbstractContextManager[None]],
    monotonic: Callable[[], float] = time.monotonic,
) -> Edited:
    """Return what the engineer makes of `text` in $VISUAL or $EDITOR; blocks until they leave it.

    The text stands in a file called after `name` that nobody else can read, in a folder that goes away with
    all that an editor leaves beside it. `suspended` gives the terminal away and takes it back; `monotonic`
    gives seconds. Raises `BadInput` where there is no editor, it fails, or there is no room for the file.
    """
    command = _command(os.environ)
    given = f"{text}\n".encode() if text else b""
    try:
        # What was written counts more than a folder that can't be taken away.
        with tempfile.TemporaryDirectory(prefix="oncall-tui-", ignore_cleanup_errors=True) as folder:
            path = Path(folder, f"{_NOT_IN_A_NAME.sub('_', name)[:REF_LIMIT]}.txt")
            with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
                file.write(given)
            before, began = path.stat(), monotonic()
            with suspended(), _interrupts_are_the_editor_s():
                code = _run([*command, str(path)])
            if code:
                raise BadInput(f"{Path(command[0]).name} ended with {code}; the text is as it was before")
            seconds = monotonic() - began
            data, after = _read(path)
    except OSError as error:
        raise BadInput(f"there is no file for an editor: {error.strerror}") from None
    written = data != given or _state(before) != _state(after)
    return _understood(data)._replace(at_once=ended_at_once(seconds, written=written))


def ended_at_once(seconds: float, *, written: bool) -> bool:
    """Say whether an editor that ran for `seconds` seems not to have waited for the engineer."""
    return seconds <= _AT_ONCE and not written


def _read(path: Path) -> tuple[bytes, os.stat_result]:
    """Return what is in the file at `path`, one byte more than is looked at, and its state."""
    try:
        # Nothing is waited for: where an editor leaves a pipe, nobody writes into it.
        with os.fdopen(os.open(path, os.O_RDONLY | os.O_NONBLOCK), "rb") as file:
            state = os.fstat(file.fileno())
            if not stat.S_ISREG(state.st_mode):
                raise BadInput("what was written can't be read: it isn't a file")
            return file.read(_READ_AT_MOST + 1), state
    except OSError as error:
        raise BadInput(f"what was written can't be read: {error.strerror}") from None


def _state(seen: os.stat_result) -> tuple[int, int]:
    return seen.st_ino, seen.st_mtime_ns


def _understood(data: bytes) -> Edited:
    more = len(data) > _READ_AT_MOST
    lost = False
    try:
        # The last letter may be cut in two.
        written = codecs.getincrementaldecoder("utf-8")().decode(data[:_READ_AT_MOST], final=not more)
    except UnicodeDecodeError:
        written, lost = data[:_READ_AT_MOST].decode("utf-8", errors="replace"), True
    whole = clean_body(written, limit=_READ_AT_MOST)
    return Edited(clean_body(whole), lost, more or len(whole) > BODY_LIMIT)


def _command(environment: Mapping[str, str]) -> list[str]:
    chosen = environment.get("VISUAL", "").strip() or environment.get("EDITOR", "").strip()
    try:
        command = shlex.split(chosen)
    except ValueError:
        raise BadInput("$VISUAL or $EDITOR has a quote that isn't closed") from None
    if not command:
        raise BadInput("neither $VISUAL nor $EDITOR names an editor", hint="for instance EDITOR=nano")
    return command


def _run(command: list[str]) -> int:
    try:
        return subprocess.run(  # noqa: S603 - the engineer's own choice
            command, env=without_secrets(os.environ), check=False
        ).returncode
    except OSError as error:
        raise BadInput(f"{Path(command[0]).name} can't be started: {error.strerror}") from None


@contextmanager
def _interrupts_are_the_editor_s() -> Iterator[None]:
    """Leave Ctrl-C to the editor: the kernel sends it to everybody on the terminal."""
    # A handler of ours, unlike one that ignores, is gone in the process that is started.
    before = signal.signal(signal.SIGINT, lambda *_: None)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
