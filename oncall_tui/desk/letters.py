"""What other systems bring in becomes tickets and lines of their conversations."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

from oncall_tui.desk import handed
from oncall_tui.desk.context import Context
from oncall_tui.desk.conversations import Conversations
from oncall_tui.desk.intake import Outcome, TicketIntake
from oncall_tui.desk.letter_reading import Said, facts_of, person, said
from oncall_tui.desk.letter_storing import Storing
from oncall_tui.desk.letter_taking import Taking
from oncall_tui.domain.correspondence import Batch
from oncall_tui.domain.errors import Conflict
from oncall_tui.domain.records import Rejection, Row, TicketRecord
from oncall_tui.store import linking, sources
from oncall_tui.store.engine import Transaction

TAKE_IN = "take in"
"""The word of the audit for a batch that a source brought."""

SETTLING = timedelta(seconds=30)
"""What was read of a ticket so long after an act of ours on it arrived may be older than that act."""


class TakenIn(NamedTuple):
    """What became of a batch: tickets `created`, letters that `joined` one, that were `recorded` without a
    ticket, that were `known`; and what was `rejected`, of rows and letters. `rejections` say why of rows.
    """

    created: int = 0
    joined: int = 0
    recorded: int = 0
    known: int = 0
    rejected: int = 0
    rejections: tuple[Rejection, ...] = ()

    @property
    def new(self) -> int:
        """Return how many letters and rows came in that weren't known."""
        return self.created + self.joined + self.recorded


@dataclass(frozen=True, slots=True)
class LetterDesk:
    """Takes in what sources bring."""

    context: Context

    def take_in(self, name: str, holder: str, batch: Batch) -> TakenIn:
        """Store a batch of the source `name`, and that all up to its cursor is stored, in one transaction.

        What is known, by the source's key or by Message-ID, changes nothing. A new mail becomes a ticket of
        the organisation that its sender writes for (`senders.belonging`), received when the server had it
        (R5), under the plan that the organisation has now (R9); one that continues a ticket joins it. Tickets
        of other systems are followed. A colleague's answer there stops the response clock (R6); automatic
        mail neither makes nor opens a ticket.

        Raises `Conflict` where `holder` has lost the lease of the source: nothing is stored then. `Refused`
        on a read-only desk, `StoreUnavailable`.
        """
        context = self.context
        with context.writing(bulk=True) as tx:
            now = context.clock()
            found = [said(letter, now) for letter in batch.letters]
            taking = self._decide(tx, name, batch, found, now)
            stored = Storing(context, tx, name, now, taking).store()
            of_rows = _take_rows(context, tx, batch)
            rejected = len(of_rows.rejections) + len(batch.unread) + len(taking.homeless)
            taken = TakenIn(
                created=stored.created + of_rows.created,
                joined=stored.joined + of_rows.updated,
                recorded=stored.recorded,
                known=taking.known + of_rows.unchanged,
                rejected=rejected,
                rejections=tuple(of_rows.rejections),
            )
            lag = now - max(each.received_at for each in found) if found else None
            noted = sources.advance(
                tx, name, holder, batch.cursor, done=batch.done, total=batch.total, lag=lag
            )
            if not noted:
                raise Conflict(f"another desk reads {name} now", hint="what it reads is stored there")
            if taken.new or rejected:
                detail = {key: str(getattr(taken, key)) for key in TakenIn._fields[:-1]}
                context.record(tx, now, TAKE_IN, name, detail)
        return taken

    def _decide(self, tx: Transaction, name: str, batch: Batch, found: list[Said], now: datetime) -> Taking:
        facts = facts_of(tx.connection, name, batch, found)
        ours = linking.ours_on_the_way(tx.connection, set(facts.threads.values()), now - SETTLING)

        def adopted(letter: Said) -> bool:
            at, key = letter.received_at, letter.key
            return handed.adopt(self.context, tx, name, letter.thread, letter.text, at, key)

        taking = Taking(name, Conversations(facts), ours, now, adopted)
        for standing in batch.standings:
            taking.stand(standing, person(standing.requestor))
        for letter in found:
            taking.take(letter)
        return taking


def _take_rows(context: Context, tx: Transaction, batch: Batch) -> Outcome:
    """Store requests that come as rows, as an import does; what a later row says of the same one is next."""
    outcome = Outcome(rejections=[row for row in batch.records if isinstance(row, Rejection)])
    rows = [row for row in batch.records if not isinstance(row, Rejection)]
    intake = TicketIntake(context)
    while rows:
        seen: set[str] = set()
        first: list[Row[TicketRecord]] = []
        rest: list[Row[TicketRecord]] = []
        for row in rows:
            (rest if row.record.ref in seen else first).append(row)
            seen.add(row.record.ref)
        came_of_it = intake.take(tx.connection, tx, first)
        outcome.created += came_of_it.created
        outcome.updated += came_of_it.updated
        outcome.unchanged += came_of_it.unchanged
        outcome.rejections += came_of_it.rejections
        rows = rest
    return outcome
