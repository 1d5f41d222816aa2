"""Who is found by what somebody types: an id, a telephone number, words of names, addresses and services."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, Table, func, or_, select

from oncall_tui.domain.codes import digit
from oncall_tui.domain.customers import Found
from oncall_tui.domain.folding import fold
from oncall_tui.domain.plans import Plan
from oncall_tui.store.filters import like
from oncall_tui.store.phones import e164
from oncall_tui.store.schema import contacts, customers, services

WORDS_LIMIT = 10
"""Words that are looked for; those after them aren't."""

TRAILING_DIGITS = 6
"""Digits of the end of a telephone number that are enough to find it."""

FEW = 1_000
"""Up to so many places in a table where a word stands it counts as rare."""

_c = customers.c
_PARTS = (contacts, services)


def find(connection: Connection, text: str, region: str, limit: int) -> tuple[Found, ...]:
    """Return at most `limit` organisations that `text` fits, the likeliest first.

    An id as a whole comes first. A telephone number that somebody has, in any notation, says enough; one
    without a country belongs to `region`. Else every word must stand somewhere in id, name, contacts' names
    and e-mail addresses or services, and an organisation whose name begins with them comes first.
    """
    words = list(dict.fromkeys(fold(text).split()))[:WORDS_LIMIT]
    if not words:
        return ()
    ids = list(connection.scalars(select(_c.id).where(_c.ref == text.strip())))
    numbered = _by_number(connection, text, region, limit)
    ids += [customer for customer in numbered if customer not in ids]
    if not numbered:
        ids += _by_words(connection, words, ids, limit - len(ids))
    return _described(connection, ids[:limit], words, numbered)


def _by_number(connection: Connection, text: str, region: str, limit: int) -> dict[int, str]:
    """Return who has the telephone number `text`, or one that ends in it, by row id: the contact."""
    number, of = contacts.c.e164, contacts.c.customer_id

    def having(condition: ColumnElement[bool]) -> dict[int, str]:
        # The first contact of each: a switchboard's number may be that of a hundred people.
        firsts = select(func.min(contacts.c.id)).where(condition).group_by(of).limit(limit)
        people = select(of, contacts.c.name, contacts.c.phone).where(contacts.c.id.in_(firsts))
        rows = connection.execute(people.order_by(contacts.c.id))
        return {row.customer_id: ", ".join(filter(None, (row.name, row.phone))) for row in rows}

    whole = e164(text, region)
    found = having(number == whole) if whole else {}
    digits = digits_in(text).lstrip("0")
    if found or len(digits) < TRAILING_DIGITS:
        return found
    return having(number.like(f"%{digits}"))


def digits_in(text: str) -> str:
    """Return the digits of `text` if it is nothing but a number, however it is parted."""
    digits = [digit(character) for character in text]
    rest = (character for character, found in zip(text, digits, strict=True) if not found)
    return "" if any(character.isalnum() for character in rest) else "".join(digits)


def _by_words(connection: Connection, words: Sequence[str], known: Sequence[int], limit: int) -> list[int]:
    """Return the row ids of at most `limit` organisations in which all `words` stand, but for the `known`."""
    found: list[int] = []

    def take(query: Select[Any]) -> None:
        of = query.selected_columns[0]
        # One with a hundred fitting contacts comes a hundred times: look on until there are enough.
        while (room := limit - len(found)) > 0:
            some = connection.scalars(query.where(of.not_in([*known, *found])).limit(room)).all()
            found.extend(dict.fromkeys(some))
            if len(some) < room:
                return

    take(select(_c.id).where(like(_c.search, "\n" + " ".join(words))).order_by(_c.id))
    # The longest word is likely to be the rarest. Where few hold it, the others are looked for there alone.
    for lead in sorted(words, key=len, reverse=True):
        holders = _holders(connection, lead) if len(found) < limit else None
        if holders is not None:
            others = [_stands(word, _c.id) for word in words if word != lead]
            take(select(_c.id).where(_c.id.in_(holders), *others).order_by(_c.id))
            return found
    lead, *rest = words
    for query, of in _standing(lead):
        take(query.where(*(_stands(word, of) for word in rest)))
    return found


def _standing(word: str) -> Iterable[tuple[Select[Any], ColumnElement[int]]]:
    """Yield the queries of where `word` stands, each by the row id of the organisation."""
    # In the order of the rows: by organisation a database would jump through all of a table.
    yield select(_c.id).where(like(_c.search, word)).order_by(_c.id), _c.id
    for table in _PARTS:
        of = table.c.customer_id
        yield select(of).where(like(table.c.search, word)).order_by(table.c.id), of


def _holders(connection: Connection, word: str) -> set[int] | None:
    """Return the row ids of the organisations in which `word` stands, None where they are many."""
    holders: set[int] = set()
    for query, _ in _standing(word):
        some = connection.scalars(query.limit(FEW)).all()
        if len(some) == FEW:
            return None
        holders.update(some)
    return holders


def _stands(word: str, customer_id: ColumnElement[int]) -> ColumnElement[bool]:
    """Say that `word` stands somewhere in the organisation with that row id."""
    named = customers.alias()
    ways = [select(named.c.id).where(named.c.id == customer_id, like(named.c.search, word)).exists()]
    for table in _PARTS:
        part = table.alias()
        ways.append(
            select(part.c.id).where(part.c.customer_id == customer_id, like(part.c.search, word)).exists()
        )
    return or_(*ways)


def _described(
    connection: Connection, ids: Sequence[int], words: Sequence[str], numbered: dict[int, str]
) -> tuple[Found, ...]:
    """Return the organisations with those row ids, in that order, each with what of it fits."""
    rows = {row.id: row for row in connection.execute(select(customers).where(_c.id.in_(ids)))}
    missing = {
        customer: [word for word in words if word not in row.search]
        for customer, row in rows.items()
        if customer not in numbered
    }
    why = numbered | _reasons(connection, {customer: some for customer, some in missing.items() if some})
    return tuple(
        Found(row.ref, row.name, Plan(row.plan), why.get(row.id, ""))
        for row in (rows[customer] for customer in ids)
    )


def _reasons(connection: Connection, missing: dict[int, list[str]]) -> dict[int, str]:
    """Return the contact, or else the service, in which most of the `missing` words stand, by row id."""
    if not missing:
        return {}
    best: dict[int, tuple[int, str]] = {}
    sought = {word for words in missing.values() for word in words}
    for row in _holding(connection, contacts, missing, sought):
        shown = [row.name]
        if row.email and any(word in fold(row.email) for word in missing[row.customer_id]):
            shown.append(row.email)
        _take_better(best, row, missing, ", ".join(filter(None, shown)))
    for row in _holding(connection, services, missing, sought):
        _take_better(best, row, missing, row.name)
    return {customer: shown for customer, (_, shown) in best.items()}


def _holding(connection: Connection, table: Table, ids: Collection[int], words: Iterable[str]) -> Any:
    holds = or_(*(like(table.c.search, word) for word in words))
    return connection.execute(select(table).where(table.c.customer_id.in_(ids), holds).order_by(table.c.id))


def _take_better(
    best: dict[int, tuple[int, str]], row: Any, missing: dict[int, list[str]], shown: str
) -> None:
    standing = sum(word in row.search for word in missing[row.customer_id])
    if standing > best.get(row.customer_id, (0, ""))[0]:
        best[row.customer_id] = standing, shown
