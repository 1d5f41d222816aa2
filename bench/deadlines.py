"""How long a deadline takes, and how often others get it wrong over a DST night.

Run as `python bench/deadlines.py`, with the `bench` extra installed. Each peer gets its input in the
form that it likes best, prepared beforehand, and the shortest definition of the calendar that it
understands. Ends with status 1 if a ratio falls short of its target.
"""

from __future__ import annotations

import random
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from figures import NAME_WIDTH, best_of_interleaved, exit_status, heading, peer, speedup

from oncall_tui.domain.hours import OpeningHours

ZONE = "Europe/Zurich"
LOCAL = ZoneInfo(ZONE)
BUDGET = timedelta(hours=4)
STARTS = 1_000
SLOW_STARTS = 10
TARGETS = {"businesstimedelta": 60, "opening-hours-py": 8}
DST_NIGHTS = [
    datetime.fromisoformat(f"{day}T01:00+00:00") for day in ("2026-03-29", "2026-10-25", "2027-03-28")
]

Add = Callable[[Any], Any]


class Refused(Exception):
    """The peer can't express this calendar."""


@dataclass(frozen=True)
class Calendar:
    """Hours as [opens, closes) o'clock on the first `days` days of the week, local time."""

    name: str
    days: int
    spans: tuple[tuple[int, int], ...]

    def is_open(self, wall: datetime) -> bool:
        return wall.weekday() < self.days and any(opens <= wall.hour < closes for opens, closes in self.spans)

    def weekly(self) -> dict[str, list[str]]:
        key = "daily" if self.days == 7 else "weekdays"
        return {key: [f"{opens:02}:00-{closes:02}:00" for opens, closes in self.spans]}


CALENDARS = [
    Calendar("email, daily 06-23", 7, ((6, 23),)),
    Calendar("phone, Mon-Fri 06-19", 5, ((6, 19),)),
    Calendar("emergency, 24/7", 7, ((0, 24),)),
    Calendar("night, 00-06 and 22-24", 7, ((0, 6), (22, 24))),
]


def ours(calendar: Calendar) -> tuple[Add, Add]:
    hours = OpeningHours("bench", ZONE, calendar.weekly())
    return _same, lambda start: hours.add(start, BUDGET)


def businesstimedelta(calendar: Calendar) -> tuple[Add, Add]:
    library, pytz = peer("businesstimedelta"), peer("pytz")
    zone = pytz.timezone(ZONE)
    rules = [
        library.WorkDayRule(
            start_time=time(opens),
            end_time=time(closes) if closes < 24 else time.max,
            working_days=list(range(calendar.days)),
            tz=zone,
        )
        for opens, closes in calendar.spans
    ]
    budget = library.BusinessTimeDelta(library.Rules(rules), timedelta=BUDGET)
    return (lambda start: start.astimezone(zone)), (lambda start: start + budget)


def opening_hours_py(calendar: Calendar) -> tuple[Add, Add]:
    library = peer("opening_hours")
    days = "" if calendar.days == 7 else "Mo-Fr "
    spans = ",".join(f"{opens:02}:00-{closes:02}:00" for opens, closes in calendar.spans)
    hours = library.OpeningHours(days + spans, timezone=LOCAL)
    is_open = library.State.OPEN

    def add(start: datetime) -> Any:
        left = BUDGET
        for opens, closes, state, _ in hours.intervals(start):
            if state == is_open:
                # In UTC: between two datetimes of one zone Python takes the wall clock's word.
                begins = opens.astimezone(UTC)
                if closes is None or (length := closes.astimezone(UTC) - begins) >= left:
                    return begins + left
                left -= length
        raise AssertionError("never open again")

    return (lambda start: start.astimezone(LOCAL)), add


