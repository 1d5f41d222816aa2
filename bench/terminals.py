"""Programs on pseudo terminals, for the benchmarks that read what a person would see."""

from __future__ import annotations

import fcntl
import os
import pty
import select
import signal
import struct
import subprocess
import termios
import time
from collections.abc import Mapping, Sequence

PATIENCE = 30.0


def size_free() -> dict[str, str]:
    """Return the environment without a size of a terminal, which would win over the terminal's own."""
    return {name: value for name, value in os.environ.items() if name not in ("COLUMNS", "LINES")}


class OnTerminal:
    """A program on a terminal of 120 by 40 with colours."""

    def __init__(self, command: Sequence[str], env: Mapping[str, str]) -> None:
        self._master, slave = pty.openpty()
        fcntl.ioctl(self._master, termios.TIOCSWINSZ, struct.pack("HHHH", 40, 120, 0, 0))
        self.output = b""
        self.process = subprocess.Popen(
            command,
            stdin=slave,
            stdout=slave,
            stderr=slave,
            start_new_session=True,
            env={**size_free(), "TERM": "xterm-256color", "COLORTERM": "truecolor", **env},
        )
        os.close(slave)

    def wait_for(self, text: str) -> float:
        """Read until `text` stands in what was written since the last wait; return when."""
        needle, give_up = text.encode(), time.perf_counter() + PATIENCE
        while needle not in self.output:
            ready, _, _ = select.select([self._master], [], [], max(give_up - time.perf_counter(), 0))
            data = b""
            if ready:
                try:
                    data = os.read(self._master, 65536)
                except OSError:
                    data = b""
            if not data:
                raise SystemExit(f"{self.process.args!r} never wrote {text!r}:\n{self.output[-2000:]!r}")
            self.output += data
        now = time.perf_counter()
        self.output = b""
        return now

    def discard(self) -> None:
        """Forget what was written so far."""
        while select.select([self._master], [], [], 0)[0]:
            os.read(self._master, 65536)
        self.output = b""

    def type(self, keys: bytes) -> None:
        os.write(self._master, keys)

    def end(self) -> None:
        # Its group, because it may have children of its own.
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        os.close(self._master)


def started(command: Sequence[str], text: str, env: Mapping[str, str]) -> None:
    """Start `command`, wait until it has written `text`, and end it."""
    program = OnTerminal(command, env)
    try:
        program.wait_for(text)
    finally:
        program.end()
