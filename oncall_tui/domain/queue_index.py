"""The index of a queue: ticket ids in one of the orders of the board.

It holds a few numbers a ticket and no row, so that a hundred thousand open tickets cost about five
megabytes, any line is found in microseconds and a thousand changes are one pass. Numbers are
microseconds since 1970 (`clock.to_micros`), or open microseconds of a calendar.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from heapq import merge
from itertools import groupby, islice
from operator import itemgetter
from typing import NamedTuple

from oncall_tui.domain.clock import to_micros
from oncall_tui.domain.id_map import IdMap
from oncall_tui.domain.queue import Order
from oncall_tui.domain.tickets import Ticket

CLOCKLESS = -1
"""The part of tickets without a running clock: after all others, oldest first (R10)."""

PLAN_STEP = 1 << 56
CLOCKLESS_STEP = 1 << 54
"""What tells plans, and inside a plan tickets without a clock, apart in one number: instants up to the
year 2199 stay below 2 to the 53.
"""

_FEW = 4
_PAGE = 128

_Key = tuple[int, int, int, int]


class Place(NamedTuple):
    """Where a ticket stands in an order: by `first`, `second`, `third`, then `id`.

    `part` says what `first` counts in: two of one part never change places, those of different parts do
    as time passes. By opening time left the parts are calendars.
    """

    part: int
    first: int
    second: int
    third: int
    id: int

    @classmethod
    def of(cls, ticket: Ticket, order: Order = Order.DUE) -> Place:
        """Return the place of `ticket` in `order`. The store says the same in `overview.place_columns`."""
        received, times = to_micros(ticket.received_at), ticket.times
        match order:
            case Order.OLDEST:
                return cls(0, received, 0, 0, ticket.id)
            case Order.NEWEST:
                return cls(0, -received, -ticket.id, 0, ticket.id)
            case Order.CHANGED:
                return cls(0, -ticket.revision, -ticket.id, 0, ticket.id)
            case Order.PLAN:
                within = CLOCKLESS_STEP + received if times is None else to_micros(times.due_at)
                return cls(0, ticket.plan.rank * PLAN_STEP + within, received, 0, ticket.id)
            case _ if times is None:
                return cls(CLOCKLESS, received, 0, 0, ticket.id)
            case Order.OPENING:
                return cls(
                    ticket.clock_calendar_id or 0, times.due_open, ticket.plan.rank, received, ticket.id
                )
            case _:
                return cls(0, to_micros(times.due_at), ticket.plan.rank, received, ticket.id)


SortKey = tuple[bool, int, int, int, int]


def sort_key(ticket: Ticket, order: Order, coordinate: Callable[[int], int]) -> SortKey:
    """Return what to sort tickets by, all parts together.

    Only the order by opening time left asks `coordinate`: where now stands in the running open
    microseconds of the calendar with an id, `REAL_TIME_CALENDAR` among them.
    """
    place = Place.of(ticket, order)
    moves = order is Order.OPENING and place.part != CLOCKLESS
    first = place.first - coordinate(place.part) if moves else place.first
    return (place.part == CLOCKLESS, first, place.second, place.third, place.id)


class QueueIndex:
    """Ticket ids in queue order. Not shared between threads."""

    def __init__(self, places: Iterable[tuple[int, int, int, int, int]] = ()) -> None:
        """Take `places` as `Place` fields, in any order."""
        self._runs: dict[int, _Run] = {}
        # Where the present stands in what `first` of a part counts in.
        self._offsets: dict[int, int] = {}
        self._page: tuple[int, list[int]] = (0, [])
        self.extend(sorted(places))

    def extend(self, places: Sequence[tuple[int, int, int, int, int]]) -> None:
        """Add `places`, those of a part together, in order and after what the part has.

        This is how a store reads them, chunk by chunk.
        """
        if places and places[0][0] == places[-1][0]:
            self._run(places[0][0]).extend(places)
        else:
            for part, some in groupby(places, key=itemgetter(0)):
                self._run(part).extend(list(some))
        self._page = (0, [])

    def advance(self, coordinates: Mapping[int, int]) -> None:
        """Take where the present stands in each calendar: what is left is `first` less that."""
        offsets = {part: coordinates[part] for part in self._runs if part in coordinates}
        if offsets != self._offsets:
            self._offsets = offsets
            self._page = (0, [])

    def __len__(self) -> int:
        return sum(map(len, self._runs.values()))

    def __contains__(self, ticket_id: int) -> bool:
        return any(ticket_id in run.where for run in self._runs.values())

    def __iter__(self) -> Iterator[int]:
        """Iterate over the ids, in no order."""
        for run in self._runs.values():
            yield from run.ids

    def id_at(self, position: int) -> int:
        """Return the ticket id at `position` from the top; IndexError outside."""
        start, ids = self._page
        if not start <= position < start + len(ids):
            start = max(position - _PAGE // 2, 0)
            ids = self.slice(start, start + _PAGE)
            self._page = (start, ids)
        if position < 0:
            raise IndexError(position)
        return ids[position - start]

    def slice(self, start: int, stop: int) -> list[int]:
        """Return the ids from `start` up to, not including, `stop`."""
        start, stop = max(start, 0), max(stop, 0)
        runs = self._clocked()
        clocked = sum(len(run) for _, run in runs)
        found: list[int] = []
        if start < min(stop, clocked):
            found = self._merged(runs, start, min(stop, clocked))
        tail = self._runs.get(CLOCKLESS)
        if tail is not None and stop > clocked:
            found += tail.ids[max(start - clocked, 0) : stop - clocked].tolist()
        return found

    def position(self, ticket_id: int) -> int | None:
        """Return where `ticket_id` stands, None if it isn't here."""
        for part, run in self._runs.items():
            at = run.find(ticket_id)
            if at is not None:
                return at + self._others_before(part, run.key_at(at))
        return None

    def rank(self, place: Place) -> int:
        """Return the position that a ticket at `place` has, or would have if it came."""
        run = self._runs.get(place.part)
        key = place[1:]
        return (0 if run is None else run.before(key)) + self._others_before(place.part, key)

    def overdue(self, now: int) -> int:
        """Return how many were due before `now`; by due time they are the first ones."""
        run = self._runs.get(0)
        return 0 if run is None else bisect_left(run.first, now)

    def apply(self, puts: Iterable[Place], gone: Iterable[int] = ()) -> None:
        """Put tickets in their places, taking them from earlier ones, and take out those of `gone`."""
        deletes: dict[int, list[int]] = {}
        inserts: dict[int, list[_Key]] = {}
        wanted = {place.id: place for place in puts}
        for ticket_id in {*gone, *wanted}:
            place = wanted.get(ticket_id)
            for part, run in self._runs.items():
                at = run.find(ticket_id)
                if at is None:
                    continue
                if place is not None and part == place.part and run.key_at(at) == place[1:]:
                    place = None
                else:
                    deletes.setdefault(part, []).append(at)
            if place is not None:
                inserts.setdefault(place.part, []).append(place[1:])
        for part in deletes.keys() | inserts.keys():
            self._run(part).change(inserts.get(part, []), deletes.get(part, []))
        if deletes or inserts:
            self._page = (0, [])

    def _run(self, part: int) -> _Run:
        return self._runs.setdefault(part, _Run())

    def _clocked(self) -> list[tuple[int, _Run]]:
        """Return the parts that are merged, each with where the present stands in it."""
        return [
            (self._offsets.get(part, 0), run)
            for part, run in self._runs.items()
            if part != CLOCKLESS and len(run)
        ]

    def _others_before(self, part: int, key: _Key) -> int:
        """Count what stands before `key` of `part` in the other parts."""
        runs = {other: run for other, run in self._runs.items() if other not in (part, CLOCKLESS)}
        if part == CLOCKLESS:
            return sum(map(len, runs.values()))
        left = key[0] - self._offsets.get(part, 0)
        return sum(run.before((left + self._offsets.get(other, 0), *key[1:])) for other, run in runs.items())

    def _merged(self, runs: list[tuple[int, _Run]], start: int, stop: int) -> list[int]:
        if len(runs) == 1:
            return runs[0][1].ids[start:stop].tolist()
        split = _split(runs, start)
        streams = [run.merging(at, offset) for (offset, run), at in zip(runs, split, strict=True)]
        return [key[3] for key in islice(merge(*streams), stop - start)]


