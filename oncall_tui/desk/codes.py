"""Codes coming and going: issued, rotated, revoked, and all sealed anew with another key (R16, R19)."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, NamedTuple

from oncall_tui.desk.context import Context
from oncall_tui.domain.codes import Code, CodeKind, CodeState, heard, new_code
from oncall_tui.domain.customers import Customer, user_names
from oncall_tui.domain.errors import BadInput, NotFound, OncallError, Refused
from oncall_tui.domain.plans import Plan
from oncall_tui.store import codes, customers, sealing
from oncall_tui.store.codes import Issue
from oncall_tui.store.engine import Transaction
from oncall_tui.store.keyring import Key, Keyring, KeyTrouble

if TYPE_CHECKING:
    from sqlalchemy import Connection

BATCH = 500
"""Codes that one transaction seals anew, so that a look-up waits milliseconds and not for all of them."""

_TRIES = 100


class Issued(NamedTuple):
    """A code that was issued, for whom and when; `code` is for the technical document alone."""

    customer: str
    kind: CodeKind
    contact: str
    issued_at: datetime
    replaced: bool
    code: Code


class KeyRotation(NamedTuple):
    """What a rotation did: the key from now on, and how many codes were sealed with it."""

    key_id: str
    codes: int


@dataclass(frozen=True, slots=True)
class CodeDesk:
    """Acts on codes. Each raises `KeyTrouble` where the key can't be used, `NotFound` for an organisation
    or a user that isn't there, `Refused` with the rule where one forbids it.
    """

    context: Context

    def states(self, customer: str, as_of: datetime | None = None) -> tuple[CodeState, ...]:
        """Return which codes an organisation has and had, at `as_of` if it is given; never the digits."""
        with self.context.store.connect() as connection:
            customer_id, _ = customers.find(connection, customer)
            return codes.states(connection, customer_id, as_of)

    def issue(self, customer: str, kind: CodeKind, contact: str = "", *, given: str | None = None) -> Issued:
        """Give the organisation, or its user `contact`, a code where there is none in force.

        `given` is a code that another system made; without it a fresh one is drawn.
        """
        return self._issue("issue code", customer, kind, contact, given, replacing=False)

    def rotate(self, customer: str, kind: CodeKind, contact: str = "", *, given: str | None = None) -> Issued:
        """Put a new code in the place of the one in force, which is revoked."""
        return self._issue("rotate code", customer, kind, contact, given, replacing=True)

    def revoke(self, customer: str, kind: CodeKind, contact: str = "") -> None:
        """Put the code in force out of force: who reads it out is told so."""
        with self.context.writing() as tx:
            now = self.context.clock()
            customer_id, _ = customers.find(tx.connection, customer)
            known = codes.in_force(tx.connection, [customer_id]).get((customer_id, kind, contact))
            if known is None:
                raise _none_in_force(customer, kind, contact)
            codes.revoke(tx, [known], now)
            self._record(tx, now, "revoke code", customer, kind, contact)

    def rotate_key(self, progress: Callable[[int], None]) -> KeyRotation:
        """Seal every code with a new key; `progress` gets the number so far.

        The keys before stay in the keyring: they verify the audit. A rotation that was interrupted goes on
        where it stopped, and codes are known all the while.
        """
        keyring = self._keyring()
        with self.context.writing() as tx:
            now = self.context.clock()
            before = sealing.for_writing(tx, now)
            interrupted = codes.any_sealed_otherwise(tx.connection, before)
            if not interrupted:
                key = keyring.newest() if keyring.newest().id != before.id else keyring.add()
                sealing.put_in_force(tx, key, now)
                self.context.record(tx, now, "rotate key", "key", {"from": before.id, "to": key.id})
        total = 0
        while True:
            with self.context.writing() as tx:
                key = sealing.for_writing(tx, self.context.clock())
                sealed = codes.seal_anew(tx, keyring.held(), key, BATCH)
                if sealed:
                    told = {"codes": str(sealed), "key": key.id}
                    self.context.record(tx, self.context.clock(), "seal codes anew", "codes", told)
            total += sealed
            if sealed:
                progress(total)
            if sealed < BATCH:
                return KeyRotation(key.id, total)

    def _issue(
        self, act: str, customer: str, kind: CodeKind, contact: str, given: str | None, *, replacing: bool
    ) -> Issued:
        with self.context.writing() as tx:
            now = self.context.clock()
            customer_id, who = customers.find(tx.connection, customer)
            refuse_owner(who, kind, contact)
            key = sealing.for_writing(tx, now)
            keys = self._keyring().held()
            before = codes.in_force(tx.connection, [customer_id]).get((customer_id, kind, contact))
            if before is None and replacing:
                raise _none_in_force(customer, kind, contact)
            if before is not None and not replacing:
                raise Refused(
                    f"{_whose(customer, kind, contact)} has a code in force",
                    hint="oncall-tui codes rotate puts a new one in its place",
                    rule="R16",
                )
            code = (
                fresh_code(self.context, tx.connection, keys)
                if given is None
                else self._given(tx, keys, given)
            )
            if before is not None:
                codes.revoke(tx, [before], now)
            codes.add(tx, key, [Issue(customer_id, customer, kind, contact, code)], now)
            self._record(tx, now, act, customer, kind, contact)
        return Issued(customer, kind, contact, now, before is not None, code)

    def _given(self, tx: Transaction, keys: tuple[Key, ...], given: str) -> Code:
        said = heard(given, self.context.offer.codes)
        if said.unclear is not None:
            raise no_code(self.context)
        code = Code(said.digits)
        if codes.find(tx.connection, [codes.digest(key, code) for key in keys]) is not None:
            raise Refused(
                "that code is or was in use", hint="a code belongs to one owner, for good", rule="R16"
            )
        return code

    def _keyring(self) -> Keyring:
        keyring = self.context.store.keyring
        if keyring is None:
            raise KeyTrouble("this desk was opened without a keyring")
        return keyring

    def _record(
        self, tx: Transaction, now: datetime, act: str, customer: str, kind: CodeKind, contact: str
    ) -> None:
        detail = {"kind": kind.value} | ({"contact": contact} if contact else {})
        self.context.record(tx, now, act, customer, detail, customer=customer)


def fresh_code(context: Context, connection: Connection, keys: Sequence[Key]) -> Code:
    """Return a code that nobody has or had; it is stored nowhere yet."""
    rules = context.offer.codes
    for _ in range(_TRIES):
        code = Code(new_code(rules, secrets.randbelow))
        if codes.find(connection, [codes.digest(key, code) for key in keys]) is None:
            return code
    raise Refused(
        f"no code of {rules.length} digits was found that nobody has",
        hint="set codes.length to more digits",
        rule="R16",
    )


def refuse_owner(customer: Customer, kind: CodeKind, contact: str) -> None:
    """Raise where the owner of a code can't be that: a VIP code needs a premium plan, a support code a user
    (R16).
    """
    if kind is CodeKind.VIP:
        if customer.plan is Plan.STANDARD:
            raise Refused(
                f"{customer.id} has the standard plan, which has no VIP code",
                hint="a VIP code belongs to a premium organisation; its users can have support codes",
                rule="R16",
            )
        return
    users = user_names(customer.contacts)
    if contact not in users:
        there = f"there are: {', '.join(users)}" if users else "it has none at all"
        raise NotFound(f"{customer.id} has no contact {contact[:60]!r}", hint=there)


def no_code(context: Context) -> OncallError:
    """Return the error that a text is no code, without repeating it."""
    rules = context.offer.codes
    check = ", the last of them a check digit" if rules.check_digit else ""
    return BadInput(
        "that is no code", hint=f"a code has {rules.shortest} to {rules.longest} digits{check}", rule="R16"
    )


def _whose(customer: str, kind: CodeKind, contact: str) -> str:
    return customer if kind is CodeKind.VIP else f"{contact} of {customer}"


def _none_in_force(customer: str, kind: CodeKind, contact: str) -> NotFound:
    return NotFound(
        f"{_whose(customer, kind, contact)} has no {kind} code in force",
        hint="oncall-tui codes issue gives one",
    )
