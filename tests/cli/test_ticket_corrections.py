from __future__ import annotations

from collections.abc import Iterator

import pytest
import time_machine
from letters import STRANGER, letter, of, take_in
from support import NOW

from oncall_tui.desk import Desk


@pytest.fixture(autouse=True)
def now() -> Iterator[time_machine.Traveller]:
    """The commands' clock stands at 03:12:44."""
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


@pytest.fixture(autouse=True)
def lea(desk: Desk, database_url: str, monkeypatch: pytest.MonkeyPatch) -> Desk:
    """Léa's desk on the database that the commands use, with two mails of a stranger."""
    monkeypatch.setenv("ONCALL_TUI_DATABASE", database_url)
    monkeypatch.setenv("ONCALL_TUI_OPERATOR", "Léa")
    take_in(desk, letter(STRANGER), letter(STRANGER))
    return desk


def test_a_request_is_given_to_an_organisation_and_its_sender_remembered(cli, lea: Desk) -> None:
    result = cli("ticket", "assign", "M-1", "--customer", "leman", "--remember", "--json")
    assert (result.code, result.json["customer"], result.json["plan"]) == (0, "leman", "enterprise")
    assert result.json["due_at"] == "2026-03-27T07:00:00+01:00"
    assert result.err == "another open ticket of the same sender: still of nobody known\n"
    take_in(lea, letter(STRANGER))
    assert of(lea, "M-3").ticket.customer == "leman"


def test_what_cannot_be_is_said(cli) -> None:
    assert cli("ticket", "assign", "M-1", "--customer", "nobody").code == 3
    assert cli("ticket", "assign", "M-1", "--customer", "unknown").code == 1
    assert cli("ticket", "assign", "M-1").code == 2
    assert cli("ticket", "language", "M-1", "Klingon").code == 2


def test_the_language_is_corrected(cli, lea: Desk) -> None:
    assert cli("ticket", "language", "M-1", "fr").code == 0
    assert of(lea, "M-1").ticket.language == "fr"
    assert cli("ticket", "language", "M-1", "fr").code == 1
