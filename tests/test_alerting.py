"""What goes out, over what, when and how often: a desk, its thread, and programs that write down what they
get.
"""

from __future__ import annotations

import json
import stat
import sys
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from support import NOW, HandClock

from oncall_tui.alerting import Alerting, Listening
from oncall_tui.alerts.senders import Sender, senders
from oncall_tui.desk import Desk
from oncall_tui.domain.alert_channels import AlertChannels
from oncall_tui.domain.alert_delivery import Batch
from oncall_tui.domain.alerts import Channel, Kind, Level, Outcome, Result
from oncall_tui.domain.errors import StoreUnavailable
from oncall_tui.domain.tickets import Channel as Via
from oncall_tui.domain.tickets import Means

WRITES = "import json, sys; open({place!r}, 'a').write(json.dumps(json.load(sys.stdin)) + '\\n')"
FAILS = "import sys; sys.exit('no line')"


def program(*argv: str) -> Sender:
    return senders(AlertChannels(desktop=False, command=argv))[Channel.COMMAND]


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    """What goes out doesn't depend on the database; tests/desk has what is claimed on both."""
    return sqlite_url


class Program:
    """A program of the user's own that writes down what it gets, a line each."""

    def __init__(self, folder: Path, name: str) -> None:
        self.file = folder / f"{name}.jsonl"
        script = folder / name
        script.write_text(f"#!{sys.executable}\n{WRITES.format(place=str(self.file))}\n")
        script.chmod(script.stat().st_mode | stat.S_IXUSR)
        self.sender = program(str(script))

    @property
    def told(self) -> list[dict[str, Any]]:
        text = self.file.read_text() if self.file.exists() else ""
        return [json.loads(line) for line in text.splitlines()]

    @property
    def titles(self) -> list[str]:
        return [told["title"] for told in self.told]


class Ears(Listening):
    """Remembers what the alerts tell."""

    def __init__(self) -> None:
        self.next_at: datetime | None = None
        self.bad: Sequence[Channel] = ()
        self.outcomes: list[tuple[Channel, Result]] = []
        self.mistakes: list[Exception] = []
        self.summaries: list[str] = []

    def missed(self, summary: str) -> None:
        self.summaries.append(summary)

    def planned(self, next_at: datetime | None) -> None:
        self.next_at = next_at

    def delivered(self, batch: Batch, channel: Channel, outcome: Outcome) -> None:
        self.outcomes.append((channel, outcome.result))

    def failing(self, channels: Sequence[Channel]) -> None:
        self.bad = channels

    def mistaken(self, error: Exception) -> None:
        self.mistakes.append(error)


class Watch:
    """The alerts of one desk, looked at by hand: `look` returns when all is sent that there is to send."""

    def __init__(self, desk: Desk, senders: Mapping[Channel, Any], *, here: bool = True) -> None:
        self.ears = Ears()
        self.alerting = Alerting(desk, senders, self.ears, here=here)

    def look(self) -> None:
        for _ in Channel:
            self.alerting.look_once()
            for thread in list(self.alerting._under_way):
                thread.join()
        assert not self.ears.mistakes


@pytest.fixture
def pager(tmp_path: Path) -> Program:
    return Program(tmp_path, "pager")


@pytest.fixture
def bubbles(tmp_path: Path) -> Program:
    return Program(tmp_path, "bubbles")


@pytest.fixture
def night(desk: Desk) -> Desk:
    """Léa's desk, which has looked once."""
    desk.alerts.evaluate()
    return desk


def file(desk: Desk, count: int = 1, **kept: Any) -> None:
    for _ in range(count):
        desk.tickets.new(customer="leman", channel=Via.EMERGENCY, subject="407 182 650", **kept)


def breach(desk: Desk, clock: HandClock, count: int = 1) -> None:
    """Let guarantees break that were seen to run."""
    file(desk, count)
    clock.advance(minutes=59)
    desk.alerts.evaluate()
    for alert in desk.alerts.news(None).open:
        desk.alerts.acknowledge(alert.id)
    clock.advance(minutes=1, seconds=1)


def with_rules(desk: Desk, **rules: Any) -> Desk:
    offer = replace(desk.offer, alerts=replace(desk.offer.alerts, **rules))
    return replace(desk, context=replace(desk.context, offer=offer), _alerts={})


