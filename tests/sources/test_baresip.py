"""The control socket of a telephone: torn and dirty frames, calls that come and go, a connection lost."""

from __future__ import annotations

import itertools
import json
import socket
from collections.abc import Iterator
from queue import SimpleQueue
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from oncall_tui.domain.text import NAME_LIMIT, clean
from oncall_tui.sources.baresip import (
    PREFIX,
    Baresip,
    Ringing,
    TelephoneTrouble,
    external_id_of,
    number_in,
)
from oncall_tui.sources.netstrings import MOST, Netstrings, framed

values = st.recursive(st.none() | st.booleans() | st.integers() | st.text(), lambda inner: st.lists(inner))
documents = st.lists(st.dictionaries(st.text(), values, max_size=4), max_size=5)


def pieces(stream: bytes, cuts: list[int]) -> list[bytes]:
    edges = [0, *sorted(cut % (len(stream) + 1) for cut in cuts), len(stream)]
    return [stream[a:b] for a, b in itertools.pairwise(edges)]


@given(documents, st.lists(st.integers(0)))
def test_frames_are_read_in_whatever_pieces_they_come(sent: list[Any], cuts: list[int]) -> None:
    reader = Netstrings()
    stream = b"".join(map(framed, sent))
    assert [each for piece in pieces(stream, cuts) for each in reader.feed(piece)] == sent


@given(st.binary(), st.lists(st.integers(0)))
@example(b"99999:{", [])
@example(b"5:{" + b"[" * 99_000, [])
@example(b"60000:{" + b'{"a":' * 12_000 + b",", [])
def test_no_stream_breaks_the_reader_and_pieces_change_nothing(stream: bytes, cuts: list[int]) -> None:
    whole, parts = Netstrings(), Netstrings()
    assert whole.feed(stream) == [each for piece in pieces(stream, cuts) for each in parts.feed(piece)]


@given(st.binary(max_size=200).filter(lambda dirt: b":{" not in dirt and not dirt[-1:].isdigit()), documents)
def test_what_comes_after_dirt_is_read(dirt: bytes, sent: list[Any]) -> None:
    assert Netstrings().feed(dirt + b"".join(map(framed, sent))) == sent


def test_what_claims_to_be_huge_is_skipped_and_nothing_is_kept_of_it() -> None:
    reader = Netstrings()
    assert reader.feed(b"%d:{" % (MOST + 1) + b"x" * 3 * MOST) == []
    assert reader.feed(framed({"type": "CALL_CLOSED"})) == [{"type": "CALL_CLOSED"}]


@pytest.mark.parametrize(
    ("address", "number"),
    [
        ("sip:+41225550140@192.0.2.1:5090;transport=udp", "+41225550140"),
        ('"Léa" <sips:+41225550140;phone-context=x@host;user=phone>;tag=1', "+41225550140"),
        ("tel:+41-22-555-01-40;ext=3", "+41-22-555-01-40"),
        ("sip:%2B41225550140@host", "+41225550140"),
        ("sip:022:secret@host", "022"),
        ("sip:Anonymous@anonymous.invalid", ""),
        ("sip:192.0.2.1", ""),
        ("sip:anne.rochat@leman.example", "anne.rochat"),
        ("", ""),
        ("sip:\x1b[2J41@host", "\ufffd[2J41"),
    ],
)
def test_the_number_in_an_address(address: str, number: str) -> None:
    assert number_in(address) == number


@given(st.text())
def test_whatever_an_address_is_its_number_is_clean(address: str) -> None:
    found = number_in(address)
    assert clean(found, limit=NAME_LIMIT) == found


texts = st.text(st.characters(exclude_categories=()), min_size=1)
ids = st.tuples(texts, st.integers(0, 1000))


@given(ids, ids)
@example(("a" * 200, 0), ("a" * 201, 0))
@example(("a\x1b", 0), ("a\ufffd", 0))
@example(("a", 1), ("a 2", 0))
def test_each_call_has_a_name_of_its_own_that_the_store_keeps_as_it_is(
    one: tuple[str, int], other: tuple[str, int]
) -> None:
    name = external_id_of(*one)
    assert clean(name, limit=NAME_LIMIT) == name
    assert (name == external_id_of(*other)) == (one == other)


