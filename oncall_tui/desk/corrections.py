"""Correcting whose a request is, and what is remembered of who wrote it."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, NamedTuple

from oncall_tui.desk.context import Context
from oncall_tui.domain import corrections as rules
from oncall_tui.domain.addresses import address_of
from oncall_tui.domain.errors import Refused
from oncall_tui.domain.senders import Organisation
from oncall_tui.domain.tickets import UNKNOWN_CUSTOMER, Ticket
from oncall_tui.store import calendars, customers, linking, links, senders
from oncall_tui.store.engine import Transaction
from oncall_tui.store.senders import Remembered

if TYPE_CHECKING:
    from sqlalchemy import Connection


class Forgetting(NamedTuple):
    """What was remembered of the sender with an `address` before an act: `before`, None for nothing."""

    address: str
    before: Remembered | None

    def take_back(self, tx: Transaction) -> None:
        """Remember of the sender what was remembered before."""
        senders.remember(tx, self.address, self.before)


def corrected(context: Context, connection: Connection, ticket: Ticket, customer: str) -> Ticket:
    """Return `ticket` as a request of the organisation with the id `customer`, under the plan that it has.

    Where the sender is a contact of it the name on file is the ticket's contact. Raises `NotFound` for an
    organisation that isn't there, and what `corrections.correct_customer` raises.
    """
    row, who = customers.find(connection, customer)
    new = rules.correct_customer(
        ticket,
        Organisation(row, who.id, who.name, who.plan),
        context.offer.plans[who.plan],
        calendars.get(connection, ticket.calendar_id),
        context.offer.thresholds,
    )
    origin = links.of(connection, ticket.id)
    if origin is None or not origin.address:
        return new
    names = {each.name for each in who.contacts if address_of(each.email).address == origin.address}
    return replace(new, contact=names.pop()) if len(names) == 1 else new


def remember_sender(tx: Transaction, ticket: Ticket, by: str, now: datetime) -> Forgetting:
    """Let what the sender of `ticket` writes from now on be of the ticket's organisation; one who is said to
    be unknown is forgotten. Return what was remembered before.

    Raises `Refused` for a ticket that came from no address.
    """
    origin = links.of(tx.connection, ticket.id)
    if origin is None or not origin.address:
        raise Refused(
            f"{ticket.ref} came from no mail address", hint="assign it without remembering who wrote"
        )
    before = senders.remembered(tx.connection, origin.address)
    said = None if ticket.customer == UNKNOWN_CUSTOMER else Remembered(ticket.customer_id, by, now)
    senders.remember(tx, origin.address, said)
    return Forgetting(origin.address, before)


def also_unknown(connection: Connection, ticket_id: int) -> int:
    """Return how many other open tickets of the ticket's sender belong to nobody known."""
    origin = links.of(connection, ticket_id)
    if origin is None or not origin.address:
        return 0
    found = linking.of_sender(connection, origin.address, UNKNOWN_CUSTOMER)
    return sum(each != ticket_id for each in found)
