"""What Request Tracker tells, read: cursors, instants, tickets, queries."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oncall_tui.domain.correspondence import Sender, SourceUnavailable
from oncall_tui.sources.rt_records import (
    Cursor,
    Person,
    any_of,
    quoted,
    read_cursor,
    read_instant,
    read_part,
    read_person,
    read_ticket,
    read_transaction,
)

NUMBERS = st.integers(0, 10**18 - 1)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=9), inner, max_size=3),
    max_leaves=8,
)


@given(NUMBERS, st.none() | NUMBERS)
def test_a_cursor_is_read_as_it_was_written(transaction: int, ticket: int | None) -> None:
    cursor = Cursor(transaction, ticket)
    assert read_cursor(str(cursor)) == cursor


@given(
    st.text(max_size=12) | st.sampled_from(["", "-1", "1@", "@1", "1@2@3", "1.5", "\u0663", "9" * 19, "1\n"])
)
def test_what_is_no_cursor_is_the_first_contact(text: str) -> None:
    cursor = read_cursor(text)
    assert cursor is None or (text.isascii() and text.replace("@", "").isdecimal())


@given(
    st.datetimes(datetime(1980, 1, 1), datetime(2199, 12, 31)).map(lambda at: at.replace(microsecond=0)),
    st.sampled_from([UTC, timezone(timedelta(hours=2)), timezone(-timedelta(hours=9, minutes=30))]),
)
def test_instants_are_in_utc(at: datetime, zone: timezone) -> None:
    instant = at.replace(tzinfo=UTC)
    written = instant.astimezone(zone).isoformat()
    assert read_instant(written.replace("+00:00", "Z")) == instant
    assert read_instant(written).tzinfo is UTC  # type: ignore[union-attr]


@pytest.mark.parametrize(
    "unset", ["1970-01-01T00:00:00Z", "", None, "Not set", "2026-13-01T00:00:00Z", {}, 7]
)
def test_what_is_unset_is_nothing(unset: object) -> None:
    assert read_instant(unset) is None


@given(JSON)
def test_nothing_that_is_answered_breaks_the_reading(item: Any) -> None:
    read_instant(item)
    read_person(item)
    for read in (read_ticket, read_transaction, read_part):
        whole = {"id": "1", "Created": "2026-03-27T02:00:00Z"} | (item if isinstance(item, dict) else {})
        for field in (
            "Requestor",
            "Cc",
            "Owner",
            "Queue",
            "Creator",
            "ObjectId",
            "ContentLength",
            "TransactionId",
        ):
            try:
                read(whole | {field: item})
            except SourceUnavailable as told:
                assert "Request Tracker" in told.message  # noqa: PT017 - it needn't be raised


def test_nobody_owns_a_ticket_that_nobody_owns() -> None:
    item = {"id": 7, "Created": "2026-03-27T02:00:00Z", "Owner": {"id": "Nobody"}}
    ticket = read_ticket(item)
    assert (ticket.id, ticket.owner, ticket.requestor, ticket.resolved_at) == ("7", "", Sender(), None)
    with pytest.raises(SourceUnavailable, match="doesn't say when"):
        read_ticket(item | {"Created": "1970-01-01T00:00:00Z"})


def test_an_account_that_is_an_address_is_written_to() -> None:
    assert Person("a@leman.example", "", "").sender == Sender("a@leman.example", "a@leman.example")
    assert Person("anne", "Anne Rochat", "a@leman.example").sender == Sender("Anne Rochat", "a@leman.example")
    assert Person("anne", "", "").sender == Sender("anne", "")


def test_no_name_of_a_queue_leaves_its_quotes() -> None:
    assert quoted("Support") == "'Support'"
    assert any_of("Queue", ["L'eau", "a\\' OR id > 0"]) == (
        r"(Queue = 'L\'eau' OR Queue = 'a\\\' OR id > 0')"
    )
