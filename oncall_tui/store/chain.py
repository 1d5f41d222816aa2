"""Going along the chain of the audit to see whether it is whole, and what was done to it if not (R20).

An entry that doesn't fit is told from its neighbours by what fits beside it: where the next entry follows
what should stand here, only the seal was changed; where it follows the entry before, this one was put in
between; an entry that fits under another number was moved or renumbered; else it was changed.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

from oncall_tui.domain.audit import ChainReport, KeptHead, Wrong
from oncall_tui.store import seals
from oncall_tui.store.keyring import Key, Keyring, KeyTrouble
from oncall_tui.store.seals import NOTHING, Head, Sealed

TOLD = 20
"""Troubles that are told; the others are counted."""

KEPT = 200
"""Entries that don't fit and are held to find out why."""

SEARCHED = 32
"""Numbers up and down among which an entry is looked for that was given another number."""

CHANGED = "changed"
MISSING = "missing"
INSERTED = "inserted"
SEAL_CHANGED = "its seal was changed"


class _Link(NamedTuple):
    """An entry with its stored seal, that of the row before it, and the seal that it should have."""

    entry: Sealed
    seal: str
    previous: str
    right: str | None = None

    @property
    def fits(self) -> bool:
        # Without its key nobody can tell.
        return self.right is None or self.right == self.seal


_START = _Link(Sealed(0, 0, "", "", "", None, "", "", 0, "", "", ""), NOTHING, NOTHING)


@dataclass(slots=True)
class _Run:
    """Entries from `first` to `last` that were `shift` further on when they were sealed."""

    first: int
    last: int
    shift: int


class _Keys:
    """The keys by their id, and for which entries there was none."""

    def __init__(self, keyring: Keyring | None) -> None:
        self._keyring = keyring
        self._found: dict[str, Key | KeyTrouble | None] = {}
        self.lacking: dict[str, tuple[str, int, int, int]] = {}

    def __getitem__(self, key_id: str) -> Key | None:
        if key_id not in self._found:
            try:
                self._found[key_id] = seals.known_key(self._keyring, key_id)
            except KeyTrouble as trouble:
                self._found[key_id] = trouble
        found = self._found[key_id]
        if isinstance(found, KeyTrouble):
            raise found
        return found

    def seal(self, entry: Sealed, previous: str) -> str | None:
        """Return the seal that `entry` should have after `previous`, None where its key isn't there."""
        try:
            return seals.of_entry(self[entry.key_id], previous, entry)
        except KeyTrouble as trouble:
            _, count, first, _ = self.lacking.get(entry.key_id, ("", 0, entry.id, 0))
            self.lacking[entry.key_id] = trouble.message, count + 1, first, entry.id
            return None

    def fits(self, link: _Link, previous: str | None, number: int) -> bool:
        """Say whether the entry was sealed after `previous` as the entry `number`."""
        if previous is None:
            return False
        try:
            key = self[link.entry.key_id]
        except KeyTrouble:
            return False
        return seals.of_entry(key, previous, link.entry._replace(id=number)) == link.seal


