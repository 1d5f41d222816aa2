"""A caller reads out a code: type it, see whose it is, and have the caller say so too (R17).

What is typed leaves the field once and is kept nowhere. The verdict comes from the desk in a thread;
until then nothing else is taken.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, TypeVar

from rich.console import RenderableType
from rich.text import Text
from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.widgets import Input, Static

from oncall_tui import background
from oncall_tui.actions import Action, Scope
from oncall_tui.domain.codes import Outcome, Verdict, Verification
from oncall_tui.domain.errors import OncallError, Refused
from oncall_tui.domain.messages import marked
from oncall_tui.screens.call_in_hand import CallInHand
from oncall_tui.screens.held_key import HeldKey
from oncall_tui.screens.page import Page
from oncall_tui.screens.paper import PaperKeys
from oncall_tui.screens.session import Session, words
from oncall_tui.screens.side_page import SidePage
from oncall_tui.translation import _
from oncall_tui.widgets.code_field import CodeField, Stage
from oncall_tui.widgets.paper import Paper
from oncall_tui.widgets.rule import Rule
from oncall_tui.widgets.status import Tone
from oncall_tui.widgets.text_input import TextInput
from oncall_tui.widgets.verdict_text import again_text, off_text, unchecked_text, verdict_text

if TYPE_CHECKING:
    from oncall_tui.desk import Desk
    from oncall_tui.desk.callers import CallerDesk

Answer = TypeVar("Answer")

_NOT_OPEN = marked("the store isn't open yet")


def look_up(page: Page, customer: str = "", name: str = "") -> None:
    """Open the look-up over `page`, or come back to the one that is open below it.

    `customer` is the id of the organisation that the caller claims to speak for, and `name` its name.
    """
    below = [screen for screen in page.app.screen_stack if isinstance(screen, Page) and screen.has_lookup]
    if not below:
        page.app.push_screen(LookupScreen(page.session))
    elif isinstance(below[-1], LookupScreen):
        below[-1].again(customer, name)
    else:
        # A call on the emergency line has a look-up of its own.
        while page.app.screen is not below[-1]:
            page.app.pop_screen()
        below[-1].action_lookup()


class LookupScreen(SidePage, PaperKeys):
    """The field, the verdict, and the question that proves it. One call, until it is left."""

    SCOPE = Scope.LOOKUP

    def __init__(
        self,
        session: Session,
        call: CallInHand | None = None,
        verified: Callable[[Verification], None] | None = None,
        first: str = "",
        claimed: str = "",
    ) -> None:
        """For a `call` that goes on below, the emergency line's or a card's, `verified` is told who calls,
        in place of opening their card; `first` is what was typed before the field was there, `claimed` the
        name of the organisation that the caller claims to speak for.
        """
        super().__init__(session)
        self.call = call or CallInHand(session)
        self.code = CodeField(session.keymap.named("lookup").keys)
        self.number = TextInput(self.call.number, _("the number that calls, as it is shown"), id="number")
        self._verified = verified
        self._first = first
        self.rule = Rule(_("for {name}").format(name=claimed) if claimed else "")
        self.told = Static(id="told")
        self.verdict: Verdict | None = None
        self._unchecked = ""
        self._off = ""
        self._busy = False
        self._held = HeldKey()
        self._asked_desk: Desk | None = None
        self._shown: tuple[Stage, object] = (Stage.OPEN, None)

    def compose_side(self) -> ComposeResult:
        yield self.code
        with Horizontal(id="numbers", classes="field"):
            yield Static(_("Calling"), classes="label", markup=False)
            yield self.number
        yield self.rule
        with Paper(id="page"):
            yield self.told

    def on_mount(self) -> None:
        super().on_mount()
        self.query_one("#numbers").display = False
        self.app.app_suspend_signal.subscribe(self, lambda _: self.code.wipe())
        self._show()
        first, self._first = self._first, ""
        self.code.begin(first)

    @property
    def has_lookup(self) -> bool:
        return True

    # What is shown

    def show_state(self, now: datetime) -> None:
        if self.session.desk is not None and self.session.desk is not self._asked_desk:
            self._look_for_trouble(self.session.desk)
        if self.told.is_attached and (self._stage_now(now), self.call.trusted()) != self._shown:
            self._show()
        super().show_state(now)

    def _stage_now(self, now: datetime) -> Stage:
        if self._busy:
            return Stage.CHECKING
        return Stage.CLOSED if self._why_closed(now) else Stage.OPEN

    def _why_closed(self, now: datetime) -> str:
        """Return in a few words why no code is taken, empty if one is."""
        verdict = self.verdict
        if self._off:
            return _("off")
        if verdict is None:
            return ""
        if verdict.outcome is Outcome.MATCH:
            return _("found")
        if verdict.unverified:
            return _("no more codes in this call")
        if verdict.for_want_of_a_number:
            return ""  # with the calling number there is no pause
        waits = verdict.wait_until is not None and now < verdict.wait_until
        return _("no code is taken now") if waits else ""

    def _show(self) -> None:
        now = self.session.now()
        stage = self._stage_now(now)
        self._shown = stage, self.call.trusted()
        desk = self.session.desk
        open_ = stage is Stage.OPEN
        self.code.can_focus = self.number.can_focus = open_
        self.code.show(stage, None if desk is None else desk.offer.codes, self._why_closed(now))
        if not open_:
            self.set_focus(None)
        elif not self.number.has_focus:
            self.set_focus(self.code)
        self.told.update(self._told(now))
        self.paper.scroll_home(animate=False)
        if self.is_attached:
            super().show_state(now)

    def _told(self, now: datetime) -> RenderableType:
        ink, zone, desk = self.top.ink, self.session.zone, self.session.desk
        if self._busy:
            return Text()
        if self._off:
            return off_text(self._off, self.key("find"), ink)
        if self._unchecked:
            return unchecked_text(self._unchecked, ink)
        if self.verdict is not None and desk is not None:
            keys = self.key("confirm"), self.key("deny"), self.key("back")
            return verdict_text(self.verdict, desk.offer.codes, zone, ink, keys)
        if (known := self.call.trusted()) is not None:
            name, verification = known
            return again_text(name, verification.until, now, zone, ink)
        how = _("Type the code as you hear it; blanks, dots and dashes don't count.")
        return Text(f"{how}\n\n{self.session.tip}".rstrip(), ink("dim"))

    def recolour(self) -> None:
        self._show()

    def typed(self, key: str) -> bool:
        return super().typed(key) or self._held.repeats(key)

    def possible(self) -> Sequence[Action]:
        found = super().possible()
        if self._shown[0] is not Stage.OPEN:
            return found
        return [*CodeField.ACTIONS, *(each for each in found if each.id in ("find", "back"))]

    def why_not(self, action: Action) -> str:
        match action.id:
            case "confirm" | "deny":
                matched = self.verdict is not None and self.verdict.outcome is Outcome.MATCH
                return "" if matched and not self._busy else _("no code has matched")
            case "find":
                return "" if self.session.desk is not None else _(_NOT_OPEN)
        return ""

    def action_help(self) -> None:
        """Open the help for the look-up."""
        from oncall_tui.screens.lookup_help import open_help

        self.code.wipe()
        open_help(self)

    # The code

    def on_screen_suspend(self) -> None:
        self.code.wipe()

    def on_screen_resume(self) -> None:
        super().on_screen_resume()
        if self.told.is_attached and self.is_current:
            self._show()

    def on_unmount(self) -> None:
        self.code.wipe()

    def action_check(self) -> None:
        """Look up what is typed; on an empty field open the card of who is verified still."""
        if self._stage_now(self.session.now()) is not Stage.OPEN:
            return
        if self.code.empty:
            if (known := self.call.trusted()) is not None and self.verdict is None:
                self._known(known[1])
            return
        text, caller = self.code.take(), self.call.caller
        self._ask(lambda callers: callers.look_up(text, caller), self._judged)

    def _judged(self, verdict: Verdict) -> None:
        self.verdict = verdict

    def action_confirm(self) -> None:
        """Take it that the caller named the right organisation, and open its card."""
        if self.refuse("confirm") or self.verdict is None:
            return
        verdict, caller = self.verdict, self.call.caller
        self._ask(lambda callers: callers.confirm(verdict, caller), self._proven)

    def _proven(self, verification: Verification) -> None:
        name = (self.verdict and self.verdict.customer_name) or verification.customer
        self.verdict = None
        self.call.keep(verification, name)
        self._known(verification)

    def _known(self, verification: Verification) -> None:
        if not self.back_to_call(verification):
            self.open_card(verification.customer)

    def back_to_call(self, verification: Verification) -> bool:
        """Go back to the call on the emergency line with who calls; say whether there is one."""
        if self._verified is None:
            return False
        self._come_back()
        self.dismiss(None)
        self._verified(verification)
        return True

    def action_deny(self) -> None:
        """Take it that the caller named another organisation, which counts as a wrong code."""
        if self.refuse("deny") or self.verdict is None:
            return
        verdict, caller = self.verdict, self.call.caller
        # The field opens again: held down, the key would be typed into it.
        self._held = HeldKey(*self.session.last_key)
        self._ask(lambda callers: callers.deny(verdict, caller), self._judged)

    def _ask(self, question: Callable[[CallerDesk], Answer], answered: Callable[[Answer], None]) -> None:
        """Ask the desk in a thread, and take nothing meanwhile; who leaves leaves the answer."""
        desk = self.session.desk
        self._unchecked = "" if desk is not None else _(_NOT_OPEN)
        if desk is not None:
            self._busy = True
            self.run_guarded(lambda: self._asking(desk, question, answered), self, "look-up")
        self._show()

    async def _asking(
        self, desk: Desk, question: Callable[[CallerDesk], Answer], answered: Callable[[Answer], None]
    ) -> None:
        try:
            answer = await background.write(lambda: question(desk.callers))
        except OncallError as error:
            self._failed(error)
        else:
            answered(answer)
        finally:
            self._busy = False
            if self.is_attached:
                self._show()

    def _failed(self, error: OncallError) -> None:
        self._asked_desk = None  # the key may be what is missing
        if self.verdict is not None and self.verdict.outcome is Outcome.MATCH:
            self.say(words(error), Tone.REFUSED if isinstance(error, Refused) else Tone.NOT_DONE)
        else:
            self._unchecked = words(error)

    def _look_for_trouble(self, desk: Desk) -> None:
        self._asked_desk = desk
        self.run_guarded(lambda: self._looking_for_trouble(desk), self, "trouble", only=True)

    async def _looking_for_trouble(self, desk: Desk) -> None:
        try:
            self._off = (
                self.session.why_read_only
                if self.session.read_only
                else await background.read(desk.callers.trouble)
            )
        except OncallError:
            return  # the store is away: the first code that is typed says so
        self._show()

    # The calling number

    def action_number(self) -> None:
        """Go to the line for the number that calls."""
        self.query_one("#numbers").display = True
        self.set_focus(self.number)

    def on_input_changed(self, event: Input.Changed) -> None:
        self.call.number = event.value

    def on_input_submitted(self) -> None:
        self.set_focus(self.code)

    # Where it leads

    def action_find(self) -> None:
        """Find the organisation without a code."""
        if not self.refuse("find"):
            self.find()

    def find(self) -> None:
        """Open the line to find an organisation with, in the place of what is open above."""
        from oncall_tui.screens.find import FindScreen

        self._come_back()
        self.app.push_screen(FindScreen(self.session, lambda found: self.open_card(found.customer)))

    def open_card(self, customer: str) -> None:
        """Open the card of an organisation (an id), with what is proven of the caller."""
        from oncall_tui.screens.card import CardScreen

        self.app.push_screen(CardScreen(self.session, customer, self))

    def action_back(self) -> None:
        """Take away what is typed or found, or else leave."""
        if not self.code.empty:
            self.code.wipe()
        elif self.number.has_focus:
            self.set_focus(self.code)
        elif not self._busy and self.verdict is not None and self.verdict.outcome is Outcome.MATCH:
            self.verdict = None
            self._show()
        else:
            self.code.wipe()
            self.dismiss(None)

    def again(self, customer: str, name: str) -> None:
        """Come back from what is open above, for a code of the organisation `customer`, or of any."""
        self._come_back()
        self.call.customer = customer
        self.rule.tell(_("for {name}").format(name=name) if name else "")
        if not self._why_closed(self.session.now()):
            self.verdict = None
        self._unchecked = ""
        self._show()

    def end(self, said: str) -> None:
        """End the call: leave the look-up and what is open above it, and say so on the page below."""
        self._come_back()
        below = self.page_below()
        self.dismiss(None)
        if below is not None:
            below.say(said)

    def _come_back(self) -> None:
        while self.app.screen is not self:
            self.app.pop_screen()
