"""What is said to who came second."""

from __future__ import annotations

from oncall_tui.desk.context import Context
from oncall_tui.domain.errors import Conflict, OncallError, Refused
from oncall_tui.domain.tickets import Act, Ticket
from oncall_tui.store import audit
from oncall_tui.store.engine import Transaction

_DONE: dict[str, str] = {
    Act.NEW: "filed",
    Act.TAKE: "took",
    Act.ANSWER: "answered",
    Act.SEND: "wrote an answer to",
    Act.PROMISE: "promised an update on",
    Act.HAND_OVER: "handed over",
    Act.CLOSE: "closed",
    Act.REOPEN: "reopened",
    Act.ASSIGN: "assigned",
    Act.LANGUAGE: "set the language of",
    Act.UNDO: "took back an act on",
}


def conflict(context: Context, tx: Transaction, ticket: Ticket) -> Conflict:
    """Say who changed `ticket` since it was seen, how and when."""
    last = audit.last_of_ticket(tx.connection, ticket.id, besides=Act.NOTE)
    if last is None:
        return Conflict(f"{ticket.ref} was changed meanwhile", hint="look at it again")
    # An answer is who wrote it's, whichever desk has handed it over; so is what another system changed.
    by = last.detail.get("by", last.operator)
    who = "you" if by == context.operator else by
    done = _DONE.get(last.act, "changed")
    return Conflict(f"{who} {done} {ticket.ref} at {context.clock_time(last.at)}", hint="look at it again")


def with_time(context: Context, refusal: Refused, act: Act, ticket: Ticket) -> OncallError:
    """Add since when, where a take came second."""
    if act is not Act.TAKE or ticket.owner is None or ticket.owner_since is None or ticket.closed_at:
        return refusal
    if ticket.owner == context.operator:
        return refusal
    since = context.clock_time(ticket.owner_since)
    return Conflict(f"{ticket.owner} took {ticket.ref} at {since}", hint=refusal.hint)
