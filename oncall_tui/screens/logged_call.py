"""What the log and a call in it have in common: correcting a record, going on with a call that is open."""

from __future__ import annotations

from typing import TYPE_CHECKING

from oncall_tui import background
from oncall_tui.actions import Action
from oncall_tui.domain.errors import BadInput, OncallError, Refused
from oncall_tui.screens.page import Page
from oncall_tui.screens.session import words
from oncall_tui.translation import _
from oncall_tui.widgets.status import Tone

if TYPE_CHECKING:
    from oncall_tui.domain.call_log import LogLine
    from oncall_tui.domain.calls import Call, CallRecord
    from oncall_tui.screens.correct_call import Correction


class LoggedCallPage(Page):
    """A page with a call of the log to act on."""

    @property
    def line(self) -> LogLine | None:
        """Return the call that a key acts on now."""
        raise NotImplementedError

    def why_not(self, action: Action) -> str:
        line = self.line
        match action.id:
            case "correct" if self.session.read_only:
                return f"{action.label}: {self.session.why_read_only}"
            case "correct" if line is None:
                return _("there is no call here")
            case "correct" if line is not None and line.record is None:
                return _("correct: the call is open still; its answers are changed in the call itself")
        return ""

    # Going on with a call that is open

    def go_on(self, call: Call) -> None:
        """Open a call that rings or goes on: pick it up, or take it over from whoever has it, asked first."""
        from oncall_tui.screens.call import open_call
        from oncall_tui.screens.confirm import ConfirmDialog

        if call.operator == self.session.operator:
            open_call(self, call.ref)
            return
        if call.rings:
            question, yes = _("This call rings. Pick it up?"), _("pick it up")
        else:
            asks = _("{engineer} has this call in hand. Go on with it in their place?")
            question, yes = asks.format(engineer=call.operator), _("take it over")

        def answered(sure: bool | None) -> None:
            if sure:
                taking = self._picking_up if call.rings else self._taking_over
                self.in_background(lambda: taking(call), "call")

        aside = "  ".join(filter(None, (call.ref, call.number)))
        asked_with = self.session.last_key
        self.app.push_screen(ConfirmDialog(_("A call"), aside, question, yes, asked_with), answered)

    async def _taking_over(self, call: Call) -> None:
        from oncall_tui.screens.call import open_call

        desk = self.session.desk
        if desk is None:
            return
        try:
            mine = await background.write(lambda: desk.calls.take_over(call.ref))
        except OncallError as error:
            self._told(error)
            self.log_changed()
            return
        self.take_in_hand(mine)
        open_call(self, mine.ref)

    # Correcting a record

    def action_correct(self) -> None:
        """Ask what is wrong in the record, and why, and write the correction down (R13)."""
        line = self.line
        if not self.refuse("correct") and line is not None and line.record is not None:
            self._ask_correction(line.record)

    def _ask_correction(self, record: CallRecord, given: Correction | None = None, problem: str = "") -> None:
        from oncall_tui.screens.correct_call import CorrectDialog

        def answered(correction: Correction | None) -> None:
            if correction is not None:
                self.in_background(lambda: self._correcting(record, correction), "correct")

        aside = "  ".join(filter(None, (record.call, record.customer_name or record.number)))
        self.app.push_screen(CorrectDialog(record, aside, given=given, problem=problem), answered)

    async def _correcting(self, record: CallRecord, correction: Correction) -> None:
        desk = self.session.desk
        if desk is None:
            return
        field, value, why = correction
        try:
            await background.write(
                lambda: desk.call_log.correct(record.call, {field: value}, why, record=record.id)
            )
        except (BadInput, Refused) as error:
            self._told(error)
            last = await background.read(lambda: desk.call_log.detail(record.call).records[-1])
            self._ask_correction(last, correction, words(error))
            self.log_changed()
            return
        except OncallError as error:
            self._told(error)
            self._ask_correction(record, correction, words(error))
            return
        self.say(_("{call} is corrected; the record before stays").format(call=record.call), Tone.DONE)
        self.log_changed()

    def _told(self, error: OncallError) -> None:
        self.say(words(error), Tone.REFUSED if isinstance(error, Refused) else Tone.NOT_DONE)
