"""Filing a request as a ticket, within the transaction of whatever act brings it in."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import NamedTuple

from oncall_tui.desk.context import Context
from oncall_tui.domain.errors import BadInput, Refused
from oncall_tui.domain.receipt import guaranteed
from oncall_tui.domain.text import NAME_LIMIT, REF_LIMIT, SUBJECT_LIMIT, clean, clean_body
from oncall_tui.domain.tickets import Act, Channel, Ticket
from oncall_tui.store import calendars, customers, upgrades
from oncall_tui.store import tickets as ticket_store
from oncall_tui.store.engine import Transaction


class Request(NamedTuple):
    """What a customer asks, as it came in: `customer` is an id, `received_at` None for now (R5).

    Without a `ref` the ticket gets one. `owner` has it from the beginning, None for nobody. An `internal` one
    is asked by one of us of another: it has no guarantee, whatever the plan.
    """

    customer: str
    channel: Channel
    subject: str
    body: str = ""
    contact: str = ""
    received_at: datetime | None = None
    ref: str | None = None
    owner: str | None = None
    internal: bool = False


def file(context: Context, tx: Transaction, request: Request, now: datetime) -> Ticket:
    """Store `request` as a ticket, with its guarantee (R9) and its audit entry.

    Raises `BadInput` without a subject, `NotFound` for an unknown customer, `Refused` for a plan that doesn't
    have the channel (R11), an instant in the future (R5), a reference that is taken.
    """
    subject = clean(request.subject, limit=SUBJECT_LIMIT)
    if not subject.strip():
        raise BadInput("a ticket needs a subject")
    received = request.received_at or now
    if received > now:
        raise Refused("a request can't be received in the future", rule="R5")
    customer_id, who = customers.find(tx.connection, request.customer)
    draft = Ticket(
        id=0,
        ref=f"T-{tx.revision:06d}" if request.ref is None else _reference(request.ref),
        customer_id=customer_id,
        customer=who.id,
        customer_name=who.name,
        plan=who.plan,
        channel=request.channel,
        subject=subject,
        contact=clean(request.contact, limit=NAME_LIMIT),
        received_at=received,
        recorded_at=now,
        calendar_id=calendars.id_of(tx, context.offer.calendar_for(request.channel)),
        budget=None,
        response=None,
        owner=request.owner,
        owner_since=now if request.owner is not None else None,
        internal=request.internal,
        revision=tx.revision,
    )
    if not request.internal:
        draft = guaranteed(draft, context.offer, upgrades.last(tx.connection, customer_id))
    ticket_id = ticket_store.add(tx, draft, clean_body(request.body))
    detail = {
        "customer": who.id,
        "channel": request.channel.value,
        "received_at": received.isoformat(),
    } | ({"owner": request.owner} if request.owner else {})
    if request.internal:
        detail["internal"] = "yes"
    context.record(tx, now, Act.NEW, draft.ref, detail, ticket_id, customer=who.id)
    return replace(draft, id=ticket_id)


def _reference(text: str) -> str:
    """Return `text` if it can be a reference; cut or repaired it might be somebody else's."""
    ref = clean(text, limit=REF_LIMIT + 1)
    if not ref or ref != text.strip() or len(ref) > REF_LIMIT:
        raise BadInput(f"a reference has 1 to {REF_LIMIT} characters that can be shown")
    return ref
