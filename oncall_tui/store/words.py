"""Organisations in which words begin, out of any number of them, in a few milliseconds.

An index of words is quick for words that are rare. Of one that stands everywhere it may gather every place
before it gives the first. Where it does, a sample is read before, spread over all organisations: what is
common fills the answer from there, and what isn't is rare enough for the index.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from typing import NamedTuple

from sqlalchemy import (
    ColumnElement,
    Connection,
    Integer,
    Select,
    cast,
    column,
    func,
    literal,
    or_,
    select,
    table,
    text,
)

from oncall_tui.domain.folding import words_in
from oncall_tui.store.filters import like
from oncall_tui.store.organisation_schema import customer_texts
from oncall_tui.store.schema import contacts, customers, services

FEW = 1_000
"""Organisations in the sample."""

_WINDOWS = 20
"""Places from which the sample is taken."""

COMMON, VERY_COMMON = 0.1, 0.5
"""Shares of the sample from which on a word is looked for only in what the other words find: the first where
one of them is rarer.
"""

INDEXED = 7
"""Letters up to which SQLite has an index of what words begin with: it gives the first of many at once."""

_t = customer_texts.c
_fts = table("customer_fts", column("rowid", Integer), column("customer_fts"))
_PARTS = (contacts, services)


class Sought(NamedTuple):
    """`words` of letters and digits that begin somewhere, and what stands `literally`, with its signs."""

    words: tuple[str, ...]
    literally: tuple[str, ...]

    @classmethod
    def of(cls, parts: Sequence[str]) -> Sought:
        """Return what is sought where `parts`, folded, were typed with blanks between them."""
        literally = tuple(part for part in parts if words_in(part) != [part])
        return cls(tuple(words_in(" ".join(parts))), literally)

    def begin_in(self, words: str) -> bool:
        """Say whether all begin in `words`, which have a blank between them."""
        return all(f" {word}" in f" {words}" for word in self.words)


def having_words(connection: Connection, sought: Sought, known: Collection[int], limit: int) -> list[int]:
    """Return the row ids of at most `limit` organisations with all that is `sought`, but for the `known`."""
    if connection.dialect.name == "sqlite" and all(len(word) <= INDEXED for word in sought.words):
        return _indexed(connection, sought, sought.words, known, limit)
    sample, complete = _sample(connection)
    fitting = [customer for customer, words in sample if sought.begin_in(words) and customer not in known]
    if complete or len(fitting) >= limit:
        found = _literally(connection, fitting, sought, limit)
        if complete or len(found) == limit:
            return found
    share = {
        word: sum(f" {word}" in f" {words}" for _, words in sample) / max(len(sample), 1)
        for word in sought.words
    }
    rarest = min(share, key=lambda word: (share[word], -len(word)))
    common = COMMON if share[rarest] <= COMMON else VERY_COMMON
    rare = [word for word in sought.words if share[word] <= common or word == rarest]
    return _indexed(connection, sought, rare, known, limit)


def _indexed(
    connection: Connection, sought: Sought, words: Sequence[str], known: Collection[int], limit: int
) -> list[int]:
    """Return what `having_words` does by the index, in which `words` are looked for and no others."""
    of, indexed = _in_index(connection, words)
    query = select(of).where(indexed)
    begins = literal(" ").concat(_t.text)
    others = [like(begins, f" {word}") for word in sought.words if word not in words]
    if others:
        query = query.where(_t.customer_id == of, *others)
    if connection.dialect.name == "sqlite":
        query = query.where(of.not_in(known)).order_by(of)
    else:
        # By itself PostgreSQL plans for the index of words, whose rows it then gives one by one; knowing of
        # the limit it may rather look for them among all.
        hits = query.cte("hits").prefix_with("MATERIALIZED")
        query = select(hits.c.customer_id).where(hits.c.customer_id.not_in(known))
    if not sought.literally:
        return sorted(connection.scalars(query.limit(limit)))
    found: list[int] = []
    for part in _parts_of(connection, query):
        found += _literally(connection, part, sought, limit - len(found))
        if len(found) == limit:
            break
    return sorted(found)


def _parts_of(connection: Connection, query: Select[int]) -> Iterator[Sequence[int]]:
    """Yield what `query` finds in parts of `FEW`, the first of which is asked for alone."""
    yield (some := connection.scalars(query.limit(FEW)).all())
    if len(some) == FEW:
        rest = connection.scalars(query.offset(FEW)).all()
        yield from (rest[begin : begin + FEW] for begin in range(0, len(rest), FEW))


def stands(part: str, customer_id: ColumnElement[int]) -> ColumnElement[bool]:
    """Say that `part`, folded, stands somewhere in the organisation with that row id, also within words."""
    named = customers.alias()
    ways = [select(named.c.id).where(named.c.id == customer_id, like(named.c.search, part)).exists()]
    for each in _PARTS:
        here = each.alias()
        ways.append(
            select(here.c.id).where(here.c.customer_id == customer_id, like(here.c.search, part)).exists()
        )
    return or_(*ways)


def ends(connection: Connection, key: ColumnElement[int]) -> tuple[int, int]:
    """Return the first and the last value of an indexed column, 1 and 0 where there is none."""
    # Two questions in one: asked for both at once SQLite reads the whole index.
    asked = (select(end(key)).scalar_subquery() for end in (func.min, func.max))
    first, last = connection.execute(select(*asked)).one()
    return (1, 0) if first is None else (first, last)


def _sample(connection: Connection) -> tuple[list[tuple[int, str]], bool]:
    """Return row ids and words of `FEW` organisations, by id, and whether there are no others."""
    first, last = ends(connection, _t.customer_id)
    query = select(_t.customer_id, _t.text)
    complete = last - first < FEW
    if not complete:
        step, size = (last - first + 1) // _WINDOWS, FEW // _WINDOWS
        begins = [first + number * step for number in range(_WINDOWS)]
        query = query.where(or_(*(_t.customer_id.between(begin, begin + size - 1) for begin in begins)))
    # Sorted here: to have them in order SQLite would rather read the whole table.
    return sorted((row[0], row[1]) for row in connection.execute(query)), complete


def _literally(connection: Connection, ids: Sequence[int], sought: Sought, limit: int) -> list[int]:
    """Return the first of `ids` in which stands what must stand literally."""
    if not sought.literally or not ids:
        return list(ids[:limit])
    exact = (stands(part, customers.c.id) for part in sought.literally)
    query = select(customers.c.id).where(customers.c.id.in_(ids), *exact)
    return list(connection.scalars(query.order_by(customers.c.id).limit(limit)))


def _in_index(connection: Connection, words: Sequence[str]) -> tuple[ColumnElement[int], ColumnElement[bool]]:
    """Return the row id of an organisation, and the condition that all `words` begin in it, by the index."""
    # They are letters and digits: there is nothing to escape.
    if connection.dialect.name == "sqlite":
        # From the index row by row: as a part of another condition it would be gathered as a whole.
        match = " AND ".join(f'"{word}" *' for word in words)
        return _fts.c.rowid, _fts.c.customer_fts.bool_op("MATCH")(match)
    from sqlalchemy.dialects.postgresql import TSQUERY

    wanted = " & ".join(f"'{word}':*" for word in words)
    vector = func.array_to_tsvector(func.string_to_array(_t.text, text("' '")))
    return _t.customer_id, vector.bool_op("@@")(cast(wanted, TSQUERY))
