"""Correcting what is on file of an organisation, and what was done to it so far.

Each edit is one transaction with one audit entry, and takes effect only on the version that was seen. A user
whose name changes keeps their support code; that of one who is taken off the file is revoked (R16).
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TYPE_CHECKING, NamedTuple

from oncall_tui.desk.context import Context
from oncall_tui.domain import editing
from oncall_tui.domain.audit import AuditEntry
from oncall_tui.domain.codes import CodeKind
from oncall_tui.domain.customers import Customer
from oncall_tui.domain.editing import Edit, Part
from oncall_tui.domain.errors import Conflict, Refused
from oncall_tui.domain.file_history import EDIT, UNDO, doing
from oncall_tui.domain.messages import Message, marked
from oncall_tui.domain.text import REF_LIMIT, clean
from oncall_tui.domain.tickets import UNDO_WITHIN
from oncall_tui.store import audit_reading, codes, customers
from oncall_tui.store.engine import Transaction

if TYPE_CHECKING:
    from sqlalchemy import Connection

HISTORY_SHOWN = 50
"""Entries of a history if nobody says."""

_IN_FIELD = {
    Part.NAME: "name",
    Part.LANGUAGE: "language",
    Part.CONTACT: "contacts",
    Part.SERVICE: "services",
    Part.MANAGER: "managers",
}


class Edited(NamedTuple):
    """What an edit made of an organisation, and what else came of it, in words."""

    customer: Customer
    also: tuple[Message, ...] = ()


class _Codes(NamedTuple):
    """What an edit did to support codes: (row id, name before, name after), and (row id, name)."""

    renamed: tuple[tuple[int, str, str], ...] = ()
    revoked: tuple[tuple[int, str], ...] = ()


@dataclass(frozen=True, slots=True)
class _Done:
    """An edit of this desk, kept for a moment to undo it."""

    at: datetime
    part: Part
    before: Customer
    after: Customer
    codes: _Codes


@dataclass(frozen=True, slots=True)
class OrganisationDesk:
    """Edits organisations. `customer` is an id, `version` the one that was seen; None takes what is there.

    Every act raises `NotFound` for an organisation or a line that isn't there, `BadInput` for what can't be,
    `Conflict` naming who was first where the version is no more, `Refused` on a read-only desk,
    `StoreUnavailable`.
    """

    context: Context
    _undoable: dict[str, _Done] = field(default_factory=dict)

    def get(self, customer: str) -> Customer:
        """Return the organisation with that id as it is on file."""
        with self.context.store.connect() as connection:
            return customers.find(connection, clean(customer, limit=REF_LIMIT))[1]

    def warnings(self, customer: Customer, edit: Edit) -> tuple[Message, ...]:
        """Return what to know before `edit` is done, and change nothing."""
        context = self.context
        managers = context.offer.plans[customer.plan].managers
        found = list(editing.warnings(customer, edit, managers, context.clock()))
        gone = {old for old, new in editing.names_carried(customer, edit).items() if new is None}
        with context.store.connect() as connection:
            customer_id, _ = customers.find(connection, customer.id)
            for _code_id, name in _codes_of(connection, customer_id, gone):
                text = marked("the support code of {contact} is revoked with it (R16)")
                found.append(Message(text, {"contact": name}))
        return tuple(found)

    def edit(self, customer: str, edit: Edit, version: int | None = None) -> Edited:
        """Change one line of what is on file; nothing happens where it says so already."""
        context = self.context
        edit = editing.cleaned(edit)
        with context.writing() as tx:
            now = context.clock()
            customer_id, old = customers.find(tx.connection, clean(customer, limit=REF_LIMIT))
            if version is not None and version != old.version:
                raise self._conflict(tx.connection, old)
            new = editing.edited(old, edit)
            if new == old:
                return Edited(old)
            managers = context.offer.plans[old.plan].managers
            also = editing.warnings(old, edit, managers, now)
            carried = self._carry_codes(tx, customer_id, editing.names_carried(old, edit), now)
            if not customers.save(tx, customer_id, old, new, context.offer.region):
                raise self._conflict(tx.connection, old)
            new = replace(new, version=old.version + 1)
            told = editing.facts(edit)
            told |= {"code_revoked": carried.revoked[0][1]} if carried.revoked else {}
            context.record(tx, now, EDIT, old.id, told, customer=old.id)
        self._remember(_Done(now, edit.part, old, new, carried))
        text = marked("the support code of {contact} is revoked (R16)")
        gone = (Message(text, {"contact": name}) for _, name in carried.revoked)
        return Edited(new, (*gone, *also))

    def undoable(self, customer: str) -> bool:
        """Say whether this desk edited the organisation at most `UNDO_WITHIN` ago."""
        done = self._undoable.get(customer)
        return done is not None and self.context.clock() - done.at <= UNDO_WITHIN

    def undo(self, customer: str) -> Edited:
        """Take back what this desk edited last of the organisation, if that is at most `UNDO_WITHIN` ago.

        It is an act of its own: both stay in the audit. A support code that the edit revoked is in force
        again, unless its user was given another one meanwhile. Raises `Refused` where there is nothing to
        undo, `Conflict` where somebody changed the organisation since.
        """
        context = self.context
        done = self._undoable.get(customer)
        if done is None or not self.undoable(customer):
            raise Refused(
                "there is nothing to undo on this organisation",
                hint=f"an edit can be undone for {int(UNDO_WITHIN.total_seconds())} s where it was done",
            )
        with context.writing() as tx:
            now = context.clock()
            customer_id, current = customers.find(tx.connection, customer)
            if current.version != done.after.version:
                raise self._conflict(tx.connection, current)
            name = _IN_FIELD[done.part]
            new = replace(current, **{name: getattr(done.before, name)})
            if not customers.save(tx, customer_id, current, new, context.offer.region):
                raise self._conflict(tx.connection, current)
            new = replace(new, version=current.version + 1)
            told, also = self._codes_back(tx, customer_id, done)
            context.record(
                tx, now, UNDO, customer, {"of": EDIT, "part": done.part.value} | told, customer=customer
            )
        self._undoable.pop(customer, None)
        return Edited(new, also)

    def history(
        self, customer: str, limit: int = HISTORY_SHOWN, *, as_of: datetime | None = None
    ) -> tuple[AuditEntry, ...]:
        """Return what was done to the organisation itself, the newest first: edits, plan, access, documents,
        codes, imports. `domain.file_history` says them in words.

        What was done to its tickets, in its calls and about who calls is in their own histories.
        """
        with self.context.store.connect() as connection:
            _, found = customers.find(connection, clean(customer, limit=REF_LIMIT))
            until = as_of or self.context.as_of
            return audit_reading.of_customer(connection, found.id, limit, until)

    def _carry_codes(
        self, tx: Transaction, customer_id: int, names: dict[str, str | None], now: datetime
    ) -> _Codes:
        """Let support codes follow who is called otherwise, and revoke those of who is gone (R16)."""
        if not names:
            return _Codes()
        renamed, revoked = [], []
        for code_id, name in _codes_of(tx.connection, customer_id, names):
            if (new := names[name]) is None:
                revoked.append((code_id, name))
            else:
                codes.rename(tx, code_id, new)
                renamed.append((code_id, name, new))
        codes.revoke(tx, [code_id for code_id, _ in revoked], now)
        return _Codes(tuple(renamed), tuple(revoked))

    def _codes_back(
        self, tx: Transaction, customer_id: int, done: _Done
    ) -> tuple[dict[str, str], tuple[Message, ...]]:
        """Put support codes back to where they were before an edit; return what to tell of it."""
        in_force = codes.in_force(tx.connection, [customer_id])
        known = set(in_force.values())
        for code_id, name, now_called in done.codes.renamed:
            if code_id in known:
                codes.rename(tx, code_id, name)
                in_force.pop((customer_id, CodeKind.SUPPORT, now_called), None)
        for code_id, name in done.codes.revoked:
            another = (customer_id, CodeKind.SUPPORT, name) in in_force
            if another or not codes.restore(tx, code_id, done.at):
                text = marked("the support code of {contact} stays revoked: another one is in force")
                return {}, (Message(text, {"contact": name}),)
            text = marked("the support code of {contact} is in force again")
            return {"code_restored": name}, (Message(text, {"contact": name}),)
        return {}, ()

    def _conflict(self, connection: Connection, customer: Customer) -> Conflict:
        """Say who changed the organisation since it was seen, how and when."""
        last = audit_reading.last_edit(connection, customer.id)
        if last is None:
            return Conflict(f"{customer.id} was changed meanwhile", hint="look at it again")
        who = "you" if last.operator == self.context.operator else last.operator
        what = doing(last)
        done = what.text.format(**what.values)
        return Conflict(
            f"{who} {done} of {customer.id} at {self.context.clock_time(last.at)}", hint="look at it again"
        )

    def _remember(self, done: _Done) -> None:
        """Keep what was done for as long as it can be undone."""
        for customer, earlier in list(self._undoable.items()):
            if done.at - earlier.at > UNDO_WITHIN:
                self._undoable.pop(customer, None)
        self._undoable[done.after.id] = done


def _codes_of(connection: Connection, customer_id: int, names: Collection[str]) -> list[tuple[int, str]]:
    """Return row id and user of the support codes in force of those among `names`."""
    return [
        (code_id, name)
        for (_owner, kind, name), code_id in codes.in_force(connection, [customer_id]).items()
        if kind is CodeKind.SUPPORT and name in names
    ]
