"""Tickets: rows in, frozen `Ticket`s out."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import starmap
from typing import Any

from sqlalchemy import (
    BigInteger,
    Connection,
    Select,
    TypeDecorator,
    insert,
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
    ClockTimes,
    Means,
    Promise,
    Ticket,
)
from oncall_tui.store.engine import Transaction
from oncall_tui.store.rows import in_parts
from oncall_tui.store.schema import customers, ticket_spans, tickets

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
            *("closed_at", "close_reason", "language", "outgoing", "version", "revision"),
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


def read(connection: Connection, query: Select[Any], values: Mapping[str, Any] | None = None) -> list[Ticket]:
    """Return the tickets that `query`, made from `select_tickets`, finds with `values` for what it leaves
    open.
    """
    return list(starmap(_ticket, connection.execute(query, values).fetchall()))


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
    version: int,
    revision: int,
    customer: str,
    customer_name: str,
) -> Ticket:
    """Return the ticket of a row, its columns in the order of `_TICKET`."""
    promised = _times(promise_due, promise_warning, promise_critical, promise_due_open)
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
        response=_times(due, warning, critical, due_open),
        upgraded_at=_instant(upgraded),
        owner=owner,
        owner_since=_instant(owner_since),
        answered_at=_instant(answered),
        answered_by=answered_by,
        answered_means=None if answered_means is None else Means(answered_means),
        promise=promise,
        closed_at=_instant(closed),
        close_reason=close_reason,
        language=language,
        outgoing=OutgoingState(outgoing) if outgoing else None,
        version=version,
        revision=revision,
    )


def _times(
    due: int | None, warning: int | None, critical: int | None, due_open: int | None
) -> ClockTimes | None:
    if due is None or warning is None or critical is None or due_open is None:
        return None
    return ClockTimes(from_micros(due), from_micros(warning), from_micros(critical), due_open)


def _instant(micros: int | None) -> datetime | None:
    return None if micros is None else from_micros(micros)


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


def _micros(instant: datetime | None) -> int | None:
    return None if instant is None else to_micros(instant)


def _seconds(budget: timedelta | None) -> int | None:
    return None if budget is None else int(budget.total_seconds())


_NO_TIMES = (None, None, None, None)

COLUMNS = tuple(column.name for column in _c if column.name != "id")
"""The columns of `values_of`, in its order."""


def values_of(ticket: Ticket, body: str | None, digest: str | None, revision: int) -> tuple[Any, ...]:
    """Return the ticket as the database keeps it, in the order of `COLUMNS`: instants and budgets as
    whole numbers, the running clock (R10) beside the facts it follows from.
    """
    promise, calendar_id, key = ticket.promise, ticket.clock_calendar_id, QueueKey.of(ticket)
    response = _four(ticket.response)
    promised = _four(None if promise is None else promise.times)
    _, warning, critical, due_open = (
        _NO_TIMES if calendar_id is None else promised if calendar_id == REAL_TIME_CALENDAR else response
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
        _seconds(ticket.budget),
        *response,
        _micros(ticket.upgraded_at),
        ticket.owner,
        _micros(ticket.owner_since),
        _micros(ticket.answered_at),
        ticket.answered_by,
        None if ticket.answered_means is None else ticket.answered_means.value,
        None if promise is None else to_micros(promise.made_at),
        None if promise is None else promise.made_by,
        *promised,
        _micros(ticket.closed_at),
        ticket.close_reason,
        ticket.language,
        "" if ticket.outgoing is None else ticket.outgoing.value,
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


def _four(times: ClockTimes | None) -> tuple[int | None, ...]:
    if times is None:
        return _NO_TIMES
    return (
        to_micros(times.due_at),
        to_micros(times.warning_at),
        to_micros(times.critical_at),
        times.due_open,
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
    values = dict(zip(COLUMNS, values_of(ticket, body, None, tx.revision), strict=True))
    return int(tx.connection.scalar(_INSERT, values))


def save(
    tx: Transaction, old: Ticket, new: Ticket, now: datetime, *, undoing: datetime | None = None
) -> bool:
    """Store what an act made of `old`, if nobody changed it since `old.version` was read; say whether.

    What was true until `now` and is no more is kept as a span, so that the past can be shown. `undoing`
    is the instant of the act that this one takes back.
    """
    values = dict(zip(COLUMNS, values_of(new, None, None, tx.revision), strict=True))
    for kept in _KEPT:
        del values[kept]
    done = tx.connection.execute(_UPDATE, {**values, "id": old.id, "seen": old.version})
    if done.rowcount != 1:
        return False
    spans = [*ended_spans(old, new, now), *_gaps(old, new, now, undoing)]
    if spans:
        tx.connection.execute(insert(ticket_spans), spans)
    return True


def ended_spans(old: Ticket, new: Ticket, now: datetime) -> Iterable[dict[str, Any]]:
    """Yield the rows of `ticket_spans` for what was true of `old`, ended at `now` and isn't of `new`.

    Guarantee, organisation and language are said to hold from receipt: who looks for one takes the span that
    ended first.
    """

    def span(aspect: str, value: dict[str, Any], began_at: datetime) -> dict[str, Any]:
        return {
            "ticket_id": old.id,
            "aspect": aspect,
            "value": json.dumps(value, ensure_ascii=False),
            "began_at": began_at,
            "ended_at": now,
        }

    if old.owner is not None and old.owner_since is not None and old.owner_since != new.owner_since:
        yield span("owner", {"owner": old.owner}, old.owner_since)
    if old.promise is not None and old.promise != new.promise:
        value = {"by": old.promise.made_by, "times": _four(old.promise.times)}
        yield span("promise", value, old.promise.made_at)
    if old.answered_at is not None and new.answered_at is None:
        means = None if old.answered_means is None else old.answered_means.value
        yield span("answer", {"by": old.answered_by, "means": means}, old.answered_at)
    if old.closed_at is not None and old.closed_at != new.closed_at:
        yield span("closed", {"reason": old.close_reason}, old.closed_at)
    if old.customer_id != new.customer_id:
        whose = {"id": old.customer_id, "ref": old.customer, "name": old.customer_name}
        yield span("customer", {**whose, "contact": old.contact}, old.received_at)
    if old.language != new.language:
        yield span("language", {"language": old.language}, old.received_at)
    if (old.plan, old.budget, old.response) != (new.plan, new.budget, new.response):
        guarantee: dict[str, Any] = {
            "plan": old.plan.value,
            "budget": _seconds(old.budget),
            "times": None if old.response is None else _four(old.response),
            "upgraded_at": _micros(old.upgraded_at),
        }
        yield span("response", guarantee, old.received_at)


def _gaps(old: Ticket, new: Ticket, now: datetime, since: datetime | None) -> Iterable[dict[str, Any]]:
    """Yield the rows of `ticket_spans` for what was not there between an act and its undoing."""
    if since is None:
        return
    for aspect, before, after in (
        ("promise", old.promise, new.promise),
        ("closed", old.closed_at, new.closed_at),
    ):
        if before is None and after is not None:
            yield {
                "ticket_id": old.id,
                "aspect": aspect,
                "value": "null",
                "began_at": since,
                "ended_at": now,
            }


def restored(connection: Connection, found: Sequence[Ticket], instant: datetime) -> list[Ticket]:
    """Return the tickets as they stood at `instant`, with what was true then and ended later."""
    past = {ticket.id: ticket.as_of(instant) for ticket in found}
    query = (
        select(ticket_spans)
        .where(ticket_spans.c.began_at <= instant, ticket_spans.c.ended_at > instant)
        # Guarantees and their like all begin at receipt: what ended first is what held, and is applied last.
        .order_by(ticket_spans.c.ended_at.desc(), ticket_spans.c.id.desc())
    )
    for row in connection.execute(query):
        ticket = past.get(row.ticket_id)
        if ticket is None:
            continue
        value = json.loads(row.value)
        match row.aspect:
            case "owner":
                ticket = replace(ticket, owner=value["owner"], owner_since=row.began_at)
            case "promise" if value is None:
                ticket = replace(ticket, promise=None)
            case "promise":
                times = _times(*value["times"])
                promise = None if times is None else Promise(row.began_at, value["by"], times)
                ticket = replace(ticket, promise=promise)
            case "answer":
                means = None if value["means"] is None else Means(value["means"])
                ticket = replace(
                    ticket, answered_at=row.began_at, answered_by=value["by"], answered_means=means
                )
            case "closed" if value is None:
                ticket = replace(ticket, closed_at=None, close_reason="")
            case "closed":
                ticket = replace(ticket, closed_at=row.began_at, close_reason=value["reason"])
            case "customer":
                ticket = replace(
                    ticket,
                    customer_id=value["id"],
                    customer=value["ref"],
                    customer_name=value["name"],
                    contact=value["contact"],
                )
            case "language":
                ticket = replace(ticket, language=value["language"])
            case "response":
                budget, times, upgraded = value["budget"], value["times"], value["upgraded_at"]
                ticket = replace(
                    ticket,
                    plan=Plan(value["plan"]),
                    budget=None if budget is None else timedelta(seconds=budget),
                    response=None if times is None else _times(*times),
                    upgraded_at=_instant(upgraded),
                )
        past[row.ticket_id] = ticket
    return list(past.values())


def touch(tx: Transaction, ticket_id: int) -> None:
    """Stamp a ticket whose conversation changed, without a new version: a note is no conflict."""
    tx.connection.execute(update(tickets).where(_c.id == ticket_id).values(revision=tx.revision))


def touch_all(tx: Transaction, ticket_ids: Iterable[int]) -> None:
    """Stamp tickets as `touch` does."""
    for part in in_parts(ticket_ids):
        tx.connection.execute(update(tickets).where(_c.id.in_(part)).values(revision=tx.revision))
