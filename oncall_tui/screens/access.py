"""The temporary access that an organisation granted: used, given back, recorded, ended, asked for (R23)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from textual.app import ComposeResult
from textual.widgets import Static

from oncall_tui import background
from oncall_tui.actions import Action, Scope
from oncall_tui.domain.durations import format_left
from oncall_tui.domain.errors import OncallError, Refused
from oncall_tui.domain.grants import GrantState
from oncall_tui.domain.tickets import UNDO_WITHIN, Ticket
from oncall_tui.screens.held_key import HeldKey
from oncall_tui.screens.list_keys import CursorKeys, Movable
from oncall_tui.screens.page import Page
from oncall_tui.screens.session import Session, words
from oncall_tui.translation import _
from oncall_tui.widgets.access_list import AccessList, AccessView
from oncall_tui.widgets.access_text import access_text
from oncall_tui.widgets.columns import due_text
from oncall_tui.widgets.hints import hinted_first
from oncall_tui.widgets.ink import LOW
from oncall_tui.widgets.paper import Paper
from oncall_tui.widgets.rule import Rule
from oncall_tui.widgets.status import Tone

if TYPE_CHECKING:
    from oncall_tui.desk.access import AccessDesk, OfCustomer
    from oncall_tui.domain.grants import Grant

_HINTS = ("undo", "use_access", "grant", "ask_access", "end_access", "back")
"""What is most useful here, as far as it is possible."""


class AccessScreen(CursorKeys, Page):
    """All access of an organisation above, what is active first; below the one under the cursor."""

    SCOPE = Scope.ACCESS
    SCOPED_CSS = False
    CSS = """
    AccessScreen #grants { min-height: 3; }
    AccessScreen #one { height: 1fr; }
    """

    def __init__(self, session: Session, customer: str, ticket: Ticket | None = None) -> None:
        """`customer` is the id of the organisation, `ticket` one of theirs that the access is for."""
        super().__init__(session)
        self.customer = customer
        self.ticket = ticket
        self.file: OfCustomer | None = None
        """The organisation and its access, None until they are read."""
        self.title_rule = Rule(_("Temporary access"), "" if ticket is None else ticket.customer_name)
        self.list = AccessList(
            AccessView(session.now(), session.zone, session.operator, ticking=session.ticking)
        )
        self.list.show_notice(_("Reading the access …"))
        self.about = Static()
        self.above = Rule(id="above")
        self.one = Paper(id="one")
        self._reading = 0
        self._held = HeldKey()

    def compose_body(self) -> ComposeResult:
        yield self.title_rule
        yield self.list
        yield self.above
        with self.one:
            yield self.about

    @property
    def grant_here(self) -> Grant | None:
        """Return the access that a key acts on now."""
        return self.list.current

    @property
    def organisation(self) -> str:
        """Return the name of the organisation, its id until that is read."""
        return self.customer if self.file is None else self.file.customer.name

    # Reading

    def on_screen_resume(self) -> None:
        self.log_changed()

    def log_changed(self) -> None:
        """Read the access anew: the store has changed."""
        if self.is_attached:
            self.in_background(self.read, "access", only=True)

    async def read(self, point_at: int | None = None) -> None:
        """Read the access, and put the cursor on one of it by its id."""
        self._reading += 1
        reading, desk = self._reading, self.session.desk
        if desk is None:
            self.list.show_notice(_("Opening the store …"))
            return
        try:
            found = await background.read(lambda: desk.access.of(self.customer))
        except OncallError as error:
            if self.file is None:
                self.list.show_notice(
                    _("The access can't be read: {why}").format(why=words(error)),
                    _("{key} tries again.").format(key=self.key("refresh")),
                )
            else:
                self.say(words(error))
            return
        if reading != self._reading:
            return
        self.file = found
        self.title_rule.tell(_("Temporary access"), found.customer.name)
        self.list.tick(self.session.now())
        self.list.show(found.grants)
        if point_at is not None:
            self.list.point_at(point_at)
        self.list.show_notice(
            _("They have granted us no temporary access."),
            _("{ask} asks them for it, {record} records what they grant.").format(
                ask=self.key("ask_access"), record=self.key("grant")
            ),
        )
        self._show()

    # What is shown

    def tick(self, now: datetime) -> None:
        super().tick(now)
        if self.list.tick(now):
            self._show()

    def recolour(self) -> None:
        self.list.refresh()
        self._show()

    def on_resize(self) -> None:
        super().on_resize()
        self._show()

    def on_window_list_cursor_moved(self) -> None:
        self._show()

    def _show(self) -> None:
        now, grant, session = self.session.now(), self.grant_here, self.session
        self.above.tell("" if grant is None else grant.service, _("who used it, and what for"))
        self.above.display = self.one.display = grant is not None and self.size.height >= LOW
        self.about.update(access_text(grant, now, session.zone, session.operator, self.top.ink))
        self.show_state(now)

    def possible(self) -> Sequence[Action]:
        able = hinted_first(super().possible(), _HINTS)
        grant = self.grant_here
        if grant is None or grant.use_of(self.session.operator) is None:
            return able
        return [
            action._replace(label=_("give back")) if action.id == "use_access" else action for action in able
        ]

    def why_not(self, action: Action) -> str:
        if action.id not in ("use_access", "grant", "end_access", "ask_access", "undo"):
            return ""
        if self.session.read_only:
            return f"{_(action.label)}: {self.session.why_read_only}"
        if self.file is None:
            return _("the access is still being read")
        match action.id:
            case "undo":
                return self._why_no_undo()
            case "grant" | "ask_access" if not self.file.customer.services:
                return _("no service of theirs is on file, and access is to named services (R23)")
            case "use_access":
                return self._why_no_use()
            case "end_access":
                return self._why_no_end()
        return ""

    def _why_no_undo(self) -> str:
        desk = self.session.desk
        if desk is not None and desk.access.undoable(self.customer) is not None:
            return ""
        seconds = int(UNDO_WITHIN.total_seconds())
        return _("there is nothing to undo: an act can be undone for {seconds} s").format(seconds=seconds)

    def _why_no_use(self) -> str:
        grant, now = self.grant_here, self.session.now()
        if grant is None:
            return _("there is no access here; {key} asks for it").format(key=self.key("ask_access"))
        if grant.use_of(self.session.operator) is not None:
            return ""
        match grant.state(now):
            case GrantState.EXPIRED | GrantState.ENDED:
                said = _("{service} can't be used since {time} (R23); {key} asks for it again")
                at = grant.ends_at
            case GrantState.NOT_YET:
                said, at = _("{service} can't be used before {time} (R23)"), grant.granted_at
            case _:
                return ""
        time = due_text(at, now, self.session.zone)
        return said.format(service=grant.service, time=time, key=self.key("ask_access"))

    def _why_no_end(self) -> str:
        grant = self.grant_here
        if grant is None:
            return _("there is no access here")
        if grant.state(self.session.now()).over:
            return _("{service} is over already").format(service=grant.service)
        return ""

    # Keys

    def typed(self, key: str) -> bool:
        return super().typed(key) or self._held.repeats(key)

    @property
    def moved(self) -> Movable:
        return self.list

    def action_first(self) -> None:
        """Go to what runs out first."""
        self.list.start_at(newest=True)

    def action_last(self) -> None:
        """Go to what ended first."""
        self.list.start_at(newest=False)

    def action_back(self) -> None:
        """Go back to the page before."""
        self.dismiss(None)

    def action_access(self) -> None:
        """Go back to the page before: this is it."""
        self.dismiss(None)

    def action_refresh(self) -> None:
        """Read the access anew, with everything else."""
        super().action_refresh()
        self.log_changed()

    def action_use_access(self) -> None:
        """Use the access from now on, for the ticket or what is asked for; or give back what is used."""
        from oncall_tui.screens.prompt import PromptDialog

        grant, ticket = self.grant_here, self.ticket
        if self.refuse("use_access") or grant is None:
            return
        if grant.use_of(self.session.operator) is not None:
            self.act(lambda desk: desk.stop(grant.id), self._given_back)
            return
        if ticket is not None:
            self.act(lambda desk: desk.use(grant.id, ticket=ticket.ref), self._used)
            return

        def ask(value: str = "", problem: str = "") -> None:
            def answered(purpose: str | None) -> None:
                if purpose is not None:
                    self.act(
                        lambda desk: desk.use(grant.id, purpose), self._used, lambda why: ask(purpose, why)
                    )

            dialog = PromptDialog(
                _("Use {service}").format(service=grant.service),
                self.organisation,
                what=_("what for"),
                does=_("use it from now on"),
                value=value,
                problem=problem,
            )
            self.app.push_screen(dialog, answered)

        ask()

    def _used(self, grant: Grant) -> str:
        now = self.session.now()
        said = _("{service} is yours to use until {time}, {left} left; {key} gives it back")
        return said.format(
            service=grant.service,
            time=due_text(grant.ends_at, now, self.session.zone),
            left=format_left(grant.left(now), seconds_shown=self.session.ticking).strip(),
            key=self.key("use_access"),
        )

    def _given_back(self, grant: Grant) -> str:
        return _("{service} given back").format(service=grant.service)

    def action_grant(self) -> None:
        """Ask what they granted until when, and record it."""
        if not self.refuse("grant"):
            self.ask_grant()

    def ask_grant(self, service: str = "", by: str = "", problem: str = "") -> None:
        """Ask until when they grant `service`, where it is known which, and record it."""
        from oncall_tui.screens.access_dialogs import GrantDialog, Granted

        if self.file is None:
            return

        def recorded(grant: Grant) -> str:
            until = due_text(grant.ends_at, self.session.now(), self.session.zone)
            return _("access to {service} recorded until {time}").format(service=grant.service, time=until)

        def filled(found: Granted | None) -> None:
            if found is not None:
                self.act(
                    lambda desk: desk.grant(self.customer, found.service, found.until, found.by),
                    recorded,
                    lambda why: self.ask_grant(found.service, found.by, why),
                )

        if not by and self.ticket is not None:
            # The name alone: an address may stand behind it.
            by = self.ticket.contact.partition(" <")[0].partition(",")[0]
        session = self.session
        dialog = GrantDialog(
            self.organisation,
            self.file.customer.services,
            session.now(),
            session.zone,
            service=service,
            by=by,
            problem=problem,
        )
        self.app.push_screen(dialog, filled)

    def action_end_access(self) -> None:
        """Ask whether the access is over before its time, and note it."""
        from oncall_tui.screens.confirm import ConfirmDialog

        grant = self.grant_here
        if self.refuse("end_access") or grant is None:
            return

        def answered(sure: bool | None) -> None:
            if sure:
                self.act(
                    lambda desk: desk.end(grant.id),
                    lambda done: _("access to {service} ended").format(service=done.service),
                )

        users = ", ".join(use.operator for use in grant.in_use(self.session.now()))
        question = (
            _("Is it over before its time? {who} must stop using it, and is told.").format(who=users)
            if users
            else _("Is it over before its time? Nobody can use it then.")
        )
        about = f"{grant.service}  {self.organisation}"
        dialog = ConfirmDialog(_("End access"), about, question, _("yes, it is over"), self.session.last_key)
        self.app.push_screen(dialog, answered)

    def action_ask_access(self) -> None:
        """Ask the customer for access: by mail where the ticket takes an answer, else with words to say."""
        from oncall_tui.screens.asking_access import ask_customer

        if not self.refuse("ask_access"):
            ask_customer(self)

    def action_undo(self) -> None:
        """Take back what was done last, if that was a moment ago."""
        if not self.refuse("undo"):
            self.act(
                lambda desk: desk.undo(self.customer),
                lambda grant: _("undone: {service}").format(service=grant.service),
            )

    def act(
        self,
        call: Callable[[AccessDesk], Grant],
        done: Callable[[Grant], str],
        retry: Callable[[str], None] | None = None,
    ) -> None:
        """Do an act in a thread, and say what came of it; `retry` asks once more with why it wasn't done."""
        # Enter begins and gives back in turn, and ends each question here: held down it would go on.
        self._held = HeldKey.struck_now("enter")
        # The app's and not the screen's: leaving the page doesn't lose what became of it.
        self.run_guarded(lambda: self._carry_out(call, done, retry), self.app, "acts")

    async def _carry_out(
        self,
        call: Callable[[AccessDesk], Grant],
        done: Callable[[Grant], str],
        retry: Callable[[str], None] | None,
    ) -> None:
        desk = self.session.desk
        if desk is None:
            return
        changed: int | None = None
        try:
            grant = await background.write(lambda: call(desk.access))
        except OncallError as error:
            self.say(words(error), Tone.REFUSED if isinstance(error, Refused) else Tone.NOT_DONE)
            if retry is not None and self.is_current:
                retry(words(error))
        else:
            changed = grant.id
            self.say(done(grant), Tone.DONE)
        self.session.refresh()
        if self.is_attached:
            await self.read(changed)
