from __future__ import annotations

from datetime import timedelta

import pytest
from hostile import HOSTILE
from rich.cells import cell_len
from support import NOW

from oncall_tui.cli.queue import ORDERS
from oncall_tui.desk import Desk
from oncall_tui.domain.queue import Order
from oncall_tui.domain.tickets import Channel, Means

THEN = ("--now", "2026-03-27T03:12:44")
FIELDS = [
    "ref",
    "customer",
    "customer_name",
    "plan",
    "channel",
    "subject",
    "state",
    "owner",
    "received_at",
    "due_at",
    "clock",
    "remaining_seconds",
    "remaining_opening_seconds",
    "urgency",
]


@pytest.fixture
def night(desk: Desk, database_url: str, monkeypatch: pytest.MonkeyPatch) -> Desk:
    """A desk with four tickets, whose database the commands use."""
    monkeypatch.setenv("ONCALL_TUI_DATABASE", database_url)
    monkeypatch.setenv("ONCALL_TUI_OPERATOR", "Léa")

    def new(ref: str, customer: str, channel: Channel, subject: str, **ago: float) -> int:
        received = NOW - timedelta(**ago)
        return desk.tickets.new(
            ref=ref, customer=customer, channel=channel, subject=subject, received_at=received
        ).id

    new("T-1", "jardin", Channel.EMAIL, "How do I move my site?", hours=10)
    taken = new("T-2", "leman", Channel.EMERGENCY, "Cluster unreachable", hours=1, minutes=12, seconds=7)
    new("T-3", "tessin", Channel.EMAIL, "DNS change to be made", hours=5)
    answered = new("T-4", "moret", Channel.PHONE, "VPS won't boot", minutes=30)
    desk.tickets.take(taken)
    desk.tickets.answer(answered, Means.PHONE)
    desk.tickets.promise(answered, NOW + timedelta(minutes=30))
    return desk


def test_json_has_the_fields_of_the_contract_in_board_order(cli, night):
    tickets = cli(*THEN, "queue", "--json").json
    assert [list(ticket) for ticket in tickets] == [FIELDS] * 4
    assert [ticket["ref"] for ticket in tickets] == ["T-2", "T-4", "T-3", "T-1"]
    assert tickets[0] == {
        "ref": "T-2",
        "customer": "leman",
        "customer_name": "Banque du Léman",
        "plan": "enterprise",
        "channel": "emergency",
        "subject": "Cluster unreachable",
        "state": "assigned",
        "owner": "Léa",
        "received_at": "2026-03-27T02:00:37+01:00",
        "due_at": "2026-03-27T03:00:37+01:00",
        "clock": "response",
        "remaining_seconds": -727,
        "remaining_opening_seconds": -727,
        "urgency": "overdue",
    }
    promise, mail, free = tickets[1:]
    assert (promise["clock"], promise["remaining_seconds"]) == ("promise", 1_800)
    assert promise["remaining_opening_seconds"] == 1_800
    # Received at 22:12:44; 47 min 16 s of four hours ran until 23:00, the rest begins at 06:00.
    assert mail["due_at"] == "2026-03-27T09:12:44+01:00"
    assert mail["remaining_seconds"] == 6 * 3_600
    assert mail["remaining_opening_seconds"] == 3 * 3_600 + 12 * 60 + 44
    assert [free[name] for name in ("due_at", "clock", "remaining_seconds", "remaining_opening_seconds")] == [
        None
    ] * 4
    assert free["urgency"] == "none"


def test_the_second_order_is_by_opening_time_left(cli, night):
    night.tickets.new(
        ref="T-5",
        customer="moret",
        channel=Channel.EMERGENCY,
        subject="x",
        received_at=NOW - timedelta(hours=-0),
    )
    night.tickets.promise(night.tickets.find("T-1").id, NOW + timedelta(hours=5))
    by_due = [ticket["ref"] for ticket in cli(*THEN, "queue", "--json").json]
    by_opening = cli(*THEN, "queue", "--order", "opening", "--json").json
    assert by_due == ["T-2", "T-4", "T-5", "T-1", "T-3"]
    assert [ticket["ref"] for ticket in by_opening] == ["T-2", "T-4", "T-5", "T-3", "T-1"]


