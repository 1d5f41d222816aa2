"""The audit as people read it (R20): what was done, and whether it still stands as it was written."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from oncall_tui.domain.errors import BadInput

DONE = "done"
"""The outcome of an act that has no other."""

SYNC = "sync"
"""The act of what another system, named as the source in the detail, changed of a ticket."""

SHOWN_DIGITS = 16
"""Hexadecimal digits of a seal that are shown: as many as nobody hits by chance."""

_KEPT = re.compile(r"([1-9]\d{0,17}):([0-9a-f]{16,64})", re.ASCII)


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """One act. `subject` names what it was done to, `customer` the organisation by its id (empty for none),
    `detail` holds its facts by name, instants in ISO 8601.
    """

    id: int
    at: datetime
    operator: str
    workstation: str
    act: str
    subject: str
    detail: Mapping[str, str]
    customer: str = ""
    outcome: str = DONE
    ticket_id: int | None = None


@dataclass(frozen=True, slots=True)
class AuditFilter:
    """Which entries are wanted: those that fit all that isn't None. `since` is within, `until` is not."""

    since: datetime | None = None
    until: datetime | None = None
    operator: str | None = None
    customer: str | None = None
    act: str | None = None
    outcome: str | None = None


class KeptHead(NamedTuple):
    """The last entry at some time, by its id and the first digits of its seal, kept outside the database."""

    id: int
    seal: str

    def __str__(self) -> str:
        return f"{self.id}:{self.seal[:SHOWN_DIGITS]}"

    @classmethod
    def parse(cls, text: str) -> KeptHead:
        """Read what `str` gives (`BadInput`)."""
        found = _KEPT.fullmatch(text.strip().lower())
        if found is None:
            raise BadInput(
                f"{text[:80]!r} is no head of an audit",
                hint="write it as audit verify printed it, like 1234:9f86d081884c7d65",
            )
        return cls(int(found[1]), found[2])


class Wrong(NamedTuple):
    """What is wrong with the entries from `first` to `last`, both ids, or with the head (both None)."""

    first: int | None
    last: int | None
    what: str


@dataclass(frozen=True, slots=True)
class ChainReport:
    """What a look at the whole audit found. `entries` is how many there are.

    `wrong` are the first troubles, `more` how many came after them. `unsealed_before` counts the entries
    from before the first key, `unsealed_after` those that were written without one since; `unsealed_span`
    are the first and last id of the latter. `head` is the last entry, None where there is none.
    `never_sealed` says that no entry has a key although there is one: they could all be forged.
    """

    entries: int
    wrong: tuple[Wrong, ...] = ()
    more: int = 0
    unsealed_before: int = 0
    unsealed_after: int = 0
    unsealed_span: tuple[int, int] | None = None
    head: KeptHead | None = None
    never_sealed: bool = False

    @property
    def holds(self) -> bool:
        """Say whether nothing is wrong."""
        return not self.wrong
