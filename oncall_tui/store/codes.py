"""Codes at rest (R19): a keyed HMAC to look them up by, and the digits encrypted for the technical document.

Neither says anything without the key, and the encryption is bound to the organisation and the kind: a value
that somebody moves to another row opens nothing there.
"""

from __future__ import annotations

import hmac
import secrets
from base64 import b64decode, b64encode
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Connection, func, insert, or_, select, update

from oncall_tui.domain.codes import Code, CodeKind, CodeState
from oncall_tui.domain.plans import Plan
from oncall_tui.store.engine import Transaction
from oncall_tui.store.keyring import Key, KeyTrouble
from oncall_tui.store.schema import codes, customers

_NONCE = 12
_ASKED = 5_000
"""Digests that one query asks for, below what a database takes as parameters."""

_c = codes.c


class _ChangedCode(KeyTrouble):
    """A code doesn't open with the key that has sealed it."""


class Known(NamedTuple):
    """A code that is or was in force, with the organisation (`customer` is its id) that it belongs to."""

    id: int
    digest: str
    kind: CodeKind
    contact: str
    revoked_at: datetime | None
    customer_id: int
    customer: str
    customer_name: str
    plan: Plan


class Issue(NamedTuple):
    """A code to be stored for the organisation with this row id and this id."""

    customer_id: int
    customer: str
    kind: CodeKind
    contact: str
    code: Code


def digest(key: Key, code: Code) -> str:
    """Return what the code is looked up by."""
    return hmac.digest(key.lookup, code.reveal().encode(), "sha256").hex()


def find(connection: Connection, digests: Sequence[str]) -> Known | None:
    """Return the code that goes by one of `digests`, those of one code under each key of the keyring.

    Where there is none some other code is read, and forgotten: a miss takes as long as a hit (R19).
    """
    hits = connection.execute(select(_c.id, _c.digest).where(_c.digest.in_(digests))).fetchall()
    hit = next(
        (row.id for row in hits for wanted in digests if hmac.compare_digest(row.digest, wanted)), None
    )
    last = connection.scalar(select(func.max(_c.id))) or 1
    decoy = int(digests[0][:15], 16) % last + 1 if digests else 1
    read = _found(connection, _c.id == (decoy if hit is None else hit))
    return read[0] if read and hit is not None else None


def find_all(connection: Connection, digests: Iterable[str]) -> dict[str, Known]:
    """Return the codes that go by any of `digests`, by digest."""
    wanted = list(digests)
    return {
        found.digest: found
        for at in range(0, len(wanted), _ASKED)
        for found in _found(connection, _c.digest.in_(wanted[at : at + _ASKED]))
    }


def _found(connection: Connection, which: ColumnElement[bool]) -> list[Known]:
    query = (
        select(
            _c.id,
            _c.digest,
            _c.kind,
            _c.contact,
            _c.revoked_at,
            _c.customer_id,
            customers.c.ref,
            customers.c.name,
            customers.c.plan,
        )
        .join(customers, customers.c.id == _c.customer_id)
        .where(which)
    )
    return [
        Known(code_id, found, CodeKind(kind), contact, revoked_at, customer_id, ref, name, Plan(plan))
        for code_id, found, kind, contact, revoked_at, customer_id, ref, name, plan in connection.execute(
            query
        )
    ]


def states(connection: Connection, customer_id: int, as_of: datetime | None) -> tuple[CodeState, ...]:
    """Return which codes the organisation with that row id has and had, those in force first; no digits.

    With `as_of` it is told as it stood then.
    """
    query = select(_c.kind, _c.contact, _c.issued_at, _c.revoked_at).where(_c.customer_id == customer_id)
    found = []
    for kind, contact, issued_at, revoked_at in connection.execute(
        query.order_by(_c.kind.desc(), _c.id.desc())
    ):
        if as_of is None or issued_at <= as_of:
            over = revoked_at is not None and (as_of is None or revoked_at <= as_of)
            found.append(CodeState(CodeKind(kind), contact, issued_at, revoked_at if over else None))
    return tuple(sorted(found, key=lambda state: state.revoked_at is not None))


def in_force(connection: Connection, customer_ids: Iterable[int]) -> dict[tuple[int, CodeKind, str], int]:
    """Return the row ids of the codes in force by organisation, kind and user."""
    query = select(_c.customer_id, _c.kind, _c.contact, _c.id).where(
        _c.customer_id.in_(list(customer_ids)), _c.revoked_at.is_(None)
    )
    rows = connection.execute(query)
    return {(customer, CodeKind(kind), contact): code_id for customer, kind, contact, code_id in rows}


