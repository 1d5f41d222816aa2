"""The codes in a file of customers: which are new, which are somebody else's, and storing the new ones.

A row whose code can't be taken is refused as a whole, by its line; the code itself is never repeated (R19).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, NamedTuple

from oncall_tui.desk.codes import no_code
from oncall_tui.desk.context import Context
from oncall_tui.domain import last_said
from oncall_tui.domain.codes import Code, CodeKind, heard
from oncall_tui.domain.customers import Contact, renamed, user_names
from oncall_tui.domain.errors import OncallError, Refused
from oncall_tui.domain.plans import Plan
from oncall_tui.domain.records import CustomerRecord, Row
from oncall_tui.store import audit, codes, customers, sealing
from oncall_tui.store.codes import Issue, Known
from oncall_tui.store.engine import Transaction
from oncall_tui.store.imports import SeenRefs
from oncall_tui.store.keyring import Key

if TYPE_CHECKING:
    from sqlalchemy import Connection


class Wanted(NamedTuple):
    """A code that a row gives, with its digest under each key, that of the key in force first."""

    kind: CodeKind
    contact: str
    code: Code
    digests: tuple[str, ...]


@dataclass(slots=True)
class Sorted:
    """The codes of a batch by the line of their row: those to store, and why a row can't be taken."""

    new: dict[int, list[Wanted]] = field(default_factory=dict)
    refused: dict[int, OncallError] = field(default_factory=dict)


class CodeIntake:
    """Takes the codes of one file; `seen` remembers those of earlier rows."""

    def __init__(self, context: Context, seen: SeenRefs) -> None:
        self._context = context
        self._seen = seen

    def sort(
        self,
        connection: Connection,
        tx: Transaction | None,
        rows: Iterable[Row[CustomerRecord]],
        stored: Mapping[str, customers.Known],
    ) -> Sorted:
        """Look at the codes of `rows`; without `tx` nothing is written, not even a first key. `stored` are
        their organisations that are in the store.

        Raises `KeyTrouble` where a row gives a code and there is no key to seal it with.
        """
        found = Sorted()
        given = [row for row in rows if row.record.vip_code or row.record.support_codes]
        if not given:
            return found
        keys = self._keys(connection, tx)
        wanted: dict[int, list[Wanted]] = {}
        for row in given:
            try:
                wanted[row.line] = self._wanted(row.record, keys)
            except OncallError as error:
                found.refused[row.line] = error
        known = codes.find_all(
            connection, (digest for ones in wanted.values() for one in ones for digest in one.digests)
        )
        repeated = self._seen.repeated(
            [(f"\x1f{one.digests[0]}", line) for line, ones in wanted.items() for one in ones]
        )
        for row in given:
            for one in wanted.get(row.line, ()):
                try:
                    if self._is_new(connection, row, one, known, repeated, stored):
                        found.new.setdefault(row.line, []).append(one)
                except OncallError as error:
                    found.refused[row.line] = error
        return found

    def store(
        self,
        tx: Transaction,
        taken: Sequence[tuple[Row[CustomerRecord], int]],
        new: Mapping[int, Sequence[Wanted]],
        before: Mapping[int, Sequence[Contact]],
        after: Mapping[int, Sequence[Contact]],
        now: datetime,
    ) -> None:
        """Store the `new` codes of the rows that were taken, each with the row id of its organisation.

        What they replace is revoked, and so is the support code of a user who is no contact any more: for
        good, and so not where a row that may have been theirs was rejected. Who is called otherwise than
        `before`, the contacts by the row id of their organisation, keeps theirs. `after` are the contacts on
        file now, where engineers have edited others than the row has. Each leaves its entry (R20).
        """
        told = [(row, customer_id) for row, customer_id in taken if row.record.contacts or row.line in new]
        if not told:
            return
        in_force = codes.in_force(tx.connection, [customer_id for _, customer_id in told])
        gone, issues, entries = [], [], []
        by_id = {customer_id: row for row, customer_id in told}
        for customer_id, row in by_id.items():
            people = after.get(customer_id, row.record.contacts or ())
            for one in _on_file(new.get(row.line, ()), row.record, people):
                if (replaced := in_force.pop((customer_id, one.kind, one.contact), None)) is not None:
                    gone.append(replaced)
                    entries.append(self._entry(now, "rotate code", row.record.id, one.kind, one.contact))
                issues.append(Issue(customer_id, row.record.id, one.kind, one.contact, one.code))
        taken_names = {(one.customer_id, one.contact) for one in issues if one.kind is CodeKind.SUPPORT}
        taken_names |= {(owner, name) for owner, kind, name in in_force if kind is CodeKind.SUPPORT}
        for (customer_id, kind, contact), code_id in in_force.items():
            record = by_id[customer_id].record
            contacts = after.get(customer_id, record.contacts or ())
            if kind is CodeKind.VIP or not record.contacts or contact in user_names(contacts):
                continue
            name = renamed(before.get(customer_id, ()), contacts).get(contact, "")
            if name and (customer_id, name) not in taken_names:
                codes.rename(tx, code_id, name)
                entries.append(self._entry(now, "rename user", record.id, kind, name, {"before": contact}))
            elif record.whole:
                gone.append(code_id)
                entries.append(self._entry(now, "revoke code", record.id, kind, contact))
        codes.revoke(tx, gone, now)
        audit.append_all(tx, entries)
        if issues:
            codes.add(tx, sealing.for_writing(tx, now), issues, now)

    def _entry(
        self,
        now: datetime,
        act: str,
        customer: str,
        kind: CodeKind,
        contact: str,
        more: Mapping[str, str] | None = None,
    ) -> audit.Entry:
        detail = {"kind": kind.value, "by": "import"} | ({"contact": contact} if contact else {})
        context = self._context
        return audit.Entry(
            now,
            context.operator,
            context.workstation,
            act,
            customer,
            detail | dict(more or {}),
            customer=customer,
        )

    def _keys(self, connection: Connection, tx: Transaction | None) -> tuple[Key, ...]:
        keyring = self._context.store.keyring
        if tx is not None:
            key = sealing.for_writing(tx, self._context.clock())
        else:
            known = sealing.for_reading(connection, keyring)
            if known is None and (keyring is None or not keyring.exists()):
                # Nothing is sealed yet: any key tells whether a code stands in the file twice.
                return (Key.of(b"a look before the first key"),)
            key = known or sealing.newest(keyring)
        others = keyring.held() if keyring else ()
        return key, *(other for other in others if other.id != key.id)

    def _wanted(self, record: CustomerRecord, keys: Sequence[Key]) -> list[Wanted]:
        given = [(CodeKind.SUPPORT, one.contact, one.code) for one in record.support_codes]
        if record.vip_code is not None:
            if record.plan is Plan.STANDARD:
                raise Refused(
                    "vip_code: the standard plan has none",
                    hint="a VIP code belongs to a premium organisation",
                    rule="R16",
                )
            given.insert(0, (CodeKind.VIP, "", record.vip_code))
        found = []
        for kind, contact, text in given:
            said = heard(text.reveal(), self._context.offer.codes)
            if said.unclear is not None:
                error = no_code(self._context)
                raise Refused(f"{_field(kind, contact)}: {error.message}", hint=error.hint, rule=error.rule)
            code = Code(said.digits)
            found.append(Wanted(kind, contact, code, tuple(codes.digest(key, code) for key in keys)))
        if len({one.code for one in found}) < len(found):
            raise _second_owner("the same code stands in this row twice")
        return found

    def _is_new(
        self,
        connection: Connection,
        row: Row[CustomerRecord],
        one: Wanted,
        known: Mapping[str, Known],
        repeated: Mapping[int, int],
        stored: Mapping[str, customers.Known],
    ) -> bool:
        """Say whether the code is to be stored; raise where it is somebody else's."""
        field_name = _field(one.kind, one.contact)
        owner = next((known[digest] for digest in one.digests if digest in known), None)
        if owner is not None:
            whose = owner.customer, owner.kind, _name_now(connection, owner, row.record)
            theirs = whose == (row.record.id, one.kind, one.contact)
            if not theirs and not _edited_here(connection, owner, one, row.record, stored):
                raise _second_owner(f"{field_name} is or was the code of {_owner(owner)}")
            # One that was revoked here stays so: an import never undoes what an engineer did.
            return False
        if row.line in repeated:
            raise _second_owner(f"a code of this row stands on line {repeated[row.line]} already")
        return True


