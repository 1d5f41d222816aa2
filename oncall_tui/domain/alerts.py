"""Alerts: what is told to whoever is on duty, how urgent it is, and over what it goes out.

An alert is raised once for a subject and a level and is kept in the store. It is *open* until somebody
acknowledges it or what it is about is settled: the customer was answered, the call was picked up. It goes
out in rounds: the first when it is raised, a further one when a snooze ends, a call goes on ringing or
nobody has acknowledged it for too long.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from types import MappingProxyType
from typing import NamedTuple

from oncall_tui.domain.hours import OpeningHours
from oncall_tui.domain.messages import marked
from oncall_tui.domain.plans import Plan
from oncall_tui.domain.sla import Thresholds

RINGS_EVERY = timedelta(seconds=60)
"""How often a call that rings is told again."""

SNOOZES = (timedelta(minutes=5), timedelta(minutes=15), timedelta(minutes=30))
"""How long an alert can be put off."""

AT_ONCE = 3
"""How many notifications may come within `WITHIN`; what comes beyond is grouped."""

WITHIN = timedelta(minutes=1)

A_BREACH_WAITS = timedelta(seconds=10)
"""How long at most a breach waits behind what went out before: what comes meanwhile is grouped with it."""

LATE = timedelta(minutes=2)
"""An alert that couldn't go out for so long, as while a laptop slept, is told in a summary."""


class Level(StrEnum):
    """How loud an alert is, the quietest first."""

    NOTICE = marked("notice")
    WARNING = marked("warning")
    CRITICAL = marked("critical")
    BREACH = marked("breach")
    EMERGENCY = marked("emergency")

    @property
    def rank(self) -> int:
        """0 for the quietest, to sort by."""
        return _RANKS[self]

    @property
    def sign(self) -> str:
        """The sign that goes before it, of the same set as the board's."""
        return _SIGNS[self]


_RANKS = {level: rank for rank, level in enumerate(Level)}
_SIGNS = {
    Level.NOTICE: "·",
    Level.WARNING: "~",
    Level.CRITICAL: "!",
    Level.BREACH: "!!",
    Level.EMERGENCY: "!!",
}


class Kind(StrEnum):
    """What an alert is about."""

    RESPONSE = "response"
    """A share of a guarantee is left, in opening time, or it is broken."""

    PROMISE = "promise"
    """A promised update is due soon, or overdue (R7)."""

    RINGING = "ringing"
    ACCEPTED = "accepted"
    REFUSED = "refused"
    """A call about infrastructure was refused: nothing hides an outage (R14)."""

    NEW = "new"
    HANDED_OVER = "handed_over"
    CODES = "codes"
    """Somebody may be guessing codes (R18)."""

    SOURCE = "source"
    STORE = "store"
    UNSENT = "unsent"
    """An answer doesn't reach the customer: it was refused, came back, or nobody knows (R6)."""

    ACCESS = "access"
    """Temporary access that is used ends soon, or has ended (R23)."""


class Channel(StrEnum):
    """What an alert goes out over, besides the mark on every board."""

    DESKTOP = "desktop"
    TERMINAL = "terminal"
    PUSH = "push"
    COMMAND = "command"

    @property
    def elsewhere(self) -> bool:
        """Say whether it reaches people elsewhere: then one desk sends for all."""
        return self in (Channel.PUSH, Channel.COMMAND)


Chain = tuple[frozenset[Channel], ...]
"""What is tried one after the other until something gets through; channels of one step go out together."""


def _together(*channels: Channel) -> Chain:
    return (frozenset(channels),)


DEFAULT_CHAINS: Mapping[Level, Chain] = MappingProxyType(
    {
        Level.NOTICE: (frozenset({Channel.DESKTOP}), frozenset({Channel.TERMINAL})),
        Level.WARNING: (frozenset({Channel.DESKTOP}), frozenset({Channel.TERMINAL})),
        Level.CRITICAL: _together(*Channel),
        Level.BREACH: _together(*Channel),
        Level.EMERGENCY: _together(*Channel),
    }
)


@dataclass(frozen=True, slots=True)
class AlertRules:
    """When alerts are raised, and over what they go out.

    `response` are the shares of a guarantee, in opening time, that are left when one is raised; 0 is the
    breach. A promise raises one `promise_before` its end, None for none, and at its end; access that somebody
    uses likewise, with `access_before`. `off` are kinds that raise none. Within `quiet` hours, None for none,
    nothing but an emergency is told again. Without an acknowledgement the next step follows after
    `escalate_after`: over the channels of an emergency, then to each of those on `duty` in their order; None
    for never.
    """

    response: tuple[float, ...] = (0.5, 0.25, 0.1, 0.0)
    promise_before: timedelta | None = timedelta(minutes=5)
    access_before: timedelta | None = timedelta(minutes=15)
    off: frozenset[Kind] = frozenset()
    chains: Mapping[Level, Chain] = field(default_factory=lambda: DEFAULT_CHAINS)
    quiet: OpeningHours | None = None
    escalate_after: timedelta | None = None
    duty: tuple[str, ...] = ()

    def quiet_until(self, now: datetime) -> datetime | None:
        """Return when the quiet hours that `now` (UTC) lies in end, None outside them."""
        at = now
        while self.quiet is not None and self.quiet.is_open(at):
            closes = self.quiet.closes_at(at)
            if closes is None:
                return at + timedelta(days=1)
            at = closes
        return None if at == now else at


