"""The migrations make the tables of the schema, once, whoever comes first."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, create_engine, text

import oncall_tui.store
from oncall_tui.desk import open_desk
from oncall_tui.domain.audit import ChainReport
from oncall_tui.domain.errors import StoreUnavailable
from oncall_tui.domain.folding import searchable, searchable_contact, searchable_customer
from oncall_tui.store import correspondence_schema, finding, indexes, organisation_schema, queues, schema
from oncall_tui.store.engine import Store, parse_url
from oncall_tui.store.keyring import Keyring

# Of an index on an expression SQLAlchemy has nothing to compare on SQLite, and says so.
pytestmark = pytest.mark.filterwarnings("ignore:Skipped unsupported reflection of expression-based index")


def alembic_config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(oncall_tui.store.__file__).with_name("migrations")))
    return config


def differences(connection: Connection) -> list[object]:
    """What the tables of the database differ in from those of the schema, but for the full-text search."""

    def compared(_thing: object, name: str | None, kind: str, *_more: object) -> bool:
        if kind == "table":
            return not str(name).startswith(organisation_schema.SEARCH_TABLES)
        searched = (
            organisation_schema.SEARCH_INDEXES if kind == "index" else organisation_schema.SEARCH_COLUMNS
        )
        return name not in searched

    opts = {"compare_type": True, "include_object": compared}
    return list(compare_metadata(MigrationContext.configure(connection, opts=opts), schema.metadata))


def test_the_migrated_tables_are_those_of_the_schema(store: Store) -> None:
    with store.connect() as connection:
        assert indexes.tickets is schema.tickets, "imported, its indexes belong to the tables"
        assert correspondence_schema.metadata is schema.metadata, "imported, its tables belong to them"
        assert organisation_schema.metadata is schema.metadata, "these as well"
        assert differences(connection) == []


def test_the_head_is_the_last_migration() -> None:
    assert ScriptDirectory.from_config(alembic_config()).get_heads() == [schema.HEAD]


def test_six_processes_that_start_at_once_migrate_once(database_url: str) -> None:
    code = "import sys; from oncall_tui.store.engine import Store; Store.open(sys.argv[1]).close()"
    processes = [
        subprocess.Popen([sys.executable, "-c", code, database_url], stderr=subprocess.PIPE, text=True)
        for _ in range(6)
    ]
    assert [(process.communicate(timeout=120)[1], process.returncode) for process in processes] == [
        ("", 0)
    ] * 6
    store = Store.open(database_url, upgrade=False)
    with store.connect() as connection:
        assert connection.scalar(text("SELECT count(*) FROM revision")) == 1
    store.close()


def test_without_upgrade_an_empty_database_is_refused_and_left_empty(database_url: str) -> None:
    with pytest.raises(StoreUnavailable, match="has no tables yet"):
        Store.open(database_url, upgrade=False)
    with pytest.raises(StoreUnavailable, match="has no tables yet"):
        Store.open(database_url, upgrade=False)


CUSTOMERS = 1_200
TICKETS = 2_345
ENTRIES = 2_100

A_CUSTOMER = """
INSERT INTO customers (id, ref, name, plan, partner, language, version, revision)
VALUES (:id, :ref, :name, 'pro', :partner, '', 1, 1)
"""
A_TICKET = """
INSERT INTO tickets (
    id, ref, customer_id, plan, channel, subject, body, contact, received_at, recorded_at, calendar_id,
    owner, closed_at, close_reason, sort_due, sort_rank, version, revision
) VALUES (
    :id, :ref, :customer_id, 'pro', 'email', :subject, '', :contact, :id, :id, 1,
    :owner, :closed_at, '', 9223372036854775807, 0, 1, :id
)
"""
AN_ENTRY = """
INSERT INTO audit (id, at, operator, workstation, act, ticket_id, subject, detail, revision)
VALUES (:id, :id, 'Léa', 'desk', 'take', :ticket_id, 'INC', '{}', :id)
"""


@pytest.fixture
def at_0001(database_url: str) -> str:
    """The URL of a database at the first migration, with rows in it."""
    engine = create_engine(parse_url(database_url))
    with engine.begin() as connection:
        config = alembic_config()
        config.attributes["connection"] = connection
        command.upgrade(config, "0001")
        connection.execute(
            text("INSERT INTO calendars (id, name, fingerprint, definition) VALUES (1, 'email', 'x', '{}')")
        )
        connection.execute(
            text(A_CUSTOMER),
            [
                {"id": number, "ref": f"C-{number}", "name": f"Société {number}", "partner": False}
                for number in range(1, CUSTOMERS + 1)
            ],
        )
        connection.execute(
            text(A_TICKET),
            [
                {
                    "id": 2 * number,
                    "ref": f"INC{number}",
                    "customer_id": 1 + number % CUSTOMERS,
                    "subject": f"Straße {number} ist ÜBERFLUTET",
                    "contact": f"Zoé {number}",
                    "owner": None if number % 3 else "Léa",
                    "closed_at": None if number % 2 else 2 * number,
                }
                for number in range(1, TICKETS + 1)
            ],
        )
        connection.execute(
            text("INSERT INTO messages (ticket_id, at, author, kind, text) VALUES (2, 1, 'Léa', 'note', 'x')")
        )
        # PostgreSQL leaves gaps where a transaction was taken back.
        connection.execute(
            text(AN_ENTRY),
            [
                {"id": 3 * number, "ticket_id": 2 * number if number % 2 else None}
                for number in range(1, ENTRIES + 1)
            ],
        )
    engine.dispose()
    return database_url


def test_what_a_database_held_before_the_second_migration_is_found_after_it(at_0001: str) -> None:
    with pytest.raises(StoreUnavailable, match="has schema 0001; this oncall-tui needs 0007"):
        Store.open(at_0001, upgrade=False)
    store = Store.open(at_0001)
    with store.connect() as connection:
        found = {row.id: row.search for row in connection.execute(text("SELECT id, search FROM tickets"))}
        tickets = queues.rows(connection, list(found))
        assert found == {ticket_id: searchable(ticket) for ticket_id, ticket in tickets.items()}
        assert len(found) == TICKETS
        assert found[4] == "inc2\nstrasse 2 ist uberflutet\nzoe 2\n"
        named = connection.execute(text("SELECT ref, name, search FROM customers")).fetchall()
        assert [row.search for row in named] == [searchable_customer(row.ref, row.name) for row in named]
        assert len(named) == CUSTOMERS
        assert connection.scalar(text("SELECT count(*) FROM messages WHERE withdrawn_at IS NULL")) == 1
    store.close()


A_CONTACT = """
INSERT INTO contacts (customer_id, name, email, phone, role) VALUES (:id, :name, :email, :phone, '')
"""
A_SERVICE = "INSERT INTO services (customer_id, name) VALUES (:id, :name)"


def test_people_that_a_database_held_before_the_third_migration_are_found_after_it(at_0001: str) -> None:
    engine = create_engine(parse_url(at_0001))
    with engine.begin() as connection:
        people = [
            {
                "id": number,
                "name": f"Zoé {number}",
                "email": f"ZOE@ORG{number}.example",
                "phone": f"022 555 {number:04}" if number % 5 else "no telephone",
            }
            for number in range(1, CUSTOMERS + 1)
        ]
        connection.execute(text(A_CONTACT), people)
        connection.execute(
            text(A_SERVICE), [{"id": one["id"], "name": f"Drive {one['id']}"} for one in people]
        )
    engine.dispose()
    store = Store.open(at_0001)
    with store.connect() as connection:
        rows = connection.execute(text("SELECT * FROM contacts ORDER BY customer_id")).fetchall()
        assert len(rows) == CUSTOMERS
        assert [row.search for row in rows] == [searchable_contact(row.name, row.email) for row in rows]
        assert [row.e164 for row in rows[:6]] == [
            "+41225550001",
            "+41225550002",
            "+41225550003",
            "+41225550004",
            "",
            "+41225550006",
        ]
        assert (rows[0].address, rows[0].domain) == ("zoe@org1.example", "org1.example")
        assert (rows[-1].address, rows[-1].domain) == (
            f"zoe@org{CUSTOMERS}.example",
            f"org{CUSTOMERS}.example",
        )
        named = connection.execute(text("SELECT search FROM services ORDER BY customer_id")).scalars().all()
        assert named == [f"drive {number}" for number in range(1, CUSTOMERS + 1)]
        found = finding.find(connection, "+41 22 555 11 99", "CH", 20)
        assert [one.customer for one in found] == ["C-1199"]
    store.close()


def test_a_database_that_was_migrated_with_its_rows_has_the_tables_of_a_new_one(at_0001: str) -> None:
    store = Store.open(at_0001)
    with store.connect() as connection:
        assert indexes.tickets is schema.tickets
        assert differences(connection) == []
    store.close()


def test_the_entries_of_before_the_third_migration_are_chained_by_it(
    at_0001: str, offer, clock, tmp_path
) -> None:
    """R20"""
    desk = open_desk(at_0001, offer, "Léa", clock=clock, keyring=Keyring(tmp_path / "k"))
    assert desk.audit.verify() == ChainReport(
        entries=ENTRIES, unsealed_before=ENTRIES, head=desk.audit.verify().head
    )
    assert str(desk.audit.verify().head).startswith(f"{3 * ENTRIES}:")
    with desk.context.writing() as tx:
        desk.context.record(tx, clock(), "take", "INC2", {}, 4, customer="C-2")
    report = desk.audit.verify()
    assert (report.holds, report.entries, report.unsealed_before) == (True, ENTRIES + 1, ENTRIES)
    first, second, *_, last = desk.audit.entries()
    assert (first.customer, first.outcome, second.customer) == ("C-2", "done", "")
    assert (last.id, last.customer) == (3 * ENTRIES + 1, "C-2")
    for statement in ("UPDATE audit SET operator = 'x'", "DELETE FROM audit"):
        with pytest.raises(Exception, match="the audit is append-only"), desk.store.begin() as tx:
            tx.connection.execute(text(statement))
    desk.close()


REPLACE = """
INSERT INTO audit (id, at, operator, workstation, act, subject, detail, revision)
SELECT id, at, 'x', workstation, act, subject, detail, revision FROM audit WHERE true
ON CONFLICT (id) DO UPDATE SET operator = 'x'
"""


@pytest.mark.parametrize("statement", ["UPDATE audit SET operator = 'x'", "DELETE FROM audit", REPLACE])
def test_the_database_itself_refuses_to_change_the_audit(store: Store, statement: str) -> None:
    """R20"""
    with store.begin() as tx:
        tx.connection.execute(
            text(
                "INSERT INTO audit (at, operator, workstation, act, subject, detail, revision)"
                " VALUES (0, 'Léa', 'desk', 'take', 'T-1', '{}', 1)"
            )
        )
    if store.dialect == "sqlite" and statement == REPLACE:
        statement = statement[: statement.index("ON CONFLICT")].replace("INSERT", "INSERT OR REPLACE")
    with pytest.raises(Exception, match="the audit is append-only"), store.begin() as tx:
        tx.connection.execute(text(statement))
    with store.connect() as connection:
        assert connection.scalar(text("SELECT operator FROM audit")) == "Léa"


A_CODE = """
INSERT INTO codes (id, customer_id, kind, contact, digest, sealed, key_id, issued_at)
VALUES (1, 1, 'vip', '', 'digest', 'sealed', 'key', 1)
"""


@pytest.fixture
def at_0003(at_0001: str) -> str:
    """The URL of a database at the third migration, with rows in it."""
    engine = create_engine(parse_url(at_0001))
    with engine.begin() as connection:
        config = alembic_config()
        config.attributes["connection"] = connection
        command.upgrade(config, "0003")
        connection.execute(text(A_CODE))
    engine.dispose()
    return at_0001


def test_a_database_of_before_the_line_keeps_what_it_held_and_takes_calls(at_0003: str, offer, clock) -> None:
    with pytest.raises(StoreUnavailable, match="has schema 0003; this oncall-tui needs 0007"):
        Store.open(at_0003, upgrade=False)
    desk = open_desk(at_0003, offer, "Léa", clock=clock)
    with desk.store.connect() as connection:
        counted = [
            connection.scalar(text(f"SELECT count(*) FROM {table}"))
            for table in ("customers", "tickets", "audit", "codes", "calls", "call_steps", "call_records")
        ]
        assert counted == [CUSTOMERS, TICKETS, ENTRIES, 1, 0, 0, 0]
        assert indexes.calls is schema.calls
        assert differences(connection) == []
    call = desk.calls.ring("+41 22 555 01 40", external_id="x1")
    desk.calls.hang_up("x1")
    assert [line.call.ref for line in desk.call_log.page().lines] == [call.ref]
    for statement in ("UPDATE call_records SET language = 'de'", "DELETE FROM calls"):
        with pytest.raises(Exception, match="calls are append-only"), desk.store.begin() as tx:
            tx.connection.execute(text(statement))
    desk.close()
