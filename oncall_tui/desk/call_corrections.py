"""Records of calls that take the place of earlier ones (R13)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from oncall_tui.desk.context import Context
from oncall_tui.domain.call_log import Field, corrected
from oncall_tui.domain.calls import Call, CallRecord, Step
from oncall_tui.domain.errors import Conflict, Refused
from oncall_tui.store import calls
from oncall_tui.store.engine import Transaction

CORRECT = "correct call"
"""The word of the audit."""

TOLD_LATER = "number told later"
"""Why a record is corrected when the telephone system tells the number after the end of the call."""


def correct(
    context: Context, ref: str, changes: Mapping[Field, str], why: str, *, record: int | None = None
) -> CallRecord:
    """Write down a correction and return it; `record` is the id of the one that was looked at, if it was."""
    with context.writing() as tx:
        now = context.clock()
        call = calls.get(tx.connection, ref)
        records = calls.records(tx.connection, call)
        if not records:
            raise Refused(f"{ref} isn't decided yet", hint="what is known is corrected in the call itself")
        last = records[-1]
        if record is not None and last.id != record:
            raise Conflict(
                f"{last.corrected_by or TOLD_LATER} corrected {ref} at {context.clock_time(last.at)}"
            )
        new = corrected(last, changes, why, by=context.operator, at=now)
        done = calls.add_record(tx, call, new, "", context.workstation)
        told = {field.value: changes[field] for field in changes}
        _write_down(context, tx, call, done, told | {"why": done.why})
    return done


def tell_organisation(context: Context, tx: Transaction, call: Call, now: datetime) -> None:
    """Add to the record of a call whose number was told after its end, who has that number on file."""
    known = call.on_file
    records = calls.records(tx.connection, call)
    if known is None or known.others or not records or records[-1].customer:
        return
    new = replace(
        records[-1],
        id=0,
        corrects=records[-1].id,
        corrected_by="",
        at=now,
        why=TOLD_LATER,
        customer=known.customer,
        customer_name=known.name,
        plan=known.plan,
        person=records[-1].person or known.contact,
    )
    done = calls.add_record(tx, call, new, "", context.workstation)
    _write_down(context, tx, call, done, {"why": TOLD_LATER})


def _write_down(
    context: Context, tx: Transaction, call: Call, record: CallRecord, told: Mapping[str, str]
) -> None:
    operator, workstation = context.operator, context.workstation
    calls.add_step(
        tx, call, Step.CORRECTED, dict(told), at=record.at, operator=operator, workstation=workstation
    )
    calls.touch(tx, call)
    context.record(tx, record.at, CORRECT, call.ref, told, customer=record.customer)
