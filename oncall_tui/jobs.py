"""What runs when: the refresh, the alerts, the sources, the calls that nobody answers, and what tells that
somebody committed something.

APScheduler follows the wall clock, so nothing that matters hangs on it alone: commits are heard of by
a thread of their own, and the board's monotonic tick calls `rebuild` when time made a jump and
`stalled` finds that the scheduler stands still.
"""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from time import monotonic
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NamedTuple

from oncall_tui import background
from oncall_tui.domain.errors import OncallError

if TYPE_CHECKING:
    from oncall_tui.desk import Desk
    from oncall_tui.store.changes import ChangeSignal

REFRESH = "refresh"
"""The id of the refresh job."""

UNANSWERED = "unanswered"
"""The id of the job that ends calls of which no telephone system tells the end."""

ALERTS = "alerts"
"""The id of the job that looks for alerts when the next one is due."""

ALERTS_AGAIN = "alerts again"
"""The id of the job that looks for alerts now and then, whatever is known to be due."""

OUTBOX = "outbox"
"""The id of the job that looks for what is to go out."""

_UNANSWERED_EVERY = 15.0
_OUTBOX_EVERY = 5.0
_ALERTS_EVERY = 30.0
_STALLED_RUNS = 3
_STALLED_SECONDS = 5.0
_WAIT_SECONDS = 5.0
_FIRST_PAUSE = 1.0
_LONGEST_PAUSE = 30.0

# Its messages would otherwise be printed over the screen.
logging.getLogger("apscheduler").addHandler(logging.NullHandler())


class Polls(NamedTuple):
    """The sources by name with their intervals. `due` reads one, `send` looks what is to go out; both return
    at once.
    """

    every: Mapping[str, timedelta] = MappingProxyType({})
    due: Callable[[str], None] = lambda _name: None
    send: Callable[[], None] = lambda: None


class Jobs:
    """The scheduler and the listener of one desk. Every method is called on the event loop."""

    def __init__(
        self,
        refresh: Callable[[], None],
        every: float,
        alert: Callable[[], None] = lambda: None,
        polls: Polls = Polls(),  # noqa: B008 - it can't be changed
    ) -> None:
        """Call `refresh` every `every` seconds, and as soon as something was committed.

        `alert` looks for alerts: when something was committed, when `alert_at` says, and now and then.
        `polls` are the sources, each read after its interval, and what goes out after each commit.
        """
        self._refresh = refresh
        self._alert = alert
        self._polls = polls
        self._alert_at: datetime | None = None
        self._every = every
        self.scheduler: Any = None
        """APScheduler's, None until it was imported."""
        self._listener: Listener | None = None
        self._desk: Desk | None = None
        self._last_run = monotonic()

    async def start(self, desk: Desk) -> None:
        """Start listening at once, and the scheduler when it has been imported."""
        self._desk = desk
        self._listener = Listener(desk.queue.signal, self._committed, asyncio.get_running_loop())
        self._listener.start()
        self.scheduler = await background.read(_new_scheduler)
        self._last_run = monotonic()
        self._add_jobs()
        self.scheduler.start()

    def stop(self) -> None:
        """Run nothing any more."""
        if self._listener is not None:
            self._listener.stop()
        if self.scheduler is not None and self.scheduler.running:
            self.scheduler.shutdown(wait=False)

    def rebuild(self) -> None:
        """Plan all jobs anew from the present: interval jobs stop where a clock was set back."""
        if self.scheduler is None:
            return
        self.scheduler.remove_all_jobs()
        self._add_jobs()
        self._last_run = monotonic()
        if self.scheduler.running:
            self.scheduler.wakeup()

    def stalled(self) -> bool:
        """Say whether the refresh job hasn't run for so long that the scheduler must have stopped."""
        if self.scheduler is None:
            return False
        return monotonic() - self._last_run > _STALLED_RUNS * self._every + _STALLED_SECONDS

    def _add_jobs(self) -> None:
        self.scheduler.add_job(
            self._run_refresh,
            "interval",
            id=REFRESH,
            seconds=self._every,
            next_run_time=datetime.now(UTC),
        )
        self.scheduler.add_job(self._miss_unanswered, "interval", id=UNANSWERED, seconds=_UNANSWERED_EVERY)

        self.scheduler.add_job(self._run_alert, "interval", id=ALERTS_AGAIN, seconds=_ALERTS_EVERY)
        self._plan_alert()
        for name, every in self._polls.every.items():
            seconds = every.total_seconds()
            self.scheduler.add_job(
                self._run_due, "interval", id=source_job(name), seconds=seconds, args=[name]
            )
        if self._polls.every:
            self.scheduler.add_job(self._run_send, "interval", id=OUTBOX, seconds=_OUTBOX_EVERY)

    def alert_at(self, instant: datetime | None) -> None:
        """Look for alerts at `instant` (UTC) next; None for nothing that is known to be due."""
        self._alert_at = instant
        if self.scheduler is not None:
            self._plan_alert()

    def _plan_alert(self) -> None:
        if self._alert_at is not None:
            self.scheduler.add_job(
                self._run_alert, "date", id=ALERTS, run_date=self._alert_at, replace_existing=True
            )
        elif self.scheduler.get_job(ALERTS) is not None:
            self.scheduler.remove_job(ALERTS)

    async def _run_alert(self) -> None:
        self._alert()

    async def _run_due(self, name: str) -> None:
        self._polls.due(name)

    async def _run_send(self) -> None:
        self._polls.send()

    def _committed(self) -> None:
        self._refresh()
        self._alert()
        self._polls.send()

    async def _miss_unanswered(self) -> None:
        """Record as missed what has rung for too long."""
        desk = self._desk
        if desk is not None:
            # A store that is away is said by the refresh; the next run finds the same calls.
            with suppress(OncallError):
                await background.write(lambda: desk.calls.miss_unanswered())

    async def _run_refresh(self) -> None:
        self._last_run = monotonic()
        self._refresh()


