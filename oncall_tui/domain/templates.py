"""Answers that are written over and over: a text in French and one in English, with places to fill in.

A text may hold `{ref}`, `{subject}`, `{contact}`, `{organisation}`, `{operator}` and `{service}`; a brace
that is meant as one is doubled. What fills a place is never looked at for another: a subject may hold braces
of its own.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from oncall_tui.domain.errors import BadInput
from oncall_tui.domain.tickets import UNKNOWN_CUSTOMER, Ticket

PLACES = ("ref", "subject", "contact", "organisation", "operator", "service")
"""What can be filled in: the ticket's reference and subject, who wrote, for whom, who answers, and the
service that access is asked for (R23).
"""

ACCESS = "access"
"""The template that asks for temporary access."""

OPEN = "…"
"""Stands where a service is named, until somebody writes which."""

FRENCH = "fr"

_PLACE = re.compile(r"\{\{|\}\}|\{([^{}]*)\}|[{}]")


@dataclass(frozen=True, slots=True)
class Template:
    """A template by its name. A language in which it has no text gets that of the other."""

    name: str
    fr: str = ""
    en: str = ""

    def fill(self, language: str, **facts: str) -> str:
        """Return the text in `language`, two letters; any but French is answered in English.

        Every one of `PLACES` stands among the `facts`.
        """
        text = (self.fr or self.en) if language == FRENCH else (self.en or self.fr)
        return _PLACE.sub(lambda found: facts[found[1]] if found[1] else found[0][0], text)

    def answer(self, ticket: Ticket, operator: str, language: str = "", service: str = "") -> str:
        """Return the text for `ticket` as `operator` begins to write it; by default in its language."""
        return self.fill(
            language or ticket.language,
            ref=ticket.ref,
            subject=ticket.subject,
            contact=_name(ticket.contact),
            organisation=_organisation(ticket),
            operator=operator,
            service=service or OPEN,
        )


def checked(text: str) -> str:
    """Return `text` if it can be filled in; `BadInput` names what can't stand in it."""
    for found in _PLACE.finditer(text):
        if found[0] in ("{{", "}}") or found[1] in PLACES:
            continue
        shown = f"{{{found[1]:.40}}}" if found[1] is not None else found[0]
        raise BadInput(
            f"{shown} can't be filled in",
            hint=f"allowed: {', '.join(f'{{{place}}}' for place in PLACES)}; a brace itself is doubled",
        )
    return text


def _organisation(ticket: Ticket) -> str:
    """Return whom the ticket is of; who belongs to nobody that is known goes by the own name."""
    return _name(ticket.contact) if ticket.customer == UNKNOWN_CUSTOMER else ticket.customer_name


def _name(contact: str) -> str:
    """Return the name in `contact`, which has the address beside it for senders who aren't on file."""
    name, bracket, _ = contact.partition(" <")
    return name if bracket else contact.strip("<>")


DEFAULT_TEMPLATES: Mapping[str, Template] = MappingProxyType(
    {
        template.name: template
        for template in (
            Template(
                "started",
                fr="Bonjour,\n\n"
                "Nous avons commencé à travailler sur votre demande {ref} « {subject} ».\n"
                "Nous revenons vers vous dès que nous en savons plus.\n\n"
                "Meilleures salutations\n{operator}",
                en="Hello,\n\n"
                "We have started to work on your request {ref} “{subject}”.\n"
                "We will get back to you as soon as we know more.\n\n"
                "Kind regards\n{operator}",
            ),
            Template(
                "question",
                fr="Bonjour,\n\n"
                "Nous avons commencé à travailler sur votre demande {ref} « {subject} ».\n"
                "Pour avancer, il nous faudrait encore savoir :\n\n\n\n"
                "Meilleures salutations\n{operator}",
                en="Hello,\n\n"
                "We have started to work on your request {ref} “{subject}”.\n"
                "To go on we still need to know:\n\n\n\n"
                "Kind regards\n{operator}",
            ),
            Template(
                "solved",
                fr="Bonjour,\n\n"
                "Votre demande {ref} « {subject} » est résolue de notre côté.\n"
                "Si ce n'est pas le cas chez vous, répondez simplement à ce message.\n\n"
                "Meilleures salutations\n{operator}",
                en="Hello,\n\n"
                "Your request {ref} “{subject}” is solved on our side.\n"
                "If it isn't on yours, simply answer this message.\n\n"
                "Kind regards\n{operator}",
            ),
            Template(
                ACCESS,
                fr="Bonjour,\n\n"
                "Nous avons commencé à travailler sur votre demande {ref} « {subject} ».\n"
                "Pour continuer, il nous faudrait un accès temporaire à votre service : {service}.\n"
                "Dites-nous si vous nous l'accordez, et jusqu'à quand. Seul notre personnel l'utilisera,\n"
                "pour cette demande, et plus après la fin que vous aurez fixée.\n\n"
                "Meilleures salutations\n{operator}",
                en="Hello,\n\n"
                "We have started to work on your request {ref} “{subject}”.\n"
                "To go on we would need temporary access to your service: {service}.\n"
                "Please tell us whether you grant it, and until when. Only our staff will use it,\n"
                "for this request, and not after the end that you set.\n\n"
                "Kind regards\n{operator}",
            ),
        )
    }
)
"""The templates that are there without a settings file, by name. None only confirms that a request came in:
an answer stops the response clock, and it has to say that work has begun (R6).
"""
