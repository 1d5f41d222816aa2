"""What the board says of tickets that left it, and of a list with nothing in it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from oncall_tui.domain.queue import Queue
from oncall_tui.domain.tickets import Ticket
from oncall_tui.widgets.queue_view import Fall

if TYPE_CHECKING:
    from oncall_tui.screens.board import BoardScreen

_NAMED_AT_MOST = 3


def left_marks(lost: Sequence[Fall], still_marked: int, queue: Queue, operator: str) -> str:
    """Return that marked tickets left `queue`, and what is marked now."""
    told = ", ".join(_left(each.row, queue, operator) for each in lost[:_NAMED_AT_MOST])
    more = f" and {len(lost) - _NAMED_AT_MOST} more" if len(lost) > _NAMED_AT_MOST else ""
    rest = f"{still_marked} marked" if still_marked else "nothing is marked"
    return f"{told}{more}; {rest} now, press again"


def left_cursor(fall: Fall, current: Ticket, queue: Queue, operator: str) -> str:
    """Return that the ticket under the cursor left `queue`, and where the cursor is now."""
    return f"{_left(fall.row, queue, operator)}; the cursor is on {current.ref} now, press again"


def _left(row: Ticket | None, queue: Queue, operator: str) -> str:
    if row is None:
        return "the ticket that was here left this queue"
    return f"{row.ref} left this queue{_why(row, queue, operator)}"


def _why(ticket: Ticket, queue: Queue, operator: str) -> str:
    if ticket.closed_at is not None:
        return " (it is closed)"
    if ticket.owner is None or not (queue.unassigned or queue.mine or queue.filter):
        return ""
    return " (it is yours)" if ticket.owner == operator else f" ({ticket.owner} has it)"


def nothing_listed(board: BoardScreen) -> tuple[str, ...]:
    """Return what stands where the tickets would be: why there are none, and which key helps."""
    key, health = board.key, board.session.health
    again = f"{key('refresh')} tries again now"
    if board.session.desk is None:
        if health.stale_seconds is None:
            return ("Opening the store …",)
        return ("The store can't be reached.", health.why, f"{again}   {key('leave')} quits")
    if board.unread:
        return ("This queue can't be read.", board.unread, again)
    if not board.tickets.view.complete:
        return ("Reading the queue …",)
    if board.filter:
        edit = f"{key('back')} clears the filter"
        if not board.filters.keys:
            edit += f"   {key('filter')} changes it"
        return (f"No ticket in {board.queue.label} matches /{board.filter.text}", edit)
    if board.queue is not board.queues[0]:
        return (f"No open tickets in {board.queue.label}.", f"{key('queue')} shows them all")
    return ("No open tickets.", f"{key('new')} files one   oncall-tui import tickets FILE brings some in")
