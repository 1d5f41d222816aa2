"""The log of calls: what became of each, the newest first, with the counts of the shift above it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from textual.app import ComposeResult
from textual.message import Message

from oncall_tui import background
from oncall_tui.actions import Action, Scope
from oncall_tui.domain.call_log import LogLine
from oncall_tui.domain.call_rules import shift_began
from oncall_tui.domain.calls import CallCounts
from oncall_tui.domain.clock import to_local
from oncall_tui.domain.errors import OncallError
from oncall_tui.screens.list_keys import CursorKeys, Movable
from oncall_tui.screens.log_filter import LogFilter
from oncall_tui.screens.logged_call import LoggedCallPage
from oncall_tui.screens.session import Session, words
from oncall_tui.screens.typed_filter import FilteredPage
from oncall_tui.translation import _
from oncall_tui.widgets.board_rule import BoardRule
from oncall_tui.widgets.call_counts import CountsLine
from oncall_tui.widgets.call_list import CallList
from oncall_tui.widgets.status import Tone

if TYPE_CHECKING:
    from oncall_tui.desk import Desk
    from oncall_tui.desk.call_log import LogPage

FIRST = 100
"""Calls that are read to begin with."""

MORE = 100
"""Calls that are read when the list is scrolled to the end of what is there."""


class CallLogScreen(CursorKeys, FilteredPage, LoggedCallPage):
    """The list of calls, a filter, and what can be done with one of them."""

    SCOPE = Scope.CALLS
    filters: LogFilter

    class Exported(Message):
        """So many calls of an export are written."""

        def __init__(self, done: int, total: int) -> None:
            super().__init__()
            self.done = done
            self.total = total

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self.counts = CountsLine(session.zone)
        self.rule = BoardRule()
        self.list = CallList(session.operator, session.zone, session.now())
        self.list.show_notice(_("Reading the log …"))
        self.filters = LogFilter(self)
        self._reading = 0
        self._asked: set[bool] = set()
        self.settled = False
        """Whether what is listed is the answer to what was asked last."""

    def compose_body(self) -> ComposeResult:
        yield self.counts
        yield self.rule
        yield self.list

    @property
    def line(self) -> LogLine | None:
        return self.list.current

    # Reading

    def on_screen_resume(self) -> None:
        self.log_changed()

    def log_changed(self) -> None:
        """Read anew the part of the log that is shown."""
        window = self.list.window
        begins, size = window.begins, max(len(window.lines), FIRST)
        wanted = self.filters.current

        def look(desk: Desk) -> LogPage:
            return desk.call_log.page(wanted, begins, size)

        def show(page: LogPage) -> None:
            more = len(page.lines) == size
            self.list.show(page.open, page.lines, newer=begins is not None, older=more)

        self._read(look, show)

    def list_anew(self, *, newest: bool = True) -> None:
        """List from the newest call on, or the oldest ones."""
        wanted = self.filters.current

        def look(desk: Desk) -> LogPage:
            log = desk.call_log
            return log.page(wanted, limit=FIRST) if newest else log.oldest(wanted, FIRST)

        def show(page: LogPage) -> None:
            more = len(page.lines) == FIRST
            self.list.show(page.open, page.lines, newer=more and not newest, older=more and newest)
            self.list.start_at(newest=newest)

        self._read(look, show)

    def _read(self, look: Callable[[Desk], LogPage], show: Callable[[LogPage], None]) -> None:
        """Read a part of the log and the counts; an answer that comes after another question is dropped."""
        self._reading += 1
        reading = self._reading
        self.settled = False

        async def read() -> None:
            desk = self.session.desk
            if desk is None:
                self.list.show_notice(_("Opening the store …"))
                return

            def both() -> tuple[LogPage, CallCounts]:
                return look(desk), desk.call_log.counts()

            try:
                page, counts = await background.read(both)
            except OncallError as error:
                self._unread(error)
                return
            if reading == self._reading:
                self._asked.clear()
                self.settled = True
                show(page)
                self.counts.show(counts)
                self.list.show_notice(*self._nothing())
                self.show_state(self.session.now())

        if self.is_attached:
            self.in_background(read, "log", only=True)

    def _unread(self, error: OncallError) -> None:
        self.list.show_notice(
            _("The log can't be read: {why}").format(why=words(error)),
            _("{key} tries again.").format(key=self.key("refresh")),
        )
        if len(self.list.window):
            self.say(words(error))

    def _nothing(self) -> tuple[str, ...]:
        if self.filters.current:
            return (
                _("No call fits {filter}").format(filter=self.filters.current.text),
                _("{change} changes the filter, {clear} lists every call again.").format(
                    change=self.key("filter"), clear=self.key("back")
                ),
            )
        if self.session.replay:
            return (_("No call was recorded by then."),)
        return (
            _("No call has rung yet."),
            _("What rings appears here; {key} begins one that rings on another telephone.").format(
                key=self.key("call")
            ),
        )

    def on_window_list_more_needed(self, event: CallList.MoreNeeded) -> None:
        """Read the calls beyond what is loaded."""
        older, window = event.older, self.list.window
        desk = self.session.desk
        if older in self._asked or not window.lines or desk is None:
            return
        self._asked.add(older)
        reading, wanted = self._reading, self.filters.current
        edge = window.lines[-1 if older else 0].cursor

        def look() -> LogPage:
            log = desk.call_log
            if older:
                return log.page(wanted, edge, MORE)
            return log.page(wanted, before=edge, limit=MORE)

        async def read() -> None:
            try:
                page = await background.read(look)
            except OncallError as error:
                self.say(words(error))
                return
            finally:
                self._asked.discard(older)
            if reading != self._reading or edge != window.lines[-1 if older else 0].cursor:
                return
            more = len(page.lines) == MORE
            self.list.add(page.lines, older=older, more=more)
            if not older and not more:
                self.log_changed()  # at the top stand the open calls, too

        self.in_background(read, f"more {older}")

    # What is shown

    def tick(self, now: datetime) -> None:
        super().tick(now)
        self.list.tick(now)
        desk, counts = self.session.desk, self.counts.counts
        if desk is None or not self.settled:
            return
        if counts is None or counts.since != shift_began(desk.offer.calls, now, self.session.zone):
            self.log_changed()

    def recolour(self) -> None:
        self.list.refresh()

    def on_window_list_cursor_moved(self) -> None:
        self.show_state(self.session.now())

    def possible(self) -> Sequence[Action]:
        return self.filters.keys or super().possible()

    def why_not(self, action: Action) -> str:
        match action.id:
            case "open" if self.line is None:
                return _("there is no call here")
            case "export" if self.session.desk is None:
                return _("the store isn't open")
        return super().why_not(action)

    # Keys

    def action_back(self) -> None:
        """Take the filter away; where there is none, go back."""
        if self.filters.current:
            self.filters.clear()
        else:
            self.dismiss(None)

    def action_refresh(self) -> None:
        """Read the log anew, with everything else."""
        super().action_refresh()
        self.log_changed()

    def action_open(self) -> None:
        """Open the call under the cursor; go on with one that is open."""
        from oncall_tui.screens.call_detail import CallRecordScreen

        line = self.line
        if self.refuse("open") or line is None:
            return
        if line.record is None and not self.session.read_only:
            self.go_on(line.call)
        else:
            self.app.push_screen(CallRecordScreen(self.session, line))

    def on_window_list_opened(self) -> None:
        self.action_open()

    @property
    def moved(self) -> Movable:
        return self.list

    def action_first(self) -> None:
        """Go to the newest call."""
        if self.list.window.newer:
            self.list_anew()
        else:
            self.list.start_at(newest=True)

    def action_last(self) -> None:
        """Go to the oldest call."""
        if self.list.window.older:
            self.list_anew(newest=False)
        else:
            self.list.start_at(newest=False)

    # Export

    def action_export(self) -> None:
        """Ask for the name of a file and write the calls that are listed into it."""
        if not self.refuse("export"):
            day = to_local(self.session.now(), self.session.zone)
            self._ask_file(f"calls-{day:%Y-%m-%d}.csv")

    def _ask_file(self, name: str, problem: str = "") -> None:
        from oncall_tui.screens.prompt import PromptDialog

        def answered(given: str | None) -> None:
            if given is not None:
                self.in_background(lambda: self._exporting(given.strip()), "export")

        self.app.push_screen(
            PromptDialog(
                _("Export the log"),
                self.filters.current.text or _("every call"),
                what=_("name of a new file, .csv or .jsonl"),
                does=_("write it"),
                value=name,
                problem=problem,
            ),
            answered,
        )

    async def _exporting(self, name: str) -> None:
        from oncall_tui.desk.call_files import export_file

        desk, wanted = self.session.desk, self.filters.current
        if desk is None:
            return

        def progress(done: int, total: int) -> None:
            self.post_message(self.Exported(done, total))

        try:
            done = await background.write(
                lambda: export_file(desk.call_log, Path(name), wanted, progress=progress)
            )
        except OncallError as error:
            self._ask_file(name, words(error))
            return
        self.say(_("{count} calls written to {file}").format(count=done, file=name), Tone.DONE)

    def on_call_log_screen_exported(self, event: Exported) -> None:
        """Show how far an export is; what is on its way isn't worth keeping among the messages."""
        if event.done < event.total:
            said = _("{done} of {total} calls written")
            self.status.say(said.format(done=event.done, total=event.total))
