"""The guarantee of a request by when it was received, also where a higher plan came before it was known."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import NamedTuple

from oncall_tui.domain import tickets as rules
from oncall_tui.domain.offer import Offer
from oncall_tui.domain.plans import Plan
from oncall_tui.domain.tickets import Channel, ClockTimes, Ticket


class PlanChange(NamedTuple):
    """The last upgrade of an organisation: its plan `before`, and since when (UTC) it has the present one."""

    before: Plan
    at: datetime


def guaranteed(draft: Ticket, offer: Offer, change: PlanChange | None) -> Ticket:
    """Return a request on its way in with its guarantee under its plan, which is the present one (R5, R9).

    One that was received before the last upgrade, the `change`, is as if it had waited for it: no breach in
    the past comes of it (R8). What was answered or closed by then stays under the plan of before. Raises
    `Refused` (R11) for an emergency of a plan without the line.
    """
    if change is None or draft.received_at >= change.at:
        return _under(draft, offer, draft.plan)
    terms = offer.plans[change.before]
    old = replace(draft, plan=change.before)
    if draft.channel is not Channel.EMERGENCY or terms.emergency:
        old = _under(old, offer, change.before)
    if any(ended is not None and ended < change.at for ended in (draft.answered_at, draft.closed_at)):
        return old
    if draft.channel is Channel.EMERGENCY:
        # It is refused where the present plan has no line either.
        offer.guarantee(draft.plan, draft.channel, draft.received_at)
    hours = offer.calendar_for(draft.channel)
    return rules.upgrade(old, offer.plans[draft.plan], change.at, hours, offer.thresholds)


def _under(draft: Ticket, offer: Offer, plan: Plan) -> Ticket:
    guarantee = offer.guarantee(plan, draft.channel, draft.received_at)
    if guarantee is None:
        return draft
    return replace(draft, budget=guarantee.budget, response=ClockTimes.of(guarantee))
