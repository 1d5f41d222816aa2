"""Reading and verifying what was done (R20)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from oncall_tui.desk.context import Context
from oncall_tui.domain.audit import AuditEntry, AuditFilter, AuditReport
from oncall_tui.store import audit, audit_check


@dataclass(frozen=True, slots=True)
class AuditDesk:
    """Looks at the audit; nothing here changes it."""

    context: Context

    def entries(self, wanted: AuditFilter, limit: int | None = None) -> list[AuditEntry]:
        """Return the last `limit` entries that are `wanted`, oldest first; all of them without a limit."""
        with self.context.store.connect() as connection:
            return audit.entries(connection, wanted, limit)

    def count(self) -> int:
        """Return how many entries there should be, for a progress bar."""
        with self.context.store.connect() as connection:
            return audit.count(connection)

    def verify(self, noted_head: tuple[int, str] | None, progress: Callable[[int], None]) -> AuditReport:
        """Look whether every entry is as it was written and none is missing; `progress` gets the number
        so far. `noted_head` is what an earlier report gave as its head.
        """
        store = self.context.store
        with store.connect() as connection:
            return audit_check.verify(connection, store.keyring, noted_head, progress)
