"""The head of a mail, and whether a machine wrote it: out of office, or what couldn't be delivered."""

from __future__ import annotations

import re
from email.message import Message

from oncall_tui.sources.mail_parts import Part, part_text, read_parts
from oncall_tui.sources.mail_text import header_text

MESSAGE_ID = re.compile(r"<[^<>\s]{1,400}>")

_HEADER_LIMIT = 20_000
_DAEMONS = ("mailer-daemon", "mail-daemon", "postmaster")
_SAYS = ("x-autoreply", "x-autorespond", "x-auto-response")
_REPORTED = ("final-recipient", "original-recipient", "status", "diagnostic-code", "action")
_RETURNED_ID = re.compile(r"^message-id:\s*(<[^<>\s]{1,400}>)", re.IGNORECASE | re.MULTILINE)


class Head:
    """The headers of a mail as they stand there, by their names in lower case."""

    def __init__(self, message: Message) -> None:
        self._values: dict[str, list[str]] = {}
        for name, value in message.raw_items():
            self._values.setdefault(name.lower(), []).append(str(value)[:_HEADER_LIMIT])

    def __contains__(self, name: str) -> bool:
        return name in self._values

    def first(self, name: str) -> str:
        """Return the first of a name; empty where there is none."""
        return self._values.get(name, ("",))[0]

    def all(self, name: str) -> list[str]:
        """Return all of a name."""
        return self._values.get(name, [])


def is_bounce(message: Message, head: Head, sender: str) -> bool:
    """Say whether a mail tells that another one couldn't be delivered, or was late.

    A report on delivery (RFC 3464) does; so does what a mail system sent to an envelope without sender.
    """
    if message.get_content_type() == "multipart/report":
        return _reports(message) == "delivery-status"
    nobody = "return-path" in head and head.first("return-path").strip() in ("<>", "")
    return nobody and sender.partition("@")[0].lower() in _DAEMONS


def is_automatic(message: Message, head: Head) -> bool:
    """Say whether a machine answered (RFC 3834, and what came before it).

    What a machine sends of its own accord isn't that: a customer's monitoring asks for help too.
    """
    submitted = head.first("auto-submitted").partition(";")[0].strip().lower()
    if submitted.startswith("auto-replied") or "x-vacation" in head:
        return True
    if head.first("precedence").strip().lower() in ("auto_reply", "auto-reply"):
        return True
    if message.get_content_type() == "multipart/report":
        # A receipt that somebody opened a mail.
        return _reports(message) == "disposition-notification"
    if any(head.first(name).strip().lower() not in ("no", "") for name in _SAYS):
        return True
    return "vacation" in head.first("x-mailer").lower()


def _reports(message: Message) -> str:
    return str(message.get_param("report-type", "") or "").lower()


def bounce_text(message: Message) -> str:
    """Return what the mail system says became of a mail: to whom, and why."""
    lines: list[str] = []
    for part in message.walk():
        if part.get_content_type() == "message/delivery-status":
            for block in part.walk():
                for name in _REPORTED:
                    told = (header_text(str(value)) for value in block.get_all(name, []))
                    lines.extend(f"{name.capitalize()}: {value}" for value in told)
    said = _said(message)
    return "\n".join((*dict.fromkeys(lines), *(("", said) if said else ()))).strip()


def _said(message: Message) -> str:
    """Return what a report says for people: its first part."""
    payload = message.get_payload()
    if message.get_content_type() != "multipart/report" or not isinstance(payload, list) or not payload:
        return read_parts(message)[0]
    first = payload[0]
    return read_parts(first)[0] if isinstance(first, Message) else ""


def returned(message: Message) -> tuple[str, ...]:
    """Return the Message-IDs of the mails that came back, wherever the report has them."""
    found: list[str] = []
    for part in message.walk():
        kind = part.get_content_type()
        if part is message:
            continue
        if kind == "text/rfc822-headers":
            found += _RETURNED_ID.findall(part_text(Part("", "text/plain", part)))
        elif part.get("Message-ID"):
            found += MESSAGE_ID.findall(str(part["Message-ID"]))
    if not found and not message.is_multipart():
        # Older systems copy the head of the mail into their text.
        found += _RETURNED_ID.findall(Part("1", "text/plain", message).content.decode("latin-1"))
    return tuple(dict.fromkeys(found))