def test_an_alert_goes_out_once_to_people_elsewhere_and_once_to_each_engineer_here(
    night: Desk, open_as: Callable[..., Desk], clock: HandClock, pager: Program, bubbles: Program
) -> None:
    breach(night, clock)
    (ref,) = {alert.subject for alert in night.alerts.page(9)}
    sends = {Channel.DESKTOP: bubbles.sender, Channel.COMMAND: pager.sender}
    marc, again = open_as("Marc"), open_as("Léa")
    for watch in (Watch(night, sends), Watch(marc, sends), Watch(again, sends)):
        watch.look()
    Watch(open_as("server"), {Channel.COMMAND: pager.sender}, here=False).look()
    assert pager.titles == ["!! guarantee broken at 04:12: Banque du Léman"]
    assert len(bubbles.told) == 2
    told = pager.told[0]
    assert (told["level"], told["text"], told["refs"]) == ("breach", f"{ref}, Ent", [ref])


def test_nothing_that_a_customer_wrote_but_their_name_goes_out(
    night: Desk, clock: HandClock, pager: Program
) -> None:
    """R19: a subject may hold a code."""
    breach(night, clock)
    Watch(night, {Channel.COMMAND: pager.sender}).look()
    assert "407" not in json.dumps(pager.told)


def test_what_fails_falls_to_the_next_of_the_chain_and_is_said(
    night: Desk, clock: HandClock, tmp_path: Path, pager: Program
) -> None:
    chain = (frozenset({Channel.DESKTOP}), frozenset({Channel.TERMINAL}), frozenset({Channel.COMMAND}))
    desk = with_rules(night, chains=dict.fromkeys(Level, chain))
    broken = program(sys.executable, "-c", FAILS)
    missing = program(str(tmp_path / "nothing"))
    breach(desk, clock)
    watch = Watch(desk, {Channel.DESKTOP: broken, Channel.TERMINAL: missing, Channel.COMMAND: pager.sender})
    watch.look()
    assert len(pager.told) == 1
    (alert,) = desk.alerts.news(None).open
    sent = {each.channel: (each.result, each.detail) for each in desk.alerts.deliveries(alert.id)}
    assert sent[Channel.DESKTOP] == (Result.FAILED, "no line")
    assert sent[Channel.TERMINAL][0] is not Result.OK
    assert sent[Channel.COMMAND] == (Result.OK, "")
    assert Channel.DESKTOP in watch.ears.bad
    assert Channel.DESKTOP in desk.alerts.failing()
    watch.look()
    assert len(pager.told) == 1


def test_more_than_three_in_a_minute_come_as_one_and_later_ones_wait_for_their_minute(
    night: Desk, clock: HandClock, pager: Program
) -> None:
    watch = Watch(night, {Channel.COMMAND: pager.sender})
    breach(night, clock, 5)
    watch.look()
    assert pager.titles == ["!! 5 alerts: 5 breaches"]
    for number in range(2):
        clock.advance(seconds=5)
        file(night, received_at=clock.now - timedelta(minutes=46))
        watch.look()
        assert len(pager.told) == 2 + number
    clock.advance(seconds=5)
    file(night, received_at=clock.now - timedelta(minutes=46))
    watch.look()
    assert len(pager.told) == 3
    assert watch.ears.next_at is not None
    clock.now = watch.ears.next_at
    watch.look()
    assert len(pager.told) == 4


def test_what_a_laptop_slept_through_is_told_in_one_summary(
    night: Desk, clock: HandClock, pager: Program
) -> None:
    desk = with_rules(night, chains={level: (frozenset({Channel.COMMAND}),) for level in Level})
    watch = Watch(desk, {Channel.COMMAND: pager.sender})
    file(desk)
    clock.advance(hours=1)
    file(desk, 2)
    began = NOW
    clock.now = NOW + timedelta(minutes=95)
    watch.alerting.slept(began, clock.now, "asleep")
    watch.look()
    assert pager.titles == watch.ears.summaries == ["!! asleep 03:12–04:47: 2 warnings, 1 breach"]


def test_what_is_late_comes_in_one_summary_though_it_has_several_levels(
    night: Desk, clock: HandClock, bubbles: Program
) -> None:
    file(night, received_at=NOW - timedelta(minutes=35))
    file(night, received_at=NOW - timedelta(minutes=50))
    watch = Watch(night, {Channel.DESKTOP: bubbles.sender, Channel.TERMINAL: bubbles.sender})
    watch.look()
    assert bubbles.titles == ["! since 03:07: 1 warning, 1 critical"] * 2


