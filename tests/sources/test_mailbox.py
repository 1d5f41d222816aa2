"""A mailbox over servers that fail in every way: nothing lost, nothing doubled, said plainly."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from mail_wire import Mails, Taker, serving

from oncall_tui.domain.correspondence import Batch, SourceAccess, SourceUnavailable
from oncall_tui.domain.errors import BadInput, BadSettings, NotFound
from oncall_tui.sources import imap_client, mail_reading, mailbox
from oncall_tui.sources.mailbox import Mailbox, open_source

SECRET = "hunter2 \"'"


def mail(number: int, body: str = "help") -> bytes:
    return (
        f"From: Anne <anne@leman.example>\r\nSubject: mail {number}\r\n"
        f"Message-ID: <{number}@leman.example>\r\n\r\n{body}\r\n"
    ).encode()


def access(port: int, **changes: object) -> SourceAccess:
    values = {
        "name": "support",
        "kind": "mailbox",
        "url": f"imap://127.0.0.1:{port}",
        "user": "support@desk.example",
        "secret": lambda: SECRET,
    }
    return SourceAccess(**(values | changes))  # type: ignore[arg-type]


def subjects(batches: list[Batch]) -> list[str]:
    return [letter.subject for batch in batches for letter in batch.letters]


def counted(batch: Batch) -> str:
    """Return UIDVALIDITY and UID of a batch's cursor."""
    return batch.cursor.partition(" ")[0]


@pytest.fixture
def mails() -> Mails:
    return Mails({uid: mail(uid) for uid in (3, 4, 9)})


@pytest.fixture
def source(mails: Mails) -> Iterator[Mailbox]:
    with serving(mails.talk) as server, closing(open_source(access(server.port))) as opened:
        yield opened


def test_what_came_in_since_the_cursor_comes_once(source: Mailbox, mails: Mails) -> None:
    (first,) = source.pull("")
    assert subjects([first]) == ["mail 3", "mail 4", "mail 9"]
    assert (counted(first), first.done, first.total) == ("7:9", 3, 3)
    assert first.letters[0].received_at == datetime(2026, 11, 27, 2, 12, 44, tzinfo=UTC)
    assert list(source.pull(first.cursor)) == []
    mails.add(mail(10))
    assert subjects(list(source.pull(first.cursor))) == ["mail 10"]


def test_the_first_contact_comes_in_parts_the_oldest_first(
    source: Mailbox, mails: Mails, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mailbox, "BATCH_MAILS", 2)
    batches = [(subjects([each]), counted(each), each.done, each.total) for each in source.pull("")]
    assert batches == [(["mail 3", "mail 4"], "7:4", 2, 3), (["mail 9"], "7:9", 3, 3)]
    monkeypatch.setattr(mailbox, "BATCH_BYTES", 2 * len(mail(3)) - 1)
    assert [len(each.letters) for each in source.pull("")] == [1, 1, 1]


def test_mails_that_come_in_during_a_pull_are_pulled_too(source: Mailbox, mails: Mails) -> None:
    pulling = source.pull("")
    assert counted(next(pulling)) == "7:9"
    mails.chatter = b"* 4 EXISTS\r\n"
    mails.add(mail(10))
    assert subjects(list(pulling)) == ["mail 10"]


def test_where_the_server_counts_anew_all_is_read_again_under_other_keys(
    source: Mailbox, mails: Mails
) -> None:
    (first,) = source.pull("")
    mails.validity = 8
    (again,) = source.pull(first.cursor)
    assert subjects([again]) == subjects([first])
    assert [each.message_id for each in again.letters] == [each.message_id for each in first.letters]
    assert not {each.key for each in again.letters} & {each.key for each in first.letters}
    assert counted(again) == "8:9"


@pytest.mark.parametrize("changed", [{"user": "help@desk.example"}, {"folder": "Support"}])
def test_the_cursor_of_another_mailbox_passes_over_nothing_though_it_counts_alike(
    source: Mailbox, mails: Mails, changed: dict[str, str]
) -> None:
    """Many a server has UIDVALIDITY 1 in each of its mailboxes."""
    (first,) = source.pull("")
    with (
        serving(mails.talk) as server,
        closing(open_source(access(server.port, **changed))) as other,
    ):
        assert len(subjects(list(other.pull(first.cursor)))) == 3


