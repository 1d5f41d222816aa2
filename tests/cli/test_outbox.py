"""Sending answers from a script, and deciding about those that weren't sent."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import time_machine
from hostile import HOSTILE
from mailing import SUPPORT, by_mail, claimed, from_tracker, handed
from support import NOW

from oncall_tui.desk import Desk
from oncall_tui.domain.outgoing import OutgoingState
from oncall_tui.domain.text import clean_body
from oncall_tui.domain.tickets import Channel, Ticket

TEXT = "We have started to work on it."


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    """What both databases answer is for the desk's tests."""
    return sqlite_url


@pytest.fixture(autouse=True)
def now() -> Iterator[time_machine.Traveller]:
    """The commands' clock stands at 03:12:44."""
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


@pytest.fixture
def filed(desk: Desk, sqlite_url: str, monkeypatch: pytest.MonkeyPatch) -> Ticket:
    """A request by mail, on the database that the commands use."""
    monkeypatch.setenv("ONCALL_TUI_DATABASE", sqlite_url)
    monkeypatch.setenv("ONCALL_TUI_OPERATOR", "Léa")
    return by_mail(desk)


def test_an_answer_is_queued_and_says_so(cli, desk, filed):
    done = cli("ticket", "answer", filed.ref, "--send", "--text", TEXT)
    assert (done.code, done.err) == (0, "")
    assert done.out == (
        f"1, answer to {filed.ref} for anna@example.ch: on its way; "
        "the response clock runs until it is handed over\n"
    )
    again = cli("ticket", "answer", filed.ref, "--send", "--text", "More", "--json").json
    assert (again["ref"], again["outgoing"], again["answered_at"]) == (filed.ref, "waiting", None)
    assert (again["queued"]["outgoing"], again["queued"]["text"]) == (2, "More")
    assert [each.text for each in desk.outbox.open()] == [TEXT, "More"]


def test_a_template_is_in_the_language_of_the_organisation_where_nobody_knows_another(cli, desk, filed):
    with desk.store.begin() as tx:
        tx.connection.exec_driver_sql("UPDATE customers SET language = 'fr'")
    assert cli("ticket", "answer", filed.ref, "--send", "--template", "started").code == 0
    (outgoing,) = desk.outbox.open()
    assert "commencé à" in outgoing.text


@pytest.mark.parametrize(("language", "said"), [("fr", "commencé à"), ("English", "have started")])
def test_an_answer_is_made_of_a_template(cli, desk, filed, language, said):
    sent = cli("ticket", "answer", filed.ref, "--send", "--template", "started", "--language", language)
    assert sent.code == 0
    (outgoing,) = desk.outbox.open()
    assert said in outgoing.text
    assert filed.ref in outgoing.text
    assert "Léa" in outgoing.text


def test_a_text_comes_on_stdin_whatever_it_holds(process, desk, filed, sqlite_url):
    text = "\n".join(HOSTILE.values())
    done = process(
        "ticket", "answer", filed.ref, "--send", "--text", "-", stdin=text.encode("utf-8", "replace")
    )
    assert done.code == 0, done.err
    (outgoing,) = desk.outbox.open()
    assert outgoing.text == clean_body(outgoing.text)


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        (("--send",), 2, "needs a text"),
        (("--send", "--text", TEXT, "--at", "2026-03-27T03:00"), 2, "--send is now"),
        (("--send", "--text", TEXT, "--template", "started"), 2, "not allowed with"),
        (("--send", "--text", TEXT, "--language", "fr"), 2, "--template"),
        (("--send", "--template", "nonsense"), 2, "unknown template"),
        (("--by", "phone", "--template", "started"), 2, "--send"),
        (("--by", "phone", "--send"), 2, "not allowed with"),
        (("--text", TEXT), 2, "required"),
    ],
)
def test_wrong_usage_sends_nothing_and_says_why(cli, desk, filed, arguments, code, says):
    done = cli("ticket", "answer", filed.ref, *arguments)
    assert (done.code, done.out) == (code, "")
    assert says in done.err
    assert desk.outbox.open() == ()


