"""Which tickets the sample board shows: so many of each plan, state and urgency."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random
from typing import NamedTuple, TypeVar

from oncall_tui.domain.plans import Plan
from oncall_tui.domain.sla import Urgency
from oncall_tui.domain.tickets import Channel, State

T = TypeVar("T")


class Slot(NamedTuple):
    """A ticket to be. `urgency` is that of its running clock, a promise where `promised`.

    Of a closed one it says how it was answered: OK in time, OVERDUE too late, NONE not at all.
    `mine` are the operator's.
    """

    plan: Plan
    channel: Channel
    state: State
    urgency: Urgency
    promised: bool = False
    mine: bool = False

    @property
    def urgent(self) -> bool:
        """Say whether somebody has cause to hurry, or had."""
        return self.promised or self.urgency in (Urgency.OVERDUE, Urgency.CRITICAL, Urgency.WARNING)


def _slots(table: str) -> tuple[Slot, ...]:
    return tuple(_slot(*line.split()) for line in table.strip().splitlines())


def _slot(plan: str, channel: str, state: str, urgency: str, *more: str) -> Slot:
    return Slot(
        Plan(plan), Channel(channel), State(state), Urgency(urgency), "promised" in more, "mine" in more
    )


# The first five hold every queue, urgency and state, so that the smallest board shows them too.
_OPEN = _slots("""
    enterprise  emergency  assigned     overdue
    pro         email      new          critical
    plus        email      assigned     warning   mine
    standard    email      in_progress  none
    plus        email      new          ok
    pro         emergency  in_progress  critical  promised mine
    pro         email      in_progress  overdue   promised
    standard    email      new          none
    enterprise  email      new          warning
    plus        phone      new          critical
    pro         phone      new          warning
    enterprise  phone      assigned     ok
    standard    phone      in_progress  none
    plus        email      in_progress  none      mine
    pro         email      new          ok
    standard    email      new          none
    enterprise  email      in_progress  ok        promised
    plus        email      new          warning
    pro         emergency  new          ok
    standard    email      assigned     none
    pro         email      in_progress  warning   promised
    enterprise  email      new          ok
    standard    phone      new          none
    plus        phone      in_progress  none
""")

_CLOSED = _slots("""
    plus        email      closed       ok
    pro         email      closed       overdue
    standard    email      closed       none
    enterprise  email      closed       ok
    pro         emergency  closed       ok
    standard    email      closed       ok
    plus        phone      closed       ok
    pro         email      closed       ok
    standard    phone      closed       ok
    plus        email      closed       ok
""")

CALM = 42
"""Up to so many open tickets, none beyond the hand-picked ones is urgent: one screen, at peace."""

CLOSED_SHARE = 5
"""One closed ticket for so many open ones."""

_PLANS = {Plan.STANDARD: 45, Plan.PLUS: 27, Plan.PRO: 20, Plan.ENTERPRISE: 8}
_PREMIUM = (Plan.PRO, Plan.ENTERPRISE)
_STATES = {State.NEW: 40, State.ASSIGNED: 15, State.IN_PROGRESS: 45}
_URGENCIES = {Urgency.OK: 80, Urgency.WARNING: 16, Urgency.CRITICAL: 3, Urgency.OVERDUE: 1}


def open_slots(count: int, rng: Random) -> Iterator[Slot]:
    """Iterate over `count` open tickets: the hand-picked ones, then a crowd."""
    yield from _OPEN[:count]
    for number in range(len(_OPEN), count):
        yield _one_of_the_crowd(rng, calm=number < CALM)


def closed_slots(open_count: int) -> Iterator[Slot]:
    """Iterate over the closed tickets that go with `open_count` open ones."""
    for number in range(-(-open_count // CLOSED_SHARE)):
        yield _CLOSED[number % len(_CLOSED)]


def _one_of_the_crowd(rng: Random, *, calm: bool) -> Slot:
    plan = _drawn(_PLANS, rng)
    channel = Channel.EMAIL if rng.random() < 0.7 else Channel.PHONE
    state = _drawn(_STATES, rng)
    urgency = Urgency.OK if calm else _drawn(_URGENCIES, rng)
    promised = state is State.IN_PROGRESS and plan in _PREMIUM and rng.random() < 0.3
    if not promised and (state is State.IN_PROGRESS or plan is Plan.STANDARD):
        urgency = Urgency.NONE
    mine = not calm and state is not State.NEW and rng.random() < 0.02
    if not calm and plan in _PREMIUM and rng.random() < 0.04:
        channel = Channel.EMERGENCY
    return Slot(plan, channel, state, urgency, promised, mine)


def _drawn(weights: dict[T, int], rng: Random) -> T:
    return rng.choices(list(weights), list(weights.values()))[0]
