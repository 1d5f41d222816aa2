from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
import time_machine
from hostile import HOSTILE
from support import NOW

from oncall_tui.desk import Desk
from oncall_tui.domain.tickets import Channel, Means

NEW = ("ticket", "new", "T-1", "--customer", "leman", "--channel", "email", "--subject", "Mail queue stuck")


@pytest.fixture(autouse=True)
def now() -> Iterator[time_machine.Traveller]:
    """The commands' clock stands at 03:12:44."""
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


@pytest.fixture(autouse=True)
def lea(desk: Desk, database_url: str, monkeypatch: pytest.MonkeyPatch) -> Desk:
    """Léa's desk with four customers, on the database that the commands use."""
    monkeypatch.setenv("ONCALL_TUI_DATABASE", database_url)
    monkeypatch.setenv("ONCALL_TUI_OPERATOR", "Léa")
    return desk


def test_a_ticket_goes_from_receipt_to_closing(cli, now):
    filed = cli(*NEW, "--received", "2026-03-27T03:00", "--contact", "A. Rochat", "--json").json
    assert (filed["ref"], filed["state"], filed["owner"], filed["contact"]) == (
        "T-1",
        "new",
        None,
        "A. Rochat",
    )
    assert filed["due_at"] == "2026-03-27T07:00:00+01:00"
    assert filed["received_at"] == "2026-03-27T03:00:00+01:00"
    assert filed["recorded_at"] == "2026-03-27T03:12:44+01:00"

    taken = cli("ticket", "take", "T-1", "--json").json
    assert (taken["state"], taken["owner"], taken["clock"]) == ("assigned", "Léa", "response")

    answered = cli("ticket", "answer", "T-1", "--by", "phone", "--at", "2026-03-27T03:05", "--json").json
    assert (answered["state"], answered["answered_means"], answered["met"]) == ("in_progress", "phone", True)
    assert answered["clock"] is None

    promised = cli("ticket", "promise", "T-1", "--in", "30min", "--json").json
    assert (promised["clock"], promised["due_at"]) == ("promise", "2026-03-27T03:42:44+01:00")

    given = cli("ticket", "hand-over", "T-1", "--to", "Marc", "--json").json
    assert given["owner"] == "Marc"

    closed = cli("ticket", "close", "T-1", "--json").json
    assert (closed["state"], closed["closed_at"]) == ("closed", "2026-03-27T03:12:44+01:00")

    assert cli("ticket", "reopen", "T-1", "--json").json["state"] == "in_progress"


def test_without_json_the_ticket_is_said_in_words(cli):
    result = cli(*NEW)
    assert result.code == 0
    assert result.out == (
        "T-1: 3 hours 47 minutes left, response due at 07:00; Enterprise; e-mail; "
        "Banque du Léman; Mail queue stuck; unassigned\n"
    )
    assert result.err == ""


def test_a_new_ticket_without_a_reference_gets_one(cli):
    filed = cli("ticket", "new", *NEW[3:], "--json").json
    assert cli("ticket", "show", filed["ref"], "--json").json["subject"] == "Mail queue stuck"


def test_the_reference_may_stand_last(cli):
    assert cli("ticket", "new", *NEW[3:], "T-9", "--json").json["ref"] == "T-9"


def test_a_promise_for_an_instant(cli):
    cli(*NEW)
    promised = cli("ticket", "promise", "T-1", "--at", "2026-03-27T04:00", "--json").json
    assert promised["promise_due_at"] == "2026-03-27T04:00:00+01:00"


@pytest.mark.parametrize(
    ("arguments", "code", "words", "rule"),
    [
        (("take", "T-404"), 3, "T-404", None),
        (("close", "T-1"), 1, "nobody has answered T-1", "R6"),
        (("answer", "T-1", "--by", "phone", "--at", "2026-03-27T04:00"), 1, "future", "R6"),
        (("answer", "T-1", "--by", "pigeon"), 2, "pigeon", None),
        (("promise", "T-1", "--at", "2026-03-27T03:00"), 1, "future", "R7"),
        (("promise", "T-1", "--in", "soon"), 2, "soon", None),
        (("reopen", "T-1"), 1, "T-1 is open", None),
        (("note", "T-1", "--text", " "), 2, "a note needs a text", None),
        (("hand-over", "T-1", "--to", ""), 2, "a name is needed", None),
        (("new", "T-1", *NEW[3:]), 1, "T-1", None),
        (("new", "--customer", "nobody", *NEW[5:]), 3, "nobody", None),
        (("new", *NEW[3:], "--channel", "fax"), 2, "fax", None),
        (("new", *NEW[3:], "--customer", "tessin", "--channel", "emergency"), 1, "no emergency line", "R11"),
        (("new", *NEW[3:], "--received", "2026-03-27T04:00"), 1, "future", "R5"),
        (("new", *NEW[3:], "--subject", " "), 2, "subject", None),
    ],
)
def test_a_refusal_has_its_exit_code_its_words_and_its_rule(cli, arguments, code, words, rule):
    cli(*NEW)
    result = cli("ticket", *arguments, "--json")
    assert result.code == code
    assert words in result.json["error"]["message"]
    assert result.json["error"]["rule"] == rule
    text = cli("ticket", *arguments)
    assert (text.code, text.out) == (code, "")
    assert words in text.err
    assert rule is None or f"({rule})" in text.err


