"""Where a mail server is, how it is spoken with in private, and what went wrong in words for people."""

from __future__ import annotations

import imaplib
import ipaddress
import smtplib
import socket
import ssl
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit

from imap_tools import ImapToolsError, MailboxFolderSelectError, MailboxLoginError
from imap_tools.errors import UnexpectedCommandStatusError

from oncall_tui.domain.correspondence import SourceUnavailable
from oncall_tui.domain.errors import BadSettings
from oncall_tui.domain.text import clean

PATIENCE = 20.0
"""Seconds that one answer of a server may take."""

IMAP_SCHEMES: Mapping[str, int] = {"imaps": 993, "imap+starttls": 143, "imap": 143}
SMTP_SCHEMES: Mapping[str, int] = {"smtps": 465, "smtp+starttls": 587, "smtp": 25}
"""Schemes with the port that each has where none is named."""

_SAID_LIMIT = 200
_ENDED = "the connection has ended"


class Server(NamedTuple):
    """A mail server, as settings name it by a URL."""

    scheme: str
    host: str
    port: int

    @property
    def starttls(self) -> bool:
        """Say whether its connection begins in plain text and goes on encrypted."""
        return self.scheme.endswith("+starttls")

    @property
    def plain(self) -> bool:
        """Say whether nothing is encrypted."""
        return self.scheme in ("imap", "smtp")

    def __str__(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{host}:{self.port}"


def server_at(url: str, schemes: Mapping[str, int], source: str) -> Server:
    """Return the server that `url` names. Raises `BadSettings` where it names none, has a password in it, or
    would send one over a network in the clear.
    """
    known = ", ".join(f"{scheme}://" for scheme in schemes)
    try:
        parts = urlsplit(url)
        scheme, host, port = parts.scheme.lower(), parts.hostname or "", parts.port
    except ValueError:
        scheme, host, port = "", "", None
    if scheme not in schemes or not host:
        raise BadSettings(f"the source {source} has no address of a mail server", hint=f"one of {known}")
    if parts.password is not None:
        raise BadSettings(
            f"the source {source} has a password in its address", hint="the keyring or the environment has it"
        )
    server = Server(scheme, host, port or schemes[scheme])
    if server.plain and not is_loopback(host):
        encrypted = ", ".join(f"{each}://" for each in schemes if each != scheme)
        raise BadSettings(
            f"the source {source} would send its password to {host} in the clear", hint=f"use {encrypted}"
        )
    return server


def is_loopback(host: str) -> bool:
    """Say whether `host` is this machine, spoken with by itself."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host.lower() == "localhost"


def tls_context(ca_file: Path | None, source: str) -> ssl.SSLContext:
    """Return how TLS is spoken: certificates are verified, by those in `ca_file` or the system's."""
    try:
        return ssl.create_default_context(cafile=ca_file)
    except (OSError, ValueError) as error:
        raise SourceUnavailable(
            f"the certificates of the source {source} in {ca_file} can't be read: {_reason(error)}",
            hint="ca_file names a file in PEM",
        ) from None


def unavailable(error: Exception, server: Server, folder: str = "", secret: str = "") -> SourceUnavailable:
    """Return what `error` means, in one line. What the server said is in it, but for the `secret`."""
    said, hint = _words(error, folder, secret)
    return SourceUnavailable(f"{server}: {said}", hint=hint)


def quoted(said: object, secret: str = "") -> str:
    """Return what a server said, as one clean line without `secret`: some repeat what they were sent."""
    text = said.decode("utf-8", "replace") if isinstance(said, bytes) else str(said)
    return clean(text.replace(secret, "…") if secret else text, limit=_SAID_LIMIT)


def _words(error: Exception, folder: str, secret: str) -> tuple[str, str]:
    """Return what went wrong, and what helps."""
    match error:
        case MailboxLoginError():
            said = quoted(_told(error), secret)
            return f"user or password refused: {said}", "oncall-tui source secret sets the password"
        case smtplib.SMTPAuthenticationError():
            said = quoted(error.smtp_error, secret)
            return f"user or password refused: {said}", "oncall-tui source secret sets the password"
        case MailboxFolderSelectError():
            return f"no folder {folder}: {quoted(_told(error), secret)}", "the setting is folder"
        case ssl.SSLCertVerificationError():
            return (
                f"its certificate isn't accepted: {quoted(error.verify_message)}",
                "ca_file names the certificate of who vouches for the server",
            )
        case ssl.SSLError():
            return (
                f"TLS fails: {quoted(error.reason or error)}",
                "is the port one for this way of encrypting?",
            )
        case socket.gaierror():
            return "no host has that name", ""
        case TimeoutError():
            return f"no answer within {PATIENCE:.0f} s", ""
        case ConnectionRefusedError():
            return "nothing listens there", ""
        case smtplib.SMTPServerDisconnected():
            # It has the time-out of the socket in its words only.
            return "no answer in time" if "timed out" in str(error) else _ENDED, ""
        case imaplib.IMAP4.abort():
            return (_ENDED if "EOF" in str(error) else quoted(error, secret)), ""
        case smtplib.SMTPResponseException():
            return f"{error.smtp_code} {quoted(error.smtp_error, secret)}", ""
        case ImapToolsError():
            return f"it refuses: {quoted(_told(error), secret)}", ""
        case imaplib.IMAP4.error() | smtplib.SMTPException():
            return quoted(error, secret), ""
        case UnicodeError():
            # Its own words name the letter, and where it stands in the password.
            return "user, password or folder has letters that it doesn't take", ""
        case _:
            return _reason(error), ""


def said_by(error: ImapToolsError) -> str:
    """Return what the server said, as one clean line."""
    return quoted(_told(error))


def _told(error: ImapToolsError) -> object:
    """Return the server's own words."""
    if isinstance(error, UnexpectedCommandStatusError) and len(error.command_result) > 1:
        told = error.command_result[1]
        return told[-1] if isinstance(told, list) and told else told
    return str(error)


def _reason(error: Exception) -> str:
    return quoted(getattr(error, "strerror", None) or str(error) or type(error).__name__)
