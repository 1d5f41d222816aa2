"""The chain of the audit: whatever is done to it behind the desk's back is found, and named (R20)."""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from support import HandClock

from oncall_tui.config import load_settings
from oncall_tui.desk import Desk, open_desk
from oncall_tui.domain.audit import AuditFilter, AuditReport
from oncall_tui.domain.tickets import Channel
from oncall_tui.store.keyring import Keyring

ENTRIES = 9
COLUMNS = [
    "at",
    "operator",
    "workstation",
    "act",
    "ticket_id",
    "subject",
    "detail",
    "revision",
    "customer",
    "outcome",
    "key_id",
    "seal",
]


def act(desk: Desk, times: int = ENTRIES) -> None:
    for number in range(times):
        desk.tickets.new(customer="leman", channel=Channel.EMERGENCY, subject=f"No {number}")


def verified(desk: Desk, noted: tuple[int, str] | None = None) -> AuditReport:
    return desk.audit.verify(noted, lambda _done: None)


def said(desk: Desk) -> list[str]:
    return [finding.what for finding in verified(desk).findings]


def behind_its_back(desk: Desk, *statements: str, **values: object) -> None:
    """Do as somebody does who owns the database and not the key."""
    with desk.store.engine.begin() as connection:
        if desk.store.dialect == "sqlite":
            for verb in ("update", "delete"):
                connection.execute(text(f"DROP TRIGGER IF EXISTS audit_no_{verb}"))
        else:
            connection.execute(text("ALTER TABLE audit DISABLE TRIGGER ALL"))
        for statement in statements:
            connection.execute(text(statement), values)


@pytest.fixture
def nine(desk: Desk) -> Desk:
    act(desk)
    return desk


def test_what_nobody_touched_is_whole(nine: Desk) -> None:
    report = verified(nine)
    assert (report.entries, report.findings, report.keyless, report.before_key) == (ENTRIES, (), 0, 0)
    assert report.head.startswith(f"{ENTRIES}:")


def test_the_database_refuses_to_change_or_remove_an_entry(nine: Desk) -> None:
    for statement in ("UPDATE audit SET operator = 'x'", "DELETE FROM audit WHERE id = 3"):
        with pytest.raises(DBAPIError, match="append-only"), nine.store.begin() as tx:
            tx.connection.execute(text(statement))
    assert verified(nine).unbroken


@pytest.mark.parametrize("column", COLUMNS)
def test_a_changed_entry_is_found_whatever_was_changed(nine: Desk, column: str) -> None:
    value: object = 1 if column in ("at", "ticket_id", "revision") else "x"
    behind_its_back(nine, f"UPDATE audit SET {column} = :value WHERE id = 4", value=value)
    told = said(nine)
    if column == "key_id":
        assert told[0].startswith("1 entry is sealed with key x")
    else:
        assert told == ["entry 4 was changed"]


def test_the_first_and_the_last_entry_are_no_exception(nine: Desk) -> None:
    behind_its_back(nine, "UPDATE audit SET operator = 'x' WHERE id IN (1, 9)")
    assert said(nine) == ["entry 1 was changed", "entry 9 was changed"]


@pytest.mark.parametrize(
    ("gone", "told"),
    [
        ("id = 1", ["entry 1 is missing"]),
        ("id = 5", ["entry 5 is missing"]),
        ("id BETWEEN 3 AND 6", ["entries 3 to 6 are missing"]),
        ("id = 9", ["entry 9 is missing from the end"]),
        ("id > 6", ["entries 7 to 9 are missing from the end"]),
        ("id > 0", ["entries 1 to 9 are missing from the end"]),
        ("id IN (2, 8)", ["entry 2 is missing", "entry 8 is missing"]),
    ],
)
def test_what_was_removed_is_named(nine: Desk, gone: str, told: list[str]) -> None:
    behind_its_back(nine, f"DELETE FROM audit WHERE {gone}")
    assert said(nine) == told


