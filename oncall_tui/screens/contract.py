"""The contract of an organisation: what it is, what can be changed, what an upgrade would do (R8, R21)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, TypeVar

from rich.console import Group, RenderableType
from rich.text import Text
from textual.app import ComposeResult
from textual.widgets import Static

from oncall_tui import background
from oncall_tui.actions import Action, Scope
from oncall_tui.domain.contract_changes import Answer, Change, Ruling, plan_name, rule_on
from oncall_tui.domain.errors import OncallError, Refused
from oncall_tui.domain.messages import marked
from oncall_tui.screens.dialog import Dialog, DialogKey
from oncall_tui.screens.held_key import HeldKey
from oncall_tui.screens.list_keys import CursorKeys, Movable
from oncall_tui.screens.page import Page
from oncall_tui.screens.session import Session, words
from oncall_tui.translation import _, told
from oncall_tui.widgets.card_paper import Lines
from oncall_tui.widgets.change_list import ChangeList
from oncall_tui.widgets.contract_text import (
    TICKETS_SHOWN,
    change_name,
    done_words,
    fact_lines,
    opens_text,
    ruling_text,
    whatif_lines,
)
from oncall_tui.widgets.hints import hinted_first
from oncall_tui.widgets.paper import Paper
from oncall_tui.widgets.rule import Rule
from oncall_tui.widgets.status import Tone

if TYPE_CHECKING:
    from oncall_tui.desk import Desk
    from oncall_tui.domain.commitment import Contract
    from oncall_tui.domain.plan_upgrade import PlanUpgrade
    from oncall_tui.domain.plans import Plan

Done = TypeVar("Done")

_HINTS = ("change_plan", "write_down", "undo", "back")
"""What is most useful here, as far as it is possible."""

_ABOVE_ANSWER = 9
"""Lines of the screen that stay above and around the tickets of the question."""


class UpgradeDialog(Dialog[bool]):
    """Whether to upgrade, with what it does to open tickets in sight; only `y` does."""

    def __init__(
        self,
        aside: str,
        question: str,
        tickets: Callable[[int, int], list[Text]],
        asked_with: tuple[str, float],
    ) -> None:
        """`tickets` returns their lines for a width, at most so many. `asked_with` as in `ConfirmDialog`."""
        super().__init__(_("Upgrade"), aside)
        self.question = question
        self.tickets = tickets
        self._held = HeldKey(*asked_with)

    def typed(self, key: str) -> bool:
        return self._held.repeats(key)

    def keys(self) -> Sequence[DialogKey]:
        return (
            DialogKey("y", "yes", _("upgrade now")),
            DialogKey("n", "cancel", marked("no")),
            DialogKey("enter", "cancel", marked("no")),
            DialogKey("escape", "cancel", marked("no")),
        )

    def compose_body(self) -> ComposeResult:
        yield Static(Text(self.question))
        yield Static(id="tickets")

    def on_mount(self) -> None:
        self._show()

    def on_resize(self) -> None:
        self._show()

    def _show(self) -> None:
        size = self.app.size
        lines = self.tickets(max(size.width - 2, 1), max(size.height - _ABOVE_ANSWER, 1))
        self.query_one("#tickets", Static).update(Text("\n").join(lines))

    def action_yes(self) -> None:
        """Answer with yes."""
        self.dismiss(True)


class ContractScreen(CursorKeys, Page):
    """What was bought, above; what can be asked for; below what the change under the cursor means."""

    SCOPE = Scope.CONTRACT
    SCOPED_CSS = False
    CSS = """
    ContractScreen #facts { height: auto; }
    ContractScreen #about { height: 1fr; }
    """

    def __init__(self, session: Session, customer: str) -> None:
        """`customer` is the id of the organisation."""
        super().__init__(session)
        self.customer = customer
        self.contract: Contract | None = None
        self.outlooks: Mapping[Plan, PlanUpgrade] = {}
        """What an upgrade to each higher plan would do, as of the minute that is shown."""
        self.told = Static(Text(_("Reading the contract …")), id="told")
        self.facts = Lines()
        self.facts.id = "facts"
        self.list = ChangeList()
        self.above = Rule(id="above")
        self.paper = Paper(id="about")
        self.about = Static()
        self._reading = 0
        self._minute: datetime | None = None

    def compose_body(self) -> ComposeResult:
        yield self.told
        yield self.facts
        yield Rule(_("Changes"), _("what they may ask for"))
        yield self.list
        yield self.above
        with self.paper:
            yield self.about

    @property
    def ruling(self) -> Ruling | None:
        """Return what the contract says to the change under the cursor."""
        return self.list.current

    # Reading

    def on_mount(self) -> None:
        super().on_mount()
        self.log_changed()

    def log_changed(self) -> None:
        """Read the contract anew, and what upgrades would do."""
        self._reading += 1
        reading = self._reading

        async def read() -> None:
            desk = self.session.desk
            if desk is None:
                return
            try:
                contract, outlooks = await background.read(lambda: _read(desk, self.customer))
            except OncallError as error:
                if self.contract is None:
                    self.told.update(Text(_("This can't be read: {why}").format(why=words(error))))
                else:
                    self.say(words(error), Tone.NOT_DONE)
                return
            if reading == self._reading:
                self.contract, self.outlooks = contract, outlooks
                self._show()

        if self.is_attached:
            self.in_background(read, "contract", only=True)

    # What is shown

    def tick(self, now: datetime) -> None:
        super().tick(now)
        minute = now.replace(second=0, microsecond=0)
        if self._minute is not None and minute != self._minute:
            self._minute = minute
            self.log_changed()

    def recolour(self) -> None:
        self._show()

    def on_resize(self) -> None:
        super().on_resize()
        self._show()

    def on_window_list_cursor_moved(self) -> None:
        self.paper.scroll_home(animate=False)
        self._show_about()

    def _show(self) -> None:
        contract, desk, now = self.contract, self.session.desk, self.session.now()
        if contract is None or desk is None:
            return
        self._minute = now.replace(second=0, microsecond=0)
        self.told.display = False
        offer, ink = desk.offer, self.top.ink
        self.facts.show(lambda width: fact_lines(contract, offer, now, width, ink))
        upgrades = [rule_on(contract, Change.UPGRADE, plan) for plan in contract.can_become]
        others = [rule_on(contract, each) for each in Change if each is not Change.UPGRADE]
        self.list.show([*upgrades, *others])
        self._show_about()

    def _show_about(self) -> None:
        ruling, contract, desk = self.ruling, self.contract, self.session.desk
        if ruling is None or contract is None or desk is None:
            return
        ink, width = self.top.ink, max(self.size.width - 3, 1)
        parts: list[RenderableType] = []
        aside = ""
        outlook = None if ruling.plan is None else self.outlooks.get(ruling.plan)
        if outlook is not None:
            aside = _("every open ticket: due so far, and then")
            parts += whatif_lines(outlook, self.session.zone, width, ink, TICKETS_SHOWN)
            parts += [Text(), opens_text(contract, outlook.plan, desk.offer, ink)]
        key = "" if self.why_not(self.session.keymap.named("write_down")) else self.key("write_down")
        parts.append(ruling_text(ruling, ink, refusal_key=key))
        self.above.tell(change_name(ruling.change, ruling.plan), aside)
        self.about.update(Group(*parts))
        self.show_state(self.session.now())

    def possible(self) -> Sequence[Action]:
        return hinted_first(super().possible(), _HINTS)

    def why_not(self, action: Action) -> str:
        ruling = self.ruling
        if action.id not in ("change_plan", "write_down", "undo"):
            return ""
        if self.session.read_only:
            return f"{_(action.label)}: {self.session.why_read_only}"
        if self.session.desk is None or self.contract is None or ruling is None:
            return _("the contract is still being read")
        match action.id:
            case "change_plan" if ruling.answer is not Answer.ALLOWED:
                rule = f" ({ruling.rule})" if ruling.rule else ""
                return f"{told(ruling.why)}{rule}"
            case "write_down" if not ruling.refused:
                return _("only what is refused is written down as such")
            case "undo" if not self.session.desk.contracts.can_undo(self.customer):
                return _("there is no upgrade to undo: one can be undone for 10 s")
        return ""

    # Keys

    @property
    def moved(self) -> Movable:
        return self.list

    def action_first(self) -> None:
        """Go to the first change."""
        self.list.start_at(newest=True)

    def action_last(self) -> None:
        """Go to the last change."""
        self.list.start_at(newest=False)

    def action_page_down(self) -> None:
        """Scroll what the change means one page down."""
        self.paper.scroll_page_down(animate=False)

    def action_page_up(self) -> None:
        """Scroll what the change means one page up."""
        self.paper.scroll_page_up(animate=False)

    def action_back(self) -> None:
        """Go back to the card."""
        self.dismiss(None)

    def on_window_list_opened(self) -> None:
        self.action_change_plan()

    def action_change_plan(self) -> None:
        """Look at what the upgrade under the cursor does now, ask, and do it."""
        ruling = self.ruling
        if not self.refuse("change_plan") and ruling is not None and ruling.plan is not None:
            plan = ruling.plan
            self.in_background(lambda: self._asking(plan), "asking", only=True)

    async def _asking(self, plan: Plan) -> None:
        desk = self.session.desk
        if desk is None:
            return
        try:
            # As of now, and with the version that is asked about: what is shown may be a minute old.
            outlook = await background.read(lambda: desk.contracts.outlook(self.customer, plan))
        except OncallError as error:
            self.say(words(error), Tone.REFUSED if isinstance(error, Refused) else Tone.NOT_DONE)
            self.log_changed()
            return
        if not self.is_current:
            return
        zone, ink = self.session.zone, self.top.ink
        ruling = rule_on(outlook.contract, Change.UPGRADE, plan)
        who = outlook.contract.customer
        question = _("{change} from now on? It never goes down again (R21); {why}.").format(
            change=change_name(Change.UPGRADE, plan), why=told(ruling.why)
        )

        def answered(sure: bool | None) -> None:
            if sure:
                self._act(
                    lambda: desk.contracts.upgrade(self.customer, plan, version=who.version),
                    lambda done: f"{who.name}: {done_words(done)}",
                )

        dialog = UpgradeDialog(
            who.name,
            question,
            lambda width, most: whatif_lines(outlook, zone, width, ink, most),
            self.session.last_key,
        )
        self.app.push_screen(dialog, answered)

    def action_write_down(self) -> None:
        """Write down that the change was asked for and refused."""
        ruling, desk = self.ruling, self.session.desk
        if not self.refuse("write_down") and ruling is not None and desk is not None:
            change = ruling.change
            self._act(
                lambda: desk.contracts.refuse(self.customer, change),
                lambda _ruling: _("{change} refused, and written down (R21)").format(
                    change=change_name(change, None)
                ),
            )

    def action_undo(self) -> None:
        """Take back the upgrade that was done a moment ago."""
        desk = self.session.desk
        if not self.refuse("undo") and desk is not None:
            self._act(
                lambda: desk.contracts.undo(self.customer),
                lambda back: _("{name}: {plan} again, as before").format(
                    name=back.name, plan=plan_name(back.plan)
                ),
            )

    def _act(self, act: Callable[[], Done], done: Callable[[Done], str]) -> None:
        # The app's and not the screen's: leaving the page doesn't lose what became of it.
        self.run_guarded(lambda: self._carry_out(act, done), self.app, "acts")

    async def _carry_out(self, act: Callable[[], Done], done: Callable[[Done], str]) -> None:
        try:
            result = await background.write(act)
        except OncallError as error:
            self.say(words(error), Tone.REFUSED if isinstance(error, Refused) else Tone.NOT_DONE)
        else:
            self.say(done(result), Tone.DONE)
        self.session.refresh()
        self.log_changed()


def _read(desk: Desk, customer: str) -> tuple[Contract, dict[Plan, PlanUpgrade]]:
    contract = desk.contracts.show(customer)
    return contract, {plan: desk.contracts.outlook(customer, plan) for plan in contract.can_become}
