"""The audit, to be read and to be verified (R20)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime

from oncall_tui.desk.context import Context
from oncall_tui.domain.audit import AuditEntry, AuditFilter, ChainReport, KeptHead
from oncall_tui.store import audit_reading
from oncall_tui.store.chain import Chain

EVERYTHING = AuditFilter()


def _nobody(_done: int, _total: int) -> None:
    """Take a progress for which nobody asked."""


@dataclass(frozen=True, slots=True)
class AuditDesk:
    """Reads the audit. Every method raises `StoreUnavailable`."""

    context: Context

    def entries(
        self, wanted: AuditFilter = EVERYTHING, *, limit: int | None = None, as_of: datetime | None = None
    ) -> Iterator[AuditEntry]:
        """Iterate over the entries that fit `wanted`, the newest last; with a `limit` the newest only.

        Shows what there was at `as_of`, and on a replay at its instant.
        """
        with self.context.store.connect() as connection:
            yield from audit_reading.entries(connection, wanted, limit, as_of or self.context.as_of)

    def verify(
        self, kept: KeptHead | None = None, progress: Callable[[int, int], None] = _nobody
    ) -> ChainReport:
        """Look at every entry and say whether the audit stands as it was written.

        A head that was `kept` outside the database finds one that was put back to an earlier state as a
        whole. `progress(done, total)` is told in entries. Writers go on meanwhile.
        """
        chain = Chain(self.context.store.keyring, kept)
        with self.context.store.connect() as connection:
            total = audit_reading.count(connection)
            done = 0
            for batch in audit_reading.sealed(connection):
                for entry, seal in batch:
                    chain.take(entry, seal)
                done += len(batch)
                progress(done, max(total, done))
            report = chain.end(audit_reading.head(connection))
        keyring = self.context.store.keyring
        keyless = report.entries > 0 and report.unsealed_before == report.entries
        return replace(report, never_sealed=keyless and keyring is not None and keyring.exists())
