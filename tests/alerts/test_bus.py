"""Asking a bus who shows notifications: one that is dead, silent or says nonsense holds nothing up."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Thread

import pytest

from oncall_tui.alerts.bus import BusTrouble, notification_service


@contextmanager
def answering(path: Path, *answers: bytes) -> Iterator[str]:
    """A bus that says `answers`, one to each thing that it hears, and hangs up when it has no more."""

    def serve() -> None:
        connection, _ = server.accept()
        with connection, suppress(ConnectionError):
            for answer in answers:
                # A greeting may come in pieces, or with the first message behind it, which ends in zeros.
                while not (heard := connection.recv(4096)).endswith((b"\r\n", b"\0\0\0\0")):
                    assert heard, "hung up"
                connection.sendall(answer)
            connection.recv(4096)

    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(path))
        server.listen()
        thread = Thread(target=serve, daemon=True)
        thread.start()
        yield f"unix:path={path},guid=0123"
        thread.join(20)


def trouble(address: str, limit: float = 20.0) -> str:
    with pytest.raises(BusTrouble) as caught:
        notification_service(address, limit=limit)
    return str(caught.value)


def test_one_that_is_dead_or_of_another_kind_is_said(tmp_path):
    assert trouble(f"unix:path={tmp_path}/bus") == "No such file or directory"
    assert trouble("tcp:host=127.0.0.1,port=1") == "its address is of a kind that can't be asked"
    assert trouble("nonsense") == "its address is of a kind that can't be asked"
    with socket.socket(socket.AF_UNIX) as bound:
        bound.bind(str(tmp_path / "x%"))
        assert trouble(f"unix:path={tmp_path}/x%25;unix:abstract=oncall-no-such") == "Connection refused"


def test_one_that_hangs_is_given_up(tmp_path):
    with socket.socket(socket.AF_UNIX) as silent:
        silent.bind(str(tmp_path / "bus"))
        silent.listen()
        assert trouble(f"unix:path={tmp_path}/bus", limit=0.5) == "no answer"


@pytest.mark.parametrize(
    ("answers", "said"),
    [
        ((b"REJECTED EXTERNAL\r\n",), "it doesn't let us in"),
        ((b"OK 0123\r\n",), "it hangs up"),
        ((b"OK 0123\r\n", b"\xff" * 64), "the answer can't be read"),
    ],
)
def test_one_that_says_nonsense_is_said(tmp_path, answers, said):
    with answering(tmp_path / "bus", *answers) as address:
        assert trouble(address) == said
