"""Alerts: raised once for all desks, told once at each place, and stopped from anywhere.

Nobody has to be told by whoever acts: what there is to tell follows from what is in the store. Whoever looks
first raises it, and takes note up to where was looked, so that nothing is passed over between two looks,
however far they lie apart.
"""

from __future__ import annotations

import threading
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, NamedTuple

from oncall_tui.desk.alert_claims import UnderWay
from oncall_tui.desk.alert_gathering import Gathering
from oncall_tui.desk.context import Context
from oncall_tui.domain.alert_raising import Raised
from oncall_tui.domain.alerts import RINGS_EVERY, Alert, AlertNews, Channel, Delivery, Kind, Level, Result
from oncall_tui.domain.durations import format_duration
from oncall_tui.domain.errors import BadInput, Conflict
from oncall_tui.domain.text import SUBJECT_LIMIT, clean
from oncall_tui.store import alert_watch, alerts, deliveries, queues
from oncall_tui.store.alert_watch import Watched
from oncall_tui.store.engine import Transaction

if TYPE_CHECKING:
    from sqlalchemy import Connection

ACKNOWLEDGE, SNOOZE = "acknowledge alert", "snooze alert"
"""The words of the audit."""

GOES_OUT_FOR = timedelta(hours=12)
"""What began longer ago isn't sent any more to whoever comes: a shift later the board says it all."""

SNOOZE_AT_MOST = timedelta(hours=12)

_SHOWN = 100
_AT_ONCE = 500
_MAKES_NOTE = timedelta(minutes=10)
"""How long ago the last note of up to where was looked may be, while there is nothing to tell."""

_REMEMBERED = 10_000
"""Alerts that can be taken back."""

_OF_CLOCKS = (Kind.RESPONSE, Kind.PROMISE, Kind.ACCESS)
"""The alerts that an instant raises."""

_CLOCK_WENT_BACK = timedelta(minutes=2)


class Evaluation(NamedTuple):
    """What a look came to: how many alerts were raised, settled or told again, and when to look next."""

    written: int
    next_at: datetime | None


class Outgoing(NamedTuple):
    """An alert that may have to go out, with the deliveries of its round at a place and elsewhere."""

    alert: Alert
    deliveries: Sequence[Delivery]


@dataclass(slots=True)
class _Seen:
    """Up to where this desk has looked, and who may look: one thread at a time."""

    lock: threading.Lock = field(default_factory=threading.Lock)
    watched: Watched | None = None
    next_at: datetime | None = None
    raised: list[tuple[datetime, str]] = field(default_factory=list)
    """What this desk raised of deadlines, by key, and when on its own clock."""
    noted: Watched | None = None
    noted_at: datetime | None = None
    """When this desk first saw what was `noted`, on its own clock: that of who noted it may be wrong."""
    generation: int = 0


