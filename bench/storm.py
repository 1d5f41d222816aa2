"""Key to frame while another process commits 1 000 changes a second, against the same board at rest.

The board has 10 000 open tickets. Keys are pressed in turns: some at rest, some in the storm, and
again; each is timed to the end of the frame that shows its cursor and, after a jump, the last row of
its page. What 95 of 100 keys stay within is compared, in the best of the turns. A third share of the
keys is pressed while the same process writes as fast into another database: that is what the machine
has left for a board beside a process that busy, and no board can better it.
ONCALL_BENCH_SHORT=1 makes one turn of 100 keys each, for a look.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

from figures import exit_status, figure, heading
from keyboard import CURSOR, MOVES, UNREAD, p95, pressed
from samples import fill
from servers import postgresql
from terminals import OnTerminal, look_on
from writer import CHANGES_A_SECOND

TICKETS = 10_000
SHORT = bool(os.environ.get("ONCALL_BENCH_SHORT"))
TURNS = 1 if SHORT else 3
ROUNDS_OF_KEYS = 5 if SHORT else 25
SETTLED = 3
"""Seconds in which the board reads and counts what it doesn't need for its first rows."""


class Storm:
    """The process that writes."""

    def __init__(self, database: str) -> None:
        command = [sys.executable, str(Path(__file__).with_name("writer.py")), database]
        self._process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1
        )
        self._said()

    def _said(self) -> str:
        assert self._process.stdout is not None
        return self._process.stdout.readline()

    def begin(self) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write("go\n")

    def end(self) -> float:
        """Stop it; return how many changes a second it made."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        changes, seconds = self._said().split()
        self._process.wait()
        return int(changes) / float(seconds)

    def kill(self) -> None:
        self._process.kill()
        self._process.wait()


def main() -> int:
    heading("in the storm", "at rest")
    with tempfile.TemporaryDirectory(prefix="oncall-bench-") as folder:
        measure("SQLite", f"sqlite:///{folder}/storm.db", f"sqlite:///{folder}/other.db", folder)
    with postgresql() as url, tempfile.TemporaryDirectory(prefix="oncall-bench-") as folder:
        measure("PostgreSQL", url, f"sqlite:///{folder}/other.db", folder)
    return exit_status()


def measure(name: str, database: str, other: str, folder: str) -> None:
    """Print the figures of one kind of database; `other` is one that no board looks at."""
    fill(database, TICKETS)
    fill(other, TICKETS)
    home = {"XDG_CONFIG_HOME": folder, "XDG_DATA_HOME": folder, "XDG_STATE_HOME": folder}
    best = {"rest": float("inf"), "beside": float("inf"), "storm": float("inf")}
    rates = []
    board = OnTerminal([sys.executable, "-m", "oncall_tui", "--database", database, "open"], home)
    try:
        board.wait_for("Customer 000")
        for _ in range(TURNS):
            look_on([board], SETTLED)
            at_rest(board, best)
            in_the_storm(board, best, "beside", other)
            rates.append(in_the_storm(board, best, "storm", database))
    finally:
        board.end()
    figure(f"key to frame, p95, {name}", best["storm"] * 1e3, best["rest"] * 1e3, "ms", at_most=1.5)
    figure("the same, what is written another's", best["beside"] * 1e3, best["rest"] * 1e3, "ms")
    figure("changes a second : wanted", min(rates), CHANGES_A_SECOND, at_least=0.95)


def at_rest(board: OnTerminal, best: dict[str, float]) -> None:
    best["rest"] = min(best["rest"], p95(keys_taken(board)))


def in_the_storm(board: OnTerminal, best: dict[str, float], name: str, database: str) -> float:
    """Press keys while `database` is written to; return how many changes a second there were."""
    storm = Storm(database)
    try:
        look_on([board], SETTLED)
        storm.begin()
        look_on([board], 1)
        best[name] = min(best[name], p95(keys_taken(board)))
        return storm.end()
    finally:
        storm.kill()


def keys_taken(board: OnTerminal) -> list[float]:
    """Return the seconds that each key took."""
    return pressed(board, MOVES * ROUNDS_OF_KEYS, cursor=CURSOR, unread=UNREAD)


if __name__ == "__main__":
    sys.exit(main())
