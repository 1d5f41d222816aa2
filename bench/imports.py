"""Import of 100 000 tickets against a bare `sqlite3.executemany` of the same rows.

Ours reads the file, checks and cleans every field, works every deadline out, looks every reference up
and commits every 1 000 rows, so that a take waits 19 ms for it. Bare has the finished rows in memory and
does nothing but insert them: into the same tables with the same indexes, constraints and foreign keys,
on the same journal with the same pragmas as our writer. Both are timed until the database is closed.

The bound is on the first line, one `executemany` in one transaction: that is what "bare" says. The
second commits every 1 000 rows as ours must; the difference of the two is the price of short waits.
"""

from __future__ import annotations

import json
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

from figures import exit_status, figure, heading

from oncall_tui.desk.imports import BATCH_ROWS
from oncall_tui.store.engine import SQLITE_WRITING

TICKETS = 100_000
REPEATS = 5


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


def rows_taken_out(source: Path, empty: Path) -> list[tuple[object, ...]]:
    """Return every row of tickets in `source`, and make `empty` what is left of it without them."""
    with closing(sqlite3.connect(source)) as original, closing(sqlite3.connect(empty)) as copy:
        original.backup(copy)
        copy.execute("DELETE FROM tickets")
        copy.commit()
        copy.execute("VACUUM")
        return original.execute("SELECT * FROM tickets ORDER BY id").fetchall()


def bare(database: Path, rows: list[tuple[object, ...]], batch: int) -> float:
    """Insert `rows` into the empty tickets of `database`, `batch` of them a transaction; seconds."""
    marks = ", ".join("?" for _ in rows[0])
    begun = time.perf_counter()
    connection = sqlite3.connect(database, isolation_level=None)
    for pragma in ("PRAGMA foreign_keys = ON", *SQLITE_WRITING["bulk"]):
        connection.execute(pragma)
    for first in range(0, len(rows), batch):
        connection.execute("BEGIN IMMEDIATE")
        connection.executemany(f"INSERT INTO tickets VALUES ({marks})", rows[first : first + batch])
        connection.execute("COMMIT")
    connection.close()
    return time.perf_counter() - begun


def main() -> int:
    ours: list[float] = []
    in_one: list[float] = []
    in_batches: list[float] = []
    rows: list[tuple[object, ...]] = []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write_files(folder)
        database, empty, target = (folder / file for file in ("ours.db", "empty.db", "bare.db"))
        for _ in range(REPEATS):
            database.unlink(missing_ok=True)
            run(database, "import", "customers", str(folder / "customers.jsonl"))
            # What the process itself needs to start isn't speed of importing.
            start = run(database, "import", "customers", str(folder / "customers.jsonl"))
            ours.append(run(database, "import", "tickets", str(folder / "tickets.jsonl")) - start)
            rows = rows or rows_taken_out(database, empty)
            for batch, taken in ((TICKETS, in_one), (BATCH_ROWS, in_batches)):
                shutil.copyfile(empty, target)
                taken.append(bare(target, rows, batch))
    speed, one, batches = (TICKETS / min(taken) for taken in (ours, in_one, in_batches))
    heading("tickets/s", "tickets/s")
    figure(f"import of {TICKETS} tickets : bare sqlite3.executemany", speed, one, at_least=0.5)
    figure(f"the same : bare, a commit every {BATCH_ROWS} rows", speed, batches)
    return exit_status()


if __name__ == "__main__":
    sys.exit(main())
