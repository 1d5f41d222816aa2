"""An answer as the bytes of a mail (RFC 5322): plain text, in the thread of what it answers.

Written by hand since the standard library's headers cut long Message-IDs in two, and then no mailer finds
the thread any more.
"""

from __future__ import annotations

import binascii
import re
from datetime import datetime
from email.header import Header
from email.utils import format_datetime, formataddr

from oncall_tui.domain.addresses import address_of
from oncall_tui.domain.correspondence import Outgoing, Sender
from oncall_tui.sources.mail_bounces import MESSAGE_ID

REFERENCES = 20
"""Message-IDs of a thread that a mail names: the first, and the last ones."""

_LONGEST = 900
_ACTING = re.compile(r"[\x00-\x1f\x7f\u0085\u2028\u2029]+")


def written(outgoing: Outgoing, own: Sender, now: datetime) -> bytes:
    """Return the mail as it goes over the wire, from `own`, but for the line that ends it.

    No word of a subject or a name can become a header of its own.
    """
    thread = [each for each in outgoing.answers if MESSAGE_ID.fullmatch(each) and each.isascii()]
    if len(thread) > REFERENCES:
        thread = [thread[0], *thread[1 - REFERENCES :]]
    headers = [
        ("Date", format_datetime(now)),
        ("From", _person("From", own)),
        ("To", _person("To", outgoing.to)),
        ("Subject", _words("Subject", outgoing.subject)),
        ("Message-ID", outgoing.message_id),
        ("In-Reply-To", thread[-1] if thread else ""),
        ("References", "\r\n ".join(thread)),
        ("MIME-Version", "1.0"),
    ]
    text = re.sub(r"\r\n|\r|\n", "\r\n", outgoing.text.rstrip()) + "\r\n"
    if text.isascii() and max(map(len, text.split("\r\n"))) <= _LONGEST:
        headers += [("Content-Type", "text/plain; charset=us-ascii"), ("Content-Transfer-Encoding", "7bit")]
        body = text.encode("ascii")
    else:
        headers += [
            ("Content-Type", "text/plain; charset=utf-8"),
            ("Content-Transfer-Encoding", "quoted-printable"),
        ]
        body = binascii.b2a_qp(text.encode("utf-8", "replace"))
    head = "".join(f"{name}: {value}\r\n" for name, value in headers if value)
    # A line that is a dot alone ends a mail: each that begins with one has another before it.
    return head.encode("ascii", "replace") + b"\r\n" + re.sub(rb"(?m)^\.", b"..", body)


def _person(header: str, person: Sender) -> str:
    name, address = _line(person.name), address_of(person.address).address
    return formataddr((name, address)) if name.isascii() else f"{_words(header, name)} <{address}>"


def _words(header: str, text: str) -> str:
    text = _line(text)
    charset = "us-ascii" if text.isascii() else "utf-8"
    return Header(text, charset, header_name=header).encode(linesep="\r\n")


def _line(text: str) -> str:
    """Return `text` as one line of what can be written down."""
    return _ACTING.sub(" ", text).encode("utf-8", "replace").decode("utf-8").strip()
