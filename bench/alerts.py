"""What looking for alerts costs, how soon a notification is there, and who waits for one that hangs.

- A look: after one ticket was changed, and after one came in of which an alert is to be raised, with 100 000
  open tickets against 100.
- From the instant at which a quarter of a guarantee is left to the notification that a service of our own
  gets on a bus of our own, sent by a board.
- A key's frame on a board whose notification hangs, against one on the same database that has no desktop.

The last two need dbus-daemon (Debian: dbus) and notify-send (Debian: libnotify-bin).
ONCALL_BENCH_SHORT=1 looks at 10 000 tickets and measures a few times, for a look.
"""

from __future__ import annotations

import os
import random
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from datetime import timedelta
from pathlib import Path
from statistics import median

from figures import exit_status, figure, heading
from keyboard import CURSOR, MOVES, UNREAD, p95, pressed
from samples import desk_on, fill
from servers import postgresql
from terminals import OnTerminal

from oncall_tui.desk import Desk
from oncall_tui.domain.tickets import Channel

sys.path.append(str(Path(__file__).parents[1] / "tests"))
from notifications import Bus, Service

SHORT = bool(os.environ.get("ONCALL_BENCH_SHORT"))
FEW, MANY = 100, 10_000 if SHORT else 100_000
LOOKS = 20 if SHORT else 100
BOARDS = 2 if SHORT else 10
EACH = 3
"""How many notifications a board shows in a minute; what comes beyond is grouped."""

RINGS = 4 if SHORT else 24


def main() -> int:
    with tempfile.TemporaryDirectory(prefix="oncall-bench-") as folder:
        looks("SQLite", [f"sqlite:///{folder}/{tickets}.db" for tickets in (FEW, MANY)])
    with postgresql() as few, postgresql() as many:
        looks("PostgreSQL", [few, many])
    if Bus.possible() and shutil.which("notify-send"):
        with tempfile.TemporaryDirectory(prefix="oncall-bench-") as folder:
            on_the_bus(Path(folder))
    else:
        print("no notification is shown: that needs dbus-daemon and notify-send")
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


def on_the_bus(folder: Path) -> None:
    """Print how soon notifications arrive, and what keys wait for where they hang."""
    bus = Bus(folder)
    service = Service(bus.address, folder)
    try:
        soon(folder, bus, service)
        keys(folder, bus, service)
    finally:
        service.stop()
        bus.stop()


def _board(folder: Path, database: str, name: str, bus: str) -> OnTerminal:
    """Start a board whose desktop is on `bus`, empty for none; a guarantee is told of at a quarter alone."""
    settings = folder / "settings.toml"
    settings.write_text('[alerts]\nresponse = [25]\noff = ["new", "promise"]\n')
    options = ["--config", str(settings), "--database", database, "--as", name]
    env = {f"XDG_{kind}_HOME": str(folder) for kind in ("CONFIG", "DATA", "STATE", "CACHE")}
    env |= {"DBUS_SESSION_BUS_ADDRESS": bus, "XDG_RUNTIME_DIR": str(folder)}
    env |= {"SSH_CONNECTION": "", "SSH_TTY": ""}
    return OnTerminal([sys.executable, "-m", "oncall_tui", *options, "open"], env)


def soon(folder: Path, bus: Bus, service: Service) -> None:
    """Print how long after its instant a threshold is shown."""
    database = f"sqlite:///{folder}/soon.db"
    fill(database, FEW)
    desk = desk_on(database)
    desk.alerts.evaluate()
    random.seed(1)
    due: dict[str, float] = {}
    for number in range(BOARDS):
        board = _board(folder, database, f"engineer {number}", bus.address)
        try:
            board.wait_for(" s ago")
            board.discard(2)
            for each in range(EACH):
                at = desk.clock() + timedelta(seconds=1 + 2 * each + random.random())
                ticket = desk.tickets.new(
                    customer="c0",
                    channel=Channel.EMERGENCY,
                    subject="Cluster unreachable",
                    received_at=at - timedelta(minutes=45),
                )
                due[ticket.ref] = at.timestamp()
            arrived = len(due)
            while len(service.shown()) < arrived:
                board.discard(0.1)
        finally:
            board.end()
        for alert in desk.alerts.page(2 * EACH, open_only=True):
            # The next board is told of what it brings about itself, and of nothing else.
            desk.alerts.acknowledge(alert.id)
    desk.close()
    took = [each.at - due[each.body.split(",")[0]] for each in service.shown()]
    if min(took) < 0:
        raise SystemExit(f"a notification came {-min(took):.3f} s early")
    heading("p95", "allowed")
    figure("from a threshold to its notification", p95(took) * 1e3, 1500, "ms", at_most=1)
    print(f"{'':4}median {median(took) * 1e3:.0f} ms of {len(took)}")


def keys(folder: Path, bus: Bus, service: Service) -> None:
    """Print what a key takes while a notification hangs, and where there is none."""
    database = f"sqlite:///{folder}/keys.db"
    fill(database, 1_000)
    desk = desk_on(database)
    boards = {
        "hangs": _board(folder, database, "Anne", bus.address),
        "none": _board(folder, database, "Bruno", ""),
    }
    took: dict[str, list[float]] = {name: [] for name in boards}
    try:
        for board in boards.values():
            board.wait_for(" s ago")
            board.discard(2)
        service.hang()
        half = len(MOVES) // 2
        for number in range(RINGS):
            desk.calls.ring(f"+4122555{number:04}", external_id=str(number))
            for board in boards.values():
                board.wait_for(f"+4122555{number:04}")
            moves = MOVES[:half] if number % 2 == 0 else MOVES[half:]
            # In turns, each as often first: so both have as many keys in the first moment of it.
            order = list(boards) if number % 4 < 2 else list(reversed(boards))
            for key in moves:
                for name in order:
                    took[name] += pressed(boards[name], [key], cursor=CURSOR, unread=UNREAD)
            desk.calls.hang_up(str(number))
            for board in boards.values():
                board.discard(0.5)
    finally:
        for board in boards.values():
            board.end()
        desk.close()
    heading("hangs", "none")
    hangs, none = (p95(took[name]) * 1e3 for name in ("hangs", "none"))
    figure("key to frame, p95, while a notification hangs", hangs, none, "ms", at_most=1.1)
    hangs, none = (median(took[name]) * 1e3 for name in ("hangs", "none"))
    figure("the same, median", hangs, none, "ms")


if __name__ == "__main__":
    sys.exit(main())
