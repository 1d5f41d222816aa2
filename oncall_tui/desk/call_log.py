"""The log of calls: read by the page, counted, corrected and taken out of the program (R13, R15)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import NamedTuple

from oncall_tui.desk import call_corrections
from oncall_tui.desk.context import Context
from oncall_tui.domain.call_filters import CallFilter
from oncall_tui.domain.call_log import CallDetail, Cursor, Field, LogLine, as_it_stood
from oncall_tui.domain.call_rules import shift_began
from oncall_tui.domain.calls import Answers, CallCounts, CallRecord, Step
from oncall_tui.domain.errors import NotFound
from oncall_tui.store import call_log, calls
from oncall_tui.store.call_filters import Asking
from oncall_tui.store.call_log import Question

BATCH = 1_000
"""Lines of an export in memory at a time."""

EVERYTHING = CallFilter()

_HELD = (Step.PICKED_UP, Step.TAKEN_OVER)

Write = Callable[[Sequence[LogLine]], None]
Progress = Callable[[int, int], None]


def _nobody(_done: int, _total: int) -> None:
    """Take a progress for which nobody asked."""


class LogPage(NamedTuple):
    """A part of the log: the calls that are open, and recorded ones, newest first; both fit the filter."""

    open: Sequence[LogLine]
    lines: Sequence[LogLine]


@dataclass(frozen=True, slots=True)
class CallLogDesk:
    """Reads and corrects the log. Every method raises `StoreUnavailable`.

    It shows what was recorded at `as_of`, and on a replay at its instant; of the past no call is open.
    """

    context: Context
    as_of: datetime | None = None

    def page(
        self,
        wanted: CallFilter = EVERYTHING,
        after: Cursor | None = None,
        limit: int = BATCH,
        *,
        before: Cursor | None = None,
        since: datetime | None = None,
        until: datetime | None = None,
    ) -> LogPage:
        """Return at most `limit` recorded calls, newest first: the newest with the open calls before them,
        or those next `after` a place in the log, or those last `before` one.
        """
        question = self._question(wanted, since, until)
        with self.context.store.connect() as connection:
            shows_open = after is None and before is None and question.as_of is None
            return LogPage(
                tuple(call_log.open_lines(connection, question)) if shows_open else (),
                self._then(call_log.page(connection, question, limit, after=after, before=before)),
            )

    def oldest(self, wanted: CallFilter = EVERYTHING, limit: int = BATCH) -> LogPage:
        """Return the `limit` oldest calls, newest first."""
        from oncall_tui.domain.clock import EPOCH

        return self.page(wanted, limit=limit, before=Cursor(EPOCH, 0))._replace(open=())

    def detail(self, ref: str) -> CallDetail:
        """Return a call with every step and its record with all corrections (`NotFound`)."""
        as_of = self._as_of
        with self.context.store.connect() as connection:
            call = calls.get(connection, ref)
            if as_of is not None and call.rang_at > as_of:
                raise NotFound(f"{ref} had not rung by then")
            steps = calls.steps(connection, call, as_of)
            records = calls.records(connection, call)
            if as_of is not None:
                records = [record for record in records if record.at <= as_of]
                held = (each.operator for each in reversed(steps) if each.step in _HELD)
                call = as_it_stood(call, as_of, next(held, None))
            answers = Answers.of(steps, call.on_file)
            told = call_log.was_told(connection, call, as_of)
            return CallDetail(call_log.line_of(call, records, answers, told=told), steps, records)

    def counts(self, since: datetime | None = None) -> CallCounts:
        """Count the calls since an instant (UTC), by default the beginning of the shift."""
        offer = self.context.offer
        began = since or shift_began(offer.calls, self._as_of or self.context.clock(), offer.zone)
        with self.context.store.connect() as connection:
            return call_log.counts(connection, began, self._as_of)

    def correct(
        self, ref: str, changes: Mapping[Field, str], why: str, *, record: int | None = None
    ) -> CallRecord:
        """Write down a correction of the record of a call, and `why`; what was recorded stays (R13).

        `record` is the id of the record that was looked at: `Conflict` if it was corrected since. Raises
        `NotFound`, `Refused` for an open call or where language and decision would contradict each other
        (R15), `BadInput` without a change or a `why`.
        """
        return call_corrections.correct(self.context, ref, changes, why, record=record)

    def export(
        self,
        wanted: CallFilter,
        write: Write,
        *,
        since: datetime | None = None,
        until: datetime | None = None,
        progress: Progress = _nobody,
    ) -> int:
        """Give all recorded calls that fit to `write`, newest first, some at a time, and return how many.

        All of them are of one moment. `progress(done, total)` is told in calls.
        """
        question = self._question(wanted, since, until)
        done = 0
        with self.context.store.connect() as connection:
            total = call_log.count(connection, question)
            progress(done, total)
            for lines in call_log.batches(connection, question, BATCH):
                write(self._then(lines))
                done += len(lines)
                progress(done, total)
        return done

    def _then(self, lines: Sequence[LogLine]) -> tuple[LogLine, ...]:
        """Return recorded calls without what came later than what is shown."""
        as_of = self._as_of
        if as_of is None:
            return tuple(lines)
        return tuple(replace(line, call=as_it_stood(line.call, as_of, line.call.operator)) for line in lines)

    @property
    def _as_of(self) -> datetime | None:
        return self.as_of or self.context.as_of

    def _question(self, wanted: CallFilter, since: datetime | None, until: datetime | None) -> Question:
        offer, as_of = self.context.offer, self._as_of
        today = (as_of or self.context.clock()).astimezone(offer.zone).date()
        asking = Asking(self.context.operator, offer.zone, today, offer.region)
        return Question(asking, wanted, since, until, as_of)
