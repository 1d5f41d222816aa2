"""Correcting what is on file from the command line, and reading who changed what."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
import time_machine
from support import NOW

from oncall_tui.desk import Desk
from oncall_tui.domain.customers import Contact, Manager
from oncall_tui.domain.editing import Edit, Part


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
    return desk


ANNE = Contact("Anne Rochat", "anne@leman.example", "022 555 01 40", "head of IT")


def test_a_contact_comes_changes_and_goes(cli, lea, tmp_path):
    added = cli(
        *("customer", "contact", "add", "leman", "--name", "Anne Rochat", "--email", "anne@leman.example"),
        *("--phone", "022 555 01 40", "--role", "head of IT"),
    )
    assert (added.code, added.out) == (0, "leman: contact Anne Rochat added\n")
    assert lea.organisations.get("leman").contacts == (ANNE,)
    changed = cli(
        "customer",
        "contact",
        "change",
        "leman",
        "anne@leman.example",
        "--phone",
        "022 1",
        "--role",
        "",
        "--json",
    )
    assert changed.json == {
        "customer": "leman",
        "changed": True,
        "part": "contact",
        "before": {
            "name": "Anne Rochat",
            "role": "head of IT",
            "phone": "022 555 01 40",
            "email": "anne@leman.example",
        },
        "after": {"name": "Anne Rochat", "role": "", "phone": "022 1", "email": "anne@leman.example"},
        "also": [],
    }
    assert lea.organisations.get("leman").contacts == (replace(ANNE, phone="022 1", role=""),)
    coded = cli("codes", "issue", "leman", "--support", "Anne Rochat", "--out", str(tmp_path / "code"))
    assert coded.code == 0
    removed = cli("customer", "contact", "remove", "leman", "anne rochat")
    assert (removed.code, removed.out.splitlines()[0]) == (0, "leman: contact Anne Rochat removed")
    assert "the support code of Anne Rochat is revoked (R16)" in removed.err
    assert lea.organisations.get("leman").contacts == ()


def test_services_managers_language_and_name(cli, lea):
    for command in (
        ("service", "add", "leman", "Public cloud"),
        ("service", "add", "leman", "Mail"),
        ("service", "change", "leman", "public cloud", "--name", "Private cloud"),
        ("service", "remove", "leman", "Mail"),
        ("manager", "add", "leman", "--name", "Nora Keller"),
        ("manager", "change", "leman", "Nora Keller", "--technical"),
        ("language", "leman", "français"),
        ("name", "leman", "Banque Lémanique"),
    ):
        assert cli("customer", *command).code == 0, command
    found = lea.organisations.get("leman")
    assert (found.name, found.language, found.services, found.managers) == (
        "Banque Lémanique",
        "fr",
        ("Private cloud",),
        (Manager("Nora Keller", technical=True),),
    )
    same = cli("customer", "language", "leman", "fr", "--json")
    assert (same.code, same.json["changed"]) == (0, False)
    assert cli("customer", "manager", "change", "leman", "nora keller", "--not-technical").code == 0
    assert lea.organisations.get("leman").managers == (Manager("Nora Keller"),)


@pytest.mark.parametrize(
    ("command", "code", "words"),
    [
        (("contact", "remove", "leman", "Zoé"), 3, "leman has no contact 'Zoé'"),
        (("contact", "add", "nobody", "--name", "Zoé"), 3, "no customer 'nobody'"),
        (("contact", "add", "leman"), 2, "a contact needs a name, an e-mail address or a number"),
        (("contact", "add", "leman", "--name", "Zoé", "--email", "zoe"), 2, "'zoe' is no e-mail address"),
        (("contact", "change", "leman", "Luc"), 2, "nothing is to change"),
        (("contact", "remove", "leman", "Anne Rochat"), 2, "may be"),
        (("service", "add", "leman", " "), 2, "a service needs a name"),
        (("language", "leman", "klingon"), 2, "unknown language 'klingon'"),
        (("contact",), 2, "VERB"),
    ],
)
def test_what_cant_be_done_says_why(cli, lea, command, code, words):
    for person in (ANNE, replace(ANNE, email="other@leman.example"), Contact("Luc")):
        lea.organisations.edit("leman", Edit(Part.CONTACT, None, person))
    before = lea.organisations.get("leman")
    ended = cli("customer", *command)
    assert ended.code == code, ended.err
    assert words in ended.err
    assert lea.organisations.get("leman") == before


def test_an_error_in_json_names_its_hint(cli):
    ended = cli("customer", "manager", "add", "leman", "--json")
    assert ended.json["error"]["message"] == "an account manager needs a name"
    assert ended.json["error"]["rule"] == "R22"


@pytest.mark.parametrize("name", ["شركة المياه", "🧀" * 200, "x" * 500, "[/b]\x1b[31mA\u202e"])
def test_a_name_of_any_kind_is_taken_cleaned(cli, lea, name):
    assert cli("customer", "contact", "add", "leman", "--name", name).code == 0
    [person] = lea.organisations.get("leman").contacts
    assert len(person.name) <= 120
    listed = cli("customer", "history", "leman")
    assert "\x1b" not in listed.out
    assert "\u202e" not in listed.out
    assert cli("customer", "contact", "remove", "leman", person.name).code == 0
    assert lea.organisations.get("leman").contacts == ()


def test_the_history_is_told_newest_first(cli, lea, now):
    lea.organisations.edit("leman", Edit(Part.CONTACT, None, ANNE))
    now.shift(3600)
    assert cli("--as", "Marc", "customer", "language", "leman", "fr").code == 0
    listed = cli("customer", "history", "leman")
    lines = [line.split() for line in listed.out.splitlines()]
    assert lines[0] == ["WHEN", "WHO", "WHAT"]
    assert " ".join(lines[1]).endswith("Marc language: – → fr")
    assert " ".join(lines[2]).endswith("Léa contact Anne Rochat added")
    found = cli("customer", "history", "leman", "--limit", "1", "--json").json
    assert [(one["by"], one["act"], one["changes"]) for one in found] == [
        ("Marc", "edit organisation", ["language: – → fr"])
    ]
    assert found[0]["at"] == "2026-03-27T04:12:44+01:00"
    assert found[0]["detail"]["language"] == "fr"
    assert "nothing was done to moret so far" in cli("customer", "history", "moret").out
    past = cli("--now", "2026-03-27T03:30", "customer", "history", "leman", "--json").json
    assert [one["changes"] for one in past] == [["contact Anne Rochat added"]]


def test_an_edit_is_no_look_back(cli):
    ended = cli("--now", "2026-03-27T03:30", "customer", "name", "leman", "X")
    assert ended.code == 2
    assert "--now is for commands that only read" in ended.err
