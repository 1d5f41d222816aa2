"""Three days of a real desk: imported by the command, then the queue as of any moment of them."""

from __future__ import annotations

import json
import random
import subprocess
import sys
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

DATA = Path(__file__).parents[1] / "data" / "real_desk"
ZURICH = ZoneInfo("Europe/Zurich")
BUDGETS = {"plus": 4, "pro": 2, "enterprise": 1}
RANKS = {"enterprise": 0, "pro": 1, "plus": 2, "standard": 3}


def oncall(database: str, *arguments: str) -> Any:
    command = [sys.executable, "-m", "oncall_tui", "--database", database, *arguments, "--json"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return json.loads(done.stdout)


def rows(name: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (DATA / name).read_text().splitlines()]


def due(received: datetime, hours: int) -> datetime:
    """Walk the telephone hours, Mon-Fri 06-19, a day at a time: no clock changed in those days."""
    left, at = timedelta(hours=hours), received
    while True:
        day = at.replace(hour=0, minute=0)
        opens, closes = day.replace(hour=6), day.replace(hour=19)
        at = max(at, opens)
        if day.weekday() < 5 and at < closes:
            if at + left <= closes:
                return at + left
            left -= closes - at
        at = day + timedelta(days=1)


def expected(now: datetime, limit: int) -> list[tuple[str, str | None, str | None, float | None]]:
    plans = {row["id"]: row["plan"] for row in rows("customers.jsonl")}
    found = []
    for number, row in enumerate(rows("tickets.jsonl")):
        at = {
            name: datetime.fromisoformat(row[name]).astimezone(ZURICH).replace(tzinfo=None)
            for name in ("received_at", "answered_at", "closed_at")
            if row.get(name)
        }
        if at["received_at"] > now or at.get("closed_at", now + timedelta(1)) <= now:
            continue
        plan = plans[row["customer"]]
        answered = at.get("answered_at", now + timedelta(1)) <= now
        ends = None if answered or plan == "standard" else due(at["received_at"], BUDGETS[plan])
        key = (
            (0, ends, RANKS[plan], at["received_at"], number)
            if ends
            else (1, at["received_at"], at["received_at"], at["received_at"], number)
        )
        left = (ends - now).total_seconds() if ends else None
        found.append((key, (row["ref"], ends.isoformat() if ends else None, row.get("owner"), left)))
    return [each for _, each in sorted(found)][:limit]


@pytest.fixture(scope="module")
def real_desk(tmp_path_factory: pytest.TempPathFactory) -> str:
    database = f"sqlite:///{tmp_path_factory.mktemp('real') / 'desk.db'}"
    result = oncall(database, "import", "customers", str(DATA / "customers.jsonl"))
    assert (result["created"], result["rejected"]) == (81, 0)
    result = oncall(database, "import", "tickets", str(DATA / "tickets.jsonl"))
    assert (result["read"], result["created"], result["rejected"]) == (890, 890, 0)
    return database


def test_importing_again_changes_nothing(real_desk: str) -> None:
    result = oncall(real_desk, "import", "tickets", str(DATA / "tickets.jsonl"))
    assert (result["unchanged"], result["updated"], result["created"]) == (890, 0, 0)


MOMENTS = [datetime(2016, 2, 29, 1, 15), datetime(2016, 2, 29, 1, 16), datetime(2016, 3, 2, 18, 59, 59)]
MOMENTS += [
    datetime(2016, 2, 29) + timedelta(seconds=second)
    for second in random.Random(4).sample(range(4 * 86_400), 7)
]


@pytest.mark.parametrize("now", MOMENTS, ids=str)
def test_the_queue_as_of_any_moment_is_right(real_desk: str, now: datetime) -> None:
    queue = oncall(real_desk, "--now", now.isoformat(), "queue", "--limit", "2000")

    def local(instant: str | None) -> str | None:
        return instant and datetime.fromisoformat(instant).astimezone(ZURICH).replace(tzinfo=None).isoformat()

    seen = [(t["ref"], local(t["due_at"]), t["owner"], t["remaining_seconds"]) for t in queue]
    assert seen == expected(now, 2000)
    assert oncall(real_desk, "--now", now.isoformat(), "queue", "--limit", "5") == queue[:5]
    overdue = oncall(real_desk, "--now", now.isoformat(), "queue", "--queue", "overdue", "--limit", "2000")
    assert overdue == [ticket for ticket in queue if ticket["urgency"] == "overdue"]
