"""`kill -9` around handing over: an answer waits, was sent, or is said to be unsure; never sent twice."""

from __future__ import annotations

import signal
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from mailing import SUPPORT, by_mail, stored
from sqlalchemy import update
from support import HandClock

from oncall_tui.desk import Desk
from oncall_tui.domain.outgoing import OutgoingState
from oncall_tui.store.correspondence_schema import outbox

S = OutgoingState

# A desk that hands over to a server, which is a file that each answer is a line of. It kills itself, as
# `kill -9` would, just before its Nth statement, or right after the server has taken it (0).
SENDER = """
import os, signal, sys
from datetime import UTC, datetime
from pathlib import Path
from sqlalchemy import event
from sqlalchemy.engine import Engine
from oncall_tui.config import load_settings
from oncall_tui.desk import open_desk
from oncall_tui.domain.correspondence import Handed
from oncall_tui.domain.outgoing import OutgoingState

def die():
    os.kill(os.getpid(), signal.SIGKILL)

statement, url, server = int(sys.argv[1]), sys.argv[2], Path(sys.argv[3])
now = lambda: datetime.now(UTC)
desk = open_desk(url, load_settings(None, {}).offer, "Marc", clock=now)
left = statement

@event.listens_for(Engine, "before_cursor_execute")
def count(*_):
    global left
    left -= 1
    if left == 0:
        die()

for outgoing in desk.outbox.claim("support", "example.org"):
    with server.open("a") as file:
        file.write(outgoing.message_id + "\\n")
    if statement == 0:
        die()
    desk.outbox.finish(outgoing, Handed(OutgoingState.SENT, now()))
desk.close()
"""


def send(url: str, server: Path, killed_before: int) -> bool:
    """Let a process of its own hand over; say whether it was killed."""
    done = subprocess.run(
        [sys.executable, "-c", SENDER, str(killed_before), url, str(server)],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode in (0, -signal.SIGKILL), done.stderr
    return done.returncode != 0


def start(url: str, server: Path) -> subprocess.Popen[bytes]:
    return subprocess.Popen([sys.executable, "-c", SENDER, "-1", url, str(server)])


def taken(server: Path) -> list[str]:
    return server.read_text().splitlines() if server.exists() else []


def pass_two_minutes(desk: Desk) -> None:
    """Let the claims be as old as those of a desk that must be dead."""
    with desk.store.begin() as tx:
        tx.connection.execute(
            update(outbox)
            .where(outbox.c.claimed_at.is_not(None))
            .values(claimed_at=datetime.now(UTC) - timedelta(minutes=2, seconds=1))
        )


@pytest.fixture(autouse=True)
def _present(clock: HandClock) -> None:
    """The processes live in the present, and what is written here was written some minutes ago."""
    clock.now = datetime.now(UTC) - timedelta(minutes=5)


@pytest.fixture
def server(tmp_path: Path) -> Path:
    return tmp_path / "server"


def test_a_desk_that_dies_with_an_answer_in_its_hands_leaves_it_unsure(
    desk: Desk, clock: HandClock, database_url: str, server: Path
) -> None:
    filed = by_mail(desk)
    desk.outbox.answer(filed.id, "We have begun.")
    assert send(database_url, server, 0)
    assert stored(desk, filed.id).outgoing is S.SENDING
    assert not send(database_url, server, -1)
    assert len(taken(server)) == 1, "whoever comes next leaves it alone"
    pass_two_minutes(desk)
    assert not send(database_url, server, -1)
    ticket = stored(desk, filed.id)
    assert (ticket.outgoing, ticket.answered_at) == (S.UNSURE, None)
    assert len(taken(server)) == 1
    (outgoing,) = desk.outbox.open()
    assert [outgoing.message_id] == taken(server)
    clock.now = datetime.now(UTC)
    desk.outbox.was_sent(outgoing.id)
    assert stored(desk, filed.id).answered_at == outgoing.ended_at


def test_wherever_a_desk_is_killed_the_server_has_it_once_at_most(
    desk: Desk, database_url: str, server: Path
) -> None:
    """R6: and what is said here is what is so there, or that nobody knows."""
    seen = set()
    for statement in range(2, 40, 3):
        filed = by_mail(desk, message_id=f"<{statement}@example.ch>")
        desk.outbox.answer(filed.id, "We have begun.")
        before = len(taken(server))
        killed = send(database_url, server, statement)
        pass_two_minutes(desk)
        left = stored(desk, filed.id).outgoing
        seen.add((left, len(taken(server)) - before))
        assert send(database_url, server, -1) is False
        ticket, number = stored(desk, filed.id), len(taken(server)) - before
        match ticket.outgoing:
            case None:
                assert (number, ticket.answered_by) == (1, "Léa")
            case S.UNSURE:
                assert killed
                assert (number in (0, 1), ticket.answered_at) == (True, None)
            case other:
                pytest.fail(f"{other} goes nowhere")
        (row,) = desk.outbox.of_ticket(filed.id)
        assert row.tries == 1
        if not killed:
            break
    assert not killed, "the last one came to its end"
    assert {(S.WAITING, 0), (S.SENDING, 1), (None, 1)} <= seen
    assert desk.outbox.claim(SUPPORT, "example.org") == []


def test_desks_that_hand_over_at_once_never_hand_over_the_same(
    desk: Desk, database_url: str, server: Path
) -> None:
    filed = [by_mail(desk, message_id=f"<{number}@example.ch>") for number in range(50)]
    for ticket in filed:
        desk.outbox.answer(ticket.id, "We have begun.")
    desks = [start(database_url, server) for _ in range(4)]
    assert [each.wait(120) for each in desks] == [0] * 4
    sent = taken(server)
    assert (len(sent), len(set(sent))) == (50, 50)
    assert desk.outbox.open() == ()
    assert {stored(desk, ticket.id).answered_by for ticket in filed} == {"Léa"}
