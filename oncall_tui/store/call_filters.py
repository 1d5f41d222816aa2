"""A filter of the log in the database's words: what of it leads through an index, and the rest."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Connection, and_, literal_column, not_, or_, select, text

from oncall_tui.domain.call_filters import (
    CallFilter,
    Condition,
    DayIn,
    DecisionIn,
    EngineerIs,
    LanguageIs,
    Organisation,
    ReasonIn,
    day_of,
)
from oncall_tui.store.filters import like
from oncall_tui.store.finding import TRAILING_DIGITS, digits_in
from oncall_tui.store.phones import e164
from oncall_tui.store.schema import call_records, contacts, customers

ORGANISATIONS_BY_INDEX = 50
"""Up to so many organisations that words mean the log is read organisation by organisation."""

BRANCHES_AT_MOST = 60

Span = tuple[datetime, datetime]

_r = call_records.c
_KINDS: Mapping[type[Condition], str] = {
    Organisation: "customer",
    ReasonIn: "reason",
    EngineerIs: "operator",
    DecisionIn: "decision",
    LanguageIs: "language",
}
"""The columns in the order in which they lead: the one first that is likely to hold the fewest calls."""

_PARTIAL = {"customer", "reason"}
"""The columns whose index leaves out what is empty: a query says so, or the index isn't taken."""


class Asking(NamedTuple):
    """Who asks, in which zone and on which date there, and in which region numbers without a country are."""

    operator: str
    zone: ZoneInfo
    today: date
    region: str


@dataclass(frozen=True, slots=True)
class Resolved:
    """What a filter comes to: each of `ways` is a condition that one index answers in the order of the log,
    and no call fits two of them. Without any no call fits. `rest` must hold besides.
    """

    ways: Sequence[Sequence[ColumnElement[bool]]]
    rest: Sequence[ColumnElement[bool]]


def resolve(connection: Connection, wanted: CallFilter, asking: Asking) -> Resolved:
    """Return what `wanted` comes to, with names and words looked up."""
    leads: dict[str, Sequence[str]] = {}
    spans: Sequence[Span] = ()
    rest: list[ColumnElement[bool]] = []
    for condition, holds in wanted.terms:
        if isinstance(condition, DayIn):
            days = [day_of(each, asking.zone) for each in condition.dates(asking.today)]
            if holds and not spans:
                spans = days
            else:
                rest.append(_wanted(or_(*map(_within, days)), holds=holds))
            continue
        name = _KINDS[type(condition)]
        values = _values(connection, condition, asking)
        if values is None:
            assert isinstance(condition, Organisation)
            # Joined to nothing, so that it is looked at call by call: there are too many to go through.
            rest.append(_wanted((_r.customer + "").in_(_named(condition)), holds=holds))
        elif holds and name not in leads:
            leads[name] = values
        else:
            rest.append(_wanted(_r[name].in_(values), holds=holds))
    return _led(leads, spans, rest)


def organisations(
    connection: Connection, wanted: CallFilter, asking: Asking, among: Collection[str]
) -> dict[Organisation, Collection[str]]:
    """Return which of the organisations `among` (ids) the words of `wanted` mean, by the condition."""
    found: dict[Organisation, Collection[str]] = {}
    for condition, _ in wanted.terms:
        if isinstance(condition, Organisation):
            numbered = _by_number(connection, condition.text, asking.region)
            means = customers.c.ref.in_(numbered) if numbered else customers.c.ref.in_(_named(condition))
            query = select(customers.c.ref).where(customers.c.ref.in_(among), means)
            found[condition] = set(connection.scalars(query)) if among else ()
    return found


def _led(
    leads: Mapping[str, Sequence[str]], spans: Sequence[Span], rest: list[ColumnElement[bool]]
) -> Resolved:
    if not all(leads.values()):
        return Resolved((), ())
    lead = next((name for name in _KINDS.values() if name in leads), None)
    for name, values in leads.items():
        crowd = name == lead and len(values) * max(len(spans), 1) > BRANCHES_AT_MOST
        if name != lead or crowd:
            rest.append(_r[name].in_(values))
            lead = None if crowd else lead
    ways: list[list[ColumnElement[bool]]] = [[]]
    if lead is not None:
        given: list[ColumnElement[bool]] = [literal_column(f"call_records.{lead} <> ''")]
        given = given if lead in _PARTIAL else []
        ways = [[_r[lead] == value, *given] for value in dict.fromkeys(leads[lead])]
    if spans:
        days = [_within(span) for span in dict.fromkeys(spans)]
        ways = [[*way, day] for way in ways for day in days]
    return Resolved(ways, rest)


def _values(connection: Connection, condition: Condition, asking: Asking) -> Sequence[str] | None:
    """Return the values of its column that `condition` means, None where they are too many."""
    match condition:
        case LanguageIs():
            return condition.among(distinct(connection, "language"))
        case EngineerIs():
            return condition.among(distinct(connection, "operator"), asking.operator)
        case DecisionIn(decisions):
            return [each.value for each in decisions]
        case ReasonIn(reasons):
            return [each.value for each in reasons]
        case Organisation():
            found = _by_number(connection, condition.text, asking.region) or list(
                connection.scalars(_named(condition).limit(ORGANISATIONS_BY_INDEX + 1))
            )
            return found if len(found) <= ORGANISATIONS_BY_INDEX else None
        case DayIn():
            raise TypeError("days are spans of time")


def distinct(connection: Connection, column: str) -> list[str]:
    """Return the values that occur in a `column` of the records, from one to the next in its index."""
    following = f"SELECT min({column}) FROM call_records WHERE {column} >"  # noqa: S608 - our own names
    query = text(
        f"WITH RECURSIVE found(value) AS (SELECT min({column}) FROM call_records"  # noqa: S608
        f" UNION ALL SELECT ({following} found.value) FROM found WHERE found.value IS NOT NULL)"
        " SELECT value FROM found WHERE value IS NOT NULL"
    )
    return list(connection.scalars(query))


def _by_number(connection: Connection, words: str, region: str) -> list[str]:
    """Return the ids of the organisations that have the telephone number `words`, or one that ends in it."""
    number, of = contacts.c.e164, contacts.c.customer_id

    def having(condition: ColumnElement[bool]) -> list[str]:
        holders = select(of).where(condition)
        query = select(customers.c.ref).where(customers.c.id.in_(holders))
        return list(connection.scalars(query.limit(ORGANISATIONS_BY_INDEX)))

    digits = digits_in(words).lstrip("0")
    if len(digits) < TRAILING_DIGITS:
        return []
    whole = e164(words, region)
    return (having(number == whole) if whole else []) or having(number.like(f"%{digits}"))


def _named(condition: Organisation) -> Any:
    standing = (like(customers.c.search, word) for word in condition.text.split())
    return select(customers.c.ref).where(and_(*standing))


def _within(span: Span) -> ColumnElement[bool]:
    return and_(_r.rang_at >= span[0], _r.rang_at < span[1])


def _wanted(condition: ColumnElement[bool], *, holds: bool) -> ColumnElement[bool]:
    return condition if holds else not_(condition)
