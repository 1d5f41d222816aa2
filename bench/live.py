"""From a commit in one process to its line on the board of another, on SQLite and PostgreSQL."""

from __future__ import annotations

import random
import sys
import tempfile
import time

from board import fill
from figures import exit_status, figure, heading
from servers import postgresql
from terminals import OnTerminal

COMMITS = 60


def main() -> int:
    heading("p95", "allowed")
    with tempfile.TemporaryDirectory(prefix="oncall-bench-") as folder:
        measure("SQLite", f"sqlite:///{folder}/live.db", folder, 500)
    with postgresql() as url, tempfile.TemporaryDirectory(prefix="oncall-bench-") as folder:
        measure("PostgreSQL", url, folder, 150)
    return exit_status()


def measure(name: str, database: str, home: str, allowed: float) -> None:
    """Print how long a line takes, in ms; `allowed` is the most that 95 of 100 may."""
    from datetime import UTC, datetime, timedelta

    from oncall_tui.config import load_settings
    from oncall_tui.desk import open_desk
    from oncall_tui.domain.tickets import Channel

    fill(database)
    desk = open_desk(database, load_settings(None, {}).offer, "bench", clock=lambda: datetime.now(UTC))
    env = {"XDG_CONFIG_HOME": home, "XDG_DATA_HOME": home, "XDG_STATE_HOME": home}
    board = OnTerminal([sys.executable, "-m", "oncall_tui", "--database", database, "open"], env)
    took = []
    random.seed(1)
    try:
        board.wait_for("Bench customer")
        board.wait_for(" s ago")
        time.sleep(2)  # the scheduler and the first refreshes
        for number in range(COMMITS):
            # At no fixed moment of anybody's interval.
            time.sleep(random.uniform(0.3, 0.8))
            board.discard()
            desk.tickets.new(
                customer="bench",
                channel=Channel.EMERGENCY,
                subject=f"Live {number:03}",
                received_at=datetime.now(UTC) - timedelta(days=1),
            )
            committed = time.perf_counter()
            took.append((board.wait_for(f"Live {number:03}") - committed) * 1e3)
    finally:
        board.end()
        desk.close()
    took.sort()
    figure(f"commit to line on the board, {name}", took[int(len(took) * 0.95)], allowed, "ms", at_most=1)
    print(f"{'':4}median {took[len(took) // 2]:.0f} ms, longest {took[-1]:.0f} ms")


if __name__ == "__main__":
    sys.exit(main())
