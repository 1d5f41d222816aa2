"""What goes out next, and what goes out together. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from oncall_tui.domain.alerts import (
    A_BREACH_WAITS,
    AT_ONCE,
    LATE,
    WITHIN,
    Alert,
    Chain,
    Channel,
    Delivery,
    Kind,
    Level,
    Result,
)

LEASE = timedelta(seconds=30)
"""How long a delivery may be under way: after that its desk has died, and it goes out again."""


def is_dead(result: Result, began_at: datetime, now: datetime) -> bool:
    """Say whether who began a delivery must have died before its end, or their clock was ahead."""
    return result is Result.UNDER_WAY and not now - LEASE < began_at < now + LEASE


def next_step(
    chain: Chain, there: Collection[Channel], sent: Iterable[Delivery], now: datetime
) -> frozenset[Channel]:
    """Return the channels of those that are `there` that an alert is to go out over now, none where it got
    through, or may still.

    `sent` is what has gone out of its round. A step whose channels have all failed is followed by the next.
    """
    results = {each.channel: each for each in sent}
    for step in chain:
        usable = frozenset(channel for channel in step if channel in there)
        missing = frozenset(
            channel
            for channel in usable
            if channel not in results or is_dead(results[channel].result, results[channel].at, now)
        )
        if missing:
            return missing
        if any(results[channel].result in (Result.OK, Result.UNDER_WAY) for channel in usable):
            return frozenset()
    return frozenset()


def subjects(alerts: Iterable[Alert]) -> list[tuple[Alert, ...]]:
    """Return the alerts by what they are about, the worst first: one notification tells the worst."""
    found: dict[tuple[str, str], list[Alert]] = {}
    for alert in alerts:
        about = alert.subject if alert.ticket_id is not None else f"{alert.subject} {alert.id}"
        found.setdefault((alert.kind, about), []).append(alert)
    return [
        tuple(sorted(each, key=lambda alert: (-alert.level.rank, -alert.at.timestamp(), -alert.id)))
        for each in found.values()
    ]


def is_late(alert: Alert, now: datetime) -> bool:
    """Say whether what an alert tells came about while nobody could be told. A call that rings rings now."""
    if alert.kind is Kind.RINGING:
        return False
    since = alert.round_at if alert.round and alert.round_at else alert.at
    return now - since > LATE


@dataclass(frozen=True, slots=True)
class Batch:
    """Alerts that one notification tells, by subject. A `summary` tells of a time nobody was there."""

    subjects: tuple[tuple[Alert, ...], ...]
    summary: bool = False

    @property
    def alerts(self) -> tuple[Alert, ...]:
        """Return all its alerts."""
        return tuple(alert for subject in self.subjects for alert in subject)

    def only(self, alerts: Collection[Alert]) -> Batch:
        """Return the batch with those of its alerts that are among `alerts`."""
        kept = (tuple(each for each in subject if each in alerts) for subject in self.subjects)
        return Batch(tuple(subject for subject in kept if subject), self.summary)

    @property
    def worst(self) -> tuple[Alert, ...]:
        """Return the worst alert of each subject, the loudest first."""
        worst = (subject[0] for subject in self.subjects)
        return tuple(sorted(worst, key=lambda alert: (-alert.loudness.rank, alert.at, alert.id)))


def batches(
    alerts: Iterable[Alert], recent: Sequence[datetime], now: datetime, *, asleep: bool = False
) -> tuple[list[Batch], datetime | None]:
    """Return what goes out now, and when to look again for what is held back, None if nothing is.

    `recent` is when notifications went out within the last `WITHIN`, the oldest first. An emergency goes out
    at once and by itself. What is late, or comes up after the desk was `asleep` and is none, is told in one
    summary. Where more than `AT_ONCE` would come in a minute they come as one, a breach within seconds.
    """
    found = subjects(alerts)
    late = [
        each for each in found if (asleep and each[0].level is not Level.EMERGENCY) or is_late(each[0], now)
    ]
    fresh = [each for each in found if each not in late]
    out = [Batch((each,)) for each in fresh if each[0].loudness is Level.EMERGENCY]
    if late:
        # One alone is told as such, unless a whole night is to be accounted for.
        out.append(Batch(tuple(late), summary=asleep or len(late) > 1))
    rest = [each for each in fresh if each[0].loudness is not Level.EMERGENCY]
    if not rest:
        return out, None
    if len(recent) >= AT_ONCE:
        free_at = recent[-AT_ONCE] + WITHIN
        if any(each[0].level is Level.BREACH for each in rest):
            free_at = min(free_at, recent[-1] + A_BREACH_WAITS)
        return ([*out, Batch(tuple(rest))], None) if free_at <= now else (out, free_at)
    if len(recent) + len(rest) > AT_ONCE:
        return [*out, Batch(tuple(rest))], None
    return [*out, *(Batch((each,)) for each in rest)], None
