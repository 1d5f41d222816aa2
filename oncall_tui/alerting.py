"""Alerts on their way: a thread that raises what there is to tell and sends it, on a board or under `watch`.

It has a daemon thread of its own, and one for each notification under way: a desktop that hangs delays
neither a key nor the next alert, and leaving waits for none of them. Who wakes it is for `jobs.py`.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime, timedelta
from time import monotonic
from typing import TYPE_CHECKING, NamedTuple

from oncall_tui.domain import alert_delivery
from oncall_tui.domain.alert_delivery import Batch
from oncall_tui.domain.alerts import LATE, WITHIN, Alert, Chain, Channel, Kind, Level, Notice, Outcome, Result
from oncall_tui.domain.errors import OncallError, StoreUnavailable
from oncall_tui.notices import group_of, notice_of, outage_of, summary_of

if TYPE_CHECKING:
    from oncall_tui.alerts.senders import Sender
    from oncall_tui.desk import Desk

_SHORTEST_GAP = 0.1
"""Seconds between two looks, however fast commits come."""

_PATIENCE = timedelta(seconds=30)
"""How long the store may be away, or a source, before somebody is told."""

_FIRST_PAUSE, _LONGEST_PAUSE = 1.0, 30.0
_SHORTEST_WAIT, _LONGEST_WAIT = 1.0, 30.0
_TO_SAY_SO = 2.0
"""Seconds in which it is said, once a second, that a machine slept."""

_LEAVING = 2.0


class Sleep(NamedTuple):
    """When nobody could be told, on the wall clock (UTC), and in words why: asleep, stopped."""

    began_at: datetime
    ended_at: datetime
    why: str


class Listening:
    """What a board or a server wants to know. Every method is called on a thread of the alerts'."""

    def planned(self, next_at: datetime | None) -> None:
        """There may be something to tell at `next_at` (UTC), None for nothing that is known of."""

    def delivered(self, batch: Batch, channel: Channel, outcome: Outcome) -> None:
        """A notification came out so."""

    def failing(self, channels: Sequence[Channel]) -> None:
        """These are the channels whose last notification from here failed."""

    def missed(self, summary: str) -> None:
        """This came up while nobody could be told, in one line."""

    def store_away(self, error: StoreUnavailable) -> None:
        """The store can't be reached. It is told at each look until it is back."""

    def store_back(self) -> None:
        """The store can be reached again."""

    def mistaken(self, error: Exception) -> None:
        """A mistake of this program, or of what it is given."""


