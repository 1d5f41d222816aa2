"""From a key to the desk: the acts on a ticket, the same with the same letters on every screen.

Each takes the ticket and the version under the cursor at the moment of the key, asks what must be
asked, and calls the desk in a thread. Nothing is said or drawn as done before the commit.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING

from oncall_tui import background
from oncall_tui.actions import Action
from oncall_tui.domain.clock import to_local
from oncall_tui.domain.errors import Conflict, OncallError, Refused
from oncall_tui.domain.tickets import Ticket
from oncall_tui.screens.page import Page
from oncall_tui.screens.session import words
from oncall_tui.widgets.status import Tone

if TYPE_CHECKING:
    from oncall_tui.desk import Desk
    from oncall_tui.desk.tickets import TicketDesk
    from oncall_tui.screens.answer import Answer
    from oncall_tui.screens.new_ticket import NewTicket

SLOW_ACT = 2.0
"""Seconds after which it is said that an act still waits."""

Retry = Callable[[str, Ticket | None], None]
"""Asks once more after a failure, with what was typed and the reason; after a conflict with the ticket
as it is now, so that the next try can succeed.
"""


class TicketPage(Page):
    """A page with a ticket to act on."""

    @property
    def ticket(self) -> Ticket | None:
        """Return the ticket that a key acts on now."""
        raise NotImplementedError

    @property
    def no_ticket(self) -> str:
        """Return why there is no ticket to act on."""
        return "there is no ticket here"

    def ticket_changed(self, ticket: Ticket) -> None:
        """Take a ticket as an act of this page has committed it."""
        raise NotImplementedError

    def tickets_changed(self, tickets: Sequence[Ticket]) -> None:
        """Take tickets that somebody else's acts have changed."""
        raise NotImplementedError

    def queue_reread(self) -> None:
        """Look again: the queue was read as a whole, and nobody says which tickets have changed."""
        raise NotImplementedError

    def take_fall(self) -> str:
        """Return once what to tell if the ticket isn't the one that was chosen, else nothing."""
        return ""

    def why_not(self, action: Action) -> str:
        session, ticket = self.session, self.ticket
        if action.writes:
            if session.read_only:
                return f"{action.label}: this board is read-only; start it without --read-only to act"
            if session.desk is None:
                return f"{action.label}: the store isn't open"
        if action.id == "new":
            return ""
        if action.writes or action.id == "open":
            if ticket is None:
                return f"{action.label}: {self.no_ticket}"
            if action.id == "reopen":
                return "" if ticket.closed_at else f"{action.label}: {ticket.ref} is open"
            if action.writes and action.id != "note" and ticket.closed_at is not None:
                return f"{action.label}: {ticket.ref} is closed"
            if action.id == "take" and ticket.owner == session.operator:
                return f"{ticket.ref} is yours already"
        return ""

    def action_take(self) -> None:
        """Make the ticket the operator's."""
        if (ticket := self._target("take")) is not None:
            self._act(ticket, lambda desk: desk.take(ticket.id, version=ticket.version), "yours")

    def action_answer(self) -> None:
        """Ask how the customer was told, and record it."""
        if (ticket := self._target("answer")) is not None:
            self._ask_answer(ticket)

    def _ask_answer(self, ticket: Ticket, given: Answer | None = None, problem: str = "") -> None:
        from oncall_tui.screens.answer import AnswerDialog

        def answered(answer: Answer | None) -> None:
            if answer is None:
                return
            self._act(
                ticket,
                lambda desk: desk.answer(ticket.id, answer.means, text=answer.text, version=ticket.version),
                f"answered by {answer.means.value}",
                lambda why, now: self._ask_answer(now or ticket, answer, why) if answer.text else None,
            )

        stops = (
            "The first answer stops the response clock, for good."
            if ticket.answered_at is None
            else "It was answered before; this keeps an open promise."
        )
        self.app.push_screen(AnswerDialog(about(ticket), stops, given=given, problem=problem), answered)

    def action_promise(self) -> None:
        """Ask by when the customer hears from us, and promise it."""
        from oncall_tui.screens.promise import PromiseDialog

        if (ticket := self._target("promise")) is None:
            return
        zone = self.session.zone

        def promised(due_at: datetime | None) -> None:
            if due_at is None:
                return
            self._act(
                ticket,
                lambda desk: desk.promise(ticket.id, due_at, version=ticket.version),
                f"update promised by {to_local(due_at, zone):%H:%M}",
            )

        self.app.push_screen(PromiseDialog(about(ticket), self.session.now(), zone), promised)

    def action_note(self) -> None:
        """Ask for a note, and write it."""
        if (ticket := self._target("note")) is not None:
            self._ask(
                ticket,
                "Note",
                "what the team should know",
                "write it",
                lambda desk, now, text: desk.note(now.id, text),
                lambda _: "note written",
            )

    def action_hand_over(self) -> None:
        """Ask for a name, and give the ticket to it."""
        if (ticket := self._target("hand_over")) is not None:
            self._ask(
                ticket,
                "Hand over",
                "the name of who takes it on",
                "hand over",
                lambda desk, now, name: desk.hand_over(now.id, name, version=now.version),
                lambda done: f"handed over to {done.owner}",
                explain=lambda now: f"{now.owner or 'Nobody'} has it now.",
            )

    def action_close(self) -> None:
        """Ask whether to close the ticket, or why if nobody answered it, and close it."""
        if (ticket := self._target("close")) is None:
            return
        if ticket.answered_at is None:
            self._ask(
                ticket,
                "Close unanswered",
                "why no answer is needed",
                "close it",
                lambda desk, now, reason: desk.close(now.id, reason=reason, version=now.version),
                lambda _: "closed",
                explain=_why_a_reason,
            )
        else:
            self._confirm(
                ticket,
                "Close",
                "Is everything done?",
                "close it",
                lambda desk: desk.close(ticket.id, version=ticket.version),
                "closed",
            )

    def action_reopen(self) -> None:
        """Ask whether to open the ticket again, and do."""
        if (ticket := self._target("reopen")) is not None:
            self._confirm(
                ticket,
                "Bring back",
                "Open this ticket again? Its clocks go on as if it had never been closed.",
                "open it again",
                lambda desk: desk.reopen(ticket.id, version=ticket.version),
                "open again",
            )

    def action_new(self) -> None:
        """Ask for whom and about what, and file a ticket."""
        if not self.refuse("new"):
            self._ask_new()

    def _ask_new(self, given: NewTicket | None = None, problem: str = "") -> None:
        from oncall_tui.screens.new_ticket import NewTicketDialog

        def filled(new: NewTicket | None) -> None:
            if new is not None:
                self._call(
                    lambda desk: desk.new(
                        customer=new.customer, channel=new.channel, subject=new.subject, contact=new.contact
                    ),
                    lambda done: f"{named(done)}: filed",
                    lambda why, _: self._ask_new(new, why),
                )

        self.app.push_screen(NewTicketDialog(given, problem), filled)

    def _target(self, action_id: str) -> Ticket | None:
        if self.refuse(action_id):
            return None
        if fallen := self.take_fall():
            self.say(fallen, Tone.REFUSED)
            return None
        return self.ticket

    def _confirm(
        self,
        ticket: Ticket,
        title: str,
        question: str,
        yes: str,
        call: Callable[[TicketDesk], Ticket],
        done: str,
    ) -> None:
        from oncall_tui.screens.confirm import ConfirmDialog

        def answered(sure: bool | None) -> None:
            if sure:
                self._act(ticket, call, done)

        self.app.push_screen(ConfirmDialog(title, about(ticket), question, yes), answered)

    def _ask(
        self,
        ticket: Ticket,
        title: str,
        what: str,
        does: str,
        call: Callable[[TicketDesk, Ticket, str], Ticket],
        done: Callable[[Ticket], str],
        *,
        explain: Callable[[Ticket], str] = lambda _: "",
    ) -> None:
        from oncall_tui.screens.prompt import PromptDialog

        def ask(seen: Ticket, value: str = "", problem: str = "") -> None:
            def answered(text: str | None) -> None:
                if text is not None:
                    self._call(
                        lambda desk: call(desk, seen, text),
                        lambda after: f"{named(seen)}: {done(after)}",
                        lambda why, now: ask(now or seen, text, why),
                        seen,
                    )

            dialog = PromptDialog(
                title, about(seen), what=what, does=does, explain=explain(seen), value=value, problem=problem
            )
            self.app.push_screen(dialog, answered)

        ask(ticket)

    def _act(
        self, ticket: Ticket, call: Callable[[TicketDesk], Ticket], done: str, retry: Retry | None = None
    ) -> None:
        self._call(call, lambda _: f"{named(ticket)}: {done}", retry, ticket)

    def _call(
        self,
        call: Callable[[TicketDesk], Ticket],
        done: Callable[[Ticket], str],
        retry: Retry | None,
        ticket: Ticket | None = None,
    ) -> None:
        desk = self.session.desk
        if desk is not None:
            # The app's and not the screen's: closing the ticket doesn't lose what became of the act.
            carry_out = partial(self._carry_out, desk, call, done, retry, ticket)
            self.run_guarded(carry_out, self.app, "acts")

    async def _carry_out(
        self,
        desk: Desk,
        call: Callable[[TicketDesk], Ticket],
        done: Callable[[Ticket], str],
        retry: Retry | None,
        ticket: Ticket | None,
    ) -> None:
        slow = asyncio.get_running_loop().call_later(SLOW_ACT, self._still_waiting)
        try:
            after = await background.write(lambda: call(desk.tickets))
        except OncallError as error:
            self._in_view().say(words(error), Tone.REFUSED if isinstance(error, Refused) else Tone.NOT_DONE)
            if retry is not None:
                now = None
                if ticket is not None and isinstance(error, Conflict):
                    now = await _as_it_is(desk, ticket.id)
                retry(words(error), now)
        else:
            self._in_view().say(done(after), Tone.DONE)
            self.ticket_changed(after)
        finally:
            slow.cancel()
        self.session.refresh()

    def _still_waiting(self) -> None:
        self._in_view().say("still waiting for the store", keep=True)

    def _in_view(self) -> Page:
        """Return the page that is seen, perhaps below a dialog."""
        pages = [screen for screen in self.app.screen_stack if isinstance(screen, Page)]
        return pages[-1] if pages else self


async def _as_it_is(desk: Desk, ticket_id: int) -> Ticket | None:
    """Return the ticket as the store has it now, None if that can't be learned."""
    try:
        return (await background.read(lambda: desk.queue.rows([ticket_id]))).get(ticket_id)
    except OncallError:
        return None


def _why_a_reason(ticket: Ticket) -> str:
    if ticket.answered_at is None:
        return "Nobody has answered it, and closing is no response: say why none is needed (R6)."
    return f"{ticket.answered_by} has answered it meanwhile; what is typed is kept as the reason."


def named(ticket: Ticket) -> str:
    """Return how messages name a ticket."""
    return f"{ticket.ref} {ticket.customer_name}"


def about(ticket: Ticket) -> str:
    """Return how dialogs name the ticket that they are about."""
    return f"{named(ticket)}: {ticket.subject}"
