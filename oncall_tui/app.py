"""The program behind the board: it wires store, jobs and screens. No rule lives here.

The first frame is painted before anything is opened or imported that it doesn't need; then the store
is opened in a thread, and the first page comes from one query.
"""

from __future__ import annotations

import asyncio
import gc
import sys
import threading
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from textual.reactive import Initialize, Reactive
from textual.screen import Screen
from textual.theme import Theme

from oncall_tui import background, terminal, translation
from oncall_tui.domain.clock import Clock
from oncall_tui.domain.errors import OncallError, StoreUnavailable
from oncall_tui.domain.queue import QUEUES, Queue
from oncall_tui.keystrokes import Keystrokes
from oncall_tui.screens.bindings import bindings_of_app, bound
from oncall_tui.screens.board import BoardScreen
from oncall_tui.screens.page import Page
from oncall_tui.screens.queue_reader import FirstPage
from oncall_tui.screens.session import Session, words
from oncall_tui.theme import NIGHT, THEMES, after, chosen, fitting
from oncall_tui.translation import _

if TYPE_CHECKING:
    from oncall_tui.config import Settings
    from oncall_tui.desk import Desk
    from oncall_tui.domain.alert_channels import AlertChannels
    from oncall_tui.domain.correspondence import SourceAccess
    from oncall_tui.live import Live
    from oncall_tui.watchdog import Reading

DeskFactory = Callable[[], "Desk"]

CRASHED = 70
"""The exit code after a mistake of the program (EX_SOFTWARE of sysexits.h)."""

_FIRST_PAUSE = 1.0
_LONGEST_PAUSE = 30.0
_LEAVING_SECONDS = 1.0
_FINISHING_SECONDS = 5.0
"""How long leaving waits for an act that was begun and that the database doesn't answer."""


def _theme_to_begin_with(app: OncallApp) -> str:
    return app.first_theme


