"""`oncall-tui source`, what `watch` and `doctor` do with sources, and that no password shows anywhere."""

from __future__ import annotations

import json
import os
import signal
import socket
import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import keyring
import pytest
from cli.conftest import Run
from keyring.backends import fail
from mail_wire import Mails, Taker, serving
from pty_program import Program
from test_credentials import Kept
from watchers import Night, Watcher, wait_until

from oncall_tui.credentials import SERVICE

SECRET = "geheim-canary-4711"


class Post:
    """A desk with a folder that tickets are put into, and a mailbox whose server can be had or not."""

    def __init__(self, folder: Path, url: str) -> None:
        self.night = Night(folder, url)
        self.drop = folder / "drop"
        self.drop.mkdir()
        with closing(socket.socket()) as one:
            one.bind(("127.0.0.1", 0))
            self.port = one.getsockname()[1]
        self.secret_file = folder / "secret"
        self.secret_file.write_text(f"{SECRET}\n")
        self.secret_file.chmod(0o600)
        self.set(folder=True)

    def set(self, *, folder: bool = False, mailbox: bool = False, every: str = "1h") -> None:
        text = '[alerts]\ncommand = ["true"]\ndesktop = false\n'
        if folder:
            text += f'[sources.drop]\nkind = "files"\nurl = "{self.drop}"\nevery = "{every}"\n'
        if mailbox:
            text += (
                f'[sources.support]\nkind = "mailbox"\nurl = "imap://127.0.0.1:{self.port}"\nuser = "lea"\n'
                f'secret_file = "{self.secret_file}"\nevery = "{every}"\n'
            )
        self.night.config.write_text(text)

    def put(self, *refs: str, customer: str = "moret") -> None:
        rows = [
            {
                "ref": ref,
                "customer": customer,
                "channel": "email",
                "subject": f"about {ref}",
                "received_at": "2026-03-27T02:00:00+01:00",
            }
            for ref in refs
        ]
        lines = "".join(f"{json.dumps(row)}\n" for row in rows)
        (self.drop / f"{refs[0]}.jsonl").write_text(lines)

    @property
    def refs(self) -> set[str]:
        from oncall_tui.domain.queue import QUEUES

        return {ticket.ref for ticket in self.night.desk.queue.page(QUEUES[0], limit=100)}


@pytest.fixture
def post(tmp_path: Path, sqlite_url: str) -> Iterator[Post]:
    made = Post(tmp_path, sqlite_url)
    yield made
    made.night.desk.close()


