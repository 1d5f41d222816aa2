"""Reading one source: what came in there is stored here, by one desk of all at a time.

Who reads has a lease in the database and renews it; who is killed loses it after a minute, and another desk
goes on from the cursor that was stored with the last batch.
"""

from __future__ import annotations

import random
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import datetime, timedelta
from time import monotonic
from typing import TYPE_CHECKING, NamedTuple

from oncall_tui.domain.correspondence import SourceUnavailable
from oncall_tui.domain.errors import Conflict, OncallError, StoreUnavailable

if TYPE_CHECKING:
    from oncall_tui.desk import Desk
    from oncall_tui.desk.letters import TakenIn
    from oncall_tui.domain.correspondence import Batch, SourceAccess
    from oncall_tui.sources.source import Source
    from oncall_tui.store.sources import Lease

Opener = Callable[["SourceAccess"], "Source"]
Progress = Callable[["Batch", "TakenIn"], None]

_FIRST_PAUSE, _LONGEST_PAUSE = 1.0, 300.0
_LONGEST_STORE_PAUSE = 30.0
_LONGEST_WAIT = 20.0
"""Seconds for which a source is asked to wait: a connection that died in silence is noticed after that."""

_STUCK = 600.0
"""Seconds without a sign of life from a source after which its lease isn't renewed any more."""


class Pulled(NamedTuple):
    """What came in with one pull: tickets `created`, letters that `joined` one, that were `recorded` without
    one, that were `known`, and how many were `rejected`; `unread` says why of letters.
    """

    created: int = 0
    joined: int = 0
    recorded: int = 0
    known: int = 0
    rejected: int = 0
    unread: tuple[str, ...] = ()

    def plus(self, batch: Batch, taken: TakenIn) -> Pulled:
        """Return all of it with what came of one more batch."""
        return Pulled(
            self.created + taken.created,
            self.joined + taken.joined,
            self.recorded + taken.recorded,
            self.known + taken.known,
            self.rejected + taken.rejected,
            self.unread + batch.unread + taken.unstored,
        )

    def __str__(self) -> str:
        """Return in words what is worth a line in a log; empty for nothing."""
        counts = (
            (self.created, "new"),
            (self.joined, "joined"),
            (self.recorded, "recorded without a ticket"),
            (self.rejected, "rejected"),
        )
        return ", ".join(f"{count} {what}" for count, what in counts if count)


class Reading:
    """What a board or a server wants to know of its sources. Called on threads of theirs."""

    def connected(self, name: str) -> None:
        """This desk reads the source, for the first time."""

    def took_in(self, name: str, pulled: Pulled) -> None:
        """Something came in."""

    def lost(self, name: str, error: Exception) -> None:
        """The source can't be read; told once until it is back."""

    def back(self, name: str) -> None:
        """The source can be read again, here or at another desk."""

    def mistaken(self, error: Exception) -> None:
        """A mistake of this program, or of a source's code."""


class Backoff:
    """How long to wait before the next try: twice as long each time, up to `longest` seconds, less chance."""

    def __init__(self, longest: float, chance: Callable[[float, float], float] = random.uniform) -> None:
        self._longest = longest
        self._chance = chance
        self._tries = 0

    def next(self) -> float:
        """Return the seconds to wait after one more failure."""
        pause = min(_FIRST_PAUSE * 2 ** min(self._tries, 30), self._longest)
        self._tries += 1
        # Desks that failed together don't come back together.
        return self._chance(pause / 2, pause)

    def reset(self) -> None:
        """Begin anew: it went well."""
        self._tries = 0


