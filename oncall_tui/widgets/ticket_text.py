"""A ticket in words: its head, which ticks, and conversation, deadline and history as text."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from rich.style import Style
from rich.text import Text
from textual.geometry import Size
from textual.strip import Strip

from oncall_tui.domain.durations import format_duration, format_left, format_remaining
from oncall_tui.domain.hours import OpeningHours
from oncall_tui.domain.ledger import ledger, render_ledger
from oncall_tui.domain.messages import marked
from oncall_tui.domain.sla import ClockKind, remaining
from oncall_tui.domain.tickets import (
    Channel,
    Enclosure,
    Means,
    Message,
    MessageKind,
    Origin,
    Ticket,
    TicketDetail,
)
from oncall_tui.domain.whatif import Outlook
from oncall_tui.translation import _
from oncall_tui.widgets.columns import URGENCY_INK, due_text, moment
from oncall_tui.widgets.ink import LOW, Drawn
from oncall_tui.widgets.outgoing_words import human_size, language_name, of_answer, origin_words

_MINUTE = timedelta(minutes=1)
_TYPED_LATER = _MINUTE
_LEDGER_WIDTH = 34
_CLOCK = 2
"""Which of the lines of the head ticks."""

_STEADY = 8
"""Lines that the head keeps once a ticket has needed them: two for each of its texts."""

_VIA = {Channel.EMAIL: "by e-mail", Channel.PHONE: "by phone", Channel.EMERGENCY: "on the emergency line"}
_MEANS = {Means.EMAIL: "by e-mail", Means.PHONE: "by phone", Means.CHAT: "by chat"}
_KINDS = {
    MessageKind.REQUEST: "asked",
    MessageKind.ANSWER: "answered",
    MessageKind.NOTE: "note, for the team",
    MessageKind.AUTOMATIC: marked("automatic reply"),
}


class TicketHead(Drawn):
    """The lines that say what a ticket is and how it stands; the remaining time ticks."""

    DEFAULT_CSS = "TicketHead { height: auto; width: 1fr; }"

    def __init__(self, ticket: Ticket | None, zone: ZoneInfo, now: datetime, *, ticking: bool = True) -> None:
        """Without `ticking` no seconds are shown."""
        super().__init__(id="head")
        self.ticking = ticking
        self.ticket = ticket
        self.zone = zone
        self.now = now
        self.origin: Origin | None = None
        """Where the ticket came from, None while it isn't read or where it came from no other system."""
        self._texts: list[Text] = []
        # How each text was drawn last, and for what size: a tick draws the one with the clock.
        self._parts: list[list[Strip]] = []
        self._drawn_for: tuple[int, Size] = (0, Size())
        self._steady = self._steady_for = 0

    def show_origin(self, origin: Origin | None) -> None:
        """Show where the ticket came from."""
        if origin != self.origin:
            self.origin, self._texts, self._parts = origin, [], []
            self.refresh(layout=True)

    def show(self, ticket: Ticket, now: datetime) -> None:
        """Show `ticket` as it stands at `now`."""
        known, self.ticket, self.now = self.ticket, ticket, now
        if known is not None and known.id != ticket.id:
            self.origin = None
        if not self.is_attached:
            return
        # While it has no place on the screen there is no width to draw for: that waits for `draw_line`.
        before, drawn = self._texts, self._parts if self._drawn_for == self._room else []
        if known is ticket and before:
            clock = self._cut(self._clock(ticket))
            if clock.plain == before[_CLOCK].plain:
                return
            self._texts = [*before[:_CLOCK], clock, *before[_CLOCK + 1 :]]
            self._parts = [*drawn[:_CLOCK], self._drawn(clock), *drawn[_CLOCK + 1 :]] if drawn else []
        else:
            self._texts = self._composed(ticket)
            self._parts = [self._drawn(text) for text in self._texts] if drawn else []
        # What is below moves only where that can't be helped, and never by a tick.
        self.refresh(layout=not drawn or self._height(map(len, self._parts)) != self.size.height)

    def render(self) -> Text:
        return Text("\n").join(self._lines())

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        if width != self._steady_for:
            self._steady_for, self._steady = width, 0
        return self._height(len(self._wrapped(text, width)) for text in self._lines())

    def _height(self, lines: Iterable[int]) -> int:
        """Return how high the head is for texts of so many lines each: as high as it was, within limits,
        so that nothing jumps while one goes through the list.
        """
        height = sum(lines)
        self._steady = max(self._steady, min(height, _STEADY))
        return max(height, self._steady)

    def draw_line(self, y: int) -> Strip:
        if self._drawn_for != (room := self._room):
            self._texts, self._parts, self._drawn_for = [], [], room
        if not self._parts:
            self._parts = [self._drawn(text) for text in self._lines()]
        for part in self._parts:
            if y < len(part):
                return part[y]
            y -= len(part)
        return Strip.blank(self.size.width, self.base)

    def notify_style_update(self) -> None:
        self._texts, self._parts = [], []
        super().notify_style_update()

    @property
    def _room(self) -> tuple[int, Size]:
        """Return what there is to draw for: columns, none while it isn't to be seen, and the terminal."""
        return self.size.width, self.app.size

    def _lines(self) -> list[Text]:
        if not self._texts and self.ticket is not None:
            self._texts = self._composed(self.ticket)
        return self._texts

    def _composed(self, ticket: Ticket) -> list[Text]:
        dim = self.ink("dim")
        lines = [
            Text.assemble((ticket.ref, self.ink("focus")), "  ", (ticket.subject, self.ink("strong"))),
            Text.assemble(
                ticket.customer_name,
                (f"  {ticket.plan.value}, {_VIA[ticket.channel]}", dim),
                (f"  asked by {ticket.contact}" if ticket.contact else "", dim),
                (f", {language_name(ticket.language)}" if ticket.language else "", dim),
            ),
            self._clock(ticket),
            Text(f"{self._owner(ticket)}, {received(ticket, self.zone)}", dim),
        ]
        if self.origin is not None:
            lines.append(Text(origin_words(self.origin), dim))
        return [self._cut(line) for line in lines]

    def _cut(self, line: Text) -> Text:
        """Cut `line` where the terminal is too low to wrap it."""
        if self.app.size.height < LOW:
            line.truncate(max(self.app.size.width - 2, 1), overflow="ellipsis")
        return line

    def _wrapped(self, text: Text, width: int) -> list[Text]:
        return list(text.wrap(self.app.console, max(width - 2, 1)))

    def _drawn(self, text: Text) -> list[Strip]:
        """Return `text` in lines, with a blank at either side."""
        width = self.size.width
        return [
            self.inked(Text.assemble(" ", line)).adjust_cell_length(width, self.base)
            for line in self._wrapped(text, width)
        ]

    def _clock(self, ticket: Ticket) -> Text:
        zone = self.zone
        if ticket.closed_at is not None:
            why = f": {ticket.close_reason}" if ticket.close_reason else ""
            return Text(f"closed {moment(ticket.closed_at, zone)}{why}", self.ink("strong"))
        if ticket.due_at is None:
            why = "answered, nothing promised" if ticket.answered_at else "no guaranteed response"
            if ticket.internal:
                return Text(_("no clock runs: internal, asked by one of us"), self.ink("dim"))
            return Text(f"no clock runs: {why}", self.ink("dim"))
        urgency = ticket.urgency(self.now)
        left = remaining(ticket.due_at, self.now)
        shown = (format_remaining(left) if self.ticking else format_left(left, seconds_shown=False)).strip()
        ink = self.ink(URGENCY_INK[urgency])
        kind = "promised update" if ticket.clock is ClockKind.PROMISE else "first response"
        if ticket.clock is ClockKind.RESPONSE and ticket.channel is Channel.EMERGENCY:
            kind = "first response, target 24/7"
        sign = f"{urgency.sign.strip()} " if urgency.sign.strip() else ""
        return Text.assemble(
            (f"{sign}{shown}", ink), f"  due {moment(ticket.due_at, zone)}", (f"  {kind}", self.ink("dim"))
        )

    def _owner(self, ticket: Ticket) -> str:
        if ticket.owner is None:
            return f"{ticket.state.label}, nobody has it"
        since = f" since {moment(ticket.owner_since, self.zone)}" if ticket.owner_since else ""
        return f"{ticket.state.label}, {ticket.owner} has it{since}"