@pytest.mark.parametrize("cursor", ["nonsense", "7", "7:", ":9", "7:x", "6:9", "7:-1", "7:9"])
def test_a_cursor_that_says_nothing_reads_all_again(source: Mailbox, cursor: str) -> None:
    assert len(subjects(list(source.pull(cursor)))) == 3


def test_an_empty_folder_and_one_without_a_count_are_no_trouble(source: Mailbox, mails: Mails) -> None:
    (batch,) = source.pull("")
    mails.mails.clear()
    assert list(source.pull("")) == []
    assert list(source.pull(batch.cursor)) == []


def test_what_the_server_tells_unasked_confuses_nobody(source: Mailbox, mails: Mails) -> None:
    mails.chatter = b"* 1 FETCH (FLAGS (\\Seen) UID 3)\r\n* OK still here\r\n* 2 FETCH (FLAGS ())\r\n"
    assert subjects(list(source.pull(""))) == ["mail 3", "mail 4", "mail 9"]


def test_nothing_is_said_that_marks_or_deletes(source: Mailbox, mails: Mails, tmp_path: Path) -> None:
    (batch,) = source.pull("")
    source.save(batch.letters[0].key, "1/7bit", tmp_path / "saved")
    said = b"".join(mails.commands).upper()
    for command in (b" SELECT ", b"STORE", b"EXPUNGE", b" CLOSE", b"MOVE", b"APPEND", b"BODY["):
        assert command not in said


def test_a_mail_beyond_the_limit_is_cut(
    source: Mailbox, mails: Mails, monkeypatch: pytest.MonkeyPatch
) -> None:
    mails.mails[4] = mail(4, "x" * 3000)
    for module in (mailbox, mail_reading):
        monkeypatch.setattr(module, "CUT_LIMIT", 1 << 20)
    monkeypatch.setattr(mailbox, "CUT_TO", 1000)
    mails.sizes[4] = 5 << 20
    letters = {each.subject: each for batch in source.pull("") for each in batch.letters}
    assert len(letters) == 3
    assert letters["mail 4"].text.startswith("(This mail has 5 MiB")
    assert letters["mail 4"].size == 5 << 20


# Faults.


@settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow])
@given(st.integers(0, 1800))
def test_wherever_the_server_hangs_up_every_mail_comes_once(cut: int) -> None:
    mails = Mails({uid: mail(uid, "x" * uid) for uid in range(1, 6)}, cut=cut)
    with (
        serving(mails.talk) as server,
        closing(open_source(access(server.port))) as source,
        pytest.MonkeyPatch.context() as patch,
    ):
        patch.setattr(mailbox, "BATCH_MAILS", 2)
        cursor, found = "", []
        for _ in range(3):
            try:
                for batch in source.pull(cursor):
                    cursor = batch.cursor
                    found += subjects([batch])
            except SourceUnavailable:
                continue
        assert found == [f"mail {uid}" for uid in range(1, 6)]


@pytest.mark.parametrize("command", ["CAPABILITY", "LOGIN", "EXAMINE", "FETCH", "IDLE"])
def test_a_server_that_goes_silent_is_given_up(
    source: Mailbox, mails: Mails, monkeypatch: pytest.MonkeyPatch, command: str
) -> None:
    monkeypatch.setattr(imap_client, "PATIENCE", 0.2)
    mails.silent = frozenset({command})
    with pytest.raises(SourceUnavailable, match="no answer within 20 s"):
        for _ in source.pull(""):
            pass
        while True:
            source.wait(10)
    mails.silent = frozenset()
    assert len(subjects(list(source.pull("")))) == 3


