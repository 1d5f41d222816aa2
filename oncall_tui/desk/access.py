"""Temporary access: recorded, used, given back, and what of it a hand-over needs to know (R23)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import NamedTuple

from oncall_tui.desk.context import Context
from oncall_tui.domain.customers import Customer
from oncall_tui.domain.errors import BadInput, Conflict, NotFound, Refused
from oncall_tui.domain.grants import Grant, GrantState, Use, in_order, named
from oncall_tui.domain.text import NAME_LIMIT, REF_LIMIT, SUBJECT_LIMIT, clean
from oncall_tui.domain.tickets import UNDO_WITHIN, Act, Ticket
from oncall_tui.store import access, customers
from oncall_tui.store import tickets as ticket_store
from oncall_tui.store.engine import Transaction

GRANT, PROLONG, END = "record access", "prolong access", "end access"
USE, STOP = "use access", "give access back"
"""The words of the audit."""


class OfCustomer(NamedTuple):
    """An organisation with all access that it granted, in the order of `in_order`."""

    customer: Customer
    grants: tuple[Grant, ...]


@dataclass(frozen=True, slots=True)
class _Done:
    """What this desk did last about the access of an organisation: the grant after it, and before it where
    there was one. `uses` are the ids of those that the act began or ended.
    """

    act: str
    at: datetime
    after: Grant
    before: Grant | None = None
    uses: Sequence[int] = ()


@dataclass(frozen=True, slots=True)
class AccessDesk:
    """Acts on temporary access.

    Each raises `NotFound` for a grant that is gone, `Refused` on a read-only desk and where R23 forbids it,
    `Conflict` naming who was first, `StoreUnavailable`. Instants are aware, and kept in UTC.
    """

    context: Context
    _undoable: dict[str, _Done] = field(default_factory=dict)

    def of(self, customer: str, *, as_of: datetime | None = None) -> OfCustomer:
        """Return the organisation with that id and its access, as it stands or stood at `as_of`."""
        as_of = as_of or self.context.as_of
        with self.context.store.connect() as connection:
            customer_id, found = customers.find(connection, clean(customer, limit=REF_LIMIT))
            grants = access.of_customer(connection, customer_id)
        return OfCustomer(found, self._then(grants, as_of))

    def in_force(self, since: datetime, *, as_of: datetime | None = None) -> tuple[Grant, ...]:
        """Return what a hand-over has to say of access, of all organisations: what is granted and active, in
        use by whom, and then what was given back or ran out since an instant; as it stood at `as_of`.
        """
        as_of = as_of or self.context.as_of
        now = as_of or self.context.clock()
        with self.context.store.connect() as connection:
            found = access.in_force_since(connection, since, now)
        then = self._then(found, as_of)
        return tuple(each for each in then if each.state(now).in_force or since <= each.ends_at <= now)

    def _then(self, grants: Sequence[Grant], as_of: datetime | None) -> tuple[Grant, ...]:
        known = grants if as_of is None else [then for each in grants if (then := each.as_of(as_of))]
        return in_order(known, as_of or self.context.clock())

    # Acts

    def grant(
        self,
        customer: str,
        service: str,
        until: datetime,
        granted_by: str = "",
        granted_at: datetime | None = None,
    ) -> Grant:
        """Record that the organisation with that id opened a service to us until an instant.

        `service` is the name or the number of one of its services; `granted_by` is who of theirs said so,
        and `granted_at` from when on it holds, now if it isn't given. What is active already is prolonged:
        who uses it goes on. Raises `BadInput` for another service or an end that has passed, `Refused` where
        it is open to us for as long already.
        """
        context = self.context
        by = clean(granted_by, limit=NAME_LIMIT)
        with context.writing() as tx:
            now = context.clock()
            customer_id, who = customers.find(tx.connection, clean(customer, limit=REF_LIMIT))
            name = named(clean(service, limit=NAME_LIMIT), who.services)
            begins = granted_at or now
            if until <= max(begins, now):
                what = "over already" if until <= now else "not after its beginning"
                raise BadInput(
                    f"{context.clock_time(until)} is {what}", hint="an end lies in the future", rule="R23"
                )
            active = [
                each
                for each in access.of_customer(tx.connection, customer_id)
                if each.service == name and each.state(now).in_force
            ]
            if active and begins <= now:
                return self._prolonged(tx, now, max(active, key=lambda each: each.ends_at), until, by)
            grant_id = access.add(
                tx,
                customer_id,
                service=name,
                granted_at=begins,
                until=until,
                granted_by=by,
                recorded_by=context.operator,
                recorded_at=now,
            )
            made = access.get(tx.connection, grant_id)
            detail = {"granted_at": begins.isoformat()} if granted_at else {}
            self._record(tx, now, GRANT, made, detail | ({"by": by} if by else {}))
        self._remember(_Done(GRANT, now, made))
        return made

    def _prolonged(self, tx: Transaction, now: datetime, old: Grant, until: datetime, by: str) -> Grant:
        if until <= old.ends_at:
            raise Refused(
                f"{old.service} is open to us until {self.context.clock_time(old.ends_at)} already",
                hint="an access that ends sooner is ended when it does",
                rule="R23",
            )
        # Recorded by somebody, or a list that says less would cut it short.
        new = replace(
            old,
            until=until,
            granted_by=by or old.granted_by,
            recorded_by=old.recorded_by or self.context.operator,
            recorded_at=old.recorded_at or now,
        )
        access.save(tx, new)
        detail = {"from": old.until.isoformat()} | ({"by": by} if by else {})
        self._record(tx, now, PROLONG, new, detail)
        self._remember(_Done(PROLONG, now, new, old))
        return new

    def use(self, grant_id: int, purpose: str = "", ticket: str | None = None) -> Grant:
        """Note that this engineer uses the access from now on, for a purpose or for the `ticket` that goes by
        that reference.

        Raises `Refused` (R23) that says when it begins, or when it ended; `Conflict` if it is used already.
        """
        context = self.context
        why = clean(purpose, limit=SUBJECT_LIMIT)
        with context.writing() as tx:
            now = context.clock()
            grant = access.get(tx.connection, grant_id)
            about = None if ticket is None else ticket_store.find(tx.connection, ticket)
            if about is not None and about.customer != grant.customer:
                raise BadInput(f"{about.ref} is not of {grant.customer_name}", rule="R23")
            if about is None and not why:
                raise BadInput("a purpose is needed", hint="what the access is used for", rule="R23")
            self._check_in_force(grant, now)
            if (mine := grant.use_of(context.operator)) is not None:
                raise Conflict(f"you use {grant.service} since {context.clock_time(mine.began_at)}")
            ref = about.ref if about else ""
            use = Use(0, context.operator, context.workstation, why, ref, now)
            use_id = access.begin(tx, grant.id, use, about.id if about else None)
            detail = {"purpose": why} if why else {}
            self._record(tx, now, USE, grant, detail | ({"ticket": ref} if ref else {}), about)
            after = access.get(tx.connection, grant.id)
        self._remember(_Done(USE, now, after, grant, (use_id,)))
        return after

    def _check_in_force(self, grant: Grant, now: datetime) -> None:
        at = self.context.clock_time
        match grant.state(now):
            case GrantState.EXPIRED:
                what, hint = f"ran out at {at(grant.ends_at)}", "ask the customer for it again"
            case GrantState.ENDED:
                by = f" by {grant.ended_by}" if grant.ended_by else ""
                what, hint = f"was ended at {at(grant.ends_at)}{by}", "ask the customer for it again"
            case GrantState.NOT_YET:
                what, hint = f"begins at {at(grant.granted_at)}", "it can't be used before"
            case _:
                return
        raise Refused(f"access to {grant.service} {what}", hint=hint, rule="R23")

    def stop(self, grant_id: int) -> Grant:
        """Note that this engineer doesn't use the access any more; where that has ended, not after its end.

        Raises `Refused` where they don't use it.
        """
        context = self.context
        with context.writing() as tx:
            now = context.clock()
            grant = access.get(tx.connection, grant_id)
            mine = grant.use_of(context.operator)
            if mine is None:
                raise Refused(f"you don't use {grant.service}")
            access.stop(tx, [mine.id], max(mine.began_at, min(now, grant.ends_at)))
            about = _ticket_of(tx, mine)
            self._record(tx, now, STOP, grant, {"ticket": mine.ticket} if mine.ticket else {}, about)
            after = access.get(tx.connection, grant.id)
        self._remember(_Done(STOP, now, after, grant, (mine.id,)))
        return after

    def end(self, grant_id: int) -> Grant:
        """Note that the access is over before its time, also for whoever uses it; `Conflict` if it is."""
        context = self.context
        with context.writing() as tx:
            now = context.clock()
            grant = access.get(tx.connection, grant_id)
            if grant.state(now).over:
                by = f" by {grant.ended_by}" if grant.ended_at and grant.ended_by else ""
                raise Conflict(f"access to {grant.service} ended at {context.clock_time(grant.ends_at)}{by}")
            going = [use.id for use in grant.uses if use.ended_at is None]
            access.save(tx, replace(grant, ended_at=now, ended_by=context.operator))
            access.stop(tx, going, now)
            self._record(tx, now, END, grant, {})
            after = access.get(tx.connection, grant.id)
        self._remember(_Done(END, now, after, grant, going))
        return after

    # Taking back

    def undo(self, customer: str) -> Grant:
        """Take back what this desk did last about the organisation's access, if that is at most `UNDO_WITHIN`
        ago; return the grant that it was done to. What it takes back stays in the audit.

        Raises `Refused` where there is nothing to undo, `Conflict` where somebody else went on from it.
        """
        context = self.context
        done = self.undoable(customer)
        if done is None:
            raise Refused(
                "there is nothing to undo here",
                hint=f"an act can be undone for {int(UNDO_WITHIN.total_seconds())} s where it was done",
            )
        with context.writing() as tx:
            now = context.clock()
            grant = access.get(tx.connection, done.after.id)
            self._take_back(tx, done, grant, now)
            self._record(tx, now, Act.UNDO, grant, {"of": done.act})
        self._undoable.pop(customer, None)
        return grant

    def undoable(self, customer: str) -> _Done | None:
        """Return what can be undone about the organisation's access now, None for nothing."""
        done = self._undoable.get(customer)
        return None if done is None or self.context.clock() - done.at > UNDO_WITHIN else done

    def _take_back(self, tx: Transaction, done: _Done, grant: Grant, now: datetime) -> None:
        at, before = self.context.clock_time, done.before
        if done.act != END and grant.ended_at is not None:
            raise Conflict(f"{grant.ended_by or 'somebody'} ended it at {at(grant.ended_at)}")
        uses = {use.id: use for use in grant.uses if use.id in done.uses}
        match done.act:
            case _ if before is None:
                if grant.until != done.after.until:
                    raise Conflict(f"it was prolonged until {at(grant.until)}")
                if grant.uses:
                    raise Conflict(f"{grant.uses[0].operator} has used it since")
                access.remove(tx, grant.id)
            case _ if done.act == PROLONG:
                if grant.until != done.after.until:
                    raise Conflict(f"it runs until {at(grant.until)} by now")
                access.save(tx, before)
            case _ if done.act == USE:
                if any(use.ended_at is not None for use in uses.values()) or not uses:
                    raise Conflict("that use has ended")
                for use_id in uses:
                    access.withdraw(tx, use_id)
            case _:
                if now >= (before.ends_at if done.act == END else grant.ends_at):
                    raise Refused(f"access to {grant.service} has ended meanwhile", rule="R23")
                if done.act == END:
                    if grant.ended_at != done.after.ended_at:
                        raise Conflict("it was ended by somebody else")
                    access.save(tx, replace(grant, ended_at=None, ended_by=""))
                again = {use.operator for use in grant.uses if use.ended_at is None}
                if anew := sorted(again & {use.operator for use in uses.values()}):
                    raise Conflict(f"{anew[0]} uses it again since")
                access.stop(tx, uses, None)

    def _record(
        self,
        tx: Transaction,
        now: datetime,
        act: str,
        grant: Grant,
        detail: dict[str, str],
        ticket: Ticket | None = None,
    ) -> None:
        facts = {"access": str(grant.id), "service": grant.service, "until": grant.until.isoformat()}
        ticket_id = None if ticket is None else ticket.id
        self.context.record(tx, now, act, grant.service, facts | detail, ticket_id, customer=grant.customer)

    def _remember(self, done: _Done) -> None:
        self._undoable[done.after.customer] = done


def _ticket_of(tx: Transaction, use: Use) -> Ticket | None:
    """Return the ticket of a use, None where there was none or it was purged."""
    try:
        return ticket_store.find(tx.connection, use.ticket) if use.ticket else None
    except NotFound:
        return None
