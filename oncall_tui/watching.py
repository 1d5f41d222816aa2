"""Alerts, sources and the telephone without a screen: what a server runs beside the boards, or without any.

It raises what they raise and sends over the channels that reach people elsewhere, reads the sources of
tickets and sends what goes out to them. One line a matter goes to whoever keeps the log.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import datetime
from types import MappingProxyType
from typing import TYPE_CHECKING

from oncall_tui import background, logfile
from oncall_tui.alerting import Alerting, Listening
from oncall_tui.domain.alert_words import what, which, whom
from oncall_tui.domain.alerts import LATE, Alert, Channel, Outcome, Result
from oncall_tui.domain.errors import Conflict, OncallError, StoreUnavailable
from oncall_tui.domain.outgoing import OutgoingState
from oncall_tui.domain.text import SUBJECT_LIMIT, clean
from oncall_tui.jobs import Jobs, Polls
from oncall_tui.notices import moment
from oncall_tui.polling import Polling, opened
from oncall_tui.pulling import Puller, in_words
from oncall_tui.sending import Sender
from oncall_tui.source_log import Seen, SourceLog
from oncall_tui.watchdog import Reading, Watchdog

if TYPE_CHECKING:
    from oncall_tui.alerts.senders import Sender as AlertSender
    from oncall_tui.desk import Desk
    from oncall_tui.domain.alert_delivery import Batch
    from oncall_tui.domain.calls import Call
    from oncall_tui.domain.correspondence import SourceAccess
    from oncall_tui.telephone import Telephone

Senders = Mapping[Channel, "AlertSender"]
Sources = Mapping[str, "SourceAccess"]
Say = Callable[[str], None]

_BEAT_SECONDS = 10.0
"""How often the scheduler shows that it is alive."""

_LOOKED_AT = 100
_ROUNDS = 20
_LONGEST_DELIVERY = 60.0
_FIRST_PAUSE, _LONGEST_PAUSE = 1.0, 30.0
_LEAVING = 2.0


class Log(Listening):
    """Says what is raised, what doesn't get through and what can't be reached, a line each."""

    def __init__(self, desk: Desk, say: Say, planned: Callable[[datetime | None], None]) -> None:
        """`planned` gets when to look next (UTC), on a thread of the alerts'."""
        self._desk = desk
        self._say = say
        self._planned = planned
        self._last_id: int | None = None
        self._away = False
        self.delivered_here = 0
        self.failed_here = 0

    def begin(self) -> None:
        """Say nothing of what was raised before."""
        self._last_id = max((alert.id for alert in self._desk.alerts.page(1)), default=0)

    def planned(self, next_at: datetime | None) -> None:
        """Say what was raised since the last look, by whomever, and look again at `next_at`."""
        self._planned(next_at)
        if self._last_id is None:
            return
        # What can't be read now is said after the next look.
        with suppress(StoreUnavailable):
            found = [each for each in self._desk.alerts.page(_LOOKED_AT) if each.id > self._last_id]
            for alert in reversed(found):
                self._say(alert_line(alert, self._desk))
                self._last_id = alert.id

    def delivered(self, batch: Batch, channel: Channel, outcome: Outcome) -> None:
        """Say what didn't get through."""
        self.delivered_here += 1
        if outcome.result in (Result.FAILED, Result.TIMEOUT):
            self.failed_here += 1
            numbers = ", ".join(str(alert.id) for alert in batch.alerts)
            why = f": {outcome.detail}" if outcome.detail else ""
            self._say(f"alert {numbers} over {channel}: {outcome.result}{why}")

    def store_away(self, error: StoreUnavailable) -> None:
        """Say that the store is away, once until it is back."""
        if not self._away:
            self._away = True
            self._say(f"{error.message}; trying again")

    def store_back(self) -> None:
        """Say that the store is back."""
        if self._away:
            self._away = False
            self._say("the store can be reached again")

    def mistaken(self, error: Exception) -> None:
        """Say what went wrong, and where it is written down."""
        if isinstance(error, OncallError):
            self._say(error.message)
        else:
            where = logfile.record(error)
            self._say(f"a mistake of this program: {logfile.place(error)}; {where}")


