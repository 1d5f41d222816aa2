"""The keys of the registry that move the cursor of a list."""

from __future__ import annotations

from typing import Protocol

from textual.screen import Screen

from oncall_tui.widgets.ticket_list import TicketList


class Movable(Protocol):
    """A list with a cursor."""

    @property
    def page(self) -> int:
        """Return how many lines a page moves."""
        ...

    def move_by(self, lines: int) -> None:
        """Move the cursor by a number of lines, up where it is negative."""
        ...


class CursorKeys(Screen[None]):
    """A screen with one list, and the keys that move its cursor by lines and pages."""

    @property
    def moved(self) -> Movable:
        """Return the list whose cursor is moved."""
        raise NotImplementedError

    def action_down(self) -> None:
        """Move the cursor one line down."""
        self.moved.move_by(1)

    def action_up(self) -> None:
        """Move the cursor one line up."""
        self.moved.move_by(-1)

    def action_page_down(self) -> None:
        """Move the cursor one page down."""
        self.moved.move_by(self.moved.page)

    def action_page_up(self) -> None:
        """Move the cursor one page up."""
        self.moved.move_by(-self.moved.page)


class ListKeys(CursorKeys):
    """A screen with one `TicketList` and the keys that move its cursor."""

    tickets: TicketList

    @property
    def moved(self) -> Movable:
        return self.tickets

    def action_first(self) -> None:
        """Move the cursor to the top."""
        self.tickets.move_cursor(0)

    def action_last(self) -> None:
        """Move the cursor to the end."""
        self.tickets.move_cursor(len(self.tickets.view) - 1)
