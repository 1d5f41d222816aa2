"""What looking for alerts costs, and how soon a notification is there.

- A look: after one ticket was changed, and after one came in of which an alert is to be raised, with 100 000
  open tickets against 100.

ONCALL_BENCH_SHORT=1 looks at 10 000 tickets and a few times, for a look.
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from statistics import median

from figures import exit_status, figure, heading
from samples import desk_on, fill
from servers import postgresql

from oncall_tui.desk import Desk
from oncall_tui.domain.tickets import Channel

SHORT = bool(os.environ.get("ONCALL_BENCH_SHORT"))
FEW, MANY = 100, 10_000 if SHORT else 100_000
LOOKS = 20 if SHORT else 100


def main() -> int:
    with tempfile.TemporaryDirectory(prefix="oncall-bench-") as folder:
        looks("SQLite", [f"sqlite:///{folder}/{tickets}.db" for tickets in (FEW, MANY)])
    with postgresql() as few, postgresql() as many:
        looks("PostgreSQL", [few, many])
    return exit_status()


def looks(name: str, databases: Sequence[str]) -> None:
    """Print what one look takes on the two `databases`, which are filled before."""
    acting, looking = [], []
    for tickets, database in zip((FEW, MANY), databases, strict=True):
        fill(database, tickets)
        acting.append(desk_on(database))
        with acting[-1].store.engine.begin() as connection:
            # What PostgreSQL does by itself within a minute.
            connection.exec_driver_sql("ANALYZE")
        looking.append(desk_on(database))
        looking[-1].alerts.evaluate()
    heading(f"{MANY}", f"{FEW}")
    for what, act in (("one ticket changed", _change), ("one to tell of", _file)):
        few, many = (median(each) for each in _timed(acting, looking, act))
        figure(f"a look for alerts, {what}, {name}", many * 1e3, few * 1e3, "ms", at_most=1.3)
    for desk in (*acting, *looking):
        desk.close()


def _timed(
    acting: Sequence[Desk], looking: Sequence[Desk], act: Callable[[Desk, int], None]
) -> Sequence[list[float]]:
    """Return the seconds of each look on each database, taken in turns."""
    took: list[list[float]] = [[] for _ in looking]
    for number in range(LOOKS):
        for at, desk in enumerate(looking):
            act(acting[at], number)
            begun = time.perf_counter()
            desk.alerts.evaluate()
            took[at].append(time.perf_counter() - begun)
    return took


def _change(desk: Desk, number: int) -> None:
    desk.tickets.note(number % FEW + 1, "seen")


def _file(desk: Desk, _number: int) -> None:
    desk.tickets.new(customer="c0", channel=Channel.EMAIL, subject="Mail queue stuck")


if __name__ == "__main__":
    sys.exit(main())
