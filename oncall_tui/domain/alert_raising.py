"""What raises an alert, and what it is told with: pure functions from what is in the store.

The key of each says what makes it once: the subject, the clock that runs on it, and the level.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from types import MappingProxyType

from oncall_tui.domain.alerts import RINGS_EVERY, Alert, AlertRules, Kind, Level, level_of_share
from oncall_tui.domain.calls import Call, CallRecord
from oncall_tui.domain.clock import to_micros
from oncall_tui.domain.correspondence import Outgoing
from oncall_tui.domain.emergency import Decision
from oncall_tui.domain.grants import Grant, Use
from oncall_tui.domain.hours import OpeningHours
from oncall_tui.domain.outgoing import OutgoingState, trouble
from oncall_tui.domain.plans import Plan
from oncall_tui.domain.sla import Thresholds
from oncall_tui.domain.tickets import Channel, Ticket

STALE = timedelta(days=1)
"""What had come about so long before it was known raises nothing: the board shows it as it is."""

TAKEN_BACK = timedelta(minutes=2)
"""How long ago an alert may have been settled by what was then taken back: an act is undone within seconds,
and clocks may be apart.
"""


@dataclass(frozen=True, slots=True)
class Raised:
    """An alert to be raised; the fields are those of `Alert`."""

    key: str
    kind: Kind
    level: Level
    subject: str
    at: datetime
    ticket_id: int | None = None
    customer: str = ""
    customer_name: str = ""
    plan: Plan | None = None
    due_at: datetime | None = None
    facts: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    to: str = ""
    by: str = ""

    def again_at(self, rules: AlertRules, now: datetime) -> datetime | None:
        """Return when it is told again, raised at `now`: a call that rings, or where alerts escalate."""
        if self.kind is Kind.RINGING:
            return now + RINGS_EVERY
        if rules.escalate_after is None or self.level is Level.NOTICE:
            return None
        return now + rules.escalate_after


def of_response(ticket: Ticket, share: float, hours: OpeningHours, thresholds: Thresholds) -> Raised:
    """Return the alert for `share` of the ticket's guarantee left in the opening time of `hours`.

    Its instant is that at which so much was left; a breach has that of the deadline (R3). The ticket has a
    guarantee, else `ValueError`.
    """
    if ticket.response is None or ticket.budget is None:
        raise ValueError(f"{ticket.ref} has no guarantee")
    due_at = ticket.response.due_at
    at = due_at
    if share > 0:
        at = hours.add(ticket.clock_started_at, ticket.budget - left(ticket.budget, share))
    percent = f"{share * 100:g}"
    level = level_of_share(share, thresholds)
    return _of_ticket(
        f"response:{ticket.id}:{to_micros(due_at)}:{percent}",
        Kind.RESPONSE,
        level,
        ticket,
        at,
        due_at=due_at,
        facts={"percent": percent},
    )


def left(budget: timedelta, share: float) -> timedelta:
    """Return `share` of a budget, in whole microseconds."""
    return timedelta(microseconds=round(budget / timedelta(microseconds=1) * share))


def of_late_response(
    ticket: Ticket,
    rules: AlertRules,
    hours: OpeningHours,
    thresholds: Thresholds,
    until: datetime,
    now: datetime,
) -> Iterator[Raised]:
    """Return the alerts of a ticket that wasn't known, or stood otherwise, when `until` was looked at.

    Of what had been passed by then only the worst is told, and nothing that is `STALE`.
    """
    passed = sorted(
        (
            each
            for share in rules.response
            if is_passed(each := of_response(ticket, share, hours, thresholds), now)
        ),
        key=lambda each: each.at,
    )
    before = [each for each in passed if is_passed(each, until)]
    yield from (each for each in before[-1:] if each.at > now - STALE)
    yield from passed[len(before) :]


def is_passed(alert: Raised, now: datetime) -> bool:
    """Say whether it is to be raised at `now`: a deadline can still be met at the due instant itself (R3)."""
    return now > alert.at if alert.level is Level.BREACH else now >= alert.at


def of_promise(ticket: Ticket, before: timedelta | None) -> Raised:
    """Return the alert for a promise that is due in the time `before` its end, None for one that is broken
    (R7). The ticket has a promise, else `ValueError`.
    """
    if ticket.promise is None:
        raise ValueError(f"{ticket.ref} has no promise")
    due_at = ticket.promise.times.due_at
    return _of_ticket(
        f"promise:{ticket.id}:{to_micros(due_at)}:{'due' if before else 'broken'}",
        Kind.PROMISE,
        Level.WARNING if before else Level.BREACH,
        ticket,
        due_at - (before or timedelta()),
        due_at=due_at,
        facts={"promised_by": ticket.promise.made_by} | ({"before": "yes"} if before else {}),
    )


def of_new(ticket: Ticket, by: str) -> Raised:
    """Return the alert for a new request of an Enterprise customer, filed `by` somebody if not imported."""
    return _of_ticket(
        f"new:{ticket.id}", Kind.NEW, Level.NOTICE, ticket, ticket.received_at, due_at=ticket.due_at, by=by
    )


def announces(ticket: Ticket, now: datetime) -> bool:
    """Say whether a ticket that is new in the store is told of. An emergency is, by its call; what one of us
    asked of another never is.
    """
    return (
        ticket.plan is Plan.ENTERPRISE
        and not ticket.internal
        and ticket.channel is not Channel.EMERGENCY
        and ticket.owner is None
        and ticket.answered_at is None
        and ticket.closed_at is None
        and ticket.received_at > now - STALE
    )


def is_over(alert: Alert, ticket: Ticket) -> bool:
    """Say whether what `alert` tells of `ticket` is settled, as the ticket stands now."""
    done = ticket.closed_at is not None
    answered = done or ticket.answered_at is not None
    match alert.kind:
        case Kind.RESPONSE:
            return answered or ticket.response is None or ticket.response.due_at != alert.due_at
        case Kind.PROMISE:
            return done or ticket.promise is None or ticket.promise.times.due_at != alert.due_at
        case Kind.NEW:
            return answered or ticket.owner is not None
        case Kind.HANDED_OVER:
            return done or ticket.owner != alert.to
        case Kind.ACCEPTED:
            return answered
        case _:
            return False


def standing(told: Iterable[Alert], ticket: Ticket) -> list[Alert]:
    """Return those of the alerts that were `told` of `ticket` which hold as it stands now, settled or not.

    Of each clock that is the worst, whose place no milder one takes, and of hand-overs the last to each. What
    goes out isn't among them: how that stands doesn't follow from the ticket.
    """
    last: dict[tuple[Kind, datetime | str | None], Alert] = {}
    for alert in sorted(told, key=lambda each: (each.at, each.id)):
        last[alert.kind, alert.to if alert.kind is Kind.HANDED_OVER else alert.due_at] = alert
    return [alert for alert in last.values() if alert.kind is not Kind.UNSENT and not is_over(alert, ticket)]


def of_hand_over(ticket: Ticket, entry_id: int, at: datetime, to: str, by: str) -> Raised:
    """Return the alert for a ticket that was given `to` somebody, in the audit's entry `entry_id`."""
    key = f"handed:{entry_id}"
    return _of_ticket(key, Kind.HANDED_OVER, Level.NOTICE, ticket, at, due_at=ticket.due_at, to=to, by=by)


