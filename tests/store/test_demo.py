"""The sample world: what it says, and that it shows everything at once whenever it is opened."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from oncall_tui.config import load_settings
from oncall_tui.desk import Desk, open_desk
from oncall_tui.domain.clock import parse_instant
from oncall_tui.domain.offer import Offer
from oncall_tui.domain.plans import DEFAULT_TERMS, Plan
from oncall_tui.domain.queue import QUEUES
from oncall_tui.domain.sla import ClockKind, Urgency
from oncall_tui.domain.text import BODY_LIMIT, NAME_LIMIT, SUBJECT_LIMIT, clean, clean_body
from oncall_tui.domain.tickets import Act, Channel, MessageKind, State, Ticket
from oncall_tui.store import schema
from oncall_tui.store.demo import Asked, World, load_world, populate
from oncall_tui.store.engine import Store
from oncall_tui.store.tickets import read, select_tickets

ALL = QUEUES[0]

INSTANTS = [
    "2026-03-27T12:00:00+01:00",
    "2026-11-28T03:12:44.700+01:00",  # Saturday night
    "2026-11-29T16:40:00+01:00",  # Sunday afternoon: mail, no phone
    "2026-11-30T05:59:59+01:00",  # Monday, a second before the lines open
    "2026-11-30T06:00:00+01:00",
    "2026-11-30T06:03:10+01:00",
    "2026-11-30T18:59:30+01:00",
    "2026-11-30T22:58:00+01:00",  # just before the mail line shuts
    "2026-03-29T01:59:30+01:00",  # the clocks go forward
    "2026-03-29T03:00:30+02:00",
    "2026-10-25T02:30:00+02:00",  # 02:30 comes twice
    "2026-10-25T02:30:00+01:00",
    "2026-12-31T23:59:30+01:00",
    "2028-02-29T09:15:00+01:00",
]

Show = Callable[..., Desk]


@pytest.fixture
def show(tmp_path: Path, offer: Offer) -> Iterator[Show]:
    """Open a desk on a sample world of its own: `show("2026-03-27T12:00", tickets=5)`."""
    opened: list[Desk] = []

    def show_one(at: str, *, under: Offer = offer, operator: str = "Léa", **wanted: int) -> Desk:
        now = parse_instant(at, under.zone)
        url = f"sqlite:///{tmp_path / f'{len(opened)}.db'}"
        desk = open_desk(url, under, operator, clock=lambda: now)
        opened.append(desk)
        populate(desk.store, under, now, operator=operator, **wanted)
        return desk

    yield show_one
    for desk in opened:
        desk.close()


def open_tickets(desk: Desk) -> list[Ticket]:
    return desk.queue.page(ALL, limit=100_000)


def closed_tickets(desk: Desk) -> list[Ticket]:
    with desk.store.connect() as connection:
        query = select_tickets().where(schema.tickets.c.closed_at.is_not(None))
        return read(connection, query)


def rows(desk: Desk) -> dict[str, list[Any]]:
    """Everything that is in the store."""
    with desk.store.connect() as connection:
        return {
            table.name: [tuple(row) for row in connection.execute(select(table).order_by(*table.primary_key))]
            for table in schema.metadata.sorted_tables
        }


# What it says


@pytest.fixture(scope="module")
def world() -> World:
    return load_world()


def everything_asked(world: World) -> Iterator[Asked]:
    for plan in Plan:
        for channel in Channel:
            for organisation, request in world.askable(plan, channel):
                for contact in organisation.contacts:
                    yield Asked(organisation, contact, request)


def test_its_texts_are_clean_as_they_stand_and_short_enough_for_a_board(world: World) -> None:
    for request in world.requests:
        assert clean(request.subject, limit=60) == request.subject
    for asked in everything_asked(world):
        assert clean(asked.reach, limit=NAME_LIMIT) == asked.reach
        phrase = world.phrases[asked.request.language].update
        for text in (
            world.body(asked),
            world.note(asked),
            *(
                world.answer(asked, said, "Léa")
                for said in (asked.request.answer, asked.request.done, phrase)
            ),
        ):
            assert clean_body(text, limit=BODY_LIMIT) == text
            assert not set("{}ß") & set(text), "no gap left open, and Swiss spelling"
    for one in world.organisations:
        assert clean(one.name, limit=24) == one.name
    assert clean(world.sent_twice, limit=SUBJECT_LIMIT) == world.sent_twice


def test_every_request_has_somebody_who_asks_it_and_every_plan_asks_by_each_of_its_channels(
    world: World,
) -> None:
    asked = {one.request.subject for one in everything_asked(world)}
    assert asked == {request.subject for request in world.requests}
    for plan, terms in DEFAULT_TERMS.items():
        for channel in Channel:
            if channel is not Channel.EMERGENCY or terms.emergency:
                can_hurry = {one.subject for _, one in world.askable(plan, channel) if not one.question}
                assert len(can_hurry) >= 4, (plan, channel)


def test_the_emergency_line_is_for_infrastructure_in_french_and_english(world: World) -> None:
    """R11, R15"""
    ours = {"Backup", "Cloud server", "Domains", "Kubernetes", "Mail", "Object storage", "VPS"}
    emergencies = [request for request in world.requests if request.channel is Channel.EMERGENCY]
    assert {request.language for request in emergencies} == {"fr", "en"}
    assert {request.service for request in emergencies} <= ours


def test_its_people_are_invented_and_managers_follow_the_plan(world: World) -> None:
    """R22"""
    for one in world.organisations:
        assert all(contact.email.endswith(".example") for contact in one.contacts), one.id
        assert all(" 555 " in contact.phone for contact in one.contacts), one.id
        assert len(one.managers) == DEFAULT_TERMS[one.plan].managers, one.id
        technical = [manager for manager in one.managers if manager.technical]
        assert len(technical) == (1 if one.plan is Plan.ENTERPRISE else 0), one.id
    assert {one.language for one in world.organisations} == {"fr", "de", "en"}
    assert min(Counter(one.plan for one in world.organisations).values()) >= 4


# What it shows


@pytest.mark.parametrize("at", INSTANTS)
def test_every_queue_urgency_and_state_at_any_hour_and_one_thing_that_draws_the_eye(
    show: Show, at: str
) -> None:
    desk = show(at)
    now, found, counts = desk.clock(), open_tickets(desk), desk.queue.counts()
    assert len(found) == 42
    assert all(counts.queues.values()), counts.queues
    assert counts.queues["emergency"] <= 4
    urgencies = counts.urgencies
    assert 1 <= urgencies[Urgency.OVERDUE] <= 2
    assert 2 <= urgencies[Urgency.CRITICAL] <= 3
    assert 3 <= urgencies[Urgency.WARNING] <= 7
    assert min(urgencies[Urgency.OK], urgencies[Urgency.NONE]) >= 6
    assert {ticket.state for ticket in found} == {State.NEW, State.ASSIGNED, State.IN_PROGRESS}
    promised = {ticket.urgency(now) for ticket in found if ticket.clock is ClockKind.PROMISE}
    assert promised >= {Urgency.OVERDUE, Urgency.CRITICAL}, "one promise is broken, one is due soon"
    assert len({ticket.subject for ticket in found}) > 38, "hardly anything is asked twice"
    assert len({ticket.received_at.second for ticket in found}) > 15
    assert {ticket.owner for ticket in found} == {None, "Léa", "Marc", "Zoé", "Jonas", "Inès"}


@pytest.mark.parametrize("at", INSTANTS)
def test_nothing_is_dated_when_it_could_not_have_been(show: Show, offer: Offer, at: str) -> None:
    desk = show(at, tickets=120)
    now = desk.clock()
    phone = offer.calendar_for(Channel.PHONE)
    for ticket in [*open_tickets(desk), *closed_tickets(desk)]:
        detail = desk.tickets.detail(ticket.id)
        times = [entry.at for entry in detail.history]
        assert times == sorted(times)
        assert ticket.received_at <= ticket.recorded_at == times[0]
        assert times[-1] <= now
        if ticket.channel is Channel.PHONE:
            assert phone.elapsed(ticket.received_at, ticket.received_at + timedelta(seconds=1)), ticket
    closed = closed_tickets(desk)
    assert {ticket.met for ticket in closed} == {True, False, None}
    assert all(now - ticket.closed_at < timedelta(days=4) for ticket in closed if ticket.closed_at)


@pytest.mark.parametrize("tickets", [0, 1, 5, 42, 2_000])
def test_as_many_open_tickets_as_asked_for_and_from_five_on_all_there_is_to_see(
    show: Show, tickets: int
) -> None:
    desk = show("2026-11-29T03:12:44", tickets=tickets)
    counts = desk.queue.counts()
    assert counts.queues["all"] == tickets
    assert len(closed_tickets(desk)) == -(-tickets // 5)
    if tickets >= 5:
        assert all(counts.queues.values()), counts.queues
        assert all(counts.urgencies.values()), counts.urgencies
    refs = [
        int(ticket.ref.removeprefix("T-")) for ticket in sorted(open_tickets(desk), key=lambda one: one.id)
    ]
    assert refs == sorted(set(refs))


def test_ticket_conversation_history_and_past_agree(show: Show) -> None:
    desk = show("2026-03-27T12:00", tickets=400)
    for ticket in [*open_tickets(desk), *closed_tickets(desk)]:
        detail = desk.tickets.detail(ticket.id)
        acts = [entry.act for entry in detail.history]
        said = [message.kind for message in detail.messages]
        assert ticket.version == len(acts) - said.count(MessageKind.NOTE)
        assert (acts.count(Act.ANSWER), acts.count(Act.NOTE)) == (
            said.count(MessageKind.ANSWER),
            said.count(MessageKind.NOTE),
        )
        owner = None
        for entry in detail.history:
            if entry.act == Act.TAKE:
                owner = entry.operator
            elif entry.act == Act.HAND_OVER:
                assert owner == entry.operator
                owner = entry.detail["to"]
            before = desk.tickets.detail(ticket.id, as_of=entry.at).ticket
            assert before.owner == owner, "as it stood then"
        assert ticket.owner == owner
        guarantee = desk.offer.guarantee(ticket.plan, ticket.channel, ticket.received_at)
        assert (ticket.response and ticket.response.due_at) == (guarantee and guarantee.due_at)


def test_the_audit_is_in_order_of_time_across_batches(show: Show) -> None:
    desk = show("2026-11-30T06:03:10", tickets=2_000)
    with desk.store.connect() as connection:
        a = schema.audit.c
        times = connection.scalars(select(a.at).order_by(a.id)).all()
    assert times == sorted(times)
    assert len(times) > 4_000


def test_same_seed_same_world_another_seed_another(show: Show) -> None:
    first, again, other = (rows(show("2026-11-28T03:12:44", tickets=60, seed=seed)) for seed in (7, 7, 8))
    assert first == again
    assert first["tickets"] != other["tickets"]


def test_any_name_may_run_it(show: Show) -> None:
    desk = show("2026-03-27T12:00", operator="Ursula")
    mine = [ticket for ticket in open_tickets(desk) if ticket.owner == "Ursula"]
    assert 3 <= len(mine) <= 5
    assert ClockKind.PROMISE in {ticket.clock for ticket in mine}


def test_other_settings_make_another_board_and_no_error(show: Show, tmp_path: Path) -> None:
    settings = tmp_path / "settings.toml"
    settings.write_text(
        """
        timezone = "America/New_York"
        [calendars.email]
        mon = ["08:00-10:00"]
        [calendars.phone]
        tue = ["09:00-09:30"]
        [plans.enterprise]
        response = "none"
        [plans.pro]
        emergency = false
        [plans.plus]
        response = "300h"
        """
    )
    desk = show("2026-03-27T12:00", under=load_settings(settings, {}).offer)
    assert desk.queue.counts().queues["all"] == 42


def test_the_desk_goes_on_from_there_on_either_database(store: Store, offer: Offer) -> None:
    now = datetime(2026, 11, 28, 2, 12, 44, tzinfo=UTC)
    populate(store, offer, now, operator="Léa")
    url = store.engine.url.render_as_string(hide_password=False)
    desk = open_desk(url, offer, "Léa", clock=lambda: now + timedelta(minutes=1))
    found = [*open_tickets(desk), *closed_tickets(desk)]
    new = desk.tickets.new(customer="moret", channel=Channel.EMAIL, subject="Et encore une question")
    assert new.id == max(ticket.id for ticket in found) + 1
    assert new.ref == "T-" + str(max(int(ticket.ref.removeprefix("T-")) for ticket in found) + 1).zfill(6)
    first = next(ticket for ticket in found if ticket.state is State.NEW)
    assert desk.tickets.take(first.id, version=first.version).owner == "Léa"
    desk.close()
