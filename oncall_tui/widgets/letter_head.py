"""The head of an answer that is being written: to whom, about what, in which language, how long there is."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple
from zoneinfo import ZoneInfo

from rich.text import Text
from textual.app import ComposeResult
from textual.widget import Widget

from oncall_tui.domain.durations import format_left
from oncall_tui.domain.sla import remaining
from oncall_tui.domain.tickets import Origin, Ticket
from oncall_tui.translation import _
from oncall_tui.widgets.columns import URGENCY_INK, due_text, fit
from oncall_tui.widgets.ink import Line
from oncall_tui.widgets.outgoing_words import addressed, language_name, of_answer_state

LABEL_WIDTH = 10
"""Columns of a label with the blank after it."""


class LetterState(NamedTuple):
    """What the head says at an instant (UTC). Without `ticking` it says no seconds."""

    ticket: Ticket
    origin: Origin
    subject: str
    language: str
    template: str
    now: datetime
    zone: ZoneInfo
    ticking: bool = True


class _Fact(Line):
    """A line with a label."""

    def __init__(self, label: str) -> None:
        super().__init__()
        self._label = label
        self._says = Text()

    def tell(self, says: Text) -> None:
        self._says = says
        self.update()

    def compose_line(self, width: int) -> Text:
        text = Text.assemble((f" {fit(self._label, LABEL_WIDTH - 1)}", self.ink("dim")), self._says)
        text.truncate(width, overflow="ellipsis")
        return text


class LetterHead(Widget):
    """Four lines; the one with the clock ticks."""

    DEFAULT_CSS = "LetterHead { layout: vertical; height: auto; width: 1fr; }"

    def __init__(self) -> None:
        super().__init__(id="head")
        self._to, self._subject = _Fact(_("To")), _Fact(_("Subject"))
        self._clock, self._language = _Fact(_("Clock")), _Fact(_("Language"))

    def compose(self) -> ComposeResult:
        yield self._to
        yield self._subject
        yield self._clock
        yield self._language

    def show(self, state: LetterState) -> None:
        """Show `state`."""
        dim, origin = self._to.ink("dim"), state.origin
        through = _("through {source}").format(source=origin.source)
        self._to.tell(Text.assemble(receiver(origin), (f"  {through}", dim)))
        self._subject.tell(Text(state.subject))
        self._clock.tell(self._time(state))
        says = Text(language_name(state.language))
        if state.template:
            says.append("  ").append(_("template {name}").format(name=state.template), dim)
        self._language.tell(says)

    def _time(self, state: LetterState) -> Text:
        """Return how long there is, and until when the clock runs (R6)."""
        ticket, dim = state.ticket, self._clock.ink("dim")
        due = ticket.due_at
        if due is None:
            return Text(_("answered before") if ticket.answered_at else _("no guaranteed response"), dim)
        urgency = ticket.urgency(state.now)
        left = format_left(remaining(due, state.now), seconds_shown=state.ticking).strip()
        text = Text.assemble(
            (f"{urgency.sign.strip()} {left}".strip(), self._clock.ink(URGENCY_INK[urgency]))
        )
        at = _("due {time}").format(time=due_text(due, state.now, state.zone))
        text.append(f"  {at}")
        if ticket.outgoing is not None:
            said = _("an answer is {state}").format(state=of_answer_state(ticket.outgoing))
            text.append("  ").append(said, self._clock.ink("strong"))
        elif ticket.answered_at is None:
            text.append("  ").append(_("runs until the server has the answer"), dim)
        return text


def receiver(origin: Origin) -> str:
    """Return whom an answer goes to: the address, where there is none the ticket in the other system."""
    return addressed(origin.name, origin.address) or _("ticket {thread}").format(thread=origin.thread)
