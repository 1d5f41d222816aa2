"""What an act on a ticket sends out besides. All of it is loaded with the first ticket that came from another
system: the board that starts sends nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from oncall_tui.desk.context import Context
from oncall_tui.domain.handing import changes
from oncall_tui.domain.outgoing import OutgoingAct
from oncall_tui.domain.tickets import Ticket
from oncall_tui.store.engine import Transaction


def follow(
    context: Context,
    tx: Transaction,
    old: Ticket,
    new: Ticket,
    now: datetime,
    besides: Sequence[OutgoingAct] = (),
) -> list[int]:
    """Put on its way what makes the other system's ticket stand as `new`, `besides` what needn't be done;
    return the ids.
    """
    if not changes(old, new):
        return []
    from oncall_tui.desk import dispatch

    return dispatch.follow(context, tx, old, new, now, besides=besides)


def take_back(tx: Transaction, outgoing: Sequence[int], now: datetime) -> Sequence[OutgoingAct]:
    """Drop what an act put on its way, by its ids, and return what needn't be done to take it back; `Refused`
    where it can't be.
    """
    if not outgoing:
        return ()
    from oncall_tui.desk import dispatch

    return dispatch.take_back(tx, outgoing, now)


def standing(tx: Transaction, ticket: Ticket) -> Ticket:
    """Return the ticket as it stands with what goes out of it."""
    from oncall_tui.store import outbox

    return replace(ticket, outgoing=outbox.refresh(tx, ticket.id))
