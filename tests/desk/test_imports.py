"""Imports: what is created, completed and left alone, in which transactions, and who is told of what."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from hostile import HOSTILE
from importing import import_customers, import_tickets, rows_of
from support import NOW, HandClock

from oncall_tui.desk import Desk
from oncall_tui.desk.imports import BATCH_BYTES, BATCH_ROWS, ImportResult
from oncall_tui.domain.errors import Conflict, Refused
from oncall_tui.domain.filters import Filter
from oncall_tui.domain.plans import Plan
from oncall_tui.domain.queue import queue_named
from oncall_tui.domain.records import Rejection
from oncall_tui.domain.tickets import Channel, Means, State
from oncall_tui.sources.records import parse_ticket
from oncall_tui.store import customers as customer_store

OpenAs = Callable[..., Desk]


def ticket(ref: str = "T-1", **fields: object) -> dict[str, object]:
    return {
        "ref": ref,
        "customer": "leman",
        "channel": "email",
        "subject": "Mail queue stuck",
        "received_at": "2026-03-26T10:00:00+01:00",
    } | fields


def customer(ref: str = "acme", **fields: object) -> dict[str, object]:
    return {"id": ref, "name": "Acme SA", "plan": "plus"} | fields


def stored(desk: Desk, ref: str) -> Any:
    with desk.store.connect() as connection:
        return customer_store.find(connection, ref)[1]


def revision(desk: Desk) -> int:
    return desk.queue.changed_since(0).revision


WHOLE: dict[str, object] = {
    "subscribed_on": "2026-01-31",
    "partner": True,
    "vip_code": "407182",
    "language": "fr",
    "contacts": [{"name": "A. Rochat", "email": "a@acme.ch", "support_code": "1234567"}],
    "services": ["VPS", "Mail"],
    "managers": [{"name": "Marc", "technical": True}],
    "access": [{"service": "Mail", "granted_at": "2026-03-01T10:00Z", "until": "2026-04-01T10:00Z"}],
}


class TestTickets:
    def test_a_ticket_is_stored_with_the_clock_of_its_receipt(self, desk: Desk) -> None:
        """R5, R9"""
        result, rejected = import_tickets(
            desk, ticket(body="Hello\nworld", contact="A. Rochat"), ticket("T-2", customer="jardin")
        )
        assert (result, rejected) == (ImportResult(read=2, created=2), [])
        found = desk.tickets.find("T-1")
        assert (found.plan, found.channel, found.customer_name) == (
            Plan.ENTERPRISE,
            Channel.EMAIL,
            "Banque du Léman",
        )
        assert found.due_at is not None
        assert found.due_at.isoformat() == "2026-03-26T10:00:00+00:00", "an hour of opening time later"
        assert (found.recorded_at, found.contact, found.state) == (NOW, "A. Rochat", State.NEW)
        assert desk.tickets.detail(found.id).body == "Hello\nworld"
        assert desk.tickets.find("T-2").due_at is None

    def test_a_ticket_that_was_handled_elsewhere_comes_as_handled(self, desk: Desk) -> None:
        import_tickets(
            desk,
            ticket(owner="Marc", answered_at="2026-03-26T10:30+01:00", closed_at="2026-03-26T12:00+01:00"),
            ticket("T-2", owner="Marc"),
        )
        closed = desk.tickets.find("T-1")
        assert (closed.state, closed.owner, closed.answered_by, closed.met) == (
            State.CLOSED,
            "Marc",
            "Marc",
            True,
        )
        assigned = desk.tickets.find("T-2")
        assert (assigned.state, assigned.owner) == (State.ASSIGNED, "Marc")
        earlier = desk.tickets.detail(assigned.id, as_of=NOW - timedelta(hours=1)).ticket
        assert earlier.owner == "Marc", "a look back shows the owner that the file names"

    def test_importing_again_changes_nothing(self, desk: Desk) -> None:
        found = [ticket(f"T-{number}") for number in range(5)]
        import_tickets(desk, *found)
        before = [desk.tickets.find(f"T-{number}") for number in range(5)]
        result, _ = import_tickets(desk, *found)
        assert result == ImportResult(read=5, unchanged=5)
        assert [desk.tickets.find(f"T-{number}") for number in range(5)] == before

    def test_another_notation_of_the_same_row_is_nothing_new(self, desk: Desk) -> None:
        import_tickets(desk, ticket(answered_at="2026-03-26T10:30:00+01:00"))
        same = ticket(
            received_at="2026-03-26 09:00Z",
            answered_at="2026-03-26T10:30",
            subject=" Mail queue stuck",
            body="",
        )
        assert import_tickets(desk, same)[0] == ImportResult(read=1, unchanged=1)

    def test_what_is_said_anew_is_taken_over_and_what_is_left_out_stays(self, desk: Desk) -> None:
        import_tickets(desk, ticket(body="Old body", contact="A. Rochat"))
        result, _ = import_tickets(desk, ticket(subject="Mail queue stuck again", contact=None, body=""))
        assert result == ImportResult(read=1, updated=1)
        found = desk.tickets.find("T-1")
        assert (found.subject, found.contact) == ("Mail queue stuck again", "A. Rochat")
        assert desk.tickets.detail(found.id).body == "Old body"
        assert found.version == 1, "new words are no act: nobody's key is refused over them"

    def test_an_owner_an_answer_and_a_closing_are_added_where_there_are_none(self, desk: Desk) -> None:
        import_tickets(desk, ticket())
        before = desk.tickets.find("T-1")
        import_tickets(desk, ticket(owner="Marc", answered_at="2026-03-26T10:30+01:00"))
        found = desk.tickets.find("T-1")
        assert (found.state, found.owner, found.answered_by) == (State.IN_PROGRESS, "Marc", "Marc")
        with pytest.raises(Conflict):
            desk.tickets.take(found.id, version=before.version)
        (entry,) = desk.tickets.detail(found.id).history
        assert (entry.operator, entry.act) == ("Léa", "import tickets")
        assert entry.detail == {"owner": "Marc", "answered_at": "2026-03-26T09:30:00+00:00"}

    def test_what_engineers_did_stays_done(self, desk: Desk, clock: HandClock) -> None:
        import_tickets(desk, ticket())
        ticket_id = desk.tickets.find("T-1").id
        desk.tickets.take(ticket_id)
        desk.tickets.answer(ticket_id, Means.PHONE)
        desk.tickets.close(ticket_id)
        done = desk.tickets.find("T-1")
        clock.advance(hours=1)
        import_tickets(
            desk,
            ticket(owner="Marc", answered_at="2026-03-26T11:00+01:00", closed_at="2026-03-26T11:00+01:00"),
        )
        after = desk.tickets.find("T-1")
        assert (after.owner, after.answered_at, after.closed_at) == ("Léa", NOW, NOW)
        assert after.version == done.version

    def test_a_ticket_that_was_reopened_stays_open_until_it_is_closed_anew(
        self, desk: Desk, clock: HandClock
    ) -> None:
        closed = {"answered_at": "2026-03-26T10:30+01:00", "closed_at": "2026-03-26T12:00+01:00"}
        import_tickets(desk, ticket(**closed))
        desk.tickets.reopen(desk.tickets.find("T-1").id)
        import_tickets(desk, ticket(**closed, subject="Mail queue stuck!"))
        assert desk.tickets.find("T-1").state is State.IN_PROGRESS
        clock.advance(hours=2)
        import_tickets(desk, ticket(**closed | {"closed_at": "2026-03-27T04:00+01:00"}))
        assert desk.tickets.find("T-1").state is State.CLOSED

    def test_an_answer_keeps_only_the_promises_made_before_it(self, desk: Desk) -> None:
        """R7"""
        import_tickets(desk, ticket(), ticket("T-2"))
        for ref in ("T-1", "T-2"):
            desk.tickets.promise(desk.tickets.find(ref).id, NOW + timedelta(hours=1))
        import_tickets(
            desk,
            ticket(answered_at="2026-03-26T10:30+01:00"),
            ticket("T-2", answered_at="2026-03-27T03:13+01:00"),
        )
        assert desk.tickets.find("T-1").promise is not None
        assert desk.tickets.find("T-2").promise is None

    @pytest.mark.parametrize(
        "changed",
        [{"customer": "moret"}, {"channel": "phone"}, {"received_at": "2026-03-26T09:00:00+01:00"}],
    )
    def test_what_a_request_was_received_with_stands(self, desk: Desk, changed: dict[str, object]) -> None:
        """R5"""
        import_tickets(desk, ticket())
        before = desk.tickets.find("T-1")
        result, ((line, reason),) = import_tickets(desk, ticket(**changed))
        assert (result.rejected, line) == (1, 1)
        assert reason.startswith(f"T-1 was received with {next(iter(changed))} ")
        assert reason.endswith("(R5)")
        assert desk.tickets.find("T-1") == before

    def test_rows_that_no_rule_allows_are_rejected_and_the_others_stored(self, desk: Desk) -> None:
        result, rejected = import_tickets(
            desk,
            ticket("T-1", channel="emergency"),
            ticket("T-2", customer="nobody"),
            ticket("T-3", customer="tessin", channel="emergency"),
            ticket("T-4", received_at="2199-12-31T23:59:00Z"),
            ticket("T-5", channel="fax"),
            Rejection(6, "no JSON"),
            ticket("T-7"),
        )
        assert result == ImportResult(read=7, created=2, rejected=5)
        assert sorted(rejected) == [
            (2, "no customer 'nobody'; import its row of customers first, then this one"),
            (3, "the plus plan has no emergency line; file it with channel email or phone (R11)"),
            (
                4,
                "opening hours are known for the years 1980 to 2199 only; "
                "check the date and the length of the budget",
            ),
            (5, "unknown channel 'fax'; allowed: email, phone, emergency"),
            (6, "no JSON"),
        ]
        assert desk.tickets.find("T-1").due_at is not None

    def test_the_second_row_of_a_reference_is_rejected_however_far_away(self, desk: Desk) -> None:
        found = [ticket(f"T-{number}") for number in range(BATCH_ROWS + 10)]
        result, rejected = import_tickets(desk, *found[:5], found[2], *found[5:], found[7] | {"subject": "x"})
        assert result == ImportResult(read=len(found) + 2, created=len(found), rejected=2)
        assert rejected == [
            (6, "T-2 stands on line 3 already"),
            (len(found) + 2, "T-7 stands on line 9 already"),
        ]
        assert desk.tickets.find("T-7").subject == "Mail queue stuck"

    def test_a_dry_run_says_the_same_and_stores_nothing(self, desk: Desk, open_as: OpenAs) -> None:
        import_tickets(desk, ticket(), ticket("T-2"))
        before = revision(desk)
        found = [
            ticket(),
            ticket("T-2", subject="x"),
            ticket("T-3"),
            ticket("T-3"),
            ticket("T-4", customer="?"),
        ]
        dry = import_tickets(open_as("Marc", read_only=True), *found, dry_run=True)
        assert dry[0] == ImportResult(read=5, created=1, updated=1, unchanged=1, rejected=2)
        assert revision(desk) == before
        assert import_tickets(desk, *found) == dry

    def test_a_read_only_desk_refuses(self, open_as: OpenAs) -> None:
        with pytest.raises(Refused, match="read-only"):
            import_tickets(open_as("Marc", read_only=True), ticket())

    def test_batches_are_transactions_with_one_audit_entry_each(self, desk: Desk) -> None:
        before = revision(desk)
        told: list[ImportResult] = []
        count = 2 * BATCH_ROWS + 1
        import_tickets(desk, *(ticket(f"T-{number}") for number in range(count)), progress=told.append)
        assert revision(desk) == before + 3
        assert [result.created for result in told] == [BATCH_ROWS, 2 * BATCH_ROWS, count]
        with desk.store.connect() as connection:
            entries = connection.exec_driver_sql(
                "SELECT operator, act, subject, detail FROM audit WHERE act = 'import tickets' ORDER BY id"
            ).fetchall()
        assert [tuple(entry[:3]) for entry in entries] == [("Léa", "import tickets", "night.jsonl")] * 3
        assert [json.loads(entry[3])["lines"] for entry in entries] == [
            "1 to 1000",
            "1001 to 2000",
            "2001 to 2001",
        ]

    def test_long_rows_make_short_batches(self, desk: Desk) -> None:
        told: list[ImportResult] = []
        rows = rows_of(parse_ticket, desk, (ticket(f"T-{number}") for number in range(6)), BATCH_BYTES // 2)
        desk.imports.tickets(rows, source="x", progress=told.append)
        assert [result.created for result in told] == [2, 4, 6]

    def test_a_failure_keeps_the_batches_before_it(self, desk: Desk) -> None:
        def failing() -> Iterator[Any]:
            yield from (ticket(f"T-{number}") for number in range(BATCH_ROWS + 10))
            raise OSError("the disk is gone")

        with pytest.raises(OSError, match="the disk is gone"):
            desk.imports.tickets(rows_of(parse_ticket, desk, failing()), source="x")
        assert len(desk.queue.index(queue_named("all")).index) == BATCH_ROWS

    def test_rows_are_taken_as_they_come(self, desk: Desk) -> None:
        """A file of any length: no more than a batch is read ahead of what is stored."""
        ahead = 0

        def counting() -> Iterator[Any]:
            nonlocal ahead
            for number in range(5 * BATCH_ROWS):
                ahead += 1
                assert ahead <= BATCH_ROWS
                yield ticket(f"T-{number}") if number % 3 else Rejection(number + 1, "no JSON")

        def stored(_result: ImportResult) -> None:
            nonlocal ahead
            ahead = 0

        result = desk.imports.tickets(rows_of(parse_ticket, desk, counting()), source="x", progress=stored)
        assert result.read == 5 * BATCH_ROWS

    def test_an_upgrade_between_two_batches_counts_for_the_second(self, desk: Desk, open_as: OpenAs) -> None:
        other = open_as("Marc")

        def upgrade(_result: ImportResult) -> None:
            import_customers(other, {"id": "tessin", "name": "Tessin Immobilien", "plan": "pro"})

        found = (ticket(f"T-{number}", customer="tessin") for number in range(BATCH_ROWS + 1))
        desk.imports.tickets(rows_of(parse_ticket, desk, found), source="x", progress=upgrade)
        assert desk.tickets.find(f"T-{BATCH_ROWS}").plan is Plan.PRO

    def test_hostile_text_is_stored_clean(self, desk: Desk) -> None:
        found = [
            ticket(f"T-{number}", subject=f"x{text}", body=text, contact=text, owner=text)
            for number, text in enumerate(HOSTILE.values())
        ]
        assert import_tickets(desk, *found)[0].created == len(HOSTILE)
        for number, name in enumerate(HOSTILE):
            kept = desk.tickets.find(f"T-{number}")
            shown = f"{kept.subject}{kept.contact}{kept.owner}{desk.tickets.detail(kept.id).body}"
            assert not [c for c in shown if (c < " " and c != "\n") or "\x7f" <= c <= "\x9f"], name


class TestCustomers:
    def test_a_customer_is_stored_with_everybody_and_everything(self, desk: Desk) -> None:
        result, _ = import_customers(desk, customer(**WHOLE))
        assert result == ImportResult(read=1, created=1)
        found = stored(desk, "acme")
        assert (found.name, found.plan, found.partner, found.language) == ("Acme SA", Plan.PLUS, True, "fr")
        assert [contact.name for contact in found.contacts] == ["A. Rochat"]
        assert found.services == ("VPS", "Mail")
        assert (found.managers[0].technical, found.access[0].service) == (True, "Mail")

    def test_importing_again_changes_nothing_and_what_is_left_out_stays(self, desk: Desk) -> None:
        import_customers(desk, customer(**WHOLE))
        before = stored(desk, "acme")
        assert import_customers(desk, customer(**WHOLE))[0] == ImportResult(read=1, unchanged=1)
        result, _ = import_customers(desk, customer(name="Acme Suisse SA", contacts=None))
        assert result == ImportResult(read=1, updated=1)
        after = stored(desk, "acme")
        assert after.name == "Acme Suisse SA"
        assert (after.contacts, after.services, after.managers, after.access) == (
            before.contacts,
            before.services,
            before.managers,
            before.access,
        )
        assert (after.subscribed_on, after.partner) == (before.subscribed_on, True)

    def test_another_code_alone_is_something_new_and_no_code_is_stored_in_clear(self, desk: Desk) -> None:
        """R19"""
        import_customers(desk, customer(**WHOLE))
        result, _ = import_customers(desk, customer(**WHOLE | {"vip_code": "999999"}))
        assert result.updated == 1
        result, _ = import_customers(desk, customer(**WHOLE | {"vip_code": "999999"}))
        assert result.unchanged == 1
        with desk.store.connect() as connection:
            for table in ("customers", "contacts", "codes", "audit"):
                rows = connection.exec_driver_sql(f"SELECT * FROM {table}").fetchall()
                assert not {"407182", "1234567"} & {str(value) for row in rows for value in row}

    def test_a_plan_never_goes_down(self, desk: Desk) -> None:
        """R21"""
        import_customers(desk, customer(plan="pro"))
        result, rejected = import_customers(desk, customer(plan="plus", name="Other"), customer("b"))
        assert result == ImportResult(read=2, created=1, rejected=1)
        assert rejected == [
            (1, "the plan of acme is pro, the row says plus; a plan can go up, never down (R21)")
        ]
        assert (stored(desk, "acme").plan, stored(desk, "acme").name) == (Plan.PRO, "Acme SA")

    def test_an_upgrade_moves_the_clocks_that_still_run(self, desk: Desk, clock: HandClock) -> None:
        """R8: due = min(old due, upgrade + new budget in opening time); answered ones stay (R9)."""
        clock.now = NOW.replace(hour=8, minute=0, second=0)  # 09:00 in Geneva
        import_customers(desk, customer(), customer("free", plan="standard"))
        import_tickets(
            desk,
            ticket("new", customer="acme", received_at="2026-03-27T08:59:00+01:00"),
            ticket("old", customer="acme", received_at="2026-03-27T06:00:00+01:00"),
            ticket(
                "done",
                customer="acme",
                received_at="2026-03-27T06:00:00+01:00",
                answered_at="2026-03-27T07:00+01:00",
            ),
            ticket("free", customer="free", received_at="2026-03-27T06:00:00+01:00"),
        )
        due = {ref: desk.tickets.find(ref).response for ref in ("new", "old", "done")}
        import_customers(desk, customer(plan="pro"), customer("free", plan="enterprise"))

        new = desk.tickets.find("new")
        assert (new.plan, new.due_at) == (Plan.PRO, clock.now + timedelta(hours=2))
        assert new.budget == timedelta(hours=2)
        assert new.response is not None
        assert new.response.warning_at == clock.now + timedelta(hours=1)
        old = desk.tickets.find("old")
        assert (old.plan, old.response) == (Plan.PRO, due["old"]), "10:00 comes before 11:00"
        done = desk.tickets.find("done")
        assert (done.plan, done.response) == (Plan.PLUS, due["done"])
        free = desk.tickets.find("free")
        assert (free.plan, free.due_at) == (Plan.ENTERPRISE, clock.now + timedelta(hours=1))
        (entry,) = desk.tickets.detail(new.id).history
        assert (entry.act, entry.detail["plan"]) == ("upgrade", "plus to pro")

    def test_a_look_back_shows_plan_and_clock_as_they_were_before_each_upgrade(
        self, desk: Desk, clock: HandClock
    ) -> None:
        import_customers(desk, customer(plan="standard"))
        import_tickets(desk, ticket(customer="acme", received_at="2026-03-27T03:00:00+01:00"))
        asked_at, stood = [], []
        for plan in ("plus", "pro", "enterprise"):
            asked_at.append(clock.now)
            stood.append(desk.tickets.find("T-1"))
            clock.advance(hours=1)
            import_customers(desk, customer(plan=plan))
            clock.advance(hours=1)
        assert [(was.plan, was.budget) for was in stood] == [
            (Plan.STANDARD, None),
            (Plan.PLUS, timedelta(hours=4)),
            (Plan.PRO, timedelta(hours=2)),
        ]
        assert stood[0].due_at is None
        for instant, was in zip(asked_at, stood, strict=True):
            (seen,) = desk.queue.page(queue_named("all"), limit=5, as_of=instant)
            assert (seen.plan, seen.budget, seen.response) == (was.plan, was.budget, was.response)

    def test_the_second_row_of_an_id_is_rejected(self, desk: Desk) -> None:
        result, rejected = import_customers(desk, customer(), customer("b"), customer(name="Other"))
        assert result == ImportResult(read=3, created=2, rejected=1)
        assert rejected == [(3, "acme stands on line 1 already")]

    def test_a_dry_run_stores_nothing(self, desk: Desk) -> None:
        import_customers(desk, customer("b"))
        before = revision(desk)
        found = [customer(), customer("b", plan="standard"), customer("b"), customer("c", plan="gold")]
        dry = import_customers(desk, *found, dry_run=True)
        assert revision(desk) == before
        assert import_customers(desk, *found) == dry


def test_a_filter_finds_what_the_last_import_says(desk: Desk) -> None:
    def found(text: str) -> list[str]:
        queue = queue_named("all").narrowed(Filter.parse(text))
        return [each.ref for each in desk.queue.page(queue, limit=9)]

    import_tickets(desk, ticket(contact="Zoé"), ticket("T-2"))
    assert found("stuck zoe") == ["T-1"]
    import_tickets(desk, ticket(subject="Größe", owner="Marc"))
    assert found("stuck") == ["T-2"]
    assert found("grosse zoe owner:marc") == ["T-1"]
    import_customers(desk, customer("leman", name="Banca Ticinese", plan="enterprise"))
    assert found("ticinese") == ["T-1", "T-2"]
