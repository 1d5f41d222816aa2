"""Mails that a machine wrote: out of office, and what couldn't be delivered."""

from __future__ import annotations

import re
from email.message import Message

from oncall_tui.sources.mail_parts import Part, content, part_text, read_parts
from oncall_tui.sources.mail_text import header_text

MESSAGE_ID = re.compile(r"<[^<>\s]{1,400}>")

_DAEMONS = ("mailer-daemon", "mail-daemon", "postmaster")
_SAYS = ("x-autoreply", "x-autorespond", "x-auto-response")
_REPORTED = ("final-recipient", "original-recipient", "status", "diagnostic-code", "action")
_RETURNED_ID = re.compile(r"^message-id:\s*(<[^<>\s]{1,400}>)", re.IGNORECASE | re.MULTILINE)


def is_bounce(message: Message, sender: str) -> bool:
    """Say whether a mail tells that another one couldn't be delivered, or was late.

    A report on delivery (RFC 3464) does; so does what a mail system sent to an envelope without sender.
    """
    if message.get_content_type() == "multipart/report":
        return str(message.get_param("report-type", "") or "").lower() == "delivery-status"
    returned_to = message.get("Return-Path")
    nobody = returned_to is not None and str(returned_to).strip() in ("<>", "")
    return nobody and sender.partition("@")[0].lower() in _DAEMONS


def is_automatic(message: Message) -> bool:
    """Say whether a machine answered (RFC 3834, and what came before it).

    What a machine sends of its own accord isn't that: a customer's monitoring asks for help too.
    """
    submitted = str(message.get("Auto-Submitted", "")).partition(";")[0].strip().lower()
    if submitted.startswith("auto-replied"):
        return True
    precedence = str(message.get("Precedence", "")).strip().lower()
    if precedence in ("auto_reply", "auto-reply"):
        return True
    if message.get_content_type() == "multipart/report":
        # A receipt that somebody opened a mail.
        return str(message.get_param("report-type", "") or "").lower() == "disposition-notification"
    return any(str(message.get(name, "no")).strip().lower() not in ("no", "") for name in _SAYS) or (
        "vacation" in str(message.get("X-Mailer", "")).lower() or message.get("X-Vacation") is not None
    )


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
        found += _RETURNED_ID.findall(content(message).decode("latin-1"))
    return tuple(dict.fromkeys(found))
