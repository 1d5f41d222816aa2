"""From a key to the desk: the acts on tickets, the same with the same letters on every screen.

Each takes the tickets and versions that are marked, or the one under the cursor, at the moment of the
key, asks what must be asked, and calls the desk in a thread. Nothing is said or drawn as done before
the commit.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from oncall_tui import background
from oncall_tui.actions import Action
from oncall_tui.domain.clock import to_local
from oncall_tui.domain.errors import BadInput, Conflict, OncallError, Refused
from oncall_tui.domain.tickets import UNDO_WITHIN, Ticket
from oncall_tui.screens.many import about, each, once, who_has, why_a_reason
from oncall_tui.screens.page import Page
from oncall_tui.screens.session import words
from oncall_tui.widgets.columns import moment
from oncall_tui.widgets.status import Tone

if TYPE_CHECKING:
    from oncall_tui.desk import Desk
    from oncall_tui.desk.tickets import TicketDesk
    from oncall_tui.screens.answer import Answer
    from oncall_tui.screens.many import Outcome
    from oncall_tui.screens.new_ticket import NewTicket

SLOW_ACT = 2.0
"""Seconds after which it is said that an act still waits."""

Tickets = tuple[Ticket, ...]

DeskCall = Callable[["TicketDesk", Ticket], Ticket]
"""Carries out one act on one ticket and returns what it has become."""

Retry = Callable[[str, Tickets], None]
"""Asks once more after a failure, with what was typed and the reason; after a conflict with the tickets
as they are now, so that the next try can succeed.
"""


class TicketPage(Page):
    """A page with tickets to act on."""

    @property
    def targets(self) -> Tickets:
        """Return the tickets that a key acts on now."""
        raise NotImplementedError

    @property
    def no_ticket(self) -> str:
        """Return why there is no ticket to act on."""
        return "there is no ticket here"

    def acted(self, tickets: Sequence[Ticket]) -> None:
        """Take tickets as an act of this page has committed them."""
        raise NotImplementedError

    def tickets_changed(self, tickets: Sequence[Ticket]) -> None:
        """Take tickets that somebody else's acts have changed."""
        raise NotImplementedError

    def queue_reread(self) -> None:
        """Look again: the queue was read as a whole, and nobody says which tickets have changed."""
        raise NotImplementedError

    def take_fall(self) -> str:
        """Return once what to tell if the tickets aren't those that were chosen, else nothing."""
        return ""

    def why_not(self, action: Action) -> str:
        session, targets = self.session, self.targets
        if action.writes:
            if session.read_only:
                return f"{action.label}: {session.why_read_only}"
            if session.desk is None:
                return f"{action.label}: the store isn't open"
        if action.id in ("new", "call"):
            return ""
        if action.id == "undo":
            return (
                ""
                if self._undoable()
                else f"there is nothing to undo: an act can be undone for {_UNDO_SECONDS} s"
            )
        if action.writes or action.id in ("open", "copy"):
            if not targets:
                return f"{action.label}: {self.no_ticket}"
            if len(targets) == 1:
                return self._why_not_on(action, targets[0])
        return ""

    def _why_not_on(self, action: Action, ticket: Ticket) -> str:
        if action.id == "reopen":
            return "" if ticket.closed_at else f"{action.label}: {ticket.ref} is open"
        if action.writes and action.id != "note" and ticket.closed_at is not None:
            return f"{action.label}: {ticket.ref} is closed"
        if action.id == "take" and ticket.owner is not None:
            if ticket.owner == self.session.operator:
                return f"{ticket.ref} is yours already"
            since = f" since {moment(ticket.owner_since, self.session.zone)}" if ticket.owner_since else ""
            return f"{ticket.owner} has {ticket.ref}{since}; {self.key('hand_over')} hands it over"
        return ""

    def action_take(self) -> None:
        """Make the tickets the operator's."""
        if targets := self._chosen("take"):
            self._act(
                targets, lambda desk, ticket: desk.take(ticket.id, version=ticket.version), lambda _: "yours"
            )

    def action_answer(self) -> None:
        """Ask how the customers were told, and record it."""
        if targets := self._chosen("answer"):
            self._ask_answer(targets)

    def _ask_answer(self, targets: Tickets, given: Answer | None = None, problem: str = "") -> None:
        from oncall_tui.screens.answer import AnswerDialog

        def answered(answer: Answer | None) -> None:
            if answer is None:
                return
            self._act(
                targets,
                lambda desk, ticket: desk.answer(
                    ticket.id, answer.means, text=answer.text, version=ticket.version
                ),
                lambda _: f"answered by {answer.means.value}",
                lambda why, now: self._ask_answer(now, answer, why) if answer.text else None,
            )

        stops = (
            "The first answer stops the response clock, for good."
            if any(ticket.answered_at is None for ticket in targets)
            else "It was answered before; this keeps an open promise."
        )
        self.app.push_screen(AnswerDialog(about(targets), stops, given=given, problem=problem), answered)

    def action_promise(self) -> None:
        """Ask by when the customers hear from us, and promise it."""
        from oncall_tui.screens.promise import PromiseDialog

        if not (targets := self._chosen("promise")):
            return
        zone = self.session.zone

        def promised(due_at: datetime | None) -> None:
            if due_at is None:
                return
            self._act(
                targets,
                lambda desk, ticket: desk.promise(ticket.id, due_at, version=ticket.version),
                lambda _: f"update promised by {to_local(due_at, zone):%H:%M}",
            )

        self.app.push_screen(PromiseDialog(about(targets), self.session.now(), zone), promised)

    def action_note(self) -> None:
        """Ask for a note, and write it."""
        if targets := self._chosen("note"):
            self._ask(
                targets,
                "Note",
                "what the team should know",
                "write it",
                lambda desk, ticket, text: desk.note(ticket.id, text),
                lambda _: "note written",
            )

    def action_hand_over(self) -> None:
        """Ask for a name, and give the tickets to it."""
        if targets := self._chosen("hand_over"):
            self._ask(
                targets,
                "Hand over",
                "the name of who takes it on",
                "hand over",
                lambda desk, ticket, name: desk.hand_over(ticket.id, name, version=ticket.version),
                lambda done: f"handed over to {done.owner}",
                explain=who_has,
            )

    def action_close(self) -> None:
        """Ask whether to close the tickets, or why if nobody answered one of them, and close them."""
        if not (targets := self._chosen("close")):
            return
        if any(ticket.answered_at is None for ticket in targets):
            self._ask(
                targets,
                "Close unanswered",
                "why no answer is needed",
                "close it" if len(targets) == 1 else "close them",
                lambda desk, ticket, reason: desk.close(ticket.id, reason=reason, version=ticket.version),
                lambda _: "closed",
                explain=why_a_reason,
            )
        else:
            self._confirm(
                targets,
                "Close",
                "Is everything done?",
                "close it" if len(targets) == 1 else "close them",
                lambda desk, ticket: desk.close(ticket.id, version=ticket.version),
                "closed",
            )

    def action_reopen(self) -> None:
        """Ask whether to open the ticket again, and do."""
        if targets := self._chosen("reopen"):
            self._confirm(
                targets,
                "Bring back",
                "Open this ticket again? Its clocks go on as if it had never been closed.",
                "open it again",
                lambda desk, ticket: desk.reopen(ticket.id, version=ticket.version),
                "open again",
            )

    def action_new(self) -> None:
        """Ask for whom and about what, and file a ticket."""
        if not self.refuse("new"):
            self._ask_new()

    def _ask_new(self, given: NewTicket | None = None, problem: str = "") -> None:
        from oncall_tui.screens.new_ticket import NewTicketDialog

        def filled(new: NewTicket | None) -> None:
            desk_of_all = self.session.desk
            if new is not None and desk_of_all is not None:
                self._call(
                    once(
                        lambda desk: desk.new(
                            customer=desk_of_all.customers.meant(new.customer),
                            channel=new.channel,
                            subject=new.subject,
                            contact=new.contact,
                        )
                    ),
                    lambda _: "filed",
                    lambda why, _: self._ask_new(new, why),
                )

        self.app.push_screen(NewTicketDialog(given, problem), filled)

    def action_undo(self) -> None:
        """Take back what was done last, if that was a moment ago."""
        if self.refuse("undo"):
            return
        session, targets, last = self.session, self._undoable(), self.session.undoable
        session.undoable = None

        def not_undone(_why: str, _left: Tickets) -> None:
            session.undoable = last

        undo = each(targets, lambda desk, ticket: desk.undo(ticket.id))
        self._call(undo, lambda _: "undone", not_undone, undoable=False)

    def action_copy(self) -> None:
        """Copy the reference of the tickets to the clipboard of the terminal."""
        if not self.refuse("copy"):
            from oncall_tui import terminal

            refs = " ".join(ticket.ref for ticket in self.targets)
            try:
                terminal.copy(self.app, refs)
            except BadInput as error:
                self.say(words(error), Tone.NOT_DONE)
            else:
                self.say(f"{refs} copied, if the terminal allows it")

    def _undoable(self) -> Tickets:
        """Return the tickets that were acted on last, as they were left; none once that is too long ago."""
        last = self.session.undoable
        if last is None or self.session.now() - last.at > UNDO_WITHIN:
            return ()
        return last.tickets

    def _chosen(self, action_id: str) -> Tickets:
        """Return the tickets to act on; none, and the reason said, where that can't be or isn't meant."""
        if self.refuse(action_id):
            return ()
        if fallen := self.take_fall():
            self.say(fallen, Tone.REFUSED)
            return ()
        return self.targets

    def _confirm(
        self, targets: Tickets, title: str, question: str, yes: str, call: DeskCall, done: str
    ) -> None:
        from oncall_tui.screens.confirm import ConfirmDialog

        def answered(sure: bool | None) -> None:
            if sure:
                self._act(targets, call, lambda _: done)

        dialog = ConfirmDialog(title, about(targets), question, yes, asked_with=self.session.last_key)
        self.app.push_screen(dialog, answered)

    def _ask(
        self,
        targets: Tickets,
        title: str,
        what: str,
        does: str,
        call: Callable[[TicketDesk, Ticket, str], Ticket],
        done: Callable[[Ticket], str],
        *,
        explain: Callable[[Tickets], str] = lambda _: "",
    ) -> None:
        from oncall_tui.screens.prompt import PromptDialog

        def ask(seen: Tickets, value: str = "", problem: str = "") -> None:
            def answered(text: str | None) -> None:
                if text is not None:
                    self._act(
                        seen,
                        lambda desk, ticket: call(desk, ticket, text),
                        done,
                        lambda why, now: ask(now, text, why),
                    )

            dialog = PromptDialog(
                title, about(seen), what=what, does=does, explain=explain(seen), value=value, problem=problem
            )
            self.app.push_screen(dialog, answered)

        ask(targets)

    def _act(
        self, targets: Tickets, call: DeskCall, done: Callable[[Ticket], str], retry: Retry | None = None
    ) -> None:
        self._call(each(targets, call), done, retry)

    def _call(
        self,
        call: Callable[[TicketDesk], Outcome],
        done: Callable[[Ticket], str],
        retry: Retry | None = None,
        *,
        undoable: bool = True,
    ) -> None:
        desk = self.session.desk
        if desk is not None:
            # The app's and not the screen's: closing the ticket doesn't lose what became of the act.
            self.run_guarded(lambda: self._carry_out(desk, call, done, retry, undoable), self.app, "acts")

    async def _carry_out(
        self,
        desk: Desk,
        call: Callable[[TicketDesk], Outcome],
        done: Callable[[Ticket], str],
        retry: Retry | None,
        undoable: bool,
    ) -> None:
        slow = asyncio.get_running_loop().call_later(SLOW_ACT, self._still_waiting)
        try:
            outcome = await background.write(lambda: call(desk.tickets))
        finally:
            slow.cancel()
        if outcome.done:
            self.acted(outcome.done)
            if undoable:
                self.session.remember(outcome.done)
        message = outcome.message(done)
        error = outcome.error
        if error is None:
            self._in_view().say(message, Tone.DONE)
        else:
            self._in_view().say(message, Tone.REFUSED if isinstance(error, Refused) else Tone.NOT_DONE)
            if retry is not None and not outcome.done:
                retry(words(error), await self._as_they_are(desk, outcome))
        self.show_state(self.session.now())
        self.session.refresh()

    async def _as_they_are(self, desk: Desk, outcome: Outcome) -> Tickets:
        """Return the tickets that nothing was done to, after a conflict as the store has them now."""
        left = outcome.left
        if not isinstance(outcome.error, Conflict):
            return left
        try:
            rows = await background.read(lambda: desk.queue.rows([ticket.id for ticket in left]))
        except OncallError:
            return left
        return tuple(rows.get(ticket.id, ticket) for ticket in left)

    def _still_waiting(self) -> None:
        self._in_view().say("still waiting for the store", keep=True)

    def _in_view(self) -> Page:
        """Return the page that is seen, perhaps below a dialog."""
        pages = [screen for screen in self.app.screen_stack if isinstance(screen, Page)]
        return pages[-1] if pages else self


_UNDO_SECONDS = int(UNDO_WITHIN.total_seconds())
