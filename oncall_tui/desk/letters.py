"""What other systems bring in becomes tickets and lines of their conversations."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
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
from oncall_tui.domain.correspondence import Batch, Standing
from oncall_tui.domain.errors import Conflict, StoreUnavailable
from oncall_tui.domain.records import Rejection, Row, TicketRecord
from oncall_tui.domain.text import REF_LIMIT, clean
from oncall_tui.store import linking, sources
from oncall_tui.store.engine import Transaction

TAKE_IN = "take in"
"""The word of the audit for a batch that a source brought."""

SETTLING = timedelta(seconds=30)
"""What was read of a ticket so long after an act of ours on it arrived may be older than that act."""


class TakenIn(NamedTuple):
    """What became of a batch: tickets `created`, letters that `joined` one, that were `recorded` without a
    ticket, that were `known`; and what was `rejected`, of rows and letters. `rejections` say why of rows,
    `unstored` of letters that a mistake of this program keeps out, and `mistakes` are those.
    """

    created: int = 0
    joined: int = 0
    recorded: int = 0
    known: int = 0
    rejected: int = 0
    rejections: tuple[Rejection, ...] = ()
    unstored: tuple[str, ...] = ()
    mistakes: tuple[Exception, ...] = ()

    @property
    def new(self) -> int:
        """Return how many letters and rows came in that weren't known."""
        return self.created + self.joined + self.recorded

    def plus(self, other: TakenIn) -> TakenIn:
        """Return what became of both."""
        return TakenIn(
            self.created + other.created,
            self.joined + other.joined,
            self.recorded + other.recorded,
            self.known + other.known,
            self.rejected + other.rejected,
            self.rejections + other.rejections,
            self.unstored + other.unstored,
            self.mistakes + other.mistakes,
        )


class _Told(NamedTuple):
    """One thing that a source tells: a letter with how its ticket stands there, or the latter alone."""

    letter: Said | None = None
    standing: Standing | None = None

    @property
    def name(self) -> str:
        """Return what the source knows it by."""
        if self.letter is not None:
            return self.letter.key
        return self.standing.ref if self.standing is not None else ""


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
        mail neither makes nor opens a ticket. A letter that a mistake of this program keeps from being stored
        is left out and told of, so that it doesn't keep out all that comes after it.

        Raises `Conflict` where `holder` has lost the lease of the source: nothing is stored then. `Refused`
        on a read-only desk, `StoreUnavailable`.
        """
        context = self.context
        # Before it is our turn to write: megabytes of text take their time, and who acts would wait for it.
        found, taken = _all_said(batch, context.clock())
        with context.writing(bulk=True) as tx:
            now = context.clock()
            taken = taken.plus(self._store(tx, name, list(_told(batch.standings, found)), now))
            taken = taken.plus(_take_rows(context, tx, batch))
            lag = now - max(each.received_at for each in found) if found else None
            noted = sources.advance(
                tx, name, holder, batch.cursor, done=batch.done, total=batch.total, lag=lag
            )
            if not noted:
                raise Conflict(f"another desk reads {name} now", hint="what it reads is stored there")
            if taken.new or taken.rejected:
                counts = ("created", "joined", "recorded", "known", "rejected")
                context.record(tx, now, TAKE_IN, name, {key: str(getattr(taken, key)) for key in counts})
        return taken

    def _store(self, tx: Transaction, name: str, told: Sequence[_Told], now: datetime) -> TakenIn:
        """Store what was told, all together; where that fails one half and then the other, down to the one
        that it is because of.
        """
        try:
            with tx.part():
                return self._store_together(tx, name, told, now)
        except StoreUnavailable:
            raise
        except Exception as error:  # noqa: BLE001 - it would come again with the next try, and for ever
            if len(told) == 1:
                return _left_out(told[0].name, error)
        half = len(told) // 2
        return self._store(tx, name, told[:half], now).plus(self._store(tx, name, told[half:], now))

    def _store_together(self, tx: Transaction, name: str, told: Sequence[_Told], now: datetime) -> TakenIn:
        found = [each.letter for each in told if each.letter is not None]
        standings = {each.standing.thread: each.standing for each in told if each.standing is not None}
        facts = facts_of(tx.connection, name, list(standings.values()), found)
        ours = linking.ours_on_the_way(tx.connection, set(facts.threads.values()), now - SETTLING)

        def adopted(letter: Said) -> bool:
            at, key = letter.received_at, letter.key
            return handed.adopt(self.context, tx, name, letter.thread, letter.text, at, key)

        taking = Taking(name, Conversations(facts), ours, now, adopted)
        written_in = {letter.thread for letter in found}
        for thread, standing in standings.items():
            taking.stand(standing, person(standing.requestor), is_written_in=thread in written_in)
        for letter in found:
            taking.take(letter)
        stored = Storing(self.context, tx, name, now, taking).store()
        return TakenIn(
            stored.created, stored.joined, stored.recorded, taking.known, rejected=len(taking.homeless)
        )


def _all_said(batch: Batch, now: datetime) -> tuple[list[Said], TakenIn]:
    """Return the letters of a batch, made fit to store, and what became of those that can't be."""
    found = []
    left_out = TakenIn(rejected=len(batch.unread))
    for letter in batch.letters:
        try:
            found.append(said(letter, now))
        except Exception as error:  # noqa: BLE001 - a source's code may hand over anything
            left_out = left_out.plus(_left_out(str(letter.key), error))
    return found, left_out


def _left_out(key: str, error: Exception) -> TakenIn:
    """Return what became of something that isn't stored, without a word of who wrote it."""
    name = clean(key, limit=REF_LIMIT).partition(" ")[0]
    why = f"{name}: a mistake of this program ({type(error).__name__})"
    return TakenIn(rejected=1, unstored=(why,), mistakes=(error,))


def _told(standings: Sequence[Standing], found: Sequence[Said]) -> Iterator[_Told]:
    """Yield the letters, each with how its ticket stands, and then how those stand that nobody wrote in."""
    by_thread = {each.thread: each for each in standings}
    for letter in found:
        yield _Told(letter, by_thread.get(letter.thread))
    written_in = {letter.thread for letter in found}
    yield from (_Told(None, each) for thread, each in by_thread.items() if thread not in written_in)


def _take_rows(context: Context, tx: Transaction, batch: Batch) -> TakenIn:
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
    return TakenIn(
        created=outcome.created,
        joined=outcome.updated,
        known=outcome.unchanged,
        rejected=len(outcome.rejections),
        rejections=tuple(outcome.rejections),
    )
