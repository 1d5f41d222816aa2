"""A night with mail: what the stories and the pictures of answering and of the outbox take place in."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from itertools import count
from pathlib import Path
from typing import Any

from board import Night, until
from support import CUSTOMERS, NOW
from textual.pilot import Pilot

from oncall_tui.domain.correspondence import (
    Attachment,
    Batch,
    Handed,
    Letter,
    LetterKind,
    Outgoing,
    Sender,
    Standing,
)
from oncall_tui.domain.customers import Contact, Customer
from oncall_tui.domain.outgoing import OutgoingState
from oncall_tui.domain.plans import Plan
from oncall_tui.domain.templates import DEFAULT_TEMPLATES
from oncall_tui.domain.tickets import Ticket
from oncall_tui.screens.outbox import OutboxScreen

ANNA = Sender("Anna Rochat", "anna@leman.example")
KARIM = Sender("Karim Besson", "karim@leman.example")
EVE = Sender("Eve Stranger", "eve@elsewhere.example")

LEMAN = Customer(
    "leman",
    "Banque du Léman",
    Plan.ENTERPRISE,
    date(2026, 1, 1),
    language="fr",
    contacts=(Contact(*ANNA), Contact(*KARIM)),
)
WITH_MAIL = (LEMAN, *CUSTOMERS[1:])

SCAN = Attachment("scan of the error.pdf", "application/pdf", 1_400_000, "2")
LOG = Attachment("journal.txt", "text/plain", 812, "3")

_numbers = count(1)


def letter(sender: Sender = ANNA, subject: str = "Mail queue stuck", text: str = "", **more: Any) -> Letter:
    """Return a request that came half an hour ago."""
    number = next(_numbers)
    facts: dict[str, Any] = {
        "key": f"1/{number}",
        "kind": LetterKind.REQUEST,
        "received_at": NOW - timedelta(minutes=30),
        "message_id": f"<{number}@{sender.address.rpartition('@')[2]}>",
    }
    return Letter(sender=sender, subject=subject, text=text, **(facts | more))


def arrive(
    night: Night, *letters: Letter, source: str = "support", standings: Sequence[Standing] = ()
) -> None:
    """Have letters come in, as a desk of `source` takes them in."""
    desk = night.desk("post")
    kind, place = ("mailbox", "imaps://mail.example") if source == "support" else ("rt", "https://rt.example")
    lease = desk.sources.hold(source, kind, place)
    assert lease is not None
    desk.letters.take_in(source, lease.holder, Batch("1", letters, tuple(standings)))
    desk.sources.went_well(source, None)
    desk.sources.let_go(source)


def asked(night: Night, one: Letter) -> Ticket:
    """Have a request come in; return its ticket."""
    arrive(night, one)
    desk = night.desk("post")
    return max(desk.queue.page(_all(night), limit=50), key=lambda ticket: ticket.id)


def _all(night: Night) -> Any:
    from oncall_tui.domain.queue import QUEUES

    return QUEUES[0]


def hand_over(
    night: Night, state: OutgoingState, detail: str = "", *, source: str = "support", **more: str
) -> Outgoing:
    """Have the one thing that has its turn come out as `state`."""
    desk = night.desk("post")
    (outgoing,) = desk.outbox.claim(source, "support.example")
    desk.outbox.finish(outgoing, Handed(state, night.clock(), detail, **more))
    return outgoing


def fill_outbox(night: Night) -> None:
    """Write answers that come out in every way, and an act that is in conflict in the other system."""
    lea, marc = night.desk("Léa"), night.desk("Marc")
    night.clock.now = NOW - timedelta(minutes=20)
    ways = (
        (KARIM, "Backup: which day?", OutgoingState.UNSURE, "the connection broke after the text"),
        (ANNA, "Certificate renewal", OutgoingState.REFUSED, "550 mailbox full"),
        (EVE, "Is my parcel with you?", OutgoingState.SENT, ""),
        (KARIM, "DNS change to be done", OutgoingState.WAITING, "421 try again later"),
    )
    for sender, subject, state, detail in ways:
        ticket = asked(night, letter(sender, subject))
        marc.outbox.answer(ticket.id, f"Bonjour,\n\nwe work on {subject.lower()}.")
        hand_over(night, state, detail)
        night.clock.advance(minutes=2)
    standing = Standing("123", "RT-123", "Disk full", ANNA, NOW - timedelta(hours=1), version="v1")
    first = letter(ANNA, "Disk full", "The disk is full.", thread="123")
    arrive(night, first, source="tracker", standings=[standing])
    lea.tickets.take(lea.tickets.find("RT-123").id)
    hand_over(night, OutgoingState.CONFLICT, "Paul took it there", source="tracker", their_owner="paul")
    night.clock.now = NOW


def with_templates(night: Night, operator: str = "Léa", **more: Any) -> Any:
    """Return a board of `operator` with the templates that are there without settings."""
    app = night.app(operator, **more)
    app.session.templates = DEFAULT_TEMPLATES
    return app


async def settled(pilot: Pilot[None]) -> None:
    """Wait until nothing is on its way, and the outbox on top is read."""

    def read() -> bool:
        page = pilot.app.screen
        return not isinstance(page, OutboxScreen) or page.settled

    await until(pilot, lambda: not any(work.is_running for work in pilot.app.workers), "all is done")
    await until(pilot, read, "the outbox is read")


class Fetching:
    """What saves files, in place of the sources: it writes so many bytes."""

    def __init__(self, size: int = 3) -> None:
        self.size = size
        self.nudged: list[str | None] = []

    def nudge(self, name: str | None = None) -> None:
        self.nudged.append(name)

    def fetch(self, enclosure_id: int, target: Path) -> None:
        target.write_bytes(bytes([enclosure_id]) * self.size)
