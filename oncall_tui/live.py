"""Keeping the board live: refreshing it, and noticing when time or the scheduler goes astray.

Nothing of this is needed for the first frame, so the app imports it after that.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from functools import partial
from time import monotonic
from typing import TYPE_CHECKING

from oncall_tui.alerting import Listening
from oncall_tui.domain.alerts import LATE
from oncall_tui.domain.clock import to_local
from oncall_tui.domain.durations import format_duration
from oncall_tui.domain.errors import OncallError
from oncall_tui.jobs import Jobs, Polls
from oncall_tui.polling import Polling, SourceListening
from oncall_tui.pulling import in_words
from oncall_tui.refresher import Refresher
from oncall_tui.screens.page import Page
from oncall_tui.watchdog import Finding, Oddity, Reading, Watchdog
from oncall_tui.widgets.status import Tone

if TYPE_CHECKING:
    from oncall_tui.alerting import Alerting
    from oncall_tui.desk import Desk
    from oncall_tui.domain.alert_channels import AlertChannels
    from oncall_tui.domain.alerts import Channel
    from oncall_tui.domain.calls import Call
    from oncall_tui.domain.correspondence import SourceAccess
    from oncall_tui.screens.board import BoardScreen
    from oncall_tui.screens.queue_reader import Refreshed
    from oncall_tui.screens.session import Session
    from oncall_tui.telephone import Telephone


class Live:
    """The refresher, the jobs and the watchdog of one board. Every method is called on the event loop."""

    def __init__(
        self,
        board: BoardScreen,
        every: float,
        unforeseen: Callable[[Exception], None],
        read_clocks: Callable[[], Reading] = Reading.now,
        telephone: tuple[str, int] | None = None,
        channels: AlertChannels | None = None,
        sources: Mapping[str, SourceAccess] | None = None,
    ) -> None:
        """Refresh every `every` seconds; `unforeseen` is told of errors that no store should raise.

        `telephone` is the host and port of a SIP telephone's control socket, None for no telephone. Alerts
        go out over `channels`; where there are none they are on the board alone. The `sources` by name are
        read, and sent to, unless the desk is read-only.
        """
        self._board = board
        self._unforeseen = unforeseen
        self._read_clocks = read_clocks
        self._watchdog = Watchdog(read_clocks())
        self._catching_up = ""
        self._address = telephone
        self._telephone: Telephone | None = None
        self._refresher: Refresher[Refreshed] = Refresher(
            board.question, self._refreshed, self._refresh_failed, self._since_key
        )
        self._channels = channels
        self._alerting: Alerting | None = None
        self._sources = sources or {}
        self._polling: Polling | None = None
        intervals = {name: access.every for name, access in self._sources.items()}
        polls = Polls(intervals, self._source_due, self._send)
        self.jobs = Jobs(self._refresher.request, every, self._look_for_alerts, polls)

    @property
    def busy(self) -> bool:
        """Say whether the store is being asked what changed."""
        return self._refresher.running

    async def start(self, desk: Desk) -> None:
        """Start the jobs on an open desk, and connect its telephone if it has one."""
        await self.jobs.start(desk)
        if not desk.read_only:
            self._alert(desk)
            self._poll(desk)
        if self._address is not None:
            self._connect(desk, self._address)

    def _alert(self, desk: Desk) -> None:
        """Start to look for alerts, and to send them."""
        from oncall_tui import terminal
        from oncall_tui.alerting import Alerting
        from oncall_tui.alerts.senders import senders

        app = self._board.app
        found = senders(self._channels, partial(terminal.tell, app)) if self._channels else {}
        self._alerting = Alerting(desk, found, _OnBoard(self, asyncio.get_running_loop()))
        self._alerting.start()

    def _look_for_alerts(self) -> None:
        if self._alerting is not None:
            self._alerting.nudge()

    def _poll(self, desk: Desk) -> None:
        """Start to read the sources, and to send."""
        if not self._sources:
            return
        listening = _SourcesOnBoard(self, asyncio.get_running_loop())
        self._polling = Polling(desk, self._sources, listening)
        self._polling.start()
        self._board.session.polling = self._polling

    def _source_due(self, name: str) -> None:
        if self._polling is not None:
            self._polling.due(name)

    def _send(self) -> None:
        if self._polling is not None:
            self._polling.send()

    def source_seen(self, name: str, why: str | None) -> None:
        """Note that a source can be read, or `why` it can't; any thread may call it."""
        if self._alerting is None:
            return
        if why is None:
            self._alerting.source_back(name)
        else:
            self._alerting.source_lost(name, why)

    def failing(self, channels: Sequence[Channel]) -> None:
        """Say which channels don't get through, on every page."""
        session = self._board.session
        if tuple(channels) != session.failing:
            session.failing = tuple(channels)
            for screen in self._board.app.screen_stack:
                if isinstance(screen, Page):
                    screen.show_state(session.now())

    def missed(self, summary: str) -> None:
        """Say what came up while the board stood still, in place of that it has caught up."""
        self._catching_up = ""
        self._say(summary, Tone.ALERT)

    def mistaken(self, error: Exception) -> None:
        """Log a mistake and say where."""
        self._unforeseen(error)
        if not isinstance(error, OncallError):
            self._board.mishap(error)

    def _connect(self, desk: Desk, address: tuple[str, int]) -> None:
        from oncall_tui.telephone import Telephone

        loop = asyncio.get_running_loop()

        place = "{}:{}".format(*address)

        def told(text: str) -> None:
            with suppress(RuntimeError):  # the program has left
                loop.call_soon_threadsafe(self._say, text)

        def connected(is_connected: bool, why: str) -> None:
            self.source_seen(place, None if is_connected else why)

        def rang(_call: Call) -> None:
            with suppress(RuntimeError):
                loop.call_soon_threadsafe(self.refresh_now)

        self._telephone = Telephone(desk, address, told, rang, connection=connected)
        self._telephone.start()
        self._board.session.telephone = self._telephone

    def _say(self, text: str, tone: Tone = Tone.NOTE) -> None:
        """Say something on the page that is on top."""
        pages = [screen for screen in self._board.app.screen_stack if isinstance(screen, Page)]
        pages[-1].say(text, tone, keep=True)

    def stop(self) -> None:
        """Ask and run nothing any more."""
        self._refresher.stop()
        self.jobs.stop()
        if self._alerting is not None:
            self._alerting.stop()
        if self._telephone is not None:
            self._telephone.stop()
        if self._polling is not None:
            self._polling.stop()
            self._polling.finish()

    def _since_key(self) -> float:
        return monotonic() - self._board.session.last_key[1]

    def refresh_now(self) -> None:
        """Ask the store what changed, also during a pause between tries."""
        self._refresher.request(force=True)

    def look(self) -> None:
        """Compare the clocks, once a second, and catch up where something went astray."""
        finding = self._watchdog.look(self._read_clocks())
        if self._alerting is not None:
            if finding is not None and finding.after - finding.before > LATE:
                self._alerting.slept(finding.before, finding.after, str(finding.oddity))
            self._alerting.look(self._board.session.now())
        if finding is not None:
            if self._polling is not None:
                self._polling.nudge()
            self._catch_up(said(finding, self._board.session))
        elif self.jobs.stalled():
            self._catch_up("the scheduler had stopped")

    def _catch_up(self, what: str) -> None:
        self._catching_up = what
        self._board.say(f"{what}, catching up …", keep=True)
        self.jobs.rebuild()
        self.refresh_now()

    def _refreshed(self, answer: Refreshed) -> None:
        self._board.refreshed(answer)
        if self._catching_up:
            self._board.say(f"{self._catching_up}, caught up", keep=True)
            self._catching_up = ""

    def _refresh_failed(self, error: Exception, _pause: float) -> None:
        self._unforeseen(error)
        self._board.store_failed(error)


