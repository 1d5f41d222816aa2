"""What Dovecot and exim4 really say, played back (`tests/mail_conversations.py` writes it down)."""

from __future__ import annotations

import mail_conversations as played
import pytest
from mail_servers import PASSWORD, SUPPORT
from mail_wire import RECORDED, replayed, serving

from oncall_tui.domain.correspondence import Handed, LetterKind, Sender, SourceAccess
from oncall_tui.domain.outgoing import OutgoingState


def play(name: str) -> object:
    """Play the scenario `name` against what was written down of it."""
    reads = name in played.READING
    scenario = played.READING[name] if reads else played.SENDING[name]
    with serving(replayed(name)) as server:
        there = f"127.0.0.1:{server.port}"
        return scenario(
            SourceAccess(
                name="support",
                kind="mailbox",
                url=f"imap://{there}" if reads else "imaps://mail.desk.example",
                smtp="" if reads else f"smtp://{there}",
                user=SUPPORT,
                secret=lambda: PASSWORD,
                address=SUPPORT,
            )
        )


def test_the_first_contact() -> None:
    letters = play("first_contact")
    assert isinstance(letters, list)
    assert [(each.kind, each.sender, each.subject, each.text, each.ref) for each in letters] == [
        (
            LetterKind.REQUEST,
            Sender("Anne Rochat", "anne@leman.example"),
            "Plus de mail",
            "Bonjour, nous n'avons plus de mail depuis ce matin.",
            "",
        ),
        (
            LetterKind.REQUEST,
            Sender("Marc Müller", "marc@leman.example"),
            "Re: Plus de mail [M-12]",
            "Voici le journal",
            "M-12",
        ),
        (
            LetterKind.AUTOMATIC,
            Sender("Anne Rochat", "anne@leman.example"),
            "absente",
            "Je suis absente.",
            "",
        ),
    ]
    assert letters[1].answers == ("<1@leman.example>",)
    assert [tuple(each) for each in letters[1].attachments] == [("mail.log", "text/plain", 10, "2/base64")]


def test_the_last_mail_which_every_range_has_in_it_is_no_new_one() -> None:
    assert play("nothing_new") == (3, [])


def test_the_wait_without_a_mail() -> None:
    assert play("woken_up") == (True, False)


def test_a_file_on_demand() -> None:
    assert play("saved") == b"disk full\n"


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("wrong_password", "user or password refused: [AUTHENTICATIONFAILED] Authentication failed."),
        ("no_such_folder", "no folder Équipe: Mailbox doesn't exist: Équipe"),
    ],
)
def test_what_a_refusal_is_called(name: str, words: str) -> None:
    assert str(play(name)).startswith(words)


@pytest.mark.parametrize(
    ("name", "state", "words"),
    [
        ("sent", OutgoingState.SENT, ""),
        ("refused", OutgoingState.REFUSED, "RCPT TO: 550 no such person here"),
        ("no_room", OutgoingState.WAITING, "RCPT TO: the server has no room: 452 4.2.2 the mailbox is full"),
    ],
)
def test_what_comes_of_handing_over(name: str, state: OutgoingState, words: str) -> None:
    handed = play(name)
    assert isinstance(handed, Handed)
    assert (handed.state, handed.detail.partition(": ")[2]) == (state, words)


def test_every_scenario_is_written_down_and_has_no_secret_in_it() -> None:
    assert {path.stem for path in RECORDED.glob("*.jsonl")} >= {*played.READING, *played.SENDING}
    for path in RECORDED.glob("*.jsonl"):
        assert PASSWORD not in path.read_text()