def pandas(calendar: Calendar) -> tuple[Add, Add]:
    library = peer("pandas")
    if calendar.spans == ((0, 24),):
        try:
            library.offsets.CustomBusinessHour(start="00:00", end="00:00", weekmask="1111111")
        except ValueError as refusal:
            raise Refused(f"pandas refuses it: {refusal}") from None
    # It takes hours across midnight only as one span, never split at 24:00.
    opens, closes = calendar.spans[0] if len(calendar.spans) == 1 else (22, 6)
    hour = library.offsets.CustomBusinessHour(
        start=f"{opens:02}:00",
        end=f"{closes:02}:00",
        weekmask="1" * calendar.days + "0" * (7 - calendar.days),
    )
    budget = hour * (BUDGET // timedelta(hours=1))
    return (lambda start: library.Timestamp(start).tz_convert(ZONE)), (lambda start: start + budget)


def naive_loop(calendar: Calendar) -> tuple[Add, Add]:
    """What is written first by nearly everybody: local days, the clock on the wall, no zone in between."""

    def add(start: datetime) -> datetime:
        left, at = BUDGET, start
        while True:
            midnight = at.replace(hour=0, minute=0, second=0, microsecond=0)
            if midnight.weekday() < calendar.days:
                for opens, closes in calendar.spans:
                    begins = max(midnight + timedelta(hours=opens), at)
                    length = midnight + timedelta(hours=closes) - begins
                    if length >= left:
                        return (begins + left).replace(tzinfo=LOCAL)
                    if length > timedelta(0):
                        left -= length
            at = midnight + timedelta(days=1)

    return (lambda start: start.astimezone(LOCAL).replace(tzinfo=None)), add


def minute_by_minute(calendar: Calendar) -> tuple[Add, Add]:
    """The oracle: real minutes in UTC, and what the clock on the wall says in each."""
    minute = timedelta(minutes=1)

    def add(start: datetime) -> datetime:
        at, left = start, BUDGET
        while left:
            if calendar.is_open(at.astimezone(LOCAL)):
                left -= minute
            at += minute
        return at

    return _same, add


PEERS: dict[str, Callable[[Calendar], tuple[Add, Add]]] = {
    "businesstimedelta": businesstimedelta,
    "opening-hours-py": opening_hours_py,
    "pandas CustomBusinessHour": pandas,
    "naive loop over local days": naive_loop,
    "minute by minute": minute_by_minute,
}


def speed() -> None:
    """Print microseconds a deadline."""
    chance = random.Random(20261025)
    # A summer without clock changes: pandas raises over some of them.
    summer = datetime(2026, 4, 6, tzinfo=UTC)
    starts = [summer + timedelta(minutes=chance.randrange(180 * 24 * 60)) for _ in range(STARTS)]
    heading("ours", "other")
    for calendar in CALENDARS:
        adds, counts = {"ours": _batch(ours(calendar), starts)}, {"ours": STARTS}
        for name, make in PEERS.items():
            counts[name] = SLOW_STARTS if make is minute_by_minute else STARTS
            try:
                adds[name] = _batch(make(calendar), starts[: counts[name]])
            except Refused as refusal:
                print(f"{calendar.name}: {refusal}")
        best = best_of_interleaved(adds, repeats=15)
        each = {name: seconds / counts[name] * 1e6 for name, seconds in best.items()}
        for name in list(each)[1:]:
            speedup(f"{calendar.name}: {name}", each["ours"], each[name], "µs", at_least=TARGETS.get(name))


def errors() -> None:
    """Print the share of wrong deadlines for starts every 15 minutes of DST nights, six hours either way."""
    starts = [night + timedelta(minutes=15 * n) for night in DST_NIGHTS for n in range(-24, 25)]
    heading("ours wrong", "other wrong", "")
    for calendar in CALENDARS:
        right = _results(minute_by_minute(calendar), starts)
        mine = _wrong(right, _results(ours(calendar), starts))
        for name, make in list(PEERS.items())[:-1]:
            try:
                theirs = _wrong(right, _results(make(calendar), starts))
            except Refused as refusal:
                print(f"{calendar.name}: {refusal}")
                continue
            label = f"{calendar.name}: {name}"
            print(f"{label:{NAME_WIDTH}}{mine:>12.1%}{theirs:>14.1%}")


def _same(start: datetime) -> datetime:
    return start


def _batch(prepared: tuple[Add, Add], starts: Sequence[datetime]) -> Callable[[], None]:
    prepare, add = prepared
    inputs = [prepare(start) for start in starts]

    def run() -> None:
        for start in inputs:
            add(start)

    return run


def _results(prepared: tuple[Add, Add], starts: Sequence[datetime]) -> list[datetime | None]:
    prepare, add = prepared
    results: list[datetime | None] = []
    for start in starts:
        try:
            results.append(add(prepare(start)))
        except ValueError:  # pandas, where its result is a local time that doesn't exist
            results.append(None)
    return results


def _wrong(right: Sequence[datetime | None], found: Sequence[datetime | None]) -> float:
    # A second of tolerance: a peer without 24:00 loses a microsecond a day.
    second = timedelta(seconds=1)
    wrong = [
        known is None or other is None or abs(known - other) > second
        for known, other in zip(right, found, strict=True)
    ]
    return sum(wrong) / len(wrong)


def main() -> int:
    speed()
    print()
    errors()
    return exit_status()


if __name__ == "__main__":
    sys.exit(main())
