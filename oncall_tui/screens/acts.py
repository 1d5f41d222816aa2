"""From a key to the desk: the acts on tickets, the same with the same letters on every screen.

Each asks what must be asked, and hands over to `acting.py`.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from oncall_tui.actions import Action
from oncall_tui.domain.clock import to_local
from oncall_tui.domain.errors import BadInput
from oncall_tui.domain.tickets import UNDO_WITHIN, UNKNOWN_CUSTOMER, Channel, Ticket
from oncall_tui.screens.acting import ActingPage, Tickets
from oncall_tui.screens.many import about, each, once, who_has, why_a_reason
from oncall_tui.screens.session import words
from oncall_tui.translation import _
from oncall_tui.widgets.columns import moment
from oncall_tui.widgets.status import Tone

if TYPE_CHECKING:
    from oncall_tui.domain.guides import Guide
    from oncall_tui.screens.new_ticket import NewTicket
    from oncall_tui.screens.sought import Sought


class TicketPage(ActingPage):
    """A page with tickets to act on, and the acts."""

    def why_not(self, action: Action) -> str:
        session, targets = self.session, self.targets
        if action.writes:
            if session.read_only:
                return f"{action.label}: {session.why_read_only}"
            if session.desk is None:
                return f"{action.label}: the store isn't open"
        if action.id in ("new", "call"):
            return ""
        if action.id == "access":
            return self._why_no_access()
        if action.id == "undo":
            return (
                ""
                if self._undoable()
                else f"there is nothing to undo: an act can be undone for {_UNDO_SECONDS} s"
            )
        if action.writes or action.id in ("open", "copy", "download"):
            if not targets:
                return f"{action.label}: {self.no_ticket}"
            if action.id == "ask_manager" and len(targets) > 1:
                return _("ask manager: about one ticket at a time")
            if len(targets) == 1:
                return self._why_not_on(action, targets[0])
        return ""

    def _why_no_access(self) -> str:
        targets = self.targets
        if not targets:
            return "{}: {}".format(_("access"), self.no_ticket)
        if len({ticket.customer for ticket in targets}) > 1:
            return _("the tickets are of several organisations")
        if targets[0].customer == UNKNOWN_CUSTOMER:
            return _("nobody knows whose {ref} is; {key} files it where it belongs").format(
                ref=targets[0].ref, key=self.key("assign")
            )
        return ""

    def _why_not_on(self, action: Action, ticket: Ticket) -> str:
        if action.id == "reopen":
            return "" if ticket.closed_at else f"{action.label}: {ticket.ref} is open"
        if action.writes and action.id not in _ALSO_CLOSED and ticket.closed_at is not None:
            return f"{action.label}: {ticket.ref} is closed"
        if action.id == "take" and ticket.owner is not None:
            if ticket.owner == self.session.operator:
                return f"{ticket.ref} is yours already"
            since = f" since {moment(ticket.owner_since, self.session.zone)}" if ticket.owner_since else ""
            return f"{ticket.owner} has {ticket.ref}{since}; {self.key('hand_over')} hands it over"
        return ""

    def possible(self) -> Sequence[Action]:
        able = super().possible()
        targets = self.targets
        if len(targets) != 1 or targets[0].customer != UNKNOWN_CUSTOMER:
            return able
        # Whose it is comes first where nobody knows.
        return [action._replace(hint=2) if action.id == "assign" else action for action in able]

    def action_access(self) -> None:
        """Open the temporary access that the ticket's organisation granted (R23)."""
        from oncall_tui.screens.access import AccessScreen

        if not self.refuse("access"):
            ticket, *more = self.targets
            self.app.push_screen(AccessScreen(self.session, ticket.customer, None if more else ticket))

    @property
    def takes_guides(self) -> bool:
        targets = self.targets
        by_mail = len(targets) == 1 and targets[0].channel is Channel.EMAIL
        return by_mail and not self.why_not(self.session.keymap.named("answer"))

    def sought(self) -> Sought:
        from oncall_tui.screens.sought import Sought

        if len(self.targets) != 1:
            return Sought()
        ticket = self.targets[0]
        return Sought(ticket.subject, ticket.language, ticket, customer=ticket.customer)

    def put_in(self, guide: Guide) -> None:
        from oncall_tui.screens.answering import answer_with

        answer_with(self, self.targets[0], guide)

    def action_take(self) -> None:
        """Make the tickets the operator's."""
        if targets := self.chosen("take"):
            self.act_on(
                targets, lambda desk, ticket: desk.take(ticket.id, version=ticket.version), lambda _: "yours"
            )

    def action_answer(self) -> None:
        """Write to the customer, or ask how the customers were told and record it."""
        from oncall_tui.screens.answering import answer

        answer(self)

    def action_ask_manager(self) -> None:
        """Ask an account manager about the ticket."""
        from oncall_tui.screens.asking import Subject, ask_manager

        if targets := self.chosen("ask_manager"):
            ask_manager(self, Subject(targets[0].customer, targets[0].customer_name, targets[0]))

    def action_assign(self) -> None:
        """Ask which organisation the ticket belongs to, and file it there."""
        from oncall_tui.screens.assigning import assign

        assign(self)

    def action_language(self) -> None:
        """Ask in which language the customers write, and note it."""
        from oncall_tui.screens.languages import choose_language

        choose_language(self)

    def action_download(self) -> None:
        """Ask for one of the files that came with the ticket, and save it."""
        from oncall_tui.screens.downloading import download

        download(self)

    def action_promise(self) -> None:
        """Ask by when the customers hear from us, and promise it."""
        from oncall_tui.screens.promise import PromiseDialog

        if not (targets := self.chosen("promise")):
            return
        zone = self.session.zone

        def promised(due_at: datetime | None) -> None:
            if due_at is None:
                return
            self.act_on(
                targets,
                lambda desk, ticket: desk.promise(ticket.id, due_at, version=ticket.version),
                lambda _: f"update promised by {to_local(due_at, zone):%H:%M}",
            )

        self.app.push_screen(PromiseDialog(about(targets), self.session.now(), zone), promised)

    def action_note(self) -> None:
        """Ask for a note, and write it."""
        if targets := self.chosen("note"):
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
        if targets := self.chosen("hand_over"):
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
        if not (targets := self.chosen("close")):
            return
        if any(ticket.answered_at is None and not ticket.internal for ticket in targets):
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
        if targets := self.chosen("reopen"):
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

        def undone(ticket: Ticket) -> str:
            if session.draft_again(ticket.id):
                return _("undone; {key} goes on with the draft").format(key=self.key("answer"))
            return "undone"

        undo = each(targets, lambda desk, ticket: desk.undo(ticket.id))
        self._call(undo, undone, not_undone, undoable=False)

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


_ALSO_CLOSED = ("note", "assign", "language", "ask_manager")
"""What is done to a closed ticket as well."""

_UNDO_SECONDS = int(UNDO_WITHIN.total_seconds())
