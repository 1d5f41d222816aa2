"""Programs on pseudo terminals, for the benchmarks that read what a person would see."""

from __future__ import annotations

import fcntl
import os
import pty
import random
import re
import select
import signal
import struct
import subprocess
import termios
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress

PATIENCE = 60.0
"""Seconds after which waiting for a program is given up."""

SETTLE = 0.04
"""Seconds between a frame and the next key: more than what Textual lets pass between two frames."""

_ASKS_FOR_FRAMES = b"\x1b[?2026$p"
_KNOWS_FRAMES = b"\x1b[?2026;2$y"
_FRAME_END = b"\x1b[?2026l"
_PIECE = re.compile(rb"\x1b\[(\d+);(\d+)H")


def size_free() -> dict[str, str]:
    """Return the environment without a size of a terminal, which would win over the terminal's own."""
    return {name: value for name, value in os.environ.items() if name not in ("COLUMNS", "LINES")}


class OnTerminal:
    """A program on a terminal of 120 by 40 with colours.

    The terminal says that it knows synchronized output, so that Textual marks where a frame ends.
    """

    def __init__(self, command: Sequence[str], env: Mapping[str, str]) -> None:
        self._master, slave = pty.openpty()
        fcntl.ioctl(self._master, termios.TIOCSWINSZ, struct.pack("HHHH", 40, 120, 0, 0))
        self.output = b""
        self._answered = False
        self.pressed_at = 0.0
        """When the last key was pressed, on the clock of `time.perf_counter`."""
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
            self._read(give_up, f"never wrote {text!r}")
        now = time.perf_counter()
        self.output = b""
        return now

    def _read(self, give_up: float, failure: str) -> None:
        """Wait for more output; end with `failure` if none has come by `give_up` or ever will."""
        data = b""
        if select.select([self._master], [], [], max(give_up - time.perf_counter(), 0))[0]:
            with suppress(OSError):  # the other end is closed
                data = os.read(self._master, 65536)
        if not data:
            raise SystemExit(f"{self.process.args!r} {failure}:\n{self.output[-2000:]!r}")
        self.output += data
        if not self._answered and _ASKS_FOR_FRAMES in self.output:
            self._answered = True
            self.type(_KNOWS_FRAMES)

    def discard(self, seconds: float = 0.0) -> None:
        """Forget what was written so far and what will be for so many seconds."""
        until = time.perf_counter() + seconds
        while select.select([self._master], [], [], max(until - time.perf_counter(), 0))[0]:
            self._read(until, "has ended")
            self.output = b""
        self.output = b""

    def press(self, key: bytes, *, mark: str = "", unread: str = "") -> float:
        """Press a key; return the seconds until the end of the frame that shows what it did.

        That is the first one with `mark` in it, or, where it leaves lines that show no more than
        `unread`, the one that fills the last of them. What was on its way before is out of the way.
        """
        marked, lines = not mark, set[bytes]()
        self.discard(SETTLE + random.uniform(0, SETTLE / 2))  # at no fixed moment between two frames
        self.pressed_at = begun = time.perf_counter()
        self.type(key)
        while True:
            self._read(begun + PATIENCE, f"wrote no frame after {key!r}")
            now = time.perf_counter()
            while _FRAME_END in self.output:
                frame, _, self.output = self.output.partition(_FRAME_END)
                marked = marked or mark.encode() in frame
                if unread:
                    for number, text in _lines_of(frame):
                        (lines.add if unread.encode() in text else lines.discard)(number)
                if marked and not lines:
                    return now - begun

    def settled(self, quiet: float) -> float:
        """Wait until nothing was written for so many seconds; return those from the last key to then."""
        last = time.perf_counter()
        while select.select([self._master], [], [], quiet)[0]:
            self._read(last + PATIENCE, "has ended")
            last = time.perf_counter()
        self.output = b""
        return last - self.pressed_at

    def draws_after(self, key: bytes, seconds: float = 0.2) -> bool:
        """Press a key; say whether anything is drawn within so many seconds."""
        self.discard(SETTLE)
        self.type(key)
        until = time.perf_counter() + seconds
        while _FRAME_END not in self.output:
            left = until - time.perf_counter()
            if not select.select([self._master], [], [], max(left, 0))[0]:
                return False
            self._read(until, "has ended")
        return True

    def type(self, keys: bytes) -> None:
        os.write(self._master, keys)

    def fileno(self) -> int:
        return self._master

    def end(self) -> None:
        # Its group, because it may have children of its own.
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        os.close(self._master)


def _lines_of(frame: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Yield what a frame writes from the first column on, by the number of the line that it goes to.

    What stands beside a list says nothing about its lines.
    """
    parts = _PIECE.split(frame)
    for number, column, text in zip(parts[1::3], parts[2::3], parts[3::3], strict=True):
        if column == b"1":
            yield number, text


def look_on(programs: Sequence[OnTerminal], seconds: float) -> None:
    """Take what the programs write for so many seconds, so that none of them has to wait."""
    until = time.perf_counter() + seconds
    while (left := until - time.perf_counter()) > 0:
        for ready in select.select(programs, [], [], left)[0]:
            ready.discard()


def started(command: Sequence[str], text: str, env: Mapping[str, str]) -> None:
    """Start `command`, wait until it has written `text`, and end it."""
    program = OnTerminal(command, env)
    try:
        program.wait_for(text)
    finally:
        program.end()
