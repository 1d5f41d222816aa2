"""Which lines of the list are new or have changed, for as long as the eye needs to find them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

NEW = "+"
CHANGED = "±"
"""The signs of a line that has come in and of one that is another than it was."""

SHOWN = timedelta(seconds=5)


class News:
    """The signs by ticket id, each shown for `SHOWN`."""

    def __init__(self) -> None:
        self._until: dict[int, tuple[str, datetime]] = {}

    def note(self, ticket_ids: Iterable[int], sign: str, now: datetime) -> None:
        """Show `sign` at these tickets from `now` on; what is new stays new while it changes."""
        for ticket_id in ticket_ids:
            if sign is CHANGED and self.sign(ticket_id, now) == NEW:
                continue
            self._until[ticket_id] = (sign, now + SHOWN)

    def sign(self, ticket_id: int, now: datetime) -> str:
        """Return the sign that a ticket has at `now`, empty if it has none."""
        found = self._until.get(ticket_id)
        # A clock that was set back doesn't keep a sign for longer than it was meant to be shown.
        return found[0] if found is not None and found[1] - SHOWN <= now < found[1] else ""

    def forget(self, now: datetime) -> None:
        """Forget what is no longer shown at `now`."""
        if self._until:
            latest = now + SHOWN
            self._until = {each: kept for each, kept in self._until.items() if now < kept[1] <= latest}

    def clear(self) -> None:
        """Forget everything: another queue is shown."""
        self._until.clear()
