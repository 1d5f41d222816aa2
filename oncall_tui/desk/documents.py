"""Issuing technical documents (R25) in two steps: a page is prepared, and counts once it is on the disk."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

from oncall_tui.desk.codes import fresh_code
from oncall_tui.desk.context import Context
from oncall_tui.domain.codes import Code, CodeKind
from oncall_tui.domain.customers import Customer
from oncall_tui.domain.entitlements import MANAGER_CALENDAR
from oncall_tui.domain.errors import Conflict, Refused
from oncall_tui.domain.plans import Plan
from oncall_tui.domain.technical_document import IssuedDocument, TechnicalDocument, document_language
from oncall_tui.domain.text import REF_LIMIT, clean
from oncall_tui.domain.tickets import Channel
from oncall_tui.store import codes, customers, documents, sealing
from oncall_tui.store.codes import Issue
from oncall_tui.store.keyring import Keyring, KeyTrouble

if TYPE_CHECKING:
    from sqlalchemy import Connection

ISSUE = "issue document"
"""The word of the audit."""


@dataclass(frozen=True, slots=True)
class Outlook:
    """What the next document would be: its number, and whether a VIP code is in force to stand on it."""

    number: int
    has_code: bool


@dataclass(frozen=True, slots=True)
class Draft:
    """A document that isn't issued. `new_code` says that the code on it is stored nowhere yet."""

    document: TechnicalDocument
    new_code: bool
    _in_force: int | None = field(repr=False)
    """The row of the code that is in force: the one on the document, or the one to be revoked."""

    @property
    def replaces(self) -> bool:
        """Say whether issuing it revokes a code."""
        return self.new_code and self._in_force is not None


@dataclass(frozen=True, slots=True)
class DocumentDesk:
    """The technical documents.

    Each method raises `NotFound` for an organisation that isn't there. `Refused` names the rule: a standard
    plan has no document (R25), and one without a number to call would be of no use.
    """

    context: Context

    def history(self, customer: str, as_of: datetime | None = None) -> tuple[IssuedDocument, ...]:
        """Return the documents that the organisation got, the last one first; at `as_of` if it is given."""
        with self.context.store.connect() as connection:
            customer_id, _ = customers.find(connection, clean(customer, limit=REF_LIMIT))
            return documents.history(connection, customer_id, as_of or self.context.as_of)

    def outlook(self, customer: str) -> Outlook:
        """Return what the next document would be, before anybody is asked about it."""
        self._refuse_reader()
        with self.context.store.connect() as connection:
            customer_id, found = customers.find(connection, clean(customer, limit=REF_LIMIT))
            self._refuse(found)
            known = _in_force(connection, customer_id)
            return Outlook(documents.last_number(connection, customer_id) + 1, known is not None)

    def prepare(self, customer: str, *, new_code: bool = False) -> Draft:
        """Return the next document with the code in force, or with a fresh one; nothing is changed by it.

        `Refused` where no code is in force and none is to be made. `KeyTrouble` where the key can't be used.
        """
        self._refuse_reader()
        with self.context.store.connect() as connection:
            customer_id, found = customers.find(connection, clean(customer, limit=REF_LIMIT))
            self._refuse(found)
            known = _in_force(connection, customer_id)
            if known is None and not new_code:
                raise Refused(
                    f"{found.id} has no VIP code in force to stand on the document",
                    hint="--new-code issues one with it",
                    rule="R25",
                )
            keyring = self._keyring()
            if new_code or known is None:
                # The key is made with the first code.
                keys = keyring.held() if keyring.exists() else ()
                code = fresh_code(self.context, connection, keys)
            else:
                code = codes.revealed(connection, keyring.held(), known)
            number = documents.last_number(connection, customer_id) + 1
        return Draft(self._document(found, number, self.context.clock(), code), new_code, known)

    def issue(self, draft: Draft) -> None:
        """Note that the document was issued, and put its code in force where it is a new one.

        `Conflict` where something that stands on it has changed since it was prepared: nothing is issued.
        """
        document = draft.document
        with self.context.writing() as tx:
            now = self.context.clock()
            customer_id, found = customers.find(tx.connection, document.customer)
            self._refuse(found)
            number = documents.last_number(tx.connection, customer_id) + 1
            code_id = _in_force(tx.connection, customer_id)
            same = self._document(found, number, document.issued_at, document.code)
            if same != document or code_id != draft._in_force:
                raise Conflict(
                    f"something that stands on the document of {document.customer} has just been changed",
                    hint="nothing was issued: try once more",
                )
            if draft.new_code:
                key = sealing.for_writing(tx, now)
                digests = [codes.digest(each, document.code) for each in self._keyring().held()]
                if codes.find(tx.connection, digests) is not None:
                    raise Conflict("somebody else was just given that code", hint="try once more")
                if code_id is not None:
                    codes.revoke(tx, [code_id], now)
                issue = Issue(customer_id, document.customer, CodeKind.VIP, "", document.code)
                codes.add(tx, key, [issue], now)
                code_id = _in_force(tx.connection, customer_id)
            if code_id is None:
                raise AssertionError("a draft has a code")
            documents.add(
                tx,
                customer_id,
                number,
                document.issued_at,
                self.context.operator,
                self.context.workstation,
                document.language,
                code_id,
            )
            detail = {"number": str(number), "language": document.language}
            if draft.new_code:
                detail["code"] = "new, the one before revoked" if draft.replaces else "new"
            self.context.record(tx, now, ISSUE, document.customer, detail, customer=document.customer)

    def _document(self, found: Customer, number: int, at: datetime, code: Code) -> TechnicalDocument:
        offer = self.context.offer
        terms = offer.plans[found.plan]
        return TechnicalDocument(
            number=number,
            issued_at=at,
            zone=offer.zone,
            language=document_language(found.language),
            customer=found.id,
            name=found.name,
            plan=found.plan,
            response=terms.response,
            line=terms.emergency,
            code=code,
            support=offer.support,
            by_phone=offer.calendar_for(Channel.PHONE),
            by_mail=offer.calendar_for(Channel.EMAIL),
            on_line=offer.calendar_for(Channel.EMERGENCY),
            advice=offer.calendars[MANAGER_CALENDAR] if terms.managers else None,
            managers=found.managers,
            services=found.services,
        )

    def _refuse(self, found: Customer) -> None:
        if found.plan is Plan.STANDARD:
            raise Refused(
                f"{found.id} has the standard plan, which has no technical document",
                hint="it comes with Premium Support: plus, pro and enterprise",
                rule="R25",
            )
        support = self.context.offer.support
        missing = ""
        if self.context.offer.plans[found.plan].emergency:
            missing = "" if support.emergency_phone else "support.emergency_phone"
        elif not support.phone:
            missing = "support.phone"
        if missing:
            raise Refused(
                "the document would name no number to call",
                hint=f"set {missing} in the settings",
                rule="R25",
            )

    def _refuse_reader(self) -> None:
        if self.context.read_only:
            raise Refused("this desk is read-only", hint="start it without --read-only to act")

    def _keyring(self) -> Keyring:
        keyring = self.context.store.keyring
        if keyring is None:
            raise KeyTrouble("this desk was opened without a keyring")
        return keyring


def _in_force(connection: Connection, customer_id: int) -> int | None:
    """Return the row of the VIP code that is in force."""
    return codes.in_force(connection, [customer_id]).get((customer_id, CodeKind.VIP, ""))
