"""Technical documents that were issued (R25): which, to whom, and whether the code on them still holds."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from sqlalchemy import Connection, func, insert, select

from oncall_tui.domain.technical_document import IssuedDocument
from oncall_tui.store.engine import Transaction
from oncall_tui.store.organisation_schema import documents
from oncall_tui.store.schema import codes

_d = documents.c


def last_number(connection: Connection, customer_id: int) -> int:
    """Return the number of the last document of the organisation with that row id, 0 if it has none."""
    query = select(func.max(_d.number)).where(_d.customer_id == customer_id)
    return connection.scalar(query) or 0


def add(
    tx: Transaction,
    customer_id: int,
    number: int,
    issued_at: datetime,
    issued_by: str,
    workstation: str,
    language: str,
    code_id: int,
) -> None:
    """Note that a document with the code of that row id was issued."""
    tx.connection.execute(
        insert(documents).values(
            customer_id=customer_id,
            number=number,
            issued_at=issued_at,
            issued_by=issued_by,
            workstation=workstation,
            language=language,
            code_id=code_id,
        )
    )


def history(
    connection: Connection, customer_id: int, as_of: datetime | None = None, limit: int | None = None
) -> tuple[IssuedDocument, ...]:
    """Return the documents of an organisation, the last one first; at `as_of` if it is given."""
    query = (
        select(_d.number, _d.issued_at, _d.issued_by, _d.language, codes.c.id, codes.c.revoked_at)
        .outerjoin(codes, codes.c.id == _d.code_id)
        .where(_d.customer_id == customer_id)
        .order_by(_d.number.desc())
    )
    if as_of is not None:
        query = query.where(_d.issued_at <= as_of)
    if limit is not None:
        query = query.limit(limit)

    def found() -> Iterator[IssuedDocument]:
        for number, issued_at, issued_by, language, code_id, revoked_at in connection.execute(query):
            revoked = revoked_at is not None and (as_of is None or revoked_at <= as_of)
            yield IssuedDocument(number, issued_at, issued_by, language, code_id is None or revoked)

    return tuple(found())


def last(connection: Connection, customer_id: int, as_of: datetime | None = None) -> IssuedDocument | None:
    """Return the last document of an organisation, at `as_of` if it is given; None if it has none."""
    found = history(connection, customer_id, as_of, limit=1)
    return found[0] if found else None
