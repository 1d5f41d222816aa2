"""The tickets that a batch of letters is about, and which of them a letter continues."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

from oncall_tui.desk.letter_reading import Facts, Person, Said
from oncall_tui.domain import letter_rules
from oncall_tui.domain.records import TicketRecord
from oncall_tui.domain.senders import NOWHERE, Belonging
from oncall_tui.domain.tickets import Ticket
from oncall_tui.store.links import Link


class Change(NamedTuple):
    """What something that came in makes of a ticket, with its facts for the audit."""

    make: Callable[[Ticket], Ticket]
    detail: Mapping[str, str]


@dataclass(slots=True, eq=False)
class Conversation:
    """A ticket that something in the batch is about: the `stored` one, or one to be made of `draft`.

    `link` says where it came from and whom an answer goes to, None where it came from nowhere; it is stored
    anew where it isn't `known_link`. `closed_at` is as the letters so far leave it.
    """

    stored: Ticket | None = None
    draft: TicketRecord | None = None
    customer_id: int = 0
    link: Link | None = None
    known_link: Link | None = None
    closed_at: datetime | None = None
    changes: list[Change] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


class Mail(NamedTuple):
    """A mail that is known by its Message-ID; fields as those of `letters.Stored`, but for the ticket."""

    conversation: Conversation | None
    address: str
    ours: bool = False
    id: int | None = None
    source: str = ""


@dataclass(slots=True)
class Conversations:
    """What the `facts` know, and what the batch has added to it so far; `all` are those it is about."""

    facts: Facts
    all: list[Conversation] = field(default_factory=list)
    _of_ticket: dict[int, Conversation] = field(default_factory=dict)
    _of_thread: dict[str, Conversation] = field(default_factory=dict)
    _mails: dict[str, list[Mail]] = field(default_factory=dict)

    def add(self, new: Conversation, thread: str = "") -> None:
        """Know a ticket to be, and its thread in the source."""
        self.all.append(new)
        if thread:
            self._of_thread[thread] = new

    def in_thread(self, thread: str) -> Conversation | None:
        """Return the ticket whose counterpart in the source `thread` is, None if there is none."""
        if thread not in self._of_thread:
            found = self._of_stored(self.facts.threads.get(thread))
            if found is None:
                return None
            self._of_thread[thread] = found
        return self._of_thread[thread]

    def continued_by(self, letter: Said) -> Conversation | None:
        """Return the ticket that a mail continues: that of the nearest mail before it which has one, else the
        one that its subject names, where its sender may.

        Who has a Message-ID has read that mail: a colleague who was sent a copy may answer it.
        """
        for message_id in letter.answers:
            if (continued := self._with_mail(message_id, letter.sender)) is not None:
                return continued
        found = self._of_stored(self.facts.refs.get(letter.ref))
        if found is None or found.stored is None:
            return None
        address = letter.sender.address.address
        answered_to = found.link.origin.address if found.link else ""
        whose = self.whose(letter.sender)
        return found if letter_rules.may_name(whose, address, found.stored, answered_to) else None

    def _with_mail(self, message_id: str, sender: Person) -> Conversation | None:
        """Return the ticket with that mail. Where programs of several senders gave theirs the same
        Message-ID it is that of `sender` or of his organisation, and none of somebody else's.
        """
        found = [mail for mail in self.mails(message_id) if mail.conversation is not None]
        if len({mail.conversation for mail in found}) > 1:
            whose = self.whose(sender)
            own = [mail for mail in found if mail.address == sender.address.address]
            found = own or [
                mail
                for mail in found
                if mail.conversation is not None and whose.speaks_for(mail.conversation.customer_id)
            ]
        return found[0].conversation if found else None

    def mails(self, message_id: str) -> list[Mail]:
        """Return the mails that have that Message-ID, the earlier first; what is added to it is known."""
        if message_id not in self._mails:
            self._mails[message_id] = [
                Mail(self._of_stored(one.ticket_id), one.address, one.ours, one.id, one.source)
                for one in self.facts.mails.get(message_id, ())
            ]
        return self._mails[message_id]

    def whose(self, sender: Person) -> Belonging:
        """Return whom a sender writes for."""
        return self.facts.whose.get(sender.address.address, NOWHERE)

    def _of_stored(self, ticket_id: int | None) -> Conversation | None:
        if ticket_id is None:
            return None
        if ticket_id not in self._of_ticket:
            ticket = self.facts.tickets.get(ticket_id)
            if ticket is None:
                return None
            link = self.facts.links.get(ticket_id)
            found = Conversation(
                stored=ticket,
                customer_id=ticket.customer_id,
                link=link,
                known_link=link,
                closed_at=ticket.closed_at,
            )
            self._of_ticket[ticket_id] = found
            self.all.append(found)
        return self._of_ticket[ticket_id]
