"""Import of 100 000 tickets against a bare `sqlite3.executemany` of the same rows."""

from __future__ import annotations

import json
import sqlite3
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

from figures import exit_status, figure, heading

TICKETS = 100_000
REPEATS = 3


def write_files(folder: Path) -> None:
    plans = ["enterprise", "pro", "plus", "standard"]
    with (folder / "customers.jsonl").open("w") as customers:
        for number in range(200):
            row = {"id": f"c{number}", "name": f"Customer {number}", "plan": plans[number % 4]}
            customers.write(json.dumps(row) + "\n")
    start = datetime(2026, 1, 5, 6, tzinfo=UTC)
    with (folder / "tickets.jsonl").open("w") as tickets:
        for number in range(TICKETS):
            received = start + timedelta(seconds=61 * number)
            row = {
                "ref": f"INC{number:07d}",
                "customer": f"c{number % 200}",
                "channel": ["email", "phone"][number % 2],
                "subject": f"Mail to customers bounces since this morning, part {number}",
                "body": "Hello, since this morning every message to our customers comes back. " * 3,
                "received_at": received.isoformat(),
                "contact": f"Contact {number % 977}",
            }
            if number % 10:
                row["owner"] = f"Engineer {number % 12}"
                row["answered_at"] = (received + timedelta(minutes=20)).isoformat()
                row["closed_at"] = (received + timedelta(hours=3)).isoformat()
            tickets.write(json.dumps(row, ensure_ascii=False) + "\n")


def run(database: Path, *arguments: str) -> float:
    begun = time.perf_counter()
    command = [sys.executable, "-m", "oncall_tui", "--database", f"sqlite:///{database}", *arguments]
    subprocess.run(command, check=True, capture_output=True)
    return time.perf_counter() - begun


def bare(source: Path, target: Path) -> float:
    """Insert every ticket row of `source` into an empty copy of its tables; seconds."""
    original = sqlite3.connect(source)
    rows = original.execute("SELECT * FROM tickets").fetchall()
    schema = [sql for (sql,) in original.execute("SELECT sql FROM sqlite_master WHERE sql IS NOT NULL")]
    original.close()
    copy = sqlite3.connect(target, isolation_level=None)
    copy.execute("PRAGMA journal_mode = WAL")
    copy.execute("PRAGMA synchronous = FULL")
    for sql in schema:
        if "tickets" in sql:
            copy.execute(sql)
    marks = ", ".join("?" for _ in rows[0])
    begun = time.perf_counter()
    copy.execute("BEGIN IMMEDIATE")
    copy.executemany(f"INSERT INTO tickets VALUES ({marks})", rows)
    copy.execute("COMMIT")
    taken = time.perf_counter() - begun
    copy.close()
    return taken


def main() -> int:
    heading("tickets/s", "tickets/s")
    ours, others = [], []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write_files(folder)
        for repeat in range(REPEATS):
            database = folder / f"{repeat}.db"
            start = run(database, "import", "customers", str(folder / "customers.jsonl"))
            # What the process itself needs to start isn't speed of importing.
            start = min(start, run(database, "import", "customers", str(folder / "customers.jsonl")))
            ours.append(run(database, "import", "tickets", str(folder / "tickets.jsonl")) - start)
            others.append(bare(database, folder / f"{repeat}-bare.db"))
    figure(
        f"import of {TICKETS} tickets : bare sqlite3.executemany",
        TICKETS / min(ours),
        TICKETS / min(others),
        at_least=0.5,
    )
    return exit_status()


if __name__ == "__main__":
    sys.exit(main())
