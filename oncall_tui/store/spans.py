"""What was true of tickets for a while and is no more, so that the past can be shown."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, insert, select

from oncall_tui.domain.plans import Plan
from oncall_tui.domain.tickets import Means, Promise, Ticket
from oncall_tui.store import values
from oncall_tui.store.engine import Transaction
from oncall_tui.store.schema import ticket_spans


def end(tx: Transaction, old: Ticket, new: Ticket, now: datetime, undoing: datetime | None) -> None:
    """Keep what was true of `old` until `now` and isn't of `new`; `undoing` is the instant of the act that is
    taken back, if one is.
    """
    found = [*ended_spans(old, new, now), *_gaps(old, new, now, undoing)]
    if found:
        tx.connection.execute(insert(ticket_spans), found)


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
        value = {"by": old.promise.made_by, "times": values.four(old.promise.times)}
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
            "budget": values.seconds(old.budget),
            "times": None if old.response is None else values.four(old.response),
            "upgraded_at": values.micros(old.upgraded_at),
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
                clock = values.times(*value["times"])
                promise = None if clock is None else Promise(row.began_at, value["by"], clock)
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
                budget, clock, upgraded = value["budget"], value["times"], value["upgraded_at"]
                ticket = replace(
                    ticket,
                    plan=Plan(value["plan"]),
                    budget=None if budget is None else timedelta(seconds=budget),
                    response=None if clock is None else values.times(*clock),
                    upgraded_at=values.instant(upgraded),
                )
        past[row.ticket_id] = ticket
    return list(past.values())