def _name_now(connection: Connection, owner: Known, record: CustomerRecord) -> str:
    """Return the name by which the owner of a code goes in the row."""
    contacts = record.contacts or ()
    if not owner.contact or owner.customer != record.id or owner.contact in user_names(contacts):
        return owner.contact
    _, before = customers.find(connection, owner.customer)
    return renamed(before.contacts, contacts).get(owner.contact, owner.contact)


def _edited_here(
    connection: Connection,
    owner: Known,
    one: Wanted,
    record: CustomerRecord,
    stored: Mapping[str, customers.Known],
) -> bool:
    """Say whether the file only repeats a user whom an engineer calls otherwise or took off the file."""
    known = stored.get(record.id)
    if known is None or (owner.customer, owner.kind) != (record.id, one.kind):
        return False
    contacts = record.contacts or ()
    said = dict(zip(user_names(contacts), contacts, strict=True)).get(one.contact)
    if said is None or last_said.digest_of(said) not in last_said.read(known.said).get("contacts", ()):
        return False
    _, before = customers.find(connection, record.id)
    return one.contact not in user_names(before.contacts)


def _on_file(wanted: Iterable[Wanted], record: CustomerRecord, people: Sequence[Contact]) -> list[Wanted]:
    """Return codes by the names that their users have on file; none of who was taken off it."""
    names = last_said.names_on_file(record.contacts or (), people)
    return [
        one._replace(contact=names.get(one.contact, ""))
        for one in wanted
        if one.kind is CodeKind.VIP or one.contact in names
    ]


def _second_owner(what: str) -> Refused:
    return Refused(what, hint="each code has one owner", rule="R16")


def _field(kind: CodeKind, contact: str) -> str:
    return "vip_code" if kind is CodeKind.VIP else f"support_code of {contact}"


def _owner(known: Known) -> str:
    return f"{known.contact} of {known.customer}" if known.contact else known.customer