class Puller:
    """Reads one source for one desk. All but `run` and `pull` may be called from any thread."""

    def __init__(self, desk: Desk, access: SourceAccess, reading: Reading, open_source: Opener) -> None:
        self.access = access
        self._desk = desk
        self._reading = reading
        self._open_source = open_source
        self._wake = threading.Event()
        self._stopped = threading.Event()
        self._backoff = Backoff(_LONGEST_PAUSE)
        self._store_backoff = Backoff(_LONGEST_STORE_PAUSE)
        self._backing_off = False
        self._source: Source | None = None
        self._lease: Lease | None = None
        self._leasing = threading.Lock()
        self._moved_at = monotonic()
        self._pause = 0.0
        self._known = self._is_lost = self._goes_on = self._resting = False

    # From other threads

    def nudge(self) -> None:
        """Read now, also during a pause between tries."""
        self._wake.set()
        self._interrupt()

    def due(self) -> None:
        """Read now, unless it waits before the next try."""
        if not self._backing_off:
            self.nudge()

    def stop(self) -> None:
        """Read no more, and let another desk go on."""
        self._stopped.set()
        self.nudge()

    def renew(self) -> None:
        """Renew the lease if this desk has it, and is seen to go on."""
        with self._leasing, suppress(OncallError):
            goes_on = self._resting or monotonic() - self._moved_at < _STUCK
            if self._lease is not None and goes_on:
                # Who has lost it hears so from the next batch.
                self._ask_for_lease()

    def _interrupt(self) -> None:
        source = self._source
        if source is not None:
            with suppress(Exception):  # it may be closed by now
                source.interrupt()

    # On its own thread

    def run(self) -> None:
        """Read again and again until `stop`; nothing that goes wrong ends it before."""
        self._goes_on = True
        while True:
            self._wake.clear()
            # After that: who says stop says so first, and wakes then.
            if self._stopped.is_set():
                break
            pause = self._one_round()
            if pause > 0:
                self._backing_off = True
                self._rest(pause)
                self._backing_off = False
        self.leave()

    def pull(self, progress: Progress = lambda _batch, _taken: None) -> Pulled | None:
        """Store what came in since the last time; None where another desk reads this source.

        Raises what opening and reading a source raise, after it was noted for all desks, `Conflict` where the
        lease was lost, `StoreUnavailable`.
        """
        with self._leasing:
            lease = self._ask_for_lease()
        if lease is None:
            return None
        pulled = Pulled()
        with self._noting_failure():
            for batch in self._opened().pull(lease.cursor):
                taken = self._desk.letters.take_in(lease.source, lease.holder, batch)
                pulled = pulled.plus(batch, taken)
                self._moved_at = monotonic()
                for mistake in taken.mistakes:
                    self._reading.mistaken(mistake)
                progress(batch, taken)
                if self._stopped.is_set():
                    return pulled
            self._desk.sources.went_well(lease.source, self._after(self.access.every.total_seconds()))
        return pulled

    def leave(self) -> None:
        """Let another desk go on at once, and close the connections."""
        with suppress(Exception):  # the store may be closed by now: the lease ends by itself
            self._let_go()
        self._close()

    def _one_round(self) -> float:
        """Read once and wait for news; return the seconds to pause before the next try, 0 for none."""
        self._pause = 0.0
        try:
            pulled = self.pull()
            self._store_backoff.reset()
            if pulled is None:
                self._look_at_others()
                self._rest(self._patience)
                return 0
            self._went_well(pulled)
            self._wait_for_news()
        except StoreUnavailable:
            # The refresh and the alerts say so; the cursor is in the store with what was stored.
            return self._store_backoff.next()
        except Conflict:
            return self._patience
        except Exception as error:  # noqa: BLE001 - a mistake in one source's code must not end the reading
            return self._failed(error)
        return 0

    def _went_well(self, pulled: Pulled) -> None:
        self._backoff.reset()
        if not self._known:
            self._known = True
            self._reading.connected(self.access.name)
        self._is_back()
        if str(pulled):
            self._reading.took_in(self.access.name, pulled)

    def _is_back(self) -> None:
        if self._is_lost:
            self._is_lost = False
            self._reading.back(self.access.name)

    def _look_at_others(self) -> None:
        """Hear from the desk that reads this source whether it can."""
        if self._is_lost:
            health = {each.name: each for each in self._desk.sources.health()}
            found = health.get(self.access.name)
            if found is not None and not found.fails:
                self._is_back()

    def _failed(self, error: Exception) -> float:
        if self._stopped.is_set():
            return 0
        if not isinstance(error, OncallError):
            self._reading.mistaken(error)
        if not self._is_lost:
            self._is_lost = True
            self._reading.lost(self.access.name, error)
        return self._pause or self._backoff.next()

    @property
    def _patience(self) -> float:
        """Return the seconds after which it reads without being told to: the scheduler comes before."""
        return 1.5 * self.access.every.total_seconds() + 1

    def _wait_for_news(self) -> None:
        """Return when something came in, when it is time, or when somebody says so."""
        source, until = self._opened(), monotonic() + self._patience
        at_once = 0
        while not self._wake.is_set() and (left := until - monotonic()) > 0:
            began, asked = monotonic(), min(left, _LONGEST_WAIT)
            try:
                with self._noting_failure(unless=SourceUnavailable):
                    if source.wait(asked):
                        return
            except SourceUnavailable:
                # Connections end now and then. Whether it can be reached is what connecting anew will show.
                self._close()
                self._rest(_FIRST_PAUSE)
                return
            self._moved_at = monotonic()
            at_once = at_once + 1 if self._moved_at - began < asked / 2 else 0
            if at_once > 1:
                # It can't tell. Once may have been an interruption from before it began to wait.
                self._rest(max(until - monotonic(), 0))

    def _rest(self, seconds: float) -> None:
        """Do nothing for a while, unless somebody says otherwise."""
        self._resting = True
        self._wake.wait(seconds)
        self._resting, self._moved_at = False, monotonic()

    def _ask_for_lease(self) -> Lease | None:
        access = self.access
        self._lease = self._desk.sources.hold(access.name, access.kind, access.url)
        return self._lease

    def _let_go(self) -> None:
        with self._leasing:
            if self._lease is not None:
                self._lease = None
                self._desk.sources.let_go(self.access.name)

    def _opened(self) -> Source:
        if self._source is None:
            self._source = self._open_source(self.access)
        return self._source

    @contextmanager
    def _noting_failure(self, unless: type[Exception] | tuple[()] = ()) -> Iterator[None]:
        """Tell all desks when the source can't be read here, and let another one try."""
        try:
            yield
        except unless:
            raise
        except (StoreUnavailable, Conflict):
            self._give_up()
            raise
        except Exception as error:
            self._pause = self._backoff.next()
            with suppress(OncallError):
                self._desk.sources.went_wrong(self.access.name, in_words(error), self._after(self._pause))
            self._give_up()
            raise

    def _after(self, seconds: float) -> datetime | None:
        """Return the instant of the next try, None where this desk makes none."""
        return self._desk.clock() + timedelta(seconds=seconds) if self._goes_on else None

    def _give_up(self) -> None:
        self._close()
        with suppress(OncallError):
            self._let_go()

    def _close(self) -> None:
        source, self._source = self._source, None
        if source is not None:
            with suppress(Exception):  # what is broken needs no orderly end
                source.close()


def in_words(error: Exception) -> str:
    """Return one line for a person: of what isn't meant for one only its kind."""
    if not isinstance(error, OncallError):
        return f"a mistake of this program ({type(error).__name__})"
    return f"{error.message} ({error.hint})" if error.hint else error.message