@pytest.mark.parametrize(
    ("command", "answer", "words"),
    [
        (
            "LOGIN",
            b"NO [AUTHENTICATIONFAILED] wrong",
            "user or password refused: [AUTHENTICATIONFAILED] wrong",
        ),
        ("LOGIN", b"BAD what is " + SECRET.encode() + b"?", "user or password refused"),
        ("LOGIN", b"NO " + SECRET.encode(), "user or password refused: …"),
        ("EXAMINE", b"NO [NONEXISTENT] no such mailbox", "no folder INBOX: [NONEXISTENT] no such mailbox"),
        ("FETCH", b"NO [UNAVAILABLE] \x1b[2Jlater", "it refuses: [UNAVAILABLE] \ufffd[2Jlater"),
        ("FETCH", b"BAD what?", "what?"),
    ],
)
def test_a_refusal_is_said_in_one_line_without_the_password(
    source: Mailbox, mails: Mails, command: str, answer: bytes, words: str
) -> None:
    mails.refused = {command: answer}
    with pytest.raises(SourceUnavailable) as raised:
        list(source.pull(""))
    assert words in raised.value.message
    assert "\n" not in raised.value.message
    assert SECRET not in f"{raised.value!r}{raised.value.hint}{raised.value.__cause__}"
    mails.refused = {}
    assert len(subjects(list(source.pull("")))) == 3


@pytest.mark.parametrize(
    "greeting", [b"", b"* BYE too many\r\n", b"SSH-2.0-OpenSSH_9.2\r\n", b"\x16\x03\x01\r\n"]
)
def test_what_is_no_imap_server_is_said(mails: Mails, greeting: bytes) -> None:
    mails.greeting = greeting
    mails.cut = len(greeting)
    with (
        serving(mails.talk) as server,
        closing(open_source(access(server.port))) as source,
        pytest.raises(SourceUnavailable),
    ):
        list(source.pull(""))


def test_who_is_not_there_is_said() -> None:
    with serving(lambda _: None) as server:
        port = server.port
    with (
        closing(open_source(access(port))) as source,
        pytest.raises(SourceUnavailable, match=f"127.0.0.1:{port}: nothing listens there"),
    ):
        list(source.pull(""))
    with (
        closing(open_source(access(port, url="imaps://no-such-host.invalid"))) as source,
        pytest.raises(SourceUnavailable, match=r"no-such-host\.invalid:993: no host has that name"),
    ):
        list(source.pull(""))


def test_a_mail_that_the_server_cannot_hand_out_is_passed_over_and_named(
    source: Mailbox, mails: Mails
) -> None:
    mails.broken = frozenset({4})
    (batch,) = source.pull("")
    assert subjects([batch]) == ["mail 3", "mail 9"]
    assert batch.unread == ("mail 4: [SERVERBUG] internal error",)
    assert counted(batch) == "7:9"


def test_a_server_that_hands_out_nothing_is_asked_again(source: Mailbox, mails: Mails) -> None:
    mails.broken = frozenset(mails.mails)
    with pytest.raises(SourceUnavailable):
        list(source.pull(""))
    mails.broken = frozenset()
    assert len(subjects(list(source.pull("")))) == 3


def test_a_mail_that_fails_alone_in_its_batch_is_passed_over_where_another_comes(
    source: Mailbox, mails: Mails, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mailbox, "BATCH_MAILS", 1)
    mails.broken = frozenset({3})
    assert subjects(list(source.pull(""))) == ["mail 4", "mail 9"]


# Waiting.


def test_a_mail_ends_the_wait(source: Mailbox, mails: Mails) -> None:
    (batch,) = source.pull("")
    coming = threading.Thread(target=lambda: (mails.idling.wait(10), mails.add(mail(10))))
    coming.start()
    assert source.wait(60)
    coming.join()
    assert subjects(list(source.pull(batch.cursor))) == ["mail 10"]


def test_the_wait_ends_by_itself_and_by_a_word_from_elsewhere(source: Mailbox, mails: Mails) -> None:
    list(source.pull(""))
    assert not source.wait(0.05)
    interrupting = threading.Thread(target=lambda: (mails.idling.wait(10), source.interrupt()))
    interrupting.start()
    assert not source.wait(60)
    interrupting.join()
    # Said a moment too early it isn't lost.
    source.interrupt()
    assert not source.wait(60)


