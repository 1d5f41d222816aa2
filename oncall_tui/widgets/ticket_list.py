"""The list of tickets: a Line API widget whose cost doesn't grow with the queue.

Only lines on screen are drawn, and a tick redraws only those whose text has changed. The first line
holds the headings and never scrolls.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from time import monotonic
from typing import NamedTuple
from zoneinfo import ZoneInfo

from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.geometry import Region, Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip
from textual.timer import Timer

from oncall_tui.domain.durations import WIDTH
from oncall_tui.domain.hours import OpeningHours
from oncall_tui.domain.queue import Order, Queue
from oncall_tui.domain.queue_index import QueueIndex
from oncall_tui.domain.sla import Urgency
from oncall_tui.domain.tickets import Ticket
from oncall_tui.widgets.columns import MARGIN, View, fit
from oncall_tui.widgets.ink import Drawn
from oncall_tui.widgets.news import CHANGED, NEW, News
from oncall_tui.widgets.queue_view import QueueView
from oncall_tui.widgets.ticket_line import MARK, UNREAD, Picture, TicketLine, draw, headings

_PICTURES_KEPT = 500
_NEWS_AT_MOST = 1_000

_Line = tuple[int, TicketLine]


class Look(NamedTuple):
    """What the lines depend on besides their tickets: the day on the provider's calendar, and the width."""

    view: View
    day: int
    width: int


class _Kept(NamedTuple):
    """A line as it was drawn last."""

    line: TicketLine
    picture: Picture
    strip: Strip


