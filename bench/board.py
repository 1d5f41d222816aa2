"""From the command to the first frame and to the first rows, against a bare Textual app and its peers.

Each program is started on a pseudo terminal of its own and timed until a text stands in its output.
The peers come from PyPI, each in a virtual environment of its own under `.bench-venvs/`; one that
can't be installed is left out, with a line that says so.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from figures import best_of_interleaved, exit_status, figure, heading
from terminals import started

ROOT = Path(__file__).parent.parent
VENVS = ROOT / ".bench-venvs"
REPEATS = 11
TICKETS = 100

BARE = """
from textual.app import App
from textual.widgets import Static

class Bare(App):
    def compose(self):
        yield Static("bare frame")

Bare().run()
"""

PEERS: dict[str, tuple[list[str], list[str]]] = {
    "posting": (["posting", "tree-sitter==0.25.2"], ["posting"]),
    "harlequin": (["harlequin"], ["harlequin", ":memory:"]),
    "jiratui": (["jiratui", "textual==6.4.0"], ["jiratui", "ui"]),
}
A_FRAME = "\x1b[2;1H"
"""What every Textual app writes when it draws its second line for the first time."""

# jiratui starts only with a configuration; nothing answers at this address.
JIRATUI = """
jira_api_username: nobody
jira_api_token: none
jira_api_base_url: http://127.0.0.1:9
"""


def main() -> int:
    with tempfile.TemporaryDirectory(prefix="oncall-bench-") as folder:
        database = f"sqlite:///{folder}/board.db"
        fill(database)
        home = {"XDG_CONFIG_HOME": folder, "XDG_DATA_HOME": folder, "XDG_STATE_HOME": folder, "HOME": folder}
        bare = [sys.executable, "-c", BARE]
        ours = [sys.executable, "-m", "oncall_tui", "--database", database, "open"]
        calls: dict[str, Callable[[], object]] = {
            "bare": lambda: started(bare, "bare frame", home),
            "frame": lambda: started(ours, "On call", home),
            "rows": lambda: started(ours, "Bench customer", home),
        }
        (Path(folder) / "jiratui").mkdir()
        (Path(folder) / "jiratui" / "config.yaml").write_text(JIRATUI)
        for name, (packages, command) in PEERS.items():
            program = installed(name, packages, command)
            if program is not None:
                calls[name] = _peer(program, home)
        best = {name: seconds * 1e3 for name, seconds in best_of_interleaved(calls, REPEATS).items()}

    heading("ours", "other")
    figure("first frame : bare Textual app", best["frame"], best["bare"], "ms", at_most=1.3)
    figure(
        f"first rows of {TICKETS} tickets : bare Textual app", best["rows"], best["bare"], "ms", at_most=2.5
    )
    for name in PEERS:
        if name in best:
            figure(f"first rows : first frame of {name}", best["rows"], best[name], "ms", at_most=1.0)
    return exit_status()


def _peer(program: list[str], home: dict[str, str]) -> Callable[[], object]:
    return lambda: started(program, A_FRAME, home)


def fill(database: str) -> None:
    from datetime import UTC, datetime, timedelta

    from oncall_tui.config import load_settings
    from oncall_tui.desk import open_desk
    from oncall_tui.domain.customers import Customer
    from oncall_tui.domain.plans import Plan
    from oncall_tui.domain.tickets import Channel
    from oncall_tui.store import customers

    now = datetime.now(UTC)
    desk = open_desk(database, load_settings(None, {}).offer, "bench", clock=lambda: now)
    with desk.store.begin() as tx:
        customers.add(tx, [(Customer("bench", "Bench customer", Plan.ENTERPRISE), None)])
    for number in range(TICKETS):
        desk.tickets.new(
            customer="bench",
            channel=Channel.EMERGENCY,
            subject=f"Ticket {number}",
            received_at=now - timedelta(minutes=number),
        )
    desk.close()


def installed(name: str, packages: list[str], command: list[str]) -> list[str] | None:
    """Return the command of a peer, installed when it isn't yet; None where that fails."""
    folder = VENVS / name
    program = folder / "bin" / command[0]
    if not program.exists():
        print(f"installing {name} into {folder.relative_to(ROOT)} …", file=sys.stderr, flush=True)
        for step in (
            [sys.executable, "-m", "venv", str(folder)],
            [str(folder / "bin" / "python"), "-m", "pip", "install", "--quiet", *packages],
        ):
            done = subprocess.run(step, capture_output=True, text=True)
            if done.returncode:
                print(f"{name} can't be installed and is left out: {done.stderr[-300:]}", file=sys.stderr)
                return None
    return [str(program), *command[1:]] if os.access(program, os.X_OK) else None


if __name__ == "__main__":
    sys.exit(main())
