"""Asking an account manager: a ticket for them, and a note on the one that it is about (R22)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import NamedTuple

from oncall_tui.desk.context import Context
from oncall_tui.desk.filing import Request, file
from oncall_tui.desk.tickets import TicketDesk
from oncall_tui.domain.account_managers import manager_named, managers_of
from oncall_tui.domain.customers import Manager
from oncall_tui.domain.entitlements import MANAGER_CALENDAR, Opening
from oncall_tui.domain.errors import BadInput
from oncall_tui.domain.text import NAME_LIMIT, REF_LIMIT, clean, clean_body
from oncall_tui.domain.tickets import Act, Channel, Message, MessageKind, Ticket
from oncall_tui.store import customers, messages
from oncall_tui.store import tickets as ticket_store
from oncall_tui.store.engine import Transaction

_FIRST_WORDS = 60
"""Characters of the question that stand in the subject."""


class Asked(NamedTuple):
    """A question to a manager: the ticket that it is, the one that it is about (None for none), and whether
    the manager is on duty, until or from when.
    """

    manager: Manager
    ticket: Ticket
    about: Ticket | None
    duty: Opening


@dataclass(frozen=True, slots=True)
class ManagerDesk:
    """What is asked of account managers. Every method raises `NotFound` for what isn't there, and
    `StoreUnavailable`.
    """

    context: Context
    tickets: TicketDesk

    def of(self, customer: str) -> tuple[Manager, ...]:
        """Return the account managers of the organisation with that id, the technical one first.

        Raises `Refused` (R22) for a plan that has none, and where none is on file.
        """
        with self.context.store.connect() as connection:
            _, who = customers.find(connection, clean(customer, limit=REF_LIMIT))
        return managers_of(who, self.context.offer)

    def ask(self, customer: str, manager: str, question: str, ticket_id: int | None = None) -> Asked:
        """File the `question` as a ticket of the manager with that name, and note it on the ticket at hand.

        The new ticket has no guarantee under any plan: no customer waits for it. Taking it back is `undo` of
        the tickets, of both. Raises `BadInput` without a question and for a ticket of another organisation,
        and what `of` raises.
        """
        context = self.context
        said = clean_body(question)
        if not said.strip():
            raise BadInput("a question needs a text")
        with context.writing() as tx:
            now = context.clock()
            _, who = customers.find(tx.connection, clean(customer, limit=REF_LIMIT))
            asked = manager_named(managers_of(who, context.offer), manager)
            about = None if ticket_id is None else ticket_store.get(tx.connection, ticket_id)
            if about is not None and about.customer != who.id:
                raise BadInput(f"{about.ref} is of {about.customer_name}, not of {who.name}")
            request = Request(
                who.id,
                Channel.EMAIL,
                f"For {asked.name}: {_beginning(said)}",
                _body(said, about),
                contact=context.operator,
                owner=clean(asked.name, limit=NAME_LIMIT),
                internal=True,
            )
            filed = file(context, tx, request, now)
            noted = None if about is None else self._note(tx, about, asked, filed, now)
        self.tickets.filed(filed, now)
        if about is not None and noted is not None:
            after = replace(about, revision=tx.revision)
            self.tickets.noted(about, after, noted, now)
            about = after
        return Asked(asked, filed, about, Opening.of(context.offer.calendars[MANAGER_CALENDAR], now))

    def _note(self, tx: Transaction, about: Ticket, asked: Manager, filed: Ticket, now: datetime) -> int:
        context = self.context
        text = f"Asked {asked.name}: {filed.ref}"
        message_id = messages.add(tx, about.id, Message(now, context.operator, MessageKind.NOTE, text))
        ticket_store.touch(tx, about.id)
        detail = {"asked": asked.name, "ticket": filed.ref}
        context.record(tx, now, Act.NOTE, about.ref, detail, about.id, customer=about.customer)
        return message_id


def _beginning(question: str) -> str:
    """Return the first words of a question."""
    words = " ".join(question.split())
    if len(words) <= _FIRST_WORDS:
        return words
    cut = words[:_FIRST_WORDS].rpartition(" ")[0] or words[:_FIRST_WORDS]
    return f"{cut} …"


def _body(question: str, about: Ticket | None) -> str:
    if about is None:
        return question
    return f"{question.rstrip()}\n\nAbout {about.ref}: {about.subject}"
