"""From what was chosen to the desk, and back to what became of it: the way that every act on tickets takes.

Each takes the tickets and versions that are marked, or the one under the cursor, at the moment of the
key, and calls the desk in a thread. Nothing is said or drawn as done before the commit.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, TypeVar

from oncall_tui import background
from oncall_tui.domain.errors import Conflict, OncallError, Refused
from oncall_tui.domain.tickets import UNDO_WITHIN, Ticket
from oncall_tui.keystrokes import Keystrokes
from oncall_tui.screens.many import about, each
from oncall_tui.screens.page import Page
from oncall_tui.screens.session import words
from oncall_tui.translation import _
from oncall_tui.widgets.status import Tone

if TYPE_CHECKING:
    from oncall_tui.desk import Desk
    from oncall_tui.desk.tickets import TicketDesk
    from oncall_tui.screens.many import Outcome

SLOW_ACT = 2.0
"""Seconds after which it is said that an act still waits."""

Answer = TypeVar("Answer")

Tickets = tuple[Ticket, ...]

DeskCall = Callable[["TicketDesk", Ticket], Ticket]
"""Carries out one act on one ticket and returns what it has become."""

Retry = Callable[[str, Tickets], None]
"""Asks once more after a failure, with what was typed and the reason; after a conflict with the tickets
as they are now, so that the next try can succeed.
"""


class ActingPage(Page):
    """A page with tickets to act on, and the way from what was chosen to what became of it."""

    waiting = False
    """Whether keys wait for what the last of them has to be asked of the store."""

    @property
    def takes_no_key(self) -> bool:
        """Say whether keys wait: they are meant for what opens next."""
        return self.waiting

    def ask_store(self, question: Callable[[Desk], Answer], then: Callable[[Answer], None]) -> None:
        """Ask the store, in a thread, what has to be known first, and go on with `then` if the page is still
        in front; keys wait meanwhile, unless it takes long.
        """
        desk = self.session.desk
        if desk is not None:
            self.waiting = True
            self.in_background(lambda: self._asking(desk, question, then), "asking", only=True)

    async def _asking(
        self, desk: Desk, question: Callable[[Desk], Answer], then: Callable[[Answer], None]
    ) -> None:
        slow = asyncio.get_running_loop().call_later(SLOW_ACT, self.still_waiting)
        try:
            answer = await background.read(lambda: question(desk))
            if self.is_current:
                then(answer)
        except OncallError as error:
            self.say(words(error))
        finally:
            slow.cancel()
            self.let_keys_go()

    def let_keys_go(self) -> None:
        """Take the keys that wait."""
        self.waiting = False
        if isinstance(self.app, Keystrokes):
            self.app.take_waiting_keys()

    def still_waiting(self) -> None:
        """Say that the store takes long, and take the keys that wait."""
        self.in_view().say(_("still waiting for the store"), keep=True)
        self.let_keys_go()

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

    def _undoable(self) -> Tickets:
        """Return the tickets that were acted on last, as they were left; none once that is too long ago."""
        last = self.session.undoable
        if last is None or self.session.now() - last.at > UNDO_WITHIN:
            return ()
        return last.tickets

    def chosen(self, action_id: str) -> Tickets:
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
                self.act_on(targets, call, lambda _: done)

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
                    self.act_on(
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

    def act_on(
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
        slow = asyncio.get_running_loop().call_later(SLOW_ACT, self.still_waiting)
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
            self.in_view().say(message, Tone.DONE)
        else:
            self.in_view().say(message, Tone.REFUSED if isinstance(error, Refused) else Tone.NOT_DONE)
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

    def in_view(self) -> Page:
        """Return the page that is seen, perhaps below a dialog."""
        pages = [screen for screen in self.app.screen_stack if isinstance(screen, Page)]
        return pages[-1] if pages else self