COPY = """
INSERT INTO audit (id, at, operator, workstation, act, ticket_id, subject, detail, revision, customer,
                   outcome, key_id, seal)
SELECT {new}, at, operator, workstation, act, ticket_id, subject, detail, revision, customer, outcome,
       key_id, seal FROM audit WHERE id = {old}
"""


def test_an_entry_that_was_put_in_at_the_end_is_found(nine: Desk) -> None:
    behind_its_back(nine, COPY.format(new=10, old=4))
    assert said(nine) == [
        "entry 10 was moved: it was written as entry 4",
        "what comes after entry 9 was put in",
    ] or ("what comes after entry 9 was put in" in said(nine))


def test_an_entry_that_was_put_in_with_the_others_moved_up_is_found(nine: Desk) -> None:
    behind_its_back(
        nine,
        "UPDATE audit SET id = id + 1000 WHERE id > 4",
        "UPDATE audit SET id = id - 999 WHERE id > 1000",
        COPY.format(new=5, old=1),
    )
    told = said(nine)
    assert told[0] == "entry 5 was put in"
    assert told[1:6] == [f"entry {n} was moved: it was written as entry {n - 1}" for n in range(6, 11)]


def test_an_entry_that_was_removed_with_the_others_moved_up_is_found(nine: Desk) -> None:
    behind_its_back(
        nine,
        "DELETE FROM audit WHERE id = 4",
        "UPDATE audit SET id = id + 1000 WHERE id > 4",
        "UPDATE audit SET id = id - 1001 WHERE id > 1000",
    )
    told = said(nine)
    assert told[0] == "entry 4 was removed, and those after it moved up"
    assert "entry 5 was moved: it was written as entry 6" in told


def test_two_entries_that_changed_places_are_found(nine: Desk) -> None:
    behind_its_back(
        nine,
        "UPDATE audit SET id = 1003 WHERE id = 3",
        "UPDATE audit SET id = 3 WHERE id = 7",
        "UPDATE audit SET id = 7 WHERE id = 1003",
    )
    assert said(nine) == [
        "entry 3 was moved: it was written as entry 7",
        "entry 7 was moved: it was written as entry 3",
    ]


def test_the_note_of_the_last_entry_cannot_be_forged(nine: Desk) -> None:
    behind_its_back(
        nine,
        "DELETE FROM audit WHERE id > 6",
        "UPDATE audit_head SET last_id = 6, last_seal = (SELECT seal FROM audit WHERE id = 6)",
    )
    assert said(nine) == ["the note of which entry is the last one was changed"]
    behind_its_back(nine, "DELETE FROM audit_head")
    assert said(nine) == ["the note of which entry is the last one is missing"]


def test_a_database_that_was_put_back_as_a_whole_is_found_by_the_head_that_was_noted(nine: Desk) -> None:
    number, _, seal = verified(nine).head.partition(":")
    assert verified(nine, (int(number), seal)).unbroken
    act(nine, 1)
    assert verified(nine, (int(number), seal)).unbroken, "it has only grown"
    assert verified(nine, (int(number) + 5, seal)).findings
    assert verified(nine, (int(number), "0" * 16)).findings[0].what.startswith("entry 9 is not the one")


def test_a_forged_entry_without_the_key_is_told_as_such(nine: Desk, open_as: Callable[..., Desk]) -> None:
    url = nine.store.engine.url.render_as_string(hide_password=False)
    keyless = open_desk(url, nine.offer, "Mallory", clock=nine.clock)
    act(keyless, 2)
    keyless.close()
    report = verified(nine)
    assert (report.unbroken, report.keyless, report.first_keyless, report.last_keyless) == (True, 2, 10, 11)
    act(nine, 1)
    assert verified(nine).keyless == 2
    behind_its_back(nine, "UPDATE audit SET operator = 'Léa' WHERE id = 10")
    assert said(nine) == ["entry 10 was changed"], "the entries with a key hold those without"


