"""What is on file of an organisation, to be corrected line by line; beside or below it who changed what."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from textual.app import ComposeResult
from textual.containers import Container

from oncall_tui import background
from oncall_tui.actions import Action, Scope
from oncall_tui.domain.editing import Edit, Part, Value, counterpart, title
from oncall_tui.domain.errors import Conflict, OncallError, Refused
from oncall_tui.domain.tickets import UNDO_WITHIN
from oncall_tui.screens.acting import SLOW_ACT
from oncall_tui.screens.board import WIDE
from oncall_tui.screens.edit_line import EditDialog, still_typed
from oncall_tui.screens.list_keys import CursorKeys, Movable
from oncall_tui.screens.page import Page
from oncall_tui.screens.session import Session, words
from oncall_tui.translation import _, told
from oncall_tui.widgets.card_paper import Lines
from oncall_tui.widgets.file_list import FileList
from oncall_tui.widgets.file_text import FileLine, file_lines, history_lines
from oncall_tui.widgets.hints import hinted_first
from oncall_tui.widgets.ink import LOW
from oncall_tui.widgets.paper import Paper
from oncall_tui.widgets.rule import Rule
from oncall_tui.widgets.status import Tone

if TYPE_CHECKING:
    from oncall_tui.desk import Desk
    from oncall_tui.desk.organisations import Edited
    from oncall_tui.domain.audit import AuditEntry
    from oncall_tui.domain.customers import Customer
    from oncall_tui.screens.edit_line import Typed

_HINTS = ("undo", "change", "add", "remove", "back")
"""What is most useful here, as far as it is possible."""

_ACTS = ("change", "add", "remove", "undo")


class EditScreen(CursorKeys, Page):
    """The facts on file with the cursor, and their history."""

    SCOPE = Scope.EDIT
    SCOPED_CSS = False
    CSS = """
    EditScreen #file { height: 1fr; width: 1fr; layout: vertical; }
    EditScreen #facts { height: auto; max-height: 70%; min-height: 3; }
    EditScreen #past { height: 1fr; min-height: 2; }
    EditScreen #history { height: 1fr; }
    EditScreen #file.-wide { layout: horizontal; }
    EditScreen #file.-wide #facts { height: 1fr; max-height: 100%; width: 2fr; }
    EditScreen #file.-wide #past { width: 1fr; border-left: solid $ink-rule; }
    EditScreen #file.-low #past { display: none; }
    EditScreen #file.-low #facts { height: 1fr; max-height: 100%; }
    """

    def __init__(self, session: Session, customer: str, name: str = "", warning: str = "") -> None:
        """`customer` is the id of the organisation, `name` what it is called until that is read. `warning` is
        said until a key is pressed.
        """
        super().__init__(session)
        self.customer_id = customer
        self.customer: Customer | None = None
        self.history: tuple[AuditEntry, ...] = ()
        self.warning = warning
        self.rule = Rule(_("On file"), name or customer)
        self.list = FileList(self.key("add"), self.key("change"))
        self.list.show_notice(_("Reading what is on file …"))
        self.lines = Lines()
        self.past = Container(Rule(_("History"), _("the newest first")), Paper(self.lines, id="history"))
        self.past.id = "past"
        self.file = Container(self.list, self.past, id="file")
        self.settled = False
        """Whether what is shown is the answer to what was asked last."""
        self._reading = 0
        self._busy = False

    def compose_body(self) -> ComposeResult:
        yield self.rule
        yield self.file

    def on_mount(self) -> None:
        super().on_mount()
        self.log_changed()
        if self.warning:
            self.say(self.warning, Tone.NOTE, keep=True)

    # Reading

    def log_changed(self) -> None:
        """Read anew what is on file, and its history."""
        self._reading += 1
        reading, customer = self._reading, self.customer_id
        self.settled = False

        async def read() -> None:
            desk = self.session.desk
            if desk is None:
                self.list.show_notice(_("Opening the store …"))
                return
            try:
                file = desk.organisations
                found, past = await background.read(lambda: (file.get(customer), file.history(customer)))
            except OncallError as error:
                self.list.show_notice(
                    _("This can't be read: {why}").format(why=words(error)),
                    _("{key} goes back.").format(key=self.key("back")),
                )
                if self.customer is not None:
                    self.say(words(error), Tone.NOT_DONE)
                return
            if reading == self._reading:
                self.settled = True
                self._take(found, past)

        if self.is_attached:
            self.in_background(read, "file", only=True)

    def _take(self, customer: Customer, history: tuple[AuditEntry, ...] | None = None) -> None:
        """Show an organisation as the store has it."""
        self.customer = customer
        if history is not None:
            self.history = history
        self.rule.tell(_("On file"), customer.name)
        self.list.show(file_lines(customer))
        # As high as its lines: what is left belongs to the history.
        self.list.styles.height = None if self.is_wide or self._is_low else len(self.list.window) + 1
        self._show_history()
        self.show_state(self.session.now())

    # What is shown

    @property
    def is_wide(self) -> bool:
        """Say whether the history stands beside the facts."""
        return self.size.width >= WIDE

    @property
    def _is_low(self) -> bool:
        return not self.is_wide and self.size.height < LOW

    def _show_history(self) -> None:
        now, zone, history = self.session.now(), self.session.zone, self.history
        self.lines.show(lambda width: history_lines(history, now, zone, width, self.top.ink))

    def tick(self, now: datetime) -> None:
        super().tick(now)

    def recolour(self) -> None:
        self.list.refresh()
        self._show_history()

    def on_resize(self) -> None:
        super().on_resize()
        self.file.set_class(self.is_wide, "-wide")
        self.file.set_class(self._is_low, "-low")
        if self.customer is not None:
            self._take(self.customer)

    def on_window_list_cursor_moved(self) -> None:
        self.show_state(self.session.now())

    def possible(self) -> Sequence[Action]:
        return hinted_first(super().possible(), _HINTS)

    # Keys

    @property
    def line(self) -> FileLine | None:
        """Return the line that a key acts on now."""
        return self.list.current

    def why_not(self, action: Action) -> str:
        if action.id not in _ACTS:
            return ""
        session, line = self.session, self.line
        if session.read_only:
            return f"{_(action.label)}: {session.why_read_only}"
        if session.desk is None or self.customer is None or line is None:
            return _("what is on file is still being read")
        if self._busy:
            return _("still waiting for the store")
        match action.id:
            case "undo" if not session.desk.organisations.undoable(self.customer_id):
                seconds = int(UNDO_WITHIN.total_seconds())
                return _("there is nothing to undo: an edit can be undone for {seconds} s").format(
                    seconds=seconds
                )
            case "change" if line.value is None and not line.part.single:
                return _("nothing stands here; {key} adds one").format(key=self.key("add"))
            case "add" if line.part.single:
                return _("there is one of it; {key} changes it").format(key=self.key("change"))
            case "remove" if line.part is Part.NAME:
                return _("an organisation has a name; {key} changes it").format(key=self.key("change"))
            case "remove" if line.value is None:
                return _("nothing stands here to remove")
        return ""

    @property
    def moved(self) -> Movable:
        return self.list

    def action_first(self) -> None:
        """Go to the first line."""
        self.list.move_to(0)

    def action_last(self) -> None:
        """Go to the last line."""
        self.list.move_to(len(self.list.window) - 1)

    def action_back(self) -> None:
        """Go back to the card."""
        self.dismiss(None)

    def action_change(self) -> None:
        """Ask for the fields of the line under the cursor, and store them."""
        if not self.refuse("change") and (line := self.line) is not None:
            self._ask(line.part, line.value)

    def on_window_list_opened(self) -> None:
        self.action_change()

    def action_add(self) -> None:
        """Ask for another line of the group under the cursor, and add it."""
        if not self.refuse("add") and (line := self.line) is not None:
            self._ask(line.part, None)

    def action_remove(self) -> None:
        """Ask whether to take the line under the cursor off the file, and do."""
        line, customer = self.line, self.customer
        if self.refuse("remove") or line is None or customer is None or line.value is None:
            return
        edit = Edit(line.part, line.value, None)
        asked_with = self.session.last_key

        async def ask() -> None:
            from oncall_tui.screens.confirm import ConfirmDialog

            desk = self.session.desk
            if desk is None:
                return
            try:
                warned = await background.read(lambda: desk.organisations.warnings(customer, edit))
            except OncallError as error:
                self.say(words(error), Tone.NOT_DONE)
                return
            if not self.is_current:
                return
            sentences = (f"{said[:1].upper()}{said[1:]}." for said in map(told, warned))
            question = " ".join([_("Take it off the file?"), *sentences])
            dialog = ConfirmDialog(
                _("Remove"), title(edit.before or ""), question, _("remove it"), asked_with=asked_with
            )
            self.app.push_screen(dialog, answered)

        def answered(sure: bool | None) -> None:
            if sure:
                self._carry_out(
                    lambda desk: desk.organisations.edit(customer.id, edit, customer.version), _("removed")
                )

        self.in_background(ask, "asking", only=True)

    def action_undo(self) -> None:
        """Take back what this desk edited last, if that was a moment ago."""
        if not self.refuse("undo"):
            self._carry_out(lambda desk: desk.organisations.undo(self.customer_id), _("undone"))

    # Storing

    def _ask(
        self,
        part: Part,
        before: Value | None,
        typed: Mapping[str, str] | None = None,
        problem: str = "",
    ) -> None:
        customer = self.customer
        if customer is None:
            return

        def answered(given: Typed | None) -> None:
            if given is None:
                return
            edit = given.edit
            if edit.before == edit.after or (edit.before is None and edit.after == ""):
                self.say(_("nothing has changed"))
                return
            self._carry_out(
                lambda desk: desk.organisations.edit(customer.id, edit, customer.version),
                _("stored") if part.single or edit.before is not None else _("added"),
                edit,
                lambda now, why: self._ask(part, now, still_typed(part, before, now, given.values), why),
            )

        dialog = EditDialog(customer, part, before, typed=typed, problem=problem)
        self.app.push_screen(dialog, answered)

    def _carry_out(
        self,
        act: Callable[[Desk], Edited],
        done: str,
        edit: Edit | None = None,
        again: Callable[[Value | None, str], None] | None = None,
    ) -> None:
        """Carry out an act; where it isn't taken, ask `again` with what is on file now and the reason."""
        desk = self.session.desk
        if desk is not None:
            self._busy = True
            # The app's and not the screen's: going back doesn't lose what became of the act.
            self.run_guarded(lambda: self._doing(desk, act, done, edit, again), self.app, "acts")

    async def _doing(
        self,
        desk: Desk,
        act: Callable[[Desk], Edited],
        done: str,
        edit: Edit | None,
        again: Callable[[Value | None, str], None] | None,
    ) -> None:
        waits = _("still waiting for the store")
        slow = asyncio.get_running_loop().call_later(SLOW_ACT, lambda: self.say(waits, keep=True))
        try:
            made = await background.write(lambda: act(desk))
        except OncallError as error:
            self._busy = False
            await self._not_done(desk, error, edit, again)
            return
        finally:
            slow.cancel()
            self._busy = False
        if self.is_attached:
            self._take(made.customer)
            if edit is not None and edit.after is not None:
                self.list.stand_on(edit.part, _stored(made.customer, edit))
        self._page_in_view().say("; ".join([done, *map(told, made.also)]), Tone.DONE)
        self.log_changed()
        self.session.refresh()

    async def _not_done(
        self,
        desk: Desk,
        error: OncallError,
        edit: Edit | None,
        again: Callable[[Value | None, str], None] | None,
    ) -> None:
        """Say why an act wasn't taken; after a conflict show what is on file now."""
        tone = Tone.REFUSED if isinstance(error, Refused) else Tone.NOT_DONE
        self._page_in_view().say(words(error), tone)
        before = None if edit is None else edit.before
        if isinstance(error, Conflict):
            try:
                now, past = await background.read(
                    lambda: (
                        desk.organisations.get(self.customer_id),
                        desk.organisations.history(self.customer_id),
                    )
                )
            except OncallError:
                pass  # the reason was said, and the page keeps trying
            else:
                if self.is_attached:
                    self._take(now, past)
                if edit is not None and (edit.before is not None or edit.part.single):
                    before = counterpart(now, edit)
        if again is not None and self.is_current:
            again(before, words(error))

    def _page_in_view(self) -> Page:
        pages = [screen for screen in self.app.screen_stack if isinstance(screen, Page)]
        return pages[-1] if pages else self


def _stored(customer: Customer, edit: Edit) -> Value | None:
    """Return the line that an edit left, as it was stored."""
    lines = [line.value for line in file_lines(customer) if line.part is edit.part]
    if edit.part.single:
        return lines[0]
    return lines[-1] if edit.before is None else (edit.after if edit.after in lines else None)
