"""The SIP telephone baresip, over the control socket of its module ctrl_tcp.

The socket has one client at a time: who connects next takes it over. It tells what happens from then on,
not what rings already. In baresip 1.0 `accept` and `hangup` mean the current call, whatever call is named:
that one is made current first (`callfind`). A thread of its own reads; what is told leaves it at once.
"""

from __future__ import annotations

import hashlib
import itertools
import socket
import threading
from collections import Counter
from collections.abc import Mapping
from queue import Empty, SimpleQueue
from time import monotonic
from typing import Any, NamedTuple, Protocol
from urllib.parse import unquote

from oncall_tui.domain.errors import OncallError
from oncall_tui.domain.text import NAME_LIMIT, clean
from oncall_tui.sources.netstrings import Netstrings, framed

PREFIX = "baresip:"
"""What the external id of each of its calls begins with."""

_ID_LIMIT = NAME_LIMIT - len(PREFIX) - 8
_FIRST_PAUSE, _LONGEST_PAUSE = 0.5, 30.0
_STEADY = 10.0
_PATIENCE = 5.0
_LEAVING = 1.0
_LOOKS_EVERY = 20.0
_TRIES = 3

_NOBODY = frozenset({"anonymous", "unavailable", "unknown", "restricted", "private", "invalid"})


class TelephoneTrouble(OncallError):
    """The telephone can't be reached, or doesn't do what it is asked."""

    title = "Telephone"


class Ringing(NamedTuple):
    """A call that comes in: clean text. `number` is claimed by the caller, empty where it is withheld;
    `called` is the number, or the account, that was dialled; `name` is what the caller's telephone shows.
    """

    external_id: str
    number: str
    called: str
    name: str


class Listener(Protocol):
    """Is told what happens, from the threads of the telephone, and must not block them."""

    def rang(self, call: Ringing) -> None:
        """Take note of a call that comes in; it may be told more than once."""

    def answered(self, external_id: str) -> None:
        """Take note that a call is answered at this telephone, by its own keys or by `accept`."""

    def closed(self, external_id: str, *, answered: bool) -> None:
        """Take note of the end of a call; `answered` says that it was answered at this telephone."""

    def connected(self) -> None:
        """Take note that the telephone tells its calls from now on."""

    def lost(self, why: str) -> None:
        """Take note that a try to connect failed, or that the connection has ended."""


