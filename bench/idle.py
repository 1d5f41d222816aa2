"""What a board costs that nobody touches, and whether it grows.

- CPU: the processor time that a board of 10 000 open tickets takes in a minute, all threads, against
  a bare Textual app that shows the time in one line. Both run at the same time. Sixteen lines of the
  board show seconds; the figure of a board on which every line does stands below, without a bound.
- Memory: what is the process's alone (USS) after 20 000 ticks against after 200, more than five hours
  of a night. The board runs without a terminal and on a clock that is set by hand; each tick is painted
  before the next, and every tenth second the store is asked what changed.

ONCALL_BENCH_SHORT=1 idles for ten seconds and ticks 2 000 times, for a look.
"""

from __future__ import annotations

import asyncio
import gc
import os
import subprocess
import sys
import tempfile
from datetime import timedelta

from figures import exit_status, figure, heading
from processes import cpu_seconds, own_mib
from samples import desk_on, fill
from terminals import OnTerminal, look_on

TICKETS = 10_000
SHORT = bool(os.environ.get("ONCALL_BENCH_SHORT"))
SECONDS = 10 if SHORT else 60
SETTLED = 5
FEW_TICKS, MANY_TICKS = (200, 2_000) if SHORT else (200, 20_000)
TICKS_A_REFRESH = 10

CLOCK = """
import time
from textual.app import App
from textual.widgets import Static

class Bare(App):
    def compose(self):
        self.clock = Static("bare frame")
        yield self.clock

    def on_mount(self):
        self.set_interval(1, lambda: self.clock.update(time.strftime("%H:%M:%S")))

Bare().run()
"""


def main() -> int:
    with tempfile.TemporaryDirectory(prefix="oncall-bench-") as folder:
        calm, busy = f"sqlite:///{folder}/calm.db", f"sqlite:///{folder}/busy.db"
        fill(calm, TICKETS)
        fill(busy, TICKETS, soon=60)
        cpu(calm, busy, folder)
        memory(calm)
    return exit_status()


def cpu(calm: str, busy: str, folder: str) -> None:
    """Print what a minute of idling costs."""
    home = {"XDG_CONFIG_HOME": folder, "XDG_DATA_HOME": folder, "XDG_STATE_HOME": folder}
    ours = [sys.executable, "-m", "oncall_tui", "--database"]
    programs = {
        "bare": OnTerminal([sys.executable, "-c", CLOCK], home),
        "calm": OnTerminal([*ours, calm, "open"], home),
        "busy": OnTerminal([*ours, busy, "open"], home),
    }
    try:
        look_on(list(programs.values()), SETTLED)
        before = {name: cpu_seconds(each.process.pid) for name, each in programs.items()}
        look_on(list(programs.values()), SECONDS)
        used = {name: cpu_seconds(each.process.pid) - before[name] for name, each in programs.items()}
    finally:
        for each in programs.values():
            each.end()
    milliseconds = {name: seconds / SECONDS * 1e3 for name, seconds in used.items()}
    heading("ours", "other")
    figure(
        f"a second of {TICKETS} tickets, CPU : a clock",
        milliseconds["calm"],
        milliseconds["bare"],
        "ms",
        at_most=2,
    )
    figure("the same, seconds on every line : a clock", milliseconds["busy"], milliseconds["bare"], "ms")


def memory(database: str) -> None:
    """Print what ticking leaves behind, measured in a process of its own."""
    few, many = (
        float(part)
        for part in subprocess.run(
            [sys.executable, __file__, database],
            # Textual draws at most so often; a tick needn't wait for its turn.
            env={**os.environ, "TEXTUAL_FPS": "1000"},
            check=True,
            capture_output=True,
            text=True,
        ).stdout.split()
    )
    heading(f"{MANY_TICKS}", f"{FEW_TICKS}")
    figure("memory after so many ticks", many, few, "MiB", at_most=1.05)


async def tick(database: str) -> None:
    """Let a board tick; print its memory twice, in MiB."""
    from oncall_tui.app import OncallApp
    from oncall_tui.config import load_settings
    from oncall_tui.screens.session import Session

    desk = desk_on(database)
    now = desk.clock()
    settings = load_settings(None, {}, database=database)
    session = Session("Bench", "bench", settings.offer.zone, lambda: now)
    app = OncallApp(session, lambda: desk, live=False)
    async with app.run_test(size=(120, 40)) as pilot:
        while not app.board.tickets.view.complete:
            await pilot.pause()
        for number in range(1, MANY_TICKS + 1):
            now += timedelta(seconds=1)
            app.board.tick(now)
            if number % TICKS_A_REFRESH == 0:
                session.refresh()
            painted = asyncio.Event()
            app.board.call_after_refresh(painted.set)
            await painted.wait()
            if number in (FEW_TICKS, MANY_TICKS):
                gc.collect()
                print(own_mib(os.getpid()), flush=True)


if __name__ == "__main__":
    if sys.argv[1:]:
        asyncio.run(tick(sys.argv[1]))
    else:
        sys.exit(main())
