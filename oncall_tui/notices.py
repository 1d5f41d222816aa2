"""What goes out of an alert, in the language that is set: two short lines.

Titles may hold the name of an organisation, since no service reads markup there; the second line holds
references, times and our own words alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from oncall_tui.domain.alert_words import counted, what, which, whom
from oncall_tui.domain.alerts import Alert, Level, Notice
from oncall_tui.domain.clock import to_local
from oncall_tui.translation import _, told

if TYPE_CHECKING:
    from oncall_tui.alerting import Sleep

_REFS_SHOWN = 5


def moment(instant: datetime, zone: ZoneInfo, now: datetime) -> str:
    """Return `instant` on the wall clock of `zone`, with the day where it isn't that of `now`."""
    local = to_local(instant, zone)
    same = local.date() == to_local(now, zone).date()
    return f"{local:%H:%M}" if same else f"{local:%d.%m. %H:%M}"


def notice_of(alert: Alert, zone: ZoneInfo, now: datetime, to: str = "") -> Notice:
    """Return what goes out of one alert at `now`, `to` somebody or, empty, everybody."""
    said = told(what(alert, lambda instant: moment(instant, zone, now)))
    title = f"{alert.level.sign} {said}"
    if about := whom(alert):
        title = f"{title}: {about}"
    body = which(alert) or "oncall-tui"
    if alert.round:
        body = _("{text}, again").format(text=body)
    return Notice(alert.loudness, title, body, to or alert.to, (alert.subject,))


def group_of(alerts: Sequence[Alert]) -> Notice:
    """Return what goes out of several alerts at once."""
    title = _("{count} alerts: {levels}").format(count=len(alerts), levels=_levels(alerts))
    return _several(title, alerts)


def summary_of(alerts: Sequence[Alert], zone: ZoneInfo, now: datetime, sleep: Sleep | None) -> Notice:
    """Return what goes out of alerts that came about while nobody could be told."""
    if sleep is None:
        since = moment(min(alert.at for alert in alerts), zone, now)
        title = _("since {time}: {levels}").format(time=since, levels=_levels(alerts))
    else:
        began, ended = (moment(instant, zone, now) for instant in (sleep.began_at, sleep.ended_at))
        title = f"{_(sleep.why)} {began}–{ended}: {_levels(alerts)}"
    return _several(title, alerts)


def outage_of(since: datetime, zone: ZoneInfo, now: datetime) -> Notice:
    """Return what goes out at `now` where the store can't be reached since an instant."""
    said = _("the store can't be reached since {at}").format(at=moment(since, zone, now))
    return Notice(Level.CRITICAL, f"{Level.CRITICAL.sign} {said}", "oncall-tui")


def _levels(alerts: Sequence[Alert]) -> str:
    return ", ".join(map(told, counted(alerts)))


def _several(title: str, alerts: Sequence[Alert]) -> Notice:
    worst = max((alert.loudness for alert in alerts), key=lambda level: level.rank)
    refs = tuple(dict.fromkeys(alert.subject for alert in alerts if alert.subject))
    more = len(refs) - _REFS_SHOWN
    body = ", ".join(refs[:_REFS_SHOWN]) + (" …" if more > 0 else "")
    return Notice(worst, f"{worst.sign} {title}", body or "oncall-tui", "", refs)
