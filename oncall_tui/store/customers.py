"""Organisations with their contacts, services, account managers and temporary access.

Three ways write one: `add` a new one, `replace` what an import says, `save` what an engineer edited. The last
two write only the parts that differ.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Connection, Table, delete, insert, select, update

from oncall_tui.domain import last_said
from oncall_tui.domain.addresses import address_of
from oncall_tui.domain.customers import Contact, Customer, Manager
from oncall_tui.domain.errors import NotFound
from oncall_tui.domain.folding import customer_text, fold, searchable_contact, searchable_customer
from oncall_tui.domain.plans import Plan
from oncall_tui.domain.receipt import PlanChange
from oncall_tui.store.engine import Transaction
from oncall_tui.store.organisation_schema import customer_texts
from oncall_tui.store.phones import e164
from oncall_tui.store.schema import access, contacts, customers, managers, services

_c = customers.c
_KNOWN = (
    *(_c.ref, _c.id, _c.name, _c.plan, _c.import_digest, _c.import_fields),
    *(_c.upgraded_from, _c.upgraded_at),
)


class Known(NamedTuple):
    """What an import needs to know of an organisation that is in the store; `said` is what the file said
    last, as `last_said` writes it, `change` its last upgrade.
    """

    id: int
    name: str
    plan: Plan
    digest: str | None
    said: str = ""
    change: PlanChange | None = None


def known(connection: Connection, refs: Collection[str]) -> dict[str, Known]:
    """Return those of `refs` that are in the store."""
    query = select(*_KNOWN).where(_c.ref.in_(refs))
    return {
        ref: Known(row_id, name, Plan(plan), digest, said, before and PlanChange(Plan(before), at))
        for ref, row_id, name, plan, digest, said, before, at in connection.execute(query)
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
    old: Customer | None = None,
    said: str | None = None,
    now: datetime | None = None,
) -> None:
    """Store what an import makes of the organisation with that row id; `region` as for `add`.

    `old` is what stands there, read where it isn't given. `said` is what the file said, as `last_said` writes
    it; None leaves that as it is. `now` is as for `access.merge`.
    """
    if old is None:
        ref = tx.connection.scalar(select(_c.ref).where(_c.id == customer_id))
        _, old = find(tx.connection, str(ref))
    values: dict[str, Any] = {"import_digest": digest}
    if said is not None:
        values["import_fields"] = said
    if customer != old:
        values |= _facts(tx, customer) | {"version": _c.version + 1}
    tx.connection.execute(update(customers).where(_c.id == customer_id).values(**values))
    _rewrite(tx, customer_id, old, customer, region)
    if old.access != customer.access:
        from oncall_tui.store import access as grants

        # With its rows the record of who used it would go (R23).
        grants.merge(tx, customer_id, customer.access, now)


def save(tx: Transaction, customer_id: int, old: Customer, new: Customer, region: str = "CH") -> bool:
    """Store `new`, which an engineer made of `old`; say whether `old` was still what stands there.

    Temporary access is none of it. What the file said last of a part that changes is kept, so that an import
    which says it again doesn't take the edit back.
    """
    mine = (_c.id == customer_id) & (_c.version == old.version)
    row = tx.connection.execute(select(_c.import_digest, _c.import_fields).where(mine)).first()
    if row is None:
        return False
    values = _facts(tx, new) | {"version": old.version + 1}
    if row.import_digest is not None:
        values["import_fields"] = last_said.remembered(row.import_fields, old, new)
    done = tx.connection.execute(update(customers).where(mine).values(**values))
    if not done.rowcount:
        return False
    _rewrite(tx, customer_id, old, new, region)
    return True


def _rewrite(tx: Transaction, customer_id: int, old: Customer, new: Customer, region: str) -> None:
    """Write those lists of an organisation anew that differ, and what words are looked for in."""
    differ = [
        table
        for table, before, now in (
            (contacts, old.contacts, new.contacts),
            (services, old.services, new.services),
            (managers, old.managers, new.managers),
        )
        if before != now
    ]
    if not differ and old.name == new.name:
        return
    rows = _children(customer_id, new, region)
    for table in differ:
        tx.connection.execute(delete(table).where(table.c.customer_id == customer_id))
        if rows[table]:
            tx.connection.execute(insert(table), rows[table])
    if (old.name, old.contacts, old.services) != (new.name, new.contacts, new.services):
        [text] = rows[customer_texts]
        mine = customer_texts.c.customer_id == customer_id
        if not tx.connection.execute(update(customer_texts).where(mine).values(text=text["text"])).rowcount:
            tx.connection.execute(insert(customer_texts), [text])


def _facts(tx: Transaction, customer: Customer) -> dict[str, Any]:
    """Return what stands in the row of the organisation itself."""
    return {
        "ref": customer.id,
        "name": customer.name,
        "plan": customer.plan.value,
        "subscribed_on": customer.subscribed_on,
        "partner": customer.partner,
        "language": customer.language,
        "revision": tx.revision,
        "search": searchable_customer(customer.id, customer.name),
        "sort_name": fold(customer.name),
    }


def _values(tx: Transaction, customer: Customer, digest: str | None) -> dict[str, Any]:
    said = "" if digest is None else last_said.written(last_said.digests_of(customer))
    return _facts(tx, customer) | {"import_digest": digest, "import_fields": said, "version": 1}


def _add_children(tx: Transaction, found: Sequence[tuple[int, Customer]], region: str) -> None:
    rows: dict[Table, list[dict[str, Any]]] = {}
    for customer_id, customer in found:
        for table, values in _children(customer_id, customer, region).items():
            rows.setdefault(table, []).extend(values)
        rows.setdefault(access, []).extend(_access_rows(customer_id, customer))
    for table, values in rows.items():
        if values:
            tx.connection.execute(insert(table), values)


def _children(customer_id: int, customer: Customer, region: str) -> dict[Table, list[dict[str, Any]]]:
    """Return the rows of an organisation's lists, access apart."""
    of = {"customer_id": customer_id}
    people = []
    rows = []
    for contact in customer.contacts:
        number = e164(contact.phone, region)
        people.append((contact.name, contact.email, number))
        rows.append(
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
    text = customer_text(customer.id, customer.name, people, customer.services)
    return {
        contacts: rows,
        services: [{**of, "name": name, "search": fold(name)} for name in customer.services],
        managers: [
            {
                **of,
                "name": manager.name,
                "email": manager.email,
                "phone": manager.phone,
                "technical": manager.technical,
            }
            for manager in customer.managers
        ],
        customer_texts: [{**of, "text": text}],
    }


def _access_rows(customer_id: int, customer: Customer) -> list[dict[str, Any]]:
    return [
        {
            "customer_id": customer_id,
            "service": grant.service,
            "granted_at": grant.granted_at,
            "until": grant.until,
        }
        for grant in customer.access
    ]
