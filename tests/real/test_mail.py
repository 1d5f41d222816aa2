"""Mail in from exim4 and Dovecot, and answers out again: real servers, killed at the worst moment."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from email.message import EmailMessage
from pathlib import Path

import pytest
from mail_conversations import answer
from mail_servers import ANNE, PASSWORD, SUPPORT, Exchange, Mailboxes, certificate, until
from mail_wire import Tap, serving

from oncall_tui.domain.correspondence import Letter, LetterKind, Sender, SourceUnavailable
from oncall_tui.domain.outgoing import OutgoingState
from oncall_tui.sources.mailbox import Mailbox, open_source


def mail(number: int, body: str = "Bonjour, rien ne marche plus chez nous.\n") -> EmailMessage:
    made = EmailMessage()
    made["From"] = f"Anne Rochat <{ANNE}>"
    made["To"] = SUPPORT
    made["Subject"] = f"mail {number}"
    made["Message-ID"] = f"<{number}@leman.example>"
    made.set_content(body)
    return made


def pulled(source: Mailbox, cursor: str = "") -> list[Letter]:
    return [letter for batch in source.pull(cursor) for letter in batch.letters]


def until_pulled(source: Mailbox, cursor: str = "") -> list[Letter]:
    found: list[Letter] = []
    until(lambda: found.extend(pulled(source, cursor)) or found, "a mail comes in")
    return found


def test_a_customer_s_mail_comes_in_and_leaves_no_trace(boxes: Mailboxes, exchange: Exchange) -> None:
    exchange.post(mail(1))
    with closing(open_source(exchange.access())) as source:
        (letter,) = until_pulled(source)
        assert letter.sender == Sender("Anne Rochat", ANNE)
        assert (letter.subject, letter.message_id, letter.language) == ("mail 1", "<1@leman.example>", "fr")
        assert letter.text == "Bonjour, rien ne marche plus chez nous."
        (name,) = boxes.files(SUPPORT)
        # No flag was set: not even that somebody has seen it.
        assert ":2," not in name or name.endswith(":2,")
        assert len(pulled(source)) == 1


def test_a_mail_wakes_who_waits(exchange: Exchange) -> None:
    with closing(open_source(exchange.access())) as source:
        assert pulled(source) == []
        for number in range(3):
            exchange.post(mail(number))
            assert source.wait(20)
        assert [each.subject for each in until_pulled(source)][:1] == ["mail 0"]


@pytest.mark.parametrize("scheme", ["imaps", "imap+starttls"])
def test_a_certificate_that_nobody_vouches_for_is_refused(
    boxes: Mailboxes, tmp_path: Path, scheme: str
) -> None:
    boxes.put(SUPPORT, mail(1).as_bytes())
    port = boxes.imaps if scheme == "imaps" else boxes.imap
    access = boxes.access(url=f"{scheme}://localhost:{port}")
    other, _ = certificate(tmp_path)
    for ca_file in (None, other):
        with (
            closing(open_source(replace(access, ca_file=ca_file))) as source,
            pytest.raises(SourceUnavailable, match="certificate isn't accepted: self-signed certificate"),
        ):
            pulled(source)
    trusted = replace(access, ca_file=boxes.ca_file)
    with closing(open_source(trusted)) as source:
        assert len(pulled(source)) == 1
        boxes.put(SUPPORT, mail(2).as_bytes())
        assert source.wait(20)
        assert not source.wait(0.05)
    elsewhere = replace(trusted, url=f"{scheme}://ip6-localhost.localdomain:{port}")
    with closing(open_source(elsewhere)) as source, pytest.raises(SourceUnavailable):
        pulled(source)


@pytest.mark.parametrize("scheme", ["smtps", "smtp+starttls"])
def test_an_answer_goes_out_to_nobody_whose_certificate_is_unknown(
    boxes: Mailboxes, exchange: Exchange, scheme: str
) -> None:
    port = exchange.smtps if scheme == "smtps" else exchange.smtp
    access = exchange.access(smtp=f"{scheme}://localhost:{port}")
    with closing(open_source(access)) as source:
        handed = source.send(answer())
    assert handed.state is OutgoingState.WAITING
    assert "certificate isn't accepted" in handed.detail
    with closing(open_source(replace(access, ca_file=boxes.ca_file))) as source:
        assert source.send(answer()).state is OutgoingState.SENT
    until(lambda: boxes.mails(ANNE), "the answer arrives")


def test_wrong_passwords_are_said_and_never_repeated(exchange: Exchange) -> None:
    with closing(open_source(exchange.access(secret=lambda: "geheim"))) as source:
        with pytest.raises(SourceUnavailable, match="user or password refused") as raised:
            pulled(source)
        handed = source.send(answer())
    assert handed.state is OutgoingState.WAITING
    assert "user or password refused" in handed.detail
    assert "geheim" not in f"{raised.value!r} {handed!r}"
    assert PASSWORD not in repr(exchange.access())


def test_an_answer_arrives_in_the_thread_and_what_comes_back_joins_it(
    boxes: Mailboxes, exchange: Exchange
) -> None:
    with closing(open_source(exchange.access())) as source:
        assert source.send(answer()).state is OutgoingState.SENT
        until(lambda: boxes.mails(ANNE), "the answer arrives")
        (arrived,) = boxes.mails(ANNE)
        assert arrived["Message-ID"] == "<11@desk.example>"
        assert arrived["References"] == arrived["In-Reply-To"] == "<1@leman.example>"
        reply = mail(2)
        reply["In-Reply-To"] = arrived["Message-ID"]
        exchange.post(reply)
        (letter,) = until_pulled(source)
        assert letter.answers == ("<11@desk.example>",)


def test_an_answer_that_comes_back_is_known_by_its_message_id(exchange: Exchange) -> None:
    with closing(open_source(exchange.access())) as source:
        assert source.send(answer("vanished@leman.example")).state is OutgoingState.SENT
        (letter,) = until_pulled(source)
    assert (letter.kind, letter.answers) == (LetterKind.BOUNCE, ("<11@desk.example>",))
    assert "that person has left" in letter.text


@pytest.mark.parametrize(
    ("to", "state"), [("nobody@x.example", OutgoingState.REFUSED), ("later@x.example", OutgoingState.WAITING)]
)
def test_what_the_server_does_not_take_is_said(exchange: Exchange, to: str, state: OutgoingState) -> None:
    with closing(open_source(exchange.access())) as source:
        assert source.send(answer(to)).state is state


# Killed.


def test_a_server_killed_while_it_hands_mails_out_loses_and_doubles_none(boxes: Mailboxes) -> None:
    boxes.put(SUPPORT, *(mail(number, "word " * 20_000).as_bytes() for number in range(120)))
    bytes_until_it_dies = iter((6_000_000, 9_000_000, 100, 3_000_000))
    left = next(bytes_until_it_dies)

    def kill(who: str, data: bytes) -> None:
        nonlocal left
        left -= len(data) if who == "S" else 0
        if left < 0:
            left = next(bytes_until_it_dies, 1 << 40)
            # Who greets is no process of this client's yet: there it is the connection that breaks.
            if not boxes.kill_sessions():
                raise ConnectionAbortedError

    found: list[str] = []
    cursor, failures = "", 0
    with (
        serving(Tap(boxes.imap, kill).talk) as tapped,
        closing(open_source(boxes.access(url=f"imap://127.0.0.1:{tapped.port}"))) as source,
    ):
        for _ in range(6):
            try:
                for batch in source.pull(cursor):
                    cursor = batch.cursor
                    found += [letter.subject for letter in batch.letters]
            except SourceUnavailable:
                failures += 1
    assert failures
    assert found == [f"mail {number}" for number in range(120)]


def test_a_server_that_goes_away_while_it_is_waited_for_is_found_again(boxes: Mailboxes) -> None:
    with closing(open_source(boxes.access())) as source:
        boxes.put(SUPPORT, mail(1).as_bytes())
        assert len(pulled(source)) == 1
        assert boxes.kill_sessions()
        with pytest.raises(SourceUnavailable):
            source.wait(20)
        assert len(pulled(source)) == 1


def test_where_dovecot_counts_anew_all_is_read_again_and_known(boxes: Mailboxes, tmp_path: Path) -> None:
    made = mail(1)
    made.add_attachment(b"log", maintype="text", subtype="plain", filename="mail.log")
    boxes.put(SUPPORT, made.as_bytes(), b"From: anne@leman.example\r\n\r\nno Message-ID\r\n")
    with closing(open_source(boxes.access())) as source:
        (first,) = source.pull("")
        boxes.kill_sessions()
        for name in ("dovecot-uidlist", "dovecot.index.log", "dovecot.index.cache", "dovecot.index"):
            (boxes.maildir(SUPPORT) / name).unlink(missing_ok=True)
        with pytest.raises(SourceUnavailable):
            list(source.pull(first.cursor))
        (again,) = source.pull(first.cursor)
        assert again.cursor != first.cursor
        assert [each.message_id for each in again.letters] == [each.message_id for each in first.letters]
        letter = first.letters[0]
        source.save(letter.key, letter.attachments[0].part, tmp_path / "mail.log")
        assert (tmp_path / "mail.log").read_bytes() == b"log"


def dying(exchange: Exchange, when: Callable[[str, bytes], bool]) -> Tap:
    """Return a way to the server on which its process dies `when` something is said, which isn't heard."""

    def kill(who: str, data: bytes) -> None:
        if when(who, data):
            exchange.kill_sessions()
            raise ConnectionAbortedError

    return Tap(exchange.smtp, kill)