class _OnBoard(Listening):
    """Tells a board what becomes of its alerts, on its event loop."""

    def __init__(self, live: Live, loop: asyncio.AbstractEventLoop) -> None:
        self._live = live
        self._loop = loop

    def planned(self, next_at: datetime | None) -> None:
        """Look again at `next_at`."""
        self._on_loop(self._live.jobs.alert_at, next_at)

    def failing(self, channels: Sequence[Channel]) -> None:
        """Say which channels don't get through."""
        self._on_loop(self._live.failing, channels)

    def missed(self, summary: str) -> None:
        """Say what came up while nobody could be told."""
        self._on_loop(self._live.missed, summary)

    def mistaken(self, error: Exception) -> None:
        """Log a mistake and say where."""
        self._on_loop(self._live.mistaken, error)

    def _on_loop(self, function: Callable[..., None], *arguments: object) -> None:
        with suppress(RuntimeError):  # the program has left
            self._loop.call_soon_threadsafe(function, *arguments)


class _SourcesOnBoard(SourceListening):
    """Tells a board what goes wrong with its sources; how they do it reads from the store."""

    def __init__(self, live: Live, loop: asyncio.AbstractEventLoop) -> None:
        self._live = live
        self._loop = loop

    def connected(self, name: str) -> None:
        """Settle what an earlier run of this desk told."""
        self._live.source_seen(name, None)

    def back(self, name: str) -> None:
        """Settle the alert, if it was raised."""
        self._live.source_seen(name, None)

    def lost(self, name: str, error: Exception) -> None:
        """Raise an alert if it isn't back soon."""
        self._live.source_seen(name, in_words(error))

    def mistaken(self, error: Exception) -> None:
        """Log a mistake and say where."""
        with suppress(RuntimeError):  # the program has left
            self._loop.call_soon_threadsafe(self._live.mistaken, error)


def said(finding: Finding, session: Session) -> str:
    """Return what happened to time, on the provider's clock."""
    before, after = (to_local(instant, session.zone) for instant in (finding.before, finding.after))
    if finding.oddity in (Oddity.ASLEEP, Oddity.STOPPED):
        clock = "%H:%M:%S" if session.ticking else "%H:%M"
        return f"{finding.oddity} {before:{clock}}–{after:{clock}}"
    return f"{finding.oddity} by {format_duration(timedelta(seconds=round(finding.seconds)))}"
