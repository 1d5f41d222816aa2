"""An answer on its way to a customer: a mail, and what the server that takes mail says to it.

Each step of SMTP is taken by itself, since what a failure means depends on it. Until the line that ends the
mail has begun to go out, the server has certainly not taken it; from then until its answer nobody knows.
"""

from __future__ import annotations

import base64
import contextlib
import smtplib
from collections.abc import Callable
from datetime import datetime

from oncall_tui.domain.addresses import address_of
from oncall_tui.domain.correspondence import Handed, Outgoing, Sender, SourceAccess
from oncall_tui.domain.errors import OncallError
from oncall_tui.domain.outgoing import OutgoingAct, OutgoingState
from oncall_tui.sources.mail_server import (
    PATIENCE,
    SMTP_SCHEMES,
    Server,
    quoted,
    server_at,
    tls_context,
    unavailable,
)
from oncall_tui.sources.mail_writing import written

END_PATIENCE = 90.0
"""Seconds that the answer to the end of a mail may take: many a server looks for spam and viruses before it
gives one (RFC 5321 has ten minutes), and who gives up before is unsure of a mail that arrives. By then other
desks don't take ours for dead yet.
"""

_NO_ROOM = frozenset({452, 552})
_HELLO = "[127.0.0.1]"
_TROUBLES = (smtplib.SMTPException, OSError, UnicodeError)


class _Answered(Exception):
    """The server answered a step with something else than yes."""

    def __init__(self, step: str, code: int, said: bytes) -> None:
        super().__init__(step)
        room = "the server has no room: " if code in _NO_ROOM else ""
        self.detail = f"{step}: {room}{code} {quoted(said)}"
        self.for_good = 500 <= code < 600


class MailSender:
    """Hands mails to the server that `access.smtp` names. `clock` returns the instant (UTC)."""

    def __init__(self, access: SourceAccess, clock: Callable[[], datetime]) -> None:
        self._access = access
        self._clock = clock
        self._server = server_at(access.smtp, SMTP_SCHEMES, access.name) if access.smtp else None

    def check(self) -> str:
        """Say who we are to the server and leave; return which it is. Raises `SourceUnavailable`."""
        if self._server is None:
            return "sends no answers: its setting smtp is empty"
        with contextlib.closing(self._connected(self._server)) as smtp, contextlib.suppress(*_TROUBLES):
            smtp.quit()
        return f"answers go out over {self._server}"

    def send(self, outgoing: Outgoing) -> Handed:
        """Hand a mail over and say what came of it; nothing is raised, and nothing tried twice."""
        why = self._why_never(outgoing)
        if self._server is None or why:
            return self._handed(OutgoingState.REFUSED, why)
        try:
            smtp = self._connected(self._server)
        except OncallError as error:
            return self._handed(OutgoingState.WAITING, error.message)
        with contextlib.closing(smtp):
            handed = self._hand_over(smtp, self._server, outgoing)
            # Whether goodbye is said well changes nothing.
            with contextlib.suppress(*_TROUBLES):
                smtp.quit()
        return handed

    def _why_never(self, outgoing: Outgoing) -> str:
        if outgoing.act is not OutgoingAct.ANSWER:
            return f"a mailbox knows no {outgoing.act}"
        if not self._access.smtp:
            return f"the source {self._access.name} sends no mail: its setting smtp is empty"
        for whose, address in (("our", self._access.address), ("the customer's", outgoing.to.address)):
            found = address_of(address).address
            if not found or not found.isprintable() or any(sign in found for sign in '<>,;:\\"()[]'):
                return f"{whose} address is none that mail can go to: {quoted(address) or 'empty'}"
            if not found.isascii():
                return f"{whose} address has letters that mail can't go to: {quoted(address)}"
        return ""

    def _connected(self, server: Server) -> smtplib.SMTP:
        """Return a connection where we have said who we are. Raises `OncallError`."""
        secret = self._access.secret() if self._access.user else ""
        context = None if server.plain else tls_context(self._access.ca_file, self._access.name)
        smtp: smtplib.SMTP | None = None
        try:
            if context is None or server.starttls:
                smtp = smtplib.SMTP(server.host, server.port, _HELLO, PATIENCE)
            else:
                smtp = smtplib.SMTP_SSL(server.host, server.port, _HELLO, timeout=PATIENCE, context=context)
            smtp.ehlo_or_helo_if_needed()
            if server.starttls and context is not None:
                smtp.starttls(context=context)
                smtp.ehlo()
            if self._access.user and smtp.has_extn("auth"):
                _log_in(smtp, self._access.user, secret)
        except _TROUBLES as error:
            if smtp is not None:
                smtp.close()
            raise unavailable(error, server, secret=secret) from None
        return smtp

    def _hand_over(self, smtp: smtplib.SMTP, server: Server, outgoing: Outgoing) -> Handed:
        begun_to_end = False
        try:
            mail = written(outgoing, Sender(self._access.sender_name, self._access.address), self._clock())
            options = [f"size={len(mail)}"] if smtp.has_extn("size") else []
            _yes("MAIL FROM", smtp.mail(_ascii(self._access.address), options))
            _yes("RCPT TO", smtp.rcpt(_ascii(outgoing.to.address)))
            _yes("DATA", smtp.docmd("DATA"), 354)
            smtp.send(mail)
            begun_to_end = True
            if smtp.sock is not None:
                smtp.sock.settimeout(END_PATIENCE)
            smtp.send(b".\r\n")
            code, said = smtp.getreply()
            if code < 200:
                return self._handed(OutgoingState.UNSURE, f"{server}: no answer that makes sense")
            _yes("the mail", (code, said))
        except _Answered as answer:
            state = OutgoingState.REFUSED if answer.for_good else OutgoingState.WAITING
            return self._handed(state, f"{server}: {answer.detail}")
        except _TROUBLES as error:
            state = OutgoingState.UNSURE if begun_to_end else OutgoingState.WAITING
            return self._handed(state, unavailable(error, server).message)
        return self._handed(OutgoingState.SENT, "")

    def _handed(self, state: OutgoingState, detail: str) -> Handed:
        return Handed(state, self._clock(), detail)


def _yes(step: str, answer: tuple[int, bytes], wanted: int = 250) -> None:
    code, said = answer
    if code == -1:
        raise smtplib.SMTPServerDisconnected
    if code != wanted and (wanted != 250 or code != 251):
        raise _Answered(step, code, said)


def _ascii(address: str) -> str:
    return address_of(address).address


def _log_in(smtp: smtplib.SMTP, user: str, secret: str) -> None:
    """Say who we are, in whatever letters a password has; smtplib knows ASCII only."""
    if "PLAIN" not in str(smtp.esmtp_features["auth"]).upper().split():
        smtp.login(user, secret)
        return
    said = base64.b64encode(f"\0{user}\0{secret}".encode()).decode("ascii")
    code, answer = smtp.docmd("AUTH", f"PLAIN {said}")
    if code != 235:
        raise smtplib.SMTPAuthenticationError(code, answer)
