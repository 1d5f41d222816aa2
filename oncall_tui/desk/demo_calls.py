"""The emergency line of `oncall-tui demo`: what rang earlier in the night, and who rings now."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from random import Random
from typing import NamedTuple

from oncall_tui.desk.call_outcomes import Say
from oncall_tui.desk.calls import CallDesk
from oncall_tui.desk.desk import Desk
from oncall_tui.domain.calls import Step
from oncall_tui.store.demo import World, load_world

FIRST_RING = timedelta(seconds=20)
"""How long the line is quiet to begin with: time to look at the board."""

PATIENCE = timedelta(seconds=75)
"""How long a caller lets it ring."""

_APART = (150, 420)
"""Seconds between two calls, at least and at most."""

_ABROAD = "+49 30 5550 1177"
"""The number of somebody who isn't on file."""


class _Past(NamedTuple):
    """A call of earlier: how many minutes ago, from whom, what was found out; nothing if it was missed."""

    minutes_ago: int
    number: str
    steps: Mapping[Step, Mapping[str, str]]


_YES, _NO = {"answer": "yes"}, {"answer": "no"}
_UNVERIFIED = {"outcome": "no_match", "unverified": "yes"}
_EARLIER = (
    _Past(402, _ABROAD, {Step.LANGUAGE: {"language": "de"}, Step.INFRASTRUCTURE: _NO}),
    _Past(341, "+41 44 555 90 12", {Step.ENDING: {"ending": "wrong_number"}}),
    _Past(268, "+41 79 555 66 31", {}),
    _Past(197, "", {Step.CODE: _UNVERIFIED, Step.LANGUAGE: {"language": "en"}}),
    _Past(96, "+39 02 5550 4821", {Step.LANGUAGE: {"language": "it"}, Step.INFRASTRUCTURE: _NO}),
    _Past(41, "", {Step.LANGUAGE: {"language": "fr"}, Step.INFRASTRUCTURE: _YES, Step.NEEDS_US: _NO}),
)


def tell_earlier(desk: Desk, say: Say) -> None:
    """Write down the calls of the night so far, each when it was."""
    now, team = desk.clock(), load_world().colleagues(desk.operator)
    for place, past in enumerate(_EARLIER):
        one = team[place % len(team)]
        at = _Clock(now - timedelta(minutes=past.minutes_ago))
        context = replace(desk.context, operator=one.name, workstation=one.workstation, clock=at)
        calls = CallDesk(context)
        ref = calls.ring(past.number, external_id=f"earlier-{place}").ref
        if past.steps:
            at.advance(11)
            calls.pick_up(ref)
        for step, value in past.steps.items():
            at.advance(23)
            calls.answer(ref, step, value)
        if past.steps:
            calls.record(ref, say)
        at.advance(19)
        calls.hang_up(f"earlier-{place}")


class Callers:
    """Lets people ring the desk: first somebody whose code a visitor can type, then one or the other."""

    def __init__(self, desk: Desk, rng: Random) -> None:
        """Ring on the store of `desk`; nothing is read or written yet."""
        self._calls = CallDesk(replace(desk.context, operator="telephone"))
        self._clock = desk.clock
        self._rng = rng
        self._world: World = load_world()
        self._next = desk.clock() + FIRST_RING
        self._rung = 0
        self._ref = ""
        self._ringing: tuple[str, datetime] | None = None

    def step(self) -> None:
        """Ring if it is time to, and hang up where nobody has answered for too long."""
        now = self._clock()
        if self._ringing is not None and now >= self._ringing[1]:
            name, _ = self._ringing
            self._ringing = None
            self._give_up(name)
        if self._ringing is None and now >= self._next:
            self._rung += 1
            name = f"demo-{self._rung}"
            self._ref = self._calls.ring(self._number(), external_id=name).ref
            self._ringing = name, now + PATIENCE
            self._next = now + timedelta(seconds=self._rng.randint(*_APART))

    def _give_up(self, name: str) -> None:
        """Hang up, unless somebody has answered: who is being talked to stays on the line."""
        if self._calls.get(self._ref).rings:
            self._calls.hang_up(name)

    def _number(self) -> str:
        """Return who rings: the first is verified with a code of `CODES_TO_TRY`, others may be anybody."""
        organisations = self._world.organisations
        if self._rung == 1:
            return next(each for each in organisations if each.id == "jorat").contacts[0].phone
        if self._rung % 3 == 0:
            return _ABROAD
        return self._rng.choice(self._rng.choice(organisations).contacts).phone


class _Clock:
    """A clock of the past that is set by hand."""

    def __init__(self, now: datetime) -> None:
        self._now = now

    def __call__(self) -> datetime:
        return self._now

    def advance(self, seconds: int) -> None:
        """Let so many seconds pass."""
        self._now += timedelta(seconds=seconds)
