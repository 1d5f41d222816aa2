"""Running a program beside the screen: it gets a text, is given a limit, and can't hold anything up."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from oncall_tui.domain.environment import without_secrets
from oncall_tui.domain.text import clean

if TYPE_CHECKING:
    import subprocess

DETAIL_LIMIT = 200
"""Characters of what a program said that are kept."""

_KEPT = 8192
"""Bytes of what a program said last that are looked at."""

_LOOK = 0.05
"""Seconds after which it is looked whether a program has ended whose children keep its stderr open."""

_LOWER = 10
"""How much lower its priority is than that of the screen: no key waits for a notification."""


class Ended(NamedTuple):
    """How a program ended: its exit status, negative for a signal, None where it was killed at the limit.

    `words` is the last line of what it wrote to stderr, clean.
    """

    code: int | None
    words: str = ""


def python(script: str) -> list[str]:
    """Return what starts `script` of this package: by its path and without the current folder, so that it
    loads nothing of ours and nothing of whoever the folder belongs to.
    """
    return [sys.executable, "-P", "-W", "ignore", str(Path(__file__).with_name(script))]


def run(argv: Sequence[str], text: str, *, limit: float, env: Mapping[str, str]) -> Ended:
    """Run `argv` with `text` on its stdin and its stdout thrown away, for `limit` seconds at most.

    It has a session of its own, and at the limit it is killed with all that it started in it. What it
    started and left behind when it ended goes on. Of `env` it gets no key and no
    secret of ours. Raises `OSError` where it can't be started.
    """
    import subprocess

    process = subprocess.Popen(  # noqa: S603 - no shell: our own script, or what the settings say
        argv,
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        env=without_secrets(env),
        start_new_session=True,
    )
    try:
        return _followed(process, text.encode("utf-8", "replace"), time.monotonic() + limit)
    finally:
        if process.poll() is None:
            _kill(process)
            with suppress(subprocess.TimeoutExpired):
                process.wait(1)
        for pipe in (process.stdin, process.stderr):
            with suppress(OSError, AttributeError):
                pipe.close()  # type: ignore[union-attr]


def _last_line(said: bytes) -> str:
    lines = [line for line in said.decode("utf-8", "replace").splitlines() if line.strip()]
    return clean(lines[-1], limit=DETAIL_LIMIT) if lines else ""


if sys.platform == "win32":

    def _followed(process: subprocess.Popen[bytes], text: bytes, end: float) -> Ended:
        import subprocess

        try:
            said = process.communicate(text, timeout=end - time.monotonic())[1]
        except subprocess.TimeoutExpired:
            return Ended(None)
        return Ended(process.returncode, _last_line(said))

    def _kill(process: subprocess.Popen[bytes]) -> None:
        process.kill()

else:

    def _followed(process: subprocess.Popen[bytes], text: bytes, end: float) -> Ended:
        """Feed it and listen until it has ended, which isn't when the last one has closed its stderr."""
        import selectors

        assert process.stdin is not None
        assert process.stderr is not None
        with suppress(OSError):
            os.setpriority(os.PRIO_PGRP, process.pid, os.getpriority(os.PRIO_PROCESS, 0) + _LOWER)
        said, rest = b"", text
        with selectors.DefaultSelector() as pipes:
            pipes.register(process.stdin, selectors.EVENT_WRITE)
            pipes.register(process.stderr, selectors.EVENT_READ)
            for pipe in (process.stdin, process.stderr):
                os.set_blocking(pipe.fileno(), False)
            while process.poll() is None and (left := end - time.monotonic()) > 0:
                if not pipes.get_map():
                    _wait(process, left)
                    continue
                for key, _event in pipes.select(min(left, _LOOK)):
                    if key.fileobj is process.stderr:
                        block = os.read(key.fd, _KEPT)
                        said = (said + block)[-_KEPT:]
                        if not block:
                            pipes.unregister(process.stderr)
                    else:
                        rest = _fed(key.fd, rest)
                        if not rest:
                            pipes.unregister(process.stdin)
                            process.stdin.close()
        return Ended(process.poll(), _last_line(said + _left_over(process.stderr.fileno())))

    def _fed(pipe: int, text: bytes) -> bytes:
        """Write what fits and return the rest, none where nobody reads any more."""
        try:
            return text[os.write(pipe, text) :]
        except BlockingIOError:
            return text
        except OSError:
            return b""

    def _left_over(pipe: int) -> bytes:
        """Return what was said last; what others go on saying into it isn't waited for."""
        said = b""
        with suppress(OSError):
            while len(said) < 16 * _KEPT and (block := os.read(pipe, _KEPT)):
                said += block
        return said[-_KEPT:]

    def _wait(process: subprocess.Popen[bytes], seconds: float) -> None:
        import subprocess

        with suppress(subprocess.TimeoutExpired):
            process.wait(seconds)

    def _kill(process: subprocess.Popen[bytes]) -> None:
        import signal

        with suppress(OSError):
            os.killpg(process.pid, signal.SIGKILL)
