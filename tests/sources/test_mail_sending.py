"""An answer on its way out: what the mail is, and what is known of it when something fails."""

from __future__ import annotations

import email
import email.policy
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from mail_wire import Taker, serving

from oncall_tui.domain.correspondence import Handed, Outgoing, Sender, SourceAccess
from oncall_tui.domain.errors import BadSettings
from oncall_tui.domain.outgoing import CLAIM_HOLDS, OutgoingAct, OutgoingState
from oncall_tui.sources import mail_sending
from oncall_tui.sources.mail_sending import MailSender
from oncall_tui.sources.mail_server import PATIENCE
from oncall_tui.sources.mail_writing import written

NOW = datetime(2026, 11, 27, 2, 12, 44, tzinfo=UTC)
SECRET = "geheim ü"
OWN = Sender("Hôtel & Co", "support@desk.example")
ANSWER = Outgoing(
    id=1,
    source="support",
    act=OutgoingAct.ANSWER,
    state=OutgoingState.SENDING,
    ticket_id=5,
    ticket="M-12",
    author="Léa",
    created_at=NOW,
    to=Sender("Anne Rochat", "anne@leman.example"),
    subject="Re: Plus de réseau [M-12]",
    text="Bonjour,\n\nnous avons commencé.\n.\n.. Léa",
    message_id="<11@desk.example>",
    answers=("<1@leman.example>", "<2@leman.example>"),
)


def access(port: int, **changes: object) -> SourceAccess:
    values = {
        "name": "support",
        "kind": "mailbox",
        "url": "imaps://mail.desk.example",
        "user": "support@desk.example",
        "secret": lambda: SECRET,
        "smtp": f"smtp://127.0.0.1:{port}",
        "address": "support@desk.example",
        "sender_name": "Hébergement, SA",
    }
    return SourceAccess(**(values | changes))  # type: ignore[arg-type]


def sent(taker: Taker, outgoing: Outgoing = ANSWER, **changes: object) -> Handed:
    with serving(taker.talk) as server:
        return MailSender(access(server.port, **changes), lambda: NOW).send(outgoing)


def read(mail: bytes) -> email.message.EmailMessage:
    message = email.message_from_bytes(mail, policy=email.policy.default)
    assert isinstance(message, email.message.EmailMessage)
    return message


def test_a_mail_is_handed_over_in_the_thread_of_what_it_answers() -> None:
    taker = Taker()
    assert sent(taker) == Handed(OutgoingState.SENT, NOW)
    (mail,) = taker.taken
    message = read(mail.replace(b"\r\n..", b"\r\n."))
    assert {name: str(value) for name, value in message.items()} == {
        "Date": "Fri, 27 Nov 2026 02:12:44 +0000",
        "From": '"Hébergement, SA" <support@desk.example>',
        "To": "Anne Rochat <anne@leman.example>",
        "Subject": "Re: Plus de réseau [M-12]",
        "Message-ID": "<11@desk.example>",
        "In-Reply-To": "<2@leman.example>",
        "References": "<1@leman.example> <2@leman.example>",
        "MIME-Version": "1.0",
        "Content-Type": 'text/plain; charset="utf-8"',
        "Content-Transfer-Encoding": "quoted-printable",
    }
    assert message.get_content() == ANSWER.text.replace("\n", "\r\n") + "\r\n"
    assert b"AUTH PLAIN" in taker.commands[1]


@given(st.text(), st.text(), st.text(), st.lists(st.text(max_size=20), max_size=5))
@example(
    "x\r\nBcc: all@x.example", "n\nBcc: all@x.example", "\r\n.\r\nQUIT\r\n", ["<a>\r\nBcc: all@x.example"]
)
@example("x\u2028Bcc: a@b", "\x85Bcc: a@b", "\r.\r", ["<\u2028@x>"])
@example("\ud800", "\ud800", "\ud800", [])
def test_no_word_becomes_a_header_or_ends_the_mail(
    subject: str, name: str, text: str, answers: list[str]
) -> None:
    outgoing = replace(
        ANSWER, subject=subject, to=Sender(name, "anne@leman.example"), text=text, answers=tuple(answers)
    )
    mail = written(outgoing, OWN, NOW)
    head, _, body = mail.partition(b"\r\n\r\n")
    names = {line.partition(b":")[0] for line in head.split(b"\r\n") if not line.startswith(b" ")}
    assert names <= {
        b"Date", b"From", b"To", b"Subject", b"Message-ID", b"In-Reply-To", b"References", b"MIME-Version",
        b"Content-Type", b"Content-Transfer-Encoding",
    }  # fmt: skip
    assert all(len(line) < 1000 for line in mail.split(b"\r\n"))
    assert mail.endswith(b"\r\n")
    assert mail.isascii()
    assert not any(line.startswith(b".") and not line.startswith(b"..") for line in body.split(b"\r\n"))
    assert b"\n" not in mail.replace(b"\r\n", b"")
    assert b"\r" not in mail.replace(b"\r\n", b"")


