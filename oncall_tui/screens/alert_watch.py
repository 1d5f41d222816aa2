"""What the board hears of alerts: which are open, which are new, and that one was stopped elsewhere."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from oncall_tui.domain.alerts import LATE, Kind
from oncall_tui.screens.page import Page
from oncall_tui.translation import _
from oncall_tui.widgets.status import Tone

if TYPE_CHECKING:
    from textual.app import App

    from oncall_tui.desk import Desk
    from oncall_tui.domain.alerts import Alert, AlertNews
    from oncall_tui.domain.queue import Changes
    from oncall_tui.screens.session import Session


class AlertWatch:
    """Keeps the session's alerts up to date. Every method but what `question` returns is called on the event
    loop.
    """

    def __init__(self, session: Session) -> None:
        self._session = session
        self._since: int | None = None
        self._rounds: dict[int, int] = {}
        """The round of each open alert that was known, by its id."""
        self._said: tuple[Page, str] | None = None

    def question(self, desk: Desk) -> Callable[[Changes | None], AlertNews | None]:
        """Return what to ask the store for, to be run in a thread, once it is known what changed in it."""
        since, replay = self._since, self._session.replay

        def ask(changes: Changes | None) -> AlertNews | None:
            still = changes is not None and changes.complete and changes.revision == since
            return None if still or replay else desk.alerts.news(since)

        return ask

    def take(self, news: AlertNews | None, app: App[None]) -> None:
        """Count what is open on every page, and tell what is new; None is no news."""
        if news is None:
            return
        pages = [screen for screen in app.screen_stack if isinstance(screen, Page)]
        first, before = self._since is None, self._session.open_alerts
        self._since, self._session.alerts = news.revision, news
        rounds = {alert.id: alert.round for alert in news.open}
        # A call that rings stands in the first line of every page.
        fresh = [
            alert
            for alert in (news.open if first else news.fresh)
            if self._rounds.get(alert.id, -1) < alert.round and alert.kind is not Kind.RINGING
        ]
        self._rounds = rounds
        self._take_back(rounds)
        if before != news.open:
            for page in pages:
                page.alerts_changed(before)
        if fresh and not self._summed_up(fresh, pages[-1]):
            self._tell(fresh, pages[-1], first=first)

    def _take_back(self, open_: dict[int, int]) -> None:
        """Take the alert that was told last from the status rule once it isn't open any more."""
        session = self._session
        if session.told_alert is None or session.told_alert in open_:
            return
        session.told_alert = None
        if self._said is not None:
            page, message = self._said
            if page.is_attached and page.status.message == message:
                page.status.clear()

    def _summed_up(self, fresh: Sequence[Alert], page: Page) -> bool:
        """Say whether a summary of what came up meanwhile stands in the status rule, and tells these."""
        status = page.status
        told = self._said is not None and self._said[1] == status.message
        summed_up = status.keep and status.tone is Tone.ALERT and not told
        return summed_up and all(alert.raised_at - alert.at > LATE for alert in fresh)

    def _tell(self, fresh: Sequence[Alert], page: Page, *, first: bool) -> None:
        from oncall_tui.widgets.alert_text import in_short

        session, alert = self._session, fresh[0]
        page.tells(alert)
        said = in_short(alert, session.now(), session.zone)
        keys = [page.key_of_alert(alert)]
        if len(fresh) > 1:
            several = (
                _("{count} open, the loudest: {alert}") if first else _("{count} new, the loudest: {alert}")
            )
            said = several.format(count=len(fresh), alert=said)
            keys.append(page.key_of_alerts())
        page.say(said, Tone.ALERT, keep=True, keys=keys)
        self._said = page, page.status.message
