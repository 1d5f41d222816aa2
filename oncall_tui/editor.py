"""Writing a text in the editor that the engineer has chosen."""

from __future__ import annotations

import os
import shlex
import signal
import subprocess
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

from oncall_tui.domain.errors import BadInput
from oncall_tui.domain.text import BODY_LIMIT, clean_body

_READ_AT_MOST = 8 * BODY_LIMIT
"""Bytes of what was written that are looked at: more than the text may have, in any letters."""


def edited(text: str, name: str, suspended: Callable[[], AbstractContextManager[None]]) -> str:
    """Return what the engineer makes of `text` in $VISUAL or $EDITOR, clean; blocks until they leave it.

    The text stands in a file called `name` that nobody else can read, in a folder that goes away with all
    that an editor leaves beside it. `suspended` gives the terminal away and takes it back. Raises `BadInput`
    where there is no editor, or it fails.
    """
    command = _command(os.environ)
    with tempfile.TemporaryDirectory(prefix="oncall-tui-") as folder:
        path = Path(folder, f"{name}.txt")
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(f"{text}\n".encode() if text else b"")
        with suspended(), _interrupts_are_the_editor_s():
            code = _run([*command, str(path)])
        if code:
            raise BadInput(f"{Path(command[0]).name} ended with {code}; the text is as it was before")
        try:
            with path.open("rb") as file:
                written = file.read(_READ_AT_MOST)
        except OSError as error:
            raise BadInput(f"what was written can't be read: {error.strerror}") from None
    return clean_body(written.decode("utf-8", errors="replace"))


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
        return subprocess.run(command, check=False).returncode  # noqa: S603 - the engineer's own choice
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
