"""The log of calls as it leaves the program: the facts of a call by name, and lines of CSV and JSONL.

A code is in none of them: no step of a call keeps its digits, and no record does (R19).
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from oncall_tui.domain.call_log import LogLine
from oncall_tui.domain.calls import CallRecord
from oncall_tui.domain.messages import NOTHING_SAID

FIELDS = (
    "call",
    "external_id",
    "rang_at",
    "number",
    "called",
    "picked_up_at",
    "hung_up_at",
    "decided_at",
    "operator",
    "decision",
    "reason",
    "rule",
    "language",
    "customer",
    "customer_name",
    "plan",
    "person",
    "proof",
    "service",
    "infrastructure",
    "summary",
    "say",
    "next_step",
    "ticket",
    "due_at",
    "alert",
    "corrected",
)
"""The facts of a call, in their order."""

Value = str | bool | dict[str, str] | None

_RUN_BY_SPREADSHEETS = tuple("=+-@\t\r")
_SAY = ("say_fr", "say_en")


def as_facts(line: LogLine, zone: ZoneInfo) -> dict[str, Value]:
    """Return the facts of a call by the names of `FIELDS`, None for what isn't known.

    Instants are ISO 8601 in `zone`, with their offset. An open call has no decision.
    """
    call, known, record = line.call, line.known, line.record

    def stamp(instant: datetime | None) -> str | None:
        return None if instant is None else instant.astimezone(zone).isoformat()

    return {
        "call": call.ref,
        "external_id": call.external_id or None,
        "rang_at": stamp(call.rang_at),
        "number": call.number or None,
        "called": call.called or None,
        "picked_up_at": stamp(call.picked_up_at),
        "hung_up_at": stamp(call.hung_up_at),
        "decided_at": stamp(call.recorded_at),
        "operator": line.operator or None,
        "decision": line.decision.value if line.decision else None,
        "language": known.language or None,
        "customer": known.customer or None,
        "customer_name": known.customer_name or None,
        "person": known.person or None,
        "proof": known.proof.value if known.proof else None,
        "service": known.service or None,
        "infrastructure": known.infrastructure,
        "summary": known.summary or None,
        **_of_record(record, stamp(record.due_at) if record else None),
        "alert": line.told,
        "corrected": line.corrected,
    }


def _of_record(record: CallRecord | None, due_at: str | None) -> dict[str, Value]:
    if record is None:
        return dict.fromkeys(("reason", "rule", "plan", "say", "next_step", "ticket", "due_at"))
    said = record.said
    return {
        "reason": record.reason.value if record.reason else None,
        "rule": record.rule or None,
        "plan": record.plan.value if record.plan else None,
        "say": None if said == NOTHING_SAID else {"fr": said.fr, "en": said.en},
        "next_step": record.next_step or None,
        "ticket": record.ticket or None,
        "due_at": due_at,
    }


def jsonl(lines: Iterable[LogLine], zone: ZoneInfo) -> str:
    """Return a JSON object for each call, a line each."""
    return "".join(
        json.dumps({name: facts[name] for name in FIELDS}, ensure_ascii=False) + "\n"
        for facts in (as_facts(line, zone) for line in lines)
    )


def csv_head() -> str:
    """Return the first line of a CSV file: the names of its columns."""
    return _rows([_columns()])


def csv_rows(lines: Iterable[LogLine], zone: ZoneInfo) -> str:
    """Return a line of CSV for each call. What a spreadsheet would run as a formula it shows as text."""
    return _rows(_row(as_facts(line, zone)) for line in lines)


def _columns() -> list[str]:
    return [column for name in FIELDS for column in (_SAY if name == "say" else (name,))]


def _row(facts: dict[str, Value]) -> list[str]:
    say = facts["say"] if isinstance(facts["say"], dict) else {"fr": "", "en": ""}
    told = facts | {"say_fr": say["fr"], "say_en": say["en"]}
    return [_cell(told[column]) for column in _columns()]


def _cell(value: Value) -> str:
    if value is None:
        return ""
    text = str(value).lower() if isinstance(value, bool) else str(value)
    # A telephone number begins with a plus, too: the apostrophe is what keeps it a number to be read.
    return f"'{text}" if text.startswith(_RUN_BY_SPREADSHEETS) else text


def _rows(rows: Iterable[Sequence[str]]) -> str:
    written = io.StringIO()
    csv.writer(written, lineterminator="\r\n").writerows(rows)
    return written.getvalue()
