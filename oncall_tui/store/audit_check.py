"""Verifying the audit: is every entry as it was written, where it was written, and is none missing? (R20)"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from sqlalchemy import Connection

from oncall_tui.domain.audit import AuditReport, Finding
from oncall_tui.store import audit, seals
from oncall_tui.store.audit import Head, Stored
from oncall_tui.store.keyring import Key, Keyring, KeyTrouble

TOLD = 20
"""Findings that are told one by one; the others are counted."""

_LOOKED_INTO = 200
"""Entries that don't fit whose true place is looked for."""

_PROGRESS = 1_000

Progress = Callable[[int], None]


@dataclass(slots=True)
class _Misfit:
    """An entry whose seal isn't that of its values after the entry before it."""

    entry: Stored
    before: Stored | None
    after_gap: bool
    next_fits_without: bool = False


@dataclass(slots=True)
class _Check:
    """What a pass over the entries has found so far."""

    entries: int = 0
    last: Stored | None = None
    misfits: list[_Misfit] = field(default_factory=list)
    gaps: list[tuple[int, int]] = field(default_factory=list)
    more: int = 0
    unknown_keys: Counter[str] = field(default_factory=Counter)
    before_key: int = 0
    keyless: list[int] = field(default_factory=list)
    keyless_count: int = 0
    keyed: bool = False


def verify(
    connection: Connection, keyring: Keyring | None, noted_head: tuple[int, str] | None, progress: Progress
) -> AuditReport:
    """Look at every entry; `progress` gets how many so far.

    `noted_head` is a number and the beginning of a seal that somebody has kept outside the database.
    """
    keys = _Keys(keyring)
    check = _Check()
    noted = None
    for entry in audit.stored(connection):
        _look_at(check, keys, entry)
        if noted_head is not None and entry.id == noted_head[0]:
            noted = entry
        if check.entries % _PROGRESS == 0:
            progress(check.entries)
    progress(check.entries)
    head = audit.head(connection)
    findings = sorted([*_of_chain(check, keys), *_of_head(check, keys, head)])
    # Without their key nothing can be said of them, right or wrong.
    findings += [
        Finding(0, f"{_count(count)} sealed with key {key_id}, which can't be had: {keys.why(key_id)}")
        for key_id, count in check.unknown_keys.items()
    ]
    if noted_head is not None and (noted is None or not noted.seal.startswith(noted_head[1])):
        what = f"entry {noted_head[0]} is not the one that was noted: is this an older state of the database?"
        findings.append(Finding(noted_head[0], what))
    return AuditReport(
        entries=check.entries,
        findings=tuple(findings[:TOLD]),
        more=max(len(findings) - TOLD, 0) + check.more,
        head=f"{check.last.id}:{check.last.seal[:16]}" if check.last else "",
        before_key=check.before_key,
        keyless=check.keyless_count,
        first_keyless=check.keyless[0] if check.keyless else None,
        last_keyless=check.keyless[-1] if check.keyless else None,
    )


class _Keys:
    """The keys of a keyring by their ids, and why one can't be had."""

    def __init__(self, keyring: Keyring | None) -> None:
        self._keyring = keyring
        self._known: dict[str, Key | str | None] = {"": None}

    def get(self, key_id: str) -> Key | None:
        """Return the key, None for the empty id; `KeyError` where it can't be had."""
        if key_id not in self._known:
            self._known[key_id] = self._looked_up(key_id)
        found = self._known[key_id]
        if isinstance(found, str):
            raise KeyError(key_id)
        return found

    def why(self, key_id: str) -> str:
        """Return why the key can't be had."""
        return str(self._known[key_id])

    def _looked_up(self, key_id: str) -> Key | str:
        if self._keyring is None:
            return "there is no keyring"
        try:
            return self._keyring.get(key_id)
        except KeyTrouble as trouble:
            return trouble.message


def _look_at(check: _Check, keys: _Keys, entry: Stored) -> None:
    before, check.last = check.last, entry
    check.entries += 1
    _count_keyless(check, entry)
    first = check.entries == 1
    expected_id = 1 if before is None else before.id + 1
    gap = entry.id != expected_id
    try:
        fits = _fits(keys, entry, before)
    except KeyError:
        check.unknown_keys[entry.key_id] += 1
        return
    if check.misfits and check.misfits[-1].entry is before and before is not None:
        without = check.misfits[-1].before
        check.misfits[-1].next_fits_without = _fits(keys, entry, without)
    if fits:
        # The numbers of an older database may have gaps of their own: what was there holds the others.
        return
    if gap and not first:
        check.gaps.append((expected_id, entry.id - 1))
    elif gap:
        check.gaps.append((1, entry.id - 1))
    if len(check.misfits) < _LOOKED_INTO:
        check.misfits.append(_Misfit(entry, before, gap))
    else:
        check.more += 1


