"""An alert in words on a page: its facts, and what became of it on each of its ways out."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from functools import partial
from itertools import groupby
from zoneinfo import ZoneInfo

from rich.style import Style
from rich.table import Table
from rich.text import Text

from oncall_tui.domain.alert_words import RESULTS, what, which, whom
from oncall_tui.domain.alerts import Alert, Channel, Delivery, Result
from oncall_tui.domain.clock import to_local
from oncall_tui.domain.emergency import Reason
from oncall_tui.domain.messages import marked
from oncall_tui.translation import _, told
from oncall_tui.widgets.columns import due_text
from oncall_tui.widgets.facts_table import facts_table

Ink = Callable[[str], Style]

CHANNELS: Mapping[Channel, str] = {
    Channel.DESKTOP: marked("desktop"),
    Channel.TERMINAL: marked("terminal"),
    Channel.PUSH: marked("push"),
    Channel.COMMAND: marked("command"),
}

_SECOND = timedelta(seconds=1)


def in_short(alert: Alert, now: datetime, zone: ZoneInfo) -> str:
    """Return an alert in one line: to whom it happened, what, and its reference."""
    said = told(what(alert, partial(due_text, now=now, zone=zone)))
    named = f"{whom(alert)}: {said}" if whom(alert) else said
    return ", ".join(filter(None, (named, which(alert))))


def title(alert: Alert) -> str:
    """Return the sign, the level and the subject of an alert."""
    return "  ".join(filter(None, (alert.level.sign, _(alert.level.value), alert.subject)))


def state(alert: Alert, now: datetime, zone: ZoneInfo) -> str:
    """Return how an alert stands, and who brought that about."""
    clock = partial(due_text, now=now, zone=zone)
    if alert.acknowledged_at is not None:
        said = _("acknowledged {time} by {who}")
        return said.format(time=clock(alert.acknowledged_at), who=alert.acknowledged_by)
    if alert.settled_at is not None:
        return _("settled {time}").format(time=clock(alert.settled_at))
    if alert.waits and alert.again_at is not None:
        said = _("put off until {time} by {who}")
        return said.format(time=clock(alert.again_at), who=alert.snoozed_by)
    return _("still open")


def facts(alert: Alert, now: datetime, zone: ZoneInfo, ink: Ink) -> Table:
    """Return what is known of an alert, a fact a line; what isn't known has none."""
    rows = ((Text(name, ink("dim")), Text(text)) for name, text in _facts(alert, now, zone) if text)
    return facts_table(rows)


def _facts(alert: Alert, now: datetime, zone: ZoneInfo) -> Iterable[tuple[str, str]]:
    yield _("What"), told(what(alert, partial(due_text, now=now, zone=zone)))
    yield _("State"), state(alert, now, zone)
    plan = alert.plan.value if alert.plan else ""
    yield _("Whom"), ", ".join(filter(None, (whom(alert), plan)))
    yield _("Came about"), _moment(alert.at, zone)
    late = alert.raised_at - alert.at >= _SECOND
    yield _("Raised"), _moment(alert.raised_at, zone) if late else ""
    yield _("Due"), _moment(alert.due_at, zone) if alert.due_at else ""
    yield _("By"), alert.by
    yield _("For"), alert.to or _("everybody on duty")
    yield _("Call"), alert.facts.get("call", "")
    reason = alert.facts.get("reason", "")
    yield _("Reason"), _(Reason(reason).label) if reason else ""
    yield _("Why"), alert.facts.get("why", "")
    yield _("At"), alert.facts.get("place", "")
    if alert.open and not alert.waits and alert.again_at is not None:
        yield _("Told again"), _moment(alert.again_at, zone)


def deliveries(made: Sequence[Delivery], zone: ZoneInfo, ink: Ink) -> Table | Text:
    """Return what went out, a round after the other: when, over what, where, and how it came out."""
    if not made:
        return Text(_("Nothing has gone out; the mark on every board is there."), ink("dim"))
    return facts_table(
        row for number, each in groupby(made, lambda d: d.round) for row in _round(number, each, zone, ink)
    )


def _round(number: int, made: Iterable[Delivery], zone: ZoneInfo, ink: Ink) -> Iterable[tuple[Text, ...]]:
    yield Text(_("round {number}").format(number=number + 1), ink("dim")), Text(), Text()
    for each in made:
        failed = each.result in (Result.FAILED, Result.TIMEOUT)
        more = _("with {count} others").format(count=each.together - 1) if each.together > 1 else ""
        result = Text.assemble((_(RESULTS[each.result]), ink("strong" if failed else "")))
        for said in filter(None, (_(each.detail), each.place, more)):
            result.append(f", {said}", ink("dim"))
        time = Text(f"{to_local(each.at, zone):%H:%M:%S}", ink("dim"))
        yield time, Text(_(CHANNELS[each.channel])), result


def of_ticket(
    alerts: Sequence[Alert], over: Mapping[int, str], now: datetime, zone: ZoneInfo, ink: Ink
) -> Table:
    """Return the alerts of a ticket, the newest first: when, what, how they stand, `over` what by id."""
    clock = partial(due_text, now=now, zone=zone)
    return facts_table(
        (
            Text(clock(alert.raised_at), ink("dim")),
            Text(alert.level.sign if alert.open else "", ink("strong")),
            Text.assemble(
                (told(what(alert, clock)), ink("" if alert.open else "dim")),
                (f"  {state(alert, now, zone)}", ink("strong" if alert.open else "dim")),
                (f"  {over[alert.id]}" if over.get(alert.id) else "", ink("dim")),
            ),
        )
        for alert in reversed(alerts)
    )


def _moment(instant: datetime, zone: ZoneInfo) -> str:
    return f"{to_local(instant, zone):%d.%m. %H:%M:%S}"