class OncallApp(Keystrokes):
    """The dashboard. With `live` false nothing ticks and nothing refreshes by itself, for pictures."""

    CSS_PATH = "oncall.tcss"
    ENABLE_COMMAND_PALETTE = False
    TITLE = "oncall-tui"

    # From the first moment on: changing the theme of a running app parses every style again.
    theme: Reactive[str] = Reactive(Initialize(_theme_to_begin_with))

    def __init__(
        self,
        session: Session,
        open_desk: DeskFactory,
        *,
        refresh_seconds: float = 2.0,
        queue: Queue = QUEUES[0],
        queues: Sequence[Queue] = QUEUES,
        live: bool = True,
        read_clocks: Callable[[], Reading] | None = None,
        log_file: Path | None = None,
        hurry: bool = False,
        theme: str = NIGHT.name,
        screen: str = "queue",
        telephone: tuple[str, int] | None = None,
        channels: AlertChannels | None = None,
        sources: Mapping[str, SourceAccess] | None = None,
    ) -> None:
        """Look for garbage again after the first rows if it was put off until then (`hurry`).

        `theme` names one of `theme.THEMES`. With `lookup` or `calls` for the `screen` it stands over the
        board. `telephone` is the host and port of a SIP telephone's control socket. Alerts go out over
        `channels`; without any they are on the board alone. The `sources` by name are read and sent to.
        """
        self.first_theme = theme
        super().__init__(driver_class=terminal.board_driver())
        terminal.without_toasts(self)
        self._bindings = bound(self._bindings, bindings_of_app(session.keymap))
        self.session = session
        self.board = BoardScreen(session, queue, queues)
        self.live: Live | None = None
        self.last_words = ""
        self._open_desk = open_desk
        self._refresh_seconds = refresh_seconds
        self._is_live = live
        self._read_clocks = read_clocks
        self._log_file = log_file
        self._hurry = hurry
        self._first_screen = screen
        self._telephone = telephone
        self._channels = channels
        self._sources = sources
        self._ask_again = asyncio.Event()
        self._minute: datetime | None = None
        session.refresh = self._refresh_now

    @property
    def available_themes(self) -> dict[str, Theme]:
        # Textual asks for it at every style that it computes.
        return THEMES

    def get_default_screen(self) -> Screen[Any]:
        return self.board

    def on_mount(self) -> None:
        terminal.leave_on_signals(self)
        threading.excepthook = self._thread_failed
        self.app_resume_signal.subscribe(self, lambda _: terminal.repaint(self))

    def on_board_screen_painted(self) -> None:
        self.run_worker(self._guarded_opening(), group="store", exit_on_error=False)
        if self._first_screen == "lookup":
            self.board.action_lookup()

    def on_unmount(self) -> None:
        if self.live is not None:
            self.live.stop()
        background.finish_writes(_FINISHING_SECONDS)
        desk, self.session.desk = self.session.desk, None
        if desk is not None:
            # A database that doesn't answer doesn't keep anybody from leaving.
            closing = threading.Thread(target=desk.close, name="oncall-close", daemon=True)
            closing.start()
            closing.join(_LEAVING_SECONDS)

    # The store

    async def _guarded_opening(self) -> None:
        try:
            await self._opening()
        except OncallError as error:
            # Neither settings nor schema mend themselves while one waits.
            self.last_words = f"oncall-tui: {words(error)}"
            self.exit(return_code=error.exit_code)
        except Exception as error:  # noqa: BLE001 - a worker's error would pass unseen
            self._handle_exception(error)

    async def _opening(self) -> None:
        """Open the store and show its first page, then start what keeps the board live."""
        pause = _FIRST_PAUSE
        while True:
            try:
                desk, page = await background.read(self._open_and_look)
                break
            except StoreUnavailable as error:
                self._start_ticking()
                self.board.store_failed(error)
            self._ask_again.clear()
            with suppress(TimeoutError):
                await asyncio.wait_for(self._ask_again.wait(), pause)
            pause = min(2 * pause, _LONGEST_PAUSE)
        self.board.attach(desk, page)
        await self._painted()
        self._start_ticking()
        self.board.reader.read_on()
        if self._first_screen == "calls":
            self.board.action_calls()
        if self._is_live and self.live is not None:
            await self.live.start(desk)
        await self._say_what_is_off(desk)

    async def _say_what_is_off(self, desk: Desk) -> None:
        """Say why codes can't be looked up, if they can't: better now than when somebody reads one out."""
        with suppress(StoreUnavailable):
            if trouble := await background.read(lambda: desk.callers.trouble()):
                self.board.say(f"codes are off: {trouble}", keep=True)

    def _open_and_look(self) -> tuple[Desk, FirstPage]:
        """Open the desk and read the first page, in a thread: the way to the first rows is short."""
        desk = self._open_desk()
        try:
            return desk, self.board.reader.first_page(desk)
        except BaseException:
            desk.close()
            raise

    async def _painted(self) -> None:
        """Wait until what was shown last is on the terminal."""
        painted = asyncio.Event()
        self.board.call_after_refresh(painted.set)
        await painted.wait()

    def _start_ticking(self) -> None:
        """Start the clock of the screens, the watchdog and the refresher, once."""
        if self.live is not None:
            return
        if self._hurry:
            # What stands now stands until the end: it needn't be looked at again and again.
            gc.freeze()
            gc.enable()
        # Not before: importing it takes time from the first rows.
        from oncall_tui.live import Live
        from oncall_tui.watchdog import Reading

        self.live = Live(
            self.board,
            self._refresh_seconds,
            self._unforeseen,
            self._read_clocks or Reading.now,
            self._telephone,
            self._channels,
            self._sources,
        )
        if self._is_live:
            self._tick()

    def _refresh_now(self) -> None:
        self._ask_again.set()
        if self.live is not None:
            self.live.refresh_now()

    def _unforeseen(self, error: Exception) -> None:
        if not isinstance(error, OncallError):
            from oncall_tui import logfile

            logfile.record(error, path=self._log_file)

    def _tick(self) -> None:
        """Bring the screens up to the second, then wait for the next one on the monotonic clock."""
        now = self.session.now()
        self.show_time(now)
        if self.live is not None:
            self.live.look()
        self.set_timer(1.0 - now.microsecond / 1_000_000 + 0.005, self._tick)

    def show_time(self, now: datetime) -> None:
        """Bring the screens up to `now`; where nothing ticks, only when the minute is another one."""
        minute = now.replace(second=0, microsecond=0)
        if self.session.ticking or minute != self._minute:
            self._minute = minute
            for screen in self.screen_stack:
                if isinstance(screen, Page):
                    screen.tick(now)
            if not self.session.ticking:
                self.board.count_again()

    # The colours

    def next_theme(self) -> None:
        """Show the theme that comes next, in the form that this terminal has, and say which it is."""
        self.theme = after(self.theme)
        # Queued behind Textual's own reading of the styles.
        self.call_next(self._recolour)

    def _recolour(self) -> None:
        for screen in self.screen_stack:
            if isinstance(screen, Page):
                screen.recolour()
        if isinstance(self.screen, Page):
            name = chosen(self.theme)
            self.screen.say(
                f"theme {name}" if name else "NO_COLOR is set: there are no themes to choose from"
            )

    def action_theme(self) -> None:
        """Show the next theme."""
        self.next_theme()

    # The end

    def action_help_quit(self) -> None:
        """Say how to leave, where ctrl+c was pressed."""
        if isinstance(self.screen, Page):
            self.screen.say(f"{self.session.keymap.key('leave')} leaves the program")

    def action_leave(self) -> None:
        """Leave the program, from wherever one is; what would be left behind undone is asked about first."""
        asks = self._left_behind()
        if asks is None:
            self.exit(return_code=0)
            return
        from oncall_tui.screens.confirm import ConfirmDialog

        if isinstance(self.screen, ConfirmDialog):
            return

        def answered(leaves: bool | None) -> None:
            if leaves:
                self.exit(return_code=0)

        dialog = ConfirmDialog(*asks, _("yes, leave"), self.session.last_key)
        self.push_screen(dialog, answered)

    def _left_behind(self) -> tuple[str, str, str] | None:
        """Return what to ask before leaving: title, what it is about, question; None where nothing is."""
        call = self.session.call_in_hand
        if call is not None:
            question = _("{call} isn't decided. It stays in progress, for you or for another desk.")
            return _("Leave with a call in hand?"), call.number, question.format(call=call.ref)
        if drafts := self.session.drafts.values():
            refs = ", ".join(draft.ticket for draft in drafts)
            return _("Leave with a draft?"), refs, _("What is written there isn't sent, and is lost.")
        return None

    def action_suspend(self) -> None:
        """Go to the shell, from wherever one is; `fg` comes back."""
        self.action_suspend_process()

    def _handle_exception(self, error: Exception) -> None:
        self.crashed(error)
        if self._exception is None:
            self._exception = error
            self._exception_event.set()
        self._close_messages_no_wait()

    def panic(self, *renderables: Any) -> None:
        error = sys.exc_info()[1]
        self.crashed(error if isinstance(error, Exception) else RuntimeError("the terminal failed"))
        self._close_messages_no_wait()

    def crashed(self, error: Exception) -> None:
        """Log the error without local variables and keep one line for after the screen is restored."""
        self._return_code = CRASHED
        from oncall_tui import logfile

        if not self.last_words:
            where = logfile.record(error, path=self._log_file)
            self.last_words = f"oncall-tui: a mistake of this program: {logfile.place(error)}; {where}"

    def _thread_failed(self, failed: threading.ExceptHookArgs) -> None:
        from oncall_tui import logfile

        if failed.exc_value is not None:
            logfile.record(failed.exc_value, path=self._log_file)


