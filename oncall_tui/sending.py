"""Handing over to one source what goes out to it: answers to customers, and what was done to its tickets.

One thing at a time is claimed, handed over and written down, so that a desk which dies leaves at most one
behind of which nobody knows.
"""

from __future__ import annotations

import threading
from collections import deque
from contextlib import suppress
from typing import TYPE_CHECKING

from oncall_tui.domain.addresses import address_of
from oncall_tui.domain.correspondence import Handed
from oncall_tui.domain.errors import StoreUnavailable
from oncall_tui.domain.outgoing import OutgoingState
from oncall_tui.pulling import Backoff, in_words

if TYPE_CHECKING:
    from oncall_tui.desk import Desk
    from oncall_tui.domain.correspondence import Outgoing, SourceAccess
    from oncall_tui.pulling import Opener
    from oncall_tui.sources.source import Source

_EVERY = 5.0
"""Seconds after which it looks without being told to."""

_LONGEST_PAUSE = 30.0

NO_DOMAIN = "oncall-tui.invalid"
"""Stands in the Message-ID of what is sent from no mail address."""


class Sending:
    """What a board or a server wants to know of what goes out. Called on threads of the sources'."""

    def handed_over(self, outgoing: Outgoing, handed: Handed) -> None:
        """This became of a try."""

    def mistaken(self, error: Exception) -> None:
        """A mistake of this program, or of a source's code."""


class Sender:
    """Hands over what goes out to one source. All but `run` and `send` may be called from any thread."""

    def __init__(self, desk: Desk, access: SourceAccess, sending: Sending, open_source: Opener) -> None:
        self._desk = desk
        self._access = access
        self._sending = sending
        self._open_source = open_source
        self._domain = address_of(access.address).domain or NO_DOMAIN
        self._wake = threading.Event()
        self._stopped = threading.Event()
        self._backoff = Backoff(_LONGEST_PAUSE)
        self._source: Source | None = None
        self._unnoted: deque[tuple[Outgoing, Handed]] = deque()

    # From other threads

    def nudge(self) -> None:
        """Look now whether something is to go out."""
        self._wake.set()

    def stop(self) -> None:
        """Hand over nothing more; what is under way comes to its end."""
        self._stopped.set()
        self._wake.set()

    # On its own thread

    def run(self) -> None:
        """Hand over again and again until `stop`; nothing that goes wrong ends it before."""
        while True:
            self._wake.clear()
            # After that: who says stop says so first, and wakes then.
            if self._stopped.is_set():
                break
            try:
                self.send()
                self._backoff.reset()
            except StoreUnavailable:
                # What came of the last try is kept, and written down before anything else.
                self._stopped.wait(self._backoff.next())
            except Exception as error:  # noqa: BLE001 - the next answer must not be lost to this mistake
                self._sending.mistaken(error)
                self._stopped.wait(self._backoff.next())
            self._wake.wait(_EVERY)
        self.leave()

    def send(self) -> list[tuple[Outgoing, Handed]]:
        """Hand over all that has its turn; return what became of each. Raises `StoreUnavailable`."""
        done = self._note()
        while not self._stopped.is_set():
            claimed = self._desk.outbox.claim(self._access.name, self._domain, limit=1)
            if not claimed:
                break
            for outgoing in claimed:
                self._unnoted.append((outgoing, self._hand_over(outgoing)))
                done += self._note()
        return done

    def leave(self) -> None:
        """Close the connections."""
        source, self._source = self._source, None
        if source is not None:
            with suppress(Exception):  # what is broken needs no orderly end
                source.close()

    def _hand_over(self, outgoing: Outgoing) -> Handed:
        try:
            if self._source is None:
                self._source = self._open_source(self._access)
        except Exception as error:  # noqa: BLE001 - whatever it is, nothing went out
            return Handed(OutgoingState.WAITING, self._desk.clock(), in_words(error))
        try:
            return self._source.send(outgoing)
        except Exception as error:  # noqa: BLE001 - a source raises nothing: what it has done nobody knows
            self._sending.mistaken(error)
            self.leave()
            return Handed(OutgoingState.UNSURE, self._desk.clock(), in_words(error))

    def _note(self) -> list[tuple[Outgoing, Handed]]:
        """Write down what became of what was handed over, and return it."""
        noted = []
        while self._unnoted:
            outgoing, handed = self._unnoted[0]
            try:
                self._desk.outbox.finish(outgoing, handed)
            except StoreUnavailable:
                raise
            except Exception:
                # It can't ever be written down; what was claimed becomes unsure by itself.
                self._unnoted.popleft()
                raise
            self._unnoted.popleft()
            self._sending.handed_over(outgoing, handed)
            noted.append((outgoing, handed))
        return noted