def test_what_was_answered_before_it_could_go_out_never_does(
    night: Desk, clock: HandClock, pager: Program
) -> None:
    breach(night, clock)
    night.alerts.evaluate()
    night.tickets.answer(night.queue.page(night.queue.queues[0], limit=1)[0].id, Means.PHONE)
    Watch(night, {Channel.COMMAND: pager.sender}).look()
    assert not pager.told


def test_a_ringing_call_is_told_by_itself_and_again_until_somebody_acknowledges_it(
    night: Desk, open_as: Callable[..., Desk], clock: HandClock, pager: Program
) -> None:
    watch = Watch(night, {Channel.COMMAND: pager.sender})
    open_as("telephone").calls.ring("+41 22 555 01 40")
    watch.look()
    clock.advance(seconds=60)
    watch.look()
    assert pager.titles == ["!! emergency call rings: +41 22 555 01 40"] * 2
    assert [told["text"].endswith("again") for told in pager.told] == [False, True]
    night.alerts.acknowledge(night.alerts.news(None).open[0].id)
    clock.advance(seconds=60)
    watch.look()
    assert len(pager.told) == 2


def test_an_escalation_names_who_is_next_on_duty_and_goes_on_where_it_gets_worse(
    night: Desk, clock: HandClock, pager: Program
) -> None:
    desk = with_rules(night, escalate_after=timedelta(minutes=10), duty=("Léa", "Marc"))
    watch = Watch(desk, {Channel.COMMAND: pager.sender})
    file(desk)
    clock.advance(minutes=30)
    for _ in range(5):
        watch.look()
        clock.advance(minutes=10)
    # The first warning goes to the desktop alone, which isn't there.
    told = [(told["title"].split(",")[0], told["to"]) for told in pager.told]
    assert told == [
        ("~ 50 % left", ""),
        ("! 25 % left", "Léa"),
        ("! 10 % left", "Marc"),
        ("!! guarantee broken at 04:12: Banque du Léman", ""),
    ]


@pytest.fixture
def running(night: Desk, pager: Program) -> Iterator[Callable[[Listening], Alerting]]:
    """Start the thread; it is stopped at the end."""
    started: list[Alerting] = []

    def run(ears: Listening) -> Alerting:
        alerting = Alerting(night, {Channel.COMMAND: pager.sender}, ears)
        started.append(alerting)
        alerting.start()
        return alerting

    yield run
    for each in started:
        each.stop()
        assert each.finish(10)


def test_the_thread_looks_when_it_is_nudged_and_plans_the_next_look(
    night: Desk, clock: HandClock, pager: Program, running: Callable[[Listening], Alerting]
) -> None:
    planned, sent = threading.Event(), threading.Event()

    class Waiting(Ears):
        def planned(self, next_at: datetime | None) -> None:
            self.next_at = next_at
            if next_at is not None:
                planned.set()

        def delivered(self, batch: Batch, channel: Channel, outcome: Outcome) -> None:
            sent.set()

    file(night)
    ears = Waiting()
    alerting = running(ears)
    assert planned.wait(10)
    assert ears.next_at == NOW + timedelta(minutes=30)
    clock.now = NOW + timedelta(minutes=60, seconds=1)
    alerting.look(clock.now)
    assert sent.wait(10)
    assert len(pager.told) == 1


def test_the_thread_looks_by_itself_while_nobody_can_wake_it(
    night: Desk, clock: HandClock, pager: Program, running: Callable[[Listening], Alerting]
) -> None:
    """An editor that has the terminal lets the event loop stand still."""
    planned, sent = threading.Event(), threading.Event()

    class Waiting(Ears):
        def planned(self, next_at: datetime | None) -> None:
            planned.set()

        def delivered(self, batch: Batch, channel: Channel, outcome: Outcome) -> None:
            sent.set()

    file(night)
    clock.advance(minutes=29, seconds=59)
    running(Waiting())
    assert planned.wait(10)
    clock.now = NOW + timedelta(minutes=60, seconds=1)
    assert sent.wait(20)
    assert len(pager.told) == 1


