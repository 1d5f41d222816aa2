"""Stopping alerts with a key: acknowledging them, or putting them off, from whatever page one is on."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import TYPE_CHECKING, NamedTuple

from oncall_tui import background
from oncall_tui.domain.errors import NotFound, OncallError, Refused
from oncall_tui.screens.held_key import HeldKey
from oncall_tui.screens.page import Page
from oncall_tui.screens.session import words
from oncall_tui.translation import _
from oncall_tui.widgets.alert_text import in_short
from oncall_tui.widgets.columns import due_text
from oncall_tui.widgets.status import Tone

if TYPE_CHECKING:
    from oncall_tui.desk import Desk
    from oncall_tui.domain.alerts import Alert

Stop = Callable[["Desk", int], "Alert"]
Says = Callable[[tuple["Alert", ...]], str]


class Stopped(NamedTuple):
    """The alerts that were stopped, and why the next one wasn't."""

    done: tuple[Alert, ...]
    error: OncallError | None


def acknowledge(page: Page) -> None:
    """Acknowledge the alerts that a key stops on `page` now, and say what is left."""
    alerts = page.alerts_here()
    page.stopping = HeldKey(*page.session.last_key)

    def done(stopped: tuple[Alert, ...]) -> str:
        return _("acknowledged: {alert}").format(alert=_named(page, stopped))

    _stop(page, alerts, lambda desk, alert_id: desk.alerts.acknowledge(alert_id), done)


def snooze(page: Page) -> None:
    """Ask for how long to put the alerts off that a key stops on `page` now, and do."""
    from oncall_tui.screens.snooze import SnoozeDialog

    alerts, session = page.alerts_here(), page.session

    def answered(time: timedelta | None) -> None:
        if time is None:
            return

        def done(stopped: tuple[Alert, ...]) -> str:
            until = due_text(stopped[0].again_at, session.now(), session.zone)
            return _("put off until {time}: {alert}").format(time=until, alert=_named(page, stopped))

        _stop(page, alerts, lambda desk, alert_id: desk.alerts.snooze(alert_id, time), done)

    page.app.push_screen(SnoozeDialog(_named(page, alerts), session.now(), session.zone), answered)


def _named(page: Page, alerts: tuple[Alert, ...]) -> str:
    first = in_short(alerts[0], page.session.now(), page.session.zone)
    if len(alerts) == 1:
        return first
    return _("{count} alerts, the first {alert}").format(count=len(alerts), alert=first)


def _stop(page: Page, alerts: tuple[Alert, ...], stop: Stop, said: Says) -> None:
    desk = page.session.desk
    if desk is None:
        return

    def each() -> Stopped:
        done: list[Alert] = []
        for alert in alerts:
            try:
                done.append(stop(desk, alert.id))
            except OncallError as error:
                return Stopped(tuple(done), error)
        return Stopped(tuple(done), None)

    async def stopping() -> None:
        stopped = await background.write(each)
        _tell(_in_view(page), stopped, alerts, said)
        page.session.refresh()

    # The app's and not the screen's: leaving the page doesn't lose what became of it.
    page.run_guarded(stopping, page.app, "acts")


def _tell(page: Page, stopped: Stopped, alerts: tuple[Alert, ...], said: Says) -> None:
    session, error = page.session, stopped.error
    before = session.open_alerts
    gone = {alert.id for alert in stopped.done}
    if isinstance(error, Refused | NotFound):
        # Somebody was first, or it is over: either way it isn't open any more.
        gone.add(alerts[len(stopped.done)].id)
    session.stopped(gone)
    for each in page.app.screen_stack:
        if isinstance(each, Page):
            each.alerts_changed(before)
    if error is not None:
        told = words(error)
        if alerts[len(stopped.done) :]:
            alert = in_short(alerts[len(stopped.done)], session.now(), session.zone)
            told = f"{alert}: {told}"
        page.say(told, Tone.REFUSED if isinstance(error, Refused) else Tone.NOT_DONE)
        return
    left = session.alerts_open
    rest = _("{count} left").format(count=left) if left else _("none left")
    page.say(said(stopped.done), Tone.DONE, keys=[rest, page.key_of_alerts() if left else ""])


def _in_view(page: Page) -> Page:
    """Return the page that is seen, perhaps below a dialog."""
    pages = [screen for screen in page.app.screen_stack if isinstance(screen, Page)]
    return pages[-1] if pages else page
