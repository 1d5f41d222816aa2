"""What can't be reached, as alerts: a source of requests or calls, or the store itself."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from oncall_tui.desk.context import Context
from oncall_tui.domain import alert_raising as raising
from oncall_tui.domain.alerts import Alert, Kind
from oncall_tui.domain.text import SUBJECT_LIMIT, clean
from oncall_tui.store import alerts


@dataclass(frozen=True, slots=True)
class OutageDesk:
    """Outages, which no store tells of. Each act raises `StoreUnavailable`, `Refused` on a read-only desk."""

    context: Context

    def report(self, kind: Kind, name: str, began_at: datetime, why: str) -> Alert:
        """Raise an alert for a source, or the store (`kind`), that can't be reached since `began_at`."""
        context, told = self.context, clean(why, limit=SUBJECT_LIMIT)
        raised = raising.of_outage(kind, name, began_at, told, context.workstation)
        with context.writing() as tx:
            new = alerts.unknown(tx.connection, [raised])
            alerts.add(tx, new, context.offer.alerts, context.clock())
            return alerts.by_key(tx.connection, raised.key)

    def settle(self, alert_id: int) -> None:
        """Note that what the alert tells is over."""
        with self.context.writing() as tx:
            alerts.settle(tx, [alert_id], self.context.clock())

    def settle_left_over(self) -> None:
        """Settle what a program that ran here before reported and can't take back any more."""
        with self.context.store.connect() as connection:
            found = [each for kind in (Kind.SOURCE, Kind.STORE) for each in alerts.open_of(connection, kind)]
        for alert in found:
            if alert.facts.get("place") == self.context.workstation:
                self.settle(alert.id)
