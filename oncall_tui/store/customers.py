"""Organisations with their contacts, services, account managers and temporary access."""

from __future__ import annotations

import dataclasses
from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Connection, Table, delete, insert, select, update

from oncall_tui.domain.addresses import address_of
from oncall_tui.domain.customers import Contact, Customer, Manager
from oncall_tui.domain.errors import NotFound
from oncall_tui.domain.folding import customer_text, fold, searchable_contact, searchable_customer
from oncall_tui.domain.plans import Plan
from oncall_tui.store.engine import Transaction
from oncall_tui.store.organisation_schema import customer_texts
from oncall_tui.store.phones import e164
from oncall_tui.store.schema import access, contacts, customers, managers, services

_c = customers.c


class Known(NamedTuple):
    """What an import needs to know of an organisation that is in the store."""

    id: int
    name: str
    plan: Plan
    digest: str | None


def known(connection: Connection, refs: Collection[str]) -> dict[str, Known]:
    """Return those of `refs` that are in the store."""
    query = select(_c.ref, _c.id, _c.name, _c.plan, _c.import_digest).where(_c.ref.in_(refs))
    return {
        row.ref: Known(row.id, row.name, Plan(row.plan), row.import_digest)
        for row in connection.execute(query)
    }


def find(connection: Connection, ref: str) -> tuple[int, Customer]:
    """Return the organisation that goes by `ref`, with its row's id; `NotFound` if there is none."""
    from oncall_tui.store import access as grants  # the board that starts shows none

    row = connection.execute(select(customers).where(_c.ref == ref)).first()
    if row is None:
        raise NotFound(
            f"no customer {ref[:60]!r}", hint="customers come in by: oncall-tui import customers FILE"
        )

    def children(table: Table, *names: str) -> Sequence[Any]:
        columns = (table.c[name] for name in names)
        return connection.execute(
            select(*columns).where(table.c.customer_id == row.id).order_by(table.c.id)
        ).fetchall()

    return row.id, Customer(
        id=row.ref,
        name=row.name,
        plan=Plan(row.plan),
        subscribed_on=row.subscribed_on,
        partner=row.partner,
        language=row.language,
        contacts=tuple(Contact(*r) for r in children(contacts, "name", "email", "phone", "role")),
        services=tuple(r.name for r in children(services, "name")),
        managers=tuple(Manager(*r) for r in children(managers, "name", "email", "phone", "technical")),
        access=grants.as_on_file(connection, row.id),
        version=row.version,
    )


def add(tx: Transaction, found: Sequence[tuple[Customer, str | None]], region: str = "CH") -> None:
    """Store new organisations, each with the digest of the row it was imported from.

    Telephone numbers without a country belong to `region`.
    """
    if not found:
        return
    tx.connection.execute(insert(customers), [_values(tx, customer, digest) for customer, digest in found])
    ids = {ref: one.id for ref, one in known(tx.connection, [customer.id for customer, _ in found]).items()}
    _add_children(tx, [(ids[customer.id], customer) for customer, _ in found], region)


def replace(
    tx: Transaction,
    customer_id: int,
    customer: Customer,
    digest: str | None,
    region: str = "CH",
    *,
    now: datetime | None = None,
) -> None:
    """Store `customer` in the place of the organisation with that row id; `region` as for `add`, `now` as for
    `access.merge`.
    """
    from oncall_tui.store import access as grants

    values = _values(tx, customer, digest)
    del values["version"]
    tx.connection.execute(
        update(customers).where(_c.id == customer_id).values(**values, version=_c.version + 1)
    )
    for table in (contacts, services, managers, customer_texts):
        tx.connection.execute(delete(table).where(table.c.customer_id == customer_id))
    # With its rows the record of who used it would go (R23).
    grants.merge(tx, customer_id, customer.access, now)
    _add_children(tx, [(customer_id, dataclasses.replace(customer, access=()))], region)


def _values(tx: Transaction, customer: Customer, digest: str | None) -> dict[str, Any]:
    return {
        "ref": customer.id,
        "name": customer.name,
        "plan": customer.plan.value,
        "subscribed_on": customer.subscribed_on,
        "partner": customer.partner,
        "language": customer.language,
        "import_digest": digest,
        "version": 1,
        "revision": tx.revision,
        "search": searchable_customer(customer.id, customer.name),
        "sort_name": fold(customer.name),
    }


def _add_children(tx: Transaction, found: Sequence[tuple[int, Customer]], region: str) -> None:
    rows: dict[Table, list[dict[str, Any]]] = {
        contacts: [],
        services: [],
        managers: [],
        access: [],
        customer_texts: [],
    }
    for customer_id, customer in found:
        of = {"customer_id": customer_id}
        people = []
        for contact in customer.contacts:
            number = e164(contact.phone, region)
            people.append((contact.name, contact.email, number))
            rows[contacts].append(
                {
                    **of,
                    "name": contact.name,
                    "email": contact.email,
                    "phone": contact.phone,
                    "role": contact.role,
                    "e164": number,
                    **address_of(contact.email)._asdict(),
                    "search": searchable_contact(contact.name, contact.email),
                }
            )
        rows[services] += [{**of, "name": name, "search": fold(name)} for name in customer.services]
        for manager in customer.managers:
            rows[managers].append(
                {
                    **of,
                    "name": manager.name,
                    "email": manager.email,
                    "phone": manager.phone,
                    "technical": manager.technical,
                }
            )
        for grant in customer.access:
            rows[access].append(
                {**of, "service": grant.service, "granted_at": grant.granted_at, "until": grant.until}
            )
        text = customer_text(customer.id, customer.name, people, customer.services)
        rows[customer_texts].append({**of, "text": text})
    for table, values in rows.items():
        if values:
            tx.connection.execute(insert(table), values)
