"""The rest of the desk in the demo: lively, the same each time, and out of the operator's way."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select
from support import HandClock

from oncall_tui.cli.board import CODES_TO_TRY
from oncall_tui.config import load_settings
from oncall_tui.desk import Desk, demo, demo_calls, open_desk
from oncall_tui.domain.clock import parse_instant
from oncall_tui.domain.codes import Caller, Outcome
from oncall_tui.domain.offer import Offer
from oncall_tui.domain.plans import Plan
from oncall_tui.domain.queue import QUEUES, queue_named
from oncall_tui.domain.sla import Urgency
from oncall_tui.domain.tickets import Act, Channel, Ticket
from oncall_tui.store import schema
from oncall_tui.store.demo import load_world, populate
from oncall_tui.store.keyring import Keyring
from oncall_tui.translation import spoken

NIGHT, NOON = "2026-11-29T03:12:44", "2026-11-30T12:05:10"


def opened(folder: Path, offer: Offer, at: str, tickets: int = 42) -> Desk:
    clock = HandClock(parse_instant(at, offer.zone))
    desk = open_desk(f"sqlite:///{folder / 'demo.db'}", offer, "Léa", clock=clock)
    populate(desk.store, offer, clock(), tickets=tickets, operator="Léa")
    return desk


@pytest.fixture
def night(tmp_path: Path, offer: Offer) -> Iterator[Desk]:
    """Léa's desk on the sample world, on a Sunday at 03:12."""
    desk = opened(tmp_path, offer, NIGHT)
    yield desk
    desk.close()


def advance(desk: Desk, seconds: float) -> datetime:
    assert isinstance(desk.clock, HandClock)
    desk.clock.advance(seconds=seconds)
    return desk.clock()


def board(desk: Desk, queue: str = "all") -> list[Ticket]:
    return desk.queue.page(queue_named(queue), limit=1_000)


def events(desk: Desk) -> list[tuple[Any, ...]]:
    a = schema.audit.c
    with desk.store.connect() as connection:
        query = select(a.at, a.operator, a.act, a.subject, a.detail).order_by(a.id)
        return [tuple(row) for row in connection.execute(query)]


@pytest.mark.parametrize(("at", "tickets"), [(NIGHT, 42), (NOON, 42), (NOON, 5)])
def test_an_hour_in_which_nobody_helps_keeps_a_sane_board(
    tmp_path: Path, offer: Offer, at: str, tickets: int
) -> None:
    desk = opened(tmp_path, offer, at, tickets)
    arrivals, mine = demo.Arrivals(desk), board(desk, "mine")
    until = desk.clock() + timedelta(hours=1)
    sizes, overdue, acts = [], [], len(events(desk))
    advance(desk, demo.FIRST_AFTER)
    while desk.clock() < until:
        pause = arrivals.step()
        assert demo.PAUSE[0] <= pause <= demo.PAUSE[1]
        advance(desk, pause)
        found = board(desk)
        sizes.append(len(found))
        overdue.append(sum(ticket.urgency(desk.clock()) is Urgency.OVERDUE for ticket in found))
        assert board(desk, "unassigned")
    done = events(desk)[acts:]
    assert min(sizes) >= min(tickets, 30)
    assert max(sizes) <= max(tickets, 12) * 1.6
    assert max(overdue) <= 5
    assert {act for _, _, act, _, _ in done} >= {
        Act.NEW,
        Act.TAKE,
        Act.ANSWER,
        Act.PROMISE,
        Act.CLOSE,
        Act.NOTE,
    }
    assert "Léa" not in {operator for _, operator, _, _, _ in done}
    versions = {ticket.id: ticket.version for ticket in board(desk, "mine")}
    assert versions == {ticket.id: ticket.version for ticket in mine}, "nobody touched what is hers"
    desk.close()


def test_the_first_request_comes_within_ten_seconds_and_an_emergency_within_a_minute(night: Desk) -> None:
    started, before = night.clock(), {ticket.id for ticket in board(night)}
    arrivals = demo.Arrivals(night)
    first = advance(night, demo.FIRST_AFTER)
    assert first - started < timedelta(seconds=10)
    pause = arrivals.step()
    assert len({ticket.id for ticket in board(night)} - before) == 1
    while night.clock() + timedelta(seconds=pause) - started < timedelta(minutes=1):
        advance(night, pause)
        pause = arrivals.step()
    new = [ticket for ticket in board(night) if ticket.id not in before]
    assert Channel.EMERGENCY in {ticket.channel for ticket in new}
    assert all(ticket.subject and ticket.contact for ticket in new)


def test_the_most_urgent_requests_are_left_to_the_operator(night: Desk) -> None:
    arrivals = demo.Arrivals(night)
    for _ in range(60):
        urgent = board(night, "unassigned")[: demo.LEFT_TO_THE_OPERATOR]
        arrivals.step()
        advance(night, 2)
        free = {ticket.id for ticket in board(night, "unassigned")}
        assert {ticket.id for ticket in urgent} <= free