def received(ticket: Ticket, zone: ZoneInfo) -> str:
    """Return when the request was received, and when it was typed in if that was later (R5)."""
    text = f"received {moment(ticket.received_at, zone)}"
    if ticket.recorded_at - ticket.received_at > _TYPED_LATER:
        text += f", recorded {moment(ticket.recorded_at, zone)}"
    return text


def conversation(detail: TicketDetail, zone: ZoneInfo, dim: Style, strong: Style, shows: str = "") -> Text:
    """Return the request and what was said since, oldest first.

    `shows` is the key that shows what isn't sent.
    """
    parts = [Text(detail.body.rstrip() or "No text came with the request.", "" if detail.body else dim)]
    for message in detail.messages:
        head = f"{moment(message.at, zone)}  {message.author}  {_(_KINDS[message.kind])}"
        text = message.text.rstrip() or "(no text)"
        if message.withdrawn_at is not None:
            parts.append(Text(f"{head}, withdrawn {moment(message.withdrawn_at, zone)}\n{text}", dim))
        elif message.kind is MessageKind.AUTOMATIC:
            parts.append(Text(f"{head}\n{text}", dim))
        else:
            parts.append(Text.assemble((head, dim), _standing(message, dim, strong, shows), "\n", text))
    return Text("\n\n").join(parts).append("\n")