@given(st.text(st.characters(exclude_categories=("Cs", "Cc")) | st.just("\n"), max_size=3000))
@example("a" * 5000)
@example("é" * 5000)
@example("From here\n.\n..\n tail \t\n= x")
def test_the_text_arrives_as_it_was_written(text: str) -> None:
    mail = written(replace(ANSWER, text=text), OWN, NOW)
    head, _, body = mail.partition(b"\r\n\r\n")
    body = b"\r\n".join(line.removeprefix(b".") for line in body.split(b"\r\n"))
    message = email.message_from_bytes(head + b"\r\n\r\n" + body)
    content = message.get_payload(decode=True)
    assert isinstance(content, bytes)
    assert content.decode("utf-8").replace("\r\n", "\n") == text.rstrip() + "\n"


def test_long_message_ids_and_long_threads_stay_whole() -> None:
    ids = tuple(f"<{number}.{'x' * 200}@leman.example>" for number in range(50))
    mail = written(replace(ANSWER, answers=ids), OWN, NOW)
    message = email.message_from_bytes(mail)
    references = str(message["References"]).split()
    assert references == [ids[0], *ids[-19:]]
    assert message["In-Reply-To"] == ids[-1]


def test_a_mail_that_answers_nothing_names_nothing() -> None:
    message = email.message_from_bytes(written(replace(ANSWER, answers=()), OWN, NOW))
    assert message["References"] is message["In-Reply-To"] is None


FAILURES = [
    ({"hello": b"421 too busy\r\n"}, OutgoingState.WAITING, "421 too busy"),
    ({"hello": None}, OutgoingState.WAITING, "the connection has ended"),
    ({"EHLO": None}, OutgoingState.WAITING, "the connection has ended"),
    ({"AUTH": b"535 5.7.8 wrong\r\n"}, OutgoingState.WAITING, "user or password refused: 5.7.8 wrong"),
    ({"MAIL": b"451 later\r\n"}, OutgoingState.WAITING, "MAIL FROM: 451 later"),
    ({"MAIL": b"452 4.3.1 disk\r\n"}, OutgoingState.WAITING, "the server has no room: 452 4.3.1 disk"),
    ({"MAIL": b"552 too large\r\n"}, OutgoingState.REFUSED, "the server has no room: 552 too large"),
    ({"MAIL": None}, OutgoingState.WAITING, "the connection has ended"),
    ({"RCPT": b"450 greylisted\r\n"}, OutgoingState.WAITING, "RCPT TO: 450 greylisted"),
    ({"RCPT": b"550 5.1.1 nobody\r\n"}, OutgoingState.REFUSED, "RCPT TO: 550 5.1.1 nobody"),
    ({"RCPT": b"251 elsewhere\r\n"}, OutgoingState.SENT, ""),
    ({"DATA": b"451 not now\r\n"}, OutgoingState.WAITING, "DATA: 451 not now"),
    ({"DATA": b"554 no\r\n"}, OutgoingState.REFUSED, "DATA: 554 no"),
    ({"DATA": None}, OutgoingState.WAITING, "the connection has ended"),
    ({"end": b"451 4.3.0 disk\r\n"}, OutgoingState.WAITING, "the mail: 451 4.3.0 disk"),
    ({"end": b"452 full\r\n"}, OutgoingState.WAITING, "the mail: the server has no room: 452 full"),
    ({"end": b"550 spam\r\n"}, OutgoingState.REFUSED, "the mail: 550 spam"),
    # From the line that ends the mail until the answer to it nobody knows.
    ({"end": None}, OutgoingState.UNSURE, "the connection has ended"),
    ({"end": b"25"}, OutgoingState.UNSURE, "no answer in time"),
    ({"end": b""}, OutgoingState.UNSURE, "no answer in time"),
    ({"end": b"what?\r\n"}, OutgoingState.UNSURE, "no answer that makes sense"),
]


