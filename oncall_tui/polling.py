"""The sources of tickets beside a desk, on a board or under `watch`: reading them, and sending to them.

Each has two daemon threads of its own, so that one that hangs delays neither another one nor an answer, and
leaving waits for none of them. Who wakes them is for `jobs.py`.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping
from time import monotonic
from typing import TYPE_CHECKING

from oncall_tui.domain.errors import Refused
from oncall_tui.pulling import Opener, Puller, Reading
from oncall_tui.sending import Sender, Sending

if TYPE_CHECKING:
    from pathlib import Path

    from oncall_tui.desk import Desk
    from oncall_tui.domain.correspondence import SourceAccess
    from oncall_tui.sources.source import Source

RENEWING = 15.0
"""Seconds after which the leases are looked at; each holds for a minute."""

_LEAVING = 2.0


class SourceListening(Reading, Sending):
    """What a board or a server wants to know. Every method is called on a thread of the sources'."""


def opened(access: SourceAccess) -> Source:
    """Open the source that `access` describes; `BadSettings` where what it needs isn't installed."""
    # Imported when used: a board without sources has no need of it.
    from oncall_tui.sources.kinds import open_source

    return open_source(access)


class Polling:
    """Reads the sources of one desk and sends to them. A desk that is read-only does neither."""

    def __init__(
        self,
        desk: Desk,
        sources: Mapping[str, SourceAccess],
        listening: SourceListening,
        open_source: Opener = opened,
    ) -> None:
        self._desk = desk
        self._sources = sources
        self._open_source = open_source
        self._pullers = {
            name: Puller(desk, access, listening, open_source) for name, access in sources.items()
        }
        self._senders = {
            name: Sender(desk, access, listening, open_source) for name, access in sources.items()
        }
        self._workers: list[Puller | Sender] = [*self._pullers.values(), *self._senders.values()]
        self._stopped = threading.Event()
        self._threads = [
            threading.Thread(target=run, name=f"oncall-{what}-{name}", daemon=True)
            for what, workers in (("pull", self._pullers), ("send", self._senders))
            for name, run in ((name, worker.run) for name, worker in workers.items())
        ]
        if self._threads:
            self._threads.append(
                threading.Thread(target=self._keep_leases, name="oncall-leases", daemon=True)
            )

    def start(self) -> None:
        """Begin to read and to send, at once."""
        if not self._desk.read_only:
            for thread in self._threads:
                thread.start()

    def stop(self) -> None:
        """Read and send nothing more. What is under way ends by itself."""
        self._stopped.set()
        for worker in self._workers:
            worker.stop()

    def finish(self, seconds: float = _LEAVING) -> bool:
        """Wait up to `seconds` for what is under way; say whether it has ended."""
        until = monotonic() + seconds
        running = [thread for thread in self._threads if thread.is_alive()]
        for thread in running:
            thread.join(max(until - monotonic(), 0))
        return not any(thread.is_alive() for thread in running)

    def nudge(self, name: str | None = None) -> None:
        """Read the source `name` and send what waits now, for None all of them, also during a pause between
        tries. Returns at once.
        """
        for each in self._sources:
            # A ticket may have come from a source that another desk reads.
            if name in (None, each):
                self._pullers[each].nudge()
                self._senders[each].nudge()

    def due(self, name: str) -> None:
        """Read the source `name`: its interval is over. One that failed waits for its next try."""
        self._pullers[name].due()

    def send(self) -> None:
        """Look now whether something is to go out: something was committed, or it is time."""
        for sender in self._senders.values():
            sender.nudge()

    def fetch(self, enclosure_id: int, target: Path) -> None:
        """Write a file that came with a ticket to `target`, which is new. Blocks while it is loaded.

        Raises `NotFound` where the source doesn't have it any more, `BadInput` where it can't be written,
        `Refused` where its source isn't set here, `SourceUnavailable`, `StoreUnavailable`.
        """
        fetch(self._desk, self._sources, enclosure_id, target, self._open_source)

    def renew(self) -> None:
        """Renew the leases of the sources that are read here; done now and then by a thread of its own."""
        for puller in self._pullers.values():
            puller.renew()

    def _keep_leases(self) -> None:
        while not self._stopped.wait(RENEWING):
            self.renew()


def fetch(
    desk: Desk,
    sources: Mapping[str, SourceAccess],
    enclosure_id: int,
    target: Path,
    open_source: Opener = opened,
) -> None:
    """Write a file that came with a ticket to `target`, as `Polling.fetch` does; it connects for itself."""
    origin = desk.sources.origin_of_enclosure(enclosure_id)
    access = sources.get(origin.source)
    if access is None:
        raise Refused(
            f"{origin.enclosure.name} stays in {origin.source}, which isn't set on this machine",
            hint=f"set sources.{origin.source} as the desk that reads it has it",
        )
    source = open_source(access)
    try:
        source.save(origin.key, origin.part, target)
    finally:
        source.close()
