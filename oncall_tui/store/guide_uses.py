"""Which guide was given to whom, and which kind of ticket each has closed.

The kind of a ticket is the words of its subject. Loaded with the first ticket that is closed or opened
again: the board that starts needs none of it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Connection, TextClause, insert, select, text, update

from oncall_tui.domain.tickets import Ticket
from oncall_tui.store.engine import Transaction
from oncall_tui.store.organisation_schema import guide_uses, guide_words
from oncall_tui.store.stemming import kinds_of

_c = guide_uses.c

_ALIKE = 2
"""Words that two subjects share which count as alike; of a subject with fewer all."""

_MORE = text(
    "INSERT INTO guide_words (word, guide_id, closed) VALUES (:word, :guide, 1)"
    " ON CONFLICT (word, guide_id) DO UPDATE SET closed = guide_words.closed + 1"
)
_FEWER = text("UPDATE guide_words SET closed = closed - 1 WHERE word = :word AND guide_id = :guide")
_NONE_LEFT = text("DELETE FROM guide_words WHERE word = :word AND guide_id = :guide AND closed <= 0")


class Likely(NamedTuple):
    """How well a guide fits a kind of ticket, and how many such it has closed."""

    likeness: float
    closed: int


def note(
    tx: Transaction,
    guide_id: int,
    *,
    ticket_id: int | None,
    ticket: str,
    call: str,
    operator: str,
    at: datetime,
) -> bool:
    """Note that a guide was given to a customer; say whether that wasn't noted for this ticket before."""
    if ticket_id is not None:
        noted = select(_c.id).where(_c.ticket_id == ticket_id, _c.guide_id == guide_id)
        if tx.connection.execute(noted.limit(1)).first() is not None:
            return False
    values = {"guide_id": guide_id, "ticket_id": ticket_id, "ticket": ticket, "call": call}
    tx.connection.execute(insert(guide_uses).values(**values, operator=operator, at=at))
    return True


def follow(tx: Transaction, old: Ticket, new: Ticket) -> None:
    """Count for the guides that were given what became of their ticket, as it was closed or opened again."""
    closes = new.closed_at is not None
    counted = _c.closed_at.is_(None) if closes else _c.closed_at.is_not(None)
    mine = (_c.ticket_id == old.id, counted)
    given = tx.connection.scalars(select(_c.guide_id).where(*mine).distinct()).all()
    if not given:
        return
    tx.connection.execute(update(guide_uses).where(*mine).values(closed_at=new.closed_at))
    if closes:
        _count(tx, _MORE, sorted(given), new.subject)
    else:
        _count(tx, _FEWER, sorted(given), old.subject)
        _count(tx, _NONE_LEFT, sorted(given), old.subject)


def follow_subject(tx: Transaction, ticket_id: int, before: str, after: str) -> None:
    """Count for the guides that closed a ticket what its subject is now, and no more what it was."""
    closed = select(_c.guide_id).where(_c.ticket_id == ticket_id, _c.closed_at.is_not(None))
    guides = sorted(tx.connection.scalars(closed.distinct()))
    _count(tx, _FEWER, guides, before)
    _count(tx, _NONE_LEFT, guides, before)
    _count(tx, _MORE, guides, after)


def note_closed(tx: Transaction, guide_id: int, subject: str, operator: str, at: datetime) -> None:
    """Note that a guide has closed a ticket with that `subject`, which is no more."""
    values = {"guide_id": guide_id, "ticket": "", "call": "", "operator": operator, "at": at}
    tx.connection.execute(insert(guide_uses).values(**values, closed_at=at))
    _count(tx, _MORE, (guide_id,), subject)


def _count(tx: Transaction, statement: TextClause, guides: Sequence[int], subject: str) -> None:
    changes = [{"word": word, "guide": guide} for guide in guides for word in sorted(kinds_of(subject))]
    if changes:
        tx.connection.execute(statement, changes)


def closed_like(
    connection: Connection, subject: str, among: Collection[int] | None = None
) -> dict[int, Likely]:
    """Return the guides that closed tickets with a subject like this one, by id; only those `among` some if
    they are given.

    Alike are subjects that share two words, or the only one. A word that stands in the tickets of many
    guides says less of which it is than one that stands in those of a few.
    """
    words = kinds_of(subject)
    if not words:
        return {}
    c = guide_words.c
    query = select(c.word, c.guide_id, c.closed).where(c.word.in_(sorted(words)))
    if among is not None:
        query = query.where(c.guide_id.in_(among))
    rows = connection.execute(query).all()
    every = _sums((row.word, row.closed) for row in rows)
    shared: defaultdict[int, list[tuple[float, int]]] = defaultdict(list)
    for row in rows:
        shared[row.guide_id].append((row.closed / every[row.word], row.closed))
    needed = min(_ALIKE, len(words))
    # A ticket that shares two words is counted with both: there are at most as many as the second has.
    return {
        guide: Likely(sum(share for share, _ in found), sorted(closed for _, closed in found)[-needed])
        for guide, found in shared.items()
        if len(found) >= needed
    }


def _sums(pairs: Iterable[tuple[str, int]]) -> dict[str, int]:
    sums: defaultdict[str, int] = defaultdict(int)
    for word, number in pairs:
        sums[word] += number
    return sums
