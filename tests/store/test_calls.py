"""The database itself keeps the calls as they were written down (R13, R15), on SQLite and PostgreSQL."""

from __future__ import annotations

import sqlite3

import pytest
from logged import accepted, missed, picked_up, refused
from sqlalchemy import Connection, text

from oncall_tui.desk import Desk

TABLES = ("calls", "call_steps", "call_records")


@pytest.fixture
def line(desk: Desk) -> Desk:
    """Léa's desk, on which one call was accepted, one refused and one missed."""
    accepted(desk)
    refused(desk)
    missed(desk)
    return desk


def everything(desk: Desk) -> list[tuple[object, ...]]:
    with desk.store.connect() as connection:
        return [tuple(row) for table in TABLES for row in rows(connection, table)]


def rows(connection: Connection, table: str) -> list[object]:
    return list(connection.execute(text(f"SELECT * FROM {table} ORDER BY id")))


def columns(connection: Connection, table: str) -> list[str]:
    return list(connection.execute(text(f"SELECT * FROM {table} LIMIT 1")).keys())


def refused_by_the_database(desk: Desk, statement: str, says: str = "calls are append-only") -> None:
    before = everything(desk)
    with pytest.raises(Exception, match=says), desk.store.begin() as tx:
        tx.connection.execute(text(statement))
    assert everything(desk) == before


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE call_records SET decision = 'refused'",
        "UPDATE call_records SET language = 'en' WHERE decision = 'accepted'",
        "UPDATE call_steps SET value = '{}'",
        "UPDATE calls SET number = '+41 00 000 00 00' WHERE number <> ''",
        "UPDATE calls SET rang_at = 0",
        "UPDATE calls SET operator = 'Marc' WHERE recorded_at IS NOT NULL",
        "UPDATE calls SET recorded_at = NULL",
        "UPDATE calls SET external_id = 'x2' WHERE external_id IS NULL",
        "UPDATE calls SET picked_up_at = 1 WHERE picked_up_at IS NULL AND recorded_at IS NOT NULL",
        "UPDATE calls SET operator = NULL WHERE operator IS NOT NULL",
        "UPDATE calls SET hung_up_at = 1 WHERE hung_up_at IS NOT NULL",
        "DELETE FROM calls",
        "DELETE FROM call_steps",
        "DELETE FROM call_records",
        "DELETE FROM call_records WHERE decision = 'missed'",
    ],
)
def test_what_was_written_down_is_neither_changed_nor_deleted(line: Desk, statement: str) -> None:
    """R13"""
    refused_by_the_database(line, statement)


@pytest.mark.parametrize("table", TABLES)
def test_no_row_takes_the_place_of_another(line: Desk, table: str) -> None:
    """R13: neither by an upsert nor by SQLite's REPLACE."""
    with line.store.connect() as connection:
        names = columns(connection, table)
    listed = ", ".join(names)
    changed = {"calls": "origin", "call_steps": "value", "call_records": "summary"}[table]
    to = {"calls": "'hand'", "call_steps": "'{}'", "call_records": "'another'"}[table]
    values = ", ".join(to if name == changed else name for name in names)
    copies = f"INTO {table} ({listed}) SELECT {values} FROM {table} WHERE true"
    refused_by_the_database(
        line, f"INSERT {copies} ON CONFLICT (id) DO UPDATE SET {changed} = {to}", "append-only|violates"
    )
    if line.store.dialect == "sqlite":
        refused_by_the_database(line, f"INSERT OR REPLACE {copies}")
        refused_by_the_database(line, f"REPLACE {copies}")
        refused_by_the_database(line, f"UPDATE OR REPLACE {table} SET {changed} = {to}")


@pytest.mark.parametrize("table", TABLES)
def test_no_table_of_calls_is_emptied(line: Desk, table: str) -> None:
    """R13"""
    if line.store.dialect == "postgresql":
        refused_by_the_database(line, f"TRUNCATE {table} CASCADE")
    else:
        refused_by_the_database(line, f"DELETE FROM {table} WHERE true")