def trouble_of(outgoing: Outgoing, now: datetime) -> OutgoingState | None:
    """Return what keeps an answer from the customer at `now`, None where nothing does."""
    waits = now - (outgoing.next_at or now)
    return trouble(outgoing.act, outgoing.state, outgoing.tries, outgoing.detail, waits)


def of_unsent(outgoing: Outgoing, state: OutgoingState, ticket: Ticket, now: datetime) -> Raised:
    """Return the alert for an answer that doesn't reach the customer, as `trouble_of` found it at `now`.

    Each try can come to trouble once more. The clock that may run on is named with it (R6).
    """
    return _of_ticket(
        f"unsent:{outgoing.id}:{state}:{outgoing.tries}",
        Kind.UNSENT,
        Level.CRITICAL,
        ticket,
        outgoing.ended_at or now,
        due_at=ticket.due_at,
        facts={"outgoing": str(outgoing.id), "state": state.value},
    )


def is_sent(alert: Alert, outgoing: Outgoing | None, now: datetime) -> bool:
    """Say whether what `alert` tells of something `outgoing`, None if it is gone, is settled at `now`."""
    state = None if outgoing is None else trouble_of(outgoing, now)
    return state is None or state.value != alert.facts.get("state")


def _of_ticket(
    key: str,
    kind: Kind,
    level: Level,
    ticket: Ticket,
    at: datetime,
    *,
    due_at: datetime | None,
    facts: Mapping[str, str] | None = None,
    to: str = "",
    by: str = "",
) -> Raised:
    return Raised(
        key=key,
        kind=kind,
        level=level,
        subject=ticket.ref,
        at=at,
        ticket_id=ticket.id,
        customer=ticket.customer,
        customer_name=ticket.customer_name,
        plan=ticket.plan,
        due_at=due_at,
        facts=facts or {},
        to=to,
        by=by,
    )


def of_ringing(call: Call) -> Raised:
    """Return the alert for an emergency call that rings."""
    known = call.on_file
    named = known if known is not None and not known.others else None
    return Raised(
        key=f"ringing:{call.ref}",
        kind=Kind.RINGING,
        level=Level.EMERGENCY,
        subject=call.ref,
        at=call.rang_at,
        customer=named.customer if named else "",
        customer_name=named.name if named else "",
        plan=named.plan if named else None,
        facts={"number": call.number},
    )


