"""What every act needs to know: who, where, when, under which offer, on which store."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from secrets import token_hex

from oncall_tui.domain.audit import DONE
from oncall_tui.domain.clock import Clock
from oncall_tui.domain.errors import Refused
from oncall_tui.domain.offer import Offer
from oncall_tui.store import audit
from oncall_tui.store.engine import Store, Transaction


@dataclass(frozen=True, slots=True)
class Context:
    """The engineer's place at the desk. `operator` is clean text; `clock` gives UTC.

    With `replay` the clock runs in the past, and nothing of what came later is seen.
    """

    store: Store
    offer: Offer
    operator: str
    workstation: str
    clock: Clock
    read_only: bool = False
    replay: bool = False
    _token: str = field(default_factory=lambda: token_hex(4), repr=False)

    @property
    def seat(self) -> str:
        """Return what tells this desk from every other one on the database, of the same engineer too."""
        return f"{self.operator}@{self.workstation}/{self._token}"

    @property
    def as_of(self) -> datetime | None:
        """Return the instant to look back to, None for the present."""
        return self.clock() if self.replay else None

    @contextmanager
    def writing(self, *, bulk: bool = False) -> Iterator[Transaction]:
        """Open the transaction of one act, or of one batch of a `bulk`; `Refused` on a read-only desk."""
        if self.read_only:
            raise Refused("this desk is read-only", hint="start it without --read-only to act")
        with self.store.begin(bulk=bulk) as tx:
            yield tx

    def record(
        self,
        tx: Transaction,
        at: datetime,
        act: str,
        subject: str,
        detail: Mapping[str, str],
        ticket_id: int | None = None,
        *,
        customer: str = "",
        outcome: str = DONE,
    ) -> None:
        """Write the audit entry of an act (R20); `at` is the instant the act was recorded, `customer` the id
        of the organisation that it is about, `outcome` how it came out.
        """
        entry = audit.Entry(
            at, self.operator, self.workstation, act, subject, detail, ticket_id, customer, outcome
        )
        audit.append(tx, entry)

    def clock_time(self, instant: datetime) -> str:
        """Return `instant` on the provider's wall clock, with the day where it isn't today."""
        local = instant.astimezone(self.offer.zone)
        today = self.clock().astimezone(self.offer.zone).date()
        return f"{local:%H:%M:%S}" if local.date() == today else f"{local:%d %b %H:%M}"
