"""A ticket as scripts and as people get it from the command line."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from oncall_tui.cli.output import moment, seconds, stamp
from oncall_tui.domain.durations import format_duration, speak_left
from oncall_tui.domain.languages import language_name
from oncall_tui.domain.ledger import LedgerLine, ledger, render_ledger
from oncall_tui.domain.sla import ClockKind, Urgency
from oncall_tui.domain.tickets import Channel, Enclosure, HistoryEntry, Origin, Ticket, TicketDetail

if TYPE_CHECKING:
    from oncall_tui.desk import Desk

CHANNELS = {Channel.EMAIL: "e-mail", Channel.PHONE: "phone", Channel.EMERGENCY: "emergency call"}
"""How a request came in, in words."""


def as_json(desk: Desk, ticket: Ticket, now: datetime) -> dict[str, Any]:
    """Return the fields of `queue --json`. Remainders are whole seconds, rounded down (R3)."""
    zone = desk.offer.zone
    return {
        "ref": ticket.ref,
        "customer": ticket.customer,
        "customer_name": ticket.customer_name,
        "plan": ticket.plan,
        "channel": ticket.channel,
        "subject": ticket.subject,
        "state": ticket.state,
        "owner": ticket.owner,
        "received_at": stamp(ticket.received_at, zone),
        "due_at": stamp(ticket.due_at, zone),
        "clock": ticket.clock,
        "remaining_seconds": _whole(ticket.due_at - now if ticket.due_at else None),
        "remaining_opening_seconds": _whole(desk.queue.opening_left(ticket, now)),
        "urgency": ticket.urgency(now),
    }


def facts_as_json(desk: Desk, ticket: Ticket, now: datetime) -> dict[str, Any]:
    """Return the fields of `queue --json` and all else that stands on the ticket."""
    zone = desk.offer.zone
    promise = ticket.promise
    return as_json(desk, ticket, now) | {
        "contact": ticket.contact,
        "recorded_at": stamp(ticket.recorded_at, zone),
        "budget_seconds": _whole(ticket.budget),
        "response_due_at": stamp(ticket.response.due_at if ticket.response else None, zone),
        "owner_since": stamp(ticket.owner_since, zone),
        "answered_at": stamp(ticket.answered_at, zone),
        "answered_by": ticket.answered_by,
        "answered_means": ticket.answered_means,
        "met": ticket.met,
        "promised_at": stamp(promise.made_at if promise else None, zone),
        "promised_by": promise.made_by if promise else None,
        "promise_due_at": stamp(promise.times.due_at if promise else None, zone),
        "closed_at": stamp(ticket.closed_at, zone),
        "close_reason": ticket.close_reason,
        "language": ticket.language or None,
        "outgoing": ticket.outgoing,
        "internal": ticket.internal,
        "version": ticket.version,
    }


def detail_as_json(desk: Desk, detail: TicketDetail, now: datetime) -> dict[str, Any]:
    """Return a ticket with conversation, history and the ledger of its guarantee."""
    ticket, zone = detail.ticket, desk.offer.zone
    lines = ledger(detail.hours, ticket.clock_started_at, ticket.budget) if ticket.budget else ()
    return facts_as_json(desk, ticket, now) | {
        "calendar": detail.hours.name,
        "body": detail.body,
        "messages": [
            {
                "at": stamp(message.at, zone),
                "author": message.author,
                "kind": message.kind,
                "text": message.text,
                "withdrawn_at": stamp(message.withdrawn_at, zone),
                "outgoing": message.outgoing,
                "detail": message.detail or None,
            }
            for message in detail.messages
        ],
        "history": [
            {
                "at": stamp(entry.at, zone),
                "operator": entry.operator,
                "workstation": entry.workstation,
                "act": entry.act,
                "detail": dict(entry.detail),
            }
            for entry in detail.history
        ],
        "ledger": lines_as_json(lines, zone),
        "origin": detail.origin and asdict(detail.origin),
        "attachments": [
            {
                "number": number,
                "name": file.name,
                "type": file.media_type,
                "size": file.size,
                "sender": file.sender,
                "at": stamp(file.at, zone),
            }
            for number, file in enumerate(detail.enclosures, 1)
        ],
    }


def lines_as_json(lines: Sequence[LedgerLine], zone: ZoneInfo) -> list[dict[str, Any]]:
    """Return a ledger for scripts; its `counted_seconds` add up to the budget."""
    return [
        {
            "from": stamp(line.starts, zone),
            "to": stamp(line.ends, zone),
            "counted_seconds": seconds(line.counted),
            "why": line.why,
        }
        for line in lines
    ]


def due_in_words(ticket: Ticket, now: datetime, zone: ZoneInfo) -> str:
    """Return the running clock of `ticket` as half a sentence."""
    if ticket.due_at is None:
        return "internal, no clock runs" if ticket.internal else "no clock runs"
    left = _whole(ticket.due_at - now) or 0
    length = format_duration(timedelta(seconds=abs(left)))
    state = f"overdue by {length}" if left < 0 else f"{length} left"
    what = "promise" if ticket.clock is ClockKind.PROMISE else "response"
    return f"{ticket.urgency(now).value}, {state}, {what} due {moment(ticket.due_at, zone)}".removeprefix(
        "overdue, "
    )


def in_words(ticket: Ticket, now: datetime, zone: ZoneInfo) -> str:
    """Return `ticket` as one line that reads well aloud: words, no abbreviations, no seconds."""
    parts = (
        _clock_aloud(ticket, now, zone),
        _plan(ticket),
        CHANNELS[ticket.channel],
        ticket.customer_name,
        ticket.subject,
        f"owner {ticket.owner}" if ticket.owner else "unassigned",
    )
    return f"{ticket.ref}: {'; '.join(parts)}"


def _clock_aloud(ticket: Ticket, now: datetime, zone: ZoneInfo) -> str:
    if ticket.due_at is None:
        return "internal, no clock runs" if ticket.internal else "no clock runs"
    urgency = ticket.urgency(now)
    # What is overdue says so in its length, and what is in order goes without saying.
    word = f"{urgency.value}, " if urgency in (Urgency.CRITICAL, Urgency.WARNING) else ""
    what = "promised update" if ticket.clock is ClockKind.PROMISE else "response"
    due, today = ticket.due_at.astimezone(zone), now.astimezone(zone)
    day = "" if due.date() == today.date() else f"{due:%A} {due.day} {due:%B} "
    year = "" if due.year == today.year else f"{due.year} "
    return f"{word}{speak_left(ticket.due_at - now)}, {what} due {day}{year}at {due:%H:%M}"


def _whole(span: timedelta | None) -> int | None:
    return None if span is None else span // timedelta(seconds=1)


def detail_lines(detail: TicketDetail, now: datetime, zone: ZoneInfo, width: int) -> list[str]:
    """Return a ticket with all that belongs to it, as lines for a terminal of `width` columns."""
    ticket = detail.ticket
    lines = [f"{ticket.ref}  {ticket.subject}", ""]
    facts = _facts(ticket, now, zone)
    if detail.origin is not None:
        facts.append(("from", _origin(detail.origin)))
    lines += [f"  {label:<10} {text}" for label, text in facts if text]
    if ticket.budget:
        lines.append("")
        lines += render_ledger(
            ledger(detail.hours, ticket.clock_started_at, ticket.budget),
            detail.hours,
            f"{_plan(ticket)}, {format_duration(ticket.budget)} of {detail.hours.name} hours",
            max(width, 60),
        )
    if detail.body:
        lines += ["", "Request", *_indented(detail.body, width)]
    for message in detail.messages:
        heading = f"{message.kind.value.capitalize()}  {moment(message.at, zone)}  {message.author}"
        if message.withdrawn_at is not None:
            heading += f", withdrawn {moment(message.withdrawn_at, zone)}"
        elif message.outgoing is not None:
            heading += f", {message.outgoing}" + (f": {message.detail}" if message.detail else "")
        lines += ["", heading, *_indented(message.text, width)]
    if detail.enclosures:
        lines += ["", "Attachments"]
        lines += [_enclosure(number, file, zone) for number, file in enumerate(detail.enclosures, 1)]
    if detail.history:
        lines += ["", "History"]
        lines += [
            f"  {moment(entry.at, zone)}  {entry.operator}  {entry.act}{_details(entry, zone)}"
            for entry in detail.history
        ]
    return lines


def _facts(ticket: Ticket, now: datetime, zone: ZoneInfo) -> list[tuple[str, str]]:
    owner = ticket.owner or "nobody yet"
    answered = closed = ""
    if ticket.answered_at is not None:
        met = {True: ", in time", False: ", too late", None: ""}[ticket.met]
        by = f" by {ticket.answered_by}" if ticket.answered_by else ""
        means = f", {ticket.answered_means}" if ticket.answered_means else ""
        answered = f"{moment(ticket.answered_at, zone)}{by}{means}{met}"
    if ticket.closed_at is not None:
        reason = f": {ticket.close_reason}" if ticket.close_reason else ""
        closed = f"{moment(ticket.closed_at, zone)}{reason}"
    # Back-dating is allowed and shown (R5).
    typed = (
        f", recorded {moment(ticket.recorded_at, zone)}" if ticket.recorded_at > ticket.received_at else ""
    )
    return [
        ("customer", f"{ticket.customer_name} ({ticket.customer}), {_plan(ticket)}"),
        ("contact", ticket.contact),
        ("language", language_name(ticket.language)),
        ("received", f"{moment(ticket.received_at, zone)} by {CHANNELS[ticket.channel]}{typed}"),
        ("state", f"{ticket.state.label}, {due_in_words(ticket, now, zone)}"),
        ("owner", owner + (f" since {moment(ticket.owner_since, zone)}" if ticket.owner_since else "")),
        ("answered", answered),
        ("closed", closed),
    ]


def _enclosure(number: int, file: Enclosure, zone: ZoneInfo) -> str:
    kind = f"{file.media_type}, {file.size:,} bytes"
    return f"  {number}  {file.name}  {kind}, {moment(file.at, zone)} from {file.sender}"


def _origin(origin: Origin) -> str:
    """Return where a ticket came from: the source, its own ticket there, and who is answered."""
    there = f"{origin.source}, ticket {origin.thread} there" if origin.thread else origin.source
    return f"{there}; {origin.address} is answered" if origin.address else there


def _plan(ticket: Ticket) -> str:
    return ticket.plan.value.capitalize()


def _details(entry: HistoryEntry, zone: ZoneInfo) -> str:
    """Return the facts of an act, instants among them in the provider's time."""
    facts = []
    for name, text in entry.detail.items():
        shown = text
        if name.endswith("_at") or name == "at":
            shown = moment(datetime.fromisoformat(text), zone)
        facts.append(f"{name.replace('_', ' ')} {shown}")
    return f"  {', '.join(facts)}" if facts else ""


def _indented(text: str, width: int) -> list[str]:
    lines: list[str] = []
    for line in text.splitlines():
        lines += textwrap.wrap(line, max(width, 40), initial_indent="  ", subsequent_indent="  ") or [""]
    return lines
