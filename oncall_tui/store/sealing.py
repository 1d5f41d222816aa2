"""Which key a database is sealed with, and the first use of one."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, insert, select, update

from oncall_tui.store.engine import Transaction
from oncall_tui.store.keyring import Key, Keyring, KeyTrouble
from oncall_tui.store.schema import key_in_force


def key_id(connection: Connection) -> str | None:
    """Return the id of the key that seals what is new, None before the first use of one."""
    found: str | None = connection.scalar(select(key_in_force.c.key_id))
    return found


def for_reading(connection: Connection, keyring: Keyring | None) -> Key | None:
    """Return the key in force, None where none was ever used; `KeyTrouble` where it can't be had."""
    known = key_id(connection)
    return None if known is None else _of(keyring).get(known)


def for_writing(tx: Transaction, now: datetime) -> Key:
    """Return the key in force. The first use puts the newest of the keyring in force, and makes the key
    file where there is none. Raises `KeyTrouble` where it can't be had.
    """
    known = key_id(tx.connection)
    if known is not None:
        return _of(tx.keyring).get(known)
    key = _of(tx.keyring).create()
    tx.connection.execute(insert(key_in_force).values(id=1, key_id=key.id, since=now))
    return key


def newest(keyring: Keyring | None) -> Key:
    """Return the key that the first use would put in force; `KeyTrouble` where it can't be had."""
    return _of(keyring).newest()


def put_in_force(tx: Transaction, key: Key, now: datetime) -> None:
    """Seal with `key` from now on."""
    tx.connection.execute(update(key_in_force).values(key_id=key.id, since=now))


def _of(keyring: Keyring | None) -> Keyring:
    if keyring is None:
        raise KeyTrouble("this desk was opened without a keyring")
    return keyring