def test_a_take_that_comes_second_says_who_was_first(cli, open_as):
    cli(*NEW)
    cli("--as", "Marc", "ticket", "take", "T-1")
    result = cli("ticket", "take", "T-1")
    assert result.code == 1
    assert "Marc took T-1 at 03:12:44" in result.err


def test_show_tells_the_whole_ticket(cli, now):
    cli(*NEW, "--received", "2026-03-27T03:00", "--text", "It says\n\n  452 4.3.1")
    cli("ticket", "answer", "T-1", "--by", "email", "--text", "We are on it.")
    cli("ticket", "note", "T-1", "--text", "Disk of mx2")
    lines = cli("ticket", "show", "T-1").out.splitlines()
    assert lines[0] == "T-1  Mail queue stuck"
    for line in (
        "  customer   Banque du Léman (leman), Enterprise",
        "  received   Fri 27 Mar 2026 03:00 by e-mail, recorded Fri 27 Mar 2026 03:12:44",
        "  state      in progress, no clock runs",
        "  answered   Fri 27 Mar 2026 03:12:44 by Léa, email, in time",
        " Due Fri 27 Mar 07:00  Enterprise, 1 h of email hours (daily 06–23, Zurich)",
        "Request",
        "  It says",
        "Answer  Fri 27 Mar 2026 03:12:44  Léa",
        "  We are on it.",
        "Note  Fri 27 Mar 2026 03:12:44  Léa",
        "  Disk of mx2",
        "History",
    ):
        assert line in lines
    document = cli("ticket", "show", "T-1", "--json").json
    assert document["body"] == "It says\n\n  452 4.3.1"
    assert [message["kind"] for message in document["messages"]] == ["answer", "note"]
    assert [entry["act"] for entry in document["history"]] == ["new", "answer", "note"]
    assert document["history"][1]["operator"] == "Léa"
    assert [message["withdrawn_at"] for message in document["messages"]] == [None, None]
    assert sum(line["counted_seconds"] for line in document["ledger"]) == document["budget_seconds"] == 3_600


def test_show_answers_as_of_then(cli, now):
    cli(*NEW, "--received", "2026-03-27T03:00")
    now.shift(timedelta(minutes=10))
    cli("ticket", "take", "T-1")
    cli("ticket", "answer", "T-1", "--by", "phone", "--text", "On it")
    document = cli("--now", "2026-03-27T03:15", "ticket", "show", "T-1", "--json").json
    assert (document["owner"], document["answered_at"], document["messages"]) == (None, None, [])
    assert [entry["act"] for entry in document["history"]] == ["new"]
    assert document["remaining_seconds"] == 3 * 3_600 + 45 * 60
    result = cli("--now", "2026-03-27T02:59", "ticket", "show", "T-1")
    assert result.code == 3
    assert "T-1" in result.err


def test_hostile_text_stays_text(cli):
    for number, text in enumerate(text for text in HOSTILE.values() if text.strip() and "\0" not in text):
        if not (text := text.encode("utf-8", "replace").decode()).strip():
            continue
        ref = f"H-{number}"
        cli("ticket", "new", ref, *NEW[3:], f"--text={text}", f"--contact={text}", f"--subject=x{text}")
        cli("ticket", "note", ref, f"--text=x{text}")
        for form in ((), ("--json",)):
            result = cli("ticket", "show", ref, *form)
            assert result.code == 0
            assert not [
                c for c in result.out if c != "\n" and not c.isprintable() and c not in "\u00a0\u3000\u202f"
            ]


def test_a_script_can_send_the_text_on_stdin(process, lea):
    ticket = lea.tickets.new(
        ref="T-7", customer="moret", channel=Channel.PHONE, subject="x", received_at=NOW - timedelta(hours=1)
    )
    result = process("ticket", "note", "T-7", "--text", "-", "--json", stdin="Grüße\n".encode() + b"\xff")
    assert (result.code, result.err) == (0, "")
    assert result.json["ref"] == "T-7"
    assert [message.text for message in lea.tickets.detail(ticket.id).messages] == ["Grüße\n\ufffd"]


def test_a_refused_act_as_a_process(process, lea):
    lea.tickets.new(ref="T-7", customer="moret", channel=Channel.PHONE, subject="x")
    lea.tickets.answer(lea.tickets.find("T-7").id, Means.PHONE)
    lea.tickets.close(lea.tickets.find("T-7").id)
    result = process("ticket", "take", "T-7", "--json")
    assert result.code == 1
    assert result.json["error"]["message"] == "T-7 is closed"
    assert process("ticket", "show", "T-8", "--json").code == 3
