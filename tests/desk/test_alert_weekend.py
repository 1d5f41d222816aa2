"""A whole weekend with a change of clocks and up to 500 tickets, each alert compared with a walk through all
its minutes: none comes early, none late, none twice, and none is missing.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import UTC, date, datetime

import pytest
from importing import import_customers
from support import HandClock
from weekend import LENGTH, Event, Told, Weekend, expected, weekend

from oncall_tui.desk import Desk
from oncall_tui.domain.alerts import Alert, Kind
from oncall_tui.domain.customers import Customer
from oncall_tui.domain.plans import Plan
from oncall_tui.domain.tickets import Channel, Means
from oncall_tui.store import customers

SPRING = datetime(2027, 3, 25, 23, tzinfo=UTC)
"""Midnight in Geneva before Friday 26 March 2027; the clocks go forward on Sunday."""

AUTUMN = datetime(2027, 10, 28, 22, tzinfo=UTC)
"""Midnight in Geneva before Friday 29 October 2027; the clocks go back on Sunday."""

Desks = dict[str, Desk]


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    """The rules are the same on both databases: the faster one."""
    return sqlite_url


@pytest.fixture
def desks(open_as: Callable[..., Desk]) -> Desks:
    """A desk for everybody who acts, and for two who look."""
    return {name: open_as(name) for name in ("Léa", "Marc", "Nora", "first", "second")}


@pytest.fixture(params=[(SPRING, 500), (AUTUMN, 200)], ids=["spring", "autumn"])
def script(request: pytest.FixtureRequest, desks: Desks, clock: HandClock) -> Weekend:
    """What happens. The customers are there, and somebody has looked before it begins."""
    made = weekend(*request.param, seed=2027)
    organisations = [
        (Customer(ref, f"Organisation {ref}", Plan(plan), date(2027, 1, 1)), None)
        for ref, plan in made.plans.items()
    ]
    with desks["Léa"].store.begin() as tx:
        customers.add(tx, organisations)
    clock.now = made.begin
    desks["first"].alerts.evaluate()
    return made


def do(desk: Desk, event: Event, script: Weekend) -> None:
    """Do what `event` says at this desk."""
    if event.act == "upgrade":
        name = f"Organisation {event.customer}"
        import_customers(desk, {"id": event.customer, "name": name, "plan": event.detail})
        return
    when = script.instant(event.when)
    if event.act == "file":
        desk.tickets.new(
            customer=event.customer,
            channel=Channel(event.detail),
            subject="Mail",
            received_at=when,
            ref=event.ref,
        )
        return
    ticket = desk.tickets.find(event.ref)
    match event.act:
        case "take":
            desk.tickets.take(ticket.id)
        case "hand over":
            desk.tickets.hand_over(ticket.id, event.detail)
        case "answer":
            desk.tickets.answer(ticket.id, Means.PHONE, at=when)
        case "promise":
            desk.tickets.promise(ticket.id, when)
        case "close":
            desk.tickets.close(ticket.id, reason="spam")
        case "reopen":
            desk.tickets.reopen(ticket.id)


def told(desk: Desk) -> list[Told]:
    """Return what was raised, each as often as it was."""
    return sorted(
        (
            Told(alert.subject, _what(alert), alert.level, alert.at, alert.raised_at, alert.settled_at)
            for alert in desk.alerts.page(10_000)
        ),
        key=str,
    )


def _what(alert: Alert) -> str:
    match alert.kind:
        case Kind.RESPONSE:
            return f"response {alert.facts['percent']}"
        case Kind.PROMISE:
            return "promise due" if "before" in alert.facts else "promise broken"
        case Kind.HANDED_OVER:
            return f"handed over {alert.to}"
        case _:
            return str(alert.kind)


def test_who_looks_when_it_is_time_and_after_each_act_tells_all_of_it_in_its_instant(
    desks: Desks, script: Weekend, clock: HandClock
) -> None:
    looking = desks["first"].alerts
    end = script.instant(LENGTH)
    for event in (*script.events, None):
        until = end if event is None else script.instant(event.at)
        while (next_at := looking.evaluate().next_at) is not None and next_at < until:
            assert next_at > clock.now
            clock.now = next_at
        clock.now = until
        if event is not None and event.at < LENGTH:
            looking.evaluate()
            do(desks[event.by], event, script)
    assert told(desks["Léa"]) == expected(script, None)


def test_who_sleeps_for_hours_tells_on_waking_all_that_is_still_so_whoever_wakes(
    desks: Desks, script: Weekend, clock: HandClock
) -> None:
    chance = random.Random(script.begin.month)
    looks, at = [], 0
    while (at := at + chance.choice([10, 30, 60, 30 * 60, chance.randrange(10, 16 * 60)])) < LENGTH:
        looks.append(at)
    waiting = list(reversed(script.events))
    for look in looks:
        while waiting and waiting[-1].at <= look:
            event = waiting.pop()
            clock.now = script.instant(event.at)
            do(desks[event.by], event, script)
        clock.now = script.instant(look)
        desks[chance.choice(["first", "second"])].alerts.evaluate()
    assert told(desks["Léa"]) == expected(script, looks)
