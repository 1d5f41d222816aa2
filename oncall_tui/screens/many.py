"""One act on one or several tickets, each in a transaction of its own, and what became of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from oncall_tui.domain.errors import OncallError, StoreUnavailable
from oncall_tui.domain.tickets import Ticket
from oncall_tui.screens.session import words

if TYPE_CHECKING:
    from oncall_tui.desk.tickets import TicketDesk


@dataclass(slots=True)
class Outcome:
    """What became of an act: the tickets as they are after it, and those that it wasn't done to, with why."""

    done: list[Ticket] = field(default_factory=list)
    failed: list[tuple[Ticket | None, OncallError]] = field(default_factory=list)

    @property
    def left(self) -> tuple[Ticket, ...]:
        """Return the tickets, as they were seen, that nothing was done to."""
        return tuple(ticket for ticket, _ in self.failed if ticket is not None)

    @property
    def error(self) -> OncallError | None:
        """Return the first error, None if all was done."""
        return self.failed[0][1] if self.failed else None

    def message(self, done: Callable[[Ticket], str]) -> str:
        """Return what to say; `done` says of one ticket what was done to it."""
        count = len(self.done) + len(self.failed)
        if count == 1:
            return words(self.failed[0][1]) if self.failed else f"{named(self.done[0])}: {done(self.done[0])}"
        if not self.failed:
            return f"{count} tickets: {done(self.done[0])}"
        of = f"{len(self.done)} of {count} tickets: {done(self.done[0])}; " if self.done else ""
        ticket, error = self.failed[0]
        ref = f"{ticket.ref}: " if ticket is not None and ticket.ref not in error.message else ""
        more = f" (and {len(self.failed) - 1} more)" if len(self.failed) > 1 else ""
        return f"{of}{ref}{words(error)}{more}"


def each(
    tickets: tuple[Ticket, ...], call: Callable[[TicketDesk, Ticket], Ticket]
) -> Callable[[TicketDesk], Outcome]:
    """Return what does `call` to one ticket after the other. Without a store the rest isn't tried."""

    def carry_out(desk: TicketDesk) -> Outcome:
        outcome, gone = Outcome(), None
        for ticket in tickets:
            if gone is not None:
                outcome.failed.append((ticket, gone))
                continue
            try:
                outcome.done.append(call(desk, ticket))
            except OncallError as error:
                outcome.failed.append((ticket, error))
                gone = error if isinstance(error, StoreUnavailable) else None
        return outcome

    return carry_out


def once(call: Callable[[TicketDesk], Ticket]) -> Callable[[TicketDesk], Outcome]:
    """Return what does `call`, which makes a ticket."""

    def carry_out(desk: TicketDesk) -> Outcome:
        try:
            return Outcome([call(desk)])
        except OncallError as error:
            return Outcome(failed=[(None, error)])

    return carry_out


def named(ticket: Ticket) -> str:
    """Return how messages name a ticket."""
    return f"{ticket.ref} {ticket.customer_name}"


def who_has(tickets: Sequence[Ticket]) -> str:
    """Return what a hand-over changes."""
    if len(tickets) > 1:
        return f"{len(tickets)} tickets get this owner, whoever has them now."
    return f"{tickets[0].owner or 'Nobody'} has it now."


def why_a_reason(tickets: Sequence[Ticket]) -> str:
    """Return why closing `tickets` asks for a reason (R6)."""
    waiting = sum(ticket.answered_at is None for ticket in tickets)
    if len(tickets) > 1:
        return f"Nobody has answered {waiting} of {len(tickets)}, and closing is no response: say why (R6)."
    if waiting:
        return "Nobody has answered it, and closing is no response: say why none is needed (R6)."
    return f"{tickets[0].answered_by} has answered it meanwhile; what is typed is kept as the reason."


def about(tickets: Sequence[Ticket]) -> str:
    """Return how dialogs name the tickets that they are about."""
    if len(tickets) == 1:
        ticket = tickets[0]
        return f"{ticket.ref} {ticket.customer_name}: {ticket.subject}"
    return f"{len(tickets)} tickets: {', '.join(ticket.ref for ticket in tickets)}"