def handed_through(exchange: Exchange, tap: Tap, text: str) -> OutgoingState:
    with (
        serving(tap.talk) as tapped,
        closing(open_source(exchange.access(smtp=f"smtp://127.0.0.1:{tapped.port}"))) as source,
    ):
        return source.send(replace(answer(), text=text)).state


def test_a_server_killed_within_the_text_has_not_taken_it(boxes: Mailboxes, exchange: Exchange) -> None:
    said = 0

    def halfway(who: str, data: bytes) -> bool:
        nonlocal said
        said += len(data) if who == "C" else 0
        return said > 500_000

    assert handed_through(exchange, dying(exchange, halfway), "word " * 2_000_000) is OutgoingState.WAITING
    with closing(open_source(exchange.access())) as source:
        assert source.send(answer()).state is OutgoingState.SENT
    until(lambda: boxes.mails(ANNE), "the answer arrives")
    assert len(boxes.mails(ANNE)) == 1


def test_a_server_killed_before_it_says_that_it_took_it_leaves_us_unsure(
    boxes: Mailboxes, exchange: Exchange
) -> None:
    ended = False

    def taken(who: str, data: bytes) -> bool:
        nonlocal ended
        if who == "S":
            return ended
        ended = ended or data.endswith(b"\r\n.\r\n") or data == b".\r\n"
        return False

    assert handed_through(exchange, dying(exchange, taken), "x") is OutgoingState.UNSURE
    # It had taken it.
    until(lambda: boxes.mails(ANNE), "the answer arrives")


def test_a_server_killed_by_the_line_that_ends_the_mail_leaves_us_unsure(exchange: Exchange) -> None:
    tap = dying(exchange, lambda who, data: who == "C" and data.endswith(b".\r\n"))
    assert handed_through(exchange, tap, "x") is OutgoingState.UNSURE


def test_a_server_that_is_gone_is_said_and_nothing_lost(boxes: Mailboxes, exchange: Exchange) -> None:
    exchange.kill()
    with closing(open_source(exchange.access())) as source:
        handed = source.send(answer())
        assert handed.state is OutgoingState.WAITING
        assert "nothing listens there" in handed.detail
        exchange.start()
        assert source.send(answer()).state is OutgoingState.SENT
    until(lambda: boxes.mails(ANNE), "the answer arrives")
