"""When the sample tickets came in and were answered, so that their clocks stand where they should now.

Solved backwards in opening time: whatever the hour at which the demo starts, requests came in while
the line was open, deadlines follow from receipt, and nobody answered while the desk was shut.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from typing import NamedTuple

from oncall_tui.domain.hours import OpeningHours
from oncall_tui.domain.offer import Offer
from oncall_tui.domain.sla import Urgency
from oncall_tui.domain.tickets import Channel, State
from oncall_tui.store.demo.scene import Slot

_NOMINAL = timedelta(hours=6)
"""Stands for the budget where there is no guarantee."""

_PROMISED = {
    Urgency.OVERDUE: timedelta(hours=1),
    Urgency.CRITICAL: timedelta(minutes=45),
    Urgency.WARNING: timedelta(hours=2),
}
"""How long the promises were that are urgent now; calm ones are longer."""

_LATELY = timedelta(days=2)
"""How far back the longest work goes, in opening time of a line that is open seven days a week."""


class Times(NamedTuple):
    """The instants of one ticket, whole seconds in UTC; None is what hasn't happened."""

    received_at: datetime
    recorded_at: datetime
    taken_at: datetime | None = None
    answered_at: datetime | None = None
    promise: tuple[datetime, datetime] | None = None
    closed_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Timing:
    """The present of the sample world; `now` is a whole second."""

    offer: Offer
    now: datetime
    rng: Random

    def settled(self, slot: Slot) -> Slot:
        """Return `slot` by a channel that it can have come by, at this hour and under this offer."""
        channel = slot.channel
        if channel is Channel.EMERGENCY and not self.offer.plans[slot.plan].emergency:
            channel = Channel.PHONE
        unanswered = slot.state in (State.NEW, State.ASSIGNED)
        if channel is Channel.PHONE and unanswered and not self._hours(channel).is_open(self.now):
            # Whoever rang before the line shut has been spoken to; what waits overnight was written.
            channel = Channel.EMAIL
        return slot._replace(channel=channel)

    def of(self, slot: Slot) -> Times:
        """Return instants that leave a ticket as `slot` wants it now."""
        hours = self._hours(slot.channel)
        budget = self.offer.plans[slot.plan].response
        if slot.state in (State.NEW, State.ASSIGNED):
            return self._unanswered(slot, hours, budget)
        return self._answered(slot, hours, budget or _NOMINAL)

    def _hours(self, channel: Channel) -> OpeningHours:
        return self.offer.calendar_for(channel)

    def _unanswered(self, slot: Slot, hours: OpeningHours, budget: timedelta | None) -> Times:
        now, rng = self.now, self.rng
        fresh = slot.state is State.NEW and slot.urgency is Urgency.OK
        if budget is None:
            received = before(hours, now, _NOMINAL * rng.uniform(0.1, 2.5))
        elif fresh and (shut := shut_since(hours, now)):
            # Mails come at night too; their clock waits for the morning.
            received = shut + (now - shut) * rng.uniform(0.05, 0.95)
        else:
            received = before(hours, now, budget * self._used(slot.urgency))
        received = _whole(received)
        recorded = self._recorded(slot.channel, received)
        if slot.state is State.NEW:
            return Times(received, recorded)
        taken = between(hours, received, now, rng.uniform(0.3, 0.8))
        return Times(received, recorded, self._after(recorded, taken))

    def _answered(self, slot: Slot, hours: OpeningHours, budget: timedelta) -> Times:
        rng = self.rng
        late = slot.state is State.CLOSED and slot.urgency is Urgency.OVERDUE
        until_answer = budget * (rng.uniform(1.05, 1.3) if late else rng.uniform(0.15, 0.85))
        if slot.channel is Channel.PHONE and not late:
            until_answer /= 3
        promise = self._promise(slot.urgency) if slot.promised else None
        end = promise[0] if promise else self.now
        work = self._work(slot)
        idle = _LATELY * rng.uniform(0.01, 0.4) if slot.state is State.CLOSED else timedelta(0)
        received = _whole(before(hours, end, until_answer + work + idle))
        recorded = self._recorded(slot.channel, received)
        taken = self._after(recorded, hours.add(received, until_answer * rng.uniform(0.4, 0.9)))
        answered = self._after(taken, hours.add(received, until_answer))
        closed = None
        if slot.state is State.CLOSED:
            closed = self._after(answered, hours.add(received, until_answer + work))
            if slot.urgency is Urgency.NONE:
                return Times(received, recorded, closed_at=closed)
        return Times(received, recorded, taken, answered, promise, closed)

    def _work(self, slot: Slot) -> timedelta:
        hours = self.rng.uniform(0.2, 1.2) if slot.channel is Channel.EMERGENCY else self.rng.uniform(0.4, 9)
        return timedelta(hours=hours)

    def _promise(self, urgency: Urgency) -> tuple[datetime, datetime]:
        """Return when a promise was made and when it is due, on real time (R7)."""
        length = _PROMISED.get(urgency) or timedelta(hours=self.rng.choice((3, 4, 6)))
        made = _whole(self.now - length * self._used(urgency))
        return made, made + length

    def _used(self, urgency: Urgency) -> float:
        """Return a share of the budget that is used up at `urgency`, not about to leave it."""
        warning, critical = self.offer.thresholds.warning, self.offer.thresholds.critical
        match urgency:
            case Urgency.OVERDUE:
                return self.rng.uniform(1.04, 1.22)
            case Urgency.CRITICAL:
                return 1 - critical * self.rng.uniform(0.35, 0.85)
            case Urgency.WARNING:
                return 1 - critical - (warning - critical) * self.rng.uniform(0.3, 0.9)
            case _:
                return (1 - warning) * self.rng.uniform(0.08, 0.85)

    def _recorded(self, channel: Channel, received: datetime) -> datetime:
        """Return when the request was typed, or when the mailbox was read (R5)."""
        seconds = self.rng.randint(2, 29) if channel is Channel.EMAIL else self.rng.randint(35, 170)
        return min(received + timedelta(seconds=seconds), self.now)

    def _after(self, earlier: datetime, at: datetime) -> datetime:
        return _whole(min(max(earlier, at), self.now))


def before(hours: OpeningHours, end: datetime, length: timedelta) -> datetime:
    """Return the latest instant from which `length` of opening time runs until `end`."""
    window = timedelta(days=4)
    while hours.elapsed(end - window, end) < length:
        window *= 2
    for opens, closes in reversed(list(hours.intervals(end - window, end))):
        if closes - opens >= length:
            return closes - length
        length -= closes - opens
    return end


def between(hours: OpeningHours, start: datetime, end: datetime, share: float) -> datetime:
    """Return the instant after `share` of the opening time from `start` to `end`."""
    return hours.add(start, hours.elapsed(start, end) * share)


def shut_since(hours: OpeningHours, now: datetime) -> datetime | None:
    """Return when `hours` last ended, None while they are open."""
    return None if hours.is_open(now) else before(hours, now, timedelta(microseconds=1))


def _whole(instant: datetime) -> datetime:
    return instant.replace(microsecond=0)
