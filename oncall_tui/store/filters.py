"""A filter in the database's words."""

from __future__ import annotations

from sqlalchemy import ColumnElement, and_, not_, or_, select

from oncall_tui.domain.conditions import (
    ChannelIn,
    Condition,
    OfCustomer,
    OwnedBy,
    PlanIn,
    StateIn,
    Word,
)
from oncall_tui.domain.filters import Filter
from oncall_tui.domain.tickets import State
from oncall_tui.store.schema import customers, tickets

_c = tickets.c
_STATES = {
    State.NEW: and_(_c.answered_at.is_(None), _c.owner.is_(None)),
    State.ASSIGNED: and_(_c.answered_at.is_(None), _c.owner.is_not(None)),
    State.IN_PROGRESS: _c.answered_at.is_not(None),
}
ESCAPE = "\\"
"""Stands before a sign of a pattern that stands for itself."""

_LITERALLY = str.maketrans({sign: f"\\{sign}" for sign in "%_\\"})


def matches(wanted: Filter, operator: str) -> list[ColumnElement[bool]]:
    """Say `Filter.matches` of an open ticket. None of the conditions is ever NULL."""
    return [
        _fits(condition, operator) if wanted else not_(_fits(condition, operator))
        for condition, wanted in wanted.terms
    ]


def _fits(condition: Condition, operator: str) -> ColumnElement[bool]:
    match condition:
        case Word(text):
            return or_(like(_c.search, text), _of(like(customers.c.search, text)))
        case PlanIn(plans):
            return _c.plan.in_([plan.value for plan in plans])
        case ChannelIn(channels):
            return _c.channel.in_([channel.value for channel in channels])
        case StateIn(states):
            return or_(*(_STATES[state] for state in states))
        case OwnedBy():
            return _owned_by(condition, operator)
        case OfCustomer(texts):
            return _of(or_(*(_id_or_name(text) for text in texts)))


def _owned_by(condition: OwnedBy, operator: str) -> ColumnElement[bool]:
    ways: list[ColumnElement[bool]] = []
    if condition.me:
        ways.append(and_(_c.owner.is_not(None), _c.owner == operator))
    if condition.none:
        ways.append(_c.owner.is_(None))
    # The owner is the last of four lines, and no line has a line break in it.
    ways += (like(_c.search, "\n", "\n", "\n", part) for part in condition.parts)
    return or_(*ways)


def _id_or_name(text: str) -> ColumnElement[bool]:
    search = customers.c.search
    return or_(search.like(f"{_literal(text)}\n%", escape=ESCAPE), like(search, "\n", text))


def _of(of_customer: ColumnElement[bool]) -> ColumnElement[bool]:
    # Not correlated: worked out once for all tickets, whatever else the query reads.
    return _c.customer_id.in_(select(customers.c.id).where(of_customer).correlate(None))


def like(column: ColumnElement[str], *parts: str) -> ColumnElement[bool]:
    """Say that `parts` stand in `column` one after the other; no sign in them stands for others."""
    return column.like(pattern(*parts), escape=ESCAPE)


def pattern(*parts: str) -> str:
    """Return what `LIKE` with `ESCAPE` finds where `parts` stand one after the other."""
    return "%".join(("", *map(_literal, parts), ""))


def _literal(text: str) -> str:
    return text.translate(_LITERALLY)
