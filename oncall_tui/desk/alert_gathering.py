"""What there is to tell since the last time somebody looked: read from the store, in one snapshot."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, NamedTuple

from oncall_tui.domain import alert_raising as raising
from oncall_tui.domain.alert_raising import Raised
from oncall_tui.domain.alerts import Alert, Kind, Level
from oncall_tui.domain.hours import OpeningHours
from oncall_tui.domain.offer import Offer
from oncall_tui.domain.tickets import Act, Ticket
from oncall_tui.store import alert_watch, alerts, attempts, calendars, calls, customers, deadlines, queues
from oncall_tui.store.alert_watch import Watched
from oncall_tui.store.deadlines import Terms

if TYPE_CHECKING:
    from sqlalchemy import Connection

_MICROSECOND = timedelta(microseconds=1)
_OF_CUSTOMER = "customer:"


class Gathered(NamedTuple):
    """What is to be raised, what is over, and what is to be told again."""

    raised: Sequence[Raised]
    over: Sequence[int]
    again: Sequence[Alert]

    @property
    def nothing(self) -> bool:
        """Say whether there is nothing to write."""
        return not (self.raised or self.over or self.again)


@dataclass(frozen=True, slots=True)
class Gathering:
    """Reads what there is to tell under `offer`."""

    offer: Offer
    # Copies of calendars never change, so what was read once holds.
    _hours: dict[int, OpeningHours] = field(default_factory=dict)

    def gather(self, connection: Connection, watched: Watched, now: datetime) -> Gathered:
        """Return what came about since `watched`, up to `now`, and was never raised."""
        since = min(watched.until, now)
        found = [
            *self._responses(connection, watched.revision, since, now),
            *self._promises(connection, watched.revision, since, now),
            *self._tickets(connection, watched, now),
            *self._calls(connection, watched),
            *self._codes(connection, watched, now),
        ]
        off = self.offer.alerts.off
        raised = alerts.unknown(connection, (each for each in found if each.kind not in off))
        over = self._over(connection, watched.revision)
        again = [each for each in alerts.due_again(connection, now) if each.id not in over]
        return Gathered(raised, over, again)

    def next_at(self, connection: Connection, now: datetime) -> datetime | None:
        """Return the first instant after `now` at which there may be something to tell, if nothing is
        written before.
        """
        instants = [
            *self._next_responses(connection, now),
            *self._next_promises(connection, now),
            alerts.next_again(connection, now),
        ]
        return min((instant for instant in instants if instant is not None), default=None)

    # First responses

    def _responses(
        self, connection: Connection, revision: int, since: datetime, now: datetime
    ) -> Iterator[Raised]:
        rules, thresholds = self.offer.alerts, self.offer.thresholds
        if Kind.RESPONSE in rules.off or not rules.response:
            return
        limits: list[tuple[Terms, int]] = []
        for terms in deadlines.terms_in_use(connection):
            hours = self._calendar(connection, terms.calendar_id)
            began, ends = hours.coordinate(since), hours.coordinate(now)
            for share in rules.response:
                for ticket in self._passed(connection, terms, share, (since, now), (began, ends)):
                    yield raising.of_response(ticket, share, hours, thresholds)
            limits.append((terms, ends + _micros(terms, max(rules.response))))
        # Those of which something was written are looked at whole: their deadlines may be long past.
        for ticket in deadlines.changed(connection, revision, limits):
            hours = self._calendar(connection, ticket.calendar_id)
            yield from raising.of_late_response(ticket, rules, hours, thresholds, since, now)

    def _passed(
        self,
        connection: Connection,
        terms: Terms,
        share: float,
        span: tuple[datetime, datetime],
        open_span: tuple[int, int],
    ) -> Sequence[Ticket]:
        if share <= 0:
            return deadlines.broken(connection, terms, *span, open_span)
        if open_span[0] == open_span[1]:
            return ()
        distance = _micros(terms, share)
        return deadlines.passed(connection, terms, open_span[0] + distance, open_span[1] + distance)

    def _next_responses(self, connection: Connection, now: datetime) -> Iterator[datetime | None]:
        rules = self.offer.alerts
        if Kind.RESPONSE in rules.off or not rules.response:
            return
        for terms in deadlines.terms_in_use(connection):
            hours = self._calendar(connection, terms.calendar_id)
            at = hours.coordinate(now)
            for share in rules.response:
                if share <= 0:
                    due = deadlines.next_broken(connection, terms, now, at)
                    yield due and due + _MICROSECOND
                    continue
                distance = _micros(terms, share)
                due_open = deadlines.next_passed(connection, terms, at + distance)
                if due_open is not None:
                    yield hours.add(now, (due_open - distance - at) * _MICROSECOND)

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
            each for each in deadlines.added(connection, watched.ticket_id) if raising.announces(each, now)
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

    def _over(self, connection: Connection, revision: int) -> list[int]:
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
        ringing = alerts.ringing(connection)
        rings = {call.ref for call in calls.open_calls(connection) if call.rings} if ringing else set()
        return over + [alert.id for alert in ringing if alert.subject not in rings]

    def _calendar(self, connection: Connection, calendar_id: int) -> OpeningHours:
        if calendar_id not in self._hours:
            for each, hours in calendars.all_of(connection).items():
                # The copy kept first has its tables built already.
                self._hours.setdefault(each, hours)
        return self._hours[calendar_id]


def _micros(terms: Terms, share: float) -> int:
    return raising.left(terms.budget, share) // _MICROSECOND
