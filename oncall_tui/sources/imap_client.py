"""A connection to an IMAP server that can be waited on, and be woken up while it waits.

The standard library's client reads through a buffer that can't be asked whether something is in it, and that
can't be read any more after a time-out: this one has a buffer of its own.
"""

from __future__ import annotations

import imaplib
import select
import socket
import ssl
from contextlib import suppress
from time import monotonic
from typing import Any

from imap_tools import MailboxLoginError
from imap_tools.mailbox import BaseMailBox

from oncall_tui.sources.mail_server import PATIENCE, Server

_CHUNK = 1 << 16
_LINE_LIMIT = 20 << 20
_LEAVING = 2.0
_KEEPALIVE = {"TCP_KEEPIDLE": 60, "TCP_KEEPINTVL": 20, "TCP_KEEPCNT": 3}


class Connection(imaplib.IMAP4):
    """`imaplib.IMAP4` with a buffer that is known. `context` is None where nothing is encrypted."""

    def __init__(self, server: Server, context: ssl.SSLContext | None) -> None:
        self._received = bytearray()
        self._idle = b""
        self._context = context if not server.starttls else None
        super().__init__(server.host, server.port, PATIENCE)
        if server.starttls and context is not None:
            try:
                self.starttls(context)
            except BaseException:
                with suppress(OSError):
                    self.shutdown()
                raise

    def _create_socket(self, timeout: float | None) -> socket.socket:
        plain = socket.create_connection((self.host, self.port), timeout)
        plain.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        for name, value in _KEEPALIVE.items():
            if hasattr(socket, name):
                plain.setsockopt(socket.IPPROTO_TCP, getattr(socket, name), value)
        if self._context is None:
            return plain
        return self._context.wrap_socket(plain, server_hostname=self.host)

    def starttls(self, ssl_context: ssl.SSLContext | None = None) -> Any:
        """Go on encrypted. What came in the clear after the word to do so is an attack, and no answer."""
        if ssl_context is None or "STARTTLS" not in self.capabilities:
            raise self.error("it doesn't offer to encrypt (STARTTLS)")
        typ, said = self._simple_command("STARTTLS")
        if typ != "OK" or self._received:
            raise self.error("it doesn't encrypt as it offered to")
        self.sock = ssl_context.wrap_socket(self.sock, server_hostname=self.host)
        self._get_capabilities()
        return typ, said

    def read(self, size: int) -> bytes:
        """Return the next `size` bytes; fewer where the connection ends before."""
        while len(self._received) < size and self._receive():
            pass
        return self._taken(min(size, len(self._received)))

    def readline(self) -> bytes:
        """Return the next line with its end; empty where the connection has ended."""
        looked = 0
        while (end := self._received.find(b"\n", looked)) < 0:
            looked = len(self._received)
            if looked > _LINE_LIMIT:
                raise self.error("it sends a line without end")
            if not self._receive():
                return b""
        return self._taken(end + 1)

    def line_comes(self, wake: socket.socket, until: float) -> bool | None:
        """Wait for the server to send something, up to the instant `until` of the monotonic clock.

        Returns None where `wake` was written to meanwhile.
        """
        while True:
            if self._received:
                return True
            left = max(0.0, until - monotonic())
            pending = isinstance(self.sock, ssl.SSLSocket) and self.sock.pending()
            ready = [self.sock] if pending else select.select([self.sock, wake], [], [], left)[0]
            if wake in ready:
                return None
            if not ready:
                return False
            # Of TLS something may come that isn't for us.
            self.sock.settimeout(0)
            try:
                if not self._receive():
                    raise self.abort("the connection has ended")
            except (BlockingIOError, ssl.SSLWantReadError):
                continue
            finally:
                self.sock.settimeout(PATIENCE)

    def begin_idle(self) -> bool:
        """Ask to be told at once what comes in; say whether the server does that."""
        self._idle = self._command("IDLE")
        while self._get_response() is not None:
            if self.tagged_commands[self._idle] is not None:
                del self.tagged_commands[self._idle]
                return False
        return True

    def take_line(self) -> None:
        """Take note of what the server tells while it is idle."""
        self._get_response()

    def end_idle(self) -> None:
        """Go back to questions and answers."""
        self.send(b"DONE\r\n")
        while self.tagged_commands[self._idle] is None:
            self._get_response()
        del self.tagged_commands[self._idle]

    def leave(self) -> None:
        """Say goodbye if the server listens, and give the socket back."""
        with suppress(imaplib.IMAP4.error, OSError):
            self.sock.settimeout(_LEAVING)
            self.logout()
        with suppress(OSError):
            self.shutdown()

    def _receive(self) -> bool:
        data = self.sock.recv(_CHUNK)
        self._received += data
        return bool(data)

    def _taken(self, size: int) -> bytes:
        taken = bytes(memoryview(self._received)[:size])
        del self._received[:size]
        return taken


class MailBox(BaseMailBox):
    """imap-tools over such a connection."""

    client: Connection

    def __init__(self, server: Server, context: ssl.SSLContext | None) -> None:
        self._server, self._tls = server, context
        super().__init__()

    def _get_mailbox_client(self) -> Connection:
        return Connection(self._server, self._tls)

    def log_in(self, user: str, secret: str) -> None:
        """Say who we are, in whatever letters a password has.

        Raises `MailboxLoginError` where that is refused.
        """
        plain = "AUTH=PLAIN" in self.client.capabilities and not (user + secret).isascii()
        try:
            (self.login_utf8 if plain else self.login)(user, secret, None)
        except imaplib.IMAP4.abort:
            raise
        except imaplib.IMAP4.error as error:
            raise MailboxLoginError(("NO", [str(error).encode()]), "OK") from None