@dataclass(slots=True)
class Chain:
    """Takes the entries in the order of their ids and the head at the end, and says what is wrong.

    What it holds doesn't grow with the audit. `kept` is a head that was kept outside the database.
    """

    keyring: Keyring | None
    kept: KeptHead | None = None
    _last: _Link = _START
    _count: int = 0
    _before: int = 0
    _after: int = 0
    _span: tuple[int, int] | None = None
    _sealed: bool = False
    _kept_seen: bool = False
    _keys: _Keys = field(init=False)
    _bad: list[tuple[_Link, _Link]] = field(default_factory=list)
    _runs: list[_Run] = field(default_factory=list)
    _wrong: list[Wrong] = field(default_factory=list)
    _more: int = 0

    def __post_init__(self) -> None:
        self._keys = _Keys(self.keyring)

    def take(self, entry: Sealed, seal: str) -> None:
        """Look at the next entry with its stored seal."""
        last, self._count = self._last, self._count + 1
        link = _Link(entry, seal, last.seal, self._keys.seal(entry, last.seal))
        if link.fits:
            self._note(entry)
        elif entry.id > last.entry.id + 1:
            # What it was sealed over is gone: it can only be followed.
            self._tell(last.entry.id + 1, entry.id - 1, MISSING)
            link = link._replace(right=None)
        elif not self._renumbered(link):
            if len(self._bad) < KEPT:
                self._bad.append((link, last))
            else:
                self._more += 1
        if self.kept is not None and self.kept.id == entry.id:
            self._kept_seen = True
            if not str(seal).startswith(self.kept.seal):
                self._tell(entry.id, entry.id, f"not the one that was kept as {self.kept}")
        self._last = link

    def end(self, head: Head | None) -> ChainReport:
        """Look at the head and return what was found."""
        self._explain(head)
        self._look_at(head)
        for key_id, (reason, count, first, final) in self._keys.lacking.items():
            self._tell(first, final, f"not verified ({count} with key {key_id}): {reason}")
        if self.kept is not None and not self._kept_seen:
            self._tell(None, None, f"entry {self.kept} isn't there: this is an earlier state of the database")
        self._wrong.sort(key=lambda one: (one.first is None, one.first or 0))
        told = self._wrong[:TOLD]
        last = self._last
        return ChainReport(
            entries=self._count,
            wrong=tuple(told),
            more=self._more + len(self._wrong) - len(told),
            unsealed_before=self._before,
            unsealed_after=self._after,
            unsealed_span=self._span,
            head=None if last is _START else KeptHead(last.entry.id, str(last.seal)),
        )

    def _tell(self, first: int | None, last: int | None, what: str) -> None:
        if len(self._wrong) < KEPT:
            self._wrong.append(Wrong(first, last, what))
        else:
            self._more += 1

    def _note(self, entry: Sealed) -> None:
        """Count an entry that has no key."""
        if entry.key_id:
            self._sealed = True
        elif self._sealed:
            self._after += 1
            self._span = (self._span[0] if self._span else entry.id, entry.id)
        else:
            self._before += 1

    def _renumbered(self, link: _Link) -> bool:
        """Say whether the entry follows the one before it under another number, and note it."""
        number, runs = link.entry.id, self._runs
        if runs and runs[-1].last == number - 1:
            if self._keys.fits(link, link.previous, number + runs[-1].shift):
                runs[-1].last = number
                return True
        elif len(runs) >= TOLD:
            return False
        distances = range(1, SEARCHED + 1)
        for shift in (sign * distance for distance in distances for sign in (1, -1)):
            if self._keys.fits(link, link.previous, number + shift):
                runs.append(_Run(number, number, shift))
                return True
        return False

    def _explain(self, head: Head | None) -> None:
        """Say what became of the entries that don't fit."""
        what = {link.entry.id: CHANGED for link, _ in self._bad}
        self._explain_renumbered(what)
        self._explain_moved(what)
        for link, before in self._bad:
            number, place = link.entry.id, before.entry.id
            if what.get(number) != CHANGED:
                continue
            if self._keys.fits(link, before.right, number):
                del what[number]
                what[place] = SEAL_CHANGED
            elif self._keys.fits(link, before.previous, number):
                del what[number]
                what[place] = INSERTED
        if head is not None:
            last = self._last
            if last.entry.id in what and head.last_seal == last.right:
                what[last.entry.id] = SEAL_CHANGED
            # Those behind it are told with the head.
            what = {number: said for number, said in what.items() if number <= head.last_id}
        for number, said in what.items():
            self._tell(number, number, said)

    def _explain_renumbered(self, what: dict[int, str]) -> None:
        """Tell where entries were taken out or put in, and those behind given other numbers."""
        for run in self._runs:
            first = run.first
            # The first of them was sealed over an entry that isn't before it any more, so it doesn't fit.
            if what.get(first - 1) == CHANGED:
                first -= 1
                del what[first]
            if run.shift > 0:
                self._tell(first, first + run.shift - 1, f"{MISSING}; those behind were renumbered")
            for number in range(first + run.shift, first):
                if number in what:
                    what[number] = INSERTED
            were = f"{first + run.shift} to {run.last + run.shift}"
            self._tell(first, run.last, f"renumbered, they were {were}")

    def _explain_moved(self, what: dict[int, str]) -> None:
        bad = [link for link, _ in self._bad if what.get(link.entry.id) == CHANGED][:TOLD]
        moved = {}
        for link in bad:
            for other in bad:
                before = (other.previous, *(one.seal for one in bad))
                number = other.entry.id
                if link is not other and any(self._keys.fits(link, seal, number) for seal in before):
                    moved[link.entry.id] = link.seal
                    what[link.entry.id] = f"moved here, it was entry {number}"
        for link in bad:
            number = link.entry.id
            # The one before was moved away, this one was not.
            if number not in moved and any(self._keys.fits(link, seal, number) for seal in moved.values()):
                del what[number]

    def _look_at(self, head: Head | None) -> None:
        last = self._last.entry
        if head is None:
            self._tell(None, None, "the head is missing, so that nobody knows which entry was the last one")
            return
        if head.last_id > last.id:
            self._tell(last.id + 1, head.last_id, f"{MISSING}: cut off the end")
        elif head.last_id < last.id:
            self._tell(head.last_id + 1, last.id, f"{INSERTED} after the last one")
        elif self._last.fits and head.last_seal != self._last.seal:
            self._tell(last.id, last.id, "not the one that the head was sealed with")
        elif head.key_id != last.key_id and self._last is not _START and self._last.fits:
            self._tell(None, None, "the head is forged: it isn't sealed with the key of the last entry")
        try:
            right = seals.of_head(self._keys[head.key_id], head.last_id, head.last_seal)
        except KeyTrouble as trouble:
            self._tell(None, None, f"the head can't be verified: {trouble.message}")
            return
        if right != head:
            self._tell(None, None, "the head is forged: its seal doesn't fit")
