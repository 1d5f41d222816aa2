"""The whole way, as a customer and an engineer go it: the board on a terminal, the servers beside it."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from mail_servers import ANNE, PASSWORD, SUPPORT, Exchange, Mailboxes, until
from pty_program import ROOT, Program
from rt_server import RequestTracker

CUSTOMER = {
    "id": "leman",
    "name": "Banque du Léman SA",
    "plan": "enterprise",
    "language": "fr",
    "contacts": [{"name": "Anne Rochat", "email": ANNE}],
}


class Place:
    """A folder with settings and a database, and the program on them."""

    def __init__(self, folder: Path, settings: str, **secrets: str) -> None:
        self.config = folder / "oncall.toml"
        database = f'database = "sqlite:///{folder}/oncall.db"\noperator = "Léa"\n'
        self.config.write_text(database + settings, encoding="utf-8")
        self.env = {f"ONCALL_TUI_SECRET_{name.upper()}": secret for name, secret in secrets.items()}
        self.env |= {"XDG_DATA_HOME": str(folder), "XDG_STATE_HOME": str(folder), "HOME": str(folder)}
        self.run("import", "customers", "-", told=json.dumps(CUSTOMER))

    def run(self, *arguments: str, told: str = "") -> str:
        """Run a command; return what it prints."""
        done = subprocess.run(
            [sys.executable, "-m", "oncall_tui", "--config", str(self.config), *arguments],
            input=told,
            env={"PATH": "/usr/bin:/bin", "LANG": "C.UTF-8", **self.env},
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=True,
            timeout=60,
        )
        return done.stdout

    def ticket(self, ref: str) -> Any:
        """Return what the program knows of a ticket."""
        return json.loads(self.run("ticket", "show", ref, "--json"))

    def refs(self) -> list[str]:
        """Return the references of the open tickets."""
        return [row["ref"] for row in json.loads(self.run("queue", "--json"))]

    def board(self) -> Program:
        """Open the dashboard."""
        return Program("--config", str(self.config), columns=140, lines=40, env=self.env)


@pytest.fixture
def tracker() -> Iterator[RequestTracker]:
    started = RequestTracker()
    yield started
    started.close()


def a_mail(text: str, **headers: str) -> EmailMessage:
    mail = EmailMessage()
    for name, value in {"From": f"Anne Rochat <{ANNE}>", "To": SUPPORT, **headers}.items():
        mail[name.replace("_", "-")] = value
    mail.set_content(text)
    return mail


def test_a_mail_is_answered_on_the_board_and_the_answer_arrives(
    boxes: Mailboxes, exchange: Exchange, tmp_path: Path
) -> None:
    place = Place(
        tmp_path,
        "[sources.support]\n"
        f'kind = "mailbox"\nurl = "imap://127.0.0.1:{boxes.imap}"\nsmtp = "smtp://127.0.0.1:{exchange.smtp}"\n'
        f'user = "{SUPPORT}"\naddress = "{SUPPORT}"\n',
        support=PASSWORD,
    )
    with place.board() as board:
        board.wait_for("help")
        exchange.post(a_mail("Bonjour, rien ne part.", Subject="Messagerie bloquée", Message_ID="<1@leman>"))
        board.wait_for("Messagerie bloqu")
        board.wait_for("rien ne part")
        board.type(b"m")
        board.wait_for("Re: Messagerie bloquée [M-1]")
        board.type("Nous avons commencé.".encode())
        board.wait_for("commenc")
        board.type(b"\x04")
        board.wait_for("Send this to Anne Rochat")
        board.type(b"y")
        until(lambda: boxes.mails(ANNE), "no answer arrives")
        until(lambda: place.ticket("M-1")["answered_at"], "the response clock runs on")
        [answer] = boxes.mails(ANNE)
        assert answer["In-Reply-To"] == "<1@leman>"
        assert "Nous avons commencé." in answer.get_payload(decode=True).decode()  # type: ignore[union-attr]
        reply = a_mail("Merci !", Subject="Re: autre chose", In_Reply_To=answer["Message-ID"])
        board.look_away()
        exchange.post(reply)
        board.wait_for("Merci !")
        board.type(b"q")
        board.wait_for_exit()
    assert place.refs() == ["M-1"]
    assert place.ticket("M-1")["owner"] == "Léa"


def test_a_ticket_of_request_tracker_is_taken_and_answered_on_the_board(
    tracker: RequestTracker, tmp_path: Path
) -> None:
    tracker.mail(f"Anne Rochat <{ANNE}>", "Cluster down", "Nothing answers.")
    place = Place(
        tmp_path,
        f'[sources.rt]\nkind = "request-tracker"\nurl = "{tracker.url}"\nuser = "desk"\n'
        'queues = ["Support"]\nevery = "5s"\n[people.lea]\nname = "Léa"\naccount = "lea"\n',
        rt=tracker.tokens["desk"],
    )
    [ticket] = tracker.ask("GET", "tickets?query=Queue='Support'").json()["items"]
    number = ticket["id"]
    with place.board() as board:
        board.wait_for("Nothing answers.")
        board.type(b"t")
        until(
            lambda: tracker.ask("GET", f"ticket/{number}").json()["Owner"]["id"] == "lea",
            "nobody owns it in Request Tracker",
        )
        board.type(b"m")
        board.wait_for(f"[RT-{number}]")
        board.type(b"We have started to work on it.")
        board.wait_for("started")
        board.type(b"\x04")
        board.wait_for("Send this to")
        board.type(b"y")
        until(lambda: place.ticket(f"RT-{number}")["answered_at"], "the response clock runs on")
        board.type(b"q")
        board.wait_for_exit()
    history = tracker.ask("GET", f"ticket/{number}/history?fields=Type").json()["items"]
    assert [each["Type"] for each in history].count("Correspond") == 1