class Baresip:
    """One telephone. `start` and `stop` once; `accept` and `hang_up` from any thread but its own."""

    def __init__(self, address: tuple[str, int], listener: Listener) -> None:
        self._address = address
        self._listener = listener
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, name="oncall-baresip", daemon=True)
        self._socket: socket.socket | None = None
        self._tokens = itertools.count(1)
        self._waiting: dict[str, SimpleQueue[str | None]] = {}
        self._acting = threading.Lock()
        self._open: dict[str, str] = {}
        self._ended: Counter[str] = Counter()
        self._answered: set[str] = set()

    def start(self) -> None:
        """Connect, and go on trying where that fails."""
        self._thread.start()

    def stop(self) -> None:
        """Disconnect; nothing is told any more. Calls that go on do so."""
        self._stopped.set()
        _shut(self._socket)
        if self._thread.is_alive():
            self._thread.join(_LEAVING)

    def accept(self, external_id: str) -> bool:
        """Answer a call that rings; say whether it is answered, and not over meanwhile.

        Blocks for some seconds at most. Raises `TelephoneTrouble`.
        """
        with self._acting:
            # Where another call rings, 1.0 puts that one on hold first, fails to, and takes it for done.
            for _ in range(_TRIES):
                if external_id in self._answered:
                    return True
                if not self._act("accept", external_id):
                    return False
            if external_id in self._answered:
                return True
        raise TelephoneTrouble("the telephone didn't answer the call", hint="answer it at the telephone")

    def hang_up(self, external_id: str) -> bool:
        """End a call, or refuse one that rings; say whether there was one to end. As `accept` otherwise."""
        with self._acting:
            return self._act("hangup", external_id)

    def _act(self, command: str, external_id: str) -> bool:
        """Make a call the current one, which `command` is about, and give it; say whether it is there."""
        known = (each for each, name in self._open.items() if name == external_id)
        call_id = next(known, external_id.removeprefix(PREFIX))
        if not self._found(call_id):
            return False
        self._ask(command, call_id)
        return True

    def _found(self, call_id: str) -> bool:
        # While it has no call, baresip doesn't know the command either.
        return "not found" not in self._ask("callfind", call_id)

    def _ask(self, command: str, call_id: str) -> str:
        """Return what the telephone answers to a command."""
        token, answer = str(next(self._tokens)), SimpleQueue[str | None]()
        self._waiting[token] = answer
        try:
            if self._socket is None:
                raise TelephoneTrouble("the telephone is not connected", hint="answer the call at it")
            self._socket.sendall(framed({"command": command, "params": call_id, "token": token}))
            said = answer.get(timeout=_PATIENCE)
        except (OSError, Empty):
            said = None
        finally:
            del self._waiting[token]
        if said is None:
            raise TelephoneTrouble("the telephone doesn't answer", hint="go on at the telephone itself")
        return said

    def _run(self) -> None:
        pause = _FIRST_PAUSE
        while not self._stopped.is_set():
            begun = monotonic()
            why = self._listen()
            if self._stopped.is_set():
                return
            self._listener.lost(why)
            if monotonic() - begun > _STEADY:
                pause = _FIRST_PAUSE
            self._stopped.wait(pause)
            pause = min(2 * pause, _LONGEST_PAUSE)

    def _listen(self) -> str:
        """Read until the connection ends; return why it did."""
        try:
            with socket.create_connection(self._address, timeout=_PATIENCE) as connection:
                connection.settimeout(None)
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
                connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                self._socket = connection
                if self._stopped.is_set():
                    return ""
                ended, answers = threading.Event(), threading.Event()
                # The answers come to the thread that reads, which therefore can't wait for them.
                watch = threading.Thread(target=self._watch, args=(connection, ended, answers), daemon=True)
                watch.start()
                try:
                    frames = Netstrings()
                    while data := connection.recv(65_536):
                        for document in frames.feed(data):
                            self._take(document)
                finally:
                    ended.set()
                if not answers.is_set():
                    return "nothing answers there as baresip does"
                return "it has ended, or somebody else has connected to it"
        except OSError as error:
            return error.strerror or "no answer"
        except UnicodeError:
            return "that is no name of a host"
        finally:
            self._socket = None
            for answer in list(self._waiting.values()):
                answer.put(None)

    def _watch(self, connection: socket.socket, ended: threading.Event, answers: threading.Event) -> None:
        """See that the telephone answers, now and then, and end a connection to one that doesn't.

        At first ask it also what has become of each call that was open when the last connection was lost.
        """
        try:
            with self._acting:
                self._ask("listcalls", "")
            answers.set()
            self._listener.connected()
            for call_id in list(self._open):
                with self._acting:
                    there = self._found(call_id)
                if not there:
                    self._end(call_id)
            while not ended.wait(_LOOKS_EVERY):
                with self._acting:
                    answers.clear()
                    self._ask("listcalls", "")
                    answers.set()
        except TelephoneTrouble:
            _shut(connection)

    def _take(self, document: Mapping[str, Any]) -> None:
        if document.get("response"):
            waiting = self._waiting.get(_text(document, "token"))
            if waiting is not None:
                waiting.put(_text(document, "data"))
            return
        call_id, kind = _text(document, "id"), _text(document, "type")
        if not call_id or document.get("direction", "incoming") != "incoming":
            return
        if kind == "CALL_INCOMING":
            self._listener.rang(
                Ringing(
                    self._open.setdefault(call_id, self._name(call_id)),
                    number_in(_text(document, "peeruri")),
                    number_in(_text(document, "accountaor")),
                    clean(_text(document, "peerdisplayname"), limit=NAME_LIMIT),
                )
            )
        elif kind == "CALL_ESTABLISHED" or (
            kind == "CALL_LOCAL_SDP" and _text(document, "param") == "answer"
        ):
            name = self._name(call_id)
            if name not in self._answered:
                self._answered.add(name)
                self._listener.answered(name)
        elif kind == "CALL_CLOSED":
            self._end(call_id)

    def _name(self, call_id: str) -> str:
        return self._open.get(call_id) or external_id_of(call_id, self._ended[call_id])

    def _end(self, call_id: str) -> None:
        external_id = self._name(call_id)
        self._open.pop(call_id, None)
        self._ended[call_id] += 1
        answered = external_id in self._answered
        self._answered.discard(external_id)
        self._listener.closed(external_id, answered=answered)


def external_id_of(call_id: str, before: int = 0) -> str:
    """Return the name under which the desk knows the call `call_id`: short, and fit to be stored.

    A caller who tries again may send the same id: `before` counts the calls of that id that have ended.
    """
    again = f" {before + 1}" if before else ""
    if len(call_id) <= _ID_LIMIT and clean(call_id, limit=_ID_LIMIT) == call_id and " " not in call_id:
        return f"{PREFIX}{call_id}{again}"
    return PREFIX + hashlib.sha256(call_id.encode(errors="surrogatepass")).hexdigest() + again


def number_in(address: str) -> str:
    """Return the number, or the name, in a SIP or telephone address; empty for who doesn't show it.

    `sip:+41225550140@host;user=phone` is `+41225550140`.
    """
    address = clean(address, limit=8 * NAME_LIMIT)
    _, bracket, inside = address.partition("<")
    address = inside.partition(">")[0] if bracket else address
    scheme, colon, rest = address.partition(":")
    if not colon or scheme.lower() not in ("sip", "sips", "tel"):
        scheme, rest = "sip", address
    user, at, _ = rest.rpartition("@")
    if not at:
        # What has no user names a host, which calls nobody.
        user = rest if scheme.lower() == "tel" else ""
    user = unquote(user.partition(";")[0].partition(":")[0])
    name = clean(user, limit=NAME_LIMIT)
    return "" if name.lower() in _NOBODY else name


def _text(document: Mapping[str, Any], name: str) -> str:
    value = document.get(name)
    return value if isinstance(value, str) else ""


def _shut(connection: socket.socket | None) -> None:
    if connection is not None:
        try:
            connection.shutdown(socket.SHUT_RDWR)
        except OSError:  # it has ended by itself
            return
