"""What the board hears of the sources of tickets: how each does, and how far a long pull is."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple

from oncall_tui.screens.page import Page

if TYPE_CHECKING:
    from textual.app import App

    from oncall_tui.desk import Desk
    from oncall_tui.domain.correspondence import SourceHealth
    from oncall_tui.domain.queue import Changes
    from oncall_tui.screens.session import Session


class SourceNews(NamedTuple):
    """How the sources do, `revision` being the one that was read before; None if that isn't known."""

    revision: int | None
    sources: tuple[SourceHealth, ...]


class SourceWatch:
    """Keeps the session's sources up to date. Every method but what `question` returns is called on the event
    loop.
    """

    def __init__(self, session: Session) -> None:
        self._session = session
        self._since: int | None = None

    def question(self, desk: Desk) -> Callable[[Changes | None], SourceNews | None]:
        """Return what to ask the store for, to be run in a thread, once it is known what changed in it."""
        since, replay = self._since, self._session.replay

        def ask(changes: Changes | None) -> SourceNews | None:
            revision = changes.revision if changes is not None and changes.complete else None
            still = revision is not None and revision == since
            return None if still or replay else SourceNews(revision, desk.sources.health())

        return ask

    def take(self, news: SourceNews | None, app: App[None]) -> None:
        """Show on every page how the sources do; None is no news."""
        if news is None:
            return
        self._since = news.revision
        if news.sources != self._session.sources:
            self._session.sources = news.sources
            for screen in app.screen_stack:
                if isinstance(screen, Page):
                    screen.show_state(self._session.now())
