"""The program as a person has it: a process of its own on a terminal of its own."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import select
import signal
import struct
import subprocess
import sys
import termios
from collections.abc import Mapping
from pathlib import Path
from time import monotonic

ROOT = Path(__file__).parent.parent

_CONTROL = re.compile(rb"\x1b\[[0-9;?<>=]*[ -/]*[@-~]|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)|\x1b[=>]")
"""The control sequences that Textual itself writes: CSI, and OSC for the pointer's shape."""


class Program:
    """`python -m oncall_tui …` on a pseudo terminal; `output` is every byte that reached it."""

    def __init__(
        self,
        *arguments: str,
        columns: int = 80,
        lines: int = 24,
        env: Mapping[str, str] | None = None,
        script: str | None = None,
        leads: bool = True,
    ) -> None:
        """`script` is Python code to run in place of the program's own entry; unless the program `leads`
        the terminal, the kernel tells it neither of another size nor of the end.
        """
        self._master, slave = pty.openpty()
        self.resize(columns, lines)
        command = ["-c", script] if script is not None else ["-m", "oncall_tui"]
        environment = {
            **os.environ,
            "TERM": "xterm-256color",
            "COLORTERM": "truecolor",
            "PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'tests'}",
            **(env or {}),
        }
        for name in ("NO_COLOR", "COLUMNS", "LINES"):
            environment.pop(name, None)
        environment.update(env or {})
        self.process = subprocess.Popen(
            [sys.executable, *command, *arguments],
            stdin=slave,
            stdout=slave,
            stderr=slave,
            env=environment,
            start_new_session=True,
            preexec_fn=_own_terminal if leads else None,
            cwd=ROOT,
        )
        os.close(slave)
        self.output = b""
        self._seen = 0

    def __enter__(self) -> Program:
        return self

    def __exit__(self, *_: object) -> None:
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        self.hang_up()

    def resize(self, columns: int, lines: int) -> None:
        """Give the terminal another size; the kernel tells the program."""
        fcntl.ioctl(self._master, termios.TIOCSWINSZ, struct.pack("HHHH", lines, columns, 0, 0))

    def type(self, keys: bytes) -> None:
        """Send bytes as from the keyboard; what is waited for next comes after them."""
        self.look_away()
        os.write(self._master, keys)

    def signal(self, number: signal.Signals) -> None:
        self.look_away()
        self.process.send_signal(number)

    def hang_up(self) -> None:
        """Close the terminal."""
        if self._master >= 0:
            os.close(self._master)
            self._master = -1

    def wait_for(self, wanted: str, *, seconds: float = 20.0) -> float:
        """Read until `wanted` stands after what was waited for last; return when, on the monotonic clock."""
        give_up = monotonic() + seconds
        while (found := self.output.find(wanted.encode(), self._seen)) < 0:
            if not self._read(max(give_up - monotonic(), 0)):
                raise AssertionError(f"never written: {wanted!r}\n{self.text[-3000:]}")
        self._seen = found + len(wanted.encode())
        return monotonic()

    def look_away(self) -> None:
        """Wait only for what is written from now on."""
        self._seen = len(self.output)

    def wait_for_exit(self, *, seconds: float = 20.0) -> int:
        """Read until the program has ended; return its exit code."""
        give_up = monotonic() + seconds
        while self.process.poll() is None:
            if monotonic() > give_up:
                raise AssertionError(f"still running\n{self.text[-3000:]}")
            if self._master >= 0:
                self._read(0.05)
        while self._master >= 0 and self._read(0):
            pass
        return self.process.returncode

    @property
    def text(self) -> str:
        """What was written, without Textual's own control sequences."""
        return _CONTROL.sub(b"", self.output).decode(errors="replace")

    def _read(self, seconds: float) -> bool:
        ready, _, _ = select.select([self._master], [], [], seconds)
        if not ready:
            return False
        try:
            data = os.read(self._master, 65536)
        except OSError:  # the other end is closed
            return False
        self.output += data
        return bool(data)


def _own_terminal() -> None:
    fcntl.ioctl(0, termios.TIOCSCTTY, 0)
