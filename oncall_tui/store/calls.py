"""Calls, their steps and their records. Steps and records are only ever added (R13)."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, func, insert, literal_column, select, text, update

from oncall_tui.domain.calls import Call, CallRecord, CallStep, OnFile, Origin, Step
from oncall_tui.domain.codes import Proof
from oncall_tui.domain.emergency import Decision, Reason
from oncall_tui.domain.errors import NotFound
from oncall_tui.domain.messages import Spoken
from oncall_tui.domain.plans import Plan
from oncall_tui.store.engine import Transaction
from oncall_tui.store.schema import call_records, call_steps, calls, contacts, customers
from oncall_tui.store.schema import revision as counter

_c = calls.c
_r = call_records.c
_s = call_steps.c

# As a text of its own, as in the condition of the index: a bound value is none that a planner sees.
_OPEN = text("calls.recorded_at IS NULL")


def revision(connection: Connection) -> int:
    """Return the revision of the store that `connection` sees."""
    return int(connection.scalar(select(counter.c.value)) or 0)


def add(
    tx: Transaction,
    *,
    external_id: str,
    origin: Origin,
    number: str,
    e164: str,
    called: str,
    rang_at: datetime,
    operator: str | None = None,
    picked_up_at: datetime | None = None,
    hung_up_at: datetime | None = None,
) -> Call:
    """Store a new call and return it; its reference follows from the revision."""
    ref = f"C-{tx.revision:06d}"
    values = {
        "ref": ref,
        "external_id": external_id or None,
        "origin": origin.value,
        "number": number,
        "e164": e164,
        "called": called,
        "rang_at": rang_at,
        "operator": operator,
        "picked_up_at": picked_up_at,
        "hung_up_at": hung_up_at,
        "revision": tx.revision,
    }
    tx.connection.execute(insert(calls).values(**values))
    return get(tx.connection, ref)


def get(connection: Connection, ref: str) -> Call:
    """Return the call that goes by `ref`; `NotFound` if there is none."""
    found = _calls(connection, select(calls).where(_c.ref == ref))
    if not found:
        raise NotFound(f"no call {ref[:60]!r}", hint="oncall-tui call list names them")
    return found[0]


def those(connection: Connection, refs: Sequence[str]) -> list[Call]:
    """Return those of the calls that go by `refs` that are there, in their order."""
    return _calls(connection, select(calls).where(_c.ref.in_(refs)).order_by(_c.id)) if refs else []


def in_hand_of(connection: Connection, ref: str, operator: str) -> Call | None:
    """Return the call that goes by `ref` if `operator` has it in hand, None otherwise."""
    in_hand = _c.operator == operator, _c.recorded_at.is_(None)
    found = _calls(connection, select(calls).where(_c.ref == ref, *in_hand))
    return found[0] if found else None


def by_external_id(connection: Connection, external_id: str) -> Call | None:
    """Return the call that a telephone system calls `external_id`, None if there is none."""
    found = _calls(connection, select(calls).where(_c.external_id == external_id))
    return found[0] if found else None


def open_calls(connection: Connection) -> list[Call]:
    """Return the calls that ring or go on, the longest first."""
    return _calls(connection, select(calls).where(_OPEN).order_by(_c.rang_at, _c.id))


def unanswered_since(connection: Connection, instant: datetime) -> list[Call]:
    """Return the calls that have been ringing since before `instant`."""
    query = select(calls).where(_OPEN, _c.operator.is_(None), _c.rang_at < instant)
    return _calls(connection, query.order_by(_c.rang_at, _c.id))


def pick_up(tx: Transaction, call: Call, operator: str, at: datetime) -> bool:
    """Give a call that rings to `operator`; say whether it was still to be had."""
    ringing = _c.operator.is_(None), _c.hung_up_at.is_(None), _c.recorded_at.is_(None)
    return _change(tx, call, *ringing, operator=operator, picked_up_at=at)


def take_over(tx: Transaction, call: Call, operator: str) -> bool:
    """Give an open call to another engineer than the one who has it; say whether it was still theirs."""
    return _change(tx, call, _c.operator == call.operator, _c.recorded_at.is_(None), operator=operator)


def hang_up(tx: Transaction, call: Call, at: datetime) -> bool:
    """Note when a call ended; say whether that was news."""
    return _change(tx, call, _c.hung_up_at.is_(None), hung_up_at=at)


def tell_number(tx: Transaction, call: Call, number: str, e164: str, called: str) -> bool:
    """Add the number of a call whose end was told before its beginning; say whether that was news."""
    return _change(tx, call, _c.number == "", number=number, e164=e164, called=called)


def _change(tx: Transaction, call: Call, *conditions: Any, **values: Any) -> bool:
    statement = update(calls).where(_c.id == call.id, *conditions).values(**values, revision=tx.revision)
    return tx.connection.execute(statement).rowcount == 1


def touch(tx: Transaction, call: Call) -> None:
    """Stamp a call of which something was found out, so that other desks read it anew."""
    _change(tx, call)


def add_step(
    tx: Transaction,
    call: Call,
    step: Step,
    value: Mapping[str, str],
    *,
    at: datetime,
    operator: str,
    workstation: str,
) -> None:
    """Write down one step."""
    tx.connection.execute(
        insert(call_steps).values(
            call_id=call.id,
            at=at,
            operator=operator,
            workstation=workstation,
            step=step.value,
            value=json.dumps(dict(value), ensure_ascii=False),
        )
    )


def steps(connection: Connection, call: Call, until: datetime | None = None) -> list[CallStep]:
    """Return the steps of a call in their order, those up to `until` an instant."""
    query = select(call_steps).where(_s.call_id == call.id).order_by(_s.id)
    if until is not None:
        query = query.where(_s.at <= until)
    return [
        CallStep(row.at, row.operator, Step(row.step), json.loads(row.value))
        for row in connection.execute(query)
    ]


def steps_of(connection: Connection, call_ids: Sequence[int]) -> dict[int, list[CallStep]]:
    """Return the steps of several calls in their order, by the id of the call."""
    found: dict[int, list[CallStep]] = {call_id: [] for call_id in call_ids}
    query = select(call_steps).where(_s.call_id.in_(call_ids)).order_by(_s.id)
    for row in connection.execute(query) if call_ids else ():
        found[row.call_id].append(CallStep(row.at, row.operator, Step(row.step), json.loads(row.value)))
    return found


def add_record(tx: Transaction, call: Call, record: CallRecord, alert: str, workstation: str) -> CallRecord:
    """Write down what became of `call` and return it with its id; the first one ends the call.

    `alert` is what the team is told, empty for nothing.
    """
    values = {
        "call_id": call.id,
        "at": record.at,
        "rang_at": call.rang_at,
        "operator": record.operator,
        "workstation": workstation,
        "decision": record.decision.value,
        "reason": record.reason.value if record.reason else "",
        "rule": record.rule,
        "language": record.language,
        "customer": record.customer,
        "customer_name": record.customer_name,
        "plan": record.plan.value if record.plan else "",
        "person": record.person,
        "proof": record.proof.value if record.proof else "",
        "service": record.service,
        "infrastructure": record.infrastructure,
        "summary": record.summary,
        "said_fr": record.said.fr,
        "said_en": record.said.en,
        "next_step": record.next_step,
        "ticket_id": record.ticket_id,
        "ticket": record.ticket,
        "due_at": record.due_at,
        "alert": alert,
        "corrects": record.corrects,
        "corrected_by": record.corrected_by,
        "why": record.why,
        "revision": tx.revision,
    }
    tx.connection.execute(insert(call_records).values(**values))
    if record.corrects is None:
        _change(tx, call, recorded_at=record.at)
    return records(tx.connection, call)[-1]


RECORDS = (
    select(call_records, _c.ref, _c.number, _c.called, _c.external_id, _c.picked_up_at, _c.hung_up_at)
    .add_columns(_c.recorded_at)
    .join_from(call_records, calls)
)
"""Every record, with what is known of its call; `record_of` reads its rows."""


def record_of(row: Any) -> CallRecord:
    """Return the record in a row of `RECORDS`."""
    return CallRecord(
        id=row.id,
        call=row.ref,
        at=row.at,
        rang_at=row.rang_at,
        operator=row.operator,
        decision=Decision(row.decision),
        number=row.number,
        reason=Reason(row.reason) if row.reason else None,
        rule=row.rule,
        language=row.language,
        customer=row.customer,
        customer_name=row.customer_name,
        plan=Plan(row.plan) if row.plan else None,
        person=row.person,
        proof=Proof(row.proof) if row.proof else None,
        service=row.service,
        infrastructure=row.infrastructure,
        summary=row.summary,
        said=Spoken(row.said_fr, row.said_en),
        next_step=row.next_step,
        ticket=row.ticket,
        ticket_id=row.ticket_id,
        due_at=row.due_at,
        alert=bool(row.alert),
        external_id=row.external_id or "",
        picked_up_at=row.picked_up_at,
        hung_up_at=row.hung_up_at,
        corrects=row.corrects,
        corrected_by=row.corrected_by,
        why=row.why,
        called=row.called,
        decided_at=row.recorded_at,
        revision=row.revision,
    )


def records(connection: Connection, call: Call) -> list[CallRecord]:
    """Return the record of a call and its corrections, in their order."""
    query = RECORDS.where(_r.call_id == call.id).order_by(_r.id)
    return [record_of(row) for row in connection.execute(query)]


def _calls(connection: Connection, query: Select[Any]) -> list[Call]:
    rows = connection.execute(query).all()
    known = on_file(connection, {row.e164 for row in rows if row.e164})
    return [_call_of(row, known.get(row.e164)) for row in rows]


def _call_of(row: Any, known: OnFile | None) -> Call:
    return Call(
        id=row.id,
        ref=row.ref,
        external_id=row.external_id or "",
        origin=Origin(row.origin),
        number=row.number,
        called=row.called,
        rang_at=row.rang_at,
        operator=row.operator,
        picked_up_at=row.picked_up_at,
        hung_up_at=row.hung_up_at,
        recorded_at=row.recorded_at,
        revision=row.revision,
        on_file=known,
    )


def on_file(connection: Connection, numbers: Iterable[str]) -> dict[str, OnFile]:
    """Return whom each of `numbers`, in E.164, belongs to: the first of several organisations, and the
    contact where it is that of one.
    """
    wanted = list(numbers)
    if not wanted:
        return {}
    first = (
        select(
            contacts.c.e164,
            func.min(contacts.c.id).label("first"),
            func.count().label("people"),
            func.count(contacts.c.customer_id.distinct()).label("organisations"),
        )
        .where(contacts.c.e164.in_(wanted))
        .group_by(contacts.c.e164)
        .subquery()
    )
    query = (
        select(first.c.e164, first.c.organisations, first.c.people, contacts.c.name, customers.c.ref)
        .add_columns(customers.c.name.label("organisation"), customers.c.plan)
        .join_from(first, contacts, contacts.c.id == first.c.first)
        .join(customers, customers.c.id == contacts.c.customer_id)
    )
    return {
        row.e164: OnFile(
            row.ref,
            row.organisation,
            Plan(row.plan),
            row.name if row.people == 1 else "",
            row.organisations - 1,
        )
        for row in connection.execute(query)
    }


def emergencies(connection: Connection, customer_id: int, limit: int) -> Sequence[tuple[str, str]]:
    """Return references and subjects of the open emergency tickets of an organisation, the newest first."""
    from oncall_tui.store.schema import tickets

    query = (
        select(tickets.c.ref, tickets.c.subject)
        .where(
            tickets.c.customer_id == customer_id,
            tickets.c.channel == "emergency",
            literal_column("tickets.closed_at IS NULL"),
        )
        .order_by(tickets.c.received_at.desc())
        .limit(limit)
    )
    return [(row.ref, row.subject) for row in connection.execute(query)]
