"""`oncall-tui watch` as a process of its own, with a program that is given what it tells."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import monotonic, sleep

from support import CUSTOMERS

from oncall_tui.config import load_settings
from oncall_tui.desk import Desk, open_desk
from oncall_tui.domain.tickets import Channel, Ticket
from oncall_tui.store import customers

PATIENCE = 40.0


class Night:
    """A desk whose alerts go to a program: each of its `lines` is one that was delivered."""

    def __init__(self, folder: Path, url: str) -> None:
        self.url = url
        self._out, self._pid, self.go = folder / "out", folder / "pid", folder / "go"
        program = folder / "tell"
        program.write_text(
            "#!/bin/sh\n"
            f"echo $$ > {self._pid}\n"
            f"while [ ! -e {self.go} ]; do sleep 0.05; done\n"
            f'echo "$ONCALL_TUI_REFS $ONCALL_TUI_LEVEL" >> {self._out}\n'
        )
        program.chmod(0o700)
        self.config = folder / "night.toml"
        self.config.write_text(f'[alerts]\ncommand = ["{program}"]\ndesktop = false\n')
        self.go.touch()
        self.desk = self.open()
        with self.desk.store.begin() as tx:
            customers.add(tx, [(customer, None) for customer in CUSTOMERS])
        self.desk.alerts.evaluate()

    def open(self) -> Desk:
        """Open a desk of the night."""
        offer = load_settings(self.config, {}).offer
        return open_desk(self.url, offer, "Léa", clock=lambda: datetime.now(UTC))

    @property
    def options(self) -> list[str]:
        """What comes before a command's name."""
        return ["--config", str(self.config), "--database", self.url]

    @property
    def lines(self) -> list[str]:
        """What the program was given and has passed on, in its order."""
        return self._out.read_text().splitlines() if self._out.exists() else []

    def reopen(self) -> None:
        """Open the desk anew."""
        self.desk.close()
        self.desk = self.open()

    def file(self) -> Ticket:
        """File a request of which a quarter of the hour is left: it is told elsewhere, too."""
        received = datetime.now(UTC) - timedelta(minutes=46)
        new = self.desk.tickets.new
        return new(customer="leman", channel=Channel.EMERGENCY, subject="Mail", received_at=received)

    def wait_for_lines(self, number: int) -> None:
        """Wait until the program has passed on so many."""
        wait_until(lambda: len(self.lines) >= number)

    def hang(self) -> None:
        """Let the program wait from now on."""
        self.go.unlink()

    def wait_until_begun(self) -> int:
        """Wait until the program hangs; return the id of its process."""
        wait_until(lambda: self._pid.exists() and self._pid.read_text().strip() != "")
        return int(self._pid.read_text())


class Watcher:
    """A process that watches; `said` is what it wrote."""

    def __init__(self, night: Night, name: str = "watch", *arguments: str) -> None:
        self._log = night.config.with_name(f"{name}.log")
        command = [sys.executable, "-m", "oncall_tui", *night.options, "--as", name, "watch", *arguments]
        with self._log.open("ab") as log:
            self.process = subprocess.Popen(command, stderr=log, stdout=log, stdin=subprocess.DEVNULL)

    def __enter__(self) -> Watcher:
        return self

    def __exit__(self, *_: object) -> None:
        self.kill()

    @property
    def said(self) -> str:
        return self._log.read_text(encoding="utf-8")

    def wait_for(self, text: str) -> None:
        wait_until(lambda: text in self.said)

    def kill(self) -> None:
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()

    def wait_for_lines(self, text: str, number: int) -> None:
        """Wait until `text` was written in so many places."""
        wait_until(lambda: self.said.count(text) >= number)

    def terminate(self) -> int:
        """Ask it to end; return its exit status."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(PATIENCE)


def wait_until(holds: Callable[[], bool]) -> None:
    """Wait until something holds."""
    give_up = monotonic() + PATIENCE
    while not holds():
        assert monotonic() < give_up, "never"
        sleep(0.02)


def kill(pid: int) -> None:
    """End a program with its children, if it is there."""
    with suppress(ProcessLookupError):
        os.killpg(pid, signal.SIGKILL)