class TicketList(Drawn, ScrollView, can_focus=False, inherit_bindings=False):
    """The open tickets of a queue, the cursor on one of them."""

    class RowsNeeded(Message):
        """The rows of `ids` are on screen or near it and not loaded; answer with `put_rows`.

        `reading` says which reading of the queue they belong to: an answer to an earlier one is dropped.
        """

        def __init__(self, ids: Sequence[int], reading: int) -> None:
            super().__init__()
            self.ids = ids
            self.reading = reading

    class CursorMoved(Message):
        """The cursor stands on another ticket, or its ticket has changed."""

    class Opened(Message):
        """The ticket under the cursor is to be opened."""

    def __init__(
        self,
        queue: Queue,
        operator: str,
        zone: ZoneInfo,
        now: datetime,
        hold_seconds: float = 1.5,
        *,
        ticking: bool = True,
    ) -> None:
        """`hold_seconds` after a key no line changes place, so that nothing moves under a finger.

        Without `ticking` no seconds are shown.
        """
        super().__init__(id="tickets")
        self.hold_seconds = hold_seconds
        self.ticking = ticking
        self.zone = zone
        self.view = QueueView(queue, operator)
        self.notice: tuple[str, ...] = ()
        self._now = now
        self._looked: Look | None = None
        self._kept: dict[int, _Kept] = {}
        self._asked: set[int] = set()
        self.reading = 0
        # What would move lines and waits until no key was pressed lately.
        self._next_index: QueueIndex | None = None
        self._gone: set[int] = set()
        self._pending: dict[int, Ticket] = {}
        self._news = News()
        self._held_until = 0.0
        self._release: Timer | None = None
        self._painted_cursor: tuple[int | None, Ticket | None] = (None, None)
        # What was drawn last, by line of the widget.
        self._on_screen: dict[int, _Line | None] = {}

    # What the screen tells the list

    def show_queue(self, queue: Queue, order: Order) -> None:
        """Empty the list for another queue."""
        self._start(QueueView(queue, self.view.operator, order, self.view.hours))
        self.scroll_to(y=0, animate=False)
        self._redraw()

    def show_page(
        self,
        queue: Queue,
        order: Order,
        tickets: Sequence[Ticket],
        index: QueueIndex,
        hours: Mapping[int, OpeningHours],
        now: datetime,
    ) -> None:
        """Show the first page of `queue` in `order` while the index is on its way.

        The cursor stays on its ticket if that is among them, or goes there when the index has come.
        """
        self._now = now
        before = self.view
        if (queue, order) != (before.queue, before.order) or before.complete:
            self._start(QueueView(queue, before.operator, order, hours))
            self.view.succeed(before)
        self.view.hours = hours
        self.view.load(index, tickets, now, complete=False)
        self._redraw()
        self._show_cursor()

    def _start(self, view: QueueView) -> None:
        self.view = view
        self._next_index = None
        self._news.clear()
        self._forget_reading()

    def show_index(self, index: QueueIndex, now: datetime) -> None:
        """Take the whole queue, when no key was pressed lately if lines move. The cursor stays on its ticket.

        The rows on screen are asked for again: they may have been read before the index was.
        """
        self._now = now
        self._forget_reading()
        if self.view.complete:
            known = set(self.view.index)
            fresh = [each for each in index if each not in known]
            # Where nearly everything is new a sign at each line says nothing.
            if len(fresh) <= _NEWS_AT_MOST:
                self._news.note(fresh, NEW, now)
        self._next_index = index
        if not self.held or self._goes_on(index):
            self._settle()
        else:
            self._release_later()
        near = self.view.index.slice(*self._window())
        self.view.keep_rows(near)
        self._redraw()
        self._ask_for(near)

    def _forget_reading(self) -> None:
        """Forget what is on its way or waits: it is older than the queue that is shown from now on."""
        self.reading += 1
        self._asked.clear()
        self._gone.clear()
        self._pending.clear()

    def _goes_on(self, index: QueueIndex) -> bool:
        """Say whether `index` begins with the lines that stand, so that none of them moves."""
        standing = len(self.view.index)
        return index.slice(0, standing) == self.view.index.slice(0, standing)

    def show_notice(self, *lines: str) -> None:
        """Show `lines`, clean text, where the tickets would be, while there are none."""
        if lines != self.notice:
            self.notice = lines
            if not len(self.view):
                self.refresh()

    def put_rows(self, asked: RowsNeeded, rows: Mapping[int, Ticket]) -> None:
        """Take the rows that were `asked` for; those that don't come are gone from the store."""
        if asked.reading != self.reading:
            return
        gone = {ticket_id for ticket_id in asked.ids if ticket_id not in rows}
        # What is gone counts as asked for until its line goes: asking again brings nothing.
        self._asked.difference_update(rows)
        self._gone |= gone
        self.view.put_rows(rows, self.view.index.slice(*self._window()))
        if gone:
            self._settle_or_wait()
        self._redraw()

    def rows_failed(self, asked: RowsNeeded) -> None:
        """Forget that rows were `asked` for, so that the next look asks again."""
        if asked.reading == self.reading:
            self._asked.difference_update(asked.ids)

    def apply(self, tickets: Sequence[Ticket], now: datetime, *, own: bool = False) -> None:
        """Take changed tickets: their text at once, their place when no key was pressed lately.

        With `own` the engineer at this board changed them.
        """
        self._now = now
        if own:
            for ticket in tickets:
                self.view.expect(ticket)
        for ticket in tickets:
            if self.view.is_news(ticket):
                self._pending[ticket.id] = ticket
                self._note_news(ticket)
                if ticket.id in self.view.rows:
                    self.view.rows[ticket.id] = ticket
        self._settle_or_wait()

    def _note_news(self, ticket: Ticket) -> None:
        known = self.view.rows.get(ticket.id)
        if ticket.id not in self.view.index:
            # Of a first page nobody knows what comes after it.
            if self.view.complete:
                self._news.note([ticket.id], NEW, self._now)
        elif known is None or known.revision != ticket.revision:
            self._news.note([ticket.id], CHANGED, self._now)

    def tick(self, now: datetime) -> None:
        """Bring what depends on the clock up to `now`."""
        self._now = now
        self._news.forget(now)
        if self._moves_by_the_clock and not self.held:
            self._in_place(lambda: self.view.settle(now))
        self._redraw_changed()

    @property
    def _moves_by_the_clock(self) -> bool:
        return self.view.queue.overdue or self.view.order is Order.OPENING

    # Order and cursor

    @property
    def held(self) -> bool:
        """Say whether a key was pressed so lately that no line may change place; without lines none does."""
        return len(self.view) > 0 and monotonic() < self._held_until

    def hold(self) -> None:
        """Keep every line in its place for `hold_seconds`."""
        self._held_until = monotonic() + self.hold_seconds
        if self._waiting:
            self._release_later()

    @property
    def _waiting(self) -> bool:
        return self._next_index is not None or bool(self._gone or self._pending)

    @property
    def current(self) -> Ticket | None:
        """Return the ticket under the cursor."""
        return self.view.current

    def move_cursor(self, position: int) -> None:
        """Put the cursor on a line, counted from 0, or the nearest there is, and bring it into view."""
        self.hold()
        self.view.fall = None
        self.view.move_to(position)
        self._show_cursor()
        self._redraw_changed()

    def toggle_mark(self) -> None:
        """Mark the ticket under the cursor or take its mark away, and go on to the next."""
        self.view.toggle_mark()
        self.move_by(1)

    def clear_marks(self) -> None:
        """Take all marks away."""
        self.view.marks.clear()
        self._redraw_changed()

    def move_by(self, lines: int) -> None:
        """Move the cursor by `lines`, up if negative."""
        self.move_cursor(self.view.cursor_position + lines)

    def rank(self, ticket: Ticket) -> int | None:
        """Return the place, from 1, that `ticket` would have in the queue as it stands."""
        return self.view.rank(ticket)

    @property
    def text_width(self) -> int:
        """Return the columns beside the scroll bar."""
        return self.scrollable_content_region.width

    @property
    def page(self) -> int:
        """Return how many tickets fit on the screen."""
        return max(self.size.height - 1, 1)

    def _settle_or_wait(self) -> None:
        if self.held:
            self._redraw_changed()
            self._release_later()
        else:
            self._settle()

    def _settle(self) -> None:
        """Carry out what waits: the new queue, then what is known to have happened since."""
        index, self._next_index = self._next_index, None
        gone, self._gone = self._gone, set()
        tickets, self._pending = self._pending, {}
        self._asked -= gone

        def carry_out() -> None:
            if index is not None:
                self.view.load(index, (), self._now, complete=True)
            if gone:
                self.view.drop(gone, self._now)
            self.view.apply(tickets.values(), self._now)

        self._in_place(carry_out)

    def _release_later(self) -> None:
        if self._release is not None:
            self._release.stop()
        self._release = self.set_timer(max(self._held_until - monotonic(), 0.01), self._let_go)

    def _let_go(self) -> None:
        self._release = None
        if self.held:
            self._release_later()
        elif self._waiting:
            self._settle()

    def _in_place(self, change: Callable[[], object]) -> None:
        """Carry out `change` so that the line that the eye is on keeps its place on the screen."""
        top, page = self.scroll_offset.y, self.page
        seen = top <= self.view.cursor_position < top + page
        anchor = self.view.cursor_id if seen else self.view.id_at(top)
        before = self.view.cursor_position if seen else top
        change()
        self._resize()
        after = None if anchor is None else self.view.index.position(anchor)
        # At the top the list stays there: what is most urgent comes in above and is to be seen.
        if after is not None and top > 0 and after != before:
            self.scroll_to(y=top + after - before, animate=False)
        elif seen:
            self._show_cursor()
        self._redraw_changed()

    def _show_cursor(self) -> None:
        position, top = self.view.cursor_position, round(self.scroll_target_y)
        if position < top:
            self.scroll_to(y=position, animate=False)
        elif position >= top + self.page:
            self.scroll_to(y=position - self.page + 1, animate=False)

    # Drawing

    def _resize(self) -> None:
        height = len(self.view) + 1
        if self.virtual_size.height != height:
            self.virtual_size = Size(0, height)

    def _redraw(self) -> None:
        self._resize()
        self.refresh()
        self._ask_for_rows()
        self._tell_cursor()

    def _redraw_changed(self) -> None:
        """Draw the lines anew whose picture would differ from the one on screen, and of those where only
        the time left does no more than that.
        """
        if not self.is_mounted or self.size.height < 2:
            return
        look, top, width = self._look(), self.scroll_offset.y, self.text_width
        changed = []
        for y in range(1, self.size.height):
            drawn, wanted = self._on_screen.get(y), self._line_key(top + y - 1, look)
            if drawn == wanted:
                continue
            ticks = drawn and wanted and drawn[0] == wanted[0] and wanted[1].differs_in_time_only(drawn[1])
            changed.append(Region(0, y, min(MARGIN + WIDTH, width) if ticks else width, 1))
        if changed:
            self.refresh(*changed)
        self._ask_for_rows()
        self._tell_cursor()

    def _look(self) -> Look:
        """Return what the lines depend on besides their tickets, to be asked once for all of them."""
        hours = self.view.hours if self.view.order is Order.OPENING else None
        view = View(self._now, self.zone, self.view.operator, hours, self.ticking)
        return Look(view, self._now.astimezone(self.zone).toordinal(), self.text_width)

    def _line_key(self, position: int, look: Look) -> _Line | None:
        ticket_id = self.view.id_at(position)
        if ticket_id is None:
            return None
        ticket = self.view.rows.get(ticket_id)
        if ticket is None:
            left, urgency = UNREAD, Urgency.NONE
        else:
            left, urgency = look.view.left(ticket).rjust(WIDTH), ticket.urgency(self._now)
        cursor = ticket_id == self.view.cursor_id
        sign = MARK if ticket_id in self.view.marks else self._news.sign(ticket_id, self._now)
        return ticket_id, TicketLine(ticket, left, urgency, look.day, cursor, look.width, sign)

    def notify_style_update(self) -> None:
        self._kept.clear()
        super().notify_style_update()

    def render_lines(self, crop: Region) -> list[Strip]:
        self._looked = self._look()
        return super().render_lines(crop)

    def draw_line(self, y: int) -> Strip:
        look, base = self._looked or self._look(), self.base
        width = look.width
        if y == 0:
            if not len(self.view):
                return Strip.blank(width, base)
            return headings(width, base + self.ink("dim"), opening=self.view.order is Order.OPENING)
        key = self._line_key(self.scroll_offset.y + y - 1, look)
        self._on_screen[y] = key
        if key is None:
            return self._notice_line(y - 2, width, base)
        ticket_id, wanted = key
        kept = self._kept.get(ticket_id)
        if kept is not None and kept.line == wanted:
            return kept.strip
        if kept is None or not wanted.differs_in_time_only(kept.line):
            if len(self._kept) > _PICTURES_KEPT:
                self._kept.clear()
            picture = draw(wanted, look.view, base, self.ink)
        else:
            picture = kept.picture
        strip = picture.at(wanted.left)
        self._kept[ticket_id] = _Kept(wanted, picture, strip)
        return strip

    def _notice_line(self, number: int, width: int, base: Style) -> Strip:
        if len(self.view) or not 0 <= number < len(self.notice):
            return Strip.blank(width, base)
        style = base if number == 0 else base + self.ink("dim")
        text = fit(self.notice[number], max(width - MARGIN, 1))
        return Strip([Segment(" " * MARGIN, base), Segment(text, style)]).adjust_cell_length(width, base)

    # Rows

    def _window(self) -> tuple[int, int]:
        """Return the lines on screen and a page either way."""
        top = round(self.scroll_target_y)
        return max(top - self.page, 0), top + 2 * self.page

    def _ask_for_rows(self) -> None:
        if self.size.height > 1:
            self._ask_for(self.view.missing(*self._window()))

    def _ask_for(self, ids: Sequence[int]) -> None:
        wanted = [ticket_id for ticket_id in ids if ticket_id not in self._asked]
        if wanted:
            self._asked.update(wanted)
            self.post_message(self.RowsNeeded(wanted, self.reading))

    def _tell_cursor(self) -> None:
        cursor = (self.view.cursor_id, self.view.current)
        if cursor != self._painted_cursor:
            self._painted_cursor = cursor
            self.post_message(self.CursorMoved())

    # What the terminal tells the list

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        super().watch_scroll_y(old_value, new_value)
        self._ask_for_rows()

    def on_resize(self) -> None:
        self._resize()
        self._show_cursor()
        self._ask_for_rows()

    def on_click(self, event: events.Click) -> None:
        position = self.scroll_offset.y + event.y - 1
        if event.y == 0 or self.view.id_at(position) is None:
            return
        self.move_cursor(position)
        if event.chain == 2:
            self.post_message(self.Opened())
