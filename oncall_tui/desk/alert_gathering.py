"""What there is to tell since the last time somebody looked: read from the store, in one snapshot."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, NamedTuple

from oncall_tui.domain import alert_raising as raising
from oncall_tui.domain.alert_raising import Raised
from oncall_tui.domain.alerts import Alert, Kind, Level
from oncall_tui.domain.grants import Grant
from oncall_tui.domain.hours import OpeningHours
from oncall_tui.domain.offer import Offer
from oncall_tui.domain.outgoing import FORGOTTEN_AFTER
from oncall_tui.domain.tickets import Act, Ticket
from oncall_tui.store import (
    access,
    alert_watch,
    alerts,
    attempts,
    calendars,
    calls,
    customers,
    deadlines,
    outbox,
    queues,
)
from oncall_tui.store.alert_watch import Watched
from oncall_tui.store.deadlines import Terms

if TYPE_CHECKING:
    from sqlalchemy import Connection

_MICROSECOND = timedelta(microseconds=1)
_OF_CUSTOMER = "customer:"


class Gathered(NamedTuple):
    """What is to be raised, what is over, what is to be told again, and what stands again since what had
    settled it was taken back.

    `next_at` is the first instant at which a deadline may have to be told, if nothing is written before.
    """

    raised: Sequence[Raised]
    over: Sequence[int]
    again: Sequence[Alert]
    standing: Sequence[Alert]
    next_at: datetime | None

    @property
    def number(self) -> int:
        """Return how many alerts are to be written."""
        return len(self.raised) + len(self.over) + len(self.again) + len(self.standing)

    @property
    def nothing(self) -> bool:
        """Say whether there is nothing to write."""
        return self.number == 0


class _Threshold(NamedTuple):
    """A share of a budget, and when it is first passed, or a deadline broken, after an instant."""

    share: float
    at: datetime | None


@dataclass(slots=True)
class _Terms:
    """The terms that tickets have had, up to a revision of the store."""

    known: set[Terms] = field(default_factory=set)
    revision: int | None = None


@dataclass(frozen=True, slots=True)
class Gathering:
    """Reads what there is to tell under `offer`. Used by one thread at a time."""

    offer: Offer
    # Copies of calendars never change, so what was read once holds.
    _hours: dict[int, OpeningHours] = field(default_factory=dict)
    _terms: _Terms = field(default_factory=_Terms)

    def forget(self) -> None:
        """Forget what was read: another database may have taken the place of the one it was read from."""
        self._hours.clear()
        self._terms.known.clear()
        self._terms.revision = None

    def gather(self, connection: Connection, watched: Watched, now: datetime) -> Gathered:
        """Return what came about since `watched`, up to `now`, and was never raised."""
        since = min(watched.until, now)
        responses, next_response = self._responses(connection, watched.revision, since, now)
        used = access.used(connection, now - raising.STALE)
        found = [
            *responses,
            *self._promises(connection, watched.revision, since, now),
            *self._tickets(connection, watched, now),
            *self._calls(connection, watched),
            *self._codes(connection, watched, now),
            *self._unsent(connection, watched, now),
            *self._access(connection, watched.revision, used, now),
        ]
        off = self.offer.alerts.off
        raised = alerts.unknown(connection, (each for each in found if each.kind not in off))
        over = self._over(connection, watched.revision, now)
        again = [each for each in alerts.due_again(connection, now) if each.id not in over]
        standing = self._standing(connection, watched, raised, now)
        turn = outbox.next_turn(connection, now - FORGOTTEN_AFTER)
        instants = [
            next_response,
            *self._next_promises(connection, now),
            turn and turn + FORGOTTEN_AFTER,
            *self._next_access(used, now),
        ]
        return Gathered(raised, over, again, standing, _first(instants))

    # First responses

    def _responses(
        self, connection: Connection, revision: int, since: datetime, now: datetime
    ) -> tuple[Sequence[Raised], datetime | None]:
        """Return what first responses raise, and when the next one may."""
        rules, thresholds = self.offer.alerts, self.offer.thresholds
        if Kind.RESPONSE in rules.off or not rules.response:
            return (), None
        found: list[Raised] = []
        instants: list[datetime | None] = []
        limits: list[tuple[Terms, int]] = []
        for terms in self._terms_in_use(connection):
            hours = self._calendar(connection, terms.calendar_id)
            ahead = self._ahead(connection, terms, since)
            passed = [each.share for each in ahead if each.at is not None and each.at <= now]
            for share in passed:
                tickets = self._passed(connection, terms, share, since, now)
                found += [raising.of_response(each, share, hours, thresholds) for each in tickets]
            instants += [each.at for each in (self._ahead(connection, terms, now) if passed else ahead)]
            limits.append((terms, hours.coordinate(now) + _micros(terms, max(rules.response))))
        # Those of which something was written are looked at whole: their deadlines may be long past.
        for ticket in deadlines.changed(connection, revision, limits):
            hours = self._calendar(connection, ticket.calendar_id)
            found += raising.of_late_response(ticket, rules, hours, thresholds, since, now)
        return found, _first(instants)

    def _ahead(self, connection: Connection, terms: Terms, at: datetime) -> Sequence[_Threshold]:
        """Return when each share of the budget is first passed after `at`."""
        hours = self._calendar(connection, terms.calendar_id)
        at_open = hours.coordinate(at)
        shares = [share for share in self.offer.alerts.response if share > 0]
        distances = [_micros(terms, share) for share in shares]
        due_at, further = deadlines.ahead(connection, terms, at, at_open, distances)
        found = [
            _Threshold(
                share, None if due is None else hours.add(at, (due - distance - at_open) * _MICROSECOND)
            )
            for share, distance, due in zip(shares, distances, further, strict=True)
        ]
        if len(shares) < len(self.offer.alerts.response):
            # At the due instant itself it can still be met (R3).
            found.append(_Threshold(0.0, due_at and due_at + _MICROSECOND))
        return found

    def _passed(
        self, connection: Connection, terms: Terms, share: float, since: datetime, now: datetime
    ) -> Sequence[Ticket]:
        hours = self._calendar(connection, terms.calendar_id)
        began, ends = hours.coordinate(since), hours.coordinate(now)
        if share <= 0:
            return deadlines.broken(connection, terms, since, now, (began, ends))
        distance = _micros(terms, share)
        return deadlines.passed(connection, terms, began + distance, ends + distance)

    def _terms_in_use(self, connection: Connection) -> Sequence[Terms]:
        """Return the terms of the tickets that wait, and of some that did."""
        terms, revision = self._terms, queues.current_revision(connection)
        if terms.revision is None or revision < terms.revision:
            terms.known = set(deadlines.terms_in_use(connection))
        else:
            terms.known.update(deadlines.terms_since(connection, terms.revision))
        # One less: a transaction that comes to nothing leaves its revision to the next one.
        terms.revision = revision - 1
        return sorted(terms.known)

    # Promises

    def _promises(
        self, connection: Connection, revision: int, since: datetime, now: datetime
    ) -> Iterator[Raised]:
        before = self.offer.alerts.promise_before
        ahead = before or timedelta()
        # The due instant itself can still be met, and the warning comes at its own instant.
        due = deadlines.promises_due(connection, since, now)
        changed = deadlines.promises_changed(connection, revision, now + ahead + _MICROSECOND)
        for ticket in (*due, *changed):
            alert = raising.of_promise(ticket, None)
            # What was slept through is told however long ago it was, as a guarantee is.
            if min(since, now - raising.STALE + _MICROSECOND) <= alert.at < now:
                yield alert
        if before is None:
            return
        soon = deadlines.promises_due(connection, since + ahead, now + ahead + _MICROSECOND)
        for ticket in (*soon, *changed):
            alert = raising.of_promise(ticket, before)
            made_at = ticket.promise.made_at if ticket.promise else alert.at
            # One for less time than that needs no reminder, and one that is broken none any more.
            if made_at < alert.at <= now and ticket.promise and now <= ticket.promise.times.due_at:
                yield alert

    def _next_promises(self, connection: Connection, now: datetime) -> Iterator[datetime | None]:
        due = deadlines.next_promise(connection, now)
        yield due and due + _MICROSECOND
        if (before := self.offer.alerts.promise_before) is not None:
            soon = deadlines.next_promise(connection, now + before + _MICROSECOND)
            yield soon and soon - before

    # What somebody did

    def _tickets(self, connection: Connection, watched: Watched, now: datetime) -> Iterator[Raised]:
        new = [
            each
            for each in deadlines.added(connection, watched.revision, watched.ticket_id)
            if raising.announces(each, now)
        ]
        if new:
            filed = {act.ticket_id: act.by for act in alert_watch.acts(connection, watched.audit_id, Act.NEW)}
            yield from (raising.of_new(ticket, filed.get(ticket.id, "")) for ticket in new)
        # Of a ticket that went from hand to hand only where it has come to is told.
        acts = alert_watch.acts(connection, watched.audit_id, Act.HAND_OVER)
        given = {act.ticket_id: act for act in acts}.values()
        rows = queues.rows(connection, [act.ticket_id for act in given]) if given else {}
        for act in given:
            ticket = rows.get(act.ticket_id)
            if (
                ticket is not None
                and ticket.owner == act.to
                and ticket.closed_at is None
                and act.to != act.by
            ):
                yield raising.of_hand_over(ticket, act.entry_id, act.at, act.to, act.by)

    def _calls(self, connection: Connection, watched: Watched) -> Iterator[Raised]:
        yield from (raising.of_ringing(call) for call in calls.open_calls(connection) if call.rings)
        yield from map(raising.of_record, alert_watch.told(connection, watched.revision))

    def _codes(self, connection: Connection, watched: Watched, now: datetime) -> Iterator[Raised]:
        waits = alert_watch.waits(connection, watched.wait_id)
        refs = {wait.id: wait.subject.removeprefix(_OF_CUSTOMER) for wait in waits}
        known = customers.known(connection, list(refs.values())) if waits else {}
        for wait in waits:
            organisation = known.get(refs[wait.id]) if wait.subject.startswith(_OF_CUSTOMER) else None
            named = (refs[wait.id], organisation.name) if organisation else ("", "")
            yield raising.of_wait(wait.id, wait.began_at, wait.until, *named)
        tried = alert_watch.last_wrong(connection, watched.attempt_id)
        if tried is None:
            return
        most = self.offer.codes.wrong_per_day
        told = alerts.raised_within(connection, Kind.CODES, Level.CRITICAL, now - attempts.REMEMBERED)
        if not told and (number := attempts.wrong_of_all(connection, now, most)) >= most:
            yield raising.of_guessing(*tried, number)

    def _unsent(self, connection: Connection, watched: Watched, now: datetime) -> Iterator[Raised]:
        troubled = {
            each.id: (each, state)
            for each in (
                *outbox.changed(connection, watched.revision),
                *outbox.forgotten(connection, now - FORGOTTEN_AFTER),
            )
            if (state := raising.trouble_of(each, now)) is not None
        }
        if not troubled:
            return
        # A further try that failed like the one before it is no news.
        for alert in alerts.unsettled(connection, Kind.UNSENT):
            known = troubled.get(int(alert.facts["outgoing"]))
            if known is not None and known[1].value == alert.facts["state"]:
                del troubled[known[0].id]
        rows = queues.rows(connection, [each.ticket_id for each, _ in troubled.values()])
        for outgoing, state in troubled.values():
            yield raising.of_unsent(outgoing, state, rows[outgoing.ticket_id], now)

    # Temporary access

    def _access(
        self, connection: Connection, revision: int, used: Iterable[Grant], now: datetime
    ) -> Iterator[Raised]:
        before = self.offer.alerts.access_before
        for grant in used:
            yield from raising.of_access(grant, before, now)
        for grant in access.cut_short(connection, revision):
            yield from raising.of_access_cut_short(grant, now)

    def _next_access(self, used: Iterable[Grant], now: datetime) -> Iterator[datetime]:
        before = self.offer.alerts.access_before
        for grant in used:
            yield from (at for at in raising.access_instants(grant, before) if at > now)

    # What is over, and what stands again

    def _over(self, connection: Connection, revision: int, now: datetime) -> list[int]:
        concerned = alerts.of_changed_tickets(connection, revision)
        rows: Mapping[int, Ticket] = (
            queues.rows(connection, [each.ticket_id for each in concerned if each.ticket_id is not None])
            if concerned
            else {}
        )
        over = [
            alert.id
            for alert in concerned
            if (ticket := rows.get(alert.ticket_id or 0)) is not None and raising.is_over(alert, ticket)
        ]
        ringing = alerts.open_of(connection, Kind.RINGING)
        rings = {call.ref for call in calls.open_calls(connection) if call.rings} if ringing else set()
        unsent = alerts.unsettled(connection, Kind.UNSENT)
        ids = {int(alert.facts["outgoing"]) for alert in unsent}
        answers = {each.id: each for each in outbox.some(connection, ids)}
        of_access = alerts.unsettled(connection, Kind.ACCESS)
        used = [int(alert.facts["use"]) for alert in of_access]
        grants = {
            use.id: replace(grant, uses=(use,))
            for grant in access.of_uses(connection, used)
            for use in grant.uses
        }
        return [
            *over,
            *(alert.id for alert in ringing if alert.subject not in rings),
            *(
                alert.id
                for alert in unsent
                if raising.is_sent(alert, answers.get(int(alert.facts["outgoing"])), now)
            ),
            *(
                alert.id
                for alert in of_access
                if raising.is_access_over(alert, grants.get(int(alert.facts["use"])), now)
            ),
        ]

    def _standing(
        self, connection: Connection, watched: Watched, raised: Iterable[Raised], now: datetime
    ) -> Sequence[Alert]:
        """Return the alerts that were settled by what was then undone."""
        undone = {act.ticket_id for act in alert_watch.acts(connection, watched.audit_id, Act.UNDO)}
        settled = alerts.settled_since(connection, undone, now - raising.TAKEN_BACK) if undone else []
        ids = {alert.ticket_id for alert in settled if alert.ticket_id is not None}
        rows = queues.rows(connection, list(ids)) if ids else {}
        anew = {(each.kind, each.ticket_id) for each in raised}
        return [
            alert
            for ticket_id, ticket in rows.items()
            for alert in raising.standing(alerts.of_ticket(connection, ticket_id, None), ticket)
            if alert in settled and (alert.kind, ticket_id) not in anew
        ]

    def _calendar(self, connection: Connection, calendar_id: int) -> OpeningHours:
        if calendar_id not in self._hours:
            for each, hours in calendars.all_of(connection).items():
                # The copy kept first has its tables built already.
                self._hours.setdefault(each, hours)
        return self._hours[calendar_id]


def _first(instants: Iterable[datetime | None]) -> datetime | None:
    return min((instant for instant in instants if instant is not None), default=None)


def _micros(terms: Terms, share: float) -> int:
    return raising.left(terms.budget, share) // _MICROSECOND