def alert_line(alert: Alert, desk: Desk) -> str:
    """Return one line about an alert, in English."""
    zone, now = desk.offer.zone, desk.clock()
    said = what(alert, lambda instant: moment(instant, zone, now))
    parts = (said.text.format(**said.values), whom(alert), which(alert))
    return f"alert {alert.id} {alert.level}: {', '.join(filter(None, parts))}"


def once(desk: Desk, senders: Senders, say: Say, sources: Sources = MappingProxyType({})) -> bool:
    """Look once for alerts and send them, read each source and send what goes out, and wait for all of it.

    Returns whether all went well.

    Raises `StoreUnavailable`.
    """
    went_well = [_alert_once(desk, senders, say)]
    if sources:
        # A first contact may take minutes, which no alert waits for; what came in may be worth one.
        went_well += [_exchange_once(desk, access, say) for access in sources.values()]
        went_well.append(_alert_once(desk, senders, say))
    return all(went_well)


def _exchange_once(desk: Desk, access: SourceAccess, say: Say) -> bool:
    """Read one source and send to it; say whether both went well."""
    log = SourceLog({access.name: access}, say)
    return all([_read_once(desk, access, log, say), _send_once(desk, access, log)])


def _read_once(desk: Desk, access: SourceAccess, log: SourceLog, say: Say) -> bool:
    puller = Puller(desk, access, log, opened)
    try:
        pulled = puller.pull()
        if pulled is not None and str(pulled):
            log.took_in(access.name, pulled)
    except StoreUnavailable:
        raise
    except Conflict:
        say(f"{access.name}: another desk reads it now")
    except Exception as error:  # noqa: BLE001 - the other sources are read all the same
        if not isinstance(error, OncallError):
            log.mistaken(error)
        say(clean(f"{access.name}: can't be read: {in_words(error)}", limit=SUBJECT_LIMIT))
        return False
    finally:
        puller.leave()
    return True


def _send_once(desk: Desk, access: SourceAccess, log: SourceLog) -> bool:
    sender = Sender(desk, access, log, opened)
    try:
        return all(handed.state is OutgoingState.SENT for _, handed in sender.send())
    except StoreUnavailable:
        raise
    except Exception as error:  # noqa: BLE001 - as above
        log.mistaken(error)
        return False
    finally:
        sender.leave()


def _alert_once(desk: Desk, senders: Senders, say: Say) -> bool:
    log = Log(desk, say, lambda _next_at: None)
    log.begin()
    alerting = Alerting(desk, senders, log, here=False)
    # What fails goes on with the next step of its chain.
    for _ in range(_ROUNDS):
        before = log.delivered_here
        alerting.look_once()
        alerting.finish(_LONGEST_DELIVERY)
        if log.delivered_here == before:
            break
    return not log.failed_here


