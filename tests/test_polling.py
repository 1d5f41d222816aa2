"""Sources are read by one desk at a time, and what goes out is sent once, whatever goes wrong meanwhile."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from letterboxes import Box, Heard
from support import HandClock
from watchers import wait_until

from oncall_tui.desk import Desk
from oncall_tui.domain.correspondence import Handed, SourceHealth
from oncall_tui.domain.errors import NotFound, Refused
from oncall_tui.domain.outgoing import OutgoingState
from oncall_tui.domain.queue import QUEUES
from oncall_tui.domain.tickets import Ticket
from oncall_tui.polling import Polling
from oncall_tui.pulling import Backoff
from oncall_tui.store.sources import Lease

Start = Callable[..., tuple[Polling, Heard]]


@pytest.fixture
def start() -> Iterator[Start]:
    """Start polling boxes for a desk; all is stopped in the end."""
    running: list[Polling] = []

    def start_one(desk: Desk, *boxes: Box) -> tuple[Polling, Heard]:
        named = {box.access.name: box for box in boxes}
        heard = Heard()
        polling = Polling(
            desk,
            {name: box.access for name, box in named.items()},
            heard,
            lambda access: named[access.name].opened(access),
        )
        running.append(polling)
        polling.start()
        return polling, heard

    yield start_one
    for polling in running:
        polling.stop()
        assert polling.finish(20)


def mails(desk: Desk) -> list[Ticket]:
    return [ticket for ticket in desk.queue.page(QUEUES[0], limit=100) if ticket.ref.startswith("M-")]


def subjects(desk: Desk) -> list[str]:
    return sorted(ticket.subject for ticket in mails(desk))


def health(desk: Desk, name: str = "support") -> SourceHealth:
    found = {each.name: each for each in desk.sources.health()}
    return found.get(name, SourceHealth(name, "never read", ""))


def test_what_is_there_and_what_comes_becomes_tickets(desk: Desk, start: Start) -> None:
    box = Box()
    for number in range(5):
        box.put(f"before {number}")
    _, heard = start(desk, box)
    wait_until(lambda: len(subjects(desk)) == 5)
    wait_until(lambda: heard.told == ["support connected", "support 5 new"])
    # The box tells: nobody waits for the interval of an hour.
    box.put("after")
    wait_until(lambda: "after" in subjects(desk))
    wait_until(lambda: heard.told[2:] == ["support 1 new"])
    seen = health(desk)
    assert (seen.fails, seen.kind, seen.place, seen.done, seen.total) == (False, "box", "box://support", 0, 0)
    assert seen.holder == desk.context.seat
    assert seen.next_at is not None


def test_a_source_that_cant_tell_is_read_when_it_is_due(desk: Desk, start: Start) -> None:
    box = Box(tells=False)
    polling, _ = start(desk, box)
    wait_until(lambda: len(box.readers) == 1)
    box.put("one")
    wait_until(lambda: health(desk).succeeded_at is not None)
    polling.due("support")
    wait_until(lambda: subjects(desk) == ["one"])


def test_a_nudge_reads_all_now(desk: Desk, start: Start) -> None:
    boxes = Box("one", tells=False), Box("two", tells=False)
    polling, _ = start(desk, *boxes)
    wait_until(lambda: all(len(box.readers) == 1 for box in boxes))
    for box in boxes:
        box.put(box.access.name)
    polling.nudge()
    wait_until(lambda: subjects(desk) == ["one", "two"])
    # A ticket may have come from a source that only another desk reads.
    polling.nudge("elsewhere")


def test_of_two_desks_one_reads(open_as: Callable[..., Desk], start: Start) -> None:
    box = Box(tells=False)
    one, two = open_as("Léa"), open_as("Marc")
    first, heard = start(one, box)
    wait_until(lambda: heard.told == ["support connected"])
    second, other = start(two, box)
    box.put("x")
    for _ in range(5):
        second.nudge()
        first.nudge()
    wait_until(lambda: subjects(one) == ["x"])
    assert other.told == []
    assert len(set(map(id, box.readers))) == 1


def test_who_leaves_makes_room_at_once(open_as: Callable[..., Desk], start: Start) -> None:
    box = Box()
    first, heard = start(open_as("Léa"), box)
    wait_until(lambda: heard.told == ["support connected"])
    first.stop()
    assert first.finish(20)
    assert box.open == []
    two = open_as("Marc")
    assert health(two).holder == ""
    start(two, box)
    box.put("x")
    wait_until(lambda: subjects(two) == ["x"])


def test_after_a_minute_somebody_else_reads_for_who_was_killed(
    open_as: Callable[..., Desk], clock: HandClock, start: Start
) -> None:
    killed, two = open_as("Léa"), open_as("Marc")
    assert killed.sources.hold("support", "box", "box://support") is not None
    box = Box(tells=False)
    box.put("x")
    polling, heard = start(two, box)
    polling.nudge()
    assert box.readers == []
    clock.advance(seconds=61)
    wait_until(lambda: polling.nudge() or heard.told[:1] == ["support connected"])
    assert subjects(two) == ["x"]


def test_who_has_lost_the_lease_stores_nothing_more_and_says_nothing(
    open_as: Callable[..., Desk], clock: HandClock, start: Start
) -> None:
    one, two = open_as("Léa"), open_as("Marc")
    box, waits, goes_on = Box(batch=1), threading.Event(), threading.Event()
    for number in range(3):
        box.put(f"{number}")

    def stop_after_the_first(what: str) -> None:
        if what == "batch" and subjects(one) == ["0"] and threading.current_thread().name.endswith("support"):
            waits.set()
            goes_on.wait(20)

    box.before = stop_after_the_first
    _, heard = start(one, box)
    assert waits.wait(20)
    # As if it had been asleep for longer than its lease.
    clock.advance(seconds=61)
    lease = two.sources.hold("support", "box", "box://support")
    assert lease is not None
    assert lease.cursor == "1"
    goes_on.set()
    wait_until(lambda: box.open == [])
    assert subjects(one) == ["0"]
    assert heard.told == []
    assert heard.mistakes == []


def test_a_long_pull_keeps_its_lease(open_as: Callable[..., Desk], clock: HandClock, start: Start) -> None:
    one, two = open_as("Léa"), open_as("Marc")
    box, waits, goes_on = Box(), threading.Event(), threading.Event()
    box.put("x")

    def hang(what: str) -> None:
        if what == "batch":
            waits.set()
            goes_on.wait(20)

    box.before = hang
    polling, _ = start(one, box)
    assert waits.wait(20)
    for _ in range(5):
        clock.advance(seconds=50)
        polling.renew()
        assert two.sources.hold("support", "box", "box://support") is None
    goes_on.set()
    wait_until(lambda: subjects(one) == ["x"])


def test_who_waits_for_the_next_time_keeps_the_lease_and_who_is_stuck_loses_it(
    open_as: Callable[..., Desk], clock: HandClock, start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, two = open_as("Léa"), open_as("Marc")
    box, waits, goes_on = Box(tells=False), threading.Event(), threading.Event()
    polling, _ = start(one, box)
    wait_until(lambda: health(one).succeeded_at is not None)
    # Nothing counts as a sign of life any more, but that it rests.
    monkeypatch.setattr("oncall_tui.pulling._STUCK", -1.0)

    def keeps_it() -> bool:
        if lease_after_a_minute(two, clock, polling) is None:
            return True
        # It hadn't come to rest yet.
        two.sources.let_go("support")
        polling.nudge()
        return False

    wait_until(keeps_it)

    def hang(what: str) -> None:
        if what == "pull":
            waits.set()
            goes_on.wait(20)

    box.before = hang
    polling.nudge()
    assert waits.wait(20)
    assert lease_after_a_minute(two, clock, polling) is not None
    goes_on.set()


def lease_after_a_minute(desk: Desk, clock: HandClock, polling: Polling) -> Lease | None:
    clock.advance(seconds=50)
    polling.renew()
    clock.advance(seconds=50)
    return desk.sources.hold("support", "box", "box://support")


def test_a_source_that_is_away_is_told_once_and_so_is_that_it_is_back(desk: Desk, start: Start) -> None:
    box = Box()
    box.away = "mail.example refuses the password"
    polling, heard = start(desk, box)
    # Noting the failure and making room for another desk are two things.
    wait_until(lambda: health(desk).failures >= 1 and health(desk).holder == "")
    seen = health(desk)
    assert (seen.fails, seen.error, seen.holder) == (True, "mail.example refuses the password", "")
    assert seen.next_at is not None
    polling.nudge()
    wait_until(lambda: health(desk).failures >= 2)
    assert heard.told == ["support lost: mail.example refuses the password"]
    assert heard.mistakes == []
    box.away = ""
    box.put("x")
    wait_until(lambda: polling.nudge() or subjects(desk) == ["x"])
    wait_until(lambda: not health(desk).fails)
    wait_until(lambda: "support back" in heard.told)
    assert heard.told.count("support back") == 1


def test_a_source_that_failed_waits_though_its_interval_is_over(desk: Desk, start: Start) -> None:
    box = Box()
    box.away = "away"
    polling, heard = start(desk, box)
    wait_until(lambda: health(desk).failures >= 5)
    # The fifth pause has 8 seconds at least.
    before = health(desk).failures
    for _ in range(20):
        polling.due("support")
    assert health(desk).failures == before
    assert len(heard.told) == 1


def test_that_another_desk_reads_it_again_is_back_as_well(open_as: Callable[..., Desk], start: Start) -> None:
    one, two = open_as("Léa"), open_as("Marc")
    box = Box()
    box.away = "no network here"
    polling, heard = start(one, box)
    wait_until(lambda: len(heard.told) == 1)
    healthy = Box()
    start(two, healthy)
    wait_until(lambda: not health(two).fails)
    wait_until(lambda: polling.nudge() or heard.told[1:] == ["support back"])
    assert box.readers == []


def test_a_mistake_in_a_source_is_told_and_ends_nothing(desk: Desk, start: Start) -> None:
    box = Box()

    def fail(what: str) -> None:
        if what == "pull":
            raise ZeroDivisionError("quotes a customer")

    box.before = fail
    polling, heard = start(desk, box)
    wait_until(lambda: health(desk).fails)
    assert health(desk).error == "a mistake of this program (ZeroDivisionError)"
    box.before = lambda _what: None
    box.put("x")
    wait_until(lambda: polling.nudge() or subjects(desk) == ["x"])
    assert all(isinstance(error, ZeroDivisionError) for error in heard.mistakes)
    assert heard.mistakes


def test_a_connection_that_ends_while_it_waits_is_no_failure(desk: Desk, start: Start) -> None:
    box, ended = Box(), []

    def end_once(what: str) -> None:
        if what == "wait" and not ended:
            ended.append(what)
            box.away = "the connection was closed"
        elif what == "pull":
            box.away = ""

    box.before = end_once
    _, heard = start(desk, box)
    wait_until(lambda: len(box.readers) >= 2)
    box.put("x")
    wait_until(lambda: subjects(desk) == ["x"])
    assert heard.told[0] == "support connected"
    assert "lost" not in "".join(heard.told)
    assert len(set(map(id, box.readers))) == 2


def test_an_interruption_before_it_waits_makes_nobody_deaf(desk: Desk, start: Start) -> None:
    box = Box()

    def nudge(what: str) -> None:
        # It reaches a connection that is reading, which then doesn't wait the next time.
        if what == "pull":
            box.open[-1].interrupt()

    box.before = nudge
    start(desk, box)
    wait_until(lambda: health(desk).succeeded_at is not None)
    box.put("x")
    wait_until(lambda: subjects(desk) == ["x"])


def test_a_slow_source_delays_no_other(desk: Desk, start: Start) -> None:
    slow, quick, goes_on = Box("slow"), Box("quick"), threading.Event()
    slow.before = lambda _what: goes_on.wait(20)
    slow.put("late")
    quick.put("early")
    start(desk, slow, quick)
    wait_until(lambda: subjects(desk) == ["early"])
    goes_on.set()
    wait_until(lambda: subjects(desk) == ["early", "late"])


def test_leaving_waits_for_nothing_that_hangs(desk: Desk, start: Start) -> None:
    box, hangs, goes_on = Box(), threading.Event(), threading.Event()

    def hang(_what: str) -> None:
        hangs.set()
        goes_on.wait(60)

    box.before = hang
    polling, _ = start(desk, box)
    assert hangs.wait(20)
    polling.stop()
    assert not polling.finish(0.1)
    goes_on.set()


def test_who_leaves_in_the_middle_of_a_pull_leaves_the_rest_to_others(
    open_as: Callable[..., Desk], start: Start
) -> None:
    one, two, box = open_as("Léa"), open_as("Marc"), Box(batch=1)
    for number in range(20):
        box.put(f"{number:02}")
    began = threading.Event()
    goes_on = threading.Event()

    def hold_up(what: str) -> None:
        if what == "batch" and not began.is_set() and len(subjects(one)) == 3:
            began.set()
            goes_on.wait(20)

    box.before = hold_up
    first, heard = start(one, box)
    assert began.wait(20)
    first.stop()
    goes_on.set()
    assert first.finish(20)
    assert len(subjects(two)) == 4
    _, other = start(two, box)
    wait_until(lambda: "support 16 new" in other.told)
    assert subjects(two) == [f"{number:02}" for number in range(20)]
    assert heard.mistakes == other.mistakes == []


def test_a_desk_that_is_read_only_reads_and_sends_nothing(open_as: Callable[..., Desk], start: Start) -> None:
    box = Box()
    box.put("x")
    polling, _ = start(open_as("Léa", read_only=True), box)
    polling.nudge()
    polling.send()
    assert box.open == []


# What goes out


def ticket_from(desk: Desk, box: Box, polling: Polling, subject: str = "x") -> Ticket:
    box.put(subject)
    polling.nudge()
    wait_until(lambda: subject in subjects(desk))
    return next(ticket for ticket in mails(desk) if ticket.subject == subject)


def test_an_answer_is_handed_over_as_soon_as_it_is_looked_for(desk: Desk, start: Start) -> None:
    box = Box()
    polling, heard = start(desk, box)
    ticket = ticket_from(desk, box, polling)
    desk.outbox.answer(ticket.id, "We have started to work on it")
    polling.send()
    wait_until(lambda: desk.tickets.find(ticket.ref).answered_at is not None)
    (sent,) = box.sent
    assert sent.message_id.endswith("@acme.example>")
    assert sent.to.address == "anna@acme.example"
    wait_until(lambda: f"{ticket.ref} sent" in heard.told)
    assert health(desk).waiting == health(desk).stuck == 0


def test_of_many_desks_each_answer_goes_out_once(open_as: Callable[..., Desk], start: Start) -> None:
    box, desks = Box(), [open_as(f"desk {number}") for number in range(3)]
    started = [start(desk, box)[0] for desk in desks]
    for number in range(8):
        box.put(f"{number}")
    wait_until(lambda: [polling.nudge() for polling in started] and len(subjects(desks[0])) == 8)
    for ticket in mails(desks[0]):
        desks[0].outbox.answer(ticket.id, ticket.ref)
    for polling in started * 3:
        polling.send()
    wait_until(lambda: len(box.sent) >= 8 and not desks[0].outbox.open())
    assert len({sent.id for sent in box.sent}) == len(box.sent) == 8


def test_what_certainly_wasnt_taken_is_tried_again(desk: Desk, clock: HandClock, start: Start) -> None:
    box = Box()
    box.result = lambda _outgoing: Handed(OutgoingState.WAITING, clock.now, "mailbox full")
    polling, heard = start(desk, box)
    ticket = ticket_from(desk, box, polling)
    desk.outbox.answer(ticket.id, "text")
    wait_until(lambda: polling.send() or f"{ticket.ref} waiting" in heard.told)
    assert desk.tickets.find(ticket.ref).answered_at is None
    box.result = lambda _outgoing: Handed(OutgoingState.SENT, clock.now)
    clock.advance(minutes=1)
    wait_until(lambda: polling.send() or desk.tickets.find(ticket.ref).answered_at is not None)
    first, second = box.sent
    assert first.message_id == second.message_id


def test_a_source_that_cant_be_opened_leaves_the_answer_waiting(
    desk: Desk, start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    box = Box()
    polling, _ = start(desk, box)
    ticket = ticket_from(desk, box, polling)

    def refuse(_access: object) -> None:
        raise Refused("no password here", hint="set one")

    monkeypatch.setattr(box, "opened", refuse)
    desk.outbox.answer(ticket.id, "text")
    polling.send()
    wait_until(lambda: any(each.tries for each in desk.outbox.open()))
    wait_until(lambda: [each.detail for each in desk.outbox.open()] == ["no password here (set one)"])


def test_after_a_mistake_while_sending_nobody_sends_it_again(desk: Desk, start: Start) -> None:
    box = Box()
    polling, heard = start(desk, box)
    ticket = ticket_from(desk, box, polling)

    def fail(what: str) -> None:
        if what == "send":
            raise ZeroDivisionError

    box.before = fail
    desk.outbox.answer(ticket.id, "text")
    polling.send()
    wait_until(lambda: [each.state for each in desk.outbox.open()] == [OutgoingState.UNSURE])
    assert [type(error) for error in heard.mistakes] == [ZeroDivisionError]


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_what_was_handed_over_while_the_store_went_away_is_noted_and_not_sent_again(
    desk: Desk, start: Start, tmp_path: Path
) -> None:
    box = Box()
    polling, heard = start(desk, box)
    ticket = ticket_from(desk, box, polling)
    file, kept = tmp_path / "oncall.db", tmp_path / "kept.db"

    def lose_the_store(what: str) -> None:
        if what == "send":
            file.rename(kept)

    box.before = lose_the_store
    desk.outbox.answer(ticket.id, "text")
    polling.send()
    wait_until(lambda: len(box.sent) == 1)
    # Looked for again and again while it can't be written down.
    for _ in range(3):
        polling.send()
    kept.rename(file)
    wait_until(lambda: polling.send() or desk.tickets.find(ticket.ref).answered_at is not None)
    assert len(box.sent) == 1
    wait_until(lambda: f"{ticket.ref} sent" in heard.told)
    assert heard.mistakes == []


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_store_that_is_away_stops_the_reading_until_it_is_back(
    desk: Desk, start: Start, tmp_path: Path
) -> None:
    box, gone = Box(batch=1), threading.Event()
    file, kept = tmp_path / "oncall.db", tmp_path / "kept.db"

    def lose_the_store(what: str) -> None:
        if what == "batch" and subjects(desk) == ["0"] and not gone.is_set():
            file.rename(kept)
            gone.set()

    for number in range(3):
        box.put(f"{number}")
    box.before = lose_the_store
    polling, heard = start(desk, box)
    assert gone.wait(20)
    wait_until(lambda: box.open == [])
    box.before = lambda _what: None
    kept.rename(file)
    wait_until(lambda: polling.nudge() or len(subjects(desk)) == 3)
    assert "lost" not in "".join(heard.told), "the source isn't to blame"
    assert heard.mistakes == []


def test_a_file_is_fetched_over_a_connection_of_its_own(desk: Desk, start: Start, tmp_path: Path) -> None:
    box = Box()
    polling, _ = start(desk, box)
    with pytest.raises(NotFound):
        polling.fetch(42, tmp_path / "x")
    box.put("x", files=("a.png",))
    wait_until(lambda: polling.nudge() or len(subjects(desk)) == 1)
    (enclosure,) = desk.tickets.detail(mails(desk)[0].id).enclosures
    known = list(box.open)
    polling.fetch(enclosure.id, tmp_path / "x")
    assert (tmp_path / "x").read_text() == "1/2"
    wait_until(lambda: box.open == known)
    elsewhere, _ = start(desk, Box("other"))
    with pytest.raises(Refused, match=r"a.png stays in support, which isn't set on this machine"):
        elsewhere.fetch(enclosure.id, tmp_path / "y")


def test_pauses_grow_and_end_somewhere_and_chance_shortens_them() -> None:
    longest = Backoff(300, lambda _low, high: high)
    assert [longest.next() for _ in range(11)] == [1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300]
    longest.reset()
    assert longest.next() == 1
    assert Backoff(300, lambda low, _high: low).next() == 0.5