def inserted(desk: Desk, **more: object) -> None:
    """Write a record into the database as somebody could by hand: the newest one, with other values."""
    with desk.store.begin() as tx:
        row = tx.connection.execute(text("SELECT * FROM call_records ORDER BY id LIMIT 1")).mappings().one()
        values = dict(row) | {"id": 99} | more
        marks = ", ".join(f":{name}" for name in values)
        tx.connection.execute(
            text(f"INSERT INTO call_records ({', '.join(values)}) VALUES ({marks})"), values
        )


@pytest.mark.parametrize("language", ["de", "", "FR", "french"])
def test_no_call_is_recorded_as_accepted_in_another_language(line: Desk, language: str) -> None:
    """R15"""
    with pytest.raises(Exception, match=r"accepted_language|CHECK|check"):
        inserted(line, corrects=1, why="x", language=language)
    inserted(line, corrects=1, why="x", language="en")


@pytest.mark.parametrize(
    "more",
    [
        {"decision": "refused", "reason": "", "rule": "R11"},
        {"decision": "refused", "reason": "duplicate", "rule": ""},
        {"decision": "refused", "reason": "duplicate", "rule": "R13", "said_fr": ""},
        {"decision": "refused", "reason": "duplicate", "rule": "R13", "next_step": ""},
        {"decision": "accepted", "ticket": ""},
        {"decision": "missed", "reason": "duplicate"},
        {"decision": "perhaps"},
    ],
)
def test_no_record_is_half_a_record(line: Desk, more: dict[str, object]) -> None:
    """R13"""
    # Each would take the place of the record with its decision.
    record = {"refused": 2, "missed": 3}.get(str(more["decision"]), 1)
    says = "append-only" if more["decision"] == "perhaps" else r"ck_call_records|CHECK"
    with pytest.raises(Exception, match=says):
        inserted(line, corrects=record, call_id=record, why="x", **more)


def test_a_call_has_one_outcome_and_a_record_one_correction(line: Desk) -> None:
    """R13"""
    with pytest.raises(Exception, match=r"append-only|uq_call_records_first"):
        inserted(line, corrects=None)
    inserted(line, corrects=1, why="x")
    with pytest.raises(Exception, match=r"append-only|uq_call_records_corrects"):
        inserted(line, id=100, corrects=1, why="y")


@pytest.mark.parametrize(
    "more",
    [
        {"corrects": 99},
        {"corrects": 2, "call_id": 1},
        {"corrects": 2, "call_id": 2},
        {"corrects": 3, "call_id": 3},
        {"corrects": 1, "call_id": 2},
        {"corrects": 1, "rang_at": 1},
        {"corrects": 1234},
        {"call_id": 77, "corrects": None},
    ],
)
def test_a_correction_is_one_of_its_own_call_and_never_another_decision(
    line: Desk, more: dict[str, object]
) -> None:
    """R13: neither of itself, nor of another call, nor of a record that isn't there."""
    before = everything(line)
    with pytest.raises(Exception, match="calls are append-only"):
        inserted(line, why="x", **more)
    assert everything(line) == before


def test_no_call_is_over_without_a_record(line: Desk) -> None:
    """R13: it would neither be open nor stand in the log."""
    picked_up(line)
    refused_by_the_database(line, "UPDATE calls SET recorded_at = 1 WHERE recorded_at IS NULL")


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_program_that_knows_nothing_of_references_takes_no_call_away(line: Desk) -> None:
    """R13: SQLite checks them only for who asks for it, and REPLACE takes a row away without a delete.

    A server checks them for everybody.
    """
    before = everything(line)
    plain = sqlite3.connect(str(line.store.engine.url.database))
    for statement in (
        "UPDATE OR REPLACE calls SET external_id = 'x1' WHERE external_id IS NULL",
        "INSERT INTO call_steps SELECT 99, 77, at, operator, workstation, step, value FROM call_steps",
    ):
        with pytest.raises(sqlite3.IntegrityError, match="calls are append-only"), plain:
            plain.execute(statement)
    plain.close()
    assert everything(line) == before


def test_the_end_of_a_call_may_be_told_after_its_record(line: Desk) -> None:
    with line.store.begin() as tx:
        tx.connection.execute(text("UPDATE calls SET hung_up_at = 1 WHERE hung_up_at IS NULL"))