def test_a_mail_that_was_told_of_before_the_wait_ends_it(source: Mailbox, mails: Mails) -> None:
    list(source.pull(""))
    mails.idle_chatter = b"* 4 EXISTS\r\n"
    assert source.wait(60)


def test_what_isn_t_a_mail_doesn_t_end_the_wait(source: Mailbox, mails: Mails) -> None:
    list(source.pull(""))
    mails.idle_chatter = b"* OK still here\r\n* 1 FETCH (FLAGS (\\Seen))\r\n* 3 EXISTS\r\n"
    assert not source.wait(0.05)
    mails.idle_chatter = b"* 2 EXPUNGE\r\n"
    assert not source.wait(0.05)
    mails.idle_chatter = b"* 1 EXPUNGE\r\n* 2 EXISTS\r\n"
    assert source.wait(60)


def test_idle_is_said_anew_before_the_server_hangs_up(
    source: Mailbox, mails: Mails, monkeypatch: pytest.MonkeyPatch
) -> None:
    from oncall_tui.sources import imap_folder

    monkeypatch.setattr(imap_folder, "_IDLE_LIMIT", 0.02)
    list(source.pull(""))
    assert not source.wait(0.2)
    assert sum(b"IDLE" in command for command in mails.commands) > 1


@pytest.mark.parametrize("capabilities", ["IMAP4rev1", "IMAP4rev1 IDLE"])
def test_where_the_server_does_not_tell_the_wait_is_over_at_once(
    source: Mailbox, mails: Mails, capabilities: str
) -> None:
    mails.capabilities = capabilities
    mails.refused = {"IDLE": b"BAD not today"}
    list(source.pull(""))
    assert not source.wait(60)
    assert not source.wait(60)


def test_a_server_that_hangs_up_while_it_waits_is_said(source: Mailbox, mails: Mails) -> None:
    list(source.pull(""))

    def hang_up() -> None:
        mails.idling.wait(10)
        assert mails._idle is not None
        mails._idle.shutdown(2)

    ending = threading.Thread(target=hang_up)
    ending.start()
    with pytest.raises(SourceUnavailable, match="the connection has ended"):
        source.wait(60)
    ending.join()
    assert len(subjects(list(source.pull("")))) == 3


# Files.


@pytest.fixture
def with_file(mails: Mails, source: Mailbox) -> Callable[[bytes], str]:
    def put(body: bytes) -> str:
        mails.mails = {3: mail(3).partition(b"\r\n\r\n")[0] + b"\r\n\r\n" + body}
        (batch,) = source.pull("")
        return batch.letters[0].key

    return put