@pytest.mark.parametrize(
    ("queue", "refs"),
    [
        ("emergency", ["T-2"]),
        ("enterprise", ["T-2"]),
        ("pro", ["T-4"]),
        ("plus", ["T-3"]),
        ("standard", ["T-1"]),
        ("unassigned", ["T-3", "T-1"]),
        ("mine", ["T-2", "T-4"]),
        ("overdue", ["T-2"]),
    ],
)
def test_every_queue_of_the_contract(cli, night, queue, refs):
    assert [ticket["ref"] for ticket in cli(*THEN, "queue", "--queue", queue, "--json").json] == refs


@pytest.mark.parametrize(
    ("arguments", "refs"),
    [
        (["--filter", "leman"], ["T-2"]),
        (["--filter", "LÉMAN"], ["T-2"]),
        (["--filter", "!leman owner:none"], ["T-3", "T-1"]),
        (["--filter", "plan:p state:new,in"], ["T-4", "T-3"]),
        (["--filter", 'owner:me "won\'t boot"'], ["T-4"]),
        (["--filter", "customer:jardin", "--queue", "standard"], ["T-1"]),
        (["--filter", "customer:jardin", "--queue", "mine"], []),
        (["--filter", ""], ["T-2", "T-4", "T-3", "T-1"]),
        (["--order", "oldest"], ["T-1", "T-3", "T-2", "T-4"]),
        (["--order", "newest"], ["T-4", "T-2", "T-3", "T-1"]),
        (["--order", "plan"], ["T-2", "T-4", "T-3", "T-1"]),
        (["--order", "newest", "--limit", "2", "--filter", "!cluster"], ["T-4", "T-3"]),
    ],
)
def test_a_filter_and_an_order_find_what_one_looks_for(cli, night, arguments, refs):
    for then in (THEN, ()):
        assert [ticket["ref"] for ticket in cli(*then, "queue", "--json", *arguments).json] == refs


def test_the_last_changed_comes_first(cli, night):
    night.tickets.note(night.tickets.find("T-3").id, "Called back.")
    found = cli("queue", "--order", "changed", "--json").json
    assert [ticket["ref"] for ticket in found] == ["T-3", "T-4", "T-2", "T-1"]


def test_every_order_is_one_of_the_command(cli, night):
    assert list(Order) == list(ORDERS)
    result = cli("queue", "--order", "colour")
    assert result.code == 2
    assert "changed" in result.err


def test_a_filter_that_asks_for_what_there_isnt_is_refused(cli, night):
    result = cli("queue", "--filter", "plan:gold", "--json")
    assert (result.code, result.json["error"]["message"]) == (2, "plan:gold fits no plan")
    assert result.json["error"]["hint"] == "allowed: standard, plus, pro, enterprise"
    result = cli("queue", "--filter", "nowhere")
    assert (result.code, result.out, result.err) == (0, "", "no open tickets (All, nowhere)\n")


def test_a_queue_of_the_settings_is_a_queue_like_the_others(cli, night, tmp_path, monkeypatch):
    path = tmp_path / "own.toml"
    path.write_text('[queues.night]\nfilter = "plan:e,plus"')
    monkeypatch.setenv("ONCALL_TUI_CONFIG", str(path))
    found = cli(*THEN, "queue", "--queue", "night", "--json").json
    assert [ticket["ref"] for ticket in found] == ["T-2", "T-3"]
    found = cli(*THEN, "queue", "--queue", "night", "--filter", "owner:none", "--json").json
    assert [ticket["ref"] for ticket in found] == ["T-3"]
    result = cli("queue", "--queue", "nigth", "--json")
    assert result.code == 2
    assert result.json["error"]["hint"].endswith("overdue, night")


