"""What belongs to a ticket, on a page: conversation, history, why it is due when it is, and what if."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from rich.text import Text
from textual.app import ComposeResult
from textual.widgets import Static

from oncall_tui.domain.messages import marked
from oncall_tui.domain.offer import Offer
from oncall_tui.domain.tickets import Ticket, TicketDetail
from oncall_tui.domain.whatif import outlooks
from oncall_tui.translation import _
from oncall_tui.widgets.alert_columns import AlertLine, over
from oncall_tui.widgets.alert_text import of_ticket
from oncall_tui.widgets.ink import Inked
from oncall_tui.widgets.paper import Paper
from oncall_tui.widgets.rule import Rule
from oncall_tui.widgets.ticket_text import conversation, deadline, enclosures, history, what_if

Rank = Callable[[Ticket], int | None]
"""Returns the place, from 1, that a ticket would have in the queue that is listed; None if unknown."""

_WAITING = "Reading the ticket …"

_SECTIONS: Mapping[str, str] = {
    "conversation": "Conversation",
    "enclosures": marked("Attachments"),
    "history": "History",
    "alerts": marked("Alerts"),
    "deadline": "Why it is due when it is",
    "whatif": "What if",
}


class TicketPaper(Paper, Inked, can_focus=False, inherit_bindings=False):
    """The page of one ticket. It is empty until `show` is called."""

    DEFAULT_CSS = "TicketPaper > #alerts, TicketPaper > #enclosures { margin-bottom: 1; }"

    def __init__(self, zone: ZoneInfo, rank: Rank, shows: str = "") -> None:
        """`shows` is the key that shows what isn't sent."""
        super().__init__(id="page")
        self.zone = zone
        self._shows = shows
        self._rank = rank
        self._detail: TicketDetail | None = None
        self._offer: Offer | None = None
        self._minute: datetime | None = None
        self._told = ""
        self._parts = {name: Static(id=name) for name in _SECTIONS}
        self._rules = {name: Rule(_(title)) for name, title in _SECTIONS.items()}

    def compose(self) -> ComposeResult:
        for name, part in self._parts.items():
            yield self._rules[name]
            yield part

    def on_mount(self) -> None:
        self.show_alerts((), self._minute)
        self._show_enclosures(None)

    def show(self, detail: TicketDetail, offer: Offer, now: datetime) -> None:
        """Show `detail` as it stands at `now`."""
        self._detail, self._offer, self._told = detail, offer, ""
        dim, width = self.ink("dim"), max(self.size.width - 3, 20)
        said = conversation(detail, self.zone, dim, self.ink("strong"), self._shows)
        self._parts["conversation"].update(said)
        self._show_enclosures(detail)
        self._parts["history"].update(history(detail, self.zone, dim))
        phone = offer.calendars.get("phone")
        self._parts["deadline"].update(deadline(detail, self.zone, width, dim, phone))
        self._minute = None
        self.tick(now)

    def _show_enclosures(self, detail: TicketDetail | None) -> None:
        """Show the files that came with the ticket; where there are none, no heading either."""
        found = detail.enclosures if detail is not None else ()
        self._rules["enclosures"].display = self._parts["enclosures"].display = bool(found)
        if found:
            self._parts["enclosures"].update(enclosures(found, self.zone, self.ink("dim")))

    def show_alerts(self, lines: Sequence[AlertLine], now: datetime | None) -> None:
        """Show the alerts of the ticket as they stand at `now`; where there are none, no heading either."""
        self._rules["alerts"].display = self._parts["alerts"].display = bool(lines)
        if lines and now is not None:
            over_ = {line.alert.id: over(line.deliveries) for line in lines}
            found = [line.alert for line in lines]
            self._parts["alerts"].update(of_ticket(found, over_, now, self.zone, self.ink))

    def wait(self) -> None:
        """Show that another ticket is on its way: nothing of the one before stays."""
        self._detail = None
        self.show_alerts((), None)
        self._show_enclosures(None)
        # Whoever goes through the list sees one ticket after the other: this is laid out once.
        if self._told != _WAITING:
            self._tell(_WAITING)
            self.scroll_home(animate=False)

    def unread(self, why: str) -> None:
        """Show `why` the ticket can't be read, in place of what belongs to it."""
        self._tell(f"This can't be read: {why}")

    def _tell(self, words: str) -> None:
        self._told = words
        self.show_alerts((), None)
        self._show_enclosures(None)
        for name, part in self._parts.items():
            part.update(Text(words if name == "conversation" else "", self.ink("dim")))

    def tick(self, now: datetime) -> None:
        """Bring what depends on the clock up to `now`, once a minute."""
        minute = now.replace(second=0, microsecond=0)
        if self._detail is None or self._offer is None or minute == self._minute:
            return
        self._minute = minute
        detail, offer = self._detail, self._offer
        found = outlooks(detail.ticket, detail.hours, offer.plans, offer.thresholds, now)
        text = what_if(found, detail.ticket, now, self.zone, self.ink("dim"), self._rank)
        self._parts["whatif"].update(text)

    def on_resize(self) -> None:
        if self._detail is not None and self._offer is not None and self._minute is not None:
            self.show(self._detail, self._offer, self._minute)
