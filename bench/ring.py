"""From a ring that the hook of a telephone system tells of to the first line of somebody else's board."""

from __future__ import annotations

import os
import random
import subprocess
import sys
import tempfile
import threading
import time

from board import fill
from figures import exit_status, figure, heading
from samples import desk_on
from servers import postgresql
from terminals import OnTerminal

RINGS = 10 if os.environ.get("ONCALL_BENCH_SHORT") else 40


def main() -> int:
    heading("p95", "allowed")
    with tempfile.TemporaryDirectory(prefix="oncall-bench-") as folder:
        measure("SQLite", f"sqlite:///{folder}/ring.db", folder, 500)
    with postgresql() as url, tempfile.TemporaryDirectory(prefix="oncall-bench-") as folder:
        measure("PostgreSQL", url, folder, 150)
    return exit_status()


def measure(name: str, database: str, home: str, allowed: float) -> None:
    """Print how long a ring takes to the screen, in ms: from the commit of one that is told by a desk here,
    and from the end of a process that tells it. `allowed` is the most that 95 of 100 may take.
    """
    fill(database)
    desk = desk_on(database)
    env = {f"XDG_{kind}_HOME": home for kind in ("CONFIG", "DATA", "STATE", "CACHE")}
    program = [sys.executable, "-m", "oncall_tui", "--database", database]
    board = OnTerminal([*program, "open"], env)
    from_commit, from_end, from_start = [], [], []
    random.seed(1)

    def quiet() -> None:
        # At no fixed moment of anybody's interval.
        time.sleep(random.uniform(0.3, 0.8))
        board.discard()

    def over(external_id: str) -> None:
        board.discard()
        desk.calls.hang_up(external_id)
        board.wait_for("missed, nobody answered")

    try:
        board.wait_for("Bench customer")
        board.wait_for(" s ago")
        time.sleep(2)  # the scheduler and the first refreshes
        for number in range(RINGS):
            quiet()
            desk.calls.ring(f"+4122555{number:04}", external_id=f"desk-{number}")
            committed = time.perf_counter()
            from_commit.append((board.wait_for(f"+4122555{number:04}") - committed) * 1e3)
            over(f"desk-{number}")
            quiet()
            hook = Hook([*program, "call", "ring", "--from", f"+4179555{number:04}"], f"hook-{number}", env)
            shown = board.wait_for(f"+4179555{number:04}")
            from_end.append(max(shown - hook.ended(), 0.0) * 1e3)
            from_start.append((shown - hook.begun) * 1e3)
            over(f"hook-{number}")
    finally:
        board.end()
        desk.close()
    figure(f"ring to screen, from its commit, {name}", share(from_commit, 95), allowed, "ms", at_most=1)
    figure(f"ring to screen, from the hook's end, {name}", share(from_end, 95), allowed, "ms", at_most=1)
    print(
        f"{'':4}medians {share(from_commit, 50):.0f} and {share(from_end, 50):.0f} ms;"
        f" from the start of the hook {share(from_start, 50):.0f} ms, p95 {share(from_start, 95):.0f} ms"
    )


class Hook:
    """A process that tells of a ring. It began and `ended` on the clock of `time.perf_counter`."""

    def __init__(self, command: list[str], external_id: str, env: dict[str, str]) -> None:
        self.begun = time.perf_counter()
        self._process = subprocess.Popen(
            [*command, "--external-id", external_id], env=os.environ | env, stdout=subprocess.DEVNULL
        )
        self._ended = 0.0
        # Of its own, since the screen may show the ring before the process has ended.
        self._thread = threading.Thread(target=self._wait)
        self._thread.start()

    def _wait(self) -> None:
        if self._process.wait() != 0:
            raise SystemExit(f"{self._process.args!r} ended with {self._process.returncode}")
        self._ended = time.perf_counter()

    def ended(self) -> float:
        self._thread.join()
        return self._ended


def share(took: list[float], percent: int) -> float:
    """Return what so many percent took at most."""
    return sorted(took)[len(took) * percent // 100]


if __name__ == "__main__":
    sys.exit(main())
