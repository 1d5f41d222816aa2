"""What the board hears of the emergency line: who rings, and who picked up."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from oncall_tui.screens.page import Page
from oncall_tui.translation import _
from oncall_tui.widgets.top_bar import caller_of

if TYPE_CHECKING:
    from textual.app import App

    from oncall_tui.desk import Desk
    from oncall_tui.domain.calls import Call, CallNews
    from oncall_tui.domain.queue import Changes
    from oncall_tui.screens.session import Session


class CallWatch:
    """Keeps the session's calls up to date. Every method but what `question` returns is called on the event
    loop.
    """

    def __init__(self, session: Session) -> None:
        self._session = session
        self._since: int | None = None
        self._ringing: dict[str, Call] = {}

    def question(self, desk: Desk) -> Callable[[Changes | None], CallNews | None]:
        """Return what to ask the store for, to be run in a thread, once it is known what changed in it."""
        since, known = self._since, tuple(self._ringing)

        def ask(changes: Changes | None) -> CallNews | None:
            still = changes is not None and changes.complete and changes.revision == since
            return None if still else desk.calls.news(known)

        return ask

    def take(self, news: CallNews | None, app: App[None]) -> None:
        """Show what rings on every page, and say what became of what rang; None is no news."""
        if news is None:
            return
        pages = [screen for screen in app.screen_stack if isinstance(screen, Page)]
        first, moved = self._since is None, self._since != news.revision
        self._since = news.revision
        ringing = {call.ref: call for call in news.calls if call.rings}
        changed = news.calls != self._session.calls
        self._session.calls = news.calls
        told = [self._became(call) for call in (*news.calls, *news.ended) if call.ref in self._ringing]
        self._ringing = ringing
        if moved:
            for page in pages:
                page.log_changed()
        if not changed and not any(told):
            return
        for page in pages:
            page.calls_changed(news.calls)
        for said in filter(None, told):
            pages[-1].say(said)
        if first and (mine := self._session.call_in_hand) is not None:
            key = pages[-1].key("pick_up")
            going = _("your call {call} goes on: {key} goes back to it")
            pages[-1].say(going.format(call=mine.ref, key=key), keep=True)

    def _became(self, call: Call) -> str:
        """Return what became of a call that rang, empty if it rings still or this desk has it."""
        if call.rings or call.operator == self._session.operator:
            return ""
        if call.operator is None:
            return _("missed, nobody answered: {caller}").format(caller=caller_of(call))
        return _("{engineer} picked up {caller}").format(engineer=call.operator, caller=caller_of(call))
