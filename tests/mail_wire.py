"""Mail servers that do as a test says: small ones of our own with faults, and recordings of real ones."""

from __future__ import annotations

import json
import re
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

RECORDED = Path(__file__).parent / "data" / "mail_conversations"

_TAG = re.compile(rb"^([A-P]{4}\d+) ")
_TAGGED = re.compile(rb"(?m)^[A-P]{4}\d+ (?=OK|NO|BAD)")
_SECRET = re.compile(rb"(?m)^(AUTH PLAIN )?[A-Za-z0-9+/]{20,}=*\r\n")


class Serving:
    """A server on a port of the loopback that hands each connection to `talk`, one thread each."""

    def __init__(self, talk: Callable[[socket.socket], None]) -> None:
        self._talk = talk
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._listener.getsockname()[1])
        self._open: list[socket.socket] = []
        self._threads: list[threading.Thread] = []
        self.connections = 0
        self.errors: list[BaseException] = []
        self._accepting = threading.Thread(target=self._accept, daemon=True)
        self._accepting.start()

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self.connections += 1
            self._open.append(connection)
            thread = threading.Thread(target=self._serve, args=(connection,), daemon=True)
            self._threads.append(thread)
            thread.start()

    def _serve(self, connection: socket.socket) -> None:
        with connection:
            try:
                self._talk(connection)
            except OSError:
                return
            except BaseException as error:  # noqa: BLE001 - the test is told of it
                self.errors.append(error)

    def stop(self) -> None:
        """Hang up everywhere."""
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._accepting.join(10)
        for connection in self._open:
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join(10)
        assert not self.errors, self.errors


@contextmanager
def serving(talk: Callable[[socket.socket], None]) -> Iterator[Serving]:
    """Serve while the block runs."""
    server = Serving(talk)
    try:
        yield server
    finally:
        server.stop()


@dataclass
class Mails:
    """A mailbox in memory and what is wrong with its server; `talk` is an IMAP server for it.

    `cut` is after how many bytes of what the server says it hangs up, in one connection: the next one is
    whole. `silent` are commands that are never answered, `refused` those that are answered with NO, and
    `broken` are mails that the server doesn't hand out.
    """

    mails: dict[int, bytes] = field(default_factory=dict)
    validity: int = 7
    sizes: dict[int, int] = field(default_factory=dict)
    capabilities: str = "IMAP4rev1 IDLE"
    greeting: bytes = b"* OK ready\r\n"
    cut: int | None = None
    silent: frozenset[str] = frozenset()
    refused: dict[str, bytes] = field(default_factory=dict)
    broken: frozenset[int] = frozenset()
    chatter: bytes = b""
    idle_chatter: bytes = b""
    commands: list[bytes] = field(default_factory=list)
    idling: threading.Event = field(default_factory=threading.Event)
    _idle: socket.socket | None = None

    def add(self, mail: bytes) -> None:
        """Have a mail come in; a client that is idle is told."""
        self.mails[max(self.mails, default=0) + 1] = mail
        if self._idle is not None:
            self._idle.sendall(b"* %d EXISTS\r\n" % len(self.mails))

    def talk(self, connection: socket.socket) -> None:
        """Answer one client until it leaves."""
        say = _Mouth(connection, self.cut)
        self.cut = None
        say(self.greeting)
        with connection.makefile("rb") as lines:
            for line in lines:
                self.commands.append(line)
                tag, _, rest = line.rstrip(b"\r\n").partition(b" ")
                name = rest.upper().removeprefix(b"UID ").partition(b" ")[0].decode()
                if name in self.silent:
                    connection.recv(1)
                    return
                if name in self.refused:
                    say(tag + b" " + self.refused[name] + b"\r\n")
                    continue
                if name == "IDLE":
                    self._be_idle(connection, lines, say)
                else:
                    say(self._answer(name, rest))
                if name == "FETCH" and "BODY" in rest.decode() and self._broken(rest):
                    say(tag + b" NO [SERVERBUG] internal error\r\n")
                    continue
                say(tag + b" OK done\r\n")
                if name == "LOGOUT":
                    return

    def _be_idle(self, connection: socket.socket, lines: Iterator[bytes], say: _Mouth) -> None:  # type: ignore[type-arg]
        say(self.idle_chatter)
        say(b"+ idling\r\n")
        self._idle = connection
        self.idling.set()
        next(lines, b"")
        self._idle = None

    def _answer(self, name: str, rest: bytes) -> bytes:
        if name == "CAPABILITY":
            return b"* CAPABILITY %s\r\n" % self.capabilities.encode()
        if name == "EXAMINE":
            return b"* %d EXISTS\r\n* OK [UIDVALIDITY %d] valid\r\n" % (len(self.mails), self.validity)
        if name == "LOGOUT":
            return b"* BYE\r\n"
        if name == "SEARCH":
            wanted = rest.split(b'"')[1]
            found = [uid for uid, mail in self.mails.items() if wanted in mail]
            return b"* SEARCH %s\r\n" % b" ".join(b"%d" % uid for uid in found)
        if name == "FETCH":
            return self.chatter + b"".join(self._fetched(rest))
        return b""

    def _fetched(self, rest: bytes) -> Iterator[bytes]:
        partial = re.search(rb"BODY\.PEEK\[([\d.]*)\](?:<(\d+)\.(\d+)>)?", rest)
        for uid in self._wanted(rest):
            number = sorted(self.mails).index(uid) + 1
            mail = self.mails[uid]
            if partial is None:
                size = self.sizes.get(uid, len(mail))
                yield b"* %d FETCH (UID %d RFC822.SIZE %d)\r\n" % (number, uid, size)
            elif uid not in self.broken:
                data = mail.partition(b"\r\n\r\n")[2] if partial[1] else mail
                if partial[2]:
                    data = data[int(partial[2]) :][: int(partial[3])]
                yield (
                    b'* %d FETCH (UID %d INTERNALDATE "27-Nov-2026 03:12:44 +0100" BODY[%s] {%d}\r\n%s)\r\n'
                    % (number, uid, partial[1], len(data), data)
                )

    def _wanted(self, rest: bytes) -> list[int]:
        uids = sorted(self.mails)
        found: set[int] = set()
        for each in rest.split(b" ")[2].split(b","):
            first, _, last = each.partition(b":")
            low = int(first)
            high = low if not last else uids[-1] if last == b"*" else int(last)
            # A range has the last mail in it, also where it begins after it (RFC 3501).
            low, high = min(low, high), max(low, high)
            found |= {uid for uid in uids if low <= uid <= high}
        return sorted(found)

    def _broken(self, rest: bytes) -> bool:
        return bool(self.broken & set(self._wanted(rest)))


