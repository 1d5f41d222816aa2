"""The open tickets of a card in board order, and the last calls (R10)."""

from __future__ import annotations

from collections.abc import Sequence

from rich.text import Text

from oncall_tui.domain.customers import CustomerCard
from oncall_tui.domain.durations import WIDTH
from oncall_tui.domain.tickets import Ticket
from oncall_tui.translation import _
from oncall_tui.widgets.card_page import GAP, Page
from oncall_tui.widgets.columns import COLUMNS, DUE_WIDTH, URGENCY_INK, Cell, View, fit

_CELLS = {column.title: column.cell for column in COLUMNS}
_VIA_WIDTH, _LAST_WIDTH = 5, 11
_LAST_FROM, _VIA_FROM, _DUE_FROM = 52, 44, 80
"""The room from which lines show owner or state, channel and due time."""


def ticket_lines(page: Page, card: CustomerCard) -> list[Text]:
    """Return a line for each open ticket, with the digit that chooses it, and how many there are besides."""
    if not card.tickets:
        return [Text(_("no open ticket"), page.ink("dim"))]
    view = View(page.now, page.zone, "", ticking=page.ticking)
    lines = []
    for number, ticket in enumerate(card.tickets, 1):
        urgency = ticket.urgency(page.now)
        line = Text.assemble((f"{number} ", page.ink("accent")))
        line.append(f"{urgency.sign:<2} {view.left(ticket)}", page.ink(URGENCY_INK[urgency]))
        if page.room >= _DUE_FROM:
            line.append("  ").append(fit(_CELLS["DUE"](ticket, view).text, DUE_WIDTH), page.ink("dim"))
        owner = _CELLS["OWNER"](ticket, view)
        lines.append(_request(page, line, ticket, _CELLS["SUBJECT"](ticket, view), owner))
    more = card.open_count - len(card.tickets)
    if more > 0:
        lines.append(Text(_("and {count} more").format(count=more), page.ink("dim")))
    return lines


def call_lines(page: Page, calls: Sequence[Ticket]) -> list[Text]:
    """Return a line for each of the last calls: when it came, what about, what became of it."""
    if not calls:
        return [Text(_("none on record"), page.ink("dim"))]
    lines = []
    for ticket in calls:
        line = Text(" " * 5 + fit(page.at(ticket.received_at), WIDTH, right=True))
        if page.room >= _DUE_FROM:
            line.append(" " * (DUE_WIDTH + GAP))
        state = Cell(ticket.state.label, "dim")
        lines.append(_request(page, line, ticket, Cell(ticket.subject), state))
    return lines


def _request(page: Page, line: Text, ticket: Ticket, subject: Cell, last: Cell) -> Text:
    """Return `line` with channel, subject and, where there is room, what it ends with."""
    room = page.room
    line.append("  ")
    if room >= _VIA_FROM:
        line.append(fit(ticket.channel.short, _VIA_WIDTH + GAP))
    width = room - line.cell_len - (_LAST_WIDTH + GAP if room >= _LAST_FROM else 0)
    label = subject.label if width >= 2 * len(subject.label) else subject.short_label
    line.append(label, page.ink("dim"))
    line.append(fit(subject.text, max(width - len(label), 0)))
    if room >= _LAST_FROM:
        line.append(" " * GAP).append(fit(last.text, _LAST_WIDTH), page.ink(last.ink))
    line.rstrip()
    return line
