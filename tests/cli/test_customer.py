"""Finding an organisation and showing its card, from the command line."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
import time_machine
from hostile import HOSTILE
from support import NOW

from oncall_tui.desk import Desk
from oncall_tui.domain.customers import Access, Contact, Customer, Manager
from oncall_tui.domain.plans import Plan
from oncall_tui.domain.tickets import Channel
from oncall_tui.store import customers

VALMONT = Customer(
    "valmont",
    "Clinique Valmont",
    Plan.PRO,
    language="fr",
    contacts=(Contact("Aline Rochat", "aline@valmont.example", "022 555 01 40", "head of IT"),),
    services=("Mail", "Drive"),
    managers=(Manager("Camille Perrin", "camille@host.example", "+41 22 555 09 11"),),
    access=(Access("Mail", NOW - timedelta(hours=2), NOW + timedelta(hours=2)),),
)


@pytest.fixture(autouse=True)
def now() -> Iterator[time_machine.Traveller]:
    """The commands' clock stands at 03:12:44."""
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


@pytest.fixture(autouse=True)
def lea(desk: Desk, database_url: str, monkeypatch: pytest.MonkeyPatch) -> Desk:
    """Léa's desk with five customers, on the database that the commands use."""
    monkeypatch.setenv("ONCALL_TUI_DATABASE", database_url)
    monkeypatch.setenv("ONCALL_TUI_OPERATOR", "Léa")
    with desk.store.begin() as tx:
        customers.add(tx, [(VALMONT, None)])
    return desk


def test_a_number_in_any_notation_finds_who_has_it(cli):
    for number in (["022 555 01 40"], ["+41", "22", "555", "01", "40"], ["0041225550140"]):
        found = cli("customer", "find", *number, "--json")
        assert found.code == 0
        assert found.json == [
            {
                "customer": "valmont",
                "customer_name": "Clinique Valmont",
                "plan": "pro",
                "why": "Aline Rochat, 022 555 01 40",
            }
        ]


def test_people_get_a_table(cli):
    assert cli("customer", "find", "rochat").out.splitlines() == [
        "CUSTOMER  PLAN  NAME              FOUND BY",
        "valmont   Pro   Clinique Valmont  Aline Rochat",
    ]


def test_a_limit_is_kept(cli):
    assert len(cli("customer", "find", "e", "--limit", "2", "--json").json) == 2
    assert cli("customer", "find", "e", "--limit", "0").code == 2


def test_nobody_found_is_an_exit_code_of_its_own(cli):
    found = cli("customer", "find", "nobody")
    assert (found.code, found.out, found.err) == (3, "", "no customer fits that\n")
    scripted = cli("customer", "find", "nobody", "--json")
    assert (scripted.code, scripted.json) == (3, [])


def test_a_card_is_shown_in_lines(cli, lea, monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")
    lea.tickets.new(customer="valmont", channel=Channel.EMERGENCY, subject="Cluster down")
    assert cli("customer", "show", "valmont").out.splitlines() == [
        "Clinique Valmont  Pro  speaks French                              ! NOT VERIFIED",
        "24/7 line  only once verified: code, call-back, approval",
        "Answer     in 2 h of opening time: phone opens 06:00, mail opens 06:00",
        "Contract   the day of subscription isn't on file",
        "",
        "People     Aline Rochat    head of IT  022 555 01 40     aline@valmont.example",
        "Managers   Camille Perrin              +41 22 555 09 11  back 09:00",
        "           Mon–Fri 09:00–18:00",
        "Access     Mail until 05:12, 02 h 00 left",
        "Services   Mail, Drive",
        "",
        "Open       1      02 h 00  call   Cluster down                       –",
        "Calls               03:12  call   Cluster down                       new",
        "Codes      none issued",
    ]


def test_a_card_is_a_document_for_scripts(cli, lea):
    lea.tickets.new(customer="valmont", channel=Channel.PHONE, subject="Cluster down", ref="T-9")
    card = cli("customer", "show", "valmont", "--json").json
    assert (card["customer"], card["customer_name"], card["plan"]) == ("valmont", "Clinique Valmont", "pro")
    assert card["emergency_line"] is True
    assert card["answering"][0] == {
        "channel": "phone",
        "budget_seconds": 7200,
        "open": False,
        "open_until": None,
        "opens_at": "2026-03-27T06:00:00+01:00",
    }
    assert [one["phone"] for one in card["contacts"]] == ["022 555 01 40"]
    assert [(one["name"], one["on_duty"]) for one in card["managers"]] == [("Camille Perrin", False)]
    assert [(one["service"], one["state"]) for one in card["access"]] == [("Mail", "active")]
    assert card["services"] == ["Mail", "Drive"]
    assert card["open_count"] == 1
    assert [one["ref"] for one in card["tickets"]] == [one["ref"] for one in card["calls"]] == ["T-9"]
    assert card["codes"] == []


def test_a_card_is_shown_as_of_an_instant(cli, lea, now):
    now.move_to(NOW + timedelta(hours=5))
    filed = lea.tickets.new(customer="valmont", channel=Channel.PHONE, subject="x", received_at=NOW)
    lea.tickets.close(filed.id, reason="sent twice")
    assert cli("customer", "show", "valmont", "--json").json["open_count"] == 0
    then = cli("--now", "2026-03-27T14:00+01:00", "customer", "show", "valmont", "--json").json
    assert then["answering"][0]["open_until"] == "2026-03-27T19:00:00+01:00"
    assert then["managers"][0]["on_duty"] is True


def test_an_unknown_customer_is_not_found(cli):
    shown = cli("customer", "show", "nobody", "--json")
    assert shown.code == 3
    assert shown.json["error"]["message"] == "no customer 'nobody'"


@pytest.mark.parametrize("text", [t for t in HOSTILE.values() if "\0" not in t and t != "--help"])
def test_hostile_text_is_looked_for_like_any(cli, text):
    found = cli("customer", "find", "--json", "--", text)
    assert found.code in (0, 3)
    assert isinstance(found.json, list)


def test_the_list_goes_on_from_wherever_one_stands(cli):
    everything = cli("customer", "list", "--json").json
    assert [one["customer"] for one in everything] == ["leman", "valmont", "moret", "jardin", "tessin"]
    assert everything[1] == {
        "customer": "valmont",
        "customer_name": "Clinique Valmont",
        "plan": "pro",
        "language": "fr",
    }
    part = cli("customer", "list", "--after", "valmont", "--limit", "2", "--json").json
    assert part == everything[2:4]
    assert cli("customer", "list", "--after", "tessin", "--json").json == []
    lines = cli("customer", "list", "--limit", "2").out.splitlines()
    assert [line.split()[0] for line in lines] == ["CUSTOMER", "leman", "valmont"]


def test_a_list_after_nobody_is_not_found(cli):
    result = cli("customer", "list", "--after", "nobody")
    assert result.code == 3
    assert "no customer 'nobody'" in result.err
