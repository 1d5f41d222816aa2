"""The audit is whole, or `verify` says what was done to it (R20)."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, text
from support import NOW, HandClock

from oncall_tui.desk import Desk, open_desk
from oncall_tui.domain.audit import AuditFilter, ChainReport, KeptHead
from oncall_tui.domain.offer import Offer
from oncall_tui.store import audit, seals
from oncall_tui.store.chain import TOLD, Chain
from oncall_tui.store.keyring import Key, Keyring
from oncall_tui.store.seals import NOTHING, Sealed

ENTRIES = 9


@pytest.fixture
def keyring(tmp_path: Path) -> Keyring:
    return Keyring(tmp_path / "audit.key")


@pytest.fixture
def desk(database_url: str, offer: Offer, clock: HandClock, keyring: Keyring) -> Iterator[Desk]:
    """A desk with a key and nine entries in its audit, once on each database."""
    opened = open_desk(database_url, offer, "Léa", clock=clock, keyring=keyring)
    act(opened, *range(1, ENTRIES + 1))
    yield opened
    opened.close()


def act(desk: Desk, *numbers: int) -> None:
    """Write an entry a number, each with an act of its own."""
    for number in numbers:
        with desk.context.writing() as tx:
            desk.context.record(tx, NOW, "take", f"T-{number}", {"n": str(number)}, number, customer="leman")


def told(report: ChainReport) -> list[tuple[int | None, int | None, str]]:
    return [tuple(one) for one in report.wrong]


@contextmanager
def by_hand(desk: Desk) -> Iterator[Connection]:
    """Write into the database as its owner can: without the guard of the audit, which is back afterwards."""
    with desk.store.begin() as tx:
        connection = tx.connection
        if desk.store.dialect == "postgresql":
            connection.execute(text("ALTER TABLE audit DISABLE TRIGGER audit_append_only"))
            yield connection
            connection.execute(text("ALTER TABLE audit ENABLE TRIGGER audit_append_only"))
            return
        guards = connection.execute(
            text("SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'audit'")
        ).fetchall()
        for guard in guards:
            connection.exec_driver_sql(f"DROP TRIGGER {guard.name}")
        yield connection
        for guard in guards:
            connection.exec_driver_sql(guard.sql)


def run(desk: Desk, *statements: str) -> None:
    with by_hand(desk) as connection:
        for statement in statements:
            connection.execute(text(statement))


def moved(number: int, to: int) -> str:
    return f"UPDATE audit SET id = {to} WHERE id = {number}"


def test_an_audit_that_nobody_touched_holds(desk: Desk) -> None:
    report = desk.audit.verify()
    assert (report.holds, report.entries, report.unsealed_before, report.unsealed_after) == (True, 9, 0, 0)
    with desk.store.connect() as connection:
        seal = connection.scalar(text("SELECT seal FROM audit WHERE id = 9"))
    assert str(report.head) == f"9:{seal[:16]}"


CHANGES = {
    "at": "at + 1",
    "operator": "'Marc'",
    "workstation": "'elsewhere'",
    "act": "'close'",
    "ticket_id": "77",
    "subject": "'T-77'",
    "detail": "'{}'",
    "revision": "revision + 1",
    "customer": "'moret'",
    "outcome": "'match'",
    "key_id": "''",
}


def test_every_column_is_tried() -> None:
    assert {*CHANGES, "id"} == set(Sealed._fields)


@pytest.mark.parametrize("number", [1, 5, ENTRIES])
@pytest.mark.parametrize("column", CHANGES)
def test_an_entry_that_was_changed_is_named(desk: Desk, column: str, number: int) -> None:
    run(desk, f"UPDATE audit SET {column} = {CHANGES[column]} WHERE id = {number}")
    assert told(desk.audit.verify())[0] == (number, number, "changed")
    assert len(desk.audit.verify().wrong) == 1


@pytest.mark.parametrize("number", [1, 5, ENTRIES])
def test_a_seal_that_was_changed_is_named(desk: Desk, number: int) -> None:
    run(desk, f"UPDATE audit SET seal = 'abc' WHERE id = {number}")
    assert told(desk.audit.verify()) == [(number, number, "its seal was changed")]


TAMPERED = {
    "the first is gone": (["DELETE FROM audit WHERE id = 1"], [(1, 1, "missing")]),
    "some are gone": (["DELETE FROM audit WHERE id IN (4, 5, 7)"], [(4, 5, "missing"), (7, 7, "missing")]),
    "the last are gone": (["DELETE FROM audit WHERE id > 6"], [(7, 9, "missing: cut off the end")]),
    "all are gone": (["DELETE FROM audit"], [(1, 9, "missing: cut off the end")]),
    "two changed places": (
        [moved(4, 400), moved(7, 4), moved(400, 7)],
        [(4, 4, "moved here, it was entry 7"), (7, 7, "moved here, it was entry 4")],
    ),
    "two neighbours changed places": (
        [moved(4, 400), moved(5, 4), moved(400, 5)],
        [(4, 4, "moved here, it was entry 5"), (5, 5, "moved here, it was entry 4")],
    ),
    "one is gone and those behind closed up": (
        ["DELETE FROM audit WHERE id = 4", *(moved(number, number - 1) for number in range(5, 10))],
        [
            (4, 4, "missing; those behind were renumbered"),
            (4, 8, "renumbered, they were 5 to 9"),
            (9, 9, "missing: cut off the end"),
        ],
    ),
    "one is put in between": (
        [*(moved(number, number + 1) for number in range(9, 3, -1)), "COPY OF 2 AS 4"],
        [
            (4, 4, "inserted"),
            (5, 10, "renumbered, they were 4 to 9"),
            (10, 10, "inserted after the last one"),
        ],
    ),
    "one is put before all": (["COPY OF 2 AS 0"], [(0, 0, "inserted")]),
    "one is put behind all": (["COPY OF 2 AS 10"], [(10, 10, "inserted after the last one")]),
    "the head is gone": (
        ["DELETE FROM audit_head"],
        [(None, None, "the head is missing, so that nobody knows which entry was the last one")],
    ),
    "the head and the last are gone": (
        ["DELETE FROM audit WHERE id = 9", "UPDATE audit_head SET last_id = 8"],
        [
            (8, 8, "not the one that the head was sealed with"),
            (None, None, "the head is forged: its seal doesn't fit"),
        ],
    ),
}


def statements(tampering: list[str]) -> list[str]:
    columns = ", ".join((*Sealed._fields[1:], "seal"))
    found = []
    for statement in tampering:
        if statement.startswith("COPY"):
            _, _, source, _, target = statement.split()
            statement = (
                f"INSERT INTO audit (id, {columns}) SELECT {target}, {columns} FROM audit WHERE id = {source}"
            )
        found.append(statement)
    return found


@pytest.mark.parametrize("what", TAMPERED)
def test_what_was_removed_inserted_or_moved_is_named(desk: Desk, what: str) -> None:
    tampering, expected = TAMPERED[what]
    run(desk, *statements(tampering))
    assert told(desk.audit.verify()) == expected


@pytest.mark.parametrize("what", [what for what in TAMPERED if "all" not in what])
def test_work_that_goes_on_hides_nothing(desk: Desk, what: str) -> None:
    run(desk, *statements(TAMPERED[what][0]))
    act(desk, 50, 51)
    assert not desk.audit.verify().holds


def unsealed(desk: Desk, *, first: int, with_head: bool) -> None:
    """Write the entries from `first` anew as somebody can who has no key, with one of them changed."""
    with by_hand(desk) as connection:
        names = ", ".join(Sealed._fields)
        rows = connection.execute(
            text(f"SELECT {names} FROM audit WHERE id >= {first} ORDER BY id")
        ).fetchall()
        seal = connection.scalar(text(f"SELECT seal FROM audit WHERE id = {first - 1}"))
        for row in rows:
            entry = Sealed(*row)._replace(key_id="", operator="Marc")
            seal = seals.of_entry(None, seal, entry)
            connection.execute(
                text("UPDATE audit SET key_id = '', operator = 'Marc', seal = :seal WHERE id = :id"),
                {"seal": seal, "id": entry.id},
            )
        if with_head:
            audit.write_head(connection, seals.of_head(None, ENTRIES, seal))
        else:
            connection.execute(text("UPDATE audit_head SET last_seal = :seal"), {"seal": seal})


def test_entries_written_anew_without_the_key_and_with_a_head_are_told_and_the_kept_head_finds_them(
    desk: Desk,
) -> None:
    kept = desk.audit.verify().head
    unsealed(desk, first=7, with_head=True)
    report = desk.audit.verify()
    assert (report.holds, report.unsealed_after, report.unsealed_span) == (True, 3, (7, 9))
    assert told(desk.audit.verify(KeptHead.parse(str(kept)))) == [
        (9, 9, f"not the one that was kept as {kept}")
    ]


def test_entries_written_anew_without_the_key_do_not_fit_the_head(desk: Desk) -> None:
    unsealed(desk, first=7, with_head=False)
    found = told(desk.audit.verify())
    assert (None, None, "the head is forged: its seal doesn't fit") in found


def test_a_head_without_the_key_over_an_entry_with_it_is_forged(desk: Desk) -> None:
    with by_hand(desk) as connection:
        connection.execute(text("DELETE FROM audit WHERE id = 9"))
        seal = connection.scalar(text("SELECT seal FROM audit WHERE id = 8"))
        audit.write_head(connection, seals.of_head(None, 8, seal))
    what = "the head is forged: it isn't sealed with the key of the last entry"
    assert told(desk.audit.verify()) == [(None, None, what)]
    act(desk, 50)
    # The chain isn't mended over a forged head.
    assert told(desk.audit.verify()) == [(9, 9, "changed")]


def test_a_database_that_was_put_back_as_a_whole_is_found_by_the_head_that_was_kept(desk: Desk) -> None:
    with desk.store.connect() as connection:
        old = connection.execute(text("SELECT last_id, last_seal, key_id, seal FROM audit_head")).one()
    early = desk.audit.verify().head
    act(desk, 10, 11, 12)
    kept = desk.audit.verify().head
    assert early is not None
    assert kept is not None
    assert desk.audit.verify(KeptHead.parse(str(early))).holds
    assert desk.audit.verify(KeptHead.parse(str(kept))).holds
    with by_hand(desk) as connection:
        connection.execute(text("DELETE FROM audit WHERE id > 9"))
        audit.write_head(connection, seals.Head(*old))
    assert desk.audit.verify().holds
    assert told(desk.audit.verify(KeptHead.parse(str(kept)))) == [
        (None, None, f"entry {kept} isn't there: this is an earlier state of the database")
    ]
    act(desk, 20, 21, 22, 23)
    assert told(desk.audit.verify(KeptHead.parse(str(kept)))) == [
        (12, 12, f"not the one that was kept as {kept}")
    ]


def test_an_entry_that_another_program_wrote_does_not_keep_the_desk_from_acting(desk: Desk) -> None:
    run(desk, *statements(["COPY OF 2 AS 10"]))
    act(desk, 50)
    assert told(desk.audit.verify()) == [(10, 10, "inserted")]


def test_old_entries_are_verified_with_old_keys(desk: Desk, keyring: Keyring) -> None:
    old = keyring.newest()
    new = keyring.add()
    with desk.store.begin() as tx:
        tx.connection.execute(text("UPDATE key_in_force SET key_id = :new"), {"new": new.id})
    act(desk, 10, 11)
    report = desk.audit.verify()
    assert (report.holds, report.entries) == (True, 11)
    with desk.store.connect() as connection:
        keys = [row.key_id for row in connection.execute(text("SELECT key_id FROM audit ORDER BY id"))]
    assert keys == [old.id] * 9 + [new.id] * 2


def test_entries_whose_key_is_gone_are_not_vouched_for(
    desk: Desk, database_url: str, offer: Offer, clock: HandClock, keyring: Keyring, tmp_path: Path
) -> None:
    key = keyring.newest()
    other = Keyring(tmp_path / "other.key")
    other.create()
    stranger = open_desk(database_url, offer, "Marc", clock=clock, keyring=other)
    first, *others = told(stranger.audit.verify())
    stranger.close()
    assert first[:2] == (1, 9)
    assert key.id in first[2]
    assert [what[:27] for *_, what in others] == ["the head can't be verified:"]


@pytest.mark.parametrize("trouble", ["missing", "wrong", "open", "none"])
def test_without_a_usable_key_the_desk_goes_on_and_the_audit_says_so(
    desk: Desk,
    database_url: str,
    offer: Offer,
    clock: HandClock,
    keyring: Keyring,
    tmp_path: Path,
    trouble: str,
) -> None:
    path = tmp_path / "audit.key"
    content = path.read_bytes()
    if trouble == "missing":
        path.unlink()
    elif trouble == "wrong":
        path.unlink()
        Keyring(path).create()
    elif trouble == "open":
        path.chmod(0o644)
    before = path.read_bytes() if path.exists() else None
    given = None if trouble == "none" else Keyring(path)
    other = open_desk(database_url, offer, "Marc", clock=clock, keyring=given)
    act(other, 10, 11)
    other.close()
    assert (path.read_bytes() if path.exists() else None) == before, "nothing is written over"
    path.write_bytes(content)
    path.chmod(0o600)
    report = desk.audit.verify()
    assert (report.holds, report.unsealed_before, report.unsealed_after) == (True, 0, 2)
    assert report.unsealed_span == (10, 11)
    act(desk, 12)
    assert (desk.audit.verify().holds, desk.audit.verify().unsealed_after) == (True, 2)
    run(desk, "UPDATE audit SET operator = 'Léa' WHERE id = 10")
    assert told(desk.audit.verify()) == [(10, 10, "changed")]


def test_an_act_that_is_taken_back_leaves_no_gap(desk: Desk) -> None:
    with pytest.raises(ZeroDivisionError), desk.context.writing() as tx:
        desk.context.record(tx, NOW, "take", "T-1", {})
        raise ZeroDivisionError
    act(desk, 10)
    report = desk.audit.verify()
    assert (report.holds, report.entries) == (True, 10)


def test_many_entries_at_once_chain_like_one_after_the_other(desk: Desk) -> None:
    entries = [
        audit.Entry(NOW, "Léa", "desk", "take", f'T-{n}\t\\N\n"é', {"n": "\\t"}, n) for n in range(5_000)
    ]
    with desk.store.begin() as tx:
        audit.append_all(tx, entries)
        audit.append_all(tx, [])
    act(desk, 1)
    progress: list[tuple[int, int]] = []
    report = desk.audit.verify(progress=lambda done, total: progress.append((done, total)))
    assert (report.holds, report.entries) == (True, ENTRIES + 5_001)
    assert progress[-1] == (report.entries, report.entries)
    assert len(progress) > 1


def test_of_many_troubles_the_first_are_told_and_the_others_counted(desk: Desk) -> None:
    with desk.store.begin() as tx:
        audit.append_all(tx, [audit.Entry(NOW, "Léa", "desk", "take", "T-1", {})] * 1_000)
    run(desk, "UPDATE audit SET operator = 'Marc' WHERE id % 2 = 0")
    report = desk.audit.verify()
    assert [one.first for one in report.wrong] == list(range(2, 2 + 2 * TOLD, 2))
    assert report.more == 504 - TOLD


def test_entries_are_found_by_what_is_asked(desk: Desk, clock: HandClock) -> None:
    with desk.context.writing() as tx:
        desk.context.record(
            tx, NOW.replace(minute=30), "look up", "code", {}, customer="moret", outcome="no_match"
        )

    def ids(limit: int | None = None, **wanted: object) -> list[int]:
        return [entry.id for entry in desk.audit.entries(AuditFilter(**wanted), limit=limit)]  # type: ignore[arg-type]

    assert ids() == list(range(1, 11))
    assert ids(limit=3) == [8, 9, 10]
    assert ids(limit=100) == list(range(1, 11))
    assert ids(customer="moret") == ids(outcome="no_match") == ids(act="look up") == [10]
    assert ids(since=NOW.replace(minute=13)) == [10]
    assert ids(until=NOW) == ids(operator="Marc") == ids(customer="moret", act="take") == []
    assert ids(operator="Léa", outcome="done", limit=2) == [8, 9]
    (last,) = desk.audit.entries(AuditFilter(act="look up"))
    assert (last.at, last.subject, last.customer, last.detail) == (
        NOW.replace(minute=30),
        "code",
        "moret",
        {},
    )


ACT_OFTEN = """
import sys
from datetime import UTC, datetime
from pathlib import Path
from oncall_tui.config import load_settings
from oncall_tui.desk import open_desk
from oncall_tui.store.keyring import Keyring

