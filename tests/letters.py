"""Letters as sources bring them, for the tests of what becomes of them."""

from __future__ import annotations

import itertools
from datetime import timedelta

from support import NOW

from oncall_tui.desk import Desk
from oncall_tui.desk.letters import TakenIn
from oncall_tui.domain.correspondence import Batch, Letter, LetterKind, Sender, Standing
from oncall_tui.domain.customers import Customer
from oncall_tui.domain.tickets import TicketDetail
from oncall_tui.store import customers, sources

HOLDER = "Léa"
_numbers = itertools.count(1)

ANNA = Sender("Anna Keller", "anna@leman.example")
STRANGER = Sender("Jo Doe", "jo@nowhere.example")


def letter(sender: Sender = ANNA, **more: object) -> Letter:
    """A mail of its own: key and Message-ID are nobody else's."""
    number = next(_numbers)
    facts: dict[str, object] = {
        "key": f"7:{number}",
        "kind": LetterKind.REQUEST,
        "sender": sender,
        "subject": "Mail is down",
        "text": "Nothing arrives any more.",
        "received_at": NOW,
        "message_id": f"<{number}@customer.example>",
    }
    return Letter(**(facts | more))  # type: ignore[arg-type]


def standing(thread: str = "123", **more: object) -> Standing:
    """A ticket of Request Tracker."""
    facts: dict[str, object] = {
        "thread": thread,
        "ref": f"RT-{thread}",
        "subject": "Disk full",
        "requestor": ANNA,
        "created_at": NOW,
        "version": "etag-1",
    }
    return Standing(**(facts | more))  # type: ignore[arg-type]


def take_in(
    desk: Desk, *found: Letter, source: str = "support", cursor: str = "1", **more: object
) -> TakenIn:
    """Let a source bring letters, in one batch."""
    hold(desk, source)
    return desk.letters.take_in(source, HOLDER, Batch(cursor, tuple(found), **more))  # type: ignore[arg-type]


def hold(desk: Desk, source: str = "support", holder: str = HOLDER) -> bool:
    """Take the lease of a source for a minute; say whether it was to be had."""
    now = desk.clock()
    with desk.store.begin() as tx:
        until = now + timedelta(minutes=1)
        return sources.hold(tx, source, "mailbox", "mail.example", holder, now, until) is not None


def of(desk: Desk, ref: str) -> TicketDetail:
    """The ticket that goes by a reference, with all that belongs to it."""
    return desk.tickets.detail(desk.tickets.find(ref).id)


def lines(desk: Desk, ref: str) -> list[tuple[str, str, str]]:
    """The conversation of a ticket: kind, author and text of each line."""
    return [(line.kind.value, line.author, line.text) for line in of(desk, ref).messages]


def add_customers(desk: Desk, *found: Customer) -> None:
    """Store organisations."""
    with desk.store.begin() as tx:
        customers.add(tx, [(each, None) for each in found])
