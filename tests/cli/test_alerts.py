"""Alerts on the command line."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from cli.conftest import Run
from support import HandClock

from oncall_tui.desk import Desk
from oncall_tui.domain.alerts import Channel, Result
from oncall_tui.domain.tickets import Channel as Via

Alerts = Callable[..., "object"]


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    """What both databases answer is for the desk's tests."""
    return sqlite_url


@pytest.fixture
def ref(desk: Desk, clock: HandClock) -> str:
    """A ticket of which half the time and then a quarter is left; the first was sent to a desktop."""
    desk.alerts.evaluate()
    filed = desk.tickets.new(customer="leman", channel=Via.EMERGENCY, subject="It's <b>")
    clock.advance(minutes=31)
    desk.alerts.evaluate()
    ((alert, _),) = desk.alerts.outgoing(desk.alerts.place)
    claimed = desk.alerts.claim([alert], [Channel.DESKTOP, Channel.COMMAND], desk.alerts.place)
    desk.alerts.finish(claimed[Channel.DESKTOP], Channel.DESKTOP, desk.alerts.place, Result.FAILED, "no bus")
    clock.advance(minutes=15)
    desk.alerts.evaluate()
    return filed.ref


@pytest.fixture
def alert(cli: Run, sqlite_url: str) -> Run:
    """Run `oncall-tui alert` as Marc."""

    def run(*arguments: str, before: tuple[str, ...] = ()) -> object:
        return cli("--database", sqlite_url, "--as", "Marc", *before, "alert", *arguments)

    return run  # type: ignore[return-value]


def test_the_list_says_what_was_raised_and_what_became_of_it(alert: Run, ref: str, desk: Desk) -> None:
    listed = alert("list", "--json").json
    assert [(each["level"], each["facts"]["percent"], each["state"]) for each in listed] == [
        ("critical", "25", "open"),
        ("warning", "50", "settled"),
    ]
    assert listed[1]["subject"] == ref
    assert listed[1]["at"] == "2026-03-27T03:42:44+01:00"
    assert [
        (each["channel"], each["place"], each["result"], each["detail"]) for each in listed[1]["deliveries"]
    ] == [
        ("desktop", desk.alerts.place, "failed", "no bus"),
        ("command", None, "under_way", None),
    ]
    assert [each["alert"] for each in alert("list", "--open", "--json").json] == [listed[0]["alert"]]
    assert alert("list", "--since", "2026-03-27T03:50+01:00", "--json").json == listed[:1]
    table = alert("list").out
    assert "25 % left, due 27.03. 04:12" in table
    assert "desktop failed, command under way" in table
    then = alert("list", "--open", "--json", before=("--now", "2026-03-27T03:45+01:00")).json
    assert [(each["facts"]["percent"], each["state"]) for each in then] == [("50", "open")]


def test_who_acknowledges_or_puts_off_stops_it_for_all_and_the_second_is_told_so(
    alert: Run, ref: str, desk: Desk
) -> None:
    (open_one,) = desk.alerts.news(None).open
    number = str(open_one.id)
    put_off = alert("snooze", number, "--for", "15min", "--json")
    assert (put_off.code, put_off.json["state"], put_off.json["snoozed_by"]) == (0, "snoozed", "Marc")
    assert "is acknowledged" in alert("ack", number).out
    assert desk.alerts.news(None).total == 0
    second = alert("snooze", number, "--for", "15min", "--json")
    assert second.code == 1
    assert "acknowledged it at" in second.json["error"]["message"]


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("ack", "99"), 3),
        (("ack", "none"), 2),
        (("ack", "9" * 30), 2),
        (("snooze", "1", "--for", "13h"), 2),
        (("snooze", "1", "--for", "soon"), 2),
        (("list", "--since", "yesterday"), 2),
    ],
)
def test_what_cannot_be_done_is_said_with_its_exit_code(
    alert: Run, ref: str, arguments: tuple[str, ...], code: int
) -> None:
    answered = alert(*arguments)
    assert (answered.code, answered.out) == (code, "")
    assert answered.err


def test_an_empty_list_says_so(alert: Run, desk: Desk) -> None:
    assert alert("list").err.strip() == "no alerts"
    assert alert("list", "--json").json == []
