"""The list of alerts: what was told, the newest first, over what, and who acknowledged it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from textual.app import ComposeResult
from textual.widget import Widget

from oncall_tui import background
from oncall_tui.actions import Action, Scope
from oncall_tui.domain.errors import OncallError
from oncall_tui.screens.alert_page import AlertPage
from oncall_tui.screens.board import WIDE
from oncall_tui.screens.list_keys import CursorKeys, Movable
from oncall_tui.screens.session import Session, words
from oncall_tui.translation import _
from oncall_tui.widgets.alert_columns import AlertLine
from oncall_tui.widgets.alert_list import AlertList
from oncall_tui.widgets.alert_paper import AlertPaper
from oncall_tui.widgets.hints import hinted_first
from oncall_tui.widgets.rule import Rule

if TYPE_CHECKING:
    from oncall_tui.desk import Desk

FIRST = 100
"""Alerts that are read to begin with."""

MORE = 100
"""Alerts that are read when the list is scrolled to the end of what is there."""

_HINTS = ("acknowledge", "snooze", "open_only", "open", "back")
"""What is most useful here."""


class Beside(Widget):
    """The list, and the alert under its cursor beside it where there is room."""

    DEFAULT_CSS = """
    Beside { layout: horizontal; height: 1fr; width: 1fr; }
    Beside > AlertList { width: 3fr; }
    Beside > AlertPaper { display: none; }
    Beside.-wide > AlertPaper {
        display: block;
        width: 2fr;
        min-width: 46;
        max-width: 90;
        border-left: solid $ink-rule;
    }
    """


class AlertListScreen(CursorKeys, AlertPage):
    """The alerts, and what can be done with one of them."""

    SCOPE = Scope.ALERTS

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self.rule = Rule(_("Alerts"), _("the newest first"))
        self.list = AlertList(session.operator, session.zone, session.now())
        self.list.show_notice(_("Reading the alerts …"))
        self.paper = AlertPaper(session.zone)
        self.beside = Beside(self.list, self.paper)
        self.open_only = False
        self.settled = False
        """Whether what is listed is the answer to what was asked last."""
        self._reading = 0
        self._asks_more = False

    def compose_body(self) -> ComposeResult:
        yield self.rule
        yield self.beside

    @property
    def line(self) -> AlertLine | None:
        return self.list.current

    @property
    def is_wide(self) -> bool:
        """Say whether the alert under the cursor stands beside the list."""
        return self.size.width >= WIDE

    # Reading

    def on_screen_resume(self) -> None:
        self.log_changed()

    def log_changed(self) -> None:
        """Read anew the alerts that are listed."""
        self._read(max(len(self.list.window), FIRST))

    def _read(self, size: int) -> None:
        """Read the newest alerts; an answer that comes after another question is dropped."""
        self._reading += 1
        reading, open_only = self._reading, self.open_only
        self.settled = False

        async def read() -> None:
            desk = self.session.desk
            if desk is None:
                self.list.show_notice(_("Opening the store …"))
                return
            try:
                lines = await background.read(lambda: _lines(desk, size, open_only=open_only))
            except OncallError as error:
                self._unread(error)
                return
            if reading == self._reading:
                self._asks_more, self.settled = False, True
                self.list.show(lines, older=len(lines) == size)
                self.list.show_notice(*self._nothing())
                self._show_line()

        if self.is_attached:
            self.in_background(read, "alerts", only=True)

    def _unread(self, error: OncallError) -> None:
        self.list.show_notice(
            _("The alerts can't be read: {why}").format(why=words(error)),
            _("{key} tries again.").format(key=self.key("refresh")),
        )
        if len(self.list.window):
            self.say(words(error))

    def _nothing(self) -> tuple[str, ...]:
        if self.open_only:
            return (
                _("No alert is open: each is acknowledged or settled."),
                _("{key} lists those, too.").format(key=self.key("open_only")),
            )
        return (
            _("Nothing has raised an alert yet."),
            _("What runs out, rings or fails appears here; {key} goes back.").format(key=self.key("back")),
        )

    def on_window_list_more_needed(self) -> None:
        """Read the alerts beyond what is loaded."""
        window, desk = self.list.window, self.session.desk
        if self._asks_more or not window.lines or desk is None:
            return
        self._asks_more = True
        reading, open_only, last = self._reading, self.open_only, window.lines[-1]

        async def read() -> None:
            try:
                lines = await background.read(lambda: _lines(desk, MORE, last, open_only=open_only))
            except OncallError as error:
                self.say(words(error))
                return
            finally:
                self._asks_more = False
            if reading == self._reading and self.list.window.lines[-1] is last:
                self.list.add(lines, older=len(lines) == MORE)

        self.in_background(read, "more")

    # What is shown

    def tick(self, now: datetime) -> None:
        super().tick(now)
        self.list.tick(now)

    def recolour(self) -> None:
        self.list.refresh()
        self._show_line()

    def on_resize(self) -> None:
        super().on_resize()
        self.beside.set_class(self.is_wide, "-wide")
        self._show_line()

    def on_window_list_cursor_moved(self) -> None:
        self._show_line()

    def _show_line(self) -> None:
        now = self.session.now()
        if self.is_wide:
            self.paper.show(self.line, now)
        self.show_state(now)

    def possible(self) -> Sequence[Action]:
        return hinted_first(super().possible(), _HINTS)

    # Keys

    def action_back(self) -> None:
        """Go back to the page before."""
        self.dismiss(None)

    def action_refresh(self) -> None:
        """Read the alerts anew, with everything else."""
        super().action_refresh()
        self.log_changed()

    def action_help(self) -> None:
        """Open the help for the list."""
        from oncall_tui.screens.alert_help import open_help

        open_help(self)

    def action_open_only(self) -> None:
        """List only what is open, or all."""
        self.open_only = not self.open_only
        self.rule.tell(_("Alerts"), _("only open ones") if self.open_only else _("the newest first"))
        self._read(FIRST)

    def action_open(self) -> None:
        """Open the alert under the cursor; where it stands beside the list, its ticket or call."""
        from oncall_tui.screens.alert_detail import AlertScreen

        line = self.line
        if self.refuse("open") or line is None:
            return
        if self.is_wide:
            self.go_there()
        else:
            self.app.push_screen(AlertScreen(self.session, line))

    def on_window_list_opened(self) -> None:
        self.action_open()

    @property
    def moved(self) -> Movable:
        return self.list

    def action_first(self) -> None:
        """Go to the newest alert."""
        self.list.start_at(newest=True)

    def action_last(self) -> None:
        """Go to the oldest alert that is loaded."""
        self.list.start_at(newest=False)


def _lines(desk: Desk, limit: int, after: AlertLine | None = None, *, open_only: bool) -> list[AlertLine]:
    before = None if after is None else after.alert
    found = desk.alerts.page(limit, before=before, open_only=open_only)
    made = desk.alerts.deliveries_of([alert.id for alert in found])
    return [AlertLine(alert, tuple(made[alert.id])) for alert in found]
