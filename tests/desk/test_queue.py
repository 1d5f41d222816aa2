"""The board's reading side: order, queues, counts, changes, and the past."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from support import CUSTOMERS, NOW, HandClock

from oncall_tui.desk import Desk, open_desk
from oncall_tui.desk.queue import QueueDesk
from oncall_tui.domain.errors import Refused
from oncall_tui.domain.filters import Filter
from oncall_tui.domain.offer import Offer
from oncall_tui.domain.queue import QUEUES, Changes, Order, Queue, QueueKey, queue_named
from oncall_tui.domain.queue_index import sort_key
from oncall_tui.domain.sla import REAL_TIME, Urgency
from oncall_tui.domain.tickets import REAL_TIME_CALENDAR, Channel, Means, Ticket
from oncall_tui.store import calendars, customers, maintenance

ALL = queue_named("all")


@pytest.fixture
def busy(desk: Desk, clock: HandClock, open_as: Callable[..., Desk]) -> Desk:
    """Sixty tickets over two days, some taken, answered, promised, handed over, closed and reopened."""
    chance = random.Random(7)
    desks = [desk, open_as("Marc")]
    clock.now = NOW - timedelta(days=2)
    filed: list[Ticket] = []
    while clock.now < NOW:
        clock.advance(minutes=chance.randint(1, 60))
        one = chance.choice(desks)
        customer = chance.choice(["leman", "moret", "tessin", "jardin"])
        channels = [Channel.EMAIL, Channel.PHONE]
        if customer in {"leman", "moret"}:
            channels.append(Channel.EMERGENCY)
        filed.append(
            one.tickets.new(customer=customer, channel=chance.choice(channels), subject=f"No {len(filed)}")
        )
        for ticket in chance.sample(filed, min(3, len(filed))):
            ticket = one.tickets.find(ticket.ref)
            clock.advance(seconds=chance.randint(0, 40))
            if ticket.closed_at is not None:
                if chance.random() < 0.4:
                    one.tickets.reopen(ticket.id)
                continue
            match chance.randrange(6):
                case 0 if ticket.owner is None:
                    one.tickets.take(ticket.id)
                case 1:
                    one.tickets.answer(ticket.id, Means.EMAIL)
                case 2:
                    one.tickets.promise(ticket.id, clock.now + timedelta(minutes=chance.randint(10, 300)))
                case 3 if ticket.owner != "Zoé":
                    one.tickets.hand_over(ticket.id, "Zoé")
                case 4:
                    one.tickets.close(ticket.id, reason="done")
    return desk


def everything(desk: Desk) -> list[Ticket]:
    return list(desk.queue.rows(range(1, 200)).values())


def test_each_queue_holds_what_it_says_in_the_order_of_r10(busy: Desk, clock: HandClock) -> None:
    for queue in QUEUES:
        assert_holds(busy, clock, queue)


def assert_holds(busy: Desk, clock: HandClock, queue: Queue) -> None:
    expected = sorted(
        (ticket for ticket in everything(busy) if queue.holds(ticket, "Léa", clock.now)), key=QueueKey.of
    )
    assert busy.queue.page(queue, limit=1000) == expected
    assert busy.queue.page(queue, limit=3) == expected[:3]
    index = busy.queue.index(queue).index
    assert index.slice(0, 1000) == [ticket.id for ticket in expected]
    assert busy.queue.counts().queues[queue.name] == len(expected)
    assert busy.queue.page(queue, limit=1000, as_of=clock.now) == expected


def test_running_clocks_come_first_and_the_rest_oldest_first(busy: Desk) -> None:
    """R10"""
    page = busy.queue.page(ALL, limit=1000)
    due = [ticket.due_at for ticket in page]
    clocked = [instant for instant in due if instant is not None]
    assert due[: len(clocked)] == sorted(clocked)
    rest = page[len(clocked) :]
    assert rest
    assert [ticket.received_at for ticket in rest] == sorted(ticket.received_at for ticket in rest)


def test_the_counts_by_urgency_agree_with_the_tickets(busy: Desk, clock: HandClock) -> None:
    seen = [ticket.urgency(clock.now) for ticket in everything(busy) if ticket.closed_at is None]
    assert busy.queue.counts().urgencies == {urgency: seen.count(urgency) for urgency in Urgency}
    assert len(set(seen)) >= 4, "the sample should show them"


def test_the_second_order_is_by_opening_time_left(busy: Desk, clock: HandClock) -> None:
    for hours in (0, 4, 5, 17):
        clock.advance(hours=hours)
        assert_by_opening(busy, clock)


def assert_by_opening(busy: Desk, clock: HandClock) -> None:
    page = busy.queue.page(ALL, limit=1000, order=Order.OPENING)
    left = [busy.queue.opening_left(ticket, clock.now) for ticket in page]
    running = [each for each in left if each is not None]
    assert left[: len(running)] == sorted(running)
    assert busy.queue.page(ALL, limit=5, order=Order.OPENING) == page[:5]
    assert busy.queue.page(ALL, limit=1000, order=Order.OPENING, as_of=clock.now) == page


def test_every_order_is_the_same_in_the_database_in_memory_and_in_the_look_back(
    busy: Desk, clock: HandClock
) -> None:
    with busy.store.connect() as connection:
        hours = {**calendars.all_of(connection), REAL_TIME_CALENDAR: REAL_TIME}
    queue = ALL.narrowed(Filter.parse("!customer:leman,moret"))
    for order in Order:
        for each in (ALL, queue_named("pro"), queue_named("unassigned"), queue):
            expected = sorted(
                (ticket for ticket in everything(busy) if each.holds(ticket, "Léa", clock.now)),
                key=lambda ticket: sort_key(ticket, order, lambda which: hours[which].coordinate(clock.now)),
            )
            assert expected
            assert busy.queue.page(each, limit=1000, order=order) == expected
            assert busy.queue.page(each, limit=5, order=order) == expected[:5]
            assert busy.queue.page(each, limit=1000, order=order, as_of=clock.now) == expected


def test_the_past_is_what_was_seen_then(desk: Desk, clock: HandClock, open_as: Callable[..., Desk]) -> None:
    """What the board showed at an instant is what `--now` shows of it ever after."""
    seen: list[tuple[datetime, list[tuple[object, ...]]]] = []

    def look(as_of: datetime | None = None) -> list[tuple[object, ...]]:
        return [
            (t.ref, t.owner, t.state, t.clock, t.due_at) for t in desk.queue.page(ALL, limit=100, as_of=as_of)
        ]

    marc = open_as("Marc")
    first = desk.tickets.new(customer="leman", channel=Channel.EMERGENCY, subject="First")
    steps: list[Callable[[], object]] = [
        lambda: desk.tickets.take(first.id),
        lambda: desk.tickets.promise(first.id, clock.now + timedelta(minutes=10)),
        lambda: desk.tickets.promise(first.id, clock.now + timedelta(minutes=40)),
        lambda: marc.tickets.hand_over(first.id, "Marc"),
        lambda: marc.tickets.new(customer="moret", channel=Channel.PHONE, subject="Second"),
        lambda: marc.tickets.answer(first.id, Means.PHONE),
        lambda: marc.tickets.close(first.id),
        lambda: desk.tickets.reopen(first.id),
        lambda: desk.tickets.promise(first.id, clock.now + timedelta(minutes=40)),
        lambda: desk.tickets.close(first.id),
    ]
    for step in steps:
        seen.append((clock.now + timedelta(seconds=30), look()))
        clock.advance(minutes=1)
        step()
    for instant, then in seen:
        assert look(as_of=instant) == then
    assert look(as_of=NOW - timedelta(seconds=1)) == []


def test_a_replay_shows_what_there_was_and_moves_on(busy: Desk, clock: HandClock) -> None:
    context = busy.context
    replay = open_desk(
        context.store.engine.url.render_as_string(hide_password=False),
        context.offer,
        "Léa",
        clock=clock,
        replay=True,
    )
    for hours in (30, 20, 3):
        clock.now = NOW - timedelta(hours=hours)
        for queue in QUEUES:
            expected = busy.queue.page(queue, limit=1000, as_of=clock.now)
            assert replay.queue.page(queue, limit=1000) == expected
            assert replay.queue.index(queue).index.slice(0, 1000) == [ticket.id for ticket in expected]
            assert replay.queue.counts().queues[queue.name] == len(expected)
            rows = replay.queue.rows([ticket.id for ticket in expected])
            assert [rows[ticket.id] for ticket in expected] == expected
        first = replay.queue.page(ALL, limit=1)[0]
        assert replay.tickets.detail(first.id).ticket == first
        assert not replay.queue.changed_since(0).complete
    with pytest.raises(Refused, match="read-only"):
        replay.tickets.take(1)
    replay.close()


def test_changes_since_a_revision_are_those_tickets_and_no_others(desk: Desk) -> None:
    one = desk.tickets.new(customer="leman", channel=Channel.EMAIL, subject="One")
    two = desk.tickets.new(customer="moret", channel=Channel.EMAIL, subject="Two")
    board = desk.queue.index(ALL)
    assert desk.queue.changed_since(board.revision).tickets == ()
    desk.tickets.close(two.id, reason="Spam")
    changes = desk.queue.changed_since(board.revision)
    assert [(ticket.ref, ticket.state) for ticket in changes.tickets] == [(two.ref, "closed")]
    assert changes.complete
    desk.tickets.note(one.id, "Seen.")
    assert [ticket.ref for ticket in desk.queue.changed_since(changes.revision).tickets] == [one.ref]


def test_too_many_changes_say_so(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("oncall_tui.store.queues.CHANGES_AT_MOST", 3)
    for number in range(4):
        desk.tickets.new(customer="leman", channel=Channel.EMAIL, subject=f"No {number}")
    assert desk.queue.changed_since(0).complete is False


@pytest.mark.parametrize("order", Order)
def test_the_index_is_the_page_in_every_order(busy: Desk, clock: HandClock, order: Order) -> None:
    for queue in (ALL, queue_named("pro"), queue_named("unassigned")):
        page = busy.queue.page(queue, limit=1000, order=order)
        index = busy.queue.index(queue, order).index
        index.advance({each: hours.coordinate(clock.now) for each, hours in busy.queue.hours().items()})
        assert index.slice(0, 1000) == [ticket.id for ticket in page]


def test_counts_follow_what_changes_and_agree_with_a_count_anew(busy: Desk, clock: HandClock) -> None:
    busy.queue.counts()
    one = busy.tickets.new(customer="leman", channel=Channel.EMERGENCY, subject="One more")
    busy.tickets.take(one.id)
    clock.advance(hours=2)
    fresh = QueueDesk(busy.context).counts()
    assert busy.queue.counts() == fresh
    assert fresh.queues["all"] == sum(ticket.closed_at is None for ticket in everything(busy))


def test_another_database_in_its_place_is_read_anew(
    sqlite_url: str, tmp_path: Path, offer: Offer, clock: HandClock
) -> None:
    """A restored backup may be older, or newer, than what was read."""
    desk = open_desk(sqlite_url, offer, "Léa", clock=clock)
    with desk.store.begin() as tx:
        customers.add(tx, [(customer, None) for customer in CUSTOMERS])
    desk.tickets.new(customer="leman", channel=Channel.EMAIL, subject="Before the backup")
    maintenance.backup(desk.store, tmp_path / "backup.db", lambda done, total: None)
    for number in range(3):
        desk.tickets.new(customer="leman", channel=Channel.EMAIL, subject=f"After {number}")
    board = desk.queue.index(ALL)
    changes, counts = desk.queue.look(board.revision)
    assert (changes, counts.queues["all"]) == (Changes(board.revision, ()), 4)
    (tmp_path / "backup.db").replace(tmp_path / "oncall.db")
    changes, counts = desk.queue.look(board.revision)
    assert changes is not None
    assert not changes.complete
    assert counts.queues["all"] == 1
    desk.close()
