"""What goes out, in words: how it stands and what was written; and how the sources of tickets do."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from rich.cells import cell_len
from rich.style import Style
from rich.text import Text

from oncall_tui.domain.correspondence import Outgoing, SourceHealth
from oncall_tui.translation import _
from oncall_tui.widgets.columns import due_text, fit, moment
from oncall_tui.widgets.outgoing_list import receiver_of
from oncall_tui.widgets.outgoing_words import MEANINGS, STATES, duration_words

Ink = Callable[[str], Style]

_TEXT_LINES = 12
"""Lines that are shown of what was written."""

_NAME, _PLACE, _PLACE_MOST = 16, 16, 60
"""Columns of a source's name at most, of its place at least and at most."""


def outgoing_text(row: Outgoing | None, now: datetime, zone: ZoneInfo, ink: Ink) -> Text:
    """Return how `row` stands and what was written; nothing for None."""
    if row is None:
        return Text()
    dim, stuck = ink("dim"), row.state.needs_a_person
    head = Text.assemble((_(STATES[row.state]), ink("strong" if stuck else "")))
    if row.tries:
        said = _("1 try") if row.tries == 1 else _("{count} tries").format(count=row.tries)
        head.append(f", {said}", dim)
    if stuck and row.ended_at is not None:
        head.append(_(", since {time}").format(time=moment(row.ended_at, zone)), dim)
    elif row.state.on_its_way and row.next_at is not None and row.next_at > now:
        head.append(_(", next at {time}").format(time=due_text(row.next_at, now, zone)), dim)
    if row.detail:
        head.append(f": {row.detail}")
    lines = [head]
    if row.state in MEANINGS:
        lines.append(Text(_(MEANINGS[row.state]), dim))
    written = _("by {author}, {time}").format(author=row.author, time=moment(row.created_at, zone))
    lines.append(Text.assemble((_("To") + " ", dim), receiver_of(row), (f"  {written}", dim)))
    if row.text:
        lines.append(Text())
        body = row.text.split("\n")
        more = ["…"] if len(body) > _TEXT_LINES else []
        lines.append(Text("\n".join([*body[:_TEXT_LINES], *more])))
    return Text("\n").join(lines)


def sources_text(
    sources: Sequence[SourceHealth], now: datetime, zone: ZoneInfo, width: int, ink: Ink
) -> Text:
    """Return a line for each of `sources`, and a second one on why where it fails, in `width` columns."""
    rows = [(each, *source_state(each, now, zone), _facts(each, now, zone)) for each in sources]
    name = min(max((cell_len(each.name) for each in sources), default=0), _NAME)
    state = max((cell_len(says) for _each, _sign, says, _why in rows), default=0)
    facts = max((cell_len(last) for *_rest, last in rows), default=0)
    place = min(width - 4 - name - state - facts - 6, _PLACE_MOST)
    lines: list[Text] = []
    for source, sign, says, last in rows:
        text = Text.assemble((f" {sign:<2} ", ink("critical")), fit(source.name, name), "  ")
        text.append(fit(says, state), ink("strong" if source.fails else "")).append("  ")
        text.append(fit(last, facts), ink("dim"))
        if place >= _PLACE:
            # A kind of somebody's own goes by its module.
            kind = source.kind.rpartition(".")[2]
            text.append(f"  {fit(f'{kind} {source.place}', place)}", ink("dim"))
        lines.append(text)
        if source.fails and source.error:
            lines.append(Text(f"    {source.error}"))
    for text in lines:
        text.rstrip()
        text.truncate(max(width, 1), overflow="ellipsis")
    return Text("\n").join(lines)


def source_state(source: SourceHealth, now: datetime, zone: ZoneInfo) -> tuple[str, str]:
    """Return the sign and the words for how a source does."""
    if source.fails:
        since = due_text(source.failed_at, now, zone)
        times = source.failures
        said = _("fails since {time}") if times == 1 else _("fails, {times} times, last {time}")
        return "!", said.format(time=since, times=times)
    if source.total:
        said = _("reading {done} of {total}")
        return "", said.format(
            done=f"{source.done:,}".replace(",", " "), total=f"{source.total:,}".replace(",", " ")
        )
    return ("", _("ok")) if source.succeeded_at else ("", _("not asked yet"))


def _facts(source: SourceHealth, now: datetime, zone: ZoneInfo) -> str:
    """Return when it answered last, how late what came last was, and when it is asked again."""
    facts = []
    if source.succeeded_at is not None:
        ago = (now - source.succeeded_at).total_seconds()
        age = duration_words(ago) if ago >= 60 else "<1 min"
        facts.append(_("answered {age} ago").format(age=age))
    else:
        facts.append(_("never answered"))
    if source.lag is not None:
        facts.append(_("lag {time}").format(time=duration_words(source.lag)))
    if source.fails and source.next_at is not None and source.next_at > now:
        facts.append(_("next try {time}").format(time=due_text(source.next_at, now, zone)))
    return ", ".join(facts)