def present() -> datetime:
    """Return the present, in UTC."""
    return datetime.now(UTC)


def run_board(
    settings: Settings,
    *,
    read_only: bool = False,
    replay: bool = False,
    desk_factory: DeskFactory | None = None,
    clock: Clock = present,
    title: str = "On call",
    queue: Queue = QUEUES[0],
    screen: str = "queue",
    tip: str = "",
) -> int:
    """Show the board until the engineer leaves, and return the exit code.

    0 when left with a key; that of the error when the store can't be used; `CRASHED` after a mistake
    of the program, with one line on stderr; 128 and the number of the signal that ended it.
    `desk_factory` opens the desk, in a thread after the first frame; without it the settings' database.
    `screen` is what is open to begin with, one of `cli.board.SCREENS`; `tip` says what to try in a look-up.
    """

    def open_desk() -> Desk:
        from oncall_tui import desk

        return desk.open_desk(
            settings.database,
            settings.offer,
            settings.operator,
            clock=clock,
            read_only=read_only,
            queues=settings.queues,
            keyring=settings.keyring,
        )

    translation.use(settings.language)
    session = Session(
        title=title,
        operator=settings.operator,
        zone=settings.offer.zone,
        clock=clock,
        read_only=read_only,
        replay=replay,
        hold_seconds=settings.hold_seconds,
        ticking=settings.tick,
        keymap=settings.keymap,
        tip=tip,
    )
    session.templates = settings.templates
    # The imports up to the first rows make objects by the hundred thousand and no garbage: looking
    # for some takes a tenth of that time.
    gc.disable()
    app = OncallApp(
        session,
        desk_factory or open_desk,
        refresh_seconds=settings.refresh_seconds,
        queue=queue,
        queues=settings.queues,
        hurry=True,
        theme=fitting(settings.theme, terminal.colours()),
        screen=screen,
        telephone=settings.baresip,
        channels=settings.channels,
        sources=settings.sources,
    )
    try:
        app.run()
    except Exception as error:  # noqa: BLE001 - the last net: nobody on call is shown a traceback
        app.crashed(error)
    finally:
        gc.enable()
        background.finish_writes(_FINISHING_SECONDS)
    if app.last_words and sys.stderr is not None:
        print(app.last_words, file=sys.stderr)  # noqa: T201 - the screen is gone, this is what is left to say
    return app.return_code or 0