class _Mouth:
    """Says things, up to a number of bytes; then it hangs up."""

    def __init__(self, connection: socket.socket, left: int | None) -> None:
        self._connection = connection
        self._left = left

    def __call__(self, data: bytes) -> None:
        if self._left is not None:
            data, self._left = data[: self._left], self._left - len(data)
        self._connection.sendall(data)
        if self._left is not None and self._left <= 0:
            self._connection.shutdown(socket.SHUT_RDWR)
            raise ConnectionAbortedError


@dataclass
class Taker:
    """A server that takes mails; `talk` is SMTP.

    `says` has what it answers to a step in place of yes: a line, or None to hang up. The steps are `hello`,
    EHLO, AUTH, MAIL, RCPT, DATA, `body` (where it hangs up within it) and `end`.
    """

    says: dict[str, bytes | None] = field(default_factory=dict)
    offers: bytes = b"250-taker\r\n250-AUTH PLAIN\r\n250 SIZE 1000000\r\n"
    taken: list[bytes] = field(default_factory=list)
    commands: list[bytes] = field(default_factory=list)

    def talk(self, connection: socket.socket) -> None:
        """Answer one client until it leaves."""
        yes = {"EHLO": self.offers, "AUTH": b"235 hello\r\n", "DATA": b"354 go on\r\n"}
        with connection.makefile("rb") as lines:
            self._say(connection, "hello", b"220 taker\r\n")
            for line in lines:
                self.commands.append(line)
                step = line[:4].decode().upper()
                if step == "QUIT":
                    return
                self._say(connection, step, yes.get(step, b"250 yes\r\n"))
                if step == "DATA" and not (self.says.get(step) or b"3").startswith((b"4", b"5")):
                    if "body" in self.says:
                        lines.readline()
                        raise ConnectionAbortedError
                    mail = b"".join(iter(lines.readline, b".\r\n"))
                    self.taken.append(mail)
                    self._say(connection, "end", b"250 taken\r\n")

    def _say(self, connection: socket.socket, step: str, yes: bytes) -> None:
        said = self.says.get(step, yes)
        if said is None:
            raise ConnectionAbortedError
        connection.sendall(said)


class Tap:
    """Stands between a client and a server. `heard` is told of what the client ("C") and the server ("S") say
    before it is passed on; where it raises `ConnectionAbortedError`, that isn't, and nothing after it.
    """

    def __init__(self, port: int, heard: Callable[[str, bytes], None]) -> None:
        self._to = port
        self._heard = heard

    def talk(self, client: socket.socket) -> None:
        """Pass on what each says to the other."""
        with socket.create_connection(("127.0.0.1", self._to)) as server:
            back = threading.Thread(target=self._pass_on, args=("S", server, client), daemon=True)
            back.start()
            self._pass_on("C", client, server)
            back.join(10)

    def _pass_on(self, who: str, source: socket.socket, target: socket.socket) -> None:
        with suppress(OSError):
            while data := source.recv(65_536):
                self._heard(who, data)
                target.sendall(data)
        for end in (source, target):
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)


class Recorder(Tap):
    """Writes down who said what."""

    def __init__(self, port: int) -> None:
        super().__init__(port, self._note)
        self.said: list[tuple[str, bytes]] = []
        self._lock = threading.Lock()

    def _note(self, who: str, data: bytes) -> None:
        with self._lock:
            if self.said and self.said[-1][0] == who:
                self.said[-1] = (who, self.said[-1][1] + data)
            else:
                self.said.append((who, data))

    def write(self, path: Path) -> None:
        """Write the conversation down without what differs each time, and without secrets."""
        lines = [json.dumps([who, _neutral(data).decode("latin-1")]) for who, data in self.said]
        path.write_text("\n".join(lines) + "\n")


def replayed(name: str) -> Callable[[socket.socket], None]:
    """Return a server that says what a real one did, and minds that the client does as well."""
    said = [json.loads(line) for line in (RECORDED / f"{name}.jsonl").read_text().splitlines()]

    def talk(connection: socket.socket) -> None:
        tag = b""
        for who, text in said:
            data = text.encode("latin-1")
            if who == "S":
                connection.sendall(data.replace(b"TAG ", tag + b" "))
                continue
            heard = b""
            while len(_neutral(heard)) < len(data) or not heard.endswith(b"\r\n"):
                more = connection.recv(65_536)
                assert more, f"the client left before it said {data!r}"
                heard += more
            found = _TAG.match(heard)
            tag = found[1] if found else tag
            assert _neutral(heard) == data

    return talk


def _neutral(data: bytes) -> bytes:
    found = _TAG.match(data)
    if found:
        return _SECRET.sub(b"SECRET\r\n", b"TAG " + data[found.end() :])
    return _TAGGED.sub(b"TAG ", _SECRET.sub(rb"\1SECRET\r\n", data))