def test_it_waits_for_what_is_planned_but_never_long_nor_not_at_all(night: Desk, clock: HandClock) -> None:
    """A wall clock that jumps is noticed soon, and one that stands still makes no busy loop."""
    alerting = Watch(night, {}).alerting
    assert alerting._until_next(clock.now) == 30
    for left, wait in ((-3600, 1), (0, 1), (12, 12), (3600, 30)):
        alerting._next_at = clock.now + timedelta(seconds=left)
        assert alerting._until_next(clock.now) == wait
    alerting._held_until = clock.now + timedelta(seconds=7)
    assert alerting._until_next(clock.now) == 7


@pytest.mark.parametrize(("passed", "waits"), [(30, [30]), (3600, [30, 2])])
def test_after_a_sleep_it_first_lets_say_that_there_was_one(
    passed: float, waits: list[float], night: Desk, clock: HandClock
) -> None:
    """What was slept through comes in one summary, if the sleep is known of before it is looked."""
    waited: list[float | None] = []

    class Wake(threading.Event):
        def wait(self, timeout: float | None = None) -> bool:
            waited.append(timeout)
            clock.advance(seconds=passed)
            return False

    alerting = Watch(night, {}).alerting
    alerting._wake = Wake()
    alerting._wait()
    assert waited == waits


def test_a_source_that_stays_away_is_told_of_and_settled_when_it_is_back(
    night: Desk, clock: HandClock, pager: Program
) -> None:
    chains = {level: (frozenset({Channel.COMMAND}),) for level in Level}
    desk = with_rules(night, chains=chains)
    watch = Watch(desk, {Channel.COMMAND: pager.sender})
    watch.alerting.source_lost("127.0.0.1:4444", "connection refused")
    watch.look()
    assert not pager.told
    clock.advance(seconds=31)
    watch.look()
    assert pager.titles == ["~ can't be reached since 03:12: 127.0.0.1:4444"]
    (alert,) = desk.alerts.news(None).open
    assert alert.kind is Kind.SOURCE
    watch.alerting.source_back("127.0.0.1:4444")
    watch.look()
    assert desk.alerts.get(alert.id).settled_at is not None


def test_a_breach_waits_seconds_behind_what_went_out_before_and_notices_a_minute(
    night: Desk, clock: HandClock, pager: Program
) -> None:
    desk = with_rules(night, chains=dict.fromkeys(Level, (frozenset({Channel.COMMAND}),)))
    watch = Watch(desk, {Channel.COMMAND: pager.sender})
    file(desk)
    clock.advance(minutes=59, seconds=56)
    for _ in range(3):
        file(desk, received_at=clock.now - timedelta(minutes=31))
        watch.look()
        last = clock.now
        clock.advance(seconds=1)
    clock.advance(seconds=3)
    watch.look()
    assert not any("broken" in title for title in pager.titles)
    assert watch.ears.next_at == last + timedelta(seconds=10)
    clock.now = watch.ears.next_at
    watch.look()
    assert pager.titles[-1] == "!! guarantee broken at 04:12: Banque du Léman"


def test_what_a_program_that_died_had_reported_as_away_is_settled_by_the_next_one(
    night: Desk, pager: Program
) -> None:
    alert = night.outages.report(Kind.SOURCE, "127.0.0.1:4444", NOW, "connection refused")
    Watch(night, {Channel.COMMAND: pager.sender}).look()
    assert night.alerts.get(alert.id).settled_at is not None
    assert not pager.told


def test_a_store_that_stays_away_is_told_over_the_next_of_the_chain_where_the_first_fails(
    night: Desk, clock: HandClock, pager: Program, tmp_path: Path
) -> None:
    chain = (frozenset({Channel.DESKTOP}), frozenset({Channel.COMMAND}))
    desk = with_rules(night, chains=dict.fromkeys(Level, chain))
    away, told = threading.Event(), threading.Event()

    class Waiting(Ears):
        def store_away(self, error: StoreUnavailable) -> None:
            away.set()

        def failing(self, channels: Sequence[Channel]) -> None:
            if list(channels) == [Channel.DESKTOP] and pager.told:
                told.set()

    broken = program(sys.executable, "-c", FAILS)
    alerting = Alerting(desk, {Channel.DESKTOP: broken, Channel.COMMAND: pager.sender}, Waiting())
    (tmp_path / "oncall.db").rename(tmp_path / "gone.db")
    alerting.start()
    assert away.wait(10)
    clock.advance(seconds=31)
    assert told.wait(10)
    (tmp_path / "gone.db").rename(tmp_path / "oncall.db")
    alerting.stop()
    assert alerting.finish(10)
    assert pager.titles == ["! the store can't be reached since 03:12"]
