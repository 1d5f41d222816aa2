"""What goes out to other systems: answers to customers, and what was done to a ticket that came from there.

Each is written with the act that it is of, in one transaction, and handed over later by one desk at a time.
An answer is handed over at most once, as far as the protocol allows to know: what is unsure is shown and
waits for a person.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import uuid4

from oncall_tui.desk import dispatch, handed
from oncall_tui.desk.context import Context
from oncall_tui.desk.tickets import TicketDesk
from oncall_tui.domain import tickets as rules
from oncall_tui.domain.correspondence import Handed, Outgoing
from oncall_tui.domain.errors import BadInput, Conflict, NotFound, Refused
from oncall_tui.domain.handing import yielded
from oncall_tui.domain.outgoing import OutgoingAct, OutgoingState, due
from oncall_tui.domain.text import clean_body
from oncall_tui.domain.tickets import Act, MessageKind, Origin, Ticket
from oncall_tui.store import links, outbox
from oncall_tui.store import tickets as ticket_store
from oncall_tui.store.engine import Transaction

AGAIN, DROP, FORCE = "send again", "don't send", "send anyway"
"""The words of the audit."""

_AGAIN_FROM = (
    OutgoingState.WAITING,
    OutgoingState.UNSURE,
    OutgoingState.REFUSED,
    OutgoingState.BOUNCED,
)
_NOT_SAID = (OutgoingState.WAITING, OutgoingState.REFUSED, OutgoingState.CONFLICT)
"""States of an answer that certainly never reached anybody."""


@dataclass(frozen=True, slots=True)
class OutboxDesk:
    """Acts on what goes out.

    Each raises `NotFound` for what isn't there, `Refused` where its state or a rule forbids it and on a
    read-only desk, `Conflict` naming who was first where the ticket's `version` is no more,
    `StoreUnavailable`.
    """

    context: Context
    tickets: TicketDesk

    # Writing

    def origin(self, ticket_id: int) -> Origin | None:
        """Return where an answer to the ticket would go, None where it can't go anywhere."""
        with self.context.store.connect() as connection:
            origin = links.of(connection, ticket_id)
        return origin if dispatch.takes_answers(origin) else None

    def answer(self, ticket_id: int, text: str, *, version: int | None = None) -> Ticket:
        """Write the customer an answer and put it on its way to where the ticket came from.

        The response clock runs on until the answer was handed over to the server (R6); an unowned ticket
        becomes this engineer's at once. A further answer may be written while one is on its way: they go in
        their order. Raises `BadInput` without a text, `Refused` for a ticket that came in with no address.
        """
        context, said = self.context, clean_body(text)
        if not said.strip():
            raise BadInput("an answer needs a text")

        def change(old: Ticket, now: datetime) -> Ticket:
            return rules.send(old, context.operator, now)

        def put_on_its_way(tx: Transaction, ticket: Ticket, line_id: int | None, now: datetime) -> int:
            return dispatch.answer(context, tx, ticket, said, line_id, now)

        line = (MessageKind.ANSWER, said, None)
        return self.tickets.act(ticket_id, version, Act.SEND, change, said=line, dispatch=put_on_its_way)

    # Handing over

    def claim(self, source: str, mail_domain: str, limit: int = 20) -> list[Outgoing]:
        """Take what has its turn to go out to `source`, at most `limit`; nobody else gets the same.

        Each is SENDING from then on, with its Message-ID `<…@mail_domain>`, which stays with every further
        try. What another desk began to hand over and must have died with becomes UNSURE, or is claimed anew
        where repeating it does no harm. Commits nothing where there is nothing to do.
        """
        context = self.context
        with context.store.connect() as connection:
            look = due(outbox.queue(connection, source), context.clock(), limit)
        if not look.ready and not look.abandoned:
            return []
        with context.writing() as tx:
            now = context.clock()
            look = due(outbox.queue(tx.connection, source), now, limit)
            if look.abandoned:
                for given_up in outbox.some(tx.connection, look.abandoned):
                    handed.abandon(tx, given_up, now)
                look = due(outbox.queue(tx.connection, source), now, limit)
            mine = [
                each
                for each in look.ready
                if outbox.claim(tx, each, context.seat, now, f"<{uuid4()}@{mail_domain}>")
            ]
            claimed = outbox.some(tx.connection, mine)
            for ticket_id in dict.fromkeys(each.ticket_id for each in claimed):
                outbox.refresh(tx, ticket_id)
        return claimed

    def finish(self, outgoing: Outgoing, result: Handed) -> None:
        """Write down what came of handing over `outgoing`, as it was claimed.

        An answer that was SENT stops the response clock at that instant (R6), in the name of who wrote it,
        also on a ticket that was closed meanwhile. What waits is tried again after a time that doubles. A
        result that comes after another try has begun is of no interest any more, nor one of a ticket that
        was purged.
        """
        with self.context.writing() as tx:
            try:
                handed.finish(self.context, tx, outgoing, result, self.context.clock())
            except NotFound:
                return

    # Looking

    def open(self) -> tuple[Outgoing, ...]:
        """Return what is on its way or needs a person, the oldest first."""
        with self.context.store.connect() as connection:
            return tuple(outbox.unfinished(connection))

    def get(self, outgoing_id: int) -> Outgoing:
        """Return what goes out by its id."""
        with self.context.store.connect() as connection:
            return outbox.get(connection, outgoing_id)

    def of_ticket(self, ticket_id: int) -> tuple[Outgoing, ...]:
        """Return all that ever was to go out of a ticket, the oldest first."""
        with self.context.store.connect() as connection:
            return tuple(outbox.of_ticket(connection, ticket_id))

    # Deciding

    def again(self, outgoing_id: int) -> Outgoing:
        """Hand it over once more, now: an answer that is UNSURE may arrive twice then.

        It keeps its Message-ID, by which many a server knows the second one of a pair; one that came back
        gets another, so that it is told from the first.
        """

        def change(tx: Transaction, old: Outgoing, now: datetime) -> None:
            if old.state is OutgoingState.CONFLICT:
                raise Refused(
                    f"{_named(old)} is in conflict with what was done there: again it would be",
                    hint="decide which counts: outbox force for ours, outbox drop for theirs",
                )
            if old.state not in _AGAIN_FROM:
                raise _refused(old)
            anew = old.state is OutgoingState.BOUNCED
            outbox.move(tx, old, OutgoingState.WAITING, next_at=now, anew=anew)

        return self._decide(outgoing_id, AGAIN, change)

    def was_sent(self, outgoing_id: int) -> Outgoing:
        """Note that an answer of which it was unsure has arrived, as the engineer knows: the response clock
        stops at the instant of the try (R6).
        """

        def change(tx: Transaction, old: Outgoing, now: datetime) -> None:
            if old.state is not OutgoingState.UNSURE:
                raise Refused(f"{_named(old)} isn't unsure: it is {old.state}")
            tried_at = old.ended_at or now
            handed.sent(self.context, tx, old, Handed(OutgoingState.SENT, tried_at), now)

        return self._decide(outgoing_id, None, change)

    def drop(self, outgoing_id: int) -> Outgoing:
        """Don't send it. Of a conflict theirs counts then: the ticket stands here as it does there.

        The line of an answer that reached nobody is marked as taken back.
        """

        def change(tx: Transaction, old: Outgoing, now: datetime) -> None:
            if old.state not in (*_AGAIN_FROM, OutgoingState.CONFLICT):
                raise _refused(old)
            outbox.move(tx, old, OutgoingState.DROPPED, detail=old.detail, ended_at=now)
            if old.act is OutgoingAct.ANSWER and old.state in _NOT_SAID:
                dispatch.withdraw_line(tx, old, now)
            if old.state is OutgoingState.CONFLICT:
                self._yield(tx, old, now)

        return self._decide(outgoing_id, DROP, change)

    def force(self, outgoing_id: int) -> Outgoing:
        """Decide a conflict for ours: it is done whatever stands there."""

        def change(tx: Transaction, old: Outgoing, now: datetime) -> None:
            if old.state is not OutgoingState.CONFLICT:
                raise Refused(f"{_named(old)} is in no conflict: it is {old.state}")
            outbox.move(tx, old, OutgoingState.WAITING, next_at=now, forced=True)

        return self._decide(outgoing_id, FORCE, change)

    def _decide(
        self, outgoing_id: int, word: str | None, change: Callable[[Transaction, Outgoing, datetime], None]
    ) -> Outgoing:
        """Do what an engineer decided, and write it down as `word` unless it does so itself."""
        context = self.context
        with context.writing() as tx:
            now = context.clock()
            old = outbox.get(tx.connection, outgoing_id)
            change(tx, old, now)
            if word is not None:
                customer = ticket_store.get(tx.connection, old.ticket_id).customer
                detail = {"outgoing": str(old.id), "what": old.act.value, "was": old.state.value}
                context.record(tx, now, word, old.ticket, detail, old.ticket_id, customer=customer)
            return outbox.get(tx.connection, outgoing_id)

    def _yield(self, tx: Transaction, outgoing: Outgoing, now: datetime) -> None:
        """Let the ticket stand as it does in the other system."""
        link = links.get(tx.connection, outgoing.ticket_id)
        old = ticket_store.get(tx.connection, outgoing.ticket_id)
        new = yielded(old, outgoing.act, link.owner if link else "", outgoing.source, now)
        if new != old:
            ticket_store.save(tx, old, replace(new, version=old.version + 1), now)


def _named(outgoing: Outgoing) -> str:
    what = "the answer" if outgoing.act is OutgoingAct.ANSWER else f"the {outgoing.act}"
    return f"{what} to {outgoing.ticket}"


def _refused(outgoing: Outgoing) -> Refused:
    """Say why nothing can be decided any more."""
    if outgoing.state is OutgoingState.SENDING:
        return Conflict(
            f"{_named(outgoing)} is being handed over at this moment", hint="look again in a moment"
        )
    return Refused(f"{_named(outgoing)} is {outgoing.state} already")
