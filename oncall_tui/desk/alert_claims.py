"""How long deliveries have been under way: a desk that died in the middle of one is told from one at work."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime

from oncall_tui.domain.alerts import Delivery, Result


@dataclass(slots=True)
class UnderWay:
    """When deliveries that are under way began, on this desk's own clock: the clock of who began them may be
    wrong. What was there when the desk began to look is as old as it says.
    """

    known: dict[Delivery, datetime] = field(default_factory=dict)
    looked: bool = False

    def look(self, found: Collection[Delivery], now: datetime) -> None:
        """Take in all that are under way."""
        self.known = {each: self.began(each, now) for each in found if each.result is Result.UNDER_WAY}
        self.looked = True

    def began(self, delivery: Delivery, now: datetime) -> datetime:
        """Return when a delivery began."""
        return self.known.get(delivery, now if self.looked else delivery.at)