class Alerting:
    """Raises and sends the alerts of one desk. Nothing of it is shown on the screen from here."""

    def __init__(
        self,
        desk: Desk,
        senders: Mapping[Channel, Sender],
        listening: Listening,
        *,
        here: bool = True,
    ) -> None:
        """Send over `senders`. Without an engineer `here`, as on a server, over those that reach people
        elsewhere.
        """
        self._desk = desk
        self._senders = {channel: each for channel, each in senders.items() if here or channel.elsewhere}
        self._listening = listening
        self._place = desk.alerts.place
        self._wake = threading.Event()
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, name="oncall-alerts", daemon=True)
        self._under_way: set[threading.Thread] = set()
        self._unnoted: deque[tuple[Sequence[Alert], Channel, Outcome]] = deque()
        self._sleep: Sleep | None = None
        self._failing: dict[Channel, Result] = {}
        self._knows_failures = False
        self._next_at: datetime | None = None
        self._held_until: datetime | None = None
        self._away_since: datetime | None = None
        self._told_away = False
        self._sources: dict[str, _Outage] = {}
        self._sources_lock = threading.Lock()

    # From other threads

    def start(self) -> None:
        """Begin to look, at once."""
        self._wake.set()
        self._thread.start()

    def stop(self) -> None:
        """Raise and send nothing more. What is under way ends by itself."""
        self._stopped.set()
        self._wake.set()

    def finish(self, seconds: float = _LEAVING) -> bool:
        """Wait up to `seconds` for what is under way; say whether it has ended."""
        threads = [self._thread, *self._under_way]
        for thread in threads:
            if thread.is_alive():
                thread.join(seconds / len(threads))
        return not any(thread.is_alive() for thread in threads)

    def nudge(self) -> None:
        """Look now: something was committed, or it is time."""
        self._wake.set()

    def look(self, now: datetime) -> None:
        """Look if it is time at `now` (UTC): once a second, whatever the scheduler does. (`_wait` is for when
        nobody calls this.)
        """
        due = [each for each in (self._next_at, self._held_until) if each is not None]
        if (due and now >= min(due)) or self._away_since is not None or self._sources:
            self._wake.set()

    def slept(self, began_at: datetime, ended_at: datetime, why: str) -> None:
        """Note that nobody could be told for a while: what came about then is told in one summary."""
        self._sleep = Sleep(began_at, ended_at, why)
        self._wake.set()

    def source_lost(self, name: str, why: str) -> None:
        """Note that a source can't be reached: it is told if it isn't back soon."""
        with self._sources_lock:
            known = self._sources.get(name)
            if known is None or (known.alert_id is None and known.over):
                self._sources[name] = _Outage(self._desk.clock(), why)
            else:
                self._sources[name] = known._replace(over=False)
        self._wake.set()

    def source_back(self, name: str) -> None:
        """Note that a source is back."""
        with self._sources_lock:
            if name in self._sources:
                self._sources[name] = self._sources[name]._replace(over=True)
        self._wake.set()

    # The thread

    def _run(self) -> None:
        pause = _FIRST_PAUSE
        while not self._stopped.is_set():
            self._wait()
            self._wake.clear()
            if self._stopped.is_set():
                return
            try:
                self.look_once()
                pause = _FIRST_PAUSE
                self._stopped.wait(_SHORTEST_GAP)
            except StoreUnavailable as error:
                self._store_away(error)
                self._stopped.wait(pause)
                pause = min(2 * pause, _LONGEST_PAUSE)
            except Exception as error:  # noqa: BLE001 - the next alert is not to be lost to this mistake
                self._listening.mistaken(error)
                self._stopped.wait(_LONGEST_PAUSE)
                self._wake.set()

    def _wait(self) -> None:
        """Wait until somebody wakes this thread, or it is time, on the wall clock, to look.

        It wakes by itself too: those who wake it stand still while an editor has the terminal.
        """
        began, before = monotonic(), self._desk.clock()
        if self._wake.wait(self._until_next(before)):
            return
        passed = (self._desk.clock() - before).total_seconds()
        if passed - (monotonic() - began) > LATE.total_seconds():
            # The machine slept; whoever watches the clocks says so first (see `slept`).
            self._wake.wait(_TO_SAY_SO)

    def _until_next(self, now: datetime) -> float:
        """Return the seconds to wait at `now` (UTC) before the next look; few, as wall clocks jump."""
        due = [each for each in (self._next_at, self._held_until) if each is not None]
        left = (min(due) - now).total_seconds() if due else _LONGEST_WAIT
        return min(max(left, _SHORTEST_WAIT), _LONGEST_WAIT)

    def look_once(self) -> None:
        """Raise what there is to tell and begin to send it; `StoreUnavailable` where that can't be known.

        Threads of its own send. Called on one thread at a time.
        """
        sleep = self._sleep
        found = self._desk.alerts.evaluate()
        self._remember_failures()
        self._store_is_back()
        self._note_outcomes()
        self._report_sources()
        self._next_at = found.next_at
        self._send_out(sleep)
        if self._sleep is sleep:
            self._sleep = None
        held = [each for each in (found.next_at, self._held_until) if each is not None]
        self._listening.planned(min(held, default=None))

    def _remember_failures(self) -> None:
        """Take up, the first time, what was left here before this desk was started anew: which channels
        failed, and what was away.
        """
        if self._knows_failures:
            return
        self._knows_failures = True
        self._desk.outages.settle_left_over()
        failed = [each for each in self._desk.alerts.failing() if each in self._senders]
        self._failing = dict.fromkeys(failed, Result.FAILED) | self._failing
        self._listening.failing(self.failing)

    # Sending

    def _send_out(self, sleep: Sleep | None) -> None:
        """Begin to send what the desk has still to send, to people here and elsewhere."""
        desk = self._desk
        now = desk.clock()
        going = desk.alerts.outgoing(self._place)
        held: list[datetime | None] = []
        if sleep is not None:
            self._say_what_was_missed([alert for alert, _ in going], sleep)
        for elsewhere in (False, True):
            there = [channel for channel in self._senders if channel.elsewhere is elsewhere]
            wanted: dict[str, list[tuple[Alert, frozenset[Channel]]]] = {}
            for alert, sent in going if there else ():
                chain = desk.offer.alerts.chains[alert.loudness]
                usable = self._usable(alert)
                channels = alert_delivery.next_step(chain, usable, sent, now).intersection(there)
                if channels:
                    # Who is told of what is theirs isn't told of what is somebody else's.
                    whose = self._meant_for(alert) if elsewhere else ""
                    wanted.setdefault(whose, []).append((alert, channels))
            place = "" if elsewhere else self._place
            held += [self._send(theirs, place, now, sleep) for theirs in wanted.values()]
        self._held_until = min((each for each in held if each is not None), default=None)

    def _usable(self, alert: Alert) -> Collection[Channel]:
        """Return the channels that an alert may take from here: nobody here is told of what isn't theirs, but
        people elsewhere don't wait for that.
        """
        if alert.concerns(self._desk.operator):
            return self._senders
        return [channel for channel in self._senders if channel.elsewhere]

    def _say_what_was_missed(self, alerts: Sequence[Alert], sleep: Sleep) -> None:
        missed = [each for each in alerts if each.concerns(self._desk.operator) and each.at >= sleep.began_at]
        if missed:
            batch = Batch(tuple(alert_delivery.subjects(missed)), summary=True)
            self._listening.missed(self._notice(batch, sleep).title)

    def _send(
        self,
        wanted: Sequence[tuple[Alert, frozenset[Channel]]],
        place: str,
        now: datetime,
        sleep: Sleep | None,
    ) -> datetime | None:
        """Begin to send the `wanted` alerts, each over its channels; return when to look at what waits.

        What is told together goes out over all channels of what it tells.
        """
        to = None if place else wanted[0][0].to
        began = {each.at for each in self._desk.alerts.recent(place, WITHIN, to)}
        # A clock that was set back, or that of another desk, holds nothing up.
        recent = sorted(at for at in began if at <= now)
        batches, held_until = alert_delivery.batches(
            (alert for alert, _ in wanted), recent, now, asleep=sleep is not None
        )
        over = {alert.id: channels for alert, channels in wanted}
        for batch in batches:
            channels = frozenset[Channel]().union(*(over[alert.id] for alert in batch.alerts))
            for channel, mine in self._desk.alerts.claim(batch.alerts, channels, place).items():
                if mine:
                    told = batch if len(mine) == len(batch.alerts) else batch.only(mine)
                    self._begin(channel, told, sleep if batch.summary else None)
        return held_until

    def _begin(self, channel: Channel, batch: Batch, sleep: Sleep | None) -> None:
        notice = self._notice(batch, sleep)

        def deliver() -> None:
            outcome = self._senders[channel].send(notice)
            self._failing[channel] = outcome.result
            try:
                self._desk.alerts.finish(batch.alerts, channel, self._place, *outcome)
            except OncallError:
                # Away meanwhile: it is noted before anything else goes out.
                self._unnoted.append((batch.alerts, channel, outcome))
            if outcome.result is not Result.OK:
                self._wake.set()
            self._listening.delivered(batch, channel, outcome)
            self._listening.failing(self.failing)

        self._in_a_thread(deliver, f"oncall-{channel}")

    def _note_outcomes(self) -> None:
        """Note how deliveries came out that couldn't be noted when they did."""
        while self._unnoted:
            told, channel, outcome = self._unnoted[0]
            self._desk.alerts.finish(told, channel, self._place, *outcome)
            self._unnoted.popleft()

    def _in_a_thread(self, work: Callable[[], None], name: str) -> None:
        def guarded() -> None:
            try:
                work()
            except Exception as error:  # noqa: BLE001 - as in `_run`
                self._listening.mistaken(error)
            finally:
                self._under_way.discard(thread)

        thread = threading.Thread(target=guarded, name=name, daemon=True)
        self._under_way.add(thread)
        thread.start()

    def _notice(self, batch: Batch, sleep: Sleep | None) -> Notice:
        zone, now = self._desk.offer.zone, self._desk.clock()
        whose = {self._meant_for(alert) for alert in batch.worst}
        to = whose.pop() if len(whose) == 1 else ""
        if batch.summary:
            return summary_of(batch.worst, zone, now, sleep)._replace(to=to)
        if len(batch.subjects) > 1:
            return group_of(batch.worst)._replace(to=to)
        return notice_of(batch.worst[0], zone, now, to)

    def _meant_for(self, alert: Alert) -> str:
        """Return who is to be told, whose turn it is or whose it is; empty for everybody."""
        duty = self._desk.offer.alerts.duty
        return duty[alert.step - 2] if 1 < alert.step <= len(duty) + 1 else alert.to

    @property
    def failing(self) -> Sequence[Channel]:
        """Return the channels whose last notification from here failed."""
        bad = (Result.FAILED, Result.TIMEOUT)
        return [channel for channel, result in list(self._failing.items()) if result in bad]

    # What can't be reached

    def _store_away(self, error: StoreUnavailable) -> None:
        """Tell that the store is away, over every channel: nothing can be written down of it meanwhile."""
        now = self._desk.clock()
        self._wake.set()
        self._listening.store_away(error)
        if self._away_since is None:
            self._away_since = now
        if now - self._away_since < _PATIENCE or self._told_away:
            return
        self._told_away = True
        notice = outage_of(self._away_since, self._desk.offer.zone, now)
        if Kind.STORE not in self._desk.offer.alerts.off:
            chain = self._desk.offer.alerts.chains[Level.CRITICAL]
            self._in_a_thread(lambda: self._tell(notice, chain), "oncall-store-away")

    def _tell(self, notice: Notice, chain: Chain) -> None:
        """Send `notice` step by step until it gets through; nothing of it can be written down."""
        for step in chain:
            results = []
            for channel in (each for each in Channel if each in step and each in self._senders):
                self._failing[channel] = self._senders[channel].send(notice).result
                results.append(self._failing[channel])
                self._listening.failing(self.failing)
            if Result.OK in results:
                return

    def _store_is_back(self) -> None:
        since, told = self._away_since, self._told_away
        self._away_since, self._told_away = None, False
        if since is not None:
            self._listening.store_back()
        if since is not None and told and Kind.STORE not in self._desk.offer.alerts.off:
            alert = self._desk.outages.report(Kind.STORE, self._desk.context.workstation, since, "")
            self._desk.outages.settle(alert.id)

    def _report_sources(self) -> None:
        """Raise an alert for what has been lost for too long, and settle that of what is back."""
        now, desk = self._desk.clock(), self._desk
        for name, outage in list(self._sources.items()):
            if outage.alert_id is None and not outage.over and now - outage.began_at >= _PATIENCE:
                if Kind.SOURCE not in desk.offer.alerts.off:
                    alert = desk.outages.report(Kind.SOURCE, name, outage.began_at, outage.why)
                    with self._sources_lock:
                        # It may be back by now.
                        self._sources[name] = self._sources[name]._replace(alert_id=alert.id)
            elif outage.over:
                if outage.alert_id is not None:
                    desk.outages.settle(outage.alert_id)
                with self._sources_lock:
                    if self._sources[name] is outage:
                        del self._sources[name]
                    else:
                        self._sources[name] = _Outage(now, outage.why)


class _Outage(NamedTuple):
    began_at: datetime
    why: str
    alert_id: int | None = None
    over: bool = False