def test_a_ticket_that_came_from_nowhere_gets_no_answer(cli, desk, filed):
    desk.tickets.new(customer="leman", channel=Channel.PHONE, subject="Printer", ref="P-1")
    done = cli("ticket", "answer", "P-1", "--send", "--text", TEXT, "--json")
    assert (done.code, done.json["error"]["title"]) == (1, "Refused")
    assert "--by" in done.json["error"]["hint"]
    assert cli("ticket", "answer", "nothing", "--send", "--text", TEXT).code == 3


def test_the_list_says_what_is_on_its_way_and_what_needs_a_person(cli, desk, filed, now):
    assert (cli("outbox", "list").out, cli("outbox", "list").err) == ("", "nothing is on its way\n")
    desk.outbox.answer(filed.id, TEXT)
    outgoing = claimed(desk)
    desk.outbox.finish(outgoing, handed(NOW, OutgoingState.UNSURE, detail="connection lost"))
    tracked = from_tracker(desk)
    desk.tickets.take(tracked.id)
    listed = cli("outbox", "list", "--json").json
    assert [(each["outgoing"], each["act"], each["state"], each["owner"]) for each in listed] == [
        (1, "answer", "unsure", None),
        (2, "owner", "waiting", "Léa"),
    ]
    assert listed[0] == {
        "outgoing": 1,
        "act": "answer",
        "state": "unsure",
        "ticket": filed.ref,
        "source": SUPPORT,
        "thread": None,
        "to": "anna@example.ch",
        "to_name": "Anna Favre",
        "subject": f"Re: Certificate expires [{filed.ref}]",
        "text": TEXT,
        "owner": None,
        "author": "Léa",
        "created_at": "2026-03-27T03:12:44+01:00",
        "tries": 1,
        "next_at": None,
        "ended_at": "2026-03-27T03:12:44+01:00",
        "detail": "connection lost",
        "message_id": outgoing.message_id,
    }
    table = cli("outbox", "list").out
    assert f"answer to {filed.ref} for anna@example.ch" in table
    assert "unsure 03:12 (connection lost)" in table
    assert f"{tracked.ref} goes to Léa in tracker" in table
    shown = cli("ticket", "show", filed.ref).out
    assert "Léa, unsure: connection lost" in shown
    desk.outbox.drop(1)
    assert [each["outgoing"] for each in cli("outbox", "list", "--json").json] == [2]
    of_ticket = cli("outbox", "list", "--ticket", filed.ref, "--json").json
    assert [each["state"] for each in of_ticket] == ["dropped"]
    assert cli("--now", "2026-03-27T03:00", "outbox", "list").code == 2


def test_a_person_decides(cli, desk, filed):
    desk.outbox.answer(filed.id, TEXT)
    desk.outbox.finish(claimed(desk), handed(NOW, OutgoingState.UNSURE, detail="connection lost"))
    again = cli("outbox", "again", "1")
    assert (again.code, again.out) == (0, f"1, answer to {filed.ref} for anna@example.ch: waiting\n")
    desk.outbox.finish(claimed(desk), handed(NOW, OutgoingState.UNSURE))
    assert cli("outbox", "sent", "1", "--json").json["state"] == "sent"
    assert desk.tickets.find(filed.ref).answered_at == NOW
    refused = cli("outbox", "drop", "1")
    assert (refused.code, refused.out) == (1, "")
    assert "sent already" in refused.err
    tracked = from_tracker(desk)
    desk.tickets.take(tracked.id)
    desk.outbox.finish(claimed(desk, "tracker"), handed(NOW, OutgoingState.CONFLICT, their_owner="zoe"))
    assert cli("outbox", "again", "2").code == 1
    assert cli("outbox", "force", "2", "--json").json["state"] == "waiting"
    desk.outbox.finish(claimed(desk, "tracker"), handed(NOW, OutgoingState.CONFLICT, their_owner="zoe"))
    assert cli("outbox", "drop", "2", "--json").json["state"] == "dropped"
    assert desk.tickets.find(tracked.ref).owner == "zoe"
    assert cli("outbox", "drop", "99").code == 3
    assert cli("outbox", "drop", "x").code == 2
