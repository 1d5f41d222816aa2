"""A private session bus, and a service on it that writes down which notifications arrive, and when.

It needs `dbus-daemon` (Debian: dbus) and dbus-fast. `make test-real` and the benchmarks use it.
"""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import NamedTuple

NAME, PATH = "org.freedesktop.Notifications", "/org/freedesktop/Notifications"

_PATIENCE = 20.0

# No service folders: it would start other daemons.
_CONFIG = """\
<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>session</type>
  <listen>unix:dir={folder}</listen>
  <auth>EXTERNAL</auth>
  <policy context="default">
    <allow send_destination="*" eavesdrop="true"/>
    <allow eavesdrop="true"/>
    <allow own="*"/>
  </policy>
</busconfig>
"""


class Shown(NamedTuple):
    """A notification that arrived, `at` seconds of `time.time()`."""

    at: float
    title: str
    body: str
    urgency: int | None
    milliseconds: int
    app: str


class Bus:
    """A bus of its own, at `address`; `folder` has to be there and its path to be short."""

    def __init__(self, folder: Path) -> None:
        config = folder / "bus.conf"
        config.write_text(_CONFIG.format(folder=folder))
        self.process = subprocess.Popen(
            ["dbus-daemon", f"--config-file={config}", "--nofork", "--nopidfile", "--print-address=1"],
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        assert self.process.stdout is not None
        self.address = self.process.stdout.readline().strip()
        assert self.address, "dbus-daemon doesn't start"

    @staticmethod
    def possible() -> bool:
        """Say whether the machine has `dbus-daemon`."""
        return shutil.which("dbus-daemon") is not None

    def stop(self) -> None:
        """End it, as a desktop that one logs out of."""
        _end(self.process)
        if self.process.stdout is not None:
            self.process.stdout.close()


class Service:
    """Shows notifications on a bus: writes each to a file."""

    def __init__(self, address: str, folder: Path) -> None:
        self.file = folder / "shown.jsonl"
        self.process = subprocess.Popen(
            [sys.executable, __file__, address, str(self.file)], stdout=subprocess.PIPE, text=True
        )
        assert self.process.stdout is not None
        assert self.process.stdout.readline() == "ready\n"

    def shown(self) -> list[Shown]:
        """Return what has arrived so far."""
        return [Shown(**json.loads(line)) for line in self.file.read_text().splitlines()]

    def wait_for(self, count: int) -> list[Shown]:
        """Return what has arrived as soon as it is `count` or more."""
        give_up = time.monotonic() + _PATIENCE
        while len(shown := self.shown()) < count:
            assert time.monotonic() < give_up, f"{len(shown)} of {count} notifications arrived"
            time.sleep(0.01)
        return shown

    def hang(self) -> None:
        """Answer nothing any more."""
        self.process.send_signal(signal.SIGSTOP)

    def go_on(self) -> None:
        """Answer again, also what was asked meanwhile."""
        self.process.send_signal(signal.SIGCONT)

    def stop(self) -> None:
        """End it, hanging or not."""
        _end(self.process)
        if self.process.stdout is not None:
            self.process.stdout.close()


def _end(process: subprocess.Popen[str]) -> None:
    process.kill()
    process.wait()


async def _serve(address: str, file: Path) -> None:
    from dbus_fast import Message, MessageType
    from dbus_fast.aio import MessageBus

    written = file.open("a", encoding="utf-8", buffering=1)
    count = 0

    def answer(message: Message) -> Message | None:
        nonlocal count
        if message.message_type is not MessageType.METHOD_CALL or message.path != PATH:
            return None
        if message.member == "Notify" and message.signature == "susssasa{sv}i":
            app, _replaces, _icon, title, body, _actions, hints, milliseconds = message.body
            urgency = hints["urgency"].value if "urgency" in hints else None
            shown = Shown(time.time(), title, body, urgency, milliseconds, app)
            written.write(json.dumps(shown._asdict()) + "\n")
            count += 1
            return Message.new_method_return(message, "u", [count])
        if message.member == "GetServerInformation":
            return Message.new_method_return(message, "ssss", ["recorder", "oncall-tui", "1", "1.2"])
        if message.member == "GetCapabilities":
            return Message.new_method_return(message, "as", [["body"]])
        return None

    bus = await MessageBus(bus_address=address).connect()
    bus.add_message_handler(answer)
    await bus.request_name(NAME)
    print("ready", flush=True)  # noqa: T201 - what `Service` waits for
    await bus.wait_for_disconnect()


if __name__ == "__main__":
    Path(sys.argv[2]).touch()
    # A bus that ends ends it, too.
    try:
        asyncio.run(_serve(sys.argv[1], Path(sys.argv[2])))
    except (EOFError, OSError):
        os._exit(0)
