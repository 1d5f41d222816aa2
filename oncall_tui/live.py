"""Keeping the board live: refreshing it, and noticing when time or the scheduler goes astray.

Nothing of this is needed for the first frame, so the app imports it after that.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from time import monotonic
from typing import TYPE_CHECKING

from oncall_tui.domain.clock import to_local
from oncall_tui.domain.durations import format_duration
from oncall_tui.jobs import Jobs
from oncall_tui.refresher import Refresher
from oncall_tui.screens.page import Page
from oncall_tui.watchdog import Finding, Oddity, Reading, Watchdog

if TYPE_CHECKING:
    from oncall_tui.desk import Desk
    from oncall_tui.domain.calls import Call
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
    ) -> None:
        """Refresh every `every` seconds; `unforeseen` is told of errors that no store should raise.

        `telephone` is the host and port of a SIP telephone's control socket, None for no telephone.
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
        self.jobs = Jobs(self._refresher.request, every)

    @property
    def busy(self) -> bool:
        """Say whether the store is being asked what changed."""
        return self._refresher.running

    async def start(self, desk: Desk) -> None:
        """Start the jobs on an open desk, and connect its telephone if it has one."""
        await self.jobs.start(desk)
        if self._address is not None:
            self._connect(desk, self._address)

    def _connect(self, desk: Desk, address: tuple[str, int]) -> None:
        from oncall_tui.telephone import Telephone

        loop = asyncio.get_running_loop()

        def told(text: str) -> None:
            with suppress(RuntimeError):  # the program has left
                loop.call_soon_threadsafe(self._say, text)

        def rang(_call: Call) -> None:
            with suppress(RuntimeError):
                loop.call_soon_threadsafe(self.refresh_now)

        self._telephone = Telephone(desk, address, told, rang)
        self._telephone.start()
        self._board.session.telephone = self._telephone

    def _say(self, text: str) -> None:
        """Say something on the page that is on top."""
        pages = [screen for screen in self._board.app.screen_stack if isinstance(screen, Page)]
        pages[-1].say(text, keep=True)

    def stop(self) -> None:
        """Ask and run nothing any more."""
        self._refresher.stop()
        self.jobs.stop()
        if self._telephone is not None:
            self._telephone.stop()

    def _since_key(self) -> float:
        return monotonic() - self._board.session.last_key[1]

    def refresh_now(self) -> None:
        """Ask the store what changed, also during a pause between tries."""
        self._refresher.request(force=True)

    def look(self) -> None:
        """Compare the clocks, once a second, and catch up where something went astray."""
        finding = self._watchdog.look(self._read_clocks())
        if finding is not None:
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


def said(finding: Finding, session: Session) -> str:
    """Return what happened to time, on the provider's clock."""
    before, after = (to_local(instant, session.zone) for instant in (finding.before, finding.after))
    if finding.oddity in (Oddity.ASLEEP, Oddity.STOPPED):
        clock = "%H:%M:%S" if session.ticking else "%H:%M"
        return f"{finding.oddity} {before:{clock}}–{after:{clock}}"
    return f"{finding.oddity} by {format_duration(timedelta(seconds=round(finding.seconds)))}"
