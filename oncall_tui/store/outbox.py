"""What goes out: written with the act that it is of, handed to one desk at a time, kept as it came out.

How a ticket's outgoing stands is `refresh` and nothing else: whatever changes a row here calls it.
"""

from __future__ import annotations

import json
from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, insert, select, update

from oncall_tui.domain.correspondence import Outgoing, Sender
from oncall_tui.domain.errors import NotFound
from oncall_tui.domain.outgoing import (
    OPEN_STATES,
    OutgoingAct,
    OutgoingState,
    Queued,
    answered,
    worst,
)
from oncall_tui.domain.text import SUBJECT_LIMIT, clean
from oncall_tui.store.correspondence_schema import letters, outbox
from oncall_tui.store.engine import Transaction
from oncall_tui.store.rows import in_parts
from oncall_tui.store.schema import tickets

_o = outbox.c
_l = letters.c
_OPEN = _o.state.in_(sorted(state.value for state in OPEN_STATES))
_WAITING_ANSWER = (_o.state == OutgoingState.WAITING.value, _o.act == OutgoingAct.ANSWER.value)
_OUTGOING = select(outbox, tickets.c.ref.label("ref")).join_from(outbox, tickets)
_MAY_COME_BACK = (OutgoingState.SENDING, OutgoingState.SENT, OutgoingState.UNSURE)


def _read(connection: Connection, query: Select[Any]) -> list[Outgoing]:
    return [
        Outgoing(
            id=row.id,
            source=row.source,
            act=OutgoingAct(row.act),
            state=OutgoingState(row.state),
            ticket_id=row.ticket_id,
            ticket=row.ref,
            author=row.author,
            created_at=row.created_at,
            thread=row.thread,
            to=Sender(row.to_name, row.to_address),
            subject=row.subject,
            text=row.text,
            message_id=row.message_id,
            answers=tuple(json.loads(row.answers)),
            owner=row.owner,
            seen=row.seen,
            tries=row.tries,
            next_at=row.next_at,
            ended_at=row.ended_at,
            detail=row.detail,
            revision=row.revision,
        )
        for row in connection.execute(query)
    ]


def add(tx: Transaction, outgoing: Outgoing, line_id: int | None, workstation: str) -> int:
    """Store something that is to go out, from now on, and return its id. `line_id` is the line of the
    conversation that it is.
    """
    values = insert(outbox).values(
        ticket_id=outgoing.ticket_id,
        line_id=line_id,
        source=outgoing.source,
        act=outgoing.act.value,
        state=OutgoingState.WAITING.value,
        thread=outgoing.thread,
        to_name=outgoing.to.name,
        to_address=outgoing.to.address,
        subject=outgoing.subject,
        text=outgoing.text,
        message_id="",
        answers=json.dumps(outgoing.answers),
        owner=outgoing.owner,
        seen=outgoing.seen,
        author=outgoing.author,
        workstation=workstation,
        created_at=outgoing.created_at,
        tries=0,
        next_at=outgoing.created_at,
        claimed_by="",
        detail="",
        revision=tx.revision,
    )
    return int(tx.connection.execute(values.returning(_o.id)).scalar_one())


def get(connection: Connection, outgoing_id: int) -> Outgoing:
    """Return what goes out by that id; `NotFound` if there is nothing."""
    found = _read(connection, _OUTGOING.where(_o.id == outgoing_id))
    if not found:
        raise NotFound(f"nothing goes out as number {outgoing_id}", hint="oncall-tui outbox list names them")
    return found[0]


def some(connection: Connection, ids: Collection[int]) -> list[Outgoing]:
    """Return those of `ids` that there are, the oldest first."""
    return _read(connection, _OUTGOING.where(_o.id.in_(sorted(ids))).order_by(_o.id)) if ids else []


def unfinished(connection: Connection) -> list[Outgoing]:
    """Return what is on its way or needs a person, the oldest first."""
    return _read(connection, _OUTGOING.where(_OPEN).order_by(_o.id))


