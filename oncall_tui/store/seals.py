"""What an entry of the audit is sealed with: a hash over itself and the seal of the entry before (R20).

Without the key nobody can make such a seal, so that an entry which was changed, put in, taken out or moved
is found. A desk without a key goes on acting: its entries are chained by a plain hash, which holds them
together and proves nothing about who wrote them.
"""

from __future__ import annotations

import hmac
import json
from collections.abc import Sequence
from hashlib import sha256

from oncall_tui.store.keyring import Key

SEALED = (
    "id",
    "at",
    "operator",
    "workstation",
    "act",
    "ticket_id",
    "subject",
    "detail",
    "revision",
    "customer",
    "outcome",
    "key_id",
)
"""The columns that a seal covers, in its order; `at` in microseconds, as it is stored."""

BEGINNING = ""
"""Stands for the seal before the first entry."""


def seal_of(key: Key | None, before: str, values: Sequence[object]) -> str:
    """Return the seal of the entry with these `values` of `SEALED`, after an entry sealed with `before`."""
    # JSON quotes what could be taken for the end of one value and the beginning of the next. Bytes, which
    # only somebody who meddles puts there, are told from every text.
    return _seal(key, json.dumps([before, *values], ensure_ascii=False, separators=(",", ":"), default=repr))


def seal_of_head(key: Key | None, last_id: int, last_seal: str, key_id: str) -> str:
    """Return the seal over which entry is the last one."""
    return _seal(key, json.dumps(["head", last_id, last_seal, key_id]))


def _seal(key: Key | None, text: str) -> str:
    content = text.encode("utf-8", "surrogatepass")
    if key is None:
        return sha256(content).hexdigest()
    return hmac.digest(key.audit, content, "sha256").hex()