def source_job(name: str) -> str:
    """Return the id of the job that reads the source `name`."""
    return f"source {name}"


def _new_scheduler() -> Any:
    from apscheduler.schedulers.asyncio import AsyncIOScheduler

    defaults = {"coalesce": True, "max_instances": 1, "misfire_grace_time": None}
    return AsyncIOScheduler(timezone=UTC, job_defaults=defaults)


class Listener:
    """A daemon thread that waits for the change signal and calls back on the event loop."""

    def __init__(
        self,
        connect: Callable[[], ChangeSignal],
        heard: Callable[[], None],
        loop: asyncio.AbstractEventLoop,
    ) -> None:
        self._connect = connect
        self._heard = heard
        self._loop = loop
        self._signal: ChangeSignal | None = None
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._listen, name="oncall-changes", daemon=True)

    def start(self) -> None:
        """Begin to wait."""
        self._thread.start()

    def stop(self) -> None:
        """Stop waiting; the thread ends by itself."""
        self._stopped.set()
        if self._signal is not None:
            self._signal.close()

    def join(self, timeout: float) -> bool:
        """Wait up to `timeout` seconds for the thread to end; say whether it has."""
        self._thread.join(timeout)
        return not self._thread.is_alive()

    def _listen(self) -> None:
        pause = _FIRST_PAUSE
        while not self._stopped.is_set():
            try:
                if self._signal is None:
                    self._signal = self._connect()
                committed = self._signal.wait(_WAIT_SECONDS)
            except Exception:  # noqa: BLE001 - the refresh job meets the same store and says what is wrong
                self._stopped.wait(pause)
                pause = min(2 * pause, _LONGEST_PAUSE)
                continue
            pause = _FIRST_PAUSE
            if committed and (self._stopped.is_set() or not self._tell()):
                # It has not noticed yet that it is closed; the next wait does and gives back its connection.
                self._signal.close()
                with suppress(Exception):  # the store may be closed by now
                    self._signal.wait(0)
                return

    def _tell(self) -> bool:
        try:
            self._loop.call_soon_threadsafe(self._heard)
        except RuntimeError:  # the loop is closed: the program has left
            return False
        return True