def of_record(record: CallRecord) -> Raised:
    """Return what the team is told of a call that was decided: an accepted emergency, or a report of an
    outage that was refused (R14).
    """
    accepted = record.decision is Decision.ACCEPTED
    return Raised(
        key=f"call:{record.call}:{record.decision}",
        kind=Kind.ACCEPTED if accepted else Kind.REFUSED,
        level=Level.EMERGENCY if accepted else Level.CRITICAL,
        subject=record.ticket if accepted else record.call,
        at=record.at,
        ticket_id=record.ticket_id,
        customer=record.customer,
        customer_name=record.customer_name,
        plan=record.plan,
        due_at=record.due_at,
        facts={"call": record.call, "reason": record.reason.value if record.reason else ""},
        by=record.operator,
    )


def of_wait(wait_id: int, began_at: datetime, until: datetime, customer: str, customer_name: str) -> Raised:
    """Return the alert for wrong codes that led to a pause (R18), of an organisation where one is known.

    The calling number stays in the log of calls.
    """
    return Raised(
        key=f"codes:wait:{wait_id}",
        kind=Kind.CODES,
        level=Level.WARNING,
        subject=customer,
        at=began_at,
        customer=customer,
        customer_name=customer_name,
        due_at=until,
    )


def of_guessing(attempt_id: int, at: datetime, number: int) -> Raised:
    """Return the alert for `number` wrong codes in a day over the whole desk (R18)."""
    return Raised(
        key=f"codes:day:{attempt_id}",
        kind=Kind.CODES,
        level=Level.CRITICAL,
        subject="",
        at=at,
        facts={"number": str(number)},
    )


def of_outage(kind: Kind, name: str, began_at: datetime, why: str, place: str) -> Raised:
    """Return the alert for a source, or the store, that can't be reached since `began_at`."""
    return Raised(
        key=f"{kind}:{name}:{place}:{to_micros(began_at)}",
        kind=kind,
        level=Level.CRITICAL if kind is Kind.STORE else Level.WARNING,
        subject=name,
        at=began_at,
        facts={"why": why, "place": place},
    )


def of_access(grant: Grant, before: timedelta | None, now: datetime) -> Iterator[Raised]:
    """Return the alerts for the uses of `grant` at `now`, each to who uses it (R23): a warning in the time
    `before` its end, None for none, then that it has ended. One that was begun so late needs no
    warning.
    """
    for use in grant.uses:
        if now >= grant.ends_at:
            if grant.ends_at > now - STALE:
                yield _of_access(grant, use, Level.CRITICAL, grant.ends_at)
        elif before is not None and use.began_at < grant.warn_at(before) <= now:
            yield _of_access(grant, use, Level.WARNING, grant.warn_at(before))


def of_access_cut_short(grant: Grant, now: datetime) -> Iterator[Raised]:
    """Return the alerts for the uses that ended with `grant` before its time, to who didn't end it."""
    for use in grant.uses:
        if use.operator != grant.ended_by and grant.ends_at > now - STALE:
            yield _of_access(grant, use, Level.CRITICAL, grant.ends_at, by=grant.ended_by)


def access_instants(grant: Grant, before: timedelta | None) -> Iterator[datetime]:
    """Return when there may be something to tell of a grant that is used."""
    yield grant.ends_at
    if before is not None:
        yield grant.warn_at(before)


def is_access_over(alert: Alert, grant: Grant | None, now: datetime) -> bool:
    """Say whether what `alert` tells of a use is settled at `now`: it was given back, or the access was
    prolonged. `grant` has that use alone, None if it is gone.

    That somebody else ended it stays until it is acknowledged: nothing else says that they know.
    """
    if grant is None or not grant.uses:
        return True
    given_back = grant.uses[0].ended_at
    if now < grant.ends_at:
        return alert.level is Level.CRITICAL or given_back is not None or grant.ends_at != alert.due_at
    if alert.level is Level.WARNING:
        return True
    return given_back is not None and given_back != grant.ended_at


def _of_access(grant: Grant, use: Use, level: Level, at: datetime, by: str = "") -> Raised:
    what = "ends" if level is Level.WARNING else "ended"
    return Raised(
        key=f"access:{use.id}:{to_micros(use.began_at)}:{to_micros(grant.ends_at)}:{what}",
        kind=Kind.ACCESS,
        level=level,
        subject=grant.service,
        at=at,
        customer=grant.customer,
        customer_name=grant.customer_name,
        due_at=grant.ends_at,
        facts={"use": str(use.id)} | ({"ended_by": by} if by else {}),
        to=use.operator,
    )
