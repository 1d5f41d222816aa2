"""What an act sends out, written down with it in its transaction."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from oncall_tui.desk.context import Context
from oncall_tui.domain.correspondence import Outgoing, Sender
from oncall_tui.domain.errors import Refused
from oncall_tui.domain.handing import REVERSES, changes
from oncall_tui.domain.outgoing import OutgoingAct, OutgoingState, subject_of_answer
from oncall_tui.domain.tickets import Origin, Ticket
from oncall_tui.store import links, messages, outbox
from oncall_tui.store.engine import Transaction
from oncall_tui.store.links import Link

_NEVER_DONE = (OutgoingState.WAITING, OutgoingState.REFUSED, OutgoingState.CONFLICT)
"""States of which it is certain that the other system did nothing."""


def takes_answers(origin: Origin | None) -> bool:
    """Say whether an answer can go back to where a ticket came from."""
    return origin is not None and bool(origin.thread or origin.address)


def answer(
    context: Context, tx: Transaction, ticket: Ticket, text: str, line_id: int | None, now: datetime
) -> int:
    """Put the answer `text`, which is clean, on its way to where `ticket` came from; return its id.

    Raises `Refused` for a ticket that came from nowhere an answer can go to.
    """
    link = links.get(tx.connection, ticket.id)
    if link is None or not takes_answers(link.origin):
        raise Refused(
            f"{ticket.ref} came in with no address to send an answer to",
            hint="tell the customer, then record how (ticket answer --by)",
        )
    draft = replace(
        _draft(context, ticket, link, OutgoingAct.ANSWER, now),
        to=Sender(link.origin.name, link.origin.address),
        subject=subject_of_answer(ticket.subject, ticket.ref),
        text=text,
        answers=outbox.message_ids(tx.connection, ticket.id),
    )
    return outbox.add(tx, draft, line_id, context.workstation)


def follow(
    context: Context,
    tx: Transaction,
    old: Ticket,
    new: Ticket,
    now: datetime,
    *,
    besides: Sequence[OutgoingAct] = (),
) -> list[int]:
    """Put on its way what an act that made `new` of `old` means for the other system's ticket, if there is
    one, `besides` what needn't go out; return the ids.
    """
    wanted = [change for change in changes(old, new) if change.act not in besides]
    link = links.get(tx.connection, new.id) if wanted else None
    if link is None or not link.origin.thread:
        return []
    return [
        outbox.add(
            tx,
            replace(_draft(context, new, link, change.act, now), owner=change.owner),
            None,
            context.workstation,
        )
        for change in wanted
    ]


def take_back(tx: Transaction, ids: Sequence[int], now: datetime) -> list[OutgoingAct]:
    """Drop what an act that is undone had put on its way, where nothing was done yet in the other system.

    Returns what needn't go out any more to take it back. Raises `Refused` for an answer that is on its way
    already, since nobody can call a mail back, and for what came into conflict with what was done there: how
    the ticket stood before is no longer how it stands there.
    """
    spared = []
    for outgoing in outbox.some(tx.connection, ids):
        answers = outgoing.act is OutgoingAct.ANSWER
        if outgoing.state is OutgoingState.CONFLICT and not answers:
            raise Refused(
                f"somebody else has changed {outgoing.ticket} in {outgoing.source} meanwhile",
                hint="decide in the outbox which counts, yours or theirs",
            )
        if outgoing.state in _NEVER_DONE:
            outbox.move(tx, outgoing, OutgoingState.DROPPED, ended_at=now)
            if not answers:
                spared.append(REVERSES[outgoing.act])
        elif answers and outgoing.state is not OutgoingState.DROPPED:
            raise Refused(
                f"the answer to {outgoing.ticket} is on its way already",
                hint="what was handed over can't be called back; write again what is to be put right",
            )
    return spared


def withdraw_line(tx: Transaction, outgoing: Outgoing, now: datetime) -> None:
    """Mark the line of the conversation that `outgoing` is as taken back."""
    line_id = outbox.line_of(tx.connection, outgoing.id)
    if line_id is not None:
        messages.withdraw(tx, line_id, now)


def _draft(context: Context, ticket: Ticket, link: Link, act: OutgoingAct, now: datetime) -> Outgoing:
    return Outgoing(
        id=0,
        source=link.origin.source,
        act=act,
        state=OutgoingState.WAITING,
        ticket_id=ticket.id,
        ticket=ticket.ref,
        author=context.operator,
        created_at=now,
        thread=link.origin.thread,
        seen=link.version,
    )
