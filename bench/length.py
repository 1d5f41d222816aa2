"""A board of 100 000 open tickets against one of 100, and the same rows in the lists of others.

- first paint: from the command to the first rows, the shortest of several starts;
- one tick: what a second of idling costs the thread that draws the screen, in processor time; beside
  it what it costs all threads, which also look for changes and count;
- key to frame: from the key to the end of the frame that shows what it did, of a jump the one that
  shows the last row of its page; what 95 of 100 keys stay within, in the best of several rounds.
  A filter is opened, written and taken away among them; how long its last letter takes until nothing
  moves any more stands below, without a bound: that is a search through all tickets;
- memory: what is the process's alone (USS) after the keys.

Rounds are interleaved, and no key is pressed near a tick. The terminal knows synchronized output, so
that the end of a frame is exact. See `peers.py` for what the others are given.
ONCALL_BENCH_SHORT=1 makes one round of 100 keys, for a look.
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from figures import best_of_interleaved, exit_status, figure, heading
from keyboard import CURSOR, FILTER, MOVES, UNREAD, can_filter, p95, pressed
from peers import PEERS, written
from processes import cpu_seconds, own_mib, screen_cpu_seconds
from samples import fill
from terminals import OnTerminal, look_on, started

MANY, FEW = 100_000, 100
SHORT = bool(os.environ.get("ONCALL_BENCH_SHORT"))
STARTS = 3 if SHORT else 9
ROUNDS = 1 if SHORT else 3
KEYS, PEER_KEYS = (100, 40) if SHORT else (500, 100)
SETTLED = 3
"""Seconds after the first rows in which the rest is read and counted."""

IDLE = 3 if SHORT else 11
"""Seconds of idling that are measured; the board counts its tickets anew within ten."""

FIRST_ROW = "Customer 000"
QUIET = 0.2
"""Seconds without a frame after which a filter has shown what it found."""

NAMES = {
    "paint": "first paint",
    "tick": "one tick",
    "idle": "an idle second, all threads",
    "key": "key to frame, p95",
    "filter": "filter to its last frame, p95",
}
BOUND = ("paint", "tick", "key")


@dataclass(frozen=True)
class Contender:
    """A program, how many keys it gets, and how its frames tell what a key did."""

    command: Sequence[str]
    keys: int = PEER_KEYS
    cursor: str = ""
    unread: str = ""


def main() -> int:
    best: dict[str, dict[str, float]] = {}
    with tempfile.TemporaryDirectory(prefix="oncall-bench-") as folder:
        home = {"XDG_CONFIG_HOME": folder, "XDG_DATA_HOME": folder, "XDG_STATE_HOME": folder}
        home["TEXTUAL_ANIMATIONS"] = "none"  # the others would glide to where a key sends them
        contenders = {}
        for tickets in (FEW, MANY):
            database = f"sqlite:///{folder}/{tickets}.db"
            fill(database, tickets)
            command = [sys.executable, "-m", "oncall_tui", "--database", database, "open"]
            contenders[str(tickets)] = Contender(command, KEYS, CURSOR, UNREAD)
        boards = dict(contenders)
        rows = Path(folder, "rows")
        written(f"sqlite:///{folder}/{MANY}.db", MANY, rows)
        for name in PEERS:
            script = Path(__file__).with_name("peers.py")
            contenders[name] = Contender([sys.executable, str(script), name, str(rows)])
        for _ in range(ROUNDS):
            for name, contender in contenders.items():
                found = measured(contender, home)
                known = best.setdefault(name, found)
                best[name] = {each: min(known[each], found[each]) for each in found}
        starts = best_of_interleaved(
            {name: lambda one=one: started(one.command, FIRST_ROW, home) for name, one in boards.items()},
            STARTS,
        )
        for name, seconds in starts.items():
            best[name]["paint"] = seconds
    report(best)
    return exit_status()


def measured(contender: Contender, env: Mapping[str, str]) -> dict[str, float]:
    """Return the figures of one run, in seconds and MiB."""
    begun = time.perf_counter()
    program = OnTerminal(contender.command, env)
    pid = program.process.pid
    try:
        paint = program.wait_for(FIRST_ROW) - begun
        look_on([program], SETTLED)
        screen, threads = screen_cpu_seconds(pid), cpu_seconds(pid)
        look_on([program], IDLE)
        screen, threads = screen_cpu_seconds(pid) - screen, cpu_seconds(pid) - threads
        took, found = keys_taken(program, contender)
        filtered = {"filter": p95(found)} if found else {}
        return {
            "paint": paint,
            "tick": screen / IDLE,
            "idle": threads / IDLE,
            "key": p95(took),
            "memory": own_mib(pid),
            **filtered,
        }
    finally:
        program.end()


def keys_taken(program: OnTerminal, contender: Contender) -> tuple[list[float], list[float]]:
    """Return the seconds that each key took, and those of each filter until it had found everything."""
    filters = bool(contender.cursor) and can_filter(program)
    took: list[float] = []
    found: list[float] = []
    while len(took) < contender.keys:
        took += pressed(program, MOVES, cursor=contender.cursor, unread=contender.unread)
        if filters:
            *word, escape = FILTER
            took += pressed(program, word)
            found.append(program.settled(QUIET))
            took += pressed(program, [escape])
            program.settled(QUIET)
    return took, found


def report(best: Mapping[str, Mapping[str, float]]) -> None:
    """Print every figure: the long board against the short one, then against the others."""
    few, many = best[str(FEW)], best[str(MANY)]
    heading(f"{MANY}", f"{FEW}")
    for name, label in NAMES.items():
        if name in many:
            at_most = 1.3 if name in BOUND else None
            figure(f"{label} : with {FEW} tickets", many[name] * 1e3, few[name] * 1e3, "ms", at_most=at_most)
    if "filter" not in many:
        print("the board has no filter: its keys are left out")
    more = many["memory"] - few["memory"]
    figure(f"memory beyond that with {FEW} tickets : 40 MiB", more, 40, "MiB", at_most=1)
    heading("ours", "other")
    for peer in PEERS:
        for name, label in NAMES.items():
            if name in best[peer]:
                figure(f"{label} : {peer}", many[name] * 1e3, best[peer][name] * 1e3, "ms")
        figure(f"memory : {peer}", many["memory"], best[peer]["memory"], "MiB")


if __name__ == "__main__":
    sys.exit(main())
