"""Old tickets and alerts going, with an audit entry for each step."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from oncall_tui.desk.context import Context
from oncall_tui.store import alerts, maintenance

BATCH = 500
"""Rows that one transaction deletes, so that a take waits milliseconds and not the whole purge."""


@dataclass(frozen=True, slots=True)
class MaintenanceDesk:
    """Housekeeping that changes data."""

    context: Context

    def count_closed_before(self, instant: datetime) -> int:
        """Count the tickets closed before `instant`."""
        return maintenance.count_closed_before(self.context.store, instant)

    def purge_closed_before(self, instant: datetime, progress: Callable[[int], None]) -> int:
        """Delete the tickets closed before `instant` and return how many; `progress` gets the sum so far.

        The alerts that were raised before it go with them. The audit keeps what was done to tickets, and has
        an entry for each batch that went.
        """
        self._purge_alerts(instant)
        total = 0
        while True:
            with self.context.writing() as tx:
                gone = maintenance.purge_closed_before(tx, instant, BATCH)
                if gone:
                    detail = {"tickets": str(gone), "closed_before": instant.isoformat()}
                    self.context.record(tx, self.context.clock(), "purge", "tickets", detail)
            total += gone
            if gone:
                progress(total)
            if gone < BATCH:
                return total

    def _purge_alerts(self, instant: datetime) -> None:
        gone = BATCH
        while gone == BATCH:
            with self.context.writing() as tx:
                gone = alerts.purge_before(tx, instant, BATCH)
                if gone:
                    detail = {"alerts": str(gone), "raised_before": instant.isoformat()}
                    self.context.record(tx, self.context.clock(), "purge", "alerts", detail)
