"""The card of an organisation: what it bought, and what its caller may ask for now."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from rich.text import Text
from textual.app import ComposeResult
from textual.widgets import Static

from oncall_tui import background
from oncall_tui.actions import Action, Scope
from oncall_tui.domain.account_managers import managers_of
from oncall_tui.domain.codes import Verification
from oncall_tui.domain.errors import OncallError, Refused
from oncall_tui.domain.messages import marked
from oncall_tui.domain.plans import Plan
from oncall_tui.domain.tickets import Channel, Ticket
from oncall_tui.screens.acts import TicketPage
from oncall_tui.screens.call_in_hand import CallInHand
from oncall_tui.screens.new_ticket import NewTicket
from oncall_tui.screens.paper import PaperKeys
from oncall_tui.screens.session import Session, words
from oncall_tui.screens.side_page import SidePage
from oncall_tui.screens.without_code import WithoutCode, numbers_on_file
from oncall_tui.translation import _
from oncall_tui.widgets.card_paper import CardPaper
from oncall_tui.widgets.columns import due_text
from oncall_tui.widgets.hints import hinted_first
from oncall_tui.widgets.status import Tone

if TYPE_CHECKING:
    from oncall_tui.desk import Desk
    from oncall_tui.domain.customers import CustomerCard
    from oncall_tui.screens.lookup import LookupScreen
    from oncall_tui.screens.sought import Sought

_HINTS = ("undo", "call_back", "approve", "new", "contract", "access")
"""What is most useful while somebody calls, as far as it is possible."""

_NO_CALLER = ("undo", "edit", "contract", "access", "ask_manager", "document")
"""What is most useful where nobody calls: a proof is for somebody who does."""

_UNREAD = marked("the card is still being read")


class CardScreen(SidePage, PaperKeys, TicketPage):
    """One organisation, in the call that a look-up has in hand, or without any caller.

    Leaving it verified ends the call. Opened with nobody verified, it leaves an entry in the audit (R20).
    """

    SCOPE = Scope.CARD

    def __init__(self, session: Session, customer: str, lookup: LookupScreen | None = None) -> None:
        """`customer` is the id of the organisation; without a `lookup` nobody calls."""
        super().__init__(session)
        self.lookup = lookup
        self.call = CallInHand(session) if lookup is None else lookup.call
        self.customer = customer
        self.has_caller = lookup is not None
        """Whether somebody calls who speaks for the organisation, or may."""
        if lookup is None:
            self.call.customer = customer
        self.card: CustomerCard | None = None
        self.told = Static(Text(_("Reading the card …")), id="told")
        self.page = CardPaper(ticking=self.session.ticking)
        self._shown: Verification | None = None
        self._entered = self._opening = False

    def compose_side(self) -> ComposeResult:
        yield self.told
        yield self.page

    def on_mount(self) -> None:
        super().on_mount()
        self.page.display = False
        self.read()

    @property
    def organisation(self) -> str:
        """Return the name of the organisation, its id until that is read."""
        return self.customer if self.card is None else self.card.customer.name

    @property
    def verification(self) -> Verification | None:
        """Return why the caller speaks for the organisation, None if nobody knows."""
        return self.call.verification(self.customer) if self.has_caller else None

    # What is shown

    def read(self) -> None:
        """Read the card."""
        if self._opening:
            return  # its answer is on its way, and its entry in the audit
        self.in_background(self._reading, "card", only=True)

    async def _reading(self) -> None:
        desk = self.session.desk
        if desk is None:
            return
        try:
            self.card = await self._read(desk)
        except OncallError as error:
            if self.card is None:
                why = words(error)
                refused = isinstance(error, Refused)
                self.told.update(Text(why if refused else _("This can't be read: {why}").format(why=why)))
            else:
                self.say(words(error), Tone.NOT_DONE)
            return
        self._show()

    async def _read(self, desk: Desk) -> CustomerCard:
        customer = self.customer
        if self._entered or self.verification is not None:
            return await background.read(lambda: desk.customers.card(customer))
        # Once for the card: who reads it again has opened it already.
        self._opening = True
        try:
            card = await background.write(lambda: desk.customers.open_card(customer))
        finally:
            self._opening = False
        self._entered = True
        return card

    def _show(self) -> None:
        desk, now = self.session.desk, self.session.now()
        if self.card is None or desk is None:
            return
        self.told.display, self.page.display = False, True
        self._shown = self.verification
        self.page.show(self.card, self._shown, desk.offer, now, caller=self.has_caller)
        self.show_state(now)

    def tick(self, now: datetime) -> None:
        if self.verification is not self._shown:
            self._show()  # what was trusted for a while is over
        elif self.card is not None:
            self.page.tick(now)
        super().tick(now)

    def recolour(self) -> None:
        self._show()

    # Tickets

    @property
    def targets(self) -> tuple[Ticket, ...]:
        return ()

    def acted(self, tickets: Sequence[Ticket]) -> None:
        self.read()

    def tickets_changed(self, tickets: Sequence[Ticket]) -> None:
        if any(ticket.customer == self.customer for ticket in tickets):
            self.read()

    def queue_reread(self) -> None:
        self.read()

    # Keys

    def possible(self) -> Sequence[Action]:
        return hinted_first(super().possible(), _HINTS if self.has_caller else _NO_CALLER)

    def why_not(self, action: Action) -> str:
        match action.id:
            case "call" if self.call.ref:
                return f"call: {self.call.ref} goes on; {self.key('back')} goes back to it"
            case "call_back":
                return self._why_no_proof() or self._why_no_call_back()
            case "approve":
                return self._why_no_proof()
            case "document":
                return self._why_no_document()
            case "access" | "contract" | "edit":
                return _(_UNREAD) if self.card is None else ""
            case "ask_manager" if not self.session.read_only:
                return self._why_no_manager()
            case "ticket":
                return "" if self.card and self.card.tickets else "no ticket of theirs is open"
        return super().why_not(action)

    def _why_no_document(self) -> str:
        if self.session.read_only:
            return self.session.why_read_only
        if self.card is None:
            return _(_UNREAD)
        if self.card.customer.plan is Plan.STANDARD:
            return _("the technical document comes with Premium Support: plus, pro and enterprise (R25)")
        return ""

    def _why_no_proof(self) -> str:
        if self.session.read_only:
            return self.session.why_read_only
        if self.card is None:
            return _(_UNREAD)
        verified = self.verification
        return "the caller is verified" if verified is not None and verified.opens_rights else ""

    def _why_no_manager(self) -> str:
        desk = self.session.desk
        if self.card is None or desk is None:
            return _(_UNREAD)
        try:
            managers_of(self.card.customer, desk.offer)
        except Refused as error:
            return words(error)
        return ""

    def _why_no_call_back(self) -> str:
        if self.card is None or numbers_on_file(self.card.customer.contacts, self.call.number):
            return ""
        return f"there is no other number on file; {self.key('approve')} asks a second engineer"

    def sought(self) -> Sought:
        from oncall_tui.screens.sought import Sought

        return Sought(call=self.call.ref, customer=self.customer, name=self.organisation)

    def action_back(self) -> None:
        """End the call; with nobody verified go back to where the card was opened."""
        verified = self.verification
        if verified is None:
            self.dismiss(None)
            return
        if self.lookup is not None and self.lookup.back_to_call(verified):
            return
        said = f"The call with {self.organisation} has ended"
        if verified.until is not None:
            until = due_text(verified.until, self.session.now(), self.session.zone)
            said += f"; they stay verified until {until}"
        if self.lookup is not None:
            self.lookup.end(said)
            return
        below = self.page_below()
        self.dismiss(None)
        if below is not None:
            below.say(said)

    def action_lookup(self) -> None:
        """Take a code that this organisation's caller reads out."""
        from oncall_tui.screens.lookup import LookupScreen

        if self.lookup is not None:
            self.lookup.again(self.customer, self.organisation)
            return
        self.app.push_screen(LookupScreen(self.session, self.call, self._proven, claimed=self.organisation))

    def action_find(self) -> None:
        """Find another organisation."""
        if self.lookup is not None:
            self.lookup.find()
        else:
            self._find_in_list()

    def _find_in_list(self) -> None:
        from oncall_tui.screens.organisations import OrganisationsScreen

        below = self.page_below()
        self.dismiss(None)
        if isinstance(below, OrganisationsScreen):
            below.action_find()

    def action_refresh(self) -> None:
        """Read the card again, and ask the store for changes."""
        self.read()
        super().action_refresh()

    def action_edit(self) -> None:
        """Correct what is on file of the organisation."""
        from oncall_tui.screens.edit import EditScreen

        if self.refuse("edit"):
            return
        unproven = self.has_caller and self.verification is None
        warning = _("the caller isn't verified: change nothing on their word (R14)") if unproven else ""
        page = EditScreen(self.session, self.customer, self.organisation, warning)
        self.app.push_screen(page, lambda _done: self.read())

    def action_ticket(self, number: int) -> None:
        """Open the ticket at place `number` of the card, from 1."""
        from oncall_tui.screens.board import BoardScreen
        from oncall_tui.screens.ticket import TicketScreen

        tickets = () if self.card is None else self.card.tickets
        board = self.app.screen_stack[0]
        if number <= len(tickets) and isinstance(board, BoardScreen):
            ticket = tickets[number - 1]
            self.app.push_screen(TicketScreen(self.session, ticket, board.acted, board.tickets.rank))
        elif not self.refuse("ticket"):
            self.say(f"the card lists {len(tickets)} open {'ticket' if len(tickets) == 1 else 'tickets'}")

    def action_new(self) -> None:
        """File a ticket for this organisation."""
        if not self.refuse("new"):
            verified = self.verification
            self._ask_new(NewTicket(self.customer, Channel.PHONE, verified.contact if verified else "", ""))

    def action_call(self) -> None:
        """Begin an emergency call of this organisation, with what is proven of its caller (R11, R12)."""
        from oncall_tui.screens.begin_call import begin_call_of

        if not self.refuse("call"):
            number = self.call.number.strip()
            begin_call_of(self, number, self.customer, self.organisation, self.verification)

    # The contract, the people, and what goes with them

    def action_access(self) -> None:
        """Open the temporary access that they granted (R23)."""
        from oncall_tui.screens.access import AccessScreen

        if not self.refuse("access"):
            self.app.push_screen(AccessScreen(self.session, self.customer), lambda _: self.read())

    def action_document(self) -> None:
        """Issue the technical document of this organisation (R25)."""
        from oncall_tui.screens.documenting import issue_document

        if not self.refuse("document"):
            issue_document(self, self.customer, self.organisation)

    def action_contract(self) -> None:
        """Open the contract: plan, commitment, what can be changed."""
        from oncall_tui.screens.contract import ContractScreen

        if not self.refuse("contract"):
            self.app.push_screen(ContractScreen(self.session, self.customer), lambda _nothing: self.read())

    def action_ask_manager(self) -> None:
        """Ask one of their account managers."""
        from oncall_tui.screens.asking import Subject, ask_manager

        if not self.refuse("ask_manager"):
            ask_manager(self, Subject(self.customer, self.organisation))

    # Without a code

    def action_call_back(self) -> None:
        """Ask which number on file is rung, and whether somebody answered there (R14)."""
        if not self.refuse("call_back") and (ways := self._without_code()) is not None:
            ways.call_back()

    def action_approve(self) -> None:
        """Ask who vouches for the caller (R14)."""
        if not self.refuse("approve") and (ways := self._without_code()) is not None:
            ways.approve()

    def _without_code(self) -> WithoutCode | None:
        if self.card is None:
            return None
        return WithoutCode(self, self.call, self.card.customer, self._proven)

    def _proven(self, verified: Verification) -> None:
        if self.lookup is not None and self.lookup.back_to_call(verified):
            return
        self.has_caller = True
        if verified.customer != self.customer:
            # Found from the look-up: the card is that of who calls.
            self.customer = self.call.customer = verified.customer
            self.card = None
            self.read()
            return
        self._show()
