"""`kill -9` in the middle: the database opens again and holds whole transactions only."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import inspect, text

from oncall_tui.desk import Desk
from oncall_tui.domain.tickets import Channel
from oncall_tui.store.engine import Store

# The process kills itself, as `kill -9` would, just before its Nth statement.
KILLED = """
import os, signal, sys
from sqlalchemy import event
from sqlalchemy.engine import Engine

left = int(sys.argv[1])

@event.listens_for(Engine, "before_cursor_execute")
def count(*_):
    global left
    left -= 1
    if left < 0:
        os.kill(os.getpid(), signal.SIGKILL)
"""

MIGRATE = """
from oncall_tui.store.engine import Store
Store.open(sys.argv[2]).close()
"""

TAKE = """
from contextlib import suppress
from datetime import UTC, datetime
from oncall_tui.config import load_settings
from oncall_tui.desk import open_desk
from oncall_tui.domain.errors import Conflict
desk = open_desk(sys.argv[2], load_settings(None, {}).offer, "Marc", clock=lambda: datetime.now(UTC))
for ticket_id in range(1, 4):
    with suppress(Conflict):
        desk.tickets.take(ticket_id, version=1)
"""

IMPORT = """
from oncall_tui.cli import main
sys.exit(main(["--database", sys.argv[2], "import", "tickets", sys.argv[3]]))
"""


def killed_before(statement: int, code: str, *arguments: str) -> bool:
    """Run `code` until that statement; say whether it came so far."""
    done = subprocess.run(
        [sys.executable, "-c", KILLED + code, str(statement), *arguments],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode in (0, -signal.SIGKILL), done.stderr
    return done.returncode != 0


def intact(store: Store) -> bool:
    with store.connect() as connection:
        if store.dialect == "sqlite":
            assert connection.exec_driver_sql("PRAGMA integrity_check").scalar() == "ok"
            assert connection.exec_driver_sql("PRAGMA foreign_key_check").fetchall() == []
    return True


@pytest.mark.parametrize("statement", [3, 8, 20, 35])
def test_a_migration_is_whole_or_not_there(database_url: str, statement: int) -> None:
    assert killed_before(statement, MIGRATE, database_url)
    store = Store.open(database_url)
    with store.connect() as connection:
        assert connection.scalar(text("SELECT value FROM revision")) == 0
        assert inspect(connection).has_table("messages")
    assert intact(store)
    store.close()


def test_a_take_is_whole_or_not_there(desk: Desk, database_url: str) -> None:
    tickets = [desk.tickets.new(customer="leman", channel=Channel.EMAIL, subject=str(n)) for n in range(3)]
    owners = set()
    for statement in range(2, 30, 2):
        killed_before(statement, TAKE, database_url)
        assert intact(desk.store)
        for ticket in desk.queue.rows([ticket.id for ticket in tickets]).values():
            takes = [entry for entry in desk.tickets.detail(ticket.id).history if entry.act == "take"]
            assert (ticket.owner, len(takes), ticket.version) in [(None, 0, 1), ("Marc", 1, 2)]
            owners.add((statement, ticket.owner))
    assert {owner for _, owner in owners} == {None, "Marc"}, "some were killed before a take, some after"


@pytest.mark.parametrize("statement", [12, 18, 24])
def test_an_import_keeps_whole_batches_and_goes_on_where_it_was(
    desk: Desk, database_url: str, tmp_path: Path, statement: int
) -> None:
    path = tmp_path / "tickets.jsonl"
    with path.open("w") as file:
        for number in range(5_000):
            row = {
                "ref": f"INC{number}",
                "customer": "leman",
                "channel": "email",
                "subject": f"No {number}",
                "received_at": "2026-03-26T10:00:00+01:00",
            }
            file.write(json.dumps(row) + "\n")
    assert killed_before(statement, IMPORT, database_url, str(path))
    assert intact(desk.store)
    with desk.store.connect() as connection:
        stored = connection.scalar(text("SELECT count(*) FROM tickets"))
        details = connection.scalars(text("SELECT detail FROM audit WHERE act LIKE 'import%'")).all()
    assert stored == sum(int(json.loads(detail)["created"]) for detail in details)
    command = [sys.executable, "-m", "oncall_tui", "--database", database_url]
    again = subprocess.run(
        [*command, "import", "tickets", str(path), "--json"], capture_output=True, text=True, check=True
    )
    result = json.loads(again.stdout)
    assert (result["unchanged"], result["created"]) == (stored, 5_000 - (stored or 0))