def _count_keyless(check: _Check, entry: Stored) -> None:
    if entry.key_id:
        check.keyed = True
    elif check.keyed:
        check.keyless_count += 1
        check.keyless = [*check.keyless[:1], entry.id]
    else:
        check.before_key += 1


def _fits(keys: _Keys, entry: Stored, before: Stored | None, as_id: int | None = None) -> bool:
    seal = seals.BEGINNING if before is None else before.seal
    return _is_sealed_after(keys, entry, seal, entry.id if as_id is None else as_id)


def _is_sealed_after(keys: _Keys, entry: Stored, seal: str, as_id: int) -> bool:
    values = (as_id, *entry.values[1:])
    return seals.seal_of(keys.get(entry.key_id), seal, values) == entry.seal


def _of_chain(check: _Check, keys: _Keys) -> Iterable[Finding]:
    """Say of each entry that doesn't fit what became of it."""
    for first, last in check.gaps:
        if first <= last:
            yield Finding(first, f"{_these(first, last)} missing")
    places = _places(check, keys)
    for misfit in check.misfits:
        number = misfit.entry.id
        written_as = places.get(number)
        if written_as == number:
            continue
        if written_as is not None:
            yield Finding(number, f"entry {number} was moved: it was written as entry {written_as}")
        elif misfit.next_fits_without or places.get(number + 1) == number:
            yield Finding(number, f"entry {number} was put in")
        elif places.get(number + 1) == number + 2:
            yield Finding(number, f"entry {number} was removed, and those after it moved up")
        elif not misfit.after_gap:
            yield Finding(number, f"entry {number} was changed")


def _places(check: _Check, keys: _Keys) -> dict[int, int]:
    """Return as which number each entry that doesn't fit was written, where that can be found out."""
    seals_around = _seals_around(check, keys)
    numbers = {misfit.entry.id + step for misfit in check.misfits for step in (-1, 0, 1)}
    numbers |= {number for first, last in check.gaps for number in range(first, min(last, first + 50) + 1)}
    found = {}
    for misfit in check.misfits:
        entry = misfit.entry
        # Its own place first: then it is the one before it that is wrong.
        for number in sorted(numbers, key=lambda other: (abs(other - entry.id), other)):
            if any(_is_sealed_after(keys, entry, seal, number) for seal in seals_around):
                found[entry.id] = number
                break
    return found


def _seals_around(check: _Check, keys: _Keys) -> set[str]:
    """Return the seals after which an entry that doesn't fit may have been written."""
    found = {seals.BEGINNING}
    for misfit in check.misfits:
        before = misfit.before
        found.add(misfit.entry.seal)
        if before is not None:
            found.add(before.seal)
        seal = seals.BEGINNING if before is None else before.seal
        found.add(seals.seal_of(keys.get(misfit.entry.key_id), seal, misfit.entry.values))
    return found


def _of_head(check: _Check, keys: _Keys, head: Head | None) -> Iterable[Finding]:
    """Compare the last entry with what was noted when it was written."""
    last = check.last
    if head is None:
        if last is not None:
            yield Finding(last.id, "the note of which entry is the last one is missing")
        return
    try:
        key = keys.get(head.key_id)
    except KeyError:
        check.unknown_keys.setdefault(head.key_id, 0)
        return
    if seals.seal_of_head(key, head.last_id, head.last_seal, head.key_id) != head.seal:
        yield Finding(head.last_id, "the note of which entry is the last one was changed")
    at = 0 if last is None else last.id
    if at < head.last_id:
        yield Finding(at + 1, f"{_these(at + 1, head.last_id)} missing from the end")
    elif at > head.last_id:
        yield Finding(head.last_id + 1, f"what comes after entry {head.last_id} was put in")
    elif last is not None and last.seal != head.last_seal and not check.misfits:
        yield Finding(at, f"entry {at} was put in the place of another")


def _these(first: int, last: int) -> str:
    return f"entry {first} is" if first == last else f"entries {first} to {last} are"


def _count(entries: int) -> str:
    return "1 entry is" if entries == 1 else f"{entries} entries are"
