"""Asks a session bus who shows notifications: as much of D-Bus as that needs, and no more.

The program that sends has no such question, and the libraries that do are no dependency.
"""

from __future__ import annotations

import os
import socket
import struct
import time
from collections.abc import Iterator
from contextlib import suppress
from urllib.parse import unquote

from oncall_tui.domain.text import clean

NAME, PATH = "org.freedesktop.Notifications", "/org/freedesktop/Notifications"

_BUS, _BUS_PATH = "org.freedesktop.DBus", "/org/freedesktop/DBus"
_RETURN, _ERROR = 2, 3
_MOST = 1 << 20
"""Bytes of an answer."""


class BusTrouble(Exception):
    """The bus can't be asked; the message says why."""


def notification_service(address: str, *, limit: float = 2.0) -> str:
    """Return name and version of what shows notifications on the bus at `address`, empty for nothing.

    A service that the bus starts when it is needed is `"started when needed"`. Raises `BusTrouble` for a bus
    or a service that can't be reached or doesn't answer within `limit` seconds.
    """
    try:
        with _Bus(address, time.monotonic() + limit) as bus:
            bus.call(_BUS, _BUS_PATH, _BUS, "Hello")
            if bus.call(_BUS, _BUS_PATH, _BUS, "NameHasOwner", NAME)[:4] == b"\1\0\0\0":
                told = list(_strings(bus.call(NAME, PATH, NAME, "GetServerInformation")))
                return clean(f"{told[0]} {told[2]}", limit=80)
            activatable = bus.call(_BUS, _BUS_PATH, _BUS, "ListActivatableNames")
            return "started when needed" if NAME in _strings(activatable[4:]) else ""
    except TimeoutError:
        raise BusTrouble("no answer") from None
    except (BrokenPipeError, ConnectionResetError):
        raise BusTrouble("it hangs up") from None
    except OSError as error:
        raise BusTrouble(error.strerror or str(error)) from None
    except (struct.error, IndexError, UnicodeDecodeError):
        raise BusTrouble("the answer can't be read") from None


class _Bus:
    """A connection to a bus, until `end` on the monotonic clock."""

    def __init__(self, address: str, end: float) -> None:
        self._end = end
        self._serial = 0
        self._socket = self._connected(address)

    def __enter__(self) -> _Bus:
        return self

    def __exit__(self, *_error: object) -> None:
        self._socket.close()

    def _connected(self, address: str) -> socket.socket:
        places = list(_sockets(address))
        if not places:
            raise BusTrouble("its address is of a kind that can't be asked")
        for place in places:
            found = socket.socket(socket.AF_UNIX)
            self._socket = found
            try:
                self._patiently().connect(place)
                self._greet()
            except OSError as error:
                found.close()
                trouble = error
            except BusTrouble:
                found.close()
                raise
            else:
                return found
        raise trouble

    def _greet(self) -> None:
        self._patiently().sendall(b"\0AUTH EXTERNAL " + str(os.getuid()).encode().hex().encode() + b"\r\n")
        said = b""
        while not said.endswith(b"\r\n"):
            said += self._some(1)
        if not said.startswith(b"OK"):
            raise BusTrouble("it doesn't let us in")
        self._patiently().sendall(b"BEGIN\r\n")

    def call(self, to: str, path: str, interface: str, member: str, *arguments: str) -> bytes:
        """Call a method with texts and return the body of the answer. Raises `BusTrouble` for an error."""
        self._serial += 1
        body = b""
        for text in arguments:
            body = _text(_aligned(body, 4), text)
        fields = b""
        for code, kind, value in ((1, "o", path), (2, "s", interface), (3, "s", member), (6, "s", to)):
            fields = _text(_aligned(fields, 8) + bytes((code, 1, ord(kind), 0)), value)
        if arguments:
            signature = b"s" * len(arguments)
            fields = _aligned(fields, 8) + b"\x08\x01g\0" + bytes((len(signature),)) + signature + b"\0"
        head = struct.pack("<BBBBIII", ord("l"), 1, 0, 1, len(body), self._serial, len(fields))
        self._patiently().sendall(_aligned(head + fields, 8) + body)
        while True:
            answers, serial, answer = self._message()
            if serial == self._serial and answers == _RETURN:
                return answer
            if serial == self._serial and answers == _ERROR:
                raise BusTrouble(clean(next(_strings(answer), "") or "refused", limit=200))

    def _message(self) -> tuple[int, int, bytes]:
        """Return kind, serial of what it answers, and body of the next message."""
        head = self._some(16)
        order = "<" if head[:1] == b"l" else ">"
        length, _serial, fields = struct.unpack(f"{order}III", head[4:16])
        if length + fields > _MOST:
            raise BusTrouble("the answer can't be read")
        rest = self._some(fields + -fields % 8 + length)
        return head[1], _reply_serial(rest[:fields], order), rest[len(rest) - length :] if length else b""

    def _some(self, count: int) -> bytes:
        """Return `count` bytes."""
        said = b""
        while len(said) < count:
            block = self._patiently().recv(count - len(said))
            if not block:
                raise BusTrouble("it hangs up")
            said += block
        return said

    def _patiently(self) -> socket.socket:
        left = self._end - time.monotonic()
        if left <= 0:
            raise TimeoutError
        self._socket.settimeout(left)
        return self._socket


def _sockets(address: str) -> Iterator[str]:
    """Return the Unix sockets among the places of `address`; an abstract one begins with a NUL."""
    for place in address.split(";"):
        kind, _, rest = place.partition(":")
        values = dict(pair.partition("=")[::2] for pair in rest.split(","))
        if kind == "unix" and "path" in values:
            yield unquote(values["path"])
        elif kind == "unix" and "abstract" in values:
            yield "\0" + unquote(values["abstract"])


def _aligned(data: bytes, to: int) -> bytes:
    return data + bytes(-len(data) % to)


def _text(data: bytes, text: str) -> bytes:
    encoded = text.encode()
    return data + struct.pack("<I", len(encoded)) + encoded + b"\0"


def _strings(body: bytes) -> Iterator[str]:
    """Return the texts in `body`, which holds nothing else."""
    at = 0
    while at + 4 <= len(body):
        (length,) = struct.unpack_from("<I", body, at)
        yield body[at + 4 : at + 4 + length].decode()
        at += 4 + length + 1
        at += -at % 4


def _reply_serial(fields: bytes, order: str) -> int:
    """Return the serial that the fields of a head name, 0 for none."""
    at = 0
    with suppress(struct.error, IndexError):
        while at < len(fields):
            at += -at % 8
            code, kind = fields[at], fields[at + 2 : at + 3]
            at += 4
            if kind == b"u":
                (value,) = struct.unpack_from(f"{order}I", fields, at)
                if code == 5:
                    return int(value)
                at += 4
            elif kind == b"g":
                at += fields[at] + 2
            else:
                (length,) = struct.unpack_from(f"{order}I", fields, at)
                at += 4 + length + 1
    return 0