def _standing(message: Message, dim: Style, strong: Style, shows: str) -> Text:
    """Return how an answer stands that isn't with the customer yet."""
    said = of_answer(message.outgoing, message.detail)
    if not said or message.outgoing is None:
        return Text()
    stuck = message.outgoing.needs_a_person
    helps = _("; {key} shows it").format(key=shows) if stuck and shows else ""
    return Text.assemble((" – ", dim), (said, strong if stuck else dim), (helps, dim))


def enclosures(found: Sequence[Enclosure], zone: ZoneInfo, dim: Style) -> Text:
    """Return the files that came with a ticket, a line each: its number, name, size, who sent it and when."""
    lines = [
        Text.assemble(
            (f"{number}  ", dim),
            each.name,
            (f"  {human_size(each.size)}  {each.sender}, {moment(each.at, zone)}", dim),
        )
        for number, each in enumerate(found, 1)
    ]
    return Text("\n").join(lines)


def history(detail: TicketDetail, zone: ZoneInfo, dim: Style) -> Text:
    """Return what was done to the ticket, oldest first."""
    if not detail.history:
        return Text("Nothing was done to it yet.\n", dim)
    lines = [
        Text.assemble(
            (f"{moment(entry.at, zone)}  ", dim),
            f"{entry.operator}  {entry.act}",
            (_facts(entry.detail, zone), dim),
        )
        for entry in detail.history
    ]
    return Text("\n").join(lines).append("\n")


def _facts(facts: Mapping[str, str], zone: ZoneInfo) -> str:
    shown = []
    for name, value in facts.items():
        if name in ("at", "until") or name.endswith("_at"):
            value = moment(datetime.fromisoformat(value), zone)
        shown.append(f"{name.replace('_at', '').replace('_', ' ')} {value}")
    return f"  {', '.join(shown)}" if shown else ""


def deadline(
    detail: TicketDetail, zone: ZoneInfo, width: int, dim: Style, phone: OpeningHours | None = None
) -> Text:
    """Return why the first response is due when it is, and how it and a promise went.

    `phone` is the calendar that the offer counts its response time in, shown beside the 24/7 target
    of an emergency call (R11).
    """
    ticket = detail.ticket
    if ticket.internal:
        return Text(_("Internal: one of us asked it of another, and no plan guarantees a time.") + "\n", dim)
    if ticket.budget is None or ticket.response is None:
        return Text(f"The {ticket.plan.value} plan guarantees no response time: oldest first.\n", dim)
    lines = ledger(detail.hours, ticket.clock_started_at, ticket.budget)
    calendar = (
        f"{ticket.plan.value.capitalize()}, {format_duration(ticket.budget)} of {detail.hours.name} hours"
    )
    text = Text(
        "\n".join(
            line[1:] for line in render_ledger(lines, detail.hours, calendar, max(width, _LEDGER_WIDTH))
        )
    )
    text.append("\n")
    if ticket.channel is Channel.EMERGENCY and phone is not None:
        due = phone.add(ticket.received_at, ticket.budget)
        text.append(f"That is our target, 24/7; counted in telephone hours: {moment(due, zone)} (R11)\n", dim)
    if ticket.answered_at is not None:
        means = f" {_MEANS[ticket.answered_means]}" if ticket.answered_means else ""
        spare = remaining(ticket.response.due_at, ticket.answered_at)
        how = "in time, with" if ticket.met else "late by"
        text.append(
            f"Answered {moment(ticket.answered_at, zone)}{means} by {ticket.answered_by}: "
            f"{how} {format_duration(abs(spare))}{' to spare' if ticket.met else ''}\n"
        )
    if ticket.promise is not None:
        promise = ticket.promise
        text.append(
            f"{promise.made_by} promised an update by {moment(promise.times.due_at, zone)} "
            f"(at {moment(promise.made_at, zone)})\n"
        )
    return text


def what_if(
    found: Sequence[Outlook],
    ticket: Ticket,
    now: datetime,
    zone: ZoneInfo,
    dim: Style,
    rank: Callable[[Ticket], int | None],
) -> Text:
    """Return a line for each act: when the ticket would be due, and its place in the queue by `rank`."""
    if not found:
        return Text("It is closed: its clocks stand still.", dim)
    lines = []
    for outlook in found:
        due, place = outlook.ticket.due_at, rank(outlook.ticket)
        if due is None:
            words = "no clock runs"
        elif due == ticket.due_at:
            words = f"due as before, {due_text(due, now, zone)}"
        else:
            words = f"due {due_text(due, now, zone)}, in {format_duration((due - now) // _MINUTE * _MINUTE)}"
            words += "" if place is None else f", place {place} in this queue"
        note = f"; {outlook.note}" if outlook.note else ""
        lines.append(Text.assemble(f"{outlook.act}: ", (f"{words}{note}", dim)))
    return Text("\n").join(lines)
