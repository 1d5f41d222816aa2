"""Whom senders write for: by what an engineer said of an address, and by the contacts of organisations."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Connection, delete, insert, select, update

from oncall_tui.domain.addresses import MailAddress
from oncall_tui.domain.mail_providers import is_public
from oncall_tui.domain.plans import Plan
from oncall_tui.domain.senders import NOWHERE, Belonging, Organisation, belonging
from oncall_tui.store.correspondence_schema import senders
from oncall_tui.store.engine import Transaction
from oncall_tui.store.rows import in_parts
from oncall_tui.store.schema import contacts, customers

_s, _o, _p = senders.c, customers.c, contacts.c
_ORGANISATION = (_o.id, _o.ref, _o.name, _o.plan)


class Remembered(NamedTuple):
    """What an engineer said of an address: the organisation by its row, who said so, and when (UTC)."""

    customer_id: int
    by: str
    at: datetime


def whose(connection: Connection, addresses: Collection[MailAddress]) -> Mapping[str, Belonging]:
    """Return whom the senders with these `addresses` write for, by address."""
    said: dict[str, Organisation] = {}
    on_file: dict[str, list[tuple[Organisation, str]]] = {}
    for part in in_parts({each.address for each in addresses if each.address}):
        query = select(_s.address, *_ORGANISATION).join_from(senders, customers).where(_s.address.in_(part))
        for address, *organisation in connection.execute(query):
            said[address] = _organisation(*organisation)
        known = select(_p.address, _p.name, *_ORGANISATION).join_from(contacts, customers)
        for address, name, *organisation in connection.execute(known.where(_p.address.in_(part))):
            on_file.setdefault(address, []).append((_organisation(*organisation), name))
    strangers = {
        each.domain for each in addresses if each.address not in said and each.address not in on_file
    }
    at_home: dict[str, list[Organisation]] = {}
    for part in in_parts(domain for domain in strangers if domain and not is_public(domain)):
        at_domain = select(_p.domain, *_ORGANISATION).join_from(contacts, customers)
        for domain, *organisation in connection.execute(at_domain.where(_p.domain.in_(part)).distinct()):
            at_home.setdefault(domain, []).append(_organisation(*organisation))
    found = {
        each.address: belonging(
            said.get(each.address), on_file.get(each.address, ()), at_home.get(each.domain, ())
        )
        for each in addresses
        if each.address
    }
    return found | {"": NOWHERE}


def _organisation(row: int, ref: str, name: str, plan: str) -> Organisation:
    return Organisation(row, ref, name, Plan(plan))


def remembered(connection: Connection, address: str) -> Remembered | None:
    """Return what was said of an address, in lower case; None where nothing was."""
    query = select(_s.customer_id, _s.remembered_by, _s.remembered_at).where(_s.address == address)
    row = connection.execute(query).first()
    return None if row is None else Remembered(*row)


def remember(tx: Transaction, address: str, said: Remembered | None) -> None:
    """Keep what was `said` of an address, in lower case, in the place of what was before; None forgets it."""
    if said is None:
        tx.connection.execute(delete(senders).where(_s.address == address))
        return
    customer_id, by, at = said
    values = {"customer_id": customer_id, "remembered_by": by, "remembered_at": at}
    if not tx.connection.execute(update(senders).where(_s.address == address).values(**values)).rowcount:
        tx.connection.execute(insert(senders).values(address=address, **values))
