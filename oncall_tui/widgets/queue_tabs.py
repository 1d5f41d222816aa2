"""The second line: the queues with their keys and counts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from rich.text import Text
from textual import events
from textual.message import Message

from oncall_tui.domain.queue import Queue
from oncall_tui.widgets.ink import Line


class QueueTabs(Line):
    """The queues, the chosen one always in view; `‹` and `›` say that there are more."""

    class Chosen(Message):
        """A queue was clicked; `number` counts from 1."""

        def __init__(self, number: int) -> None:
            super().__init__()
            self.number = number

    def __init__(self, queues: Sequence[Queue], chosen: int, keys: Sequence[str]) -> None:
        """`keys` are what a person reads, one a queue for the first of them."""
        super().__init__(id="tabs")
        self.queues = queues
        self.keys = keys
        self.chosen = chosen
        self.counts: Mapping[str, int] = {}
        self._spans: list[tuple[int, int, int]] = []

    def show(self, chosen: int, counts: Mapping[str, int]) -> None:
        """Show `counts` by queue name, with the queue at place `chosen` (from 0) standing out."""
        if (chosen, counts) != (self.chosen, self.counts):
            self.chosen, self.counts = chosen, counts
            self.update()

    def compose_line(self, width: int) -> Text:
        tabs = [self._tab(number) for number in range(len(self.queues))]
        first, last = window([tab.cell_len for tab in tabs], self.chosen, width - 2)
        text = Text("‹" if first else " ", self.ink("dim"))
        self._spans = []
        for number in range(first, last):
            start = text.cell_len
            text.append_text(tabs[number])
            self._spans.append((start, text.cell_len, number + 1))
        if last < len(tabs):
            text.append(" " * (width - 1 - text.cell_len))
            text.append("›", self.ink("dim"))
        return text

    def _tab(self, number: int) -> Text:
        queue = self.queues[number]
        count = self.counts.get(queue.name)
        shown = "" if count is None else f" {count}"
        key = f" {self.keys[number]} " if number < len(self.keys) else " "
        if number == self.chosen:
            return Text(f"{key}{queue.label}{shown} ", self.ink("focus") + self.ink("cursor"))
        tab = Text(key, self.ink("dim"))
        tab.append(queue.label, self.ink("" if count else "dim"))
        tab.append(f"{shown} ", self.ink("" if count else "dim"))
        return tab

    def on_click(self, event: events.Click) -> None:
        for start, stop, number in self._spans:
            if start <= event.x < stop:
                self.post_message(self.Chosen(number))


def window(widths: Sequence[int], chosen: int, room: int) -> tuple[int, int]:
    """Return the first and one past the last tab to show in `room` columns, `chosen` among them.

    Starts at the first tab where that shows the chosen one, and fills the room.
    """

    def fits(first: int, last: int) -> bool:
        return sum(widths[first:last]) <= room

    first = 0
    while first < chosen and not fits(first, chosen + 1):
        first += 1
    last = chosen + 1
    while last < len(widths) and fits(first, last + 1):
        last += 1
    while first > 0 and fits(first - 1, last):
        first -= 1
    return first, last
