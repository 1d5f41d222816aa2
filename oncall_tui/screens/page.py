"""What every full screen has: the line on top, the status rule, the hints, and its acts on a ticket."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Sequence
from datetime import datetime
from time import monotonic
from typing import TYPE_CHECKING, Any, ClassVar

from textual.app import ComposeResult
from textual.dom import DOMNode
from textual.screen import Screen
from textual.worker import Worker

from oncall_tui import terminal
from oncall_tui.actions import Action, Scope
from oncall_tui.screens.bindings import bindings_on, bound
from oncall_tui.screens.session import Session
from oncall_tui.widgets.hints import Hints
from oncall_tui.widgets.ink import LOW
from oncall_tui.widgets.status import StatusRule, Tone
from oncall_tui.widgets.top_bar import TopBar, TopState

if TYPE_CHECKING:
    from oncall_tui.screens.palette import Offer


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
        self.hints.show(self.possible(), self.session.health.age)

    def possible(self) -> Sequence[Action]:
        """Return what can be done here and now."""
        return [action for action in self.session.keymap.on(self.SCOPE) if not self.why_not(action)]

    def recolour(self) -> None:
        """Draw anew, in the inks of the theme that is shown now, what was drawn with those of another."""

    def say(self, message: str, tone: Tone = Tone.NOTE, *, keep: bool = False) -> None:
        """Tell something in the status rule."""
        self.status.say(message, tone, keep=keep)
        if self.status.message:
            self.session.messages.keep(self.session.now(), tone, self.status.message)

    def key(self, action_id: str) -> str:
        """Return the key by which a text names an action."""
        return self.session.keymap.key(action_id)

    def refuse(self, action_id: str) -> bool:
        """Say why the action isn't possible, if it isn't; return whether it was refused."""
        reason = self.why_not(self.session.keymap.named(action_id))
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
        )

    def typed(self, key: str) -> bool:
        """Note a key before it takes effect; say whether it is to have none."""
        self.session.last_key = (key, monotonic())
        if self.status.keep:
            self.status.clear()
        if not self.session.ticking:
            # Who presses a key looks or listens: everything is as of now.
            self.tick(self.session.now())
        return False

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

    def action_leave(self) -> None:
        """Leave the program."""
        self.app.exit(return_code=0)
