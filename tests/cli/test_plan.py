"""The contract from the command line: shown, upgraded with every open ticket, and refused (R8, R21)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

import pytest
import time_machine
from hostile import HOSTILE
from support import NOW

from oncall_tui.desk import Desk
from oncall_tui.domain.audit import AuditFilter
from oncall_tui.domain.customers import Customer, Manager
from oncall_tui.domain.plans import Plan
from oncall_tui.domain.tickets import Channel, Ticket
from oncall_tui.store import customers

BANK = Customer(
    "bank",
    "Bank",
    Plan.ENTERPRISE,
    date(2025, 8, 31),
    managers=(Manager("Camille Perrin"), Manager("Aline Morand", technical=True)),
)


@pytest.fixture(autouse=True)
def now() -> Iterator[time_machine.Traveller]:
    """The commands' clock stands at 03:12:44."""
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


@pytest.fixture(autouse=True)
def lea(desk: Desk, database_url: str, monkeypatch: pytest.MonkeyPatch) -> Desk:
    """Léa's desk, on the database that the commands use."""
    monkeypatch.setenv("ONCALL_TUI_DATABASE", database_url)
    monkeypatch.setenv("ONCALL_TUI_OPERATOR", "Léa")
    with desk.store.begin() as tx:
        customers.add(tx, [(BANK, None)])
    return desk


@pytest.fixture
def waiting(lea: Desk) -> Ticket:
    return lea.tickets.new(customer="tessin", channel=Channel.PHONE, subject="DNS")


def test_show_says_what_was_bought(cli):
    assert cli("plan", "show", "moret", "--json").json == {
        "customer": "moret",
        "customer_name": "Fromagerie Moret",
        "plan": "pro",
        "partner": False,
        "subscribed_on": "2026-01-01",
        "committed_until": "2026-07-01",
        "commitment": "running",
        "days_left": 96,
        "can_become": ["enterprise"],
    }
    assert cli("plan", "show", "Fromagerie Moret").out.splitlines() == [
        "Fromagerie Moret (moret)",
        "  plan        Pro",
        "  subscribed  2026-01-01",
        "  committed   until 2026-07-01, 96 days left",
        "  can become  Enterprise",
    ]
    assert "not on file" in cli("plan", "show", "jardin").out
    assert cli("plan", "show", "bank", "--json").json["commitment"] == "over"
    assert cli("plan", "show", "nobody").code == 3


def test_show_as_of_another_day(cli):
    """R21."""
    found = cli("--now", "2026-02-28T23:30", "plan", "show", "bank", "--json").json
    assert (found["committed_until"], found["days_left"]) == ("2026-02-28", 0)


def test_a_dry_run_writes_nothing(cli, lea, waiting):
    """R8."""
    before = lea.customers.card("tessin")
    found = cli("plan", "upgrade", "tessin", "--to", "enterprise", "--dry-run", "--json")
    assert found.code == 0
    assert (found.json["dry_run"], found.json["plan"], found.json["to"]) == (True, "plus", "enterprise")
    assert found.json["tickets"] == [
        {
            "ref": waiting.ref,
            "subject": "DNS",
            "old_due_at": "2026-03-27T10:00:00+01:00",
            "new_due_at": "2026-03-27T07:00:00+01:00",
            "note": "",
        }
    ]
    assert "tailored advice, Mon–Fri 09:00–18:00" in found.json["opens"]
    assert lea.customers.card("tessin") == before
    assert "would become Pro" in cli("plan", "upgrade", "tessin", "--to", "pro", "--dry-run").out