@pytest.mark.parametrize(("says", "state", "words"), FAILURES, ids=[str(each[0]) for each in FAILURES])
def test_what_a_failure_means_depends_on_the_step(
    monkeypatch: pytest.MonkeyPatch, says: dict[str, bytes | None], state: OutgoingState, words: str
) -> None:
    monkeypatch.setattr(mail_sending, "END_PATIENCE", 0.3)
    handed = sent(Taker(says))
    assert (handed.state, handed.at) == (state, NOW)
    assert words in handed.detail
    assert "\n" not in handed.detail


def test_a_server_that_looks_for_viruses_before_it_answers_is_waited_for() -> None:
    """Who gives up before is unsure of a mail that arrives; who waits for longer is taken for dead."""
    assert PATIENCE < mail_sending.END_PATIENCE < CLAIM_HOLDS.total_seconds()


def test_a_server_that_dies_within_the_text_has_not_taken_it() -> None:
    taker = Taker({"body": None})
    handed = sent(taker, replace(ANSWER, text="word " * 2_000_000))
    assert (handed.state, taker.taken) == (OutgoingState.WAITING, [])


def test_a_server_that_is_not_there_is_tried_again() -> None:
    with serving(lambda _: None) as server:
        port = server.port
    handed = MailSender(access(port), lambda: NOW).send(ANSWER)
    assert handed == Handed(OutgoingState.WAITING, NOW, f"127.0.0.1:{port}: nothing listens there")


def test_a_password_that_is_missing_keeps_the_mail_waiting_and_says_so() -> None:
    def none() -> str:
        raise BadSettings("there is no password")

    taker = Taker()
    assert sent(taker, secret=none) == Handed(OutgoingState.WAITING, NOW, "there is no password")
    assert taker.commands == []


def test_the_password_is_in_nothing_that_is_said() -> None:
    taker = Taker({"AUTH": f"535 no such password: {SECRET}\r\n".encode()})
    assert sent(taker).detail.endswith("user or password refused: no such password: …")


def test_who_has_no_user_does_not_log_in() -> None:
    taker = Taker()
    assert sent(taker, user="").state is OutgoingState.SENT
    assert not any(command.startswith(b"AUTH") for command in taker.commands)


@pytest.mark.parametrize(
    "address",
    [
        "",
        "anne",
        "anne@",
        "@x",
        "a b@x.example",
        "a@x.example>\r\nRCPT TO:<all@x.example",
        "<a,b>@x",
        "é@x.ch",
    ],
)
def test_what_is_no_address_is_refused_and_nothing_sent(address: str) -> None:
    taker = Taker()
    handed = sent(taker, replace(ANSWER, to=Sender("Anne", address)))
    assert (handed.state, taker.commands) == (OutgoingState.REFUSED, [])
    assert "the customer's address" in handed.detail


def test_a_domain_in_other_letters_is_written_in_ascii() -> None:
    taker = Taker()
    assert sent(taker, replace(ANSWER, to=Sender("Anne", "anne@zürich.example"))).state is OutgoingState.SENT
    assert b"rcpt TO:<anne@xn--zrich-kva.example>\r\n" in taker.commands


def test_a_mailbox_without_a_way_out_refuses() -> None:
    handed = MailSender(access(1, smtp=""), lambda: NOW).send(ANSWER)
    assert (handed.state, "its setting smtp is empty" in handed.detail) == (OutgoingState.REFUSED, True)


@pytest.mark.parametrize("act", [OutgoingAct.OWNER, OutgoingAct.CLOSE, OutgoingAct.REOPEN])
def test_a_mailbox_has_no_tickets(act: OutgoingAct) -> None:
    taker = Taker()
    assert sent(taker, replace(ANSWER, act=act)).state is OutgoingState.REFUSED
    assert taker.commands == []


@pytest.mark.parametrize(
    "url", ["smtp://mail.desk.example", "smtps://a:geheim@mail.desk.example", "imaps://x"]
)
def test_a_way_out_that_would_tell_the_password_is_refused(url: str) -> None:
    with pytest.raises(BadSettings) as raised:
        MailSender(access(1, smtp=url), lambda: NOW)
    assert "geheim" not in str(raised.value)
