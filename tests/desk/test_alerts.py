"""What is raised, once for all desks, and what stops it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import timedelta

import pytest
from logged import accepted
from support import NOW, HandClock

from oncall_tui.desk import Desk
from oncall_tui.domain.alerts import Alert, Channel, Kind, Level, Result
from oncall_tui.domain.call_log import Field
from oncall_tui.domain.errors import Conflict, Refused
from oncall_tui.domain.hours import OpeningHours
from oncall_tui.domain.tickets import Channel as Via
from oncall_tui.domain.tickets import Means, Ticket
from oncall_tui.store.engine import Store


def ticket(desk: Desk, customer: str = "leman", channel: Via = Via.EMERGENCY, **kept: object) -> Ticket:
    """File a request whose clock runs at night, on the hour of Enterprise unless told otherwise."""
    return desk.tickets.new(customer=customer, channel=channel, subject="Mail", **kept)  # type: ignore[arg-type]


def raised(desk: Desk) -> list[tuple[Kind, str, str]]:
    """Return what was raised, the oldest first: kind, subject, and the share that is left."""
    found = reversed(desk.alerts.page(100))
    return [(each.kind, each.subject, each.facts.get("percent", "")) for each in found]


def levels(alerts: Sequence[Alert]) -> list[Level]:
    return [alert.level for alert in alerts]


@pytest.fixture
def watched(desk: Desk) -> Desk:
    """A desk that has looked once: what comes now is news."""
    desk.alerts.evaluate()
    return desk


def test_a_guarantee_is_told_of_at_half_a_quarter_and_a_tenth_and_when_it_is_broken(
    watched: Desk, clock: HandClock
) -> None:
    """R3: at the due instant itself it can still be met."""
    filed = ticket(watched)
    for minute, second, expected in (
        (29, 59, []),
        (30, 0, ["50"]),
        (45, 0, ["50", "25"]),
        (54, 0, ["50", "25", "10"]),
        (60, 0, ["50", "25", "10"]),
        (60, 0.000001, ["50", "25", "10", "0"]),
        (90, 0, ["50", "25", "10", "0"]),
    ):
        clock.now = NOW + timedelta(minutes=minute, seconds=second)
        watched.alerts.evaluate()
        assert [percent for _, _, percent in raised(watched)] == expected, minute
    assert levels(watched.alerts.of_ticket(filed.id)) == [
        Level.WARNING,
        Level.CRITICAL,
        Level.CRITICAL,
        Level.BREACH,
    ]
    assert [alert.at - NOW for alert in watched.alerts.of_ticket(filed.id)] == [
        timedelta(minutes=minute) for minute in (30, 45, 54, 60)
    ]


def test_the_next_instant_to_look_at_is_that_of_the_next_threshold(watched: Desk, clock: HandClock) -> None:
    ticket(watched)
    steps = []
    while (next_at := watched.alerts.evaluate().next_at) is not None:
        steps.append((next_at - NOW).total_seconds())
        clock.now = next_at
    assert steps == [1800, 2700, 3240, 3600.000001]
    assert len(raised(watched)) == 4


def test_sleep_skips_no_threshold_and_many_desks_raise_each_once(
    watched: Desk, open_as: Callable[..., Desk], clock: HandClock
) -> None:
    ticket(watched)
    clock.now = NOW + timedelta(hours=4)
    for name in ("Léa", "Marc", "watch"):
        open_as(name).alerts.evaluate()
    assert [percent for _, _, percent in raised(watched)] == ["50", "25", "10", "0"]


def test_what_gets_worse_takes_the_place_of_the_milder_alert(watched: Desk, clock: HandClock) -> None:
    ticket(watched)
    for minutes in (30, 15, 10, 6):
        clock.advance(minutes=minutes)
        watched.alerts.evaluate()
        assert watched.alerts.news(None).total == 1
    assert [alert.facts["percent"] for alert in watched.alerts.news(None).open] == ["0"]


def test_what_was_filed_late_is_told_with_the_worst_that_was_passed_and_then_goes_on(
    watched: Desk, clock: HandClock
) -> None:
    """R5: a request that was typed late has been waiting since it was received."""
    ticket(watched, received_at=NOW - timedelta(minutes=50))
    watched.alerts.evaluate()
    clock.advance(minutes=5)
    watched.alerts.evaluate()
    ticket(watched, received_at=NOW - timedelta(days=2))
    watched.alerts.evaluate()
    assert [percent for _, _, percent in raised(watched)] == ["25", "10"]


def test_an_answer_settles_what_was_told_and_nothing_more_comes(watched: Desk, clock: HandClock) -> None:
    """R6."""
    filed = ticket(watched)
    clock.advance(minutes=31)
    watched.alerts.evaluate()
    watched.tickets.answer(filed.id, Means.PHONE)
    assert watched.alerts.evaluate().next_at is None
    (alert,) = watched.alerts.of_ticket(filed.id)
    assert alert.settled_at == clock.now
    assert watched.alerts.news(None).total == 0
    clock.advance(hours=1)
    watched.alerts.evaluate()
    assert len(raised(watched)) == 1


def test_a_promise_is_told_of_before_its_end_and_when_it_is_broken(watched: Desk, clock: HandClock) -> None:
    """R7."""
    filed = ticket(watched, "jardin", Via.EMAIL)
    watched.tickets.promise(filed.id, NOW + timedelta(minutes=30))
    instants = []
    while (next_at := watched.alerts.evaluate().next_at) is not None:
        clock.now = next_at
        instants.append((clock.now - NOW).total_seconds())
    assert instants == [1500, 1800.000001]
    found = watched.alerts.of_ticket(filed.id)
    assert [(alert.kind, alert.level) for alert in found] == [
        (Kind.PROMISE, Level.WARNING),
        (Kind.PROMISE, Level.BREACH),
    ]
    watched.tickets.answer(filed.id, Means.EMAIL)
    watched.alerts.evaluate()
    assert not any(alert.open for alert in watched.alerts.of_ticket(filed.id))


def test_a_ringing_call_is_told_at_once_and_every_minute_until_somebody_picks_up(
    watched: Desk, open_as: Callable[..., Desk], clock: HandClock
) -> None:
    call = open_as("telephone").calls.ring("+41 22 555 01 40", external_id="one")
    assert watched.alerts.evaluate().next_at == NOW + timedelta(seconds=60)
    (alert,) = watched.alerts.news(0).open
    assert (alert.kind, alert.level, alert.subject, alert.round) == (
        Kind.RINGING,
        Level.EMERGENCY,
        call.ref,
        0,
    )
    clock.advance(seconds=60)
    watched.alerts.evaluate()
    assert watched.alerts.get(alert.id).round == 1
    open_as("Marc").calls.pick_up(call.ref)
    assert watched.alerts.evaluate().next_at is None
    assert watched.alerts.get(alert.id).settled_at == clock.now


def test_the_team_is_told_of_an_emergency_but_not_who_accepted_it(
    watched: Desk, open_as: Callable[..., Desk], clock: HandClock
) -> None:
    """R14."""
    marc = open_as("Marc")
    record = accepted(marc)
    watched.alerts.evaluate()
    (alert,) = watched.alerts.news(None).open
    assert (alert.kind, alert.subject, alert.customer_name) == (
        Kind.ACCEPTED,
        record.ticket,
        record.customer_name,
    )
    assert marc.alerts.news(None).total == 0


def test_the_team_is_told_of_a_call_once_though_its_record_is_corrected(
    watched: Desk, open_as: Callable[..., Desk]
) -> None:
    marc = open_as("Marc")
    record = accepted(marc)
    watched.alerts.evaluate()
    marc.call_log.correct(record.call, {Field.PERSON: "Luc Favre"}, "was on the line himself")
    watched.alerts.evaluate()
    assert [kind for kind, _, _ in raised(watched)] == [Kind.ACCEPTED]


def test_a_look_back_shows_the_alerts_of_then(watched: Desk, clock: HandClock) -> None:
    ticket(watched)
    for minutes in (30, 16):
        clock.advance(minutes=minutes)
        watched.alerts.evaluate()
    (alert,) = watched.alerts.news(None).open
    watched.alerts.acknowledge(alert.id)
    past = replace(watched.context, replay=True, read_only=True, clock=lambda: NOW + timedelta(minutes=31))
    (then,) = replace(watched, context=past, _alerts={}).alerts.page(9)
    assert (then.facts["percent"], then.open) == ("50", True)


def test_a_new_enterprise_ticket_and_one_that_was_handed_over_are_told_of(
    watched: Desk, open_as: Callable[..., Desk]
) -> None:
    marc = open_as("Marc")
    new = ticket(marc, channel=Via.EMAIL)
    given = ticket(marc, "tessin", Via.EMAIL)
    marc.tickets.hand_over(given.id, "Léa")
    watched.alerts.evaluate()
    assert {(each.kind, each.subject) for each in watched.alerts.news(None).open} == {
        (Kind.NEW, new.ref),
        (Kind.HANDED_OVER, given.ref),
    }
    assert marc.alerts.news(None).total == 0
    assert {each.kind for each in open_as("Nora").alerts.news(None).open} == {Kind.NEW}


def test_what_one_acknowledges_stops_for_all_and_who_comes_second_is_told_so(
    watched: Desk, open_as: Callable[..., Desk], clock: HandClock
) -> None:
    ticket(watched)
    clock.advance(minutes=31)
    marc = open_as("Marc")
    marc.alerts.evaluate()
    (alert,) = marc.alerts.news(None).open
    marc.alerts.acknowledge(alert.id)
    assert watched.alerts.news(None).total == 0
    with pytest.raises(Conflict, match="Marc acknowledged it at 03:43:44"):
        watched.alerts.acknowledge(alert.id)
    with pytest.raises(Conflict, match="Marc acknowledged it"):
        watched.alerts.snooze(alert.id, timedelta(minutes=5))
    with pytest.raises(Refused):
        open_as("Guest", read_only=True).alerts.acknowledge(alert.id)


def with_rules(desk: Desk, **rules: object) -> Desk:
    """Return the desk with other rules for alerts."""
    offer = replace(desk.offer, alerts=replace(desk.offer.alerts, **rules))  # type: ignore[arg-type]
    return replace(desk, context=replace(desk.context, offer=offer), _alerts={})


def test_a_snoozed_alert_is_told_again_when_its_time_is_up_but_not_in_quiet_hours(
    watched: Desk, clock: HandClock
) -> None:
    quiet = OpeningHours("quiet", "Europe/Zurich", {"daily": ["00:00-05:00", "22:00-24:00"]})
    desk = with_rules(watched, quiet=quiet, response=(0.5,))
    ticket(desk)
    clock.advance(minutes=31)
    desk.alerts.evaluate()
    (alert,) = desk.alerts.news(None).open
    desk.alerts.snooze(alert.id, timedelta(minutes=5))
    assert desk.alerts.news(None).total == 0
    clock.advance(minutes=5)
    desk.alerts.evaluate()
    assert desk.alerts.get(alert.id).round == 0
    assert desk.alerts.get(alert.id).again_at == NOW.replace(hour=4, minute=0, second=0)
    clock.now = NOW.replace(hour=4, minute=0, second=0)
    desk.alerts.evaluate()
    assert (desk.alerts.get(alert.id).round, desk.alerts.get(alert.id).waits) == (1, False)


def test_what_nobody_acknowledges_gets_louder_and_then_goes_to_the_next_on_duty(
    watched: Desk, clock: HandClock
) -> None:
    desk = with_rules(watched, response=(0.5,), escalate_after=timedelta(minutes=10), duty=("Léa", "Marc"))
    ticket(desk)
    clock.advance(minutes=30)
    desk.alerts.evaluate()
    (alert,) = desk.alerts.news(None).open
    seen = []
    for _ in range(5):
        seen.append((desk.alerts.get(alert.id).step, desk.alerts.get(alert.id).loudness))
        clock.advance(minutes=10)
        desk.alerts.evaluate()
    assert seen == [
        (0, Level.WARNING),
        (1, Level.EMERGENCY),
        (2, Level.EMERGENCY),
        (3, Level.EMERGENCY),
        (3, Level.EMERGENCY),
    ]


def test_a_clock_that_ran_ahead_and_is_set_back_hides_no_threshold(watched: Desk, clock: HandClock) -> None:
    ticket(watched)
    clock.advance(hours=5)
    watched.alerts.evaluate()
    clock.advance(hours=-5)
    watched.alerts.evaluate()
    clock.advance(minutes=31)
    watched.alerts.evaluate()
    (alert,) = watched.alerts.news(None).open
    assert (alert.facts["percent"], alert.raised_at) == ("50", clock.now)


def test_of_desks_that_would_send_the_same_one_does_and_another_takes_over_where_it_died(
    watched: Desk, open_as: Callable[..., Desk], clock: HandClock
) -> None:
    ticket(watched)
    clock.advance(minutes=31)
    watched.alerts.evaluate()
    marc = open_as("Marc")
    (going,) = watched.alerts.outgoing(watched.alerts.place)
    both = {Channel.DESKTOP, Channel.PUSH}
    mine = watched.alerts.claim([going.alert], both, watched.alerts.place)
    assert {channel: len(found) for channel, found in mine.items()} == {Channel.DESKTOP: 1, Channel.PUSH: 1}
    theirs = marc.alerts.claim([going.alert], both, marc.alerts.place)
    assert {channel: len(found) for channel, found in theirs.items()} == {Channel.DESKTOP: 1, Channel.PUSH: 0}
    watched.alerts.finish(
        mine[Channel.DESKTOP], Channel.DESKTOP, watched.alerts.place, Result.FAILED, "no bus"
    )
    clock.advance(seconds=31)
    again = marc.alerts.claim([going.alert], both, marc.alerts.place)
    assert len(again[Channel.PUSH]) == 1
    marc.alerts.finish(again[Channel.PUSH], Channel.PUSH, marc.alerts.place, Result.OK)
    told = [(each.channel, each.result, each.detail) for each in watched.alerts.deliveries(going.alert.id)]
    assert (Channel.DESKTOP, Result.FAILED, "no bus") in told
    assert (Channel.PUSH, Result.OK, "") in told
    assert list(watched.alerts.failing()) == [Channel.DESKTOP]


def test_looking_again_reads_and_writes_nothing(watched: Desk, store: Store) -> None:
    ticket(watched)
    watched.alerts.evaluate()
    with store.connect() as connection:
        before = connection.exec_driver_sql("SELECT value FROM revision").scalar()
    for _ in range(3):
        watched.alerts.evaluate()
    with store.connect() as connection:
        assert connection.exec_driver_sql("SELECT value FROM revision").scalar() == before


def test_what_is_off_raises_nothing(watched: Desk, clock: HandClock) -> None:
    desk = with_rules(watched, off=frozenset({Kind.NEW}), response=(0.25,))
    ticket(desk, channel=Via.EMAIL)
    ticket(desk)
    clock.advance(minutes=50)
    desk.alerts.evaluate()
    assert [percent for _, _, percent in raised(desk)] == ["25"]


def test_nothing_that_came_about_before_the_first_look_is_raised(desk: Desk, clock: HandClock) -> None:
    ticket(desk)
    clock.advance(hours=3)
    desk.alerts.evaluate()
    assert not desk.alerts.page(10)


def test_a_purge_takes_the_alerts_of_before_with_it_and_says_so(watched: Desk, clock: HandClock) -> None:
    ticket(watched)
    for _ in range(2):
        clock.advance(minutes=31)
        watched.alerts.evaluate()
    assert watched.maintenance.purge_closed_before(NOW + timedelta(minutes=40), lambda _: None) == 0
    assert [alert.facts["percent"] for alert in watched.alerts.page(9)] == ["0", "10", "25"]


def test_what_was_to_escalate_does_so_no_more_once_that_is_off(watched: Desk, clock: HandClock) -> None:
    desk = with_rules(watched, response=(0.5,), escalate_after=timedelta(minutes=10))
    ticket(desk)
    clock.advance(minutes=30)
    desk.alerts.evaluate()
    (alert,) = desk.alerts.news(None).open
    clock.advance(minutes=10)
    with_rules(watched, response=(0.5,)).alerts.evaluate()
    assert (watched.alerts.get(alert.id).step, watched.alerts.get(alert.id).again_at) == (0, None)
