from __future__ import annotations

from collections.abc import Iterator

import pytest
import time_machine
from letters import STRANGER, letter, of, standing, take_in
from support import NOW

from oncall_tui.desk import Desk
from oncall_tui.domain.correspondence import Attachment, LetterKind


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


def test_where_a_ticket_came_from_and_what_came_with_it_is_shown(cli, lea: Desk) -> None:
    take_in(
        lea, letter(STRANGER, language="fr", attachments=(Attachment("log.txt", "text/plain", 12345, "2"),))
    )
    facts = cli("ticket", "show", "M-3", "--json").json
    assert facts["origin"] == {
        "source": "support",
        "thread": "",
        "name": "Jo Doe",
        "address": "jo@nowhere.example",
    }
    [file] = facts["attachments"]
    assert (file["number"], file["name"], file["size"], file["sender"]) == (1, "log.txt", 12345, "Jo Doe")
    shown = cli("ticket", "show", "M-3").out
    assert "  from       support; jo@nowhere.example is answered\n" in shown
    assert "  language   French\n" in shown
    assert "  1  log.txt  text/plain, 12,345 bytes, Fri 27 Mar 2026 03:12:44 from Jo Doe\n" in shown


def test_what_another_system_did_is_shown_with_it(cli, lea: Desk) -> None:
    take_in(lea, source="tracker", standings=(standing(owner="Marc"),))
    take_in(lea, source="tracker", standings=(standing(owner="Marc", closed_at=NOW, version="1"),))
    take_in(lea, source="tracker", standings=(standing(version="2"),))
    shown = cli("ticket", "show", "RT-123").out
    assert "  from       tracker, ticket 123 there; anna@leman.example is answered\n" in shown
    assert "sync  by tracker, owner nobody, reopened yes, source tracker" in shown


def test_what_a_machine_wrote_and_belongs_to_no_ticket_is_listed(cli, lea: Desk) -> None:
    assert cli("source", "unfiled").err == "nothing came in that belongs to no ticket\n"
    take_in(lea, letter(kind=LetterKind.AUTOMATIC, subject="Out of office"))
    assert "automatic" in cli("source", "unfiled").out
    (found,) = cli("source", "unfiled", "--json").json
    assert (found["kind"], found["subject"]) == ("automatic", "Out of office")
    assert found["from"].endswith(".example")
