"""Asking a customer for temporary access: by an answer from a template, or in words to say (R23)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from oncall_tui import background
from oncall_tui.domain.errors import NotFound, OncallError
from oncall_tui.domain.messages import Message, marked
from oncall_tui.domain.templates import ACCESS
from oncall_tui.domain.tickets import Channel, Origin, Ticket, TicketDetail
from oncall_tui.screens.session import Draft, Session, words
from oncall_tui.translation import _, spoken

if TYPE_CHECKING:
    from oncall_tui.screens.access import AccessScreen

_SAY = marked(
    "To go on we would need temporary access to your service {service}. Do you grant it to our staff, and "
    "until when?"
)


def ask_customer(page: AccessScreen) -> None:
    """Ask for which service, and then the customer: by mail if the ticket of `page` takes an answer."""
    from oncall_tui.screens.access_dialogs import ServiceDialog

    services = () if page.file is None else page.file.customer.services
    if len(services) == 1:
        _ask_for(page, services[0])
        return

    def chosen(service: str | None) -> None:
        if service is not None:
            _ask_for(page, service)

    page.app.push_screen(ServiceDialog(page.organisation, services), chosen)


def _ask_for(page: AccessScreen, service: str) -> None:
    ticket = page.ticket
    if ticket is None or ticket.channel is not Channel.EMAIL or ACCESS not in page.session.templates:
        _say(page, service)
    else:
        page.in_background(lambda: _by_mail(page, ticket, service), "asking", only=True)


async def _by_mail(page: AccessScreen, ticket: Ticket, service: str) -> None:
    desk = page.session.desk
    if desk is None:
        return
    try:
        detail = await background.read(lambda: desk.tickets.detail(ticket.id))
    except NotFound:
        _say(page, service)
        return
    except OncallError as error:
        page.say(words(error))
        return
    origin = detail.origin
    if not page.is_current:
        return
    if origin is None or not (origin.thread or origin.address) or detail.ticket.closed_at is not None:
        _say(page, service)
    else:
        _compose(page, detail, origin, service)


def _compose(page: AccessScreen, detail: TicketDetail, origin: Origin, service: str) -> None:
    """Open the composer with the template, after what was written before if there is a draft."""
    from oncall_tui.screens.board import BoardScreen
    from oncall_tui.screens.composer import LANGUAGES, ComposeScreen

    board = page.app.screen_stack[0]
    if not isinstance(board, BoardScreen) or page.file is None:
        return
    session, ticket, theirs = page.session, detail.ticket, page.file.customer.language
    language = next((each for each in (ticket.language, theirs) if each in LANGUAGES), "en")
    session.drafts[ticket.id] = _draft(session, ticket, language, service)
    page.app.push_screen(ComposeScreen(session, detail, origin, theirs, board.acted))


def _draft(session: Session, ticket: Ticket, language: str, service: str) -> Draft:
    from oncall_tui.domain.text import clean_body

    before = session.drafts.get(ticket.id)
    if before is not None and before.text.strip():
        language = before.language
    text = clean_body(session.templates[ACCESS].answer(ticket, session.operator, language, service))
    if before is None or not before.text.strip() or before.text == text:
        return Draft(ticket.ref, text, language, ACCESS, service)
    return Draft(ticket.ref, f"{before.text.rstrip()}\n\n{text}", language, service=service)


def _say(page: AccessScreen, service: str) -> None:
    from oncall_tui.screens.access_dialogs import SayDialog

    def answered(granted: bool | None) -> None:
        if granted:
            page.ask_grant(service)

    said = spoken(Message(_SAY, {"service": service}))
    aside = _("{service}, {organisation}").format(service=service, organisation=page.organisation)
    page.app.push_screen(SayDialog(aside, said), answered)
