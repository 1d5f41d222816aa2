"""Eight engineers at eight desks reach for the same tickets."""

from __future__ import annotations

import json
import subprocess
import sys
from collections import Counter
from collections.abc import Callable

from oncall_tui.desk import Desk
from oncall_tui.domain.queue import queue_named
from oncall_tui.domain.tickets import Channel

TICKETS = 25
DESKS = 8

TAKE_ALL = """
import json, random, sys
from datetime import UTC, datetime
from oncall_tui.config import load_settings
from oncall_tui.desk import open_desk
from oncall_tui.domain.errors import Conflict

url, name = sys.argv[1:]
desk = open_desk(url, load_settings(None, {}).offer, name, clock=lambda: datetime.now(UTC))
ids = list(range(1, 26))
random.Random(name).shuffle(ids)
sys.stdin.readline()
won, told = [], []
for ticket_id in ids:
    try:
        won.append(desk.tickets.take(ticket_id, version=1).id)
    except Conflict as conflict:
        told.append([ticket_id, conflict.message])
desk.close()
print(json.dumps([won, told]))
"""


def test_each_ticket_has_one_winner_and_the_others_are_told_who(
    desk: Desk, database_url: str, open_as: Callable[..., Desk]
) -> None:
    for number in range(TICKETS):
        desk.tickets.new(customer="leman", channel=Channel.EMAIL, subject=f"No {number}")
    names = [f"Engineer {number}" for number in range(DESKS)]
    processes = {
        name: subprocess.Popen(
            [sys.executable, "-c", TAKE_ALL, database_url, name],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for name in names
    }
    for process in processes.values():
        assert process.stdin is not None
        process.stdin.write("go\n")
        process.stdin.flush()
    outcome = {name: json.loads(process.communicate(timeout=120)[0]) for name, process in processes.items()}

    winners = {ticket_id: name for name, (won, _) in outcome.items() for ticket_id in won}
    assert Counter(ticket_id for won, _ in outcome.values() for ticket_id in won) == Counter(
        range(1, TICKETS + 1)
    )
    for ticket in desk.queue.page(queue_named("all"), limit=100):
        assert ticket.owner == winners[ticket.id]
        assert ticket.version == 2
        acts = [(entry.act, entry.operator) for entry in desk.tickets.detail(ticket.id).history]
        assert acts == [("new", "Léa"), ("take", ticket.owner)]
    for _, told in outcome.values():
        for ticket_id, message in told:
            assert message.startswith(f"{winners[ticket_id]} took ")
