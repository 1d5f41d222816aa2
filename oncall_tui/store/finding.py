"""Who is found by what somebody types: an id, a telephone number, words of names, addresses and services.

`find_at_once` takes a few milliseconds whatever there is: it looks for words from their beginning. What
begins in the middle of a word is found by `find_inside`, which reads everything and can be stopped.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Connection, Table, func, literal_column, or_, select

from oncall_tui.domain.codes import digit
from oncall_tui.domain.customers import Found
from oncall_tui.domain.folding import fold
from oncall_tui.domain.plans import Plan
from oncall_tui.store.filters import like, pattern
from oncall_tui.store.phones import begun, e164
from oncall_tui.store.schema import contacts, customers, services
from oncall_tui.store.words import Sought, ends, having_words, stands

WORDS_LIMIT = 10
"""Words that are looked for; those after them aren't."""

TRAILING_DIGITS = 6
"""Digits of the end of a telephone number that are enough to find it; there is an index of them."""

FIRST_DIGITS = 4
"""Digits of the beginning of a telephone number that are enough to look for it."""

E164_DIGITS = 15
"""Digits of the longest number."""

AT_ONCE = 20_000
"""Rows that are read in one go while words are looked into."""

_SOME = 200
"""Numbers that are looked at of those that begin alike: a switchboard's may be that of many people."""

_LAST = "\U0010ffff"
"""Stands after every character there is."""

_c = customers.c
_PARTS = (contacts, services)


def find(connection: Connection, text: str, region: str, limit: int) -> tuple[Found, ...]:
    """Return at most `limit` organisations that `text` fits, the likeliest first, also inside words."""
    return find_at_once(connection, text, region, limit) or find_inside(connection, text, limit)


def find_at_once(connection: Connection, text: str, region: str, limit: int) -> tuple[Found, ...]:
    """Return at most `limit` organisations in which the words of `text` begin, the likeliest first.

    An id as a whole comes first. A telephone number that somebody has, in any notation, says enough; one
    without a country belongs to `region`. Else every word must stand somewhere in id, name, contacts' names
    and e-mail addresses or services, and an organisation whose name begins with them comes first.
    """
    words = _parted(text)
    if not words:
        return ()
    ids = list(connection.scalars(select(_c.id).where(_c.ref == text.strip())))
    numbered = _by_number(connection, text, region, limit)
    ids += [customer for customer in numbered if customer not in ids]
    if not numbered:
        ids += _named(connection, words, ids, limit - len(ids))
        # Of a number that begins with its country the words hold the digits in one piece.
        digits = digits_in(text) if text.lstrip().startswith("+") else ""
        sought = Sought((digits,), ()) if digits else Sought.of(words)
        if len(ids) < limit and sought.words:
            ids += having_words(connection, sought, ids, limit - len(ids))
    return _described(connection, ids[:limit], words, numbered)


def find_inside(
    connection: Connection, text: str, limit: int, stopped: Callable[[], bool] = lambda: False
) -> tuple[Found, ...]:
    """Return at most `limit` organisations in which the words of `text` stand, also within other words.

    It reads all there is in parts, and returns nothing as soon as it is `stopped`.
    """
    words = _parted(text)
    if not words:
        return ()
    # The longest is likely to be the rarest: the others are looked for only where it stands.
    lead, *rest = sorted(words, key=len, reverse=True)
    found: list[int] = []
    for table in (customers, *_PARTS):
        of = _c.id if table is customers else table.c.customer_id
        here = [like(table.c.search, lead), *(stands(pattern(word), of) for word in rest)]
        first, last = ends(connection, table.c.id)
        for begin in range(first, last + 1, AT_ONCE):
            query = select(of).where(table.c.id.between(begin, begin + AT_ONCE - 1), *here)
            # One with a hundred fitting contacts comes a hundred times: look on until there are enough.
            while (room := limit - len(found)) > 0:
                if stopped():
                    return ()
                fresh = query.where(of.not_in(found)).order_by(table.c.id).limit(room)
                some = connection.scalars(fresh).all()
                found.extend(dict.fromkeys(some))
                if len(some) < room:
                    break
    return _described(connection, found, words, {})


def digits_in(text: str) -> str:
    """Return the digits of `text` if it is nothing but a number, however it is parted."""
    digits = [digit(character) for character in text]
    rest = (character for character, found in zip(text, digits, strict=True) if not found)
    return "" if any(character.isalnum() for character in rest) else "".join(digits)


def _parted(text: str) -> list[str]:
    """Return what is looked for: `text`, folded, parted at blanks."""
    return list(dict.fromkeys(fold(text).split()))[:WORDS_LIMIT]


def _by_number(connection: Connection, text: str, region: str, limit: int) -> dict[int, str]:
    """Return who has the telephone number `text`, or one that ends or begins so, by row id: the contact."""
    number, of = contacts.c.e164, contacts.c.customer_id

    def having(*conditions: ColumnElement[bool]) -> dict[int, str]:
        # The first contact of each: a switchboard's number may be that of a hundred people.
        firsts = select(func.min(contacts.c.id)).where(*conditions).group_by(of).limit(limit)
        people = select(of, contacts.c.name, contacts.c.phone).where(contacts.c.id.in_(firsts))
        rows = connection.execute(people.order_by(contacts.c.id))
        return {row.customer_id: ", ".join(filter(None, (row.name, row.phone))) for row in rows}

    whole = e164(text, region)
    found = having(number == whole) if whole else {}
    digits = digits_in(text)
    # The zeros that it begins with may be those before a country or an area, or its own.
    ends_so = {end for end in (digits, digits.lstrip("0")) if len(end) >= TRAILING_DIGITS}
    if not found and ends_so:
        # Written out, as the index has it: a bound number would be any number.
        sqlite = connection.dialect.name == "sqlite"
        last = (
            func.substr(number, literal_column("-6")) if sqlite else func.right(number, literal_column("6"))
        )
        found = having(
            last == digits[-TRAILING_DIGITS:],
            or_(*(number.like(f"%{end}") for end in ends_so)),
        )
    first = begun(text, digits, region) if not found and len(digits) >= FIRST_DIGITS else ""
    if first:
        # Between digits a database of any language compares alike.
        top = first + "9" * (E164_DIGITS - len(first) + 1)
        some = select(contacts.c.id).where(number >= first, number <= top).order_by(number).limit(_SOME)
        found = having(contacts.c.id.in_(some))
    return found


def _named(connection: Connection, words: Sequence[str], known: Sequence[int], limit: int) -> list[int]:
    """Return the row ids of at most `limit` organisations whose name begins with `words`, by name."""
    begins = " ".join(words)
    named = select(_c.id).where(_c.sort_name >= begins, _c.sort_name < begins + _LAST, _c.id.not_in(known))
    return list(connection.scalars(named.order_by(_c.sort_name, _c.id).limit(max(limit, 0))))


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
        Found(row.ref, row.name, Plan(row.plan), why.get(row.id, ""), row.language)
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
