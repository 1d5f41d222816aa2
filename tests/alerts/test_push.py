"""Pushes with Apprise, to a web server of our own."""

from __future__ import annotations

import json
import os
import socket
import subprocess
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest

from oncall_tui.alerts import children, push
from oncall_tui.alerts.push import Push
from oncall_tui.domain.alerts import Level, Notice, Outcome, Result

NOTICE = Notice(Level.EMERGENCY, "!! Emergency call: Banque du Léman", "It's <b> & rings since 03:12")

SECRET = "geheim-token"


class Server(ThreadingHTTPServer):
    """Takes what is posted to it; a path that begins with `/broken` is refused."""

    def __init__(self) -> None:
        self.got: list[tuple[str, dict[str, str]]] = []
        super().__init__(("127.0.0.1", 0), Taking)
        Thread(target=self.serve_forever, daemon=True).start()

    def url(self, path: str) -> str:
        return f"json://lea:{SECRET}@127.0.0.1:{self.server_port}/{path}?+X-Key={SECRET}"


class Taking(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.got.append((self.path, json.loads(body)))
        self.send_response(500 if self.path.startswith("/broken") else 200)
        self.end_headers()
        self.wfile.write(SECRET.encode())

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def server() -> Iterator[Server]:
    started = Server()
    yield started
    started.shutdown()
    started.server_close()


def pushed(*urls: str, people: dict[str, tuple[str, ...]] | None = None, notice: Notice = NOTICE) -> Outcome:
    outcome = Push(urls, people or {}, dict(os.environ)).send(notice)
    assert SECRET not in outcome.detail
    return outcome


def test_every_target_gets_it_as_it_is(server):
    assert pushed(server.url("a"), server.url("b")) == Outcome(Result.OK)
    assert sorted(path for path, _ in server.got) == ["/a", "/b"]
    for _, body in server.got:
        assert (body["title"], body["message"], body["type"]) == (NOTICE.title, NOTICE.body, "failure")


def test_who_it_is_for_gets_it_alone_and_all_where_they_have_no_target(server):
    people = {"Léa": (server.url("lea"),)}
    for to in ("Léa", "Marc", ""):
        assert pushed(server.url("all"), people=people, notice=NOTICE._replace(to=to)).result is Result.OK
    assert [path for path, _ in server.got] == ["/lea", "/all", "/all"]
    assert pushed(people=people, notice=NOTICE._replace(to="Marc")) == Outcome(Result.ABSENT, push.NOBODY)


def test_what_fails_is_named_without_its_secret_and_the_others_get_it(server):
    outcome = pushed(
        server.url("broken"), f"json://127.0.0.1:1/{SECRET}", f"gibtsnicht://{SECRET}", server.url("a")
    )
    assert outcome == Outcome(
        Result.FAILED,
        "target 1 (json): status 500; target 2 (json): no connection; "
        "target 3 (gibtsnicht): Apprise can't read the URL",
    )
    assert ("/a", NOTICE.title) in [(path, body["title"]) for path, body in server.got]


def test_a_target_that_hangs_keeps_nobody_waiting(server, monkeypatch):
    monkeypatch.setattr(push, "ANSWERING", 1.0)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        hangs = f"json://127.0.0.1:{silent.getsockname()[1]}/{SECRET}"
        outcome = pushed(hangs, server.url("a"))
    assert outcome == Outcome(Result.FAILED, "target 1 (json): no answer")
    assert [path for path, _ in server.got] == ["/a"]


def test_urls_are_in_no_argument_and_no_variable(monkeypatch):
    seen: list[str] = []

    class Watching(subprocess.Popen):
        def __init__(self, argv, **options) -> None:
            super().__init__(argv, **options)
            seen.append(repr((argv, options["env"])))

    monkeypatch.setattr(subprocess, "Popen", Watching)
    pushed(f"gibtsnicht://{SECRET}")
    assert len(seen) == 1
    assert SECRET not in seen[0]
    assert SECRET not in repr(children.run)


def test_without_apprise_it_is_said_what_to_install(monkeypatch):
    monkeypatch.setattr(push, "installed", lambda: False)
    outcome = pushed(f"json://{SECRET}")
    assert outcome == Outcome(Result.FAILED, "Apprise is not installed: pip install 'oncall-tui[push]'")


def test_looking_sends_nothing(server):
    urls = (server.url("a"),)
    assert Push(urls, {"Léa": urls}, dict(os.environ)).look() == Outcome(Result.OK)
    looked = Push(urls, {"Léa": (f"gibtsnicht://{SECRET}",)}, dict(os.environ)).look()
    assert looked == Outcome(Result.FAILED, "target 2 (gibtsnicht): Apprise can't read the URL")
    assert server.got == []
    assert Path(push.__file__).with_name("push_child.py").exists()
