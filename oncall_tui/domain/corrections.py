"""Correcting what a ticket says wrongly of a request: whose it is, and in which language it was written."""

from __future__ import annotations

from dataclasses import replace

from oncall_tui.domain.errors import BadInput, Refused
from oncall_tui.domain.hours import OpeningHours
from oncall_tui.domain.languages import language_named
from oncall_tui.domain.plans import PlanTerms
from oncall_tui.domain.senders import Organisation
from oncall_tui.domain.sla import Thresholds, response_clock
from oncall_tui.domain.tickets import Channel, ClockTimes, Ticket


def correct_customer(
    ticket: Ticket, whose: Organisation, terms: PlanTerms, hours: OpeningHours, thresholds: Thresholds
) -> Ticket:
    """Return `ticket` as a request of `whose`, under the `terms` of its plan.

    Wrong data is corrected from receipt, in the `hours` that were copied then (R5, R8, R9): what it is due
    may lie in the past, and what was answered stays answered. What one of us asked of another has no
    guarantee under any plan. Raises `Refused` where it is theirs already, and for an emergency of a plan
    without the line (R11).
    """
    if ticket.customer_id == whose.row:
        raise Refused(f"{ticket.ref} is {whose.name}'s already")
    if ticket.channel is Channel.EMERGENCY and not terms.emergency:
        raise Refused(
            f"the {whose.plan} plan has no emergency line",
            hint="the request came in over it; file it anew with channel email or phone",
            rule="R11",
        )
    response = None
    budget = None if ticket.internal else terms.response
    if budget is not None:
        response = ClockTimes.of(response_clock(hours, ticket.received_at, budget, thresholds))
    return replace(
        ticket,
        customer_id=whose.row,
        customer=whose.id,
        customer_name=whose.name,
        plan=whose.plan,
        budget=budget,
        response=response,
        upgraded_at=None,
    )


def language_code(text: str) -> str:
    """Return the two letters of the language that `text` names, empty for none; else `BadInput`."""
    code = language_named(text)
    if code and not (len(code) == 2 and code.isascii() and code.isalpha()):
        raise BadInput(f"unknown language {text[:40]!r}", hint="two letters: fr, en, de, it …")
    return code


def set_language(ticket: Ticket, code: str) -> Ticket:
    """Return `ticket` as written in the language `code`; `Refused` where it says so already."""
    if ticket.language == code:
        raise Refused(f"{ticket.ref} has that language already")
    return replace(ticket, language=code)
