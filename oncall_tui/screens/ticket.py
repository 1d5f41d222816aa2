"""A ticket: who asks what, since when it is due when, the conversation and what was done."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

from rich.text import Text
from textual.app import ComposeResult
from textual.widgets import Static

from oncall_tui import background
from oncall_tui.actions import Scope
from oncall_tui.domain.tickets import Ticket, TicketDetail
from oncall_tui.screens.acts import TicketPage
from oncall_tui.screens.paper import Paper, PaperKeys
from oncall_tui.screens.session import Session, words
from oncall_tui.widgets.rule import Rule
from oncall_tui.widgets.ticket_text import TicketHead, conversation, deadline, history


class TicketScreen(PaperKeys, TicketPage):
    """One ticket, opened from the board, kept up to date while it is open."""

    SCOPE = Scope.TICKET

    def __init__(self, session: Session, ticket: Ticket, changed: Callable[[Ticket], None]) -> None:
        """`changed` is told of the ticket after each act of this screen."""
        super().__init__(session)
        self._ticket = ticket
        self._changed = changed
        self.detail: TicketDetail | None = None
        self.head = TicketHead(ticket, session.zone, session.now())
        self._parts = {
            "conversation": Static(Text("Reading the ticket …"), id="conversation"),
            "history": Static(id="history"),
            "deadline": Static(id="deadline"),
        }

    def compose_body(self) -> ComposeResult:
        yield self.head
        with Paper(id="page"):
            yield Rule("Conversation")
            yield self._parts["conversation"]
            yield Rule("Why it is due when it is")
            yield self._parts["deadline"]
            yield Rule("History")
            yield self._parts["history"]

    def on_mount(self) -> None:
        super().on_mount()
        self._read()

    @property
    def ticket(self) -> Ticket | None:
        return self._ticket

    def ticket_changed(self, ticket: Ticket) -> None:
        self.tickets_changed([ticket])
        self._changed(ticket)

    def tickets_changed(self, tickets: Sequence[Ticket]) -> None:
        for ticket in tickets:
            if ticket.id == self._ticket.id and ticket.revision > self._ticket.revision:
                self._ticket = ticket
                if not self.is_attached:
                    return
                self._read()
                self.show_state(self.session.now())

    def queue_reread(self) -> None:
        if self.is_attached:
            self._read()

    def show_state(self, now: datetime) -> None:
        self.head.show(self._ticket, now)
        super().show_state(now)

    def on_resize(self) -> None:
        super().on_resize()
        if self.detail is not None:
            self._show(self.detail)

    def _read(self) -> None:
        self.in_background(self._reading, "detail", only=True)

    async def _reading(self) -> None:
        desk, ticket_id = self.session.desk, self._ticket.id
        if desk is None:
            return
        try:
            detail = await background.read(lambda: desk.tickets.detail(ticket_id))
        except Exception as error:  # noqa: BLE001 - what is on screen stays, and the line says why it is old
            self.say(f"the ticket can't be read: {words(error)}", keep=True)
            return
        self._ticket = max(self._ticket, detail.ticket, key=lambda ticket: ticket.revision)
        self._show(detail)
        self.show_state(self.session.now())

    def _show(self, detail: TicketDetail) -> None:
        self.detail = detail
        zone, width = self.session.zone, max(self.size.width - 3, 20)
        dim = self.top.ink("dim")
        self._parts["conversation"].update(conversation(detail, zone, dim))
        phone = None if self.session.desk is None else self.session.desk.offer.calendars.get("phone")
        self._parts["deadline"].update(deadline(detail, zone, width, dim, phone))
        self._parts["history"].update(history(detail, zone, dim))
