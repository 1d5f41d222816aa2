"""Tickets: rows in, frozen `Ticket`s out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from itertools import starmap
from typing import Any

from sqlalchemy import (
    BigInteger,
    Connection,
    Select,
    TypeDecorator,
    select,
    text,
    type_coerce,
    update,
)

from oncall_tui.domain.clock import from_micros, to_micros
from oncall_tui.domain.errors import NotFound, Refused
from oncall_tui.domain.folding import searchable
from oncall_tui.domain.outgoing import OutgoingState
from oncall_tui.domain.plans import Plan
from oncall_tui.domain.queue import QueueKey
from oncall_tui.domain.tickets import (
    REAL_TIME_CALENDAR,
    Channel,
    Means,
    Promise,
    Ticket,
)
from oncall_tui.store import spans, values
from oncall_tui.store.engine import Transaction
from oncall_tui.store.rows import in_parts
from oncall_tui.store.schema import customers, tickets

_c = tickets.c


def _raw(name: str) -> Any:
    """Return a column as the whole number or the text that it is: a board in a storm reads thousands of
    rows a second, and converts in one place.
    """
    column = _c[name]
    return type_coerce(column, BigInteger).label(name) if isinstance(column.type, TypeDecorator) else column


_TICKET = select(
    *map(
        _raw,
        (
            *("id", "ref", "customer_id", "plan", "channel", "subject", "contact"),
            *("received_at", "recorded_at", "calendar_id", "budget"),
            *("response_due_at", "response_warning_at", "response_critical_at", "response_due_open"),
            *("upgraded_at", "owner", "owner_since", "answered_at", "answered_by", "answered_means"),
            *("promise_made_at", "promise_made_by"),
            *("promise_due_at", "promise_warning_at", "promise_critical_at", "promise_due_open"),
            *("closed_at", "close_reason", "language", "outgoing", "internal", "version", "revision"),
        ),
    ),
    customers.c.ref,
    customers.c.name,
).join_from(tickets, customers)

_PLANS = {plan.value: plan for plan in Plan}
_CHANNELS = {channel.value: channel for channel in Channel}


def select_tickets() -> Select[Any]:
    """Return the query of whole tickets, to be narrowed and passed to `read`."""
    return _TICKET


def read_all(connection: Connection, ticket_ids: Iterable[int]) -> dict[int, Ticket]:
    """Return those of the tickets that are there, by id."""
    found: dict[int, Ticket] = {}
    for part in in_parts(ticket_ids):
        found |= {ticket.id: ticket for ticket in read(connection, _TICKET.where(_c.id.in_(part)))}
    return found


def read(connection: Connection, query: Select[Any], given: Mapping[str, Any] | None = None) -> list[Ticket]:
    """Return the tickets that `query`, made from `select_tickets`, finds, what it leaves open being as
    `given`.
    """
    return list(starmap(_ticket, connection.execute(query, given).fetchall()))


def _ticket(
    ticket_id: int,
    ref: str,
    customer_id: int,
    plan: str,
    channel: str,
    subject: str,
    contact: str,
    received: int,
    recorded: int,
    calendar_id: int,
    budget: int | None,
    due: int | None,
    warning: int | None,
    critical: int | None,
    due_open: int | None,
    upgraded: int | None,
    owner: str | None,
    owner_since: int | None,
    answered: int | None,
    answered_by: str | None,
    answered_means: str | None,
    promise_made: int | None,
    promise_made_by: str | None,
    promise_due: int | None,
    promise_warning: int | None,
    promise_critical: int | None,
    promise_due_open: int | None,
    closed: int | None,
    close_reason: str,
    language: str,
    outgoing: str,
    internal: bool,
    version: int,
    revision: int,
    customer: str,
    customer_name: str,
) -> Ticket:
    """Return the ticket of a row, its columns in the order of `_TICKET`."""
    promised = values.times(promise_due, promise_warning, promise_critical, promise_due_open)
    promise = None
    if promised is not None and promise_made is not None:
        promise = Promise(from_micros(promise_made), promise_made_by or "", promised)
    return Ticket(
        id=ticket_id,
        ref=ref,
        customer_id=customer_id,
        customer=customer,
        customer_name=customer_name,
        plan=_PLANS[plan],
        channel=_CHANNELS[channel],
        subject=subject,
        contact=contact,
        received_at=from_micros(received),
        recorded_at=from_micros(recorded),
        calendar_id=calendar_id,
        budget=None if budget is None else timedelta(seconds=budget),
        response=values.times(due, warning, critical, due_open),
        upgraded_at=values.instant(upgraded),
        owner=owner,
        owner_since=values.instant(owner_since),
        answered_at=values.instant(answered),
        answered_by=answered_by,
        answered_means=None if answered_means is None else Means(answered_means),
        promise=promise,
        closed_at=values.instant(closed),
        close_reason=close_reason,
        language=language,
        outgoing=OutgoingState(outgoing) if outgoing else None,
        internal=bool(internal),
        version=version,
        revision=revision,
    )


def get(connection: Connection, ticket_id: int) -> Ticket:
    """Return the ticket with that id; `NotFound` if there is none."""
    found = read(connection, _TICKET.where(_c.id == ticket_id))
    if not found:
        raise NotFound("that ticket is not in the store any more")
    return found[0]


def find(connection: Connection, ref: str) -> Ticket:
    """Return the ticket that goes by `ref`; `NotFound` if there is none."""
    found = read(connection, _TICKET.where(_c.ref == ref))
    if not found:
        raise NotFound(f"no ticket {ref[:60]!r}", hint="oncall-tui queue lists the open ones")
    return found[0]


def body(connection: Connection, ticket_id: int) -> str:
    """Return the text of the request itself."""
    return connection.scalar(select(_c.body).where(_c.id == ticket_id)) or ""


COLUMNS = tuple(column.name for column in _c if column.name != "id")
"""The columns of `values_of`, in its order."""


def values_of(ticket: Ticket, body: str | None, digest: str | None, revision: int) -> tuple[Any, ...]:
    """Return the ticket as the database keeps it, in the order of `COLUMNS`: instants and budgets as
    whole numbers, the running clock (R10) beside the facts it follows from.
    """
    promise, calendar_id, key = ticket.promise, ticket.clock_calendar_id, QueueKey.of(ticket)
    response = values.four(ticket.response)
    promised = values.four(None if promise is None else promise.times)
    _, warning, critical, due_open = (
        values.NO_TIMES
        if calendar_id is None
        else promised
        if calendar_id == REAL_TIME_CALENDAR
        else response
    )
    return (
        ticket.ref,
        ticket.customer_id,
        ticket.plan.value,
        ticket.channel.value,
        ticket.subject,
        body,
        ticket.contact,
        key.received,
        to_micros(ticket.recorded_at),
        ticket.calendar_id,
        values.seconds(ticket.budget),
        *response,
        values.micros(ticket.upgraded_at),
        ticket.owner,
        values.micros(ticket.owner_since),
        values.micros(ticket.answered_at),
        ticket.answered_by,
        None if ticket.answered_means is None else ticket.answered_means.value,
        None if promise is None else to_micros(promise.made_at),
        None if promise is None else promise.made_by,
        *promised,
        values.micros(ticket.closed_at),
        ticket.close_reason,
        ticket.language,
        "" if ticket.outgoing is None else ticket.outgoing.value,
        ticket.internal,
        key.due,
        key.plan_rank,
        warning,
        critical,
        calendar_id,
        due_open,
        digest,
        ticket.version,
        revision,
        searchable(ticket),
    )


_INSERT = text(
    f"INSERT INTO tickets ({', '.join(COLUMNS)}) VALUES ({', '.join(':' + name for name in COLUMNS)})"  # noqa: S608 - names of our own columns
    " RETURNING id"
)
_KEPT = {"body", "import_digest"}
_UPDATE = text(
    f"UPDATE tickets SET {', '.join(f'{name} = :{name}' for name in COLUMNS if name not in _KEPT)}"  # noqa: S608 - names of our own columns
    " WHERE id = :id AND version = :seen"
)


def add(tx: Transaction, ticket: Ticket, body: str) -> int:
    """Store a new ticket and return its id; `Refused` if its ref is taken."""
    taken = tx.connection.scalar(select(_c.id).where(_c.ref == ticket.ref))
    if taken is not None:
        raise Refused(f"there is a ticket {ticket.ref!r} already", hint="choose another reference")
    row = dict(zip(COLUMNS, values_of(ticket, body, None, tx.revision), strict=True))
    return int(tx.connection.scalar(_INSERT, row))


def save(
    tx: Transaction, old: Ticket, new: Ticket, now: datetime, *, undoing: datetime | None = None
) -> bool:
    """Store what an act made of `old`, if nobody changed it since `old.version` was read; say whether.

    What was true until `now` and is no more is kept as a span, so that the past can be shown. `undoing`
    is the instant of the act that this one takes back.
    """
    row = dict(zip(COLUMNS, values_of(new, None, None, tx.revision), strict=True))
    for kept in _KEPT:
        del row[kept]
    done = tx.connection.execute(_UPDATE, {**row, "id": old.id, "seen": old.version})
    if done.rowcount != 1:
        return False
    spans.end(tx, old, new, now, undoing)
    if (old.closed_at is None) is not (new.closed_at is None):
        from oncall_tui.store import guide_uses

        guide_uses.follow(tx, old, new)
    return True


def touch(tx: Transaction, ticket_id: int) -> None:
    """Stamp a ticket whose conversation changed, without a new version: a note is no conflict."""
    tx.connection.execute(update(tickets).where(_c.id == ticket_id).values(revision=tx.revision))


def touch_all(tx: Transaction, ticket_ids: Iterable[int]) -> None:
    """Stamp tickets as `touch` does."""
    for part in in_parts(ticket_ids):
        tx.connection.execute(update(tickets).where(_c.id.in_(part)).values(revision=tx.revision))
