"""The first line: what this is, the provider's clock, who is on duty, and how it stands."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple
from zoneinfo import ZoneInfo

from rich.cells import cell_len
from rich.style import Style
from rich.text import Text

from oncall_tui.domain.clock import to_local
from oncall_tui.domain.durations import format_duration
from oncall_tui.domain.sla import Urgency
from oncall_tui.translation import _
from oncall_tui.widgets.ink import Line, spread

if TYPE_CHECKING:
    from oncall_tui.domain.calls import Call

_COUNTED = (Urgency.OVERDUE, Urgency.CRITICAL, Urgency.WARNING)


class LineState(NamedTuple):
    """A call that rings, or that is in hand while another page is open.

    It rang `seconds` ago, `ringing` counts all that ring, `key` picks up or goes back.
    """

    call: Call
    seconds: int
    ringing: int
    key: str


class TopState(NamedTuple):
    """What the line says. `stale_seconds` is the age of the data since the store stopped answering.

    `urgencies` is empty until the tickets have been counted. Without `ticking` it says no seconds.
    `alerts` are open, which `alerts_key` lists; `failing` are channels over which none gets through, and
    `away` the sources that can't be read. `stuck` waits in the outbox for a person; `outbox_key` shows it.
    """

    title: str
    operator: str
    zone: ZoneInfo
    now: datetime
    read_only: bool = False
    urgencies: Mapping[Urgency, int] = MappingProxyType({})
    stale_seconds: int | None = None
    stale_why: str = ""
    stale_word: str = "STALE"
    ticking: bool = True
    line: LineState | None = None
    alerts: int = 0
    alerts_key: str = ""
    failing: tuple[str, ...] = ()
    away: tuple[str, ...] = ()
    stuck: int = 0
    outbox_key: str = ""


class TopBar(Line):
    """Draws a `TopState`."""

    def __init__(self, state: TopState) -> None:
        super().__init__(id="top")
        self.state = state

    def show(self, state: TopState) -> None:
        """Show `state`."""
        if state != self.state:
            self.state = state
            self.update()

    def compose_line(self, width: int) -> Text:
        state = self.state
        if state.line is not None and state.line.call.rings:
            return self._ringing(state.line, width)
        right = self._stale(width) if state.stale_seconds is not None else self._counts(width)
        time = to_local(state.now, state.zone)
        clock = (
            f"{zone_label(state.zone)} {time:%H:%M:%S}"
            if state.ticking
            else f"{zone_label(state.zone)} {time:%H:%M}"
        )
        flag = Text("  READ-ONLY", self.ink("focus")) if state.read_only else Text()
        flag.append_text(self._in_hand())
        flag.append_text(self._alerts())
        # The clock, the read-only flag and the alerts stay longest; the title goes first, the name next.
        title = (f" {state.title}", self.ink("dim"))
        lefts: tuple[tuple[str | Text | tuple[str, Style], ...], ...] = (
            (title, f"  {clock}", flag, f"  {state.operator}"),
            (f" {clock}", flag, f"  {state.operator}"),
            (f" {clock}", flag),
        )
        failing = self._failing()
        if failing:
            short = self._stale(width) if state.stale_seconds is not None else self._counts(0)
            lefts = tuple((*parts, failing) for parts in lefts)
            # What doesn't get through is said before the counts are in words.
            for parts, last in ((parts, last) for last in (right, short) for parts in lefts):
                left = Text.assemble(*parts)
                if left.cell_len + 2 + last.cell_len <= width:
                    return spread(left, last, width)
            right = short
            lefts = ((f" {time:%H:%M}", flag, failing), (f" {time:%H:%M}", failing))
        for parts in lefts:
            left = Text.assemble(*parts)
            if left.cell_len + 2 + right.cell_len <= width:
                return spread(left, right, width)
        return spread(Text.assemble(f" {time:%H:%M}", flag), right, width)

    def _ringing(self, line: LineState, width: int) -> Text:
        """Return who rings, for how long, and which key picks up: the key is never cut."""
        length = call_length(line.seconds) if self.state.ticking else minutes(line.seconds)
        more = _("+{count} more").format(count=line.ringing - 1) if line.ringing > 1 else ""
        right = Text.assemble(
            (more, self.ink("overdue")),
            "  ",
            (line.key, self.ink("focus")),
            " ",
            (_("picks up"), self.ink("strong")),
            " ",
        )
        word = _("RINGING {length}").format(length=length)
        left = Text.assemble(" ", (word, self.ink("overdue")), f"  {caller_of(line.call)}")
        return spread(left, right, width)

    def _in_hand(self) -> Text:
        line = self.state.line
        if line is None:
            return Text()
        length = call_length(line.seconds) if self.state.ticking else minutes(line.seconds)
        said = _("call {length}").format(length=length)
        return Text.assemble("   ", (said, self.ink("strong")), " ", (line.key, self.ink("focus")))

    def _alerts(self) -> Text:
        state = self.state
        if not state.alerts:
            return Text()
        said = _("1 alert") if state.alerts == 1 else _("{count} alerts").format(count=state.alerts)
        text = Text.assemble("   ", (said, self.ink("strong")))
        return text.append(f" {state.alerts_key}", self.ink("focus")) if state.alerts_key else text

    def _failing(self) -> Text:
        """Return what doesn't get through: channels of alerts, sources, and what isn't sent."""
        state, text = self.state, Text()
        if names := [*map(_, state.failing), *state.away]:
            said = _("{channel} fails").format(channel=", ".join(names))
            text.append("   ").append(said, self.ink("strong"))
        if state.stuck:
            text.append("   ").append(_("{count} not sent").format(count=state.stuck), self.ink("strong"))
            if state.outbox_key:
                text.append(f" {state.outbox_key}", self.ink("focus"))
        return text

    def _counts(self, width: int) -> Text:
        if not self.state.urgencies:
            # That nothing is overdue must not be said before it is known.
            return Text()
        text = Text()
        for urgency in _COUNTED:
            count = self.state.urgencies.get(urgency, 0)
            sign = urgency.sign.strip()
            said = f"   {sign} {count} {_(urgency.value)}" if width >= 72 else f"  {sign} {count}"
            text.append(said, self.ink(urgency.value if count else "dim"))
        return text.append(" ")

    def _stale(self, width: int) -> Text:
        """Return the age of the data and why nothing newer comes.

        A reason begins with where the store is, so its end is what says most and is kept.
        """
        state = self.state
        seconds = state.stale_seconds or 0
        age = clock_time(seconds) if state.ticking else minutes(seconds)
        head = f"{state.stale_word} {age} "
        room = max(width - len(head) - 24, 8)
        why = state.stale_why
        if cell_len(why) > room:
            while cell_len(why) > room - 1:
                why = why[1:]
            why = f"…{why}"
        return Text.assemble((head, self.ink("overdue")), why, " ")


def caller_of(call: Call) -> str:
    """Return the number that calls, the plan and the name behind it, as far as they are known."""
    number = call.number or _("no number")
    known = call.on_file
    if known is None:
        return number
    who = ", ".join(filter(None, (known.contact, known.name)))
    if known.others:
        who = _("{name} or {count} others").format(name=known.name, count=known.others)
    return f"{number}  {known.plan.short}  {who}"


def call_length(seconds: int) -> str:
    """Return how long a call rings or lasts, as `00:47` or `1:02:10`."""
    hours, rest = divmod(seconds, 3600)
    return f"{hours}:{rest // 60:02}:{rest % 60:02}" if hours else f"{rest // 60:02}:{rest % 60:02}"


def zone_label(zone: ZoneInfo) -> str:
    """Return the city of a zone: `Zurich` for Europe/Zurich."""
    return zone.key.rsplit("/", 1)[-1].replace("_", " ")


def minutes(seconds: int) -> str:
    """Return a number of seconds in whole minutes: `2 min`, `<1 min`, `3 h 05`."""
    return format_duration(timedelta(seconds=seconds // 60 * 60)) if seconds >= 60 else "<1 min"


def clock_time(seconds: int) -> str:
    """Return a number of seconds as `00:02:10`."""
    return f"{seconds // 3600:02}:{seconds % 3600 // 60:02}:{seconds % 60:02}"