def of_ticket(connection: Connection, ticket_id: int) -> list[Outgoing]:
    """Return all that ever was to go out of a ticket, the oldest first."""
    return _read(connection, _OUTGOING.where(_o.ticket_id == ticket_id).order_by(_o.id))


def of_thread(
    connection: Connection, source: str, thread: str, states: Collection[OutgoingState]
) -> list[Outgoing]:
    """Return the answers to another system's ticket that are in one of `states`, the oldest first."""
    mine = _o.source == source, _o.thread == thread, _o.act == OutgoingAct.ANSWER.value
    states_of = _o.state.in_(sorted(state.value for state in states))
    return _read(connection, _OUTGOING.where(*mine, states_of).order_by(_o.id))


def changed(connection: Connection, revision: int) -> list[Outgoing]:
    """Return what was written since `revision`, the oldest first."""
    return _read(connection, _OUTGOING.where(_o.revision > revision).order_by(_o.id))


def forgotten(connection: Connection, before: datetime) -> list[Outgoing]:
    """Return the answers that still wait although their turn came by the instant `before` (UTC)."""
    return _read(connection, _OUTGOING.where(*_WAITING_ANSWER, _o.next_at <= before).order_by(_o.id))


def next_turn(connection: Connection, after: datetime) -> datetime | None:
    """Return when the first answer has its turn of those that have it after an instant (UTC)."""
    later = select(_o.next_at).where(*_WAITING_ANSWER, _o.next_at > after)
    return connection.scalar(later.order_by(_o.next_at).limit(1))


def queue(connection: Connection, source: str) -> list[Queued]:
    """Return what is unfinished of a source, the oldest first."""
    query = select(_o.id, _o.ticket_id, _o.act, _o.state, _o.next_at, _o.claimed_at)
    return [
        Queued(
            row.id, row.ticket_id, OutgoingAct(row.act), OutgoingState(row.state), row.next_at, row.claimed_at
        )
        for row in connection.execute(query.where(_o.source == source, _OPEN).order_by(_o.id))
    ]


def claim(tx: Transaction, outgoing_id: int, by: str, now: datetime, message_id: str) -> bool:
    """Give what waits to the desk `by`, for its next try; say whether it was there to give. Without a
    Message-ID of before it gets `message_id`.
    """
    waiting = _o.id == outgoing_id, _o.state == OutgoingState.WAITING.value
    values: dict[str, Any] = {
        "state": OutgoingState.SENDING.value,
        "claimed_by": by,
        "claimed_at": now,
        "tries": _o.tries + 1,
        "next_at": None,
        "revision": tx.revision,
    }
    if not tx.connection.execute(update(outbox).where(*waiting).values(**values)).rowcount:
        return False
    nameless = _o.id == outgoing_id, _o.message_id == ""
    tx.connection.execute(update(outbox).where(*nameless).values(message_id=message_id))
    return True


def claimed_at(connection: Connection, outgoing_id: int) -> datetime | None:
    """Return when the last try began."""
    return connection.scalar(select(_o.claimed_at).where(_o.id == outgoing_id))


def move(
    tx: Transaction,
    outgoing: Outgoing,
    state: OutgoingState,
    *,
    detail: str = "",
    next_at: datetime | None = None,
    ended_at: datetime | None = None,
    anew: bool = False,
    forced: bool = False,
) -> None:
    """Put something that goes out into another state, and its ticket after it.

    `anew` gives it another Message-ID with the next try; what is `forced` is done whatever stands in the
    other system.
    """
    values: dict[str, Any] = {
        "state": state.value,
        "detail": detail,
        "next_at": next_at,
        "ended_at": ended_at,
        "revision": tx.revision,
    }
    values |= ({"message_id": ""} if anew else {}) | ({"seen": ""} if forced else {})
    tx.connection.execute(update(outbox).where(_o.id == outgoing.id).values(**values))
    refresh(tx, outgoing.ticket_id)


