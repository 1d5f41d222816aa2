"""A call on the emergency line: from question to question, a key each, to a recorded decision (R12)."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from textual.app import ComposeResult

from oncall_tui import background
from oncall_tui.actions import Scope
from oncall_tui.domain.calls import Call, Step
from oncall_tui.domain.codes import Verification
from oncall_tui.domain.errors import OncallError, Refused
from oncall_tui.domain.triage import ROWS, Row, after
from oncall_tui.screens.begin_call import proof_of
from oncall_tui.screens.call_possible import CallPossible
from oncall_tui.screens.call_store import Untold
from oncall_tui.screens.held_key import FASTER_THAN_FINGERS, KEY_REPEATS, HeldKey
from oncall_tui.screens.page import Page
from oncall_tui.screens.session import Session, words
from oncall_tui.screens.without_code import WithoutCode
from oncall_tui.translation import _
from oncall_tui.widgets.call_head import CallHead
from oncall_tui.widgets.call_paper import CallPaper
from oncall_tui.widgets.call_view import CallView
from oncall_tui.widgets.rule import Rule
from oncall_tui.widgets.status import Tone

if TYPE_CHECKING:
    from oncall_tui.domain.tickets import Ticket


_TAKEN_BACK = ("no_code", "stranger", "same_case", "hung_up", "wrong_number")
"""The answers that the same key takes back: held down, it would answer this way and that."""


def open_call(page: Page, ref: str) -> None:
    """Open the call that goes by `ref` over what is open, or come back to the screen that shows it."""
    for screen in page.app.screen_stack:
        if isinstance(screen, CallScreen) and screen.ref == ref:
            screen.come_back()
            return
    page.app.push_screen(CallScreen(page.session, ref))


class CallScreen(CallPossible):
    """One call. Leaving it leaves the call in progress, unless it is recorded."""

    SCOPE = Scope.CALL
    SCOPED_CSS = False
    CSS = "CallScreen.-low #call-rule { display: none; }"

    def __init__(self, session: Session, ref: str) -> None:
        super().__init__(session, ref)
        self.head = CallHead(session.zone, ticking=session.ticking)
        self.rule = Rule(id="call-rule")
        self.paper = CallPaper()
        self._entered = HeldKey()
        self._answered = HeldKey()
        self._warned: tuple[Untold, ...] = ()

    def compose_body(self) -> ComposeResult:
        yield self.head
        yield self.rule
        yield self.paper
        yield self.field

    def on_mount(self) -> None:
        super().on_mount()
        self.show_call()

    def on_screen_resume(self) -> None:
        self.read()

    def on_screen_suspend(self) -> None:
        self.leave_line()

    # What is shown

    @property
    def has_lookup(self) -> bool:
        return self.mine

    @property
    def call_beside(self) -> Call | None:
        call = super().call_beside
        return None if call is not None and call.ref == self.ref else call

    def show_call(self) -> None:
        if not self.paper.is_attached:
            return
        now, desk = self.session.now(), self.session.desk
        if self.looked is None or desk is None:
            reading = _("Reading the call …")
            self.paper.say(_("This can't be read: {why}").format(why=self.unread) if self.unread else reading)
        else:
            triage = self.looked.triage
            self.head.show(triage.call, now)
            self.paper.show(
                CallView(
                    triage=triage,
                    row=self.row,
                    now=now,
                    zone=self.session.zone,
                    plans=desk.offer.plans,
                    key=self.key,
                    offers=self.offers(),
                    choices=self.choices(),
                    notices=self.notices(now),
                    next_step=self.looked.next_step,
                    record=self.looked.record,
                    unstored=self.unstored(),
                    answerable=not self.why_closed(),
                )
            )
        self.show_state(now)

    def tick(self, now: datetime) -> None:
        if self.looked is None and self.session.desk is not None:
            self.read()
        elif self.call is not None:
            self.head.show(self.call, now)
        super().tick(now)

    def recolour(self) -> None:
        self.show_call()

    # Keys

    def typed(self, key: str) -> bool:
        swallowed = super().typed(key) or self._answered.repeats(key)
        if self.asked is None and not swallowed and (within := self._repeats_within(key)):
            self._answered = HeldKey(*self.session.last_key, within=within)
        if self.choosing_case and not key.isdigit():
            self.choosing_case = False
            self.show_call()
        return swallowed

    def _repeats_within(self, key: str) -> float:
        """Return for how many seconds `key`, if it comes again, is one held down; 0 for a key that may be."""
        named = self.session.keymap.named
        if any(key in named(each).keys for each in _TAKEN_BACK):
            return KEY_REPEATS
        # Two questions are answered alike in a row by fingers as well, though not so fast.
        return FASTER_THAN_FINGERS if any(key in named(each).keys for each in ("yes", "no")) else 0.0

    def on_input_submitted(self) -> None:
        self._entered = HeldKey(*self.session.last_key)
        self.leave_line()

    def action_back(self) -> None:
        """Leave the line, or else the call, which stays in progress unless it is recorded."""
        if self.leave_line():
            return
        if self.untold and self.untold != self._warned:
            self._warned = self.untold
            self.say(
                _("NOT STORED yet; {key} again leaves without it").format(key=self.key("back")), keep=True
            )
            return
        below = next((each for each in self.app.screen_stack[-2::-1] if isinstance(each, Page)), None)
        mine, call, telephone = self.mine, self.call, self.session.telephone
        ends = self.line_is_open
        self.dismiss(None)
        if ends and below is not None and call is not None and telephone is not None:
            below.in_background(lambda: background.read(lambda: telephone.end(call)), "telephone")
        if mine and below is not None:
            told = _("{call} stays in progress; {key} goes back to it")
            below.say(told.format(call=self.ref, key=self.key("pick_up")))

    def _move(self, to: int) -> None:
        self.row = ROWS[min(max(to, 0), len(ROWS) - 1)]
        self.show_call()

    def action_down(self) -> None:
        """Go to the next line."""
        self._move(ROWS.index(self.row) + 1)

    def action_up(self) -> None:
        """Go to the line before."""
        self._move(ROWS.index(self.row) - 1)

    def action_step_back(self) -> None:
        """Go to the line before."""
        self.action_up()

    def action_first(self) -> None:
        """Go to the first line."""
        self._move(0)

    def action_last(self) -> None:
        """Go to the last line."""
        self._move(len(ROWS) - 1)

    def action_page_down(self) -> None:
        """Scroll one page down."""
        self.paper.scroll_page_down(animate=False)

    def action_page_up(self) -> None:
        """Scroll one page up."""
        self.paper.scroll_page_up(animate=False)

    def action_refresh(self) -> None:
        """Read the call again, and ask the store for changes."""
        self.read()
        super().action_refresh()

    def action_go_on(self) -> None:
        """Go on to what isn't known yet; record a call that is decided; open the ticket of a recorded one."""
        call, looked = self.call, self.looked
        # What is recorded stands: a key that is held down is no decision.
        held = self._entered.repeats(self.session.last_key[0])
        self._entered = HeldKey(*self.session.last_key)
        if call is None or looked is None:
            return
        if not call.open:
            if not held:
                self._open_ticket()
        elif self.why_closed():
            self.say(self.why_closed())
        elif self.untold:
            self.try_again()
        elif self.records:
            if not held:
                self.record()
        elif self.row is Row.CODE and looked.triage.answers.standing is None:
            self._take_code()
        elif self.row is Row.SUMMARY and looked.triage.ruling.missing:
            self.row = Row(looked.triage.ruling.missing[0].value)
            missing = ", ".join(_(Row(each.value).label) for each in looked.triage.ruling.missing)
            self.say(_("missing: {what}").format(what=missing))
            self.show_call()
        else:
            self.row = after(looked.triage, self.row)
            self.show_call()

    def action_help(self) -> None:
        """Open the help for a call."""
        from oncall_tui.screens.call_help import open_help

        open_help(self)

    # The code

    def _take_code(self) -> None:
        if (trusted := self.trusted()) is not None:
            self._proven(trusted)
        else:
            self.open_lookup()

    def action_lookup(self) -> None:
        """Take a code that the caller reads out; where the call is over, that of another caller."""
        if self.mine:
            self.open_lookup()
        else:
            super().action_lookup()

    def open_lookup(self, first: str = "") -> None:
        from oncall_tui.screens.lookup import LookupScreen

        self.app.push_screen(LookupScreen(self.session, self.in_hand(), self._proven, first))

    def _proven(self, verification: Verification) -> None:
        """Go on with who calls; a proof from an earlier call is written into this one."""
        self.row = Row.CODE
        if verification.call == self.ref:
            self.read()
            return
        known = self.session.trusted.get(verification.customer)
        name = verification.customer if known is None else known[0]
        self.store(Step.CODE, proof_of(verification, name))

    def action_call_back(self) -> None:
        """Call back on a number on file, which verifies the caller (R14)."""
        if not self.refuse("call_back") and (ways := self._without_code()) is not None:
            ways.call_back()

    def action_approve(self) -> None:
        """Have a second engineer vouch for the caller (R14)."""
        if not self.refuse("approve") and (ways := self._without_code()) is not None:
            ways.approve()

    def _without_code(self) -> WithoutCode | None:
        customer = None if self.looked is None else self.looked.triage.customer
        return None if customer is None else WithoutCode(self, self.in_hand(), customer, self._proven)

    # Other desks

    def action_take_over(self) -> None:
        """Ask whether to go on with a call that another engineer has."""
        from oncall_tui.screens.confirm import ConfirmDialog

        call = self.call
        if self.refuse("take_over") or call is None:
            return

        def answered(yes: bool | None) -> None:
            if yes:
                self.in_background(self._taking_over, "call")

        question = _("{engineer} has it in hand. Is their desk gone, or do they know?")
        dialog = ConfirmDialog(
            _("Take over {call}?").format(call=call.ref),
            call.number,
            question.format(engineer=call.operator),
            _("take it over"),
            self.session.last_key,
        )
        self.app.push_screen(dialog, answered)

    async def _taking_over(self) -> None:
        desk = self.session.desk
        if desk is None:
            return
        try:
            await background.write(lambda: desk.calls.take_over(self.ref))
        except OncallError as error:
            self.say(words(error), Tone.REFUSED if isinstance(error, Refused) else Tone.NOT_DONE)
        self.read()

    # The ticket

    def _open_ticket(self) -> None:
        record = None if self.looked is None else self.looked.record
        if record is None or not record.ticket:
            self.action_back()
        else:
            self.in_background(lambda: self._opening(record.ticket), "ticket", only=True)

    async def _opening(self, ref: str) -> None:
        from oncall_tui.screens.board import BoardScreen
        from oncall_tui.screens.ticket import TicketScreen

        desk, board = self.session.desk, self.app.screen_stack[0]
        if desk is None or not isinstance(board, BoardScreen):
            return
        try:
            ticket: Ticket = await background.read(lambda: desk.tickets.find(ref))
        except OncallError as error:
            self.say(words(error), Tone.NOT_DONE)
            return
        if self.is_current:
            self.app.push_screen(TicketScreen(self.session, ticket, board.acted, board.tickets.rank))