def test_an_upgrade_lists_what_it_did(cli, lea, waiting):
    """R8."""
    dry = cli("plan", "upgrade", "tessin", "--to", "Pro", "--dry-run", "--json").json
    done = cli("plan", "upgrade", "tessin", "--to", "Pro", "--json").json
    assert done["tickets"] == dry["tickets"]
    assert (done["plan"], done["dry_run"], done["committed_until"]) == ("pro", False, "2026-07-01")
    assert lea.tickets.find(waiting.ref).plan is Plan.PRO
    again = cli("plan", "upgrade", "tessin", "--to", "pro", "--json")
    assert (again.code, again.json["error"]["rule"]) == (1, "R21")
    lower = cli("plan", "upgrade", "tessin", "--to", "plus", "--json")
    assert (lower.code, lower.json["error"]["rule"]) == (1, "R21")
    assert cli("plan", "upgrade", "tessin", "--to", "gold").code == 2


def test_an_upgrade_in_words(cli, waiting):
    out = cli("plan", "upgrade", "tessin", "--to", "enterprise").out
    assert "Tessin Immobilien is now Enterprise; committed until 2026-07-01, 96 days left" in out
    assert "opens the emergency line, 24/7" in out
    assert f"{waiting.ref}  DNS      Fri 27 Mar 2026 10:00  Fri 27 Mar 2026 07:00" in out
    assert "no ticket of theirs is open" in cli("plan", "upgrade", "jardin", "--to", "plus").out


@pytest.mark.parametrize("change", ["downgrade", "cancel", "refund"])
def test_a_refusal_is_said_in_both_languages_and_written_down(cli, lea, change):
    """R20, R21."""
    found = cli("plan", "refuse", "moret", change, "--json")
    assert (found.code, found.json["rule"], found.json["change"]) == (1, "R21", change)
    assert set(found.json["say"]) == {"fr", "en"}
    assert all(found.json["say"].values())
    (entry,) = lea.audit.entries(AuditFilter(customer="moret"))
    assert (entry.outcome, entry.detail["change"]) == ("refused", change)
    out = cli("plan", "refuse", "moret", change).out
    assert found.json["say"]["fr"] in out
    assert "(R21)" in out


def test_what_isnt_refused_says_so(cli, lea):
    """R21: after its end the commitment forbids nothing."""
    found = cli("plan", "refuse", "bank", "cancel", "--json")
    assert (found.code, found.json["error"]["rule"]) == (1, None)
    assert "ended on 28 February 2026" in found.json["error"]["message"]
    assert list(lea.audit.entries(AuditFilter(customer="bank"))) == []
    assert cli("plan", "refuse", "bank", "upgrade").code == 2


def test_a_manager_is_asked(cli, lea):
    """R22."""
    about = lea.tickets.new(customer="bank", channel=Channel.EMAIL, subject="Which cluster?")
    several = cli("customer", "ask-manager", "bank", "Which one?")
    assert (several.code, "Aline Morand, Camille Perrin" in several.err) == (2, True)
    asked = cli(
        "customer", "ask-manager", "bank", "Which one?", "--manager", "Aline", "--ticket", about.ref, "--json"
    ).json
    assert (asked["manager"], asked["owner"], asked["internal"]) == ("Aline Morand", "Aline Morand", True)
    assert (asked["due_at"], asked["about"]) == (None, about.ref)
    assert (asked["duty_open"], asked["duty_opens_at"]) == (False, "2026-03-27T09:00:00+01:00")
    out = cli("customer", "ask-manager", "bank", "Which one?", "--manager", "Camille").out
    assert "For Camille Perrin: Which one?; Camille Perrin is back Fri 27 Mar 2026 09:00" in out
    refused = cli("customer", "ask-manager", "tessin", "Which one?", "--json")
    assert (refused.code, refused.json["error"]["rule"]) == (1, "R22")


@pytest.mark.parametrize("name", HOSTILE)
def test_foreign_names_reach_no_terminal_as_they_are(cli, lea, name):
    from oncall_tui.domain.text import NAME_LIMIT, clean

    known = Customer("odd", clean(name, limit=NAME_LIMIT) or "x", Plan.PLUS, NOW.date() - timedelta(days=9))
    with lea.store.begin() as tx:
        customers.add(tx, [(known, None)])
    for line in cli("plan", "upgrade", "odd", "--to", "pro", "--dry-run").out.splitlines():
        assert line.isprintable()
