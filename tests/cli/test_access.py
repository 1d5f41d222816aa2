"""Temporary access from the command line (R23)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
import time_machine
from hostile import HOSTILE
from support import NOW

from oncall_tui.desk import Desk
from oncall_tui.store import customers


@pytest.fixture(autouse=True)
def now() -> Iterator[time_machine.Traveller]:
    """The commands' clock stands at 03:12:44."""
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


@pytest.fixture(autouse=True)
def lea(desk: Desk, database_url: str, monkeypatch: pytest.MonkeyPatch) -> Desk:
    """Léa's desk, on the database that the commands use; the bank has two services."""
    monkeypatch.setenv("ONCALL_TUI_DATABASE", database_url)
    monkeypatch.setenv("ONCALL_TUI_OPERATOR", "Léa")
    with desk.store.begin() as tx:
        row, old = customers.find(tx.connection, "leman")
        customers.replace(tx, row, replace(old, services=("Mail", "Drive")), None)
    return desk


def granted(cli, until="4h", service="mail"):
    done = cli(
        "access", "grant", "leman", "--service", service, "--until", until, "--by", "A. Rochat", "--json"
    )
    assert done.code == 0, done.out
    return done.json


def test_an_access_from_its_grant_to_its_end(cli):
    made = granted(cli)
    assert made == {
        "id": made["id"],
        "customer": "leman",
        "customer_name": "Banque du Léman",
        "service": "Mail",
        "state": "active",
        "granted_at": "2026-03-27T03:12:44+01:00",
        "until": "2026-03-27T07:12:44+01:00",
        "remaining_seconds": 14400,
        "granted_by": "A. Rochat",
        "recorded_by": "Léa",
        "recorded_at": "2026-03-27T03:12:44+01:00",
        "ended_at": None,
        "ended_by": "",
        "in_use_by": [],
        "uses": [],
    }
    number = str(made["id"])
    used = cli("access", "use", number, "--purpose", "mail queue", "--json").json
    assert (used["state"], used["in_use_by"]) == ("in_use", ["Léa"])
    assert used["uses"][0]["purpose"] == "mail queue"
    assert (
        cli("access", "stop", number).out
        == f"{number}  Banque du Léman, Mail: active, until Fri 27 Mar 2026 07:12:44\n"
    )
    ended = cli("access", "end", number, "--json").json
    assert (ended["state"], ended["ended_by"]) == ("ended", "Léa")
    refused = cli("access", "use", number, "--purpose", "again", "--json")
    assert refused.code == 1
    assert refused.json["error"]["rule"] == "R23"
    assert "was ended at 03:12:44 by Léa" in refused.json["error"]["message"]


def test_a_use_for_a_ticket_stands_in_its_history(cli):
    ref = cli(
        "ticket", "new", "--customer", "leman", "--channel", "phone", "--subject", "Mail", "--json"
    ).json["ref"]
    used = cli("access", "use", str(granted(cli)["id"]), "--ticket", ref, "--json").json
    assert used["uses"][0]["ticket"] == ref
    assert "use access" in cli("ticket", "show", ref).out


def test_what_cant_be_is_refused_in_words(cli):
    """R4, R23."""
    for until, code, says in (
        ("2026-10-25T02:30", 2, "occurs twice"),
        ("soon", 2, "says no end"),
        ("2026-03-27T03:00", 2, "over already"),
    ):
        failed = cli("access", "grant", "leman", "--service", "Mail", "--until", until, "--json")
        assert (failed.code, says in failed.json["error"]["message"]) == (code, True)
    failed = cli("access", "grant", "leman", "--service", "Backup", "--until", "4h", "--json")
    assert failed.json["error"]["hint"] == "theirs: Mail, Drive"
    assert cli("access", "grant", "nobody", "--service", "Mail", "--until", "4h").code == 3
    assert cli("access", "end", "77").code == 3
    assert cli("access", "end", "first").code == 2
    assert cli("access", "stop", str(granted(cli)["id"])).code == 1


def test_the_list_is_what_a_hand_over_says(cli, now):
    mail, drive = granted(cli, "9h"), granted(cli, "1h", "Drive")
    cli("access", "use", str(mail["id"]), "--purpose", "mail queue")
    now.shift(2 * 3600)
    listed = cli("access", "list", "--json").json
    assert [(each["id"], each["state"]) for each in listed] == [
        (mail["id"], "in_use"),
        (drive["id"], "expired"),
    ]
    assert listed[1]["ended_at"] == "2026-03-27T04:12:44+01:00"
    assert [each["id"] for each in cli("access", "list", "--since", "2026-03-27T05:00", "--json").json] == [
        mail["id"]
    ]
    assert len(cli("access", "list", "leman", "--json").json) == 2
    assert [
        e["id"] for e in cli("access", "list", "leman", "--since", "2026-03-27T05:00", "--json").json
    ] == [mail["id"]]
    then = cli("--now", "2026-03-27T03:30", "access", "list", "--json").json
    assert [(each["service"], each["state"]) for each in then] == [("Drive", "active"), ("Mail", "in_use")]
    out = cli("access", "list").out.splitlines()
    assert out[0].split() == ["ID", "STATE", "CUSTOMER", "SERVICE", "UNTIL", "LEFT", "IN", "USE", "BY"]
    assert "in use" in out[1]
    assert out[1].endswith("Léa")
    assert "ran out" in out[2]


def test_an_empty_list_says_so(cli):
    assert cli("access", "list", "--json").json == []
    assert cli("access", "list").out.startswith("no access")


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_is_harmless(cli, text):
    made = granted(cli)
    used = cli("access", "use", str(made["id"]), "--purpose", text or "x", "--json")
    assert "\x1b" not in used.out
    assert "\x1b" not in cli("access", "list").out
