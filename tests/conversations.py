"""Conversations over HTTP with a server, recorded in front of the real one and played without it.

What is written down has no token, and stands for any port. It is played strictly: what is asked must be what
was asked then, in that order.
"""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, ClassVar
from urllib.parse import parse_qsl

import httpx

FOLDER = Path(__file__).parent / "data" / "conversations"
RECORDING = "RECORD_CONVERSATIONS"
"""The variable of the environment that makes the real tests write down what was said."""

_KEPT = ("Content-Type", "ETag", "Location", "Date")
_HERE = "http://rt.example"
_LOST, _CUT = "the request is lost", "the answer is lost"


class Conversation:
    """A server at `url` that passes on what it is asked to `behind`, or plays what was said there."""

    def __init__(self, name: str, behind: str = "") -> None:
        self._file = FOLDER / f"{name}.jsonl"
        self._behind = behind
        self.said: list[dict[str, Any]] = []
        if not behind:
            self.said = list(map(json.loads, self._file.read_text().splitlines()))
        self._played = 0
        self._next_goes: str | None = None
        self.unforeseen: list[str] = []
        conversation = self

        class Handler(_Handler):
            of = conversation

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)
        self._thread.start()

    @property
    def is_real(self) -> bool:
        return bool(self._behind)

    def lose_request(self) -> None:
        """Cut the connection at the next change, which the server doesn't get."""
        self._next_goes = _LOST

    def lose_answer(self) -> None:
        """Cut the connection at the next change, when the server has made it."""
        self._next_goes = _CUT

    def close(self) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def finish(self) -> None:
        """Write down what was said where that is wanted; else see that all was said that was said then."""
        assert not self.unforeseen, "\n".join(self.unforeseen)
        if not self.is_real:
            assert self._played == len(self.said), (
                f"only {self._played} of {len(self.said)} requests were made"
            )
        elif os.environ.get(RECORDING):
            FOLDER.mkdir(parents=True, exist_ok=True)
            lines = (json.dumps(exchange, sort_keys=True, ensure_ascii=False) for exchange in self.said)
            self._file.write_text("".join(f"{line}\n" for line in lines))

    def answer(self, asked: dict[str, Any], token: str) -> dict[str, Any] | None:
        """Return what is answered to a request, None to cut the connection."""
        is_change = asked["method"] == "PUT" or asked["path"].endswith("/correspond")
        goes = self._next_goes if is_change else None
        if goes:
            self._next_goes = None
        if not self.is_real:
            return self._play(asked)
        exchange: dict[str, Any] = {"asked": asked}
        if goes != _LOST:
            exchange["answered"] = self._pass_on(asked, token)
        if goes:
            exchange["but"] = goes
        self.said.append(exchange)
        return None if goes else exchange["answered"]

    def _play(self, asked: dict[str, Any]) -> dict[str, Any] | None:
        if self._played == len(self.said) or self.said[self._played]["asked"] != asked:
            then = self.said[self._played]["asked"] if self._played < len(self.said) else "nothing"
            self.unforeseen.append(f"request {self._played + 1} is {asked}\nand was {then}")
            return {"status": 500, "headers": {}, "body": {"message": "unforeseen"}}
        exchange = self.said[self._played]
        self._played += 1
        answered: dict[str, Any] | None = exchange.get("answered")
        return None if "but" in exchange else answered

    def _pass_on(self, asked: dict[str, Any], token: str) -> dict[str, Any]:
        headers = {"Authorization": token} | {name: asked[name] for name in ("If-Match",) if name in asked}
        body: dict[str, Any] = {}
        if "json" in asked:
            body["json"] = asked["json"]
        if "form" in asked:
            body["data"] = asked["form"]
        response = httpx.request(
            asked["method"],
            self._behind + asked["path"],
            params=asked.get("query"),
            headers=headers,
            timeout=60,
            **body,
        )
        return {
            "status": response.status_code,
            "headers": {name: response.headers[name] for name in _KEPT if name in response.headers},
            "body": json.loads(response.text.replace(self._behind, _HERE)),
        }


class _Handler(BaseHTTPRequestHandler):
    of: ClassVar[Conversation]

    def _answer(self) -> None:
        path, _, query = self.path.partition("?")
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
        asked: dict[str, Any] = {"method": self.command, "path": path}
        if query:
            asked["query"] = dict(parse_qsl(query))
        if body and self.headers["Content-Type"] == "application/json":
            asked["json"] = json.loads(body)
        elif body:
            asked["form"] = dict(parse_qsl(body))
        if "If-Match" in self.headers:
            asked["If-Match"] = self.headers["If-Match"]
        answered = self.of.answer(asked, self.headers["Authorization"])
        if answered is None:
            return
        # Status line and headers as they were, the date among them: time is that of the recording.
        content = json.dumps(answered["body"]).encode()
        self.send_response_only(answered["status"])
        for name, value in answered["headers"].items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    do_GET = do_POST = do_PUT = _answer  # noqa: N815 - the names that http.server asks for

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        pass


@contextmanager
def conversation(name: str, behind: str = "") -> Iterator[Conversation]:
    """Have the conversation `name`: with the server at `behind`, or as it was recorded."""
    held = Conversation(name, behind)
    try:
        yield held
        held.finish()
    finally:
        held.close()
