"""What is said, and what is kept, when Request Tracker doesn't answer as it should."""

from __future__ import annotations

import json
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from certificates import certificate_for
from telephones import free_port

from oncall_tui.domain.correspondence import Outgoing, SourceAccess, SourceUnavailable
from oncall_tui.domain.errors import BadSettings, OncallError
from oncall_tui.domain.outgoing import OutgoingAct, OutgoingState
from oncall_tui.sources import rt_writing
from oncall_tui.sources.request_tracker import RequestTracker, open_source
from oncall_tui.sources.rt_client import Client

TOKEN = "1-14-secret"
NOW = datetime(2026, 3, 27, 12, tzinfo=UTC)
TICKET = {
    "id": "7",
    "Subject": "Queue stuck",
    "Status": "new",
    "Queue": {"id": "3", "Name": "Support"},
    "Owner": {"id": "Nobody", "Name": "Nobody"},
    "Created": "2026-03-27T11:00:00Z",
    "Requestor": [{"id": "a", "Name": "a", "EmailAddress": "a@leman.example"}],
}


class Said(NamedTuple):
    """An answer. `body` is JSON unless it is text."""

    body: Any
    status: int = 200
    headers: dict[str, str] = {}  # noqa: RUF012 - never changed


CUT, HANG = Said("cut"), Said("hang")
NOTHING = Said({"items": []})


