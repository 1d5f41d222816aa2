"""The mail of `oncall-tui demo`: what customers wrote before it opened, and answers that are on their way."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import NamedTuple

from oncall_tui.desk.context import Context
from oncall_tui.desk.desk import Desk
from oncall_tui.desk.letters import LetterDesk
from oncall_tui.desk.outbox import OutboxDesk
from oncall_tui.desk.sources import SourceDesk
from oncall_tui.desk.tickets import TicketDesk
from oncall_tui.domain.correspondence import Attachment, Batch, Handed, Letter, LetterKind, Sender
from oncall_tui.domain.outgoing import OutgoingState
from oncall_tui.domain.tickets import Ticket
from oncall_tui.store.demo import Colleague, load_world

SOURCE, KIND = "support", "oncall_tui.sources.demo"
"""The mailbox by its name in the settings, and the module that plays it."""


class _Written(NamedTuple):
    """A letter of so many minutes ago: of which organisation's first contact, else of whom; what it says."""

    minutes_ago: int
    who: str
    subject: str
    text: str
    language: str = "fr"
    stranger: Sender | None = None
    attachments: tuple[Attachment, ...] = ()
    answers: int | None = None
    """The place of the letter that it goes on from."""


_WRITTEN = (
    _Written(
        52,
        "sauge",
        "Impossible d'ouvrir le calendrier partagé",
        "Bonjour,\n\nDepuis hier soir le calendrier du cabinet ne s'ouvre plus, ni sur les postes ni sur les "
        "téléphones.\n\nMerci de votre aide",
    ),
    _Written(
        39,
        "quayside",
        "Newsletter lands in spam",
        "Hello,\n\nSince Monday parents tell us that our newsletter is in their spam folder. Did we miss a "
        "setting?\n\nMany thanks",
        language="en",
    ),
    _Written(
        31,
        "",
        "Facture reçue deux fois",
        "Bonjour,\n\nNous avons reçu la même facture deux fois. Laquelle compte ?\n\nYann Moulin\n"
        "Atelier Moulin",
        stranger=Sender("Yann Moulin", "yann@atelier-moulin.example"),
        attachments=(Attachment("facture-2026-03.pdf", "application/pdf", 182_400, "2"),),
    ),
    _Written(
        24,
        "heron",
        "La boutique affiche une erreur au paiement",
        "Bonjour,\n\nAu moment de payer, nos clients voient une erreur 502. Une capture est jointe.\n\n"
        "Merci d'avance",
        attachments=(
            Attachment("capture d'écran.png", "image/png", 648_000, "2"),
            Attachment("journal.txt", "text/plain", 12_300, "3"),
        ),
    ),
    _Written(
        7,
        "heron",
        "Re: La boutique affiche une erreur au paiement",
        "Encore une précision : cela n'arrive qu'avec les cartes, pas avec les factures.",
        answers=3,
    ),
)
_UNSURE, _WAITING = "M-1", "M-2"
"""What the first letters became, whose answers are in trouble."""


def tell_earlier(desk: Desk) -> None:
    """Let the mail of the last hour have come in, each letter at its instant, and some have been answered."""
    now, team = desk.clock(), load_world().colleagues(desk.operator)
    for letter in _letters(now):
        _arrives(desk, letter)
    first, second, *_others = team
    _answers(
        desk,
        first,
        now - timedelta(minutes=11),
        desk.tickets.find(_UNSURE),
        "Bonjour,\n\nNous avons commencé à y travailler : le service du calendrier redémarre.",
        Handed(OutgoingState.UNSURE, now - timedelta(minutes=11), "the connection broke after the text"),
    )
    _answers(
        desk,
        second,
        now - timedelta(seconds=4),
        desk.tickets.find(_WAITING),
        "Hello,\n\nWe have started to look into it: one of the records of your domain is missing.",
        Handed(OutgoingState.WAITING, now, "421 too many connections, try again later"),
    )


def _letters(now: datetime) -> Sequence[Letter]:
    world = {one.id: one for one in load_world().organisations}
    found: list[Letter] = []
    for place, each in enumerate(_WRITTEN):
        contact = world[each.who].contacts[0] if each.who else None
        sender = Sender(contact.name, contact.email) if contact else each.stranger or Sender()
        found.append(
            Letter(
                key=f"demo/{place}",
                kind=LetterKind.REQUEST,
                sender=sender,
                subject=each.subject,
                text=each.text,
                received_at=now - timedelta(minutes=each.minutes_ago),
                message_id=f"<{place}@demo.example>",
                answers=() if each.answers is None else (f"<{each.answers}@demo.example>",),
                language=each.language,
                attachments=each.attachments,
            )
        )
    return found


def _arrives(desk: Desk, letter: Letter) -> None:
    context = _context(desk, letter.received_at)
    sources = SourceDesk(context)
    lease = sources.hold(SOURCE, KIND, "no server, this is the demo")
    if lease is not None:
        LetterDesk(context).take_in(SOURCE, lease.holder, Batch(letter.key, (letter,)))
        sources.went_well(SOURCE, None)
        sources.let_go(SOURCE)


def _answers(desk: Desk, one: Colleague, at: datetime, ticket: Ticket, text: str, handed: Handed) -> None:
    context = replace(_context(desk, at), operator=one.name, workstation=one.workstation)
    outbox = OutboxDesk(context, TicketDesk(context))
    outbox.answer(ticket.id, text)
    for outgoing in outbox.claim(SOURCE, "host.example"):
        outbox.finish(outgoing, handed)


def _context(desk: Desk, at: datetime) -> Context:
    return replace(desk.context, clock=lambda: at)
