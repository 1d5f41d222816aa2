"""A colleague who never rests: `python bench/writer.py DATABASE` commits changes until its input ends.

1 000 changes a second, ten a commit: tickets filed, taken, handed over, promised and closed, as many
closed as filed. Each commit writes what the acts of the desk would, in few statements, so that the
processor is left to the board. It says `ready` when it has read the board, begins at the first line of
its input, and ends with the number of changes and the seconds that they took.
"""

from __future__ import annotations

import random
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from select import select as wait_for_input
from typing import Any

from samples import desk_on
from sqlalchemy import func, insert, select, text

from oncall_tui.desk import Desk
from oncall_tui.domain import tickets as rules
from oncall_tui.domain.queue import QUEUES
from oncall_tui.domain.sla import response_clock
from oncall_tui.domain.tickets import Act, Channel, ClockTimes, Ticket
from oncall_tui.store import spans
from oncall_tui.store import tickets as ticket_store
from oncall_tui.store.audit import Entry
from oncall_tui.store.demo import bulk
from oncall_tui.store.demo.stories import Story
from oncall_tui.store.engine import Transaction
from oncall_tui.store.schema import ticket_spans, tickets

CHANGES_A_SECOND = 1_000
CHANGES_A_COMMIT = 10

_TEAM = ("Ana", "Beat", "Carla", "Dario")
_WRITTEN = [name for name in ticket_store.COLUMNS if name not in {"body", "import_digest"}]
_UPDATE = text(f"UPDATE tickets SET {', '.join(f'{name} = :{name}' for name in _WRITTEN)} WHERE id = :id")


class Writer:
    """The only one who writes: it knows every open ticket as it stands."""

    def __init__(self, desk: Desk, chance: random.Random) -> None:
        self.desk = desk
        self.chance = chance
        self.open = desk.queue.page(QUEUES[0], limit=1_000_000)
        with desk.store.connect() as connection:
            self.last_id = connection.scalar(select(func.max(tickets.c.id))) or 0

    def commit(self) -> None:
        """Make ten changes, two of each kind, in one transaction."""
        commit = Commit(self)
        with self.desk.store.begin(bulk=True) as tx:
            for _ in range(CHANGES_A_COMMIT // 5):
                commit.file(tx)
                commit.change(tx, Act.TAKE, self._take)
                commit.change(tx, Act.HAND_OVER, self._hand_over)
                commit.change(tx, Act.PROMISE, self._promise)
                commit.change(tx, Act.CLOSE, lambda ticket, now: rules.close(ticket, "done", now))
            commit.write(tx)

    def _take(self, ticket: Ticket, now: datetime) -> Ticket:
        if ticket.owner is not None:
            return self._hand_over(ticket, now)
        return rules.take(ticket, self.chance.choice(_TEAM), now)

    def _hand_over(self, ticket: Ticket, now: datetime) -> Ticket:
        others = [name for name in _TEAM if name != ticket.owner]
        return rules.hand_over(ticket, self.chance.choice(others), now)

    def _promise(self, ticket: Ticket, now: datetime) -> Ticket:
        due = now + timedelta(minutes=self.chance.randint(30, 5_000))
        return rules.promise(ticket, "Ana", due, now, self.desk.offer.thresholds)


class Commit:
    """What one transaction is going to write."""

    def __init__(self, writer: Writer) -> None:
        self.writer = writer
        self.now = writer.desk.clock()
        self.filed: list[Story] = []
        self.changed: list[dict[str, Any]] = []
        self.spans: list[dict[str, Any]] = []
        self.entries: list[Entry] = []

    def file(self, tx: Transaction) -> None:
        """Let a request come in that is like another."""
        writer, now = self.writer, self.now
        writer.last_id += 1
        hours, limits = writer.desk.offer.calendar_for(Channel.EMERGENCY), writer.desk.offer.thresholds
        budget = timedelta(minutes=writer.chance.randint(60, 5_000))
        ticket = replace(
            writer.chance.choice(writer.open),
            id=writer.last_id,
            ref=f"N-{writer.last_id}",
            subject=f"Arrived as number {writer.last_id}",
            received_at=now,
            recorded_at=now,
            budget=budget,
            response=ClockTimes.of(response_clock(hours, now, budget, limits)),
            owner=None,
            owner_since=None,
            answered_at=None,
            answered_by=None,
            answered_means=None,
            promise=None,
            version=1,
            revision=tx.revision,
        )
        writer.open.append(ticket)
        self.filed.append(Story(ticket, "Please look."))
        self._record(Act.NEW, ticket)

    def change(self, tx: Transaction, act: Act, change: Callable[[Ticket, datetime], Ticket]) -> None:
        """Let `change` make something else of any open ticket that wasn't filed just now."""
        known = self.writer.open
        place = self.writer.chance.randrange(len(known) - len(self.filed))
        old = known[place]
        new = replace(change(old, self.now), version=old.version + 1, revision=tx.revision)
        values = zip(ticket_store.COLUMNS, ticket_store.values_of(new, None, None, tx.revision), strict=True)
        self.changed.append({**{name: value for name, value in values if name in _WRITTEN}, "id": new.id})
        self.spans += spans.ended_spans(old, new, self.now)
        if new.closed_at is None:
            known[place] = new
        else:
            del known[place]
        self._record(act, new)

    def write(self, tx: Transaction) -> None:
        bulk.add_stories(tx, self.filed)
        tx.connection.execute(_UPDATE, self.changed)
        if self.spans:
            tx.connection.execute(insert(ticket_spans), self.spans)
        bulk.add_entries(tx, self.entries)

    def _record(self, act: Act, ticket: Ticket) -> None:
        self.entries.append(Entry(self.now, "bench", "bench", act, ticket.ref, {}, ticket.id))


def main(database: str) -> None:
    desk = desk_on(database)
    writer = Writer(desk, random.Random())
    print("ready", flush=True)
    sys.stdin.readline()
    begun = time.perf_counter()
    commits = 0
    while True:
        ahead = commits * CHANGES_A_COMMIT / CHANGES_A_SECOND - (time.perf_counter() - begun)
        if wait_for_input([sys.stdin], [], [], max(ahead, 0))[0]:
            break
        writer.commit()
        commits += 1
    print(commits * CHANGES_A_COMMIT, time.perf_counter() - begun, flush=True)
    desk.close()


if __name__ == "__main__":
    main(sys.argv[1])
