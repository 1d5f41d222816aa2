"""One temporary access in words: how it stands, who granted it, and who used it for what (R23)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from zoneinfo import ZoneInfo

from rich.style import Style
from rich.text import Text

from oncall_tui.domain.grants import Grant, GrantState, Use
from oncall_tui.translation import _
from oncall_tui.widgets.columns import due_text, moment

Ink = Callable[[str], Style]

USES_SHOWN = 50
"""Uses that are shown, the last ones."""


def access_text(grant: Grant | None, now: datetime, zone: ZoneInfo, operator: str, ink: Ink) -> Text:
    """Return how `grant` stands at `now` (UTC) and who used it, the last use first; nothing for None."""
    if grant is None:
        return Text()
    dim = ink("dim")
    lines = [_standing(grant, now, zone), Text(_origin(grant, zone), dim), Text()]
    if grant.state(now).over and grant.use_of(operator) is not None:
        lines.insert(1, Text(_("! You haven't said that you stopped using it."), ink("critical")))
    uses = sorted(grant.uses, key=lambda use: use.began_at, reverse=True)
    lines += [_line(grant, use, now, zone, ink) for use in uses[:USES_SHOWN]]
    if len(uses) > USES_SHOWN:
        lines.append(Text(_("and {count} before").format(count=len(uses) - USES_SHOWN), dim))
    if not uses:
        lines.append(Text(_("Nobody of us has used it."), dim))
    return Text("\n").join(lines)


def _standing(grant: Grant, now: datetime, zone: ZoneInfo) -> Text:
    end = moment(grant.ends_at, zone)
    match grant.state(now):
        case GrantState.EXPIRED:
            said = _("It ran out {time}, and can't be used any more.").format(time=end)
        case GrantState.ENDED if grant.ended_by:
            said = _("It was ended {time} by {who}, before its time.").format(time=end, who=grant.ended_by)
        case GrantState.ENDED:
            said = _("It was ended {time}: the list of customers has it no more.").format(time=end)
        case GrantState.NOT_YET:
            begins = moment(grant.granted_at, zone)
            said = _("It begins {time}, and ends {end}.").format(time=begins, end=end)
        case GrantState.IN_USE:
            said = _("It is in use, and ends {time}.").format(time=end)
        case GrantState.ACTIVE:
            said = _("It can be used, and ends {time}.").format(time=end)
    return Text(said)


def _origin(grant: Grant, zone: ZoneInfo) -> str:
    granted = moment(grant.granted_at, zone)
    who = (
        _("Granted {time} by {who}").format(time=granted, who=grant.granted_by)
        if grant.granted_by
        else _("Granted {time}").format(time=granted)
    )
    if grant.recorded_by:
        return _("{granted}; written down by {who}").format(granted=who, who=grant.recorded_by)
    return _("{granted}; it came with the list of customers").format(granted=who)


def _line(grant: Grant, use: Use, now: datetime, zone: ZoneInfo, ink: Ink) -> Text:
    began = moment(use.began_at, zone)
    ended = grant.end_of(use) or (grant.ends_at if now >= grant.ends_at else None)
    if ended is None:
        when = _("since {time}").format(time=began)
    else:
        when = f"{began} – {due_text(ended, use.began_at, zone)}"
    goes_on = use in grant.in_use(now)
    text = Text.assemble((use.operator, ink("strong" if goes_on else "")), (f"  {when}", ink("dim")))
    for part in (use.ticket, use.purpose):
        if part:
            text.append(f"  {part}")
    return text
