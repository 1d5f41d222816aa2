"""Organisations in which words begin, out of any number of them, in a few milliseconds.

An index of words is quick for words that are rare. Of one that stands everywhere it may gather every place
before it gives the first. Where it does, a sample is read before, spread over all organisations. What is
common fills the answer from there, and what is less so from some thousand organisations in their order; of
the rest the index is asked for the rarest words alone.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from functools import cache
from typing import NamedTuple

from sqlalchemy import (
    BindParameter,
    Column,
    ColumnElement,
    Connection,
    Integer,
    Select,
    bindparam,
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
from oncall_tui.store.filters import ESCAPE, pattern
from oncall_tui.store.organisation_schema import customer_texts
from oncall_tui.store.schema import contacts, customers, services

FEW = 1_000
"""Organisations in the sample."""

_WINDOWS = 20
"""Places from which the sample is taken."""

ALIKE = 2
"""How many times commoner than the rarest word another one may be to be looked for in the index as well; one
that is still commoner is looked for only in what those find.
"""

READ = 10_000
"""Organisations that are read in their order where by the sample that fills the answer: it takes less than
gathering from the index what stands in many.
"""

_SURELY = 2
"""How many times more than the answer takes must be expected of a reading."""

INDEXED = 7
"""Letters up to which SQLite has an index of what words begin with: it gives the first of many at once."""

_t = customer_texts.c
_fts = table("customer_fts", column("rowid", Integer), column("customer_fts"))


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
    first, last = ends(connection, _t.customer_id)
    sample = _sample(connection, first, last)
    fitting = [customer for customer, words in sample if sought.begin_in(words) and customer not in known]
    found = _literally(connection, fitting, sought, limit)
    if last - first < FEW or len(found) == limit:
        return found
    if len(found) * READ >= _SURELY * limit * len(sample):
        read = _read(connection, first, sought, known, limit)
        if len(read) == limit:
            return read
    share = {word: sum(f" {word}" in f" {words}" for _, words in sample) for word in sought.words}
    rarest = min(share, key=lambda word: (share[word], -len(word)))
    rare = [word for word in sought.words if share[word] <= ALIKE * max(share[rarest], 1) or word == rarest]
    return _indexed(connection, sought, rare, known, limit)


def stands(part: str | BindParameter[str], customer_id: ColumnElement[int]) -> ColumnElement[bool]:
    """Say that the pattern `part` fits somewhere in the organisation with that row id, also within words."""
    # Of what merely exists PostgreSQL may look through the whole table before; this it asks row by row.
    ways = []
    for all_of, of in ((customers, "id"), (contacts, "customer_id"), (services, "customer_id")):
        here = all_of.alias()
        fits = select(here.c.id).where(here.c[of] == customer_id, here.c.search.like(part, escape=ESCAPE))
        ways.append(fits.limit(1).scalar_subquery().is_not(None))
    return or_(*ways)


def ends(connection: Connection, key: Column[int]) -> tuple[int, int]:
    """Return the first and the last value of an indexed column, 1 and 0 where there is none."""
    first, last = connection.execute(_ends_of(key)).one()
    return (1, 0) if first is None else (first, last)


def _sample(connection: Connection, first: int, last: int) -> list[tuple[int, str]]:
    """Return row ids and words of `FEW` organisations between `first` and `last`, by id: of all, if fewer."""
    windows = _WINDOWS if last - first >= FEW else 1
    step, size = (last - first + 1) // windows, FEW // windows
    starts = {f"begin{number}": first + number * step for number in range(windows)}
    stops = {f"end{number}": first + number * step + size - 1 for number in range(windows)}
    # Sorted here: to have them in order SQLite would rather read the whole table.
    return sorted((row[0], row[1]) for row in connection.execute(_sampling(windows), starts | stops))


def _literally(connection: Connection, ids: Sequence[int], sought: Sought, limit: int) -> list[int]:
    """Return the first of `ids` in which stands what must stand literally."""
    if not sought.literally or not ids:
        return list(ids[:limit])
    query = _checking(len(sought.literally))
    return list(connection.scalars(query, {"ids": ids, "limit": limit, **_parts(sought)}))


def _read(
    connection: Connection, first: int, sought: Sought, known: Collection[int], limit: int
) -> list[int]:
    """Return the row ids of at most `limit` of the organisations from `first` on that fit."""
    query = _reading(len(sought.words), len(sought.literally))
    values = {"first": first, "last": first + READ - 1, "known": list(known), "limit": limit}
    return list(connection.scalars(query, {**values, **_words(sought.words), **_parts(sought)}))


def _indexed(
    connection: Connection, sought: Sought, words: Sequence[str], known: Collection[int], limit: int
) -> list[int]:
    """Return what `having_words` does by the index, in which `words` are looked for and no others."""
    others = [word for word in sought.words if word not in words]
    # They are letters and digits: there is nothing to escape.
    if connection.dialect.name == "sqlite":
        build, wanted = _by_fts, " AND ".join(f'"{word}" *' for word in words)
    else:
        build, wanted = _by_vector, " & ".join(f"'{word}':*" for word in words)
    query = build(len(others), len(sought.literally))
    values = {"wanted": wanted, "known": list(known), "limit": limit}
    return sorted(connection.scalars(query, {**values, **_words(others), **_parts(sought)}))


def _words(words: Sequence[str]) -> dict[str, str]:
    return {f"word{number}": f"% {word}%" for number, word in enumerate(words)}


def _parts(sought: Sought) -> dict[str, str]:
    return {f"part{number}": pattern(part) for number, part in enumerate(sought.literally)}


# Statements by how many words and parts they have. To build one takes longer than to answer it.


@cache
def _ends_of(key: Column[int]) -> Select[int, int]:
    # Two questions in one: asked for both at once SQLite reads the whole index.
    return select(*(select(end(key)).scalar_subquery() for end in (func.min, func.max)))


@cache
def _sampling(windows: int) -> Select[int, str]:
    of = _t.customer_id
    ways = [of.between(bindparam(f"begin{number}"), bindparam(f"end{number}")) for number in range(windows)]
    return select(of, _t.text).where(or_(*ways))


@cache
def _checking(parts: int) -> Select[int]:
    wanted = customers.c.id.in_(bindparam("ids", expanding=True))
    return _limited(select(customers.c.id).where(wanted, *_standing(parts, customers.c.id)), customers.c.id)


@cache
def _reading(words: int, parts: int) -> Select[int]:
    of = _t.customer_id
    here = of.between(bindparam("first"), bindparam("last"))
    return _limited(select(of).where(here, _unknown(of), *_beginning(words), *_standing(parts, of)), of)


@cache
def _by_fts(words: int, parts: int) -> Select[int]:
    # From the index row by row: as a part of another condition it would be gathered as a whole.
    of = _fts.c.rowid
    query = select(of).where(_fts.c.customer_fts.bool_op("MATCH")(bindparam("wanted")))
    if words:
        query = query.where(_t.customer_id == of, *_beginning(words))
    return _limited(query.where(_unknown(of), *_standing(parts, of)), of)


@cache
def _by_vector(words: int, parts: int) -> Select[int]:
    from sqlalchemy.dialects.postgresql import TSQUERY

    vector = func.array_to_tsvector(func.string_to_array(_t.text, text("' '")))
    fits = vector.bool_op("@@")(cast(bindparam("wanted"), TSQUERY))
    # By itself PostgreSQL plans for the index of words, whose rows it then gives one by one; knowing of the
    # limit it may rather look for them among all.
    hits = select(_t.customer_id).where(fits, *_beginning(words)).cte("hits").prefix_with("MATERIALIZED")
    of = hits.c.customer_id
    return _limited(select(of).where(_unknown(of), *_standing(parts, of)))


def _beginning(words: int) -> list[ColumnElement[bool]]:
    begins = literal(" ").concat(_t.text)
    return [begins.like(bindparam(f"word{number}")) for number in range(words)]


def _standing(parts: int, customer_id: ColumnElement[int]) -> list[ColumnElement[bool]]:
    return [stands(bindparam(f"part{number}"), customer_id) for number in range(parts)]


def _unknown(customer_id: ColumnElement[int]) -> ColumnElement[bool]:
    return customer_id.not_in(bindparam("known", expanding=True))


def _limited(query: Select[int], *order: ColumnElement[int]) -> Select[int]:
    return query.order_by(*order).limit(bindparam("limit", type_=Integer))