def test_limit_takes_the_first(cli, night):
    assert [ticket["ref"] for ticket in cli(*THEN, "queue", "--limit", "2", "--json").json] == ["T-2", "T-4"]


def test_as_of_an_earlier_instant_only_what_had_happened_by_then(cli, night):
    tickets = cli("--now", "2026-03-27T02:30", "queue", "--json").json
    assert [(ticket["ref"], ticket["owner"], ticket["state"]) for ticket in tickets] == [
        ("T-2", None, "new"),
        ("T-3", None, "new"),
        ("T-1", None, "new"),
    ]


def test_plain_is_a_line_a_ticket_in_words(cli, night):
    lines = cli(*THEN, "queue", "--plain").out.splitlines()
    assert lines[0] == (
        "T-2: overdue by 13 minutes, response due at 03:00; Enterprise; emergency call; "
        "Banque du Léman; Cluster unreachable; owner Léa"
    )
    assert lines[1].startswith("T-4: 30 minutes left, promised update due at 03:42; Pro; phone;")
    assert lines[2].startswith("T-3: 6 hours left, response due at 09:12; Plus; e-mail;")
    assert (
        lines[3] == "T-1: no clock runs; Standard; e-mail; Jardin d'Été; How do I move my site?; unassigned"
    )


def test_plain_names_the_day_where_it_is_another_one(cli, night):
    lines = cli("--now", "2026-03-26T23:00", "queue", "--plain").out.splitlines()
    assert lines[0].startswith("T-3: 10 hours 12 minutes left, response due Friday 27 March at 09:12; Plus;")


def test_the_table_is_aligned_and_as_wide_as_it_needs_to_be(cli, night):
    lines = cli(*THEN, "queue").out.splitlines()
    assert lines[0].split() == ["LEFT", "DUE", "PLAN", "VIA", "REF", "CUSTOMER", "SUBJECT", "OWNER"]
    assert (
        " ".join(lines[1].split())
        == "!! -00:12:07 03:00 Ent call T-2 Banque du Léman Cluster unreachable Léa"
    )
    assert "03:42 promise" in lines[2]
    assert {
        line.index(name) for line, name in zip(lines, ("REF", "T-2", "T-4", "T-3", "T-1"), strict=True)
    } == {lines[0].index("REF")}


@pytest.mark.parametrize("columns", [40, 60, 80, 120])
def test_the_table_fits_the_terminal(cli, night, monkeypatch, columns):
    monkeypatch.setenv("COLUMNS", str(columns))
    lines = cli(*THEN, "queue").out.splitlines()
    assert max(cell_len(line) for line in lines) <= max(columns, 55)
    assert ("DUE" in lines[0], "OWNER" in lines[0]) == (columns >= 80, columns >= 80)
    for heading in ("LEFT", "PLAN", "REF", "CUSTOMER", "SUBJECT"):
        assert heading in lines[0]


def test_an_empty_queue_is_said_and_is_no_error(cli, night):
    assert cli(*THEN, "queue", "--queue", "overdue", "--json", "--limit", "1").json
    night.tickets.answer(night.tickets.find("T-2").id, Means.EMAIL)
    result = cli(*THEN, "queue", "--queue", "overdue")
    assert (result.code, result.out) == (0, "")
    assert "no open tickets" in result.err
    assert cli(*THEN, "queue", "--queue", "overdue", "--json").json == []


def test_hostile_subjects_stay_text(cli, night):
    for number, text in enumerate(text for text in HOSTILE.values() if text.strip()):
        night.tickets.new(ref=f"H-{number}", customer="leman", channel=Channel.EMAIL, subject=text)
    for form in ((), ("--plain",), ("--json",)):
        out = cli(*THEN, "queue", *form).out
        assert not [c for c in out if c != "\n" and not c.isprintable() and c not in "\u00a0\u3000\u202f"]


def test_a_script_gets_one_document_and_nothing_else(process, sqlite_url):
    result = process("--database", sqlite_url, "queue", "--json")
    assert (result.code, result.json, result.err) == (0, [], "")
