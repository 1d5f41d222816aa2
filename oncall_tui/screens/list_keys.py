"""The keys of the registry that move the cursor of a list."""

from __future__ import annotations

from textual.screen import Screen

from oncall_tui.widgets.ticket_list import TicketList


class ListKeys(Screen[None]):
    """A screen with one `TicketList` and the keys that move its cursor."""

    tickets: TicketList

    def action_down(self) -> None:
        """Move the cursor one line down."""
        self.tickets.move_by(1)

    def action_up(self) -> None:
        """Move the cursor one line up."""
        self.tickets.move_by(-1)

    def action_first(self) -> None:
        """Move the cursor to the top."""
        self.tickets.move_cursor(0)

    def action_last(self) -> None:
        """Move the cursor to the end."""
        self.tickets.move_cursor(len(self.tickets.view) - 1)

    def action_page_down(self) -> None:
        """Move the cursor one page down."""
        self.tickets.move_by(self.tickets.page)

    def action_page_up(self) -> None:
        """Move the cursor one page up."""
        self.tickets.move_by(-self.tickets.page)