def refresh(tx: Transaction, ticket_id: int) -> OutgoingState | None:
    """Say on the ticket how what goes out of it stands, and return it. That is no new version of the ticket:
    nobody's act is in conflict with a mail that goes its way.
    """
    query = select(_o.state).where(_o.ticket_id == ticket_id, _OPEN).distinct()
    state = worst(OutgoingState(each) for each in tx.connection.scalars(query))
    values = {"outgoing": state.value if state else "", "revision": tx.revision}
    tx.connection.execute(update(tickets).where(tickets.c.id == ticket_id).values(**values))
    return state


def rebase(tx: Transaction, ticket_id: int, version: str) -> None:
    """Let what waits behind something that was done be in sight of the `version` that it led to."""
    behind = _o.ticket_id == ticket_id, _o.state == OutgoingState.WAITING.value, _o.seen != ""
    tx.connection.execute(update(outbox).where(*behind).values(seen=version, revision=tx.revision))


def line_of(connection: Connection, outgoing_id: int) -> int | None:
    """Return the line of the conversation that something which goes out is."""
    return connection.scalar(select(_o.line_id).where(_o.id == outgoing_id))


def message_ids(connection: Connection, ticket_id: int) -> tuple[str, ...]:
    """Return the Message-IDs of a ticket's conversation that an answer to it names, the oldest first.

    Of answers only those that were certainly taken: a reply names them all again, as if it had them in hand.
    """
    came_in = select(_l.received_at, _l.message_id).where(_l.ticket_id == ticket_id).order_by(_l.id)
    taken = _o.ticket_id == ticket_id, _o.state == OutgoingState.SENT.value
    went_out = select(_o.created_at, _o.message_id).where(*taken).order_by(_o.id)
    rows = [*connection.execute(came_in).all(), *connection.execute(went_out).all()]
    return answered([message_id for _, message_id in sorted(rows, key=lambda row: row[0])])


def note_letter(tx: Transaction, outgoing: Outgoing, key: str, at: datetime, now: datetime) -> None:
    """Let the letter as which an answer of ours comes in from the other system be known already."""
    known = select(_l.id).where(_l.source == outgoing.source, _l.key == key)
    if tx.connection.execute(known).first() is not None:
        return
    tx.connection.execute(
        insert(letters).values(
            source=outgoing.source,
            key=key,
            message_id=outgoing.message_id,
            kind=outgoing.act.value,
            ticket_id=outgoing.ticket_id,
            line_id=line_of(tx.connection, outgoing.id),
            sender_name=outgoing.author,
            sender_address="",
            subject=outgoing.subject,
            received_at=at,
            recorded_at=now,
            size=len(outgoing.text.encode()),
            revision=tx.revision,
        )
    )


def unconfirmed(connection: Connection, message_ids: Collection[str]) -> list[Outgoing]:
    """Return those of the mails with these Message-IDs of which it isn't known that they were taken, also
    where somebody has said since that they are to go out again.
    """
    open_states = (OutgoingState.SENDING.value, OutgoingState.UNSURE.value, OutgoingState.WAITING.value)
    found = []
    for part in in_parts(message_ids):
        mine = _o.message_id.in_(part), _o.state.in_(open_states)
        found += _read(connection, _OUTGOING.where(*mine).order_by(_o.id))
    return found


def came_back(tx: Transaction, message_id: str, why: str, now: datetime) -> bool:
    """Note that the mail `message_id` came back at `now`, and why; say whether it is one that was sent.

    The response clock stays as it is (R6): it never starts again, and somebody is told.
    """
    came = _o.message_id == message_id, _o.state.in_([state.value for state in _MAY_COME_BACK])
    found = _read(tx.connection, _OUTGOING.where(*came)) if message_id else []
    for outgoing in found:
        said = clean(why, limit=SUBJECT_LIMIT) or "the mail came back"
        move(tx, outgoing, OutgoingState.BOUNCED, detail=said, ended_at=now)
    return bool(found)