class Heard:
    """What the telephone told, in its order."""

    def __init__(self) -> None:
        self.told: SimpleQueue[tuple[Any, ...]] = SimpleQueue()

    def rang(self, call: Ringing) -> None:
        self.told.put(("rang", *call))

    def answered(self, external_id: str) -> None:
        self.told.put(("answered", external_id))

    def closed(self, external_id: str, *, answered: bool) -> None:
        self.told.put(("closed", external_id, answered))

    def connected(self) -> None:
        self.told.put(("connected",))

    def lost(self, why: str) -> None:
        self.told.put(("lost", why))

    def next(self) -> tuple[Any, ...]:
        return self.told.get(timeout=20)


class Socket:
    """The other end of the control socket, as baresip 1.0 speaks there."""

    def __init__(self) -> None:
        self._server = socket.create_server(("127.0.0.1", 0))
        self._server.settimeout(20)
        self.address: tuple[str, int] = self._server.getsockname()
        self._reader = Netstrings()
        self._read: list[Any] = []

    def accept(self, *, greet: bool = True) -> None:
        self.connection, _ = self._server.accept()
        self.connection.settimeout(20)
        if greet:
            command, _, token = self.command()
            assert command == "listcalls"
            self.answer(token, "--- Active calls (0) ---")

    def event(self, kind: str, call_id: str, **more: str) -> None:
        told = {"event": True, "type": kind, "direction": "incoming", "id": call_id}
        self.connection.sendall(framed(told | more))

    def command(self) -> tuple[str, str, str]:
        while not self._read:
            self._read += self._reader.feed(self.connection.recv(4096))
        found = self._read.pop(0)
        return found["command"], found["params"], found["token"]

    def answer(self, token: str, text: str) -> None:
        self.connection.sendall(framed({"response": True, "ok": True, "data": text, "token": token}))

    def close(self) -> None:
        self.connection.close()
        self._server.close()


@pytest.fixture
def phone() -> Iterator[tuple[Baresip, Socket, Heard]]:
    end, heard = Socket(), Heard()
    made = Baresip(end.address, heard)
    made.start()
    end.accept()
    assert heard.next() == ("connected",)
    yield made, end, heard
    made.stop()
    end.close()


def in_thread(function: Any) -> SimpleQueue[Any]:
    from threading import Thread

    result: SimpleQueue[Any] = SimpleQueue()

    def run() -> None:
        try:
            result.put(function())
        except TelephoneTrouble as trouble:
            result.put(trouble)

    Thread(target=run, daemon=True).start()
    return result


def test_calls_come_and_go(phone: tuple[Baresip, Socket, Heard]) -> None:
    _, end, heard = phone
    end.event(
        "CALL_INCOMING",
        "1@pbx",
        peeruri="sip:+41225550140@pbx",
        peerdisplayname="Anne\x1b[31m",
        accountaor="sip:emergency@desk",
    )
    assert heard.next() == ("rang", "baresip:1@pbx", "+41225550140", "emergency", "Anne\ufffd[31m")
    end.connection.sendall(b"\xff\x00 no frame " + framed({"type": 3, "id": []}))
    end.event("CALL_INCOMING", "2@pbx", direction="outgoing")
    end.event("CALL_ESTABLISHED", "1@pbx")
    end.event("CALL_ESTABLISHED", "1@pbx")
    assert heard.next() == ("answered", "baresip:1@pbx")
    end.event("CALL_CLOSED", "1@pbx")
    assert heard.next() == ("closed", "baresip:1@pbx", True)
    end.event("CALL_CLOSED", "3@pbx")
    assert heard.next() == ("closed", "baresip:3@pbx", False)


