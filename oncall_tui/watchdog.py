"""Noticing that time didn't go by as it should: sleep, a stopped process, a clock that was set.

Three clocks are compared once a second. The monotonic one stands still while a laptop sleeps, the
boot clock doesn't, and the wall clock goes where somebody sets it. Pure: the readings are arguments.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum

JUMP_SECONDS = 2.0
"""A drift between two clocks from one look to the next that isn't counted as imprecision."""

PAUSE_SECONDS = 10.0
"""A gap between two looks, meant to be a second, that means that the process stood still."""


@dataclass(frozen=True, slots=True)
class Reading:
    """The three clocks at one moment, in seconds. `boot` is None where the system has none."""

    wall: float
    monotonic: float
    boot: float | None

    @classmethod
    def now(cls) -> Reading:
        """Read the clocks of this machine."""
        return cls(time.time(), time.monotonic(), _boot_clock())


def _boot_clock() -> float | None:
    clock = getattr(time, "CLOCK_BOOTTIME", None)
    return None if clock is None else time.clock_gettime(clock)


class Oddity(StrEnum):
    """What happened to time."""

    ASLEEP = "asleep"
    STOPPED = "stopped"
    CLOCK_FORWARD = "clock set forward"
    CLOCK_BACK = "clock set back"


@dataclass(frozen=True, slots=True)
class Finding:
    """An oddity between two looks: `before` and `after` are what the wall clock said (UTC)."""

    oddity: Oddity
    before: datetime
    after: datetime
    seconds: float


class Watchdog:
    """Compares each reading with the one before."""

    def __init__(self, first: Reading) -> None:
        self._last = first

    def look(self, reading: Reading) -> Finding | None:
        """Return what happened since the look before, None if time went by as it should."""
        last, self._last = self._last, reading
        wall = reading.wall - last.wall
        ran = reading.monotonic - last.monotonic
        slept = 0.0
        if reading.boot is not None and last.boot is not None:
            slept = (reading.boot - last.boot) - ran
        drift = wall - ran - slept
        if drift < -JUMP_SECONDS:
            return self._found(Oddity.CLOCK_BACK, last, reading, -drift)
        if slept > JUMP_SECONDS:
            return self._found(Oddity.ASLEEP, last, reading, slept)
        if drift > JUMP_SECONDS:
            # Without a boot clock sleep and a clock set forward look the same, and sleep is what happens.
            oddity = Oddity.ASLEEP if reading.boot is None else Oddity.CLOCK_FORWARD
            return self._found(oddity, last, reading, drift)
        if ran > PAUSE_SECONDS:
            return self._found(Oddity.STOPPED, last, reading, ran)
        return None

    @staticmethod
    def _found(oddity: Oddity, last: Reading, reading: Reading, seconds: float) -> Finding:
        before, after = (datetime.fromtimestamp(each.wall, UTC) for each in (last, reading))
        return Finding(oddity, before, after, seconds)
