"""What a letter means for a ticket, and what another system's ticket means for ours: pure decisions."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from datetime import datetime, timedelta
from enum import Enum

from oncall_tui.domain.correspondence import LetterKind, Standing
from oncall_tui.domain.outgoing import OutgoingAct
from oncall_tui.domain.senders import Belonging
from oncall_tui.domain.tickets import Ticket

REOPEN_WITHIN = timedelta(days=14)
"""How long after its closing a reply opens a ticket again; later it is a request of its own."""


class Joins(Enum):
    """What a letter that continues a ticket does to it."""

    AS_IT_IS = "as it is"
    REOPENS = "reopens"
    TOO_LATE = "too late"
    """It becomes a ticket of its own."""


def joins(kind: LetterKind, closed_at: datetime | None, received_at: datetime) -> Joins:
    """Say what a letter of `kind` does to the ticket that it continues. Only a customer reopens one (R6).

    One that was on its way when the ticket was closed reopens it too: nobody has read it.
    """
    if closed_at is None or kind is not LetterKind.REQUEST:
        return Joins.AS_IT_IS
    return Joins.REOPENS if received_at - closed_at <= REOPEN_WITHIN else Joins.TOO_LATE


def may_name(sender: Belonging, address: str, ticket: Ticket, answered_to: str) -> bool:
    """Say whether the reference in the subject of a letter is enough to join `ticket`.

    References can be guessed, and names of colleagues written by anybody: it counts where the sender belongs
    to the ticket's organisation, or has the `address` that the ticket is answered to. Both addresses are in
    lower case.
    """
    return sender.speaks_for(ticket.customer_id) or (address != "" and address == answered_to)


def followed(
    ticket: Ticket, standing: Standing, known_owner: str, ours: Collection[OutgoingAct], now: datetime
) -> Ticket:
    """Return `ticket` as its counterpart stands in another system, as of `now`.

    The owner follows where it isn't the one that was last seen there (`known_owner`, empty for nobody). What
    an act of `ours` is on its way to change there says nothing of what ours is.
    """
    new = ticket
    owner_changed = standing.owner != (known_owner or None) and standing.owner != ticket.owner
    if owner_changed and OutgoingAct.OWNER not in ours:
        new = replace(new, owner=standing.owner, owner_since=now if standing.owner else None)
    if not {OutgoingAct.CLOSE, OutgoingAct.REOPEN}.isdisjoint(ours):
        return new
    if standing.closed_at is not None and ticket.closed_at is None:
        return replace(new, closed_at=max(ticket.received_at, min(standing.closed_at, now)))
    if standing.closed_at is None and ticket.closed_at is not None:
        return replace(new, closed_at=None, close_reason="")
    return new