class Server:
    """Answers requests in turn, with the last answer again when there is no other; writes down what came."""

    def __init__(self, certificate: Path | None = None) -> None:
        self.answers: list[Said] = []
        self.asked: list[str] = []
        self._done = threading.Event()
        server = self

        class Handler(BaseHTTPRequestHandler):
            def _answer(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
                server.asked.append(f"{self.command} {self.path} {body}".strip())
                answer = server.answers.pop(0) if len(server.answers) > 1 else server.answers[0]
                if answer is HANG:
                    server._done.wait(30)
                if answer in (CUT, HANG):
                    return
                is_text = isinstance(answer.body, str)
                content = (answer.body if is_text else json.dumps(answer.body)).encode()
                self.send_response_only(answer.status)
                self.send_header(
                    "Content-Type", "text/html" if is_text else "application/json; charset=utf-8"
                )
                self.send_header("Content-Length", str(len(content)))
                self.send_header("Date", format_datetime(NOW, usegmt=True))
                for name, value in answer.headers.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(content)

            do_GET = do_POST = do_PUT = _answer  # noqa: N815 - the names that http.server asks for

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002
                pass

        self._server = _Quiet(("127.0.0.1", 0), Handler)
        scheme = "http"
        if certificate is not None:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(certificate)
            self._server.socket = context.wrap_socket(self._server.socket, server_side=True)
            scheme = "https"
        self.url = f"{scheme}://127.0.0.1:{self._server.server_port}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,))
        self._thread.start()

    def close(self) -> None:
        self._done.set()
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


class _Quiet(ThreadingHTTPServer):
    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing of clients that leave."""


def access(url: str, token: str = TOKEN, **more: Any) -> SourceAccess:
    return SourceAccess("rt", "request-tracker", url, user="desk", secret=lambda: token, **more)


@pytest.fixture
def server() -> Iterator[Server]:
    made = Server()
    yield made
    made.close()


@pytest.fixture
def source(server: Server, monkeypatch: pytest.MonkeyPatch) -> Iterator[RequestTracker]:
    monkeypatch.setattr(rt_writing, "SETTLES_SECONDS", 0)
    known = access(server.url)
    opened = RequestTracker(Client(known, read_seconds=0.3), known)
    yield opened
    opened.close()


def told(source: RequestTracker) -> OncallError:
    with pytest.raises(OncallError) as raised:
        list(source.pull(""))
    assert TOKEN not in f"{raised.value!r} {raised.value.hint}"
    return raised.value


def outgoing(act: OutgoingAct = OutgoingAct.ANSWER, **more: Any) -> Outgoing:
    more = {"thread": "7", "text": "We have begun", "owner": "lea", "seen": "40"} | more
    return Outgoing(1, "rt", act, OutgoingState.SENDING, 1, "RT-7", "Léa", NOW, **more)


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("http://rt.example", "http encrypts nothing, and rt.example is another machine"),
        ("http://192.0.2.1/rt", "http encrypts nothing"),
        ("ftp://rt.example", "is no address of Request Tracker"),
        ("rt.example", "is no address of Request Tracker"),
        ("https://", "is no address of Request Tracker"),
        ("https://[::1", "sources.rt.url"),
        ("https://rt.example:port", "sources.rt.url"),
    ],
)
def test_an_address_that_is_none_is_refused(url: str, says: str) -> None:
    with pytest.raises(BadSettings) as raised:
        open_source(access(url))
    assert says in raised.value.message


@pytest.mark.parametrize(
    ("url", "place"),
    [
        ("https://rt.example/", "https://rt.example"),
        ("https://rt.example/rt/REST/2.0/", "https://rt.example/rt"),
        ("https://desk:secret@rt.example:8443/rt?token=1#x", "https://rt.example:8443/rt"),
        ("http://localhost:8080", "http://localhost:8080"),
        ("http://[::1]:8080", "http://[::1]:8080"),
    ],
)
def test_the_place_is_the_address_without_secrets(url: str, place: str) -> None:
    assert open_source(access(url)).place == place


@pytest.mark.parametrize(
    ("said", "says"),
    [
        (Said("<html>Login</html>"), "doesn't answer as Request Tracker does"),
        (Said([]), "doesn't answer as Request Tracker does"),
        (Said({"message": "Not Found"}, 404), "says: Not Found (404)"),
        (Said({"message": "\x1b]0;x\x07Broken"}, 500), "Broken (500)"),
        (Said("<html>", 302, {"Location": "/login"}), "sends on to another address (302)"),
        (Said({"message": "Unauthorized"}, 401), "doesn't know the token"),
        (CUT, "broke the connection off"),
        (HANG, "didn't answer within 0.3 s"),
    ],
)
def test_what_comes_instead_of_an_answer_is_told(
    server: Server, source: RequestTracker, said: Said, says: str
) -> None:
    server.answers = [said]
    raised = told(source)
    assert isinstance(raised, SourceUnavailable)
    assert says in raised.message
    assert raised.message.isprintable()
    server.answers = [NOTHING]
    assert [batch.cursor for batch in source.pull("")] == ["0"], "the next pull connects anew"


def test_who_cant_be_reached_is_told(tmp_path: Path) -> None:
    source = open_source(access(f"http://127.0.0.1:{free_port()}"))
    assert "can't be reached: Connection refused" in told(source).message
    assert source.send(outgoing()).state is OutgoingState.WAITING


def test_a_certificate_has_to_be_trusted(tmp_path: Path) -> None:
    certificate = certificate_for("127.0.0.1", tmp_path)
    server = Server(certificate)
    try:
        server.answers = [NOTHING]
        stranger = open_source(access(server.url))
        raised = told(stranger)
        assert "shows a certificate that isn't trusted" in raised.message
        assert "ca_file" in raised.hint
        assert server.asked == [], "nothing was said to whom nobody knows"
        known = open_source(access(server.url, ca_file=certificate))
        assert len(list(known.pull(""))) == 1
        known.close()
    finally:
        server.close()


def test_a_file_of_certificates_that_is_none_is_told(tmp_path: Path) -> None:
    empty = tmp_path / "ca.pem"
    empty.touch()
    for path in (empty, tmp_path / "missing.pem"):
        source = open_source(access("https://127.0.0.1:9", ca_file=path))
        assert f"can't read certificates from {path}" in told(source).message


@pytest.mark.parametrize(
    "token", ["", " ", "1-14-\N{LATIN SMALL LETTER E WITH ACUTE}secret", "1\n-14-secret"]
)
def test_a_token_that_cant_be_one_isnt_sent_nor_repeated(server: Server, token: str) -> None:
    source = open_source(access(server.url, token))
    with pytest.raises(BadSettings) as raised:
        list(source.pull(""))
    assert "secret" not in raised.value.message
    assert server.asked == []


def test_reading_is_tried_once_more_and_writing_isnt(server: Server, source: RequestTracker) -> None:
    server.answers = [CUT, NOTHING]
    assert [batch.cursor for batch in source.pull("")] == ["0"]
    server.asked.clear()
    server.answers = [Said(TICKET, headers={"ETag": '"40"'}), CUT, NOTHING]
    assert source.send(outgoing()).state is OutgoingState.WAITING
    assert [line for line in server.asked if "correspond" in line] == [
        'POST /REST/2.0/ticket/7/correspond {"ContentType":"text/plain","Content":"We have begun"}'
    ]


MADE = {"Location": "/REST/2.0/transaction/62"}
FOUND = Said(TICKET, headers={"ETag": '"40"'})


@pytest.mark.parametrize(
    ("answers", "state"),
    [
        ([FOUND, CUT, NOTHING], OutgoingState.WAITING),
        ([FOUND, CUT, Said("<html>", 503)], OutgoingState.UNSURE),
        ([FOUND, HANG, NOTHING], OutgoingState.UNSURE),
        ([FOUND, Said("<html>", 504), NOTHING], OutgoingState.UNSURE),
        ([FOUND, Said("<html>", 503), NOTHING], OutgoingState.WAITING),
        ([FOUND, Said({"message": "No permission"}, 403)], OutgoingState.REFUSED),
        ([FOUND, Said({"message": "Message could not be recorded"}, 400)], OutgoingState.REFUSED),
        ([FOUND, Said({"message": "Slow down"}, 429)], OutgoingState.WAITING),
        ([FOUND, Said("<html>")], OutgoingState.WAITING),
        ([Said({"message": "Not Found"}, 404)], OutgoingState.REFUSED),
        ([Said({"message": "Unauthorized"}, 401)], OutgoingState.WAITING),
        ([HANG], OutgoingState.WAITING),
        ([FOUND, Said(["Correspondence added"], 201), NOTHING], OutgoingState.UNSURE),
        ([FOUND, Said(["Correspondence added"], 201, MADE)], OutgoingState.SENT),
    ],
)
def test_what_becomes_of_an_answer(
    server: Server, source: RequestTracker, answers: list[Said], state: OutgoingState
) -> None:
    server.answers = answers
    handed = source.send(outgoing())
    assert handed.state is state
    assert handed.detail.isprintable()
    assert TOKEN not in handed.detail


@pytest.mark.parametrize("act", list(OutgoingAct))
@pytest.mark.parametrize("body", [[], {}, None, 7, "<p>", {"items": [{"id": "x"}]}, [[]], {"items": [None]}])
def test_nothing_is_raised_whatever_is_answered(
    server: Server, source: RequestTracker, act: OutgoingAct, body: Any
) -> None:
    server.answers = [Said(body)]
    assert source.send(outgoing(act)).detail
    with suppress(OncallError):
        assert all(not batch.letters for batch in source.pull(""))


@pytest.mark.parametrize("body", [{}, [], {"Content": None}, {"Content": "abc"}, {"Content": 7}])
def test_an_attachment_that_nobody_can_read_leaves_no_file(
    server: Server, source: RequestTracker, body: Any, tmp_path: Path
) -> None:
    server.answers = [Said({"items": [{"id": "9", "TransactionId": "40"}]}), Said(body)]
    with pytest.raises(SourceUnavailable, match="attachment 9"):
        source.save("txn/40", "9", tmp_path / "saved")
    assert not (tmp_path / "saved").exists()


@pytest.mark.parametrize(("by", "version"), [("anne", ""), ("desk", "41")])
def test_who_takes_a_ticket_has_not_seen_what_a_customer_wrote_meanwhile(
    server: Server, source: RequestTracker, by: str, version: str
) -> None:
    """Closing it, which waits behind, would be done over the customer's head."""
    wrote = {"id": "41", "Type": "Correspond", "ObjectId": "7", "Created": "2026-03-27T11:30:00Z"}
    taken = TICKET | {"Owner": {"id": "lea", "Name": "lea"}}
    server.answers = [
        Said(TICKET, headers={"ETag": '"41"'}),
        Said({"items": [wrote | {"Creator": {"id": by, "Name": by}}]}),
        NOTHING,
        Said(["Owner changed"]),
        Said(taken, headers={"ETag": '"42"'}),
    ]
    handed = source.send(outgoing(OutgoingAct.OWNER))
    assert (handed.state, handed.version) == (OutgoingState.SENT, version)


def test_what_is_no_ticket_of_it_is_refused(server: Server, source: RequestTracker) -> None:
    handed = source.send(outgoing(thread=""))
    assert (handed.state, handed.detail) == (OutgoingState.REFUSED, "RT-7 is no ticket of Request Tracker")
    assert server.asked == []


def test_a_ticket_that_changes_all_the_time_waits(server: Server, source: RequestTracker) -> None:
    stale = Said({"message": "Precondition Failed"}, 412)
    server.answers = [FOUND, stale, FOUND, stale, FOUND, stale]
    handed = source.send(outgoing(OutgoingAct.OWNER))
    assert handed.state is OutgoingState.WAITING
    assert len(server.asked) == 6


def transaction(number: int, at: datetime) -> dict[str, Any]:
    return {
        "id": str(number),
        "Type": "Set",
        "Field": "Priority",
        "ObjectId": "7",
        "Created": f"{at:%Y-%m-%dT%H:%M:%SZ}",
        "Creator": {"id": "marc", "Name": "marc"},
    }


def page(*transactions: dict[str, Any]) -> Said:
    return Said({"items": list(transactions)})


def pulled(source: RequestTracker, cursor: str) -> Callable[[], str]:
    """Return what pulls on from `cursor` and tells where it is then."""
    at = [cursor]

    def pull() -> str:
        for batch in source.pull(at[0]):
            at[0] = batch.cursor
        return at[0]

    return pull


def test_a_number_that_becomes_visible_later_isnt_passed_over(server: Server, source: RequestTracker) -> None:
    old, young = NOW - timedelta(hours=1), NOW - timedelta(seconds=5)
    pull = pulled(source, "50")
    tickets = Said({"items": [TICKET], "total": 1})
    server.answers = [page(transaction(50, old), transaction(52, young)), tickets]
    assert pull() == "50", "51 may still come"
    server.answers = [page(transaction(50, old), transaction(51, young), transaction(52, young)), tickets]
    server.asked.clear()
    batches = list(source.pull("50"))
    assert [batch.standings[0].version for batch in batches] == ["51"], "52 was told before"
    server.answers = [page(transaction(50, old), transaction(51, old), transaction(52, old)), tickets]
    (settled,) = source.pull("50")
    assert (settled.cursor, settled.letters) == ("52", ())
    assert [(each.thread, each.version) for each in settled.standings] == [("7", "52")], (
        "what was done to it just after an act of ours is told when that is over"
    )


def test_a_check_asks_for_version_and_queues(server: Server) -> None:
    server.answers = [Said({"Version": "5.0.3"})]
    with closing(open_source(access(server.url))) as source:
        assert source.check() == "Request Tracker 5.0.3, all its queues"
    server.answers = [Said({"Version": "5.0.3"}), Said({"id": 3})]
    with closing(open_source(access(server.url, queues=("Support Süd",)))) as source:
        assert source.check() == "Request Tracker 5.0.3, 1 queue"
    assert server.asked[-1] == "GET /REST/2.0/queue/Support%20S%C3%BCd"


def test_a_check_says_which_queue_isnt_shown(server: Server) -> None:
    server.answers = [Said({"Version": "5.0.3"}), Said({"message": "Forbidden"}, 403)]
    with closing(open_source(access(server.url, queues=("Netz",)))) as source:
        with pytest.raises(SourceUnavailable, match="shows no queue 'Netz' to this account") as raised:
            source.check()
        assert "SeeQueue" in raised.value.hint