@dataclass(frozen=True, slots=True)
class Board:
    """A queue as the store has it at `revision`."""

    index: QueueIndex
    revision: int


class _Run:
    """Keys in order, in four columns. `where` has the first number of each id, to find it by."""

    __slots__ = ("first", "ids", "second", "third", "where")

    def __init__(self) -> None:
        self.first, self.second, self.third, self.ids = (array("q") for _ in range(4))
        self.where = IdMap()

    def __len__(self) -> int:
        return len(self.ids)

    def extend(self, places: Sequence[tuple[int, int, int, int, int]]) -> None:
        _, *columns = zip(*places, strict=True)
        for column, values in zip(self._columns, columns, strict=True):
            column.extend(values)
        self.where.extend(columns[3], columns[0])

    @property
    def _columns(self) -> tuple[array[int], ...]:
        return (self.first, self.second, self.third, self.ids)

    def key_at(self, at: int) -> _Key:
        return (self.first[at], self.second[at], self.third[at], self.ids[at])

    def find(self, ticket_id: int) -> int | None:
        first = self.where.get(ticket_id)
        if first is None:
            return None
        at = bisect_left(self.first, first)
        return at if self.ids[at] == ticket_id else self.ids.index(ticket_id, at)

    def before(self, key: _Key) -> int:
        """Count the keys before `key`."""
        low = bisect_left(self.first, key[0])
        if low == len(self.first) or self.first[low] != key[0]:
            return low
        high = bisect_right(self.first, key[0], low)
        return bisect_left(range(high), key, low, high, key=self.key_at)

    def merging(self, at: int, offset: int) -> Iterator[_Key]:
        """Iterate over the keys from `at` on, the first number less `offset`."""
        for position in range(at, len(self)):
            first, *rest = self.key_at(position)
            yield (first - offset, *rest)  # type: ignore[misc]  # three are left of four

    def change(self, inserts: list[_Key], deletes: list[int]) -> None:
        """Take out what stands at `deletes`, and put `inserts` in their places."""
        for at in deletes:
            self.where.pop(self.ids[at])
        if len(inserts) + len(deletes) <= _FEW:
            for at in sorted(deletes, reverse=True):
                for column in self._columns:
                    del column[at]
            for key in inserts:
                at = self.before(key)
                for column, value in zip(self._columns, key, strict=True):
                    column.insert(at, value)
        else:
            self._change_many(sorted(inserts), deletes)
        self.where.update((key[3], key[0]) for key in inserts)

    def _change_many(self, inserts: list[_Key], deletes: list[int]) -> None:
        """Copy what stays, once, between what comes and goes: cheaper than moving it each time."""
        steps: list[tuple[int, int, _Key | None]] = [(at, 1, None) for at in deletes]
        steps += [(self.before(key), 0, key) for key in inserts]
        # Stable: keys that come in at one place are in order already.
        steps.sort(key=lambda step: step[:2])
        columns = []
        for number, column in enumerate(self._columns):
            made, done = array("q"), 0
            for at, _, key in steps:
                made += column[done:at]
                done = at
                if key is None:
                    done += 1
                else:
                    made.append(key[number])
            made += column[done:]
            columns.append(made)
        self.first, self.second, self.third, self.ids = columns


def _split(runs: list[tuple[int, _Run]], position: int) -> list[int]:
    """Return how many of each run are among the first `position` of all of them, merged."""

    def counts(left: int) -> list[int]:
        return [bisect_left(run.first, left + offset) for offset, run in runs]

    low = min(run.first[0] - offset for offset, run in runs)
    high = max(run.first[-1] - offset for offset, run in runs) + 1
    while high - low > 1:
        middle = (low + high) // 2
        if sum(counts(middle)) <= position:
            low = middle
        else:
            high = middle
    split = counts(low)
    for _ in range(position - sum(split)):
        # Equal in the first number: the others decide.
        _, chosen = min(
            ((run.first[at] - offset, *run.key_at(at)[1:]), number)
            for number, ((offset, run), at) in enumerate(zip(runs, split, strict=True))
            if at < len(run)
        )
        split[chosen] += 1
    return split
