"""The seals of the audit (R20): each over an entry and the seal of the one before.

With a key a seal is an HMAC-SHA-256 that nobody makes without it. Where none can be used an entry is
sealed with a plain SHA-256 instead: it chains, and the next entry with a key holds it fast, but whoever can
write the database could have made it.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from typing import Any, NamedTuple

from oncall_tui.store.keyring import Key, Keyring, KeyTrouble

NOTHING = ""
"""The seal before that of the first entry."""

# JSON says where each part ends, and tells a number from its digits and nothing from an empty text. What no
# column should hold, as bytes that somebody put there, must not end the reading.
_canonical = json.JSONEncoder(separators=(",", ":"), default=repr).encode


class Sealed(NamedTuple):
    """An entry as it is stored, in the order in which it is sealed. `at` is in microseconds since 1970."""

    id: int
    at: int
    operator: str
    workstation: str
    act: str
    ticket_id: int | None
    subject: str
    detail: str
    revision: int
    customer: str
    outcome: str
    key_id: str


class Head(NamedTuple):
    """The row that knows the last entry; its `seal` is made with the key of that entry."""

    last_id: int
    last_seal: str
    key_id: str
    seal: str


def of_entry(key: Key | None, previous: str, entry: Sealed) -> str:
    """Return the seal of `entry` after the one whose seal is `previous`; `key` is that of its key id."""
    return _seal(key, ["entry", previous, *entry])


def of_head(key: Key | None, last_id: int, last_seal: str) -> Head:
    """Return the head that names the last entry by its id and seal."""
    key_id = key.id if key else ""
    return Head(last_id, last_seal, key_id, _seal(key, ["head", last_id, last_seal, key_id]))


def known_key(keyring: Keyring | None, key_id: str) -> Key | None:
    """Return the key that goes by `key_id`, None for the empty one; `KeyTrouble` where it can't be had."""
    if not key_id:
        return None
    if keyring is None:
        raise KeyTrouble("this desk was opened without a keyring")
    return keyring.get(key_id)


def _seal(key: Key | None, parts: list[Any]) -> str:
    canonical = _canonical(parts).encode()
    if key is None:
        return hashlib.sha256(canonical).hexdigest()
    return hmac.digest(key.audit, canonical, "sha256").hex()