def test_without_the_key_acting_goes_on_and_verifying_says_what_is_missing(
    nine: Desk, keyring: Keyring
) -> None:
    place = Path(keyring.place)
    kept = place.read_bytes()
    place.unlink()
    act(nine, 1)
    told = said(nine)
    assert len(told) == 1
    assert "is not there" in told[0]
    place.write_bytes(kept)
    place.chmod(0o600)
    report = verified(nine)
    assert (report.findings, report.keyless) == ((), 1)


def test_the_keys_before_a_rotation_verify_what_they_sealed(nine: Desk) -> None:
    nine.codes.rotate_key(lambda _total: None)
    act(nine, 2)
    assert verified(nine).unbroken
    behind_its_back(nine, "UPDATE audit SET subject = 'x' WHERE id = 2")
    assert said(nine) == ["entry 2 was changed"]


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_no_change_to_any_column_goes_unseen(chained: Desk, data: st.DataObject) -> None:
    column = data.draw(st.sampled_from([name for name in COLUMNS if name != "key_id"]))
    number = data.draw(st.integers(1, ENTRIES))
    with chained.store.engine.connect() as connection:
        old = connection.scalar(text(f"SELECT {column} FROM audit WHERE id = :id"), {"id": number})
    values = st.integers(0, 2**40) if column in ("at", "ticket_id", "revision") else st.text(max_size=20)
    new = data.draw(values)
    assume(new != old and "\0" not in str(new))
    behind_its_back(chained, f"UPDATE audit SET {column} = :new WHERE id = :id", new=new, id=number)
    assert said(chained) == [f"entry {number} was changed"]
    behind_its_back(chained, f"UPDATE audit SET {column} = :old WHERE id = :id", old=old, id=number)
    assert verified(chained).unbroken


@pytest.fixture
def chained(tmp_path: Path) -> Iterator[Desk]:
    from support import CUSTOMERS

    from oncall_tui.store import customers

    url = f"sqlite:///{tmp_path / 'chained.db'}"
    keyring = Keyring(tmp_path / "oncall.key")
    desk = open_desk(url, load_settings(None, {}).offer, "Léa", clock=HandClock(), keyring=keyring)
    with desk.store.begin() as tx:
        customers.add(tx, [(customer, None) for customer in CUSTOMERS])
    act(desk)
    yield desk
    desk.close()


def act_along(url: str, key_file: str, start: Any) -> None:
    keyring = Keyring(Path(key_file))
    desk = open_desk(url, load_settings(None, {}).offer, "Léa", clock=HandClock(), keyring=keyring)
    start.wait()
    act(desk, 5)
    desk.close()


def test_many_who_act_at_once_make_one_chain(nine: Desk, keyring: Keyring) -> None:
    spawn = multiprocessing.get_context("spawn")
    start = spawn.Barrier(4)
    url = nine.store.engine.url.render_as_string(hide_password=False)
    processes = [spawn.Process(target=act_along, args=(url, keyring.place, start)) for _ in range(4)]
    for process in processes:
        process.start()
    for process in processes:
        process.join(120)
    report = verified(nine)
    assert (report.entries, report.findings, report.keyless) == (ENTRIES + 20, (), 0)


def test_the_list_is_what_was_asked_for(nine: Desk, open_as: Callable[..., Desk], clock: HandClock) -> None:
    before = clock()
    clock.advance(minutes=10)
    marc = open_as("Marc")
    ticket = marc.queue.page(marc.queue.queues[0], limit=1)[0]
    marc.tickets.take(ticket.id)
    found = nine.audit.entries
    assert [entry.operator for entry in found(AuditFilter(operator="Marc"))] == ["Marc"]
    assert [entry.act for entry in found(AuditFilter(since=clock()))] == ["take"]
    assert len(found(AuditFilter(until=clock()))) == ENTRIES
    assert len(found(AuditFilter(customer="leman", act="new", since=before))) == ENTRIES
    assert found(AuditFilter(customer="moret")) == found(AuditFilter(outcome="refused")) == []
    assert [entry.id for entry in found(AuditFilter(), limit=2)] == [ENTRIES, ENTRIES + 1]
