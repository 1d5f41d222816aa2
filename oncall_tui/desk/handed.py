"""What came of handing something over: written down, whichever desk did it and however late it is known."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from oncall_tui.desk.context import Context
from oncall_tui.domain import tickets as rules
from oncall_tui.domain.correspondence import Handed, Outgoing
from oncall_tui.domain.handing import outcome, told_at
from oncall_tui.domain.outgoing import OutgoingAct, OutgoingState, retry_after
from oncall_tui.domain.text import SUBJECT_LIMIT, clean
from oncall_tui.domain.tickets import Act, Means
from oncall_tui.store import links, outbox
from oncall_tui.store import tickets as ticket_store
from oncall_tui.store.engine import Transaction

_OPEN_TO_NEWS = (OutgoingState.SENDING, OutgoingState.UNSURE, OutgoingState.WAITING)
"""What is known of a try may still change: it is under way, was given up for dead, or is to be repeated."""

_ABANDONED = "the program that was handing it over ended meanwhile"


def finish(context: Context, tx: Transaction, outgoing: Outgoing, handed: Handed, now: datetime) -> None:
    """Write down what came of the try that `outgoing` was claimed for, unless a later one has begun."""
    current = outbox.get(tx.connection, outgoing.id)
    if current.tries != outgoing.tries:
        return
    state = outcome(current.act, handed.state)
    if state is OutgoingState.SENT:
        sent(context, tx, current, handed, now)
    elif current.state in (OutgoingState.SENDING, OutgoingState.UNSURE):
        why = clean(handed.detail, limit=SUBJECT_LIMIT)
        if state is OutgoingState.WAITING:
            next_at = now + retry_after(current.tries)
            outbox.move(tx, current, state, detail=why or "it wasn't taken", next_at=next_at)
        else:
            outbox.move(tx, current, state, detail=why, ended_at=min(handed.at, now))
            if state is OutgoingState.CONFLICT:
                links.stands(tx, current.ticket_id, owner=clean(handed.their_owner, limit=SUBJECT_LIMIT))


def sent(context: Context, tx: Transaction, outgoing: Outgoing, handed: Handed, now: datetime) -> None:
    """Note that the other system has taken `outgoing`: an answer stops the response clock (R6).

    A mail that has come back already stays one that came back; it was handed over all the same.
    """
    if outgoing.state in _OPEN_TO_NEWS:
        outbox.move(tx, outgoing, OutgoingState.SENT, ended_at=min(handed.at, now))
    elif outgoing.state is not OutgoingState.BOUNCED:
        return
    if handed.version:
        links.stands(tx, outgoing.ticket_id, version=handed.version)
        outbox.rebase(tx, outgoing.ticket_id, handed.version)
    if outgoing.act is OutgoingAct.OWNER:
        links.stands(tx, outgoing.ticket_id, owner=outgoing.owner or "")
    if outgoing.act is OutgoingAct.ANSWER:
        if handed.key:
            outbox.note_letter(tx, outgoing, handed.key, handed.at, now)
        _tell(context, tx, outgoing, handed.at, now)


def _tell(
    context: Context,
    tx: Transaction,
    outgoing: Outgoing,
    handed_at: datetime,
    now: datetime,
) -> None:
    """Stop the response clock, also of a ticket that was closed meanwhile: what was told is a fact."""
    old = ticket_store.get(tx.connection, outgoing.ticket_id)
    at = told_at(handed_at, outgoing.created_at, old.received_at, now)
    new = rules.told(old, outgoing.author, Means.EMAIL, at)
    if new != old:
        # Nobody else writes in this transaction, so that the version is the one that was read.
        ticket_store.save(tx, old, replace(new, version=old.version + 1), now)
    detail: Mapping[str, str] = {
        "means": Means.EMAIL.value,
        "by": outgoing.author,
        "sent_at": at.isoformat(),
    }
    context.record(tx, now, Act.ANSWER, old.ref, detail, old.id, customer=old.customer)


def abandon(tx: Transaction, outgoing: Outgoing, now: datetime) -> None:
    """Give up a try whose desk must be dead. An answer may have been taken and is never repeated by itself;
    owner and state are set once more, to the same end.
    """
    if outgoing.act is OutgoingAct.ANSWER:
        began_at = outbox.claimed_at(tx.connection, outgoing.id) or now
        outbox.move(tx, outgoing, OutgoingState.UNSURE, detail=_ABANDONED, ended_at=min(began_at, now))
    else:
        outbox.move(tx, outgoing, OutgoingState.WAITING, detail=_ABANDONED, next_at=now)


def adopt(
    context: Context, tx: Transaction, source: str, thread: str, text: str, at: datetime, key: str
) -> bool:
    """Recognise an answer of ours that comes in from the other system at `at` before it is known here that
    it was handed over; say whether it is one. `text` is clean.

    Then it was sent, and its letter is known by `key`.
    """
    said = _without_layout(text)
    maybe = outbox.of_thread(tx.connection, source, thread, (OutgoingState.SENDING, OutgoingState.UNSURE))
    ours = next((each for each in maybe if _without_layout(each.text) == said), None)
    if ours is None:
        return False
    sent(context, tx, ours, Handed(OutgoingState.SENT, at, key=key), context.clock())
    return True


def _without_layout(text: str) -> str:
    """Return the words: another system may break lines otherwise, and end them with spaces."""
    return " ".join(text.split())