DEFAULT_ALERTS = AlertRules()


def level_of_share(share: float, thresholds: Thresholds) -> Level:
    """Return the level of an alert when `share` of a guarantee is left, as the board's signs have it."""
    if share <= 0:
        return Level.BREACH
    if share <= thresholds.critical:
        return Level.CRITICAL
    return Level.WARNING if share <= thresholds.warning else Level.NOTICE


@dataclass(frozen=True, slots=True)
class Alert:
    """An alert as it stands. Instants are UTC.

    `subject` is the reference of a ticket or a call, or the name of a source. `at` is when what it tells
    came about, which may lie before `raised_at`. `facts` are what its text is made of. It is for `to`, or for
    everybody where that is empty, but `by`, who brought it about. `round` counts how often it went out
    before, since `round_at`; the next round is due at `again_at`, which is the end of the snooze where
    `snoozed_by` somebody. `step` counts the escalations.
    """

    id: int
    kind: Kind
    level: Level
    subject: str
    at: datetime
    raised_at: datetime
    ticket_id: int | None = None
    customer: str = ""
    customer_name: str = ""
    plan: Plan | None = None
    due_at: datetime | None = None
    facts: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    to: str = ""
    by: str = ""
    round: int = 0
    round_at: datetime | None = None
    step: int = 0
    again_at: datetime | None = None
    snoozed_by: str = ""
    acknowledged_at: datetime | None = None
    acknowledged_by: str = ""
    settled_at: datetime | None = None
    revision: int = 0

    @property
    def open(self) -> bool:
        """Say whether nobody has acknowledged it and nothing has settled it."""
        return self.acknowledged_at is None and self.settled_at is None

    def as_of(self, instant: datetime) -> Alert:
        """Return the alert without what came later than `instant`: who stopped it, and what settled it."""
        alert = self
        if alert.acknowledged_at is not None and alert.acknowledged_at > instant:
            alert = replace(alert, acknowledged_at=None, acknowledged_by="")
        if alert.settled_at is not None and alert.settled_at > instant:
            alert = replace(alert, settled_at=None)
        return alert

    @property
    def waits(self) -> bool:
        """Say whether it is put off for a while."""
        return self.open and bool(self.snoozed_by)

    def concerns(self, operator: str) -> bool:
        """Say whether it is for `operator`."""
        return self.to in ("", operator) and self.by != operator

    @property
    def loudness(self) -> Level:
        """Return the level whose channels it goes out over now: an escalated one gets louder."""
        return Level.EMERGENCY if self.step else self.level


class Result(StrEnum):
    """How a delivery came out."""

    UNDER_WAY = marked("under way")
    OK = "ok"
    FAILED = marked("failed")
    TIMEOUT = marked("timeout")
    ABSENT = marked("none here")
    """There is no such channel where it was to go out: no desktop over SSH, say."""


class Delivery(NamedTuple):
    """One way that an alert went out. `place` is engineer and workstation, empty for elsewhere.

    `together` counts the alerts that one notification told; `detail` says what went wrong.
    """

    alert_id: int
    round: int
    channel: Channel
    place: str
    result: Result
    at: datetime
    ended_at: datetime | None = None
    detail: str = ""
    together: int = 1


class Notice(NamedTuple):
    """What goes out: two short lines of clean text, with no code and nothing that a customer wrote but the
    name of the organisation, which stands in the title alone.

    `to` is who it is for, empty for everybody. `refs` are the references it tells of.
    """

    level: Level
    title: str
    body: str
    to: str = ""
    refs: tuple[str, ...] = ()


class Outcome(NamedTuple):
    """What became of a notice on a channel; `detail` is clean and says what went wrong."""

    result: Result
    detail: str = ""


class AlertNews(NamedTuple):
    """What there is to tell an engineer at the store's `revision`.

    `open` are the alerts for them that nobody has acknowledged, put off or settled, the loudest and then the
    newest first, at most some hundred; `total` counts them all. `fresh` are those among them that were raised
    or told again since the revision asked for.
    """

    open: tuple[Alert, ...]
    total: int
    fresh: tuple[Alert, ...]
    revision: int
