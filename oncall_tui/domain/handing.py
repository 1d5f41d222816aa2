"""What an act means for the other system that a ticket came from, and what an outcome there means here."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import NamedTuple

from oncall_tui.domain.outgoing import OutgoingAct, OutgoingState
from oncall_tui.domain.tickets import Ticket

_OUTCOMES = frozenset(
    {
        OutgoingState.WAITING,
        OutgoingState.SENT,
        OutgoingState.UNSURE,
        OutgoingState.REFUSED,
        OutgoingState.CONFLICT,
    }
)


class Change(NamedTuple):
    """What is to be done to a ticket in the system that it came from; `owner` is for the act OWNER."""

    act: OutgoingAct
    owner: str | None = None


def changes(old: Ticket, new: Ticket) -> list[Change]:
    """Return what has to be done in the other system for its ticket to stand as `new` does."""
    found = []
    if old.owner != new.owner:
        found.append(Change(OutgoingAct.OWNER, new.owner))
    if (old.closed_at is None) != (new.closed_at is None):
        found.append(Change(OutgoingAct.REOPEN if new.closed_at is None else OutgoingAct.CLOSE))
    return found


REVERSES = {
    OutgoingAct.OWNER: OutgoingAct.OWNER,
    OutgoingAct.CLOSE: OutgoingAct.REOPEN,
    OutgoingAct.REOPEN: OutgoingAct.CLOSE,
}
"""What takes back what: where the one never went out, the other needn't."""


def outcome(act: OutgoingAct, handed: OutgoingState) -> OutgoingState:
    """Return the state that follows from what a source says came of handing something over.

    Only an answer can be unsure: owner and state are set once more, to the same end. What a source
    mustn't say is unsure.
    """
    if handed not in _OUTCOMES:
        handed = OutgoingState.UNSURE
    if handed is OutgoingState.UNSURE and act is not OutgoingAct.ANSWER:
        return OutgoingState.WAITING
    return handed


def told_at(handed_at: datetime, written_at: datetime, received_at: datetime, now: datetime) -> datetime:
    """Return when the customer was told by what was handed over at `handed_at` on the server's clock (R6).

    Clocks may be apart: it is never before the answer was written, nor the request received, and else never
    after `now`.
    """
    return max(written_at, received_at, min(handed_at, now))


def yielded(ticket: Ticket, act: OutgoingAct, owner: str, source: str, now: datetime) -> Ticket:
    """Return the ticket where what stands in the other system counts, and not the `act` that came into
    conflict with it: `owner` has it there, empty for nobody. R6 and R7: no clock starts or stops.
    """
    theirs = owner or None
    since = now if theirs else None
    match act:
        case OutgoingAct.OWNER if ticket.owner != theirs:
            return replace(ticket, owner=theirs, owner_since=since)
        case OutgoingAct.CLOSE if ticket.closed_at is not None:
            if theirs and ticket.owner != theirs:
                ticket = replace(ticket, owner=theirs, owner_since=since)
            return replace(ticket, closed_at=None, close_reason="")
        case OutgoingAct.REOPEN if ticket.closed_at is None:
            return replace(ticket, closed_at=now, close_reason=f"closed in {source}")
        case _:
            return ticket
