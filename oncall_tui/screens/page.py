"""What every full screen has: the line on top, the status rule, the hints, and its acts on a ticket."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Iterable, Sequence
from datetime import datetime
from time import monotonic
from typing import TYPE_CHECKING, Any, ClassVar

from textual.app import ComposeResult
from textual.dom import DOMNode
from textual.screen import Screen
from textual.worker import Worker

from oncall_tui import background, terminal
from oncall_tui.actions import Action, Scope
from oncall_tui.domain.errors import OncallError, Refused
from oncall_tui.keynames import shown, writes
from oncall_tui.screens.bindings import bindings_on, bound
from oncall_tui.screens.held_key import HeldKey
from oncall_tui.screens.session import Session, words
from oncall_tui.translation import _
from oncall_tui.widgets.hints import Hints
from oncall_tui.widgets.ink import LOW
from oncall_tui.widgets.status import StatusRule, Tone
from oncall_tui.widgets.top_bar import LineState, TopBar, TopState

if TYPE_CHECKING:
    from oncall_tui.domain.alerts import Alert
    from oncall_tui.domain.calls import Call
    from oncall_tui.domain.guides import Guide
    from oncall_tui.screens.palette import Offer
    from oncall_tui.screens.sought import Sought


READ_IN = 0.5
"""Seconds that nobody reads an alert in."""


class Page(Screen[None]):
    """A full screen. Subclasses say what stands between the lines and what is possible."""

    SCOPE: ClassVar[Scope]
    AUTO_FOCUS = ""

    def __init__(self, session: Session) -> None:
        super().__init__()
        terminal.paint_sparingly(self)
        self.session = session
        self._bindings = bound(self._bindings, bindings_on(self.SCOPE, session.keymap))
        self.top = TopBar(self._top_state(session.now()))
        self.status = StatusRule()
        self.hints = Hints(session.keymap.named("help"))
        self.stopping = HeldKey()
        """The key that stopped an alert last: held down it stops no other."""

    def compose_body(self) -> ComposeResult:
        """Yield what stands between the first line and the status rule."""
        raise NotImplementedError

    def why_not(self, action: Action) -> str:
        """Return why `action` isn't possible here and now, empty if it is."""
        raise NotImplementedError

    def compose(self) -> ComposeResult:
        yield self.top
        yield from self.compose_body()
        yield self.status
        yield self.hints

    def on_mount(self) -> None:
        self.show_state(self.session.now())

    def on_resize(self) -> None:
        self.set_class(self.size.height < LOW, "-low")

    def tick(self, now: datetime) -> None:
        """Bring what depends on the clock up to `now`."""
        self.status.tick()
        self.show_state(now)

    def show_state(self, now: datetime) -> None:
        """Bring the first and the last line up to date."""
        self.top.show(self._top_state(now))
        self.status.show_meanwhile(self.session.meanwhile)
        help_ = self.session.keymap.named("help")
        self.hints.show(
            [action._replace(keys=self._keys_here(action)) for action in self.possible()],
            self.session.health.age,
            help_._replace(keys=self._keys_here(help_) or help_.keys),
        )

    @property
    def has_lookup(self) -> bool:
        """Say whether a code that is read out is looked up from here, also on a page above."""
        return False

    def possible(self) -> Sequence[Action]:
        """Return what can be done here and now."""
        able = [action for action in self.session.keymap.on(self.SCOPE) if not self.why_not_now(action)]
        # It is possible only while an alert is open, and then among what is most useful.
        return [action._replace(hint=3) if action.id == "acknowledge" else action for action in able]

    def why_not_now(self, action: Action) -> str:
        """Return why `action` isn't possible here and now, of whatever kind it is; empty if it is."""
        session = self.session
        match action.id:
            case "pick_up" | "call" if session.read_only:
                return f"{action.label}: {session.why_read_only}"
            case "pick_up" | "call" if session.desk is None:
                return f"{action.label}: the store isn't open"
            case "pick_up" if not session.ringing and session.call_in_hand is None:
                return _("nothing rings, and no call is in hand")
            case "acknowledge" | "snooze":
                return self._why_not_stop(action)
            case "alerts" | "guides" | "organisations" | "outbox":
                return "" if session.desk is not None else f"{action.label}: the store isn't open"
        return self.why_not(action)

    def _why_not_stop(self, action: Action) -> str:
        if self.session.read_only:
            return f"{action.label}: {self.session.why_read_only}"
        if self.session.desk is None:
            return f"{action.label}: the store isn't open"
        return "" if self.alerts_here() else f"{_(action.label)}: {self.no_alert_here()}"

    def recolour(self) -> None:
        """Draw anew, in the inks of the theme that is shown now, what was drawn with those of another."""

    def say(
        self, message: str, tone: Tone = Tone.NOTE, *, keep: bool = False, keys: Iterable[str] = ()
    ) -> None:
        """Tell something in the status rule, and which `keys` help."""
        self.status.say(message, tone, keep=keep, keys=keys)
        if self.status.message:
            self.session.messages.keep(self.session.now(), tone, self.status.message)

    def key(self, action_id: str) -> str:
        """Return the key by which a text names an action."""
        return self.session.keymap.key(action_id)

    def refuse(self, action_id: str) -> bool:
        """Say why the action isn't possible, if it isn't; return whether it was refused."""
        reason = self.why_not_now(self.session.keymap.named(action_id))
        if reason:
            self.say(reason)
        return bool(reason)

    def in_background(
        self, work: Callable[[], Coroutine[Any, Any, None]], group: str, *, only: bool = False
    ) -> None:
        """Do `work` beside the screen; with `only` it takes the place of earlier work of its `group`."""
        self.run_guarded(work, self, group, only=only)

    def run_guarded(
        self, work: Callable[[], Coroutine[Any, Any, None]], owner: DOMNode, group: str, *, only: bool = False
    ) -> None:
        """Do `work` as long as `owner` is there; a mistake in it is logged and said, and ends nothing."""

        async def guarded() -> None:
            try:
                await work()
            except Exception as error:  # noqa: BLE001 - a mistake in one act is no reason to lose the board
                self.mishap(error)

        _: Worker[None] = owner.run_worker(guarded, group=group, exclusive=only, exit_on_error=False)

    def mishap(self, error: Exception) -> None:
        """Log an unforeseen error and say where."""
        from oncall_tui import logfile

        where = logfile.record(error)
        self.say(f"a mistake of this program: {logfile.place(error)}; {where}", Tone.REFUSED, keep=True)

    def _top_state(self, now: datetime) -> TopState:
        session = self.session
        return TopState(
            title=session.title,
            operator=session.operator,
            zone=session.zone,
            now=now.replace(microsecond=0),
            read_only=session.read_only,
            urgencies=session.urgencies,
            stale_seconds=session.health.stale_seconds,
            stale_why=session.health.reason,
            stale_word="STALE" if session.health.read_at is not None else "NO DATA",
            ticking=session.ticking,
            line=self._line_state(now),
            alerts=session.alerts_open,
            alerts_key=self._key_here("alerts") if session.alerts_open else "",
            failing=session.failing,
            away=session.sources_away,
            stuck=session.stuck,
            outbox_key=self._key_here("outbox") if session.stuck else "",
        )

    def _line_state(self, now: datetime) -> LineState | None:
        session = self.session
        ringing = session.ringing
        call = ringing[0] if ringing else self.call_beside
        if call is None:
            return None
        seconds = max(int((now - (call.rang_at)).total_seconds()), 0)
        return LineState(call, seconds, len(ringing), self._key_now("pick_up"))

    @property
    def call_beside(self) -> Call | None:
        """Return the call in hand where this page isn't that call itself."""
        return self.session.call_in_hand

    def _key_now(self, action_id: str) -> str:
        """Return the key of an action that is in force where the focus is: some write where one types."""
        action = self.session.keymap.named(action_id)
        keys = self._keys_here(action)
        if self.app.screen is not self:  # a dialog lies over it
            keys = tuple(key for key in action.keys if not writes(key))
        return shown(keys[0]) if keys else f":{action_id}"

    def _keys_here(self, action: Action) -> tuple[str, ...]:
        """Return the keys of an action that are no text in the field that has the focus."""
        focused = self.focused
        if focused is None:
            return action.keys
        return tuple(key for key in action.keys if not (writes(key) and focused.check_consume_key(key, None)))

    def calls_changed(self, calls: Sequence[Call]) -> None:
        """Show the calls that ring or go on as they are now."""
        self.show_state(self.session.now())

    # Alerts

    def alerts_here(self) -> tuple[Alert, ...]:
        """Return the alerts that a key stops here: the one that was told last, else the loudest."""
        open_ = self.session.open_alerts
        told = [alert for alert in open_ if alert.id == self.session.told_alert]
        return tuple(told or open_[:1])

    def no_alert_here(self) -> str:
        """Return why there is no alert to stop."""
        return _("no alert is open")

    def alerts_changed(self, before: Sequence[Alert]) -> None:
        """Show the open alerts as they are now; `before` are those that were shown."""
        self.show_state(self.session.now())

    def key_of_alert(self, alert: Alert) -> str:
        """Return which key stops an alert from here, or lists it where none does; empty where one types."""
        key = self._key_here("acknowledge")
        stops = alert.id in {each.id for each in self.alerts_here()} and not self.session.read_only
        return _("{key} acknowledges").format(key=key) if key and stops else self.key_of_alerts()

    def key_of_alerts(self) -> str:
        """Return which key lists the alerts from here; empty where one types, and in the list itself."""
        key = self._key_here("alerts")
        return _("{key} lists alerts").format(key=key) if key else ""

    def _key_here(self, action_id: str) -> str:
        """Return the key of an action that works on this page and where the focus is, empty if none does."""
        here = self.SCOPE in self.session.keymap.named(action_id).scope
        key = self._key_now(action_id) if here else ":"
        return "" if key.startswith(":") else key

    def tells(self, alert: Alert) -> None:
        """Note that an alert is told now: a key means it, once somebody can have read it."""
        self.session.told_alert, self.session.told_at = alert.id, monotonic()

    def _told_just_now(self, key: str) -> bool:
        """Say whether `key` would acknowledge an alert that came up while the finger was on its way."""
        if not 0 <= self.session.last_key[1] - self.session.told_at < READ_IN:
            return False
        stops = key in self.session.keymap.named("acknowledge").keys and bool(self._key_here("acknowledge"))
        return stops and self.session.told_alert in {alert.id for alert in self.alerts_here()}

    def action_acknowledge(self) -> None:
        """Acknowledge the alerts that are meant here."""
        from oncall_tui.screens.stopping import acknowledge

        if not self.refuse("acknowledge"):
            acknowledge(self)

    def action_snooze(self) -> None:
        """Ask for how long, and put the alerts that are meant here off."""
        from oncall_tui.screens.stopping import snooze

        if not self.refuse("snooze"):
            snooze(self)

    def action_alerts(self) -> None:
        """Open the list of alerts."""
        from oncall_tui.screens.alert_list import AlertListScreen

        if not self.refuse("alerts"):
            self.app.push_screen(AlertListScreen(self.session))

    def action_organisations(self) -> None:
        """Open the list of organisations."""
        from oncall_tui.screens.organisations import OrganisationsScreen

        if not self.refuse("organisations"):
            self.app.push_screen(OrganisationsScreen(self.session))

    def action_outbox(self) -> None:
        """Open what is on its way out, and how the sources do."""
        from oncall_tui.screens.outbox import OutboxScreen

        if not self.refuse("outbox"):
            self.app.push_screen(OutboxScreen(self.session))

    def log_changed(self) -> None:
        """Read anew what is shown of the log of calls or of the outbox: the store has changed."""

    def typed(self, key: str) -> bool:
        """Note a key before it takes effect; say whether it is to have none."""
        self.session.last_key = (key, monotonic())
        if self._told_just_now(key):
            return True
        if self.status.keep:
            self.status.clear()
        if not self.session.ticking:
            # Who presses a key looks or listens: everything is as of now.
            self.tick(self.session.now())
        return self.stopping.repeats(key)

    def action_pick_up(self) -> None:
        """Pick up the call that rings the longest, or go back to the one in hand."""
        from oncall_tui.screens.call import open_call

        if self.refuse("pick_up"):
            return
        if ringing := self.session.ringing:
            self.in_background(lambda: self._picking_up(ringing[0]), "call")
        elif (call := self.session.call_in_hand) is not None:
            open_call(self, call.ref)

    async def _picking_up(self, call: Call) -> None:
        from oncall_tui.screens.call import open_call

        desk = self.session.desk
        if desk is None:
            return
        try:
            mine = await background.write(lambda: desk.calls.pick_up(call.ref))
        except OncallError as error:
            self.say(words(error), Tone.REFUSED if isinstance(error, Refused) else Tone.NOT_DONE)
            return
        self.take_in_hand(mine)
        open_call(self, mine.ref)
        if (telephone := self.session.telephone) is not None:
            await background.read(lambda: telephone.answer(mine))

    def take_in_hand(self, call: Call) -> None:
        """Show a call as this desk's own, before the store tells everybody."""
        others = (each for each in self.session.calls if each.ref != call.ref)
        self.session.calls = (*others, call)
        self.show_state(self.session.now())

    def action_call(self) -> None:
        """Begin a call that rang elsewhere, on a telephone that isn't connected here."""
        from oncall_tui.screens.begin_call import begin_call

        if not self.refuse("call"):
            begin_call(self)

    def action_calls(self) -> None:
        """Open the log of calls."""
        from oncall_tui.screens.call_log import CallLogScreen

        self.app.push_screen(CallLogScreen(self.session))

    @property
    def takes_guides(self) -> bool:
        """Say whether the link of a guide can be put into an answer from here; else it is copied."""
        return False

    def sought(self) -> Sought:
        """Return what a guide is looked for here."""
        from oncall_tui.screens.sought import Sought

        return Sought()

    def put_in(self, guide: Guide) -> None:
        """Put the link of a guide into the answer; only where `takes_guides`."""
        raise NotImplementedError

    def action_guides(self) -> None:
        """Open the guides, with those for what is at hand."""
        from oncall_tui.screens.guides import GuidesScreen

        if not self.refuse("guides"):
            self.app.push_screen(GuidesScreen(self))

    async def action_theme(self) -> None:
        """Show the next theme."""
        await self.run_action("app.theme")

    def action_refresh(self) -> None:
        """Ask the store for changes now."""
        self.session.refresh()

    def action_help(self) -> None:
        """Open the help for this screen."""
        from oncall_tui.screens.help import HelpScreen, topics_of_page

        self.app.push_screen(HelpScreen(self.session, topics_of_page(self)))

    def action_lookup(self) -> None:
        """Take a code that a caller reads out."""
        from oncall_tui.screens.lookup import look_up

        look_up(self)

    def action_log(self) -> None:
        """Open the messages of this run."""
        from oncall_tui.screens.messages import MessagesScreen

        self.app.push_screen(MessagesScreen(self.session))

    def places(self) -> Sequence[Offer]:
        """Return what the palette offers here besides the actions."""
        return ()

    def action_palette(self) -> None:
        """Ask for an action or a place by its name, and do it on this page."""
        from oncall_tui.screens.palette import PaletteDialog, offers_of

        self.app.push_screen(PaletteDialog(offers_of(self)), self._do)

    async def _do(self, offer: Offer | None) -> None:
        if offer is None:
            return
        if offer.why_not:
            self.say(offer.why_not)
        else:
            await self.run_action(offer.call)

    def action_suspend(self) -> None:
        """Go to the shell; `fg` comes back."""
        self.app.action_suspend_process()

    async def action_leave(self) -> None:
        """Leave the program."""
        await self.run_action("app.leave")
