"""The acts on a ticket. Each is one transaction with one audit entry, and takes effect only on the
version that the engineer saw.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TYPE_CHECKING

from oncall_tui.desk import following
from oncall_tui.desk.conflicts import conflict, with_time
from oncall_tui.desk.context import Context
from oncall_tui.desk.filing import Request, file
from oncall_tui.domain import tickets as rules
from oncall_tui.domain.errors import BadInput, Refused
from oncall_tui.domain.text import NAME_LIMIT, SUBJECT_LIMIT, clean, clean_body
from oncall_tui.domain.tickets import (
    UNDO_WITHIN,
    Act,
    Channel,
    Means,
    Message,
    MessageKind,
    Ticket,
    TicketDetail,
)
from oncall_tui.store import audit, calendars, messages, spans
from oncall_tui.store import tickets as ticket_store
from oncall_tui.store.engine import Transaction

if TYPE_CHECKING:
    from oncall_tui.desk.corrections import Forgetting


@dataclass(frozen=True, slots=True)
class _Done:
    """What an act of this desk did, kept for a moment to undo it: the ticket before (None if the act filed
    it) and after, the message that was written, the ids of what goes out to another system, and what was
    remembered of the sender before.
    """

    act: Act
    at: datetime
    before: Ticket | None
    after: Ticket
    message_id: int | None = None
    outgoing: Sequence[int] = ()
    sender: Forgetting | None = None


Dispatch = Callable[[Transaction, Ticket, int | None, datetime], int]
"""Puts something on its way to another system with an act, given the ticket after it and the line that was
written; returns its id.
"""


@dataclass(frozen=True, slots=True)
class TicketDesk:
    """Acts on tickets. `version` is the one that was seen; None takes whatever is there now.

    Every act raises `NotFound` for a ticket that is gone, `Refused` with the rule where one forbids
    it, `Conflict` naming who was first where the version is no more, `StoreUnavailable`.
    """

    context: Context
    _undoable: dict[int, _Done] = field(default_factory=dict)

    def new(
        self,
        *,
        customer: str,
        channel: Channel,
        subject: str,
        body: str = "",
        contact: str = "",
        received_at: datetime | None = None,
        ref: str | None = None,
    ) -> Ticket:
        """File a request. Its clock starts at `received_at` (R5), now if it isn't given."""
        request = Request(customer, channel, subject, body, contact, received_at, ref)
        with self.context.writing() as tx:
            now = self.context.clock()
            ticket = file(self.context, tx, request, now)
        self._remember(_Done(Act.NEW, now, None, ticket))
        return ticket

    def take(self, ticket_id: int, *, version: int | None = None) -> Ticket:
        """Become the owner of a ticket that nobody owns."""
        me = self.context.operator
        return self.act(ticket_id, version, Act.TAKE, lambda old, now: rules.take(old, me, now))

    def hand_over(self, ticket_id: int, to: str, *, version: int | None = None) -> Ticket:
        """Make `to` the owner."""
        name = self._name(to)
        return self.act(
            ticket_id, version, Act.HAND_OVER, lambda old, now: rules.hand_over(old, name, now), {"to": name}
        )

    def answer(
        self,
        ticket_id: int,
        means: Means,
        *,
        text: str = "",
        at: datetime | None = None,
        version: int | None = None,
    ) -> Ticket:
        """Record by which `means` and when (`at`, now if not given) the customer was told that work
        has begun (R6); `text` is what was said.
        """
        me, said = self.context.operator, clean_body(text)

        def change(old: Ticket, now: datetime) -> Ticket:
            return rules.answer(old, me, means, at or now, now)

        detail = {"means": means.value} | ({"at": at.isoformat()} if at else {})
        return self.act(ticket_id, version, Act.ANSWER, change, detail, (MessageKind.ANSWER, said, at))

    def promise(self, ticket_id: int, due_at: datetime, *, version: int | None = None) -> Ticket:
        """Promise the customer an update by `due_at` (R7)."""
        me, thresholds = self.context.operator, self.context.offer.thresholds

        def change(old: Ticket, now: datetime) -> Ticket:
            return rules.promise(old, me, due_at, now, thresholds)

        return self.act(ticket_id, version, Act.PROMISE, change, {"due_at": due_at.isoformat()})

    def note(self, ticket_id: int, text: str) -> Ticket:
        """Write a note for the team. It stops no clock (R6) and is no conflict for anybody."""
        said = clean_body(text)
        if not said.strip():
            raise BadInput("a note needs a text")
        context = self.context
        with context.writing() as tx:
            now = context.clock()
            before = ticket_store.get(tx.connection, ticket_id)
            message = Message(now, context.operator, MessageKind.NOTE, said)
            message_id = messages.add(tx, ticket_id, message)
            ticket_store.touch(tx, ticket_id)
            context.record(tx, now, Act.NOTE, before.ref, {}, ticket_id, customer=before.customer)
        after = replace(before, revision=tx.revision)
        self._remember(_Done(Act.NOTE, now, before, after, message_id))
        return after

    def close(self, ticket_id: int, *, reason: str = "", version: int | None = None) -> Ticket:
        """Close the ticket; one that nobody answered needs a reason (R6)."""
        why = clean(reason, limit=SUBJECT_LIMIT)
        detail = {"reason": why} if why else {}
        return self.act(ticket_id, version, Act.CLOSE, lambda old, now: rules.close(old, why, now), detail)

    def reopen(self, ticket_id: int, *, version: int | None = None) -> Ticket:
        """Open a closed ticket again."""
        return self.act(ticket_id, version, Act.REOPEN, lambda old, _now: rules.reopen(old))

    def assign(
        self, ticket_id: int, customer: str, *, remember: bool = False, version: int | None = None
    ) -> Ticket:
        """Correct whose the request is: it becomes one of the organisation with the id `customer`.

        Plan, budget and deadline are those of that organisation, counted from receipt (R5, R8), also where
        the ticket is answered or closed; a look back shows what was there until now. With `remember` what
        the sender writes from now on is theirs too; their other tickets stay where they are
        (`also_unknown`). Raises `Refused` for a ticket that is theirs already, for an emergency of a plan
        without the line (R11), and to remember who wrote a ticket that came from no address.
        """
        from oncall_tui.desk import corrections

        context = self.context
        with context.writing() as tx:
            now = context.clock()
            old = ticket_store.get(tx.connection, ticket_id)
            if version is not None and version != old.version:
                raise conflict(self.context, tx, old)
            new = corrections.corrected(context, tx.connection, old, customer)
            new = replace(new, version=old.version + 1, revision=tx.revision)
            if not ticket_store.save(tx, old, new, now):
                raise conflict(self.context, tx, ticket_store.get(tx.connection, ticket_id))
            detail = {"from": old.customer, "to": new.customer}
            sender = None
            if remember:
                sender = corrections.remember_sender(tx, new, context.operator, now)
                detail["remembered"] = sender.address
            context.record(tx, now, Act.ASSIGN, old.ref, detail, ticket_id, customer=new.customer)
        self._remember(_Done(Act.ASSIGN, now, old, new, sender=sender))
        return new

    def as_assigned(self, ticket_id: int, customer: str) -> Ticket:
        """Return what `assign` would make of the ticket, and change nothing; raises what that raises."""
        from oncall_tui.desk import corrections

        with self.context.store.connect() as connection:
            ticket = ticket_store.get(connection, ticket_id)
            return corrections.corrected(self.context, connection, ticket, customer)

    def also_unknown(self, ticket_id: int) -> int:
        """Return how many other open tickets of the ticket's sender belong to nobody known."""
        from oncall_tui.desk import corrections

        with self.context.store.connect() as connection:
            return corrections.also_unknown(connection, ticket_id)

    def set_language(self, ticket_id: int, language: str, *, version: int | None = None) -> Ticket:
        """Correct the language that the request was written in: two letters or a name, empty if unknown.

        Raises `BadInput` for what is neither.
        """
        from oncall_tui.domain.corrections import language_code, set_language

        code = language_code(language)
        return self.act(
            ticket_id, version, Act.LANGUAGE, lambda old, _now: set_language(old, code), {"to": code}
        )

    def undo(self, ticket_id: int) -> Ticket:
        """Take back what this desk did last to the ticket, if that is at most `UNDO_WITHIN` ago.

        The undoing is an act of its own: what it takes back stays in the audit, and what was said is
        marked as withdrawn. An answer that was recorded by mistake never stopped the clock (R6). A
        ticket that was filed by mistake is closed. Raises `Refused` when there is nothing to undo, or for
        an answer that some desk is handing over already.
        """
        context = self.context
        done = self._undoable.get(ticket_id)
        if done is None or context.clock() - done.at > UNDO_WITHIN:
            raise Refused(
                "there is nothing to undo on this ticket",
                hint=f"an act can be undone for {int(UNDO_WITHIN.total_seconds())} s where it was done",
            )
        with context.writing() as tx:
            now = context.clock()
            spared = following.take_back(tx, done.outgoing, now)
            current = ticket_store.get(tx.connection, ticket_id)
            if done.act is not Act.NOTE and current.version != done.after.version:
                raise conflict(self.context, tx, current)
            undone = _undone(done, current, now)
            new = replace(undone, outgoing=current.outgoing, revision=tx.revision)
            if done.sender is not None:
                done.sender.take_back(tx)
            if done.message_id is not None:
                messages.withdraw(tx, done.message_id, now)
            if done.act is Act.NOTE:
                ticket_store.touch(tx, ticket_id)
            else:
                new = replace(new, version=current.version + 1)
                if not ticket_store.save(tx, current, new, now, undoing=done.at):
                    raise conflict(self.context, tx, ticket_store.get(tx.connection, ticket_id))
                if following.follow(context, tx, current, new, now, spared):
                    new = following.standing(tx, new)
            context.record(
                tx,
                now,
                Act.UNDO,
                current.ref,
                {"of": done.act.value},
                ticket_id,
                customer=current.customer,
            )
        self._undoable.pop(ticket_id, None)
        return new

    def _remember(self, done: _Done) -> None:
        """Keep what was done for as long as it can be undone."""
        for ticket_id, earlier in list(self._undoable.items()):
            if done.at - earlier.at > UNDO_WITHIN:
                self._undoable.pop(ticket_id, None)
        self._undoable[done.after.id] = done

    def filed(self, ticket: Ticket, at: datetime) -> None:
        """Let `undo` take back a ticket that an act of this desk, not `new`, has filed at `at` (UTC)."""
        self._remember(_Done(Act.NEW, at, None, ticket))

    def noted(self, before: Ticket, after: Ticket, message_id: int, at: datetime) -> None:
        """Let `undo` take back a note that an act of this desk, not `note`, has written at `at` (UTC)."""
        self._remember(_Done(Act.NOTE, at, before, after, message_id))

    def find(self, ref: str) -> Ticket:
        """Return the ticket that goes by `ref`."""
        with self.context.store.connect() as connection:
            return ticket_store.find(connection, ref)

    def detail(self, ticket_id: int, as_of: datetime | None = None) -> TicketDetail:
        """Return the ticket with conversation, history and calendar, as it stands or stood at `as_of`.

        Where it came from is what it is now: whom an answer would go to.
        """
        from oncall_tui.store import letters, links

        as_of = as_of or self.context.as_of
        with self.context.store.connect() as connection:
            ticket = ticket_store.get(connection, ticket_id)
            if as_of is not None:
                ticket = spans.restored(connection, [ticket], as_of)[0]
            return TicketDetail(
                ticket=ticket,
                body=ticket_store.body(connection, ticket_id),
                messages=messages.of_ticket(connection, ticket_id, as_of),
                history=audit.of_ticket(connection, ticket_id, as_of),
                hours=calendars.get(connection, ticket.calendar_id),
                enclosures=letters.enclosures(connection, ticket_id, as_of),
                origin=links.of(connection, ticket_id),
            )

    def _name(self, text: str) -> str:
        name = clean(text, limit=NAME_LIMIT).strip()
        if not name:
            raise BadInput("a name is needed")
        return name

    def act(
        self,
        ticket_id: int,
        version: int | None,
        act: Act,
        change: Callable[[Ticket, datetime], Ticket],
        detail: Mapping[str, str] | None = None,
        said: tuple[MessageKind, str, datetime | None] | None = None,
        dispatch: Dispatch | None = None,
    ) -> Ticket:
        """Do one act on a ticket: `change` makes the new one of the old one, at an instant, or refuses.

        `said` is the line that it adds to the conversation, `dispatch` puts on its way what goes out with it.
        What it means for the system that the ticket came from follows by itself.
        """
        context = self.context
        with context.writing() as tx:
            now = context.clock()
            old = ticket_store.get(tx.connection, ticket_id)
            if version is not None and version != old.version:
                raise conflict(self.context, tx, old)
            try:
                new = replace(change(old, now), version=old.version + 1, revision=tx.revision)
            except Refused as refusal:
                raise with_time(self.context, refusal, act, old) from None
            if not ticket_store.save(tx, old, new, now):
                raise conflict(self.context, tx, ticket_store.get(tx.connection, ticket_id))
            message_id = None
            if said is not None:
                kind, text, at = said
                message = Message(at or now, context.operator, kind, text)
                message_id = messages.add(tx, ticket_id, message)
            outgoing = [] if dispatch is None else [dispatch(tx, new, message_id, now)]
            outgoing += following.follow(context, tx, old, new, now)
            if outgoing:
                new = following.standing(tx, new)
            context.record(tx, now, act, old.ref, detail or {}, ticket_id, customer=old.customer)
        self._remember(_Done(act, now, old, new, message_id, outgoing))
        return new


def _undone(done: _Done, current: Ticket, now: datetime) -> Ticket:
    """Return the ticket as it was before, or closed if the act had filed it."""
    if done.before is None:
        return rules.close(current, "filed by mistake", now)
    return current if done.act is Act.NOTE else done.before
