"""The systems that tickets come from: which desk pulls, how each does, and what came in and is no ticket."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from oncall_tui.desk.context import Context
from oncall_tui.domain.correspondence import EnclosureOrigin, SourceHealth, UnfiledLetter
from oncall_tui.domain.errors import NotFound, Refused
from oncall_tui.domain.text import SUBJECT_LIMIT, clean
from oncall_tui.store import letter_reading, sources
from oncall_tui.store.sources import Lease

FORGET = "forget a source"
"""The word of the audit."""

LEASE = timedelta(seconds=60)
"""How long a desk has the right to pull, unless it renews it."""

RENEWED_WITH = timedelta(seconds=40)
"""What is left of a lease that isn't renewed yet when it is asked for."""


@dataclass(frozen=True, slots=True)
class SourceDesk:
    """What the desks of one database have to know of each other's pulling.

    Raises `StoreUnavailable`; what writes raises `Refused` on a read-only desk.
    """

    context: Context

    def hold(self, name: str, kind: str, place: str) -> Lease | None:
        """Take or renew the right to pull from the source `name`, None where another desk has it.

        It holds for `LEASE`, and for `RENEWED_WITH` at least. `kind` and `place` are for who looks at its
        health.
        """
        context = self.context
        with context.store.connect() as connection:
            held = sources.held(connection, name, kind, place)
        now = context.clock()
        if held is not None and now < held.until <= now + LEASE:
            if held.holder != context.seat:
                return None
            if held.until - now >= RENEWED_WITH:
                return held
        with context.writing() as tx:
            now = context.clock()
            return sources.hold(tx, name, kind, place, context.seat, now, now + LEASE)

    def let_go(self, name: str) -> None:
        """Give the right to pull back, if it is this desk's, for another one to take at once."""
        with self.context.writing() as tx:
            sources.let_go(tx, name, self.context.seat)

    def went_well(self, name: str, next_at: datetime | None) -> None:
        """Note that the source was asked and has answered; `next_at` is when it is asked again."""
        with self.context.writing() as tx:
            sources.went_well(tx, name, self.context.clock(), next_at)

    def went_wrong(self, name: str, why: str, next_at: datetime | None) -> None:
        """Note that the source couldn't be asked, why, and when it is tried again."""
        said = clean(why, limit=SUBJECT_LIMIT) or "no reason given"
        with self.context.writing() as tx:
            sources.went_wrong(tx, name, said, self.context.clock(), next_at)

    def health(self) -> tuple[SourceHealth, ...]:
        """Return how each source does that was ever pulled from, by name."""
        with self.context.store.connect() as connection:
            return sources.health(connection, self.context.clock())

    def forget(self, name: str) -> None:
        """Take a source out of the health, such as one that is in nobody's settings any more.

        What came from it stays. If it is read again it begins anew, and what is known comes in once.

        Raises `NotFound` where none goes by that name, `Refused` where a desk reads it still.
        """
        with self.context.writing() as tx:
            now = self.context.clock()
            known = {each.name: each for each in sources.health(tx.connection, now)}
            if name not in known:
                raise NotFound(f"no source {name[:40]!r} was ever read", hint="oncall-tui source list")
            if known[name].holder:
                raise Refused(
                    f"{known[name].holder} reads {name} still", hint="take it out of the settings there first"
                )
            sources.forget(tx, name)
            self.context.record(tx, now, FORGET, name, {})

    def unfiled(self, limit: int = 100) -> tuple[UnfiledLetter, ...]:
        """Return what machines wrote that belongs to no ticket, the newest first, at most `limit`."""
        with self.context.store.connect() as connection:
            return tuple(letter_reading.unfiled(connection, limit))

    def origin_of_enclosure(self, enclosure_id: int) -> EnclosureOrigin:
        """Return where the file is that came with a letter; `NotFound` if there is none."""
        with self.context.store.connect() as connection:
            return letter_reading.origin_of_enclosure(connection, enclosure_id)