def test_a_call_is_made_the_current_one_before_it_is_answered(phone: tuple[Baresip, Socket, Heard]) -> None:
    made, end, heard = phone
    end.event("CALL_INCOMING", "1@pbx")
    heard.next()
    answered = in_thread(lambda: made.accept("baresip:1@pbx"))
    for last in (False, True):
        # Where two calls ring it takes two tries.
        command, call_id, token = end.command()
        assert (command, call_id) == ("callfind", "1@pbx")
        end.answer(token, "setting current call: 1@pbx\n")
        command, call_id, token = end.command()
        assert (command, call_id) == ("accept", "1@pbx")
        if last:
            end.event("CALL_LOCAL_SDP", "1@pbx", param="answer")
        end.answer(token, "Answering incoming call\n")
    assert answered.get(timeout=20) is True
    assert made.accept("baresip:1@pbx")


def test_a_call_that_is_over_is_neither_answered_nor_hung_up_nor_is_another(
    phone: tuple[Baresip, Socket, Heard],
) -> None:
    made, end, _ = phone
    for act in (made.accept, made.hang_up):
        done = in_thread(lambda act=act: act(f"{PREFIX}gone@pbx"))
        command, _, token = end.command()
        assert command == "callfind"
        end.answer(token, "call not found (id=gone@pbx)\n")
        assert done.get(timeout=20) is False


def test_a_connection_that_ends_is_made_anew_and_what_ended_meanwhile_is_told(
    phone: tuple[Baresip, Socket, Heard],
) -> None:
    made, end, heard = phone
    end.event("CALL_INCOMING", "1@pbx")
    end.event("CALL_INCOMING", "2@pbx")
    assert [heard.next()[1] for _ in range(2)] == ["baresip:1@pbx", "baresip:2@pbx"]
    waits = in_thread(lambda: made.hang_up("baresip:1@pbx"))
    end.command()
    end.connection.close()
    assert isinstance(waits.get(timeout=20), TelephoneTrouble)
    assert heard.next()[0] == "lost"
    end.accept()
    assert heard.next() == ("connected",)
    for there in (False, True):
        _, call_id, token = end.command()
        end.answer(token, "setting current call\n" if there else f"call not found (id={call_id})\n")
    assert heard.next() == ("closed", "baresip:1@pbx", False)


def test_a_caller_who_tries_again_under_the_same_id_rings_again(
    phone: tuple[Baresip, Socket, Heard],
) -> None:
    made, end, heard = phone
    for name in ("baresip:1@pbx", "baresip:1@pbx 2"):
        end.event("CALL_INCOMING", "1@pbx")
        assert heard.next()[:2] == ("rang", name)
        end.event("CALL_INCOMING", "1@pbx")
        assert heard.next()[:2] == ("rang", name)
        done = in_thread(lambda name=name: made.hang_up(name))
        for wanted in ("callfind", "hangup"):
            command, call_id, token = end.command()
            assert (command, call_id) == (wanted, "1@pbx")
            end.answer(token, "setting current call")
        assert done.get(timeout=20) is True
        end.event("CALL_CLOSED", "1@pbx")
        assert heard.next() == ("closed", name, False)


def test_what_does_not_answer_as_a_telephone_does_is_none() -> None:
    end, heard = Socket(), Heard()
    made = Baresip(end.address, heard)
    made.start()
    end.accept(greet=False)
    end.connection.sendall(b"SSH-2.0-OpenSSH_9.2\r\n")
    assert heard.next() == ("lost", "nothing answers there as baresip does")
    made.stop()
    end.close()


def test_a_telephone_that_is_not_there_is_told_and_tried_again() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        address = server.getsockname()
    heard = Heard()
    made = Baresip(address, heard)
    made.start()
    assert heard.next() == ("lost", "Connection refused")
    assert heard.next() == ("lost", "Connection refused")
    with pytest.raises(TelephoneTrouble, match="not connected"):
        made.accept("baresip:1@pbx")
    made.stop()


def test_an_address_that_names_no_host_is_told_and_ends_nothing() -> None:
    heard = Heard()
    made = Baresip(("a..b", 4444), heard)
    made.start()
    for _ in range(2):
        assert heard.next() == ("lost", "that is no name of a host")
    made.stop()


def test_json_that_no_python_would_send_is_read_too() -> None:
    body = json.dumps({"id": "\ud800\n"}).encode()
    assert Netstrings().feed(b"%d:%s," % (len(body), body)) == [{"id": "\ud800\n"}]
