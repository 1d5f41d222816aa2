"""Answering: by mail where the ticket came from a system that takes an answer, else by recording that the
customer was told.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from oncall_tui.domain.errors import NotFound
from oncall_tui.domain.tickets import Channel, Ticket, TicketDetail
from oncall_tui.screens.acting import ActingPage, Tickets
from oncall_tui.screens.giving import copy_link
from oncall_tui.screens.many import about
from oncall_tui.translation import _

if TYPE_CHECKING:
    from oncall_tui.desk import Desk
    from oncall_tui.domain.guides import Guide
    from oncall_tui.screens.answer import Answer


class _Read(NamedTuple):
    """A ticket with all that belongs to it, and the language of its organisation."""

    detail: TicketDetail
    language: str


def answer(page: ActingPage) -> None:
    """Open what answers the tickets that are chosen on `page`."""
    targets = page.chosen("answer")
    if not targets:
        return
    if len(targets) > 1 or targets[0].channel is not Channel.EMAIL:
        ask_how(page, targets)  # no system sent them, or no text would fit them all
    else:
        page.ask_store(lambda desk: _read(desk, targets[0]), lambda read: _open(page, read))


def answer_with(page: ActingPage, ticket: Ticket, guide: Guide) -> None:
    """Open the composer with the link of `guide` in the answer; where none can go out, copy it and say so."""

    def opened(read: _Read) -> None:
        if not _compose(page, read, guide):
            why = _("{ref} isn't answered by mail").format(ref=ticket.ref)
            copy_link(page, guide, why)

    page.ask_store(lambda desk: _read(desk, ticket), opened)


def _open(page: ActingPage, read: _Read) -> None:
    """Open the composer if an answer can go out, else ask how the customer was told."""
    if not _compose(page, read):
        ask_how(page, (read.detail.ticket,))


def _compose(page: ActingPage, read: _Read, guide: Guide | None = None) -> bool:
    """Open the composer, with the link of a `guide` if one is given; say whether an answer can go out."""
    origin = read.detail.origin
    if origin is None or not (origin.thread or origin.address):
        return False
    from oncall_tui.screens.composer import ComposeScreen

    composer = ComposeScreen(page.session, read.detail, origin, read.language, page.acted, guide)
    page.app.push_screen(composer)
    return True


def _read(desk: Desk, ticket: Ticket) -> _Read:
    detail = desk.tickets.detail(ticket.id)
    if detail.origin is None or detail.ticket.language:
        return _Read(detail, "")
    try:
        return _Read(detail, desk.customers.card(detail.ticket.customer).customer.language)
    except NotFound:
        return _Read(detail, "")


def ask_how(page: ActingPage, targets: Tickets, given: Answer | None = None, problem: str = "") -> None:
    """Ask how the customers were told, and record it; `problem` is why `given` wasn't taken."""
    from oncall_tui.screens.answer import AnswerDialog

    def answered(answer: Answer | None) -> None:
        if answer is None:
            return
        page.act_on(
            targets,
            lambda desk, ticket: desk.answer(
                ticket.id, answer.means, text=answer.text, version=ticket.version
            ),
            lambda _done: f"answered by {answer.means.value}",
            lambda why, now: ask_how(page, now, answer, why) if answer.text else None,
        )

    stops = (
        _("The first answer stops the response clock, for good.")
        if any(ticket.answered_at is None for ticket in targets)
        else _("It was answered before; this keeps an open promise.")
    )
    page.app.push_screen(AnswerDialog(about(targets), stops, given=given, problem=problem), answered)