@pytest.fixture
def imap() -> Iterator[socket.socket]:
    """A server that takes connections and says nothing."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server


def test_without_sources_it_says_where_to_read_on(cli: Run, sqlite_url: str) -> None:
    listed = cli("--database", sqlite_url, "source", "list")
    assert (listed.code, listed.out) == (0, "")
    assert "docs/sources.md" in listed.err
    assert cli("--database", sqlite_url, "source", "list", "--json").json == []
    assert cli("--database", sqlite_url, "source", "pull").code == 2
    unknown = cli("--database", sqlite_url, "source", "pull", "support")
    assert unknown.code == 3
    assert "there is no source 'support'" in unknown.err


def test_a_pull_brings_in_what_is_there_and_the_list_says_so(post: Post, cli: Run) -> None:
    options = post.night.options
    (before,) = cli(*options, "source", "list", "--json").json
    assert (before["state"], before["set_here"], before["succeeded_at"]) == ("unread", True, None)
    post.put("A-1", "A-2")
    post.put("B-1", customer="nobody")
    done = cli(*options, "source", "pull", "drop")
    assert (done.code, done.out) == (0, "drop: 2 new, 1 rejected\n")
    assert post.refs == {"A-1", "A-2"}
    again = cli(*options, "source", "pull", "--json")
    assert again.json == [
        {"name": "drop", "created": 0, "joined": 0, "recorded": 0, "known": 0, "rejected": 0, "error": None}
    ]
    (after,) = cli(*options, "source", "list", "--json").json
    assert (after["state"], after["kind"], after["place"]) == ("ok", "files", str(post.drop))
    assert after["holder"] is None, "the next desk needn't wait for the lease to end"
    assert after["succeeded_at"] is not None
    heading, line = cli(*options, "source", "list").out.splitlines()
    assert heading.split() == ["SOURCE", "KIND", "STATE", "READ", "LAG", "WAITING", "STUCK"]
    assert line.split()[:3] == ["drop", "files", "ok"]


def test_what_is_in_the_settings_is_not_forgotten_nor_what_there_is_none_of(post: Post, cli: Run) -> None:
    options = post.night.options
    post.put("A-1")
    assert cli(*options, "source", "pull", "drop").code == 0
    kept = cli(*options, "source", "forget", "drop")
    assert (kept.code, "drop is in these settings" in kept.err) == (1, True)
    unknown = cli(*options, "source", "forget", "nobody")
    assert (unknown.code, "no source 'nobody' was ever read" in unknown.err) == (3, True)
    post.set()
    done = cli(*options, "source", "forget", "drop")
    assert (done.code, done.out) == (0, "drop is forgotten; what came from it stays\n")
    assert cli(*options, "source", "list", "--json").json == []
    assert post.refs == {"A-1"}


def test_what_another_desk_reads_is_left_to_it(post: Post, cli: Run) -> None:
    lease = post.night.desk.sources.hold("drop", "files", str(post.drop))
    assert lease is not None
    refused = cli(*post.night.options, "source", "pull", "drop")
    assert refused.code == 1
    assert f"drop is being read by {lease.holder}" in refused.err


def test_one_source_that_fails_keeps_no_other_from_being_read(post: Post, cli: Run) -> None:
    post.set(mailbox=True, folder=True)
    post.put("A-1")
    done = cli(*post.night.options, "source", "pull", "--json")
    assert done.code == 1
    by_name = {each["name"]: each for each in done.json}
    assert by_name["drop"]["created"] == 1
    assert f"127.0.0.1:{post.port}" in by_name["support"]["error"]
    alone = cli(*post.night.options, "source", "pull", "support", "--json")
    assert alone.code == 5
    assert alone.json["error"]["title"] == "Source"
    states = {each["name"]: each for each in cli(*post.night.options, "source", "list", "--json").json}
    assert (states["support"]["state"], states["support"]["failures"]) == ("fails", 2)
    assert states["support"]["error"] in cli(*post.night.options, "source", "list").out


# Passwords


def test_a_password_goes_into_the_keyring_and_nowhere_else(
    post: Post, cli: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    post.set(mailbox=True)
    kept, before = Kept(), keyring.get_keyring()
    keyring.set_keyring(kept)
    try:
        read, write = os.pipe()
        os.write(write, f"{SECRET}\n".encode())
        os.close(write)
        with open(read) as stdin:
            monkeypatch.setattr("sys.stdin", stdin)
            done = cli(*post.night.options, "source", "secret", "support")
    finally:
        keyring.set_keyring(before)
    assert done.code == 0
    assert kept.passwords == {(SERVICE, "support"): SECRET}
    assert f"it isn't used while {post.secret_file} is set" in done.err
    assert SECRET not in done.out + done.err


def test_without_a_keyring_it_says_what_else_there_is(
    post: Post, cli: Run, process: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    post.set(mailbox=True, folder=True)
    env = {"PYTHON_KEYRING_BACKEND": "keyring.backends.fail.Keyring"}
    done = process(*post.night.options, "source", "secret", "support", stdin=SECRET, env=env)
    assert done.code == 2
    assert "this machine has none" in done.err
    assert "ONCALL_TUI_SECRET_SUPPORT" in done.err
    assert SECRET not in done.err
    empty = process(*post.night.options, "source", "secret", "support", stdin="\n", env=env)
    assert (empty.code, "what was given is empty" in empty.err) == (2, True)
    needless = process(*post.night.options, "source", "secret", "drop", stdin=SECRET, env=env)
    assert needless.code == 1
    assert "needs no password" in needless.err
    shown = process(*post.night.options, "source", "secret", "support", SECRET, env=env)
    assert (shown.code, SECRET in shown.err) == (2, False)
    assert fail.Keyring is not None


def test_a_password_that_is_typed_isnt_shown(post: Post) -> None:
    post.set(mailbox=True)
    env = {"PYTHON_KEYRING_BACKEND": "keyring.backends.fail.Keyring"}
    with Program(*post.night.options, "source", "secret", "support", env=env) as program:
        program.wait_for("Password or token of support: ")
        program.type(f"{SECRET}\n".encode())
        program.wait_for("this machine has none")
    assert SECRET.encode() not in program.output


@pytest.mark.parametrize(
    "command",
    [
        ("source", "pull"),
        ("source", "list", "--json"),
        ("watch", "--once"),
        ("doctor", "--json"),
        ("--debug", "source", "pull", "support"),
    ],
)
def test_no_password_is_in_output_log_or_database(
    post: Post, process: Run, imap: socket.socket, tmp_path: Path, command: tuple[str, ...]
) -> None:
    # A server that hangs up in the middle of the login, with the password in its last words.
    post.port = imap.getsockname()[1]
    post.set(mailbox=True)

    def hang_up() -> None:
        while True:
            try:
                connection, _ = imap.accept()
            except OSError:
                return
            with connection:
                connection.sendall(b"* OK ready\r\n")
                tag = b""
                for line in connection.makefile("rb"):
                    tag = line.split()[0]
                    if b"LOGIN" in line.upper() or b"AUTHENTICATE" in line.upper():
                        break
                    connection.sendall(b"* CAPABILITY IMAP4rev1\r\n" + tag + b" OK done\r\n")
                connection.sendall(tag + f" NO wrong password {SECRET}\r\n".encode())

    server = threading.Thread(target=hang_up, daemon=True)
    server.start()
    done = process(*post.night.options, *command)
    assert SECRET not in done.out + done.err
    for path in tmp_path.rglob("*"):
        if path.is_file() and path != post.secret_file:
            assert SECRET.encode() not in path.read_bytes(), path
    imap.shutdown(socket.SHUT_RDWR)
    server.join()


# doctor

SILENT = """
import threading, types, sys