@dataclass(frozen=True, slots=True)
class AlertDesk:
    """The alerts of all desks, as this one sees them.

    Every act raises `NotFound` for an alert that is gone, `Conflict` naming who was first, `Refused` on a
    read-only desk, `StoreUnavailable`.
    """

    context: Context
    _seen: _Seen = field(default_factory=_Seen)
    _under_way: UnderWay = field(default_factory=UnderWay)
    _gathering: Gathering = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_gathering", Gathering(self.context.offer))

    @property
    def place(self) -> str:
        """Return what tells this engineer at this workstation from others."""
        return f"{self.context.operator}@{self.context.workstation}"

    # Raising

    def evaluate(self) -> Evaluation:
        """Raise what came about since the last look of any desk, settle what is over, and let go out again
        what is due (R3, R7, R14, R18). The first look ever raises nothing that came about before it.

        What it costs doesn't grow with the tickets that are open.
        """
        seen, context = self._seen, self.context
        with seen.lock:
            now = context.clock()
            with context.store.connect() as connection:
                if seen.watched is not None and self._nothing_new(connection, now):
                    # Only the worst is told of what is written late and had been passed by now.
                    seen.watched = seen.watched._replace(until=now)
                    return Evaluation(0, seen.next_at)
                state, present = alert_watch.read(connection), alert_watch.present(connection, now)
                self._note_is(state, now)
                later = state and self._later(state, present.revision)
                gathered = later and self._gathering.gather(connection, later, now)
                again_at = alerts.next_again(connection, now)
            if gathered is None or not gathered.nothing or self._note_is_old(now):
                return self._write(now)
            instants = [each for each in (gathered.next_at, again_at) if each is not None]
            seen.watched, seen.next_at = present, min(instants, default=None)
            return Evaluation(0, seen.next_at)

    def _nothing_new(self, connection: Connection, now: datetime) -> bool:
        seen = self._seen
        if seen.watched is None or seen.generation != self.context.store.generation:
            return False
        if now < seen.watched.until or seen.watched.revision != queues.current_revision(connection):
            return False
        return (seen.next_at is None or now < seen.next_at) and not self._note_is_old(now)

    def _note_is(self, state: Watched | None, now: datetime) -> None:
        """Take in what the note of up to where was looked says, and when it came to say so."""
        seen = self._seen
        if state is None:
            seen.noted_at = None
        elif seen.noted is None:
            seen.noted_at = min(state.until, now)
        elif state != seen.noted:
            seen.noted_at = now
        seen.noted = state

    def _note_is_old(self, now: datetime) -> bool:
        noted_at = self._seen.noted_at
        return noted_at is None or not timedelta() <= now - noted_at < _MAKES_NOTE

    def _later(self, state: Watched, revision: int) -> Watched:
        """Return up to where this desk has looked, or any desk as `state` has it, whichever is later.

        Where the database stands at an earlier `revision` than this desk has seen, a backup took its place.
        """
        seen = self._seen
        mine = seen.watched
        if mine is None or seen.generation != self.context.store.generation or mine.revision > revision:
            self._gathering.forget()
            return state
        return mine if mine.revision >= state.revision else state

    def _write(self, now: datetime) -> Evaluation:
        """Gather once more, where nobody else writes meanwhile, and write it down."""
        seen, context = self._seen, self.context
        rules = context.offer.alerts
        with context.writing() as tx:
            noted = alert_watch.read(tx.connection)
            present = alert_watch.present(tx.connection, now)
            state = self._later(noted, present.revision) if noted else present
            self._take_back(tx, now)
            gathered = self._gathering.gather(tx.connection, state, now)
            alerts.add(tx, gathered.raised, rules, now)
            alerts.supersede(tx, gathered.raised, now)
            alerts.settle(tx, gathered.over, now)
            for alert in gathered.again:
                self._again(tx, alert, now)
            for alert in gathered.standing:
                alerts.stand_again(tx, alert, self._escalates_at(alert, now))
            alert_watch.write(tx, present)
            again_at = alerts.next_again(tx.connection, now)
        instants = [each for each in (gathered.next_at, again_at) if each is not None]
        next_at = min(instants, default=None)
        seen.watched, seen.next_at = present, next_at
        seen.noted, seen.noted_at = present, now
        self._remember(gathered.raised, now)
        seen.generation = context.store.generation
        return Evaluation(gathered.number, next_at)

    def _take_back(self, tx: Transaction, now: datetime) -> None:
        """Take back what this desk raised ahead of time, where its clock was set back meanwhile."""
        raised = self._seen.raised
        early = [key for at, key in raised if at > now + _CLOCK_WENT_BACK]
        if early:
            alerts.take_back(tx, early, now)

    def _remember(self, raised: Sequence[Raised], now: datetime) -> None:
        """Keep what was raised of deadlines at `now`, until no clock is likely to be set back behind it."""
        kept = self._seen.raised
        kept += [(now, each.key) for each in raised if each.kind in _OF_CLOCKS]
        kept[:] = [
            (at, key) for at, key in kept[-_REMEMBERED:] if now - GOES_OUT_FOR < at <= now + _CLOCK_WENT_BACK
        ]

    def _again(self, tx: Transaction, alert: Alert, now: datetime) -> None:
        rules = self.context.offer.alerts
        after = rules.escalate_after
        if alert.kind is Kind.RINGING and not alert.snoozed_by:
            step = int((now - alert.raised_at) / after) if after else 0
            step = min(step, 1 + len(rules.duty))
            alerts.next_round(tx, alert, now, now + RINGS_EVERY, step=step)
            return
        quiet_until = None if alert.level is Level.EMERGENCY else rules.quiet_until(now)
        if quiet_until is not None:
            alerts.put_off(tx, alert, quiet_until)
            return
        if after is None and not alert.snoozed_by:
            # It was to escalate under other settings.
            alerts.put_off(tx, alert, None)
            return
        step = alert.step if alert.snoozed_by else alert.step + 1
        again_at = now + after if after and step <= len(rules.duty) else None
        if alert.kind is Kind.RINGING:
            again_at = now + RINGS_EVERY
        alerts.next_round(tx, alert, now, again_at, step=step)

    def _escalates_at(self, alert: Alert, now: datetime) -> datetime | None:
        """Return when an alert that stands again at `now` escalates, None if it doesn't."""
        rules = self.context.offer.alerts
        if rules.escalate_after is None or alert.level is Level.NOTICE or alert.step > len(rules.duty):
            return None
        return now + rules.escalate_after

    # Going out

    def outgoing(self, place: str) -> Sequence[Outgoing]:
        """Return the open alerts, the loudest first, with what has gone out of their round at `place` and
        elsewhere. What is under way has its instant on this desk's clock.
        """
        now = self.context.clock()
        with self.context.store.connect() as connection:
            found = alerts.outgoing(connection, now - GOES_OUT_FOR, _AT_ONCE)
            made = deliveries.of_alerts(connection, [alert.id for alert in found])
        found.sort(key=lambda alert: (-alert.loudness.rank, alert.raised_at, alert.id))
        here = (place, "")
        sent = {
            alert.id: [d for d in made[alert.id] if d.round == alert.round and d.place in here]
            for alert in found
        }
        under_way = self._under_way
        under_way.look([each for each_sent in sent.values() for each in each_sent], now)
        return [
            Outgoing(alert, [each._replace(at=under_way.known.get(each, each.at)) for each in sent[alert.id]])
            for alert in found
        ]

    def recent(self, place: str, within: timedelta, to: str | None = None) -> Sequence[Delivery]:
        """Return the deliveries at `place`, empty for elsewhere, that began in the last time `within`; those
        of alerts for `to` where it is given.
        """
        with self.context.store.connect() as connection:
            return deliveries.recent(connection, [place], self.context.clock() - within, to)

    def claim(
        self, wanted: Sequence[Alert], channels: Collection[Channel], place: str
    ) -> Mapping[Channel, Sequence[Alert]]:
        """Begin to deliver the `wanted` alerts over `channels`, and return what is left to this desk: what
        another has begun that isn't dead is that one's.
        """
        claimed: dict[Channel, Sequence[Alert]] = {}
        with self.context.writing() as tx:
            now = self.context.clock()

            def began(delivery: Delivery) -> datetime:
                return self._under_way.began(delivery, now)

            for channel in channels:
                where = "" if channel.elsewhere else place
                claimed[channel] = deliveries.claim(tx, wanted, channel, where, now, began)
        self._wrote(tx.revision)
        return claimed

    def finish(
        self, told: Sequence[Alert], channel: Channel, place: str, result: Result, detail: str = ""
    ) -> None:
        """Note how a delivery came out; `detail` is what went wrong, without a secret."""
        with self.context.writing() as tx:
            where = "" if channel.elsewhere else place
            why = clean(detail, limit=SUBJECT_LIMIT)
            deliveries.finish(tx, told, channel, where, result, why, self.context.clock())
        self._wrote(tx.revision)

    def _wrote(self, revision: int) -> None:
        """Take note that what was written at `revision` gives nothing to tell: it needn't be looked at."""
        seen = self._seen
        with seen.lock:
            if seen.watched is not None and seen.watched.revision == revision - 1:
                seen.watched = seen.watched._replace(revision=revision)

    # Looking and stopping

    def news(self, since: int | None) -> AlertNews:
        """Return the alerts for this engineer that are open, and those that are so since revision `since`."""
        context = self.context
        with context.store.connect() as connection:
            found, total = alerts.open_for(connection, context.operator, _SHOWN)
            revision = queues.current_revision(connection)
        found.sort(key=lambda alert: (-alert.loudness.rank, -alert.raised_at.timestamp(), -alert.id))
        fresh = [alert for alert in found if since is not None and alert.revision > since]
        return AlertNews(tuple(found), total, tuple(fresh), revision)

    def get(self, alert_id: int) -> Alert:
        """Return the alert with that id."""
        with self.context.store.connect() as connection:
            return alerts.get(connection, alert_id)

    def page(
        self,
        limit: int,
        *,
        before: Alert | None = None,
        since: datetime | None = None,
        open_only: bool = False,
        as_of: datetime | None = None,
    ) -> Sequence[Alert]:
        """Return at most `limit` alerts, the newest first, from the one after `before` on; none is the end.

        With `as_of`, and on a replay, they are those of that instant, as they stood then.
        """
        as_of = as_of or self.context.as_of
        with self.context.store.connect() as connection:
            if as_of is None:
                return alerts.page(connection, limit, before, since, open_only=open_only)
            while past := alerts.page(connection, limit, before, since, as_of, open_only=False):
                then = [alert.as_of(as_of) for alert in past]
                if found := [each for each in then if each.open or not open_only]:
                    return found
                before = past[-1]
        return []

    def of_ticket(self, ticket_id: int) -> Sequence[Alert]:
        """Return the alerts of a ticket, the oldest first."""
        with self.context.store.connect() as connection:
            as_of = self.context.as_of
            found = alerts.of_ticket(connection, ticket_id, as_of)
            return found if as_of is None else [alert.as_of(as_of) for alert in found]

    def deliveries(self, alert_id: int) -> Sequence[Delivery]:
        """Return what became of an alert on its ways out, in their order."""
        return self.deliveries_of([alert_id])[alert_id]

    def deliveries_of(
        self, ids: Collection[int], *, as_of: datetime | None = None
    ) -> Mapping[int, Sequence[Delivery]]:
        """Return what became of alerts on their ways out, by the alert's id, up to `as_of` an instant."""
        as_of = as_of or self.context.as_of
        with self.context.store.connect() as connection:
            found = deliveries.of_alerts(connection, ids)
        if as_of is None:
            return found
        return {alert_id: [each for each in sent if each.at <= as_of] for alert_id, sent in found.items()}

    def failing(self, within: timedelta = timedelta(hours=1)) -> Sequence[Channel]:
        """Return the channels whose last delivery from here, in the last time `within`, failed."""
        with self.context.store.connect() as connection:
            return deliveries.failing(connection, self.place, self.context.clock() - within)

    def acknowledge(self, alert_id: int) -> Alert:
        """Note that this engineer has seen the alert: it stops for everybody."""
        context = self.context
        with context.writing() as tx:
            now = context.clock()
            alert = self._stopped(alerts.get(tx.connection, alert_id))
            alerts.acknowledge(tx, alert_id, context.operator, now)
            self._record(tx, now, ACKNOWLEDGE, alert, {})
            return alerts.get(tx.connection, alert_id)

    def snooze(self, alert_id: int, time: timedelta) -> Alert:
        """Put the alert off for everybody; after `time`, up to `SNOOZE_AT_MOST`, it is told again."""
        if not timedelta() < time <= SNOOZE_AT_MOST:
            most = format_duration(SNOOZE_AT_MOST)
            raise BadInput("an alert can't be put off so long", hint=f"allowed: a time up to {most}")
        context = self.context
        with context.writing() as tx:
            now = context.clock()
            alert = self._stopped(alerts.get(tx.connection, alert_id))
            alerts.snooze(tx, alert_id, context.operator, now + time)
            self._record(tx, now, SNOOZE, alert, {"until": (now + time).isoformat()})
            return alerts.get(tx.connection, alert_id)

    def _record(
        self, tx: Transaction, now: datetime, act: str, alert: Alert, detail: Mapping[str, str]
    ) -> None:
        detail = {"alert": str(alert.id), "kind": alert.kind.value, **detail}
        context = self.context
        context.record(tx, now, act, alert.subject, detail, alert.ticket_id, customer=alert.customer)

    def _stopped(self, alert: Alert) -> Alert:
        """Return `alert` if it is open; `Conflict` says who stopped it, or that it is over."""
        if alert.acknowledged_at is not None:
            who = "you" if alert.acknowledged_by == self.context.operator else alert.acknowledged_by
            raise Conflict(f"{who} acknowledged it at {self.context.clock_time(alert.acknowledged_at)}")
        if alert.settled_at is not None:
            raise Conflict(f"it was settled at {self.context.clock_time(alert.settled_at)}")
        return alert
