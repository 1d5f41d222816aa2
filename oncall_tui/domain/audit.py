"""The audit as it is read and as it is verified (R20)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """One act: who did what to what, when (UTC) and from where. `detail` holds its facts by name.

    `customer` is the id of the organisation it is about, empty where there is none; `keyless` says that it
    was written without the key.
    """

    id: int
    at: datetime
    operator: str
    workstation: str
    act: str
    subject: str
    customer: str
    outcome: str
    detail: Mapping[str, str]
    keyless: bool


class AuditFilter(NamedTuple):
    """Which entries are wanted: all conditions that are given must hold. `until` is not included."""

    since: datetime | None = None
    until: datetime | None = None
    operator: str | None = None
    customer: str | None = None
    act: str | None = None
    outcome: str | None = None


class Finding(NamedTuple):
    """Something that is wrong with the entry `id`, or with those around it, in words."""

    id: int
    what: str


@dataclass(frozen=True, slots=True)
class AuditReport:
    """What verifying found. `more` counts findings beyond those that are told.

    `head` is the last entry as `id:seal`, to be kept outside the database. `before_key` counts the entries
    from before there was a key, `keyless` those that were written without it afterwards, from the first to
    the last of them: nothing proves who wrote these.
    """

    entries: int
    findings: tuple[Finding, ...]
    more: int
    head: str
    before_key: int
    keyless: int
    first_keyless: int | None
    last_keyless: int | None

    @property
    def unbroken(self) -> bool:
        """Say whether every entry is as it was written, and none is missing."""
        return not self.findings