class Silent:
    def check(self):
        threading.Event().wait(60)

sys.modules["silent.box"] = types.SimpleNamespace(open_source=lambda access: Silent())
__path__ = []
"""


def check(result, name: str) -> list[dict[str, str]]:
    return [each for each in result.json["checks"] if each["name"] == name]


def test_doctor_connects_and_says_how_it_went(post: Post, cli: Run) -> None:
    post.set(mailbox=True, folder=True)
    post.put("A-1")
    cli(*post.night.options, "source", "pull")
    result = cli(*post.night.options, "doctor", "--json")
    answers, history = check(result, "drop")
    assert (answers["state"], answers["message"]) == ("ok", f"files, {post.drop}: 1 file")
    assert history["state"] == "ok"
    assert history["message"].startswith("read ")
    answers, history = check(result, "support")
    assert answers["state"] == "fail"
    assert f"password from {post.secret_file}" in answers["message"]
    assert history["state"] == "warn"
    assert "the last try failed" in history["message"]
    assert result.code == 1


def test_doctor_says_what_is_wrong_with_a_password(post: Post, cli: Run) -> None:
    post.set(mailbox=True)
    post.secret_file.chmod(0o644)
    (found,) = check(cli(*post.night.options, "doctor", "--json"), "support")
    assert found["state"] == "fail"
    assert "open to others" in found["message"]
    assert "chmod 600" in found["hint"]


def test_doctor_gives_up_on_who_doesnt_answer(post: Post, cli: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("oncall_tui.cli.source_checks.LIMIT", 0.5)
    (post.night.config.parent / "silent.py").write_text(SILENT)
    monkeypatch.syspath_prepend(post.night.config.parent)
    post.night.config.write_text('[sources.support]\nkind = "silent.box"\nurl = "box"\n')
    (found,) = check(cli(*post.night.options, "doctor", "--json"), "support")
    assert (found["state"], "no answer within 0.5 s" in found["message"]) == ("fail", True)


def test_doctor_says_that_nothing_is_set(cli: Run) -> None:
    (found,) = check(cli("doctor", "--json"), "sources")
    assert found["state"] == "ok"


# watch


def test_watch_once_reads_each_source_and_says_what_failed(post: Post, process: Run) -> None:
    post.put("A-1", "A-2")
    done = process(*post.night.options, "watch", "--once")
    assert done.code == 0
    assert "drop: 2 new" in done.err
    post.set(folder=True, mailbox=True)
    post.put("A-3")
    failed = process(*post.night.options, "watch", "--once")
    assert failed.code == 1
    assert "drop: 1 new" in failed.err
    assert "support: can't be read: " in failed.err
    assert post.refs == {"A-1", "A-2", "A-3"}


def test_watch_once_sends_what_waits_and_says_what_became_of_it(
    post: Post, cli: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ONCALL_TUI_SECRET_SUPPORT", SECRET)
    head = b"From: Anne <anne@leman.example>\r\nSubject: VM down\r\nMessage-ID: <1@leman.example>\r\n"
    taker = Taker()
    options = post.night.options
    with serving(Mails({7: head + b"\r\nhelp\r\n"}).talk) as imap_server, serving(taker.talk) as smtp:
        post.night.config.write_text(
            '[alerts]\ncommand = ["true"]\ndesktop = false\n'
            '[sources.support]\nkind = "mailbox"\nuser = "desk"\n'
            f'url = "imap://127.0.0.1:{imap_server.port}"\n'
            f'smtp = "smtp://127.0.0.1:{smtp.port}"\naddress = "support@desk.example"\n'
        )
        first = cli(*options, "watch", "--once")
        assert (first.code, "support: 1 new" in first.err) == (0, True)
        answer = ("ticket", "answer", "M-1", "--send", "--template", "started", "--language", "fr")
        assert cli(*options, *answer).code == 0
        taker.says["RCPT"] = b"550 no such user\r\n"
        refused = cli(*options, "watch", "--once")
        assert refused.code == 1
        assert "support: answer to M-1 refused: " in refused.err
        taker.says.clear()
        (stuck,) = cli(*options, "outbox", "list", "--json").json
        cli(*options, "outbox", "again", str(stuck["outgoing"]))
        done = cli(*options, "watch", "--once")
        assert (done.code, "support: answer to M-1 sent" in done.err) == (0, True)
    (sent,) = taker.taken
    assert b"M-1" in sent
    assert cli(*options, "source", "list", "--json").json[0]["stuck"] == 0


def test_a_watcher_reads_what_comes_and_who_ends_makes_room(post: Post) -> None:
    post.set(folder=True, every="5s")
    post.put("A-1")
    with Watcher(post.night, "one") as one:
        one.wait_for(f"drop: reading {post.drop}")
        one.wait_for("drop: 1 new")
        with Watcher(post.night, "two") as two:
            two.wait_for("watching")
            post.put("A-2", "A-3")
            one.wait_for("drop: 2 new")
            assert "drop: " not in two.said
            assert one.terminate() == 0
            post.put("A-4")
            two.wait_for("drop: 1 new")
            assert two.terminate() == 0
    assert post.refs == {"A-1", "A-2", "A-3", "A-4"}


def test_who_is_killed_while_reading_is_followed_by_another_without_a_loss(post: Post, process: Run) -> None:
    post.set(folder=True, every="5s")
    post.put(*(f"A-{number}" for number in range(3000)))
    with Watcher(post.night, "one") as one:
        wait_until(lambda: len(post.refs) > 0)
        one.process.send_signal(signal.SIGKILL)
        one.process.wait()
    stored = post.night.desk.sources.health()[0]
    assert stored.holder != ""
    busy = process(*post.night.options, "source", "pull", "drop")
    assert busy.code == 1
    # An hour later nobody has it any more; what was stored isn't stored twice.
    from datetime import UTC, datetime, timedelta

    from oncall_tui.desk import open_desk

    later = open_desk(
        post.night.url, post.night.desk.offer, "Marc", clock=lambda: datetime.now(UTC) + timedelta(hours=1)
    )
    with closing(later):
        assert later.sources.hold("drop", "files", str(post.drop)) is not None
        later.sources.let_go("drop")
    done = process(*post.night.options, "source", "pull", "drop", "--json")
    assert done.code == 0
    tally = post.night.desk.queue.look(None)[1]
    assert sum(tally.urgencies.values()) == 3000


def test_a_watcher_tells_of_a_source_that_is_lost_and_back(post: Post) -> None:
    gone = post.drop.with_name("gone")
    with Watcher(post.night, "one") as one:
        one.wait_for("drop: reading")
        one.terminate()
    post.drop.rename(gone)
    post.set(folder=True, every="5s")
    with Watcher(post.night, "two") as two:
        two.wait_for("drop: can't be read: can't read ")
        gone.rename(post.drop)
        two.wait_for("drop: can be read again")
        assert two.terminate() == 0
        assert two.said.count("drop: can't be read") == 1
