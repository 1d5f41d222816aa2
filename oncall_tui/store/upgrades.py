"""What an upgrade of a customer's plan touches (R8)."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, select, update

from oncall_tui.domain import last_said
from oncall_tui.domain.customers import Customer
from oncall_tui.domain.plans import Plan
from oncall_tui.domain.receipt import PlanChange
from oncall_tui.domain.tickets import Ticket
from oncall_tui.store.engine import Transaction
from oncall_tui.store.schema import customers, tickets
from oncall_tui.store.tickets import read, select_tickets


def waiting(connection: Connection, customer_id: int) -> list[Ticket]:
    """Return the open tickets of an organisation that nobody has answered, in order of receipt.

    What one of us asked of another isn't among them: it has no guarantee.
    """
    c = tickets.c
    query = select_tickets().where(
        c.customer_id == customer_id,
        c.closed_at.is_(None),
        c.answered_at.is_(None),
        c.internal.is_(False),
    )
    return read(connection, query.order_by(c.received_at, c.id))


def all_open(connection: Connection, customer_id: int) -> list[Ticket]:
    """Return all open tickets of an organisation in board order (R10)."""
    c = tickets.c
    query = select_tickets().where(c.customer_id == customer_id, c.closed_at.is_(None))
    return read(connection, query.order_by(c.sort_due, c.sort_rank, c.received_at, c.id))


def last(connection: Connection, customer_id: int) -> PlanChange | None:
    """Return the last upgrade of an organisation, None where it had none."""
    c = customers.c
    row = connection.execute(select(c.upgraded_from, c.upgraded_at).where(c.id == customer_id)).one()
    return None if row.upgraded_from is None else PlanChange(Plan(row.upgraded_from), row.upgraded_at)


def note(tx: Transaction, customer_id: int, change: PlanChange | None) -> None:
    """Keep `change` as the last upgrade of an organisation, None where there was none."""
    before, at = (None, None) if change is None else (change.before.value, change.at)
    mine = customers.c.id == customer_id
    tx.connection.execute(update(customers).where(mine).values(upgraded_from=before, upgraded_at=at))


def set_plan(tx: Transaction, customer_id: int, old: Customer, new: Customer) -> bool:
    """Store plan and day of subscription of `new` if nobody changed the organisation since `old` was read;
    say whether. What the file said of both is kept, so that an import which says it again is no news.
    """
    c = customers.c
    mine = (c.id == customer_id) & (c.version == old.version)
    row = tx.connection.execute(select(c.import_digest, c.import_fields).where(mine)).first()
    if row is None:
        return False
    values: dict[str, Any] = {"version": old.version + 1, "revision": tx.revision}
    if row.import_digest is not None:
        values["import_fields"] = last_said.remembered(row.import_fields, old, new)
    change = update(customers).where(mine)
    done = tx.connection.execute(
        change.values(plan=new.plan.value, subscribed_on=new.subscribed_on, **values)
    )
    return done.rowcount == 1
