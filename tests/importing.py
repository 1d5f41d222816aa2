"""Importing what a test says, without a file."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from oncall_tui.desk import Desk
from oncall_tui.desk.imports import ImportResult
from oncall_tui.domain.errors import BadInput
from oncall_tui.domain.records import Rejection, Row
from oncall_tui.sources.records import parse_customer, parse_ticket


def rows_of(parse: Callable[..., Any], desk: Desk, found: Any, size: int = 100) -> Iterator[Any]:
    for line, fields in enumerate(found, 1):
        if isinstance(fields, Rejection):
            yield fields
            continue
        try:
            yield Row(line, size, fields, parse(fields, desk.offer.zone))
        except BadInput as error:
            yield Rejection.of(line, error, fields)


def import_tickets(desk: Desk, *found: Any, **options: Any) -> tuple[ImportResult, list[tuple[int, str]]]:
    rejected: list[Rejection] = []
    rows = rows_of(parse_ticket, desk, found)
    result = desk.imports.tickets(rows, source="night.jsonl", rejected=rejected.append, **options)
    assert result.rejected == len(rejected)
    assert result.read == result.created + result.updated + result.unchanged + result.rejected
    return result, [(rejection.line, rejection.reason) for rejection in rejected]


def import_customers(desk: Desk, *found: Any, **options: Any) -> tuple[ImportResult, list[tuple[int, str]]]:
    rejected: list[Rejection] = []
    rows = rows_of(parse_customer, desk, found)
    result = desk.imports.customers(rows, source="crm.csv", rejected=rejected.append, **options)
    return result, [(rejection.line, rejection.reason) for rejection in rejected]