@pytest.mark.parametrize(
    ("body", "part", "saved"),
    [
        (b"aGVscA==\r\n", "1/base64", b"help"),
        (b"aGV\r\nsc\r\nA", "1/base64", b"help"),
        (b"caf=C3=\r\n=A9\r\nx", "1/quoted-printable", "café\r\nx".encode()),
        (b"\0\xff\r\n", "1/8bit", b"\0\xff\r\n"),
        (b"", "1/base64", b""),
    ],
)
@pytest.mark.parametrize("chunk", [1, 3, 4, 1 << 20])
def test_a_file_is_saved_as_it_was(
    source: Mailbox,
    with_file: Callable[[bytes], str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    body: bytes,
    part: str,
    saved: bytes,
    chunk: int,
) -> None:
    monkeypatch.setattr(mailbox, "_SECTION_BYTES", chunk)
    target = tmp_path / "saved"
    source.save(with_file(body), part, target)
    assert target.read_bytes() == saved
    assert target.stat().st_mode & 0o777 == 0o600


def test_no_file_is_overwritten_and_none_is_left_that_isn_t_whole(
    source: Mailbox, mails: Mails, with_file: Callable[[bytes], str], tmp_path: Path
) -> None:
    key = with_file(b"aGVscA==")
    (tmp_path / "there").write_text("mine")
    (tmp_path / "link").symlink_to(tmp_path / "elsewhere")
    for target in ("there", "link", "no/such/folder"):
        with pytest.raises(BadInput, match="can't be written"):
            source.save(key, "1/base64", tmp_path / target)
    assert (tmp_path / "there").read_text() == "mine"
    mails.mails.clear()
    with pytest.raises(NotFound):
        source.save(key, "1/base64", tmp_path / "gone")
    assert not (tmp_path / "gone").exists()


def test_a_file_is_found_by_message_id_where_the_server_counts_anew(
    source: Mailbox, mails: Mails, with_file: Callable[[bytes], str], tmp_path: Path
) -> None:
    key = with_file(b"aGVscA==")
    mails.validity = 8
    mails.mails = {5: mail(9), 6: mails.mails[3]}
    source.save(key, "1/base64", tmp_path / "saved")
    assert (tmp_path / "saved").read_bytes() == b"help"
    with pytest.raises(NotFound):
        source.save("7:3 <nobody@x.example>", "1/base64", tmp_path / "other")


# Settings.


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("imap://mail.desk.example", "would send its password to mail.desk.example in the clear"),
        ("imap://192.0.2.1", "in the clear"),
        ("imaps://support:geheim@mail.desk.example", "has a password in its address"),
        ("https://mail.desk.example", "has no address of a mail server"),
        ("imaps://", "has no address of a mail server"),
        ("imaps://host:port", "has no address of a mail server"),
        ("", "has no address of a mail server"),
    ],
)
def test_an_address_that_would_tell_the_password_is_refused(url: str, words: str) -> None:
    with pytest.raises(BadSettings, match=words) as raised:
        open_source(access(1, url=url))
    assert "geheim" not in f"{raised.value!r}{raised.value.hint}"


def test_a_letter_of_a_password_that_the_server_takes_none_of_is_not_named(mails: Mails) -> None:
    with (
        serving(mails.talk) as server,
        closing(open_source(access(server.port, secret=lambda: "geh\u00e9im"))) as opened,
        pytest.raises(SourceUnavailable, match="letters that it doesn't take") as raised,
    ):
        list(opened.pull(""))
    assert not any(letter in f"{raised.value!r}" for letter in ("\u00e9", "xe9", "position"))


def test_the_place_is_said_without_a_password() -> None:
    with closing(open_source(access(1, url="imaps://mail.desk.example"))) as source:
        assert source.place == "support@desk.example at mail.desk.example:993, INBOX"


def test_a_secret_that_is_missing_is_said_before_anything_is_sent(mails: Mails) -> None:
    def none() -> str:
        raise BadSettings("there is no password")

    with serving(mails.talk) as server, closing(open_source(access(server.port, secret=none))) as source:
        with pytest.raises(BadSettings):
            list(source.pull(""))
        assert server.connections == 0


def test_a_check_logs_in_on_both_sides_and_reads_and_sends_nothing(mails: Mails) -> None:
    taker = Taker()
    with serving(mails.talk) as server, serving(taker.talk) as smtp:
        both = access(server.port, smtp=f"smtp://127.0.0.1:{smtp.port}", address="support@desk.example")
        with closing(open_source(both)) as source:
            assert source.check() == f"3 mails, IDLE; answers go out over 127.0.0.1:{smtp.port}"
            # What is pulled then is all there is.
            assert subjects(list(source.pull(""))) == ["mail 3", "mail 4", "mail 9"]
        with closing(open_source(access(server.port))) as source:
            assert source.check() == "3 mails, IDLE; sends no answers: its setting smtp is empty"
    assert taker.taken == []


def test_a_check_says_who_refuses(mails: Mails) -> None:
    refuses = Taker({"AUTH": b"535 no\r\n"})
    with serving(mails.talk) as server, serving(refuses.talk) as smtp:
        both = access(server.port, smtp=f"smtp://127.0.0.1:{smtp.port}", address="support@desk.example")
        with closing(open_source(both)) as source, pytest.raises(SourceUnavailable, match=str(smtp.port)):
            source.check()
