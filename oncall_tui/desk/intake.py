"""What becomes of an imported row, given what is in the store.

An import says what another system knows. It adds and completes, and never undoes what an engineer did:
a field that it leaves out stays, one that it only repeats stays as it was edited here, an owner keeps the
ticket, an answer stays given.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TYPE_CHECKING

from oncall_tui.desk.code_intake import CodeIntake, Wanted
from oncall_tui.desk.context import Context
from oncall_tui.desk.upgrades import reclock
from oncall_tui.domain import last_said
from oncall_tui.domain import tickets as rules
from oncall_tui.domain.customers import Contact
from oncall_tui.domain.errors import BadInput, OncallError, Refused
from oncall_tui.domain.file_history import IMPORTED
from oncall_tui.domain.receipt import PlanChange, guaranteed
from oncall_tui.domain.records import CustomerRecord, Rejection, Row, TicketRecord
from oncall_tui.domain.tickets import Act, Channel, Ticket
from oncall_tui.store import audit, calendars, customers, imports, upgrades
from oncall_tui.store import tickets as ticket_store
from oncall_tui.store.engine import Transaction
from oncall_tui.store.imports import SeenRefs

if TYPE_CHECKING:
    from sqlalchemy import Connection

PARTS = (
    "name",
    "plan",
    "subscribed_on",
    "partner",
    "language",
    "contacts",
    "services",
    "managers",
    "access",
)
"""What a file can say anew of an organisation."""

CUSTOMERS_KEPT = 20_000
"""Organisations that an import of tickets keeps in memory, about."""


@dataclass(slots=True)
class Outcome:
    """What became of the rows of a batch."""

    created: int = 0
    updated: int = 0
    unchanged: int = 0
    rejections: list[Rejection] = field(default_factory=list)


class TicketIntake:
    """Takes requests. Without a transaction it only says what would become of them."""

    act = "import tickets"

    def __init__(self, context: Context) -> None:
        self.context = context
        self._customers: dict[str, customers.Known] = {}
        self._calendar_ids: dict[Channel, int] = {}
        self._revision = 0

    def take(self, connection: Connection, tx: Transaction | None, rows: list[Row[TicketRecord]]) -> Outcome:
        """Store the `rows` whose customer is known, and whose reference is new or tells something new."""
        outcome = Outcome()
        now = self.context.clock()
        known = imports.known(connection, [row.record.ref for row in rows])
        self._look_up(connection, tx, {row.record.customer for row in rows})
        new = []
        revision = tx.revision if tx else 0
        for row in rows:
            record = row.record
            digest = record.digest()
            stored = known.get(record.ref)
            try:
                if stored is None:
                    ticket = self._ticket(record, now)
                    # At once, and not for the batch: what is short-lived stays in the processor's caches.
                    new.append(ticket_store.values_of(ticket, record.body or "", digest, revision))
                    outcome.created += 1
                elif stored.digest == digest:
                    outcome.unchanged += 1
                else:
                    old = ticket_store.get(connection, stored.id)
                    self._update(connection, tx, old, record, digest, now)
                    outcome.updated += 1
            except OncallError as error:
                outcome.rejections.append(row.rejected(error))
        if tx:
            imports.insert(tx, new)
        return outcome

    def _look_up(self, connection: Connection, tx: Transaction | None, refs: set[str]) -> None:
        """Find those of the organisations that are in the store, and the calendars.

        Every write counts the revision up, so the next one after ours means that nobody else wrote
        and what was looked up for the batch before still holds.
        """
        if tx is None or tx.revision != self._revision + 1 or len(self._customers) > CUSTOMERS_KEPT:
            offer = self.context.offer
            self._customers.clear()
            self._calendar_ids = {
                channel: calendars.id_of(tx, offer.calendar_for(channel)) if tx else 0 for channel in Channel
            }
        self._revision = tx.revision if tx else 0
        missing = refs - self._customers.keys()
        if missing:
            self._customers |= customers.known(connection, missing)

    def _ticket(self, record: TicketRecord, now: datetime) -> Ticket:
        customer = self._customers.get(record.customer)
        if customer is None:
            raise BadInput(
                f"no customer {record.customer!r}", hint="import its row of customers first, then this one"
            )
        draft = Ticket(
            id=0,
            ref=record.ref,
            customer_id=customer.id,
            customer=record.customer,
            customer_name=customer.name,
            plan=customer.plan,
            channel=record.channel,
            subject=record.subject,
            contact=record.contact or "",
            received_at=record.received_at,
            recorded_at=now,
            calendar_id=self._calendar_ids[record.channel],
            budget=None,
            response=None,
            owner=record.owner,
            # The file doesn't say since when; it is somebody's in every look back at this request.
            owner_since=record.received_at if record.owner else None,
            answered_at=record.answered_at,
            answered_by=record.owner if record.answered_at else None,
            closed_at=record.closed_at,
            language=record.language or "",
        )
        return guaranteed(draft, self.context.offer, customer.change)

    def _update(
        self,
        connection: Connection,
        tx: Transaction | None,
        old: Ticket,
        record: TicketRecord,
        digest: str,
        now: datetime,
    ) -> None:
        _refuse_another_receipt(old, record)
        new = told(old, record, _reopened_at(connection, old, record), now)
        if tx is None:
            return
        if new != old:
            ticket_store.save(tx, old, replace(new, version=old.version + 1, revision=tx.revision), now)
            self.context.record(tx, now, self.act, old.ref, _changes(old, new), old.id, customer=old.customer)
        said = replace(new, subject=record.subject, contact=record.contact or old.contact)
        imports.set_source(tx, said, record.body, digest)
        if said.subject != old.subject:
            from oncall_tui.store import guide_uses

            guide_uses.follow_subject(tx, old.id, old.subject, said.subject)


def told(old: Ticket, record: TicketRecord, reopened_at: datetime | None, now: datetime) -> Ticket:
    """Return the ticket with what `record` knows beyond it of owner, first answer and closing.

    A closing from before an engineer reopened the ticket (`reopened_at`) is no news.
    """
    new = old
    if record.owner is not None and old.owner is None:
        new = replace(new, owner=record.owner, owner_since=now)
    if record.answered_at is not None and old.answered_at is None:
        new = rules.told(new, new.owner, None, record.answered_at)
    closed_since = record.closed_at is not None and (reopened_at is None or record.closed_at > reopened_at)
    if closed_since and old.closed_at is None:
        new = replace(new, closed_at=record.closed_at)
    return new


def _refuse_another_receipt(old: Ticket, record: TicketRecord) -> None:
    said = {
        "customer": (old.customer, record.customer),
        "channel": (old.channel.value, record.channel.value),
        "received_at": (old.received_at.isoformat(), record.received_at.isoformat()),
    }
    for name, (stored, new) in said.items():
        if stored != new:
            raise Refused(
                f"{record.ref} was received with {name} {stored}, the row says {new}",
                hint="what a request was received with stands for good",
                rule="R5",
            )


def _reopened_at(connection: Connection, old: Ticket, record: TicketRecord) -> datetime | None:
    if record.closed_at is None or old.closed_at is not None:
        return None
    history = audit.of_ticket(connection, old.id, None)
    return max((entry.at for entry in history if entry.act == Act.REOPEN), default=None)


def _changes(old: Ticket, new: Ticket) -> dict[str, str]:
    changes: dict[str, str] = {}
    if new.owner != old.owner:
        changes["owner"] = new.owner or ""
    if new.answered_at != old.answered_at and new.answered_at:
        changes["answered_at"] = new.answered_at.isoformat()
    if new.closed_at != old.closed_at and new.closed_at:
        changes["closed_at"] = new.closed_at.isoformat()
    return changes


class CustomerIntake:
    """Takes organisations. Without a transaction it only says what would become of them."""

    act = "import customers"

    def __init__(self, context: Context, seen: SeenRefs) -> None:
        """`seen` remembers the codes of earlier rows of the file."""
        self.context = context
        self._codes = CodeIntake(context, seen)
        self._before: dict[int, Sequence[Contact]] = {}
        self._after: dict[int, Sequence[Contact]] = {}
        self._entries: list[audit.Entry] = []

    def take(
        self, connection: Connection, tx: Transaction | None, rows: list[Row[CustomerRecord]]
    ) -> Outcome:
        """Store the `rows` that are new or tell something new, with their codes.

        Raises `KeyTrouble` where there is no key to seal a code with.
        """
        outcome = Outcome()
        now = self.context.clock()
        known = customers.known(connection, [row.record.id for row in rows])
        codes = self._codes.sort(connection, tx, rows, known)
        new = []
        taken = []
        for row in rows:
            record = row.record
            digest = record.digest()
            stored = known.get(record.id)
            if (refusal := codes.refused.get(row.line)) is not None:
                outcome.rejections.append(row.rejected(refusal))
                continue
            if stored is None:
                new.append((record.alone(), digest))
                outcome.created += 1
            elif stored.digest == digest and row.line not in codes.new:
                outcome.unchanged += 1
                continue
            elif record.plan.rank > stored.plan.rank and not last_said.repeats_plan(
                record, last_said.read(stored.said)
            ):
                outcome.rejections.append(row.rejected(_downgrade(record, stored)))
                continue
            else:
                if tx:
                    self._update(tx, stored, record, digest, now)
                outcome.updated += 1
            taken.append(row)
        if tx:
            customers.add(tx, new, self.context.offer.region)
            audit.append_all(tx, self._entries)
            self._entries = []
            self._store_codes(tx, taken, known, codes.new, now)
        return outcome

    def _store_codes(
        self,
        tx: Transaction,
        taken: list[Row[CustomerRecord]],
        known: dict[str, customers.Known],
        new: Mapping[int, Sequence[Wanted]],
        now: datetime,
    ) -> None:
        fresh = [row.record.id for row in taken if row.line in new and row.record.id not in known]
        ids = known | customers.known(tx.connection, fresh) if fresh else known
        stored = [(row, ids[row.record.id].id) for row in taken if row.record.id in ids]
        self._codes.store(tx, stored, new, self._before, self._after, now)
        self._before, self._after = {}, {}

    def _update(
        self, tx: Transaction, stored: customers.Known, record: CustomerRecord, digest: str, now: datetime
    ) -> None:
        _, old = customers.find(tx.connection, record.id)
        last = last_said.read(stored.said)
        customer = last_said.merged(record, old, last)
        self._before[stored.id], self._after[stored.id] = old.contacts, customer.contacts
        said = last_said.written(last_said.told(record, last))
        customers.replace(
            tx, stored.id, customer, digest, self.context.offer.region, old=old, said=said, now=now
        )
        if changed := [name for name in PARTS if getattr(old, name) != getattr(customer, name)]:
            self._entries.append(self._entry(record.id, changed, now))
        if customer.plan is not stored.plan:
            upgrades.note(tx, stored.id, PlanChange(stored.plan, now))
            reclock(self.context, tx, stored.id, customer.plan, now)

    def _entry(self, customer: str, changed: Sequence[str], now: datetime) -> audit.Entry:
        context = self.context
        told = {"changed": ", ".join(changed)}
        return audit.Entry(
            now, context.operator, context.workstation, IMPORTED, customer, told, customer=customer
        )


def _downgrade(record: CustomerRecord, stored: customers.Known) -> Refused:
    return Refused(
        f"the plan of {record.id} is {stored.plan}, the row says {record.plan}",
        hint="a plan can go up, never down",
        rule="R21",
    )