def add(tx: Transaction, key: Key, issues: Sequence[Issue], now: datetime) -> None:
    """Store codes that nobody has or had, sealed with `key`."""
    if issues:
        rows = [
            {
                "customer_id": one.customer_id,
                "kind": one.kind.value,
                "contact": one.contact,
                "issued_at": now,
                **_sealed(key, one.customer, one.kind, one.code),
            }
            for one in issues
        ]
        tx.connection.execute(insert(codes), rows)


def revoke(tx: Transaction, code_ids: Sequence[int], now: datetime) -> None:
    """Note that the codes with these row ids are in force no more."""
    for at in range(0, len(code_ids), _ASKED):
        some = code_ids[at : at + _ASKED]
        tx.connection.execute(update(codes).where(_c.id.in_(some)).values(revoked_at=now))


def restore(tx: Transaction, code_id: int, revoked_at: datetime) -> bool:
    """Put a code in force again that was revoked at that instant and not otherwise; say whether it was."""
    which = (_c.id == code_id) & (_c.revoked_at == revoked_at)
    return bool(tx.connection.execute(update(codes).where(which).values(revoked_at=None)).rowcount)


def rename(tx: Transaction, code_id: int, contact: str) -> None:
    """Note that the user of the code with that row id goes by another name."""
    tx.connection.execute(update(codes).where(_c.id == code_id).values(contact=contact))


def revealed(connection: Connection, keys: Sequence[Key], code_id: int) -> Code:
    """Return the digits of the code with that row id; `KeyTrouble` if no key of `keys` opens it."""
    query = select(customers.c.ref, _c.kind, _c.key_id, _c.sealed).join(customers)
    row = connection.execute(query.where(_c.id == code_id)).one()
    return _opened(keys, row)


def any_sealed_otherwise(connection: Connection, key: Key) -> bool:
    """Say whether a code is sealed with another key than `key`."""
    return connection.scalar(select(_c.id).where(_sealed_otherwise(key)).limit(1)) is not None


def seal_anew(tx: Transaction, keys: Sequence[Key], key: Key, limit: int) -> int:
    """Seal at most `limit` codes with `key` that one of `keys` sealed; return how many there were.

    One that was changed in the database and is in force stops it. When it is revoked its digits are of no
    use any more: it keeps what it is known by.
    """
    query = (
        select(_c.id, customers.c.ref, _c.kind, _c.key_id, _c.sealed, _c.revoked_at)
        .join(customers)
        .where(_sealed_otherwise(key))
        .limit(limit)
    )
    rows = tx.connection.execute(query).fetchall()
    for row in rows:
        try:
            values = _sealed(key, row.ref, CodeKind(row.kind), _opened(keys, row))
        except _ChangedCode:
            if row.revoked_at is None:
                raise
            values = {"key_id": key.id}
        tx.connection.execute(update(codes).where(_c.id == row.id).values(**values))
    return len(rows)


def _sealed_otherwise(key: Key) -> ColumnElement[bool]:
    # Two ranges of the index, where "not equal" would look at every row.
    return or_(_c.key_id < key.id, _c.key_id > key.id)


def _sealed(key: Key, customer: str, kind: CodeKind, code: Code) -> dict[str, str]:
    # Imported where it is used: a board that looks codes up never encrypts one.
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    nonce = secrets.token_bytes(_NONCE)
    sealed = AESGCM(key.encryption).encrypt(nonce, code.reveal().encode(), _bound(customer, kind))
    return {
        "digest": digest(key, code),
        "sealed": b64encode(nonce + sealed).decode(),
        "key_id": key.id,
    }


def _opened(keys: Sequence[Key], row: Any) -> Code:
    from cryptography.exceptions import InvalidTag
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    for key in keys:
        if key.id == row.key_id:
            try:
                sealed = b64decode(row.sealed)
                bound = _bound(row.ref, CodeKind(row.kind))
                digits = AESGCM(key.encryption).decrypt(sealed[:_NONCE], sealed[_NONCE:], bound)
            except (InvalidTag, ValueError):
                raise _ChangedCode(
                    f"a code of {row.ref} was changed in the database and can't be opened",
                    hint=f"revoke it and issue another: oncall-tui codes rotate {row.ref}",
                ) from None
            return Code(digits.decode())
    raise KeyTrouble(
        f"a code of {row.ref} is sealed with key {row.key_id}, which is not in the keyring",
        hint="put that key back behind the newest one",
    )


def _bound(customer: str, kind: CodeKind) -> bytes:
    return f"{kind.value}\x1f{customer}".encode()
