"""A call of the log on a screen of its own: every step and its time, what was said, what was corrected."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.widgets import Static

from oncall_tui import background
from oncall_tui.actions import Action, Scope
from oncall_tui.domain.call_log import CallDetail, LogLine
from oncall_tui.domain.errors import OncallError
from oncall_tui.screens.logged_call import LoggedCallPage
from oncall_tui.screens.paper import PaperKeys
from oncall_tui.screens.session import Session, words
from oncall_tui.translation import _
from oncall_tui.widgets.paper import Paper
from oncall_tui.widgets.rule import Rule


class CallRecordScreen(PaperKeys, LoggedCallPage):
    """One call of the log, kept up to date while it is open."""

    SCOPE = Scope.CALL_RECORD

    def __init__(self, session: Session, line: LogLine) -> None:
        super().__init__(session)
        self.detail: CallDetail | None = None
        self._line = line
        self._title = Rule(line.call.ref)
        self._facts = Static(_("Reading the call …"), markup=False)
        self._more = {
            name: (Rule(title), Static())
            for name, title in (
                ("said", _("What was said")),
                ("steps", _("Steps")),
                ("corrections", _("Corrections")),
            )
        }

    def compose_body(self) -> ComposeResult:
        with Paper(id="page"):
            yield self._title
            yield self._facts
            for rule, text in self._more.values():
                yield rule
                yield text

    def on_mount(self) -> None:
        super().on_mount()
        for parts in self._more.values():
            for part in parts:
                part.display = False
        self.log_changed()

    @property
    def line(self) -> LogLine:
        return self._line if self.detail is None else self.detail.line

    def why_not(self, action: Action) -> str:
        if action.id == "open":
            return self._why_not_open()
        return super().why_not(action)

    def _why_not_open(self) -> str:
        line = self.line
        if line.record is None:
            return self.session.why_read_only if self.session.read_only else ""
        return "" if line.record.ticket else _("no ticket came of this call")

    def recolour(self) -> None:
        self._show()

    def log_changed(self) -> None:
        if self.is_attached:
            self.in_background(self._reading, "detail", only=True)

    async def _reading(self) -> None:
        desk, ref = self.session.desk, self._line.call.ref
        if desk is None:
            return
        try:
            self.detail = await background.read(lambda: desk.call_log.detail(ref))
        except OncallError as error:
            if self.detail is None:
                self._facts.update(words(error))
            else:
                self.say(words(error))
            return
        self._show()
        self.show_state(self.session.now())

    def _show(self) -> None:
        from oncall_tui.widgets import call_text

        detail, ink, zone = self.detail, self.top.ink, self.session.zone
        if detail is None:
            return
        self._title.tell(call_text.title(detail))
        self._facts.update(call_text.facts(detail, zone, ink))
        record = detail.line.record
        shown = {
            "said": call_text.said(record, ink) if record is not None and record.said.en else None,
            "steps": call_text.steps(detail, zone, ink) if detail.steps else None,
            "corrections": (
                call_text.corrections(detail.records, zone, ink) if len(detail.records) > 1 else None
            ),
        }
        for name, (rule, text) in self._more.items():
            rule.display = text.display = shown[name] is not None
            text.update(shown[name] or "")

    # Keys

    def action_refresh(self) -> None:
        """Read the call anew, with everything else."""
        super().action_refresh()
        self.log_changed()

    def action_calls(self) -> None:
        """Go back to the log."""
        self.dismiss(None)

    def action_open(self) -> None:
        """Open the ticket that came of the call, or go on with a call that is open."""
        if self.refuse("open"):
            return
        if self.line.record is None:
            self.go_on(self.line.call)
        else:
            self.in_background(lambda: self._opening(self.line), "ticket", only=True)

    async def _opening(self, line: LogLine) -> None:
        from oncall_tui.screens.board import BoardScreen
        from oncall_tui.screens.ticket import TicketScreen

        desk, record, board = self.session.desk, line.record, self.app.screen_stack[0]
        if desk is None or record is None or not isinstance(board, BoardScreen):
            return
        try:
            ticket = await background.read(lambda: desk.tickets.find(record.ticket))
        except OncallError as error:
            self.say(words(error))
            return
        self.app.push_screen(TicketScreen(self.session, ticket, board.acted, board.tickets.rank))