def test_same_seed_same_events(tmp_path: Path, offer: Offer) -> None:
    told = []
    for run, seed in enumerate((3, 3, 4)):
        folder = tmp_path / str(run)
        folder.mkdir()
        desk = opened(folder, offer, NOON)
        arrivals = demo.Arrivals(desk, seed)
        for _ in range(40):
            advance(desk, arrivals.step())
        told.append(events(desk))
        desk.close()
    assert told[0] == told[1]
    assert told[0] != told[2]


def test_an_operator_who_is_everywhere_at_once_disturbs_nobody(night: Desk) -> None:
    arrivals = demo.Arrivals(night)
    for _ in range(25):
        for ticket in board(night, "unassigned"):
            night.tickets.take(ticket.id)
        for ticket in board(night)[::7]:
            if ticket.owner != "Léa":
                night.tickets.hand_over(ticket.id, "Léa")
        advance(night, arrivals.step())
    assert board(night, "mine")


def test_an_empty_board_fills(tmp_path: Path, offer: Offer) -> None:
    desk = opened(tmp_path, offer, NIGHT, tickets=0)
    arrivals = demo.Arrivals(desk)
    for _ in range(60):
        advance(desk, arrivals.step())
    assert len(board(desk)) >= 5
    desk.close()


def test_it_runs_beside_the_board_until_it_is_stopped(night: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(demo, "FIRST_AFTER", 0.0)
    before = night.queue.index(QUEUES[0]).revision
    signal = night.queue.signal()
    assert signal.wait(5), "the first look"
    arrivals = demo.Arrivals(night)
    arrivals.start()
    assert signal.wait(10)
    arrivals.stop()
    assert night.queue.index(QUEUES[0]).revision > before
    signal.close()
    arrivals.stop()


def test_the_codes_of_the_sample_world_are_known(tmp_path: Path) -> None:
    """R16"""
    now = HandClock()
    offer = load_settings(None, {}).offer
    keyring = Keyring(tmp_path / "demo.key")
    desk = open_desk(f"sqlite:///{tmp_path / 'demo.db'}", offer, "me", clock=now, keyring=keyring)
    populate(desk.store, offer, now(), operator="me")
    world = load_world()
    for number, one in enumerate(world.organisations):
        caller = Caller(number=f"+4122555{number:04d}")
        if one.vip_code:
            found = desk.callers.look_up(one.vip_code, caller)
            assert (found.outcome, found.customer) == (Outcome.MATCH, one.id)
        if one.vip_code_before:
            assert desk.callers.look_up(one.vip_code_before, caller).outcome is Outcome.REVOKED
        for name, code in one.support_codes:
            assert desk.callers.look_up(code, caller).contact == name
        assert bool(one.vip_code) is (one.plan is not Plan.STANDARD)
    assert desk.audit.verify().holds
    tried = [line[2:14] for line in CODES_TO_TRY.splitlines() if line.startswith("  ")]
    assert [desk.callers.look_up(code, Caller()).outcome.value for code in tried] == [
        "match",
        "match",
        "revoked",
        "no_match",
        "transfer_code",
    ]
    desk.close()


def test_somebody_rings_within_the_first_minute_whom_a_visitor_can_verify(night: Desk) -> None:
    started, arrivals = night.clock(), demo.Arrivals(night)
    pause = demo.FIRST_AFTER
    while night.clock() + timedelta(seconds=pause) - started < timedelta(minutes=1):
        advance(night, pause)
        pause = arrivals.step()
    (call,) = night.calls.open()
    assert call.rings
    assert call.on_file is not None
    assert call.on_file.customer == "jorat"
    assert "VIP code of Banque du Jorat" in CODES_TO_TRY


def test_a_caller_whom_nobody_answers_gives_up_and_one_who_is_answered_stays(night: Desk) -> None:
    arrivals = demo.Arrivals(night)
    refs: set[str] = set()
    for _ in range(120):
        advance(night, arrivals.step())
        refs |= {call.ref for call in night.calls.open() if call.rings}
        if len(refs) == 2:
            break
    first, second = sorted(refs)
    missed = night.calls.get(first)
    assert not missed.open
    assert missed.operator is None
    night.calls.pick_up(second)
    for _ in range(20):
        advance(night, arrivals.step())
    assert night.calls.get(second).hung_up_at is None


def test_the_log_of_the_demo_begins_with_calls_of_the_night(night: Desk) -> None:
    demo_calls.tell_earlier(night, spoken)
    with night.store.connect() as connection:
        r = schema.call_records.c
        found = connection.execute(select(r.decision, r.reason, r.at).order_by(r.id)).all()
    assert {row.reason for row in found} > {"other_language", "wrong_number", "caller_not_verified", ""}
    assert {row.decision for row in found} == {"refused", "missed"}
    assert all(row.at < night.clock() for row in found)
    assert night.calls.open() == ()
