"""The outbox and the sources: what is on its way, what couldn't be sent, and how each source does."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from textual.app import ComposeResult
from textual.widgets import Static

from oncall_tui import background
from oncall_tui.actions import Action, Scope
from oncall_tui.domain.errors import OncallError, Refused
from oncall_tui.domain.outgoing import OutgoingAct, OutgoingState
from oncall_tui.screens.confirm import ConfirmDialog
from oncall_tui.screens.list_keys import CursorKeys, Movable
from oncall_tui.screens.page import Page
from oncall_tui.screens.session import Session, words
from oncall_tui.translation import _
from oncall_tui.widgets.hints import hinted_first
from oncall_tui.widgets.ink import LOW
from oncall_tui.widgets.outgoing_list import OutgoingList, receiver_of
from oncall_tui.widgets.outgoing_text import outgoing_text, sources_text
from oncall_tui.widgets.outgoing_words import ACTS
from oncall_tui.widgets.paper import Paper
from oncall_tui.widgets.rule import Rule
from oncall_tui.widgets.status import Tone

if TYPE_CHECKING:
    from oncall_tui.desk import Desk
    from oncall_tui.domain.correspondence import Outgoing, SourceHealth

_HINTS = ("open", "again", "was_sent", "force", "drop", "back")
"""What is most useful here, as far as it is possible."""


class OutboxScreen(CursorKeys, Page):
    """How the sources do, above; below what goes out, the oldest first, and the one under the cursor."""

    SCOPE = Scope.OUTBOX
    SCOPED_CSS = False
    CSS = """
    OutboxScreen #sources { height: auto; max-height: 30%; padding: 0; }
    OutboxScreen #outgoing { min-height: 3; }
    OutboxScreen #one { height: 1fr; }
    """

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self.sources: tuple[SourceHealth, ...] = session.sources
        self.said = Static(id="sources")
        self.list = OutgoingList(session.zone, session.now())
        self.list.show_notice(_("Reading the outbox …"))
        self.about = Static()
        self.above = Rule(id="above")
        self.one = Paper(id="one")
        self.settled = False
        """Whether what is listed is the answer to what was asked last."""
        self._reading = 0

    def compose_body(self) -> ComposeResult:
        yield Rule(_("Sources"), _("where tickets come from"))
        yield self.said
        yield Rule(_("Outbox"), _("the oldest first"))
        yield self.list
        yield self.above
        with self.one:
            yield self.about

    @property
    def line(self) -> Outgoing | None:
        """Return what a key acts on now."""
        return self.list.current

    # Reading

    def on_screen_resume(self) -> None:
        self.log_changed()

    def log_changed(self) -> None:
        """Read the outbox anew, and how the sources do."""
        self._reading += 1
        reading = self._reading
        self.settled = False

        async def read() -> None:
            desk = self.session.desk
            if desk is None:
                self.list.show_notice(_("Opening the store …"))
                return
            try:
                rows, sources = await background.read(lambda: (desk.outbox.open(), desk.sources.health()))
            except OncallError as error:
                self.list.show_notice(
                    _("The outbox can't be read: {why}").format(why=words(error)),
                    _("{key} tries again.").format(key=self.key("refresh")),
                )
                if self.list.current is not None:
                    self.say(words(error))
                return
            if reading == self._reading:
                self.settled, self.sources = True, sources
                self.list.show(rows)
                self.list.show_notice(
                    _("Nothing is on its way, and nothing waits for you."),
                    _("What you answer by mail stands here until the server has it; {key} goes back.").format(
                        key=self.key("back")
                    ),
                )
                self._show()

        if self.is_attached:
            self.in_background(read, "outbox", only=True)

    # What is shown

    def tick(self, now: datetime) -> None:
        super().tick(now)
        self.list.tick(now)
        self._show_sources(now)

    def recolour(self) -> None:
        self.list.refresh()
        self._show()

    def on_resize(self) -> None:
        super().on_resize()
        self._show()

    def on_window_list_cursor_moved(self) -> None:
        self._show()

    def _show(self) -> None:
        now = self.session.now()
        self._show_sources(now)
        row = self.line
        about = "" if row is None else row.subject or _(ACTS[row.act])
        self.above.tell("" if row is None else row.ticket, about)
        self.above.display = self.one.display = row is not None and self.size.height >= LOW
        self.about.update(outgoing_text(row, now, self.session.zone, self.top.ink))
        self.show_state(now)

    def _show_sources(self, now: datetime) -> None:
        if self.sources:
            ink, width = self.top.ink, self.size.width
            self.said.update(sources_text(self.sources, now, self.session.zone, width, ink))
        elif self.settled:
            self.said.update(_("    No source was read yet: see docs/sources.md."))

    def possible(self) -> Sequence[Action]:
        return hinted_first(super().possible(), _HINTS)

    def why_not(self, action: Action) -> str:
        row = self.line
        if action.id not in ("open", "again", "was_sent", "force", "drop"):
            return ""
        if action.writes and self.session.read_only:
            return f"{_(action.label)}: {self.session.why_read_only}"
        if row is None:
            return _("nothing goes out here")
        if action.id != "open" and row.state is OutgoingState.SENDING:
            return _("{ref} is being handed over just now").format(ref=row.ticket)
        match action.id:
            case "again" if row.state is OutgoingState.CONFLICT:
                return _("a conflict: say what counts, {force} ours or {drop} theirs").format(
                    force=self.key("force"), drop=self.key("drop")
                )
            case "was_sent" if row.state is not OutgoingState.UNSURE or row.act is not OutgoingAct.ANSWER:
                return _("only an answer of which nobody is sure can have arrived")
            case "force" if row.state is not OutgoingState.CONFLICT:
                return _("nothing was changed in the other system meanwhile")
        return ""

    # Keys

    def action_back(self) -> None:
        """Go back to the page before."""
        self.dismiss(None)

    def action_refresh(self) -> None:
        """Read the outbox anew, with everything else; the sources are asked as well."""
        super().action_refresh()
        if (polling := self.session.polling) is not None:
            polling.nudge()
        self.log_changed()

    def action_again(self) -> None:
        """Ask, and send it now or once more."""
        row = self.line
        if self.refuse("again") or row is None:
            return
        question = {
            OutgoingState.UNSURE: _("It may have arrived: the customer would have it twice. Send it again?"),
            OutgoingState.BOUNCED: _("It came back once. Send it again to the same address?"),
            OutgoingState.REFUSED: _("The server refused it. Try once more?"),
        }.get(row.state, _("Try now, and not when its time has come?"))
        self._ask(row, question, _("yes, send it"), _again, _("it goes out with the next try"))

    def action_was_sent(self) -> None:
        """Ask, and take it as arrived."""
        row = self.line
        if not self.refuse("was_sent") and row is not None:
            question = _(
                "Do you know that it arrived? The response clock stops at the instant of the try (R6)."
            )
            self._ask(row, question, _("yes, it arrived"), _was_sent, _("taken as sent"))

    def action_force(self) -> None:
        """Ask, and do it whatever stands in the other system."""
        row = self.line
        if not self.refuse("force") and row is not None:
            question = _("Do it in {source} whatever was changed there?").format(source=row.source)
            self._ask(row, question, _("yes, ours counts"), _force, _("it goes out whatever stands there"))

    def action_drop(self) -> None:
        """Ask, and take it back."""
        row = self.line
        if self.refuse("drop") or row is None:
            return
        if row.state is OutgoingState.CONFLICT:
            question = _("Take what stands in {source} as it is?").format(source=row.source)
            self._ask(row, question, _("yes, theirs counts"), _drop, _("theirs counts"))
        else:
            question = {
                OutgoingState.UNSURE: _(
                    "It may have arrived all the same. Drop it, and count it as not sent?"
                ),
                OutgoingState.BOUNCED: _("The customer doesn't have it. Leave it at that?"),
            }.get(row.state, _("Take it back? It isn't sent, and an answer stops no clock."))
            self._ask(row, question, _("yes, drop it"), _drop, _("taken back"))

    def _ask(
        self, row: Outgoing, question: str, yes: str, act: Callable[[Desk, int], object], done: str
    ) -> None:
        def answered(sure: bool | None) -> None:
            if sure:
                # The app's and not the screen's: leaving the page doesn't lose what became of it.
                self.run_guarded(lambda: self._carry_out(row, act, done), self.app, "acts")

        about = f"{row.ticket}  {row.subject or receiver_of(row)}"
        dialog = ConfirmDialog(_("Outbox"), about, question, yes, self.session.last_key)
        self.app.push_screen(dialog, answered)

    async def _carry_out(self, row: Outgoing, act: Callable[[Desk, int], object], done: str) -> None:
        desk = self.session.desk
        if desk is None:
            return
        try:
            await background.write(lambda: act(desk, row.id))
        except OncallError as error:
            self.say(words(error), Tone.REFUSED if isinstance(error, Refused) else Tone.NOT_DONE)
        else:
            self.say(f"{row.ticket}: {done}", Tone.DONE)
            if (polling := self.session.polling) is not None:
                polling.nudge(row.source)
        self.session.refresh()
        self.log_changed()

    def action_open(self) -> None:
        """Open the ticket that it belongs to."""
        row = self.line
        if not self.refuse("open") and row is not None:
            self.in_background(lambda: self._going(row), "go", only=True)

    async def _going(self, row: Outgoing) -> None:
        from oncall_tui.screens.board import BoardScreen
        from oncall_tui.screens.ticket import TicketScreen

        desk, board = self.session.desk, self.app.screen_stack[0]
        if desk is None or not isinstance(board, BoardScreen):
            return
        try:
            found = await background.read(lambda: desk.tickets.detail(row.ticket_id))
        except OncallError as error:
            self.say(words(error))
            return
        if self.is_current:
            self.app.push_screen(TicketScreen(self.session, found.ticket, board.acted, board.tickets.rank))

    def on_window_list_opened(self) -> None:
        self.action_open()

    @property
    def moved(self) -> Movable:
        return self.list

    def action_first(self) -> None:
        """Go to the oldest."""
        self.list.start_at(newest=True)

    def action_last(self) -> None:
        """Go to the newest."""
        self.list.start_at(newest=False)


def _again(desk: Desk, outbox_id: int) -> object:
    return desk.outbox.again(outbox_id)


def _was_sent(desk: Desk, outbox_id: int) -> object:
    return desk.outbox.was_sent(outbox_id)


def _force(desk: Desk, outbox_id: int) -> object:
    return desk.outbox.force(outbox_id)


def _drop(desk: Desk, outbox_id: int) -> object:
    return desk.outbox.drop(outbox_id)