url, key, name = sys.argv[1:]
ring = Keyring(Path(key))
desk = open_desk(url, load_settings(None, {}).offer, name, clock=lambda: datetime.now(UTC), keyring=ring)
sys.stdin.readline()
for number in range(25):
    with desk.context.writing() as tx:
        for _ in range(1 + number % 3):
            desk.context.record(tx, desk.clock(), "take", f"T-{number}", {})
desk.close()
"""


def test_four_desks_that_act_at_once_write_one_chain(
    database_url: str, open_as: Callable[..., Desk], tmp_path: Path, offer: Offer, clock: HandClock
) -> None:
    """The key is made by one of them, in the first of all acts."""
    key = tmp_path / "shared.key"
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", ACT_OFTEN, database_url, str(key), f"Engineer {number}"],
            stdin=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for number in range(4)
    ]
    for process in processes:
        assert process.stdin is not None
        process.stdin.write("go\n")
        process.stdin.flush()
    assert [process.communicate(timeout=120)[1] for process in processes] == [""] * 4
    desk = open_desk(database_url, offer, "Léa", clock=clock, keyring=Keyring(key))
    report = desk.audit.verify()
    desk.close()
    assert (report.holds, report.entries, report.unsealed_before) == (True, 4 * 49, 0)


SECRET = Key.of(b"k" * 32)
RING = Keyring(Path("nowhere"), given="a2tra2tra2tra2tra2tra2tra2tra2tra2tra2tra2s=")


def chain(count: int) -> list[tuple[Sealed, str]]:
    rows, seal = [], NOTHING
    for number in range(1, count + 1):
        entry = Sealed(
            number, number, "Léa", "d", "take", None, f"T-{number}", "{}", number, "", "", SECRET.id
        )
        seal = seals.of_entry(SECRET, seal, entry)
        rows.append((entry, seal))
    return rows


def looked_at(rows: list[tuple[Sealed, str]], head: seals.Head) -> ChainReport:
    chain = Chain(RING)
    for entry, seal in rows:
        chain.take(entry, seal)
    return chain.end(head)


WHOLE = chain(12)
HEAD = seals.of_head(SECRET, 12, WHOLE[-1][1])


@settings(suppress_health_check=[HealthCheck.too_slow], max_examples=300)
@given(st.lists(st.sampled_from(range(12)), max_size=14), st.booleans())
def test_any_other_selection_or_order_of_the_entries_is_found(order: list[int], renumber: bool) -> None:
    """Rows are taken out, doubled and put in another order, under the numbers of their new places or sorted
    under their own.
    """
    rows = [WHOLE[at] for at in (order if renumber else sorted(set(order)))]
    if renumber:
        rows = [(entry._replace(id=place), seal) for place, (entry, seal) in enumerate(rows, 1)]
    assert looked_at(rows, HEAD).holds == (rows == WHOLE)


@given(
    st.sampled_from(range(12)), st.sampled_from(Sealed._fields[1:]), st.text() | st.integers() | st.binary()
)
def test_any_other_value_in_any_column_is_found_and_only_there(at: int, name: str, value: object) -> None:
    entry, seal = WHOLE[at]
    changed = entry._replace(**{name: value})
    rows = [*WHOLE[:at], (changed, seal), *WHOLE[at + 1 :]]
    found = looked_at(rows, HEAD).wrong
    if changed == entry and type(value) is type(getattr(entry, name)):
        assert found == ()
    else:
        assert [one.first for one in found] in ([at + 1], [at + 1, None])


def test_the_parts_of_an_entry_can_not_run_into_one_another() -> None:
    one, other = WHOLE[0][0]._replace(act="a", subject="bc"), WHOLE[0][0]._replace(act="ab", subject="c")
    assert seals.of_entry(SECRET, NOTHING, one) != seals.of_entry(SECRET, NOTHING, other)


@pytest.mark.parametrize(
    "text_", ["", "12", "12:", "12:xyz", "0:0123456789abcdef", "12:0123", "-1:0123456789abcdef"]
)
def test_what_is_no_head_is_refused(text_: str) -> None:
    with pytest.raises(Exception, match="is no head of an audit"):
        KeptHead.parse(text_)
