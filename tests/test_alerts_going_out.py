"""What goes out when something is odd: a clock that is set back, whoever isn't concerned, a desk asleep."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from support import NOW, HandClock
from test_alerting import Watch, breach, file, with_rules

from oncall_tui.desk import Desk
from oncall_tui.domain.alerts import Channel, Level, Notice, Outcome, Result
from oncall_tui.domain.errors import StoreUnavailable


class Pager:
    """Takes every notice."""

    def __init__(self) -> None:
        self.told: list[Notice] = []

    def send(self, notice: Notice) -> Outcome:
        self.told.append(notice)
        return Outcome(Result.OK)

    @property
    def titles(self) -> list[str]:
        return [notice.title for notice in self.told]


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    """What goes out doesn't depend on the database."""
    return sqlite_url


@pytest.fixture
def night(desk: Desk) -> Desk:
    """Léa's desk, which has looked once."""
    desk.alerts.evaluate()
    return desk


def everything_over(*steps: set[Channel]) -> dict[Level, tuple[frozenset[Channel], ...]]:
    return dict.fromkeys(Level, tuple(frozenset(step) for step in steps))


def test_nothing_is_held_back_until_a_clock_that_was_set_back_has_caught_up(
    night: Desk, clock: HandClock
) -> None:
    desk, pager = with_rules(night, chains=everything_over({Channel.COMMAND})), Pager()
    watch = Watch(desk, {Channel.COMMAND: pager})
    for _ in range(3):
        file(desk, received_at=clock.now - timedelta(minutes=31))
        watch.look()
        clock.advance(seconds=1)
    assert len(pager.told) == 3
    clock.advance(hours=-1)
    file(desk, received_at=clock.now - timedelta(minutes=31))
    watch.look()
    assert len(pager.told) == 4


def test_whom_it_does_not_concern_sends_it_to_people_elsewhere_all_the_same(
    night: Desk, open_as: Callable[..., Desk]
) -> None:
    """Marc's board isn't on: his telephone isn't to wait for a desktop that nobody uses."""
    desk = with_rules(night, chains=everything_over({Channel.DESKTOP}, {Channel.PUSH}))
    bubbles, pager = Pager(), Pager()
    file(desk)
    desk.tickets.hand_over(desk.queue.page(desk.queue.queues[0], limit=1)[0].id, "Marc")
    Watch(desk, {Channel.DESKTOP: bubbles, Channel.PUSH: pager}).look()
    assert not bubbles.told
    assert [notice.to for notice in pager.told] == ["Marc"]


def test_what_is_for_one_of_them_is_not_grouped_with_what_is_for_another(night: Desk) -> None:
    desk, pager = with_rules(night, chains=everything_over({Channel.PUSH})), Pager()
    file(desk, 6)
    for number, row in enumerate(desk.queue.page(desk.queue.queues[0], limit=6)):
        desk.tickets.hand_over(row.id, ("Marc", "Zoé")[number % 2])
    Watch(desk, {Channel.PUSH: pager}).look()
    assert {notice.to for notice in pager.told} == {"Marc", "Zoé"}


def test_a_call_that_rings_when_a_desk_wakes_up_is_told_by_itself(
    night: Desk, open_as: Callable[..., Desk], clock: HandClock
) -> None:
    desk, pager = with_rules(night, chains=everything_over({Channel.COMMAND})), Pager()
    watch = Watch(desk, {Channel.COMMAND: pager})
    breach(desk, clock)
    clock.advance(minutes=10)
    open_as("telephone").calls.ring("+41 22 555 01 40")
    clock.advance(minutes=3)
    watch.alerting.slept(NOW, clock.now, "asleep")
    watch.look()
    assert pager.titles == [
        "!! emergency call rings: +41 22 555 01 40",
        "!! asleep 03:12–04:25: 1 breach",
    ]


def test_what_got_through_while_the_store_was_away_does_not_go_out_again(
    night: Desk, clock: HandClock
) -> None:
    desk = with_rules(night, chains=everything_over({Channel.COMMAND}))
    place = desk.context.store.engine.url.database
    assert place is not None

    class Losing(Pager):
        """Takes it, and meanwhile the store goes away."""

        def send(self, notice: Notice) -> Outcome:
            if not self.told:
                hide()
            return super().send(notice)

    from pathlib import Path

    file_ = Path(place)

    def hide() -> None:
        file_.rename(file_.with_suffix(".away"))

    pager = Losing()
    watch = Watch(desk, {Channel.COMMAND: pager})
    breach(desk, clock)
    watch.alerting.look_once()
    for thread in list(watch.alerting._under_way):
        thread.join()
    with pytest.raises(StoreUnavailable):
        watch.alerting.look_once()
    file_.with_suffix(".away").rename(file_)
    clock.advance(minutes=1)
    watch.look()
    assert len(pager.told) == 1


def test_a_source_that_is_lost_again_at_once_is_told_of(night: Desk, clock: HandClock) -> None:
    desk, pager = with_rules(night, chains=everything_over({Channel.COMMAND})), Pager()
    watch = Watch(desk, {Channel.COMMAND: pager})
    watch.alerting.source_lost("sip", "refused")
    watch.alerting.source_back("sip")
    watch.alerting.source_lost("sip", "refused")
    watch.look()
    clock.advance(seconds=31)
    watch.look()
    assert len(pager.told) == 1


def test_a_listener_that_fails_makes_nothing_go_out_twice(night: Desk, clock: HandClock) -> None:
    desk, pager = with_rules(night, chains=everything_over({Channel.COMMAND})), Pager()
    watch = Watch(desk, {Channel.COMMAND: pager})

    def gone(*_: object) -> None:
        raise BrokenPipeError

    watch.ears.delivered = gone  # type: ignore[method-assign]
    breach(desk, clock)
    for _ in range(2):
        watch.alerting.look_once()
        for thread in list(watch.alerting._under_way):
            thread.join()
        clock.advance(seconds=31)
    assert len(pager.told) == 1
