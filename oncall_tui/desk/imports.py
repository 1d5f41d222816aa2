"""Taking in customers, tickets and guides by the thousand, from a file or another system.

Rows are stored in batches, each a transaction with one audit entry, so that an engineer who takes a
ticket meanwhile waits for a batch and not for the file.
"""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from operator import attrgetter
from typing import Any, Protocol, TypeVar

from oncall_tui.desk.context import Context
from oncall_tui.desk.intake import CustomerIntake, Outcome, TicketIntake
from oncall_tui.domain.errors import BadInput
from oncall_tui.domain.guides import GuideKind
from oncall_tui.domain.records import (
    CustomerRecord,
    GuideRecord,
    Rejection,
    RejectionSink,
    Row,
    TicketRecord,
)
from oncall_tui.domain.text import SUBJECT_LIMIT, clean
from oncall_tui.store.engine import Transaction
from oncall_tui.store.imports import SeenRefs

BATCH_ROWS = 1_000
"""Rows of a transaction at most."""

BATCH_BYTES = 8 << 20
"""Bytes of the rows of a transaction, about: what an import holds in memory."""

R = TypeVar("R", TicketRecord, CustomerRecord, GuideRecord)


@dataclass(frozen=True, slots=True)
class ImportResult:
    """How many rows were read, and what became of them: the other four add up to `read`."""

    read: int = 0
    created: int = 0
    updated: int = 0
    unchanged: int = 0
    rejected: int = 0

    def plus(self, outcome: Outcome, rejected: int) -> ImportResult:
        """Return the result with one more batch in it, of which so many were `rejected` beforehand."""
        rejected += len(outcome.rejections)
        return ImportResult(
            self.read + outcome.created + outcome.updated + outcome.unchanged + rejected,
            self.created + outcome.created,
            self.updated + outcome.updated,
            self.unchanged + outcome.unchanged,
            self.rejected + rejected,
        )


Progress = Callable[[ImportResult], None]


def _nobody(_told: object) -> None:
    """Take a rejection or a result for which nobody asked."""


class _Intake(Protocol[R]):
    """Stores the rows of one batch."""

    @property
    def act(self) -> str:
        """Return the word of the audit."""
        ...

    def take(self, connection: Any, tx: Transaction | None, rows: list[Row[R]]) -> Outcome:
        """Store `rows`; without `tx` only say what would become of them."""
        ...


@dataclass(frozen=True, slots=True)
class ImportDesk:
    """Imports. Each takes rows and rejections as a source yields them, in any number.

    `rejected` is told of every row that isn't taken, the source's own rejections among them;
    `progress` is told the result so far after each batch. `dry_run` finds out what would happen and
    stores nothing. `source` names the file in the audit.

    Raises `Refused` on a read-only desk and `StoreUnavailable`; the batches before are stored then,
    and importing the same rows again does no harm: what is known goes by its reference.
    """

    context: Context

    def customers(
        self,
        rows: Iterable[Row[CustomerRecord] | Rejection],
        *,
        source: str,
        dry_run: bool = False,
        rejected: RejectionSink = _nobody,
        progress: Progress = _nobody,
    ) -> ImportResult:
        """Store organisations, each by its `id`. A plan can go up (R8), never down (R21).

        Raises `KeyTrouble` where a row gives a code and there is no key to seal it with.
        """
        return self._run(partial(CustomerIntake, self.context), rows, source, dry_run, rejected, progress)

    def guides(
        self,
        rows: Iterable[Row[GuideRecord] | Rejection],
        *,
        kind: GuideKind,
        source: str,
        dry_run: bool = False,
        rejected: RejectionSink = _nobody,
        progress: Progress = _nobody,
    ) -> ImportResult:
        """Store guides or partners (R24), each by its link."""
        from oncall_tui.desk.guide_intake import GuideIntake

        return self._run(lambda _: GuideIntake(kind), rows, source, dry_run, rejected, progress)

    def tickets(
        self,
        rows: Iterable[Row[TicketRecord] | Rejection],
        *,
        source: str,
        dry_run: bool = False,
        rejected: RejectionSink = _nobody,
        progress: Progress = _nobody,
    ) -> ImportResult:
        """Store requests, each by its `ref`, under the plan that its customer has now (R9)."""
        return self._run(lambda _: TicketIntake(self.context), rows, source, dry_run, rejected, progress)

    def _run(
        self,
        begin: Callable[[SeenRefs], _Intake[R]],
        rows: Iterable[Row[R] | Rejection],
        source: str,
        dry_run: bool,
        rejected: RejectionSink,
        progress: Progress,
    ) -> ImportResult:
        result = ImportResult()
        with SeenRefs() as seen, _rows_uncollected():
            intake = begin(seen)
            for batch, unread in _batches(rows, rejected):
                taken, rejections = _first_ones(batch, seen)
                outcome = self._store(intake, taken, source, dry_run)
                # Told when they are final: a batch that fails is rejected by nobody.
                for rejection in sorted(rejections + outcome.rejections, key=attrgetter("line")):
                    rejected(rejection)
                result = result.plus(outcome, unread + len(rejections))
                progress(result)
        return result

    def _store(self, intake: _Intake[R], rows: list[Row[R]], source: str, dry_run: bool) -> Outcome:
        context = self.context
        if dry_run:
            with context.store.connect() as connection:
                return intake.take(connection, None, rows)
        if not rows:
            return Outcome()
        with context.writing(bulk=True) as tx:
            outcome = intake.take(tx.connection, tx, rows)
            detail = {
                "lines": f"{rows[0].line} to {rows[-1].line}",
                "created": str(outcome.created),
                "updated": str(outcome.updated),
                "unchanged": str(outcome.unchanged),
                "rejected": str(len(outcome.rejections)),
            }
            context.record(tx, context.clock(), intake.act, clean(source, limit=SUBJECT_LIMIT), detail)
        return outcome


@contextmanager
def _rows_uncollected() -> Iterator[None]:
    """Let the garbage collector come when more objects are about than the rows of a batch are.

    A row is free as soon as nobody refers to it. The collector would look through a batch five times
    over, and through all else that the program holds every few batches, and find nothing.
    """
    threshold, *others = gc.get_threshold()
    gc.set_threshold(threshold and max(threshold, 10 * BATCH_ROWS), *others)
    try:
        yield
    finally:
        gc.set_threshold(threshold, *others)


def _batches(
    rows: Iterable[Row[R] | Rejection], rejected: RejectionSink
) -> Iterator[tuple[list[Row[R]], int]]:
    """Iterate over the rows in batches, each with how many rejections came between them.

    Those are passed on at once: they may be long, and nothing waits for them.
    """
    batch: list[Row[R]] = []
    size = unread = 0
    for row in rows:
        if isinstance(row, Rejection):
            rejected(row)
            unread += 1
        else:
            batch.append(row)
            size += row.size
        if len(batch) + unread >= BATCH_ROWS or size >= BATCH_BYTES:
            yield batch, unread
            batch, size, unread = [], 0, 0
    if batch or unread:
        yield batch, unread


def _first_ones(batch: list[Row[R]], seen: SeenRefs) -> tuple[list[Row[R]], list[Rejection]]:
    """Return the rows whose key wasn't seen before in this file, and the rejections of the others."""
    repeated = seen.repeated([(row.record.key, row.line) for row in batch])
    if not repeated:
        return batch, []
    rejections = [
        row.rejected(BadInput(f"{row.record.key} stands on line {repeated[row.line]} already"))
        for row in batch
        if row.line in repeated
    ]
    return [row for row in batch if row.line not in repeated], rejections
