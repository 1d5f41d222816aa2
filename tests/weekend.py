"""A weekend at the desk, made up from a seed, and what is to be told of it: walked minute by minute.

The walk is written from the rules alone and shares no code with the program: an opening minute is one whose
clock on the wall lies in the opening hours. A time is a number of minutes since the weekend's `begin`; half a
minute stands for the first instant after a minute, at which a deadline is broken (R3).
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

ZONE = ZoneInfo("Europe/Zurich")
MINUTE = timedelta(minutes=1)
JUST_AFTER = 0.5
HOUR, DAY = 60, 24 * 60
BEFORE = 3 * DAY
"""How long before the weekend a request may have been received."""

LENGTH = 5 * DAY
BUDGETS = {"standard": None, "plus": 4 * HOUR, "pro": 2 * HOUR, "enterprise": HOUR}
PLANS = tuple(BUDGETS)
PEOPLE = ("Léa", "Marc", "Nora")
LEVELS = {50: "warning", 25: "critical", 10: "critical", 0: "breach"}


class Event(NamedTuple):
    """What somebody does at a minute: to a ticket, or an upgrade of a `customer`."""

    at: int
    act: str
    by: str
    customer: str
    ref: str = ""
    detail: str = ""
    when: int = 0


class Told(NamedTuple):
    """An alert: of what, when it came about, when it was raised and when it was settled."""

    ref: str
    what: str
    level: str
    at: datetime
    raised_at: datetime
    settled_at: datetime | None


@dataclass(frozen=True)
class Weekend:
    """What happens from `begin` (UTC) on. `plans` are those of the customers at the beginning."""

    begin: datetime
    plans: dict[str, str]
    events: tuple[Event, ...]

    def instant(self, time: float) -> datetime:
        """Return a time of the weekend as an instant in UTC."""
        moment = timedelta(microseconds=1) if time % 1 else timedelta()
        return self.begin + int(time // 1) * MINUTE + moment


def weekend(friday: datetime, tickets: int, seed: int) -> Weekend:
    """Return a weekend from midnight before `friday` (UTC) on, the same for the same seed."""
    chance = random.Random(seed)
    plans = {f"c{number}": PLANS[number % 4] for number in range(40)}
    upgrades = [
        Event(chance.randrange(DAY, 4 * DAY), "upgrade", "Léa", customer, detail=chance.choice(better))
        for customer in chance.sample(sorted(plans), 12)
        if (better := PLANS[PLANS.index(plans[customer]) + 1 :])
    ]
    events = [*upgrades]
    for number in range(tickets):
        customer = chance.choice(sorted(plans))
        filed_at = _time(chance)
        plan = _plan(customer, plans, upgrades, filed_at)
        ways = ["email", "phone", "emergency"] if plan in ("pro", "enterprise") else ["email", "phone"]
        late = chance.choice([0, 0, 0, 65, chance.randrange(6 * HOUR), chance.randrange(BEFORE)])
        by, ref, way = chance.choice(PEOPLE), f"T-{number}", chance.choice(ways)
        events.append(Event(filed_at, "file", by, customer, ref, way, filed_at - late))
        events.extend(_life(chance, customer, ref, filed_at, late))
    events.sort(key=lambda event: event.at)
    return Weekend(friday, plans, tuple(events))


def _time(chance: random.Random) -> int:
    # Half of all on the half-hour: then shares of a budget end where the calendars shut.
    at = chance.randrange(int(4.5 * DAY))
    return at - at % 30 if chance.random() < 0.5 else at


def _plan(customer: str, plans: dict[str, str], upgrades: Sequence[Event], at: int) -> str:
    made = [each.detail for each in upgrades if each.customer == customer and each.at <= at]
    return made[-1] if made else plans[customer]


def _life(chance: random.Random, customer: str, ref: str, at: int, late: int) -> Iterator[Event]:
    """Yield acts that the ticket allows, one after the other."""
    closed, owner, received = False, "", at - late
    for _ in range(chance.choice([0, 1, 2, 3, 4])):
        at += chance.choice([0, 5, 15, 30, 60, chance.randrange(8 * HOUR)])
        by = chance.choice(PEOPLE)
        acts = ["reopen"] if closed else ["answer", "promise", "promise", "hand over", "close"]
        if not closed and not owner:
            acts.append("take")
        act, detail, when = chance.choice(acts), "", at
        if act == "promise":
            when = at + chance.choice([5, 20, 30, chance.randrange(1, DAY)])
        elif act == "answer":
            when, owner = max(received, at - chance.choice([0, 0, 20])), owner or by
        elif act == "take":
            owner = by
        elif act == "hand over":
            owner = detail = chance.choice([name for name in PEOPLE if name != owner])
        closed = act == "close" or (closed and act != "reopen")
        yield Event(at, act, by, customer, ref, detail, when)


class Calendars:
    """The opening minutes around a weekend, by the clock on the wall (R1, R2, R4)."""

    def __init__(self, begin: datetime) -> None:
        walls = [(begin + n * MINUTE).astimezone(ZONE) for n in range(-BEFORE, LENGTH + 9 * DAY)]
        self._open = {
            "email": [6 <= wall.hour < 23 for wall in walls],
            "phone": [wall.weekday() < 5 and 6 <= wall.hour < 19 for wall in walls],
            "emergency": [True for _ in walls],
        }

    def after(self, way: str, start: int, minutes: int) -> int:
        """Return the first minute by which so many opening minutes have gone by since `start` (R3)."""
        is_open = self._open[way]
        at = start
        while minutes:
            minutes -= is_open[at + BEFORE]
            at += 1
        return at


@dataclass
class Walk:
    """A ticket on its way through the weekend."""

    calendars: Calendars
    ref: str
    way: str
    received: int
    plan: str
    due: int | None = None
    passed_at: dict[int, int] = field(default_factory=dict)
    owner: str = ""
    answered: bool = False
    closed: bool = False
    promise: tuple[int, int] | None = None
    given: tuple[int, str, str] | None = None
    new: bool = True
    told: dict[tuple[object, ...], tuple[str, str, float, float]] = field(default_factory=dict)
    settled: dict[tuple[object, ...], float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._start(self.received, BUDGETS[self.plan])

    def _start(self, start: int, budget: int | None) -> None:
        if budget is None:
            return
        due = self.calendars.after(self.way, start, budget)
        if self.due is None or due < self.due:
            self.due = due
            shares = {percent: budget * (100 - percent) // 100 for percent in LEVELS}
            self.passed_at = {
                percent: self.calendars.after(self.way, start, minutes) for percent, minutes in shares.items()
            }

    def act(self, event: Event) -> None:
        """Do to the ticket what `event` says (R6-R8)."""
        match event.act:
            case "upgrade":
                if not self.closed and not self.answered:
                    self.plan = event.detail
                    self._start(event.at, BUDGETS[event.detail])
            case "take":
                self.owner = event.by
            case "hand over":
                self.owner, self.given = event.detail, (event.at, event.detail, event.by)
            case "answer":
                self.owner, self.answered = self.owner or event.by, True
                if self.promise and self.promise[0] <= event.when:
                    self.promise = None
            case "promise":
                self.promise = (event.at, event.when)
            case _:
                self.closed = event.act == "close"

    def runs(self, minute: int) -> bool:
        """Say whether something may come about from `minute` on without anybody doing anything."""
        waits = self.due is not None and not self.answered and self.due >= minute
        return not self.closed and (waits or (self.promise is not None and self.promise[1] >= minute))

    def look(self, now: float, last: float) -> None:
        """Tell at `now` what came about since the `last` look, and what of it is over.

        What is worse takes the place of what was told of the same deadline before.
        """
        for key in self.told:
            if key not in self.settled and self._is_over(key):
                self.settled[key] = now
        if not self.closed:
            self._tell_clock(list(self._response(now)), now, last)
            self._tell_clock(list(self._broken_promise(now)), now, last)
            if self.promise and self.promise[0] < self.promise[1] - 5 <= now <= self.promise[1]:
                key = ("promise", "due", self.promise[1])
                self._tell(key, "promise due", "warning", self.promise[1] - 5, now)
            if self._is_new() and self.received > now - DAY:
                self._tell(("new",), "new", "notice", self.received, now)
            if self.given is not None and self.given[1] == self.owner != self.given[2]:
                at, to, _ = self.given
                self._tell(("given", to, at, len(self.told)), f"handed over {to}", "notice", at, now)
        self.new, self.given = False, None

    def _is_new(self) -> bool:
        told_of = self.plan == "enterprise" and self.way != "emergency"
        return self.new and told_of and not self.owner and not self.answered

    def _response(self, now: float) -> Iterator[tuple[tuple[object, ...], str, str, float, float]]:
        if self.due is None or self.answered:
            return
        for percent, at in self.passed_at.items():
            since = at if percent else at + JUST_AFTER
            if since <= now:
                yield ("response", percent, self.due), f"response {percent}", LEVELS[percent], at, since

    def _broken_promise(self, now: float) -> Iterator[tuple[tuple[object, ...], str, str, float, float]]:
        if self.promise is not None and (since := self.promise[1] + JUST_AFTER) <= now:
            yield ("promise", "broken", self.promise[1]), "promise broken", "breach", self.promise[1], since

    def _tell_clock(
        self, passed: Sequence[tuple[tuple[object, ...], str, str, float, float]], now: float, last: float
    ) -> None:
        """Of what had been passed by the last look only the worst is told, and nothing older than a day."""
        before = [each for each in passed if each[4] <= last]
        for key, what, level, at, _ in before[-1:]:
            if at > now - DAY:
                self._tell(key, what, level, at, now)
        for key, what, level, at, _ in passed[len(before) :]:
            self._tell(key, what, level, at, now)

    def _tell(self, key: tuple[object, ...], what: str, level: str, at: float, now: float) -> None:
        if key in self.told:
            return
        for earlier in self.told:
            if earlier[0] == key[0] and earlier[-1] == key[-1]:
                self.settled.setdefault(earlier, now)
        self.told[key] = what, level, at, now

    def _is_over(self, key: tuple[object, ...]) -> bool:
        if self.closed:
            return True
        match key[0]:
            case "response":
                return self.answered or key[2] != self.due
            case "promise":
                return self.promise is None or key[2] != self.promise[1]
            case "new":
                return self.answered or bool(self.owner)
            case _:
                return self.owner != key[1]


def expected(script: Weekend, looks: Sequence[int] | None) -> list[Told]:
    """Return what is told of the weekend where somebody looks at the minutes `looks`, after what is done in
    them. None looks all the time: each minute, after each act, and in the instant after each minute.
    """
    calendars = Calendars(script.begin)
    told: list[Told] = []
    for number, filing in enumerate(script.events):
        if filing.act != "file":
            continue
        earlier = [each for each in script.events[:number] if each.act == "upgrade"]
        plan = _plan(filing.customer, script.plans, earlier, filing.at)
        walk = Walk(calendars, filing.ref, filing.detail, filing.when, plan)
        rest = [
            each
            for each in script.events[number + 1 :]
            if each.ref == filing.ref or (each.act == "upgrade" and each.customer == filing.customer)
        ]
        if looks is None:
            _walk_awake(walk, filing.at, rest)
        else:
            _walk_asleep(walk, filing.at, rest, looks)
        told.extend(
            Told(
                filing.ref,
                what,
                level,
                script.instant(at),
                script.instant(now),
                script.instant(walk.settled[key]) if key in walk.settled else None,
            )
            for key, (what, level, at, now) in walk.told.items()
        )
    return sorted(told, key=str)


def _walk_awake(walk: Walk, filed_at: int, acts: Iterable[Event]) -> None:
    waiting = list(reversed(list(acts)))
    walk.look(filed_at, filed_at)
    for minute in range(filed_at, LENGTH):
        if not walk.runs(minute) and not (waiting and waiting[-1].at == minute):
            continue
        walk.look(minute, minute - JUST_AFTER)
        while waiting and waiting[-1].at == minute:
            walk.act(waiting.pop())
            walk.look(minute, minute)
        walk.look(minute + JUST_AFTER, minute)


def _walk_asleep(walk: Walk, filed_at: int, acts: Iterable[Event], looks: Sequence[int]) -> None:
    waiting = list(reversed(list(acts)))
    last = max((look for look in looks if look < filed_at), default=0)
    for look in (look for look in looks if look >= filed_at):
        while waiting and waiting[-1].at <= look:
            walk.act(waiting.pop())
        walk.look(look, last)
        last = look