class Watch:
    """Watches until it is told to stop. `open_desk` raises `StoreUnavailable` where there is none yet."""

    def __init__(
        self,
        open_desk: Callable[[], Desk],
        senders: Senders,
        say: Say,
        *,
        telephone: tuple[str, int] | None = None,
        told: Callable[[Call], None] = lambda _call: None,
        sources: Sources = MappingProxyType({}),
    ) -> None:
        """`telephone` is the host and port of a SIP telephone's control socket, `told` gets what rings. The
        `sources` by name are read, and sent to.
        """
        self._open_desk = open_desk
        self._senders = senders
        self._say = say
        self._address = telephone
        self._told = told
        self._sources = sources
        self._stopped = asyncio.Event()

    def stop(self) -> None:
        """End it, on its event loop."""
        self._stopped.set()

    async def run(self) -> None:
        """Watch until `stop`. Leaves within some seconds, whatever hangs."""
        desk = await self._desk()
        if desk is None:
            return
        loop = asyncio.get_running_loop()
        intervals = {name: access.every for name, access in self._sources.items()}
        polls = Polls(intervals, lambda name: polling.due(name), lambda: polling.send())
        jobs = Jobs(lambda: None, _BEAT_SECONDS, lambda: alerting.nudge(), polls)

        def planned(next_at: datetime | None) -> None:
            with suppress(RuntimeError):  # the loop is closed
                loop.call_soon_threadsafe(jobs.alert_at, next_at)

        log = Log(desk, self._say, planned)
        with suppress(StoreUnavailable):
            await background.read(log.begin)
        alerting = Alerting(desk, self._senders, log, here=False)
        telephone = self._telephone(desk, alerting)
        polling = Polling(desk, self._sources, SourceLog(self._sources, self._say, _seen_by(alerting)))
        await jobs.start(desk)
        alerting.start()
        polling.start()
        if telephone is not None:
            telephone.start()
        self._say(f"watching {desk.store.place} as {desk.alerts.place}")
        try:
            await self._tick(desk, jobs, alerting, polling)
        finally:
            jobs.stop()
            alerting.stop()
            polling.stop()
            if telephone is not None:
                telephone.stop()
            background.finish_writes(_LEAVING)
            if not polling.finish(_LEAVING):
                self._say("left while a source was still at work; what it was handed is shown in the outbox")
            if not alerting.finish(_LEAVING):
                self._say("left before all was delivered; what was under way goes out again")
            desk.close()

    async def _tick(self, desk: Desk, jobs: Jobs, alerting: Alerting, polling: Polling) -> None:
        watchdog = Watchdog(Reading.now())
        while not await self._stopped_within(1.0):
            finding = watchdog.look(Reading.now())
            if finding is not None and finding.after - finding.before > LATE:
                alerting.slept(finding.before, finding.after, str(finding.oddity))
            if finding is not None or jobs.stalled():
                jobs.rebuild()
                alerting.nudge()
                polling.nudge()
            alerting.look(desk.clock())

    async def _desk(self) -> Desk | None:
        """Return the desk as soon as its store can be reached, None where it is stopped before."""
        pause, away = _FIRST_PAUSE, False
        while not self._stopped.is_set():
            opening = asyncio.ensure_future(background.read(self._open_desk))
            stopping = asyncio.ensure_future(self._stopped.wait())
            await asyncio.wait([opening, stopping], return_when=asyncio.FIRST_COMPLETED)
            stopping.cancel()
            if not opening.done():
                opening.cancel()
                return None
            try:
                desk = opening.result()
            except StoreUnavailable as error:
                if not away:
                    away = True
                    self._say(f"{error.message}; trying again")
                await self._stopped_within(pause)
                pause = min(2 * pause, _LONGEST_PAUSE)
                continue
            if away:
                self._say("the store can be reached again")
            return desk
        return None

    async def _stopped_within(self, seconds: float) -> bool:
        with suppress(TimeoutError):
            await asyncio.wait_for(self._stopped.wait(), seconds)
        return self._stopped.is_set()

    def _telephone(self, desk: Desk, alerting: Alerting) -> Telephone | None:
        if self._address is None:
            return None
        from oncall_tui.telephone import Telephone

        place, seen = "{}:{}".format(*self._address), _seen_by(alerting)

        def connected(is_connected: bool, why: str) -> None:
            seen(place, None if is_connected else why)

        return Telephone(desk, self._address, self._say, self._told, picks_up=False, connection=connected)


def _seen_by(alerting: Alerting) -> Seen:
    """Return what tells `alerting` that a source can be read, or why it can't."""

    def seen(name: str, why: str | None) -> None:
        if why is None:
            alerting.source_back(name)
        else:
            alerting.source_lost(name, why)

    return seen


class Lines:
    """Writes lines with the time before each, from any thread, one after the other."""

    def __init__(self, write: Say, clock: Callable[[], str]) -> None:
        """`clock` says the time as it stands before a line."""
        self._write = write
        self._clock = clock
        self._lock = threading.Lock()

    def say(self, line: str) -> None:
        """Write `line`."""
        with self._lock:
            self._write(f"{self._clock()} {line}")
